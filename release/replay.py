"""The second half of checking a release: its tables against one another and against its files.

`check_tables` goes through all tables once, document after document: the Parquet files hold the rows of the
JSON Lines, every document has its files and its rows, and both agree (`release.agreement`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import groupby, islice
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet

from release.agreement import OF_A_DOCUMENT, Fault, Place, check_document
from release.columns import DOCUMENTS, EDITS, REJECTS, REVIEW, TABLES, Table, arrow_schema, earlier_schema
from release.layout import (
    CROISSANT,
    LINEAGE,
    PACKAGE,
    README,
    REPORT,
    SCHEMA,
    page_file,
    part_stem,
    text_files,
)
from release.records import RELEASE_VERSION, Lineage, StatusCounts
from release.rows import DocumentRow
from release.tables import DamagedTable, arrow_rows, read_rows
from repair.document import Status

_STATUS = {DOCUMENTS: Status.PUBLISHED, REVIEW: Status.REVIEW, REJECTS: Status.QUARANTINE}


def check_tables(
    data: Path, lineage: Lineage, sums: Mapping[str, str], files: set[str], faults: list[Fault]
) -> int:
    """Check the tables of a release; return how many edits were made again.

    Args:
        data: the folder of its files.
        lineage: what it says of itself.
        sums: the files its manifest names.
        files: those of them that are what was published; no other is opened.
        faults: where faults are added.
    """
    expected = {README, REPORT, SCHEMA, LINEAGE, PACKAGE, CROISSANT}
    counts = dict.fromkeys(Status, 0)
    rows = dict.fromkeys((table.name for table in TABLES), 0)
    last, edits, whole = "", 0, True
    for part in range(lineage.parts):
        checked = _Part(data, part, lineage)
        paths = set(checked.paths())
        expected |= paths
        if not paths <= files:
            # Tables that are missing or not what was published are faults already.
            faults += [Fault(path, "is missing from the manifest") for path in sorted(paths - sums.keys())]
            whole = False
            continue
        try:
            faults += checked.compare_formats(rows)
            for table, row in checked.documents():
                home = checked.file(table)
                if row.name <= last:
                    faults.append(Fault(home, f"names {row.name!r} after {last!r}"))
                last = row.name
                if row.status is not _STATUS[table]:
                    faults.append(Fault(home, f"has {row.name!r}, which is in {row.status.value}"))
                counts[row.status] += 1
                own = {page_file(row.name)}
                if row.status is not Status.QUARANTINE:
                    own.update(text_files(row.name))
                if not own <= sums.keys():
                    faults.append(Fault(home, f"has {row.name!r}, of which files are missing"))
                expected |= own
                found = {table: checked.take(table, row.name) for table in OF_A_DOCUMENT}
                edits += len(found[EDITS])
                if row.status is Status.QUARANTINE:
                    faults += [
                        Fault(checked.file(table), f"has rows of {row.name!r}, which is in quarantine")
                        for table, some in found.items()
                        if some
                    ]
                    continue
                if own <= files:
                    faults += check_document(Place(data, home, checked.file), row, found)
            faults += checked.left_over()
        except DamagedTable as error:
            faults.append(Fault(error.file, str(error)))
            whole = False
    if whole:  # else nobody knows what there should be
        said = {table.name: table.rows for table in lineage.tables}
        if said != rows:
            faults.append(Fault(LINEAGE, "has other counts of rows than the tables"))
        if lineage.documents != StatusCounts(**{status.value: counts[status] for status in Status}):
            faults.append(Fault(LINEAGE, "has other counts of documents than the tables"))
        faults += [Fault(path, "is missing from the manifest") for path in sorted(expected - sums.keys())]
        faults += [Fault(path, "belongs to no document") for path in sorted(sums.keys() - expected)]
    faults += _check_descriptions(data, sums, files)
    return edits


def _check_descriptions(data: Path, sums: Mapping[str, str], files: set[str]) -> Iterator[Fault]:
    """Yield a fault for each description of the data whose sums of the tables are not the manifest's."""
    tables = {path: sha256 for path, sha256 in sums.items() if path.endswith((".jsonl", ".parquet"))}
    parquet = {path: sha256 for path, sha256 in tables.items() if path.endswith(".parquet")}
    for path, entries, name, key, prefix, expected in (
        (PACKAGE, "resources", "path", "hash", "sha256:", tables),
        (CROISSANT, "distribution", "contentUrl", "sha256", "", parquet),
    ):
        if path in files:
            try:
                found = json.loads((data / path).read_bytes())[entries]
                said = {entry[name]: entry[key].removeprefix(prefix) for entry in found if key in entry}
            except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
                yield Fault(path, f"cannot be read: {error}")
                continue
            if said != expected:
                yield Fault(path, "gives other sums of the tables than the manifest")


class _Part:
    """One part of every table, gone through in order of the documents."""

    def __init__(self, data: Path, part: int, lineage: Lineage) -> None:
        self._data = data
        # Another minor version has other descriptions, and may have fewer columns: docs/tables.md.
        self._exact = lineage.version == RELEASE_VERSION
        self._stems = {table: part_stem(table.name, part, lineage.parts) for table in TABLES}
        self._groups = {table: groupby(self._rows(table), key=_document) for table in OF_A_DOCUMENT}
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

    def documents(self) -> Iterator[tuple[Table, DocumentRow]]:
        """Yield the rows of the documents of all three tables, by name, each with its table."""
        return merge(*(self._of(table) for table in _STATUS), key=lambda found: found[1].name)

    def _of(self, table: Table) -> Iterator[tuple[Table, DocumentRow]]:
        for row in self._rows(table):
            yield table, row  # type: ignore[misc]  # these three have no other

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
        for table in OF_A_DOCUMENT:
            if (found := self._peek(table)) is not None:
                yield Fault(self.file(table), f"has rows of {found[0]!r} out of order, or of no document")

    def compare_formats(self, rows: dict[str, int]) -> Iterator[Fault]:
        """Yield a fault where Parquet and JSON Lines differ; count the rows."""
        for table, stem in self._stems.items():
            path = f"{stem}.parquet"
            try:
                parquet = pa.parquet.ParquetFile(self._data / path, page_checksum_verification=True)
                rows[table.name] += parquet.metadata.num_rows
                columns = parquet.schema_arrow
                schema = arrow_schema(table.row) if self._exact else earlier_schema(table.row, columns)
                if not columns.equals(schema, check_metadata=self._exact):
                    yield Fault(path, "has other columns than the table")
                    continue
                with (self._data / f"{stem}.jsonl").open("rb") as lines:
                    for group in range(parquet.num_row_groups):
                        path = f"{stem}.parquet"
                        found = parquet.read_row_group(group, use_threads=False)
                        path = f"{stem}.jsonl"
                        if not found.equals(arrow_rows(b"".join(islice(lines, found.num_rows)), schema)):
                            yield Fault(f"{stem}.parquet", f"has other rows than {stem}.jsonl")
                            break
                    else:
                        if lines.read(1):
                            yield Fault(f"{stem}.jsonl", f"has more rows than {stem}.parquet")
            except (pa.ArrowException, ValueError, OSError) as error:
                yield Fault(path, f"cannot be read: {str(error).splitlines()[0]}")


def _document(row: msgspec.Struct) -> str:
    return row.document  # type: ignore[attr-defined,no-any-return]
