"""The tables of a release: written as JSON Lines and as Parquet, read back by name or in order.

Both hold the same rows, since the Parquet file is made from the lines. A large table is cut into parts,
at names that depend on the names alone: where a document changes, its part does, and the other parts of
the next release are those of this one. `cut` says where, `PartWriter` writes a part of every table, and
`read_rows`, `read_figures`, `find_rows` and `Finder` read them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import pyarrow.parquet

from release.columns import TABLES, Table, arrow_schema
from release.files import Files
from release.layout import part_stem

WHOLE = 4096
"""Documents up to which a table is one file."""
PART = 128
"""Documents that a part has at least; a cut comes after as many again on average."""
GROUP = 1 << 23
"""Bytes of JSON that make a row group of Parquet, about: what a reader takes into memory at once."""

_Row = TypeVar("_Row", bound=msgspec.Struct)


class DamagedTable(ValueError):  # noqa: N818 - it says what the table is
    """A table cannot be read: run ``prote verify`` and publish again.

    Attributes:
        file: name of the table's file.
    """

    def __init__(self, file: str, fault: str) -> None:
        self.file = file
        super().__init__(f"{file} cannot be read: {fault}")


def cut(names: Sequence[str]) -> list[slice]:
    """Return the parts that documents, named in order, are cut into.

    A part ends before a name whose sum says so (content-defined chunking, as in LBFS, Muthitacharoen 2001),
    so that a document more or less moves no cut but the next few.

    >>> cut(["a", "b"])
    [slice(0, 2, None)]
    """
    cuts = [0]
    if len(names) > WHOLE:
        for place, name in enumerate(names):
            if place - cuts[-1] >= PART:
                drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
                if drawn % PART == 0:
                    cuts.append(place)
    return [slice(start, end) for start, end in zip(cuts, [*cuts[1:], len(names)], strict=True)]


class PartWriter:
    """One part of every table, being written; a context manager, whose end finishes the files."""

    def __init__(self, files: Files, part: int, parts: int) -> None:
        self.rows = dict.fromkeys((table.name for table in TABLES), 0)
        self._files = files
        self._stem = {table.name: part_stem(table.name, part, parts) for table in TABLES}
        self._stack = ExitStack()
        self._writers: dict[str, _Writer] = {}

    def __enter__(self) -> PartWriter:
        for table in TABLES:
            stem = self._stem[table.name]
            lines = self._stack.enter_context(self._files.open(f"{stem}.jsonl"))
            parquet = self._stack.enter_context(self._files.open(f"{stem}.parquet"))
            self._writers[table.name] = self._stack.enter_context(_Writer(table, lines, parquet))
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.__exit__(*raised)  # type: ignore[arg-type]

    def add(self, table: Table, lines: bytes) -> None:
        """Add rows of one document, as lines of JSON; documents come in order of their names."""
        self.rows[table.name] += lines.count(b"\n")
        self._writers[table.name].add(lines)


class _Writer:
    """One part of one table."""

    def __init__(self, table: Table, lines: io.RawIOBase, parquet: io.RawIOBase) -> None:
        self._schema = arrow_schema(table.row)
        self._lines = lines
        self._waiting: list[bytes] = []
        self._size = 0
        self._parquet = pa.parquet.ParquetWriter(
            pa.PythonFile(parquet, "w"), self._schema, compression="zstd", write_page_checksum=True
        )

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._parquet.close()

    def add(self, lines: bytes) -> None:
        self._waiting.append(lines)
        self._size += len(lines)
        if self._size >= GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._size:
            block = b"".join(self._waiting)
            self._lines.write(block)
            self._parquet.write_table(arrow_rows(block, self._schema))
            self._waiting, self._size = [], 0


def arrow_rows(lines: bytes, schema: pa.Schema) -> pa.Table:
    """Return lines of JSON as the rows of a table.

    Raises:
        pyarrow.ArrowInvalid: if they are none, or have other columns.
    """
    # Arrow reads dates of JSON as numbers of days; ours are as ISO 8601 has them.
    read = pa.schema(
        [field.with_type(pa.string()) if field.type == pa.date32() else field for field in schema]
    )
    return pa.json.read_json(
        io.BytesIO(lines),
        # One block: a row must not be cut, however long it is.
        read_options=pa.json.ReadOptions(use_threads=False, block_size=max(len(lines) + 1, 1 << 10)),
        parse_options=pa.json.ParseOptions(explicit_schema=read, unexpected_field_behavior="error"),
    ).cast(schema)


def table_files(data: Path, table: Table, suffix: str) -> list[Path]:
    """Return the files of a table, part after part."""
    whole = data / f"{table.name}.{suffix}"
    return [whole] if whole.is_file() else sorted(data.glob(f"{table.name}-*-of-*.{suffix}"))


def count_rows(path: Path) -> int:
    """Return the number of rows of a Parquet file, which its footer says."""
    return int(pa.parquet.read_metadata(path).num_rows)


def read_rows(path: Path, row: type[_Row]) -> Iterator[_Row]:
    """Yield the rows of a file of JSON Lines.

    Raises:
        DamagedTable: if one cannot be read.
    """
    decode = msgspec.json.Decoder(row).decode
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                raise DamagedTable(path.name, f"row {number} does not end")
            try:
                yield decode(line)
            # RecursionError: of a row nested too deeply; UnicodeDecodeError is a ValueError.
            except (ValueError, RecursionError) as error:
                raise DamagedTable(path.name, f"row {number}: {error}") from None


def find_rows(data: Path, table: Table, row: type[_Row], document: str) -> list[_Row]:
    """Return the rows of one document; of a large table, what cannot hold them is not read.

    Raises:
        DamagedTable: if they cannot be read.
    """
    return Finder(data, table, row).find(document)


class Finder(Generic[_Row]):
    """The rows of one document after another, from a Parquet table.

    The row group that was read last is kept: documents asked for in order of their names cost one reading
    of the table at most, and a few of them the row groups that they stand in.

    Args:
        data: the folder of the release's files.
        table: which one.
        row: its type, or one with some of its columns.

    Raises:
        DamagedTable: if the table cannot be read.
    """

    def __init__(self, data: Path, table: Table, row: type[_Row]) -> None:
        self._key, self._row = table.key, row
        self._groups: list[tuple[str | None, str | None, Path, int]] = []
        for path in table_files(data, table, "parquet"):
            with _readable(path):
                footer = pa.parquet.read_metadata(path)
                column = footer.schema.names.index(table.key)
                for group in range(footer.num_row_groups):
                    bounds = footer.row_group(group).column(column).statistics
                    told = bounds is not None and bounds.has_min_max
                    self._groups.append(
                        (bounds.min, bounds.max, path, group) if told else (None, None, path, group)
                    )
        self._at: tuple[Path, int] | None = None
        self._rows = pa.table({})

    def find(self, document: str) -> list[_Row]:
        """Return the rows of a document, in order.

        Raises:
            DamagedTable: if they cannot be read.
        """
        found: list[_Row] = []
        for low, high, path, group in self._groups:
            if low is None or high is None or low <= document <= high:
                with _readable(path):
                    if self._at != (path, group):
                        columns = sorted({self._key, *self._row.__struct_fields__})
                        with pa.parquet.ParquetFile(path) as file:
                            self._rows = file.read_row_group(group, columns=columns, use_threads=False)
                        self._at = path, group
                    rows = self._rows.filter(pc.equal(self._rows[self._key], document))
                    found += msgspec.convert(rows.to_pylist(), list[self._row], strict=False)  # type: ignore[name-defined]
        return found


def read_figures(data: Path, table: Table, row: type[_Row]) -> Iterator[_Row]:
    """Yield the rows of a table, part after part, with the columns of `row`: the others are not read.

    Raises:
        DamagedTable: if they cannot be read.
    """
    for path in table_files(data, table, "parquet"):
        yield from convert(path, row)


def convert(path: Path, row: type[_Row]) -> list[_Row]:
    """Return the rows of a Parquet file with the columns that `row` has; the others are not read.

    Raises:
        DamagedTable: if they cannot be read.
    """
    with _readable(path):
        # Not `read_table`: it imports pandas, which takes seconds.
        table = pa.parquet.ParquetFile(path).read(columns=list(row.__struct_fields__), use_threads=False)
        return msgspec.convert(table.to_pylist(), list[row], strict=False)  # type: ignore[valid-type]


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, KeyError) as error:  # Arrow's own errors are among them
        raise DamagedTable(path.name, str(error).splitlines()[0]) from None
