"""Tracing a word of the normalised edition back to what was read from the raw file.

`trace` finds a line, or one word of it, of ``text/NAME.txt`` in the diplomatic edition and in the reading,
with the edits that made it what it is. The line's block says where it stands in the reading, so that a
paragraph that notes or the foot of a page cut in two is found in both its places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rapidfuzz.distance import Levenshtein

from release.blocks import Texts
from release.layout import json_file, reading_file
from release.ledger import UnknownLine, document_with_text, line_spans, read_edits, read_text
from release.records import DocumentFile
from release.rows import LedgerRow
from repair.edits import Edit, Kind, OffsetMap

_WORD = re.compile(r"\S+")
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of what was read.

    Attributes:
        line: of the reading, from 1.
        start: its first code point in the reading, from 0.
        end: one past its last.
        reading: what was read there.
        diplomatic: what the page prints there.
    """

    line: int
    start: int
    end: int
    reading: str
    diplomatic: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a piece of the normalised edition comes from.

    Attributes:
        document: its name.
        line: of the normalised edition, from 1.
        text: the piece, as published.
        places: where it was read; two where the page cuts it.
        edits: repairs, then structure edits, then normalisations that touch it, made or not.
    """

    document: str
    line: int
    text: str
    places: tuple[Place, ...]
    edits: tuple[LedgerRow, ...]


def trace(data: Path, document: str, line: int, word: int | None = None) -> Trace:
    """Return where a line of the normalised edition, or a word of it, comes from.

    Args:
        data: the ``data/`` folder of a release, ``clean/current`` for one.
        document: its name, or its path below the raw folder.
        line: of ``text/NAME.txt``, from 1.
        word: which word of the line, from 1, as white space parts them; None for the whole line.

    Raises:
        UnknownDocument: if no document has this name.
        UnknownLine: if it has no such line or word, or no text because it is in quarantine.
    """
    row = document_with_text(data, document)
    file = msgspec.json.decode((data / json_file(row.name)).read_bytes(), type=DocumentFile)
    if not 1 <= line <= len(file.blocks):
        raise UnknownLine(f"{row.name} has lines 1 to {len(file.blocks)} in this edition, not {line}")
    block = file.blocks[line - 1]
    piece = (0, len(block.text))
    if word is not None:
        words = [match.span() for match in _WORD.finditer(block.text)]
        if not 1 <= word <= len(words):
            raise UnknownLine(f"line {line} of {row.name} has words 1 to {len(words)}, not {word}")
        piece = words[word - 1]

    edits = [(found, found.edit) for found in read_edits(data, row.name)]
    layers: dict[Kind, list[Edit]] = {kind: [] for kind in Kind}
    for _, edit in edits:
        layers[edit.kind].append(edit)
    reading = read_text(data / reading_file(row.name))
    texts = Texts(reading, *(layers[kind] for kind in Kind))

    printed = list(_into(texts.parts(block.places), _aligned(block.text, block.diplomatic, piece)))
    repairs = OffsetMap(layers[Kind.REPAIR])
    read = [repairs.back(*span) for span in printed]
    start = texts.lines[line - 1][0]
    structured = OffsetMap(layers[Kind.NORMALISATION]).back(start + piece[0], start + piece[1])
    spans = {Kind.REPAIR: read, Kind.STRUCTURE: printed, Kind.NORMALISATION: [structured]}
    return Trace(
        row.name,
        line,
        block.text[slice(*piece)],
        tuple(_places(reading, texts.diplomatic, read, printed)),
        tuple(found for found, edit in edits if any(_meet(edit, span) for span in spans[edit.kind])),
    )


def _aligned(text: str, diplomatic: str, piece: _Span) -> _Span:
    r"""Return where a piece of a text stands in what it was made from, sign by sign.

    >>> _aligned("le crime\u202f;", "le\ncrime;", (3, 8))
    (3, 8)
    """
    start, end = piece
    covered = []
    for step in Levenshtein.opcodes(text, diplomatic):
        low, high = max(start, step.src_start), min(end, step.src_end)
        if low >= high:
            continue
        if step.tag == "equal":
            shift = step.dest_start - step.src_start
            covered.append((low + shift, high + shift))
        else:
            covered.append((step.dest_start, step.dest_end))
    return (covered[0][0], covered[-1][1]) if covered else (0, 0)


def _into(parts: Sequence[_Span], piece: _Span) -> Iterator[_Span]:
    """Yield where a piece of parts that are joined by a line end stands, one span for each part it is in."""
    before = 0
    for low, high in parts:
        start, end = max(piece[0] - before, 0), min(piece[1] - before, high - low)
        if start < end or (piece[0] == piece[1] and start == end):
            yield low + start, low + end
        before += high - low + 1


def _places(
    reading: str, diplomatic: str, read: Sequence[_Span], printed: Sequence[_Span]
) -> Iterator[Place]:
    ends = [end for _, _, end in line_spans(reading)]
    for (start, end), (low, high) in zip(read, printed, strict=True):
        line = 1 + sum(place <= start for place in ends)
        yield Place(line, start, end, reading[start:end], diplomatic[low:high])


def _meet(edit: Edit, span: _Span) -> bool:
    """Say whether an edit touches a span; an insertion does at its borders too."""
    if edit.start == edit.end:
        return span[0] <= edit.start <= span[1]
    return edit.start < span[1] and edit.end > span[0]
