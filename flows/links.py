"""Clusters of Dask and Ray: one that is there is connected to, else one is started here for the run."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.exits import Stop
from flows.runners import Runner
from flows.workshop import WORKERS

_ANSWER = 30
_FIRST_WORKER = 60
"""Seconds that a scheduler of Dask may take to answer, and then to have a worker."""

_DASK = {
    "distributed.worker.daemon": False,  # a worker has children
    "distributed.worker.preload": ["flows.unhurried"],
    "distributed.admin.large-graph-warning-threshold": "1GB",  # what the memory is asked about travels
    "logging.distributed": "critical",  # a worker that dies is told by what becomes of its documents
}
_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",  # it would tell its makers
}
_RAY_STORE = 100 * 1024**2
"""Bytes for what is on its way between processes of Ray; its least is about eighty."""


@dataclass(frozen=True, slots=True)
class Link:
    """A cluster that is connected to.

    Attributes:
        runner: Prefect's, that brings tasks there.
        workers: how many jobs it does at once.
        lost: what it raises where workers died with a job.
        tell: has every worker call a function with an argument.
    """

    runner: Any
    workers: int
    lost: tuple[type[Exception], ...]
    tell: Callable[[Callable[[str], None], str], None]


def link(asked: Runner, folder: Path) -> AbstractContextManager[Link]:
    """Connect to the cluster that is asked for, or start one here.

    Args:
        asked: its address, or how many workers to start.
        folder: for files of workers that are started.

    Raises:
        Stop: if there is none.
    """
    return dask(asked, folder) if asked.kind == "dask" else ray(asked)


@contextmanager
def dask(asked: Runner, folder: Path) -> Iterator[Link]:
    """Connect to a cluster of Dask, or start one here.

    Args:
        asked: its address, or how many workers to start.
        folder: for files of workers that are started.

    Raises:
        Stop: if it does not answer, or has no worker.
    """
    import dask as library
    import distributed  # before it is set, or what is set here were all that is known of it
    from distributed.security import Security
    from prefect_dask import DaskTaskRunner

    with library.config.set(_DASK), ExitStack() as stack:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        if asked.cluster:
            runner = DaskTaskRunner(address=asked.cluster, client_kwargs={"timeout": _ANSWER})
        else:
            started = {
                "n_workers": asked.workers or WORKERS,
                "threads_per_worker": 1,
                "host": "127.0.0.1",
                "security": Security.temporary(),  # others on this machine have no part in it
                "dashboard_address": None,
                "worker_dashboard_address": None,
                "memory_limit": 0,  # the processes that do the work are held to limits
                "local_directory": str(folder),
                "silence_logs": logging.CRITICAL,
            }
            runner = DaskTaskRunner(cluster_class="distributed.LocalCluster", cluster_kwargs=started)
        stack.enter_context(runner)
        try:
            client = runner.client
        except (OSError, ValueError, distributed.TimeoutError):
            where = f" at {asked.cluster}" if asked.cluster else ""
            raise Stop(f"no scheduler of Dask answers{where}: start one, or see docs/running.md") from None
        try:
            client.wait_for_workers(1, timeout=_FIRST_WORKER)
        except distributed.TimeoutError:
            raise Stop("the cluster of Dask has no worker: start one with `dask worker`") from None
        there = sum(told["nthreads"] for told in client.scheduler_info()["workers"].values())

        def tell(what: Callable[[str], None], argument: str) -> None:
            client.run(what, argument, on_error="ignore")

        yield Link(runner, asked.workers or there, (distributed.KilledWorker,), tell)


@contextmanager
def ray(asked: Runner) -> Iterator[Link]:
    """Connect to a cluster of Ray, or start one here.

    Args:
        asked: its address, or how many workers to start.

    Raises:
        Stop: if it does not answer, or does not start.
    """
    for name, value in _RAY.items():
        os.environ.setdefault(name, value)
    with ExitStack() as stack:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
        if not asked.cluster:
            # Short, for a socket's path may have no more than 107 bytes.
            files = tempfile.mkdtemp(prefix="prote-", dir="/tmp")
            stack.callback(shutil.rmtree, files, ignore_errors=True)
            os.environ.setdefault("RAY_AUTH_MODE", "token")  # others on this machine have no part in it
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            quiet |= {
                "num_cpus": asked.workers or WORKERS,
                "include_dashboard": False,
                "_node_ip_address": "127.0.0.1",
                "_temp_dir": files,
                "object_store_memory": _RAY_STORE,
            }
        import ray as library
        from prefect_ray import RayTaskRunner

        runner = RayTaskRunner(address=asked.cluster or None, init_kwargs=quiet)
        try:
            stack.enter_context(runner)
        except Exception as error:  # whatever of its programs did not answer
            where = f"answers at {asked.cluster}" if asked.cluster else "starts"
            why = " ".join(str(error).split())[:200]
            raise Stop(f"no cluster of Ray {where} ({why}): see docs/running.md") from None
        there = int(library.cluster_resources().get("CPU", 0))
        if not there:
            raise Stop("the cluster of Ray has no worker: start one with `ray start`")
        lost = (library.exceptions.WorkerCrashedError, library.exceptions.NodeDiedError)
        yield Link(runner, asked.workers or there, lost, lambda _what, _argument: None)
