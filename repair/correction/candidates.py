"""What a word is, and what may have been printed where it was read.

:class:`Analyser` answers for one spelling at a time and remembers: a document of 4,000 words
has 1,000 spellings, a corpus of a million has 40,000. An :class:`Analysis` knows nothing of the
place; the decoder weighs it there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from repair.correction.spelling import suggestions
from repair.correction.words import BREAK
from repair.damage.confusions import EDIT, VOWELS, Change, Confusions, Variant, load_confusions
from repair.language import Language, load_language
from repair.language.index import ATTESTED, ATTESTED_NAME, DICTIONARY, NAME, PERIOD
from repair.language.tokens import ELISIONS, NUMBER, fold

_ELISION = re.compile(rf"((?:{'|'.join(ELISIONS)})')(?=[^\W\d_])", re.IGNORECASE)
_ELIDED = re.compile(rf"(?:o|{'|'.join(ELISIONS)}|\w{{4,}})'", re.IGNORECASE)
_LOWER_WORD = DICTIONARY | ATTESTED | PERIOD

LOST_A = ("a", "&", "4")
"""What « à », the commonest accented word, is read as."""

MAX_LENGTH = 40
"""No French word is longer; what is longer is left alone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may have been printed.

    Attributes:
        text: as it would stand in the reading, line break included.
        changes: the classes of damage that would have struck it.
        pieces: its ids in the language model.
    """

    text: str
    changes: tuple[Change, ...]
    pieces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a spelling is, anywhere.

    Attributes:
        text: as read.
        pieces: its ids in the language model, 0 for a piece the lexicon does not hold.
        known: whether the lexicon holds it, in this case.
        protected: whether nothing may change it: a number, a code, capitals.
        well_formed: whether it is made like a word: letters, apostrophes and hyphens alone.
        candidates: what else may have been printed; for a known word, by its accents or one confusion.
    """

    text: str
    pieces: tuple[int, ...]
    known: bool
    protected: bool
    well_formed: bool
    candidates: tuple[Candidate, ...]

    @property
    def strange(self) -> bool:
        """Whether it is no word and no known damage makes it one."""
        return not self.known and all(candidate.changes == (EDIT,) for candidate in self.candidates)


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A sound spelling of a word as read: lower case, its accent changes, its ids."""

    text: str
    changes: tuple[Change, ...]
    pieces: tuple[int, ...]


class Analyser:
    """Analyses spellings with one language index and one table of confusions."""

    def __init__(self, language: Language, confusions: Confusions) -> None:
        self.language = language
        self.confusions = confusions
        self._lexicon = language.lexicon
        self.analyse = lru_cache(maxsize=200_000)(self._analyse)

    def _analyse(self, text: str) -> Analysis:
        straight = text.replace("’", "'")
        broken = BREAK.search(straight)
        if broken:
            return self._broken(text, straight, broken)
        if straight not in LOST_A and not any(char.isalpha() for char in straight):
            number = self._lexicon.id(NUMBER)
            return Analysis(text, (number,), True, True, True, ())
        known, pieces = self._recognise(straight)
        if straight.isdigit():
            pieces = (self._lexicon.id(NUMBER),)
        known = known or straight in LOST_A
        well_formed = all(char.isalpha() or char in "'-‐‑" for char in straight) and (
            known or "'" not in straight or bool(_ELIDED.match(straight))
        )
        if len(text) > MAX_LENGTH or _protected(straight, known):
            return Analysis(text, pieces, known, True, well_formed, ())
        candidates = tuple(
            Candidate(_dress(found.text, text), found.changes, found.pieces)
            for found in self._candidates(straight, known, well_formed)
        )
        return Analysis(text, pieces, known, False, well_formed, candidates)

    def _broken(self, text: str, straight: str, place: re.Match[str]) -> Analysis:
        """Analyse a word that a line break cuts: joined, or with its hyphen, whichever is a word."""
        if BREAK.search(straight, place.end()):
            return Analysis(text, (0,), False, True, False, ())
        joined = straight[: place.start()] + straight[place.end() :]
        hyphened = straight[: place.start()] + "-" + straight[place.end() :]
        whole = joined if self.analyse(joined).known else hyphened
        analysis = self.analyse(whole)
        if not analysis.known and self.analyse(joined).candidates:
            whole, analysis = joined, self.analyse(joined)
        hyphens = text[place.start() : place.end()]
        kept = []
        for candidate in analysis.candidates:
            if len(candidate.text) == len(whole):  # the break keeps its place
                cut = place.start()
                rest = candidate.text[cut:] if whole is joined else candidate.text[cut + 1 :]
                kept.append(
                    Candidate(candidate.text[:cut] + hyphens + rest, candidate.changes, candidate.pieces)
                )
        return Analysis(
            text, analysis.pieces, analysis.known, analysis.protected, analysis.well_formed, tuple(kept)
        )

    def _recognise(self, word: str) -> tuple[bool, tuple[int, ...]]:
        """Say whether the lexicon holds a word in its case, and return its ids."""
        lexicon = self._lexicon
        ids: list[int] = []
        match = _ELISION.match(word)
        if match and fold(word[match.end()].lower()) in VOWELS:
            ids.append(lexicon.id(match[1].lower()))
            word = word[match.end() :]
        known, found = self._known(word)
        parts = word.split("-")
        if known or len(parts) == 1:
            return known, (*ids, found)
        results = [self._known(part) for part in parts]
        if not all(known for known, _ in results):
            # A hyphen from a line's end, the break since lost: « seu-lement ».
            for place in range(len(parts) - 1):
                joined = [*parts[:place], parts[place] + parts[place + 1], *parts[place + 2 :]]
                found_joined = [self._known(part) for part in joined]
                if all(known for known, _ in found_joined):
                    results = found_joined
                    break
        return all(known for known, _ in results), (*ids, *(number for _, number in results))

    def _known(self, word: str) -> tuple[bool, int]:
        found = self._lexicon.word(word.lower())
        if found is None:
            return False, 0
        proper = not word.islower()
        return bool(found.flags & (_LOWER_WORD | (NAME | ATTESTED_NAME if proper else 0))), found.id

    def _candidates(self, word: str, known: bool, well_formed: bool) -> list[_Spelling]:
        """Return what may have been printed, fewest confusions first: more are tried where none is found."""
        capital = word[:1].isupper() and not (word[0] == "I" and word[1:2].islower())
        hyphened = "-" in word  # half of a word looks like damage: accents only
        shapes = not hyphened and (not capital or not well_formed)
        best: dict[str, _Spelling] = {}
        for depth in range(1, (1 if known else 2 if well_formed else 3) + 1):
            for variant in self.confusions.variants(word, depth, shapes):
                self._collect(word, known, variant, best)
            if best:
                break
        if not best and not known and well_formed:
            for text in suggestions(word):
                best[text] = _Spelling(text, (EDIT,), (self._lexicon.id(text),))
        return [best[text] for text in sorted(best)]

    def _collect(self, word: str, known: bool, variant: Variant, best: dict[str, _Spelling]) -> None:
        """Add the spellings that a variant may have, each with the fewest changes."""
        supposed = {printed for printed, _ in variant.changes}
        for spelling in self._spellings(variant.text):
            text = _recase(spelling.text, variant.text)
            changes = variant.changes + spelling.changes
            if text == word or not changes or (known and len(changes) > 1):
                continue
            if any(read in supposed for _, read in spelling.changes):
                continue  # the accent that the table supposes is not there after all
            if text not in best or len(changes) < len(best[text].changes):
                best[text] = _Spelling(text, changes, spelling.pieces)

    def _spellings(self, word: str) -> list[_Spelling]:
        """Return the sound spellings that differ from a word by accents alone, itself included."""
        lowered = word.lower()
        if len(lowered) != len(word):
            return []
        prefix, ids = "", ()  # type: str, tuple[int, ...]
        match = _ELISION.match(lowered)
        if match:
            if fold(lowered[match.end()]) not in VOWELS:
                return []
            prefix, ids = match[1], (self._lexicon.id(match[1]),)
        core = lowered[len(prefix) :]
        if not core:
            return []
        proper = word[len(prefix)].isupper()
        capitals = len(core) > 1 and word[len(prefix) :].isupper()
        whole = self._accented(core, proper, capitals)
        if not whole and "-" in core:
            parts = [self._accented(part, proper, capitals) for part in core.split("-")]
            if all(parts) and 2 <= len(parts) <= 4 and all(len(part) > 1 for part in core.split("-")):
                for combination in product(*(part[:3] for part in parts)):
                    whole.append(
                        _Spelling(
                            "-".join(part.text for part in combination),
                            tuple(change for part in combination for change in part.changes),
                            tuple(number for part in combination for number in part.pieces),
                        )
                    )
        found = []
        for spelling in whole:
            changes = spelling.changes
            if proper and changes and spelling.text[0] != core[0]:
                changes = ((changes[0][0].upper(), changes[0][1].upper()), *changes[1:])
            found.append(_Spelling(prefix + spelling.text, changes, ids + spelling.pieces))
        return found

    def _accented(self, core: str, proper: bool, capitals: bool) -> list[_Spelling]:
        found = []
        for text in [core] if capitals else self._lexicon.spelt_like(core):
            word = self._lexicon.word(text)
            if word is None:
                continue
            if not word.flags & (DICTIONARY | ATTESTED | (NAME if proper else 0)) and text != core:
                continue
            if not proper and not word.flags & _LOWER_WORD:
                continue
            changes = _accent_changes(text, core)
            if changes is not None:
                found.append(_Spelling(text, changes, (word.id,)))
        return found


def _accent_changes(printed: str, read: str) -> tuple[Change, ...] | None:
    """Return the letters that differ between two spellings alike but for accents and ligatures.

    >>> _accent_changes("œuvré", "oeuvre")
    (('œ', 'oe'), ('é', 'e'))
    """
    changes = []
    place = 0
    for char in printed:
        width = 2 if char in "œæ" and read[place : place + 1] != char else 1
        there = read[place : place + width]
        if there != char:
            if fold(there) != fold(char):
                return None
            changes.append((char, there))
        place += width
    return tuple(changes) if place == len(read) else None


def _recase(spelling: str, model: str) -> str:
    """Give a lower-case spelling the capitals of a word of the same letters."""
    if model.islower():
        return spelling
    letters = []
    place = 0
    for char in spelling:
        width = 2 if char in "œæ" and model[place : place + 1].lower() != char else 1
        capital = model[place : place + 1].isupper() and not model[place - 1 : place].islower()
        letters.append(char.upper() if capital else char)  # « pAture »: a small letter misread
        place += width
    return "".join(letters)


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
