"""How pages in HTML show texts and figures.

Text of a document is shown, never trusted: it is escaped, and signs that cannot be seen, or that turn others
round, are shown by their numbers. All is said in French and in English; the page shows one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup, escape

_BOUND = re.compile(r"(?<=«) | (?=[»:%])")
_FINE = re.compile(r" (?=[;!?])")
_SPACES = str.maketrans({"\u00a0": "⍽", "\u202f": "⍽", "\n": "⏎", "\r": "", "\t": "⇥"})


# A page says the same few hundred things ten thousand times. Text and markup that read alike differ.
@lru_cache(maxsize=4096, typed=True)
def bilingual(fr: object, en: object) -> Markup:
    """Return a phrase in both languages; the page shows one of them.

    Spaces of the French one that no line may end at are shown as no-break ones.
    """
    french, english = escape(fr), escape(en)
    if french == english:
        return french
    french = _FINE.sub("\u202f", _BOUND.sub("\u00a0", french))
    both = f'<span class="fr" lang="fr">{french}</span><span class="en" lang="en">{english}</span>'
    return Markup(both)  # noqa: S704 - both are escaped


@lru_cache(maxsize=4096)
def number(value: int) -> Markup:
    """Return a whole number with its thousands apart, as each language does it."""
    english = f"{value:,}"
    return bilingual(english.replace(",", "\u202f"), english)


@lru_cache(maxsize=4096)
def percent(share: float | None, places: int = 1) -> Markup:
    """Return a share as a percentage; a share too small to be shown is not shown as nothing."""
    if share is None:
        return Markup("–")
    least = 10**-places
    if 0 < share * 100 < least:
        english = f"< {least:.{places}f}"
    elif 100 - least < share * 100 < 100:
        english = f"> {100 - least:.{places}f}"
    else:
        english = f"{share * 100:.{places}f}".removesuffix("." + "0" * places if share in (0, 1) else "%")
    return bilingual(english.replace(".", ",") + "\u00a0%", english + "%")


@lru_cache(maxsize=4096)
def weight(value: float) -> Markup:
    """Return the weight of a witness, with its sign."""
    english = f"{value:+.1f}".replace("-", "−")
    return bilingual(english.replace(".", ","), english)


def visible(text: str, spaces: bool = False) -> Markup:
    """Return text made safe to show: escaped, its invisible signs by their numbers.

    Args:
        text: any text.
        spaces: whether spaces other than the plain one, and line ends, are shown by signs too.
    """
    if spaces:
        text = text.translate(_SPACES)
        text = text if text.strip(" ") else "␣" * len(text)
    if text.isprintable():
        return escape(text)
    return Markup("".join(map(_shown, text)))  # noqa: S704 - each is escaped


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if char.isprintable() or char in "\t\n" or unicodedata.category(char) == "Zs":
        return str(escape(char))
    return f'<span class="sign">{_code(char)}</span>'


def plain(text: str) -> str:
    """Return the same for an attribute."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _code(c) for c in text)


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"


def link(path: str) -> str:
    """Return a path as a relative address."""
    return quote(path)
