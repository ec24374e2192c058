"""The memory across runs: the same corpus gives the same release, however it came about."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from memory_documents import DAMAGED, PRINTED, READ, TRUSTED

from flows.jobs import Done, Job
from flows.processing import process_all
from flows.recall import MEMORY
from flows.state import FOLDER
from flows.workshop import Workshop
from release.verify import verify
from repair.document import Status

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

OTHER = "Un autre compte rendu de la commune voisine. " + TRUSTED.replace(PRINTED, "quartier")


def make_raw(folder: Path) -> Path:
    folder.mkdir()
    (folder / "abime.txt").write_text(DAMAGED, encoding="utf-8")
    (folder / "soeur.txt").write_text(TRUSTED, encoding="utf-8")
    (folder / "voisin.txt").write_text(OTHER, encoding="utf-8")
    return folder


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make_raw(tmp_path / "raw")


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return tmp_path / "clean"


class Whole(NamedTuple):
    """What a first run over all documents did; nothing in its folder is to be changed."""

    clean: Path
    report: Any
    seen: list[tuple[int, int]]

    @property
    def id(self) -> str:
        return str(self.report.release.id)


@pytest.fixture(scope="module")
def whole(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    from flows.corpus import watcher

    folder = tmp_path_factory.mktemp("whole")
    seen: list[tuple[int, int]] = []
    token = watcher.set(lambda done, total: seen.append((done, total)))
    report = publish(make_raw(folder / "raw"), folder / "clean")
    watcher.reset(token)
    return Whole(folder / "clean", report, seen)


@pytest.fixture
def published(whole: Whole, clean: Path) -> Path:
    """A copy of what a first run left, for a test to go on from."""
    return Path(shutil.copytree(whole.clean, clean, symlinks=True))


def publish(raw: Path, clean: Path) -> Any:
    from flows.corpus import publish_corpus

    return publish_corpus(str(raw), str(clean))


def again(document: str, raw: Path, clean: Path) -> Any:
    from flows.corpus import reprocess_document

    return reprocess_document(document, str(raw), str(clean))


def text_of(clean: Path, name: str) -> str:
    return (clean / "current" / "diplomatic" / f"{name}.txt").read_text(encoding="utf-8")


def citations(clean: Path) -> list[str]:
    edits = (clean / "current" / "edits.jsonl").read_bytes().splitlines()
    return [
        item["detail"]
        for edit in map(msgspec.json.decode, edits)
        for item in edit["evidence"]
        if item["witness"] == "corpus memory"
    ]


def test_a_trusted_sister_repairs_a_word_is_cited_and_speaks_once(
    whole: Whole, raw: Path, published: Path
) -> None:
    clean, first, seen = published, whole.report, whole.seen
    assert (first.processed, first.recalled) == (3, 1)
    assert first.memory.documents == ("soeur", "voisin")
    assert (seen[0], seen[-1]) == ((0, 3), (4, 4))
    assert seen == sorted(seen)
    assert PRINTED in text_of(clean, "abime")
    assert f"soeur § 2: habitants du {PRINTED} soient consultés" in citations(clean)
    page = (clean / "current" / "report" / "documents" / "abime.html").read_text(encoding="utf-8")
    assert "mémoire du corpus" in page
    assert "corpus memory" in page
    assert verify(clean).faults == ()

    written = (clean / FOLDER / MEMORY).stat().st_mtime_ns
    second = publish(raw, clean)
    assert (second.processed, second.recalled, second.release.id) == (0, 0, first.release.id)
    assert (clean / FOLDER / MEMORY).stat().st_mtime_ns == written


def test_the_order_in_which_documents_come_and_go_changes_nothing(
    whole: Whole, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(raw, alone)
    for name in ("soeur", "voisin"):
        (alone / f"{name}.txt").unlink()
    other = tmp_path / "other"
    without = publish(alone, other)
    assert without.recalled == 0
    assert READ in text_of(other, "abime")

    monkeypatch.setattr("flows.corpus.WORKERS", 3)
    monkeypatch.setattr("flows.jobs._SMALLEST_SECONDS", 0.0)  # a batch for each document
    shutil.copy(raw / "voisin.txt", alone)
    assert publish(alone, other).recalled == 1
    assert READ in text_of(other, "abime")
    shutil.copy(raw / "soeur.txt", alone)
    grown = publish(alone, other)
    assert (grown.processed, grown.recalled) == (1, 1)
    assert grown.release.id == whole.id
    assert (other / FOLDER / MEMORY).read_bytes() == (whole.clean / FOLDER / MEMORY).read_bytes()

    (alone / "soeur.txt").write_text(TRUSTED + "Un paragraphe nouveau, sans rapport.\n", encoding="utf-8")
    changed = publish(alone, other)
    assert (changed.processed, changed.recalled) == (1, 0)  # it says the same at the same places
    assert publish(raw, other).release.id == whole.id

    for name in ("soeur", "voisin"):
        (alone / f"{name}.txt").unlink()
    shrunk = publish(alone, other)
    assert (shrunk.processed, shrunk.recalled) == (0, 0)
    assert shrunk.release.id == without.release.id


def test_one_document_is_processed_again_with_the_memory(whole: Whole, raw: Path, published: Path) -> None:
    clean = published
    once_more = again("abime", raw, clean)
    assert (once_more.processed, once_more.recalled) == (1, 1)
    assert once_more.release.id == whole.id
    (raw / "soeur.txt").write_text(OTHER, encoding="utf-8")
    sister = again("soeur", raw, clean)
    assert (sister.processed, sister.recalled) == (1, 0)
    assert PRINTED in text_of(clean, "abime")  # the others stay as they are, until the next run
    publish(raw, clean)
    assert READ in text_of(clean, "abime")


class Killed(BaseException):
    """Stands for the end of the program."""


def test_a_run_that_ends_between_the_rounds_is_taken_up(
    whole: Whole, raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> None:
        raise Killed

    for place in ("flows.tasks.recall", "flows.recall.write_store", "flows.recall.State.forget_recalled"):
        with monkeypatch.context() as patch:
            patch.setattr(place, end)
            with pytest.raises(Killed):
                publish(raw, clean)
        assert not (clean / "current").exists()
    resumed = publish(raw, clean)
    assert (resumed.processed, resumed.recalled) == (0, 1)
    assert resumed.release.id == whole.id


def faint_with_memory(job: Job) -> list[Done]:
    """Process documents; fail where there is a memory."""
    if job.memory is None:
        return process_all(job)
    return [Done(source, fault="it fainted") for source in job.sources]


def test_a_fault_with_the_memory_is_told_and_tried_again_at_the_next_run(
    whole: Whole, raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("flows.corpus.Workshop", partial(Workshop, work=faint_with_memory))
        first = publish(raw, clean)
    (row,) = (row for row in first.rows if row.name == "abime")
    assert (row.status, row.failed) == (Status.QUARANTINE, ("fault",))
    assert {row.name for row in first.rows if row.status is Status.PUBLISHED} == {"soeur", "voisin"}
    second = publish(raw, clean)
    assert (second.processed, second.recalled) == (0, 1)
    assert second.release.id == whole.id


def test_a_passing_fault_with_the_memory_is_tried_again_in_the_same_run(
    raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stumbling(Workshop):
        def process(self, job: Any) -> Any:
            if job.memory is None:
                return super().process(job)
            return [Done(source, fault="the network was away") for source in job.sources]

    monkeypatch.setattr("flows.corpus.Workshop", Stumbling)
    publish(raw, clean)
    assert PRINTED in text_of(clean, "abime")


def test_a_document_that_fails_an_expectation_is_not_trusted(raw: Path, clean: Path) -> None:
    (raw / "soeur.txt").write_text(TRUSTED + "\nLe maire a dit : « je ne ferme pas.\n", encoding="utf-8")
    report = publish(raw, clean)
    (row,) = (row for row in report.rows if row.name == "soeur")
    assert row.failed
    assert report.memory.documents == ("voisin",)
    assert not any(cited.startswith("soeur") for cited in citations(clean))


@pytest.mark.shared
def test_the_users_damaged_document_cites_its_sister(corpus: Path, clean: Path) -> None:
    report = publish(corpus, clean)
    assert [name[:3] for name in report.memory.documents] == ["000", "001", "003", "004"]
    assert report.recalled >= 1
    cited = citations(clean)
    assert sum(detail.startswith("003_") for detail in cited) >= 100
