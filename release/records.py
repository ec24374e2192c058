"""The rows and files of a release as values: what is written is what can be read back.

Each is a msgspec struct, so that reading checks types and refuses what it does not know.
`Manifest` lists the files, `DocumentRow` is a row of ``documents.jsonl``, `LedgerRow` one of
``edits.jsonl``, `DocumentFile` is ``json/NAME.json``, which docs/format.md explains to users. None
holds a time or a place on a disk: the same documents give the same bytes.
"""

from __future__ import annotations

import hashlib
import inspect
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from repair.document import ClassRate, Document, Outcome, Quality, Reason, Status
from repair.edits import Decision, Edit, Evidence, Kind

Count = Annotated[int, msgspec.Meta(ge=0)]
Mark = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]*$")]
BlockKind = Literal["heading", "preamble", "paragraph", "item", "note", "signature", "furniture"]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

MANIFEST_SCHEMA = "prote-release"
VERSION = "2.1"
"""Of it and of ``prote-document``: a new field raises the second figure, anything else the first."""


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


class RawFile(msgspec.Struct, frozen=True):
    """A raw file: path below ``raw/``, size in bytes, sha256."""

    path: str
    bytes: int
    sha256: str


class SourceFigures(RawFile, frozen=True):
    """The document's raw file; `witnesses` are its other files: the text of a scan, another reading."""

    witnesses: tuple[RawFile, ...] = ()


class ReadingFigures(msgspec.Struct, frozen=True):
    """How it was read; `pages` are the code points where pages start in the reading.

    `disagreement` is, for each page, the share of its signs in which the engines differ, from 0 to 1;
    empty for a text. `triage` says, for each page of a PDF, why its text layer was kept or the page read.
    `remarks` say what could not be read and was done without: a witness, or a page by one of the engines.
    """

    engine: str
    encoding: str
    pages: tuple[int, ...]
    disagreement: tuple[float, ...] = ()
    triage: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()


class DocumentMetadata(msgspec.Struct, frozen=True):
    """What a document says of itself, where its genre tells; the language it is in; the raw file.

    `language` is an ISO 639 code: ``frm`` for Middle French, ``und`` where the models do not know it.
    """

    symbol: str
    title: str
    date: Annotated[str, msgspec.Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
    session: str
    agenda_item: str
    genre: str
    language: str
    source: SourceFigures


class QualityFigures(msgspec.Struct, frozen=True):
    """Figures of one text; `damage` and `known_rate` are shares of the words."""

    words: int
    unknown: int
    damaged: float
    damage: float
    known_rate: float
    classes: tuple[ClassRate, ...]


class QualityPair(msgspec.Struct, frozen=True):
    """Of the reading, and of the diplomatic edition."""

    before: QualityFigures
    after: QualityFigures


class Place(msgspec.Struct, frozen=True):
    """A half-open place in the reading, in code points."""

    start: Count
    end: Count


class TextBlock(msgspec.Struct, frozen=True):
    """A block: one line of the normalised edition.

    `start` and `end` are its place in the reading, `rest` where it goes on after notes or page furniture
    that cut it; `diplomatic` is what stands at these places in the diplomatic edition, joined by line ends.
    """

    kind: BlockKind
    number: Mark
    text: str
    diplomatic: str
    page: Annotated[int, msgspec.Meta(ge=1)]
    start: Count
    end: Count
    rest: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it stands in the reading, part after part."""
        return Place(self.start, self.end), *self.rest


class Call(msgspec.Struct, frozen=True):
    """A call of a note: its place in the reading, its block, and where it stood in that block's text.

    The text is without it; at `offset`, right after the last sign that is no space, it can be put back.
    """

    start: Count
    block: Count
    offset: Count


class TextNote(msgspec.Struct, frozen=True):
    """A note: no text where only its calls were found, no calls where only its text was."""

    mark: Mark
    text: str
    calls: tuple[Call, ...]


class StyleHabit(msgspec.Struct, frozen=True):
    """How the page prints what one rule of typography speaks of, and how the normalised edition does.

    `page` and `edition` count the choices by their names; `steady` says that the page has a style here,
    `overruled` that the typography profile goes against it.
    """

    rule: str
    page: dict[str, Count]
    edition: dict[str, Count]
    steady: bool
    overruled: bool


class DocumentFile(msgspec.Struct, frozen=True):
    """``json/NAME.json``: a document with its structure and figures."""

    schema: Literal["prote-document"]
    version: Annotated[str, msgspec.Meta(pattern=r"^2\.")]
    name: str
    status: Status
    reasons: tuple[Reason, ...]
    metadata: DocumentMetadata
    profile: str
    reading: ReadingFigures
    quality: QualityPair
    blocks: tuple[TextBlock, ...]
    notes: tuple[TextNote, ...]
    style: tuple[StyleHabit, ...] = ()  # 2.0 had none


def document_schema() -> bytes:
    """Return the JSON Schema of ``json/NAME.json``, as a file."""
    schema = msgspec.json.schema(DocumentFile)
    for definition in schema["$defs"].values():
        if "description" in definition:  # a docstring, which only newer Pythons give without its indent
            definition["description"] = inspect.cleandoc(definition["description"])
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(schema), indent=1) + b"\n"


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


def document_file(
    outcome: Outcome, document: Document, blocks: tuple[TextBlock, ...], notes: tuple[TextNote, ...]
) -> DocumentFile:
    """Return the JSON file of a document that is published or in review."""
    source, said = outcome.source, document.metadata
    return DocumentFile(
        schema="prote-document",
        version=VERSION,
        name=source.name,
        status=outcome.status,
        reasons=outcome.reasons,
        metadata=DocumentMetadata(
            symbol=said.symbol,
            title=said.title,
            date=said.date,
            session=said.session,
            agenda_item=said.agenda_item,
            genre=said.genre,
            language=document.after.language,
            source=SourceFigures(
                source.path,
                source.size,
                source.sha256,
                tuple(RawFile(file.path, file.size, file.sha256) for file in source.witnesses),
            ),
        ),
        profile=document.profile,
        reading=ReadingFigures(
            document.reading.engine,
            document.reading.encoding,
            document.reading.pages,
            document.reading.disagreement,
            document.reading.triage,
            document.reading.remarks,
        ),
        quality=QualityPair(_figures(document.before), _figures(document.after)),
        blocks=blocks,
        notes=notes,
        style=tuple(
            StyleHabit(habit.rule, dict(habit.page), dict(habit.edition), habit.steady, habit.overruled)
            for habit in document.style
        ),
    )


def _figures(quality: Quality) -> QualityFigures:
    return QualityFigures(
        quality.words,
        quality.unknown,
        quality.damaged,
        quality.damage,
        quality.known_rate,
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
