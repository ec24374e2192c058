"""What the refitted calibration decides of a document, and what it must leave alone."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from decisions_cases import ruling
from hypothesis import given
from hypothesis import strategies as st

from flows.decisions import Decisions
from repair.decisions.honour import honour
from repair.decisions.recalibrate import CALIBRATION, concerns, recalibrate, weighed
from repair.decisions.refit import AS_SHIPPED, ENOUGH, OF_ONE_PAIR, Refit, refit
from repair.decisions.ruling import Ruling
from repair.document import Source
from repair.edits import Decision, Edit, Evidence, Kind, apply

HIGHER = Refit(100, 100, 1.0, 1.5, (0.01, 0.0, 0.01), 100)
"""Curators find right what the program doubts: 0.8 is 0.95, and 0.94 at least."""
LOWER = Refit(100, 100, 1.0, -1.5, (0.01, 0.0, 0.01), 100)
SAID = (Evidence("curator", "Ana, 2026-11-22T08:00:00Z: accept/here (0123456789ab)"),)


def edit(probability: float, decision: str, bound: float = 0.93, start: int = 0, **more: Any) -> Edit:
    made = Edit(start, start + 1, "a", "à", Kind.REPAIR, "demo", probability, Decision(decision))
    return replace(made, bound=bound, **more)


@pytest.mark.parametrize(
    ("found", "by", "becomes"),
    [
        (edit(0.8, "review"), HIGHER, "applied"),
        (edit(0.8, "review"), AS_SHIPPED, "review"),
        (edit(0.8, "review"), LOWER, "review"),
        (edit(0.95, "applied"), LOWER, "review"),
        (edit(0.95, "applied"), HIGHER, "applied"),
        (edit(0.999, "applied"), LOWER, "applied"),
        # Each has the bound of its own rule and document.
        (edit(0.8, "review", 0.98), HIGHER, "review"),
        (edit(0.6, "review", 0.7), HIGHER, "applied"),
        # The lower end must reach it: 0.79 is 0.944 there, and 0.9301 at the least.
        (edit(0.77, "review"), HIGHER, "review"),
        # What nobody was asked about, what is never applied, and what curators said.
        (edit(0.49, "left"), Refit(100, 100, 1.0, 9.0), "left"),
        (edit(0.92, "left"), HIGHER, "left"),
        (edit(0.92, "review", 0.0), HIGHER, "review"),
        (edit(0.95, "applied", 0.0), LOWER, "applied"),
        (edit(1.0, "applied", evidence=SAID), LOWER, "applied"),
        (edit(0.0, "rejected"), HIGHER, "rejected"),
        (edit(0.8, "rejected", evidence=SAID), HIGHER, "rejected"),
        (edit(0.8, "review", evidence=SAID), HIGHER, "review"),
    ],
)
def test_the_refit_decides_by_the_same_bound(found: Edit, by: Refit, becomes: str) -> None:
    (decided,) = recalibrate([found], by)
    assert decided.decision == becomes
    changed = decided.decision is not found.decision
    assert concerns(by, weighed([found])) == concerns(by, weighed([decided])) == changed
    assert decided.probability == found.probability, "what curators rule on next is the program's own"
    if changed:
        assert decided.evidence[0].witness == CALIBRATION
        assert by.id in decided.evidence[0].detail
        assert math.copysign(1, decided.evidence[0].weight) == math.copysign(1, by.offset)
    else:
        assert decided == found


@pytest.mark.parametrize("other", ["applied", "review", "rejected"])
def test_what_meets_something_else_is_not_applied(other: str) -> None:
    beside = Edit(0, 3, "a b", "ab", Kind.REPAIR, "demo", 0.99, Decision(other))
    found = recalibrate([beside, edit(0.9, "review")], HIGHER)
    assert found == [beside, edit(0.9, "review")]
    left = replace(beside, decision=Decision.LEFT)
    assert recalibrate([left, edit(0.9, "review")], HIGHER)[1].decision is Decision.APPLIED


@st.composite
def _ledgers(draw: st.DrawFn) -> list[Edit]:
    found = []
    position = 0
    for _ in range(draw(st.integers(0, 6))):
        start = position + draw(st.integers(0, 2))
        end = start + draw(st.integers(0, 3))
        decision = draw(st.sampled_from(Decision))
        probability = round(draw(st.floats(0.5, 1)), 4)
        bound = draw(st.sampled_from([0.0, 0.7, 0.85, 0.93, 0.98]))
        found.append(
            Edit(start, end, "a" * (end - start), "b", Kind.REPAIR, "demo", probability, decision, (), bound)
        )
        if decision is Decision.APPLIED:
            position = end
    return sorted(found, key=lambda one: (one.start, one.end))


_REFITS = st.builds(
    Refit,
    st.just(100),
    st.just(100),
    st.floats(0.2, 3).map(lambda slope: round(slope, 2)),
    st.floats(-4, 4).map(lambda offset: round(offset, 2)),
    st.just((0.02, -0.01, 0.03)),
)


@given(_ledgers(), _REFITS, _REFITS)
def test_whatever_the_refit_edits_stay_disjoint_and_it_is_known_whom_it_concerns(
    found: list[Edit], one: Refit, other: Refit
) -> None:
    text = "a" * 40
    decided = recalibrate(found, one)
    apply(text, decided)  # refuses those that overlap
    assert weighed(decided) == weighed(found)
    assert concerns(one, weighed(found)) == (decided != found)
    assert recalibrate(found, AS_SHIPPED) == found
    for was, now in zip(found, decided, strict=True):
        if now.decision is Decision.APPLIED and was.decision is not Decision.APPLIED:
            assert was.decision is Decision.REVIEW
        assert replace(now, decision=was.decision, evidence=was.evidence) == was
    if not concerns(one, weighed(found)) and not concerns(other, weighed(found)):
        assert recalibrate(found, one) == recalibrate(found, other)


def said(number: int, right: bool, probability: float = 0.6, **told: Any) -> Ruling:
    """Return a ruling on a proposal of its own, a minute after the one of the number before."""
    day, hour, minute = number // 1440 + 1, number // 60 % 24, number % 60
    when = f"2026-01-{day:02}T{hour:02}:{minute:02}:00Z"
    plain = {"verdict": "accept" if right else "reject", "scope": "everywhere", "before": f"mot{number}"}
    return ruling({**plain, "after": "mot", "probability": probability, "when": when, **told})


def journal(right: int, wrong: int, probability: float = 0.6) -> list[Ruling]:
    """Return so many rulings of each kind, mixed by chance."""
    kinds = [True] * right + [False] * wrong
    random.Random(3).shuffle(kinds)  # noqa: S311 - a repeatable draw, not a secret
    return [said(number, kind, probability) for number, kind in enumerate(kinds)]


def test_a_ruling_more_changes_nothing_until_there_are_twice_as_many() -> None:
    rulings = journal(900, ENOUGH)
    found = refit(rulings)
    assert (found.step, found.changes) == (ENOUGH, True)
    more = [said(5000 + number, number % 2 == 0) for number in range(2 * ENOUGH - 2)]
    for count in (1, 50, len(more)):
        assert refit([*rulings, *more[:count]]).id == found.id
    assert refit([*rulings, *more, said(6000, False)]).step == 2 * ENOUGH
    assert refit([*rulings, *more, said(6000, False)]).id != found.id


def test_too_few_or_contradicting_rulings_change_nothing() -> None:
    few = journal(900, ENOUGH - 1)
    assert refit(few) == Refit(900, ENOUGH - 1)
    enough = [*few, said(2000, False)]
    assert refit(enough).changes
    back = ruling({"verdict": "reverse", "reverses": enough[-1].id})
    assert not refit([*enough, back]).changes
    other = said(2000, True, who="Zoé")
    assert not refit([*enough, other]).changes, "the two contradict each other"


def test_the_same_words_count_some_times_only() -> None:
    rulings = [
        said(number, number % 2 == 0, before="a", after="à", scope="document", document=f"d{number}")
        for number in range(20 * OF_ONE_PAIR)
    ]
    assert (refit(rulings).right, refit(rulings).wrong) == (OF_ONE_PAIR // 2, OF_ONE_PAIR // 2)


def test_doubts_that_lost_a_vote_of_engines_do_not_count() -> None:
    assert refit([said(1, True, 0.3), said(2, True, 0.5)]) == Refit(1, 0)


def test_rulings_come_first() -> None:
    doubt = edit(0.9, "review", start=2)
    told = {"verdict": "reject", "scope": "everywhere", "before": "a", "after": "à"}
    assert recalibrate([doubt], HIGHER)[0].decision is Decision.APPLIED
    assert recalibrate(honour("l a", [doubt], [ruling(told)]), HIGHER)[0].decision is Decision.REJECTED


def test_documents_are_stale_where_the_refit_decides_something_in_them() -> None:
    decisions = Decisions(journal(900, ENOUGH))
    source = Source("x", "x.txt", "00", 1)
    sure, doubtful = weighed([edit(0.99, "applied")]), weighed([edit(0.9, "review")])
    assert decisions.ids(source, b"", sure) == ""
    assert decisions.ids(source, b"", doubtful) == decisions.refit.id != ""
    more = Decisions([*journal(900, ENOUGH), said(4000, True)])
    assert more.ids(source, b"", doubtful) == decisions.refit.id


def test_bounds_are_no_part_of_an_edit_and_are_kept() -> None:
    one = edit(0.8, "review", 0.93)
    assert one == edit(0.8, "review", 0.0)
    assert hash(one) == hash(edit(0.8, "review", 0.0))
    assert msgspec.json.decode(msgspec.json.encode(one), type=Edit).bound == 0.93
