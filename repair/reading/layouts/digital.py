"""The text layer of a PDF's page: its printed lines, and the place of each word, drawn or hidden.

PDFium gives the signs of a page in order, each with its box in points from the lower left corner of the
sheet. Here a word has the box of its signs, in pixels of the page as it is shown and would be drawn for OCR.
Pages that were read by their layer and pages that were read as pictures so speak of the same pixels.

PDFium is not thread-safe: whoever calls holds its lock.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import groupby, pairwise
from statistics import median_low

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.layouts.places import box_of

SCALE = 300 / 72
"""Pixels a point: pages are drawn at 300 dots an inch, and their places counted in those."""
ENGINE = "pypdfium2"

_GAP = 1.35
"""Line spacings from which two lines belong to different paragraphs; 6 points more make 1.45."""
_HYPHENS = ("\x02", "\ufffe")
"""What PDFium puts for a hyphen and the line end after it."""
_FINE = 64
"""Parts of a pixel to which PDFium is asked for places; it answers in whole numbers."""

_SIDES = ctypes.c_double(), ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
"""What PDFium writes a box into; made once, for there are thousands of signs on a page."""

_Place = Callable[[float, float], tuple[float, float]]
_Sides = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class LayerLine:
    """A line of a text layer.

    Attributes:
        start: index of its first sign in the layer, in Python's code points.
        text: as PDFium gives it; empty for the blank line between two paragraphs.
    """

    start: int
    text: str


@lru_cache(maxsize=1)
def engine_name() -> str:
    """Return what reads text layers, with its version."""
    return f"{ENGINE} {version('pypdfium2')}"


def layer_lines(layer: pdfium.PdfTextPage) -> list[LayerLine]:
    """Return the printed lines of a text layer, paragraphs apart by an empty one."""
    text = layer.get_text_range()
    lines: list[LayerLine] = []
    start = 0
    for at, char in enumerate(text):
        if char == "\n" or char in _HYPHENS:
            lines.append(LayerLine(start, text[start:at].rstrip("\r") + ("-" if char != "\n" else "")))
            start = at + 1
    lines.append(LayerLine(start, text[start:]))
    # Beyond the BMP, characters of Python and of PDFium no longer count alike: lines alone, then.
    alike = layer.count_chars() == len(text)
    heights = [_baseline(layer, line.start) for line in lines] if alike else []
    steps = [above - here for above, here in pairwise(heights)]
    usual = median_low([step for step in steps if step > 1] or [0.0])
    printed: list[LayerLine] = []
    for number, line in enumerate(lines):
        # Upwards: another column, or a note set beside the text.
        if number and steps and usual and not -usual < steps[number - 1] < _GAP * usual and printed[-1].text:
            printed.append(LayerLine(line.start, ""))
        printed.append(line)
    return printed


def _baseline(layer: pdfium.PdfTextPage, at: int) -> float:
    """Return how high the character at an index of the text layer stands on its page, in points."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_raw.FPDFText_GetCharOrigin(layer, at, x, y)
    return y.value


def layer_layout(page: pdfium.PdfPage, layer: pdfium.PdfTextPage, lines: Sequence[LayerLine]) -> PageLayout:
    """Return the words of a text layer with their places.

    A word for whose signs PDFium knows no place has the whole page for its box: it is somewhere on it.

    Args:
        page: open.
        layer: its text layer.
        lines: of the layer, from :func:`layer_lines`.
    """
    # In the order in which pypdfium2 counts when it draws.
    width, height = (math.ceil(side * SCALE) for side in page.get_size())
    everywhere = Box(0, 0, width, height)
    place = _on_picture(page, width, height)
    indices = _indices(layer)

    def word(line: LayerLine, found: re.Match[str]) -> Word:
        signs = indices[line.start + found.start() : line.start + found.end()]
        box = _around(layer, signs, place, loose=False) or _around(layer, signs, place, loose=True)
        return Word(found.group(), box or everywhere)

    blocks = []
    for blank, block in groupby(lines, lambda line: not line.text.strip()):
        if not blank:
            blocks.append(
                tuple(
                    TextLine(tuple(word(line, found) for found in re.finditer(r"\S+", line.text)))
                    for line in block
                )
            )
    return PageLayout(engine_name(), width, height, tuple(blocks))


