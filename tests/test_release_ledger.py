"""A word of a release can be traced to its edits, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from release_documents import drawn_documents, make_document, make_outcome, make_outcomes, publish

from release.columns import EDITS
from release.ledger import UnknownDocument, UnknownLine, explain, line_spans, read_edits
from release.rows import LedgerRow
from release.tables import DamagedTable, read_figures, read_rows
from repair.document import Document
from repair.edits import Decision, Kind

CASES = json.loads((Path(__file__).parent / "cases" / "release_explain.json").read_text())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(make_outcomes(), tmp_path_factory.mktemp("clean"), versions={}).data


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"line {case['line']}")
def test_a_line_is_explained_by_the_edits_that_touch_it(data: Path, case: dict[str, object]) -> None:
    found = explain(data, "rapport", int(str(case["line"])))
    assert (found.document, found.line) == ("rapport", case["line"])
    assert (found.reading, found.diplomatic) == (case["reading"], case["diplomatic"])
    assert [[row.kind, row.before, row.after] for row in found.edits] == case["edits"]


def test_insertions_and_deletions_belong_to_one_line(tmp_path: Path) -> None:
    changes = [("b", "", Decision.APPLIED), ("d", "", Decision.APPLIED), ("f", "fg", Decision.APPLIED)]
    document = make_document("d", "ab\ncd\nef", changes, (), ())
    data = publish([make_outcome(document)], tmp_path, versions={}).data
    assert [[row.before for row in explain(data, "d", line).edits] for line in (1, 2, 3)] == [
        ["b"],
        ["d"],
        ["f"],
    ]


def test_a_document_is_found_by_name_path_and_either_coding_of_its_accents(data: Path) -> None:
    for name in ("rapport", "rapport.txt", "Éàü notes", "E\u0301a\u0300u\u0308 notes"):
        assert explain(data, name, 1).line == 1


@pytest.mark.parametrize(
    ("asked", "hint"), [("raport", "rapport"), ("NOTES", "Éàü notes"), ("inde", "index")]
)
def test_an_unknown_document_is_told_what_comes_near(data: Path, asked: str, hint: str) -> None:
    with pytest.raises(UnknownDocument, match=f"did you mean .*{hint}"):
        explain(data, asked, 1)


def test_an_unknown_document_far_from_all_gets_no_hint(data: Path) -> None:
    with pytest.raises(UnknownDocument, match=r"'zzzzzzzz'$"):
        explain(data, "zzzzzzzz", 1)


@pytest.mark.parametrize("line", [0, -1, 6])
def test_an_unknown_line(data: Path, line: int) -> None:
    with pytest.raises(UnknownLine, match="has lines 1 to 5"):
        explain(data, "rapport", line)


def test_a_quarantined_document_has_no_lines(data: Path) -> None:
    with pytest.raises(UnknownLine, match=r"in quarantine.*Damage is left"):
        explain(data, "secret", 1)


def test_reading_the_ledger_of_one_document(data: Path) -> None:
    rows = list(read_figures(data, EDITS, LedgerRow))
    assert rows == list(read_rows(data / "edits.jsonl", LedgerRow))
    assert {row.document for row in rows} == {"rapport", "Éàü notes"}
    for name in ("rapport", "Éàü notes", "index", "nobody"):
        assert read_edits(data, name) == [row for row in rows if row.document == name]


def test_a_damaged_ledger_names_its_row(tmp_path: Path) -> None:
    (tmp_path / "edits.jsonl").write_bytes(b"{}\n")
    with pytest.raises(DamagedTable, match=r"edits\.jsonl cannot be read: row 1:"):
        list(read_rows(tmp_path / "edits.jsonl", LedgerRow))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_damaged_ledger_of_parquet_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "edits.parquet").write_bytes(content)
    with pytest.raises(DamagedTable, match=r"edits\.parquet cannot be read") as raised:
        read_edits(tmp_path, "rapport")
    assert raised.value.file == "edits.parquet"


def test_a_ledger_with_other_columns_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"document": ["rapport"]}), tmp_path / "edits.parquet")
    with pytest.raises(DamagedTable, match=r"edits\.parquet cannot be read"):
        read_edits(tmp_path, "rapport")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb\rc\n\nd", ["a", "b", "c", "", "d"]),
        ("a\u2028b\x0cc\x85d", ["a\u2028b\x0cc\x85d"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    spans = line_spans(text)
    assert [text[start:end] for start, end, _ in spans] == lines
    assert "".join(text[start:end] for start, _, end in spans) == text


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_documents())
def test_every_edit_is_explained_and_every_line_comes_back(tmp_path: Path, document: Document) -> None:
    data = publish([make_outcome(document)], tmp_path, versions={}).data
    lines = len(line_spans(document.diplomatic))
    found = [explain(data, "tiré", line) for line in range(1, lines + 1)]
    if lines:
        explained = {row.id for explanation in found for row in explanation.edits}
        assert explained == {row.id for row in read_edits(data, "tiré")}
    readings = [document.reading.text[start:end] for start, end, _ in line_spans(document.reading.text)]
    # At the very end a line can be emptied, or made of nothing, and there are fewer or more of them.
    shown = [explanation.reading for explanation in found]
    assert shown[: len(readings)] == readings[:lines]
    assert "".join(shown[len(readings) :]) == ""
    # A repair is explained once: it never reaches over a line end.
    repairs = [row.id for one in found for row in one.edits if row.kind is Kind.REPAIR]
    assert len(repairs) == len(set(repairs))
