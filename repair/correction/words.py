"""Cutting a reading into words and the punctuation that a language model sees.

A word keeps what is elided onto it and what a line break cut off: ``l’Office``, ``assis-⏎tance``
and ``sous-⏎régionales`` are one word each, for half a word looks like damage. Codes, symbols,
addresses and markup are skipped: nothing proposes to change them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from repair.document import Span

_WORD = re.compile(
    r"""(?:(?<!\S)['’](?=[aeiouyhàâéèêîôœ]))?    # an apostrophe that lost what stood before it
        (?:[^\W_]|[¢&|}])                       # letters and digits, and signs read for letters
        (?: [^\W_] | [¢®|°]
          | ['’‘](?=[^\W_]|¢)                   # an apostrophe within
          | [-‐‑](?=[^\W_])                     # a hyphen within
          | [-‐‑¬]\ ?\r?\n[ ]?(?=[a-zà-öø-ÿœ])  # a hyphen at a line's end
        )*
      | (?P<comma>,) | (?P<stop>[.;:!?…()])""",
    re.VERBOSE,
)

_CODE = re.compile(r"[/@\\_=#<>{}~^]|[^\W\d_]\.[^\W_]|\d\.[^\W\d_]")
"""A sign that a run without spaces is no prose: A/RES/74/175, E/CN.15, www.un.org, a=b."""

_SPACE = re.compile(r"\s")

BREAK = re.compile(r"[-‐‑¬] ?\r?\n ?")
"""The line break inside a word."""


class Token(NamedTuple):
    """A word, a comma or a stop of the reading.

    Attributes:
        start: first code point.
        end: one past the last.
        text: what stands there.
        sign: ``,`` or ``.`` for punctuation; empty for a word.
    """

    start: int
    end: int
    text: str
    sign: str


def tokenize(text: str, markup: Sequence[Span] = ()) -> Iterator[Token]:
    """Yield the words and the punctuation of a reading, in order, markup and codes left out."""
    if markup:
        text = _blanked(text, markup)
    barred = list(_codes(text))
    starts = [start for start, _ in barred]
    for match in _WORD.finditer(text):
        start, end = match.span()
        if barred:
            before = bisect_right(starts, end - 1) - 1
            if before >= 0 and barred[before][1] > start:
                continue
        yield Token(start, end, match[0], {"comma": ",", "stop": "."}.get(match.lastgroup or "", ""))


def _blanked(text: str, markup: Sequence[Span]) -> str:
    """Return the text with spaces for its markup, which parts words and is none."""
    pieces: list[str] = []
    place = 0
    for span in markup:
        pieces += (text[place : span.start], " " * (span.end - span.start))
        place = span.end
    return "".join([*pieces, text[place:]])


def _codes(text: str) -> Iterator[tuple[int, int]]:
    """Yield the runs without spaces that hold a sign of code, in time linear in the text."""
    end = 0
    for match in _CODE.finditer(text):
        if match.start() < end:
            continue
        start = match.start()
        while start > end and not text[start - 1].isspace():
            start -= 1
        space = _SPACE.search(text, match.end())
        end = space.start() if space else len(text)
        yield start, end
