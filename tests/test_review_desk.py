"""The desk: what is asked first, what a decision writes and settles, and what two curators do at one desk."""

from __future__ import annotations

import html
import re
import time
from pathlib import Path

import pytest
from release_documents import make_document, make_outcome
from review_desks import Desk, form, make_corpus, moved, scopes, words

from flows.decisions import read_journal
from release.ledger import line_spans
from repair.decisions.ruling import Scope, Verdict
from repair.document import Outcome
from repair.edits import Decision
from review.index import question_key


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _decide(client, page: str, **said: str):  # type: ignore[no-untyped-def]
    return client.post("/decide", data={**form(page, "/decide"), "scope": scopes(page)[0], **said})


def _ask(client, before: str, after: str, **place: str):  # type: ignore[no-untyped-def]
    return client.get(f"/question/{question_key(before, after)}", params=place).text


# What is asked.


def test_the_most_valuable_question_comes_first(desk: Desk) -> None:
    with desk.room.queue() as queue:
        lines = queue.page(0, 100)
        assert [line.value for line in lines] == sorted((line.value for line in lines), reverse=True)
        # 0.97 is what each place is worth.
        assert all(line.value == pytest.approx(0.97 * line.places) for line in lines)
        assert sum(line.places for line in lines) == queue.totals()[1] == 24 * 2 + 21 + 18
        assert lines[0].places == 4
        keys = [line.key for line in lines]
        assert [queue.beside(key, 1) for key in keys] == [*keys[1:], None]
        assert [queue.beside(key, -1) for key in keys] == [None, *keys[:-1]]
        assert [queue.find(key).number for key in keys] == list(range(1, 25))  # type: ignore[union-attr]


def test_a_question_shows_what_each_scope_would_change(desk: Desk) -> None:
    with desk.room.queue() as queue:
        asked = queue.find(question_key("fagon", "façon"))
        assert asked is not None
        figures = {
            (reach.scope, reach.collection): (reach.doubtful, reach.applied) for reach in asked.reaches
        }
        assert figures == {
            (Scope.HERE, ""): (1, 0),
            (Scope.DOCUMENT, ""): (2, 0) if asked.place.document == "lois__acte 0" else (1, 0),
            (Scope.COLLECTION, "lois"): (3, 0),
            (Scope.EVERYWHERE, ""): (4, 1),
        } or asked.place.path.startswith("lettres/")
        assert asked.proposed is Scope.EVERYWHERE
        assert queue.find(question_key("role", "rôle"), "lois__acte 0").place.left.endswith("Il est dit que ")  # type: ignore[union-attr]
    page = desk.seat().get(f"/question/{question_key('fagon', 'façon')}").text
    assert "1 déjà faits" in words(page)
    assert "rapport" in words(page)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1’eau", "l’eau", Scope.EVERYWHERE),
        ("celui", "celuì", Scope.DOCUMENT),
        ("a", "à", Scope.HERE),  # depends on its company
        ("cote", "côte", Scope.HERE),  # something else is proposed too
        ("seul", "seúl", Scope.HERE),  # once only
    ],
)
def test_a_scope_is_proposed_that_does_no_harm(
    tmp_path: Path, before: str, after: str, expected: Scope
) -> None:
    changes = (
        *(("1’eau", "l’eau"), ("celui", "celuì"), ("a", "à"), ("cote", "côte"), ("cote", "côté")),
        *(("celui", "celuì"), ("a", "à"), ("seul", "seúl")),
    )
    text = "; ".join(one for one, _ in changes)
    repairs = [(one, other, Decision.REVIEW) for one, other in changes]
    short = make_document("y", "Encore 1’eau.", [("1’eau", "l’eau", Decision.REVIEW)], (), ())
    desk = Desk(tmp_path, [make_outcome(make_document("x", text, repairs, (), ())), make_outcome(short)])
    with desk.room.queue() as queue:
        asked = queue.find(question_key(before, after))
        assert asked is not None
        assert asked.proposed is expected


# What is decided.


