"""The tables of the state, and how those of an earlier program become ours.

`SCHEMA` is the version that `prepare` makes of any state it can read. Each step of `_STEPS` leads from one
version to the next, so that a state of any age is brought up to date, and nothing in it is lost.
"""

from __future__ import annotations

import sqlite3
import zlib
from hashlib import sha256

SCHEMA = 7

COLUMNS = (
    "path, name, sha256, size, key, status, reasons, failed, damage_before, damage_after, applied, review, "
    "document, witnesses, digest, proposals, rulings, weighed"
)
_ROW = """
    path TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    key TEXT NOT NULL,
    status TEXT NOT NULL,
    reasons BLOB NOT NULL,
    failed BLOB NOT NULL,
    damage_before REAL,
    damage_after REAL,
    applied INTEGER NOT NULL,
    review INTEGER NOT NULL,
    document BLOB,
    witnesses BLOB NOT NULL DEFAULT X'5B5D',
    digest TEXT NOT NULL DEFAULT '',
    proposals BLOB NOT NULL DEFAULT X'',
    rulings TEXT NOT NULL DEFAULT '',
    weighed BLOB NOT NULL DEFAULT X''
"""
_TABLES = f"""
CREATE TABLE IF NOT EXISTS documents ({_ROW}) STRICT;
CREATE TABLE IF NOT EXISTS recalled ({_ROW}, asked BLOB NOT NULL, answers TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS voices (
    path TEXT PRIMARY KEY,
    asked BLOB NOT NULL,
    digest TEXT NOT NULL,
    phrases BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS scans (
    path TEXT PRIMARY KEY,
    engines TEXT NOT NULL,
    readings BLOB NOT NULL
) STRICT;
DROP VIEW IF EXISTS latest;
CREATE VIEW latest AS
    SELECT {COLUMNS} FROM documents WHERE path NOT IN (SELECT path FROM recalled)
    UNION ALL
    SELECT {COLUMNS} FROM recalled;
"""  # noqa: S608 - names of ours
_STEPS = {
    # The first program had one table, and no memory.
    1: """
CREATE TABLE recalled (
    path TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    key TEXT NOT NULL,
    status TEXT NOT NULL,
    reasons BLOB NOT NULL,
    failed BLOB NOT NULL,
    damage_before REAL,
    damage_after REAL,
    applied INTEGER NOT NULL,
    review INTEGER NOT NULL,
    document BLOB,
    asked BLOB NOT NULL,
    answers TEXT NOT NULL
) STRICT;
""",
    2: """
ALTER TABLE documents ADD COLUMN witnesses BLOB NOT NULL DEFAULT X'5B5D';
ALTER TABLE recalled ADD COLUMN witnesses BLOB NOT NULL DEFAULT X'5B5D';
""",
    3: "",  # the table of scans is new
    # Version 3 was made with a default that is text, which its column does not take.
    4: """
ALTER TABLE documents ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE recalled ADD COLUMN digest TEXT NOT NULL DEFAULT '';
UPDATE documents SET witnesses = CAST(witnesses AS BLOB);
UPDATE recalled SET witnesses = CAST(witnesses AS BLOB);
UPDATE documents SET digest = outcome_digest(path, name, sha256, size, witnesses, status, reasons, document);
UPDATE recalled SET digest = outcome_digest(path, name, sha256, size, witnesses, status, reasons, document);
""",
    # What an earlier program processed is processed again, and then tells its proposals.
    5: """
ALTER TABLE documents ADD COLUMN proposals BLOB NOT NULL DEFAULT X'';
ALTER TABLE recalled ADD COLUMN proposals BLOB NOT NULL DEFAULT X'';
ALTER TABLE documents ADD COLUMN rulings TEXT NOT NULL DEFAULT '';
ALTER TABLE recalled ADD COLUMN rulings TEXT NOT NULL DEFAULT '';
""",
    6: """
ALTER TABLE documents ADD COLUMN weighed BLOB NOT NULL DEFAULT X'';
ALTER TABLE recalled ADD COLUMN weighed BLOB NOT NULL DEFAULT X'';
""",
}


def prepare(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables of a new state, whose version is 0, or bring those of an earlier one up to date.

    All of it is done, or nothing.

    Raises:
        sqlite3.DatabaseError: if they are no tables of ours.
    """
    connection.execute("PRAGMA journal_mode=WAL")
    if version == SCHEMA:
        return
    connection.create_function("outcome_digest", 8, outcome_digest, deterministic=True)
    steps = [] if version == 0 else [_STEPS[step] for step in range(version, SCHEMA)]
    script = f"DROP VIEW IF EXISTS latest; {''.join(steps)} {_TABLES} PRAGMA user_version = {SCHEMA};"
    connection.executescript(f"BEGIN; {script} COMMIT;")


def outcome_digest(*row: str | int | bytes | None) -> str:
    """Return a sum of all that became of a raw file: the same digest, the same outcome.

    Args:
        row: path, name, sha256, size, witnesses, status, reasons, and the document as it is packed. What is
            summed of it is its JSON: how well it was packed is the machine's affair.
    """
    *told, packed = row
    total = sha256()
    for part in told:
        data = part if isinstance(part, bytes) else str(part).encode()
        total.update(len(data).to_bytes(8) + data)
    if isinstance(packed, bytes):
        total.update(zlib.decompress(packed))
    return total.hexdigest()
