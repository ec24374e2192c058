"""The rows of a release's tables as values, each column with the sentence that describes it.

`DocumentRow` is what every raw file has, `TextRow` one that has text; then its `DiplomaticRow`, its
`ParagraphRow`s and `NoteRow`s, and the `LedgerRow`s of its edits. The types and descriptions of the
columns, in Parquet as in ``datapackage.json``, ``croissant.json`` and docs/tables.md, are read from here
(`release.columns`). None holds a time or a place on a disk: the same documents give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from release.likeness import sketch
from release.origins import Origin
from release.records import BlockKind, Call, DocumentFile, LedgerCounts, Place, RawFile, count_edits
from repair.document import Document, Outcome, Reading, Reason, Status
from repair.edits import Decision, Edit, Evidence, Kind, LedgerError
from repair.layout import PageBox, page_boxes

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class DocumentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One raw file: where it ended and why, where it comes from, and its figures.

    Figures are None where the file could not be processed.
    """

    name: Annotated[str, Meta(description="The document: its path below the raw folder, / as __, no suffix")]
    path: Annotated[str, Meta(description="Its raw file, below the raw folder")]
    sha256: Annotated[str, Meta(description="Of the raw file, in hexadecimal")]
    bytes: Annotated[Count, Meta(description="Size of the raw file")]
    witnesses: Annotated[
        tuple[RawFile, ...], Meta(description="Other raw files of the document: the text of a scan")
    ]
    licence: Annotated[str, Meta(description="SPDX identifier, or the licence's name; empty if not told")]
    origin: Annotated[str, Meta(description="Who published the document, or where; empty if not told")]
    status: Annotated[Status, Meta(description="published, review or quarantine")]
    reasons: Annotated[
        tuple[Reason, ...], Meta(description="Why it is not published, or who released it; else empty")
    ]
    genre: Annotated[str | None, Meta(description="Genre whose patterns it follows; empty if none")]
    symbol: Annotated[str | None, Meta(description="Symbol that it bears: A/RES/74/175; empty if none")]
    title: Annotated[str | None, Meta(description="Title, without quotes and calls; empty if not found")]
    date: Annotated[dt.date | None, Meta(description="Of adoption or signature; null if not found")]
    session: Annotated[str | None, Meta(description="Number of the session; empty if not found")]
    agenda_item: Annotated[str | None, Meta(description="Number of the agenda item; empty if not found")]
    language: Annotated[
        str | None, Meta(description="ISO 639 code: fr, frm (Middle French), und (unknown to the models)")
    ]
    profile: Annotated[str | None, Meta(description="Typography profile of the normalised edition")]
    engine: Annotated[str | None, Meta(description="What read the raw file, with its version")]
    encoding: Annotated[str | None, Meta(description="Of a text file; empty for others")]
    pages: Annotated[Count | None, Meta(description="Number of pages")]
    words: Annotated[Count | None, Meta(description="Number of words")]
    known_rate: Annotated[
        Share | None, Meta(description="Share of the words of the diplomatic edition that the lexicon holds")
    ]
    damage_before: Annotated[
        Share | None, Meta(description="Share of the words damaged in the reading, estimated")
    ]
    damage_after: Annotated[
        Share | None, Meta(description="Share of the words damaged in the diplomatic edition, estimated")
    ]
    edits: Annotated[LedgerCounts, Meta(description="How many edits it has, by kind and decision")]
    digest: Annotated[
        str, Meta(description="Changes where anything published of the document changes, and only then")
    ]


class TextRow(DocumentRow, frozen=True, forbid_unknown_fields=True):
    """A document with the text that most tools read."""

    text: Annotated[str, Meta(description="The normalised edition, one paragraph a line")]
    sketch: Annotated[
        tuple[int, ...],
        Meta(description="MinHash of its five-word sequences, to find copies; empty for a few words"),
    ]


class DiplomaticRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page prints, and what was read of it."""

    document: Annotated[str, Meta(description="Name of the document")]
    status: Annotated[Status, Meta(description="published or review")]
    text: Annotated[str, Meta(description="The diplomatic edition: what the page prints, line by line")]
    reading: Annotated[str, Meta(description="What was read from the raw file; repairs are edits of it")]
    pages: Annotated[
        tuple[int, ...], Meta(description="Where each page starts in the reading, in code points from 0")
    ]


class ParagraphRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block of a document: a line of its normalised edition."""

    id: Annotated[str, Meta(description="Survives other runs; depends on document, place and reading alone")]
    document: Annotated[str, Meta(description="Name of the document")]
    line: Annotated[int, Meta(ge=1, description="Its line in the normalised edition, from 1")]
    kind: Annotated[BlockKind, Meta(description="What it is: heading, paragraph, item, note, furniture …")]
    number: Annotated[str, Meta(description="Of a numbered paragraph, item, note or article; else empty")]
    text: Annotated[str, Meta(description="Normalised, on one line, without calls of notes")]
    diplomatic: Annotated[str, Meta(description="What the page prints there, line by line")]
    page: Annotated[int, Meta(ge=1, description="On which it begins, from 1")]
    start: Annotated[Count, Meta(description="Its first code point in the reading, from 0")]
    end: Annotated[Count, Meta(description="One past its last, where nothing cuts it in two")]
    rest: Annotated[tuple[Place, ...], Meta(description="Where it goes on in the reading after what cut it")]


class NoteRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note of a document with the places that call it."""

    id: Annotated[str, Meta(description="Survives other runs; depends on document, mark and rank alone")]
    document: Annotated[str, Meta(description="Name of the document")]
    mark: Annotated[str, Meta(description="ASCII figures or letters")]
    text: Annotated[str, Meta(description="Normalised; empty where calls were found and no note")]
    calls: Annotated[
        tuple[Call, ...],
        Meta(description="Where it is called: start in the reading, block (line - 1), offset in its text"),
    ]


class LedgerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edit; `start` and `end` are code points in the text of its kind's layer."""

    document: Annotated[str, Meta(description="Name of the document")]
    id: Annotated[str, Meta(description="Survives other runs; depends on document, place, words and rule")]
    kind: Annotated[Kind, Meta(description="repair, structure or normalisation")]
    start: Annotated[
        Count,
        Meta(
            description="First code point: of a repair in the reading, of a structure edit in the diplomatic "
            "edition, of a normalisation in the structured text"
        ),
    ]
    end: Annotated[Count, Meta(description="One past the last; equal to start for an insertion")]
    before: Annotated[str, Meta(description="What stands there")]
    after: Annotated[str, Meta(description="What is to stand there")]
    rule: Annotated[str, Meta(description="The rule or model that proposed it")]
    probability: Annotated[Share, Meta(description="That after is right")]
    decision: Annotated[Decision, Meta(description="applied, review (doubtful), left, or rejected")]
    evidence: Annotated[
        tuple[Evidence, ...], Meta(description="Witnesses, with what they say and their log-odds in nats")
    ]
    boxes: Annotated[
        tuple[PageBox, ...],
        Meta(description="Of a repair: where it stands on its pages, line by line; empty if not known"),
    ] = ()  # 3.0 had none

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


def document_row(outcome: Outcome, origin: Origin, digest: str) -> DocumentRow:
    """Return the row of an outcome; a refused document has no figures."""
    source, document = outcome.source, outcome.document
    said = document.metadata if document else None
    return DocumentRow(
        name=source.name,
        path=source.path,
        sha256=source.sha256,
        bytes=source.size,
        witnesses=tuple(RawFile(file.path, file.size, file.sha256) for file in source.witnesses),
        licence=origin.licence,
        origin=origin.source,
        status=outcome.status,
        reasons=outcome.reasons,
        genre=said.genre if said else None,
        symbol=said.symbol if said else None,
        title=said.title if said else None,
        date=dt.date.fromisoformat(said.date) if said and said.date else None,
        session=said.session if said else None,
        agenda_item=said.agenda_item if said else None,
        language=document.after.language if document else None,
        profile=document.profile if document else None,
        engine=document.reading.engine if document else None,
        encoding=document.reading.encoding if document else None,
        pages=len(document.reading.pages) if document else None,
        words=document.after.words if document else None,
        known_rate=document.after.known_rate if document else None,
        damage_before=document.before.damage if document else None,
        damage_after=document.after.damage if document else None,
        edits=count_edits(document.edits) if document else LedgerCounts(),
        digest=digest,
    )


