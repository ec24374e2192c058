"""What goes wrong at the desk, and what is asked for that is no more: a sentence, and nothing lost."""

from __future__ import annotations

import errno
import re
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest
from release_documents import make_document, make_outcome, make_outcomes
from review_desks import HOST, ORIGIN, Desk, form, make_corpus, words

from repair.decisions.journal import Journal
from repair.edits import Decision
from review import room as rooms
from review.security import COOKIE, Sessions


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


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_damaged_list_of_curators_shuts_the_desk_and_says_so(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    from review.app import make_app
    from review.curators import add_curator, read_curators

    path = tmp_path / "curators.toml"
    token = add_curator(path, "Anne")
    desk.app = make_app(desk.room, lambda: read_curators(path), Sessions(b"of a test", secure=False), [HOST])
    client = desk.stranger()
    client.post("/enter", data={"key": token})
    page = client.post("/language", data={"language": language, "back": "/"}).text
    assert "À trancher" in page
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + "[[curator\n", encoding="utf-8")
    fields = {"token": "", "key": "x"}
    for answer in (
        client.get("/"),
        client.get("/enter"),
        client.get("/nothing"),
        client.post("/decide", data=fields),
        client.post("/enter", data={"key": token}),
        client.get("/journal"),
    ):
        assert answer.status_code == 503
    assert f'<html lang="{language}"' in answer.text
    assert "La liste des correcteurs (curators.toml) ne peut pas être lue" in words(answer.text)
    assert "The list of curators (curators.toml) cannot be read" in words(answer.text)
    assert str(tmp_path) not in answer.text
    assert str(path) in caplog.text
    path.write_text(whole, encoding="utf-8")
    assert client.get("/").status_code == 200


def test_a_damaged_journal_is_told_in_both_languages(desk: Desk) -> None:
    client = desk.seat()
    desk.journal.parent.mkdir(exist_ok=True)
    desk.journal.write_text('{"id": "0"}\n', encoding="utf-8")
    answer = client.get("/")
    assert answer.status_code == 500
    said = re.findall(r'lang="(\w+)"[^>]*>([^<]*)', answer.text)
    french = " ".join(text for language, text in said if language == "fr")
    assert "La ligne 1 de" in french
    assert "n’est pas une décision" in french
    assert "mend it" not in french
    assert "mend it, or take it from git" in words(answer.text)


def test_a_disk_that_is_full_is_told_in_both_languages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.seat()
    page = client.get("/").text
    key = re.search(r"/question/(\w+)", page)
    assert key is not None
    fields = form(client.get(key[0]).text, "/decide")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "decisions.jsonl")

    monkeypatch.setattr(Journal, "append", full)
    answer = client.post("/decide", data={**fields, "scope": "here", "verdict": "accept"})
    assert answer.status_code == 500
    assert "decisions.jsonl : le disque est plein" in words(answer.text).replace("\u00a0", " ")
    assert "No space left on device" in words(answer.text)
    assert desk.rulings() == ()


def test_a_document_is_sent_through_again_in_its_own_typography(tmp_path: Path) -> None:
    asked = []

    def again(name: str, profile: str, _: object) -> tuple[str, str]:
        asked.append((name, profile))
        return "fait", "done"

    own = replace(make_document("x"), profile="imprimerie-nationale")
    refused = make_outcomes()[-1]
    desk = Desk(tmp_path, [make_outcome(own), refused], again=again)
    client = desk.seat()
    for name in ("x", refused.source.name):
        page = client.get("/document", params={"name": name}).text
        client.post("/again", data=form(page, "/again"))
        while client.get("/progress", params={"name": name}).json()["working"]:
            time.sleep(0.01)
    assert asked == [("x", "imprimerie-nationale"), (refused.source.name, "")]
