"""`python -m bench --only pages-scale`: PDFs of 100 and 500 pages, read by `prote run` as a user calls it.

The 100 pages are read by one worker, then by two; the 500 by two, for the memory of the program and of all
that it starts. Beside it what the machine itself makes of a second process: the bare reader, without a run.
The PDFs are made from the development pages, each repetition of a page with another margin, so that no
reading of one serves another. Long: it may be cut short at any moment and called again.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import img2pdf
import pikepdf
from PIL import Image

from bench.kept import Kept
from bench.memory import can_tell, family, held
from bench.sets import SEED

PAGES_SHORT, PAGES_LONG = 100, 500
WORKERS = 2
_DPI = 300
_MARGIN = 4 * 72 / _DPI
"""Points that the left margin grows with each repetition of a page: four pixels."""
_EVERY, _KEEP_EVERY = 0.25, 10.0
"""Seconds between two looks at the memory, and between two times at which figures are kept."""
_WEIGHED = "long"
"""The run whose memory is looked at."""
_READINGS = "clean/.prote/pages/*/*"
"""A file for each page that engines read."""

_RUN = """
import os, sys
os.cpu_count = lambda: int(sys.argv[1])  # what the flows take their workers from
from flows.cli import cli
cli(["run", "--raw", sys.argv[2], "--clean", sys.argv[3]])
"""


_BARE = """
import sys, time
from pathlib import Path
from repair.reading.engines.reader import PageReader
reader = PageReader()
first, *images = map(Path, sys.argv[1:])
reader.read(first)
print(flush=True)
input()
begin = time.perf_counter()
for image in images:
    reader.read(image)
