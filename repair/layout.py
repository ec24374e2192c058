"""A page as an engine reads it: blocks of lines of words, each with its place in the image.

Values only. Engines return a :class:`PageLayout`, layout files (hOCR, ALTO, PAGE) are read into
one and written from one, and the vote takes several of the same page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
