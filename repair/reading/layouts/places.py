"""Places that layout files give, made into boxes: nonsense is bounded, what has no place gets its line's.

Engines leave out places, or write negative, huge or absent numbers. A word is never lost for that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from repair.layout import Box, TextLine, Word, around

FARTHEST = 1_000_000
"""Pixels from the corner; a newspaper's page at 600 dpi has 16,000."""
NOWHERE = Box(0, 0, 0, 0)
"""The place of what has none."""
_NAME_LIMIT = 100
"""Characters of an engine's name."""


def number(text: str | None) -> float | None:
    """Return the number that an attribute holds; None if it holds none, or one that is not finite."""
    if text is None or len(text) > 40:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def box_of(left: float, top: float, right: float, bottom: float) -> Box | None:
    """Return the box of four coordinates in pixels, kept on the paper; None where it has no inside.

    >>> box_of(-3, 0.4, 10.6, 1e12)
    Box(left=0, top=0, right=11, bottom=1000000)
    >>> box_of(10, 0, 5, 5)
    """
    box = Box(*(min(FARTHEST, max(0, round(value))) for value in (left, top, right, bottom)))
    return box if box.right >= box.left and box.bottom >= box.top else None


def share(value: float | None, most: float = 1.0) -> float:
    """Return a confidence as a share from 0 to 1, of four digits; 1 where none is given or it is nonsense.

    Args:
        value: the number given.
        most: what stands for certainty.
    """
    return 1.0 if value is None or value < 0 else min(1.0, round(value / most, 4))


def spread(text: str, box: Box, confidence: float = 1.0) -> tuple[Word, ...]:
    """Cut a text into words, and its box among them by length.

    >>> [(word.text, word.box.left, word.box.right) for word in spread("de l’eau", Box(0, 0, 80, 9))]
    [('de', 0, 20), ('l’eau', 30, 80)]
    """
    return tuple(
        Word(found.group(), part_of(box, found.start(), found.end(), len(text)), confidence)
        for found in re.finditer(r"\S+", text)
    )


def part_of(box: Box, start: int, end: int, length: int) -> Box:
    """Return the part of a box that characters `start` to `end` take of a text of `length` in it."""
    left = box.left + box.width * start // max(1, length)
    right = box.left + box.width * end // max(1, length)
    return Box(left, box.top, right, box.bottom)


def bands(texts: Sequence[str], box: Box) -> tuple[TextLine, ...]:
    """Return lines of text that share a box from top to bottom; those without a word leave a gap."""
    lines = []
    for place, text in enumerate(texts):
        top = box.top + box.height * place // len(texts)
        bottom = box.top + box.height * (place + 1) // len(texts)
        if words := spread(" ".join(text.split()), Box(box.left, top, box.right, bottom)):
            lines.append(TextLine(words))
    return tuple(lines)


def page_size(
    width: float | None, height: float | None, blocks: Iterable[Iterable[TextLine]]
) -> tuple[int, int]:
    """Return width and height of a page in pixels: those given, or what its lines need."""
    if width is not None and height is not None and width > 0 and height > 0:
        return min(FARTHEST, round(width)), min(FARTHEST, round(height))
    boxes = [line.box for block in blocks for line in block]
    needed = around(boxes) if boxes else NOWHERE
    return needed.right, needed.bottom


def engine_name(text: str) -> str:
    """Return an engine's name as it can be shown: on one line, not too long.

    >>> engine_name(" tesseract    5.3.0 ")
    'tesseract 5.3.0'
    """
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:_NAME_LIMIT].rstrip()