def test_accept_everywhere_settles_all_its_places(desk: Desk) -> None:
    client = desk.seat()
    page = _ask(client, "fagon", "façon")
    answer = _decide(client, page, verdict="accept")
    (ruling,) = desk.rulings()
    assert (ruling.who, ruling.verdict, ruling.scope) == ("Anne", Verdict.ACCEPT, Scope.EVERYWHERE)
    assert (ruling.before, ruling.after, ruling.document, ruling.place) == ("fagon", "façon", "", None)
    assert "/question/" in answer.url.path
    assert "accepté" in words(answer.text)
    with desk.room.queue() as queue:
        assert queue.find(question_key("fagon", "façon")).number == 0  # type: ignore[union-attr]
        assert queue.totals()[0] == 23


def test_here_settles_one_place_and_asks_for_the_next(desk: Desk) -> None:
    client = desk.seat()
    page = _ask(client, "fagon", "façon")
    answer = _decide(client, page, verdict="reject", scope="here", why="ancienne graphie")
    (ruling,) = desk.rulings()
    place = ruling.place
    assert place is not None
    reading = (desk.clean / "current" / "reading" / f"{ruling.document}.txt").read_bytes().decode()
    assert reading[place.start : place.start + 5] == "fagon"
    assert reading[place.start - len(place.left) : place.start] == place.left
    assert reading[place.start + 5 : place.start + 5 + len(place.right)] == place.right
    assert (len(place.left), len(place.right)) == (24, 24)
    assert ruling.why == "ancienne graphie"
    assert answer.url.path == f"/question/{question_key('fagon', 'façon')}"
    asked = form(answer.text, "/decide")
    assert (asked["document"], asked["start"]) != (ruling.document, str(place.start))
    with desk.room.queue() as queue:
        assert queue.find(question_key("fagon", "façon")).places == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("instead", "verdict", "kept"),
    [("facon", Verdict.CORRECT, "facon"), ("façon", Verdict.ACCEPT, ""), ("fagon", Verdict.REJECT, "")],
)
def test_what_is_written_is_what_the_page_prints(
    desk: Desk, instead: str, verdict: Verdict, kept: str
) -> None:
    client = desk.seat()
    _decide(client, _ask(client, "fagon", "façon"), verdict="correct", instead=instead)
    (ruling,) = desk.rulings()
    assert (ruling.verdict, ruling.instead) == (verdict, kept)
    assert ruling.outcome == instead


@pytest.mark.parametrize("instead", ["", "   ", "a\u202eb", "a\x00b", "x" * 3000])
def test_what_cannot_be_seen_is_not_written(desk: Desk, instead: str) -> None:
    client = desk.seat()
    page = _ask(client, "fagon", "façon")
    answer = _decide(client, page, verdict="correct", instead=instead)
    assert answer.status_code == 400
    assert desk.rulings() == ()
    onward = re.search(r'class="go" href="([^"]*)"', answer.text)
    assert onward is not None
    assert form(client.get(html.unescape(onward[1])).text, "/decide") == form(page, "/decide"), (
        "one goes on there"
    )


@pytest.mark.parametrize(
    "said",
    [
        {"verdict": "leave"}, {"verdict": "nothing"}, {"verdict": ""}, {"candidate": "7"},
        {"candidate": "-1"},
        {"scope": "planet", "verdict": "accept"}, {"scope": "collection:../lois", "verdict": "accept"},
        {"start": "3", "verdict": "accept"}, {"key": "0" * 16, "verdict": "accept"},
        {"document": "rapport", "verdict": "accept"}, {"document": "../x", "verdict": "accept"},
    ],
)  # fmt: skip
def test_what_was_not_offered_is_not_written(desk: Desk, said: dict[str, str]) -> None:
    client = desk.seat()
    assert _decide(client, _ask(client, "fagon", "façon"), **said).status_code == 400
    assert desk.rulings() == ()


def test_a_collection_is_a_folder_of_the_raw_files(desk: Desk) -> None:
    client = desk.seat()
    page = _ask(client, "fagon", "façon", document="lois__acte 0")
    _decide(client, page, verdict="accept", scope="collection:lois")
    (ruling,) = desk.rulings()
    assert (ruling.scope, ruling.collection, ruling.document) == (Scope.COLLECTION, "lois", "")
    with desk.room.queue() as queue:
        left = queue.find(question_key("fagon", "façon"))
        assert left is not None
        assert (left.places, left.place.document) == (1, "lettres__acte 2")


