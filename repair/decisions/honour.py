"""How the repairs of a document obey the rulings that reach it.

:func:`honour` is what the pipeline calls, after the program has made its proposals. A ruling of scope
``here`` holds at its place whether or not the program proposes anything there; a wider one is about the
proposals of the program alone, and a narrower one goes before it. Rulings that say different things of one
place are a conflict: nothing is changed there, and the curator is asked again. :func:`subjects` is what is
kept of a document, so that a new ruling has only those processed again that it could be about.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

from repair.decisions.places import Region, find_regions, locate, meet
from repair.decisions.ruling import Ruling, Scope, Verdict
from repair.edits import Decision, Edit, Evidence, Kind

CURATOR = "curator"
"""The witness of a ruling, and the rule of an edit that only a curator proposed."""

DISPUTED = 0.5
"""Probability of a reading that one curator wants, another does not, and the program never proposed."""

_OPEN = (Decision.APPLIED, Decision.REVIEW)
_ID = re.compile(r"\(([0-9a-f]{12})\)$")


def reaching(rulings: Iterable[Ruling], name: str, path: str) -> tuple[Ruling, ...]:
    """Return the rulings on text that reach a document, in their order.

    Args:
        rulings: in force.
        name: of the document.
        path: of its raw file, below the raw folder, with ``/``.
    """
    return tuple(
        ruling for ruling in rulings if ruling.verdict is not Verdict.RELEASE and ruling.reaches(name, path)
    )


def honour(text: str, edits: Sequence[Edit], rulings: Sequence[Ruling]) -> list[Edit]:
    """Make the repairs of a document obey.

    Args:
        text: the reading.
        edits: its repairs, in order; those applied are disjoint.
        rulings: in force, that reach the document (`reaching`).

    Returns:
        The repairs in order, those applied disjoint; honoured once more they stay the same.
    """
    asked = {(edit.before, edit.after) for edit in edits}
    about = (
        ruling
        for ruling in rulings
        if ruling.outcome is None or ruling.scope is Scope.HERE or (ruling.before, ruling.after) in asked
    )
    rulings = sorted(about, key=lambda ruling: (ruling.when, ruling.id))  # a merge may exchange lines
    leave = [ruling for ruling in rulings if ruling.verdict is Verdict.LEAVE]
    if leave:
        return [_rejected(edit, leave) if edit.decision in _OPEN else edit for edit in edits]
    here = [ruling for ruling in rulings if ruling.scope is Scope.HERE]
    wider = [ruling for ruling in rulings if ruling.scope is not Scope.HERE]
    found = _honour_here(text, edits, here) if here else list(edits)
    return _honour_wider(found, wider) if wider else found


def ruled_by(edit: Edit) -> tuple[str, ...]:
    """Return the ids of the rulings that decided an edit; none where the program did."""
    found = []
    for evidence in edit.evidence:
        said = _ID.search(evidence.detail)
        if evidence.witness != CURATOR or said is None:
            break
        found.append(said[1])
    return tuple(found)


def subject_number(before: str, after: str) -> int:
    """Return a number of 64 bits for a proposal, the same on every machine."""
    spelt = f"{before}\0{after}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(spelt, digest_size=8).digest(), "little")


def subjects(edits: Iterable[Edit], rulings: Iterable[Ruling]) -> frozenset[int]:
    """Return what a wider ruling could be about in a document, as numbers (`subject_number`).

    Args:
        edits: its repairs, honoured.
        rulings: those that they obey: a correction hides what the program had proposed.
    """
    known = {ruling.id: ruling for ruling in rulings}
    found = set()
    for edit in edits:
        if edit.decision is not Decision.LEFT:
            found.add((edit.before, edit.after))
        found |= {(known[by].before, known[by].after) for by in ruled_by(edit) if by in known}
    return frozenset(subject_number(*pair) for pair in found)


def _honour_here(text: str, edits: Sequence[Edit], rulings: Sequence[Ruling]) -> list[Edit]:
    regions = find_regions(
        (start, ruling) for ruling in rulings if (start := locate(text, ruling)) is not None
    )
    ends = [region.end for region in regions]

    def met(edit: Edit) -> list[int]:
        found = []
        for number in range(bisect_left(ends, edit.start), len(regions)):
            if regions[number].start > edit.end:
                break
            if any(meet(edit, place) for place in regions[number].places):
                found.append(number)
        return found

    meetings = [met(edit) for edit in edits]
    meeting: list[list[tuple[int, Edit]]] = [[] for _ in regions]
    for at, numbers in enumerate(meetings):
        for number in numbers:
            meeting[number].append((at, edits[at]))
    chosen = {
        number: _choice(region, meeting[number])
        for number, region in enumerate(regions)
        if region.agreed and region.change is not None
    }
    disputed = {number for number, region in enumerate(regions) if not region.agreed}
    result = []
    for at, (edit, numbers) in enumerate(zip(edits, meetings, strict=True)):
        agreed = [number for number in numbers if regions[number].agreed]
        if not numbers:
            result.append(edit)
        elif agreed and chosen.get(agreed[0]) == at:
            result.append(_applied(edit, regions[agreed[0]].rulings))
        elif agreed:
            result.append(_rejected(edit, [one for number in agreed for one in regions[number].rulings]))
        elif edit.decision in _OPEN:
            result.append(_doubted(edit, [one for number in numbers for one in regions[number].rulings]))
            disputed.difference_update(numbers)
        else:
            result.append(edit)
    for number, region in enumerate(regions):
        if (number in chosen and chosen[number] is None) or number in disputed:
            result.append(_proposed(region))
    return sorted(result, key=lambda edit: (edit.start, edit.end))


def _choice(region: Region, met: Sequence[tuple[int, Edit]]) -> int | None:
    """Return which of the edits that meet a region proposes what is ruled, or what was corrected.

    Args:
        region: where something else than was read is wanted.
        met: the edits that meet it, with their numbers.
    """
    exact = [(at, edit) for at, edit in met if (edit.start, edit.end) == (region.start, region.end)]
    wanted = [region.rulings[0].outcome]
    for after in (wanted, [ruling.after for ruling in region.rulings]):
        for at, edit in exact:
            if edit.after in after:
                return at
    return None


def _proposed(region: Region) -> Edit:
    """Return the edit of a region where the program proposed nothing that fits: made, or disputed."""
    first = next(place for place in region.places if place.ruling is region.change)
    ruling = first.ruling
    edit = Edit(
        first.start,
        first.end,
        ruling.before,
        ruling.outcome or "",
        Kind.REPAIR,
        CURATOR,
        DISPUTED,
        Decision.REVIEW,
    )
    return _applied(edit, region.rulings) if region.agreed else _doubted(edit, region.rulings)


def _honour_wider(edits: Sequence[Edit], rulings: Sequence[Ruling]) -> list[Edit]:
    """Have rulings on all places of some words decide those that no curator has ruled on more narrowly."""
    said = _narrowest(rulings)
    result = list(edits)
    made: dict[int, list[Ruling]] = {}
    for at, edit in enumerate(edits):
        found = said.get((edit.before, edit.after))
        if found is None or edit.decision not in _OPEN or ruled_by(edit):
            continue
        outcomes = {ruling.outcome for ruling in found}
        if len(outcomes) > 1:
            result[at] = _doubted(edit, found)
        elif found[0].outcome == edit.before:
            result[at] = _rejected(edit, found)
        else:
            result[at] = _applied(edit, found)
            made[at] = found
    for one, other in _meetings(edits) if made else ():
        _part(edits, result, made, one, other)
    return result


def _part(
    edits: Sequence[Edit], result: list[Edit], made: dict[int, list[Ruling]], one: int, other: int
) -> None:
    """Decide between two edits that meet and that rulings made: they cannot both stand.

    The narrower goes before the wider, and what was ruled before what the program decided. Of two of the
    same width neither is made, unless they are the same.
    """
    if one not in made and other not in made:
        return
    if one in made and other in made:
        width = _width(made[one][0]), _width(made[other][0])
        same = (result[one].start, result[one].end, result[one].after) == (
            result[other].start,
            result[other].end,
            result[other].after,
        )
        if width[0] == width[1] and not same:
            both = list(dict.fromkeys(made[one] + made[other]))
            result[one], result[other] = _doubted(edits[one], both), _doubted(edits[other], both)
            return
        loser = one if width[1] < width[0] else other
    else:
        loser = other if one in made else one
    winner = other if loser == one else one
    if result[loser].decision in _OPEN and not (loser not in made and ruled_by(result[loser])):
        result[loser] = _rejected(edits[loser], made[winner])


def _narrowest(rulings: Sequence[Ruling]) -> dict[tuple[str, str], list[Ruling]]:
    """Return for each proposal the rulings on it that go before all others."""
    found: dict[tuple[str, str], list[Ruling]] = {}
    for ruling in rulings:
        if ruling.outcome is None:
            continue
        others = found.setdefault((ruling.before, ruling.after), [])
        if not others or _width(ruling) <= _width(others[0]):
            if others and _width(ruling) < _width(others[0]):
                others.clear()
            others.append(ruling)
    return found


def _width(ruling: Ruling) -> tuple[int, int]:
    """Return how wide the scope of a ruling is: of two folders, the one inside the other is narrower."""
    order = (Scope.HERE, Scope.DOCUMENT, Scope.COLLECTION, Scope.EVERYWHERE)
    return order.index(ruling.scope), -ruling.collection.count("/")


def _meetings(edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of edits that meet, by their numbers."""
    near: list[int] = []
    for at, edit in enumerate(edits):
        near = [other for other in near if edits[other].end >= edit.start]
        yield from ((other, at) for other in near if meet(edits[other], edit))
        near.append(at)


