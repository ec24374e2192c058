"""Repairs obey rulings: a table of what becomes of them, and what holds whatever the rulings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from decisions_cases import FOLDER, NAME, PATH, edits, ruling
from hypothesis import given
from hypothesis import strategies as st

from repair.decisions.honour import honour, reaching, ruled_by, subject_number, subjects
from repair.decisions.ruling import Ruling, Scope, Verdict, in_force
from repair.edits import Decision, Edit, Evidence, Kind, apply, undo

CASES = json.loads((Path(__file__).parent / "cases/rulings/honour.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_rulings_decide_what_becomes_of_repairs(case: dict[str, Any]) -> None:
    reading = case["reading"]
    said = [ruling(told, reading, rank) for rank, told in enumerate(case["rulings"])]
    reached = reaching(said, NAME, PATH)
    proposed = edits(reading, case["edits"])
    found = honour(reading, proposed, reached)
    assert honour(reading, found, reached) == found
    open_ = {(one.before, one.after) for one in proposed if one.decision is not Decision.LEFT}
    assert {subject_number(*pair) for pair in open_} <= subjects(found, reached)
    assert [[edit.before, edit.after, edit.decision, edit.rule] for edit in found] == case["ledger"]
    assert apply(reading, found) == case["printed"]
    for edit in found:
        sure = {Decision.APPLIED: 1.0, Decision.REJECTED: 0.0}
        if ruled_by(edit):
            assert edit.evidence[0].witness == "curator"
            assert edit.probability == sure.get(edit.decision, edit.probability)


def test_the_ledger_says_who_ruled_when_how_far_and_why() -> None:
    told = {"verdict": "reject", "scope": "everywhere", "before": "1a", "after": "la", "why": "note 1a"}
    said = ruling(told)
    (edit,) = honour("1a", edits("1a", [["1a", "la", "applied"]]), [said])
    assert edit.evidence == (
        Evidence("curator", f"Ana, 2026-11-22T08:00:00Z: reject/everywhere: note 1a ({said.id})", 0.0),
        Evidence("lexicon", "demo", 1.0),
    )


def test_a_dispute_names_all_who_spoke() -> None:
    told = {"verdict": "accept", "scope": "here", "before": "a", "after": "à", "at": 0}
    both = [ruling(told, "a"), ruling({**told, "verdict": "reject"}, "a", 1)]
    (edit,) = honour("a", edits("a", [["a", "à", "applied"]]), both[::-1])
    assert ruled_by(edit) == (both[0].id, both[1].id)
    assert edit.probability == 0.8


_WORDS = ("a", "1a", "é", "")


@st.composite
def _readings(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text("a1é ", max_size=14))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    found = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        decision = draw(st.sampled_from(Decision))
        after = draw(st.sampled_from(_WORDS))
        found.append(_edit(text, start, end, after, decision))
    for _ in range(draw(st.integers(0, 3))):  # what lost: it may overlap, and is never made
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        decision = draw(st.sampled_from([Decision.REVIEW, Decision.LEFT]))
        found.append(_edit(text, start, end, draw(st.sampled_from(_WORDS)), decision))
    return text, sorted(found, key=lambda edit: (edit.start, edit.end))


def _edit(text: str, start: int, end: int, after: str, decision: Decision) -> Edit:
    return Edit(start, end, text[start:end], after, Kind.REPAIR, "demo", 0.7, decision, ())


@st.composite
def _rulings(draw: st.DrawFn, text: str, found: Sequence[Edit]) -> list[Ruling]:
    result = []
    for rank in range(draw(st.integers(0, 6))):
        verdict = draw(st.sampled_from(["accept", "reject", "correct", "correct", "accept", "leave"]))
        scope = draw(st.sampled_from(Scope))
        told: dict[str, Any] = {"verdict": verdict, "scope": scope.value}
        if verdict == "leave":
            if draw(st.integers(0, 3)):
                continue
            told["scope"] = "document"
        elif scope is Scope.HERE:
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.integers(0, 4)))
            before = text[start:end]
            shift = draw(st.sampled_from([0, 0, 0, 1]))
            told |= {"before": before, "after": draw(st.sampled_from(_WORDS)), "at": start}
            result.append(_shifted(ruling(_instead(draw, told), text, rank), shift))
            continue
        else:
            pairs = [(edit.before, edit.after) for edit in found] or [("a", "à")]
            before, after = draw(st.sampled_from(pairs))
            told |= {"before": before, "after": after}
        result.append(ruling(_instead(draw, told), text, rank))
    return result


def _instead(draw: st.DrawFn, told: dict[str, Any]) -> dict[str, Any]:
    if told["verdict"] == "correct":
        told["instead"] = draw(st.sampled_from(_WORDS))
    return told


def _shifted(found: Ruling, by: int) -> Ruling:
    import msgspec

    assert found.place is not None
    moved = msgspec.structs.replace(found.place, start=found.place.start + by)
    return msgspec.structs.replace(found, place=moved)


@given(st.data())
def test_whatever_the_rulings_the_edits_give_the_text_and_the_reading_back(data: st.DataObject) -> None:
    text, found = data.draw(_readings())
    said = reaching(data.draw(_rulings(text, found)), NAME, PATH)
    honoured = honour(text, found, said)
    assert honoured == sorted(honoured, key=lambda edit: (edit.start, edit.end))
    assert all(text[edit.start : edit.end] == edit.before for edit in honoured)
    printed = apply(text, honoured)  # refuses those that overlap
    assert undo(printed, honoured) == text
    assert len(honoured) >= len(found)
    assert honour(text, honoured, said) == honoured
    assert honour(text, found, said[::-1]) == honoured
    if not said:
        assert honoured == found
    if any(one.verdict is Verdict.LEAVE for one in said):
        assert printed == text


@given(st.data())
def test_a_ruling_and_its_reversal_are_as_if_nothing_had_been_said(data: st.DataObject) -> None:
    text, found = data.draw(_readings())
    said = data.draw(_rulings(text, found))
    back = [ruling({"verdict": "reverse", "reverses": one.id}, rank=50) for one in said]
    assert in_force([*said, *back]) == ()
    once_more = [ruling({"verdict": "reverse", "reverses": one.id}, rank=55) for one in back]
    assert in_force([*said, *back, *once_more]) == tuple(said)


@given(st.data())
def test_a_document_tells_of_every_proposal_that_a_wider_ruling_could_change(data: st.DataObject) -> None:
    text, found = data.draw(_readings())
    said = reaching(data.draw(_rulings(text, found)), NAME, PATH)
    told = subjects(honour(text, found, said), said)
    wider = data.draw(_rulings(text, found))
    wider = [one for one in reaching(wider, NAME, PATH) if one.scope in (Scope.COLLECTION, Scope.EVERYWHERE)]
    both = tuple(dict.fromkeys([*said, *wider]))
    unheard = [one for one in wider if one not in said and subject_number(one.before, one.after) not in told]
    heard = [one for one in both if one not in unheard]
    assert honour(text, found, both) == honour(text, found, heard)


def test_a_collection_is_a_whole_folder() -> None:
    told = {"verdict": "accept", "scope": "collection", "before": "a", "after": "à"}
    here, near = ruling(told), ruling({**told, "collection": FOLDER[:-1]})
    assert reaching([here, near], NAME, PATH) == (here,)
