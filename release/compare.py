"""What changed from one release to another: documents, texts, edits by rule, figures.

`compare` reads the rows of all documents, and texts and edits of those alone that differ; it keeps figures,
and `changed_lines` gives the lines of one document. `prote diff` and the ``clean/changes/`` of each
publication show what it returns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from release.columns import DOCUMENTS, EDITS, REJECTS, REVIEW
from release.differences import LineChange, line_changes
from release.layout import DATA, LINEAGE, text_file
from release.ledger import read_text
from release.records import DECISIONS, RELEASE_VERSION, RELEASED, Lineage, StatusCounts
from release.tables import DamagedTable, Finder, read_figures
from repair.decisions.honour import CURATOR
from repair.decisions.recalibrate import CALIBRATION
from repair.document import Reason, Status
from repair.edits import Decision, Evidence, Kind

_DECIDE = (CURATOR, CALIBRATION)
"""Witnesses of what curators decided, themselves or by what was refitted to them."""


class Change(StrEnum):
    """What became of a document from one release to the next."""

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    RENAMED = "renamed"
    """The same raw file under another path."""
    CHANGED = "changed"


class Cause(StrEnum):
    """Why a document that stayed is published otherwise."""

    RAW = "raw file"
    """Its raw file is another."""
    PROGRAM = "program"
    """The program, its dictionaries or the engines are others."""
    DECISIONS = "decisions"
    """Curators ruled otherwise on it, and nothing else is."""
    CORPUS = "corpus"
    """Neither is: other documents answered it, or ``sources.toml`` says something else of it."""


class Brief(msgspec.Struct, frozen=True):
    """The columns of a document's row that are compared."""

    name: str
    path: str
    sha256: str
    status: Status
    reasons: tuple[Reason, ...]
    words: int | None
    damage_before: float | None
    damage_after: float | None
    known_rate: float | None
    digest: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How the edits that one rule made changed, over the documents that differ.

    The same words changed by the same rule at another place are the same edit: a line more at the head of
    a document would change all others.

    Attributes:
        rule: its name.
        appeared: edits made that were not.
        vanished: edits that were made, and are no more.
    """

    rule: str
    appeared: int
    vanished: int


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What changed in one document.

    Attributes:
        change: whether it is new, gone, called otherwise, or published otherwise.
        old: its row in the old release; None where it is new.
        new: in the new one; None where it is gone.
        cause: why it is published otherwise; None where it is new, gone or renamed.
        places: at how many places its normalised edition changed; `changed_lines` has them.
        rules: the rules whose edits changed, those with most changes first.
    """

    change: Change
    old: Brief | None
    new: Brief | None
    cause: Cause | None = None
    places: int = 0
    rules: tuple[RuleChange, ...] = ()

    @property
    def name(self) -> str:
        """Name of the document."""
        row = self.new or self.old
        assert row is not None  # noqa: S101 - one of the releases has it
        return row.name


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over a release; the damage is of the words of the documents that have text.

    Attributes:
        documents: how many have each status.
        words: in those with text.
        damage_before: share of the words damaged in the readings.
        damage_after: in the diplomatic editions.
        known_rate: share of the words of the diplomatic editions that the lexicon holds.
    """

    documents: StatusCounts
    words: int
    damage_before: float
    damage_after: float
    known_rate: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from a release to another.

    Attributes:
        old: ID of the first; empty where there was none.
        new: ID of the second.
        before: figures of the first; None where there was none.
        after: of the second.
        stable: figures of the documents that have text in both, from the same raw file, in each; but for
            those that curators had published otherwise.
        versions: what they were made with, where it differs: name, then value before and after.
        documents: the documents that differ, by name.
    """

    old: str
    new: str
    before: Figures | None
    after: Figures
    stable: tuple[Figures, Figures]
    versions: tuple[tuple[str, str, str], ...]
    documents: tuple[DocumentChange, ...]

    def of(self, change: Change) -> tuple[DocumentChange, ...]:
        """Return the documents with which this happened, by name."""
        return tuple(found for found in self.documents if found.change is change)

    @property
    def rules(self) -> tuple[RuleChange, ...]:
        """The rules whose edits changed, over all documents that stayed, those with most changes first."""
        appeared: Counter[str] = Counter()
        vanished: Counter[str] = Counter()
        for document in self.documents:
            for rule in document.rules:
                appeared[rule.rule] += rule.appeared
                vanished[rule.rule] += rule.vanished
        return rule_changes(appeared, vanished)


def compare(old: Path | None, new: Path) -> Comparison:
    """Compare two releases.

    Args:
        old: folder of the first; None for what was before any release.
        new: folder of the second.

    Raises:
        DamagedTable: if a file cannot be read, or is of another version.
    """
    one, two = _Release(old) if old else None, _Release(new)
    before: Mapping[str, Brief] = one.rows if one else {}
    after = two.rows
    former = _former_names(before, after)
    versions = _differing_versions(one.versions, two.versions) if one else ()
    gone = before.keys() - after.keys() - set(former.values())
    changes = []
    for name in sorted(after.keys() | gone):
        was, now = before.get(former.get(name, name)), after.get(name)
        if was is None or now is None or one is None:
            changes.append(DocumentChange(Change.WITHDRAWN if now is None else Change.ADDED, was, now))
        elif was.digest != now.digest:
            changes.append(_changed(one, two, was, now, {version for version, _, _ in versions}))
    decided = {change.name for change in changes if change.cause is Cause.DECISIONS}
    return Comparison(
        old.name if old else "",
        new.name,
        figures(before) if old else None,
        figures(after),
        _stable(before, after, decided),
        versions,
        tuple(changes),
    )


