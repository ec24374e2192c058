"""Work for the worker processes that does what a document's name says: for the tests of faults."""

import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path

from flows.jobs import Done, Job
from flows.processing import contained, process_all
from repair.document import Reason, Source


def job(*names: str) -> Job:
    return Job(Path("raw"), tuple(Source(name, f"{name}.txt", "", 0) for name in names), "onu")


def _suffer(source: Source) -> None:
    if source.name == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if source.name == "hangs":
        time.sleep(60)


def hostile(job: Job) -> list[Done]:
    """Read nothing."""
    for source in job.sources:
        _suffer(source)
    return [Done(source, refusal=Reason("seen", "vu", "seen")) for source in job.sources]


def hostile_repair(job: Job) -> list[Done]:
    """Process what lets the worker live."""
    for source in job.sources:
        _suffer(source)
    return process_all(job)


def interrupted_repair(job: Job) -> list[Done]:
    """Process what lets the worker live; at first one document holds it, and notes it and whom it serves."""
    note = job.raw.parent / "held"
    if any(source.name == "holds" for source in job.sources) and not note.exists():
        (note.parent / "holding").write_text(f"{os.getpid()} {multiprocessing.parent_process().pid}")
        (note.parent / "holding").rename(note)
        time.sleep(600)
    return hostile_repair(job)


def _take(source: Source) -> None:
    """Take what a document's name says, without end."""
    taken: list[object] = []
    with tempfile.TemporaryFile() as file:
        while source.name == "memory":
            taken.append(bytes(2**26))  # zeros: addresses, and hardly any memory of the machine
        if source.name == "file":
            file.seek(2**40)  # with a hole: no disk is filled
            file.write(b"x")
            file.flush()
        while source.name == "files":
            taken.append(Path(os.devnull).open())  # noqa: SIM115 - it stays open


def greedy(job: Job) -> list[Done]:
    """Read nothing, and take all that can be had."""

    def work(source: Source) -> Done:
        _suffer(source)
        _take(source)
        return Done(source, refusal=Reason("seen", "vu", "seen"))

    return [contained(job, source, work) for source in job.sources]


def greedy_repair(job: Job) -> list[Done]:
    """Process what takes no more than it may."""

    def work(source: Source) -> Done:
        _suffer(source)
        _take(source)
        (done,) = process_all(Job(job.raw, (source,), job.profile, limits=job.limits))
        return done

    return [contained(job, source, work) for source in job.sources]
