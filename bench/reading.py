"""Reading pages: our readings beside plain Tesseract and OCRmyPDF, on real pages with their correct text.

Each page is read by every program in turn, by two processes that take pages side by side. Processor time
is what the process and the programs it waited for used (getrusage); the start of the process, with its
models, is not counted for ours: a run reads many pages. The others start anew for each page, as they do.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.sets import sample
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
from repair.evaluation.pages import PageErrors, page_errors
from repair.layout import PageLayout
from repair.pipeline import repair_text
from repair.reading.engines.engine import Engine, EngineFailed, Tesseract
from repair.reading.engines.programs import LANGUAGE, tesseract_version
from repair.reading.engines.rapid import RapidOCR, rapidocr_version
from repair.reading.engines.reader import PageReader
from repair.reading.pages import SECONDS_A_PAGE

PLAIN, OCRMYPDF, ONE, ALONE, FULL = "tesseract", "ocrmypdf", "one", "alone", "full"
REPAIRED = " repaired"

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
class PageRead:
    """What a program made of a page.

    Attributes:
        errors: against the correct text.
        seconds: of processor time.
        wall: seconds.
        witnesses: errors of each single reading that voted.
        disagreement: of the readings, from 0 to 1; None where there was no vote.
        failed: whether the program gave up; all its characters are missing then.
    """

    errors: PageErrors
    seconds: float
    wall: float
    witnesses: tuple[PageErrors, ...] = ()
    disagreement: float | None = None
    failed: bool = False


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


def find_pages(folder: Path, limit: int | None = None) -> list[Path]:
    """Return the images below a folder that have their correct text beside them, a fixed sample of them."""
    images = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".jpg", ".jpeg", ".png", ".tif") and gold_of(path).is_file()
    )
    return sample(images, limit or len(images))


def gold_of(image: Path) -> Path:
    """Return the file of the correct text of an image."""
    return image.with_suffix(".gt.txt")


def measure(images: Sequence[Path], say: Callable[[str], None]) -> dict[str, ProgramRead]:
    """Read pages by every program.

    Args:
        images: each with its correct text beside it.
        say: told about each page that is done.

    Returns:
        The programs by their key.

    Raises:
        MissingProgram: if Tesseract, or its French model, is not installed.
    """
    tesseract_version()
    pages: list[dict[str, PageRead]] = []
    # Processes of their own kind: none inherits what the parent holds, and each counts for itself.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), context, _warm_up) as pool:
        for number, page in enumerate(pool.map(_read_page, images), 1):
            pages.append(page)
            say(f"page {number} of {len(images)}")
    folders = [image.parent.name for image in images]
    return {key: summary(name, key, pages, folders) for key, name in names().items() if key in pages[0]}


def names() -> dict[str, str]:
    """Return what the programs are called in the tables, by key."""
    tesseract = f"tesseract {tesseract_version()}"
    rapid = f"{tesseract} + rapidocr {rapidocr_version()}"
    found = {
        PLAIN: f"{tesseract} -l {LANGUAGE}",
        OCRMYPDF: f"ocrmypdf {version('ocrmypdf')}, {tesseract}",
        ONE: "prote, one reading",
        ALONE: f"prote, vote without RapidOCR: {tesseract}",
        FULL: f"prote, vote: {rapid}",
    }
    return found | {key + REPAIRED: f"{found[key]}; repaired" for key in (ALONE, FULL)}


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


# In the processes that read.


class _Heard:
    """An engine that keeps what it read, so that the witnesses of a vote can be judged alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.name
        self.texts: list[str] = []

    def read(self, image: Path, seconds: float) -> PageLayout:
        """Read a page; see :class:`Engine`."""
        page = self._engine.read(image, seconds)
        self.texts.append(page.text)
        return page


def _warm_up() -> None:
    """Open the models and the dictionaries: a word on white paper is read and repaired."""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        image = Path(folder) / "page.png"
        paper = Image.new("L", (800, 200), 255)
        ImageDraw.Draw(paper).text((40, 60), "Bonjour tout le monde", 0, ImageFont.load_default(48))
        paper.save(image)
        for vote in _votes().values():
            repair_text(vote(image)[0])


