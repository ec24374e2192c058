"""Stamps of digital libraries: lines at the edge of an image that the page never printed.

The stamps are data, `dictionaries/stamps.toml`. Engines read them badly, for they are small and grey: a
line at the edge is one where most of it is found in a stamp, sign for sign.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from rapidfuzz.fuzz import partial_ratio

from repair.layout import Box

_EDGE = 0.07
"""Share of the page's height in which a stamp stands, at the foot and at the head."""
_LIKE = 85.0
"""Per cent of the signs of a line that are found in the stamp, in one piece."""
_SIGN = 75.0
"""The same of the part of the stamp that no page prints; a running head may have the others."""
_SHORTEST = 10
"""Signs under which a line may be anything."""


@lru_cache(maxsize=1)
def load_stamps() -> tuple[tuple[str, str, str], ...]:
    """Return the text of each stamp, the part of it that no page prints, and whose stamp it is."""
    data = tomllib.loads((files("dictionaries") / "stamps.toml").read_text(encoding="utf-8"))
    return tuple((stamp["text"], stamp["sign"], stamp["library"]) for stamp in data["stamp"])


def stamp_of(text: str, box: Box, height: int) -> str:
    """Return which library stamped a line on the page; empty where none did.

    Args:
        text: of the line.
        box: its place.
        height: of the page, in pixels.

    >>> stamp_of("a.bnf.fr / Bibliothèque nationale de", Box(560, 1540, 1000, 1555), 1566)
    'Gallica, Bibliothèque nationale de France'
    >>> stamp_of("Bibliothèque nationale de France", Box(560, 40, 1000, 55), 1566)
    ''
    """
    middle = (box.top + box.bottom) / 2
    if len(text) < _SHORTEST or _EDGE * height < middle < (1 - _EDGE) * height:
        return ""
    lowered = text.lower()
    return next(
        (
            library
            for stamp, sign, library in load_stamps()
            if len(text) <= 1.2 * len(stamp)
            and partial_ratio(lowered, stamp.lower()) >= _LIKE
            and partial_ratio(sign.lower(), lowered) >= _SIGN
        ),
        "",
    )