def text_row(row: DocumentRow, text: str) -> TextRow:
    """Return a document's row with its text."""
    return TextRow(*(getattr(row, field) for field in DocumentRow.__struct_fields__), text, sketch(text))


def paragraph_rows(file: DocumentFile, reading: str) -> Iterator[ParagraphRow]:
    """Yield the blocks of a document.

    An id is made of what was read there, so that a better repair, or another paragraph before it, leaves it.
    """
    seen: Counter[str] = Counter()
    for line, block in enumerate(file.blocks, 1):
        words = "\n".join(reading[place.start : place.end] for place in block.places)
        yield ParagraphRow(
            _identity(seen, file.name, "block", words),
            file.name,
            line,
            block.kind,
            block.number,
            block.text,
            block.diplomatic,
            block.page,
            block.start,
            block.end,
            block.rest,
        )


def note_rows(file: DocumentFile) -> Iterator[NoteRow]:
    """Yield the notes of a document."""
    seen: Counter[str] = Counter()
    for note in file.notes:
        yield NoteRow(
            _identity(seen, file.name, "note", note.mark), file.name, note.mark, note.text, note.calls
        )


def ledger_rows(name: str, document: Document) -> Iterator[LedgerRow]:
    """Yield the ledger of a document: layer after layer, each by its places.

    An edit's id depends on the document, the place and the words alone, so it survives another
    run over the same file; a second edit of the same words at the same place gets ``-2``.
    """
    layers = (document.repairs, document.structure, document.normalisations)
    edits = [edit for layer in layers for edit in sorted(layer, key=lambda edit: (edit.start, edit.end))]
    boxes = _boxes(document.reading, edits[: len(document.repairs)])
    boxes += [()] * (len(edits) - len(boxes))
    for identity, edit, places in zip(edit_ids(name, edits), edits, boxes, strict=True):
        yield LedgerRow(
            name,
            identity,
            edit.kind,
            edit.start,
            edit.end,
            edit.before,
            edit.after,
            edit.rule,
            edit.probability,
            edit.decision,
            edit.evidence,
            places,
        )


def _boxes(reading: Reading, repairs: Sequence[Edit]) -> list[tuple[PageBox, ...]]:
    """Return where repairs stand on the pages of their reading; nowhere for a text."""
    if not reading.layout or not repairs:
        return []
    try:
        return page_boxes(reading.layout, reading.text, [(edit.start, edit.end) for edit in repairs])
    except LedgerError:  # places of another reading: the text is sound without them
        return []


def edit_ids(name: str, edits: Iterable[Edit]) -> list[str]:
    """Return the ids of the edits of a document, which come in the order of the ledger."""
    seen: Counter[str] = Counter()
    return [
        _identity(seen, name, edit.kind, edit.start, edit.end, edit.before, edit.after, edit.rule)
        for edit in edits
    ]


def _identity(seen: Counter[str], *parts: str | int) -> str:
    """Return an id of these parts; equal ones are told apart by their rank among those `seen`."""
    identity = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
    seen[identity] += 1
    return identity if seen[identity] == 1 else f"{identity}-{seen[identity]}"


def encode_rows(rows: Iterable[msgspec.Struct]) -> bytes:
    """Return rows as lines of JSON."""
    return b"".join(msgspec.json.encode(row, order="deterministic") + b"\n" for row in rows)
