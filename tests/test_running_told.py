"""What runs tell: records, metrics, notifications to a real web server and a real mail server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families
from running_servers import mail_server, webhook_server

from flows.exits import ExitCode, Stop
from flows.metrics import metrics_file
from flows.notify import check_addresses, tell_failure, tell_news
from flows.running import Settings, running
from flows.state import FOLDER
from repair.document import Outcome, Reason, Source, Status

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

SECRET = "ne-le-dis-pas"  # noqa: S105 - it is looked for in what is said
CLEAN = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)
DAMAGED = (
    "Le conseil de 1’école s’est réuni. 1l a demandé que 1’entreprise répare le toit, "
    "et que 1’on plante des arbres devant 1’église.\n"
)
FORGED = "fin\n2026-12-01 published tout.txt"


@pytest.fixture(scope="module", autouse=True)
def no_proxy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "127.0.0.1")
        yield


def run(raw: Path, clean: Path, settings: Settings, document: str = "") -> Any:
    from flows import corpus

    with running(clean, settings, asked=bool(document)):
        if document:
            return corpus.reprocess_document(document, str(raw), str(clean))
        return corpus.publish_corpus(str(raw), str(clean))


class House(NamedTuple):
    """A corpus that runs; each of the following is added to by them."""

    raw: Path
    clean: Path
    settings: Settings
    posts: list[tuple[str, dict[str, Any]]]
    mails: list[EmailMessage]

    @property
    def records(self) -> list[dict[str, Any]]:
        assert self.settings.log_file is not None
        return [json.loads(line) for line in self.settings.log_file.read_text(encoding="utf-8").splitlines()]

    def metrics(self) -> dict[tuple[str, str], float]:
        """Return the samples by name and the one label they have beside the corpus and the kind."""
        found = {}
        for family in text_string_to_metric_families(metrics_file(self.clean).read_text(encoding="utf-8")):
            assert family.documentation
            assert family.type in ("gauge", "counter")
            for sample in family.samples:
                labels = dict(sample.labels)
                assert labels.pop("corpus") == str(self.clean)
                if labels.get("kind", "repair") == "repair":
                    labels.pop("kind", None)
                    found[sample.name, "".join(labels.values())] = sample.value
        return found


@pytest.fixture(scope="module")
def first(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Any]]:
    """A house after its first run."""
    folder = tmp_path_factory.mktemp("told").resolve()
    raw = folder / "raw"
    raw.mkdir()
    (raw / "clair.txt").write_text(CLEAN, encoding="utf-8")
    (raw / "abime.txt").write_text(DAMAGED, encoding="utf-8")
    (raw / "vide.txt").write_bytes(b"")
    (raw / f"{FORGED}.txt").write_bytes(b"")
    with webhook_server() as (port, posts), mail_server() as (mail_port, mails):
        mail = f"mailto://prote:{SECRET}@127.0.0.1:{mail_port}?mode=insecure&from=prote@example.org&to=a@example.org"
        addresses = folder / "notify.conf"
        addresses.write_text(f"# whom to tell\n{mail}\n", encoding="utf-8")
        notify = (f"json://127.0.0.1:{port}/{SECRET}", str(addresses))
        house = House(raw, folder / "clean", Settings("json", folder / "log", notify=notify), posts, mails)
        yield house, run(house.raw, house.clean, house.settings)


def test_each_document_has_a_record(first: tuple[House, Any]) -> None:
    house, report = first
    records = {one["path"]: one for one in house.records if one["event"] == "document"}
    rows = {row.path: row for row in report.rows}
    assert records.keys() == rows.keys()
    for path, record in records.items():
        row = rows[path]
        assert record["status"] == row.status.value
        assert record["damage_before"] == row.damage_before
        assert record["damage_after"] == row.damage_after
        assert (record["edits_applied"], record["edits_review"]) == (row.applied, row.review)
        assert record["seconds"] > 0 or row.status is not Status.PUBLISHED
        assert bool(record["reasons"]) is (row.status.value == "quarantine")
    assert records["abime.txt"]["edits_applied"] > 0
    assert records["abime.txt"]["engine"] == "text"
    (ended,) = [one for one in house.records[: len(rows) + 1] if one["event"] == "run"]
    assert (ended["result"], ended["release"], ended["processed"]) == ("done", report.release.id, 3)
    assert ended["seconds"].keys() == {
        "waiting", "looking", "processing", "remembering", "publishing", "telling"
    }  # fmt: skip


def test_the_metrics_say_how_the_corpus_stands(first: tuple[House, Any]) -> None:
    house, report = first
    told = house.metrics()
    assert [told["prote_documents", status] for status in ("published", "review", "quarantine")] == [2, 0, 2]
    assert told["prote_words", ""] > 40
    assert told["prote_pages", ""] == 2
    assert told["prote_damage_ratio", "reading"] > told["prote_damage_ratio", "published"] >= 0
    applied = sum(row.applied for row in report.rows)
    assert told["prote_edits", "applied"] == applied > 0
    assert told["prote_queued_edits", ""] == sum(row.review for row in report.rows)
    assert told["prote_release_info", report.release.id[:12]] == 1
    assert told["prote_release_held_back", ""] == 0
    assert told["prote_processed_documents_total", ""] >= 3
    assert told["prote_processed_words_total", ""] >= told["prote_words", ""]
    assert told["prote_work_seconds_total", ""] > 0
    assert told["prote_last_run_stage_seconds", "publishing"] > 0
    assert told["prote_last_success_timestamp_seconds", ""] > 1.7e9


def test_new_quarantine_is_told_once_in_both_languages_and_one_message(first: tuple[House, Any]) -> None:
    house, _ = first
    path, post = house.posts[0]
    assert path == f"/{SECRET}"
    assert post["title"].startswith("Prote : 2 nouveaux documents en quarantaine, 2 documents newly in")
    assert post["type"] == "warning"
    lines = post["message"].splitlines()
    french, english = lines[: lines.index("")], lines[lines.index("") + 1 :]
    assert french[0] == "2 nouveaux documents en quarantaine :"
    assert english[0] == "2 documents newly in quarantine:"
    assert any(line.startswith("– vide.txt : ") for line in french)
    assert any(line.startswith("– fin\\n2026-12-01 published tout.txt.txt: ") for line in english)
    for language in (french, english):
        assert str(house.clean / "index.html") in language[-1]
    assert "vide.txt" in house.mails[0].as_string()
    assert house.mails[0]["to"] == "a@example.org"
    assert house.mails[0]["subject"] == post["title"]


@pytest.fixture(scope="module")
def later(first: tuple[House, Any]) -> tuple[House, list[tuple[int, dict[tuple[str, str], float]]]]:
    """The same after nights with nothing new, with new quarantine held back, and without raw files."""
    house, _ = first
    seen = []

    def look() -> None:
        assert len(house.posts) == len(house.mails)
        seen.append((len(house.posts), house.metrics()))

    look()
    run(house.raw, house.clean, house.settings)
    look()
    (house.raw / "encore.txt").write_bytes(b"")
    (house.raw / "vide.txt").write_bytes(b"\0")  # somebody tried to mend it
    (house.raw / "clair.txt").unlink()
    assert run(house.raw, house.clean, house.settings).against
    look()
    for document in ("inconnu", ""):
        raw = house.raw if document else house.raw / "none"
        with pytest.raises(Stop):
            run(raw, house.clean, house.settings, document)
    look()
    return house, seen


def test_nothing_new_is_nothing_told(later: tuple[House, list[Any]]) -> None:
    (before, told), (after, again), *_ = later[1]
    assert before == after == 1
    assert again["prote_runs_total", "done"] == told["prote_runs_total", "done"] + 1 == 2
    assert again["prote_processed_documents_total", ""] == told["prote_processed_documents_total", ""]
    assert again["prote_last_run_documents", "first"] == 0
    assert again["prote_words", ""] == told["prote_words", ""]


def test_only_what_is_new_is_told(later: tuple[House, list[Any]]) -> None:
    house, seen = later
    assert seen[2][0] == 2
    message = house.posts[1][1]["message"]
    assert "– encore.txt :" in message
    assert "– vide.txt :" in message  # another file, and no better
    assert "published tout" not in message
    assert "est mise de côté, les lecteurs gardent la précédente" in message
    assert "is kept aside, readers still have the one before" in message


def test_a_release_kept_aside_is_measured(later: tuple[House, list[Any]]) -> None:
    success = "prote_last_success_timestamp_seconds", ""
    (_, before), (_, told) = later[1][1:3]
    assert told["prote_runs_total", "held_back"] == told["prote_release_held_back", ""] == 1
    assert told[success] == before[success]
    assert told["prote_documents", "published"] == 2  # readers still have it


def test_a_failure_is_told_and_a_wrong_call_is_not(later: tuple[House, list[Any]]) -> None:
    house, seen = later
    assert seen[3][0] == 3
    _, post = house.posts[2]
    assert post["type"] == "failure"
    assert "there is no folder" in post["message"]
    assert seen[3][1]["prote_runs_total", "failed"] == 1
    assert seen[3][1]["prote_words", ""] == seen[2][1]["prote_words", ""]
    assert [one["message"] for one in house.records if one["level"] == "ERROR"] == [
        f"failed: there is no folder {house.raw}/none: name the folder of your documents with --raw"
    ]


def reported(clean: Path, *against: str) -> Any:
    """Return what a run might report, as far as notifications ask."""
    from flows.corpus import Report
    from release.publish import Release
    from repair.memory.store import Contents

    release = Release("ab" * 32, clean / "releases" / ("ab" * 32), 3, 1, 1, 1)
    reasons = tuple(Reason(code, f"{code} fr", f"{code} en") for code in against)
    return Report(release, (), 1, 0, Contents((), 0, ""), 0, against=reasons)


def quarantined(*names: str) -> list[Outcome]:
    reason = Reason("empty", "Le fichier est vide.", "The file is empty.")
    return [Outcome(Source(name, name, "0" * 64, 0), Status.QUARANTINE, (reason,), None) for name in names]


def test_a_message_that_cannot_be_sent_fails_nothing_and_says_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROTE_DEBUG", "1")
    (tmp_path / FOLDER).mkdir()
    with webhook_server(answers=500) as (port, posts):
        bad = (f"json://prote:{SECRET}@127.0.0.1:{port}/{SECRET}", f"json://127.0.0.1:9/{SECRET}")
        with running(tmp_path, Settings("text")):
            for _ in range(2):  # nobody has it, so it is said again
                tell_news(bad, tmp_path, quarantined("vide.txt"), reported(tmp_path))
    assert len(posts) == 2
    said = capsys.readouterr()
    for number in (1, 2):
        assert said.err.count(f"could not be sent to address {number} of 2") == 2
    assert SECRET not in said.out + said.err
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_what_one_of_several_has_is_told_once(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    with webhook_server() as (port, posts):
        notify = (f"json://127.0.0.1:9/{SECRET}", f"json://127.0.0.1:{port}")
        for _ in range(2):
            tell_news(notify, tmp_path, quarantined("vide.txt"), reported(tmp_path, "lost"))
        assert len(posts) == 1
        tell_news(notify, tmp_path, [], reported(tmp_path))  # mended, and nothing is told
        tell_news(notify, tmp_path, quarantined("vide.txt"), reported(tmp_path))  # and there again
        assert len(posts) == 2
    assert SECRET not in (tmp_path / FOLDER / "told.json").read_text()


def test_a_message_names_a_few_of_many(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    with webhook_server() as (port, posts):
        many = quarantined(*(f"{'n' * 200}-{number:04}.txt" for number in range(1_000)))
        tell_news((f"json://127.0.0.1:{port}",), tmp_path, many, reported(tmp_path))
    message = posts[0][1]["message"]
    assert "… et 990 autres\n" in message
    assert "… and 990 more\n" in message
    assert len(message) < 10_000


def test_a_message_is_short_whatever_a_failure_says(tmp_path: Path) -> None:
    with webhook_server() as (port, posts):
        tell_failure((f"json://127.0.0.1:{port}",), tmp_path, "x\n" * 100_000)
    assert len(posts[0][1]["message"]) < 2_000


@pytest.mark.parametrize("address", [f"nothing://{SECRET}", "json://", f"/none/{SECRET}", SECRET])
def test_an_address_that_is_none_is_said_by_its_number(address: str) -> None:
    with pytest.raises(Stop, match="address 2 is none") as stop:
        check_addresses(["json://127.0.0.1", address])
    assert stop.value.code is ExitCode.USAGE
    assert SECRET not in str(stop.value)
