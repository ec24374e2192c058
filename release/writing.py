"""The files of one release: of each document, of the tables, and of the corpus.

`Writer` is given the documents in order of their names and, where there is one, the release before. What
did not change is taken over from it; the others are loaded one at a time, checked, and written.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from release.bag import write_bag
from release.blocks import find_faults, read_blocks, read_notes, read_texts
from release.card import card, croissant, package
from release.columns import DIPLOMATIC, DOCUMENTS, EDITS, NOTES, PARAGRAPHS, REJECTS, REVIEW, TABLES
from release.earlier import Earlier, part_digest
from release.files import Files
from release.layout import (
    CROISSANT,
    DATA,
    LINEAGE,
    PACKAGE,
    README,
    REPORT,
    SCHEMA,
    diplomatic_file,
    json_file,
    page_file,
    part_stem,
    reading_file,
    text_file,
    text_files,
)
from release.ledger import read_documents
from release.origins import Origin, Origins
from release.pages.corpus import corpus_page
from release.pages.document import document_page
from release.pieces import Piece, doubtful_pieces
from release.records import (
    RELEASE_SCHEMA,
    RELEASE_VERSION,
    DocumentFile,
    Lineage,
    StatusCounts,
    TableCounts,
    document_file,
    document_schema,
    encode_file,
)
from release.rows import (
    DiplomaticRow,
    document_row,
    encode_rows,
    ledger_rows,
    note_rows,
    paragraph_rows,
    text_row,
)
from release.sums import sums
from release.tables import PartWriter, count_rows, cut
from repair.document import Document, Outcome, Source, Status
from repair.edits import Edit, LedgerError


class PublishError(Exception):
    """Nothing was published, and readers still see what they saw; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Item:
    """A raw file that is to be published, without what it became, which may be large.

    Attributes:
        source: the raw file.
        digest: of its outcome: the same digest, the same outcome.
        load: gives the outcome.
    """

    source: Source
    digest: str
    load: Callable[[], Outcome]


