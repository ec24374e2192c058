"""Rulings and edits for tests, made of a few words each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from repair.decisions.ruling import CONTEXT, Place, Ruling, Scope, signed
from repair.edits import Decision, Edit, Evidence, Kind

NAME, PATH, FOLDER = "lois__an2__essai", "lois/an2/essai.txt", "lois"


def place(reading: str, start: int, before: str) -> Place:
    """Return a place as the desk keeps it."""
    end = start + len(before)
    return Place(start, reading[max(0, start - CONTEXT) : start], reading[end : end + CONTEXT])


def ruling(told: Mapping[str, Any], reading: str = "", rank: int = 0) -> Ruling:
    """Return a ruling on the document `NAME`, or what it says itself.

    Args:
        told: its fields; ``at`` in place of its place says where that starts in `reading`.
        reading: of the document.
        rank: seconds at which it was said.
    """
    told = {"who": "Ana", "when": f"2026-11-22T08:00:{rank:02}Z", "id": "", **told}
    if (start := told.pop("at", None)) is not None:
        told["place"] = place(reading, start, told["before"])
    elif isinstance(told.get("place"), list):
        told["place"] = Place(*told["place"])
    scope = told.get("scope", "document")
    if scope in (Scope.HERE, Scope.DOCUMENT):
        told.setdefault("document", NAME)
    elif scope == Scope.COLLECTION:
        told.setdefault("collection", FOLDER)
    return signed(msgspec.convert(told, Ruling))


def edits(reading: str, told: Sequence[Sequence[str]]) -> list[Edit]:
    """Return edits of a reading, from (before, after, decision) in order; the same span twice, from one."""
    found: list[Edit] = []
    position = 0
    for before, after, decision in told:
        last = found[-1] if found else None
        start = reading.find(before, position)
        if last is not None and start < 0 and last.before == before:
            start = last.start
        found.append(
            Edit(
                start,
                start + len(before),
                before,
                after,
                Kind.REPAIR,
                "demo",
                0.8,
                Decision(decision),
                (Evidence("lexicon", "demo", 1.0),),
            )
        )
        position = start + len(before)
    return found
