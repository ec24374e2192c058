"""A forged release whose sums were all written anew is named by what it says, wherever it says two things."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from release_bags import (
    Row,
    altered,
    data_of,
    edit_rows,
    put_lines,
    put_parquet,
    read_lines,
    resign,
    writable_copy,
)
from release_documents import make_document, make_outcome, make_outcomes, publish

from release.columns import TABLES, Column, Table, columns
from release.ledger import read_text
from release.verify import verify
from repair.document import Status

Forge = Callable[[Path], object]
Rows = Callable[[list[Row]], list[Row] | None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clean = tmp_path_factory.mktemp("clean")
    publish([*make_outcomes(), make_outcome(make_document("zone"))], clean, versions={"prote": "0.1.0"})
    return clean


@pytest.fixture
def clean(sound: Path, tmp_path: Path) -> Path:
    """A copy of a small sound release, to be forged."""
    return writable_copy(sound, tmp_path / "clean")


def named(clean: Path, *, described: bool = True) -> set[str]:
    """Sign a forged release and return the files that are named."""
    resign(clean, described=described)
    found = verify(clean)
    assert found.release == data_of(clean).parent.name
    return {fault.path for fault in found.faults}


def test_signing_anew_alone_is_no_fault(clean: Path) -> None:
    assert named(clean) == set()


def test_writing_the_tables_anew_alone_is_no_fault(clean: Path) -> None:
    for table in TABLES:
        edit_rows(data_of(clean), table.name, lambda rows: None)
    assert named(clean) == set()


# Files that are no tables.


def replace_in(path: str, before: str, after: str) -> Forge:
    def change(data: Path) -> None:
        content = read_text(data / path)
        assert before in content
        (data / path).write_bytes(content.replace(before, after, 1).encode())

    return change


def change_json(path: str, **fields: object) -> Forge:
    def change(data: Path) -> None:
        (data / path).write_text(json.dumps(json.loads((data / path).read_bytes()) | fields))

    return change


def put(path: str, content: bytes) -> Forge:
    return lambda data: (data / path).write_bytes(content)


def remade(path: str, change: Callable[[bytes], bytes]) -> Forge:
    return lambda data: (data / path).write_bytes(change((data / path).read_bytes()))


def drop(path: str) -> Forge:
    return lambda data: (data / path).unlink()


def note_called(start: int, block: int, offset: int) -> dict[str, object]:
    return NOTE | {"calls": [{"start": start, "block": block, "offset": offset}]}


JSON_FILE = "json/rapport.json"
NOTE: dict[str, object] = {"mark": "1", "text": "", "calls": []}
BEYOND = '"rest": [{"start": 100, "end": 9999}]'

FORGERIES: dict[str, tuple[Forge, str]] = {
    "reading": (replace_in("reading/rapport.txt", "Etats", "Etals"), "diplomatic/rapport.txt"),
    "place of an edit": (replace_in("reading/rapport.txt", "étre", "être"), "edits.jsonl"),
    "diplomatic": (replace_in("diplomatic/rapport.txt", "être", "étre"), "diplomatic/rapport.txt"),
    "text": (replace_in("text/rapport.txt", "être", "étre"), "text/rapport.txt"),
    "text of another": (replace_in("text/zone.txt", "être", "étre"), "text/zone.txt"),
    "line end": (replace_in("reading/rapport.txt", "\r\n\r\n", "\n\r\n"), "diplomatic/rapport.txt"),
    "not UTF-8": (put("text/rapport.txt", b"\xff"), "text/rapport.txt"),
    "JSON": (replace_in(JSON_FILE, "rapport", "autre"), JSON_FILE),
    "status in JSON": (replace_in(JSON_FILE, '"published"', '"review"'), JSON_FILE),
    "raw file in JSON": (replace_in(JSON_FILE, "rapport.txt", "autre.txt"), "documents.jsonl"),
    "text of a block": (replace_in(JSON_FILE, "équitable", "étrange"), JSON_FILE),
    "words of a block": (replace_in(JSON_FILE, "doit être\\r", "doit étre\\r"), JSON_FILE),
    "place of a block": (replace_in(JSON_FILE, '"start": 0', '"start": 1'), JSON_FILE),
    "block beyond the text": (replace_in(JSON_FILE, '"rest": []', BEYOND), JSON_FILE),
    "kind of a block": (replace_in(JSON_FILE, '"paragraph"', '"titre"'), JSON_FILE),
    "other kind of a block": (replace_in(JSON_FILE, '"paragraph"', '"heading"'), "paragraphs.jsonl"),
    "blocks gone": (change_json(JSON_FILE, blocks=[]), JSON_FILE),
    "text of a note": (change_json(JSON_FILE, notes=[NOTE | {"text": "Une."}]), JSON_FILE),
    "note gone": (change_json(JSON_FILE, notes=[]), "notes.jsonl"),
    "place of a call": (change_json(JSON_FILE, notes=[note_called(9**9, 0, 3)]), JSON_FILE),
    "block of a call": (change_json(JSON_FILE, notes=[note_called(4, 1, 4)]), JSON_FILE),
    "call within a block": (change_json(JSON_FILE, notes=[note_called(4, 0, 5)]), JSON_FILE),
    "figures": (replace_in(JSON_FILE, '"damage": 0.0', '"damage": 0.5'), "documents.jsonl"),
    "not JSON": (put(JSON_FILE, b"{"), JSON_FILE),
    "deep JSON": (put(JSON_FILE, b"[" * 100_000), JSON_FILE),
    "file gone": (drop("text/rapport.txt"), "text/rapport.txt"),
    "page gone": (drop("report/documents/vide.html"), "report/documents/vide.html"),
    "file of nobody": (put("text/autre.txt", b"x"), "text/autre.txt"),
    "card gone": (drop("README.md"), "README.md"),
    "lineage gone": (drop("release.json"), "release.json"),
    "table gone": (drop("notes.parquet"), "notes.parquet"),
    "lines gone": (drop("notes.jsonl"), "notes.jsonl"),
    "part of a table": (put("notes-00000-of-00002.parquet", b""), "notes-00000-of-00002.parquet"),
    "description": (put("datapackage.json", b"{}"), "datapackage.json"),
    "other description": (put("croissant.json", b'{"distribution": [1]}'), "croissant.json"),
    "deep description": (put("croissant.json", b"[" * 200_000), "croissant.json"),
}  # fmt: skip


@pytest.mark.parametrize(("forge", "file"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_file_is_named(clean: Path, forge: Forge, file: str) -> None:
    forge(data_of(clean))
    assert file in named(clean, described="description" not in file and file[:2] not in ("da", "cr"))


def test_sums_in_a_description_are_those_of_the_tables(clean: Path) -> None:
    data = data_of(clean)
    for file in ("datapackage.json", "croissant.json"):
        content = json.loads((data / file).read_text())
        entry = next(iter(content.get("resources") or content["distribution"]))
        key = "hash" if "hash" in entry else "sha256"
        entry[key] = entry[key][:-1] + ("0" if entry[key][-1] != "0" else "1")
        (data / file).write_text(json.dumps(content))
    assert named(clean, described=False) == {"datapackage.json", "croissant.json"}


LINEAGES: dict[str, dict[str, object]] = {
    "counts": {"documents": {"published": 7, "review": 1, "quarantine": 2}},
    "negative": {"documents": {"published": -1, "review": 1, "quarantine": 2}},
    "parts": {"parts": 2},
    "no parts": {"parts": 0},
    "rows": {"tables": [{"name": "documents", "rows": 4}]},
    "type": {"tables": {}},
    "unknown": {"extra": 1},
    "schema": {"schema": "other"},
    "version": {"version": "2.0"},
    "later": {"version": "4.0"},
}


@pytest.mark.parametrize("fields", LINEAGES.values(), ids=LINEAGES)
def test_a_forged_lineage_is_named(clean: Path, fields: dict[str, object]) -> None:
    change_json("release.json", **fields)(data_of(clean))
    expected = "documents-00000-of-00002.jsonl" if fields == {"parts": 2} else "release.json"
    assert expected in named(clean)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b'{"a":' * 100_000, b'{"schema": "\xff"}', b"1" * 5_000]
)
def test_a_lineage_that_is_none_is_named(clean: Path, content: bytes) -> None:
    put("release.json", content)(data_of(clean))
    assert named(clean) == {"release.json"}


def test_a_call_that_stands_where_it_says_is_no_forgery(clean: Path) -> None:
    data = data_of(clean)
    change_json(JSON_FILE, notes=[note_called(4, 0, 4)])(data)

    def change(rows: list[Row]) -> None:
        rows[1]["calls"] = [{"start": 4, "block": 0, "offset": 4}]

    assert [row["document"] for row in read_lines(data, "notes")][1] == "rapport"
    edit_rows(data, "notes", change)
    assert named(clean) == set()


# Rows: edited in both formats alike, or in one of them.


def at(number: int, **fields: object) -> Rows:
    return lambda rows: rows[number].update(fields)


def on(words: str, **fields: object) -> Rows:
    """Change the edit of these words in document « rapport »."""

    def change(rows: list[Row]) -> None:
        (row,) = (row for row in rows if (row["document"], row["before"]) == ("rapport", words))
        row.update(fields)

    return change


def without(key: str, value: str) -> Rows:
    return lambda rows: [row for row in rows if row[key] != value]


def doubled(rows: list[Row]) -> list[Row]:
    return [rows[0], *rows]


def backwards(rows: list[Row]) -> list[Row]:
    return rows[::-1]


def exchanged(rows: list[Row]) -> None:
    for row in rows:
        row["before"], row["after"] = row["after"], row["before"]


ROWS: dict[str, tuple[str, Rows, str]] = {
    "an edit": ("edits", on("étre", after="êtes"), "diplomatic/rapport.txt"),
    "an edit's row gone": ("edits", without("after", "être"), "documents.jsonl"),
    "all edits gone": ("edits", without("document", "rapport"), "documents.jsonl"),
    "an edit twice": ("edits", doubled, "edits.jsonl"),
    "edits backwards": ("edits", backwards, "edits.jsonl"),
    "columns exchanged": ("edits", exchanged, "edits.jsonl"),
    "edit of nobody": ("edits", at(0, document="zzz"), "edits.jsonl"),
    "edit of nobody at the end": ("edits", at(-1, document="zzz"), "edits.jsonl"),
    "edit of another": ("edits", at(0, document="index"), "edits.jsonl"),
    "edit left, elsewhere": ("edits", on("Etats", start=1, end=6), "edits.jsonl"),
    "edit left, of other words": ("edits", on("Etats", before="Etals"), "edits.jsonl"),
    "doubt turned round": ("edits", on("fagon", decision="rejected"), "documents.jsonl"),
    "doubt made": ("edits", on("fagon", decision="applied"), "diplomatic/rapport.txt"),
    "status": ("review", at(0, status="published"), "review.jsonl"),
    "status in quarantine": ("review", at(0, status="quarantine"), "text/Éàü notes.txt"),
    "status of a refused file": ("rejects", at(0, status="published"), "rejects.jsonl"),
    "document gone": ("documents", without("name", "rapport"), "text/rapport.txt"),
    "document twice": ("documents", doubled, "documents.jsonl"),
    "documents backwards": ("documents", backwards, "documents.jsonl"),
    "text of a document": ("documents", at(1, text="Autre.\n"), "documents.jsonl"),
    "text in review": ("review", at(0, text="Autre.\n"), "review.jsonl"),
    "name that climbs": ("rejects", at(1, name="../../x"), "rejects.jsonl"),
    "printed twice": ("diplomatic", doubled, "diplomatic.jsonl"),
    "printed of a refused file": ("diplomatic", at(0, document="secret"), "diplomatic.jsonl"),
    "block gone": ("paragraphs", lambda rows: rows[1:], "paragraphs.jsonl"),
    "block twice": ("paragraphs", doubled, "paragraphs.jsonl"),
    "note gone": ("notes", lambda rows: rows[1:], "notes.jsonl"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "change", "file"), ROWS.values(), ids=ROWS)
def test_forged_rows_are_named(clean: Path, table: str, change: Rows, file: str) -> None:
    edit_rows(data_of(clean), table, change)
    assert file in named(clean)


@pytest.mark.parametrize("formats", ["jsonl", "parquet"])
@pytest.mark.parametrize(("table", "change"), [row[:2] for row in ROWS.values()], ids=ROWS)
def test_rows_forged_in_one_format_are_named(clean: Path, table: str, change: Rows, formats: str) -> None:
    edit_rows(data_of(clean), table, change, formats=formats)
    assert {f"{table}.jsonl", f"{table}.parquet"} & named(clean)


UNSAID = {
    ("documents", "digest"), ("review", "digest"), ("edits", "probability"), ("edits", "evidence"),
}  # fmt: skip
"""Columns of documents with text that nothing else in a release says: of these the ID alone can tell."""
COLUMNS = [
    (table, column)
    for table in TABLES
    for column in columns(table.row)
    if (table.name, column.name) not in UNSAID
    and (table.name != "rejects" or column.name in ("name", "status"))
]


@pytest.mark.parametrize(
    ("table", "column"), COLUMNS, ids=[f"{table.name}.{column.name}" for table, column in COLUMNS]
)
def test_no_column_of_a_row_can_be_forged(clean: Path, table: Table, column: Column) -> None:
    def change(rows: list[Row]) -> None:
        rows[0][column.name] = altered(rows[0][column.name], column.arrow, column.choices)

    edit_rows(data_of(clean), table.name, change)
    found = named(clean)
    assert found
    if (table.name, column.name) != ("edits", "decision"):  # the counts or the text may be at fault
        assert found & {f"{table.name}.jsonl", "json/index.json", "json/Éàü notes.json"}


@pytest.mark.parametrize(("table", "column"), sorted(UNSAID))
def test_of_what_is_said_once_the_id_tells(clean: Path, table: str, column: str) -> None:
    before = verify(clean).release
    (kind,) = (
        one.arrow
        for found in TABLES
        if found.name == table
        for one in columns(found.row)
        if one.name == column
    )

    def change(rows: list[Row]) -> None:
        rows[0][column] = altered(rows[0][column], kind)

    edit_rows(data_of(clean), table, change)
    resign(clean)
    assert verify(clean).release != before


LINES: dict[str, tuple[str, Forge]] = {
    "negative place": ("edits", replace_in("edits.jsonl", '"start":8', '"start":-8')),
    "not a row": ("edits", replace_in("edits.jsonl", "{", "[")),
    "deep row": ("edits", put("edits.jsonl", b"[" * 100_000)),
    "deep value": ("edits", replace_in("edits.jsonl", '"evidence":[', '"evidence":' + "[" * 50_000)),
    "unknown field": ("documents", replace_in("documents.jsonl", '"words"', '"mots"')),
    "more fields": ("documents", replace_in("documents.jsonl", '"words"', '"mots":1,"words"')),
    "a field twice": ("documents", replace_in("documents.jsonl", '"words"', '"words":1,"words"')),
    "no field": ("notes", replace_in("notes.jsonl", '"mark":"1",', "")),
    "text for a number": ("edits", replace_in("edits.jsonl", '"start":8', '"start":"8"')),
    "number for a text": ("edits", replace_in("edits.jsonl", '"rule":"rule-repair"', '"rule":1')),
    "share beyond one": ("edits", replace_in("edits.jsonl", '"probability":0.97', '"probability":1.5')),
    "no value": ("edits", replace_in("edits.jsonl", '"start":8', '"start":null')),
    "no number": ("edits", replace_in("edits.jsonl", '"probability":0.97', '"probability":NaN')),
    "empty line": ("edits", replace_in("edits.jsonl", "\n", "\n\n")),
    "no line end": ("edits", remade("edits.jsonl", lambda content: content[:-1])),
    "two rows in a line": ("edits", replace_in("edits.jsonl", "}\n{", "}{")),
    "not UTF-8": ("edits", remade("edits.jsonl", lambda content: content.replace(b"Etats", b"Etat\xff"))),
    "half a character": ("edits", replace_in("edits.jsonl", "Etats", "Etat\\ud800")),
    "nothing": ("edits", put("edits.jsonl", b"")),
    "mark of order": ("edits", remade("edits.jsonl", lambda content: b"\xef\xbb\xbf" + content)),
}  # fmt: skip


@pytest.mark.parametrize(("table", "forge"), LINES.values(), ids=LINES)
def test_lines_that_are_no_rows_are_named(clean: Path, table: str, forge: Forge) -> None:
    forge(data_of(clean))
    assert {f"{table}.jsonl", f"{table}.parquet"} & named(clean)


def _rewrite(change: Callable[[pa.Table], pa.Table], **options: object) -> Forge:
    def forge(data: Path) -> None:
        path = data / "documents.parquet"
        pq.write_table(change(pq.read_table(path)), path, **options)

    return forge


def _other_type(name: str, kind: pa.DataType) -> Forge:
    def change(table: pa.Table) -> pa.Table:
        return table.set_column(table.schema.get_field_index(name), name, table.column(name).cast(kind))

    return _rewrite(change)


def _bare(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([field.remove_metadata() for field in table.schema]))


PARQUETS: dict[str, Forge] = {
    "other type": _other_type("words", pa.float64()),
    "smaller type": _other_type("words", pa.int32()),
    "text for a number": _other_type("words", pa.string()),
    "large text": _other_type("text", pa.large_string()),
    "columns exchanged": _rewrite(lambda table: table.select(table.column_names[::-1])),
    "names exchanged": _rewrite(
        lambda table: table.rename_columns(
            [{"title": "symbol", "symbol": "title"}.get(name, name) for name in table.column_names]
        )
    ),
    "column gone": _rewrite(lambda table: table.drop_columns(["origin"])),
    "column more": _rewrite(lambda table: table.append_column("x", table.column("words"))),
    "descriptions gone": _rewrite(_bare),
    "row gone": _rewrite(lambda table: table.slice(1)),
    "last row gone": _rewrite(lambda table: table.slice(0, table.num_rows - 1)),
    "no rows": _rewrite(lambda table: table.slice(0, 0)),
    "rows twice": _rewrite(lambda table: pa.concat_tables([table, table])),
    "other order": _rewrite(lambda table: table.take(list(range(table.num_rows))[::-1])),
    "nothing": put("documents.parquet", b""),
    "not Parquet": put("documents.parquet", b"PAR1" + bytes(100) + b"PAR1"),
    "another table": lambda data: shutil.copyfile(data / "edits.parquet", data / "documents.parquet"),
}  # fmt: skip


@pytest.mark.parametrize("forge", PARQUETS.values(), ids=PARQUETS)
def test_parquet_that_is_another_table_is_named(clean: Path, forge: Forge) -> None:
    forge(data_of(clean))
    assert named(clean) & {"documents.parquet", "documents.jsonl"}


def test_row_groups_may_be_cut_otherwise(clean: Path) -> None:
    """How the rows are packed is the writer's own; what they say is not."""
    _rewrite(lambda table: table, row_group_size=1)(data_of(clean))
    assert named(clean) == set()


def test_a_document_in_another_table_is_named(clean: Path) -> None:
    data = data_of(clean)
    published, doubtful = read_lines(data, "documents"), read_lines(data, "review")
    for table, rows in (("documents", [*doubtful, *published]), ("review", [])):
        rows.sort(key=lambda row: row["name"])
        put_lines(data, table, rows)
        put_parquet(data, table, rows)
    lineage = msgspec.json.decode((data / "release.json").read_bytes())
    for table in lineage["tables"]:
        table["rows"] = len(read_lines(data, table["name"]))
    change_json("release.json", tables=lineage["tables"])(data)
    assert Status.REVIEW.value in {row["status"] for row in read_lines(data, "documents")}
    assert named(clean) == {"documents.jsonl", "review.jsonl"}
