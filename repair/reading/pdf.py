"""PDF: born-digital pages by their text layer, scanned ones by the engines that are installed.

PDFium reads the text layer, and says where each line stands, so that a gap between two lines
comes out as a blank line. A scan, whose text layer is missing or worse than what reading it again would
give (`triage.py`), is drawn at 300 dpi and read like any image. Scripts in a PDF are never run: PDFium is
called without its form and JavaScript modules.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from repair.document import Reading, Refused
from repair.layout import PageLayout
from repair.reading.engines.cache import PageCache
from repair.reading.layouts.digital import SCALE, engine_name, layer_layout, layer_lines
from repair.reading.pages import PAGE_LIMIT, PIXEL_LIMIT
from repair.reading.scans import NO_PLACES, Seen, join_seen, read_scan, seen_before
from repair.reading.text_layer import look_at
from repair.reading.triage import Verdict, judge

_TAIL = 65536
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
    layers = _layers(path, places=True)
    again = [number for number, (_, verdict, _) in enumerate(layers) if verdict.again]
    read = dict(zip(again, read_pages(path, again, cache), strict=True))
    pages = [
        replace(read.get(number, Seen()), layer=layer, why=verdict.reason, placed=placed)
        for number, (layer, verdict, placed) in enumerate(layers)
    ]
    return join_seen(pages, texts, [engine_name()] if len(again) < len(layers) else [])


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
    drawn = _drawing(path) if numbers and cache is not None else ""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        image = Path(folder) / "page.png"
        for number in numbers:
            page = f"{drawn} {number}" if drawn else ""
            seen = seen_before(page, cache)
            if seen is None:
                with _LOCK, pdfium.PdfDocument(path) as document:
                    _drawn(document[number]).save(image, compress_level=1)
                seen = read_scan(image, cache, page)
            found.append(seen)
    return found


def _drawing(path: Path) -> str:
    """Return what the images of the pages of a PDF depend on: its bytes, and what draws them."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{digest} {engine_name()} {SCALE}"


def page_picture(path: Path, number: int) -> Image.Image:
    """Return a page of a PDF in grey, as engines see it, whether or not they read it.

    Args:
        path: of the PDF.
        number: of the page, from 0.

    Raises:
        Refused: ``page-too-large``.
        PdfiumError: if it is damaged.
        IndexError: if there is no such page.
    """
    with _LOCK, pdfium.PdfDocument(path) as document:
        page = document[number]
        _check_size(page)
        return _drawn(page)


def _drawn(page: pdfium.PdfPage) -> Image.Image:
    drawn: Image.Image = page.render(scale=SCALE, grayscale=True).to_pil()
    return drawn.copy()  # its pixels are PDFium's, which go with the page


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
    return [(text, verdict) for text, verdict, _ in _layers(path, places=False)]


def _layers(path: Path, *, places: bool) -> list[tuple[str, Verdict, PageLayout]]:
    """Return the text layer of each page, the verdict on it, and where its words are if it stands.

    Places are half of the work, and left out where nobody asks for them.
    """
    found = []
    try:
        with _LOCK, pdfium.PdfDocument(path) as document:
            for number in range(len(document)):
                page = document[number]
                layer = page.get_textpage()
                lines = layer_lines(layer)
                text = "\n".join(line.text for line in lines)
                verdict = judge(look_at(page, text))
                if verdict.again:
                    _check_size(page)
                placed = layer_layout(page, layer, lines) if places and not verdict.again else NO_PLACES
                found.append((text, verdict, placed))
                layer.close()
                page.close()
    except pdfium.PdfiumError as error:
        raise _broken() from error
    return found


def _check_size(page: pdfium.PdfPage) -> None:
    """Refuse a page whose rendering would fill the memory."""
    width, height = (side * SCALE for side in page.get_size())
    if width * height > PIXEL_LIMIT:
        raise Refused(
            "page-too-large",
            "Une page de ce PDF est plus grande qu’une feuille A0 : exportez-la à la taille de l’original.",
            "A page of this PDF is larger than a sheet of A0: export it at the size of the original.",
        )
