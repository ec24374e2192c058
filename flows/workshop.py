"""Where documents are processed: a pool of processes below the flow's threads.

Repairing text is pure Python, so threads would share one core. A process also contains what a
document may do to it: one that kills or blocks its worker is found by giving each suspect a
process of its own. The workers die with the program that started them, however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from flows.faults import DIED, too_slow
from flows.jobs import Done, Job
from flows.processing import process_all
from repair.reading.engines.bounds import bound

_FORKED = multiprocessing.get_context("forkserver")  # by one that has no threads, whose locks would be copied
_FORKED.set_forkserver_preload(["flows.warm"])
_SPAWNED = multiprocessing.get_context("spawn")
_LONGEST_FOLDER = 75
"""Bytes of the path of a temporary folder that a socket of Python's finds room in: its own may have 107."""

WORKERS = os.cpu_count() or 1
"""Processes of a pool, unless another number is asked for; a thread waits for each, and saves what comes."""


class Closed(Exception):  # noqa: N818 - it is asked for
    """The workshop was closed while a job was going on."""


class Workshop:
    """A pool of worker processes, started with the first job. Usable from any thread.

    Attributes:
        workers: how many processes.
    """

    def __init__(
        self, workers: int, work: Callable[[Job], list[Done]] | None = None, folder: Path | None = None
    ) -> None:
        """Plan a pool.

        Args:
            workers: how many processes.
            work: what they do with a job; a function of a module. None for `flows.processing.process_all`.
            folder: for their temporary files; None for the system's.
        """
        self.workers = workers
        self._folder = folder
        self._work = work or process_all
        self._shared: ProcessPoolExecutor | None = None
        self._apart: set[ProcessPoolExecutor] = set()
        self._lock = threading.Lock()
        self._closed = False

    def process(self, job: Job) -> list[Done]:
        """Process the documents of a job in one of the shared workers.

        Raises:
            Closed: if the workshop is closed.
        """
        with self._lock:
            if self._shared is None:
                self._shared = _new_pool(self.workers, self._folder)
            pool = self._shared
        try:
            return self._wait(pool, job)
        finally:
            with self._lock:
                if self._shared is pool and _is_broken(pool):
                    self._shared = None

    def process_apart(self, job: Job) -> list[Done]:
        """Process each document of a job in a new process of its own: none can harm another.

        Raises:
            Closed: if the workshop is closed.
        """
        done = []
        for source in job.sources:
            pool = _new_pool(1, self._folder)
            with self._lock:
                self._apart.add(pool)
            try:
                done += self._wait(pool, replace(job, sources=(source,)))
            finally:
                with self._lock:
                    self._apart.discard(pool)
                pool.shutdown(wait=False)
        return done

    def _wait(self, pool: ProcessPoolExecutor, job: Job) -> list[Done]:
        try:
            if self._closed:
                raise Closed
            return pool.submit(_within, self._work, job).result(timeout=job.limit)
        except TimeoutError:
            _kill(pool)
            fault, beyond = f"it took longer than {job.limit:.0f} seconds", too_slow(job.limit)
            return [Done(source, fault=fault, beyond=beyond) for source in job.sources]
        except BrokenProcessPool:
            _kill(pool)  # what the dead one had started lives on
            if self._closed:
                raise Closed from None
        return [Done(source, fault=DIED) for source in job.sources]

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        with self._lock:
            self._closed = True
            pools = [*self._apart, *([self._shared] if self._shared else [])]
        for pool in pools:
            _kill(pool)
            pool.shutdown(wait=False, cancel_futures=True)


def _new_pool(workers: int, folder: Path | None) -> ProcessPoolExecutor:
    roomy = len(os.fsencode(tempfile.gettempdir())) <= _LONGEST_FOLDER
    return ProcessPoolExecutor(
        workers,
        mp_context=_FORKED if roomy else _SPAWNED,
        initializer=_start_worker,
        initargs=(folder, dict(os.environ)),
    )


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes that end with the work they were started for, and die with this one."""
    made = _new_pool(workers, None)
    try:
        yield made
    finally:
        _kill(made)
        made.shutdown(wait=False, cancel_futures=True)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # no public way before Python 3.14
        with suppress(ProcessLookupError):  # it has no group before it has begun
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()


def _is_broken(pool: ProcessPoolExecutor) -> bool:
    return bool(pool._broken)  # as above


def _start_worker(folder: Path | None, variables: Mapping[str, str]) -> None:
    """Leave Ctrl-C to the program that started this worker; die with it, and with what was started here."""
    os.environ.clear()  # they are those of when the first worker was asked for
    os.environ.update(variables)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setpgid(0, 0)  # Tesseract is a program of its own, and is ended by its group
    if folder is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)  # for what it starts, and for itself
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.killpg(0, signal.SIGKILL)


def _within(work: Callable[[Job], list[Done]], job: Job) -> list[Done]:
    """Do a job in a worker, held to the limits; an engine's own process has those of its own."""
    bound(job.limits.megabytes * 1024**2, children=False)
    return work(job)
