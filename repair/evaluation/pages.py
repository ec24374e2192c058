"""How far the reading of a page is from its correct text, in reading order and line by line.

Two rates, because they fail for different reasons: in reading order a margin's specks, a running
head or two exchanged blocks count in full; with lines matched one to one only the letters of each
line do. Both are *strict*: case, accents, punctuation, apostrophes and quotes count; runs of white
space are one space, and ¬ at a line's end is a hyphen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

_NO_MATCH = 0.75
"""A line this far from every line of the gold, in edits per sign, is none of them."""


class PageErrors(NamedTuple):
    """Errors of a reading.

    Attributes:
        characters: of the gold.
        ordered: edit distance of the whole page.
        lines: sum over the lines of the gold of the edit distance to the line that is its own; a line
            that was not read counts in full, and none for more; an extra one does not count.
    """

    characters: int
    ordered: int
    lines: int


def page_errors(gold: str, reading: str) -> PageErrors:
    r"""Compare a reading with the correct text of its page.

    >>> page_errors("Un deux\ntrois", "trols\nUn deux\n| .")
    PageErrors(characters=13, ordered=11, lines=1)
    """
    correct, read = _lines(gold), _lines(reading)
    whole = " ".join(correct)
    return PageErrors(len(whole), Levenshtein.distance(whole, " ".join(read)), _matched(correct, read))


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.replace("¬", "-").split()) for line in text.splitlines())
    return [line for line in lines if line]


def _matched(correct: list[str], read: list[str]) -> int:
    """Match lines, the most alike first, and count the errors of the matched and the missing."""
    if not read:
        return sum(map(len, correct))
    distances = cdist(correct, read, scorer=Levenshtein.distance, dtype=np.int32)
    lengths = np.maximum.outer([len(line) for line in correct], [len(line) for line in read])
    shares = distances / np.maximum(lengths, 1)
    errors = 0
    left, free = set(range(len(correct))), set(range(len(read)))
    for flat in np.argsort(shares, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(read))
        if shares[row, column] > _NO_MATCH:
            break
        if row in left and column in free:
            left.remove(row)
            free.remove(column)
            errors += min(int(distances[row, column]), len(correct[row]))
    return errors + sum(len(correct[row]) for row in left)
