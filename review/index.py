"""The index of a release: its doubtful repairs as questions, in SQLite, beside the state of the corpus.

A question is a pair (what was read, what is proposed), wherever it stands. The index is made once of each
release, is never changed, and holds nothing that the release does not: it may be thrown away. What curators
decided since is not in it, but in `review.queue`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from release.columns import DIPLOMATIC, DOCUMENTS, EDITS, REJECTS, REVIEW, Table
from release.ledger import line_spans
from release.rows import DocumentRow
from release.tables import DamagedTable, read_figures, table_files

VERSION = 2
"""Of the index; another makes it anew."""
AROUND = 160
"""Signs of the reading kept on either side of a doubtful word."""
Watch = Callable[[int, int], None]
"""Told how many steps are done, of how many."""

_COLUMNS = (
    "document",
    "kind",
    "start",
    "end",
    "before",
    "after",
    "rule",
    "probability",
    "decision",
    "evidence",
)
_BOXES = "boxes"
"""A column that releases made before it lack."""

_TABLES = """
CREATE TABLE document (id INTEGER PRIMARY KEY, name TEXT, path TEXT, status TEXT, row BLOB);
CREATE TABLE question (id INTEGER PRIMARY KEY, key TEXT, before TEXT, after TEXT,
    places INTEGER, documents INTEGER, value REAL);
CREATE TABLE place (id INTEGER PRIMARY KEY, question INTEGER, document INTEGER, start INTEGER, end INTEGER,
    rule TEXT, probability REAL, evidence BLOB, boxes BLOB,
    line INTEGER, page INTEGER, before_it TEXT, after_it TEXT, crowded INTEGER DEFAULT 0);
CREATE TABLE other (document INTEGER, start INTEGER, end INTEGER, after TEXT,
    probability REAL, evidence BLOB);
CREATE TABLE spot (question INTEGER, document INTEGER, places INTEGER, value REAL, made INTEGER,
    PRIMARY KEY (question, document)) WITHOUT ROWID;
CREATE TEMP TABLE applied (document INTEGER, before TEXT, after TEXT, made INTEGER);
CREATE UNIQUE INDEX document_name ON document (name);
"""
_SUMS = """
CREATE INDEX question_words ON question (before, after);
INSERT INTO spot SELECT question, document, count(*), sum(probability), 0 FROM place GROUP BY 1, 2;
INSERT INTO spot SELECT question.id, applied.document, 0, 0, sum(applied.made)
    FROM applied JOIN question USING (before, after) GROUP BY 1, 2
    ON CONFLICT DO UPDATE SET made = excluded.made;
UPDATE question SET (places, documents, value) =
    (SELECT sum(places), sum(places > 0), sum(value) FROM spot WHERE question = question.id);
DELETE FROM other WHERE NOT EXISTS (SELECT 1 FROM place
    WHERE place.document = other.document AND place.start = other.start AND place.end = other.end);
