"""Pages put together, and the settings that both ways of OCR share."""

from __future__ import annotations

import os
from collections.abc import Iterable

from repair.document import Refused

PIXEL_LIMIT = 180_000_000
"""Pixels of one page: a newspaper's page at 600 dpi has 130 million. More is a bomb, or a mistake."""
PAGE_LIMIT = 3000
"""Pages of one document."""
SECONDS_A_PAGE = 120
"""Longest that OCR may take on one page; 2 s is usual."""


def join_pages(texts: Iterable[str]) -> tuple[str, tuple[int, ...]]:
    r"""Return the pages as one text and where each starts in it; every page ends with a line end.

    >>> join_pages(["un", "", "trois\f"])
    ('un\n\ntrois\n', (0, 3, 4))
    """
    pages = []
    starts = []
    position = 0
    for text in texts:
        page = text.replace("\r\n", "\n").replace("\r", "\n").rstrip(" \n\f\t") + "\n"
        starts.append(position)
        pages.append(page)
        position += len(page)
    return "".join(pages), tuple(starts)


def ocr_environment() -> dict[str, str]:
    """Return the environment for OCR: Tesseract's own threads only cost (5.9 CPU s a page, 2.0 without)."""
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}


def check_not_blank(text: str) -> None:
    """Refuse a reading without a letter or digit.

    Raises:
        Refused: ``no-text-found``.
    """
    if not any(char.isalnum() for char in text):
        raise Refused(
            "no-text-found",
            "Aucun texte n’a été trouvé sur les pages : vérifiez la numérisation.",
            "No text was found on the pages: check the scan.",
        )


def took_too_long(pages: int) -> Refused:
    """Return the refusal of a document whose OCR did not end in time."""
    return Refused(
        "ocr-timeout",
        f"La lecture optique n’a pas abouti dans le temps imparti ({pages} page(s), {SECONDS_A_PAGE} s "
        "chacune) : vérifiez la numérisation ou divisez le document.",
        f"OCR did not end in the time allowed ({pages} page(s), {SECONDS_A_PAGE} s each): "
        "check the scan or split the document.",
    )
