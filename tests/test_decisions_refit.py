"""Rulings set probabilities right where there are enough of them, and change nothing before."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from decisions_cases import ruling
from hypothesis import given
from hypothesis import strategies as st

from repair.decisions.refit import ENOUGH, Refit, refit
from repair.decisions.ruling import Ruling


def said(probability: float, verdict: str, number: int) -> Ruling:
    """Return a ruling on a proposal that nothing else was ruled on."""
    told = {"verdict": verdict, "scope": "everywhere", "before": f"mot{number}", "after": "mot"}
    return ruling({**told, "probability": probability, "instead": "mots" if verdict == "correct" else ""})


def judged(count: int, true: Callable[[float], float]) -> list[Ruling]:
    """Return rulings on doubts, right as often as `true` says of their probabilities."""
    draw = random.Random(7)  # noqa: S311 - a repeatable draw, not a secret
    chances = [draw.uniform(0.5, 0.93) for _ in range(count)]
    return [
        said(chance, "accept" if draw.random() < true(chance) else "reject", number)
        for number, chance in enumerate(chances)
    ]


def shifted(by: float) -> Callable[[float], float]:
    return lambda chance: 1 / (1 + math.exp(-(math.log(chance / (1 - chance)) + by)))


def test_probabilities_that_are_too_high_come_down_to_what_curators_find() -> None:
    found = refit(judged(3000, shifted(-1.0)))
    assert found.enough
    for chance in (0.55, 0.7, 0.9):
        assert found.probability(chance) == pytest.approx(shifted(-1.0)(chance), abs=0.05)


def test_probabilities_that_are_right_stay() -> None:
    found = refit(judged(3000, lambda chance: chance))
    assert found.enough
    for chance in (0.55, 0.7, 0.9):
        assert found.probability(chance) == pytest.approx(chance, abs=0.04)


@pytest.mark.parametrize(
    ("right", "wrong", "fits"),
    [(0, 0, False), (ENOUGH * 9, ENOUGH - 1, False), (ENOUGH - 1, ENOUGH, False), (ENOUGH, ENOUGH, True)],
)
def test_there_must_be_enough_of_both(right: int, wrong: int, fits: bool) -> None:
    rulings = [said(0.8, "accept", number) for number in range(right)]
    rulings += [said(0.8, ("reject", "correct")[number % 2], right + number) for number in range(wrong)]
    found = refit(rulings)
    assert (found.right, found.wrong, found.enough) == (right, wrong, fits)
    assert (found == Refit(right, wrong)) is not fits
    assert (found.probability(0.8) == 0.8) is not fits


def test_what_says_nothing_of_a_probability_does_not_count() -> None:
    good = [said(0.8, "accept", number) for number in range(3)]
    rulings = [
        *good,
        said(0.0, "accept", 4),  # the program proposed nothing
        ruling({"verdict": "leave", "why": "essai", "probability": 0.8}),
        ruling({"verdict": "reverse", "reverses": good[0].id}),
        said(0.8, "accept", 5),  # in conflict
        said(0.8, "reject", 5),
    ]
    assert refit(rulings) == Refit(2, 0)


def test_the_order_of_the_journal_does_not_matter() -> None:
    rulings = judged(600, shifted(-0.5))
    found = refit(rulings)
    assert found.enough
    random.Random(1).shuffle(rulings)  # noqa: S311 - as above
    assert refit(rulings) == found


def test_surer_proposals_that_are_less_often_right_teach_nothing() -> None:
    found = refit(judged(3000, lambda chance: 1 - chance))
    assert (found.slope, found.offset) == (1.0, 0.0)


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(0.01, 3), st.floats(-3, 3))
def test_the_order_of_doubts_of_one_kind_stays_and_they_stay_probabilities(
    chances: list[float], slope: float, offset: float
) -> None:
    found = [Refit(ENOUGH, ENOUGH, slope, offset).probability(chance) for chance in sorted(chances)]
    assert found == sorted(found)
    assert all(0 <= chance <= 1 for chance in found)
