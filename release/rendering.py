"""What a release has of one document: its files and its rows of the tables, made of its outcome alone.

`render` makes them, and writes nothing: any process can do it, for any document, in any order. `Writer`
(`release.writing`) has it done, and writes what comes in order of the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from release.blocks import find_faults, read_blocks, read_notes, read_texts
from release.columns import DIPLOMATIC, DOCUMENTS, EDITS, NOTES, PARAGRAPHS, REJECTS, REVIEW
from release.layout import diplomatic_file, json_file, page_file, reading_file, text_file
from release.origins import Origin
from release.pages.document import document_page
from release.pieces import Piece, doubtful_pieces
from release.records import DocumentFile, document_file, encode_file
from release.rows import (
    DiplomaticRow,
    document_row,
    encode_rows,
    ledger_rows,
    note_rows,
    paragraph_rows,
    text_row,
)
from repair.document import Document, Outcome, Source, Status
from repair.edits import Decision, LedgerError


class PublishError(Exception):
    """Nothing was published, and readers still see what they saw; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A document that is to be rendered; it can be sent to another process if `load` can.

    Attributes:
        source: the raw file.
        load: gives the outcome.
        origin: where the document comes from.
        digest: of outcome and origin.
        pieces: whether its page is to show pieces of its scan.
    """

    source: Source
    load: Callable[[], Outcome]
    origin: Origin
    digest: str
    pieces: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a release has of a document.

    Attributes:
        status: where it ended.
        files: its files: path below ``data/``, and content.
        rows: its rows: name of the table, and lines of JSON.
    """

    status: Status
    files: tuple[tuple[str, bytes], ...]
    rows: tuple[tuple[str, bytes], ...]


Render = Callable[[Iterable[Asked]], Iterator[Rendered | None]]
"""Renders documents, wherever it likes, and yields what comes in their order.

None stands for one that is to be rendered here, by the process that publishes.
"""


def render_apart(asked: Asked) -> Rendered | None:
    """Render a document away from what draws the pieces of scans; return None where its page shows any."""
    outcome = asked.load()
    document = outcome.document
    if asked.pieces and document is not None and document.reading.layout:
        doubtful = (edit.decision is Decision.REVIEW for edit in document.repairs)
        if outcome.status is not Status.QUARANTINE and any(doubtful):
            return None
    return _render(outcome, asked.origin, asked.digest, None)


def render(asked: Asked, piece: Piece | None = None) -> Rendered:
    """Render a document.

    Args:
        asked: the document.
        piece: draws the pieces of its scan that its page shows; None to show none.

    Raises:
        PublishError: if its edits do not give its texts.
    """
    return _render(asked.load(), asked.origin, asked.digest, piece)


def _render(outcome: Outcome, origin: Origin, digest: str, piece: Piece | None) -> Rendered:
    name, document = outcome.source.name, outcome.document
    row = document_row(outcome, origin, digest)
    if outcome.status is Status.QUARANTINE:
        page = "".join(document_page(outcome, row)).encode()
        return Rendered(outcome.status, ((page_file(name), page),), ((REJECTS.name, encode_rows([row])),))
    if document is None:
        raise PublishError(f"{name!r} is to be {outcome.status}, but was not processed")
    file = _checked_file(outcome, document, origin)
    reading = document.reading.text
    ledger = list(ledger_rows(name, document))
    printed = DiplomaticRow(name, outcome.status, document.diplomatic, reading, document.reading.pages)
    pieces = doubtful_pieces(outcome.source, ledger, piece)
    page = "".join(document_page(outcome, row, pieces)).encode()
    table = DOCUMENTS if outcome.status is Status.PUBLISHED else REVIEW
    return Rendered(
        outcome.status,
        (
            (reading_file(name), reading.encode()),
            (diplomatic_file(name), document.diplomatic.encode()),
            (text_file(name), document.text.encode()),
            (json_file(name), encode_file(file)),
            (page_file(name), page),
        ),
        (
            (table.name, encode_rows([text_row(row, document.text)])),
            (DIPLOMATIC.name, encode_rows([printed])),
            (PARAGRAPHS.name, encode_rows(paragraph_rows(file, reading))),
            (NOTES.name, encode_rows(note_rows(file))),
            (EDITS.name, encode_rows(ledger)),
        ),
    )


def _checked_file(outcome: Outcome, document: Document, origin: Origin) -> DocumentFile:
    """Return a document's JSON; refuse one whose ledger does not give its texts: nobody could verify it."""
    name = outcome.source.name
    try:
        texts = read_texts(document)
        sound = (texts.diplomatic, texts.text) == (document.diplomatic, document.text)
        for text in (document.reading.text, document.diplomatic, document.text):
            text.encode()
    except UnicodeEncodeError as error:
        raise PublishError(f"the text of {name!r} holds half a character: {error}") from error
    except LedgerError as error:
        raise PublishError(f"the edits of {name!r} do not belong to its text: {error}") from error
    if not sound:
        raise PublishError(f"the edits of {name!r} do not give its editions; this is a fault of the program")
    blocks = read_blocks(texts, document.paragraphs)
    notes = read_notes(texts, document.notes, blocks)
    for fault in find_faults(texts, blocks, notes):
        raise PublishError(f"the JSON of {name!r} {fault}; this is a fault of the program")
    return document_file(outcome, document, origin, blocks, notes)
