"""The tasks of a run: process a batch, consult the memory, publish a release, tell of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.client.schemas.objects import TaskRun
from prefect.runtime import task_run
from prefect.tasks import Task

from flows.decisions import Decisions, lineage
from flows.entries import Entry, Row, unpack
from flows.exits import ExitCode, Stop
from flows.faults import tried_in_vain
from flows.fingerprint import document_key, outcome_keys, versions
from flows.jobs import Done, Job
from flows.limits import Limits
from flows.pieces import pieces
from flows.recall import Recall, recall, still_changed
from flows.rendering import Renderers
from flows.running import Running
from flows.state import State
from flows.trouble import reason
from flows.workshop import Closed, Workshop
from release.compare import Comparison
from release.history import Judgement, current_id, publishing_lock
from release.layout import DATA_DOCS
from release.morning import refresh
from release.origins import read_origins
from release.publish import HeldBack, Release, publish
from release.records import CHECK_ERROR
from repair.document import Outcome, Reason, Source, Status

if TYPE_CHECKING:  # at run time it would bring what a run without a cluster does not need
    from flows.cluster import Cluster

_LOG = logging.getLogger(__name__)
RETRIES = 2
_TABLE_ROWS = 500

_UNCOMPARED = Reason(
    "not-compared",
    "La version en cours est abîmée ou d’un autre format : rien n’a été comparé avec elle. "
    "Vérifiez qu’aucun document ne manque.",
    "The current release is damaged, or of another format: nothing was compared with it. "
    "See that no document is missing.",
)


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a release.

    Attributes:
        release: it; the current one, unless something speaks against it.
        judged: what speaks against it, and what a person should know of it.
    """

    release: Release
    judged: Judgement


class Unfinished(Exception):  # noqa: N818 - the batch will be tried again
    """Some documents of a batch met a fault; the others are saved."""


@dataclass(frozen=True, eq=False)
class Run:
    """What the tasks of one run share.

    Attributes:
        raw: the raw folder.
        profile: name of the typography profile.
        state: the table of the output folder.
        results: folder for the validation results of Great Expectations.
        workshop: the worker processes, here or of a cluster.
        advance: called with the number of documents saved.
        memory: file of the memory of the corpus; None where the documents are processed without.
        pages: folder where the readings of scanned pages are kept.
        decisions: of the curators.
        told: hears of what is done.
        limits: what one document may take.
    """

    raw: Path
    profile: str
    state: State
    results: Path
    workshop: Workshop | Cluster
    advance: Callable[[int], None]
    memory: Path | None = None
    pages: Path | None = None
    decisions: Decisions = field(default_factory=Decisions)
    told: Running = field(default_factory=Running)
    limits: Limits = field(default_factory=Limits)

    def job(self, sources: Sequence[Source]) -> Job:
        """Return the work of processing some documents."""
        known = {} if self.memory is None else self.state.packed(source.path for source in sources)
        return Job(
            self.raw,
            tuple(sources),
            self.profile,
            self.memory,
            known,
            self.pages,
            rulings=self.decisions.reaching(sources),
            refit=self.decisions.refit,
            limits=self.limits,
        )

    def unsaved(self, sources: Sequence[Source]) -> Sequence[Source]:
        """Return those of some documents that are still to be processed."""
        if self.memory is not None:
            return still_changed(self.state, self.memory, sources)
        saved, stale = self.state.keys(), self.decisions.stale(self.state)
        return [
            s
            for s in sources
            if s.path in stale or saved.get(s.path) not in outcome_keys(s, self.profile, self.limits)
        ]

    def save(self, entries: Iterable[Entry]) -> None:
        """Keep what became of some documents."""
        entries = list(entries)
        (self.state.save if self.memory is None else self.state.save_recalled)(entries)
        self.told.processed(entries, memory=self.memory is not None)


def _worth_retrying(_task: Task, _run: TaskRun, state: PrefectState) -> bool:  # type: ignore[type-arg]  # Task is generic, Prefect's hook is not
    try:
        state.result()
    except (Stop, Closed):
        return False
    except BaseException as error:
        return not reason(error)  # a disk stays full
    return False


