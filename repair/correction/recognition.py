"""Which words the lexicon holds: elided, hyphenated, or cut by the end of a line that is gone."""

from __future__ import annotations

import re

from repair.correction.accents import ELISION, LOWER_WORD
from repair.correction.period import ARCHAIC, OLD_ENDINGS
from repair.correction.spaces import Recognised
from repair.damage.confusions import VOWELS
from repair.language import Language
from repair.language.index import ATTESTED_NAME, NAME
from repair.language.tokens import fold

_HYPHENED_ELISION = re.compile(r"^(jus|lors|puis|quoi|quel|pres)-(qu')", re.IGNORECASE)
"""« jus-qu'au », cut at the end of a line that is gone."""


_GRAND = re.compile(r"(grand)'(?=[a-zà-öø-ÿœ]{3})", re.IGNORECASE)
"""« grand’mère », « grand’chose »: no elision, and no space was lost."""


class Recogniser:
    """Looks words up as they stand in a text, apostrophes straight."""

    def __init__(self, language: Language) -> None:
        self._lexicon = language.lexicon
        self._model = language.model

    def recognise(self, word: str) -> tuple[bool, tuple[int, ...]]:
        """Say whether the lexicon holds a word in its case, and return its ids."""
        lexicon = self._lexicon
        ids: list[int] = []
        word = _HYPHENED_ELISION.sub(r"\1\2", word)
        while (match := ELISION.match(word)) and fold(word[match.end()].lower()) in VOWELS:
            ids.append(lexicon.id(match[1].lower()))
            word = word[match.end() :]
        if match := _GRAND.match(word):
            ids.append(lexicon.id(match[1].lower()))
            word = word[match.end() :]
        known, found = self.known(word)
        parts = word.split("-")
        if known or len(parts) == 1:
            return known, (*ids, found)
        results = [self.known(part) for part in parts]
        if not all(known for known, _ in results):
            # A hyphen from a line's end, the break since lost: « seu-lement ».
            for place in range(len(parts) - 1):
                joined = [*parts[:place], parts[place] + parts[place + 1], *parts[place + 2 :]]
                found_joined = [self.known(part) for part in joined]
                if all(known for known, _ in found_joined):
                    results = found_joined
                    break
        return all(known for known, _ in results), (*ids, *(number for _, number in results))

    def known(self, word: str) -> tuple[bool, int]:
        """Say whether the lexicon holds a word without hyphen or elision in its case, and return its id."""
        found = self._lexicon.word(word.lower())
        if found is None:
            return False, 0
        proper = not word.islower()
        return bool(found.flags & (LOWER_WORD | (NAME | ATTESTED_NAME if proper else 0))), found.id

    def modern(self, word: str) -> str | None:
        """Return how a word that the lexicon does not hold is spelt since 1835; None if that is no word.

        >>> from repair.language import load_language
        >>> [Recogniser(load_language()).modern(word) for word in ("commerçans", "parloit", "commissons")]
        ['commerçants', 'parlait', None]
        """
        for old, new in OLD_ENDINGS:
            if word.endswith(old):
                modern = word[: -len(old)] + new
                if self.recognise(modern)[0]:
                    return modern
        return None

    def archaic(self, word: str) -> str:
        """Return the habit of the sixteenth century that makes a modern word of an unknown one, or nothing.

        >>> from repair.language import load_language
        >>> [Recogniser(load_language()).archaic(word) for word in ("icy", "mesme", "traicts", "uépart")]
        ['y', 's', 'ct', '']
        """
        match = ELISION.match(word)
        core = word[match.end() if match else 0 :].lower()
        changed = [(habit, old.sub(new, core)) for habit, old, new in ARCHAIC if old.search(core)]
        twice = [
            (habit, old.sub(new, spelling))
            for _, spelling in changed
            for habit, old, new in ARCHAIC
            if old.search(spelling)
        ]
        return next((habit for habit, spelling in changed + twice if self._lexicon.spelt_like(spelling)), "")

    def recognised(self, word: str) -> Recognised | None:
        """Look a run of letters up for `spaces.py`."""
        known, ids = self.recognise(word)
        if not known or not all(ids):
            return None
        return Recognised(ids, min(self._model.unigram(number) for number in ids))
