"""Where documents are processed: a pool of processes below the flow's threads.

Repairing text is pure Python, so threads would share one core. A process also contains what a
document may do to it: one that kills or blocks its worker is found by giving each suspect a
process of its own. The workers die with the program that started them, however it ends.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from flows.decisions import proposals
from flows.entries import pack, unpack
from flows.faults import CHANGED, DIED, one_line, too_much_disk, too_much_memory, too_slow
from flows.fingerprint import engines
from flows.limits import Limits
from flows.survey import LAYOUTS, TEXTS, digest
from repair.decisions.recalibrate import weighed
from repair.decisions.refit import AS_SHIPPED, Refit
from repair.decisions.ruling import Ruling
from repair.document import Document, Reason, Refused, Source
from repair.edits import apply
from repair.memory.store import Memory, Store
from repair.reading.engines.bounds import bound

if TYPE_CHECKING:  # at run time it would bring what OCR needs
    from repair.reading.engines.cache import PageCache

_FORKED = multiprocessing.get_context("forkserver")  # by one that has no threads, whose locks would be copied
_FORKED.set_forkserver_preload(["flows.warm"])

WORKERS = os.cpu_count() or 1
"""Processes of a pool; a thread waits for each, and saves what comes."""

_DOCUMENT_SECONDS = 0.003
"""Of work that any document takes, however short."""
_TEXT_BYTES = 100_000
"""Of text, repaired in a second."""
_LAYOUT_BYTES = 1_000_000
"""Of hOCR, ALTO or PAGE; most of it is places."""
_SCAN_BYTES = 20_000
"""Of a PDF or an image, read in a second: about a page in three seconds."""
_PAGE_SECONDS = 7.0
"""Of work on a scanned page, two engines and a vote."""
PAGES_A_JOB = 4
"""Scanned pages read in one task, at most; a document with more is read by several workers at once."""
_PATIENCE = 600.0
_SLOWEST = 20
_LONGEST = 4 * 3600.0
"""Unless an operator says otherwise a job may take `_SLOWEST` times its estimate and `_PATIENCE` seconds,
and `_LONGEST` at most: a blocked one ends some day, however large its file."""

_BATCH_SECONDS = 5.0
"""Of work in a batch: Prefect's 26 ms a task are then half a percent; a killed run loses no more."""
_SMALLEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """Documents to process together.

    Attributes:
        raw: the raw folder.
        sources: the files, at least one.
        profile: name of the typography profile.
        memory: file of the memory of the corpus; None to process the raw files without.
        known: with a memory, the same documents as they are without, packed, by path: their raw
            files are not read again.
        pages: folder where the readings of scanned pages are kept; None to keep none.
        numbers: with one source, the pages to read and keep, from 0: nothing else is done with it.
        long: whether documents of many scanned pages are processed too; they are left for later otherwise.
        rulings: of the curators, in force, that may reach one of them.
        refit: what all rulings say of the program's probabilities.
        limits: what one of them may take.
    """

    raw: Path
    sources: tuple[Source, ...]
    profile: str
    memory: Path | None = None
    known: Mapping[str, bytes] = field(default_factory=dict)
    pages: Path | None = None
    numbers: tuple[int, ...] = ()
    long: bool = False
    rulings: tuple[Ruling, ...] = ()
    refit: Refit = AS_SHIPPED
    limits: Limits = field(default_factory=Limits)

    @property
    def limit(self) -> float:
        """After how many seconds the job is given up."""
        work = _PAGE_SECONDS * len(self.numbers) if self.numbers else sum(map(cost, self.sources))
        return self.limits.seconds or min(_LONGEST, _PATIENCE + _SLOWEST * work)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one document.

    One of `packed`, `refusal`, `fault`, `missing`, `trouble` and `unread` is set; none where pages alone were
    read.

    Attributes:
        source: the raw file.
        packed: the processed document, as :func:`flows.entries.pack` makes it.
        refusal: why it cannot be processed.
        fault: what went wrong with the program, in a line; another try may succeed.
        beyond: with a fault, the limit that it is about: a document that meets it alone will meet it again.
        missing: which program must be installed first, in a sentence.
        trouble: what is wrong with the machine: a full disk says nothing of the document.
        asked: what the document asked of the memory.
        phrases: what it may tell others; empty where it is not trusted, and with a memory.
        answers: digest of what the memory answered; empty without memory.
        unread: the scanned pages of a long document, to be read in several jobs before it is processed.
        engines: by which its pages were read; empty where none had to be.
        readings: names of the readings of pages that it uses.
        proposals: what wider rulings could be about in it.
        weighed: what a refit could decide otherwise in it.
        seconds: of work.
    """

    source: Source
    packed: bytes = b""
    refusal: Reason | None = None
    fault: str = ""
    beyond: Reason | None = None
    missing: str = ""
    trouble: str = ""
    asked: bytes = b""
    phrases: bytes = b""
    answers: str = ""
    unread: tuple[int, ...] = ()
    engines: str = ""
    readings: tuple[str, ...] = ()
    proposals: bytes = b""
    weighed: bytes = b""
    seconds: float = field(default=0.0, compare=False)


def cost(source: Source) -> float:
    """Return about how many seconds of work a raw file is."""
    suffix = PurePosixPath(source.path).suffix.lower()
    speed = _TEXT_BYTES if suffix in TEXTS else _LAYOUT_BYTES if suffix in LAYOUTS else _SCAN_BYTES
    return _DOCUMENT_SECONDS + source.size / speed


def batches(
    sources: Sequence[Source], workers: int, cost: Callable[[Source], float] = cost
) -> list[tuple[Source, ...]]:
    """Divide documents into batches of a few seconds of work, the longest first.

    Four batches a worker, so that all end at about the same time, as long as a batch stays worth
    a task.

    Args:
        sources: the documents.
        workers: how many processes there are.
        cost: gives about how many seconds of work one is.
    """
    total = sum(map(cost, sources))
    target = min(_BATCH_SECONDS, max(_SMALLEST_SECONDS, total / (4 * workers)))
    found: list[tuple[float, list[Source]]] = []
    for source in sorted(sources, key=cost, reverse=True):
        if not found or found[-1][0] + cost(source) > target:
            found.append((0.0, []))
        seconds, batch = found[-1]
        batch.append(source)
        found[-1] = (seconds + cost(source), batch)
    return [tuple(batch) for _, batch in found]


def page_jobs(numbers: Sequence[int], workers: int) -> list[tuple[int, ...]]:
    """Divide the pages of a long scan into jobs, the last of them of one page: all workers end at once.

    A worker that is left with four pages while the others have none is a twentieth of a hundred pages' time.

    >>> page_jobs(range(11), 1)
    [(0, 1, 2, 3), (4, 5, 6), (7,), (8,), (9,), (10,)]
    """
    alone = max(0, len(numbers) - workers * PAGES_A_JOB)
    cuts = [*range(0, alone, PAGES_A_JOB), *range(alone, len(numbers) + 1)]
    return [tuple(numbers[start:end]) for start, end in pairwise(cuts)]


class Closed(Exception):  # noqa: N818 - it is asked for
    """The workshop was closed while a job was going on."""


class Workshop:
    """A pool of worker processes, started with the first job. Usable from any thread."""

    def __init__(
        self, workers: int, work: Callable[[Job], list[Done]] | None = None, folder: Path | None = None
    ) -> None:
        """Plan a pool.

        Args:
            workers: how many processes.
            work: what they do with a job; a function of a module. None for :func:`process_all`.
            folder: for their temporary files; None for the system's.
        """
        self._workers = workers
        self._folder = folder
        self._work = work or process_all
        self._shared: ProcessPoolExecutor | None = None
        self._apart: set[ProcessPoolExecutor] = set()
        self._lock = threading.Lock()
        self._closed = False

    def process(self, job: Job) -> list[Done]:
        """Process the documents of a job in one of the shared workers.

        Raises:
            Closed: if the workshop is closed.
        """
        with self._lock:
            if self._shared is None:
                self._shared = _new_pool(self._workers, self._folder)
            pool = self._shared
        try:
            return self._wait(pool, job)
        finally:
            with self._lock:
                if self._shared is pool and _is_broken(pool):
                    self._shared = None

    def process_apart(self, job: Job) -> list[Done]:
        """Process each document of a job in a new process of its own: none can harm another.

        Raises:
            Closed: if the workshop is closed.
        """
        done = []
        for source in job.sources:
            pool = _new_pool(1, self._folder)
            with self._lock:
                self._apart.add(pool)
            try:
                done += self._wait(pool, replace(job, sources=(source,)))
            finally:
                with self._lock:
                    self._apart.discard(pool)
                pool.shutdown(wait=False)
        return done

    def _wait(self, pool: ProcessPoolExecutor, job: Job) -> list[Done]:
        try:
            if self._closed:
                raise Closed
            return pool.submit(_within, self._work, job).result(timeout=job.limit)
        except TimeoutError:
            _kill(pool)
            fault, beyond = f"it took longer than {job.limit:.0f} seconds", too_slow(job.limit)
            return [Done(source, fault=fault, beyond=beyond) for source in job.sources]
        except BrokenProcessPool:
            _kill(pool)  # what the dead one had started lives on
            if self._closed:
                raise Closed from None
        return [Done(source, fault=DIED) for source in job.sources]

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        with self._lock:
            self._closed = True
            pools = [*self._apart, *([self._shared] if self._shared else [])]
        for pool in pools:
            _kill(pool)
            pool.shutdown(wait=False, cancel_futures=True)


def _new_pool(workers: int, folder: Path | None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        workers, mp_context=_FORKED, initializer=_start_worker, initargs=(folder, dict(os.environ))
    )


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes that end with the work they were started for, and die with this one."""
    made = _new_pool(workers, None)
    try:
        yield made
    finally:
        _kill(made)
        made.shutdown(wait=False, cancel_futures=True)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # no public way before Python 3.14
        with suppress(ProcessLookupError):  # it has no group before it has begun
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()


