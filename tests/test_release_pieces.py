"""Places of repairs on their pages: in the ledger of a release; and what its report shows of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from release_bags import Row, data_of, edit_rows, read_lines, resign, writable_copy
from release_documents import item, make_document, publish

from flows.pieces import pieces
from flows.survey import digest
from release import publish as publishing
from release.columns import EDITS
from release.layout import page_file
from release.ledger import read_edits
from release.pieces import BYTES, SHOWN, Piece, doubtful_pieces
from release.rows import ledger_rows
from release.tables import find_rows
from release.verify import verify
from repair.document import Document, Outcome, Source, Status
from repair.edits import Decision, Edit, Kind
from repair.layout import Box, PageBox, PageLayout, TextLine, Word
from repair.pipeline import process

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


# What a page shows


class Draws:
    """Draws four bytes, and tells what it was asked."""

    def __init__(self, size: int = 4) -> None:
        self.asked: list[tuple[str, str, tuple[PageBox, ...]]] = []
        self.size = size

    def __call__(self, path: str, sha256: str, boxes: Sequence[PageBox]) -> bytes | None:
        self.asked.append((path, sha256, tuple(boxes)))
        return bytes(self.size)


def published(clean: Path, document: Document, piece: Piece | None) -> str:
    """Publish a document and return its page."""
    release = publishing.publish([item(outcome(document))], clean, versions={}, piece=piece)
    assert not verify(clean).faults
    return (release.data / page_file(document.source.name)).read_text(encoding="utf-8")


def test_the_page_shows_the_piece_of_each_doubtful_edit_and_of_no_other(tmp_path: Path) -> None:
    draws, document = Draws(), scanned()
    page = published(tmp_path, document, draws)
    (asked,) = draws.asked
    assert asked[:2] == (document.source.path, document.source.sha256)
    assert asked[2] == next(
        row.boxes for row in read_edits(data_of(tmp_path), "essai") if row.before == "fagon"
    )
    assert (
        page.count("<img")
        == page.count('<img class="piece" src="data:image/png;base64,AAAAAA==" alt="fagon">')
        == 1
    )
    assert "img-src data:;" in page


@pytest.mark.parametrize("draw", [None, lambda path, sha256, boxes: None])
def test_a_page_without_pieces_is_the_page_there_was(tmp_path: Path, draw: Piece | None) -> None:
    assert "<img" not in published(tmp_path, scanned(), draw)


def test_for_a_text_nothing_is_drawn(tmp_path: Path) -> None:
    draws = Draws()
    assert "<img" not in published(tmp_path, make_document(), draws)
    assert not draws.asked


def test_pieces_end_where_a_page_would_be_too_heavy() -> None:
    document = scanned()
    rows = [row for row in ledger_rows("essai", document) if row.decision is Decision.REVIEW]
    many = [msgspec.structs.replace(row, start=at, end=at + 5) for row in rows for at in range(SHOWN + 50)]
    assert len(doubtful_pieces(document.source, many, Draws())) == SHOWN
    heavy = Draws(BYTES // 3)
    assert len(doubtful_pieces(document.source, many, heavy)) == 3
    assert len(heavy.asked) == 4


def test_the_same_scan_gives_the_same_release_and_an_unchanged_page_is_taken_over(tmp_path: Path) -> None:
    def publish_to(clean: Path, *documents: Document, draw: Piece) -> str:
        return publishing.publish(
            [item(outcome(one)) for one in documents], clean, versions={}, piece=draw
        ).id

    first, again = Draws(), Draws()
    one = publish_to(tmp_path / "a", scanned(), draw=first)
    assert one == publish_to(tmp_path / "b", scanned(), draw=Draws())
    both = publish_to(tmp_path / "a", scanned(), scanned("zone"), draw=again)
    assert [path for path, _, _ in again.asked] == ["zone.txt"]
    assert both == publish_to(tmp_path / "c", scanned("zone"), scanned(), draw=Draws())


@pytest.mark.slow
def test_a_run_shows_what_was_scanned_and_says_so_in_the_same_bytes_again(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(Path(__file__).parents[1] / "raw" / "note-numerique.pdf", raw / "note.pdf")
    source = Source("note", "note.pdf", *digest(raw / "note.pdf"))
    document = process(source, raw / "note.pdf")
    place = document.reading.text.index("bibliothèques")
    doubt = Edit(
        place, place + 13, "bibliothèques", "bibliothèque", Kind.REPAIR, "essai", 0.5, Decision.REVIEW
    )
    document = replace(
        document, repairs=tuple(sorted((*document.repairs, doubt), key=lambda edit: edit.start))
    )
    with pieces(raw) as piece:
        page = published(tmp_path / "a", document, piece)
        assert page.count("<img") == sum(edit.decision is Decision.REVIEW for edit in document.repairs)
        again = published(tmp_path / "b", document, piece)
        assert again == page
        (raw / "note.pdf").write_bytes(b"%PDF-1.4 autre")
        assert "<img" not in published(tmp_path / "c", document, piece)
