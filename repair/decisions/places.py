"""Where the rulings of single places are in a reading, and which of them contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repair.decisions.ruling import Ruling
from repair.edits import Edit


def locate(text: str, ruling: Ruling) -> int | None:
    """Return where the place of a ruling of scope ``here`` begins in a reading; None where it is not found.

    It is where it was; else where the same words stand between the same words, and nowhere else.
    """
    place = ruling.place
    if place is None or ruling.outcome is None:
        return None
    sought = place.left + ruling.before + place.right
    first = place.start - len(place.left)
    if 0 <= first <= len(text) and text.startswith(sought, first):
        return place.start
    first = text.find(sought)
    if first < 0 or text.find(sought, first + 1) >= 0:
        return None
    return first + len(place.left)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a ruling of scope ``here`` was found in the reading."""

    start: int
    end: int
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Region:
    """Places that meet, and what their rulings say together.

    Attributes:
        places: in order.
        agreed: whether the rulings can all be obeyed.
    """

    places: tuple[Found, ...]
    agreed: bool

    @property
    def start(self) -> int:
        """The first code point of all places."""
        return self.places[0].start

    @property
    def end(self) -> int:
        """One past the last."""
        return max(place.end for place in self.places)

    @property
    def rulings(self) -> list[Ruling]:
        """What was ruled of the places."""
        return [place.ruling for place in self.places]

    @property
    def change(self) -> Ruling | None:
        """The first ruling that wants something else printed than was read."""
        return next((ruling for ruling in self.rulings if ruling.outcome != ruling.before), None)


def meet(one: Edit | Found, other: Edit | Found) -> bool:
    """Say whether two places share a sign, or are the same point; to touch is not to meet."""
    if one.start < other.end and other.start < one.end:
        return True
    return (one.start, one.end) == (other.start, other.end)


def disputed(places: Iterable[tuple[int, Ruling]]) -> frozenset[str]:
    """Return the ids of the rulings that contradict others of places that meet theirs.

    Args:
        places: where each begins in one reading, and the ruling, of scope ``here``.
    """
    return frozenset(
        ruling.id for region in find_regions(places) if not region.agreed for ruling in region.rulings
    )


def find_regions(found: Iterable[tuple[int, Ruling]]) -> list[Region]:
    """Return the places of rulings in a reading, those that meet together; in order and disjoint.

    Args:
        found: where each begins, and the ruling, of scope ``here``.
    """
    places = [Found(start, start + len(ruling.before), ruling) for start, ruling in found]
    places.sort(key=lambda place: (place.start, place.end))
    groups: list[list[Found]] = []
    end = -1
    for place in places:
        if groups and (place.start < end or meet(groups[-1][-1], place)):
            groups[-1].append(place)
            end = max(end, place.end)
        else:
            groups.append([place])
            end = place.end
    return [Region(tuple(group), _agreed(group)) for group in groups]


def _agreed(places: Sequence[Found]) -> bool:
    """Say whether all say the same of the same place, or all want what was read."""
    said = {(place.start, place.end, place.ruling.outcome) for place in places}
    return len(said) == 1 or all(place.ruling.outcome == place.ruling.before for place in places)
