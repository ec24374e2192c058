"""`prote check-decisions`: which rulings hold in a corpus, and which documents a run would process again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from decisions_cases import ruling

from expectations.gate import Verdict, judge
from flows.cli import main
from flows.decisions import CHECK_ERROR, Decisions, proposals, read_journal
from flows.entries import Entry, unpack
from flows.exits import ExitCode, Stop
from flows.jobs import Job
from flows.processing import process_all
from flows.standing import Standing, check
from flows.state import State
from repair.decisions.journal import Journal
from repair.decisions.ruling import Ruling
from repair.document import Outcome, Source, Status

CASES = json.loads((Path(__file__).parent / "cases/rulings/standing.json").read_text(encoding="utf-8"))

TEXTS = {
    "eau": "Prie 1’Office d’aider 1’auteur, et 1’Office seul.\n",
    "mer": "Le maire remercie 1’Office et 1’école.\n",
    "perdu": "zqx vbn wrt klm pfg hjd zzt qwv " * 30 + "\n",
}


def source(name: str, text: str) -> Source:
    data = text.encode()
    return Source(name, f"{name}.txt", hashlib.sha256(data).hexdigest(), len(data))


def settle(
    folder: Path, texts: Mapping[str, str], rulings: Sequence[Ruling], *, unheard: bool = False
) -> State:
    """Process texts as a run does, in this process, and keep them.

    Args:
        folder: that of raw and clean.
        texts: by name.
        rulings: of the journal.
        unheard: whether the rulings are kept with the documents, and not honoured.
    """
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (raw / f"{name}.txt").write_text(text, encoding="utf-8")
    sources = tuple(source(name, text) for name, text in texts.items())
    decisions = Decisions(rulings)
    told = () if unheard else decisions.reaching(sources)
    done = process_all(Job(raw, sources, "onu", rulings=told))
    documents = [unpack(item.packed) for item in done]
    state = State(folder / "clean")
    judged = [Verdict(Status.PUBLISHED) for _ in documents]
    if "perdu" in texts and (not rulings or any(one.verdict == "release" for one in rulings)):
        judged = judge(documents)  # seconds, which the others need not take
    entries = []
    for item, document, verdict in zip(done, documents, judged, strict=True):
        verdict = verdict if unheard else decisions.released(item.source, verdict)
        assert item.proposals == proposals(document, told)
        entries.append(
            Entry(
                Outcome(item.source, verdict.status, verdict.reasons, document),
                "key",
                verdict.failed,
                item.packed,
                proposals=item.proposals,
                rulings=decisions.ids(item.source, item.proposals),
            )
        )
    state.save(entries)
    return state


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """What the text that is none fails."""
    state = settle(tmp_path_factory.mktemp("lost"), {"perdu": TEXTS["perdu"]}, ())
    (row,) = state.rows()
    assert row.failed
    return row.failed


def made(told: Mapping[str, Any], rank: int, failed: Sequence[str]) -> Ruling:
    told = dict(told)
    if told.get("failed") == ["*"]:
        told["failed"] = list(failed)
    if told.get("sha256") == "*":
        told["sha256"] = source(told["document"], TEXTS[told["document"]]).sha256
    return ruling(told, TEXTS.get(told.get("document", ""), ""), rank)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_check_says_which_rulings_hold(
    tmp_path: Path, case: dict[str, Any], failed: tuple[str, ...]
) -> None:
    known = [made(told, rank, failed) for rank, told in enumerate(case.get("known", ()))]
    known += [
        ruling({"verdict": "reverse", "reverses": known[number].id}, rank=30)
        for number in case.get("back", ())
    ]
    state = settle(tmp_path, TEXTS, known, unheard=case.get("unheard", False))
    said = [made(told, 40 + rank, failed) for rank, told in enumerate(case.get("said", ()))]
    for name, text in case.get("raw", {}).items():
        file = tmp_path / "raw" / f"{name}.txt"
        file.unlink() if text is None else file.write_text(text, encoding="utf-8")
    found = check(tmp_path / "raw", tmp_path / "clean", [*known, *said])
    by_id = {one.ruling.id: [one.standing.value, one.places] for one in found.checked}
    spoken = [one for one in (*known, *said) if one.id in by_id]
    assert [by_id[one.id] for one in spoken] == case["stands"]
    assert found.taken_back == case.get("taken_back", 0)
    order = [list(Standing).index(one.standing) for one in found.checked]
    assert order == sorted(order)
    if not said:
        assert Decisions(known).stale(state) == set()


@pytest.mark.parametrize(
    ("told", "stale"),
    [
        ({"verdict": "reject", "scope": "everywhere", "before": "1’Office", "after": "l’Office"}, "eau mer"),
        ({"verdict": "reject", "scope": "everywhere", "before": "1’école", "after": "l’école"}, "mer"),
        ({"verdict": "reject", "scope": "everywhere", "before": "1’Office", "after": "L’Office"}, ""),
        ({"verdict": "reject", "scope": "collection", "before": "1’école", "after": "l’école"}, ""),
        ({"verdict": "reject", "document": "eau", "before": "x", "after": "y"}, "eau"),
        ({"verdict": "leave", "document": "mer", "why": "essai"}, "mer"),
        ({"verdict": "leave", "document": "feu", "why": "essai"}, ""),
        ({"verdict": "release", "document": "mer", "sha256": "00", "failed": ["a"], "why": "essai"}, ""),
    ],
)
def test_only_documents_that_a_ruling_concerns_are_stale(
    tmp_path: Path, told: dict[str, Any], stale: str
) -> None:
    texts = {name: TEXTS[name] for name in ("eau", "mer")}
    state = settle(tmp_path, texts, ())
    said = ruling(told)
    assert Decisions([said]).stale(state) == {f"{name}.txt" for name in stale.split()}
    back = ruling({"verdict": "reverse", "reverses": said.id}, rank=1)
    assert Decisions([said, back]).stale(state) == set()
    honoured = settle(tmp_path, texts, [said])
    assert Decisions([said]).stale(honoured) == set()
    assert Decisions([said, back]).stale(honoured) == {f"{name}.txt" for name in stale.split()}


def test_nobody_releases_what_could_not_be_checked() -> None:
    told = {"verdict": "release", "document": "eau", "sha256": "00", "failed": [CHECK_ERROR], "why": "essai"}
    unchecked = Verdict(Status.QUARANTINE, (), (CHECK_ERROR,))
    assert Decisions([ruling(told)]).released(Source("eau", "eau.txt", "00", 1), unchecked) is unchecked


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["prote", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_command_prints_a_line_a_decision_and_its_code_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    good = ruling({"verdict": "reject", "scope": "everywhere", "before": "1’école", "after": "l’école"})
    settle(tmp_path, TEXTS, [good])
    assert call(monkeypatch, "check-decisions") == ExitCode.DONE  # no journal: nothing was decided
    assert capsys.readouterr().err == "0 decisions in force; 0 taken back\n"
    Journal(Path("dictionaries/decisions.jsonl")).append([good])
    assert call(monkeypatch, "check-decisions") == ExitCode.DONE
    out, err = capsys.readouterr()
    line = [good.id, "reject", "everywhere", "-", "«1’école» → «1’école»", "1", "holds"]
    assert out.splitlines() == ["\t".join(line)]
    assert err == "1 decisions in force: 1 holds; 0 taken back\n"
    bad = ruling({"verdict": "leave", "document": "\x1b[2Jfeu", "why": "essai"}, rank=1)
    back = ruling({"verdict": "reverse", "reverses": good.id}, rank=2)
    Journal(Path("dictionaries/decisions.jsonl")).append([bad, back])
    assert call(monkeypatch, "check-decisions") == ExitCode.DECISIONS_FAIL
    out, err = capsys.readouterr()
    assert out.splitlines() == [f"{bad.id}\tleave\tdocument\t\\x1b[2Jfeu\t-\t0\tdocument gone"]
    assert err.splitlines() == [
        "1 decisions in force: 1 document gone; 1 taken back",
        "prote: 1 of 1 decisions do not hold",
    ]
    assert call(monkeypatch, "check-decisions", "--clean", "other") == ExitCode.NO_RELEASE


def test_a_journal_that_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stop, match="cannot be read"):
        read_journal(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("Un texte.\n", encoding="utf-8")
    journal = tmp_path / "decisions.jsonl"
    journal.write_text("no ruling\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for command in ("run", "document a", "check-decisions"):
        (tmp_path / "clean").mkdir(exist_ok=True)
        State(tmp_path / "clean")
        code = call(monkeypatch, *command.split(), "--decisions", journal)
        assert code == ExitCode.FAILURE
        assert f"line 1 of {journal} is no decision" in capsys.readouterr().err
    assert not (tmp_path / "clean" / ".prote" / "prefect").exists()


@pytest.mark.slow
def test_a_preview_says_what_a_ruling_would_change(tmp_path: Path) -> None:
    from flows.preview import preview

    texts = {name: TEXTS[name] for name in ("eau", "mer")}
    settle(tmp_path, texts, ())
    said = ruling({"verdict": "reject", "scope": "everywhere", "before": "1’école", "after": "l’école"})
    found, _ = preview(tmp_path / "clean", lambda _done, _total: None, Decisions([said]))
    assert [one.document.name for one in found.documents] == ["mer"]
    found, _ = preview(tmp_path / "clean", lambda _done, _total: None)
    assert found.documents == ()
