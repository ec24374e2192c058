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
import zlib
from collections.abc import Iterable, Iterator, Set
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec

from flows.exits import Stop
from flows.schema import COLUMNS, SCHEMA, outcome_digest, prepare
from release.writing import Item
from repair.document import Document, Outcome, Reason, Source, Status
from repair.edits import Decision

FOLDER = ".prote"
FILE = "state.sqlite"
_LEVEL = 3  # zlib: five times smaller than JSON; more takes longer than the repair itself

_OUTCOME = "path, name, sha256, size, witnesses, status, reasons, document"
_CODES = msgspec.json.Decoder(tuple[str, ...])
_WITNESSES = msgspec.json.Decoder(tuple[Source, ...])
_REASONS = msgspec.json.Decoder(tuple[Reason, ...])
_DOCUMENT = msgspec.json.Decoder(Document)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of a raw file, without its text.

    Attributes:
        path: below the raw folder.
        name: of the document.
        key: what it was processed with; empty where it is to be tried again.
        status: where it ended.
        failed: codes of the failed expectations, or of the refusal.
        damage_before: share of the words damaged in the reading; None for a refused document.
        damage_after: the same in the diplomatic edition.
        applied: number of repairs made.
        review: number of edits that wait for a curator.
    """

    path: str
    name: str
    key: str
    status: Status
    failed: tuple[str, ...]
    damage_before: float | None
    damage_after: float | None
    applied: int
    review: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be kept of one raw file.

    Attributes:
        outcome: where it ended.
        key: what it was processed with; empty where it is to be tried again.
        failed: codes of the failed expectations; empty for those of the reasons.
        packed: `outcome.document` packed; empty where there is none.
        asked: what the document asked of the memory (:attr:`repair.memory.store.Memory.asked`).
        phrases: what it tells others (:func:`repair.memory.phrases.phrases`); empty where it is not trusted.
        answers: digest of what the memory answered it; empty without memory.
        engines: by which its pages were read (:func:`flows.fingerprint.engines`); empty where none had to be.
        readings: names of the readings of pages that it uses.
    """

    outcome: Outcome
    key: str
    failed: tuple[str, ...] = ()
    packed: bytes = b""
    asked: bytes = b""
    phrases: bytes = b""
    answers: str = ""
    engines: str = ""
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Questions:
    """What a document asks of the memory of the corpus.

    Attributes:
        source: the raw file.
        asked: what it asked when it was processed without memory.
        recalled: what it asked when it was last processed with the memory; None where it was not.
        answers: digest of the answers then; empty where it is to be processed with the memory again.
    """

    source: Source
    asked: bytes
    recalled: bytes | None
    answers: str


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
            # SQLite wants to write beside the table to read it, except where nobody else is at work.
            # Who may write takes away again what it wrote there; what a killed run left is for the next run.
            waiting = self._path.with_name(f"{FILE}-wal").exists()
            alone = "?mode=rw" if os.access(folder, os.W_OK) else "?immutable=1"
            self._uri += "?mode=ro" if waiting else alone
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

    def save(self, entries: Iterable[Entry]) -> None:
        """Keep what became of some raw files without memory, all or none of them."""
        entries = list(entries)
        rows = [_row(entry) for entry in entries]
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
            connection.executemany(f"INSERT INTO documents ({COLUMNS}) VALUES ({_marks(15)})", rows)  # noqa: S608 - names of ours
            connection.executemany(f"INSERT INTO voices VALUES ({_marks(4)})", voices)  # noqa: S608 - as above
            connection.executemany(f"INSERT INTO scans VALUES ({_marks(3)})", scans)  # noqa: S608 - as above

    def save_recalled(self, entries: Iterable[Entry]) -> None:
        """Keep what became of some raw files with the memory of the corpus, all or none of them."""
        rows = [(*_row(entry), entry.asked, entry.answers) for entry in entries]
        with closing(self._connect()) as connection, connection:
            query = f"INSERT OR REPLACE INTO recalled ({COLUMNS}, asked, answers) VALUES ({_marks(17)})"  # noqa: S608 - names of ours
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

    def outcome(self, path: str) -> Outcome:
        """Return what became of a raw file that has a row."""
        with closing(self._connect()) as connection:
            query = f"SELECT {_OUTCOME} FROM latest WHERE path = ?"  # noqa: S608 - names of ours
            return _outcome(connection.execute(query, (path,)).fetchone())


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


def pack(document: Document) -> bytes:
    """Return a document as compressed JSON."""
    return zlib.compress(msgspec.json.encode(document), _LEVEL)


def unpack(packed: bytes) -> Document:
    """Return the document that was packed."""
    return _DOCUMENT.decode(zlib.decompress(packed))


def _row(entry: Entry) -> tuple[object, ...]:
    outcome = entry.outcome
    source, document = outcome.source, outcome.document
    decisions = [edit.decision for edit in document.edits] if document else []
    repairs = [edit.decision for edit in document.repairs] if document else []
    reasons, witnesses = msgspec.json.encode(outcome.reasons), msgspec.json.encode(source.witnesses)
    told = (source.path, source.name, source.sha256, source.size, witnesses, outcome.status.value, reasons)
    return (
        source.path,
        source.name,
        source.sha256,
        source.size,
        entry.key,
        outcome.status.value,
        reasons,
        msgspec.json.encode(entry.failed or [reason.code for reason in outcome.reasons]),
        document.before.damage if document else None,
        document.after.damage if document else None,
        repairs.count(Decision.APPLIED),
        decisions.count(Decision.REVIEW),
        entry.packed or None,
        witnesses,
        outcome_digest(*told, entry.packed or None),
    )