_TRIED_AGAIN: Any = {
    "retries": RETRIES,
    "retry_delay_seconds": [1, 4],
    "retry_condition_fn": _worth_retrying,
    "cache_policy": NO_CACHE,
}


@task(name="process-batch", **_TRIED_AGAIN)
def process_batch(run: Run, sources: tuple[Source, ...], long: bool = False) -> list[Done]:
    """Process documents, have them judged, and save what became of them.

    A document that meets a fault does not hold the others back: they are saved, and the next
    try takes up the rest, each in a process of its own. At the last try it is quarantined, and before where
    it went beyond a limit alone.

    Args:
        run: the run.
        sources: the raw files.
        long: whether the pages of long scans have been read, and they are to be processed too.

    Returns:
        The long scans that were left for :func:`read_pages`, with their `unread` pages.

    Raises:
        Unfinished: if there is something left to try again.
        Stop: if a program is missing that some of them need, or the machine does not let them be processed.
    """
    tries = task_run.run_count or 1
    if tries == 1:
        done = run.workshop.process(replace(run.job(sources), long=long))
    else:
        done = run.workshop.process_apart(replace(run.job(run.unsaved(sources)), long=long))
    entries = _judge(done, run)
    run.save(entries)
    beyond = [item for item in done if item.beyond and tries > 1]
    run.save(_set_aside(item, run) for item in beyond)
    faults = [item for item in done if item.fault and not (item.beyond and tries > 1)]
    run.advance(len(entries) + len(beyond))
    _stop_where_nothing_works(done)
    if faults and tries <= RETRIES:
        raise Unfinished(f"{len(faults)} of {len(sources)} documents: {faults[0].fault}")
    run.save(_set_aside(item, run) for item in faults)
    run.advance(len(faults))
    return [item for item in done if item.unread]


@task(name="read-pages", **_TRIED_AGAIN)
def read_pages(run: Run, source: Source, numbers: tuple[int, ...]) -> None:
    """Read some pages of a long scan; their readings are kept, and a run that is killed finds them again.

    What a document does to every try, or refuses, is left for `process_batch` to meet and to say.

    Raises:
        Unfinished: if a fault may be gone at another try.
        Stop: if a program is missing, or the machine does not let them be read.
    """
    tries = task_run.run_count or 1
    job = replace(run.job((source,)), numbers=numbers)
    (done,) = run.workshop.process(job) if tries == 1 else run.workshop.process_apart(job)
    _stop_where_nothing_works((done,))
    if done.fault and tries <= RETRIES and not (done.beyond and tries > 1):
        raise Unfinished(f"pages {numbers[0] + 1} to {numbers[-1] + 1} of {source.path}: {done.fault}")
    run.told.read(source.path, done.seconds)
    run.advance(len(numbers))


def _judge(done: Sequence[Done], run: Run) -> list[Entry]:
    """Return what is decided on the documents that were processed, or refused."""
    from expectations.gate import judge  # seconds to import; not needed where nothing is new

    documents = [unpack(item.packed) for item in done if item.packed]
    verdicts = iter(zip(documents, judge(documents, run.results), strict=True))
    entries = []
    for item in done:
        key = document_key(item.source, run.profile)
        rulings = run.decisions.ids(item.source, item.proposals, item.weighed)
        if item.refusal:
            outcome = Outcome(item.source, Status.QUARANTINE, (item.refusal,), None)
            entries.append(
                Entry(
                    outcome,
                    key,
                    engines=item.engines,
                    readings=item.readings,
                    rulings=rulings,
                    seconds=item.seconds,
                )
            )
        elif item.packed:
            document, verdict = next(verdicts)
            verdict = run.decisions.released(item.source, verdict)
            outcome = Outcome(item.source, verdict.status, verdict.reasons, document)
            unchecked = CHECK_ERROR in verdict.failed
            phrases = b"" if verdict.failed else item.phrases
            entries.append(
                Entry(
                    outcome,
                    "" if unchecked else key,
                    verdict.failed,
                    item.packed,
                    item.asked,
                    phrases,
                    item.answers,
                    item.engines,
                    item.readings,
                    item.proposals,
                    rulings,
                    item.weighed,
                    item.seconds,
                )
            )
    return entries


