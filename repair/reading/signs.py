"""Signs of misreading that a French text bears by itself, with no correct text beside it.

A word that the lexicon does not hold may be a name, a term, an old spelling. It is a sign of
misreading where it is one letter from a common word, or has two letters and is none, or is made of
letters that no word has, or differs from French by its accents alone; and so are specks of the margin
read as signs at the ends of lines. It is none where the page has it twice, as it has its terms, or where
the words around it are not French, as in a quotation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
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

_UNLIKELY = -2.9
"""ln P a letter by the letters of French below which no unknown word is a term: « terll », « péiie ».
Of the unexplained words of a French model's layers more than half are below, of clean text's a third."""
_AROUND, _FOREIGN = 3, 2
"""Words looked at on either side of an unknown one, and how many usual ones show that they are French."""

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
        misread: unknown small words one letter, or one space, from a common word, or made of unlikely
            letters; runs of two small letters that are no word, no unit and no numeral.
        accents: unknown small words that are French but for their accents (« ete », « régle »); elided l
            read as 1 or I. An English model knows no è, ê, à, ç.
        specks: ends of lines where a speck was read.
    """

    letters: int
    misread: float
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
        words = list(self._written(whole))
        small = [lower(word) for word in words]
        usual = [len(word) > 1 and self._lexicon.count(word) >= _USUAL for word in small]
        times, found = Counter(small), Counter[str]()
        for at, word in enumerate(words):
            if not word.islower() or len(word) < 2 or self._known(word, _LOWER):
                continue
            twice = times[word] > 1 or word + "s" in times or (word[-1] == "s" and word[:-1] in times)
            if twice or (len(word) > 2 and sum(usual[max(0, at - _AROUND) : at + _AROUND + 1]) < _FOREIGN):
                continue
            found[self._explain(word)] += 1
        accents = found["accents"] + len(_ELISION.findall(whole))
        counts = (found["misread"], accents, specks)
        return Signs(letters, *(1000.0 * count / max(1, letters) for count in counts))

    def _written(self, text: str) -> Iterator[str]:
        """Yield the words of a text, compounds that the lexicon does not hold in parts."""
        for match in _WORD.finditer(text):
            yield from [match[0]] if lower(match[0]) in self._lexicon else match[0].split("-")

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
        """Return ``accents``, ``misread``, or nothing for an unknown word that may be a term."""
        if len(word) == 2:
            return "" if word in _UNITS or _NUMERAL.fullmatch(word) else "misread"
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
        unlikely = self._letters.log_probability(fold(word)) < _UNLIKELY * (len(word) + 1)
        return "misread" if unlikely else ""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", lower(text))
