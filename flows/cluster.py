"""Where a cluster of Dask or Ray processes documents: jobs go to its workers as tasks of Prefect.

A worker keeps processes below it as a run without a cluster does (`flows.workshop`): what a document does to
its process, or takes, is met there, and is told as it is here. A worker that dies takes a job with it that
others are then given; where several died of it, its documents are tried again alone.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import multiprocessing
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.exits import Stop
from flows.faults import DIED
from flows.fingerprint import versions
from flows.jobs import Done, Job
from flows.links import Link, link
from flows.runners import Runner
from flows.workshop import Closed, Workshop

_IDLE = 60.0
"""Seconds without a job after which a worker ends the processes of a run, which may have been killed."""
_MOST = 256
"""Processes below a worker: no limit, for as many start as it is given jobs at once."""
_CANCELLED = (asyncio.CancelledError, concurrent.futures.CancelledError)


@dataclass(frozen=True, slots=True)
class Order:
    """A job as a worker gets it.

    Attributes:
        job: what to do; its paths are absolute.
        run: which run it belongs to.
        mark: a file of the output folder that names the run: who can read it shares the folder.
        versions: what the release will be made with; a worker must have the same.
        folder: for temporary files; None for those of the worker's system.
        work: what to do with the job; None for what processes do with it here.
        apart: whether each document needs a new process of its own.
    """

    job: Job
    run: str
    mark: Path
    versions: Mapping[str, str]
    folder: Path | None
    work: Callable[[Job], list[Done]] | None
    apart: bool


class Cluster:
    """The workers of a cluster, in place of a `Workshop`, from the first job on. Usable from any thread."""

    def __init__(self, runner: Runner, folder: Path, work: Callable[[Job], list[Done]] | None = None) -> None:
        """Plan the work of a run; to be called in its flow.

        Args:
            runner: which cluster.
            folder: of the run, for temporary files; below the output folder.
            work: what is done with a job; a function of a module that workers have.
        """
        self._runner, self._folder, self._work = runner, folder, work
        self._run = uuid.uuid4().hex
        self._context = copy_context()  # the flow's: what a task has in hand cannot travel
        self._link: Link | None = None
        self._open = ExitStack()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def workers(self) -> int:
        """How many jobs are done at once."""
        return self._linked().workers

    def process(self, job: Job) -> list[Done]:
        """Process the documents of a job on a worker.

        Raises:
            Closed: if the cluster is left.
            Stop: if a worker lacks what it needs, or the cluster is gone.
        """
        return self._send(job, apart=False)

    def process_apart(self, job: Job) -> list[Done]:
        """Process each document of a job in a new process of its own on a worker: none can harm another.

        Raises:
            Closed: if the cluster is left.
            Stop: if a worker lacks what it needs, or the cluster is gone.
        """
        return [
            done for source in job.sources for done in self._send(replace(job, sources=(source,)), apart=True)
        ]

    def close(self) -> None:
        """Leave the cluster, and end what its workers do for this run."""
        with self._lock:
            self._closed = True
            if self._link is not None:
                self._link.tell(end_run, self._run)
            self._link = None
            self._open.close()

    def _linked(self) -> Link:
        with self._lock:
            if self._closed:
                raise Closed
            if self._link is None:
                self._mark.write_text(self._run, encoding="utf-8")
                self._link = self._open.enter_context(link(self._runner, self._folder))
            return self._link

    @property
    def _mark(self) -> Path:
        return self._folder / "run"

    def _send(self, job: Job, *, apart: bool) -> list[Done]:
        linked = self._linked()
        order = Order(
            replace(
                job,
                raw=job.raw.absolute(),
                memory=job.memory and job.memory.absolute(),
                pages=job.pages and job.pages.absolute(),
            ),
            self._run,
            self._mark,
            versions(),
            None if self._runner.cluster else self._folder,
            self._work,
            apart,
        )
        try:
            future = self._context.copy().run(linked.runner.submit, process_there, {"order": order})
            return list(future.result())
        except linked.lost:
            return [Done(source, fault=DIED) for source in job.sources]
        except _CANCELLED:
            if self._closed:
                raise Closed from None
            raise Stop("the cluster is gone: start it, and run again; what was done is kept") from None
        except Stop:
            raise
        except Exception:
            if self._closed:
                raise Closed from None
            raise


@task(name="process-on-worker", cache_policy=NO_CACHE, persist_result=False)
def process_there(order: Order) -> list[Done]:
    """Do a job on the worker of a cluster, in a process below it.

    Raises:
        Stop: if this worker lacks what it needs.
    """
    check_here(order)
    with _kept(order) as shop:
        return shop.process_apart(order.job) if order.apart else shop.process(order.job)


def check_here(order: Order) -> None:
    """See that this worker sees the same folders, and has the same program, as who publishes.

    Raises:
        Stop: if not.
    """
    here, raw = socket.gethostname(), order.job.raw
    if not (raw.is_dir() and any(raw.iterdir())):
        raise Stop(f"the worker on {here} does not see the raw folder {raw}: it must be the same there")
    try:
        seen = order.mark.read_text(encoding="utf-8")
    except OSError:
        seen = ""
    if seen != order.run:
        output = order.mark.parents[3]
        raise Stop(f"the worker on {here} does not see the output folder {output}: it must be the same there")
    mine = versions()
    others = sorted(
        name for name in mine.keys() | order.versions.keys() if mine.get(name) != order.versions.get(name)
    )
    if others:
        raise Stop(f"the worker on {here} has another program ({', '.join(others)}): install the same there")


@dataclass(slots=True)
class _Kept:
    """Processes of a run below this worker."""

    shop: Workshop
    jobs: int = 0
    ending: threading.Timer | None = field(default=None)


_runs: dict[str, _Kept] = {}
_runs_lock = threading.Lock()


@contextmanager
def _kept(order: Order) -> Iterator[Workshop]:
    """Give the processes of a run, which stay for its next job."""
    with _runs_lock:
        multiprocessing.current_process().daemon = False  # as Dask's nanny started it, it could have none
        kept = _runs.setdefault(order.run, _Kept(Workshop(_MOST, order.work, order.folder)))
        kept.jobs += 1
        if kept.ending is not None:
            kept.ending.cancel()
    try:
        yield kept.shop
    finally:
        with _runs_lock:
            kept.jobs -= 1
            if not kept.jobs:
                kept.ending = threading.Timer(_IDLE, end_run, (order.run,))
                kept.ending.daemon = True
                kept.ending.start()


def end_run(run: str) -> None:
    """End the processes of a run below this worker, whatever they are doing."""
    with _runs_lock:
        kept = _runs.pop(run, None)
        if kept is not None and kept.ending is not None:
            kept.ending.cancel()
    if kept is not None:
        kept.shop.close()
