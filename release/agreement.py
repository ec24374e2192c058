"""What the rows and the files of one document must agree on.

`check_document` makes the editions again from the ledger and compares every row of the document with its
files: a row that was edited in all tables alike is still not what the files say.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from release.blocks import Texts, find_faults
from release.columns import DIPLOMATIC, EDITS, NOTES, PARAGRAPHS, Table
from release.layout import diplomatic_file, json_file, reading_file, text_file
from release.ledger import read_text
from release.likeness import sketch
from release.records import DocumentFile, count_edits
from release.rows import (
    DiplomaticRow,
    DocumentRow,
    LedgerRow,
    NoteRow,
    ParagraphRow,
    TextRow,
    edit_ids,
    note_rows,
    paragraph_rows,
)
from repair.edits import Edit, Kind, LedgerError, apply

OF_A_DOCUMENT = (DIPLOMATIC, PARAGRAPHS, NOTES, EDITS)
"""The tables with rows of one document, besides the one that has its own row."""

Rows = Sequence[DiplomaticRow | ParagraphRow | NoteRow | LedgerRow]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a release.

    Attributes:
        path: of the file, relative to the release's ``data/``; of a link or folder above it, as named there.
        sentence: what is wrong with it.
    """

    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of a document are.

    Attributes:
        data: the folder of the release's files.
        home: the file with the document's own row.
        file: gives the file of another table.
    """

    data: Path
    home: str
    file: Callable[[Table], str]


def check_document(place: Place, row: DocumentRow, found: Mapping[Table, Rows]) -> Iterator[Fault]:
    """Yield what does not fit in the files and rows of one document that has text.

    Args:
        place: where they are.
        row: of the document.
        found: its rows in each of `OF_A_DOCUMENT`.
    """
    name = row.name
    ledger: list[LedgerRow] = list(found[EDITS])  # type: ignore[arg-type]
    edits = [one.edit for one in ledger]
    layers = {kind: [edit for edit in edits if edit.kind is kind] for kind in Kind}
    if row.edits != count_edits(edits):
        yield Fault(place.home, f"counts other edits of {name!r} than the ledger has")
    ordered = sorted(edits, key=lambda edit: (list(Kind).index(edit.kind), edit.start, edit.end))
    if ordered != edits or [one.id for one in ledger] != edit_ids(name, edits):
        yield Fault(place.file(EDITS), f"has edits of {name!r} out of order, or with ids of others")
    path = json_file(name)
    try:
        file = msgspec.json.decode((place.data / path).read_bytes(), type=DocumentFile)
        if wrong := [column for column, value in _said(file).items() if getattr(row, column) != value]:
            # A file that speaks of another document is at fault itself; figures may be wrong in either.
            other = {"name", "sha256", "status"} & set(wrong)
            yield Fault(path if other else place.home, f"has other {', '.join(wrong)} of {name!r}")
        path = reading_file(name)
        reading = read_text(place.data / path)
        path = diplomatic_file(name)
        diplomatic = read_text(place.data / path)
        if apply(reading, layers[Kind.REPAIR]) != diplomatic:
            yield Fault(path, "is not what the reading and the repairs give")
            return  # what follows is counted in the diplomatic edition
        texts = Texts(reading, *(layers[kind] for kind in Kind))
        path = text_file(name)
        if texts.text != read_text(place.data / path):
            yield Fault(path, "is not what the diplomatic edition, structure and normalisations give")
        for layer, text in zip(layers.values(), texts.layers, strict=True):
            _check_places(layer, text)
        path = json_file(name)
        for fault in find_faults(texts, file.blocks, file.notes):
            yield Fault(path, fault)
        if not all(_is_placed(one, file.reading.pages) for one in ledger):
            yield Fault(place.file(EDITS), f"has boxes of edits of {name!r} that are not on their pages")
        if isinstance(row, TextRow) and (row.text, row.sketch) != (texts.text, sketch(texts.text)):
            yield Fault(place.home, f"has another text or sketch of {name!r} than {text_file(name)} gives")
        printed = DiplomaticRow(name, row.status, diplomatic, reading, file.reading.pages)
        for table, rows in (
            (DIPLOMATIC, [printed]),
            (PARAGRAPHS, list(paragraph_rows(file, reading))),
            (NOTES, list(note_rows(file))),
        ):
            if found[table] != rows:
                yield Fault(place.file(table), f"has other rows of {name!r} than its files give")
    except LedgerError as error:
        yield Fault(place.file(EDITS), f"does not fit the texts of {name!r}: {error}")
    except (ValueError, RecursionError) as error:
        yield Fault(path, f"cannot be read: {error}")


def _check_places(edits: Sequence[Edit], text: str) -> None:
    """Refuse edits, made or not, that find something else at their place.

    Raises:
        LedgerError: naming the first.
    """
    for edit in edits:
        if text[edit.start : edit.end] != edit.before:
            raise LedgerError(f"{edit.before!r} does not stand at {edit.start}–{edit.end}")


def _is_placed(row: LedgerRow, pages: Sequence[int]) -> bool:
    """Say whether the boxes of an edit are on the pages it is on; only repairs have some."""
    ends = (*pages[1:], math.inf)
    return all(
        row.kind is Kind.REPAIR
        and 1 <= box.page <= len(pages)
        and pages[box.page - 1] <= row.end
        and row.start <= ends[box.page - 1]
        and 0 <= box.left < box.right
        and 0 <= box.top < box.bottom
        and box.line >= 0
        for box in row.boxes
    )


def _said(file: DocumentFile) -> dict[str, object]:
    """Return the columns of a document's row that its JSON says too."""
    said, source = file.metadata, file.metadata.source
    before, after = file.quality.before, file.quality.after
    return {
        "name": file.name,
        "path": source.path,
        "sha256": source.sha256,
        "bytes": source.bytes,
        "witnesses": source.witnesses,
        "licence": said.licence,
        "origin": said.origin,
        "status": file.status,
        "reasons": file.reasons,
        "genre": said.genre,
        "symbol": said.symbol,
        "title": said.title,
        "date": dt.date.fromisoformat(said.date) if said.date else None,
        "session": said.session,
        "agenda_item": said.agenda_item,
        "language": said.language,
        "profile": file.profile,
        "engine": file.reading.engine,
        "encoding": file.reading.encoding,
        "pages": len(file.reading.pages),
        "words": after.words,
        "known_rate": after.known_rate,
        "damage_before": before.damage,
        "damage_after": after.damage,
    }
