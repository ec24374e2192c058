"""When a text was printed, as far as it says so itself: by the latest year that it names.

Two habits of old printers look like damage and are none: capitals without accents (« Etat ») and
spellings of their time (« collége », « siége »). A text that names 1884 and no later year may have
both; one that names 2019 has neither.
"""

from __future__ import annotations

import re

MODERN = 1935
"""From here on French spelling is that of the dictionary of the Academy of 1935."""

_YEAR = re.compile(r"(?<![\w.,/-])(1[5-9]\d\d|20\d\d)(?![\w/-]|[.,]\d)")


def latest_year(text: str) -> int | None:
    """Return the latest year that a text names; None where it names none.

    >>> latest_year("La loi du 5 avril 1884, art. 12"), latest_year("1 884 hommes, L. 1413-4")
    (1884, None)
    """
    return max((int(year) for year in _YEAR.findall(text)), default=None)


def is_old(text: str) -> bool:
    """Say whether a text names years, and none of modern spelling."""
    year = latest_year(text)
    return year is not None and year < MODERN