def test_undo_takes_back_and_asks_again(desk: Desk) -> None:
    client = desk.seat()
    answer = _decide(client, _ask(client, "fagon", "façon"), verdict="accept")
    again = client.post("/undo", data=form(answer.text, "/undo"))
    first, second = desk.rulings()
    assert (second.verdict, second.reverses) == (Verdict.REVERSE, first.id)
    assert again.url.path == f"/question/{question_key('fagon', 'façon')}"
    with desk.room.queue() as queue:
        assert queue.totals()[:2] == (24, 87)
    # The same once more, within the same second, is a decision of its own.
    _decide(client, again.text, verdict="accept")
    assert len({ruling.id for ruling in desk.rulings()}) == 3
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 23


def test_a_curator_undoes_his_own_decision_alone(desk: Desk) -> None:
    anne, benoit = desk.seat(0), desk.seat(1)
    _decide(anne, _ask(anne, "fagon", "façon"), verdict="accept")
    assert 'action="/undo"' not in _ask(benoit, "étre", "être")
    assert 'action="/undo"' in _ask(anne, "étre", "être")


def test_a_decision_tells_how_sure_the_program_was(desk: Desk) -> None:
    client = desk.seat()
    _decide(client, _ask(client, "fagon", "façon"), verdict="reject")
    assert [ruling.probability for ruling in desk.rulings()] == [0.97]


# Two at one desk.


def test_what_was_decided_since_is_answered_and_nothing_is_written(desk: Desk) -> None:
    anne, benoit = desk.seat(0), desk.seat(1)
    hers, his = _ask(anne, "fagon", "façon"), _ask(benoit, "fagon", "façon")
    _decide(anne, hers, verdict="accept", why="vu sur l’image")
    answer = _decide(benoit, his, verdict="reject")
    assert answer.status_code == 409
    assert len(desk.rulings()) == 1
    assert "Anne" in words(answer.text)
    assert "vu sur l’image" in words(answer.text)


def test_of_other_words_two_decide_at_once(desk: Desk) -> None:
    anne, benoit = desk.seat(0), desk.seat(1)
    hers, his = _ask(anne, "fagon", "façon"), _ask(benoit, "étre", "être")
    assert _decide(anne, hers, verdict="accept").status_code == 200
    assert _decide(benoit, his, verdict="accept").status_code == 200
    assert [ruling.who for ruling in desk.rulings()] == ["Anne", "Benoît"]


@pytest.mark.parametrize(
    ("hers", "his", "meet"),
    [
        ("collection:lois", "everywhere", True), ("collection:lois", "collection:lettres", False),
        ("here", "here", False),
        ("here", "everywhere", True), ("document", "collection:lettres", False), ("everywhere", "here", True),
    ],
)  # fmt: skip
def test_scopes_that_meet_are_one_subject(desk: Desk, hers: str, his: str, meet: bool) -> None:
    anne, benoit = desk.seat(0), desk.seat(1)
    one = _ask(anne, "fagon", "façon", document="lois__acte 0")
    other = _ask(benoit, "fagon", "façon", document="lettres__acte 2")
    assert _decide(anne, one, verdict="accept", scope=hers).status_code == 200
    assert _decide(benoit, other, verdict="reject", scope=his).status_code == (409 if meet else 200)


def test_conflicts_of_a_merge_stay_open_and_show_both_sides(desk: Desk) -> None:
    from repair.decisions.ruling import Ruling, signed

    sides = [
        signed(
            Ruling("", who, "2026-11-22T08:00:00Z", verdict, Scope.EVERYWHERE, before="fagon", after="façon")
        )
        for who, verdict in (("Anne", Verdict.ACCEPT), ("Zoé", Verdict.REJECT))
    ]
    desk.room.record.journal.append(sides)
    client = desk.seat()
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 24
    page = words(_ask(client, "fagon", "façon"))
    assert "On n’est pas d’accord" in page
    journal = client.get("/journal")
    assert all(name in words(journal.text) for name in ("Anne", "Zoé", "On n’est pas d’accord"))
    back = form(journal.text, "/take-back")
    client.post("/take-back", data=back)
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 23


# Documents.


