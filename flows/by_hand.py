"""`prote run` and `prote document`: the two flows, called by a person who waits for them."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from flows.exits import ExitCode, Stop, debugging, say
from flows.options import CLEAN, DECISIONS, PROFILE, runner_options, running_options
from flows.runners import Runner
from flows.running import Settings, running

_RAW = click.option(
    "--raw",
    default="raw",
    show_default=True,
    metavar="FOLDER-OR-URL",
    help="Folder of the documents, or where they lie in an object store: s3://bucket/prefix.",
)
_STRICT = click.option(
    "--strict", is_flag=True, help=f"Exit with {ExitCode.NOT_ALL_PUBLISHED} unless all are published."
)
_PUSH = click.option(
    "--push", default="", metavar="URL", help="Bring the release to an object store too, as prote push does."
)


@click.command(short_help="Process what is new or changed, and publish a release.")
@_RAW
@CLEAN
@PROFILE
@DECISIONS
@_STRICT
@_PUSH
@runner_options
@running_options
def run(clean: Path, settings: Settings, **asked: Any) -> None:
    """Process what is new or changed in the raw folder, and publish a release.

    Decisions that are new, or were taken back, have the documents processed again that they concern.
    """
    with running(clean, settings):
        _publish(None, clean=clean, bar=not settings.on_screen, **asked)


@click.command(short_help="Process one document again, and publish a release with it.")
@click.argument("document", metavar="NAME-OR-PATH")
@_RAW
@CLEAN
@PROFILE
@DECISIONS
@_STRICT
@_PUSH
@runner_options
@running_options
def document(document: str, clean: Path, settings: Settings, **asked: Any) -> None:
    """Process one document again, whatever its state, and publish a release with it.

    The other documents of the release are as the last run left them.
    """
    with running(clean, settings, asked=True):
        _publish(document, clean=clean, bar=not settings.on_screen, **asked)


def _publish(
    document: str | None,
    *,
    raw: str,
    clean: Path,
    profile: str,
    decisions: Path,
    strict: bool,
    push: str,
    wait: float,
    by: Runner,
    bar: bool,
) -> None:
    from flows.decisions import Decisions
    from flows.incoming import bring
    from flows.lock import locked
    from flows.plan import check_date, check_folders, check_profile, find, look, pending
    from flows.server import prefect_api, prepare_environment
    from flows.show import progress, summary
    from flows.state import State
    from flows.stores import check_place, is_url
    from flows.survey import is_scan
    from flows.trouble import check_writable, clock_trouble, explained

    # What is wrong with the call is to be heard of before Prefect starts.
    check_date()
    check_profile(profile)
    by.check()
    if push:
        check_place(push)
    with ExitStack() as held:
        if is_url(raw):
            check_writable(clean)
            held.enter_context(explained(clean))
            held.enter_context(locked(clean, wait, say))
            with progress("fetched", "files", bar=bar) as watch:
                raw = str(bring(raw, clean, watch))
        folder = Path(raw)
        check_folders(folder, clean)
        check_writable(clean)
        if late := clock_trouble(clean):
            say(late)
        found = look(folder)
        asked = [] if document is None else [find(folder, found, document)]
        decided = Decisions.read(decisions)
        prepare_environment(clean, debug=debugging())
        todo = asked or pending(State(clean), found, profile, decided)
        if not all(is_scan(source.path) for source in todo):
            # Great Expectations takes as long to load as Prefect's server to start: both at once. It holds
            # 200 MB, which engines have better use for: scans are judged when they have been read.
            threading.Thread(target=import_module, args=("expectations.suites",)).start()
        with explained(clean), locked(clean, wait, say), progress(bar=bar) as watch, prefect_api():
            from flows.corpus import publish_corpus, reprocess_document, watcher

            watcher.set(watch)
            given = (raw, str(clean), profile, str(decisions))
            others = {"runner": by.kind, "workers": by.workers, "cluster": by.cluster, "push": push}
            if document is None:
                report = publish_corpus(*given, **others)
            else:
                report = reprocess_document(document, *given, **others)
    summary(report, folder, clean)
    if report.against:
        raise Stop(
            f"release {report.release.id[:12]} is kept aside, and readers still have the one before: mend "
            f"what is said above and run again, or prote accept {report.release.id[:12]}",
            ExitCode.HELD_BACK,
        )
    held_back = report.release.documents - report.release.published
    if strict and held_back:
        raise Stop(
            f"{held_back} of {report.release.documents} documents are not published",
            ExitCode.NOT_ALL_PUBLISHED,
        )
