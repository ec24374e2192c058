"""`prote serve`: both flows as Prefect deployments, every night and on demand, until it is ended.

Names, schedules, parameters and limits are those of ``prefect.yaml``, which the deployment to a work pool
reads too. Without ``PREFECT_API_URL`` it starts a Prefect server of its own, which shows Prefect's page on
this machine and ends with it; what was planned and what ran is kept in ``CLEAN/.prote/serve``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from flows.exits import ExitCode, Stop

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.runner import Runner

_FILE = "prefect.yaml"
PORT = 4200
"""Prefect's own."""
_LOOK_SECONDS = 5
"""Between two looks for runs that are due."""
_FLOWS = ("publish_corpus", "reprocess_document")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of ``prefect.yaml``.

    Attributes:
        name: of the deployment.
        flow: name of the function in :mod:`flows.corpus`.
        parameters: of its runs, unless who starts one says otherwise.
        description: what Prefect's page says of it.
        schedules: as Prefect's ``Schedule`` takes them, one mapping each.
        limit: as Prefect's ``ConcurrencyLimitConfig`` takes it; empty for none.
        tags: for Prefect's page.
    """

    name: str
    flow: str
    parameters: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    schedules: tuple[dict[str, Any], ...] = ()
    limit: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def clean(self) -> Path:
        """The output folder of its runs."""
        return Path(self.parameters.get("clean", "clean"))


@click.command(short_help="Run every night, and on demand from Prefect's page.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Names, schedules and parameters of the runs.  [default: {_FILE} here, else the one of prote]",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Of Prefect's page, without PREFECT_API_URL; 0: any that is free.",
)
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Show the metrics to Prometheus here.")
def serve(file: Path | None, port: int, metrics_port: int | None) -> None:
    """Run the flows when they are due, or asked for from Prefect's page, until Ctrl-C or SIGTERM.

    What runs when is written in prefect.yaml. With PREFECT_API_URL the runs are those of that Prefect server;
    without, one is started that ends with this program, and its page is shown on this machine alone.
    """
    from flows.notify import check_addresses
    from flows.plan import check_profile
    from flows.running import Settings
    from flows.server import OWNED, prefect_page, prepare_environment

    deployments = read_deployments(_find(file))
    check_addresses(Settings.from_environment().notify)  # not in the night
    for deployment in deployments:
        check_profile(deployment.parameters.get("profile", "onu"))
    clean = deployments[0].clean
    theirs = os.environ.get("PREFECT_API_URL")
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "prote")  # Prefect's page shows the log too
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "true")
    prepare_environment(clean, debug=bool(os.environ.get("PROTE_DEBUG")), home="serve")
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)  # Prefect makes no folder above it
    os.environ[OWNED] = "1"  # heard of by the processes of the runs
    if not theirs:
        _check_port(port)
    with (
        _stoppable(),
        _metrics(deployments, metrics_port),
        nullcontext(theirs.removesuffix("/api")) if theirs else prefect_page(port) as page,
    ):
        if not theirs:
            os.environ["PREFECT_API_URL"] = f"{page}/api"
        try:
            asyncio.run(_serve(deployments, page, ours=not theirs))
        except BaseExceptionGroup as group:
            why = group.exceptions[0]
            raise Stop(
                f"Prefect cannot go on ({type(why).__name__}: {why}): see to it, and serve again"
            ) from None
    click.echo("no more runs are started", err=True)


def _find(file: Path | None) -> Path:
    if file is not None or Path(_FILE).exists():
        return file or Path(_FILE)
    beside = Path(__file__).with_name(_FILE)  # of an installed program
    return beside if beside.exists() else Path(__file__).parents[1] / _FILE


def read_deployments(file: Path) -> tuple[Deployment, ...]:
    """Return the deployments of our flows that a ``prefect.yaml`` holds.

    Raises:
        Stop: if it cannot be read, or has something that cannot be served.
    """
    import yaml

    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Stop(
            f"{file} cannot be read ({error.strerror}): name another with --file", ExitCode.USAGE
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Stop(f"{file} is no YAML ({' '.join(str(error).split())}): mend it", ExitCode.USAGE) from None
    entries = said.get("deployments") if isinstance(said, dict) else None
    if not entries or not isinstance(entries, list):
        raise Stop(f"{file} has no deployments: see the one that comes with prote", ExitCode.USAGE)
    return tuple(_deployment(entry, file) for entry in entries)


def _deployment(entry: Any, file: Path) -> Deployment:
    try:
        flow = str(entry["entrypoint"]).rpartition(":")[2]
        if flow not in _FLOWS:
            raise ValueError(f"its entrypoint is none of {' and '.join(_FLOWS)}")
        limit = entry.get("concurrency_limit") or {}
        return Deployment(
            str(entry["name"]),
            flow,
            dict(entry.get("parameters") or {}),
            str(entry.get("description") or ""),
            tuple(map(dict, entry.get("schedules") or ())),
            {"limit": limit} if isinstance(limit, int) else dict(limit),
            tuple(map(str, entry.get("tags") or ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise Stop(f"a deployment of {file} cannot be served ({what}): mend it", ExitCode.USAGE) from None


def _check_port(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise Stop(
            f"cannot show Prefect's page at port {port} ({error.strerror}): end what is there, another prote "
            "serve perhaps, or name another --port",
            ExitCode.USAGE,
        ) from None


@contextmanager
def _metrics(deployments: Sequence[Deployment], port: int | None) -> Iterator[None]:
    """Show the metrics' files on this machine, as they are at the time."""
    if port is None:
        yield
        return
    from prometheus_client import CollectorRegistry, start_http_server

    from flows.metrics import Files, metrics_file

    said = os.environ.get("PROTE_METRICS")
    files = {Path(said) if said else metrics_file(deployment.clean) for deployment in deployments}
    registry = CollectorRegistry()
    registry.register(Files(sorted(files)))
    try:
        server, thread = start_http_server(port, "127.0.0.1", registry)
    except OSError as error:
        raise Stop(
            f"cannot show metrics at port {port} ({error.strerror}): name another --metrics-port",
            ExitCode.USAGE,
        ) from None
    click.echo(f"metrics: http://127.0.0.1:{server.server_port}/metrics", err=True)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Have SIGTERM be what Ctrl-C is, from the first moment to the last."""

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def _serve(deployments: Sequence[Deployment], page: str, *, ours: bool) -> None:
    """Register the deployments, and start their runs until it is ended by a signal."""
    from prefect.runner import Runner

    await _check_server(page)
    runner = Runner(name="prote", query_seconds=_LOOK_SECONDS, pause_on_shutdown=False)
    ids = [await _register(runner, deployment) for deployment in deployments]
    if ours:
        await _end_lost_runs(ids)
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    work = asyncio.create_task(runner.start())
    while not (runner.started or work.done()):
        await asyncio.sleep(0.05)
    for number in (signal.SIGTERM, signal.SIGINT):  # Prefect's own handler has come between
        loop.add_signal_handler(number, ended.set)
    names = ", ".join(deployment.name for deployment in deployments)
    click.echo(f"serving {names}; Prefect's page: {_shown(page)}\nCtrl-C ends it", err=True)
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not work.done():
        await runner.astop()
    await work


async def _register(runner: Runner, deployment: Deployment) -> Any:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig
    from prefect.schedules import Schedule
    from prefect.types.entrypoint import EntrypointType

    import flows.corpus

    flow: Flow[..., Any] = getattr(flows.corpus, deployment.flow)
    try:
        schedules = [Schedule(**_schedule(said)) for said in deployment.schedules]
        limit = ConcurrencyLimitConfig(**deployment.limit) if deployment.limit else None
        if unknown := deployment.parameters.keys() - flow.parameters.properties.keys():
            raise ValueError(f"its flow has no parameter {' or '.join(sorted(unknown))}")
    except (TypeError, ValueError) as error:
        raise Stop(
            f"the deployment {deployment.name} cannot be served ({' '.join(str(error).split())}): mend it",
            ExitCode.USAGE,
        ) from None
    # Not `add_flow`, which sends each run the function without what its annotations name.
    made = await flow.ato_deployment(
        deployment.name,
        schedules=schedules,
        concurrency_limit=limit,
        parameters=deployment.parameters,
        description=deployment.description or None,
        tags=list(deployment.tags),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    made.work_pool_name = made.work_queue_name = None  # it may have been deployed to a pool before
    return await runner.aadd_deployment(made)


def _schedule(said: dict[str, Any]) -> dict[str, Any]:
    interval = said.get("interval")
    return said | ({"interval": timedelta(seconds=interval)} if interval is not None else {})


async def _check_server(page: str) -> None:
    from prefect.client.orchestration import get_client

    async with get_client() as client:
        why = await client.api_healthcheck()
    if why is not None:
        raise Stop(
            f"the Prefect server at {_shown(page)} does not answer ({type(why).__name__}): start it, or "
            "unset PREFECT_API_URL for one that prote starts"
        )


async def _end_lost_runs(ids: Sequence[Any]) -> None:
    """Say that the runs crashed that were going on when our last server ended, by `kill -9` or the power.

    They ended with it; as long as it does not know, each keeps its deployment's next run waiting.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    going_on = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    async with get_client() as client:
        lost = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=list(ids)),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=going_on)),
            )
        )
        for run in lost:
            told = Crashed(message="prote serve was killed meanwhile; the next run takes up where it stopped")
            await client.set_flow_run_state(run.id, told, force=True)


def _shown(page: str) -> str:
    """Return an address without the password that it may hold."""
    parts = urlsplit(page)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
