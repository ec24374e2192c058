"""What goes wrong at the desk, and what is asked for that is no more: a sentence, and nothing lost."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from release_documents import make_document, make_outcome
from review_desks import ORIGIN, Desk, make_corpus, words

from repair.edits import Decision
from review import room as rooms
from review.security import COOKIE


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    "path", ["/?from=500", "/documents?from=500", "/journal?from=500", "/document?name=rapport&from=500"]
)
def test_a_page_beyond_the_last_is_a_page(desk: Desk, path: str) -> None:
    assert desk.seat().get(path).status_code == 200


def test_a_document_where_all_is_decided_says_so(desk: Desk) -> None:
    assert "Rien n’est à trancher ici." in words(desk.seat().get("/?document=rapport").text)
    assert "Rien n’est à trancher ici." not in words(desk.seat().get("/?document=lois__acte 0").text)


@pytest.mark.parametrize(
    ("number", "said"), [(50, "50 questions à trancher"), (51, "plus de more than 50 questions")]
)
def test_many_questions_of_a_document_are_not_told_as_fifty(tmp_path: Path, number: int, said: str) -> None:
    doubts = [(f"mot{rank}e", f"mot{rank}é", Decision.REVIEW) for rank in range(number)]
    text = " ".join(before for before, _, _ in doubts)
    desk = Desk(tmp_path, [make_outcome(make_document("x", text, doubts, (), ()))])
    page = words(desk.seat().get("/document?name=x").text)
    assert said in page
    assert ("plus de" in page) == (number > 50)


def test_a_release_that_cannot_be_taken_up_is_tried_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def full(*_: object) -> Path:
        tried.append(1)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(rooms, "open_index", full)
    old = desk.room.release
    desk.publish(make_corpus(1))
    client = desk.seat()
    for _ in range(20):
        assert client.get("/").status_code == 200
        time.sleep(0.005)
    assert tried == [1]
    assert desk.room.release == old


@pytest.mark.parametrize(
    ("site", "enters"), [("none", True), ("same-origin", True), ("cross-site", False), ("same-site", False)]
)
def test_a_link_of_another_page_signs_nobody_in(desk: Desk, site: str, enters: bool) -> None:
    client = desk.stranger()
    answer = client.get(
        f"{ORIGIN}/enter?token={desk.tokens[0]}", headers={"sec-fetch-site": site}, follow_redirects=False
    )
    assert (COOKIE in answer.cookies) == enters
    assert answer.status_code == (303 if enters else 200)
