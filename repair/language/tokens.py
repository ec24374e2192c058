"""Cutting French text into the pieces that lexicon and language model count.

A *piece* is a lower-cased word, without what is elided onto it: ``l’Office`` is ``l'`` and
``office``. A hyphenated word is one piece where the lexicon holds it whole (``peut-être``), and
its parts otherwise (``dit-il``). Numbers, commas and ends of clauses are pieces too, for they
tell a language model much: `NUMBER`, `COMMA`, `STOP`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

NUMBER, COMMA, STOP = "0", ",", "."

ELISIONS = ("qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu", "quelqu", "entr", *"cdjlmnstç")
"""What may stand before an apostrophe (Grevisse, *Le bon usage*, § 45)."""


_ELISION = rf"(?:{'|'.join(ELISIONS)})'"
_LETTERS = r"[^\W\d_]+"
_PIECE = re.compile(
    rf"aujourd'hui|prud'hom{_LETTERS}|{_ELISION}(?={_LETTERS}|\d|«)|{_LETTERS}(?:-{_LETTERS})*"
    rf"|(?P<number>\d[\d.,/]*)|(?P<comma>,)|(?P<stop>[.;:!?…()])"
)

_FOLD = {ord("œ"): "oe", ord("æ"): "ae"}


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return a lower-case word without its accents, cedillas and ligatures.

    >>> fold("œuvrâtes"), fold("reçu")
    ('oeuvrates', 'recu')
    """
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word.translate(_FOLD))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def lower(text: str) -> str:
    """Return `text` in lower case with one form of apostrophe, at the same offsets."""
    lowered = text.lower().replace("’", "'")
    if len(lowered) != len(text):  # «İ» is the only letter whose lower case is longer
        lowered = "".join(char.lower()[0] for char in text).replace("’", "'")
    return lowered


def pieces(text: str, whole: Callable[[str], bool]) -> Iterator[str]:
    """Yield the pieces of a lower-cased text (see :func:`lower`), in order.

    Args:
        text: any text, already passed through :func:`lower`.
        whole: says whether the lexicon holds a hyphenated word.

    >>> list(pieces("l'office, dit-il, peut-être.", {"peut-être"}.__contains__))
    ["l'", 'office', ',', 'dit', 'il', ',', 'peut-être', '.']
    """
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match.lastgroup is None:
            if "-" in piece and not whole(piece):
                yield from piece.split("-")
            else:
                yield piece
        elif match.lastgroup == "number":
            yield NUMBER
        else:
            yield COMMA if match.lastgroup == "comma" else STOP