def _indices(layer: pdfium.PdfTextPage) -> list[int]:
    """Return for each code point of the text of a layer its index in PDFium's list; none if they do not fit.

    PDFium counts in UTF-16, leaves out of its text signs that it has in its list, and puts in others.
    """
    text = layer.get_text_range()
    held = layer.count_chars()
    if len(text) == held:
        return list(range(held))
    units = [2 if sign > "\uffff" else 1 for sign in text]
    last = next(
        (
            found
            for at in reversed(range(held))
            if (found := pdfium_raw.FPDFText_GetTextIndexFromCharIndex(layer, at)) >= 0
        ),
        -1,
    )
    if last + 1 != sum(units):
        return []  # halves of a sign, which Python's text does not have
    indices = []
    at = 0
    for unit in units:
        indices.append(pdfium_raw.FPDFText_GetCharIndexFromTextIndex(layer, at))
        at += unit
    return indices


def _on_picture(page: pdfium.PdfPage, width: int, height: int) -> _Place:
    """Return what makes places on a sheet, in points, places on its picture, which may be turned and cut."""

    def ask(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_raw.FPDF_PageToDevice(page, 0, 0, width * _FINE, height * _FINE, 0, x, y, across, down)
        return across.value / _FINE, down.value / _FINE

    # It turns by right angles, moves and stretches: three points tell all of it.
    far = 1000.0
    x0, y0 = ask(0, 0)
    (x1, y1), (x2, y2) = ask(far, 0), ask(0, far)

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = x / far, y / far
        return x0 + (x1 - x0) * across + (x2 - x0) * up, y0 + (y1 - y0) * across + (y2 - y0) * up

    return place


def _around(layer: pdfium.PdfTextPage, signs: Sequence[int], place: _Place, *, loose: bool) -> Box | None:
    """Return the box of signs on the picture: around their ink, or loosely; None where they have no place."""
    sheet = _loose(layer, signs) if loose else _ink(layer, signs)
    if not sheet:
        return None
    left, right, bottom, top = zip(*sheet, strict=True)
    across, down = zip(place(min(left), min(bottom)), place(max(right), max(top)), strict=True)
    if not max(across) > min(across) or not max(down) > min(down):
        return None
    box = box_of(min(across), min(down), max(across), max(down))
    if box is None:
        return None
    return Box(box.left, box.top, max(box.right, box.left + 1), max(box.bottom, box.top + 1))


def _ink(layer: pdfium.PdfTextPage, signs: Sequence[int]) -> list[_Sides]:
    """Return the sides of signs that have a place: left, right, bottom and top, in points."""
    raw, (left, right, bottom, top) = layer.raw, _SIDES
    found = []
    for sign in signs:
        if pdfium_raw.FPDFText_GetCharBox(raw, sign, left, right, bottom, top):
            found.append((left.value, right.value, bottom.value, top.value))
    return _with_inside(found)


def _loose(layer: pdfium.PdfTextPage, signs: Sequence[int]) -> list[_Sides]:
    """Return the same with the height of the font, for signs without ink."""
    sides = pdfium_raw.FS_RECTF()
    found = []
    for sign in signs:
        if pdfium_raw.FPDFText_GetLooseCharBox(layer, sign, sides):
            found.append((sides.left, sides.right, sides.bottom, sides.top))
    return _with_inside(found)


def _with_inside(sides: Sequence[_Sides]) -> list[_Sides]:
    return [one for one in sides if one[0] < one[1] or one[2] < one[3]]
