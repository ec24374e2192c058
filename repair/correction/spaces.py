"""Words that ran together, and words that fell apart.

:func:`splits` proposes « avait poussé » for « avaitpoussé » and « devant une » for « devant'une »;
:func:`joined` « commission » for « commis sion ». Both ask that the words made are common: any run of
letters is cut into rare ones somehow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from repair.damage.confusions import Change

SHORT, SHORT_MINIMUM = 3, 4000.0
"""Of words of so many letters at most only the commonest are cut off another."""

MINIMUM = 60.0
"""How often clean text uses the rarer of the words made."""

LONE = ("a", "à", "y", "A", "À")
"""Words of one letter."""

OLD_ELISIONS = ("contr", "mam", "p'tit")
"""« contr’ordre », « mam’zelle »: no space was lost there."""

MOST = 3


class Recognised(NamedTuple):
    """A run of letters that the lexicon knows: its ids, and the count of its rarest."""

    pieces: tuple[int, ...]
    frequency: float


Recognise = Callable[[str], Recognised | None]
"""Looks a run of letters up, in its case."""


class Cut(NamedTuple):
    """Two words where one was read."""

    text: str
    changes: tuple[Change, ...]
    pieces: tuple[int, ...]


def splits(word: str, recognise: Recognise) -> list[Cut]:
    """Return the likeliest ways to part a word that the lexicon does not hold, at most `MOST`."""
    found: list[tuple[float, Cut]] = []
    for place in range(1, len(word)):
        sign = "'" if word[place] == "'" else ""
        left, right = word[:place], word[place + len(sign) :]
        if (
            not right
            or (sign and left.lower() in OLD_ELISIONS)
            or (not sign and not (left[-1].isalpha() and right[0].isalpha()))
        ):
            continue
        after = _part(right, recognise)
        if after is None:
            continue
        for head in ("a", "à") if left == "a" else (left,):
            before = _part(head, recognise)
            if before is not None:
                lost: tuple[Change, ...] = ((" ", sign),)
                changes = lost if head == left else (("à", "a"), *lost)
                cut = Cut(f"{head} {right}", changes, before.pieces + after.pieces)
                found.append((min(before.frequency, after.frequency), cut))
    found.sort(key=lambda item: (-item[0], item[1].text))
    return [cut for _, cut in found[:MOST]]


def _part(word: str, recognise: Recognise) -> Recognised | None:
    if len(word) == 1 and word not in LONE:
        return None
    known = recognise(word)
    if known is None or known.frequency < (SHORT_MINIMUM if len(word) <= SHORT else MINIMUM):
        return None
    return known


def joined(left: str, gap: str, right: str, recognise: Recognise) -> Iterator[Cut]:
    """Yield the word that two runs of letters make when what parts them is left out.

    Args:
        left: the first run.
        gap: what stands between them: a space, or a line end that lost its hyphen.
        right: the second.
        recognise: looks a word up.
    """
    if not (left[-1:].isalpha() and right[:1].islower()):
        return
    known = recognise(left + right)
    if known is None or known.frequency < MINIMUM:
        return
    if gap == " ":
        yield Cut(left + right, (("", " "),), known.pieces)
    elif gap == "\n":
        yield Cut(f"{left}-\n{right}", (("-", ""),), known.pieces)
