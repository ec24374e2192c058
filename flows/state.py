"""The state of a corpus: a row or two for each raw file, in ``CLEAN/.prote/state.sqlite``.

A row says what the file's bytes were, what it was processed with (`key`), where it ended, and
holds the processed document. A run asks for the rows it can keep, saves the others batch by
batch, and publishes from here, one document in memory at a time. A run that is killed loses
the batches that were not saved, and nothing else. Prefect's history is never asked.

The first row of a file (`documents`) is what it is by itself; with it is kept what it may tell
others and what it asked of them (`voices`). Where others could answer, a second row (`recalled`)
is what it became with the memory of the corpus. Releases take the second row where there is one.
Where pages were read by OCR, it is kept by which engines, and which readings of pages it uses (`scans`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Set
from contextlib import closing, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec

from flows.entries import Entry, Questions, Row, row_of, unpack
from flows.exits import Stop
from flows.schema import COLUMNS, SCHEMA, prepare
from release.writing import Item
from repair.document import Document, Outcome, Reason, Source, Status

FOLDER = ".prote"
FILE = "state.sqlite"

_OUTCOME = "path, name, sha256, size, witnesses, status, reasons, document"
_CODES = msgspec.json.Decoder(tuple[str, ...])
_WITNESSES = msgspec.json.Decoder(tuple[Source, ...])
_REASONS = msgspec.json.Decoder(tuple[Reason, ...])


class State:
    """The table; one writer at a time, which the run's lock sees to. Usable from any thread."""

    def __init__(self, clean: Path, *, write: bool = True) -> None:
        """Open the table of an output folder, and make it where there is none.

        Args:
            clean: the output folder.
            write: False to change nothing in it, nor need to be allowed to; there must be one then.

        Raises:
            Stop: if it was made by a later program, or is damaged; without `write`, by an earlier one too.
        """
        folder = clean / FOLDER
        self._path = folder / FILE
        self._uri = self._path.absolute().as_uri()
        self._write = write
        if write:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            self._uri = reading_uri(folder)
        try:
            with closing(self._connect()) as connection:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version > SCHEMA:
                    raise Stop(
                        f"{self._path} was written by a later version of prote (schema {version}, "
                        f"this one knows {SCHEMA}): update prote, or take another --clean folder"
                    )
                if not write:
                    if version < SCHEMA:
                        raise Stop(
                            f"{self._path} was written by an earlier version of prote: prote run first"
                        )
                    return
                prepare(connection, version)
        except sqlite3.DatabaseError as error:
            raise Stop(
                f"the state {self._path} cannot be used ({error}): check the disk and its permissions; "
                f"removing the file costs only the time to process everything again"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        # A connection belongs to its thread; opening one costs 0.1 ms, and a batch seconds.
        connection = sqlite3.connect(self._uri, uri=True, timeout=60)
        if not self._write:
            connection.execute("PRAGMA query_only = ON")
        return connection

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the table open while much is read from it, by whatever process.

        SQLite tidies up when the last who has it open leaves: that takes longer than to read a document.
        """
        with closing(self._connect()) as connection:
            connection.execute("SELECT 1 FROM documents LIMIT 1").fetchall()
            yield

    def rows(self) -> list[Row]:
        """Return the figures of every raw file, by path."""
        with closing(self._connect()) as connection:
            found = connection.execute(
                "SELECT path, name, key, status, failed, damage_before, damage_after, applied, review "
                "FROM latest ORDER BY path"
            ).fetchall()
        return [
            Row(path, name, key, Status(status), _CODES.decode(failed), *figures)
            for path, name, key, status, failed, *figures in found
        ]

    def keys(self) -> dict[str, tuple[str, str]]:
        """Return (key, name) of every raw file, by path, as it was processed without memory."""
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT path, key, name FROM documents").fetchall()
        return {path: (key, name) for path, key, name in found}

    def ruled(self) -> Iterator[tuple[str, str, str, bytes, bytes, str]]:
        """Yield path, name, sha256, proposals, weighed, rulings of raw files, without memory and with it."""
        with closing(self._connect()) as connection:
            query = "SELECT path, name, sha256, proposals, weighed, rulings FROM"
            yield from connection.execute(f"{query} documents UNION ALL {query} recalled")

    def rulings(self) -> list[str]:
        """Return the different sets of rulings that concern raw files, each as its entry has it."""
        with closing(self._connect()) as connection:
            query = "SELECT rulings FROM documents UNION SELECT rulings FROM recalled"
            return [row[0] for row in connection.execute(query)]

    def save(self, entries: Iterable[Entry]) -> None:
        """Keep what became of some raw files without memory, all or none of them."""
        entries = list(entries)
        rows = [row_of(entry) for entry in entries]
        voices = [
            (row[0], entry.asked, sha256(entry.phrases).hexdigest() if entry.phrases else "", entry.phrases)
            for row, entry in zip(rows, entries, strict=True)
        ]
        scans = [
            (row[0], entry.engines, msgspec.json.encode(entry.readings))
            for row, entry in zip(rows, entries, strict=True)
            if entry.engines
        ]
        named = [row[:2] for row in rows]
        with closing(self._connect()) as connection, connection:
            # A name may have passed from one path to another since the last run.
            gone = "SELECT path FROM documents WHERE path = ? OR name = ?"
            for table in ("scans", "voices", "recalled", "documents"):
                connection.executemany(f"DELETE FROM {table} WHERE path IN ({gone})", named)  # noqa: S608 - names of ours
            connection.executemany(f"INSERT INTO documents ({COLUMNS}) VALUES ({_marks(18)})", rows)  # noqa: S608 - names of ours
            connection.executemany(f"INSERT INTO voices VALUES ({_marks(4)})", voices)  # noqa: S608 - as above
            connection.executemany(f"INSERT INTO scans VALUES ({_marks(3)})", scans)  # noqa: S608 - as above

    def save_recalled(self, entries: Iterable[Entry]) -> None:
        """Keep what became of some raw files with the memory of the corpus, all or none of them."""
        rows = [(*row_of(entry), entry.asked, entry.answers) for entry in entries]
        with closing(self._connect()) as connection, connection:
            query = f"INSERT OR REPLACE INTO recalled ({COLUMNS}, asked, answers) VALUES ({_marks(20)})"  # noqa: S608 - names of ours
            connection.executemany(query, rows)

    def forget_recalled(self, paths: Iterable[str]) -> None:
        """Have some raw files be what they are without memory."""
        with closing(self._connect()) as connection, connection:
            connection.executemany("DELETE FROM recalled WHERE path = ?", [(path,) for path in paths])

    def trusted(self) -> list[tuple[str, str, str]]:
        """Return (path, name, digest of its phrases) of the documents that others may ask, by path."""
        with closing(self._connect()) as connection:
            return connection.execute(
                "SELECT path, name, voices.digest FROM documents JOIN voices USING (path) "
                "WHERE voices.digest != '' ORDER BY path"
            ).fetchall()

    def phrases(self) -> Iterator[tuple[str, bytes]]:
        """Yield (name, phrases) of the same, one document in memory at a time."""
        with closing(self._connect()) as connection:
            yield from connection.execute(
                "SELECT name, phrases FROM documents JOIN voices USING (path) "
                "WHERE voices.digest != '' ORDER BY path"
            )

    def questions(self) -> Iterator[Questions]:
        """Yield what the documents ask of the memory, by path; those to be tried again ask nothing."""
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT one.path, one.name, one.sha256, one.size, one.witnesses, voices.asked, two.asked, "
                "CASE two.key WHEN one.key THEN two.answers ELSE '' END "
                "FROM documents AS one JOIN voices USING (path) LEFT JOIN recalled AS two USING (path) "
                "WHERE one.key != '' AND one.document IS NOT NULL ORDER BY one.path"
            )
            for path, name, digest, size, others, asked, recalled, answers in rows:
                source = Source(name, path, digest, size, _WITNESSES.decode(others))
                yield Questions(source, asked, recalled, answers)

    def packed(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return some processed documents, as they are without memory, by path."""
        query = "SELECT document FROM documents WHERE path = ?"
        with closing(self._connect()) as connection:
            return {path: connection.execute(query, (path,)).fetchone()[0] for path in paths}

    def sizes(self) -> dict[str, int]:
        """Return how many bytes each processed document takes as it is packed, by path."""
        with closing(self._connect()) as connection:
            query = "SELECT path, length(document) FROM latest WHERE document IS NOT NULL"
            return dict(connection.execute(query))

    def expire(self, path: str) -> None:
        """Have a raw file processed again, whatever its key; until then its row stands."""
        with closing(self._connect()) as connection, connection:
            connection.execute("UPDATE documents SET key = '' WHERE path = ?", (path,))

    def both(self, path: str) -> list[Document | None]:
        """Return a raw file's document without memory, and with it where there is one; None where refused."""
        query = "SELECT document FROM"
        query = f"{query} documents WHERE path = ?1 UNION ALL {query} recalled WHERE path = ?1"
        with closing(self._connect()) as connection:
            found = connection.execute(query, (path,)).fetchall()
        return [None if packed is None else unpack(packed) for (packed,) in found]

    def carry_over(self, keys: Iterable[tuple[str, str, str]]) -> None:
        """Give raw files another key, where what became of them is what it was: (path, old key, new key)."""
        changes = [(new, path, old) for path, old, new in keys]
        if changes:
            with closing(self._connect()) as connection, connection:
                for table in ("documents", "recalled"):
                    connection.executemany(f"UPDATE {table} SET key = ? WHERE path = ? AND key = ?", changes)  # noqa: S608 - a name of ours

    def engines(self) -> list[str]:
        """Return the sets of engines that were there when pages were read, in order."""
        with closing(self._connect()) as connection:
            return [
                row[0] for row in connection.execute("SELECT DISTINCT engines FROM scans ORDER BY engines")
            ]

    def expire_scans(self, engines: str) -> None:
        """Have the raw files processed again whose pages were read where other engines were installed."""
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "UPDATE documents SET key = '' WHERE path IN (SELECT path FROM scans WHERE engines != ?)",
                (engines,),
            )

    def readings(self) -> Set[str]:
        """Return the names of all readings of pages that documents use."""
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT readings FROM scans").fetchall()
        return {name for (names,) in found for name in _CODES.decode(names)}

    def keep_only(self, paths: Iterable[str]) -> list[str]:
        """Forget the raw files that are not among `paths`; return their paths."""
        gone = sorted(self.keys().keys() - set(paths))
        if gone:
            with closing(self._connect()) as connection, connection:
                for table in ("documents", "recalled", "voices", "scans"):
                    connection.executemany(f"DELETE FROM {table} WHERE path = ?", [(path,) for path in gone])  # noqa: S608 - a name of ours
        return gone

    def items(self) -> list[Item]:
        """Return what is to be published of every raw file; each loads its outcome when it is asked to."""
        with closing(self._connect()) as connection:
            found = connection.execute(
                "SELECT path, name, sha256, size, witnesses, digest FROM latest ORDER BY name"
            ).fetchall()
        return [
            Item(
                Source(name, path, sha256, size, _WITNESSES.decode(others)),
                digest,
                partial(self.outcome, path),
            )
            for path, name, sha256, size, others, digest in found
        ]

    def quarantined(self) -> list[Outcome]:
        """Return what is in quarantine, by path, without the documents."""
        with closing(self._connect()) as connection:
            found = connection.execute(
                "SELECT path, name, sha256, size, witnesses, status, reasons, NULL FROM latest "
                "WHERE status = ? ORDER BY path",
                (Status.QUARANTINE.value,),
            ).fetchall()
        return [_outcome(row) for row in found]

    def outcome(self, path: str) -> Outcome:
        """Return what became of a raw file that has a row."""
        with closing(self._connect()) as connection:
            query = f"SELECT {_OUTCOME} FROM latest WHERE path = ?"  # noqa: S608 - names of ours
            return _outcome(connection.execute(query, (path,)).fetchone())


def reading_uri(folder: Path) -> str:
    """Return the URI by which SQLite reads the table of a state's folder, and leaves the folder as it is."""
    # SQLite wants to write beside the table to read it, except where nobody else is at work.
    # Who may write takes away again what it wrote there; what a killed run left is for the next run.
    path = folder / FILE
    waiting = path.with_name(f"{FILE}-wal").exists()
    alone = "?mode=rw" if os.access(folder, os.W_OK) else "?immutable=1"
    return path.absolute().as_uri() + ("?mode=ro" if waiting else alone)


def _outcome(row: tuple[str, str, str, int, bytes, str, bytes, bytes | None]) -> Outcome:
    path, name, digest, size, others, status, reasons, document = row
    return Outcome(
        Source(name, path, digest, size, _WITNESSES.decode(others)),
        Status(status),
        _REASONS.decode(reasons),
        unpack(document) if document is not None else None,
    )


def _marks(number: int) -> str:
    return ",".join("?" * number)
