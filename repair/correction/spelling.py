"""Common words near an unknown word, for damage that the table of confusions does not name.

SymSpell (W. Garbe; symspellpy) over the commoner words of our lexicon, their accents folded, so
that a lost accent beside a misread letter is one edit and not two.
"""

from __future__ import annotations

import math
from functools import lru_cache

from symspellpy import SymSpell, Verbosity

from repair.language import load_language
from repair.language.tokens import fold

MINIMUM_COUNT = 5
"""Rarer words make more false suggestions than true ones."""

SHORT, SHORT_MINIMUM = 4, 1500
"""Of words up to four letters only the commonest are near anything."""

PREFIX = 5
"""Letters that SymSpell indexes: fewer take less memory and more time a look-up."""

MOST = 12
EDIT = 4.0
"""What an edit counts for beside ln count when only the `MOST` likeliest are kept."""


@lru_cache(maxsize=1)
def _symspell() -> SymSpell:
    speller = SymSpell(max_dictionary_edit_distance=2, prefix_length=PREFIX)
    counts: dict[str, float] = {}
    for word, count in load_language().lexicon.common(MINIMUM_COUNT):
        if len(word) > 1 and word.isalpha():
            bare = fold(word)
            counts[bare] = counts.get(bare, 0.0) + count
    for word, count in counts.items():
        if len(word) > SHORT or count >= SHORT_MINIMUM:
            speller.create_dictionary_entry(word, round(count))
    return speller


def near(word: str, distance: int = 2) -> list[str]:
    """Return the common words, accents folded, a few edits from a folded word, likeliest first.

    Args:
        word: folded, lower-case.
        distance: edits at most; one for words of up to `SHORT` letters.

    >>> near("assistence")[0], "tete" in near("tetc"), near("a")
    ('assistance', True, [])
    """
    if len(word) < 2:
        return []
    distance = 1 if len(word) <= SHORT else distance
    found = _symspell().lookup(word, Verbosity.ALL, distance)
    found.sort(key=lambda item: (EDIT * item.distance - math.log(item.count), item.term))
    return [item.term for item in found[:MOST]]
