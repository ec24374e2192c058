"""The rows and files of a release as values: what is written is what can be read back.

Each is a msgspec struct, so that reading checks types and refuses what it does not know.
`Manifest` lists the files, `DocumentRow` is a row of ``documents.jsonl``, `LedgerRow` one of
``edits.jsonl``, `DocumentFile` is ``json/NAME.json``. None holds a time or a place on a disk:
the same documents give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import msgspec

from repair.document import ClassRate, Document, Note, Outcome, Paragraph, Quality, Reason, Status
from repair.edits import Decision, Edit, Evidence, Kind

Count = Annotated[int, msgspec.Meta(ge=0)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

MANIFEST_SCHEMA = "prote-release"
DOCUMENT_SCHEMA = "prote-document"
VERSION = "1.0"
"""Of both schemas: a new field raises the second figure, anything else the first."""


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the release: its path below ``data/``, its size in bytes, its sha256."""

    path: str
    bytes: Count
    sha256: Digest


class StatusCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many documents have each status."""

    published: Count
    review: Count
    quarantine: Count


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``manifest.json``: what the release was made with, and every other file of it, by path."""

    schema: str
    version: str
    versions: dict[str, str]
    documents: StatusCounts
    files: tuple[FileEntry, ...]


class EditCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many edits of one kind have each decision."""

    applied: Count = 0
    review: Count = 0
    left: Count = 0
    rejected: Count = 0


class LedgerCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many edits a document has, by kind and decision."""

    repair: EditCounts = EditCounts()
    structure: EditCounts = EditCounts()
    normalisation: EditCounts = EditCounts()


class DocumentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One raw file: where it ended and why, and its figures; None where it could not be processed.

    `damage_before` is of the reading, `damage_after` and `known_rate` of the diplomatic edition;
    all three are shares of the words, from 0 to 1.
    """

    name: str
    path: str
    sha256: str
    bytes: int
    status: Status
    reasons: tuple[Reason, ...]
    words: int | None
    damage_before: float | None
    damage_after: float | None
    known_rate: float | None
    language: str | None
    edits: LedgerCounts
    engine: str | None
    encoding: str | None
    profile: str | None


class LedgerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edit; `start` and `end` are code points in the text of its kind's layer."""

    document: str
    id: str
    kind: Kind
    start: Count
    end: Count
    before: str
    after: str
    rule: str
    probability: float
    decision: Decision
    evidence: tuple[Evidence, ...]

    @property
    def edit(self) -> Edit:
        """The edit this row is of."""
        return Edit(
            self.start,
            self.end,
            self.before,
            self.after,
            self.kind,
            self.rule,
            self.probability,
            self.decision,
            self.evidence,
        )


class SourceFigures(msgspec.Struct, frozen=True):
    """The raw file: path below ``raw/``, size in bytes, sha256."""

    path: str
    bytes: int
    sha256: str


class ReadingFigures(msgspec.Struct, frozen=True):
    """How it was read; `pages` are the code points where pages start in the reading."""

    engine: str
    encoding: str
    pages: tuple[int, ...]


class QualityFigures(msgspec.Struct, frozen=True):
    """Figures of one text; `damage` and `known_rate` are shares of the words."""

    words: int
    unknown: int
    damaged: float
    damage: float
    known_rate: float
    language: str
    classes: tuple[ClassRate, ...]


class QualityPair(msgspec.Struct, frozen=True):
    """Of the reading, and of the diplomatic edition."""

    before: QualityFigures
    after: QualityFigures


class DocumentFile(msgspec.Struct, frozen=True):
    """``json/NAME.json``: a document with its structure and figures."""

    schema: str
    version: str
    name: str
    source: SourceFigures
    status: Status
    reasons: tuple[Reason, ...]
    profile: str
    reading: ReadingFigures
    quality: QualityPair
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[Note, ...]


def encode_line(row: msgspec.Struct) -> bytes:
    """Return a row as one line of JSON."""
    return msgspec.json.encode(row, order="deterministic") + b"\n"


def encode_file(value: msgspec.Struct) -> bytes:
    """Return a value as a JSON file a person can read."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def count_edits(edits: Iterable[Edit]) -> LedgerCounts:
    """Count edits by kind and decision."""
    found = Counter((edit.kind, edit.decision) for edit in edits)
    by_kind = {
        kind.value: EditCounts(**{decision.value: found[kind, decision] for decision in Decision})
        for kind in Kind
    }
    return LedgerCounts(**by_kind)


def document_row(outcome: Outcome) -> DocumentRow:
    """Return the row of an outcome; a refused document has no figures."""
    source, document = outcome.source, outcome.document
    return DocumentRow(
        name=source.name,
        path=source.path,
        sha256=source.sha256,
        bytes=source.size,
        status=outcome.status,
        reasons=outcome.reasons,
        words=document.after.words if document else None,
        damage_before=document.before.damage if document else None,
        damage_after=document.after.damage if document else None,
        known_rate=document.after.known_rate if document else None,
        language=document.after.language if document else None,
        edits=count_edits(document.edits) if document else LedgerCounts(),
        engine=document.reading.engine if document else None,
        encoding=document.reading.encoding if document else None,
        profile=document.profile if document else None,
    )


def document_file(outcome: Outcome, document: Document) -> DocumentFile:
    """Return the JSON file of a document that is published or in review."""
    source = outcome.source
    return DocumentFile(
        schema=DOCUMENT_SCHEMA,
        version=VERSION,
        name=source.name,
        source=SourceFigures(source.path, source.size, source.sha256),
        status=outcome.status,
        reasons=outcome.reasons,
        profile=document.profile,
        reading=ReadingFigures(document.reading.engine, document.reading.encoding, document.reading.pages),
        quality=QualityPair(_figures(document.before), _figures(document.after)),
        paragraphs=document.paragraphs,
        notes=document.notes,
    )


def _figures(quality: Quality) -> QualityFigures:
    return QualityFigures(
        quality.words,
        quality.unknown,
        quality.damaged,
        quality.damage,
        quality.known_rate,
        quality.language,
        quality.classes,
    )


def ledger_rows(name: str, document: Document) -> Iterable[LedgerRow]:
    """Yield the ledger of a document: layer after layer, each by its places.

    An edit's id depends on the document, the place and the words alone, so it survives another
    run over the same file; a second edit of the same words at the same place gets ``-2``.
    """
    seen: Counter[str] = Counter()
    for layer in (document.repairs, document.structure, document.normalisations):
        for edit in sorted(layer, key=lambda edit: (edit.start, edit.end)):
            key = msgspec.json.encode(
                (name, edit.kind, edit.start, edit.end, edit.before, edit.after, edit.rule)
            )
            identity = hashlib.sha256(key).hexdigest()[:16]
            seen[identity] += 1
            yield LedgerRow(
                name,
                identity if seen[identity] == 1 else f"{identity}-{seen[identity]}",
                edit.kind,
                edit.start,
                edit.end,
                edit.before,
                edit.after,
                edit.rule,
                edit.probability,
                edit.decision,
                edit.evidence,
            )
