"""Where two texts differ, by lines or by words: a longest common subsequence, bounded in time and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from release.ledger import line_spans

LARGEST = 10**9
"""Items of one text times those of the other: half a second and 125 MB. Larger ones are one place."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines that changed at one place.

    Attributes:
        old_line: the first of them in the old text, from 1.
        new_line: in the new one.
        old: the lines as they were; empty where lines were added.
        new: as they are; empty where lines were taken out.
    """

    old_line: int
    new_line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def line_changes(old: str, new: str) -> Iterator[LineChange]:
    r"""Yield the places where the lines of two texts differ, in order; kinds of line ends do not count.

    >>> [(change.old, change.new) for change in line_changes("un\ndeux\n", "un\ntrois\n")]
    [(('deux',), ('trois',))]
    """
    if old == new:
        return
    before, after = ([text[start:end] for start, end, _ in line_spans(text)] for text in (old, new))
    for a, b, c, d in differing(before, after):
        yield LineChange(a + 1, c + 1, tuple(before[a:b]), tuple(after[c:d]))


def differing(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (start, end, start, end) of the items of two sequences at each place where they differ.

    Between two places equal items stand. `difflib` takes minutes where every other of 20,000 lines changed.

    >>> list(differing(["un", "deux", "trois"], ["un", "trois", "quatre"]))
    [(1, 2, 1, 1), (3, 3, 2, 3)]
    """
    head = _alike(before, after)
    before, after = before[head:], after[head:]
    tail = _alike(before[::-1], after[::-1])
    before, after = before[: len(before) - tail], after[: len(after) - tail]
    if len(before) * len(after) > LARGEST:
        yield head, head + len(before), head, head + len(after)
        return
    # Numbers, since rapidfuzz knows a text by its hash, and one of a single sign by its code point.
    numbers: dict[str, int] = {}
    one, two = ([numbers.setdefault(item, len(numbers)) for item in items] for items in (before, after))
    start = (0, 0)
    for block in [*Indel.opcodes(one, two), None]:
        if block is None or block.tag == "equal":
            here = (block.src_start, block.dest_start) if block else (len(one), len(two))
            if start != here:
                yield head + start[0], head + here[0], head + start[1], head + here[1]
            if block:
                start = (block.src_end, block.dest_end)


def _alike(one: Sequence[str], two: Sequence[str]) -> int:
    """Return how many items the beginnings of two sequences share."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two))
    )
