"""What structure is made of: blocks, notes, and the edits that lead to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from repair.document import Span
from repair.edits import Decision, Edit, Evidence, Kind

HEADING, PARAGRAPH, ITEM, NOTE, FURNITURE = "heading", "paragraph", "item", "note", "furniture"

PROBABILITY = 0.99
"""Structure is read from signs on the page; a wrong join or break moves no letter."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the text: one line of the structured text.

    Attributes:
        kind: ``heading``, ``paragraph`` (numbered or not), ``item`` of a list, ``note`` at the
            foot, or ``furniture`` (rules, page numbers).
        number: of a paragraph, item or note: ASCII digits or letters without punctuation; else empty.
        start: its first code point in the diplomatic edition.
        end: one past its last, where it is not cut in two.
        rest: where it goes on, after notes or page furniture that cut it.
    """

    kind: str
    number: str
    start: int
    end: int
    rest: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note and its calls.

    Attributes:
        mark: ASCII digits or letters.
        block: index of the note's block; None where calls were found and no note.
        calls: where the calls stood in the diplomatic edition, in order.
    """

    mark: str
    block: int | None
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a text.

    Attributes:
        edits: give the structured text; spans in the diplomatic edition, all applied.
        blocks: one for each line of the structured text, in its order.
        notes: in the order of their blocks, then the calls without a note.
    """

    edits: tuple[Edit, ...]
    blocks: tuple[Block, ...]
    notes: tuple[FoundNote, ...]


class Change(NamedTuple):
    """An edit in the making: [start, end) becomes `after`, by `rule`, because of `evidence`."""

    start: int
    end: int
    after: str
    rule: str
    evidence: tuple[Evidence, ...]


def as_edits(text: str, changes: Iterable[Change]) -> list[Edit]:
    """Return the changes of `text` as applied edits of structure, without those that change nothing."""
    return [
        Edit(start, end, before, after, Kind.STRUCTURE, rule, PROBABILITY, Decision.APPLIED, evidence)
        for start, end, after, rule, evidence in changes
        if (before := text[start:end]) != after
    ]
