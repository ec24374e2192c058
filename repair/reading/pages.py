"""Pages put together, and the limits that hold for all ways of reading them."""

from __future__ import annotations

from collections.abc import Iterable

from repair.document import Refused

PIXEL_LIMIT = 178_000_000
"""Pixels of one page: a newspaper's page at 600 dpi has 130 million, and Pillow opens up to 178.9 million.
More is a bomb, or a mistake."""
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
