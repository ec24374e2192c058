"""Runs on real clusters of two workers: the same release as without, whatever happens to one of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flows_hostile import hostile_repair, interrupted_repair, job
from processes import environment, run, start, wait_for, working_for
from test_flows_corpus import CLEAN, DAMAGED

from flows.cli import cli
from flows.cluster import Cluster, Order, check_here
from flows.exits import ExitCode, Stop
from flows.fingerprint import versions
from flows.runners import Runner
from flows.workshop import Workshop
from release.verify import verify

pytestmark = pytest.mark.slow
often = pytest.mark.skipif("PROTE_CLUSTERS" not in os.environ, reason="minutes: set PROTE_CLUSTERS=1")


def _publish(raw: Path, clean: Path, **by: Any) -> Any:
    from flows.corpus import publish_corpus

    return publish_corpus(str(raw), str(clean), decisions=str(raw.parent / "none.jsonl"), **by)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents, one of which kills its process, and one that holds it where that is wanted."""
    raw = tmp_path_factory.mktemp("cluster") / "raw"
    raw.mkdir()
    for name in ("dies", "holds", "un", "deux"):
        (raw / f"{name}.txt").write_text(f"{name}.\n{DAMAGED}{CLEAN}", encoding="utf-8")
    return raw


@pytest.fixture(scope="module")
def embedded(prefect_server: None, raw: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The release that processes of this machine make."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.corpus.Workshop", partial(Workshop, work=hostile_repair))
        report = _publish(raw, tmp_path_factory.mktemp("embedded"))
    assert {row.name: row.failed for row in report.rows}["dies"] == ("fault",)
    return str(report.release.id)


@contextmanager
def _cluster(folder: Path) -> Iterator[str]:
    """Start Dask's scheduler and two workers as an operator does; give the address."""
    started = []

    def begin(what: str, *arguments: str | Path) -> None:
        called = [sys.executable, "-m", f"distributed.cli.dask_{what}", *map(str, arguments)]
        with (folder / f"{what}.log").open("a") as log:
            kept = environment(PYTHONPATH=str(Path(__file__).parent))
            started.append(subprocess.Popen(called, env=kept, stdout=log, stderr=log))

    note = folder / "scheduler.json"
    try:
        begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", note)
        wait_for(lambda: note.exists() and note.read_text().endswith("}"))
        address = str(json.loads(note.read_text())["address"])
        for _ in range(2):
            begin("worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", folder)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(60)


def _alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False


