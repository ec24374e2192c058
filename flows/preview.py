"""`prote preview`: what another rule or dictionary would change in the corpus, told before any run.

The kept reading of each document goes through the stages again, in worker processes as in a run, with the
memory of the corpus as it is kept; the expectations judge what comes of it, and it is compared with what
is kept. Nothing is written, so this is no run: Prefect is not asked, and a run may be at work meanwhile.

What a change does to the memory is not foreseen: it is made of what a run makes of all documents.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from flows.decisions import Decisions
from flows.entries import unpack
from flows.exits import ExitCode, Stop
from flows.fingerprint import document_key
from flows.jobs import Done, Job, batches
from flows.recall import MEMORY
from flows.state import FILE, FOLDER, State
from flows.upgrades import stands
from flows.workshop import WORKERS, Workshop
from release.compare import Brief
from release.pages.comparison import DOCUMENTS_SHOWN
from release.pages.preview import Passages, changed_passages
from release.preview import Foreseen, Gathered, Moved, Preview, brief, foresee
from repair.document import Outcome, Reason, Source, Status
from repair.memory.store import Store
from repair.memory.write import write_store
from repair.typography.profiles import profile_names

_PACKED_BYTES = 200_000
"""Of a document as the state holds it, processed in a second; small batches would be judged too often."""


@dataclass(frozen=True, slots=True)
class _Corpus:
    """What all threads share.

    Attributes:
        state: of the corpus.
        failed: codes of the expectations that each document fails as it is kept, by path.
        memory: file of the memory of the corpus.
        workshop: the worker processes.
        decisions: of the curators.
        passages: whether the changed passages are wanted, too.
    """

    state: State
    failed: Mapping[str, tuple[str, ...]]
    memory: Path
    workshop: Workshop
    decisions: Decisions
    passages: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found of one document.

    Attributes:
        row: as it is kept.
        found: what changes, and what becomes of its edits; None where nothing does.
        passages: where its editions change; None where that is not wanted, or they do not.
    """

    row: Brief
    found: tuple[Foreseen, Moved] | None = None
    passages: Passages | None = None


def preview(
    clean: Path,
    watch: Callable[[int, int], None],
    decisions: Decisions | None = None,
    *,
    passages: bool = False,
) -> tuple[Preview, dict[str, Passages]]:
    """Say what the program as it is now would make of the documents that it processed before.

    Args:
        clean: the output folder; nothing in it is changed.
        watch: called with the number of documents done, and how many there are.
        decisions: of the curators; None for none.
        passages: whether the changed passages are wanted, too.

    Returns:
        What would change; with `passages`, where the texts of the first documents that do, by name.

    Raises:
        Stop: if there is nothing to look at.
    """
    if not (clean / FOLDER / FILE).is_file():
        raise Stop(f"nothing was processed in {clean} yet: prote run does", ExitCode.NO_RELEASE)
    state = State(clean, write=False)
    decisions = decisions or Decisions()
    stale = decisions.stale(state)
    rows = {row.path: row for row in state.rows()}
    firsts = state.keys()
    sources = [item.source for item in state.items()]
    found = Gathered()
    same: list[Source] = []
    again: list[Source] = []
    for source in sources:
        row = rows[source.path]
        if row.damage_before is None or not row.key or not firsts[source.path][0]:
            refused = row.damage_before is None and row.key
            why = f"refused: {', '.join(row.failed)}" if refused else "the next run processes it again"
            found.keep(brief(state.outcome(source.path)), why)
        elif source.path not in stale and _as_it_was(state, source, row.key):
            same.append(source)
        else:
            again.append(source)
    kept: dict[str, Passages] = {}
    done = len(found.left)
    watch(done, len(sources))
    with _memory(state, clean) as memory:
        corpus = _Corpus(
            state,
            {path: row.failed for path, row in rows.items()},
            memory,
            Workshop(WORKERS),
            decisions,
            passages,
        )
        with closing(_in_threads(corpus, same, again)) as batched:
            for batch in batched:
                for seen in batch:
                    if seen.found is None:
                        found.keep(seen.row)
                    else:
                        found.add(*seen.found)
                    if seen.passages is not None:
                        kept[seen.row.name] = seen.passages
                        if len(kept) > DOCUMENTS_SHOWN:
                            del kept[max(kept)]
                done += len(batch)
                watch(done, len(sources))
    return found.sum_up(), kept


