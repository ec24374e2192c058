"""Releases of another minor version: what docs/tables.md promises of them holds for this program too."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from release_bags import data_of, edit_rows, put_lines, read_lines, resign, writable_copy
from release_documents import make_outcomes, publish

from release.columns import TABLES
from release.compare import compare
from release.ledger import read_edits
from release.records import RELEASE_VERSION
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
