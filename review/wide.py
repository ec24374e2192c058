"""What decisions of wider scopes do to each other: the narrowest of the same words, and words that meet.

Where what one decision prints meets what another of the same scope prints, neither stands, and where it meets
what nobody has decided, nothing else can stand there: as `repair.decisions.honour` has it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from repair.decisions.ruling import Ruling, Scope

Width = tuple[int, int]
_ORDER = (Scope.HERE, Scope.DOCUMENT, Scope.COLLECTION, Scope.EVERYWHERE)

_MEET = (
    " FROM place AS mine JOIN place AS other ON other.document = mine.document AND other.id <> mine.id"
    " AND other.start BETWEEN mine.start - ? AND mine.end"
    " AND (other.start < mine.end AND other.end > mine.start"
    " OR other.start = mine.start AND other.end = mine.end)"
)
_BESIDE = f"SELECT DISTINCT other.question{_MEET} WHERE mine.question = ? AND mine.crowded"
_AT = (
    f"SELECT mine.id, mine.probability, mine.start, mine.end, other.start, other.end, before, after{_MEET}"  # noqa: S608 - as above
    " JOIN main.question AS asked ON asked.id = other.question"
    " WHERE mine.question = ? AND mine.document = ? AND mine.crowded"
    " AND mine.id NOT IN (SELECT place FROM state.settled)"
)


def width(ruling: Ruling) -> Width:
    """Return how wide the scope of a decision is: of two folders, the one inside the other is narrower."""
    return _ORDER.index(ruling.scope), -ruling.collection.count("/")


def narrowest(rulings: Iterable[Ruling]) -> list[Ruling]:
    """Return the decisions of the narrowest scope."""
    rulings = list(rulings)
    least = min(map(width, rulings), default=None)
    return [ruling for ruling in rulings if width(ruling) == least]


def holds(rulings: Iterable[Ruling]) -> bool:
    """Say whether decisions of one scope on the same words say one thing."""
    return len({ruling.outcome for ruling in rulings}) == 1


@dataclass(slots=True)
class Excepted:
    """A place that is not as the decisions on its own words say.

    Attributes:
        start: code points in the reading.
        end: one past the last.
        probability: that what is proposed is right.
        rulings: on the words that meet it.
    """

    start: int
    end: int
    probability: float
    rulings: list[Ruling]


class Crowd:
    """The places of a release that meet others."""

    def __init__(self, base: sqlite3.Connection, longest: int) -> None:
        """Look for them.

        Args:
            base: the index of the release.
            longest: code points of the longest place.
        """
        self._base, self._longest = base, longest
        self._asked = {
            question for (question,) in base.execute("SELECT DISTINCT question FROM place WHERE crowded")
        }

    def beside(self, questions: Iterable[int]) -> set[int]:
        """Return the questions some places of which meet those of some."""
        found: set[int] = set()
        for question in self._asked.intersection(questions):
            found |= {other for (other,) in self._base.execute(_BESIDE, (self._longest, question))}
        return found

    def excepted(
        self, question: int, document: int, mine: list[Ruling], said: Callable[[str, str], list[Ruling]]
    ) -> dict[int, Excepted]:
        """Return the places of a question that are open though it is decided, or settled though it is not.

        Args:
            question: its number.
            document: where, by its number.
            mine: the narrowest decisions on it there.
            said: gives those on other words there.
        """
        found: dict[int, Excepted] = {}
        if question not in self._asked:
            return found
        change = _change(mine)
        if mine and change is None:
            return found
        rows = self._base.execute(_AT, (self._longest, question, document)).fetchall()
        for place, probability, start, end, low, high, before, after in rows:
            theirs = said(before, after)
            other = _change(theirs)
            if other is None:
                continue
            same = change is not None and (start, end, change[1]) == (low, high, other[1])
            if change is None or (change[0] == other[0] and not same):
                found.setdefault(place, Excepted(start, end, probability, [])).rulings.extend(theirs)
        return found


def _change(rulings: list[Ruling]) -> tuple[Width, str | None] | None:
    """Return how wide decisions are, and what they print, if that is one thing, and not what was read."""
    if not holds(rulings) or rulings[0].outcome == rulings[0].before:
        return None
    return width(rulings[0]), rulings[0].outcome
