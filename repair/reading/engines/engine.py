"""OCR engines: what one is, how it fails, and Tesseract.

An engine takes the image of a page and returns its :class:`~repair.layout.PageLayout`.
Engines are added by one more class with :class:`Engine`'s two members; `rapid` holds the second one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from repair.document import Refused
from repair.layout import PageLayout
from repair.reading.engines.programs import LANGUAGE, tesseract_name, tesseract_version
from repair.reading.layouts.hocr import read_hocr


class EngineFailed(Exception):  # noqa: N818 - it is a verdict on one reading of one page
    """This engine could not read this page; another may. The message says why, in a line.

    Attributes:
        fr: as much of it as can be said in French: engines and their libraries speak English.
    """

    fr = "une erreur l’a arrêté, que la version anglaise de ce motif nomme"


class EngineDied(EngineFailed):
    """Its process ended in the midst: the system may have killed it for another's sake; it is asked again."""


class EngineTimeout(EngineFailed):
    """It did not end in time."""

    fr = "il n’a pas fini à temps"


@dataclass(frozen=True, slots=True)
class Failure:
    """An engine could not read a page: its name with version, and why, in a line of English and of French."""

    engine: str
    why: str
    fr: str = EngineFailed.fr


@dataclass(frozen=True, slots=True)
class Readings:
    """What the engines made of a page.

    Attributes:
        pages: its readings, the base first; at least one.
        failures: the engines that could not read it.
    """

    pages: tuple[PageLayout, ...]
    failures: tuple[Failure, ...] = ()


class Engine(Protocol):
    """What reads the image of a page."""

    @property
    def name(self) -> str:
        """Its name with version, model, and the sum of the model: ``tesseract 5.3.0 fra 16b8bc0c``."""
        ...

    def read(self, image: Path, seconds: float) -> PageLayout:
        """Read a page.

        Args:
            image: a file that Pillow can open, with one page.
            seconds: after how many to give up.

        Raises:
            EngineFailed: if it could not.
        """
        ...


class Tesseract:
    """Tesseract with its French model, by pytesseract."""

    def __init__(self) -> None:
        """Find the program.

        Raises:
            MissingProgram: if it, or its French model, is not installed.
        """
        self.name = tesseract_name()

    def read(self, image: Path, seconds: float) -> PageLayout:
        """Read a page; see :class:`Engine`."""
        import pytesseract  # brings pandas, where that is installed, and takes seconds for it

        # pytesseract hands its own environment on, and has no parameter for another. Tesseract's own
        # threads only cost: 5.9 CPU s a page, 2.0 without.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        try:
            hocr = pytesseract.image_to_pdf_or_hocr(
                str(image.absolute()), lang=LANGUAGE, extension="hocr", timeout=seconds
            )
        except pytesseract.TesseractError as error:
            # One that was killed has said nothing.
            said = str(error.message).strip() or f"Tesseract ended with status {error.status}"
            failed = EngineDied if error.status < 0 else EngineFailed  # by a signal
            raise failed(said.splitlines()[-1]) from error
        except RuntimeError as error:  # how pytesseract reports a timeout
            raise EngineTimeout(f"no end after {seconds:.0f} s") from error
        except OSError as error:
            raise EngineFailed("Tesseract wrote nothing") from error
        try:
            pages = read_hocr(hocr, f"tesseract {tesseract_version()} {LANGUAGE}")
        except Refused as error:  # a verdict on what Tesseract wrote, not on the document
            raise EngineFailed("Tesseract wrote what is no hOCR") from error
        if len(pages) != 1:
            raise EngineFailed(f"{len(pages)} pages in the image of one")
        return pages[0]
