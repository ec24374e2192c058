"""The programs that read a page: plain Tesseract, OCRmyPDF and ours, alone, voting and beside a damaged text.

Processor time is what the process and the programs it waited for used (getrusage); the start of the
process, with its models, is not counted for ours: a run reads many pages. The others start anew for each
page, as they do.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.sets import gold_of
from repair.document import Refused
from repair.evaluation.pages import PageErrors, page_errors
from repair.layout import PageLayout
from repair.pipeline import repair_text
from repair.reading import read
from repair.reading.engines.cache import PageCache
from repair.reading.engines.engine import Engine, EngineFailed, Tesseract
from repair.reading.engines.programs import LANGUAGE, tesseract_version
from repair.reading.engines.rapid import RapidOCR, rapidocr_version
from repair.reading.engines.reader import PageReader
from repair.reading.pages import SECONDS_A_PAGE
from repair.reading.votes.vote import vote

KEPT = Path(__file__).parents[1] / "build" / "pages"
"""Folder of readings of pages, for what is not about time."""

PLAIN, OCRMYPDF, ONE, ALONE, FULL = "tesseract", "ocrmypdf", "one", "alone", "full"
DAMAGED, BOTH = "damaged", "both"
REPAIRED = " repaired"


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


def warm_up() -> None:
    """Open the models and the dictionaries: a word on white paper is read and repaired."""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        image = Path(folder) / "page.png"
        paper = Image.new("L", (800, 200), 255)
        ImageDraw.Draw(paper).text((40, 60), "Bonjour tout le monde", 0, ImageFont.load_default(48))
        paper.save(image)
        for voting in _votes().values():
            repair_text(voting(image)[0])


def read_page(image: Path, damaged: str | None) -> dict[str, PageRead]:
    """Read a page by every program.

    Args:
        image: with its correct text beside it.
        damaged: a text of the page; None where there is none.
    """
    gold = gold_of(image).read_text(encoding="utf-8")
    tesseract = Tesseract()
    single: dict[str, Callable[[], str]] = {
        PLAIN: lambda: _tesseract(image),
        ONE: lambda: tesseract.read(image, SECONDS_A_PAGE).text,
    }
    found: dict[str, PageRead] = {}
    # By turns and twice, the quicker counts: they differ by a few hundredths, and other programs only add.
    for key, reading in [*single.items(), *single.items()]:
        _, again = _timed(gold, lambda reading=reading: (reading(), (), None))
        found[key] = min(found.get(key, again), again, key=lambda one: one.seconds)
    _, found[OCRMYPDF] = _timed(gold, lambda: (_ocrmypdf(image), (), None))
    for key, voting in _votes().items():
        text, voted = _timed(gold, lambda voting=voting: voting(image))
        found[key] = voted
        found[key + REPAIRED] = _repaired(gold, text, voted)
    if damaged is not None:
        found |= _beside(gold, image, damaged)
    return found


def _beside(gold: str, image: Path, damaged: str) -> dict[str, PageRead]:
    """Read a page as a document of which there is a damaged text too; engines' readings are those kept."""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        file = Path(folder) / "page.txt"
        file.write_text(damaged, encoding="utf-8")
        found = {}
        reads: dict[str, Callable[[], str]] = {
            DAMAGED: lambda: damaged,
            BOTH: lambda: read(image, PageCache(KEPT), [file]).text,
        }
        for key, reading in reads.items():
            text, found[key] = _timed(gold, lambda reading=reading: (reading(), (), None))
            found[key + REPAIRED] = _repaired(gold, text, found[key])
    return found


def _repaired(gold: str, text: str, unrepaired: PageRead) -> PageRead:
    """Return what becomes of a reading by its repair, which comes to its time."""
    _, mended = _timed(gold, lambda: (repair_text(text).text, (), None))
    return replace(
        unrepaired,
        errors=mended.errors,
        seconds=unrepaired.seconds + mended.seconds,
        wall=unrepaired.wall + mended.wall,
    )


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
        def voting(image: Path) -> _Outcome:
            engines = [_Heard(Tesseract()), _Heard(second)]
            reader = PageReader(tesseract=engines[0], second=engines[1])
            readings = reader.readings(image)
            PageCache(KEPT).put(image, reader.name, readings)
            voted = vote(readings.pages)
            texts = [text for engine in engines for text in engine.texts]
            return voted.page.text, texts, voted.disagreement

        return voting

    return {key: reading(second) for key, second in seconds.items()}


def _timed(gold: str, read: Callable[[], _Outcome]) -> tuple[str, PageRead]:
    begin, used = time.perf_counter(), sum(_used())
    failed = False
    try:
        text, witnesses, disagreement = read()
    except (EngineFailed, Refused, subprocess.SubprocessError):
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
