"""A program for `bench.corpus` alone: `prote run` as a user calls it, with the seconds of its stages noted.

`python -m bench.staged run CORES RAW CLEAN FIGURES`, on so many processors of the machine and with as many
workers; `empty` in the place of `run` starts Prefect for a flow that does nothing.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STAGES = ("start", "processing", "recall", "publication", "pages of checks", "end")
"""In their order; what is checked of each document is in processing."""
JUDGED = "judged"
"""Of the processor, what the checks of documents take while they are processed."""


class _Clock:
    """Seconds of each stage: from its beginning to that of the next one called, or to the end."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.judged = 0.0
        self._at, self._since = STAGES[0], time.perf_counter()
        self._lock = threading.Lock()

    def enter(self, stage: str) -> None:
        """Begin a stage."""
        now = time.perf_counter()
        self.seconds[self._at] += now - self._since
        self._at, self._since = stage, now

    def stage(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return what does a work as a stage."""

        def noted(*given: Any, **named: Any) -> Any:
            self.enter(name)
            return work(*given, **named)

        return noted

    def judge(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return what does a work in any thread, and is counted."""

        def noted(*given: Any, **named: Any) -> Any:
            begin = time.thread_time()
            try:
                return work(*given, **named)
            finally:
                with self._lock:
                    self.judged += time.thread_time() - begin

        return noted


def _run(raw: Path, clean: Path, clock: _Clock) -> None:
    from flows import server
    from flows.cli import cli

    api = server.prefect_api

    @contextmanager
    def noted() -> Iterator[str]:
        with api() as url:
            from flows import corpus, tasks  # Prefect is there by now, as the command has it

            steps = iter(("processing", "recall"))
            process = corpus._process
            corpus._process = lambda *given: clock.stage(next(steps), process)(*given)
            corpus.consult_memory = clock.stage("recall", corpus.consult_memory)
            corpus.publish_release = clock.stage("publication", corpus.publish_release)
            corpus.document_checks = clock.stage("pages of checks", corpus.document_checks)
            corpus.report_run = clock.stage("end", corpus.report_run)
            tasks._judge = clock.judge(tasks._judge)
            yield url

    server.prefect_api = noted
    cli(["run", "--raw", str(raw), "--clean", str(clean)], standalone_mode=False)


def _empty(clean: Path) -> None:
    from flows.server import prefect_api, prepare_environment

    prepare_environment(clean)
    with prefect_api():
        from prefect import flow

        flow(name="empty")(lambda: None)()


def main() -> None:
    """Do what is asked, and write the figures."""
    what, cores, raw, clean, figures = sys.argv[1:]
    # All that is started stays on these processors: one is what a machine of one core has.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    os.cpu_count = lambda: int(cores)  # what the flows take their workers from
    clock = _Clock()
    if what == "run":
        _run(Path(raw), Path(clean), clock)
    else:
        _empty(Path(clean))
    clock.enter("")
    told = {stage: clock.seconds.get(stage, 0.0) for stage in STAGES} | {JUDGED: clock.judged}
    Path(figures).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
