"""Reading the image of a page: by two engines where both are there, and a vote.

RapidOCR reads the page as it is, and shows how large its letters are; Tesseract reads a copy that was
prepared for it. Without RapidOCR Tesseract reads both. An engine that fails leaves the page to the other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from repair.reading.engines import Engine, EngineFailed, EngineTimeout, Tesseract
from repair.reading.layout import PageLayout
from repair.reading.pages import SECONDS_A_PAGE
from repair.reading.prepare import prepare, x_height
from repair.reading.rapid import RapidOCR, rapidocr_version
from repair.reading.vote import Voted, vote

_BOX_HEIGHT = 2.45
"""Height of RapidOCR's boxes in heights of a small x: 2.3 to 2.8 on 45 of 50 pages."""


class PageReader:
    """Reads pages with the engines that are installed, or with those given."""

    def __init__(self, tesseract: Engine | None = None, second: Engine | None = None) -> None:
        """Take the engines.

        Args:
            tesseract: the first engine; None for Tesseract.
            second: an independent one; None for RapidOCR where it is installed.

        Raises:
            MissingProgram: if Tesseract, or its French model, is not installed.
        """
        self._tesseract = tesseract or Tesseract()
        self._second = second or (RapidOCR() if rapidocr_version() else None)

    @property
    def name(self) -> str:
        """The engines with their versions: another name, another reading."""
        engines = (self._tesseract, self._second)
        return " + ".join(engine.name for engine in engines if engine is not None)

    def read(self, image: Path, witnesses: tuple[PageLayout, ...] = ()) -> Voted:
        """Read a page.

        Args:
            image: a file that Pillow can open, with one page; its size and its pixels are checked.
            witnesses: readings of the same page from elsewhere, with places in the same pixels.

        Raises:
            EngineTimeout: if no engine ended in time.
            EngineFailed: if none could read it.
        """
        failures: list[EngineFailed] = []

        def attempt(read: Callable[[], PageLayout]) -> PageLayout | None:
            try:
                return read()
            except EngineFailed as error:
                failures.append(error)
                return None

        second = self._second
        if second is not None:
            as_it_is = attempt(lambda: second.read(image, SECONDS_A_PAGE))
            boxes = [word.box.height for line in as_it_is.lines for word in line.words] if as_it_is else []
            height = median(boxes) / _BOX_HEIGHT if boxes else None
        else:
            as_it_is = attempt(lambda: self._tesseract.read(image, SECONDS_A_PAGE))
            height = x_height(as_it_is) if as_it_is else None
        with tempfile.TemporaryDirectory(prefix="prote-") as folder:
            copy = prepare(image, Path(folder) / "page.png", height)
            prepared = attempt(lambda: self._tesseract.read(copy.path, SECONDS_A_PAGE))
        found = [copy.layout(prepared)] if prepared else []
        found += [as_it_is] if as_it_is else []
        if not found:
            timeouts = [failure for failure in failures if isinstance(failure, EngineTimeout)]
            raise (timeouts or failures)[0]
        return vote([*found, *witnesses])
