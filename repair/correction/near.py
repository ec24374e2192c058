"""Words of the lexicon near an unknown one, whatever is elided onto it or joined to it by a hyphen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from repair.correction.accents import ELISION, Spelling
from repair.correction.recognition import Recogniser
from repair.correction.spelling import near
from repair.damage.channel import is_accent
from repair.damage.confusions import VOWELS, Confusions
from repair.damage.explain import explain
from repair.language import Language
from repair.language.index import DICTIONARY
from repair.language.tokens import fold

MOST = 8
"""Near words that are weighed, the likeliest."""

SLIPS = 3
"""Letters that are mistaken in one word at most; in a name, one."""

RESTORED_FROM = 3
"""Letters of the shortest word sought beside something restored."""


class NearWords:
    """Finds near words with one language index and one table of confusions."""

    def __init__(self, language: Language, confusions: Confusions, recogniser: Recogniser) -> None:
        self._lexicon = language.lexicon
        self._model = language.model
        self._confusions = confusions
        self._recogniser = recogniser

    def likeliest(self, word: str, name: bool) -> list[Spelling]:
        """Return the likeliest words near an unknown one, at most `MOST`.

        Args:
            word: as read, apostrophes straight.
            name: whether it may well be a name: then one letter is mistaken at most.
        """
        return sorted(self._near(word, name), key=self._price)[:MOST]

    def _near(self, word: str, name: bool) -> Iterator[Spelling]:
        """Yield the common words near an unknown one, what is elided onto it kept or restored."""
        for variant in self._confusions.variants(word, 0, shapes=False):
            match = ELISION.match(variant.text)
            prefix = match[0] if match else ""
            rest = variant.text[len(prefix) :]
            if variant.changes and len(rest) < RESTORED_FROM:
                continue
            ids = (self._lexicon.id(prefix.lower()),) if prefix else ()
            found = self._hyphened(rest) if "-" in rest else self._letters(rest, 1 if name else SLIPS)
            for near_word in found:
                if prefix and fold(near_word.text[0].lower()) not in VOWELS:
                    continue
                yield Spelling(
                    prefix + near_word.text, variant.changes + near_word.changes, ids + near_word.pieces
                )

    def _letters(self, word: str, slips: int) -> Iterator[Spelling]:
        for bare in near(fold(word.lower()), min(2, slips)):
            for text in self._lexicon.spelt_like(bare):
                found = self._lexicon.word(text)
                if found is None or not found.flags & DICTIONARY:
                    continue
                printed = text.capitalize() if word[:1].isupper() else text
                changes = explain(printed, word, self._confusions)
                if changes and sum(not is_accent(change) for change in changes) <= slips:
                    yield Spelling(printed, changes, (found.id,))

    def _hyphened(self, word: str) -> Iterator[Spelling]:
        """Yield what is near the whole, without its hyphen; only else what is near its one unknown part."""
        parts = word.split("-")
        joined = False
        if len(parts) == 2:
            cut = len(parts[0])
            for spelling in self._letters("".join(parts), 1):
                joined = True
                if len(spelling.text) == len(word) - 1:  # the hyphen keeps its place
                    yield replace(spelling, text=f"{spelling.text[:cut]}-{spelling.text[cut:]}")
        unknown = [number for number, part in enumerate(parts) if not self._recogniser.known(part)[0]]
        if joined or len(unknown) != 1 or min(map(len, parts)) <= RESTORED_FROM:
            return
        number = unknown[0]
        for spelling in self._letters(parts[number], 1):
            whole = [*parts[:number], spelling.text, *parts[number + 1 :]]
            others = [self._recogniser.known(part)[1] for part in parts]
            pieces = (*others[:number], *spelling.pieces, *others[number + 1 :])
            yield Spelling("-".join(whole), spelling.changes, pieces)

    def _price(self, spelling: Spelling) -> float:
        """Return -ln P of a spelling, apart from any context and document."""
        rare = sum(math.log(self._model.unigram(number)) for number in spelling.pieces)
        return sum(map(self._confusions.cost, spelling.changes)) - rare
