"""States of every earlier schema, made by the statements that the programs of their day made them with.

`cases/states/N.sql` has the tables of schema N, and rows as they were written then: `document(NAME)` is a
document as that program packed it, with the fields that it had.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from release_documents import make_document

from flows.decisions import Decisions
from flows.entries import Entry, pack
from flows.exits import Stop
from flows.plan import pending
from flows.recall import recall
from flows.schema import SCHEMA
from flows.state import FILE, FOLDER, State
from flows.survey import survey
from release.publish import publish
from release.verify import verify
from repair.document import Document, Outcome, Reason, Source, Status

STATES = Path(__file__).parent / "cases" / "states"
VERSIONS = sorted(int(path.stem) for path in STATES.glob("*.sql"))
EMPTY = Reason("empty", "Ce fichier est vide.", "This file is empty.")


def packed_then(version: int, name: str) -> bytes:
    """Return a document as the program of a schema packed it."""
    told: dict[str, Any] = msgspec.to_builtins(make_document(name))
    lacked = ["triage", "remarks"] if version < 4 else []
    if version < 3:
        lacked += ["layout", "losers", "disagreement"]
        for part, fields in ((told, ("metadata", "style")), (told["source"], ("witnesses",))):
            for field in fields:
                del part[field]
        for block in told["paragraphs"]:
            del block["rest"]
    for field in lacked:
        del told["reading"][field]
    return zlib.compress(msgspec.json.encode(told), 3)


def make_state(clean: Path, version: int) -> Path:
    """Make the state of an output folder as the program of a schema left it; return its file."""
    path = clean / FOLDER / FILE
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for name, give in (
            ("document", lambda name: packed_then(version, name)),
            ("sha", lambda name: make_document(name).source.sha256),
            ("size", lambda name: make_document(name).source.size),
        ):
            connection.create_function(name, 1, give)
        connection.executescript((STATES / f"{version}.sql").read_text(encoding="utf-8"))
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
    return path


def documents(version: int) -> dict[str, Document]:
    """Return the documents of a state, by name."""
    names = "acd" if version >= 3 else "ac"
    return {
        name: msgspec.json.decode(zlib.decompress(packed_then(version, name)), type=Document)
        for name in names
    }


def expected(version: int) -> list[Outcome]:
    """Return what is in a state, by name."""
    found = {"b": Outcome(Source("b", "b.bin", "00", 0), Status.QUARANTINE, (EMPTY,), None)}
    for name, document in documents(version).items():
        source = make_document(name).source
        others = (Source("d", "d.md", "11", 3),) if name == "d" else ()
        source = Source(source.name, source.path, source.sha256, source.size, others)
        found[name] = Outcome(source, Status.PUBLISHED, (), document)
    return [found[name] for name in sorted(found)]


def columns(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Return the columns of each table and view: name, type, whether null may stand there, key."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        ).fetchall()
        return {
            name: {
                (row[1], row[2], row[3], row[5]) for row in connection.execute(f"PRAGMA table_info({name})")
            }
            for (name,) in names
        }


def test_every_earlier_schema_has_its_script() -> None:
    assert set(range(1, SCHEMA)) <= set(VERSIONS)
    for version in VERSIONS:
        assert re.search(
            f"user_version = {version};", (STATES / f"{version}.sql").read_text(encoding="utf-8")
        )


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_in_a_state_of_an_earlier_program_is_lost(tmp_path: Path, version: int) -> None:
    path = make_state(tmp_path, version)
    state = State(tmp_path)
    assert [item.load() for item in state.items()] == expected(version)
    assert {row.name: (row.status, row.applied, row.failed) for row in state.rows()} == dict.fromkeys(
        documents(version), (Status.PUBLISHED, 3, ())
    ) | {"b": (Status.QUARANTINE, 0, ("empty",))}
    asked = {question.source.name: (question.recalled, question.answers) for question in state.questions()}
    if version > 1:
        assert asked["a"] == (bytes(range(1, 9)), "answers-of-a")
        assert state.trusted() == [("c.txt", "c", "digest-of-c")]
    assert state.readings() == ({"reading-of-d"} if version >= 4 else set())
    assert state.engines() == (["tesseract 5.3.0 fra f8c66314"] if version >= 4 else [])
    assert [rulings for rulings in state.rulings() if rulings] == (["ruling-1"] if version >= 6 else [])
    digests = [item.digest for item in state.items()]
    assert len(set(digests)) == len(digests)
    assert "" not in digests
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    State(tmp_path / "new")
    assert columns(path) == columns(tmp_path / "new" / FOLDER / FILE)
    assert [item.digest for item in State(tmp_path).items()] == digests  # opened once more, nothing changes


@pytest.mark.parametrize("version", VERSIONS)
def test_a_run_goes_on_from_a_state_of_an_earlier_program(tmp_path: Path, version: int) -> None:
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    make_state(clean, version)
    raw.mkdir()
    for name, document in documents(version).items():
        (raw / f"{name}.txt").write_bytes(document.reading.text.encode())
    state = State(clean)
    todo = pending(state, survey(raw), "onu", Decisions())
    assert [source.name for source in todo] == list(documents(version))  # another program, another key

    # One document is sent through again, as `prote document` does; the others stand as they were kept.
    document = make_document("a", "Tout va bien.\n", (), (), ())
    state.save([Entry(Outcome(document.source, Status.PUBLISHED, (), document), "new", (), pack(document))])
    recall(state, clean)
    state.save_recalled(
        [Entry(Outcome(document.source, Status.PUBLISHED, (), document), "new", (), pack(document))]
    )
    publish(state.items(), clean, versions={"prote": "new"})
    assert verify(clean).faults == ()
    told = {path.stem for path in (clean / "current" / "text").iterdir()}
    assert told == set(documents(version))
    assert (clean / "current" / "text" / "a.txt").read_text(encoding="utf-8") == document.text


@pytest.mark.parametrize("version", [version for version in VERSIONS if version < SCHEMA])
def test_a_state_that_cannot_be_brought_up_to_date_stays_as_it_was(tmp_path: Path, version: int) -> None:
    path = make_state(tmp_path, version)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP VIEW IF EXISTS latest")
        connection.execute("CREATE TABLE latest (nobodys TEXT)")  # where our view should stand
        before = list(connection.iterdump())
    with pytest.raises(Stop, match="cannot be used"):
        State(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert list(connection.iterdump()) == before
