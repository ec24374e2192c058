"""The worker processes: faults stay where they are, and no worker outlives the run."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flows_hostile import hostile, job

from flows.faults import CHANGED, DIED
from flows.jobs import PAGES_A_JOB, Done, Job, batches, cost, page_jobs
from flows.lock import locked, temporary
from flows.processing import process_all
from flows.survey import survey
from flows.workshop import _LONGEST_FOLDER, Closed, Workshop
from repair.document import Reason, Refused, Source
from repair.reading.engines.programs import MissingProgram


def _told(done: list[Done]) -> dict[str, str]:
    return {item.source.name: item.fault or (item.refusal.code if item.refusal else "") for item in done}


def test_a_dead_worker_is_a_fault_of_its_batch_and_the_next_batch_goes_on() -> None:
    workshop = Workshop(1, hostile)
    try:
        assert _told(workshop.process(job("a", "dies"))) == {
            "a": "its worker process died",
            "dies": "its worker process died",
        }
        assert _told(workshop.process(job("b"))) == {"b": "seen"}
        assert _told(workshop.process_apart(job("a", "dies", "b"))) == {
            "a": "seen",
            "dies": "its worker process died",
            "b": "seen",
        }
    finally:
        workshop.close()


def test_a_blocked_worker_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.jobs._PATIENCE", 2.0)
    workshop = Workshop(1, hostile)
    try:
        told = _told(workshop.process_apart(job("hangs")))
    finally:
        workshop.close()
    assert "longer than" in told["hangs"]


def test_closing_ends_what_is_going_on() -> None:
    workshop = Workshop(1, hostile)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            workshop.process(job("hangs"))
        except Closed as closed:
            raised.append(closed)

    thread = threading.Thread(target=work)
    thread.start()
    while not (workshop._shared and workshop._shared._processes):
        time.sleep(0.05)
    workshop.close()
    thread.join(30)
    assert len(raised) == 1
    with pytest.raises(Closed):
        workshop.process(job("a"))


def test_workers_die_with_the_program(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal\n"
        "from flows.workshop import Workshop\n"
        "from flows_hostile import hostile, job\n"
        "if __name__ == '__main__':\n"
        "    workshop = Workshop(1, hostile)\n"
        "    workshop.process(job('a'))\n"
        "    print(*workshop._shared._processes, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    ended = subprocess.run(
        [sys.executable, program], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    worker = int(ended.stdout)
    deadline = time.monotonic() + 30
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(worker)


KILLED = """
import sys, threading
from pathlib import Path
from flows.lock import locked, temporary
from flows.survey import survey
from flows.jobs import Job
from flows.workshop import Workshop

if __name__ == "__main__":
    raw, clean = map(Path, sys.argv[1:])
    with locked(clean), temporary(clean) as folder:
        job = Job(raw, tuple(entry.source for entry in survey(raw)), "onu")
        print(Workshop(1, folder=folder).process(job))
"""


@pytest.mark.slow
@pytest.mark.parametrize("letters", [1, 90], ids=["forked", "spawned"])
def test_what_reads_a_page_dies_with_the_program_and_the_next_run_sweeps(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, letters: int
) -> None:
    """A real `kill -9` while Tesseract reads; the process of RapidOCR, where that is installed, goes too."""
    note = _sleeping_tesseract(tmp_path)
    system = tmp_path_factory.mktemp("s" * letters)  # where it is long, no socket has room in it
    program = tmp_path / "program.py"
    program.write_text(KILLED, encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "TMPDIR": str(system),
    }
    assert (len(os.fsencode(system)) <= _LONGEST_FOLDER) is (letters == 1)
    clean = tmp_path / "clean"
    run = subprocess.Popen([sys.executable, program, tmp_path / "raw", clean], env=environment)
    deadline = time.monotonic() + 120
    while not note.exists() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    tesseract = int(note.read_text())
    group = [tesseract, *_group(tesseract)]
    assert len(group) >= 2  # the worker, at least
    run.kill()
    run.wait()
    deadline = time.monotonic() + 30
    while any(map(_alive, group)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in group if _alive(pid)] == []
    left = [path for path in (clean / ".prote" / "tmp").rglob("*") if path.is_file()]
    assert left  # the page as it was prepared
    assert list(system.iterdir()) == []
    with locked(clean), temporary(clean) as folder:
        assert not any(path.exists() for path in left)
        assert list(folder.parent.iterdir()) == [folder]
    assert not folder.parent.exists()


def _sleeping_tesseract(folder: Path) -> Path:
    """Put a Tesseract that never ends into `bin`, a page into `raw`; return where it notes its process."""
    (folder / "bin").mkdir()
    note = folder / "pid"
    (folder / "bin" / "tesseract").write_text(
        "#!/bin/sh\n[ $1 = --version ] && { echo tesseract 5.3.0; exit; }\n"
        f"[ $1 = --list-langs ] && {{ echo fra; exit; }}\necho $$ > {note}.part\nmv {note}.part {note}\n"
        "exec sleep 600\n"
    )
    (folder / "bin" / "tesseract").chmod(0o755)
    (folder / "raw").mkdir()
    shutil.copy(Path(__file__).parents[1] / "raw" / "affiche.png", folder / "raw")
    return note


@pytest.mark.slow
def test_what_reads_a_page_dies_with_a_worker_that_is_killed_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system does that runs out of memory, which chooses the largest process."""
    note = _sleeping_tesseract(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (entry,) = survey(tmp_path / "raw")
    workshop = Workshop(1)
    told: list[Done] = []
    thread = threading.Thread(
        target=lambda: told.extend(workshop.process(Job(tmp_path / "raw", (entry.source,), "onu")))
    )
    thread.start()
    try:
        deadline = time.monotonic() + 300
        while not note.exists() and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        group = [int(note.read_text()), *_group(int(note.read_text()))]
        assert workshop._shared is not None
        (worker,) = workshop._shared._processes
        assert worker in group
        os.kill(worker, signal.SIGKILL)
        thread.join(30)
        assert [done.fault for done in told] == [DIED]
        deadline = time.monotonic() + 30
        while any(map(_alive, group)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [pid for pid in group if _alive(pid)] == []
    finally:
        workshop.close()
        thread.join(30)


def _group(pid: int) -> list[int]:
    """Return the other processes of the group of one."""
    group = os.getpgid(pid)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != pid:
            with suppress(ProcessLookupError, PermissionError):
                if os.getpgid(int(entry.name)) == group:
                    found.append(int(entry.name))
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or ") Z " not in status.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("raised", "field", "said"),
    [
        (Refused("empty", "vide", "empty"), "refusal", "empty"),
        (
            MissingProgram("tesseract-ocr", "manque", "Tesseract is missing"),
            "missing",
            "Tesseract is missing",
        ),
        (RecursionError("too\ndeep"), "fault", "RecursionError: too deep"),
        (MemoryError(), "fault", "MemoryError:"),
    ],
)
def test_whatever_one_document_raises_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, field: str, said: str
) -> None:
    from repair import pipeline

    process = pipeline.process

    def fail(source: Source, *others: Any) -> object:
        if source.name == "bad":
            raise raised
        return process(source, *others)

    monkeypatch.setattr(pipeline, "process", fail)
    for name in ("bad", "good"):
        (tmp_path / f"{name}.txt").write_text("Le texte est clair.\n", encoding="utf-8")
    sources = tuple(entry.source for entry in survey(tmp_path))
    bad, good = process_all(Job(tmp_path, sources, "onu"))
    value = getattr(bad, field)
    assert (value.code if isinstance(value, Reason) else value) == said
    assert good.packed
    assert not bad.packed


