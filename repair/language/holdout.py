"""Which lines of a clean source build tables, which calibrate, which test.

A source is cut into runs of `RUN` lines and into chapters of `CHAPTER`; a hash of its name and the
run's or the chapter's number says what it is for: one run in a hundred calibrates, one run and
one chapter in a hundred test. Nothing may be measured on what was built from.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

RUN = 50
"""Lines a run; sources keep the order of the text, so a run is a passage."""

CHAPTER = 500
"""Lines a chapter: what a name or a manner of speaking is known from does not stand beside it."""


def part(source: str, line: int) -> str:
    """Say what a line of a source may be used for: ``build``, ``calibrate`` or ``test``."""
    return _passage(source, line)[0]


def _passage(source: str, line: int) -> tuple[str, str]:
    """Return what a line may be used for, and the name of its chapter, where that is kept out, or run."""
    chapter, run = f"{source}:chapter:{line // CHAPTER}", f"{source}:{line // RUN}"
    if _bucket(chapter) == 0:
        return "test", chapter
    return {0: "test", 1: "calibrate"}.get(_bucket(run), "build"), run


def _bucket(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] * 100 // 256


def lines(folder: Path, source: str, wanted: str = "build") -> Iterator[str]:
    """Yield the lines of a source that belong to the part `wanted`."""
    for passage in passages(folder, source, wanted):
        yield from passage


def passages(folder: Path, source: str, wanted: str) -> Iterator[list[str]]:
    """Yield the runs and chapters of a source that belong to the part `wanted`, each as its lines."""
    with gzip.open(folder / f"{source}.txt.gz", "rt", encoding="utf-8") as file:
        runs = groupby(enumerate(file), key=lambda item: item[0] // RUN)
        for (use, _), found in groupby(runs, key=lambda item: _passage(source, item[0] * RUN)):
            passage = [line for _, numbered in found for _, line in numbered]
            if use == wanted:
                yield passage
