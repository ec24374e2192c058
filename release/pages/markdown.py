"""Pages in Markdown: the dataset card, and what a publication changed.

Markdown is no HTML, and its templates escape nothing by themselves: `code` and `plain` keep what an owner or
a document wrote from being either.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, **values: object) -> str:
    """Return a page made of a template of this room."""
    return _environment().get_template(template).render(values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - Markdown, see above
        loader=PackageLoader("release.pages"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "code": code,
        "cell": lambda text: code(text).replace("|", "\\|"),
        "plain": plain,
    }
    return environment


def code(text: str) -> str:
    """Return a text as code in Markdown, whatever it holds.

    >>> print(code("a`b"))
    `` a`b ``
    """
    text = _visible(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if "`" in text or text != text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}"


def plain(text: str) -> str:
    r"""Return a text as text in Markdown, on one line.

    >>> print(plain("un\n<b> *deux*"))
    un &lt;b&gt; \*deux\*
    """
    return re.sub(r"([\\`*_\[\]|~])", r"\\\1", html.escape(_visible(" ".join(text.split())), quote=False))


def _visible(text: str) -> str:
    """Return a text with the signs that cannot be seen by their numbers: some turn what is around them."""
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else f"[U+{ord(char):04X}]"
        for char in text
    )