print(time.perf_counter() - begin, flush=True)
"""
"""Reads a page to warm up, says so, waits for a line, reads the others, says in how many seconds."""
_BARE_PAGES = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """One document that was read.

    Attributes:
        pages: of the document.
        cold: pages that engines read in this run; the others are repetitions, found kept.
        workers: processes that read.
        seconds: from the call of the program to its end, in all parts of a run that was cut short.
        memory: most that the program and all it started held, in bytes; None where the system tells none,
            and where the speed is measured: to look at it takes a seventh of a core.
        parts: of the run: 1 where it was not cut short.
    """

    pages: int
    cold: int
    workers: int
    seconds: float
    memory: int | None
    parts: int

    @property
    def pages_a_minute(self) -> float:
        """Pages that engines read, by the time of the whole run."""
        return 60.0 * self.cold / self.seconds


@dataclass(frozen=True, slots=True)
class Scale:
    """The short document by one worker and by two, and the long one.

    Attributes:
        bare: pages a minute of two bare readers at once, in those of one alone: the most that the machine
            allows two workers.
    """

    one: Measured
    two: Measured
    long: Measured
    bare: float


def measure(
    images: Sequence[Path], kept: Kept, pages: tuple[int, int], cold: int, say: Callable[[str], None]
) -> Scale:
    """Read both documents.

    Args:
        images: of pages.
        kept: where what is known is kept, and where the documents are made.
        pages: of the short document and of the long one.
        cold: pages of the long one that are not repetitions of others.
        say: told what is begun.

    Raises:
        RuntimeError: if a run fails; it says where its output is.
    """
    short, long = pages
    known = kept.get("bare")
    say("the bare reader, alone and twice" + (" (known)" if known else ""))
    if known is None:
        known = {"scaling": _bare(images)}
        kept.put("bare", known)
    bare = known["scaling"]
    found: list[Measured] = []
    for name, many, unlike, workers in (
        ("one", short, short, 1),
        ("two", short, short, WORKERS),
        (_WEIGHED, long, min(cold, long), WORKERS),
    ):
        known = kept.get(name)
        say(f"{many} pages, workers: {workers}" + (" (known)" if known else ""))
        if known is None:
            folder = kept.folder / name
            known = _measure(name, folder, images, (many, unlike), workers, kept)
            shutil.rmtree(folder)
            kept.put(name, known)
        memory = int(known["memory"]) if can_tell() and name == _WEIGHED else None
        found.append(
            Measured(many, int(known["cold"]), workers, known["seconds"], memory, int(known["parts"]))
        )
    one, two, weighed = found
    return Scale(one, two, weighed, bare)


def _bare(images: Sequence[Path]) -> float:
    """Return how many times the pages of one bare reader two of them read, side by side."""
    some = random.Random(SEED).sample(list(images), len(images))[: _BARE_PAGES + 1]  # noqa: S311 - no secret
    return WORKERS * _read_by(1, some) / _read_by(WORKERS, some)


def _read_by(many: int, images: Sequence[Path]) -> float:
    """Have so many processes each read all the pages at once; return the mean of their seconds."""
    command = [sys.executable, "-c", _BARE, *map(str, images)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(many)
    ]
    try:
        for reader in readers:
            if reader.stdout is not None:
                reader.stdout.readline()
        for reader in readers:
            if reader.stdin is not None:
                reader.stdin.write("\n")
                reader.stdin.flush()
        told = [float(reader.communicate()[0]) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    return sum(told) / len(told)


def make_pdf(images: Sequence[Path], target: Path, pages: int, unlike: int) -> None:
    """Make a PDF of scanned pages in a fixed order of all kinds.

    Args:
        images: one page each.
        target: the PDF.
        pages: how many.
        unlike: how many of them no other page repeats exactly.
    """
    order = random.Random(SEED).sample(list(images), len(images))  # noqa: S311 - no secret
    layout = img2pdf.get_fixed_dpi_layout_fun((_DPI, _DPI))
    scans = io.BytesIO(img2pdf.convert([_opaque(image) for image in order[:unlike]], layout_fun=layout))
    with pikepdf.open(scans) as single, pikepdf.new() as pdf:
        for number in range(pages):
            repetition, place = divmod(number % unlike, len(order))
            pdf.pages.append(single.pages[place])
            left, bottom, right, top = map(float, single.pages[place].mediabox)
            pdf.pages[-1].mediabox = [left - repetition * _MARGIN, bottom, right, top]
        pdf.save(target)


def _opaque(image: Path) -> bytes:
    """Return a picture as PDFs can hold it: without an alpha channel."""
    with Image.open(image) as picture:
        if not picture.has_transparency_data:
            return image.read_bytes()
        written = io.BytesIO()
        picture.convert("RGB").save(written, "PNG")
        return written.getvalue()


def _measure(
    name: str, folder: Path, images: Sequence[Path], pages: tuple[int, int], workers: int, kept: Kept
) -> dict[str, float]:
    """Read a document in a folder; what an earlier part of the long run has done stands."""
    part = f"{name}, so far"
    before = kept.get(part) or {"seconds": 0.0, "memory": 0.0, "parts": 0.0}
    if name != _WEIGHED or not before["parts"]:  # a speed is that of one run
        before = {"seconds": 0.0, "memory": 0.0, "parts": 0.0}
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "raw").mkdir(parents=True)
        make_pdf(images, folder / "raw" / "pages.pdf", *pages)

    def known(seconds: float, memory: int) -> dict[str, float]:
        return {
            "seconds": before["seconds"] + seconds,
            "memory": max(before["memory"], memory),
            "parts": before["parts"] + 1,
        }

    figures = _watch(folder, workers, name == _WEIGHED, lambda *now: kept.put(part, known(*now)))
    read = len(list(folder.glob(_READINGS)))
    if not read:
        raise RuntimeError(f"no reading was kept as {folder / _READINGS}: what did the run do?")
    return known(*figures) | {"cold": read}


def _watch(folder: Path, workers: int, weigh: bool, keep: Callable[[float, int], None]) -> tuple[float, int]:
    """Run the program on a folder; return its seconds, and, if asked to `weigh`, the most memory it held."""
    begin, most, told = time.perf_counter(), 0, 0.0
    log = folder / "output.txt"
    command = [sys.executable, "-c", _RUN, str(workers), str(folder / "raw"), str(folder / "clean")]
    with log.open("ab") as output:
        # In a session of its own, so that all it starts can be found, and ended with it.
        program = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            while program.poll() is None:
                if weigh:
                    most = max(most, held(family(program.pid)))
                seconds = time.perf_counter() - begin
                if seconds - told >= _KEEP_EVERY:
                    told = seconds
                    keep(seconds, most)
                time.sleep(_EVERY)
        finally:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
    if program.returncode:
        raise RuntimeError(f"prote run ended with {program.returncode}: see {log}")
    return time.perf_counter() - begin, most
