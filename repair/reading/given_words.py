"""What OCRmyPDF loads as its OCR engine: it reads nothing, and gives the words that are known.

A plugin, run in OCRmyPDF's own process (see :mod:`repair.reading.searchable`). The words of the pages are
in a file that :data:`PAGES` of the environment names. OCRmyPDF straightens a page by the angle that its
engine tells; so the angle is known here, and the words are turned with the page.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from statistics import linear_regression, mean, median
from typing import Any

import msgspec
from ocrmypdf import hookimpl
from ocrmypdf.hocrtransform import Baseline, BoundingBox, OcrClass, OcrElement
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence
from PIL import Image

from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.engines.bounds import bound
from repair.reading.searchable import PAGES

MEMORY = 8 * 1024**3
"""Bytes of address space that OCRmyPDF may take: a hostile PDF must not fill the machine."""

_DPI = 72.0
"""So that a pixel is a point: OCRmyPDF stretches the layer of text over the page anyway."""
_UPRIGHT = 2.0
"""Heights in widths from which a line of several letters runs up the page."""
_WIDE = 10.0
"""Widths in heights of a letter from which a line shows how the page lies."""
_LEVEL = 0.005
"""Slope under which it lies level, for OCRmyPDF too."""
_BELOW = 0.215
"""Share of a line's height below its baseline, in the font of the layer."""


class GivenWords(OcrEngine):
    """Gives the words of each page."""

    @staticmethod
    def version() -> str:
        """Return our version."""
        return version("prote")

    @staticmethod
    def creator_tag(options: Any) -> str:
        """Return what the PDF says of who made its text."""
        return f"prote {version('prote')}"

    def __str__(self) -> str:
        return self.creator_tag(None)

    @staticmethod
    def languages(options: Any) -> set[str]:
        """Return no language: none is asked for."""
        return set()

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> OrientationConfidence:
        """Leave the page as it lies."""
        return OrientationConfidence(angle=0, confidence=0.0)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """Return by how many degrees the page is to be turned, counter-clockwise."""
        return _turn(input_file)

    @staticmethod
    def supports_generate_ocr() -> bool:
        """Say that the words come as values, not as hOCR."""
        return True

    @staticmethod
    def generate_ocr(input_file: Path, options: Any, page_number: int = 0) -> tuple[OcrElement, str]:
        """Return the words of a page and its text; places are in pixels of the page that was read."""
        page = _pages()[page_number]
        angle = 0.0
        if options.deskew:
            # What it was straightened from lies beside it.
            (drawn,) = input_file.parent.glob(f"{page_number + 1:06}_rasterize.png")
            angle = _turn(drawn)
        return page_element(page, angle), page.text

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Never called: see :meth:`supports_generate_ocr`."""
        raise NotImplementedError

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        """Never called: see :meth:`supports_generate_ocr`."""
        raise NotImplementedError


@hookimpl
def initialize(plugin_manager: Any) -> None:
    """Bound what the process may take, and have it end with the one that started it, however that ends."""
    bound(MEMORY)
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(os.getpgrp(), signal.SIGKILL)  # a group of its own: see `searchable`


@hookimpl
def get_ocr_engine(options: Any) -> OcrEngine:
    """Return this engine, whatever is asked for."""
    return GivenWords()


@hookimpl
def rasterize_pdf_page(output_file: Path, options: Any) -> Path | None:
    """Draw nothing where nobody looks: drawing a page takes longer than all the rest."""
    if options is None or options.deskew:
        return None  # the next plugin draws it
    Image.new("1", (8, 8), 1).save(output_file, format="PNG", dpi=(_DPI, _DPI))
    return output_file


def page_element(page: PageLayout, angle: float = 0.0) -> OcrElement:
    """Return a page as OCRmyPDF takes it, turned about its middle.

    Args:
        page: its words with their places.
        angle: degrees, counter-clockwise.
    """
    blocks = [[turned(line, page, angle) for line in block] for block in page.blocks]
    slope = slope_of([line for block in blocks for line in block])
    return OcrElement(
        OcrClass.PAGE,
        BoundingBox(0, 0, max(1, page.width), max(1, page.height)),
        dpi=_DPI,
        children=[
            OcrElement(OcrClass.PARAGRAPH, children=[_line(line, slope) for line in block])
            for block in blocks
        ],
    )


def slope_of(lines: Sequence[TextLine]) -> float:
    """Return how steeply the lines of a page fall to the right, as a ratio; 0 where they are level."""
    slopes = []
    for line in lines:
        height = median(word.box.height for word in line.words)
        if len(line.words) > 2 and line.box.width > _WIDE * height:
            across = [(word.box.left + word.box.right) / 2 for word in line.words]
            if min(across) < max(across):
                down = [(word.box.top + word.box.bottom) / 2 for word in line.words]
                slopes.append(linear_regression(across, down).slope)
    slope = median(slopes) if slopes else 0.0
    return slope if abs(slope) >= _LEVEL else 0.0


def turned(line: TextLine, page: PageLayout, angle: float) -> TextLine:
    """Return a line with its words where they stand after the page is turned about its middle.

    Boxes are moved by their middle and keep their size: turned by a few degrees, the outer corners would
    reach into the next line.
    """
    if not angle:
        return line
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    middle_x, middle_y = page.width / 2, page.height / 2

    def moved(box: Box) -> Box:
        x, y = (box.left + box.right) / 2 - middle_x, (box.top + box.bottom) / 2 - middle_y
        right, down = round(x * cos + y * sin - x), round(y * cos - x * sin - y)
        return Box(box.left + right, box.top + down, box.right + right, box.bottom + down)

    return TextLine(tuple(Word(word.text, moved(word.box), word.confidence) for word in line.words))


def _line(line: TextLine, slope: float) -> OcrElement:
    box = line.box
    words = [OcrElement(OcrClass.WORD, _place(word.box), text=word.text) for word in line.words]
    if box.height > _UPRIGHT * box.width and len(line.text) > 2:
        # OCRmyPDF leaves out a line of many letters in a narrow box that is not said to stand upright.
        return OcrElement(OcrClass.LINE, _place(box), textangle=90.0, children=words)
    if not slope:
        return OcrElement(OcrClass.LINE, _place(box), children=words)
    # OCRmyPDF takes the size of the letters from the height of the line, and turns it about its left end.
    height = median(word.box.height for word in line.words)
    across = mean((word.box.left + word.box.right) / 2 for word in line.words)
    down = mean((word.box.top + word.box.bottom) / 2 for word in line.words)
    top = round(down + slope * (box.left - across) - height / 2)
    return OcrElement(
        OcrClass.LINE,
        _place(Box(box.left, top, box.right, top + round(height))),
        baseline=Baseline(slope, -_BELOW * height),
        children=words,
    )


def _place(box: Box) -> BoundingBox:
    """Return a box with an inside: OCRmyPDF leaves out what has none."""
    return BoundingBox(box.left, box.top, max(box.right, box.left + 1), max(box.bottom, box.top + 1))


@lru_cache(maxsize=1)
def _pages() -> list[PageLayout]:
    return msgspec.json.decode(Path(os.environ[PAGES]).read_bytes(), type=list[PageLayout])


def _turn(image: Path) -> float:
    """Return the angle that makes the drawn page upright: lines that fall to the right are turned back."""
    from repair.reading.engines.prepare import skew  # loads numpy

    with Image.open(image) as page:
        return skew(page.convert("L"))
