"""Signs of misreading that a French text bears by itself, with no correct text beside it.

A word that the lexicon does not hold may be a name, a term, an old spelling. It is a sign of
misreading where it is one letter from a common word, or has two letters and is none, or differs
from French by its accents alone; and so are specks of the margin read as signs at the ends of lines.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from repair.language import Language
from repair.language.index import ATTESTED, ATTESTED_NAME, DICTIONARY, NAME, PERIOD
from repair.language.letters import ALPHABET
from repair.language.tokens import fold, lower

_LOWER = DICTIONARY | ATTESTED | PERIOD
_PROPER = _LOWER | NAME | ATTESTED_NAME
_LETTERS = ALPHABET.strip("'-")
_COMMON = 20
"""Uses in the clean text of the lexicon below which a word explains no misreading."""
_PARTS = 200
"""The same for two words that a lost space joined."""
_USUAL = 1000
"""Uses of a word that every page of French prose has."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CUT = re.compile(r"(?<=[^\W\d_])[-¬][ \t]*\n\s*(?=[^\W\d_])")
_SPECKS = re.compile(
    r"^[ \t]*(?:[|\\/_~£$#=^{}\[\]<>‘'`.,;:]\S?[ \t]+)+(?=\S)"
    r"|(?:[ \t]+(?:[|\\/_~£$#=^{}\[\]<>]\S{0,2}|\S?[|\\_~]))+[ \t]*$",
    re.MULTILINE,
)
"""A sign of one or two characters, apart, at an end of a line; quotes, dashes and bullets are print."""
_ELISION = re.compile(r"(?<!\w)[1I!|\]]['’](?=[aeiouyhàâéèêëîïôû])")
"""« 1’État », « I’eau »: an elided l that was read as a figure, a capital or a stroke."""
_UNITS = frozenset(
    ("mm", "cm", "km", "ml", "cl", "dl", "hl", "mg", "cg", "kg", "ha", "kw", "er", "re", "nd", "fr")
)
_NUMERAL = re.compile(r"[ivxlcdm]+")


class Signs(NamedTuple):
    """Signs of misreading on a page, each a number per thousand letters.

    Attributes:
        letters: of the page.
        misread: unknown small words one letter, or one space, from a common word.
        short: different runs of two small letters that are no word, no unit and no numeral.
        accents: unknown small words that are French but for their accents (« ete », « régle »); elided l
            read as 1 or I. An English model knows no è, ê, à, ç.
        specks: ends of lines where a speck was read.
    """

    letters: int
    misread: float
    short: float
    accents: float
    specks: float


class Reader:
    """Looks for signs of misreading, and whether a text is French at all."""

    def __init__(self, language: Language) -> None:
        self._lexicon = language.lexicon
        self._letters = language.letters
        self._explain = lru_cache(maxsize=50_000)(self._explain_word)

    def signs(self, text: str) -> Signs:
        """Count the signs of misreading of a page, one printed line a line."""
        whole, specks = _SPECKS.subn("", text)
        whole = _CUT.sub("", whole)
        letters = sum(map(str.isalpha, whole))
        found: Counter[str] = Counter()
        short: set[str] = set()
        for match in _WORD.finditer(whole):
            joined = match[0]
            parts = [joined] if lower(joined) in self._lexicon else joined.split("-")
            for word in parts:
                if not word.islower() or len(word) < 2 or self._known(word, _LOWER):
                    continue
                if len(word) > 2:
                    found[self._explain(word)] += 1
                elif word not in _UNITS and not _NUMERAL.fullmatch(word):
                    short.add(word)
        accents = found["accents"] + len(_ELISION.findall(whole))
        counts = (found["misread"], len(short), accents, specks)
        return Signs(letters, *(1000.0 * count / max(1, letters) for count in counts))

    def usual(self, text: str) -> float:
        """Return the share of words that all French prose uses, from 0 to 1; 0 for no word.

        0.5 and more on pages of French, however badly read; 0.15 at most in other languages.
        """
        words = [word for word in _words(text) if len(word) > 1]
        return sum(self._lexicon.count(word) >= _USUAL for word in words) / max(1, len(words))

    def likeness(self, text: str) -> float:
        """Return how much words are made like words: ln P a letter by the letters of French, accents aside.

        -2 in French, -2.6 to -4.6 in other languages written with these letters, -5.5 and less in
        a text whose letters stand for others.
        """
        words = [fold(word) for word in _words(text) if len(word) > 1]
        length = sum(len(word) + 1 for word in words)
        return sum(map(self._letters.log_probability, words)) / length if length else 0.0

    def _known(self, word: str, flags: int) -> bool:
        found = self._lexicon.word(word)
        return found is not None and bool(found.flags & flags)

    def _common(self, word: str, least: float) -> bool:
        found = self._lexicon.word(word)
        return found is not None and bool(found.flags & _LOWER) and found.modern + found.period >= least

    def _explain_word(self, word: str) -> str:
        """Return ``accents``, ``misread``, or nothing for an unknown word that nothing explains."""
        alike = [found for found in self._lexicon.spelt_like(word) if self._lexicon.count(found)]
        if word.replace("oe", "œ") in alike:
            return ""  # many houses print no ligature
        if alike:
            return "accents"
        ends = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        for head, tail in ends:
            if tail and self._common(head + tail[1:], _COMMON):
                return "misread"
            if len(head) > 1 and len(tail) > 1 and self._common(head, _PARTS) and self._common(tail, _PARTS):
                return "misread"
            for letter in _LETTERS:
                if self._common(head + letter + tail, _COMMON):
                    return "misread"
                if tail and self._common(head + letter + tail[1:], _COMMON):
                    return "misread"
        return ""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", lower(text))
