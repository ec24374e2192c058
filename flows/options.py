"""The options of `prote run` and `prote document` on what a run tells of itself, and how long it waits."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from flows.running import Settings

_OUTPUT = click.Path(path_type=Path, dir_okay=False)
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
