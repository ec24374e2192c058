"""Damaged words, mended words, harmed words: what became of each word of the gold.

The measure goes by the words that the page prints (:func:`repair.evaluation.text.words`), found
in the reading and in the repaired text by aligning characters, so that a word split or joined
does not shift its neighbours:

- a word is *sound* in a text that has the same word at its place, with the same borders;
- it is *damaged* where it is not sound in the reading: of « dela » for « de la », both are;
- it is *fixed* where it is damaged, and sound in the repaired text by a change of its place;
- it is *harmed* where it is sound in the reading and no more in the repaired text: of « de la »
  joined by a repair, both are.

Words of the reading that the gold has no counterpart of, such as running heads, count for nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from repair.evaluation.text import Alignment, align, words
from repair.language.tokens import fold


class DamageClass(StrEnum):
    """What a reading, or a proposal, does to a word, whoever proposes it."""

    ACCENT = "accent"
    CAPITAL_ACCENT = "capital accent"
    """Accents of capitals alone: « Etat »."""
    LIGATURE = "ligature"
    """« oe » for « œ », with or without accents."""
    ELISION = "elision"
    """Before the apostrophe alone: « 1'Office », « 'efficacité »."""
    SPACE = "space"
    """Letters right, words split or joined."""
    SIGN = "sign"
    """Letters and digits right, hyphens, apostrophes and other signs not."""
    CASE = "case"
    NUMBER = "number"
    """The printed word holds a digit."""
    ONE_LETTER = "one letter"
    """One letter put in, left out or taken for another."""
    LETTERS = "letters"
    """More than one."""
    MISSING = "missing"
    """Nothing is read where the word stands."""


def classify(read: str, printed: str) -> DamageClass:
    """Say what distinguishes a reading from what is printed, both folded; the first that fits.

    >>> [classify(*words).value for words in [("etre", "être"), ("Etat", "État"), ("1'an", "l'an")]]
    ['accent', 'capital accent', 'elision']
    """
    bare, true = read.replace(" ", ""), printed.replace(" ", "")
    if bare == true:
        return DamageClass.SPACE
    if not bare:
        return DamageClass.MISSING
    if any(char.isdigit() for char in printed):
        return DamageClass.NUMBER
    if _letters(read) == _letters(printed):
        return DamageClass.SIGN
    small, right = bare.lower(), true.lower()
    if small == right:
        return DamageClass.CASE
    if fold(small) == fold(right):
        if any(char in right and char not in small for char in "œæ"):
            return DamageClass.LIGATURE
        differing = [there for here, there in zip(bare, true, strict=False) if here != there]
        capitals = len(bare) == len(true) and all(char.isupper() for char in differing)
        return DamageClass.CAPITAL_ACCENT if capitals else DamageClass.ACCENT
    head, apostrophe, tail = true.partition("'")
    if apostrophe and tail and bare.endswith(tail) and len(bare) - len(tail) <= len(head) + 1:
        return DamageClass.ELISION
    return DamageClass.ONE_LETTER if Levenshtein.distance(bare, true) == 1 else DamageClass.LETTERS


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@dataclass(frozen=True, slots=True)
class Fate:
    """A word of the gold that is damaged, or that was harmed.

    Attributes:
        printed: the word.
        read: what the reading has at its place, whole words.
        start: its place in the folded reading.
        end: one past it.
        damage: its class of damage; None for a sound word that was harmed.
        fixed: whether a damaged word was fixed.
    """

    printed: str
    read: str
    start: int
    end: int
    damage: DamageClass | None
    fixed: bool


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of the words of a gold.

    Attributes:
        words: how many it has.
        damaged: those damaged in the reading, fixed or not.
        harmed: those sound in the reading and no more in the repaired text.
    """

    words: int
    damaged: tuple[Fate, ...]
    harmed: tuple[Fate, ...]


def follow(gold: str, ocr: str, repaired: str) -> Fates:
    """Follow each word of the gold through the reading and the repaired text, all three folded."""
    in_ocr, in_repaired = words(ocr), words(repaired)
    to_ocr = align(gold, ocr)
    changed = repaired != ocr
    to_repaired = align(gold, repaired) if changed else to_ocr
    kept, kept_there = _kept(ocr, repaired, in_ocr, set(in_repaired))
    here, there = set(in_ocr), set(in_repaired)
    damaged, harmed = [], []
    printed_words = words(gold)
    for start, end in printed_words:
        printed = gold[start:end]
        place = _sound(printed, start, end, ocr, to_ocr, here)
        after = _sound(printed, start, end, repaired, to_repaired, there) if changed else place
        if place is None:
            low, high = _whole(to_ocr.place(start, end), in_ocr)
            read = ocr[low:high].strip()
            bounded = ocr[slice(*to_ocr.place(start, end))] == printed
            damage = DamageClass.SPACE if bounded else classify(read, printed)
            fixed = after is not None and after not in kept_there
            damaged.append(Fate(printed, read, low, high, damage, fixed))
        elif after is None and place not in kept:
            harmed.append(Fate(printed, printed, *place, None, False))
    return Fates(len(printed_words), tuple(damaged), tuple(harmed))


_Place = tuple[int, int]


def _sound(
    printed: str, start: int, end: int, text: str, alignment: Alignment, places: set[_Place]
) -> _Place | None:
    """Return the place of a word of the gold in a text that has it; None where it has not."""
    place = alignment.place(start, end)
    return place if place in places and text[slice(*place)] == printed else None


def _kept(
    ocr: str, repaired: str, in_ocr: list[_Place], there: set[_Place]
) -> tuple[set[_Place], set[_Place]]:
    """Return the words of the reading that stand unchanged in the repaired text, and their places there."""
    if ocr == repaired:
        return set(in_ocr), set(in_ocr)
    alignment = align(ocr, repaired)
    kept, images = set(), set()
    for place in in_ocr:
        image = alignment.place(*place)
        if image in there and repaired[slice(*image)] == ocr[slice(*place)]:
            kept.add(place)
            images.add(image)
    return kept, images


def _whole(place: _Place, places: list[_Place]) -> _Place:
    """Widen a place to the words that it touches."""
    start, end = place
    if start == end:
        return place
    first = bisect_right(places, start, key=lambda word: word[1])
    last = bisect_left(places, end, key=lambda word: word[0]) - 1
    if first <= last:
        return min(start, places[first][0]), max(end, places[last][1])
    return place
