"""What changed from one release to another: documents, texts, edits by rule, figures.

`compare` reads the rows of all documents, and texts and edits of those alone that differ. `prote diff` and
the ``clean/changes/`` of each publication show what it returns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from release.columns import DOCUMENTS, EDITS, REJECTS, REVIEW
from release.differences import LineChange, line_changes
from release.layout import DATA, LINEAGE, text_file
from release.ledger import read_text
from release.records import RELEASE_VERSION, Lineage, StatusCounts
from release.tables import DamagedTable, Finder, read_figures
from repair.document import Reason, Status
from repair.edits import Decision, Kind


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
        stable: figures of the documents that have text in both, from the same raw file, in each.
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
        return _rules(appeared, vanished)


def compare(old: Path | None, new: Path) -> Comparison:
    """Compare two releases.

    Args:
        old: folder of the first; None for what was before any release.
        new: folder of the second.

    Raises:
        DamagedTable: if a table cannot be read.
    """
    before, after = _rows(old), _rows(new)
    versions = _versions(old, new)
    changes = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            changes.append(DocumentChange(Change.WITHDRAWN if now is None else Change.ADDED, was, now))
        elif was.digest != now.digest and old is not None:
            changes.append(_changed(old / DATA, new / DATA, was, now, bool(versions)))
    return Comparison(
        old.name if old else "",
        new.name,
        _figures(before) if old else None,
        _figures(after),
        _stable(before, after),
        versions,
        tuple(changes),
    )


def _stable(before: dict[str, Brief], after: dict[str, Brief]) -> tuple[Figures, Figures]:
    names = [
        name
        for name, was in before.items()
        if name in after
        and after[name].sha256 == was.sha256
        and Status.QUARANTINE not in (was.status, after[name].status)
    ]
    return _figures({name: before[name] for name in names}), _figures({name: after[name] for name in names})


def _rows(release: Path | None) -> dict[str, Brief]:
    if release is None:
        return {}
    tables = (DOCUMENTS, REVIEW, REJECTS)
    return {row.name: row for table in tables for row in read_figures(release / DATA, table, Brief)}


def _versions(old: Path | None, new: Path) -> tuple[tuple[str, str, str], ...]:
    if old is None:
        return ()
    before, after = (
        msgspec.json.decode((release / DATA / LINEAGE).read_bytes(), type=Lineage).versions
        for release in (old, new)
    )
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in sorted(before | after))
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _changed(old: Path, new: Path, was: Brief, now: Brief, other_program: bool) -> DocumentChange:
    cause = Cause.RAW if was.sha256 != now.sha256 else Cause.PROGRAM if other_program else Cause.CORPUS
    texts = [
        read_text(data / text_file(row.name)) if row.status is not Status.QUARANTINE else ""
        for data, row in ((old, was), (new, now))
    ]
    made = [{edit.id: edit.rule for edit in _made(data, row)} for data, row in ((old, was), (new, now))]
    appeared = Counter(rule for edit, rule in made[1].items() if edit not in made[0])
    vanished = Counter(rule for edit, rule in made[0].items() if edit not in made[1])
    return DocumentChange(
        Change.CHANGED, was, now, cause, tuple(line_changes(*texts)), _rules(appeared, vanished)
    )


def _made(data: Path, row: Brief) -> Iterator[LedgerRow]:
    if row.status is not Status.QUARANTINE:
        for edit in read_edits(data, row.name):
            if edit.decision is Decision.APPLIED:
                yield edit


def _rules(appeared: Counter[str], vanished: Counter[str]) -> tuple[RuleChange, ...]:
    total = appeared + vanished
    return tuple(
        RuleChange(rule, appeared[rule], vanished[rule])
        for rule in sorted(total, key=lambda rule: (-total[rule], rule))
    )


def line_changes(old: str, new: str) -> Iterator[LineChange]:
    r"""Yield the places where the lines of two texts differ, in order.

    >>> [(change.old, change.new) for change in line_changes("un\ndeux\n", "un\ntrois\n")]
    [(('deux',), ('trois',))]
    """
    before, after = (_lines(text) for text in (old, new))
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield LineChange(a + 1, c + 1, tuple(before[a:b]), tuple(after[c:d]))


def _lines(text: str) -> Sequence[str]:
    return [text[start:end] for start, end, _ in line_spans(text)]


def _figures(rows: dict[str, Brief]) -> Figures:
    statuses = Counter(row.status for row in rows.values())
    texts = [row for row in rows.values() if row.status is not Status.QUARANTINE]
    words = sum(row.words or 0 for row in texts)

    def share(figure: str) -> float:
        return sum(getattr(row, figure) * (row.words or 0) for row in texts) / words if words else 0.0

    return Figures(
        StatusCounts(**{status.value: statuses[status] for status in Status}),
        words,
        share("damage_before"),
        share("damage_after"),
        share("known_rate"),
    )