def _applied(edit: Edit, rulings: Sequence[Ruling]) -> Edit:
    after = rulings[0].outcome or ""
    return replace(
        edit, after=after, probability=1.0, decision=Decision.APPLIED, evidence=_evidence(edit, rulings)
    )


def _rejected(edit: Edit, rulings: Sequence[Ruling]) -> Edit:
    return replace(edit, probability=0.0, decision=Decision.REJECTED, evidence=_evidence(edit, rulings))


def _doubted(edit: Edit, rulings: Sequence[Ruling]) -> Edit:
    return replace(edit, decision=Decision.REVIEW, evidence=_evidence(edit, rulings))


def _evidence(edit: Edit, rulings: Sequence[Ruling]) -> tuple[Evidence, ...]:
    """Return the evidence of an edit that was ruled on, the rulings first."""
    said = tuple(Evidence(CURATOR, _said(ruling)) for ruling in dict.fromkeys(rulings))
    return said + edit.evidence[len(ruled_by(edit)) :]


def _said(ruling: Ruling) -> str:
    """Return a ruling in a line, which needs no translation; its id ends it."""
    why = f": {ruling.why}" if ruling.why else ""
    return f"{ruling.who}, {ruling.when}: {ruling.verdict}/{ruling.scope}{why} ({ruling.id})"
