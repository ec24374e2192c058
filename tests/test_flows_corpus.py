"""The flows with a real Prefect server: what is processed, what is kept, what is published."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from flows_hostile import hostile_repair

from flows.exits import ExitCode, Stop
from flows.state import State
from flows.survey import survey
from flows.workshop import Workshop
from release.verify import verify
from repair.document import Status

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

CLEAN = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)
DAMAGED = (
    "Le conseil de 1’école s’est réuni. 1l a demandé que 1’entreprise répare le toit, "
    "et que 1’on plante des arbres devant 1’église.\n"
)


def make_raw(folder: Path) -> Path:
    folder.mkdir()
    (folder / "clair.txt").write_text(CLEAN, encoding="utf-8")
    (folder / "abime.txt").write_text(DAMAGED, encoding="utf-8")
    (folder / "ancien.txt").write_bytes(CLEAN.encode("cp1252"))
    (folder / "vide.txt").write_bytes(b"")
    (folder / "binaire.bin").write_bytes(bytes(range(256)) * 16)
    return folder


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make_raw(tmp_path / "raw")


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return tmp_path / "clean"


class First(NamedTuple):
    """What a first run did; nothing in its folders is to be changed."""

    raw: Path
    clean: Path
    report: Any
    seen: list[tuple[int, int]]
    table: Any
    link: Any


@pytest.fixture(scope="module")
def first(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> First:
    from prefect.artifacts import Artifact

    from flows.corpus import watcher

    folder = tmp_path_factory.mktemp("first")
    raw, clean = make_raw(folder / "raw"), folder / "clean"
    seen: list[tuple[int, int]] = []
    token = watcher.set(lambda done, total: seen.append((done, total)))
    report = publish_corpus(raw, clean)
    watcher.reset(token)
    return First(raw, clean, report, seen, Artifact.get("corpus-run"), Artifact.get("corpus-report"))


@pytest.fixture
def published(first: First, clean: Path) -> Path:
    """A copy of what a first run left, for a test to go on from."""
    return Path(shutil.copytree(first.clean, clean, symlinks=True))


def publish_corpus(raw: Path, clean: Path) -> Any:
    from flows import corpus

    return corpus.publish_corpus(str(raw), str(clean))


def reprocess_document(document: str, raw: Path, clean: Path) -> Any:
    from flows import corpus

    return corpus.reprocess_document(document, str(raw), str(clean))


def _statuses(report: Any) -> dict[str, str]:
    return {row.path: row.status.value for row in report.rows}


def test_every_file_ends_with_one_status(first: First) -> None:
    clean, report, seen = first.clean, first.report, first.seen
    assert _statuses(report) == {
        "abime.txt": "published",
        "ancien.txt": "published",
        "binaire.bin": "quarantine",
        "clair.txt": "published",
        "vide.txt": "quarantine",
    }
    assert report.processed == 5
    assert seen[0] == (0, 5)
    assert seen[-1] == (5, 5)
    assert all(row.failed for row in report.rows if row.status is not Status.PUBLISHED)
    assert verify(clean).faults == ()
    text = clean / "current" / "diplomatic" / "abime.txt"
    assert text.read_text(encoding="utf-8").startswith("Le conseil de l’école")
    assert (clean / "current" / "diplomatic" / "ancien.txt").read_text(encoding="utf-8") == CLEAN
    assert list((clean / ".prote" / "validations").iterdir())


def test_only_changes_are_processed_again(first: First, raw: Path, published: Path) -> None:
    clean = published
    second = publish_corpus(raw, clean)
    assert (second.processed, second.release.id) == (0, first.report.release.id)

    (raw / "clair.txt").write_text(CLEAN + CLEAN, encoding="utf-8")
    (raw / "vide.txt").unlink()
    (raw / "abime.md").write_text(CLEAN, encoding="utf-8")  # sorts first, so abime.txt must give way
    third = publish_corpus(raw, clean)
    assert third.processed == 2
    assert _statuses(third) == {
        "abime.md": "published",
        "abime.txt": "quarantine",
        "ancien.txt": "published",
        "binaire.bin": "quarantine",
        "clair.txt": "published",
    }
    assert verify(clean).faults == ()

    (raw / "ancien.txt").unlink()  # and nobody said why
    fourth = publish_corpus(raw, clean)
    assert [reason.code for reason in fourth.against] == ["document-kept"]
    assert fourth.release.path.parent == clean / "aside"
    assert verify(clean).release == third.release.id
    (raw / "sources.toml").write_text('[[withdrawn]]\nfiles = ["anc*"]\nwhy = "essai"\n', encoding="utf-8")
    fifth = publish_corpus(raw, clean)
    assert (fifth.against, fifth.release.documents) == ((), 4)
    assert verify(clean).release == fifth.release.id


def test_one_document_is_processed_again_and_the_others_stay(
    first: First, raw: Path, published: Path
) -> None:
    clean = published
    (raw / "clair.txt").write_text(CLEAN * 2, encoding="utf-8")
    (raw / "nouveau.txt").write_text(CLEAN, encoding="utf-8")
    second = reprocess_document("abime", raw, clean)
    assert (second.processed, second.unprocessed) == (1, 1)
    assert second.release.id == first.report.release.id
    third = reprocess_document(str(raw / "nouveau.txt"), raw, clean)
    assert (third.processed, third.unprocessed) == (1, 0)
    assert third.release.documents == first.report.release.documents + 1
    with pytest.raises(Stop, match="there is no document"):
        reprocess_document("inconnu", raw, clean)
    assert verify(clean).release == third.release.id


def test_a_document_that_kills_its_worker_is_quarantined_alone(
    raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.corpus.Workshop", partial(Workshop, work=hostile_repair))
    monkeypatch.setattr("flows.jobs._SMALLEST_SECONDS", 60.0)  # all in one batch
    (raw / "dies.txt").write_text(CLEAN, encoding="utf-8")
    first = publish_corpus(raw, clean)
    assert _statuses(first) == {
        "abime.txt": "published",
        "ancien.txt": "published",
        "binaire.bin": "quarantine",
        "clair.txt": "published",
        "dies.txt": "quarantine",
        "vide.txt": "quarantine",
    }
    (row,) = (row for row in first.rows if row.name == "dies")
    assert row.failed == ("fault",)
    assert verify(clean).faults == ()

    monkeypatch.undo()  # whatever it was, it is mended: only that document is tried again
    second = publish_corpus(raw, clean)
    assert second.processed == 1
    assert _statuses(second)["dies.txt"] == "published"


def test_a_passing_fault_is_tried_again_in_the_same_run(
    raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stumbling(Workshop):
        def process(self, job: Any) -> Any:
            from flows.jobs import Done

            return [Done(source, fault="the network was away") for source in job.sources]

    monkeypatch.setattr("flows.corpus.Workshop", Stumbling)
    assert _statuses(publish_corpus(raw, clean))["clair.txt"] == "published"


def test_without_a_program_that_is_needed_nothing_is_published_and_the_rest_is_kept(
    raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(Path(__file__).parents[1] / "raw" / "affiche.png", raw)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        with pytest.raises(Stop, match="Tesseract is missing") as stop:
            publish_corpus(raw, clean)
    assert stop.value.code is ExitCode.MISSING_PROGRAM
    assert not (clean / "current").exists()
    assert len(State(clean).rows()) == 5


def test_the_same_documents_give_the_same_release_however_they_are_divided(
    first: First, raw: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.corpus.WORKERS", 3)
    monkeypatch.setattr("flows.jobs._SMALLEST_SECONDS", 0.0)  # a batch for each document
    assert publish_corpus(raw, clean).release.id == first.report.release.id


def test_an_empty_folder_publishes_nothing(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / ".gitkeep").touch()
    with pytest.raises(Stop, match="there is no document in") as stop:
        publish_corpus(tmp_path / "raw", clean)
    assert stop.value.code is ExitCode.USAGE


def test_a_run_leaves_its_table_and_the_link_to_its_report_in_prefect(first: First) -> None:
    assert first.table is not None
    assert {row["document"]: row["status"] for row in json.loads(first.table.data)} == {
        row.name: row.status.value for row in first.report.rows
    }
    assert first.link is not None
    assert first.report.release.report.resolve().as_uri() in first.link.data


def test_the_deployments_name_flows_and_parameters_that_there_are() -> None:
    from prefect.flows import load_flow_from_entrypoint
    from prefect.schedules import Cron

    house = Path(__file__).parents[1]
    settings = yaml.safe_load((house / "prefect.yaml").read_text(encoding="utf-8"))
    flows = {}
    for deployment in settings["deployments"]:
        path, name = deployment["entrypoint"].split(":")
        flow = load_flow_from_entrypoint(f"{house / path}:{name}")
        assert set(deployment["parameters"]) <= set(flow.parameters.properties)
        assert deployment["work_pool"]["name"] == "prote"
        flows[flow.name] = deployment
    assert flows.keys() == {"publish-corpus", "reprocess-document"}
    (schedule,) = flows["publish-corpus"]["schedules"]
    assert Cron(schedule["cron"], timezone=schedule["timezone"]).cron == "30 2 * * *"


def test_survey_and_state_agree_on_what_there_is(first: First) -> None:
    assert [row.path for row in first.report.rows] == [entry.source.path for entry in survey(first.raw)]


@pytest.mark.shared
def test_the_users_documents_are_published_or_in_review_with_reasons(corpus: Path, clean: Path) -> None:
    report = publish_corpus(corpus, clean)
    assert len(report.rows) == len(list(corpus.glob("*.txt")))
    for row in report.rows:
        assert row.status in (Status.PUBLISHED, Status.REVIEW)
        assert bool(row.failed) is (row.status is Status.REVIEW)
    assert verify(clean).faults == ()