def test_a_cluster_makes_the_same_release_though_a_document_kills_and_a_worker_is_killed(
    embedded: str, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.jobs._SMALLEST_SECONDS", 0.0)  # a batch for each document
    monkeypatch.setattr("flows.cluster.Cluster", partial(Cluster, work=interrupted_repair))
    note, killed = raw.parent / "held", []

    def kill() -> None:
        wait_for(note.exists)
        killed.extend(map(int, note.read_text().split()))
        os.kill(killed[1], signal.SIGKILL)

    with _cluster(tmp_path) as address:
        thread = threading.Thread(target=kill)
        thread.start()
        report = _publish(raw, tmp_path / "clean", runner="dask", cluster=address)
        thread.join()
        assert killed
        assert not any(map(_alive, killed))  # what worked below the worker went with it
    assert report.release.id == embedded
    assert {row.name: row.failed for row in report.rows}["dies"] == ("fault",)
    assert verify(tmp_path / "clean").faults == ()
    # The state is nobody's: what was done there is done, what failed is tried again here.
    monkeypatch.undo()
    here = _publish(raw, tmp_path / "clean")
    assert here.processed == 1


@often
@pytest.mark.parametrize("kind", ["dask", "ray"])
def test_a_cluster_of_this_machine_makes_the_same_release_and_ends_with_the_run(
    kind: str, embedded: str, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.cluster.Cluster", partial(Cluster, work=hostile_repair))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
    before = set(_descendants())
    report = _publish(raw, tmp_path / "clean", runner=kind, workers=2)
    assert (report.release.id, report.processed) == (embedded, 4)
    wait_for(lambda: set(_descendants()) <= before)


def _descendants(pid: int | None = None) -> list[int]:
    found = []
    for thread in Path(f"/proc/{pid or os.getpid()}/task").glob("*/children"):
        try:
            found += [int(child) for child in thread.read_text().split()]
        except OSError:
            continue
    return found + [below for child in found for below in _descendants(child)]


def _at_work(pid: int) -> list[int]:
    """Return the processes below one that documents are worked on in: each leads a group, and no session."""
    found = []
    for below in _descendants(pid):
        try:
            found += [below] if os.getpgid(below) == below != os.getsid(below) else []
        except ProcessLookupError:
            continue
    return found


@often
def test_nothing_is_left_of_a_run_that_is_killed_with_its_cluster(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for name in ("un", "deux"):
        (tmp_path / "raw" / f"{name}.txt").write_text((CLEAN + DAMAGED) * 4_000, encoding="utf-8")
    with start(tmp_path, "run", "--runner", "dask", "--workers", "2") as process:
        try:
            clean = tmp_path / "clean"
            # The run, Prefect's server, two workers, a process below each, and what multiprocessing needs.
            wait_for(lambda: len(_at_work(process.pid)) == 2)
            assert len(working_for(clean)) >= 6
        finally:
            process.kill()
    wait_for(lambda: working_for(clean) == [])


def _order(raw: Path, folder: Path) -> Order:
    folder.mkdir(parents=True)
    (folder / "run").write_text("42", encoding="utf-8")
    made = replace(job("a"), raw=raw)
    return Order(made, "42", folder / "run", versions(), None, None, apart=False)


def test_a_worker_that_lacks_something_says_what(raw: Path, tmp_path: Path) -> None:
    order = _order(raw, tmp_path / "clean" / ".prote" / "tmp" / "run1")
    check_here(order)
    (tmp_path / "unmounted").mkdir()
    for elsewhere in (tmp_path / "unmounted", tmp_path / "none"):
        with pytest.raises(Stop, match=f"does not see the raw folder {elsewhere}:"):
            check_here(replace(order, job=replace(order.job, raw=elsewhere)))
    with pytest.raises(Stop, match=f"does not see the output folder {tmp_path / 'clean'}:"):
        check_here(replace(order, run="43"))
    with pytest.raises(Stop, match=r"has another program \(code, numpy\)"):
        check_here(replace(order, versions=order.versions | {"code": "0", "numpy": "1"}))


@often
def test_a_worker_that_does_not_see_the_raw_folder_ends_the_run_and_says_so(
    prefect_server: None, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absolute = Path.absolute
    monkeypatch.setattr(
        Path, "absolute", lambda path: Path("/elsewhere/raw") if path == raw else absolute(path)
    )
    with pytest.raises(Stop, match="does not see the raw folder /elsewhere/raw: it must be the same there"):
        _publish(raw, tmp_path / "clean", runner="dask", workers=1)
    assert not (tmp_path / "clean" / "current").exists()


def test_a_cluster_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.links import dask

    monkeypatch.setattr("flows.links._ANSWER", 1)
    with (
        pytest.raises(Stop, match=r"no scheduler of Dask answers at tcp://127\.0\.0\.1:9: start one"),
        dask(Runner("dask", 0, "tcp://127.0.0.1:9"), tmp_path),
    ):
        pass


def test_what_cannot_be_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run(tmp_path, "run", "--cluster", "tcp://127.0.0.1:8786")
    assert (code, err) == (
        ExitCode.USAGE,
        "prote: a cluster needs a runner of its kind: add --runner dask or ray\n",
    )
    assert CliRunner().invoke(cli, ["run", "--runner", "fork"]).exit_code == ExitCode.USAGE
    assert CliRunner().invoke(cli, ["run", "--workers", "0"]).exit_code == ExitCode.USAGE
    monkeypatch.setattr("flows.runners.find_spec", lambda _: None)
    with pytest.raises(Stop, match=r"needs prefect-dask: pip install 'prote\[dask\]'") as missing:
        Runner("dask").check()
    assert missing.value.code is ExitCode.MISSING_PROGRAM


@pytest.mark.parametrize(
    ("asked", "processes"),
    [
        (Runner(), 4),
        (Runner(workers=9), 9),
        (Runner("dask", 2), 2),
        (Runner("dask", 64, "tcp://there:8786"), 4),
        (Runner("dask", 0, "tcp://there:8786"), 4),
    ],
)
def test_as_many_processes_as_workers_render_the_release_and_no_more_than_cores_for_another_machines(
    asked: Runner, processes: int
) -> None:
    assert asked.processes(4) == processes
