"""Which lines of several readings of a page are the same printed line.

Readings are matched by place: all have their words at the same pixels of the same image, while
their orders, their blocks and their texts differ. The first reading is the *base*: its lines and
blocks give the order. Words of the others go to the line at whose height they stand; what stands on
no line becomes a line of its own, beside the nearest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from repair.layout import Box, PageLayout, Word, around

_NEAR = 0.5
"""How far above or below a line a word's middle may stand, in heights of the line."""
_TALL = 2.0
"""Height of a word's box, in heights of the line, beyond which there is more in it than the word."""
_REACH = 6.0
"""How far to the side of a line a word may stand, in heights of the line."""


@dataclass(slots=True)
class Row:
    """A printed line.

    Attributes:
        block: number of its block in the base; lines that the base lacks join the nearest.
        words: for each reading, its words there from left to right; none where it has not read the line.
    """

    block: int
    words: list[list[Word]]
    _points: list[tuple[float, float]] = field(default_factory=list)
    _height: float = 0.0

    def add(self, reading: int, words: Sequence[Word]) -> None:
        """Take words of a reading in."""
        self.words[reading].extend(words)
        self.words[reading].sort(key=lambda word: word.box.left)

    def settle(self) -> None:
        """Note where the line runs, by the words it has now."""
        boxes = [word.box for found in self.words for word in found]
        self._height = max(1.0, median(box.height for box in boxes))
        # A box with a stamp, a brace or two lines in it does not tell where this one runs.
        plain = [box for box in boxes if box.height <= _TALL * self._height]
        self._points = sorted(((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in plain)

    @property
    def box(self) -> Box:
        """The smallest rectangle that holds its words."""
        return around(word.box for found in self.words for word in found)

    def distance(self, word: Word) -> float | None:
        """Return how far a word stands from this line, in heights of the line; None where too far."""
        x = (word.box.left + word.box.right) / 2
        y = (word.box.top + word.box.bottom) / 2
        away = abs(y - _height_at(self._points, x)) / max(self._height, word.box.height)
        if away > _NEAR:
            return None
        box = self.box
        aside = max(0, box.left - word.box.right, word.box.left - box.right) / self._height
        return away + aside / _REACH if aside <= _REACH else None


def _height_at(points: Sequence[tuple[float, float]], x: float) -> float:
    """Return the height of a line at a place across, between and beyond the middles of its words."""
    before = points[0]
    for point in points:
        if point[0] >= x:
            share = (x - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 1.0
            return before[1] + share * (point[1] - before[1]) if x > before[0] else point[1]
        before = point
    return before[1]


def match_lines(readings: Sequence[PageLayout]) -> list[Row]:
    """Match the lines of readings of one page.

    Args:
        readings: at least one, the base first.

    Returns:
        The printed lines in reading order, each with the words of every reading.
    """
    rows: list[Row] = []
    for number, block in enumerate(readings[0].blocks):
        for line in block:
            row = Row(number, [[] for _ in readings])
            row.words[0] = list(line.words)
            row.settle()
            rows.append(row)
    for reading, page in enumerate(readings[1:], 1):
        new: list[Row] = []
        for line in page.lines:
            left = [word for word in line.words if not _take(rows, reading, word)]
            if left:
                row = Row(0, [[] for _ in readings])
                row.add(reading, left)
                row.settle()
                new.append(row)
        for row in rows:
            row.settle()
        for row in new:
            _insert(rows, row)
    return rows


def _take(rows: Sequence[Row], reading: int, word: Word) -> bool:
    """Give a word to the nearest line; say whether there is one."""
    distances = [(away, row) for row in rows if (away := row.distance(word)) is not None]
    if not distances:
        return False
    _, nearest = min(distances, key=lambda found: found[0])
    nearest.add(reading, [word])
    return True


def _insert(rows: list[Row], row: Row) -> None:
    """Put a line that the base lacks beside the nearest of those above and below it.

    The lowest above may be a title over two columns, and the line the first of the second.
    """
    box = row.box
    column = []
    for place, other in enumerate(rows):
        there = other.box
        if there.left < box.right and box.left < there.right:
            away = box.bottom + box.top - there.bottom - there.top
            column.append((abs(away), away <= 0, place))
    _, before, nearest = min(column, default=(0, True, 0))
    row.block = rows[nearest].block if rows else 0
    rows.insert(nearest if before else nearest + 1, row)
