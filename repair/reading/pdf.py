"""PDF: born-digital pages by their text layer, scanned ones by the engines that are installed.

PDFium reads the text layer, and says where each line stands, so that a gap between two lines
comes out as a blank line. A scan, whose text layer is missing or worse than what reading it again would
give (`triage.py`), is drawn at 300 dpi and read like any image. Scripts in a PDF are never run: PDFium is
called without its form and JavaScript modules.
"""

from __future__ import annotations

import ctypes
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median_low

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from repair.document import Reading, Refused
from repair.reading.engines.cache import PageCache
from repair.reading.pages import PAGE_LIMIT, PIXEL_LIMIT
from repair.reading.scans import Seen, join_seen, read_scan
from repair.reading.text_layer import look_at
from repair.reading.triage import Verdict, judge

_GAP = 1.35
"""Line spacings from which two lines belong to different paragraphs; 6 points more make 1.45."""
_POINTS_AN_INCH = 72
_OCR_DPI = 300
_TAIL = 65536
_HYPHENS = ("\x02", "\ufffe")
"""What PDFium puts for a hyphen and the line end after it."""
_LOCK = threading.Lock()
"""PDFium is not thread-safe."""


def read_pdf(path: Path, cache: PageCache | None = None, texts: Sequence[str] = ()) -> Reading:
    """Return the text of a PDF, page by page: its text layer where that will do, else what engines read.

    Args:
        path: of the PDF.
        cache: where readings of scanned pages are kept; None to keep none.
        texts: of the document, from other files.

    Raises:
        Refused: ``pdf-encrypted``, ``pdf-broken``, ``pdf-no-pages``, ``too-many-pages``, ``page-too-large``,
            ``ocr-failed``, ``ocr-timeout`` or ``no-text-found``.
        MissingProgram: if a page is to be read, and Tesseract or its French model is not installed.
    """
    check_pdf(path)
    layers = text_layers(path)
    again = [number for number, (_, verdict) in enumerate(layers) if verdict.again]
    read = dict(zip(again, read_pages(path, again, cache), strict=True))
    pages = [
        replace(read.get(number, Seen()), layer=layer, why=verdict.reason)
        for number, (layer, verdict) in enumerate(layers)
    ]
    return join_seen(pages, texts, [f"pypdfium2 {version('pypdfium2')}"] if len(again) < len(layers) else [])


def read_pages(path: Path, numbers: Sequence[int], cache: PageCache | None) -> list[Seen]:
    """Return pages of a PDF as the engines saw them, as pictures.

    Args:
        path: of a PDF that was checked.
        numbers: of the pages, from 0.
        cache: where their readings are kept.

    Raises:
        Refused: ``ocr-failed`` or ``ocr-timeout``.
        MissingProgram: if Tesseract or its French model is not installed.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        image = Path(folder) / "page.png"
        for number in numbers:
            with _LOCK, pdfium.PdfDocument(path) as document:
                drawn = document[number].render(scale=_OCR_DPI / _POINTS_AN_INCH, grayscale=True)
                drawn.to_pil().save(image, compress_level=1)
            found.append(read_scan(image, cache))
    return found


def check_pdf(path: Path) -> None:
    """Refuse what would be read in part, or not at all.

    PDFium repairs a truncated file and gives the pages that are left; and its error codes
    are those of an earlier call at times. So the end is looked for here, and qpdf is asked.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if b"%%EOF" not in file.read():
            raise _broken()
    try:
        with pikepdf.open(path) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise Refused(
            "pdf-encrypted",
            "Ce PDF est protégé par un mot de passe : déposez-en une copie sans protection.",
            "This PDF is protected by a password: deposit a copy without protection.",
        ) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise _broken() from error
    if pages == 0:
        raise Refused(
            "pdf-no-pages",
            "Ce PDF n’a aucune page : exportez de nouveau le document.",
            "This PDF has no page: export the document again.",
        )
    if pages > PAGE_LIMIT:
        raise Refused(
            "too-many-pages",
            f"Ce PDF a {pages} pages, au plus {PAGE_LIMIT} : divisez-le en plusieurs documents.",
            f"This PDF has {pages} pages, at most {PAGE_LIMIT}: split it into several documents.",
        )


def _broken() -> Refused:
    return Refused(
        "pdf-broken",
        "Ce PDF est abîmé ou incomplet : déposez-le de nouveau.",
        "This PDF is damaged or incomplete: deposit it again.",
    )


def text_layers(path: Path) -> list[tuple[str, Verdict]]:
    """Return the text layer of each page of a PDF that was checked, and whether to read the page again.

    Raises:
        Refused: ``pdf-broken`` or ``page-too-large``.
    """
    try:
        with _LOCK, pdfium.PdfDocument(path) as document:
            found = []
            for number in range(len(document)):
                page = document[number]
                text = _page_text(page)
                verdict = judge(look_at(page, text))
                if verdict.again:
                    _check_size(page)
                page.close()
                found.append((text, verdict))
            return found
    except pdfium.PdfiumError as error:
        raise _broken() from error


def _page_text(page: pdfium.PdfPage) -> str:
    """Return the text layer of a page, one printed line a line, paragraphs apart by a blank line."""
    layer = page.get_textpage()
    text = layer.get_text_range()
    lines: list[tuple[int, str]] = []  # where each starts in the layer, and its text
    start = 0
    for at, char in enumerate(text):
        if char == "\n" or char in _HYPHENS:
            end = at + 1
            lines.append((start, text[start:at].rstrip("\r") + ("-" if char != "\n" else "")))
            start = end
    lines.append((start, text[start:]))
    # Beyond the BMP, characters of Python and of PDFium no longer count alike: lines alone, then.
    heights = [_baseline(layer, at) for at, _ in lines] if layer.count_chars() == len(text) else []
    layer.close()
    steps = [above - here for above, here in pairwise(heights)]
    usual = median_low([step for step in steps if step > 1] or [0.0])
    printed: list[str] = []
    for number, (_, line) in enumerate(lines):
        # Upwards: another column, or a note set beside the text.
        if number and steps and usual and not -usual < steps[number - 1] < _GAP * usual and printed[-1]:
            printed.append("")
        printed.append(line)
    return "\n".join(printed)


def _baseline(layer: pdfium.PdfTextPage, at: int) -> float:
    """Return how high the character at an index of the text layer stands on its page, in points."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_raw.FPDFText_GetCharOrigin(layer, at, x, y)
    return y.value


def _check_size(page: pdfium.PdfPage) -> None:
    """Refuse a page whose rendering would fill the memory."""
    width, height = (side * _OCR_DPI / _POINTS_AN_INCH for side in page.get_size())
    if width * height > PIXEL_LIMIT:
        raise Refused(
            "page-too-large",
            "Une page de ce PDF est plus grande qu’une feuille A0 : exportez-la à la taille de l’original.",
            "A page of this PDF is larger than a sheet of A0: export it at the size of the original.",
        )
