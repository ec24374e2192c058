"""The pieces that TEI is written in: whose block each is, and what the normalised edition makes of it.

`cut_pieces` cuts the reading, and the diplomatic edition with it, into pieces that follow one another, so
that nothing is left out or written twice. `align` says what the line of a block in the normalised edition
has for what stands in its pieces.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from rapidfuzz.distance import Levenshtein, Opcode

from release.blocks import in_order
from release.records import TextBlock
from release.rows import LedgerRow
from repair.edits import Decision

LINE_END = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that was made: `start` to `end` in the reading, `at` to `to` in the diplomatic edition."""

    start: int
    end: int
    at: int
    to: int
    row: LedgerRow


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the reading, `start` to `end`, and of the diplomatic edition, `at` to `to`.

    `block` is the index of the block that it is a part of, None for what stands between parts.
    """

    block: int | None
    start: int
    end: int
    at: int
    to: int


@dataclass(frozen=True, slots=True)
class Change:
    """A place of the diplomatic edition, and what the normalised edition has for it.

    `rules` are those of its edits; empty where the two texts were compared to find it.
    """

    start: int
    end: int
    after: str
    rules: tuple[str, ...] = ()
    probability: float = 1.0


def find_repairs(rows: Iterable[LedgerRow]) -> list[Repair]:
    """Return the repairs that were made, in order, with their places in both texts."""
    found = []
    growth = 0
    for row in rows:
        if row.decision is Decision.APPLIED:
            at = row.start + growth
            found.append(Repair(row.start, row.end, at, at + len(row.after), row))
            growth += row.edit.growth
    return found


def cut_pieces(reading: str, blocks: Sequence[TextBlock], repairs: Sequence[Repair]) -> list[Piece]:
    """Cut the reading into pieces, in its order.

    No cut goes through a repair or a line end. What stands beside a part of a block on its line goes with it:
    the mark of a note, markup. Between blocks each line end is a piece, and so is what stands between two.
    """
    spans = _spans(reading, blocks, repairs)
    pieces: list[Piece] = []
    growth = passed = at = 0
    for number, (block, _, end) in enumerate(spans):
        # What is inserted at a cut belongs to the block that ends there, but first to one that begins there.
        following = spans[number + 1][0] if number + 1 < len(spans) else None
        takes = number + 1 == len(spans) or (following is None and block is not None)
        while passed < len(repairs) and (
            repairs[passed].end < end
            or (repairs[passed].end == end and (takes or repairs[passed].start < end))
        ):
            growth += repairs[passed].row.edit.growth
            passed += 1
        start = pieces[-1].end if pieces else 0
        pieces.append(Piece(block, start, end, at, end + growth))
        at = end + growth
    return pieces


_Span = tuple[int | None, int, int]


def _spans(reading: str, blocks: Sequence[TextBlock], repairs: Sequence[Repair]) -> list[_Span]:
    """Return block, start and end of each piece in the reading."""
    starts = [repair.start for repair in repairs]

    def snap(place: int) -> int:
        """Return the first place from here on where a cut may be."""
        while True:
            before = bisect_left(starts, place) - 1
            if before >= 0 and repairs[before].end > place:
                place = repairs[before].end
            elif reading[max(0, place - 1) : place + 1] == "\r\n":
                place += 1
            else:
                return place

    def line_ends(low: int, high: int) -> list[tuple[int, int]]:
        """Return the line ends between two places that no repair touches."""
        found = [match.span() for match in LINE_END.finditer(reading, low, high)]
        return [(start, end) for start, end in found if snap(start) == start and not _touched(start, end)]

    def _touched(start: int, end: int) -> bool:
        first = bisect_left(starts, start)
        return any(
            repair.start < end and (repair.end > repair.start or repair.start > start)
            for repair in repairs[first : first + 2]
        )

    spans: list[_Span] = []
    last = 0
    parts: list[_Span] = [(block, start, end) for start, end, block in in_order(blocks)]
    for block, start, end in [*parts, (None, len(reading), len(reading))]:
        start = snap(max(start, last))
        end = snap(max(end, start))
        ends = line_ends(last, start)
        if spans and (ends or block is None):
            # Up to the end of its line, all goes with the part before.
            owner, low, _ = spans[-1]
            last = ends[0][0] if ends else start
            spans[-1] = owner, low, last
        for low, high in ends:
            spans += [(None, last, low)] if last < low else []
            spans.append((None, low, high))
            last = high
        if block is not None:
            spans.append((block, last, end))
        elif last < start:
            spans.append((None, last, start))
        last = end
    return spans or [(None, 0, len(reading))]


def align(
    diplomatic: str, spans: Sequence[tuple[int, int]], line: str, changes: Iterable[Change]
) -> list[list[Change]]:
    """Return, for each span of a block, the changes that make its part of the block's line.

    The ledger says them, where its edits stand in the spans and give the line. Where they do not, since a
    block was moved or what cut it was taken out, the words of both texts are compared (Levenshtein).

    Args:
        diplomatic: the diplomatic edition.
        spans: the block's pieces in it, in order.
        line: the block in the normalised edition.
        changes: those of the ledger near it, from the diplomatic to the normalised edition, in order.
    """
    changes = list(changes)
    for widest in (True, False):  # with what is inserted at the borders of spans, or without
        found = [_inside(changes, start, end, widest=widest) for start, end in spans]
        made = [_make(diplomatic, start, end, some) for (start, end), some in zip(spans, found, strict=True)]
        if "".join(made) == line:
            return found
    return list(_compare(diplomatic, spans, line))


def _inside(changes: Iterable[Change], start: int, end: int, *, widest: bool) -> list[Change]:
    """Return the changes of a span.

    One that goes over a border makes the line end there: what comes before that belongs to the block before
    it, what comes after it to the block after it.
    """
    found = []
    for change in changes:
        after = change.after
        if change.start == change.end and not start < change.start < end:
            if not widest or not start <= change.start <= end:
                continue
        elif change.end <= start or change.start >= end:
            continue
        if change.end > end:
            after = LINE_END.split(after)[0]
        if change.start < start:
            after = LINE_END.split(after)[-1]
        found.append(replace(change, start=max(change.start, start), end=min(change.end, end), after=after))
    return found


def _make(text: str, start: int, end: int, changes: Iterable[Change]) -> str:
    parts = []
    for change in changes:
        parts += [text[start : change.start], change.after]
        start = change.end
    return "".join([*parts, text[start:end]])


def _compare(diplomatic: str, spans: Sequence[tuple[int, int]], line: str) -> Iterator[list[Change]]:
    """Yield the changes of each span that make the line, by comparing words."""
    own = "".join(diplomatic[start:end] for start, end in spans)
    here, there = _TOKEN.findall(own), _TOKEN.findall(line)
    places, others = _starts(here), _starts(there)
    found = [
        (places[code.src_start], places[code.src_end], line[others[code.dest_start] : others[code.dest_end]])
        for code in _merged(Levenshtein.opcodes(here, there))
    ]
    passed = 0
    for number, (start, end) in enumerate(spans):
        some = []
        size = end - start
        while found:
            low, high, after = found[0]
            if low > passed + size or (low == passed + size and number + 1 < len(spans)):
                break
            some.append(Change(start + low - passed, start + min(high, passed + size) - passed, after))
            if high > passed + size:  # it goes on in the next span, which has nothing more for it
                found[0] = passed + size, high, ""
                break
            del found[0]
        yield some
        passed += size


def _merged(codes: Iterable[Opcode]) -> list[Opcode]:
    """Return the changes, those that touch made one."""
    merged: list[Opcode] = []
    for code in codes:
        if code.tag == "equal":
            continue
        last = merged[-1] if merged else None
        if last and last.src_end == code.src_start and last.dest_end == code.dest_start:
            code = Opcode("replace", last.src_start, code.src_end, last.dest_start, code.dest_end)
            merged.pop()
        merged.append(code)
    return merged


def _starts(tokens: Sequence[str]) -> list[int]:
    return [0, *accumulate(map(len, tokens))]
