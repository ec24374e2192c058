"""Which part of a text belongs to which page of a document.

The text has no page ends that can be trusted, and both it and the pages are damaged. Anchors are runs of
ten letters, accents and case folded, that occur once in the text and once on the pages: one letter in ten
may be wrong and a third of them still stand. Pages and text are taken to run in the same order; the anchors
that do not (chance, a table of contents) are left out by the longest chain that never goes back.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_RUN = 10
"""Letters of an anchor; 27 to this power fits an integer of 64 bits."""
_MOST = 200_000
"""Anchors that are chained; of more, every second or third: a page has 1,000."""
_ROOM = 4
"""How far around its anchors a page is looked for, in lengths of the page."""
_MARGIN = 1000
"""Signs added to the length of a page, so that a nearly empty one is looked for as well."""
_LATIN = 0x250

Ints = npt.NDArray[np.int64]


def _letter(code: int) -> int:
    base = unicodedata.normalize("NFD", chr(code))[0].lower()
    return ord(base) - 96 if "a" <= base <= "z" else 0


_LETTERS = np.array([_letter(code) for code in range(_LATIN)] + [0], dtype=np.int64)


def shares(text: str, pages: Sequence[str]) -> list[tuple[int, int]]:
    """Return where in a text each page's lines may be found; shares of neighbours overlap.

    Args:
        text: of the document.
        pages: what an engine reads on each page, in order.

    Returns:
        For each page where its share starts and ends in `text`; an empty one where nothing points to it
        and what lies between its neighbours is too long to be it.
    """
    places, letters = _letters(text)
    ends: list[int] = []
    codes: list[Ints] = []
    for page in pages:
        codes.append(_letters(page)[1])
        ends.append(len(codes[-1]) + (ends[-1] if ends else 0))
    in_text, in_pages = _common(letters, np.concatenate(codes) if codes else letters[:0])
    numbers = np.searchsorted(np.array(ends, dtype=np.int64), in_pages, side="right")
    step = len(numbers) // _MOST + 1
    kept = _chain(numbers[::step].tolist())
    at = places[in_text[::step][kept]]
    numbers = numbers[::step][kept]
    found = []
    for number, page in enumerate(pages):
        first, last = (int(np.searchsorted(numbers, number, side=side)) for side in ("left", "right"))
        start = int(at[first - 1]) if first else 0
        end = int(at[last]) if last < len(at) else len(text)
        room = _ROOM * (len(page) + _MARGIN)
        if first < last:
            middle = int(at[(first + last) // 2])
            start, end = max(start, middle - room), min(end, middle + room)
        elif end - start > 2 * room:
            end = start
        found.append((start, end))
    return found


def _letters(text: str) -> tuple[Ints, Ints]:
    """Return where the Latin letters of a text stand, and which they are, from 1 to 26."""
    signs = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    letters = _LETTERS[np.minimum(signs, _LATIN)]
    places = np.flatnonzero(letters)
    return places, letters[places]


def _runs(letters: Ints) -> tuple[Ints, Ints]:
    """Return the runs that occur once, as numbers in order, and where each starts."""
    count = len(letters) - _RUN + 1
    if count < 1:
        return letters[:0], letters[:0]
    numbers = np.zeros(count, dtype=np.int64)
    for step in range(_RUN):
        numbers = numbers * 27 + letters[step : step + count]
    runs, starts, times = np.unique(numbers, return_index=True, return_counts=True)
    once = times == 1
    return runs[once], starts[once]


def _common(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return where the runs start that both have once, in order of the first."""
    (runs, starts), (others, there) = _runs(one), _runs(other)
    _, mine, theirs = np.intersect1d(runs, others, assume_unique=True, return_indices=True)
    first, second = starts[mine], there[theirs]
    order = np.argsort(first)
    return first[order], second[order]


def _chain(numbers: Sequence[int]) -> list[int]:
    """Return the places of the longest part of a sequence that never goes back."""
    lowest: list[int] = []  # for each length of chain, the lowest number one ends with
    ends: list[int] = []  # and where it stands
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_right(lowest, number)
        before.append(ends[length - 1] if length else -1)
        if length == len(lowest):
            lowest.append(number)
            ends.append(place)
        else:
            lowest[length] = number
            ends[length] = place
    chain = []
    place = ends[-1] if ends else -1
    while place >= 0:
        chain.append(place)
        place = before[place]
    return chain[::-1]
