"""Reading the image of a page: by two engines where both are there, then a vote.

RapidOCR reads the page as it is, and shows how large its letters are; Tesseract reads a copy that was
prepared for it. Without RapidOCR Tesseract reads both. An engine that fails leaves the page to the other.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from statistics import median

from repair.layout import PageLayout
from repair.reading.engines.apart import Apart
from repair.reading.engines.bounds import check_room
from repair.reading.engines.cache import PageCache
from repair.reading.engines.engine import (
    Engine,
    EngineDied,
    EngineFailed,
    EngineTimeout,
    Failure,
    Readings,
    Tesseract,
)
from repair.reading.engines.prepare import prepare, x_height
from repair.reading.engines.programs import rapidocr_name
from repair.reading.engines.rapid import RapidOCR
from repair.reading.pages import SECONDS_A_PAGE
from repair.reading.votes.ballot import TESSERACT
from repair.reading.votes.vote import Voted, vote

_BOX_HEIGHT = 2.45
"""Height of RapidOCR's boxes in heights of a small x: 2.3 to 2.8 on 45 of 50 pages."""


@lru_cache(maxsize=1)
def rapidocr() -> Engine | None:
    """Return RapidOCR, in a process of its own that all pages share; None where it is not installed."""
    name = rapidocr_name()
    return Apart(name, RapidOCR) if name else None


class PageReader:
    """Reads pages with the engines that are installed, or with those given."""

    def __init__(
        self, cache: PageCache | None = None, tesseract: Engine | None = None, second: Engine | None = None
    ) -> None:
        """Take the engines.

        Args:
            cache: where readings are kept; None to keep none.
            tesseract: the first engine; None for Tesseract.
            second: an independent one; None for RapidOCR where it is installed.

        Raises:
            MissingProgram: if Tesseract, or its French model, is not installed.
        """
        self._cache = cache
        self._tesseract = tesseract or Tesseract()
        self._second = second or rapidocr()

    @property
    def name(self) -> str:
        """The engines with their versions: another name, another reading."""
        engines = (self._tesseract, self._second)
        return " + ".join(engine.name for engine in engines if engine is not None)

    def read(self, image: Path) -> Voted:
        """Read a page, and vote; see :meth:`readings`."""
        return vote(self.readings(image).pages)

    def known(self, page: str) -> Readings | None:
        """Return the readings of a page that was drawn and read before; None where they are not kept."""
        return self._cache.get_drawn(page, self.name) if self._cache else None

    def readings(self, image: Path, page: str = "") -> Readings:
        """Return the readings of a page, and the engines that failed at it.

        Args:
            image: a file that Pillow can open, with one page; its size and its pixels are checked.
            page: where it was drawn for this, what the image depends on: then :meth:`known` knows it.

        Raises:
            EngineTimeout: if no engine ended in time.
            EngineFailed: if none could read it.
            OSError: if the disk is full.
        """
        found = self._cache.get(image, self.name) if self._cache else None
        if found is None:
            found = self._readings(image)
            if self._cache:
                with suppress(OSError):  # a full disk costs another reading some day, not this one
                    self._cache.put(image, self.name, found)
        if self._cache and page:
            with suppress(OSError):
                self._cache.keep_drawn(page, image, self.name)
        return found

    def _readings(self, image: Path) -> Readings:
        failures: list[tuple[str, EngineFailed]] = []

        def attempt(engine: Engine, page: Path) -> PageLayout | None:
            try:
                return _read(engine, page)
            except EngineFailed as error:
                check_room()
                failures.append((engine.name, error))
            return None

        as_it_is = attempt(self._second, image) if self._second else None
        as_it_is = as_it_is or attempt(self._tesseract, image)
        height = _letter_height(as_it_is) if as_it_is else None
        prepared = None
        with tempfile.TemporaryDirectory(prefix="prote-") as folder:
            try:
                # Not PNG: to compress it takes three quarters of the time of preparing.
                copy = prepare(image, Path(folder) / "page.pgm", height)
            except (OSError, MemoryError) as error:
                check_room()
                failed = EngineFailed(f"no copy could be prepared: {error}")
                failures.append((self._tesseract.name, failed))
            else:
                read = attempt(self._tesseract, copy.path)
                prepared = copy.layout(read) if read else None
        pages = tuple(page for page in (prepared, as_it_is) if page is not None)
        if not pages:
            errors = [error for _, error in failures]
            raise next((error for error in errors if isinstance(error, EngineTimeout)), errors[0])
        told = dict.fromkeys(
            Failure(" ".join(engine.split()[:2]), str(error).removesuffix("."), error.fr)
            for engine, error in failures
        )
        return Readings(pages, tuple(told))


def _read(engine: Engine, page: Path) -> PageLayout:
    try:
        return engine.read(page, SECONDS_A_PAGE)
    except EngineDied:  # once may be another's fault: a reading that lacks a voice would be kept
        return engine.read(page, SECONDS_A_PAGE)


def _letter_height(page: PageLayout) -> float | None:
    """Return the height of a small x on a page, in pixels; None where nothing shows it."""
    if page.engine.startswith(TESSERACT):
        return x_height(page)
    boxes = [word.box.height for line in page.lines for word in line.words]
    return median(boxes) / _BOX_HEIGHT if boxes else None