def _read_page(image: Path) -> dict[str, PageRead]:
    """Read a page by every program."""
    gold = gold_of(image).read_text(encoding="utf-8")
    tesseract = Tesseract()
    single: dict[str, Callable[[], str]] = {
        PLAIN: lambda: _tesseract(image),
        ONE: lambda: tesseract.read(image, SECONDS_A_PAGE).text,
    }
    found: dict[str, PageRead] = {}
    # By turns and twice, the quicker counts: they differ by a few hundredths, and other programs only add.
    for key, read in [*single.items(), *single.items()]:
        _, again = _timed(gold, lambda read=read: (read(), (), None))
        found[key] = min(found.get(key, again), again, key=lambda one: one.seconds)
    _, found[OCRMYPDF] = _timed(gold, lambda: (_ocrmypdf(image), (), None))
    for key, vote in _votes().items():
        text, voted = _timed(gold, lambda vote=vote: vote(image))
        found[key] = voted
        _, mended = _timed(gold, lambda text=text: (repair_text(text).text, (), None))
        found[key + REPAIRED] = replace(
            voted, errors=mended.errors, seconds=voted.seconds + mended.seconds, wall=voted.wall + mended.wall
        )
    return found


_Outcome = tuple[str, Sequence[str], float | None]
"""A text, the texts of its witnesses, and their disagreement."""


def _votes() -> dict[str, Callable[[Path], _Outcome]]:
    """Return our reader without and with RapidOCR, which is left out where it is not installed."""
    # Tesseract as the second engine is what the reader does where RapidOCR is not installed. RapidOCR is
    # given, so that it reads in this process: what its own one uses, nobody could count.
    seconds: dict[str, Engine] = {ALONE: Tesseract()}
    if rapidocr_version():
        seconds[FULL] = RapidOCR()

    def reading(second: Engine) -> Callable[[Path], _Outcome]:
        def read(image: Path) -> _Outcome:
            engines = [_Heard(Tesseract()), _Heard(second)]
            voted = PageReader(tesseract=engines[0], second=engines[1]).read(image)
            texts = [text for engine in engines for text in engine.texts]
            return voted.page.text, texts, voted.disagreement

        return read

    return {key: reading(second) for key, second in seconds.items()}


def _timed(gold: str, read: Callable[[], _Outcome]) -> tuple[str, PageRead]:
    begin, used = time.perf_counter(), sum(_used())
    failed = False
    try:
        text, witnesses, disagreement = read()
    except (EngineFailed, subprocess.SubprocessError):
        text, witnesses, disagreement, failed = "", (), None, True
    seconds, wall = sum(_used()) - used, time.perf_counter() - begin
    errors = tuple(page_errors(gold, witness) for witness in witnesses)
    return text, PageRead(page_errors(gold, text), seconds, wall, errors, disagreement, failed)


def _used() -> Iterator[float]:
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        yield usage.ru_utime + usage.ru_stime


def _tesseract(image: Path) -> str:
    return _run(["tesseract", str(image), "stdout", "-l", LANGUAGE])


def _ocrmypdf(image: Path) -> str:
    """Read by OCRmyPDF, for its text alone: the PDF is not asked for."""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        sidecar, opaque = Path(folder) / "page.txt", Path(folder) / "page.png"
        with Image.open(image) as picture:
            if picture.has_transparency_data:  # it refuses them
                picture.convert("RGB").save(opaque)
                image = opaque
        command = [sys.executable, "-m", "ocrmypdf", "--quiet", "--language", LANGUAGE, "--image-dpi", "300"]
        _run([*command, "--output-type", "none", "--sidecar", str(sidecar), str(image), "-"])
        return sidecar.read_text(encoding="utf-8")


def _run(command: Sequence[str]) -> str:
    # Tesseract's own threads only cost: all programs get one.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    ended = subprocess.run(
        command,
        capture_output=True,
        env=environment,
        timeout=SECONDS_A_PAGE,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    return ended.stdout.decode("utf-8", "replace")
