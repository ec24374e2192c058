"""Decisions that belong together: on words that meet, of one act, in the queue of one document."""

from __future__ import annotations

import html
import re
from itertools import product
from pathlib import Path

import pytest
from decisions_cases import ruling
from release_documents import assemble, make_document, make_outcome
from review_desks import Desk, edit, form, make_corpus, moved, scopes, words

from repair.decisions.honour import honour, reaching
from repair.decisions.ruling import Ruling, Verdict
from repair.edits import Decision
from review.index import question_key

READING = "Le cote droit.\n"
NAME, PATH = "lois__x", "lois/x.txt"
ROOMS = {
    "the same place": (("cote", "côte"), ("cote", "côté")),
    "places that meet": (("cote droit", "côte droit"), ("droit", "droits")),
    "places that touch": (("cote ", "côte "), ("droit", "droits")),
}
SAID = {
    "nothing": (),
    "accepted": (("accept", "everywhere"),),
    "rejected": (("reject", "everywhere"),),
    "corrected": (("correct", "everywhere"),),
    "accepted in the folder": (("accept", "collection"),),
    "accepted in the document": (("accept", "document"),),
    "in conflict": (("accept", "everywhere"), ("reject", "everywhere")),
}


def _desk(folder: Path, pairs: tuple[tuple[str, str], ...]) -> Desk:
    repairs = tuple(edit(READING, before, after, Decision.REVIEW, 0.8) for before, after in pairs)
    repairs = tuple(sorted(repairs, key=lambda one: (one.start, one.end)))
    outcome = moved(make_outcome(assemble(NAME, READING, repairs, (), ())), PATH)
    return Desk(folder, [outcome])


def _ruling(verdict: str, scope: str, pair: tuple[str, str], rank: int) -> Ruling:
    told = {"verdict": verdict, "scope": scope, "before": pair[0], "after": pair[1]}
    if verdict == "correct":
        told["instead"] = "costaud"
    if scope == "document":
        told["document"] = NAME
    return ruling(told, rank=rank)


def _open(desk: Desk) -> set[tuple[str, str]]:
    with desk.room.queue() as queue:
        return {(line.before, line.after) for line in queue.page(0, 10)}


@pytest.mark.parametrize("place", ROOMS)
def test_the_desk_calls_settled_what_the_run_settles(tmp_path: Path, place: str) -> None:
    pairs = ROOMS[place]
    desk = _desk(tmp_path, pairs)
    proposed = [edit(READING, *pair, Decision.REVIEW, 0.8) for pair in pairs]
    proposed.sort(key=lambda one: (one.start, one.end))
    for kinds in product(SAID, repeat=2):
        said = [
            _ruling(*one, pair, 10 * at + rank)
            for at, (kind, pair) in enumerate(zip(kinds, pairs, strict=True))
            for rank, one in enumerate(SAID[kind])
        ]
        desk.journal.unlink(missing_ok=True)
        desk.room.record.journal.append(said)
        left = {
            (one.before, one.after)
            for one in honour(READING, proposed, reaching(said, NAME, PATH))
            if one.decision is Decision.REVIEW
        }
        assert _open(desk) == left, kinds
        with desk.room.queue() as queue:  # as it is told when the desk is opened
            queue.restart()
        assert _open(desk) == left, kinds


def test_two_that_cannot_both_be_printed_are_a_conflict_until_one_is_taken_back(tmp_path: Path) -> None:
    pairs = ROOMS["the same place"]
    desk = _desk(tmp_path, pairs)
    said = [_ruling("accept", "everywhere", pair, rank) for rank, pair in enumerate(pairs)]
    desk.room.record.journal.append(said)
    client = desk.seat()
    page = client.get(f"/question/{question_key(*pairs[0])}").text
    assert "On n’est pas d’accord" in words(page)
    assert {one.id for one in said} <= set(re.findall(r'name="id" value="(\w+)"', page))
    client.post("/take-back", data={**form(page, "/take-back"), "id": said[1].id})
    assert _open(desk) == set()
    page = words(client.get(f"/question/{question_key(*pairs[1])}").text)
    assert "C’est tranché" in page, "nothing else can stand there"


def test_what_is_decided_at_such_a_place_goes_before_both(tmp_path: Path) -> None:
    pairs = ROOMS["the same place"]
    desk = _desk(tmp_path, pairs)
    start = READING.index("cote")
    here = {
        "verdict": "accept",
        "scope": "here",
        "before": "cote",
        "after": "côte",
        "at": start,
        "document": NAME,
    }
    said = [_ruling("accept", "everywhere", pair, rank) for rank, pair in enumerate(pairs)]
    desk.room.record.journal.append([*said, ruling(here, READING, 9)])
    assert _open(desk) == set()


# One act, one undo.


LINE = "Une fagon tres anciene de faire.\n"


