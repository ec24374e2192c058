"""`prote check-decisions`: which of the curators' decisions hold in the corpus as the last run left it.

Each decision is a test case of the corpus. Its place is sought in the reading that is kept, and what stands
there is compared with what was ruled: nothing is read, repaired or written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from flows.decisions import Decisions
from flows.exits import ExitCode, Stop
from flows.state import FILE, FOLDER, State
from flows.survey import survey
from repair.decisions.honour import ruled_by
from repair.decisions.places import locate
from repair.decisions.refit import Refit
from repair.decisions.ruling import Ruling, Scope, Verdict
from repair.document import Outcome, Status
from repair.edits import Decision, applied


class Standing(StrEnum):
    """Whether a ruling in force holds; the graver comes first."""

    CONFLICT = "in conflict"
    """Another says something else of the same place: the doubt stays."""
    GONE = "document gone"
    MOVED = "raw file changed"
    """What was ruled on is not found in it any more, or it is not the file that was released."""
    OTHERWISE = "text says otherwise"
    WAITS = "waits for a run"
    """It was said, or its document changed, after the last run."""
    OVERRULED = "overruled"
    """The document is left as it is."""
    HOLDS = "holds"
    UNUSED = "nothing to rule on"
    """The program makes no such proposal, or the document passes by itself."""


FAILING = frozenset({Standing.CONFLICT, Standing.GONE, Standing.MOVED, Standing.OTHERWISE})
"""What a person should look at."""

_ORDER = list(Standing)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one ruling.

    Attributes:
        ruling: in force.
        standing: whether it holds.
        places: at how many places it does.
    """

    ruling: Ruling
    standing: Standing
    places: int = 0


@dataclass(frozen=True, slots=True)
class Standings:
    """What was found of a journal.

    Attributes:
        checked: the rulings in force, those first that a person should look at, then by the day.
        taken_back: how many rulings hold no more because somebody said so.
        refit: what they say of the program's probabilities.
    """

    checked: tuple[Checked, ...]
    taken_back: int
    refit: Refit

    @property
    def failing(self) -> int:
        """How many do not hold."""
        return sum(found.standing in FAILING for found in self.checked)


def check(raw: Path, clean: Path, rulings: Sequence[Ruling]) -> Standings:
    """Say which rulings hold.

    Args:
        raw: the raw folder.
        clean: the output folder.
        rulings: of the journal, those taken back among them.

    Raises:
        Stop: if nothing was processed yet.
    """
    if not (clean / FOLDER / FILE).is_file():
        raise Stop(f"nothing was processed in {clean} yet: prote run does", ExitCode.NO_RELEASE)
    state = State(clean, write=False)
    decisions = Decisions(rulings)
    now = {entry.source.name: entry.source for entry in survey(raw)}
    found: defaultdict[str, list[tuple[Standing, int]]] = defaultdict(list)
    kept: defaultdict[str, set[str]] = defaultdict(set)
    concerned: defaultdict[str, dict[str, Ruling]] = defaultdict(dict)
    for path, name, digest, proposals, _, ids in state.ruled():
        kept[path] |= set(ids.split())
        for ruling in (*decisions.concerning(name, path, digest, proposals), *decisions.releases(name)):
            concerned[path][ruling.id] = ruling
    for path, those in concerned.items():
        outcome = state.outcome(path)
        source = now.get(outcome.source.name)
        for ruling in those.values():
            if source is None:
                standing = Standing.GONE, 0
            elif source.sha256 != outcome.source.sha256 and ruling.verdict is not Verdict.RELEASE:
                standing = Standing.WAITS, 0
            else:
                standing = _standing(ruling, outcome, ruling.id in kept[path], those.values())
            found[ruling.id].append(standing)
    checked = [_sum(ruling, found[ruling.id], ruling.document in now) for ruling in decisions.rulings]
    checked.sort(key=lambda one: (_ORDER.index(one.standing), one.ruling.when, one.ruling.id))
    said = sum(ruling.verdict is not Verdict.REVERSE for ruling in rulings)
    return Standings(tuple(checked), said - len(checked), decisions.refit)


def _sum(ruling: Ruling, found: Sequence[tuple[Standing, int]], there: bool) -> Checked:
    """Return what was found of a ruling in all documents: the gravest."""
    if not found:
        named = ruling.scope in (Scope.HERE, Scope.DOCUMENT)
        standing = Standing.UNUSED if not named else Standing.WAITS if there else Standing.GONE
        return Checked(ruling, standing)
    if ruling.scope in (Scope.COLLECTION, Scope.EVERYWHERE):  # a document that went took its places along
        found = [one for one in found if one[0] is not Standing.GONE] or [(Standing.UNUSED, 0)]
    gravest = min((standing for standing, _ in found), key=_ORDER.index)
    return Checked(ruling, gravest, sum(places for _, places in found))


def _standing(
    ruling: Ruling, outcome: Outcome, known: bool, others: Sequence[Ruling]
) -> tuple[Standing, int]:
    """Return whether a ruling holds in one document, and at how many places.

    Args:
        ruling: that concerns it.
        outcome: what became of it.
        known: whether the last run that processed it knew the ruling.
        others: all that concern it.
    """
    amiss = (Standing.OTHERWISE if known else Standing.WAITS), 0
    document = outcome.document
    if ruling.verdict is Verdict.RELEASE:
        if ruling.sha256 != outcome.source.sha256:
            return Standing.MOVED, 0
        if outcome.status is not Status.PUBLISHED:
            return amiss
        return (Standing.HOLDS, 1) if outcome.reasons else (Standing.UNUSED, 0)
    if document is None:
        return (Standing.MOVED, 0) if ruling.scope is Scope.HERE else (Standing.UNUSED, 0)
    mine = [edit for edit in document.repairs if ruling.id in ruled_by(edit)]
    if ruling.verdict is Verdict.LEAVE:
        return amiss if applied(document.repairs) else (Standing.HOLDS, len(mine))
    if any(one.verdict is Verdict.LEAVE for one in others) and not applied(document.repairs):
        return Standing.OVERRULED, 0
    if any(edit.decision is Decision.REVIEW for edit in mine):
        return Standing.CONFLICT, 0
    if ruling.scope is not Scope.HERE:
        if mine:
            return Standing.HOLDS, len(mine)
        open_ = any(
            edit.decision in (Decision.APPLIED, Decision.REVIEW) and not ruled_by(edit)
            for edit in document.repairs
            if (edit.before, edit.after) == (ruling.before, ruling.after)
        )
        return amiss if open_ else (Standing.UNUSED, 0)
    start = locate(document.reading.text, ruling)
    if start is None:
        return Standing.MOVED, 0
    end = start + len(ruling.before)
    there = [
        edit
        for edit in applied(document.repairs)
        if (edit.start < end and start < edit.end) or (edit.start, edit.end) == (start, end)
    ]
    printed = [(edit.start, edit.end, edit.after) for edit in there]
    wanted = [] if ruling.outcome == ruling.before else [(start, end, ruling.outcome)]
    return (Standing.HOLDS, 1) if printed == wanted else amiss
