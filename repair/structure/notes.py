"""Notes and their calls: superscript figures that lost their markup, and which note each call means."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from repair.edits import Evidence
from repair.structure.markup import NOTE_CALL
from repair.structure.values import NOTE, Block, Change, FoundNote

# Figures after a letter or a closing sign; after a year (« 20112 »: 2011 and call 2); after the
# number of a resolution (« 60/1756 »: 60/175 and call 6; none has four figures).
_CANDIDATE = re.compile(
    r"""
    (?<=[^\W\d_])(?P<word>\d{1,3})(?![\w/°%]|[.,-]\d)
  | (?<=[)»”])(?P<closing>\d{1,3})(?![\w/°%]|[.,-]\d)
  | (?<![\d/.,])(?:1[5-9]|20)\d\d(?P<year>\d{1,2})(?![\w/°%]|[.,-]\d)
  | (?<!\d)\d{1,3}/\d{3}(?P<symbol>\d{1,2})(?![\w/°%]|[.,-]\d)
  | (?P<raised>[⁰¹²³⁴-⁹]{1,3})
    """,
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d_]+\Z")
_LONGEST_WORD = 40
_NEXT_CALLS = 3
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def find_calls(
    text: str, blocks: Sequence[Block], known: Callable[[str], bool]
) -> tuple[list[tuple[str, int]], list[Change]]:
    """Find calls printed as superscript figures and read as plain ones: « Nations Unies1 ; ».

    A figure is a call only where a note has that mark, and where it is the next of the calls, or
    repeats one of them; glued to a number, only where no word carries that call.

    Returns:
        Mark and place of each call in `text`, in order, and the changes that take them away.
    """
    marks = sorted({int(block.number) for block in blocks if block.kind == NOTE and block.number.isdigit()})
    if not marks:
        return [], []
    foot = [(block.start, block.end) for block in blocks if block.kind == NOTE]
    found = [
        (one.group(name).translate(_RAISED), one.start(name), one.end(name), name)
        for one in _CANDIDATE.finditer(text)
        if (name := one.lastgroup) and not within(foot, one.start(name)) and _may_call(text, one, known)
    ]
    sure = {mark for mark, _, _, name in found if name in {"word", "closing", "raised"}}
    calls: list[tuple[str, int]] = []
    changes: list[Change] = []
    last = 0
    for mark, start, end, name in found:
        number = int(mark)
        if number not in marks:
            continue
        following = marks[bisect_left(marks, last + 1) : bisect_left(marks, last + 1) + _NEXT_CALLS]
        if name in {"year", "symbol"}:
            if mark in sure or following[:1] != [number]:
                continue
        elif number > last and number not in following:
            continue
        last = max(last, number)
        calls.append((mark, start))
        evidence = Evidence("numbering", f"note {mark} is at the foot, and its call is due here")
        changes.append(Change(start, end, "", NOTE_CALL, (evidence,)))
    return calls, changes


def within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Say whether a place lies in one of the spans, which are in order and disjoint."""
    after = bisect_left(spans, (place + 1, 0))
    return after > 0 and place < spans[after - 1][1]


def _may_call(text: str, found: re.Match[str], known: Callable[[str], bool]) -> bool:
    if found.lastgroup not in {"word", "raised"}:
        return True
    start = found.start()
    word = _WORD.search(text, max(0, start - _LONGEST_WORD), start)
    if word is None:
        return found.lastgroup == "raised" and text[max(0, start - 1) : start] in ")»”"
    letters = word.group()
    if len(letters) > 1 and letters.isupper():  # CO2, COVID19
        return False
    return len(letters) > 1 and known(letters.lower())


def pair(blocks: Sequence[Block], calls: Sequence[tuple[str, int]]) -> list[FoundNote]:
    """Join the notes of `blocks` to their calls (mark, place): to the next note so marked, else the last."""
    notes: dict[str, list[tuple[int, int]]] = {}
    for index, block in enumerate(blocks):
        if block.kind == NOTE:
            notes.setdefault(block.number, []).append((block.start, index))
    places: dict[int, list[int]] = {index: [] for marked in notes.values() for _, index in marked}
    orphans: dict[str, list[int]] = {}
    for mark, place in calls:
        marked = notes.get(mark)
        if marked:
            after = bisect_left(marked, (place, 0))
            places[marked[min(after, len(marked) - 1)][1]].append(place)
        else:
            orphans.setdefault(mark, []).append(place)
    found = [
        FoundNote(blocks[index].number, index, tuple(sorted(where)))
        for index, where in sorted(places.items())
    ]
    return found + [FoundNote(mark, None, tuple(sorted(where))) for mark, where in orphans.items()]
