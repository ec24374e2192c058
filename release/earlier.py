"""The release before: what of it can be taken over as it is, so that ten new documents cost what ten cost.

`Earlier.open` returns the current release where it is whole, untouched, and made with the same versions.
Its files are then linked, its parts of tables taken over where all their documents are the same, and rows
of unchanged documents copied line by line where a part is not.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from release.bag import BadBag, bag_id, read_bag
from release.columns import DOCUMENTS, REJECTS, REVIEW, Table
from release.layout import CURRENT, DATA, LINEAGE, TAG_FILES, TAG_MANIFEST, part_stem
from release.records import DECISIONS, RELEASE_VERSION, Lineage
from release.tables import DamagedTable, convert
from repair.document import Status


class _Figures(msgspec.Struct, frozen=True):
    name: str
    digest: str
    status: Status


class _Key(msgspec.Struct, frozen=True):
    """The column that holds the name of the document, whichever the table calls it."""

    name: str = ""
    document: str = ""


def part_digest(documents: Iterable[tuple[str, str]]) -> str:
    """Return a sum of the documents of a part, each (name, digest)."""
    return hashlib.sha256(msgspec.json.encode(list(documents))).hexdigest()


class Earlier:
    """The current release, sound as far as can be told without reading all of it.

    Attributes:
        path: its folder.
        data: the folder of its files.
        sums: sha256 of each, by its path below ``data/``.
        lineage: what it was made with.
        documents: digest and status of each document, by name.
        parts: the parts of its tables, by the sum of their documents.
    """

    def __init__(self, path: Path, sums: Mapping[str, str], lineage: Lineage) -> None:
        self.path, self.data, self.sums, self.lineage = path, path / DATA, sums, lineage
        self.documents: dict[str, tuple[str, Status]] = {}
        self.parts: dict[str, int] = {}
        self._first: list[str] = []
        self._cursors: dict[str, _Cursor] = {}
        for part in range(lineage.parts):
            found = sorted(
                (row.name, row.digest, row.status)
                for table in (DOCUMENTS, REVIEW, REJECTS)
                for row in convert(self._part(table, part, "parquet"), _Figures)
            )
            self.parts[part_digest((name, digest) for name, digest, _ in found)] = part
            self.documents |= {name: (digest, status) for name, digest, status in found}
            self._first.append(found[0][0] if found else "")

    @classmethod
    def open(cls, clean: Path, versions: Mapping[str, str]) -> Earlier | None:
        """Return the current release of an output folder; None where nothing of it can be taken over.

        A file that is missing, added, or was written to after the release was finished spoils it. What the
        disk lost by itself is for ``prote verify`` to find.
        """
        try:
            path = (clean / CURRENT).resolve(strict=True).parent
            if bag_id(path) != path.name:
                return None  # signed anew: nobody knows what it holds
            sums = read_bag(path)
            lineage = msgspec.json.decode((path / DATA / LINEAGE).read_bytes(), type=Lineage)
            # A ruling has all of a document written anew that it reaches, and nothing else.
            made, wanted = ({**told, DECISIONS: ""} for told in (lineage.versions, versions))
            if (lineage.version, made) != (RELEASE_VERSION, wanted):
                return None
            if not _untouched(path, sums):
                return None
            return cls(path, sums, lineage)
        except (OSError, BadBag, DamagedTable, ValueError):
            return None

    def has(self, name: str, digest: str) -> bool:
        """Say whether a document was published as it is."""
        return self.documents.get(name, ("",))[0] == digest

    def lines(self, table: Table, name: str) -> bytes:
        """Return the rows of a document; documents must be asked for in order of their names.

        Raises:
            DamagedTable: if they stand in a file that is not what was published any more.
        """
        if table.name not in self._cursors:
            paths = [self._part(table, part, "jsonl") for part in range(self.lineage.parts)]
            sums = [self.sums[path.name] for path in paths]
            self._cursors[table.name] = _Cursor(table, paths, sums, self._first)
        return self._cursors[table.name].take(name)

    def _part(self, table: Table, part: int, suffix: str) -> Path:
        return self.data / f"{part_stem(table.name, part, self.lineage.parts)}.{suffix}"


class _Cursor:
    """The lines of a table, gone through once; parts that nobody asks for are not opened."""

    def __init__(
        self, table: Table, paths: Sequence[Path], sums: Sequence[str], first: Sequence[str]
    ) -> None:
        self._key = msgspec.json.Decoder(_Key)
        self._column = table.key
        self._paths, self._sums, self._first = paths, sums, first
        self._part = -1
        self._groups: Iterator[tuple[str, Iterator[tuple[str, bytes]]]] = iter(())
        self._next: tuple[str, bytes] | None = None

    def take(self, name: str) -> bytes:
        part = max(0, bisect_right(self._first, name) - 1)
        if part != self._part:
            self._part = part
            path = self._paths[part]
            # Rows get new sums where they are written again: what the disk did to them would be hidden.
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != self._sums[part]:
                    raise DamagedTable(path.name, "it is not what was published")
            self._groups = groupby(self._lines(path), key=lambda line: line[0])
            self._next = None
        while self._next is None or self._next[0] < name:
            found = next(self._groups, None)
            if found is None:
                return b""
            self._next = found[0], b"".join(line for _, line in found[1])
        return self._next[1] if self._next[0] == name else b""

    def _lines(self, path: Path) -> Iterator[tuple[str, bytes]]:
        name, same = "", b"\n"  # no line begins so
        with path.open("rb") as file:
            for line in file:
                if not line.startswith(same):
                    name = getattr(self._key.decode(line), self._column)
                    # Where the name comes first, as in the ledger, most lines tell it without being read.
                    same = b'{"%s":%s,' % (self._column.encode(), msgspec.json.encode(name))
                yield name, line


def _untouched(path: Path, sums: Mapping[str, str]) -> bool:
    """Say whether the files of a release are those it was finished with, by their times."""
    if {entry.name for entry in path.iterdir()} != {DATA, TAG_MANIFEST, *TAG_FILES}:
        return False
    finished = (path / TAG_MANIFEST).stat().st_mtime_ns
    seen = 0
    data = str(path / DATA)
    for folder, folders, names in os.walk(data):
        if not folders and not names:
            return False  # no publisher makes an empty folder
        below = folder[len(data) + 1 :]
        for name in names:
            file = f"{below}/{name}" if below else name
            if file not in sums or os.lstat(f"{folder}/{name}").st_mtime_ns > finished:
                return False
            seen += 1
    return seen == len(sums)
