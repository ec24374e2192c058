"""How words are made: the probability of a run of letters as a French word.

A name or a rare word that the lexicon does not hold is still made of letters in a French order
(« Cavaignac »); a misread word often is not (« uépart »). The model is a chain of letters, each
given the three before it, counted over the attested words of the lexicon, each word once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from repair.language.table import NgramTable

ORDER = 4
"""Letters looked at together."""

ALPHABET = "abcdefghijklmnopqrstuvwxyzàâäæçéèêëîïôöœùûüÿ'-"
"""Signs that words are made of; any other is one more sign that words do not have."""

END = 1
"""Code of the border of a word, before its first sign and after its last."""

OTHER = len(ALPHABET) + 2
_CODES = {sign: number for number, sign in enumerate(ALPHABET, 2)}

PRIOR = 6.0
"""How often a context must be seen to count half against the shorter one (interpolation)."""


def codes(word: str) -> list[int]:
    """Return a word's signs as codes, its borders included.

    >>> codes("ça")
    [1, 1, 1, 32, 2, 1]
    """
    return [END] * (ORDER - 1) + [_CODES.get(sign, OTHER) for sign in word] + [END]


def count_letters(words: Iterable[str]) -> Counter[int]:
    """Return how often each run of one to `ORDER` signs stands in lower-case words, packed."""
    runs: Counter[int] = Counter()
    for word in words:
        signs = codes(word)
        for place in range(ORDER - 1, len(signs)):
            key = 0
            for width in range(ORDER):
                key |= signs[place - width] << 8 * width
                runs[key] += 1
                runs[(key >> 8) | 1 << 40 | width << 48] += 1  # its context, however it goes on
    return runs


class LetterModel:
    """The chain of letters of French words."""

    def __init__(self, path: Path) -> None:
        self._count = NgramTable(path).count

    def log_probability(self, word: str) -> float:
        """Return ln P of a lower-case word as a run of signs, its end included.

        Longer words are less probable; compare words of one length, or divide by it.
        """
        signs = codes(word)
        total = 0.0
        for place in range(ORDER - 1, len(signs)):
            chance = 1.0 / (OTHER + 1)
            key = 0
            for width in range(ORDER):
                key |= signs[place - width] << 8 * width
                context = self._count((key >> 8) | 1 << 40 | width << 48)
                if not context:
                    break
                share = PRIOR / (PRIOR + context)
                chance = (1.0 - share) * min(1.0, self._count(key) / context) + share * chance
            total += math.log(chance)
        return total
