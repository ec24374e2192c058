"""What a worker does with a job: a document after the other; a fault in one leaves the others alone."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from flows.decisions import proposals
from flows.entries import pack, unpack
from flows.faults import CHANGED, one_line, too_much_disk, too_much_memory
from flows.fingerprint import engines
from flows.jobs import PAGES_A_JOB, Done, Job
from flows.survey import digest
from repair.decisions.recalibrate import weighed
from repair.document import Document, Refused, Source
from repair.edits import apply
from repair.memory.store import Memory, Store

if TYPE_CHECKING:  # at run time it would bring what OCR needs
    from repair.reading.engines.cache import PageCache


def process_all(job: Job) -> list[Done]:
    """Process the documents of a job one after the other; a fault in one leaves the others alone."""
    if job.numbers:
        return [contained(job, source, lambda source: _read_pages(job, source)) for source in job.sources]
    if job.memory is None:
        return [contained(job, source, lambda source: _process_one(job, source)) for source in job.sources]
    store = Store(job.memory)
    return [contained(job, source, lambda source: _recall_one(job, source, store)) for source in job.sources]


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


def contained(job: Job, source: Source, work: Callable[[Source], Done]) -> Done:
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
