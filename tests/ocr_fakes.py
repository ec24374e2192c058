"""Engines that do what their fault says, for the tests of reading; and pages made of lines of text."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.engines.engine import Engine, EngineFailed, EngineTimeout

SIGN, LINE = 24, 120
"""Width of a sign and distance of two lines, in pixels."""
_HEIGHT = 59
"""Of a box, in pixels: that of letters which no copy would scale."""


def line_of(text: str, left: int = 100, top: int = 100, sure: float = 0.9, tilt: float = 0.0) -> TextLine:
    """A line of a page: every sign takes as much room; `tilt` pixels down for each across."""
    words, at = [], 0
    for word in text.split(" "):
        start = left + SIGN * at
        down = top + round(tilt * (start - left))
        words.append(Word(word, Box(start, down, start + SIGN * len(word), down + _HEIGHT), sure))
        at += len(word) + 1
    return TextLine(tuple(words))


def page_of(
    engine: str, *blocks: Sequence[TextLine] | str, width: int = 2000, height: int = 3000
) -> PageLayout:
    """A page of blocks; a text has its lines under one another, `~` stands for one that was not read."""
    made, top = [], 100
    for block in blocks:
        if isinstance(block, str):
            lines = []
            for text in block.split("\n"):
                if text != "~":
                    lines.append(line_of(text, top=top))
                top += LINE
            top += LINE
            made.append(tuple(lines))
        else:
            made.append(tuple(block))
    return PageLayout(engine, width, height, tuple(block for block in made if block))


class Fake:
    """An engine that has read its page already, or fails; it counts how often it is asked."""

    def __init__(self, name: str, found: PageLayout | EngineFailed) -> None:
        self.name = name
        self.found = found
        self.asked: list[tuple[Path, float]] = []

    def read(self, image: Path, seconds: float) -> PageLayout:
        self.asked.append((image, seconds))
        if isinstance(self.found, EngineFailed):
            raise self.found
        return self.found


def _dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _crashes() -> None:
    raise RuntimeError("le réseau a rendu l’âme")


def _fills() -> None:
    held = []
    while True:
        held.append(np.zeros(2**28, np.uint8))  # takes addresses and no memory: only the limit ends this


def _gives_up() -> None:
    raise EngineTimeout("trop long")


FAULTS: dict[str, Callable[[], object]] = {
    "dies": _dies,
    "exits": partial(sys.exit, 3),
    "crashes": _crashes,
    "out of memory": partial(bytearray, 2**60),
    "fills": _fills,
    "gives up": _gives_up,
    "hangs": partial(time.sleep, 600),
}


class Faulty:
    """An engine for a process of its own. On a page named by a fault it does that.

    Else it reads the page's name and the number of its process; the latter stands in a file beside the page.
    """

    name = "faux 1.0"

    def read(self, image: Path, seconds: float) -> PageLayout:
        note = image.with_suffix(".part")
        note.write_text(str(os.getpid()))
        note.replace(image.with_suffix(".pid"))
        FAULTS.get(image.stem, lambda: None)()
        return page_of(self.name, f"{image.stem} {os.getpid()}")


class DiesOnce(Faulty):
    """An engine for a process of its own that ends in the midst of the first page it is asked for."""

    def read(self, image: Path, seconds: float) -> PageLayout:
        note = image.with_suffix(".died")
        if not note.exists():
            note.touch()
            _dies()
        return page_of(self.name, "Les forêts de la Provence")


def unmade() -> Engine:
    raise ImportError("libGL.so.1: cannot open shared object file")


def hoarder() -> Callable[[int], int]:
    """Work that takes much memory in small pieces, and holds the last of them; it tells its process."""
    held: list[bytes] = []

    def work(pieces: int) -> int:
        taken = [os.urandom(100_000) for _ in range(pieces)]
        held.append(taken[-1])  # above all the others: nothing below it goes back by itself
        return os.getpid()

    return work
