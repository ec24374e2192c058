"""The clock: does it go, and what day will releases bear?"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

from flows.doctor.finding import Finding, House, bad, good, note
from flows.exits import Stop
from flows.plan import check_date
from release.bag import release_day
from release.history import publications

_YEARS = range(2026, 2100)
"""From the year of this program on."""
_SLACK = dt.timedelta(hours=1)
"""Clocks of two machines that share a disk may differ so much without harm."""


def now() -> dt.datetime:
    """Return what the clock says, in UTC."""
    return dt.datetime.now(dt.UTC)


def time(house: House) -> Iterator[Finding]:
    """Does the clock say a time that can be?"""
    here = now()
    said = f"{here:%Y-%m-%d %H:%M} UTC"
    mend = "Set the clock, or have it set by NTP."
    published = _newest_publication(house.clean)
    raw = _newest_file(house.raw)
    if here.year not in _YEARS:
        yield bad("clock", said, mend)
    elif published is not None and published > here + _SLACK:
        yield bad("clock", f"{said}, and a release was published at {published:%Y-%m-%d %H:%M}", mend)
    elif raw is not None and raw > here + _SLACK:
        mend = "Set the clock, unless it is the file's time that is wrong: it changes nothing."
        yield note("clock", f"{said}, and a raw file is of {raw:%Y-%m-%d %H:%M}", mend)
    else:
        yield good("clock", said)


def _newest_publication(clean: Path) -> dt.datetime | None:
    told = [publication.when for publication in publications(clean) if publication.when]
    return max((dt.datetime.fromisoformat(when) for when in told), default=None)


def _newest_file(folder: Path) -> dt.datetime | None:
    newest = 0.0
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                newest = max(newest, os.lstat(f"{here}/{name}").st_mtime)
            except OSError:  # it went in between
                continue
    return dt.datetime.fromtimestamp(newest, dt.UTC) if newest else None


def day_of_releases(_house: House) -> Iterator[Finding]:
    """Does the environment say a day that releases are to bear, and one that can be?"""
    try:
        check_date()
    except Stop as stop:
        yield bad("SOURCE_DATE_EPOCH", "no day", f"{stop}.")
        return
    day = release_day()
    if day is not None and day > now().date():
        mend = "Unset it, or mend it: releases would bear a day that is not come yet."
        yield note("SOURCE_DATE_EPOCH", f"{day}, in the future", mend)
    elif day is not None:
        yield good("SOURCE_DATE_EPOCH", f"releases bear {day}")