class Writer:
    """Writes the files of one release."""

    def __init__(
        self, items: Sequence[Item], origins: Origins, earlier: Earlier | None, piece: Piece | None = None
    ) -> None:
        """Prepare a release.

        Args:
            items: one of each raw file, in order of their names.
            origins: where they come from.
            earlier: the release before, made with the same versions.
            piece: draws the pieces of scans that pages show; None to show none.
        """
        self._items = [_Planned(item, origins.of(item.source.path)) for item in items]
        self._earlier, self._piece = earlier, piece
        self._counts = dict.fromkeys(Status, 0)
        self._rows = dict.fromkeys((table.name for table in TABLES), 0)

    def nothing_new(self) -> bool:
        """Say whether the earlier release has these documents as they are, and no other."""
        known = self._earlier.documents if self._earlier else {}
        return len(known) == len(self._items) and all(map(self._known, self._items))

    def _known(self, planned: _Planned) -> bool:
        return self._earlier is not None and self._earlier.has(planned.name, planned.digest)

    def write(self, folder: Path, versions: Mapping[str, str]) -> tuple[str, StatusCounts]:
        """Write the release into `folder`, which is empty; return its ID and its counts.

        Raises:
            PublishError: if a document's edits do not give its texts.
        """
        data = folder / DATA
        files = Files(data)
        parts = cut([planned.name for planned in self._items])
        for number, part in enumerate(parts):
            planned = self._items[part]
            old = None
            if self._earlier is not None:
                old = self._earlier.parts.get(part_digest((item.name, item.digest) for item in planned))
            if self._earlier is not None and old is not None:
                self._take_over_part(self._earlier, old, files, number, len(parts))
                for item in planned:
                    self._take_over(self._earlier, item.name, files, None)
                continue
            with PartWriter(files, number, len(parts)) as tables:
                for item in planned:
                    if self._earlier is not None and self._known(item):
                        self._take_over(self._earlier, item.name, files, tables)
                    else:
                        self._write_document(item, files, tables)
            for table, rows in tables.rows.items():
                self._rows[table] += rows
        counts = StatusCounts(**{status.value: self._counts[status] for status in Status})
        lineage = Lineage(
            RELEASE_SCHEMA,
            RELEASE_VERSION,
            dict(sorted(versions.items())),
            counts,
            len(parts),
            tuple(TableCounts(name, rows) for name, rows in self._rows.items()),
        )
        self._write_corpus(data, files, lineage)
        return write_bag(folder, files), counts

    def _write_corpus(self, data: Path, files: Files, lineage: Lineage) -> None:
        origins = Counter(planned.origin for planned in self._items)
        index = corpus_page(read_documents(data), lineage.versions, sums(data))
        files.write(REPORT, ["".join(index).encode()])
        files.write(SCHEMA, [document_schema()])
        files.write(LINEAGE, [encode_file(lineage)])
        files.write(README, [card(lineage, origins)])
        files.write(CROISSANT, [croissant(lineage, origins, files.sums)])
        files.write(PACKAGE, [package(lineage, origins, files.sums, data)])

    def _take_over_part(self, earlier: Earlier, old: int, files: Files, number: int, parts: int) -> None:
        for table in TABLES:
            for suffix in ("jsonl", "parquet"):
                path = f"{part_stem(table.name, old, earlier.lineage.parts)}.{suffix}"
                stem = part_stem(table.name, number, parts)
                files.link(f"{stem}.{suffix}", f"{earlier.data}/{path}", earlier.sums[path])
            self._rows[table.name] += count_rows(earlier.data / path)

    def _take_over(self, earlier: Earlier, name: str, files: Files, tables: PartWriter | None) -> None:
        """Take a document over as it was published; its rows too, where their part is written again."""
        _, status = earlier.documents[name]
        self._counts[status] += 1
        paths = [page_file(name)]
        if status is not Status.QUARANTINE:
            paths += text_files(name)
        for path in paths:
            files.link(path, f"{earlier.data}/{path}", earlier.sums[path])
        if tables is not None:
            for table in TABLES:
                tables.add(table, earlier.lines(table, name))

    def _write_document(self, planned: _Planned, files: Files, tables: PartWriter) -> None:
        outcome = planned.item.load()
        self._counts[outcome.status] += 1
        name, document = planned.name, outcome.document
        row = document_row(outcome, planned.origin, planned.digest)
        pieces: dict[Edit, bytes] = {}
        if outcome.status is Status.QUARANTINE:
            tables.add(REJECTS, encode_rows([row]))
        else:
            if document is None:
                raise PublishError(f"{name!r} is to be {outcome.status}, but was not processed")
            file = _checked_file(outcome, document, planned.origin)
            reading = document.reading.text
            files.write(reading_file(name), [reading.encode()])
            files.write(diplomatic_file(name), [document.diplomatic.encode()])
            files.write(text_file(name), [document.text.encode()])
            files.write(json_file(name), [encode_file(file)])
            table = DOCUMENTS if outcome.status is Status.PUBLISHED else REVIEW
            tables.add(table, encode_rows([text_row(row, document.text)]))
            pages = document.reading.pages
            printed = DiplomaticRow(name, outcome.status, document.diplomatic, reading, pages)
            tables.add(DIPLOMATIC, encode_rows([printed]))
            tables.add(PARAGRAPHS, encode_rows(paragraph_rows(file, reading)))
            tables.add(NOTES, encode_rows(note_rows(file)))
            ledger = list(ledger_rows(name, document))
            tables.add(EDITS, encode_rows(ledger))
            pieces = doubtful_pieces(outcome.source, ledger, self._piece)
        files.write(page_file(name), ["".join(document_page(outcome, row, pieces)).encode()])


class _Planned:
    """A document that is to be in the release: its item, its origin, and the digest of both."""

    def __init__(self, item: Item, origin: Origin) -> None:
        self.name = item.source.name
        self.item, self.origin = item, origin
        told = msgspec.json.encode((item.digest, origin.licence, origin.source))
        self.digest = hashlib.sha256(told).hexdigest()[:16]


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
