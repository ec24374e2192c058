"""What changed in a line that a curator corrected: passages of whole words, and of whole repairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from repair.edits import Edit, applied, invert

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")


def changed(was: str, now: str) -> list[tuple[int, int, str]]:
    """Return the changed passages of a line: where in what it was, and what stands there now.

    Each begins and ends with whole words, and holds one at least, so that it can be found again.

    >>> changed("de fagon equitable", "de façon équitable")
    [(3, 8, 'façon'), (9, 18, 'équitable')]
    >>> changed("la eau", "la bonne eau")
    [(0, 3, 'la bonne ')]
    """
    old, new = _TOKENS.findall(was), _TOKENS.findall(now)
    starts = [0]
    for token in old:
        starts.append(starts[-1] + len(token))
    regions = [
        [low, high, first, last]
        for what, low, high, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if what != "equal"
    ]
    at = 0
    while at < len(regions):
        low, high, first, last = regions[at]
        if "".join(old[low:high]).strip() and "".join(new[first:last]).strip():
            at += 1
        # Nothing, or nothing but space, on either side: a neighbour comes along.
        elif low > (regions[at - 1][1] if at else 0):
            regions[at] = [low - 1, high, first - 1, last]
        elif at:
            at -= 1
            regions[at : at + 2] = [[regions[at][0], high, regions[at][2], last]]
        elif high < (regions[at + 1][0] if at + 1 < len(regions) else len(old)):
            regions[at] = [low, high + 1, first, last + 1]
        elif at + 1 < len(regions):
            regions[at : at + 2] = [[low, regions[at + 1][1], first, regions[at + 1][3]]]
        else:
            break
    return [(starts[low], starts[high], "".join(new[first:last])) for low, high, first, last in regions]


def whole_repairs(
    diplomatic: str, offset: int, changes: Sequence[tuple[int, int, str]], repairs: Sequence[Edit]
) -> Iterator[tuple[int, int, str]]:
    """Yield the passages of the edition that are ruled on, and what each is to be.

    A ruling is of the whole of a repair, so what one repair made is one passage: two would contradict
    each other.

    Args:
        diplomatic: the edition.
        offset: where the line begins.
        changes: of the line (`changed`).
        repairs: of the document.
    """
    made = [(edit.start, edit.end) for edit in invert(applied(repairs))]
    groups: list[tuple[int, int, list[tuple[int, int, str]]]] = []
    for first, last, instead in changes:
        start, end = offset + first, offset + last
        met = [span for span in made if span[0] < end and start < span[1]]
        low, high = min((start, *(one for one, _ in met))), max((end, *(one for _, one in met)))
        if groups and low < groups[-1][1]:
            low, _, parts = groups.pop()
            groups.append((low, high, [*parts, (start, end, instead)]))
        else:
            groups.append((low, high, [(start, end, instead)]))
    for low, high, parts in groups:
        whole, position = "", low
        for start, end, instead in parts:
            whole, position = whole + diplomatic[position:start] + instead, end
        yield low, high, whole + diplomatic[position:high]
