"""The two flows: `publish-corpus` keeps a release up to date, `reprocess-document` sends one document again.

A run looks at the raw folder, processes in batches what is new or changed, brings the memory of
the corpus up to date, processes once more the documents that it has something new for, and
publishes the whole state as a release. What stops it (a missing program, another run) stops it before
anything is published; what it has processed until then is kept.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from prefect import flow
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field, WithJsonSchema

from flows.decisions import JOURNAL, Decisions
from flows.discretion import hide_in_logs
from flows.entries import Entry, Row
from flows.exits import Stop
from flows.fingerprint import engines
from flows.incoming import bring
from flows.jobs import batches, page_jobs
from flows.limits import Limits
from flows.lock import locked, temporary
from flows.plan import check_date, check_folders, check_profile, find, look, pending
from flows.runners import Kind, Runner
from flows.running import Running, running
from flows.state import FOLDER, State
from flows.stores import check_place, push_published
from flows.survey import Found
from flows.tasks import (
    Run,
    consult_memory,
    document_checks,
    process_batch,
    publish_release,
    read_pages,
    report_run,
)
from flows.trouble import check_writable, explained
from flows.workshop import WORKERS, Workshop
from release.publish import Release
from repair.document import Outcome, Reason, Source, Status
from repair.memory.store import Contents
from repair.typography.profiles import profile_names

if TYPE_CHECKING:  # at run time it would bring what a run without a cluster does not need
    from flows.cluster import Cluster

PAGES = "pages"
"""Folder of the readings of scanned pages, below the state's."""

Watch = Callable[[int, int], None]
"""Called with the number of documents, and pages of long scans, done, and the number there are to do."""

Profile = Annotated[str, WithJsonSchema({"type": "string", "enum": profile_names()})]
"""A typography profile; what Prefect asks for its parameters with offers those there are."""
Seconds = Annotated[float, Field(ge=0)]
Workers = Annotated[int, Field(ge=0)]