def _line_of(desk: Desk, name: str, wanted: str) -> tuple[int, str]:
    text = (desk.clean / "current" / "diplomatic" / f"{name}.txt").read_bytes().decode()
    for number, (start, end, _) in enumerate(line_spans(text), 1):
        if wanted in text[start:end]:
            return number, text[start:end]
    raise AssertionError(wanted)


def _correct(desk: Desk, name: str, wanted: str, now: str):  # type: ignore[no-untyped-def]
    client = desk.seat()
    number, line = _line_of(desk, name, wanted)
    page = client.get("/document", params={"name": name, "edit": number, "from": max(0, number - 5)})
    fields = form(page.text, "/line")
    assert fields["was"] == line
    return client.post("/line", data={**fields, "now": now})


def test_a_line_corrected_by_hand_is_a_ruling_on_the_reading(tmp_path: Path) -> None:
    reading = "Il prie 1’Office d’aider.\nUne derniere ligne,  qui fagonne.\n"
    repairs = [("1’Office", "l’Office", Decision.APPLIED), ("fagonne", "façonne", Decision.REVIEW)]
    desk = Desk(tmp_path, [make_outcome(make_document("x", reading, repairs, (), ()))])
    _correct(desk, "x", "derniere", "Une dernière ligne,  qui fagonne.")
    (ruling,) = desk.rulings()
    assert ruling.place is not None
    assert (ruling.place.start, ruling.before, ruling.after) == (
        reading.index("derniere"),
        "derniere",
        "derniere",
    )
    assert (ruling.verdict, ruling.scope, ruling.instead) == (Verdict.CORRECT, Scope.HERE, "dernière")

    _correct(desk, "x", "l’Office", "Il prie 1’Office d’aider.")
    ruling = desk.rulings()[-1]
    assert (ruling.verdict, ruling.before, ruling.after) == (Verdict.REJECT, "1’Office", "l’Office")

    _correct(desk, "x", "fagonne", "Une derniere ligne,  qui façonne.")
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 0, "what is corrected by hand is no question any more"


def test_words_that_somebody_corrected_are_not_corrected_twice(desk: Desk) -> None:
    line = "Une derniere ligne, que la page imprime autrement."
    assert _correct(desk, "lois__acte 0", line, line.replace("derniere", "dernière")).status_code == 200
    answer = _correct(desk, "lois__acte 0", line, line.replace("derniere", "denière"))
    assert answer.status_code == 409
    assert len(desk.rulings()) == 1


def test_a_line_over_words_that_were_decided_is_not_corrected(desk: Desk) -> None:
    client = desk.seat()
    _decide(client, _ask(client, "foret", "forêt", document="lois__acte 0"), verdict="reject", scope="here")
    line = "Article 1. Il est dit que foret demeure ici, et que rien d’autre ne change."
    answer = _correct(desk, "lois__acte 0", line, line.replace("foret demeure", "la forêt dure"))
    assert answer.status_code == 409
    (said,) = desk.rulings()
    assert form(answer.text, "/take-back")["id"] == said.id


def test_a_document_is_left_and_its_questions_are_no_more(desk: Desk) -> None:
    client = desk.seat()
    fields = form(client.get("/document", params={"name": "lois__acte 0"}).text, "/leave")
    assert client.post("/leave", data={**fields, "why": " "}).status_code == 400
    assert client.post("/leave", data={**fields, "why": "édition critique"}).status_code == 200
    (ruling,) = desk.rulings()
    assert (ruling.verdict, ruling.document, ruling.why) == (
        Verdict.LEAVE,
        "lois__acte 0",
        "édition critique",
    )
    with desk.room.queue() as queue:
        assert queue.totals()[1] == 87 - 48
    assert client.post("/leave", data={**fields, "why": "encore"}).status_code == 409


