"""Characters that have no place in a clean text, and how to show them.

`strange_characters` finds control characters, the mark of a lost character, private and unassigned
code points; `mojibake` finds UTF-8 that was read as another encoding (« Ã© » for « é »);
`decomposed` finds letters and accents that are not in NFC. Each returns places; `excerpt` shows one to a
curator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Directions of writing that a French text does not need; they can hide what is written.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_STRANGE = _DIRECTIONS | {"\ufffd", "\ufeff", "\u2028", "\u2029"}
_STRANGE_CATEGORIES = frozenset({"Cc", "Co", "Cs", "Cn"})
# How much an excerpt shows on each side.
_AROUND = 30
_PLAIN = re.compile(r"[\t\n\r\f\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u202f-\u205e€]*")

# What French prints beyond ASCII. Its UTF-8, read as another encoding, gives what French never prints.
_FRENCH = "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ«»’‘“”–—…°€§·²³º™•\u00a0\u202f"
_ENCODINGS = ("latin-1", "cp1252", "mac_roman", "cp850", "cp437")
# What `Ã` leaves where the no-break space after it, half of an « à », was made plain.
_HALF = r"(?<![^\W\d_])Ã(?= )|(?<=[a-zà-ÿ])Ã"


def _misread(character: str) -> Iterator[str]:
    for encoding in _ENCODINGS:
        # cp1252 leaves five bytes undefined: decoders pass them through as latin-1 does.
        yield "".join(
            bytes([octet]).decode(encoding, "replace").replace("\ufffd", chr(octet))
            for octet in character.encode()
        )


_MISREAD = {form for letter in _FRENCH for form in _misread(letter)}
_MOJIBAKE = re.compile("|".join([*sorted(map(re.escape, _MISREAD)), _HALF]))
# Quick to look for; a text without any of these needs no closer look. « â » alone is French.
_LEADS = re.compile("[{}]|â[^a-zà-ÿ ]".format("".join(sorted({form[0] for form in _MISREAD} - {"â"}))))


def strange_characters(text: str) -> list[int]:
    r"""Return where `text` holds a character that no clean text holds, in code points.

    Control characters other than tab, line end and page end; U+FFFD, which stands for a lost character;
    byte order marks, line separators and direction marks; private, unassigned and surrogate code points.

    >>> strange_characters("l’\x07Office")
    [2]
    """
    if _PLAIN.fullmatch(text):
        return []
    return [offset for offset, character in enumerate(text) if _strange(character)]


@lru_cache(maxsize=4096)
def _strange(character: str) -> bool:
    if character in "\t\n\r\f":
        return False
    return character in _STRANGE or unicodedata.category(character) in _STRANGE_CATEGORIES


def mojibake(text: str) -> list[int]:
    """Return where `text` shows French letters or signs read in a wrong encoding, in code points.

    >>> mojibake("AssemblÃ©e gÃ©nÃ©rale"), mojibake("SÃO PAULO, PÂTÉ, « Â »")
    ([7, 12, 15], [])
    """
    if not _LEADS.search(text):
        return []
    return [found.start() for found in _MOJIBAKE.finditer(text)]


def decomposed(text: str) -> list[int]:
    """Return where `text` first differs from its composed form (NFC), in code points; empty if nowhere."""
    if unicodedata.is_normalized("NFC", text):
        return []
    composed = unicodedata.normalize("NFC", text)
    pairs = enumerate(zip(text, composed, strict=False))
    return [next((offset for offset, (is_, due) in pairs if is_ != due), len(composed))]


def excerpt(text: str, offset: int, length: int = 1) -> str:
    r"""Cut out what stands around a place, on one line, what cannot be seen written as its code point.

    >>> excerpt("L’Assemblée\x07 générale, rappelant sa résolution", 11)
    'L’Assemblée[U+0007] générale, rappelant sa…'
    """
    start = max(0, offset - _AROUND)
    end = min(len(text), offset + length + _AROUND)
    if start:
        start = (text.find(" ", start, offset) + 1) or start
    if end < len(text):
        end = text.rfind(" ", offset + length, end) if " " in text[offset + length : end] else end
    shown = "".join(
        f"[U+{ord(character):04X}]" if _strange(character) and character != "\ufffd" else character
        for character in text[start:end]
    )
    return ("…" if start else "") + re.sub(r"\s+", " ", shown).strip() + ("…" if end < len(text) else "")
