"""Repaired text put back on the page: each word of the diplomatic edition gets the place it was read at.

The words of the pages are those of the reading, so each sign of it that is no white space has a word and a
box. A repaired word takes the boxes of the words its signs come from.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Levenshtein

from repair.edits import Edit, applied, apply
from repair.layout import Box, PageLayout, Placed, TextLine, Word, around, words_read
from repair.reading.layouts.places import part_of, spread


@dataclass(slots=True)
class _Read:
    """A word as it was read, and what comes from it."""

    placed: Placed
    users: list[int] = field(default_factory=list)
    """For each repaired word that comes from it, the place in it of the first sign that does."""


@dataclass(slots=True)
class _Printed:
    """A word of the diplomatic edition, and where it comes from."""

    text: str
    sources: dict[int, tuple[int, int]]
    """By word read: the how manieth of its users this is, and how many signs come from it."""


def repaired_layout(pages: Sequence[PageLayout], reading: str, edits: Iterable[Edit]) -> list[PageLayout]:
    """Return the pages with their repairs made: line by line, their words are the diplomatic edition's.

    A word that was cut shares its box by length, of words that were joined the box holds all (on the line
    where most of it stands), a removed one vanishes, and one put in shares the box of its neighbour.

    Args:
        pages: at least one.
        reading: their text; its white space is its own.
        edits: repairs of it, in their order; those not applied change nothing.

    Raises:
        LedgerError: if the reading is not that of the pages, or the edits not of the reading.
    """
    read = [_Read(placed) for placed in words_read(pages, reading)]
    made = applied(edits)
    diplomatic = apply(reading, made)
    owner = array("l", [-1]) * len(reading)
    for number, one in enumerate(read):
        start = one.placed.start
        for at in range(start, start + len(one.placed.word.text)):
            owner[at] = number
    lines = _lines_printed(diplomatic, _sources(reading, made), owner, read)

    blocks: dict[tuple[int, int], list[TextLine]] = defaultdict(list)
    placed = [(line, _place(line, read)) for line in lines]
    page, block, around_it = next(
        (place for _, place in placed if place), (0, 0, Box(0, 0, pages[0].width, pages[0].height))
    )
    for line, place in placed:
        # A line that was put in stands with the one before it.
        page, block, around_it = place or (page, block, around_it)
        blocks[page, block].append(TextLine(tuple(_words(line, read, around_it))))
    return [
        replace(page, blocks=tuple(tuple(block) for (number, _), block in blocks.items() if number == place))
        for place, page in enumerate(pages)
    ]


def _sources(reading: str, made: Sequence[Edit]) -> array[int]:
    """Return for each sign of the diplomatic edition its place in the reading; -1 for one put in."""
    sources = array("l")
    position = 0
    for edit in made:
        sources.extend(range(position, edit.start))
        for step in Levenshtein.opcodes(edit.before, edit.after):
            if step.tag == "insert":
                sources.extend([-1] * (step.dest_end - step.dest_start))
            elif step.tag != "delete":
                sources.extend(range(edit.start + step.src_start, edit.start + step.src_end))
        position = edit.end
    sources.extend(range(position, len(reading)))
    return sources


def _lines_printed(
    diplomatic: str, sources: Sequence[int], owner: Sequence[int], read: Sequence[_Read]
) -> list[list[_Printed]]:
    """Return the lines of the diplomatic edition that have words, and tell the words read of their users."""
    lines = []
    at = 0
    for text in diplomatic.split("\n"):
        line = []
        for found in re.finditer(r"\S+", text):
            printed = _Printed(found.group(), {})
            for source in sources[at + found.start() : at + found.end()]:
                number = owner[source] if source >= 0 else -1
                if number < 0:
                    continue
                users = read[number].users
                if number not in printed.sources:
                    users.append(source - read[number].placed.start)
                place, count = printed.sources.get(number, (len(users) - 1, 0))
                printed.sources[number] = (place, count + 1)
            line.append(printed)
        at += len(text) + 1
        if line:
            lines.append(line)
    return lines


def _place(line: Sequence[_Printed], read: Sequence[_Read]) -> tuple[int, int, Box] | None:
    """Return page, block and box of a line, by its first word that was read."""
    boxes = [box for word in line if (box := _box(word, read)) is not None]
    if not boxes:
        return None
    first = read[next(min(word.sources) for word in line if word.sources)].placed
    return first.page, first.block, around(boxes)


def _box(printed: _Printed, read: Sequence[_Read]) -> Box | None:
    if not printed.sources:
        return None
    signs: dict[int, int] = defaultdict(int)
    for number, (_, count) in printed.sources.items():
        signs[read[number].placed.line] += count
    line = max(signs, key=lambda number: signs[number])
    return around(
        _part(read[number], place)
        for number, (place, _) in printed.sources.items()
        if read[number].placed.line == line
    )


def _part(read: _Read, place: int) -> Box:
    """Return what one of its users has of the box of a word read."""
    start = read.users[place] if place else 0
    end = read.users[place + 1] if place + 1 < len(read.users) else len(read.placed.word.text)
    return part_of(read.placed.word.box, start, end, len(read.placed.word.text))


def _words(line: Sequence[_Printed], read: Sequence[_Read], around_it: Box) -> Iterator[Word]:
    """Yield the words of a line with their boxes; one put in shares the box before it, else the next."""
    groups: list[tuple[list[str], Box | None, float]] = []
    for printed in line:
        box = _box(printed, read)
        confidence = min((read[number].placed.word.confidence for number in printed.sources), default=1.0)
        if groups and (box is None or groups[-1][1] is None):
            texts, taken, lowest = groups[-1]
            groups[-1] = ([*texts, printed.text], taken or box, min(lowest, confidence))
        else:
            groups.append(([printed.text], box, confidence))
    for texts, shared, lowest in groups:
        if len(texts) == 1:
            yield Word(texts[0], shared or around_it, lowest)
        else:
            yield from spread(" ".join(texts), shared or around_it, lowest)
