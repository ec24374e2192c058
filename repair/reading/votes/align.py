"""Readings of one printed line side by side, cut where all have a space.

The reading that is most like the others is the *pivot*; each other is aligned to it sign by sign
(Levenshtein). Between two places where every reading has a space lies a *segment*: a word, or a few
where the readings do not agree about the spaces.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

_KEYS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "¬": "-"})
_STRANGE = 45.0
"""A reading less like the pivot than this, in per cent, says nothing of the line."""


Segment = tuple[tuple[int, int] | None, ...]
"""For each reading, where in its text the segment stands; None where it says nothing of the line."""


def key(text: str) -> str:
    r"""Return a text with one form of each apostrophe, quote and dash, of the same length.

    >>> key("l’« an »—“lu”")
    'l\'« an »-"lu"'
    """
    return text.translate(_KEYS)


def pivot_of(texts: Sequence[str]) -> int:
    """Return which reading is most like the others; of equals the first. Empty ones are none."""

    def likeness(place: int) -> float:
        return sum(ratio(key(texts[place]), key(other)) for other in texts) if texts[place] else -1.0

    return max(range(len(texts)), key=likeness)


def align(texts: Sequence[str], pivot: int | None = None) -> list[Segment]:
    """Cut readings of a line into segments.

    Args:
        texts: at least one that is not empty; words apart by one space.
        pivot: number of one that is not empty; None for the one most like the others.

    >>> align(["de l’eau vive", "dcl'eau vive"])
    [((0, 8), (0, 7)), ((9, 13), (8, 12))]
    """
    pivot = pivot_of(texts) if pivot is None else pivot
    base = key(texts[pivot])
    # For each sign of the pivot, the same sign of each reading; None where it has another.
    same: list[list[int | None] | None] = []
    for text in texts:
        other = key(text)
        if not text or ratio(base, other) < _STRANGE:
            same.append(None)
            continue
        found: list[int | None] = [None] * len(base)
        for one in Levenshtein.opcodes(base, other):
            if one.tag == "equal":
                for step in range(one.src_end - one.src_start):
                    found[one.src_start + step] = one.dest_start + step
        same.append(found)
    heard = [matched for matched in same if matched is not None]
    cuts = [
        place
        for place, sign in enumerate(base)
        if sign == " " and all(matched[place] is not None for matched in heard)
    ]
    segments: list[Segment] = []
    start = -1
    for cut in [*cuts, len(base)]:
        spans: list[tuple[int, int] | None] = []
        for matched, text in zip(same, texts, strict=True):
            if matched is None:
                spans.append(None)
                continue
            first = (matched[start] or 0) + 1 if start >= 0 else 0
            last = len(text) if cut == len(base) else matched[cut]
            spans.append((first, last if last is not None else len(text)))
        segments.append(tuple(spans))
        start = cut
    return segments
