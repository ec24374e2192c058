"""A question as it is put to a curator: its words, its place, its candidates, how far an answer goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repair.decisions.ruling import Ruling, Scope
from repair.edits import Evidence
from repair.layout import PageBox

SHOWN_DOCUMENTS = 8
"""Documents that are named where it is said what a scope would change."""


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the list: its words, its open places and documents, its value, and one of its places."""

    key: str
    before: str
    after: str
    places: int
    documents: int
    value: float
    place: Place


@dataclass(frozen=True, slots=True)
class Place:
    """A doubtful word at its place.

    Attributes:
        document: name.
        path: of its raw file.
        start: code points in the reading.
        end: one past the last.
        line: of the reading, from 1.
        page: from 1.
        left: what stands before it.
        right: what stands after it.
        rule: that proposed it.
        probability: that the proposal is right.
        evidence: the witnesses.
        boxes: where it stands on the picture of its page.
    """

    document: str
    path: str
    start: int
    end: int
    line: int
    page: int
    left: str
    right: str
    rule: str
    probability: float
    evidence: tuple[Evidence, ...]
    boxes: tuple[PageBox, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the page may print at a place; the first is what is asked."""

    after: str
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a decision of one scope would concern.

    Attributes:
        scope: how far it goes.
        collection: the folder, of a scope that has one.
        doubtful: open places.
        applied: places where the program has made the same change.
        documents: name, open places, applied places of the first of them.
        more: how many other documents there are.
    """

    scope: Scope
    collection: str
    doubtful: int
    applied: int
    documents: tuple[tuple[str, int, int], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question at one of its places.

    Attributes:
        key: stable name.
        before: what was read.
        after: what is proposed.
        place: where it is asked.
        others: its first other open places.
        places: how many are open.
        value: wrong words that the answer is expected to mend.
        candidates: what the page may print there.
        reaches: what each scope would concern.
        proposed: the scope that is chosen where nobody chooses.
        ruled: what was decided of this place, where it is not open; both sides of a conflict.
        number: its rank in the queue, from 1; 0 where it is not in it.
    """

    key: str
    before: str
    after: str
    place: Place
    others: tuple[Place, ...]
    places: int
    value: float
    candidates: tuple[Candidate, ...]
    reaches: tuple[Reach, ...]
    proposed: Scope
    ruled: tuple[Ruling, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Steps:
    """Where a question stands among those that one walks through.

    Attributes:
        previous: key of the one before; None where there is none.
        following: key of the one after.
        number: its rank, from 1; 0 where it is not among them.
        count: how many there are.
    """

    previous: str | None
    following: str | None
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Spot:
    """What a question has open in one document.

    Attributes:
        document: its number.
        name: of it.
        path: of its raw file.
        places: how many are open.
        value: wrong words that they are expected to be.
        made: places where the program has made the same change.
        decided: whether a wider decision holds there.
        excepted: numbers of the places that are open in spite of that, or settled without it.
    """

    document: int
    name: str
    path: str
    places: int
    value: float
    made: int
    decided: bool = False
    excepted: frozenset[int] = frozenset()


def reaches_of(place: Place, spots: Sequence[Spot]) -> tuple[Reach, ...]:
    """Return what each scope would concern, the narrowest first."""
    here = [spot for spot in spots if spot.name == place.document]
    reaches = [
        Reach(Scope.HERE, "", 1, 0, ((place.document, 1, 0),), 0),
        _reach(Scope.DOCUMENT, "", here),
    ]
    folder = place.path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        inside = [spot for spot in spots if spot.path.startswith(f"{folder}/")]
        reaches.append(_reach(Scope.COLLECTION, folder, inside))
    reaches.append(_reach(Scope.EVERYWHERE, "", spots))
    return tuple(reaches)


def _reach(scope: Scope, collection: str, spots: Sequence[Spot]) -> Reach:
    concerned = [spot for spot in spots if spot.places or spot.made]
    concerned.sort(key=lambda spot: (-spot.places - spot.made, spot.name))
    return Reach(
        scope,
        collection,
        sum(spot.places for spot in concerned),
        sum(spot.made for spot in concerned),
        tuple((spot.name, spot.places, spot.made) for spot in concerned[:SHOWN_DOCUMENTS]),
        max(0, len(concerned) - SHOWN_DOCUMENTS),
    )