def _is_broken(pool: ProcessPoolExecutor) -> bool:
    return bool(pool._broken)  # as above


def _start_worker(folder: Path | None, variables: Mapping[str, str]) -> None:
    """Leave Ctrl-C to the program that started this worker; die with it, and with what was started here."""
    os.environ.clear()  # they are those of when the first worker was asked for
    os.environ.update(variables)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setpgid(0, 0)  # Tesseract is a program of its own, and is ended by its group
    if folder is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)  # for what it starts, and for itself
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.killpg(0, signal.SIGKILL)


def _within(work: Callable[[Job], list[Done]], job: Job) -> list[Done]:
    """Do a job in a worker, held to the limits; an engine's own process has those of its own."""
    bound(job.limits.megabytes * 1024**2, children=False)
    return work(job)


def process_all(job: Job) -> list[Done]:
    """Process the documents of a job one after the other; a fault in one leaves the others alone."""
    if job.numbers:
        return [_contained(job, source, lambda source: _read_pages(job, source)) for source in job.sources]
    if job.memory is None:
        return [_contained(job, source, lambda source: _process_one(job, source)) for source in job.sources]
    store = Store(job.memory)
    return [_contained(job, source, lambda source: _recall_one(job, source, store)) for source in job.sources]


def _process_one(job: Job, source: Source) -> Done:
    """Process a raw file without memory, and keep what it would ask."""
    from repair.memory.phrases import phrases, trusted
    from repair.pipeline import process  # in the worker: a flow that only publishes needs no dictionaries
    from repair.reading import scanned_pages

    path = job.raw / source.path
    if not _is_unchanged(job, source):
        return Done(source, fault=CHANGED)
    unread = () if job.long else scanned_pages(path)
    if len(unread) > PAGES_A_JOB:
        return Done(source, unread=unread)
    cache = _page_cache(job) if unread or job.long else None
    by = engines() if unread or job.long else ""
    memory = Memory()
    try:
        document = process(source, path, job.profile, memory, cache, job.rulings, job.refit)
    except Refused as refused:
        return Done(source, refusal=refused.reason, engines=by, readings=_used(cache))
    if not _is_unchanged(job, source):  # while it was read
        return Done(source, fault=CHANGED)
    _check(document)
    told = phrases(document) if trusted(document) else b""
    return Done(
        source,
        pack(document),
        asked=memory.asked,
        phrases=told,
        engines=by,
        readings=_used(cache),
        proposals=proposals(document, job.rulings),
        weighed=weighed(document.repairs),
    )


