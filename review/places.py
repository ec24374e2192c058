"""Where a decision on one place stood, and whether a reading can still be the one it was made of."""

from __future__ import annotations

from repair.decisions.ruling import Ruling

Window = tuple[int, str]
"""Where a piece of a reading begins, and the piece."""


def span_of(ruling: Ruling) -> tuple[int, int]:
    """Return where what was read stood in the reading, of a decision on one place."""
    start = ruling.place.start if ruling.place else 0
    return start, start + len(ruling.before)


def window(ruling: Ruling) -> Window:
    """Return what a decision on one place keeps of the reading: what was read, and what stood around it."""
    if ruling.place is None:
        return 0, ruling.before
    place = ruling.place
    return place.start - len(place.left), place.left + ruling.before + place.right


def agree(one: Window, other: Window) -> bool:
    """Say whether two pieces can be of the same reading: where both have something, it is the same.

    >>> agree((0, "la mer"), (3, "mer bleue")), agree((0, "la mer"), (3, "mère"))
    (True, False)
    """
    low, high = max(one[0], other[0]), min(one[0] + len(one[1]), other[0] + len(other[1]))
    return (
        one[1][low - one[0] : max(low, high) - one[0]] == other[1][low - other[0] : max(low, high) - other[0]]
    )
