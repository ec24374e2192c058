"""Places of repairs on their pages: in the ledger of a release, checked with it; none if not known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from release_bags import Row, data_of, edit_rows, read_lines, resign, writable_copy
from release_documents import make_document, publish

from release.columns import EDITS
from release.ledger import read_edits
from release.tables import find_rows
from release.verify import verify
from repair.document import Document, Outcome, Status
from repair.edits import Kind
from repair.layout import Box, PageBox, PageLayout, TextLine, Word

SIGN, STEP = 20, 60
"""Pixels of a sign and from one line to the next."""


def scanned(name: str = "essai") -> Document:
    """A document of which the places are known: every sign is as wide, every line 40 pixels high."""
    document = make_document(name)
    lines = []
    for number, line in enumerate(document.reading.text.split("\r\n")):
        words = [
            Word(
                found.group(),
                Box(SIGN * found.start(), STEP * number, SIGN * found.end(), STEP * number + 40),
            )
            for found in re.finditer(r"\S+", line)
        ]
        if words:
            lines.append(TextLine(tuple(words)))
    page = PageLayout("lecteur 1", 1000, 400, (tuple(lines),))
    return replace(document, reading=replace(document.reading, layout=(page,)))


def outcome(document: Document) -> Outcome:
    return Outcome(document.source, Status.PUBLISHED, (), document)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clean = tmp_path_factory.mktemp("clean")
    publish([outcome(scanned()), outcome(make_document("texte"))], clean, versions={"prote": "0.1.0"})
    return clean


def test_the_ledger_says_where_each_repair_stands(sound: Path) -> None:
    data = data_of(sound)
    rows = {row.before: row.boxes for row in read_edits(data, "essai") if row.kind is Kind.REPAIR}
    assert rows == {
        "1’Office": (PageBox(1, 1000, 400, 8 * SIGN, 0, 16 * SIGN, 40, 40),),
        "Etats": (PageBox(1, 1000, 400, 29 * SIGN, 0, 34 * SIGN, 40, 40),),
        "a lutter": (PageBox(1, 1000, 400, 0, STEP, 8 * SIGN, STEP + 40, 40),),
        "étre": (PageBox(1, 1000, 400, 35 * SIGN, STEP, 39 * SIGN, STEP + 40, 40),),
        "fagon": (PageBox(1, 1000, 400, 11 * SIGN, 2 * STEP, 16 * SIGN, 2 * STEP + 40, 40),),
    }
    assert find_rows(data, EDITS, EDITS.row, "essai") == read_edits(data, "essai")
    assert not verify(sound).faults


def test_other_layers_and_texts_have_no_boxes(sound: Path) -> None:
    rows = read_lines(data_of(sound), "edits")
    assert all(row["boxes"] == [] for row in rows if row["kind"] != "repair" or row["document"] == "texte")


def test_places_of_another_reading_are_left_out_and_the_document_is_published(tmp_path: Path) -> None:
    document = scanned()
    line = TextLine((Word("autre", Box(0, 0, 9, 9)),))
    other = replace(document.reading, layout=(PageLayout("lecteur 1", 1000, 400, ((line,),)),))
    publish([outcome(replace(document, reading=other))], tmp_path, versions={})
    assert all(row.boxes == () for row in read_edits(data_of(tmp_path), "essai"))
    assert not verify(tmp_path).faults


@pytest.mark.parametrize(
    "forge",
    [
        lambda box: box.update(page=2),
        lambda box: box.update(page=0),
        lambda box: box.update(right=box["left"]),
        lambda box: box.update(top=-1),
        lambda box: box.update(line=-1),
    ],
)
def test_boxes_that_cannot_be_are_found(sound: Path, tmp_path: Path, forge: Callable[[Row], None]) -> None:
    clean = writable_copy(sound, tmp_path / "clean")

    def change(rows: list[Row]) -> list[Row]:
        forge(next(row for row in rows if row["boxes"])["boxes"][0])
        return rows

    edit_rows(data_of(clean), "edits", change)
    resign(clean)
    assert {fault.path for fault in verify(clean).faults} == {"edits.jsonl"}


def test_boxes_of_an_edit_that_is_no_repair_are_found(sound: Path, tmp_path: Path) -> None:
    clean = writable_copy(sound, tmp_path / "clean")

    def change(rows: list[Row]) -> list[Row]:
        boxes = next(row["boxes"] for row in rows if row["boxes"])
        next(row for row in rows if row["kind"] == "structure")["boxes"] = boxes
        return rows

    edit_rows(data_of(clean), "edits", change)
    resign(clean)
    assert {fault.path for fault in verify(clean).faults} == {"edits.jsonl"}
