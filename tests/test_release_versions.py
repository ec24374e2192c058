"""Releases of another minor version: what docs/tables.md promises of them holds for this program too."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from release_bags import data_of, edit_rows, files_of, put_lines, read_lines, resign, writable_copy
from release_documents import make_document, make_outcomes, publish

from release.columns import TABLES
from release.compare import compare
from release.history import publications
from release.ledger import read_edits
from release.records import RELEASE_VERSION
from release.shelf import prune
from release.verify import verify


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clean = tmp_path_factory.mktemp("clean")
    publish(make_outcomes(), clean, versions={"prote": "1"})
    return clean


def put_version(clean: Path, version: str) -> None:
    path = data_of(clean) / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": version}))


def drop(clean: Path, table: str, column: str) -> None:
    """Take a column away, and describe the others in other words."""
    data = data_of(clean)
    put_lines(
        data,
        table,
        [{key: row[key] for key in row if key != column} for row in read_lines(data, table)],
    )
    path = data / f"{table}.parquet"
    rows = pq.read_table(path)
    if column in rows.column_names:
        rows = rows.drop_columns([column])
    fields = [field.with_metadata({"description": "other words"}) for field in rows.schema]
    pq.write_table(rows.cast(pa.schema(fields)), path)


@pytest.fixture
def earlier(sound: Path, tmp_path: Path) -> Path:
    """A release as 3.0 had it: edits without boxes, columns otherwise described."""
    clean = writable_copy(sound, tmp_path / "clean")
    for table in TABLES:
        drop(clean, table.name, "boxes")
    put_version(clean, "3.0")
    resign(clean)
    return clean


def test_a_release_of_an_earlier_minor_version_is_sound(earlier: Path) -> None:
    found = verify(earlier)
    assert found.faults == ()
    assert found.edits == len(read_lines(data_of(earlier), "edits")) > 0
    assert all(edit.boxes == () for edit in read_edits(data_of(earlier), "rapport"))


def test_what_is_wrong_in_it_is_found(earlier: Path) -> None:
    edit_rows(data_of(earlier), "edits", lambda rows: [*rows[1:]])
    resign(earlier)
    assert verify(earlier).faults


@pytest.mark.parametrize(("table", "column"), [("edits", "rule"), ("documents", "sketch")])
def test_a_column_that_it_always_had_is_missed(earlier: Path, table: str, column: str) -> None:
    drop(earlier, table, column)
    resign(earlier)
    assert f"{table}.parquet" in {fault.path for fault in verify(earlier).faults}


def test_our_own_version_has_all_its_columns(earlier: Path) -> None:
    put_version(earlier, RELEASE_VERSION)
    resign(earlier)
    assert "edits.parquet" in {fault.path for fault in verify(earlier).faults}


def test_the_next_release_is_compared_with_it_and_takes_nothing_over(earlier: Path) -> None:
    old = data_of(earlier).parent
    new = publish(make_outcomes(), earlier, versions={"prote": "1"})
    assert not verify(earlier).faults
    assert compare(old, new.path).documents == ()


@pytest.mark.parametrize("version", ["3.99", "4.0", "3", "3.x", ""])
def test_what_a_later_program_made_is_not_judged(sound: Path, tmp_path: Path, version: str) -> None:
    clean = writable_copy(sound, tmp_path / "clean")
    put_version(clean, version)
    resign(clean)
    (fault,) = verify(clean).faults
    assert (fault.path, "unknown to this program" in fault.sentence) == ("release.json", True)


def make_first_format(clean: Path, version: str) -> Path:
    """Publish a release as programs of formats 1 and 2 did: `manifest.json` names the files, and the release.

    Returns:
        Its folder.
    """
    document = make_document("rapport")
    files = {
        "reading/rapport.txt": document.reading.text.encode(),
        "diplomatic/rapport.txt": document.diplomatic.encode(),
        "text/rapport.txt": document.text.encode(),
        "json/rapport.json": b'{"schema": "prote-document", "version": "%s"}\n' % version.encode(),
        "documents.jsonl": b'{"name":"rapport","path":"rapport.txt","status":"published"}\n',
        "edits.jsonl": b"",
        "report/index.html": b"<!doctype html>\n",
        "README.md": b"# A release of a repaired corpus\n",
    }
    told = [
        {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(files.items())
    ]
    counts = {"published": 1, "review": 0, "quarantine": 0}
    manifest = {"schema": "prote-release", "version": version, "versions": {"prote": "0.1.0"}}
    files["manifest.json"] = json.dumps(manifest | {"documents": counts, "files": told}, indent=1).encode()
    release = clean / "releases" / hashlib.sha256(files["manifest.json"]).hexdigest()[:16]
    for path, data in files.items():
        (release / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (release / "data" / path).write_bytes(data)
    (clean / "current").symlink_to(Path("releases", release.name, "data"), target_is_directory=True)
    return release


@pytest.mark.parametrize("version", ["1.0", "2.0", "2.1"])
def test_the_next_release_follows_one_of_the_first_formats(tmp_path: Path, version: str) -> None:
    clean = tmp_path / "clean"
    old = make_first_format(clean, version)
    before = {path: path.read_bytes() for path in files_of(old)}
    assert verify(clean).faults  # nothing is taken for sound that this program cannot check

    first = publish(make_outcomes(), clean, versions={"prote": "1"})
    assert verify(clean).faults == ()
    assert (clean / "current").resolve().parent == first.path
    assert [(told.previous, told.release) for told in publications(clean)] == [(old.name, first.id)]

    second = publish(make_outcomes()[:-1], clean, versions={"prote": "1"})
    prune(clean, keep=1)
    assert [path.name for path in (clean / "releases").iterdir() if path.is_dir()] == sorted(
        [old.name, second.id]
    )
    assert {path: path.read_bytes() for path in files_of(old)} == before  # nobody but its owner takes it away
