"""Words one edit away from an unknown word, for damage that the table of confusions does not name.

SymSpell (W. Garbe; symspellpy) over the commoner words of our lexicon. Such a candidate says
nothing of what an engine does to a page, so it is never applied: at best a curator is asked.
"""

from __future__ import annotations

from functools import lru_cache

from symspellpy import SymSpell, Verbosity

from repair.language import load_language

MINIMUM_COUNT = 10
"""Rarer words make more false suggestions than true ones."""

MINIMUM_LENGTH = 5
MOST = 5


@lru_cache(maxsize=1)
def _symspell() -> SymSpell:
    speller = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
    for word, count in load_language().lexicon.common(MINIMUM_COUNT):
        if len(word) >= MINIMUM_LENGTH - 1 and word.isalpha():
            speller.create_dictionary_entry(word, round(count))
    return speller


def suggestions(word: str) -> list[str]:
    """Return the common words one edit from a lower-case word, commonest first, `MOST` at most.

    >>> suggestions("assistence")
    ['assistance']
    """
    if len(word) < MINIMUM_LENGTH or not word.isalpha():
        return []
    return [found.term for found in _symspell().lookup(word, Verbosity.CLOSEST, 1)[:MOST]]
