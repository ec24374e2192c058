"""`prote verify --replay`: making a release again from its raw files, to see whether it is what they give."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.show import progress
from release.bag import bagging_day
from release.compare import Comparison, compare
from release.ledger import read_documents


def replay(release: Path, raw: Path, decisions: Path, *, debug: bool) -> Comparison | None:
    """Make a release again, in a folder of its own, and compare.

    Everything is done anew: pages are read again, and nothing is taken from an earlier run.

    Args:
        release: its folder.
        raw: the raw folder.
        decisions: the curators' journal.
        debug: whether Prefect may say what it does.

    Returns:
        How what was made differs from the release; None where both are the same bytes.

    Raises:
        Stop: if the run cannot go on.
    """
    from flows.plan import check_folders
    from flows.server import prefect_api, prepare_environment

    check_folders(raw, release)
    profile = next((row.profile for row in read_documents(release / "data") if row.profile), "onu")
    with tempfile.TemporaryDirectory(prefix="prote-") as folder, _dated(bagging_day(release)):
        clean = Path(folder, "clean")
        prepare_environment(clean, debug=debug)
        with progress() as watch, prefect_api():
            from flows.corpus import publish_corpus, watcher

            watcher.set(watch)
            made = publish_corpus(str(raw), str(clean), profile, str(decisions)).release
        return None if made.id == release.name else compare(release, made.path)


@contextmanager
def _dated(day: dt.date | None) -> Iterator[None]:
    """Have releases bear a day, or none."""
    before = os.environ.pop("SOURCE_DATE_EPOCH", None)
    if day is not None:
        epoch = dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
        os.environ["SOURCE_DATE_EPOCH"] = str(int(epoch))
    try:
        yield
    finally:
        os.environ.pop("SOURCE_DATE_EPOCH", None)
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before
