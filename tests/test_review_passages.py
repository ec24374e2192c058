"""A line that is corrected by hand comes out as the curator wrote it, whatever the program repaired in it."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release.ledger import line_spans
from repair.decisions.honour import honour
from repair.decisions.journal import Journal
from repair.decisions.ruling import Ruling
from repair.edits import Decision, Edit, Kind, apply
from review.actions import Desk, Refused, correct_line
from review.passages import changed
from review.record import Record

_NAMES = count()


@given(st.text("aé 1,’\t"), st.text("aé 1,’\t"))
def test_changed_passages_make_the_one_line_the_other(was: str, now: str) -> None:
    position, made = 0, []
    for start, end, instead in changed(was, now):
        assert start >= position
        assert was[start:end] != instead
        made += [was[position:start], instead]
        position = end
    assert "".join([*made, was[position:]]) == now


def _edit(reading: str, start: int, end: int, after: str, decision: Decision = Decision.APPLIED) -> Edit:
    return Edit(start, end, reading[start:end], after, Kind.REPAIR, "demo", 0.8, decision, ())


def _corrected(
    journal: Path, reading: str, repairs: list[Edit], line: int, now: str
) -> tuple[str, list[Ruling]]:
    """Return what the next run prints after a correction, and its rulings."""
    record = Record(Journal(journal))
    desk = Desk(record, "Anne", "", lambda _: None, lambda _: "")
    diplomatic = apply(reading, repairs)
    was = diplomatic[slice(*line_spans(diplomatic)[line - 1][:2])]
    row: Any = SimpleNamespace(name=f"d{next(_NAMES)}", path="d.txt")
    rulings = correct_line(desk, row, (reading, diplomatic), repairs, line, was, now, "")
    return apply(reading, honour(reading, repairs, rulings)), rulings


@pytest.mark.parametrize(
    ("reading", "repairs", "line", "now", "printed"),
    [
        ("Il prie 1’Office.", [(8, 16, "l’Office")], 1, "Il prie L’office.", "Il prie L’office."),
        # What a curator had put on an empty line.
        ("a\n\nb", [(2, 2, "Un mot deux")], 2, "Un grand mot doux", "a\nUn grand mot doux\nb"),
        ("a\n\nb", [(2, 2, "Un mot deux")], 2, "Un mots deux", "a\nUn mots deux\nb"),
    ],
)
def test_what_one_repair_made_is_corrected_as_a_whole(
    tmp_path: Path, reading: str, repairs: list[tuple[int, int, str]], line: int, now: str, printed: str
) -> None:
    edits = [_edit(reading, *one) for one in repairs]
    found, rulings = _corrected(tmp_path / "decisions.jsonl", reading, edits, line, now)
    assert found == printed
    assert [ruling.instead for ruling in rulings] == [now if "\n" in reading else "L’office"]


@st.composite
def _lines(draw: st.DrawFn) -> tuple[str, list[Edit], str]:
    reading = draw(st.text("ab 1é,’", max_size=14))
    cuts = sorted(draw(st.sets(st.integers(0, len(reading)), max_size=6)))
    repairs = [
        _edit(
            reading,
            start,
            end,
            draw(st.sampled_from(["x", "é", "y z", "", " "])),
            draw(st.sampled_from(Decision)),
        )
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return reading, repairs, draw(st.text("abqé 1yz’", max_size=14))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_lines())
def test_whatever_was_repaired_the_line_is_printed_as_corrected(
    tmp_path: Path, case: tuple[str, list[Edit], str]
) -> None:
    reading, repairs, now = case
    if not apply(reading, repairs):
        return
    try:
        found, _ = _corrected(tmp_path / "decisions.jsonl", reading, repairs, 1, now)
    except Refused:  # a passage of spaces alone
        return
    assert found == now
