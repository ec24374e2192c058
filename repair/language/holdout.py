"""Which lines of a clean source build tables, which calibrate, which test.

A source is cut into runs of `RUN` lines, and a hash of its name and the run's number says what
the run is for. Nothing may be measured on what was built from.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

RUN = 50
"""Lines a run; sources keep the order of the text, so a run is a passage."""


def part(source: str, line: int) -> str:
    """Say what a line of a source may be used for: ``build``, ``calibrate`` or ``test``."""
    bucket = hashlib.sha256(f"{source}:{line // RUN}".encode()).digest()[0] * 100 // 256
    return {0: "test", 1: "calibrate"}.get(bucket, "build")


def lines(folder: Path, source: str, wanted: str = "build") -> Iterator[str]:
    """Yield the lines of a source that belong to the part `wanted`."""
    for passage in passages(folder, source, wanted):
        yield from passage


def passages(folder: Path, source: str, wanted: str) -> Iterator[list[str]]:
    """Yield the runs of a source that belong to the part `wanted`, each as its lines."""
    with gzip.open(folder / f"{source}.txt.gz", "rt", encoding="utf-8") as file:
        for run, numbered in groupby(enumerate(file), key=lambda line: line[0] // RUN):
            if part(source, run * RUN) == wanted:
                yield [line for _, line in numbered]
