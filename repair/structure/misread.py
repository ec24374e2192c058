"""Calls of notes whose figure was read as a sign: « d’entre elles? », « relatifs® », « Nations Unies* ».

The notes are the witness: their calls run 1 to N, and the notes of a page stand below its calls.
Between two calls or rows of notes so many calls are due; where just so many signs stand after words,
where no sentence ends, each is a call, in its order. A sign after the same words as an earlier call
repeats that one. Where the count is not the same nothing is supposed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from repair.edits import Evidence
from repair.structure.markup import NOTE_CALL
from repair.structure.notes import within
from repair.structure.values import NOTE, Block, Change

_SIGN = re.compile(
    r"""(?<=[^\W\d_])[ \u00a0\u202f]?
        (?: (?P<sign>[®*%>°’'])(?=\s?[,;:.]|\s+[a-zà-öø-ÿœ]|\s*$)
          | (?P<query>\?)(?=[,;:]|\s+[a-zà-öø-ÿœ]) )""",
    re.VERBOSE | re.MULTILINE,
)

SAME = 3
"""Words before a sign that make it repeat the call after the same words."""

_WORDS = re.compile(r"[^\W\d_]+")
_BEFORE = 80


def find_misread(
    text: str, blocks: Sequence[Block], calls: Sequence[tuple[str, int]]
) -> tuple[list[tuple[str, int]], list[Change]]:
    """Find the calls whose figure was misread.

    Args:
        text: without markup.
        blocks: its blocks.
        calls: mark and place of the calls already found, in order.

    Returns:
        Mark and place of each, in order, and the changes that take the signs away.
    """
    notes = sorted((block.start, block.end, int(block.number)) for block in blocks if _numbered(block))
    if not notes:
        return [], []
    foot = [(start, end) for start, end, _ in notes]
    signs = [found for found in _SIGN.finditer(text) if not within(foot, found.start())]
    found: list[tuple[str, int]] = []
    changes: list[Change] = []
    words_of: dict[tuple[str, ...], int] = {}
    known = sorted((place, int(mark)) for mark, place in calls if mark.isdigit())
    fixed = sorted([*known, *((start, number) for start, _, number in notes)])
    last_place = last_number = 0
    for place, number in fixed:
        is_call = (place, number) in known
        here = [sign for sign in signs if last_place <= sign.start() < place]
        due = range(last_number + 1, number if is_call else number + 1)
        fresh = [sign for sign in here if _words(text, sign.start()) not in words_of]
        # The notes of one row follow each other: their calls are counted at the last of the row.
        if not is_call and _row_goes_on(notes, place):
            continue
        told = f"calls {due.start} to {due.stop - 1} are due here, and so many signs stand after words"
        exact = len(fresh) == len(due)
        numbers = iter(due)
        for sign in here:
            before = _words(text, sign.start())
            if before in words_of and sign not in fresh:
                same = words_of[before]
                found.append((str(same), sign.start()))
                changes.append(_change(sign, f"the same words carry call {same}: " + " ".join(before)))
            elif exact:
                number_here = next(numbers)
                words_of[before] = number_here
                found.append((str(number_here), sign.start()))
                changes.append(_change(sign, told))
        last_place, last_number = place, max(last_number, number)
    return found, changes


def _change(sign: re.Match[str], why: str) -> Change:
    return Change(sign.start(), sign.end(), "", NOTE_CALL, (Evidence("numbering", why),))


def _numbered(block: Block) -> bool:
    return block.kind == NOTE and block.number.isdigit()


def _row_goes_on(notes: Sequence[tuple[int, int, int]], place: int) -> bool:
    """Say whether another note follows the one at a place at once."""
    at = bisect_left(notes, (place, 0, 0))
    return at + 1 < len(notes) and notes[at + 1][0] - notes[at][1] <= 4


def _words(text: str, place: int) -> tuple[str, ...]:
    """Return the words before a place, in small letters, as many as make it the same."""
    return tuple(_WORDS.findall(text[max(0, place - _BEFORE) : place].lower())[-SAME:])