@pytest.fixture
def corrected(tmp_path: Path) -> Desk:
    """A desk where a line was corrected in three places at once, after a decision on something else."""
    doubt = [("fagon", "façon", Decision.REVIEW)]
    other = make_document("y", "Il est étre.\n", [("étre", "être", Decision.REVIEW)], (), ())
    desk = Desk(tmp_path, [make_outcome(make_document("x", LINE, doubt, (), ())), make_outcome(other)])
    client = desk.seat()
    page = client.get(f"/question/{question_key('étre', 'être')}").text
    client.post("/decide", data={**form(page, "/decide"), "scope": "here", "verdict": "accept"})
    page = client.get("/document", params={"name": "x", "edit": 1}).text
    now = "Une façon très ancienne de faire."
    assert client.post("/line", data={**form(page, "/line"), "now": now}).status_code == 200
    return desk


def test_a_line_that_was_corrected_at_once_is_undone_at_once(corrected: Desk) -> None:
    first, *line = corrected.rulings()
    assert [one.instead for one in line] == ["façon", "très", "ancienne"]
    assert [one.act for one in line] == ["", line[0].id, line[0].id]
    client = corrected.seat()
    page = client.get("/document", params={"name": "x"}).text
    client.post("/undo", data=form(page, "/undo"))
    back = corrected.rulings()[4:]
    assert {one.reverses for one in back} == {one.id for one in line}
    assert all(corrected.room.record.in_force(one) == (one is first) for one in (first, *line))
    again = client.get(f"/question/{question_key('fagon', 'façon')}").text
    client.post("/undo", data=form(again, "/undo"))
    assert corrected.rulings()[-1].reverses == first.id


def test_one_word_of_such_a_line_can_be_taken_back_alone(corrected: Desk) -> None:
    _, *line = corrected.rulings()
    client = corrected.seat()
    page = client.get("/document", params={"name": "x"}).text
    client.post("/take-back", data={**form(page, "/take-back"), "id": line[1].id})
    client.post("/undo", data=form(client.get("/document", params={"name": "x"}).text, "/undo"))
    assert [one.reverses for one in corrected.rulings()[4:]] == [line[1].id, line[0].id, line[2].id]


# The queue of one document.


def _links(page: str) -> dict[str, str]:
    found = re.findall(r'<a[^>]*href="([^"]*)"[^>]*data-key="(\w)"', page)
    return {key: html.unescape(address) for address, key in found}


def test_one_walks_through_the_questions_of_a_document_and_decides_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    client = desk.seat()
    name = "lettres__acte 2"
    with desk.room.queue() as queue:
        keys = [line.key for line in queue.page(0, 100, name)]
        everything = queue.totals()[0]
    assert 1 < len(keys) < everything
    page = client.get("/", params={"document": name}).text
    walked = []
    while "n" in _links(page):
        answer = client.get(_links(page)["n"])
        page = answer.text
        walked.append(answer.url.path.removeprefix("/question/"))
        assert form(page, "/decide")["document"] == name
        assert f"Question {len(walked)} sur of {len(keys)}" in words(page)
    assert walked == keys
    assert client.get(_links(page)["p"]).url.path == f"/question/{keys[-2]}"
    for left in range(len(keys), 0, -1):
        fields = form(page, "/decide")
        assert fields["document"] == name
        answer = client.post("/decide", data={**fields, "scope": "document", "verdict": "accept"})
        page = answer.text
        assert ("/question/" in answer.url.path) == (left > 1)
    assert "Rien n’est à trancher ici." in words(page)
    assert len(desk.rulings()) == len(keys)
    answer = client.post("/undo", data=form(page, "/undo"))
    assert form(answer.text, "/decide")["within"] == name


def test_a_decision_here_asks_for_the_next_place_of_the_document(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    client = desk.seat()
    key = question_key("fagon", "façon")
    page = client.get(f"/question/{key}", params={"within": "lois__acte 0"}).text
    for expected in (f"/question/{key}", None):
        answer = client.post("/decide", data={**form(page, "/decide"), "scope": "here", "verdict": "accept"})
        page = answer.text
        assert form(page, "/decide")["document"] == "lois__acte 0"
        assert (answer.url.path == f"/question/{key}") == (expected is not None)


def test_a_question_that_is_none_of_the_document_leads_back_to_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    client = desk.seat()
    with desk.room.queue() as queue:
        keys = [line.key for line in queue.page(0, 100, "lettres__acte 2")]
        others = {line.key for line in queue.page(0, 100)} - set(keys)
    page = client.get(f"/question/{others.pop()}", params={"within": "lettres__acte 2"}).text
    assert "Hors de la file" in words(page)
    assert set(_links(page).get("p", "").split("?")[:1]) <= {f"/question/{key}" for key in keys}
    unknown = client.get(f"/question/{keys[0]}", params={"within": "../nothing"})
    assert unknown.status_code == 200
    assert "Hors de la file" in words(unknown.text)


def test_scopes_are_those_of_the_whole_queue(tmp_path: Path) -> None:
    desk = Desk(tmp_path, make_corpus(2))
    page = (
        desk.seat().get(f"/question/{question_key('fagon', 'façon')}", params={"within": "lois__acte 1"}).text
    )
    assert scopes(page)[0] == "everywhere"
    assert Verdict.ACCEPT.value in page
