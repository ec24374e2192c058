"""What the search of `make fuzz` holds against any bytes: its targets pass on their seeds, and can fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fuzz import targets
from bench.fuzz.seeds import seeds
from bench.fuzz.targets import TARGETS
from repair.document import Reading
from repair.pipeline import Repaired

SLOW = {"documents", "markdown", "repair"}
"""Targets that repair: a few seeds of them are enough here."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_passes_on_its_seeds(name: str) -> None:
    found = seeds(name)
    assert found
    for seed in found[:4] if name in SLOW else found:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", sorted(TARGETS.keys() - SLOW))
@settings(max_examples=40)
@given(data=st.binary(max_size=200))
def test_a_target_passes_on_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


def _read_wrongly(*_: object) -> Reading:
    return Reading("abc", pages=(0, 7))


DEFECTS = {
    "text": ("read", _read_wrongly),
    "layout": ("read", _read_wrongly),
    "pdf": ("read", _read_wrongly),
    "image": ("read", _read_wrongly),
    "markdown": ("read", _read_wrongly),
    "repair": ("repair_text", lambda text, *_: Repaired(f"{text}!", ())),
    "documents": ("_check_document", lambda document: 1 / 0),
    "ledger": ("undo", lambda text, edits: f"{text}!"),
    "journal": ("DamagedJournal", KeyError),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_sees_a_defect(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part, defect = DEFECTS[name]
    monkeypatch.setattr(targets, part, defect)
    found = [b"{}\n"] if name == "journal" else seeds(name)[:4]
    with pytest.raises((AssertionError, ValueError, ZeroDivisionError)):
        list(map(TARGETS[name], found))
