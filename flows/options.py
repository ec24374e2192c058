"""The options that commands share; those of `prote run` and `prote document` on who works, what is told."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from flows.runners import KINDS, Kind, Runner
from flows.running import Settings

_OUTPUT = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path)

RAW = click.option("--raw", type=_FOLDER, default="raw", show_default=True, help="Folder of the documents.")
CLEAN = click.option(
    "--clean", type=_FOLDER, default="clean", show_default=True, help="Folder of the releases."
)
PROFILE = click.option(
    "--profile", default="onu", show_default=True, help="Typography of the normalised edition."
)
DECISIONS = click.option(
    "--decisions",
    type=_OUTPUT,
    default="dictionaries/decisions.jsonl",
    show_default=True,
    help="Journal of the curators' decisions.",
)
_OPTIONS = (
    click.option(
        "--wait",
        type=click.FloatRange(min=0),
        is_flag=False,
        flag_value=math.inf,
        default=0,
        metavar="[SECONDS]",
        help="Wait for another run in the folder to end: so long, or as long as it takes.",
    ),
    click.option(
        "--notify",
        multiple=True,
        envvar="PROTE_NOTIFY",
        metavar="ADDRESS",
        help="Tell of new quarantine, a release kept aside, a failure: an Apprise URL, or a file of them.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        envvar="PROTE_LOG",
        help="Log a line a document, on standard error.",
    ),
    click.option("--log-file", type=_OUTPUT, envvar="PROTE_LOG_FILE", help="Add the log to this file."),
    click.option(
        "--metrics",
        type=_OUTPUT,
        envvar="PROTE_METRICS",
        help="Write Prometheus metrics here, not to CLEAN/.prote/metrics.prom.",
    ),
)

_RUNNER = (
    click.option(
        "--runner",
        type=click.Choice(KINDS),
        default="process",
        show_default=True,
        help="Who processes documents: processes of this machine, or a cluster of Dask or Ray.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many work at once. [default: one a core; of a cluster, all its threads]",
    ),
    click.option(
        "--cluster",
        metavar="ADDRESS",
        default="",
        help="Where the cluster is: tcp://host:8786 (Dask), ray://host:10001 (Ray). [default: one of this "
        "machine, for the run]",
    ),
)


def runner_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; it is called with `by`, who is to process the documents."""

    @functools.wraps(command)
    def called(*, runner: Kind, workers: int | None, cluster: str, **others: Any) -> None:
        command(by=Runner(runner, workers or 0, cluster), **others)

    for option in reversed(_RUNNER):
        called = option(called)
    return called


def running_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; it is called with `wait`, in seconds, and `settings`."""

    @functools.wraps(command)
    def called(
        *,
        notify: tuple[str, ...],
        log_format: str | None,
        log_file: Path | None,
        metrics: Path | None,
        **others: Any,
    ) -> None:
        if notify:
            from flows.notify import check_addresses

            check_addresses(notify)
        form = log_format or ("text" if log_file else "")
        command(settings=Settings(form, log_file, metrics, notify), **others)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called
