"""What a word is, and what may have been printed where it was read.

:class:`Analyser` answers for one spelling at a time and remembers: a document of 4,000 words
has 1,000 spellings, a corpus of a million has 40,000. An analysis
(`analysis.py`) knows nothing of the place; the decoder weighs it there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from repair.correction.accents import ELISION, Spelling, recase, sound_spellings
from repair.correction.analysis import COMMONER, Analysis, Candidate
from repair.correction.near import NearWords
from repair.correction.recognition import Recogniser
from repair.correction.spaces import splits
from repair.correction.words import BREAK
from repair.damage.channel import is_accent
from repair.damage.confusions import Confusions, Variant, load_confusions
from repair.language import Language, load_language
from repair.language.index import DICTIONARY, NAME, PERIOD
from repair.language.tokens import ELISIONS, NUMBER

_ELIDED = re.compile(rf"(?:o|{'|'.join(ELISIONS)}|\w{{4,}})'", re.IGNORECASE)

_CALL = re.compile(r"[^\W\d_]{3}[®°]$")
"""A sign after a word, that the call of a note was read as."""

LOST_A = ("a", "&", "4")
"""What « à », the commonest accented word, is read as."""

NUMBER_SIGNS = ("n°", "N°")
"""No damaged word; what they are read as is for `numbers.py`."""

CUT_FROM = 3
"""Letters of the shortest word that is cut in two."""

MAX_LENGTH = 40
"""No French word is longer; what is longer is left alone."""


class Analyser:
    """Analyses spellings with one language index and one table of confusions."""

    def __init__(self, language: Language, confusions: Confusions) -> None:
        self.language = language
        self.confusions = confusions
        self.recogniser = Recogniser(language)
        self._lexicon = language.lexicon
        self._near = NearWords(language, confusions, self.recogniser)
        self._analyse = lru_cache(maxsize=400_000)(self._analyse_anew)

    def analyse(self, text: str) -> Analysis:
        """Analyse a word as read; what a known word may have been is left out, but for « a »."""
        return self._analyse(text, False)

    def alternatives(self, text: str) -> tuple[Candidate, ...]:
        """Return what else may have been printed for a known word: by its accents or one confusion."""
        return self._analyse(text, True).candidates

    def _analyse_anew(self, text: str, thorough: bool) -> Analysis:
        straight = text.replace("’", "'")
        broken = BREAK.search(straight)
        if broken:
            return self._broken(text, straight, broken, thorough)
        if straight[0] == "'":
            return self._quoted(text, thorough)
        if straight in NUMBER_SIGNS:
            return Analysis(text, (self._lexicon.id("n"),), True, True, True, ())
        if _CALL.search(straight):
            return self._called(text, thorough)
        if straight not in LOST_A and not any(char.isalpha() for char in straight):
            number = self._lexicon.id(NUMBER)
            return Analysis(text, (number,), True, True, True, ())
        known, pieces = self.recogniser.recognise(straight)
        if straight.isdigit():
            pieces = (self._lexicon.id(NUMBER),)
        known = known or straight in LOST_A
        well_formed = all(char.isalpha() or char in "'-‐‑" for char in straight) and (
            known or "'" not in straight or bool(_ELIDED.match(straight))
        )
        if not known and self.recogniser.modern(straight):
            return Analysis(text, pieces, True, False, True, (), of_period=True)
        if len(text) > MAX_LENGTH or _protected(straight, known):
            return Analysis(
                text, pieces, known, True, well_formed, (), proper=straight[_core(straight)].isupper()
            )
        left_out = known and not thorough and straight not in LOST_A
        spellings = [] if left_out else self._candidates(straight, known, well_formed)
        found = self._lexicon.word(straight[_core(straight) :].lower())
        common = found is not None and bool(found.flags & (DICTIONARY | NAME))
        return Analysis(
            text,
            pieces,
            known,
            False,
            well_formed,
            self._weighed(spellings, text, pieces if known else ()),
            letters=0.0 if known else self._letters(straight),
            proper=straight[_core(straight)].isupper(),
            explained=not known and any(map(_explained, spellings)),
            of_period=found is not None and found.flags == PERIOD,
            archaic="" if common or not well_formed or "-" in straight else self.recogniser.archaic(straight),
        )

    def _weighed(
        self, spellings: Sequence[Spelling], text: str, read: tuple[int, ...]
    ) -> tuple[Candidate, ...]:
        rarest = self._rarest(read)
        return tuple(
            Candidate(
                _dress(found.text, text),
                found.changes,
                found.pieces,
                sum(not self.confusions.listed(change) or " " in change for change in found.changes),
                bool(read) and self._rarest(found.pieces) >= COMMONER * rarest,
            )
            for found in spellings
        )

    def _rarest(self, pieces: tuple[int, ...]) -> float:
        return min(map(self.language.model.unigram, pieces), default=0.0)

    def _quoted(self, text: str, thorough: bool) -> Analysis:
        """Analyse a word with an apostrophe before it: a quotation mark, or all that is left of « l’ »."""
        analysis = self._analyse(text[1:], thorough)
        kept = [replace(found, text=text[0] + found.text) for found in analysis.candidates]
        if thorough and analysis.known and not analysis.protected:
            pieces = (self._lexicon.id("l'"), *analysis.pieces)
            kept.append(Candidate(f"l{text}", (("l'", "'"),), pieces, 0))
        return replace(analysis, text=text, candidates=tuple(kept))

    def _called(self, text: str, thorough: bool) -> Analysis:
        """Analyse a word with what may be the call of a note: that is not part of it, and stays."""
        analysis = self._analyse(text[:-1], thorough)
        kept = [replace(found, text=found.text + text[-1]) for found in analysis.candidates]
        return replace(analysis, text=text, candidates=tuple(kept))

    def _broken(self, text: str, straight: str, place: re.Match[str], thorough: bool) -> Analysis:
        """Analyse a word that a line break cuts: joined, or with its hyphen, whichever is a word."""
        if BREAK.search(straight, place.end()):
            return Analysis(text, (0,), False, True, False, ())
        joined = straight[: place.start()] + straight[place.end() :]
        hyphened = straight[: place.start()] + "-" + straight[place.end() :]
        whole = joined if self._analyse(joined, thorough).known else hyphened
        analysis = self._analyse(whole, thorough)
        if not analysis.known and self._analyse(joined, thorough).candidates:
            whole, analysis = joined, self._analyse(joined, thorough)
        hyphens = text[place.start() : place.end()]
        kept = []
        for candidate in analysis.candidates:
            if len(candidate.text) == len(whole):  # the break keeps its place
                cut = place.start()
                rest = candidate.text[cut:] if whole is joined else candidate.text[cut + 1 :]
                kept.append(replace(candidate, text=candidate.text[:cut] + hyphens + rest))
        return replace(analysis, text=text, candidates=tuple(kept))

    def _candidates(self, word: str, known: bool, well_formed: bool) -> list[Spelling]:
        """Return what may have been printed.

        Where an accent or an elision explains an unknown word, nothing else is sought. Else letters are
        taken for others as the table says; then common words near it are tried, and cutting it in two.
        """
        capital = word[:1].isupper() and not (word[0] == "I" and word[1:2].islower())
        shapes = "-" not in word and (not capital or not well_formed)  # half of a word looks like damage
        best: dict[str, Spelling] = {}
        for variant in self.confusions.variants(word, 0, shapes=False):
            self._collect(word, known, variant, best)
        if not known and any(map(_explained, best.values())):
            return [best[text] for text in sorted(best)]
        for variant in self.confusions.variants(word, 1 if known or well_formed else 2, shapes):
            self._collect(word, known, variant, best)
        if not known and not any(map(_explained, best.values())):
            for spelling in self._near.likeliest(word, capital and well_formed):
                best.setdefault(spelling.text, spelling)
            for cut in splits(word, self.recogniser.recognised) if len(word) >= CUT_FROM else ():
                best.setdefault(cut.text, Spelling(*cut))
        return [best[text] for text in sorted(best)]

    def _collect(self, word: str, known: bool, variant: Variant, best: dict[str, Spelling]) -> None:
        """Add the spellings that a variant may have, each with the fewest changes."""
        supposed = {printed for printed, _ in variant.changes}
        for spelling in sound_spellings(variant.text, self._lexicon):
            text = recase(spelling.text, variant.text)
            changes = variant.changes + spelling.changes
            if text == word or not changes or (known and len(changes) > 1):
                continue
            if any(read in supposed for _, read in spelling.changes):
                continue  # the accent that the table supposes is not there after all
            if text not in best or len(changes) < len(best[text].changes):
                best[text] = Spelling(text, changes, spelling.pieces)

    def _letters(self, word: str) -> float:
        return self.language.letters.log_probability(word[_core(word) :].lower())


def _explained(spelling: Spelling) -> bool:
    """Say whether lost accents and elisions alone explain a word."""
    return all(is_accent(change) or ("'" in change[0] and "'" in change[1]) for change in spelling.changes)


def _core(word: str) -> int:
    """Return where a word begins after what is elided onto it."""
    match = ELISION.match(word)
    return match.end() if match else 0


def _dress(spelling: str, read: str) -> str:
    """Give a spelling the apostrophe of the reading."""
    curly = "’" in read or "‘" in read
    return spelling.replace("'", "’") if curly else spelling


_TRAILING_CALL = re.compile(r"[^\W\d_]\d{1,2}$")
_DIGITS = re.compile(r"\d")


def _protected(word: str, known: bool) -> bool:
    """Say whether a word is a number, a code or a label rather than prose.

    >>> [_protected(word, False) for word in ("1er", "2e", "P5", "1égislative", "1'Office", "OTAN", "A4")]
    [True, True, True, False, False, True, True]
    """
    digits = _DIGITS.findall(word)
    if word in LOST_A:
        return False
    if known:
        return bool(digits)
    elided = word.startswith(("1'", "I'", "|'")) and len(digits) <= 1
    letters = [char for char in word if char.isalpha()]
    if len(letters) > 1 and all(char.isupper() for char in letters):
        return not elided
    if not digits or elided:
        return False
    return len(digits) > 2 or len(letters) < 3 or bool(_TRAILING_CALL.search(word))


@lru_cache(maxsize=1)
def load_analyser() -> Analyser:
    """Return the analyser of the language index and table that ship with the program."""
    return Analyser(load_language(), load_confusions())
