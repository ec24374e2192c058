"""What a preview finds: edits, texts, statuses and expectations that another program gave, and nothing else.

The kept state is that of another program, made here by taking a rule from ours or giving it one more; the
worker processes of the preview have ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from preview_states import TEXTS, change, files, make_state
from release_documents import REPAIRS, assemble, make_document, make_outcome, make_outcomes
from test_release_report import HOSTILE, hostile_outcomes, parse

import repair.pipeline as pipeline
from flows.entries import pack
from flows.exits import ExitCode, Stop
from flows.fingerprint import document_key
from flows.preview import preview
from flows.recall import MEMORY
from flows.state import FOLDER, State
from release.pages.preview import changed_passages, preview_page
from release.preview import EXAMPLES, Gathered, Move, Preview, Words, brief, foresee
from repair.document import Metadata, Outcome, Reason, Status
from repair.edits import Decision, Edit, Kind

slow = pytest.mark.slow
A, R, L = Decision.APPLIED, Decision.REVIEW, Decision.LEFT


def look(clean: Path) -> Preview:
    return preview(clean, lambda _done, _total: None)[0]


def others(monkeypatch: pytest.MonkeyPatch, repairs: Callable[[list[Edit]], list[Edit]]) -> None:
    """Have the repairs of this process be others than those of the workers."""
    correct = pipeline._correct

    def other(text: str, memory: Any) -> Any:
        found = correct(text, memory)
        return replace(found, edits=repairs(list(found.edits)))

    monkeypatch.setattr(pipeline, "_correct", other)


@slow
def test_where_nothing_changed_nothing_is_found_and_nothing_is_written(tmp_path: Path) -> None:
    clean = make_state(tmp_path, TEXTS)
    assert [row.path for row in State(clean).rows()] == ["abime.txt", "eau.txt", "soeur.txt", "vide.txt"]
    before = files(tmp_path)
    seen: list[tuple[int, int]] = []
    found, passages = preview(clean, lambda done, total: seen.append((done, total)), passages=True)
    assert files(tmp_path) == before
    assert (found.documents, found.moves, found.failing, found.mended, found.quiet) == ((), (), (), (), 0)
    assert found.same == 3
    assert found.left == (("vide", "refused: empty"),)
    assert found.before == found.after
    assert found.after.words == sum(state.document.after.words for state in outcomes(clean) if state.document)
    assert passages == {}
    assert (seen[0], seen[-1]) == ((1, 4), (4, 4))
    assert seen == sorted(seen)


def outcomes(clean: Path) -> list[Outcome]:
    return [item.load() for item in State(clean, write=False).items()]


@slow
def test_without_its_memory_one_is_made_elsewhere(tmp_path: Path) -> None:
    clean = make_state(tmp_path, TEXTS)
    (clean / FOLDER / MEMORY).unlink()
    found = look(clean)
    assert (found.documents, found.quiet, found.same) == ((), 0, 3)
    assert not (clean / FOLDER / MEMORY).exists()


@slow
def test_a_rule_that_was_off_appears_with_exactly_its_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        others(patch, lambda edits: [edit for edit in edits if edit.rule != "elision"])
        clean = make_state(tmp_path, TEXTS)
    found, passages = preview(clean, lambda _done, _total: None, passages=True)
    (document,) = found.documents
    assert (document.name, document.document.places, document.diplomatic) == ("eau", 1, 1)
    (total,) = found.moves
    assert (total.move, total.edits, total.documents) == (Move("elision", None, A), 2, 1)
    assert [words for words, _ in total.examples] == [
        Words("1’Office", "l’Office"),
        Words("1’auteur", "l’auteur"),
    ]
    assert document.moves == ((total.move, 2),)
    assert found.after.damage_after < found.before.damage_after
    page = parse("".join(preview_page(found, passages)))
    assert page.xpath("//div[@class='page']//ins/text()") == ["l", "l", "l", "l"]
    assert page.xpath("//div[@class='page']//del/text()") == ["1", "1", "1", "1"]


@slow
def test_a_rule_that_is_gone_vanishes_and_what_waited_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubting(edits: list[Edit]) -> list[Edit]:
        return [replace(edit, decision=R) if edit.rule == "elision" else edit for edit in edits]

    normalise = pipeline._normalise

    def shouting(text: str, profile: str) -> list[Edit]:
        found = normalise(text, profile)
        start = text.find("maire a dit")
        if start < 0:
            return found
        shout = Edit(start, start + 5, "maire", "MAIRE", Kind.NORMALISATION, "shout", 1.0, A)
        return sorted([*found, shout], key=lambda edit: edit.start)

    with monkeypatch.context() as patch:
        others(patch, doubting)
        patch.setattr(pipeline, "_normalise", shouting)
        clean = make_state(tmp_path, TEXTS)
    found = look(clean)
    (document,) = found.documents
    assert (document.document.places, document.diplomatic) == (1, 1)
    assert [(total.move, total.edits) for total in found.moves] == [
        (Move("elision", R, A), 2),
        (Move("shout", A, None), 1),
    ]
    assert [(rule.rule, rule.appeared, rule.vanished) for rule in document.document.rules] == [
        ("elision", 2, 0),
        ("shout", 0, 1),
    ]


@slow
def test_expectations_and_statuses_that_flip_are_told(tmp_path: Path) -> None:
    noise = "Xqzt wrvb kjhg pmdf zzkt. Brtq vvxw lkjp mnbv qsdf.\n" * 8
    clean = make_state(tmp_path, {"bruit": noise, "eau": TEXTS["eau"]})
    kept = {row.name: row for row in State(clean).rows()}
    assert kept["bruit"].status is Status.QUARANTINE
    told = "UPDATE documents SET status = ?, failed = ?, reasons = ? WHERE name = ?"
    change(clean, told, "published", b"[]", b"[]", "bruit")
    reasons = msgspec.json.encode([Reason("damage-low", "Trop.", "Too much.")])
    change(clean, told, "review", b'["damage-low"]', reasons, "eau")
    found = look(clean)
    flips = {one.name: (one.failing, one.mended) for one in found.documents}
    assert flips == {"bruit": (kept["bruit"].failed, ()), "eau": ((), ("damage-low",))}
    assert dict(found.failing) == dict.fromkeys(kept["bruit"].failed, 1)
    assert found.mended == (("damage-low", 1),)
    changed = [one.document for one in found.documents]
    assert [(one.old.status, one.new.status) for one in changed if one.old and one.new] == [
        ("published", "quarantine"),
        ("review", "published"),
    ]
    assert (found.before.documents.published, found.after.documents.published) == (1, 1)
    assert found.moves == ()


@slow
def test_what_the_program_would_fail_on_is_told_and_harms_no_other(tmp_path: Path) -> None:
    clean = make_state(tmp_path, TEXTS)
    change(clean, "UPDATE documents SET document = ? WHERE name = 'abime'", b"damaged")
    found = look(clean)  # what is kept of it, with the memory, is sound
    (document,) = found.documents
    assert (document.name, document.failing) == ("abime", ("fault",))
    assert document.document.new is not None
    assert document.document.new.status is Status.QUARANTINE
    assert "The program would fail on this document" in document.document.new.reasons[0].en
    assert found.same == 2


def test_what_the_next_run_processes_again_is_not_looked_at(tmp_path: Path) -> None:
    """Nothing else is either: what decides the outcome of the others is what it was."""
    clean = make_state(tmp_path, TEXTS)
    for item in State(clean).items():
        for table in ("documents", "recalled"):
            if table == "documents" or item.source.name == "abime":
                key = document_key(item.source, "onu")
                change(clean, f"UPDATE {table} SET key = ? WHERE path = ?", key, item.source.path)  # noqa: S608
    State(clean).expire("abime.txt")
    before = files(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.preview.Workshop.process", None)  # no process is started
        found = look(clean)
    assert found.left == (("abime", "the next run processes it again"), ("vide", "refused: empty"))
    assert (found.documents, found.same) == ((), 2)
    assert files(tmp_path) == before


def test_without_a_state_it_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="prote run does") as stop:
        look(tmp_path / "clean")
    assert stop.value.code == ExitCode.NO_RELEASE
    assert list(tmp_path.iterdir()) == []


def moves(old: Outcome, new: Outcome) -> list[tuple[Move, Words, int]]:
    _, moved = foresee(old, (), new, ())
    return [(move, words, times) for (move, words), times in moved.items()]


def test_the_same_repair_at_another_place_is_another_and_a_moved_space_the_same() -> None:
    def of(place: int, grown: str) -> Outcome:
        reading = "un étre, un étre ; fin"
        first = [Edit(0, 2, "un", grown, Kind.REPAIR, "r", 1.0, A)] if grown else []
        repairs = (*first, Edit(place, place + 4, "étre", "être", Kind.REPAIR, "e", 1.0, A))
        growth = len(grown) - 2 if grown else 0
        space = Edit(16 + growth, 17 + growth, " ", "\u202f", Kind.NORMALISATION, "s", 1.0, A)
        return make_outcome(assemble("a", reading, repairs, (), (space,)))

    assert moves(of(3, ""), of(3, "")) == []
    assert moves(of(3, ""), of(3, "Quelqu’un")) == [(Move("r", None, A), Words("un", "Quelqu’un"), 1)]
    assert sorted(move.was or "-" for move, _, _ in moves(of(3, ""), of(12, ""))) == ["-", "applied"]


def test_every_decision_that_changes_is_told() -> None:
    old = make_outcome(make_document())
    decided = [
        (before, after, L if after == "façon" else R if after == "être" else d)
        for before, after, d in REPAIRS
    ]
    new = make_outcome(make_document(repairs=decided))
    assert sorted((move.was, move.now, words.after) for move, words, _ in moves(old, new)) == [
        (A, R, "être"),
        (R, L, "façon"),
    ]


def test_probabilities_alone_are_counted_and_nothing_more() -> None:
    document = make_document()
    surer = replace(document, repairs=tuple(replace(edit, probability=0.99) for edit in document.repairs))
    gathered = Gathered()
    gathered.add(*foresee(make_outcome(document), (), make_outcome(surer), ()))
    found = gathered.sum_up()
    assert (found.quiet, found.documents, found.moves, found.same) == (1, (), (), 0)


def test_blocks_notes_and_metadata_that_change_are_named() -> None:
    document = make_document()
    other = replace(
        document,
        paragraphs=(replace(document.paragraphs[0], kind="heading"), *document.paragraphs[1:]),
        notes=(),
        metadata=Metadata(symbol="A/1"),
    )
    found, _ = foresee(make_outcome(document), (), make_outcome(other), ())
    assert found.parts == ("paragraphs", "notes", "metadata")
    assert found.visible


def test_the_most_frequent_changes_are_the_examples() -> None:
    gathered = Gathered()
    for number in range(5):
        text = " ".join(["étre"] * (number + 1))
        old = make_document(str(number), text, (), (), ())
        changes = [("étre", f"être{number}", A)] * (number + 1)
        new = make_document(str(number), text, changes, (), ())
        gathered.add(*foresee(make_outcome(old), (), make_outcome(new), ()))
    (total,) = gathered.sum_up().moves
    assert (total.edits, total.documents) == (15, 5)
    assert [(words.after, times) for words, times in total.examples] == [
        ("être4", 5),
        ("être3", 4),
        ("être2", 3),
    ]
    assert len(total.examples) == EXAMPLES


def test_figures_are_of_the_whole_corpus() -> None:
    gathered = Gathered()
    for outcome in make_outcomes():
        gathered.keep(brief(outcome), "" if outcome.document else "refused")
    found = gathered.sum_up()
    assert found.before == found.after
    counts = Counter(outcome.status for outcome in make_outcomes())
    assert found.after.documents.quarantine == counts[Status.QUARANTINE]
    assert (found.same, len(found.left)) == (4, 1)


def test_the_page_trusts_no_text() -> None:
    gathered = Gathered()
    passages = {}
    for outcome in hostile_outcomes():
        document = outcome.document
        if document is None:
            gathered.keep(brief(outcome), HOSTILE)
            continue
        other = replace(
            document, text=HOSTILE + document.text, diplomatic=document.diplomatic + HOSTILE, repairs=()
        )
        new = Outcome(outcome.source, Status.REVIEW, (Reason(HOSTILE, HOSTILE, HOSTILE),), other)
        gathered.add(*foresee(outcome, (HOSTILE,), new, (f"{HOSTILE}!",)))
        passages[document.source.name] = changed_passages(document, other)
    found = gathered.sum_up()
    assert found.documents
    assert found.failing
    page = "".join(preview_page(found, passages))
    tree = parse(page)
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "script",
            "body",
            "header",
            "main",
            "nav",
            "section",
            "footer",
        ),
        *(
            "h1",
            "h2",
            "h3",
            "h4",
            "p",
            "a",
            "ul",
            "li",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "div",
            "span",
        ),
        *("button", "bdi", "code", "del", "ins", "mark", "b", "i"),
    }
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//@onload | //@onerror | //img | //svg")
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_a_kept_document_is_packed_as_it_is(tmp_path: Path) -> None:
    """The size of a packed document, by which preview divides the work, is that of its column."""
    clean = make_state(tmp_path, {"eau": TEXTS["eau"]})
    (outcome,) = (one for one in outcomes(clean) if one.document)
    assert outcome.document is not None
    assert State(clean).sizes() == {"eau.txt": len(pack(outcome.document))}