CREATE INDEX other_place ON other (document, start);
CREATE INDEX question_key ON question (key);
CREATE INDEX question_value ON question (value DESC, id);
CREATE INDEX spot_document ON spot (document);
"""


def question_key(before: str, after: str) -> str:
    """Return what a question is called in addresses: the same in every release."""
    return hashlib.sha256(msgspec.json.encode((before, after))).hexdigest()[:16]


def open_index(data: Path, folder: Path, release: str, watch: Watch = lambda _done, _total: None) -> Path:
    """Return the index of a release; where there is none, make it, and take those of other releases away.

    Args:
        data: the folder of the release's files.
        folder: of the indexes.
        release: its ID.
        watch: told how far it is.

    Raises:
        DamagedTable: if the release cannot be read.
        OSError: if the disk refuses.
    """
    path = folder / f"{release}-{VERSION}.sqlite"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".partial-{os.getpid()}-{path.name}"
        partial.unlink(missing_ok=True)
        try:
            _make(data, partial, watch)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        for other in folder.glob("*.sqlite"):
            if other != path:
                other.unlink(missing_ok=True)  # whoever has it open keeps it
    return path


def _make(data: Path, path: Path, watch: Watch) -> None:
    groups = [(file, group) for table in (EDITS, DIPLOMATIC) for file, group in _groups(data, table)]
    with sqlite3.connect(path) as base:
        base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
        documents = _documents(base, data)
        questions: dict[tuple[str, str], int] = {}
        prepared = False
        for done, (file, group) in enumerate(groups):
            watch(done, len(groups) + 1)
            if file.name.startswith(EDITS.name):
                _take_edits(base, file, group, documents, questions)
                continue
            if not prepared:
                base.execute("CREATE INDEX place_document ON place (document, start)")
                prepared = True
            _take_contexts(base, file, group, documents)
        _tell_crowded(base)
        base.executemany(
            "INSERT INTO question (id, key, before, after) VALUES (?, ?, ?, ?)",
            ((number, question_key(*pair), *pair) for pair, number in questions.items()),
        )
        if not prepared:
            base.execute("CREATE INDEX place_document ON place (document, start)")
        base.executescript("CREATE INDEX place_question ON place (question, document, start);" + _SUMS)
    base.close()
    watch(len(groups) + 1, len(groups) + 1)


def _documents(base: sqlite3.Connection, data: Path) -> dict[str, int]:
    rows = [row for table in (DOCUMENTS, REVIEW, REJECTS) for row in read_figures(data, table, DocumentRow)]
    rows.sort(key=lambda row: row.name)
    base.executemany(
        "INSERT INTO document VALUES (?, ?, ?, ?, ?)",
        (
            (number, row.name, row.path, row.status.value, msgspec.json.encode(row))
            for number, row in enumerate(rows, 1)
        ),
    )
    return {row.name: number for number, row in enumerate(rows, 1)}


def _tell_crowded(base: sqlite3.Connection) -> None:
    """Tell the places that share a sign with another, or are the same point."""
    crowded: set[int] = set()
    last = (0, 0, 0, 0)
    for place in base.execute("SELECT document, start, end, id FROM place ORDER BY document, start, end"):
        document, start, end, identity = place
        if document == last[0] and (start < last[2] or (start, end) == last[1:3]):
            crowded |= {last[3], identity}
        if document != last[0] or end >= last[2]:
            last = place
    base.executemany("UPDATE place SET crowded = 1 WHERE id = ?", [(identity,) for identity in crowded])


def _groups(data: Path, table: Table) -> Iterator[tuple[Path, int]]:
    for path in table_files(data, table, "parquet"):
        try:
            count = pq.read_metadata(path).num_row_groups
        except (ValueError, OSError) as error:
            raise DamagedTable(path.name, str(error).splitlines()[0]) from None
        yield from ((path, group) for group in range(count))


def _read(path: Path, group: int, columns: tuple[str, ...]) -> pa.Table:
    try:
        with pq.ParquetFile(path) as file:
            there = [column for column in columns if column in file.schema_arrow.names]
            return file.read_row_group(group, columns=there, use_threads=False)
    except (ValueError, OSError, KeyError) as error:
        raise DamagedTable(path.name, str(error).splitlines()[0]) from None


def _take_edits(
    base: sqlite3.Connection,
    path: Path,
    group: int,
    documents: dict[str, int],
    questions: dict[tuple[str, str], int],
) -> None:
    """Take in the doubtful repairs of a row group, and what it has of the same words or places."""
    rows = _read(path, group, (*_COLUMNS, _BOXES))
    rows = rows.filter(pc.equal(rows["kind"], "repair"))
    doubtful = rows.filter(pc.equal(rows["decision"], "review"))
    base.executemany(
        "INSERT INTO place (question, document, start, end, rule, probability, evidence, boxes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                questions.setdefault((row["before"], row["after"]), len(questions) + 1),
                documents[row["document"]],
                row["start"],
                row["end"],
                row["rule"],
                row["probability"],
                msgspec.json.encode(row["evidence"]),
                msgspec.json.encode(row.get(_BOXES) or ()),
            )
            for row in doubtful.to_pylist()
        ),
    )
    left = rows.filter(
        pc.and_(pc.equal(rows["decision"], "left"), pc.is_in(rows["start"], pc.unique(doubtful["start"])))
    )
    base.executemany(
        "INSERT INTO other VALUES (?, ?, ?, ?, ?, ?)",
        (
            (
                documents[row["document"]],
                row["start"],
                row["end"],
                row["after"],
                row["probability"],
                msgspec.json.encode(row["evidence"]),
            )
            for row in left.to_pylist()
        ),
    )
    applied = rows.filter(pc.equal(rows["decision"], "applied"))
    counted = applied.group_by(["document", "before", "after"]).aggregate([("start", "count")])
    base.executemany(
        "INSERT INTO applied VALUES (?, ?, ?, ?)",
        (
            (documents[row["document"]], row["before"], row["after"], row["start_count"])
            for row in counted.to_pylist()
        ),
    )


def _take_contexts(base: sqlite3.Connection, path: Path, group: int, documents: dict[str, int]) -> None:
    """Take in what stands around the doubtful words of the documents of a row group."""
    names = _read(path, group, ("document",))["document"].to_pylist()
    wanted = {
        name
        for name in names
        if base.execute("SELECT 1 FROM place WHERE document = ?", (documents[name],)).fetchone()
    }
    if not wanted:
        return
    rows = _read(path, group, ("document", "reading", "pages"))
    for row in rows.filter(pc.is_in(rows["document"], pa.array(sorted(wanted)))).to_pylist():
        reading, pages = row["reading"], row["pages"]
        starts = [start for start, _, _ in line_spans(reading)]
        found = base.execute(
            "SELECT id, start, end FROM place WHERE document = ?", (documents[row["document"]],)
        ).fetchall()
        base.executemany(
            "UPDATE place SET line = ?, page = ?, before_it = ?, after_it = ? WHERE id = ?",
            [
                (
                    max(1, bisect_right(starts, start)),
                    max(1, bisect_right(pages, start)),
                    reading[max(0, start - AROUND) : start],
                    reading[end : end + AROUND],
                    identity,
                )
                for identity, start, end in found
            ],
        )
