"""Plain text: from bytes to characters, in whatever encoding a French text comes.

:func:`decode` tries what is certain first (byte order marks, strict UTF-8), then weighs the
8-bit encodings that French was written in by the letters they make, and asks
charset-normalizer about what is left. Line ends are kept, so encoding the text again gives
back the bytes, save a byte order mark.
"""

from __future__ import annotations

import codecs
import re
from itertools import islice

from charset_normalizer import from_bytes

from repair.document import Refused

_MARKS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_FRENCH = ("cp1252", "latin-1", "iso8859-15", "mac-roman", "cp850")
"""8-bit encodings of French, the commoner first: that order decides between equals.

Latin-1 reads any byte: it stands for a cp1252 text with a stray byte that cp1252 lacks.
"""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MOST_CONTROLS = 0.01
"""Share of control characters above which this is no text; damaged text has a few."""
_SAMPLE = 5000
"""Characters beyond ASCII that are weighed; more would not change the verdict."""
_PLAUSIBLE = 0.3
"""Mean weight from which a French encoding is believed; right ones reach about 0.9, wrong ones -0.5."""

_LETTERS = frozenset("àâæçéèêëîïôœùûüÿ")
_FOREIGN = frozenset("áãäåìíñòóõöøúýßšž")
_AFTER_CEDILLA = frozenset("aouâôûAOUÂÔÛ")
_SIGNS = frozenset("«»‘’“”–—…•€°§²³ºª½¼¾×\xa0\xad·£©®±")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding, as Python names it.

    ``text.encode(encoding)`` is `data` without its byte order mark.

    Raises:
        Refused: ``binary-content`` or ``unknown-encoding``.

    >>> decode("Les États Membres à l’été".encode("cp1252"))
    ('Les États Membres à l’été', 'cp1252')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _try(data[len(mark) :], encoding)
            if text is not None:
                return _sound(text), encoding
    text = _try(data, "utf-8")
    if text is not None and not _has_controls(text):
        return text, "utf-8"
    if b"\x00" in data:
        for encoding in _WIDE:
            text = _try(data, encoding)
            if text is None or _has_controls(text):
                continue
            # Few bytes that are not UTF-32 decode as such, but nearly all do as UTF-16.
            if encoding.startswith("utf-32") or _mostly_latin(text):
                return text, encoding
    if _has_controls(data.decode("latin-1")):
        raise _binary()
    if _mostly_utf8(data):
        # Damaged, or of two encodings: read byte by byte, so that mending mojibake can be
        # an edit that is seen, and the bytes that are not UTF-8 come out as their letters.
        text = _try(data, "cp1252")
        return (text, "cp1252") if text is not None else (data.decode("latin-1"), "latin-1")
    return _narrow(data)


def _narrow(data: bytes) -> tuple[str, str]:
    """Decode 8-bit text, by the plausibility of what comes out."""
    decoded = [(text, encoding) for encoding in _FRENCH if (text := _try(data, encoding)) is not None]
    if decoded:
        text, encoding = max(decoded, key=lambda pair: _plausibility(pair[0]))  # the first of equals
        if _plausibility(text) >= _PLAUSIBLE:
            return text, encoding
    guess = from_bytes(data).best()
    if guess is not None:
        text = _try(data, guess.encoding)
        if text is not None and text.encode(guess.encoding) == data:
            return _sound(text), guess.encoding
    raise Refused(
        "unknown-encoding",
        "L’encodage de ce texte n’a pas pu être reconnu : enregistrez-le en UTF-8.",
        "The encoding of this text could not be recognised: save it as UTF-8.",
    )


def _plausibility(text: str) -> float:
    """Return how French the characters beyond ASCII look where they stand: mean weight, from -1 to 1."""
    weights = [
        _weight(text[max(0, at - 1) : at], text[at], text[at + 1 : at + 2])
        for at in (found.start() for found in islice(_BEYOND_ASCII.finditer(text), _SAMPLE))
    ]
    return sum(weights) / len(weights) if weights else 0.0


def _weight(before: str, char: str, after: str) -> float:
    """Weigh one character between its neighbours (empty at the ends), from -1 to 1."""
    if "\x80" <= char <= "\x9f":
        char = char.encode("latin-1").decode("cp1252", "replace")  # what mending will make of it
    alone = not before.isalpha() and not after.isalpha()
    small = char.lower()
    if small in _LETTERS:
        if char != small and (before.islower() or (before.isalpha() and after.islower())):
            return -1.0  # « GÉnéral »
        if char == small and before.isupper() and after.isupper():
            return -0.5  # « SéCURITÉ »
        if alone:
            return 1.0 if small in "àô" or (char == "É" and after == ".") else -0.3
        if (small == "à" and after.isalpha()) or (small == "ç" and after not in _AFTER_CEDILLA):
            return -0.5  # « àtre », « Çcouler »
        return 1.0
    if char in _SIGNS:
        return -1.0 if before.isalpha() and after.isalpha() and char not in "’·\xad" else 0.6
    if small in _FOREIGN:
        return -1.0 if char != small and before.islower() else 0.0
    return -1.0


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _mostly_utf8(data: bytes) -> bool:
    """Whether most of what is not ASCII is well-formed UTF-8."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("�")
    sound = sum(1 for _ in _BEYOND_ASCII.finditer(text)) - broken
    return sound > 2 * broken


def _mostly_latin(text: str) -> bool:
    """Whether these are letters of Latin scripts and their signs, as a wrong width never gives."""
    latin = sum(1 for char in text[:_SAMPLE] if char < "\u0250" or "\u2000" <= char < "\u20d0")
    return latin >= 0.9 * min(len(text), _SAMPLE)


def _has_controls(text: str) -> bool:
    found = sum(1 for _ in _CONTROLS.finditer(text))
    return found > _MOST_CONTROLS * len(text)


def _sound(text: str) -> str:
    if _has_controls(text):
        raise _binary()
    return text


def _binary() -> Refused:
    return Refused(
        "binary-content",
        "Ce fichier n’est pas du texte, et son format n’est pas reconnu : "
        "exportez le document en texte, en PDF ou en image.",
        "This file is not text, and its format is not recognised: export the document as text, PDF or image.",
    )