def changed_lines(old: Path, new: Path, document: DocumentChange) -> Iterator[LineChange]:
    """Yield where the normalised edition of a document changed from one release to another.

    Args:
        old: folder of the first.
        new: folder of the second.
        document: what `compare` said of it.

    Raises:
        DamagedTable: if a text cannot be read.
    """
    return line_changes(_text(old / DATA, document.old), _text(new / DATA, document.new))


class _Made(msgspec.Struct, frozen=True):
    """The columns of an edit that are compared."""

    kind: Kind
    before: str
    after: str
    rule: str
    decision: Decision


class _Said(msgspec.Struct, frozen=True):
    """The column of an edit that tells who ruled on it."""

    evidence: tuple[Evidence, ...]


class _Release:
    """A release that is compared: the rows of all documents, and the edits of those that are asked for."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / DATA
        lineage = _lineage(self.data)
        self.versions = lineage.versions
        self.rows = {
            row.name: row
            for table in (DOCUMENTS, REVIEW, REJECTS)
            for row in read_figures(self.data, table, Brief)
        }
        if _counts(self.rows) != lineage.documents:
            raise DamagedTable(LINEAGE, "it counts other documents than the tables hold")
        self._edits = Finder(self.data, EDITS, _Made)
        self._said: Finder[_Said] | None = None

    def edits(self, row: Brief) -> Counter[_Made]:
        """Return the edits that were made in a document, wherever they stand."""
        if row.status is Status.QUARANTINE:
            return Counter()
        return Counter(edit for edit in self._edits.find(row.name) if edit.decision is Decision.APPLIED)

    def rulings(self, row: Brief) -> set[str]:
        """Return what curators said of a document, and what was refitted to it, as its ledger says."""
        if self._said is None:
            self._said = Finder(self.data, EDITS, _Said)
        edits = [] if row.status is Status.QUARANTINE else self._said.find(row.name)
        said = {one.detail for edit in edits for one in edit.evidence if one.witness in _DECIDE}
        return said | {reason.en for reason in row.reasons if reason.code == RELEASED}


def _lineage(data: Path) -> Lineage:
    try:
        found = msgspec.json.decode((data / LINEAGE).read_bytes(), type=Lineage)
    except (OSError, ValueError) as error:
        raise DamagedTable(LINEAGE, str(error)) from None
    if found.version.partition(".")[0] != RELEASE_VERSION.partition(".")[0]:
        raise DamagedTable(
            LINEAGE, f"it is of version {found.version}, and this program of {RELEASE_VERSION}"
        )
    return found


def _former_names(before: Mapping[str, Brief], after: Mapping[str, Brief]) -> dict[str, str]:
    """Return what the raw files were called before that are called otherwise now, by their names now."""
    gone: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(before.keys() - after.keys()):
        gone[before[name].sha256].append(name)
    come: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(after.keys() - before.keys()):
        come[after[name].sha256].append(name)
    return {now: was for sha256 in come for now, was in zip(come[sha256], gone[sha256], strict=False)}


def _differing_versions(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in sorted({*before, *after}))
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _changed(old: _Release, new: _Release, was: Brief, now: Brief, versions: Set[str]) -> DocumentChange:
    change, cause = Change.RENAMED, None
    if was.name == now.name:
        change = Change.CHANGED
        if was.sha256 != now.sha256:
            cause = Cause.RAW
        elif versions - {DECISIONS}:
            cause = Cause.PROGRAM
        else:
            ruled = versions and old.rulings(was) != new.rulings(now)
            cause = Cause.DECISIONS if ruled else Cause.CORPUS
    places = sum(1 for _ in line_changes(_text(old.data, was), _text(new.data, now)))
    before, after = old.edits(was), new.edits(now)
    return DocumentChange(
        change, was, now, cause, places, rule_changes(_by_rule(after - before), _by_rule(before - after))
    )


def _text(data: Path, row: Brief | None) -> str:
    """Return the normalised edition of a document; nothing where it has none."""
    if row is None or row.status is Status.QUARANTINE:
        return ""
    file = text_file(row.name)
    try:
        return read_text(data / file)
    except (OSError, ValueError) as error:
        raise DamagedTable(file, str(error)) from None


def _by_rule(edits: Counter[_Made]) -> Counter[str]:
    found: Counter[str] = Counter()
    for edit, times in edits.items():
        found[edit.rule] += times
    return found


def rule_changes(appeared: Counter[str], vanished: Counter[str]) -> tuple[RuleChange, ...]:
    """Return what changed by rule, from how many edits each made that were not, and makes no more."""
    total = appeared + vanished
    return tuple(
        RuleChange(rule, appeared[rule], vanished[rule])
        for rule in sorted(total, key=lambda rule: (-total[rule], rule))
    )


def _stable(
    before: Mapping[str, Brief], after: Mapping[str, Brief], decided: Set[str]
) -> tuple[Figures, Figures]:
    names = [
        name
        for name, was in before.items()
        if name in after
        and name not in decided
        and after[name].sha256 == was.sha256
        and Status.QUARANTINE not in (was.status, after[name].status)
    ]
    return figures({name: before[name] for name in names}), figures({name: after[name] for name in names})


def _counts(rows: Mapping[str, Brief]) -> StatusCounts:
    statuses = Counter(row.status for row in rows.values())
    return StatusCounts(**{status.value: statuses[status] for status in Status})


def figures(rows: Mapping[str, Brief]) -> Figures:
    """Return the figures of documents, given by name."""
    texts = [row for row in rows.values() if row.status is not Status.QUARANTINE]
    words = sum(row.words or 0 for row in texts)

    def share(figure: str) -> float:
        found = ((getattr(row, figure) or 0.0) * (row.words or 0) for row in texts)
        return sum(found) / words if words else 0.0

    return Figures(_counts(rows), words, share("damage_before"), share("damage_after"), share("known_rate"))
