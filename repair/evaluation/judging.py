"""Right edits and wrong ones: what a proposal, made alone, does to its place.

An edit is *right* when making it alone brings its place nearer to the gold, by character edit
distance after folding, and *wrong* when it does not; a wrong one is *harmful* when it takes the
place farther away. The place is what lies between the nearest runs of `ANCHOR` characters, on
both sides of the edit, that reading and gold share. Where there are none near, or what lies
between has little in common, or the gold has no word there (a running head, specks in the
margin), the edit is *unjudged*: nothing can be said of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from repair.edits import Edit
from repair.evaluation.text import Folded, align, fold_text, words
from repair.evaluation.words import DamageClass, classify

ANCHOR = 5
"""Characters in a row that reading and gold must share beside an edit."""

REACH = 80
"""How far from the edit they may be."""

LONG, UNLIKE = 30, 0.5
"""Places longer than this must have more than that share of their characters right to be judged."""


class Verdict(StrEnum):
    """What comparing with the gold says of a proposal."""

    RIGHT = "right"
    WRONG = "wrong"
    """It brings the place no nearer."""
    HARMFUL = "harmful"
    """It takes the place farther away; such an edit is wrong too."""
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal and what it is worth.

    Attributes:
        edit: the proposal, its place in the reading.
        damage: the class of damage that it supposes.
        verdict: of the comparison.
        start: its place in the folded reading.
        end: one past it.
    """

    edit: Edit
    damage: DamageClass
    verdict: Verdict
    start: int
    end: int


def judge(ocr: str, gold: str, edits: Sequence[Edit]) -> Iterator[Judged]:
    """Judge proposals, applied or not, each as if it were made alone.

    Args:
        ocr: the reading, unfolded, that the edits have their places in.
        gold: the correct text, unfolded.
        edits: the proposals, in any order.
    """
    if not edits:
        return
    read, right = fold_text(ocr), fold_text(gold)
    alignment = align(read.text, right.text)
    anchors = [run for run in alignment.equal if run[1] - run[0] >= ANCHOR]
    for edit in edits:
        start, end = read.span(edit.start, edit.end)
        damage = classify(fold_text(edit.before).text, fold_text(edit.after).text)
        verdict = _verdict(
            ocr, read, right.text, edit, _window(start, end, len(read.text), len(right.text), anchors)
        )
        yield Judged(edit, damage, verdict, start, end)


_Window = tuple[int, int, int, int]
"""Start and end in the folded reading, start and end in the folded gold."""


def _window(
    start: int, end: int, read: int, gold: int, anchors: Sequence[tuple[int, int, int]]
) -> _Window | None:
    """Return the place around an edit between two anchors; None where they are too far.

    Args:
        start: of the edit's folded place.
        end: one past it.
        read: length of the folded reading, whose ends are anchors too.
        gold: length of the folded gold.
        anchors: the runs that both share: start and end in the reading, start in the gold.
    """
    before = bisect_right(anchors, start - ANCHOR, key=lambda run: run[0]) - 1
    if before >= 0:
        first, last, there = anchors[before]
        low = min(last, start)
        low_there = there + low - first
    else:
        low = low_there = 0
    after = bisect_left(anchors, end + ANCHOR, key=lambda run: run[1])
    if after < len(anchors):
        first, last, there = anchors[after]
        high = max(first, end)
        high_there = there + high - first
    else:
        high, high_there = read, gold
    if start - low > REACH or high - end > REACH or high_there < low_there:
        return None
    return low, high, low_there, high_there


def _verdict(ocr: str, read: Folded, gold: str, edit: Edit, window: _Window | None) -> Verdict:
    if window is None:
        return Verdict.UNJUDGED
    low, high = read.back(window[0], window[1])
    low, high = min(low, edit.start), max(high, edit.end)
    wanted = gold[window[2] : window[3]]
    changed = ocr[low : edit.start] + edit.after + ocr[edit.end : high]
    here, made = (fold_text(text, strip=False).text for text in (ocr[low:high], changed))
    if window[0] == 0:  # the folded gold has no white space at its ends
        here, made = here.lstrip(" "), made.lstrip(" ")
    if window[1] == len(read.text):
        here, made = here.rstrip(" "), made.rstrip(" ")
    if words(made) and not words(wanted):
        return Verdict.UNJUDGED
    distance = Levenshtein.distance(here, wanted)
    length = max(len(here), len(wanted))
    if length > LONG and distance > UNLIKE * length:
        return Verdict.UNJUDGED
    gain = distance - Levenshtein.distance(made, wanted)
    if gain > 0:
        return Verdict.RIGHT
    return Verdict.HARMFUL if gain < 0 else Verdict.WRONG


def overlaps(judged: Judged, start: int, end: int) -> bool:
    """Say whether a proposal touches a place of the folded reading."""
    return (judged.start < end and start < judged.end) or judged.start == judged.end == start
