"""Work for the worker processes that does what a document's name says: for the tests of faults."""

import os
import signal
import time
from pathlib import Path

from flows.workshop import Done, Job, process_all
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
