"""A page as an engine reads it: blocks of lines of words, each with its place in the image.

Engines return a :class:`PageLayout`, layout files (hOCR, ALTO, PAGE) are read into one and written from
one, and the vote takes several of the same page. `words_read` says where their words stand in the reading,
`page_boxes` where a piece of the reading stands on its pages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from repair.edits import LedgerError


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the image, in pixels from its upper left corner; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    def overlap(self, other: Box) -> float:
        """Return the share of the lower of the two that stands at the height of the other, from 0 to 1."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, shared / max(1, min(self.height, other.height)))


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest rectangle that holds all `boxes`, at least one."""
    left, top, right, bottom = zip(
        *((box.left, box.top, box.right, box.bottom) for box in boxes), strict=True
    )
    return Box(min(left), min(top), max(right), max(bottom))


@dataclass(frozen=True, slots=True)
class Word:
    """A word.

    Attributes:
        text: without white space.
        box: its place.
        confidence: the engine's own, from 0 to 1; 1 where the engine gives none.
    """

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class TextLine:
    """A printed line: its words from left to right, at least one."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words, a space between two."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The smallest rectangle that holds its words."""
        return around(word.box for word in self.words)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """What one engine read on one page.

    Attributes:
        engine: what read it, with version and model: ``tesseract 5.3.0 fra``.
        width: of the image, in pixels.
        height: of the image, in pixels.
        blocks: paragraphs or other blocks in reading order, each with at least one line.
    """

    engine: str
    width: int
    height: int
    blocks: tuple[tuple[TextLine, ...], ...]

    @property
    def lines(self) -> list[TextLine]:
        """Its lines in reading order."""
        return [line for block in self.blocks for line in block]

    @property
    def text(self) -> str:
        """One printed line a line, a blank line between two blocks."""
        return "\n\n".join("\n".join(line.text for line in block) for block in self.blocks)


@dataclass(frozen=True, slots=True)
class PageBox:
    """A rectangle of a page, with what is needed to find it on any picture of that page.

    Attributes:
        page: its number, from 1.
        width: of the page, in pixels, as it was read.
        height: of the page, in pixels.
        left: in pixels from its left edge.
        top: in pixels from its upper edge.
        right: one past its last pixel.
        bottom: one past its lowest pixel.
        line: how high the words of its printed line are, in pixels: the upper quartile, so that neither a
            word of small letters nor a large initial tells how large the print is.
    """

    page: int
    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int
    line: int


class Placed(NamedTuple):
    """A word that was read: its page, its block on it and its line in the document, and its start."""

    page: int
    block: int
    line: int
    start: int
    word: Word


def words_read(pages: Sequence[PageLayout], reading: str) -> Iterator[Placed]:
    """Yield the words of pages in their order, and where each starts in their reading.

    White space is the reading's own: a text layer has more of it than its words.

    Raises:
        LedgerError: if the reading has other words.
    """
    at = line_number = 0
    for page_number, page in enumerate(pages):
        for block_number, block in enumerate(page.blocks):
            for line in block:
                for word in line.words:
                    while reading[at : at + 1].isspace():
                        at += 1
                    if not reading.startswith(word.text, at):
                        raise _other_reading()
                    yield Placed(page_number, block_number, line_number, at, word)
                    at += len(word.text)
                line_number += 1
    if reading[at:].strip():
        raise _other_reading()


def _other_reading() -> LedgerError:
    return LedgerError("this is not the reading of these pages")


def page_boxes(
    pages: Sequence[PageLayout], reading: str, spans: Iterable[tuple[int, int]]
) -> list[tuple[PageBox, ...]]:
    """Return for each piece of a reading where its words stand: a box for each printed line.

    A piece without a word, such as an insertion or a space, has the words that it touches. A word whose
    place is not known, which engines tell by no box or by the whole page, is left out.

    Args:
        pages: of the reading.
        reading: their text.
        spans: the pieces, in code points, end exclusive.

    Raises:
        LedgerError: if the reading has other words.
    """
    read = list(words_read(pages, reading))
    ends = [placed.start + len(placed.word.text) for placed in read]
    heights = [_height(line) for page in pages for line in page.lines]
    found = []
    for start, end in spans:
        first = last = bisect_left(ends, start)
        while last < len(read) and read[last].start <= end:
            last += 1
        known = (one for one in read[first:last] if _has_place(one.word.box, pages[one.page]))
        lines = ((number, list(line)) for number, line in groupby(known, lambda one: one.line))
        found.append(tuple(_line_box(line, pages, heights[number]) for number, line in lines))
    return found


def _has_place(box: Box, page: PageLayout) -> bool:
    return box.width > 0 < box.height and (box.width, box.height) != (page.width, page.height)


def _height(line: TextLine) -> int:
    heights = sorted(word.box.height for word in line.words)
    return heights[3 * len(heights) // 4]


def _line_box(words: Sequence[Placed], pages: Sequence[PageLayout], line: int) -> PageBox:
    number = words[0].page
    page, box = pages[number], around(placed.word.box for placed in words)
    return PageBox(number + 1, page.width, page.height, box.left, box.top, box.right, box.bottom, line)