def test_a_document_is_released_with_a_reason(desk: Desk) -> None:
    client = desk.seat()
    page = client.get("/document", params={"name": "retenu"}).text
    assert "eau trouble" not in words(page)
    assert (
        client.post("/release", data={**form(page, "/release"), "why": "la page est ainsi"}).status_code
        == 200
    )
    (ruling,) = desk.rulings()
    assert (ruling.verdict, ruling.document, ruling.failed) == (Verdict.RELEASE, "retenu", ("damage",))
    with desk.room.queue() as queue:
        row = queue.document("retenu")
    assert row is not None
    assert ruling.sha256 == row.sha256
    other = {**form(page, "/release"), "why": "non", "failing": f"{row.sha256} damage structure"}
    assert client.post("/release", data=other).status_code == 400, "something else fails by now"
    assert len(desk.rulings()) == 1
    published = {**form(page, "/release"), "name": "rapport", "why": "non"}
    assert client.post("/release", data=published).status_code == 400


def test_a_document_that_is_sent_through_again_says_how_far_it_is(tmp_path: Path) -> None:
    def again(name: str, profile: str, watch) -> tuple[str, str]:  # type: ignore[no-untyped-def]
        watch(1, 3)
        if name == "rapport":
            raise OSError("the disk is full")
        return "fait", "done"

    desk = Desk(tmp_path, again=again)
    client = desk.seat()
    for name, said in (("lois__acte 0", "fait"), ("rapport", "the disk is full")):
        page = client.get("/document", params={"name": name}).text
        client.post("/again", data=form(page, "/again"))
        while client.get("/progress", params={"name": name}).json()["working"]:
            time.sleep(0.01)
        assert said in words(client.get("/document", params={"name": name}).text)


def test_why_it_could_not_be_is_said_in_both_languages(tmp_path: Path) -> None:
    journal = tmp_path / "decisions.jsonl"
    journal.write_bytes(b"{}\n")

    def again(name: str, _: str, __: object) -> tuple[str, str]:
        read_journal(journal)
        raise AssertionError(name)

    client = Desk(tmp_path / "desk", again=again).seat()
    page = client.get("/document", params={"name": "rapport"}).text
    client.post("/again", data=form(page, "/again"))
    while client.get("/progress", params={"name": "rapport"}).json()["working"]:
        time.sleep(0.01)
    said = words(client.get("/document", params={"name": "rapport"}).text)
    assert "La ligne 1 de" in said
    assert "line 1 of" in said


# Releases and journals come and go.


def test_a_new_release_is_taken_up_and_decisions_stay(desk: Desk) -> None:
    client = desk.seat()
    _decide(client, _ask(client, "fagon", "façon"), verdict="accept")
    new = make_document(
        "nouveau",
        "Une fagon d’aller a 1’eau.",
        [("fagon", "façon", Decision.REVIEW), ("1’eau", "l’eau", Decision.REVIEW)],
        (),
        (),
    )
    desk.publish([*make_corpus(1), make_outcome(new)])
    old = desk.room.release
    for _ in range(500):
        client.get("/")
        if desk.room.release != old:
            break
        time.sleep(0.01)
    with desk.room.queue() as queue:
        assert queue.find(question_key("fagon", "façon")).number == 0  # type: ignore[union-attr]
        assert queue.find(question_key("1’eau", "l’eau")).places == 3  # type: ignore[union-attr]
    assert len(list((desk.clean / ".prote" / "desk").glob("*.sqlite"))) == 1


def test_a_place_that_moved_is_known_by_its_company(desk: Desk) -> None:
    client = desk.seat()
    _decide(client, _ask(client, "foret", "forêt", document="lois__acte 0"), verdict="accept", scope="here")
    longer = make_corpus(1)
    from review_desks import PAIRS, make_text

    text, changes = make_text(PAIRS, 2)
    longer[0] = moved(
        make_outcome(make_document("lois__acte 0", "Une ligne de plus.\n" + text, changes, (), ())),
        "lois/acte 0.txt",
    )
    desk.publish(longer)
    old = desk.room.release
    while desk.room.release == old:
        client.get("/")
        time.sleep(0.01)
    with desk.room.queue() as queue:
        assert queue.find(question_key("foret", "forêt")).places == 1  # type: ignore[union-attr]
        assert queue.find(question_key("siecle", "siècle")).places == 2  # type: ignore[union-attr]


def _taken_up(desk: Desk, outcomes: list[Outcome]) -> None:
    desk.publish(outcomes)
    old = desk.room.release
    while desk.room.release == old:
        with desk.room.queue():
            pass
        time.sleep(0.01)