watcher: ContextVar[Watch] = ContextVar("watcher", default=lambda _done, _total: None)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Attributes:
        release: what was published, or kept aside.
        rows: the figures of every document, by path.
        processed: how many documents were processed.
        recalled: how many were processed again with the memory of the corpus.
        memory: what is in that.
        phrases: how many phrases it has.
        unprocessed: how many raw files are not in the release, because only one was asked for.
        against: why the release was kept aside; empty where it became the current one.
        told: what a person should know of it.
    """

    release: Release
    rows: tuple[Row, ...]
    processed: int
    recalled: int
    memory: Contents
    phrases: int
    unprocessed: int = 0
    against: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()


@flow(name="publish-corpus")
def publish_corpus(
    raw: str = "raw",
    clean: str = "clean",
    profile: Profile = "onu",
    decisions: str = JOURNAL,
    wait: Seconds = 0.0,
    runner: Kind = "process",
    workers: Workers = 0,
    cluster: str = "",
    push: str = "",
) -> Report:
    """Process what is new or changed in the raw folder, and publish a release.

    Args:
        raw: the raw folder, or the URL of one in an object store.
        clean: the output folder; its state is in ``.prote/``.
        profile: name of the typography profile.
        decisions: the curators' journal; there may be none.
        wait: for how many seconds to wait for another run in the output folder to end.
        runner: who processes the documents: processes of this machine, or a cluster of Dask or Ray.
        workers: how many at once; 0 for as many as the machine has cores, or the cluster threads.
        cluster: address of the cluster's scheduler; empty for one of this machine.
        push: URL of an object store that the release is brought to too; empty for none.

    Raises:
        Stop: if the run cannot go on; nothing is published then.
    """
    with running(Path(clean)) as told:
        by = Runner(runner, workers, cluster)
        return _run(raw, Path(clean), profile, Path(decisions), None, wait, by, push, told)


@flow(name="reprocess-document")
def reprocess_document(
    document: str,
    raw: str = "raw",
    clean: str = "clean",
    profile: Profile = "onu",
    decisions: str = JOURNAL,
    wait: Seconds = 0.0,
    runner: Kind = "process",
    workers: Workers = 0,
    cluster: str = "",
    push: str = "",
) -> Report:
    """Process one document whatever its state, and publish a release with it and all others as they are.

    Args:
        document: its name, or the path of its raw file.
        raw: the raw folder, or the URL of one in an object store.
        clean: the output folder.
        profile: name of the typography profile.
        decisions: the curators' journal; there may be none.
        wait: for how many seconds to wait for another run in the output folder to end.
        runner: who processes the documents: processes of this machine, or a cluster of Dask or Ray.
        workers: how many at once; 0 for as many as the machine has cores, or the cluster threads.
        cluster: address of the cluster's scheduler; empty for one of this machine.
        push: URL of an object store that the release is brought to too; empty for none.

    Raises:
        Stop: if there is no such document, or the run cannot go on.
    """
    with running(Path(clean), asked=True) as told:
        by = Runner(runner, workers, cluster)
        return _run(raw, Path(clean), profile, Path(decisions), document, wait, by, push, told)


def _run(
    place: str,
    clean: Path,
    profile: str,
    journal: Path,
    only: str | None,
    wait: float,
    by: Runner,
    push: str,
    told: Running,
) -> Report:
    hide_in_logs()  # where a worker of Prefect calls the flow, nobody has yet
    check_date()
    check_profile(profile)
    by.check()
    if push:
        check_place(push)
    check_writable(clean)
    decisions = Decisions.read(journal)
    told.at("waiting")
    with explained(clean), locked(clean, wait, told.waits), temporary(clean) as folder:
        told.at("looking")
        raw = bring(place, clean)
        check_folders(raw, clean)
        found = look(raw)
        state = State(clean)
        asked = None if only is None else find(raw, found, only)
        if asked is not None:
            state.expire(asked.path)
        todo = _bring_up_to_date(state, found, profile, decisions, told)
        chosen = todo if asked is None else [source for source in todo if source.path == asked.path]
        results = clean / FOLDER / "validations"
        if chosen:
            shutil.rmtree(results, ignore_errors=True)  # only the latest run's are kept
        count = _Count(len(chosen))
        pages = clean / FOLDER / PAGES
        shop = _workshop(by, folder)
        run = Run(
            raw,
            profile,
            state,
            results,
            shop,
            count,
            pages=pages,
            decisions=decisions,
            told=told,
            limits=Limits.read(),
        )
        told.at("processing")
        try:
            _process(chosen, run, count)
            told.at("remembering")
            recall = consult_memory(state, clean, asked)
            count.more(len(recall.sources))
            _process(recall.sources, replace(run, memory=recall.memory), count)
        finally:
            run.workshop.close()
        told.at("publishing")
        published = publish_release(state, raw, clean, results, by.processes(WORKERS))
        told.at("telling")
        if chosen or recall.sources:
            document_checks(clean, results)
        if only is None:
            _sweep(pages, state)
        rows = tuple(state.rows())
        report_run(published.release, rows)
        if push and not published.judged.against:
            told.at("pushing")
            push_published(push, clean)
        report = Report(
            published.release,
            rows,
            len(chosen),
            len(recall.sources),
            recall.contents,
            recall.phrases,
            len(found) - len(rows),
            published.judged.against,
            published.judged.told,
        )
        return told.ended(report)


def _workshop(by: Runner, folder: Path) -> Workshop | Cluster:
    """Return who processes documents; nobody starts before there is one."""
    if by.kind == "process":
        return Workshop(by.processes(WORKERS), folder=folder)
    from flows.cluster import Cluster

    return Cluster(by, folder)


def _bring_up_to_date(
    state: State, found: Sequence[Found], profile: str, decisions: Decisions, told: Running
) -> list[Source]:
    """Forget what is gone, save what cannot be a document, return what is to be processed.

    A document whose pages other engines read, or the same with other models, is processed again.
    """
    state.keep_only(entry.source.path for entry in found)
    if state.engines() and (here := engines()):
        state.expire_scans(here)
    refused = [
        Entry(Outcome(entry.source, Status.QUARANTINE, (entry.refusal,), None), "")
        for entry in found
        if entry.refusal is not None
    ]
    state.save(refused)
    told.refused(refused)
    return pending(state, found, profile, decisions)


def _sweep(pages: Path, state: State) -> None:
    if pages.is_dir():
        from repair.reading.engines.cache import PageCache

        PageCache(pages).sweep(state.readings())


def _process(sources: Sequence[Source], run: Run, count: _Count) -> None:
    """Process documents in batches, pages of long scans apart; a batch that fails leaves the others alone.

    Raises:
        Stop: if a batch cannot be processed.
    """
    if not sources:
        return
    workers = run.workshop.workers
    # A thread a worker: it waits, and saves what comes.
    with ThreadPoolTaskRunner(max_workers=workers) as threads:
        try:
            left = _finish(
                [
                    threads.submit(process_batch, {"run": run, "sources": batch})
                    for batch in batches(sources, workers)
                ]
            )
            long = [done for batch in left for done in batch]
            count.more(sum(len(done.unread) for done in long))
            _finish(
                [
                    threads.submit(read_pages, {"run": run, "source": done.source, "numbers": numbers})
                    for done in long
                    for numbers in page_jobs(done.unread, workers)
                ]
            )
            _finish(
                [
                    threads.submit(process_batch, {"run": run, "sources": (done.source,), "long": True})
                    for done in long
                ]
            )
        except BaseException:
            run.workshop.close()  # or the threads would be waited for as long as their jobs take
            raise


def _finish(futures: Sequence[PrefectFuture[Any]]) -> list[Any]:
    """Wait for all tasks, and return what they return.

    Raises:
        Stop: if one of them says that the run cannot go on; else what the first that failed raised.
    """
    results, failures = [], []
    for future in as_completed(list(futures)):
        try:
            results.append(future.result())
        except Exception as error:
            failures.append(error)
    if failures:
        raise next((error for error in failures if isinstance(error, Stop)), failures[0])
    return results


class _Count:
    """Tells the watcher of the run how far it has come; called from the threads of the tasks."""

    def __init__(self, total: int) -> None:
        self._watch, self._total, self._done = watcher.get(), total, 0
        self._lock = threading.Lock()
        self._watch(0, total)

    def more(self, work: int) -> None:
        """Count on more documents, or pages, to be done."""
        if work:
            with self._lock:
                self._total += work
                self._watch(self._done, self._total)

    def __call__(self, more: int) -> None:
        with self._lock:
            self._done += more
            self._watch(self._done, self._total)
