"""What workers are given to do, and what they give back: documents in jobs of a few seconds each.

Prefect takes its time for every task, so short documents go together, and the pages of a long scan apart:
all workers then end at about the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from flows.limits import Limits
from flows.survey import LAYOUTS, TEXTS
from repair.decisions.refit import AS_SHIPPED, Refit
from repair.decisions.ruling import Ruling
from repair.document import Reason, Source

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
