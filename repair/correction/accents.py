"""The sound spellings of a word that lost its accents: what the lexicon holds that differs by them alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from repair.damage.confusions import VOWELS, Change
from repair.language.index import ATTESTED, DICTIONARY, NAME, PERIOD, Lexicon
from repair.language.tokens import ELISIONS, fold

ELISION = re.compile(rf"((?:{'|'.join(ELISIONS)})')(?=[^\W\d_])", re.IGNORECASE)
"""What is elided onto a word."""

LOWER_WORD = DICTIONARY | ATTESTED | PERIOD
"""Flags of the words that are written in small letters."""

_PARTS, _EACH = 4, 3
"""Hyphenated words of more parts are left alone; of each part so many spellings are tried."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A sound spelling of a word as read: lower case, what was changed in it, its ids."""

    text: str
    changes: tuple[Change, ...]
    pieces: tuple[int, ...]


def sound_spellings(word: str, lexicon: Lexicon) -> list[Spelling]:
    """Return the sound spellings that differ from a word by accents alone, itself included."""
    lowered = word.lower()
    if len(lowered) != len(word):
        return []
    prefix, ids = "", ()  # type: str, tuple[int, ...]
    match = ELISION.match(lowered) if "'" in lowered else None
    if match:
        if fold(lowered[match.end()]) not in VOWELS:
            return []
        prefix, ids = match[1], (lexicon.id(match[1]),)
    core = lowered[len(prefix) :]
    if not core or ("-" not in core and not lexicon.spelt_like(core)):
        return []
    proper = word[len(prefix)].isupper()
    capitals = len(core) > 1 and word[len(prefix) :].isupper()
    whole = _accented(core, proper, capitals, lexicon)
    if not whole and "-" in core:
        whole = _rejoined(core, proper, capitals, lexicon) or _hyphened(
            core.split("-"), proper, capitals, lexicon
        )
    found = []
    for spelling in whole:
        changes = spelling.changes
        if proper and changes and spelling.text[0] != core[0]:
            changes = ((changes[0][0].upper(), changes[0][1].upper()), *changes[1:])
        found.append(Spelling(prefix + spelling.text, changes, ids + spelling.pieces))
    return found


def _rejoined(core: str, proper: bool, capitals: bool, lexicon: Lexicon) -> list[Spelling]:
    """Return the spellings of a word that the end of a line cut in two, the line end since lost."""
    cut = core.index("-")
    if "-" in core[cut + 1 :]:
        return []
    found = _accented(core[:cut] + core[cut + 1 :], proper, capitals, lexicon)
    return [
        Spelling(f"{spelling.text[:cut]}-{spelling.text[cut:]}", spelling.changes, spelling.pieces)
        for spelling in found
        if len(spelling.text) == len(core) - 1
    ]


def _hyphened(names: list[str], proper: bool, capitals: bool, lexicon: Lexicon) -> list[Spelling]:
    if len(names) > _PARTS or any(len(name) < 2 for name in names):
        return []
    parts = [_accented(name, proper, capitals, lexicon)[:_EACH] for name in names]
    return [
        Spelling(
            "-".join(part.text for part in combination),
            tuple(change for part in combination for change in part.changes),
            tuple(number for part in combination for number in part.pieces),
        )
        for combination in product(*parts)
    ]


def _accented(core: str, proper: bool, capitals: bool, lexicon: Lexicon) -> list[Spelling]:
    found = []
    for text in [core] if capitals else lexicon.spelt_like(core):
        word = lexicon.word(text)
        if word is None:
            continue
        if not word.flags & (DICTIONARY | ATTESTED | (NAME if proper else 0)) and text != core:
            continue
        if not proper and not word.flags & LOWER_WORD:
            continue
        changes = _accent_changes(text, core)
        if changes is not None:
            found.append(Spelling(text, changes, (word.id,)))
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


def recase(spelling: str, model: str) -> str:
    """Give a lower-case spelling the capitals of a word of the same letters.

    >>> recase("être", "Etre"), recase("pâture", "pAture")
    ('Être', 'pâture')
    """
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
