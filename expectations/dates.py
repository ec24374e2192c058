"""Dates that no calendar holds: « 31 avril », « mardi 4 mars 2020 » (it was a Wednesday).

`impossible_dates` returns the places of such dates in a text. A figure was misread, or a word. What may
be right is left alone: a date without a year, weekdays before `_GREGORIAN` (England, Russia and others
counted otherwise), « n° 35 mars 2019 », which is the number of a journal.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    "janvier": 1,
    "février": 2,
    "fevrier": 2,
    "mars": 3,
    "avril": 4,
    "mai": 5,
    "juin": 6,
    "juillet": 7,
    "août": 8,
    "aout": 8,
    "septembre": 9,
    "octobre": 10,
    "novembre": 11,
    "décembre": 12,
    "decembre": 12,
}
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_DATE = re.compile(
    rf"""(?<![\w.,/°º-])(?:(?P<weekday>{"|".join(_WEEKDAYS)}),?\s+(?:le\s+)?)?
    (?P<day>\d{{1,2}})(?:er)?\s+(?P<month>{"|".join(_MONTHS)})\b
    (?:\s+(?P<year>\d{{4}})(?![\d-]))?""",
    re.VERBOSE | re.IGNORECASE,
)
# What may stand before a figure that is no day: « n° 35 mars 2019 », « vol. 45 ».
_NO_DAY = re.compile(
    r"(?:n[°ºo]s?|num[ée]ros?|vol\.|volume|tome|t\.|pp?\.|art\.|articles?|fasc\.)\s*\Z", re.IGNORECASE
)
_LOOK_BACK = 12
# The calendar of today holds in France from 1582, in England from 1752; Russia's dates of 1917 are odd.
_GREGORIAN = 1753
_LEAP_YEAR = 2000


def impossible_dates(text: str) -> list[int]:
    """Return where a date stands that cannot be right, in code points.

    >>> impossible_dates("le 31 avril 2019, puis mardi 3 mars 2020 et mercredi 3 mars 2020")
    [3, 44]
    >>> impossible_dates("le 29 février, le mardi 3 mars, n° 35 mars 2019, le 1er mai 1968")
    []
    """
    return [
        found.start()
        for found in _DATE.finditer(text)
        if not _possible(found)
        and not _NO_DAY.search(text[max(0, found.start() - _LOOK_BACK) : found.start()])
    ]


def _possible(found: re.Match[str]) -> bool:
    year = int(found["year"]) if found["year"] else 0
    gregorian = year >= _GREGORIAN
    try:
        named = date(year if gregorian else _LEAP_YEAR, _MONTHS[found["month"].lower()], int(found["day"]))
    except ValueError:
        return False
    weekday = (found["weekday"] or "").lower()
    return not (gregorian and weekday) or _WEEKDAYS[named.weekday()] == weekday