def _set_aside(done: Done, run: Run) -> Entry:
    """Return what is kept of a document that could not be processed; the next run tries it again.

    Not where it went beyond a limit: then when it changes, the program does, or the limit.
    """
    key = run.limits.beyond(document_key(done.source, run.profile)) if done.beyond else ""
    why = done.beyond or tried_in_vain(done.fault)
    return Entry(Outcome(done.source, Status.QUARANTINE, (why,), None), key)


def _stop_where_nothing_works(done: Sequence[Done]) -> None:
    """End the run where documents cannot be processed by no fault of theirs.

    Raises:
        Stop: saying what must be mended.
    """
    for item in done:
        if item.missing:
            raise Stop(item.missing, ExitCode.MISSING_PROGRAM)
        if item.trouble:
            raise Stop(
                f"the disk is full ({item.trouble}): free some space, and run again; readers still have the "
                "release that they had",
                ExitCode.SURROUNDINGS,
            )


@task(name="consult-memory", cache_policy=NO_CACHE)
def consult_memory(state: State, clean: Path, only: Source | None) -> Recall:
    """Bring the memory of the corpus up to date, and find the documents that it has something new for."""
    return recall(state, clean, only)


@task(name="publish-release", cache_policy=NO_CACHE)
def publish_release(state: State, raw: Path, clean: Path, results: Path, workers: int = 1) -> Published:
    """Publish a release of everything in the state, or keep it aside where something speaks against it.

    Args:
        state: the table of the output folder.
        raw: the raw folder.
        clean: the output folder.
        results: folder of the validation results of Great Expectations.
        workers: how many processes may render it.
    """
    engines = state.engines()
    read_by = {"engines": "; ".join(engines)} if engines else {}
    made_with = versions() | read_by | lineage(state)
    origins = read_origins(raw)
    judged = Judgement()

    def gate(found: Comparison, old: Path | None, new: Path) -> Judgement:
        from flows.gate import judge  # seconds to import; not needed where nothing is new

        nonlocal judged
        verdict = judge(found, old, new, origins, results)
        unread = (_UNCOMPARED,) if old is None and current_id(clean) else ()
        judged = Judgement(verdict.against, unread + drawing.told + verdict.told)
        return judged

    with pieces(raw) as drawing, state.held():
        try:
            release = publish(
                state.items(),
                clean,
                versions=made_with,
                origins=origins,
                gate=gate,
                piece=drawing,
                render=Renderers(workers),
            )
        except HeldBack as held:
            release = held.release
    return Published(release, judged)


@task(name="document-checks", cache_policy=NO_CACHE)
def document_checks(clean: Path, results: Path) -> None:
    """Make Great Expectations' own pages on the checks of this run, and have the curators' page name them.

    A release is published by then: pages that cannot be made are told in the log, and fail nothing.
    """
    from expectations.data_docs import build_data_docs  # seconds to import, and checked by it already

    try:
        build_data_docs(results, (clean / DATA_DOCS).parent)
    except Exception:  # whatever the library makes of what it kept
        _LOG.warning("the pages of Great Expectations could not be made", exc_info=True)
    with publishing_lock(clean):
        refresh(clean)


@task(name="report-run", cache_policy=NO_CACHE)
def report_run(release: Release, rows: Sequence[Row]) -> None:
    """Leave the run's table and a link to its report in Prefect."""
    shown = [row for row in rows if row.status is not Status.PUBLISHED][:_TABLE_ROWS]
    shown += [row for row in rows if row.status is Status.PUBLISHED][: _TABLE_ROWS - len(shown)]
    create_table_artifact(
        key="corpus-run",
        table=[
            {
                "document": row.name,
                "status": row.status.value,
                "damage before": row.damage_before,
                "damage after": row.damage_after,
                "edits applied": row.applied,
                "edits to review": row.review,
                "failed": ", ".join(row.failed),
            }
            for row in shown
        ],
        description=f"Release {release.id}: {release.published} published, {release.review} in review, "
        f"{release.quarantine} in quarantine; {len(shown)} of {release.documents} are listed.",
    )
    create_link_artifact(
        key="corpus-report",
        link=release.report.resolve().as_uri(),
        link_text=f"Report of release {release.id}",
    )
