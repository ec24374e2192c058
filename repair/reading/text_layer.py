"""The text layer of a PDF's page, and what the page shows of how it was made.

A page that was written on a computer draws its letters; a scan is an image, and what OCR read on it
is not seen: drawn in the invisible mode (ISO 32000-1, 9.3.6), or first, so that the image hides it.
:mod:`repair.reading.triage` judges by both.
"""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

_HIDES = 0.5
"""Share of a page under images from which the text drawn before them lies beneath."""


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text of one page, with how the page is made; by default a scan of which only the text is known.

    Attributes:
        text: one printed line a line.
        covered: share of the page under images, from 0 to 1.
        hidden: share of the pieces of text that are not seen, from 0 to 1.
        unmapped: share of the signs whose code the font maps to no Unicode, from 0 to 1.
        outlines: number of shapes drawn: rules, frames, or letters without a font.
    """

    text: str
    covered: float = 1.0
    hidden: float = 1.0
    unmapped: float = 0.0
    outlines: int = 0


def look_at(page: pdfium.PdfPage, text: str) -> TextLayer:
    """Return the layer of a page. PDFium is not thread-safe: hold its lock.

    Args:
        page: open.
        text: its text, one printed line a line.
    """
    width, height = page.get_size()
    images = 0.0
    area = max(1.0, width * height)
    pieces = hidden = outlines = 0
    for item in page.get_objects():
        if item.type == pdfium_raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            wide, high = min(right, width) - max(left, 0.0), min(top, height) - max(bottom, 0.0)
            images += max(0.0, wide) * max(0.0, high)
            if images >= _HIDES * area:
                hidden = pieces
        elif item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
            pieces += 1
            mode = pdfium_raw.FPDFTextObj_GetTextRenderMode(item.raw)
            hidden += mode in (pdfium_raw.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_raw.FPDF_TEXTRENDERMODE_CLIP)
        elif item.type == pdfium_raw.FPDF_PAGEOBJ_PATH:
            outlines += 1
    layer = page.get_textpage()
    signs = layer.count_chars()
    unmapped = sum(pdfium_raw.FPDFText_HasUnicodeMapError(layer, at) == 1 for at in range(signs))
    layer.close()
    return TextLayer(
        text=text,
        covered=min(1.0, images / area),
        hidden=hidden / max(1, pieces),
        unmapped=unmapped / max(1, signs),
        outlines=outlines,
    )
