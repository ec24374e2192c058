"""Pages in HTML: their templates, and how these show texts and figures.

Every page opens from disk and fetches nothing: style and script stand in it, and its policy allows these
two alone. Text of a document is shown, never trusted: it is escaped, and signs that cannot be seen, or that
turn others round, are shown by their numbers. All is said in French and in English; the page shows one.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from release import layout
from repair.document import Status
from repair.edits import Decision

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


def policy_sum(content: str) -> str:
    """Return the source expression that allows this inline style or script, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates of all pages, with what they show texts and figures by."""
    # What shows names and lines is made of what stands above.
    from release.pages import lines, names

    environment = Environment(
        loader=PackageLoader("release.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "visible": visible,
        "plain": plain,
        "number": number,
        "percent": percent,
        "link": link,
        "weight": weight,
    }
    sources = {
        name: environment.loader.get_source(environment, f"report.{name}")[0] if environment.loader else ""
        for name in ("css", "js")
    }
    environment.globals |= {
        "t": bilingual,
        "words": lines.words,
        "change": lines.change,
        "evidence": lines.evidence,
        "reason_for": lines.reason_for,
        "witness": names.witness,
        "habit_name": names.habit,
        "choice_name": names.choice,
        "expectation": names.expectation,
        "expectation_name": names.expectation_name,
        "layout": layout,
        "Decision": Decision,
        "Status": Status,
        "style": Markup(sources["css"]),  # noqa: S704 - ours
        "script": Markup(sources["js"]),  # noqa: S704 - ours
        "style_sum": policy_sum(sources["css"]),
        "script_sum": policy_sum(sources["js"]),
    }
    return environment