def _as_it_was(state: State, source: Source, key: str) -> bool:
    """Say whether a document would come out as it did; it goes by its own typography profile."""
    return any(
        stands(key, document_key(source, profile), lambda: [state.outcome(source.path).document])
        for profile in profile_names()
    )


@contextmanager
def _memory(state: State, clean: Path) -> Iterator[Path]:
    """Give the file of the memory; where none can be used, one made elsewhere of what the state holds."""
    kept = clean / FOLDER / MEMORY
    try:
        Store(kept)
    except (OSError, ValueError):
        with tempfile.TemporaryDirectory(prefix="prote-") as folder:
            made = Path(folder, MEMORY)
            write_store(made, state.phrases())
            yield made
    else:
        yield kept


def _in_threads(
    corpus: _Corpus, same: Sequence[Source], again: Sequence[Source]
) -> Generator[list[_Seen], None, None]:
    """Yield what was found of the documents, batch by batch; each thread waits for a worker process.

    Args:
        corpus: where they are.
        same: those that nothing changes which decides what they become: their figures are taken.
        again: the others.
    """
    sizes = corpus.state.sizes()
    if again:
        # Great Expectations takes seconds to load; the workers are at work meanwhile.
        threading.Thread(target=import_module, args=("expectations.suites",), daemon=True).start()

    def cost(source: Source) -> float:
        return 0.02 + sizes.get(source.path, 0) / _PACKED_BYTES

    with ThreadPoolExecutor(WORKERS) as threads:
        try:
            futures = {
                threads.submit(work, corpus, batch)
                for work, sources in ((_look, again), (_figures, same))
                for batch in batches(sources, WORKERS, cost)
            }
            for future in as_completed(futures):
                futures.discard(future)  # what it found need not stay
                yield future.result()
        finally:
            corpus.workshop.close()
            threads.shutdown(wait=True, cancel_futures=True)


def _figures(corpus: _Corpus, sources: Sequence[Source]) -> list[_Seen]:
    return [_Seen(brief(corpus.state.outcome(source.path))) for source in sources]


def _look(corpus: _Corpus, sources: Sequence[Source]) -> list[_Seen]:
    """Process documents again, have them judged, and compare."""
    from expectations.gate import judge  # seconds to import; not needed where nothing changes

    known = corpus.state.packed(source.path for source in sources)
    # Neither the raw files nor the profile is asked: a known document goes by its reading and its own.
    rulings, refit = corpus.decisions.reaching(sources), corpus.decisions.refit
    job = Job(Path(), tuple(sources), "", corpus.memory, known, rulings=rulings, refit=refit)
    made = corpus.workshop.process(job)
    faulty = tuple(done.source for done in made if not done.packed)
    if faulty:  # one may have harmed others of its batch, and a fault may be gone at another try
        apart = {
            done.source.path: done for done in corpus.workshop.process_apart(replace(job, sources=faulty))
        }
        made = [apart.get(done.source.path, done) for done in made]
    verdicts = iter(judge([unpack(done.packed) for done in made if done.packed]))
    seen = []
    for done in made:
        old = corpus.state.outcome(done.source.path)
        if done.packed:
            verdict = corpus.decisions.released(old.source, next(verdicts))
            new = Outcome(old.source, verdict.status, verdict.reasons, unpack(done.packed))
            failed = verdict.failed
        else:
            new = _failure(old.source, done)
            failed = tuple(reason.code for reason in new.reasons)
        seen.append(_compare(old, corpus.failed[done.source.path], new, failed, corpus.passages))
    return seen


def _compare(
    old: Outcome, failed_before: tuple[str, ...], new: Outcome, failed: tuple[str, ...], passages: bool
) -> _Seen:
    if (old, failed_before) == (new, failed):
        return _Seen(brief(old))
    found = foresee(old, failed_before, new, failed)
    wanted = passages and found[0].visible
    return _Seen(brief(old), found, changed_passages(old.document, new.document) if wanted else None)


def _failure(source: Source, done: Done) -> Outcome:
    """Return what becomes of a document that the program cannot process any more."""
    fault = done.missing or done.trouble or done.fault
    told = done.refusal or Reason(
        "fault",
        f"Le programme échouerait sur ce document ({fault}).",
        f"The program would fail on this document ({fault}).",
    )
    return Outcome(source, Status.QUARANTINE, (told,), None)
