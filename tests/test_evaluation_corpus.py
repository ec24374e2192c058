"""The bench of many short documents: how they are made, what is kept of a run cut short, and a real run."""

import json
from pathlib import Path

import pytest

from bench import corpus, corpus_page
from bench.corpus import Measured, Ran, document_path, make_documents
from bench.kept import Kept
from bench.memory import can_tell
from bench.staged import JUDGED, STAGES

SAMPLES = sorted((Path(__file__).parents[1] / "raw").glob("*.txt"))


def test_documents_are_short_each_another_and_the_same_each_time(tmp_path: Path) -> None:
    words = [make_documents(SAMPLES, tmp_path / name, 60) for name in "ab"]
    one, two = ([document_path(tmp_path / name, number).read_text() for number in range(60)] for name in "ab")
    assert one == two
    assert len(set(one)) == 60
    assert words[0] == words[1] == sum(len(text.split()) for text in one)
    assert all(corpus.WORDS <= len(text.split()) <= 1.5 * corpus.WORDS for text in one)
    assert "1’eau" in "".join(one)  # damaged as the samples are


STAND_IN = dict.fromkeys(STAGES, 1.0) | {JUDGED: 0.5, "seconds": 8.0, "worked": 9.0, "memory": 5e8}


def test_a_run_cut_short_is_taken_up_where_it_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[str, int, str, bool]] = []
    cut = {4}

    def watch(what, cores, raw, clean, log, *, weigh):
        changed = "Suite." in document_path(raw, 0).read_text()
        runs.append((what, cores, clean.name, changed))
        clean.mkdir(exist_ok=True)
        if len(runs) in cut:
            raise KeyboardInterrupt
        assert weigh == (cores > 1)
        return STAND_IN

    monkeypatch.setattr(corpus, "watch", watch)
    monkeypatch.setattr(corpus, "_in_a_process", lambda *_: 1e-4)
    with pytest.raises(KeyboardInterrupt):
        corpus.measure(SAMPLES, Kept(tmp_path / "work", "v"), 20, print)
    found = corpus.measure(SAMPLES, Kept(tmp_path / "work", "v"), 20, print)
    assert runs == [
        ("empty", 2, "empty-20", False),
        ("empty", 2, "empty-20", False),
        ("run", 1, "one-20", False),
        ("run", 2, "two-20", False),
        ("run", 2, "two-20", False),
        ("run", 2, "two-20", False),
        ("run", 2, "two-20", True),
    ]
    assert found.ten.memory == 500_000_000
    assert not [path for path in (tmp_path / "work").iterdir() if path.is_dir()]


def _measured(documents: int, one: float, two: float, nothing: float) -> Measured:
    def ran(seconds: float) -> Ran:
        return Ran(seconds, 1.5 * seconds, 10**9, dict.fromkeys(STAGES, 1.0), 0.1)

    bare = {"diplomatic": 1e-4, "normalised": 2e-4}
    return Measured(
        documents, 200 * documents, bare, ran(3), ran(one), ran(two), ran(nothing), ran(nothing + 1)
    )


def test_what_is_asked_is_told_beside_what_was_measured() -> None:
    rows = corpus_page.goal_rows([_measured(100, 10, 6, 4), _measured(1_000, 40, 20, 5.25)])
    told = {row[0].partition(": ")[2]: row[3:] for row in rows}
    assert told["cost beside the loop of `repair_text`"] == ("200%", "no")
    assert told["cost beside the same for the normalised edition, as the run makes both"] == ("50%", "no")
    assert told["words a second, two processors against one"] == ("2.00 ×", "must")
    asked = {row[0].partition(": ")[2]: row[1] for row in rows}
    assert asked["nothing changed, seconds (an empty flow + 2 + 1 % of the first)"] == "5.20"
    assert told["nothing changed, seconds (an empty flow + 2 + 1 % of the first)"][1] == "no"
    assert told["the processor's time a document"] == ("0.40 ×", "aim")
    page = corpus_page.part("told", [_measured(100, 10, 6, 4)])
    assert page.startswith(corpus_page.TITLE)
    assert "two against one" in page


@pytest.mark.slow
@pytest.mark.skipif(not can_tell(), reason="it binds the run to processors, as Linux does")
def test_a_run_tells_its_stages(tmp_path: Path) -> None:
    make_documents(SAMPLES, tmp_path / "raw", 12)
    figures = corpus.watch(
        "run", 1, tmp_path / "raw", tmp_path / "clean", tmp_path / "output.txt", weigh=True
    )
    assert [stage for stage in STAGES if figures[stage] <= 0] == []
    assert 0 < figures[JUDGED] < figures["worked"]
    assert figures["memory"] > 50_000_000
    assert sum(figures[stage] for stage in STAGES) < figures["seconds"]
    lineage = json.loads((tmp_path / "clean" / "current" / "release.json").read_bytes())
    assert sum(lineage["documents"].values()) == 12
