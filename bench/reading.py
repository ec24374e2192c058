"""Reading pages: our readings beside plain Tesseract and OCRmyPDF, on real pages with their correct text.

Each page is read by every program in turn (`programs.py`), by two processes that take pages side by side.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.programs import PLAIN, PageRead, read_page, warm_up
from repair.evaluation.measures import (
    CONFIDENCE,
    FEWEST,
    RESAMPLES,
    SEED,
    Estimate,
    cut,
    estimates,
    ratio,
    table,
)
from repair.evaluation.pages import PageErrors
from repair.reading.engines.programs import tesseract_version

COLUMNS = (
    "pages", "characters", "ordered_before", "ordered_after", "lines_before", "lines_after", "seconds",
    "plain_seconds", "wall",
)  # fmt: skip
"""Counts of a page; *before* is plain Tesseract."""

MEASURES = {
    "ordered": ratio("ordered_after", "characters"),
    "lines": ratio("lines_after", "characters"),
    "ordered_cut": cut("ordered", "characters"),
    "lines_cut": cut("lines", "characters"),
    "seconds": ratio("seconds", "pages"),
    "wall": ratio("wall", "pages"),
    "times": ratio("seconds", "plain_seconds"),
}


@dataclass(frozen=True, slots=True)
class ProgramRead:
    """What a program made of all pages.

    Attributes:
        name: with its version.
        folders: by folder of the pages, and all of them by ``all``: each measure of `MEASURES`.
        worse: pages with more errors than plain Tesseract's: in order, lines matched.
        worse_than_best: pages with more errors than their best single witness; None where none voted.
        rank: Spearman's correlation of the disagreement with the rate of errors: in order, lines matched.
        failed: pages it gave up.
        pages: how many there are.
    """

    name: str
    folders: dict[str, dict[str, Estimate]]
    worse: tuple[int, int]
    worse_than_best: tuple[int, int] | None
    rank: tuple[Estimate, Estimate] | None
    failed: int
    pages: int


def measure(
    images: Sequence[Path], texts: Mapping[Path, str], say: Callable[[str], None]
) -> list[dict[str, PageRead]]:
    """Read pages by every program.

    Args:
        images: each with its correct text beside it.
        texts: damaged texts of some of them.
        say: told about each page that is done.

    Returns:
        What each program made of each page, by the program's key.

    Raises:
        MissingProgram: if Tesseract, or its French model, is not installed.
    """
    tesseract_version()
    pages: list[dict[str, PageRead]] = []
    # Processes of their own kind: none inherits what the parent holds, and each counts for itself.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), context, warm_up) as pool:
        for number, page in enumerate(pool.map(read_page, images, [texts.get(image) for image in images]), 1):
            pages.append(page)
            say(f"page {number} of {len(images)}")
    return pages


def summaries(
    names: Mapping[str, str], pages: Sequence[dict[str, PageRead]], images: Sequence[Path]
) -> dict[str, ProgramRead]:
    """Put together what programs made of all pages.

    Args:
        names: of the programs, by their keys; those that read no page are left out.
        pages: what each made of each page.
        images: of the pages.
    """
    folders = [image.parent.name for image in images]
    return {key: summary(name, key, pages, folders) for key, name in names.items() if key in pages[0]}


def summary(name: str, key: str, pages: Sequence[dict[str, PageRead]], folders: Sequence[str]) -> ProgramRead:
    """Put together what a program made of all pages.

    Args:
        name: of the program.
        key: of the program and, in `pages`, of what it read; `PLAIN` is what it is compared with.
        pages: what each program made of each page.
        folders: of each page.
    """
    own, plain = [page[key] for page in pages], [page[PLAIN] for page in pages]
    rows = [_row(read, bare) for read, bare in zip(own, plain, strict=True)]
    places = {"all": list(range(len(rows)))}
    for number, folder in enumerate(folders):
        places.setdefault(folder, []).append(number)
    found = {
        folder: estimates(table([rows[number] for number in numbers], COLUMNS), MEASURES, COLUMNS)
        for folder, numbers in places.items()
    }
    voted = [read for read in own if read.witnesses]
    best = [
        PageErrors(read.errors.characters, *(min(one[part] for one in read.witnesses) for part in (1, 2)))
        for read in voted
    ]
    sure = [read for read in own if read.disagreement is not None]
    return ProgramRead(
        name,
        found,
        _worse([read.errors for read in own], [read.errors for read in plain]),
        _worse([read.errors for read in voted], best) if voted else None,
        (_rank(sure, 1), _rank(sure, 2)) if sure else None,
        sum(read.failed for read in own),
        len(own),
    )


def spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the rank correlation of two rows of figures; equal figures share their ranks.

    >>> one, other = np.array([1.0, 2.0, 2.0, 9.0]), np.array([0.1, 0.3, 0.2, 0.4])
    >>> round(spearman(one, other), 3)
    0.949
    """
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    _, places, counts = np.unique(figures, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places])


def _rank(reads: Sequence[PageRead], part: int) -> Estimate:
    """Return the rank correlation of disagreement and error rate, with its interval over the pages."""
    if len(reads) < 2:
        return Estimate(None, None, None)
    doubts = np.array([read.disagreement for read in reads], dtype=np.float64)
    rates = np.array([read.errors[part] / read.errors.characters for read in reads])
    generator = np.random.default_rng(SEED)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = generator.integers(len(reads), size=(RESAMPLES, len(reads)))
        found = [spearman(doubts[numbers], rates[numbers]) for numbers in drawn]
        value = spearman(doubts, rates)
    margin = (100.0 - CONFIDENCE) / 2
    meant = [figure for figure in found if np.isfinite(figure)]  # none where all pages are equal
    if not np.isfinite(value) or len(reads) < FEWEST:
        return Estimate(value if np.isfinite(value) else None, None, None)
    low, high = np.percentile(meant, [margin, 100.0 - margin])
    return Estimate(value, float(low), float(high))


def _row(read: PageRead, plain: PageRead) -> dict[str, float]:
    return {
        "pages": 1,
        "characters": read.errors.characters,
        "ordered_before": plain.errors.ordered,
        "ordered_after": read.errors.ordered,
        "lines_before": plain.errors.lines,
        "lines_after": read.errors.lines,
        "seconds": read.seconds,
        "plain_seconds": plain.seconds,
        "wall": read.wall,
    }


def _worse(ours: Sequence[PageErrors], theirs: Sequence[PageErrors]) -> tuple[int, int]:
    both = list(zip(ours, theirs, strict=True))
    return sum(a.ordered > b.ordered for a, b in both), sum(a.lines > b.lines for a, b in both)
