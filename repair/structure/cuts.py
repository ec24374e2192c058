"""Paragraphs that notes or page furniture cut in two, made whole.

A page ends in mid-sentence, its notes follow, and the sentence goes on overleaf. The paragraph is
then joined, and what stood between goes after it: its place is left (:data:`RESUMED`) and it is put
back (:data:`MOVED`), two edits that name each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from repair.document import Span
from repair.edits import Evidence, apply
from repair.structure.hyphens import breaks_word, join
from repair.structure.lines import RUNNING
from repair.structure.values import FURNITURE, ITEM, NOTE, PARAGRAPH, Block, Change, as_edits

RESUMED, MOVED = "paragraph-resumed", "block-moved"

_ENDS = ".;:!?…"
"""What a sentence, or an item of a list, ends with. A comma, a bracket or a quote may stand in its midst."""

_RULE = re.compile(r"[_—–-]{3,}")

_CUT = (Evidence("line break", "the sentence stops before these lines and goes on after them"),)
_AFTER = (Evidence("line break", "these lines stood in the midst of the paragraph before"),)


def rejoin(
    text: str, blocks: Sequence[Block], changes: Sequence[Change], known: Callable[[str], bool], line_end: str
) -> tuple[list[Block], list[Change]]:
    """Join the paragraphs that notes and furniture cut.

    Args:
        text: without markup.
        blocks: in their order.
        changes: that give the structured text, one line a block.
        known: whether a lower-case word is in the lexicon.
        line_end: what ends a line in the structured text.

    Returns:
        The blocks in the order of the structured text, and the changes that now give it.
    """
    found, made = list(blocks), sorted(changes)
    for last in range(len(found) - 1, 0, -1):
        first = _cut_before(text, found, last)
        if first is None:
            continue
        one, other, between = found[first], found[last], found[first + 1 : last]
        following = found[last + 1].start if last + 1 < len(found) else len(text)
        made = _changes(text, one, other, between, following, made, known, line_end)
        whole = Block(one.kind, one.number, one.start, one.end, (Span(other.start, other.end), *other.rest))
        found[first : last + 1] = [whole, *between]
    return found, made


def _cut_before(text: str, blocks: Sequence[Block], last: int) -> int | None:
    """Return the paragraph that block `last` goes on with, notes or furniture between them; None if none."""
    rest = blocks[last]
    if rest.kind != PARAGRAPH or rest.number:
        return None
    first = last - 1
    while first >= 0 and blocks[first].kind in (NOTE, FURNITURE):
        first -= 1
    if first < 0 or first == last - 1 or blocks[first].kind not in (PARAGRAPH, ITEM):
        return None
    cut = text[blocks[first].end - 1]
    if text[rest.start].islower():
        return first if cut not in _ENDS else None
    # A name may stand at the head of the page: « des / États Membres ». But below a rule stand notes,
    # though they lost their marks.
    long = blocks[first].end - blocks[first].start >= RUNNING
    above = blocks[last - 1]
    ruled = _RULE.fullmatch(text[above.start : above.end]) is not None
    return first if cut.isalpha() and long and not ruled and text[rest.end - 1] in _ENDS else None


def _changes(
    text: str,
    one: Block,
    other: Block,
    between: Sequence[Block],
    following: int,
    changes: Sequence[Change],
    known: Callable[[str], bool],
    line_end: str,
) -> list[Change]:
    """Return the changes with one block joined to another, and what is between them put after both."""
    low, high = between[0].start, between[-1].end
    inner = [change for change in changes if low <= change.start and change.end <= high]
    moved = apply(text[low:high], as_edits(text[low:high], [_shift(change, -low) for change in inner]))
    end = other.rest[-1].end if other.rest else other.end
    # At the end of the text what was moved there before takes no place.
    ends = (change for change in changes if change.start == end)
    after = next((change for change in ends if change.end > end or change.rule == MOVED), None)
    kept = [
        change
        for change in changes
        if change is not after and not (one.end <= change.start and change.end <= other.start)
    ]
    taken, glue, _, _ = _glue(text[one.start : one.end], text[other.start : other.end], known)
    kept.append(Change(one.end - taken, other.start, glue, RESUMED, _CUT))
    tail = after.after if after is not None else text[end:following]
    stop = after.end if after is not None else following
    kept.append(Change(end, stop, line_end + moved + tail, MOVED, _AFTER))
    return sorted(kept)


def _glue(
    before: str, after: str, known: Callable[[str], bool]
) -> tuple[int, str, str, tuple[Evidence, ...]]:
    if breaks_word(before, after):
        return join(before, after, known)
    return 0, " ", RESUMED, _CUT


def _shift(change: Change, by: int) -> Change:
    return change._replace(start=change.start + by, end=change.end + by)
