"""Each rule of typography on its examples: what it changes, and what it must leave."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repair.edits import Edit, Kind, applied, apply
from repair.typography import Profile, load_profile, normalise
from repair.typography.profiles import RULES

TABLE = json.loads((Path(__file__).parent / "cases" / "typography.json").read_text(encoding="utf-8"))
KNOWN = frozenset(TABLE["known"])
ONU = load_profile("onu")


def style(text: str, profile: Profile = ONU) -> list[Edit]:
    return normalise(text, profile, known=KNOWN.__contains__, accented=TABLE["accented"].get)


def alone(rule: str) -> Profile:
    """The profile with one rule."""
    return replace(ONU, rules=tuple(one for one in ONU.rules if one[0].name == rule))


def changes() -> Iterator[Any]:
    for rule, examples in TABLE["rules"].items():
        for before, after in examples["changes"]:
            yield pytest.param(rule, before, after, id=f"{rule}: {before}")


def left() -> Iterator[Any]:
    for rule, examples in TABLE["rules"].items():
        for text in examples["left"]:
            yield pytest.param(rule, text, id=f"{rule}: {text}")


def test_every_rule_has_examples_of_both_kinds():
    assert set(TABLE["rules"]) == set(RULES)
    assert all(len(one["changes"]) >= 3 <= len(one["left"]) for one in TABLE["rules"].values())


@pytest.mark.parametrize(("rule", "before", "after"), list(changes()))
def test_a_rule_changes(rule: str, before: str, after: str):
    edits = style(before, alone(rule))
    assert apply(before, edits) == after
    assert {edit.rule for edit in edits} == {rule}
    assert style(after, alone(rule)) == []


@pytest.mark.parametrize(("rule", "text"), list(left()))
def test_a_rule_leaves(rule: str, text: str):
    assert style(text, alone(rule)) == []


@pytest.mark.parametrize(
    ("house", "before", "after"),
    [(house, *pair) for house in ("onu", "imprimerie-nationale") for pair in TABLE[house]],
)
def test_the_rules_of_a_house_work_together(house: str, before: str, after: str):
    edits = style(before, load_profile(house))
    assert apply(before, edits) == after
    assert style(after, load_profile(house)) == []


def test_every_edit_says_what_it_is_and_whose_style_it_is():
    edits = style("l'Etat; la mise en oeuvre")
    assert applied(edits) == edits
    assert all(edit.kind is Kind.NORMALISATION for edit in edits)
    assert all(
        any(one.witness == "typography profile" and one.detail.startswith("onu") for one in edit.evidence)
        for edit in edits
    )
    accent = next(edit for edit in edits if "capital-accent" in edit.rule.split("+"))
    assert accent.evidence[0].witness == "lexicon"
