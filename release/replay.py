"""The second half of checking a release: its tables against one another and against its files.

`check_tables` goes through all tables once, document after document: the Parquet files hold the rows of the
JSON Lines, every document has its files and its rows, and the editions are what the ledger gives again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet

from release.blocks import Texts, find_faults
from release.columns import (
    DIPLOMATIC,
    DOCUMENTS,
    EDITS,
    NOTES,
    PARAGRAPHS,
    REJECTS,
    REVIEW,
    TABLES,
    Table,
    arrow_schema,
)
from release.layout import (
    CROISSANT,
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
from release.ledger import read_text
from release.records import DocumentFile, Lineage, StatusCounts, count_edits
from release.rows import DocumentRow, TextRow, note_rows, paragraph_rows
from release.tables import DamagedTable, arrow_rows, read_rows
from repair.document import Status
from repair.edits import Edit, Kind, LedgerError, apply


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a release.

    Attributes:
        path: of the file, relative to the release's ``data/``; of a link or folder above it, as named there.
        sentence: what is wrong with it.
    """

    path: str
    sentence: str


def check_tables(
    data: Path, lineage: Lineage, sums: Mapping[str, str], files: set[str], faults: list[Fault]
) -> int:
    """Check the tables of a release; return how many edits were made again.

    Args:
        data: the folder of its files.
        lineage: what it says of itself.
        sums: the files its manifest names.
        files: those of them that can be opened.
        faults: where faults are added.
    """
    expected = {README, REPORT, SCHEMA, LINEAGE, PACKAGE, CROISSANT}
    counts = dict.fromkeys(Status, 0)
    rows = dict.fromkeys((table.name for table in TABLES), 0)
    last, edits = "", 0
    for part in range(lineage.parts):
        checked = _Part(data, part, lineage.parts)
        paths = set(checked.paths())
        expected |= paths
        if not paths <= files:
            continue  # missing tables are faults already
        try:
            faults += checked.compare_formats(rows)
            for row in checked.documents():
                if row.name <= last:
                    faults.append(Fault(checked.file(DOCUMENTS), f"names {row.name!r} after {last!r}"))
                last = row.name
                counts[row.status] += 1
                expected.add(page_file(row.name))
                found = {table: checked.take(table, row.name) for table in _OF_A_DOCUMENT}
                edits += len(found[EDITS])
                if row.status is Status.QUARANTINE:
                    faults += [
                        Fault(checked.file(table), f"has rows of {row.name!r}, which is in quarantine")
                        for table, some in found.items()
                        if some
                    ]
                    continue
                expected.update(text_files(row.name))
                if files.issuperset(text_files(row.name)):
                    faults += _check_document(data, row, found, checked)
            faults += checked.left_over()
        except DamagedTable as error:
            faults.append(Fault(error.file, str(error)))
    said = {table.name: table.rows for table in lineage.tables}
    if said != rows:
        faults.append(Fault(LINEAGE, "has other counts of rows than the tables"))
    if lineage.documents != StatusCounts(**{status.value: counts[status] for status in Status}):
        faults.append(Fault(LINEAGE, "has other counts of documents than the tables"))
    faults += [Fault(path, "is missing from the manifest") for path in sorted(expected - sums.keys())]
    faults += [Fault(path, "belongs to no document") for path in sorted(sums.keys() - expected)]
    return edits


_OF_A_DOCUMENT = (DIPLOMATIC, PARAGRAPHS, NOTES, EDITS)


