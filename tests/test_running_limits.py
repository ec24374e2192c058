"""What one document may take: memory, time and disk are taken in earnest here, and the others go on."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flows_hostile import greedy, greedy_repair, job

from flows.exits import ExitCode, Stop
from flows.limits import MEMORY, SECONDS, Limits
from flows.workshop import Workshop

TEXT = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)


def test_what_takes_more_than_it_may_is_told_and_the_next_document_is_done() -> None:
    workshop = Workshop(1, greedy)
    asked = job("memory", "file", "files", "modest")
    try:
        done = {item.source.name: item for item in workshop.process(asked)}
    finally:
        workshop.close()
    told = {name: item.beyond.code if item.beyond else item.fault for name, item in done.items()}
    assert told["memory"] == "too-much-memory"
    assert told["file"] == "too-much-disk"
    assert "Too many open files" in told["files"]
    assert told["modest"] == ""
    assert str(Limits().megabytes) in done["memory"].beyond.fr


def test_limits_are_inherited_and_never_raised() -> None:
    script = (
        "import resource, subprocess, sys\n"
        "from repair.reading.engines.bounds import bound\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "bound(8 << 30)\n"
        "print(resource.getrlimit(resource.RLIMIT_AS))\n"
        "bound(2 << 30, children=False)\n"
        "print(resource.getrlimit(resource.RLIMIT_AS), flush=True)\n"
        "subprocess.run([sys.executable, '-c', 'import resource as r; print(*(r.getrlimit(kind)[0] for "
        "kind in (r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_CORE)))'])\n"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    first, second, child = out.splitlines()
    assert first == str((3 << 30, 3 << 30))
    assert second == str((2 << 30, 3 << 30))
    memory, file, files, core = map(int, child.split())
    assert (memory, core) == (2 << 30, 0)
    assert file <= 2 << 30
    assert files <= 512


@pytest.mark.parametrize("name", [SECONDS, MEMORY])
@pytest.mark.parametrize("said", ["", "0", "-5", "1.5", "beaucoup", "4", "9" * 30, "٣٠٠٠"])
def test_what_is_no_limit_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    monkeypatch.setenv(name, "3000")
    Limits.read()
    monkeypatch.setenv(name, said)
    with pytest.raises(Stop, match=name) as stop:
        Limits.read()
    assert stop.value.code is ExitCode.USAGE


def test_what_takes_longer_than_it_may_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.jobs._PATIENCE", 2.0)
    workshop = Workshop(1, greedy)
    try:
        (done,) = workshop.process_apart(job("hangs"))
    finally:
        workshop.close()
    assert done.beyond is not None
    assert done.beyond.code == "too-slow"
    assert "la limite de 2 s" in done.beyond.fr


def test_a_job_is_given_up_after_what_the_operator_set() -> None:
    from dataclasses import replace

    usual = job("a")
    assert 600 <= usual.limit < 700
    assert replace(usual, limits=Limits(seconds=30)).limit == 30
    assert replace(usual, limits=Limits(seconds=5000)).limit == 5000
    (source,) = usual.sources
    assert replace(usual, sources=(replace(source, path="a.pdf", size=2**30),)).limit == 4 * 3600


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_poison_is_set_aside_by_name_and_tried_again_when_the_limit_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import corpus

    raw, clean = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    for name in ("memory", "sain", "net"):
        (raw / f"{name}.txt").write_text(TEXT, encoding="utf-8")

    def publish() -> Any:
        report = corpus.publish_corpus(str(raw), str(clean))
        return report.processed, {row.name: (row.status.value, row.failed) for row in report.rows}

    with monkeypatch.context() as patch:
        patch.setattr("flows.corpus.Workshop", partial(Workshop, work=greedy_repair))
        processed, rows = publish()
        assert processed == 3
        assert rows == {
            "memory": ("quarantine", ("too-much-memory",)),
            "sain": ("published", ()),
            "net": ("published", ()),
        }
    told = (clean / "current" / "rejects.jsonl").read_text(encoding="utf-8")
    assert f"la limite de {Limits().megabytes} Mo" in told
    assert publish()[0] == 0  # they would come to the same
    monkeypatch.setenv(MEMORY, "7000")
    processed, rows = publish()
    assert processed == 1
    assert {status for status, _ in rows.values()} == {"published"}


def test_what_went_beyond_a_limit_is_left_alone_until_the_limit_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.decisions import Decisions
    from flows.entries import Entry
    from flows.fingerprint import document_key
    from flows.plan import pending
    from flows.state import State
    from flows.survey import survey
    from repair.document import Outcome, Status

    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text(TEXT, encoding="utf-8")
    found, state = survey(tmp_path / "raw"), State(tmp_path / "clean")
    (source,) = (entry.source for entry in found)
    key = Limits.read().beyond(document_key(source, "onu"))
    state.save([Entry(Outcome(source, Status.QUARANTINE, (), None), key)])
    assert pending(state, found, "onu", Decisions()) == []
    assert pending(state, found, "imprimerie-nationale", Decisions()) == [source]
    monkeypatch.setenv(MEMORY, "7000")
    assert pending(state, found, "onu", Decisions()) == [source]