def test_other_words_where_a_decision_was_are_asked_and_can_be_decided(tmp_path: Path) -> None:
    def text(word: str) -> list[Outcome]:
        doubt = (word, word.replace("e", "é"), Decision.REVIEW)
        return [make_outcome(make_document("x", f"Voici {word} de {word}s.\n", [doubt], (), ()))]

    desk = Desk(tmp_path, text("etude"))
    client = desk.seat()
    _decide(client, _ask(client, "etude", "étudé"), verdict="accept", scope="here")
    _taken_up(desk, text("ecole"))
    page = _ask(client, "ecole", "écolé")
    assert "C’est tranché" not in words(page)
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 1
    assert _decide(client, page, verdict="reject", scope="here").status_code == 200
    assert len(desk.rulings()) == 2


def test_decisions_of_a_merge_that_meet_and_differ_stay_open(tmp_path: Path) -> None:
    from repair.decisions.ruling import Place, Ruling, signed

    reading = "Le cote droit.\n"
    doubts = [("cote", "côte", Decision.REVIEW)]
    desk = Desk(tmp_path, [make_outcome(make_document("x", reading, doubts, (), ()))])
    sides = [
        signed(
            Ruling(
                "", who, "2026-11-22T08:00:00Z", verdict, Scope.HERE, "x", "", before, after, instead,
                Place(reading.index(before), reading[: reading.index(before)], ""),
            )
        )
        for who, verdict, before, after, instead in (
            ("Anne", Verdict.ACCEPT, "cote", "côte", ""),
            ("Zoé", Verdict.CORRECT, "cote droit", "cote droit", "côté droit"),
        )
    ]  # fmt: skip
    for at, left in ((0, 0), (1, 1)):
        desk.room.record.journal.append(sides[at : at + 1])
        with desk.room.queue() as queue:
            assert queue.totals()[0] == left
    client = desk.seat()
    page = _ask(client, "cote", "côte")
    assert "On n’est pas d’accord" in words(page)
    assert all(name in words(page) for name in ("Anne", "Zoé"))
    client.post("/take-back", data=form(page, "/take-back"))
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 0


def test_the_desk_knows_after_a_restart_what_it_knew_before(desk: Desk, tmp_path: Path) -> None:
    from review.room import Room

    client = desk.seat()
    for before, after, scope in (
        ("fagon", "façon", "here"),
        ("étre", "être", "document"),
        ("tres", "très", "everywhere"),
    ):
        _decide(client, _ask(client, before, after), verdict="accept", scope=scope)
    with desk.room.queue() as queue:
        known = [(line.key, line.places, line.documents) for line in queue.page(0, 100)]
    with Room(desk.clean, desk.journal).queue() as queue:
        assert [(line.key, line.places, line.documents) for line in queue.page(0, 100)] == known


def test_a_journal_that_git_changed_is_read_anew(desk: Desk) -> None:
    client = desk.seat()
    for before, after in (("fagon", "façon"), ("étre", "être")):
        _decide(client, _ask(client, before, after), verdict="accept")
    first, _, second = desk.journal.read_bytes().partition(b"\n")
    desk.journal.write_bytes(second)
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 23
    desk.journal.write_bytes(second + first + b"\n")
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 22
    desk.journal.unlink()
    with desk.room.queue() as queue:
        assert queue.totals()[0] == 24


def test_quarantine_keeps_its_text_to_itself(tmp_path: Path) -> None:
    from release_documents import HIDDEN, make_outcomes

    desk = Desk(tmp_path, make_outcomes())
    client = desk.seat()
    for path in (
        "/document?name=secret",
        "/document?name=vide",
        "/",
        "/documents",
        "/document?name=secret&edit=1",
    ):
        assert HIDDEN not in client.get(path).text
    fields = form(client.get("/document?name=rapport").text, "/leave")
    answer = client.post("/line", data={**fields, "name": "secret", "line": "1", "was": "", "now": "x"})
    assert answer.status_code == 400


def test_every_page_speaks_english_too(desk: Desk) -> None:
    client = desk.seat()
    page = client.post("/language", data={"language": "en", "back": "/journal"})
    assert page.url.path == "/journal"
    assert '<html lang="en" class="english">' in page.text
