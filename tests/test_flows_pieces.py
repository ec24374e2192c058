"""What draws the pieces of a report: a fault of the machine is tried again, and one that stays is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from release_documents import make_document, make_outcome

from flows.entries import Entry, pack
from flows.pieces import Drawing, pieces
from flows.state import State
from flows.survey import digest
from release.history import Judgement, publications
from release.pages.names import is_named
from repair.document import Reason
from repair.layout import PageBox
from repair.reading.engines.engine import EngineFailed
from repair.reading.pieces import Pieces

BOXES = (PageBox(1, 100, 100, 10, 10, 20, 20, 10),)
OTHER = (PageBox(1, 100, 100, 30, 10, 40, 20, 10),)


class Broken:
    """Fails so many times, then draws; keeps what it was asked."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def __call__(self, file: Path, boxes: Sequence[PageBox]) -> bytes:
        self.asked += 1
        if self.asked <= self.times:
            raise EngineFailed("pieces broke down")
        return b"piece"


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "acte.png"
    path.write_bytes(b"a picture")
    return path


def test_what_fails_once_is_drawn_all_the_same(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pieces, "draw", Broken(1))
    with pieces(scan.parent) as drawing:
        assert drawing("acte.png", digest(scan)[0], BOXES) == b"piece"
        assert drawing.told == ()


def test_a_file_that_fails_again_is_given_up_and_told(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Broken(100)
    monkeypatch.setattr(Pieces, "draw", broken)
    with pieces(scan.parent) as drawing:
        for boxes in (BOXES, OTHER):
            assert drawing("acte.png", digest(scan)[0], boxes) is None
        assert broken.asked == 2  # or a scan of a thousand doubts that hangs would keep a run for a day
        (told,) = drawing.told
    assert "acte.png" in told.fr
    assert "acte.png" in told.en
    assert is_named(told.code)


def test_the_run_tells_it_with_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import gate
    from flows.tasks import publish_release

    told = Reason("pieces-drawn", "acte.png", "acte.png")
    monkeypatch.setattr(Drawing, "told", (told,))
    monkeypatch.setattr(gate, "judge", lambda *_: Judgement())
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    document = make_document("acte")
    state = State(clean)
    state.save([Entry(make_outcome(document), "key", packed=pack(document))])
    assert publish_release.fn(state, raw, clean, clean / "results").judged.told == (told,)
    assert [found.told for found in publications(clean)] == [(told,)]


def test_a_file_without_pictures_is_no_fault(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pieces, "draw", lambda *_: None)
    with pieces(scan.parent) as drawing:
        assert drawing("acte.png", digest(scan)[0], BOXES) is None
        assert drawing("acte.png", "0" * 64, BOXES) is None
        assert drawing.told == ()