class _Part:
    """One part of every table, gone through in order of the documents."""

    def __init__(self, data: Path, part: int, parts: int) -> None:
        self._data = data
        self._stems = {table: part_stem(table.name, part, parts) for table in TABLES}
        self._groups = {table: groupby(self._rows(table), key=_document) for table in _OF_A_DOCUMENT}
        self._waiting: dict[Table, tuple[str, list[msgspec.Struct]] | None] = {}

    def paths(self) -> Iterator[str]:
        """Yield the files of the part, below ``data/``."""
        for stem in self._stems.values():
            yield f"{stem}.jsonl"
            yield f"{stem}.parquet"

    def file(self, table: Table) -> str:
        """Return the file of a table whose lines are read."""
        return f"{self._stems[table]}.jsonl"

    def _rows(self, table: Table) -> Iterator[msgspec.Struct]:
        return read_rows(self._data / self.file(table), table.row)

    def documents(self) -> Iterator[DocumentRow]:
        """Yield the rows of the documents of all three tables, by name."""
        return merge(*(self._rows(table) for table in (DOCUMENTS, REVIEW, REJECTS)), key=lambda row: row.name)  # type: ignore[attr-defined]

    def take(self, table: Table, name: str) -> list[msgspec.Struct]:
        """Return the rows of a document; documents are asked for in order."""
        found = self._peek(table)
        if found is None or found[0] != name:
            return []
        self._waiting[table] = None
        return found[1]

    def _peek(self, table: Table) -> tuple[str, list[msgspec.Struct]] | None:
        if self._waiting.get(table) is None:
            found = next(self._groups[table], None)
            self._waiting[table] = None if found is None else (found[0], list(found[1]))
        return self._waiting[table]

    def left_over(self) -> Iterator[Fault]:
        """Yield a fault for each table that has rows nobody asked for."""
        for table in _OF_A_DOCUMENT:
            if (found := self._peek(table)) is not None:
                yield Fault(self.file(table), f"has rows of {found[0]!r} out of order, or of no document")

    def compare_formats(self, rows: dict[str, int]) -> Iterator[Fault]:
        """Yield a fault where Parquet and JSON Lines differ; count the rows."""
        for table, stem in self._stems.items():
            schema = arrow_schema(table.row)
            with (self._data / f"{stem}.jsonl").open("rb") as lines:
                try:
                    parquet = pa.parquet.ParquetFile(
                        self._data / f"{stem}.parquet", page_checksum_verification=True
                    )
                    rows[table.name] += parquet.metadata.num_rows
                    if not parquet.schema_arrow.equals(schema, check_metadata=True):
                        yield Fault(f"{stem}.parquet", "has other columns than the table")
                        continue
                    for group in range(parquet.num_row_groups):
                        found = parquet.read_row_group(group, use_threads=False)
                        block = b"".join(islice(lines, found.num_rows))
                        if not found.equals(arrow_rows(block, schema)):
                            yield Fault(f"{stem}.parquet", f"has other rows than {stem}.jsonl")
                            break
                    else:
                        if lines.read(1):
                            yield Fault(f"{stem}.jsonl", f"has more rows than {stem}.parquet")
                except (ValueError, OSError) as error:  # Arrow's own errors are among them
                    yield Fault(f"{stem}.parquet", f"cannot be read: {str(error).splitlines()[0]}")


def _document(row: msgspec.Struct) -> str:
    return row.document  # type: ignore[attr-defined,no-any-return]


def _check_document(
    data: Path, row: DocumentRow, found: Mapping[Table, list[msgspec.Struct]], part: _Part
) -> Iterator[Fault]:
    """Yield what does not fit in the files and rows of one document that has text."""
    name = row.name
    layers: dict[Kind, list[Edit]] = {kind: [] for kind in Kind}
    for edit in found[EDITS]:
        layers[edit.kind].append(edit.edit)
    if row.edits != count_edits(edit.edit for edit in found[EDITS]):
        yield Fault(part.file(DOCUMENTS), f"counts other edits of {name!r} than the ledger has")
    for table in (EDITS, PARAGRAPHS, NOTES):
        if len({some.id for some in found[table]}) < len(found[table]):
            yield Fault(part.file(table), f"gives two rows of {name!r} one id")
    path = json_file(name)
    try:
        file = msgspec.json.decode((data / path).read_bytes(), type=DocumentFile)
        if (file.name, file.status, file.metadata.source.sha256) != (name, row.status, row.sha256):
            yield Fault(path, "speaks of another document or status than the table")
        path = reading_file(name)
        reading = read_text(data / path)
        path = diplomatic_file(name)
        diplomatic = read_text(data / path)
        if apply(reading, layers[Kind.REPAIR]) != diplomatic:
            yield Fault(path, "is not what the reading and the repairs give")
            return  # what follows is counted in the diplomatic edition
        texts = Texts(reading, *(layers[kind] for kind in Kind))
        path = text_file(name)
        if texts.text != read_text(data / path):
            yield Fault(path, "is not what the diplomatic edition, structure and normalisations give")
        path = json_file(name)
        for fault in find_faults(texts, file.blocks, file.notes):
            yield Fault(path, fault)
        if isinstance(row, TextRow) and row.text != texts.text:
            yield Fault(part.file(DOCUMENTS), f"has another text of {name!r} than {text_file(name)}")
        if [(one.text, one.reading) for one in found[DIPLOMATIC]] != [(diplomatic, reading)]:
            yield Fault(part.file(DIPLOMATIC), f"has other texts of {name!r} than its files")
        if found[PARAGRAPHS] != list(paragraph_rows(file, reading)):
            yield Fault(part.file(PARAGRAPHS), f"has other blocks of {name!r} than {json_file(name)}")
        if found[NOTES] != list(note_rows(file)):
            yield Fault(part.file(NOTES), f"has other notes of {name!r} than {json_file(name)}")
    except LedgerError as error:
        yield Fault(part.file(EDITS), f"does not fit the texts of {name!r}: {error}")
    except (ValueError, RecursionError) as error:
        yield Fault(path, f"cannot be read: {error}")
