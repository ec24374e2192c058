"""The log: a record a document, one line each whatever it holds; what says where it goes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flows.entries import Entry
from flows.exits import ExitCode, Stop
from flows.log import LOG, close_log, log_document, open_log
from flows.options import running_options
from flows.running import Running, Settings, running
from repair.document import Outcome, Reason, Source, Status

HOSTILE = "a\nb\r\x1b[31m\u202e\u2028\x85c.txt"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log"


def entry(path: str = HOSTILE, status: Status = Status.QUARANTINE) -> Entry:
    reason = Reason("vide", "Le fichier est vide.", "The file is empty.")
    return Entry(
        Outcome(Source(path.removesuffix(".txt"), path, "0" * 64, 3), status, (reason,), None), "key"
    )


def written(file: Path, form: str) -> str:
    handler = open_log(form, file)
    log_document(entry(), 0.25, memory=False)
    close_log(handler)
    return file.read_text(encoding="utf-8")


def test_a_line_of_text_says_what_became_of_a_document(file: Path) -> None:
    text = written(file, "text")
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    assert " warning quarantine a\\nb\\r\\x1b[31m\\u202e\\u2028\\x85c.txt: vide; 0.25 s" in text


def test_a_record_of_json_has_all_of_it(file: Path) -> None:
    text = written(file, "json")
    assert len(text.splitlines()) == 1
    record = json.loads(text)
    assert record.pop("time")
    assert record.pop("message").startswith("quarantine a\nb")
    assert record == {
        "level": "WARNING",
        "event": "document",
        "document": HOSTILE.removesuffix(".txt"),
        "path": HOSTILE,
        "status": "quarantine",
        "reasons": ["vide"],
        "damage_before": None,
        "damage_after": None,
        "edits_applied": 0,
        "edits_review": 0,
        "seconds": 0.25,
        "engine": "",
        "with_memory": False,
    }


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="cannot be written") as stop:
        open_log("text", tmp_path / "none" / "log")
    assert stop.value.code is ExitCode.USAGE


def test_pages_read_before_count_for_their_document(file: Path, tmp_path: Path) -> None:
    with running(tmp_path, Settings("json", file)) as run:
        run.read("scan.pdf", 2.0)
        run.read("scan.pdf", 3.0)
        run.processed([entry("scan.pdf"), entry("other.txt")])
    assert [json.loads(line)["seconds"] for line in file.read_text().splitlines()] == [5.0, 0.0]


def test_without_a_log_nothing_is_said_but_what_goes_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path, Settings()) as run:
        run.processed([entry()])
        run.waits("waiting for another run")
    heard = capsys.readouterr()
    assert heard.out == ""
    assert heard.err.endswith(" warning waiting for another run\n")
    assert heard.err.count("\n") == 1


def test_a_run_within_a_run_is_part_of_it(tmp_path: Path) -> None:
    before = list(LOG.handlers)
    with running(tmp_path, Settings()) as outer, running(tmp_path) as inner:
        assert inner is outer
        assert len(LOG.handlers) == len(before) + 1
    assert LOG.handlers == before


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("PROTE_LOG", "PROTE_LOG_FILE", "PROTE_METRICS", "PROTE_NOTIFY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_run_of_prefects_takes_its_settings_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment("text") == Settings("text")
    assert Settings.from_environment() == Settings()
    environment.setenv("PROTE_LOG", "json")
    environment.setenv("PROTE_METRICS", "/x/prote.prom")
    environment.setenv("PROTE_NOTIFY", "json://one /etc/two")
    assert Settings.from_environment("text") == Settings(
        "json", None, Path("/x/prote.prom"), ("json://one", "/etc/two")
    )
    environment.setenv("PROTE_LOG", "xml")
    with pytest.raises(Stop, match="PROTE_LOG is 'xml': say text or json"):
        Settings.from_environment()


def test_the_options_stand_before_the_environment(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Settings] = []

    @click.command()
    @running_options
    def command(wait: float, settings: Settings) -> None:
        seen.append(settings)

    environment.setenv("PROTE_LOG", "json")
    for arguments in ([], ["--log-format", "text"], ["--log-file", str(tmp_path / "log")]):
        assert CliRunner().invoke(command, arguments).exit_code == 0
    environment.delenv("PROTE_LOG")
    assert CliRunner().invoke(command, ["--log-file", str(tmp_path / "log")]).exit_code == 0
    assert [(one.log, one.on_screen) for one in seen] == [
        ("json", True),
        ("text", True),
        ("json", False),
        ("text", False),
    ]


def test_a_fault_in_the_telling_leaves_the_run_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Running(tmp_path, Settings("text", metrics=tmp_path / "none" / "metrics.prom"))
    handler = open_log("text", None)
    run.failed(Stop("there is no folder raw"))
    close_log(handler)
    said = capsys.readouterr().err.splitlines()
    assert said[0].endswith(" error failed: there is no folder raw")
    assert "could not be written" in said[1]
    assert LOG.level == logging.INFO
