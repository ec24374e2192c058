"""What an engine reads in place of what is printed, and the words that this may have made.

The table is data (`dictionaries/confusions.toml`). A :data:`Change` names a class of damage by
what was printed and what was read: ``("é", "e")``. :meth:`Confusions.variants` turns a word as
read into the words that the table says may have been printed; accents are left to the lexicon,
which knows all spellings that differ by accents alone. A class that the table does not list is a
chance slip of one letter.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from repair.language.tokens import fold

Change = tuple[str, str]
"""A class of damage: what was printed, what was read."""

VOWELS = frozenset(("a", "e", "i", "o", "u", "y", "h", "oe", "ae"))
"""What an elision stands before, accents folded."""

LETTERS = 40
"""Signs that a letter may be taken for, all alike where the table says nothing."""

ELISION, APOSTROPHE, INITIAL, WHOLE, ANY = "elision", "lost-apostrophe", "initial", "whole", "any"
QUOTED, BETWEEN, ELIDED = "quoted", "between", "elided"


@dataclass(frozen=True, slots=True)
class Confusion:
    """A line of the table.

    Attributes:
        printed: what stands on the page, apostrophes straight.
        read: what comes out, apostrophes straight.
        where: place in the word: ``elision``, ``lost-apostrophe``, ``initial``, ``whole``, ``any``,
            ``quoted``, ``elided`` or ``between`` two words (which `correction/` looks for itself).
        prior: P(read | printed) where nothing is known of the document.
        example: a word as read, and as printed.
    """

    printed: str
    read: str
    where: str
    prior: float
    example: tuple[str, str]

    @property
    def change(self) -> Change:
        """The class of damage."""
        return (self.printed, self.read)


@dataclass(frozen=True, slots=True)
class Variant:
    """A word that may have been printed, accents apart.

    Attributes:
        text: its letters, case as read.
        changes: the classes of damage that made the word as read out of it.
    """

    text: str
    changes: tuple[Change, ...]


class Confusions:
    """The table of confusions, by what is read."""

    def __init__(
        self,
        entries: tuple[Confusion, ...],
        accent_prior: float,
        capital_prior: float,
        edit_prior: float,
    ) -> None:
        self.entries = entries
        self.edit_prior = edit_prior
        self._accent_prior = accent_prior
        self._capital_prior = capital_prior
        self._priors = {entry.change: entry.prior for entry in entries}
        self.by_letter: dict[str, list[tuple[str, str, float]]] = {}
        for entry in entries:
            if entry.where == ANY:
                line = (entry.printed, entry.read, -math.log(entry.prior))
                self.by_letter.setdefault(entry.printed[0], []).append(line)
        self._costs: dict[Change, float] = {}
        self._inside = [entry for entry in entries if entry.where == ANY]
        self._initial = [entry for entry in entries if entry.where in (ELISION, APOSTROPHE, INITIAL)]
        self._whole = [entry for entry in entries if entry.where == WHOLE]

    def listed(self, change: Change) -> bool:
        """Say whether a class is of the table or the loss of an accent, and no chance slip of a letter."""
        return change in self._priors or _same_letter(change)

    def prior(self, change: Change) -> float:
        """Return P(read | printed) of a class before a document is known.

        Classes that the table does not list are chance slips: one letter for another, dropped or
        added (:data:`LETTERS`).
        """
        known = self._priors.get(change)
        if known is not None:
            return known
        if _same_letter(change):
            return self._capital_prior if change[0].isupper() else self._accent_prior
        return self.edit_prior * slip(change)

    def cost(self, change: Change) -> float:
        """Return -ln of the prior of a class."""
        found = self._costs.get(change)
        if found is None:
            found = self._costs[change] = -math.log(self.prior(change))
        return found

    def variants(self, word: str, depth: int, shapes: bool = True) -> list[Variant]:
        """Return the words that may have been printed where `word` was read, itself first.

        Args:
            word: as read, apostrophes straight, case kept.
            depth: how many confusions may meet in it, at most.
            shapes: whether letters inside the word may have been mistaken, or its beginning alone.
        """
        found = {word: Variant(word, ())}
        for entry in self._whole:
            if word == entry.read:
                found.setdefault(entry.printed, Variant(entry.printed, (entry.change,)))
        self._beginnings(word, found)
        if shapes:
            for variant in list(found.values()):
                self._inner(variant, 0, depth - len(variant.changes), found)
        return list(found.values())

    def _beginnings(self, word: str, found: dict[str, Variant]) -> None:
        for entry in self._initial:
            if word.startswith(entry.read) and len(word) > len(entry.read):
                rest = word[len(entry.read) :]
                if entry.where == INITIAL and not rest[0].isalpha():
                    continue
                if entry.where == APOSTROPHE and fold(rest[0].lower()) not in VOWELS:
                    continue
                found.setdefault(entry.printed + rest, Variant(entry.printed + rest, (entry.change,)))

    def _inner(self, variant: Variant, start: int, depth: int, found: dict[str, Variant]) -> None:
        if depth <= 0:
            return
        word = variant.text
        for entry in self._inside:
            if entry.read not in word:
                continue
            place = word.find(entry.read, start)
            while place >= 0:
                text = word[:place] + entry.printed + word[place + len(entry.read) :]
                if text not in found:
                    changed = Variant(text, (*variant.changes, entry.change))
                    found[text] = changed
                    self._inner(changed, place + len(entry.printed), depth - 1, found)
                place = word.find(entry.read, place + 1)


def slip(change: Change) -> float:
    """Return which share of the slips of a letter is this one: most change it, some drop or add one.

    >>> [round(slip(change), 4) for change in (("m", "n"), ("m", ""), ("", "m"))]
    [0.0175, 0.15, 0.0037]
    """
    printed, read = change
    if not read:
        return 0.15
    return (0.7 if printed else 0.15) / LETTERS


def _same_letter(change: Change) -> bool:
    """Say whether two signs differ by an accent or a ligature alone."""
    printed, read = change
    return bool(printed) and bool(read) and printed != read and fold(printed.lower()) == fold(read.lower())


def _entries(table: dict[str, Any]) -> Iterator[Confusion]:
    for line in table["confusion"]:
        read, printed = line["example"]
        for shape in line["read"]:
            yield Confusion(line["printed"], shape, line["where"], float(line["prior"]), (read, printed))


@lru_cache(maxsize=1)
def load_confusions() -> Confusions:
    """Return the table that ships with the program."""
    source = files("dictionaries") / "confusions.toml"
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    return Confusions(
        tuple(_entries(table)), table["accent_prior"], table["capital_prior"], table["edit_prior"]
    )