def test_a_file_that_changes_during_the_run_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Le texte est clair.\n", encoding="utf-8")
    (entry,) = survey(tmp_path)
    path.write_text("Le texte a changé.\n", encoding="utf-8")
    (done,) = process_all(Job(tmp_path, (entry.source,), "onu"))
    assert "changed during the run" in done.fault


def test_a_file_that_goes_during_the_run_is_one_that_changed(tmp_path: Path) -> None:
    for name in ("goes.txt", "stays.txt"):
        (tmp_path / name).write_text("Le texte est clair.\n", encoding="utf-8")
    sources = tuple(entry.source for entry in survey(tmp_path))
    (tmp_path / "goes.txt").unlink()
    gone, left = process_all(Job(tmp_path, sources, "onu"))
    assert (gone.fault, bool(left.packed)) == (CHANGED, True)


def test_a_file_that_changes_while_it_is_read_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from repair import pipeline

    path = tmp_path / "a.txt"
    path.write_text("Le texte est clair.\n", encoding="utf-8")
    (entry,) = survey(tmp_path)
    process = pipeline.process

    def slow(*arguments: Any) -> object:
        made = process(*arguments)
        path.write_text("Le texte a changé.\n", encoding="utf-8")
        return made

    monkeypatch.setattr(pipeline, "process", slow)
    (done,) = process_all(Job(tmp_path, (entry.source,), "onu"))
    assert (done.fault, done.packed) == (CHANGED, b"")


def _sources(*sizes: int, suffix: str = ".txt") -> list[Source]:
    return [Source(f"d{number}", f"d{number}{suffix}", "", size) for number, size in enumerate(sizes)]


def test_every_document_is_in_exactly_one_batch() -> None:
    sources = _sources(*range(0, 3_000_000, 7_777))
    found = batches(sources, 2)
    assert sorted(source.name for batch in found for source in batch) == sorted(s.name for s in sources)


def test_a_few_small_documents_are_one_task_and_many_are_tasks_of_seconds() -> None:
    assert len(batches(_sources(*[10_000] * 3), 8)) == 1
    many = batches(_sources(*[10_000] * 10_000), 8)
    seconds = [sum(map(cost, batch)) for batch in many]
    assert min(seconds[:-1]) > 0.5
    assert max(seconds) <= 5.0


def test_a_scan_weighs_more_than_a_text_of_its_size() -> None:
    (text,), (scan,) = _sources(500_000), _sources(500_000, suffix=".PDF")
    assert cost(scan) > 3 * cost(text)


def test_no_document_no_batch() -> None:
    assert batches([], 4) == []


@pytest.mark.parametrize("pages", [0, 1, PAGES_A_JOB, 8, 9, 11, 100])
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_every_page_is_read_once_and_the_last_ones_alone(pages: int, workers: int) -> None:
    numbers = tuple(range(3, 3 + pages))
    jobs = page_jobs(numbers, workers)
    assert tuple(number for pages in jobs for number in pages) == numbers
    assert all(1 <= len(pages) <= PAGES_A_JOB for pages in jobs)
    # So that none waits long for another at the end.
    assert [len(pages) for pages in jobs[-workers:]] == [1] * min(workers, len(jobs))
    assert len(jobs) <= -(-pages // PAGES_A_JOB) + workers * PAGES_A_JOB
