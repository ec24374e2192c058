"""What a run tells of itself: its log, its metrics, and whom it notifies.

Who starts a run by hand says what is wanted (`Settings`); a run of Prefect's takes it from the environment,
where it stands in no parameter that Prefect would keep and show. Nothing of this ever fails a run.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.exits import ExitCode, Stop

if TYPE_CHECKING:  # at run time it would bring Prefect, and what a usage error need not wait for
    from flows.corpus import Report
    from flows.entries import Entry
    from flows.metrics import Result

_ASKED = {ExitCode.USAGE, ExitCode.LOCKED}
"""Why a run that a person waits for may stop without anybody else being told."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is to be told, and where.

    Attributes:
        log: format of the log, one of :data:`flows.log.FORMATS`; empty for none.
        log_file: where it is written; None for standard error.
        metrics: where the metrics are written; None for the state's folder.
        notify: addresses of those who are told what is new.
    """

    log: str = ""
    log_file: Path | None = None
    metrics: Path | None = None
    notify: tuple[str, ...] = ()

    @property
    def on_screen(self) -> bool:
        """Whether the log is written where a bar would be."""
        return bool(self.log) and self.log_file is None

    @classmethod
    def from_environment(cls, log: str = "") -> Settings:
        """Return what ``PROTE_LOG``, ``PROTE_LOG_FILE``, ``PROTE_METRICS`` and ``PROTE_NOTIFY`` say.

        Args:
            log: format of the log where they say nothing.

        Raises:
            Stop: if there is no such format.
        """
        from flows.log import FORMATS

        file, metrics = (os.environ.get(name) for name in ("PROTE_LOG_FILE", "PROTE_METRICS"))
        form = os.environ.get("PROTE_LOG") or log or ("text" if file else "")
        if form not in (*FORMATS, ""):
            raise Stop(f"PROTE_LOG is {form!r}: say {' or '.join(FORMATS)}", ExitCode.USAGE)
        return cls(
            form,
            Path(file) if file else None,
            Path(metrics) if metrics else None,
            tuple(os.environ.get("PROTE_NOTIFY", "").split()),
        )


class Running:
    """A run that tells of itself. Usable from any thread."""

    def __init__(self, clean: Path = Path(), settings: Settings = Settings()) -> None:
        self.settings = settings
        self._clean = clean
        self._lock = threading.Lock()
        self._pages: dict[str, float] = {}
        self._processed = [0, 0]
        self._words, self._work = 0, 0.0
        self._stages: dict[str, float] = {}
        self._stage, self._since = "", 0.0
        self._over = False

    def at(self, stage: str) -> None:
        """Say that a stage begins, and the one before ends; empty for the end of the last."""
        now = time.monotonic()
        if self._stage:
            self._stages[self._stage] = self._stages.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def waits(self, sentence: str) -> None:
        """Say what the run waits for."""
        from flows.log import LOG

        LOG.warning("%s", sentence, extra={"event": "waiting"})

    def read(self, path: str, seconds: float) -> None:
        """Count the time that pages of a document took, which is processed later."""
        with self._lock:
            self._pages[path] = self._pages.get(path, 0.0) + seconds

    def refused(self, entries: Sequence[Entry]) -> None:
        """Say what is no document, and was not processed."""
        from flows.log import log_document

        for entry in entries if self.settings.log else ():
            log_document(entry, 0.0, memory=False)

    def processed(self, entries: Sequence[Entry], *, memory: bool = False) -> None:
        """Say what became of some documents.

        Args:
            entries: what is kept of them.
            memory: whether they were processed again with the memory of the corpus.
        """
        from flows.log import log_document

        for entry in entries:
            document = entry.outcome.document
            with self._lock:
                seconds = entry.seconds + self._pages.pop(entry.outcome.source.path, 0.0)
                self._processed[memory] += 1
                self._words += document.before.words if document else 0
                self._work += seconds
            if self.settings.log:
                log_document(entry, seconds, memory=memory)

    def ended(self, report: Report) -> Report:
        """Say what the run did, and return it."""
        from flows.log import LOG
        from flows.metrics import Result
        from flows.notify import tell_news
        from flows.state import State

        self.at("")
        self._over = True
        result = Result.HELD_BACK if report.against else Result.DONE
        release = report.release
        if self.settings.log:
            LOG.info(
                "%s: release %s, %d published, %d in review, %d quarantined; %d processed, %d again; %.1f s",
                "kept aside" if report.against else "done",
                release.id[:12],
                release.published,
                release.review,
                release.quarantine,
                report.processed,
                report.recalled,
                sum(self._stages.values()),
                extra={
                    "event": "run",
                    "result": result.value,
                    "release": release.id,
                    "against": [reason.code for reason in report.against],
                    "processed": report.processed,
                    "processed_again": report.recalled,
                    "seconds": {stage: round(seconds, 3) for stage, seconds in self._stages.items()},
                },
            )
        self._measure(result)
        if self.settings.notify:
            with _contained("who is to be told what is new could not be told"):
                tell_news(self.settings.notify, self._clean, State(self._clean).quarantined(), report)
        return report

    def failed(self, error: Exception) -> None:
        """Say that the run cannot go on."""
        from flows.log import LOG
        from flows.metrics import Result
        from flows.notify import tell_failure

        if self._over:  # what comes after the end of the run is no failure of it
            return
        why = str(error) if isinstance(error, Stop) else f"{type(error).__name__}: {error}"
        if self.settings.log:
            LOG.error("failed: %s", why, extra={"event": "run", "result": Result.FAILED.value})
        # A disk that is full is told once: that nothing can be written on it says the failure itself.
        of_the_disk = isinstance(error, Stop) and error.code is ExitCode.SURROUNDINGS
        self._measure(Result.FAILED, logging.DEBUG if of_the_disk else logging.WARNING)
        if self.settings.notify:
            with _contained("who is to be told of the failure could not be told"):
                tell_failure(self.settings.notify, self._clean, why)

    def _measure(self, result: Result, level: int = logging.WARNING) -> None:
        from flows.metrics import Figures, metrics_file, write_metrics

        file = self.settings.metrics or metrics_file(self._clean)
        first, again = self._processed
        run = Figures(result, time.time(), first, again, self._words, self._work, self._stages)
        with _contained(f"the metrics {file} could not be written", level):
            if file.parent.is_dir():
                write_metrics(file, self._clean, run)
            elif self.settings.metrics:
                raise FileNotFoundError(f"there is no folder {file.parent}")


_running: ContextVar[Running | None] = ContextVar("running", default=None)


@contextmanager
def running(clean: Path, settings: Settings | None = None, *, asked: bool = False) -> Iterator[Running]:
    """Have a run tell of itself; where one is told of already, it is part of that.

    Args:
        clean: the output folder.
        settings: what is to be told; None for what the environment says.
        asked: whether a person waits for the run, who need not be told that the call was wrong.

    Raises:
        Stop: if the settings are wrong.
    """
    outer = _running.get()
    if outer is not None:
        yield outer
        return
    from flows.log import close_log, open_log

    if settings is None:
        from flows.server import end_with_owner

        end_with_owner()
        settings = Settings.from_environment("text" if _is_deployed() else "")
    run = Running(clean, settings)
    handler = open_log(settings.log or "text", settings.log_file)
    token = _running.set(run)
    try:
        yield run
    except Exception as error:
        if not (asked and isinstance(error, Stop) and error.code in _ASKED):
            run.failed(error)
        raise
    finally:
        _running.reset(token)
        close_log(handler)


def _is_deployed() -> bool:
    """Say whether Prefect started this run, so that nobody sees what it prints unless it is a log."""
    from prefect.runtime import deployment

    return deployment.id is not None


@contextmanager
def _contained(sentence: str, level: int = logging.WARNING) -> Iterator[None]:
    """Log a fault of what is told beside the run: the run stands."""
    from flows.faults import one_line
    from flows.log import LOG

    try:
        yield
    except Exception as error:  # whatever a disk or a service does
        LOG.log(level, "%s: %s", sentence, one_line(error))