def _is_unchanged(job: Job, source: Source) -> bool:
    """Whether the files of a document are those that were seen."""
    try:
        return all(
            digest(job.raw / file.path) == (file.sha256, file.size) for file in (source, *source.witnesses)
        )
    except OSError:
        return False


def _page_cache(job: Job) -> PageCache | None:
    from repair.reading.engines.cache import PageCache

    return PageCache(job.pages) if job.pages is not None else None


def _used(cache: PageCache | None) -> tuple[str, ...]:
    return tuple(sorted(cache.used)) if cache is not None else ()


def _read_pages(job: Job, source: Source) -> Done:
    """Read some pages of a raw file, so that they are kept when it is processed."""
    from repair.reading import read_scanned

    read_scanned(job.raw / source.path, job.numbers, _page_cache(job))
    return Done(source)


def _recall_one(job: Job, source: Source, store: Store) -> Done:
    """Process a known document again with the memory of the corpus."""
    from repair.pipeline import process_again

    memory = Memory(store, source.name)
    document = process_again(unpack(job.known[source.path]), memory, job.rulings, job.refit)
    _check(document)
    return Done(
        source,
        pack(document),
        asked=memory.asked,
        answers=store.answers(source.name, memory.asked),
        proposals=proposals(document, job.rulings),
        weighed=weighed(document.repairs),
    )


def _contained(job: Job, source: Source, work: Callable[[Source], Done]) -> Done:
    """Return what came of one document, whatever it does to the program."""
    from repair.reading.engines.programs import MissingProgram

    start = time.perf_counter()
    try:
        done = work(source)
        return replace(done, seconds=time.perf_counter() - start)
    except Refused as refused:
        return Done(source, refusal=refused.reason, seconds=time.perf_counter() - start)
    except MissingProgram as missing:
        return Done(source, missing=str(missing))
    except MemoryError as error:
        return Done(source, fault=one_line(error), beyond=too_much_memory(job.limits.megabytes))
    except Exception as error:  # whatever a document does to the program, the others go on
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Done(source, trouble=one_line(error))
        too_large = isinstance(error, OSError) and error.errno == errno.EFBIG
        return Done(source, fault=one_line(error), beyond=too_much_disk() if too_large else None)


def _check(document: Document) -> None:
    """Refuse a document that no release could take: its edits must give its texts.

    Raises:
        ValueError: if they do not.
    """
    structured = apply(document.diplomatic, document.structure)
    if (
        apply(document.reading.text, document.repairs) != document.diplomatic
        or apply(structured, document.normalisations) != document.text
    ):
        raise ValueError("the edits do not give the editions")
