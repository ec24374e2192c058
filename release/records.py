"""The JSON files of a release as values: what is written is what can be read back.

Each is a msgspec struct, so that reading checks types and refuses what it does not know.
`Lineage` is ``release.json``, what the release was made with; `DocumentFile` is ``json/NAME.json``,
which docs/format.md explains to users. None holds a time or a place on a disk: the same documents give
the same bytes. The rows of the tables are in `release.rows`.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from release.origins import Origin
from repair.document import ClassRate, Document, Outcome, Quality, Reason, Status
from repair.edits import Decision, Edit, Kind

Count = Annotated[int, msgspec.Meta(ge=0)]
Mark = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]*$")]
BlockKind = Literal["heading", "preamble", "paragraph", "item", "note", "signature", "furniture"]

RELEASE_SCHEMA = "prote-release"
RELEASE_VERSION = "3.1"
DOCUMENT_VERSION = "2.3"
"""A new field or column raises the second figure, anything else the first; see docs/tables.md."""

DECISIONS = "decisions"
"""What a release is made with: the sum of the curators' rulings that reached a document of it."""
RELEASED = "released"
"""Code of the reason of a document that a curator had published in spite of what it fails."""
CHECK_ERROR = "check-error"
"""Code of the reason of a document that could not be checked: nobody can overrule what is not known."""


class StatusCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many documents have each status."""

    published: Count
    review: Count
    quarantine: Count


class TableCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many rows a table has."""

    name: str
    rows: Count


class Lineage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``release.json``: what the release was made with, and how much is in it.

    `parts` is the number of files that each table is cut into. The sums of the raw files are in the tables.
    """

    schema: str
    version: str
    versions: dict[str, str]
    documents: StatusCounts
    parts: Annotated[int, msgspec.Meta(ge=1)]
    tables: tuple[TableCounts, ...]


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

    @property
    def doubtful(self) -> int:
        """How many wait for a decision."""
        return self.repair.review + self.structure.review + self.normalisation.review


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

    `disagreement` is, for each page, the mean of two shares of its signs, from 0 to 1: those in which the
    first two readings differ, and those of the first reading that the vote did not keep;
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
    `licence` and `origin` are what ``raw/sources.toml`` says of it.
    """

    symbol: str
    title: str
    date: Annotated[str, msgspec.Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
    session: str
    agenda_item: str
    genre: str
    language: str
    source: SourceFigures
    licence: str = ""  # 2.1 had neither
    origin: str = ""


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


def document_file(
    outcome: Outcome,
    document: Document,
    origin: Origin,
    blocks: tuple[TextBlock, ...],
    notes: tuple[TextNote, ...],
) -> DocumentFile:
    """Return the JSON file of a document that is published or in review."""
    source, said = outcome.source, document.metadata
    return DocumentFile(
        schema="prote-document",
        version=DOCUMENT_VERSION,
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
            licence=origin.licence,
            origin=origin.source,
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
