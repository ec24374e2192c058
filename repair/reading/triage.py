"""Whether a page that has a text layer is worth reading again, and why.

:func:`judge` says of a layer which kind it is and predicts how many points of CER reading the page
again would gain. A page that was written on a computer and whose codes are sound is never read again;
nor is a page in a language that the models do not know. Of a scan, the signs of misreading in its text
decide (`signs.py`).

The prediction is one weight for every sign, and a constant: weights apart for each kind of sign judged
folders that the fit had not seen no better. Both are what `bench.triage.fit` gives (least absolute errors)
for the gain in CER, lines matched one to one, that the vote of RapidOCR and Tesseract brought over six kinds
of layers, all alike in weight, half of which reading again cannot better: 50 pages of four collections as
Tesseract read them with its French and with its English model, as RapidOCR did, as voted, and their correct
texts; and clean text of seven sources posing as a layer. `python -m bench.triage` fits and judges, and
tests/test_reading_triage.py sees that they stay what the fit gives.

Nearly a fifth of that population is judged wrongly, half sent and half kept, and comparing the text with one
whole new reading judged no better: lost lines, punctuation and how well a page can be read at all do not
show in a text, and correct texts have their own slips.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from repair.document import Reason
from repair.edits import apply
from repair.language import load_language
from repair.reading.mojibake import mend_characters, mend_mojibake
from repair.reading.signs import Reader, Signs
from repair.reading.text_layer import TextLayer

NONE, DIGITAL, OCR, GARBLED = "none", "digital", "ocr", "garbled"
KINDS = (NONE, DIGITAL, OCR, GARBLED)

PRICE = 0.2
"""Points of CER from which reading a page again is worth 5.4 s of a processor: 4 letters on a page of 2,000.
Less cannot be measured: correct texts err in 0.1 to 0.5 % themselves."""

SIGN, BASE = 0.084, -0.007
"""Points of CER gained for each sign a thousand letters, and where no sign is seen."""
EVIDENCE = 100
"""Letters of a page at which its signs count half: on a short page one name is many in a thousand."""
_MOST = 30.0
"""Points of CER beyond which no prediction is made."""

_WRONG_MODEL = 2.0
"""Words with wrong accents in a thousand letters: 40 of 50 layers of an English model have as many, one
of 50 of a French model."""
_FEW = 100
"""Letters and figures of a stamp, a file number; a page of prose has 2,000."""
_STAMP = 400
"""The same of what may be written upon a scan: an electronic signature, a transmission header."""
_COVERED, _HIDDEN = 0.5, 0.5
"""Share of a page under images, or of its text that is hidden, from which it is a scan."""
_DRAWN = 200
"""Shapes from which letters may be drawn without a font; a table's rules are fewer."""
_FRENCH = 0.3
"""Share of the usual words of French in a text that is French; see `Reader.usual`."""
_NO_LANGUAGE = -5.2
"""Likeness to words (`Reader.likeness`) below which the letters of a text stand for others."""
_NO_WORDS, _SCATTERED = -4.2, 0.25
"""The same in a scan, and share of its words that are one letter, from which the reading failed: on a page
that lies on its head -4.6, on its side 0.3 to 0.6. Dutch has -3.7, German -3.2, Spanish 0.12."""
_UNMAPPED = 0.02
"""Share of signs without Unicode; fewer are the bullets of a list."""
_READING = 0.8
"""CER of a page that was read again, in points: the mean of the 50 pages."""
_WRONGLY_CODED = 3
"""Words that a wrong encoding struck, on one page."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a page with a text layer.

    Attributes:
        kind: ``none``, ``digital`` (written on a computer, sound), ``ocr`` or ``garbled``.
        again: whether the page is read again.
        gain: points of CER that this would gain, predicted; 0 where nothing can be.
        reason: why, for a curator.
    """

    kind: str
    again: bool
    gain: float
    reason: Reason


def judge(layer: TextLayer) -> Verdict:
    """Judge the text layer of a page."""
    edits = mend_characters(layer.text)
    mended = apply(layer.text, edits)
    scanned = layer.hidden >= _HIDDEN
    lost = 100.0 * _lost(layer)
    if lost - _READING >= PRICE:
        return _garbled("lost-characters", lost - _READING, f"{lost:.0f}")
    written = sum(char.isalnum() for char in mended)
    if written < _FEW:
        outlined = layer.outlines >= _DRAWN or (written == 0 and layer.outlines > 0)
        seen = layer.covered >= _COVERED or outlined
        return _verdict(NONE, seen, 0.0, "no-text-layer" if seen else "little-text")
    if not scanned and layer.covered >= _COVERED and written < _STAMP:
        return _verdict(NONE, True, 0.0, "no-text-layer")
    reader = _reader()
    if sum(map(str.isalpha, mended)) >= _FEW and not (_latin(mended) and reader.usual(mended) >= _FRENCH):
        if _latin(mended) and _is_no_language(mended, scanned):
            return _garbled("no-language", _MOST)
        return _verdict(OCR if scanned else DIGITAL, False, 0.0, "other-language")
    if not scanned:
        if sum(edit.rule == "mojibake" for edit in edits) >= _WRONGLY_CODED:
            return _verdict(GARBLED, False, 0.0, "mended-encoding")
        return _verdict(DIGITAL, False, 0.0, "digital")
    signs = reader.signs(mended)
    gain = predicted_gain(signs)
    if signs.accents >= _WRONG_MODEL and gain >= PRICE:
        return _garbled("wrong-model", gain, f"{signs.accents * signs.letters / 1000.0:.0f}")
    if gain >= PRICE:
        return _verdict(OCR, True, gain, "misread", f"{_seen(signs):.0f}")
    return _verdict(OCR, False, gain, "good-ocr")


def predicted_gain(signs: Signs) -> float:
    """Return the points of CER that reading a scan again gains, by the signs in its text; it may be below 0.

    >>> predicted_gain(Signs(letters=1500, misread=0.0, accents=5.0, specks=0.0))
    0.39
    """
    evidence = signs.letters / (signs.letters + EVIDENCE)
    return round(min(_MOST, BASE + SIGN * evidence * sum(signs[1:])), 2)


def _seen(signs: Signs) -> float:
    """Return how many signs of misreading the page has."""
    return sum(signs[1:]) * signs.letters / 1000.0


def _lost(layer: TextLayer) -> float:
    """Return the share of signs that are lost: their code has no Unicode, or one that no font shows.

    A sign that stands alone is the bullet of a list.
    """
    # What a wrong encoding made of a letter may be a control character; the letter is not lost.
    text = apply(layer.text, mend_mojibake(layer.text))
    lost = sum(
        _is_lost(char) and any(near.isalpha() or _is_lost(near) for near in text[max(0, at - 1) : at + 2 : 2])
        for at, char in enumerate(text)
    )
    share = lost / max(1, sum(not char.isspace() for char in text))
    return max(share, layer.unmapped if layer.unmapped >= _UNMAPPED else 0.0)


def _is_lost(char: str) -> bool:
    if char.isspace() or char in "\x02\ufffe\xad\ufeff\u200b\u2060":
        return False
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs")


def _latin(text: str) -> bool:
    """Whether at least half of the letters are Latin ones."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(char < "\u0250" or "\u1e00" <= char <= "\u1eff" for char in letters) >= len(letters)


def _is_no_language(text: str, scanned: bool) -> bool:
    """Whether a text that is not French is no other language either."""
    likeness = _reader().likeness(text)
    if not scanned:
        return likeness < _NO_LANGUAGE
    words = re.findall(r"[^\W\d_]+", text)
    return likeness < _NO_WORDS or sum(len(word) == 1 for word in words) >= _SCATTERED * len(words)


@lru_cache(maxsize=1)
def _reader() -> Reader:
    return Reader(load_language())


def _garbled(code: str, gain: float, value: str = "") -> Verdict:
    return _verdict(GARBLED, True, min(_MOST, gain), code, value)


def _verdict(kind: str, again: bool, gain: float, code: str, value: str = "") -> Verdict:
    fr, en = _REASONS[code]
    return Verdict(kind, again, round(gain, 2), Reason(code, fr.format(value), en.format(value)))


_REASONS = {
    "no-text-layer": (
        "La page est une image, avec peu de texte ou sans texte : elle est lue.",
        "The page is an image, with little or no text: it is read.",
    ),
    "little-text": (
        "La page porte peu de texte, et aucune image à lire.",
        "The page has little text, and no image to read.",
    ),
    "digital": (
        "La page a été composée sur ordinateur, et son texte est sain.",
        "The page was made on a computer, and its text is sound.",
    ),
    "mended-encoding": (
        "Le codage des caractères était erroné ; il a été rétabli sans relire la page.",
        "The characters were wrongly encoded; they were mended without reading the page again.",
    ),
    "lost-characters": (
        "Le texte de la page a perdu ses caractères ({} % n’ont pas de code connu) : elle est relue.",
        "The page's text has lost its characters ({} % have no known code): it is read again.",
    ),
    "no-language": (
        "Le texte de la page n’est d’aucune langue (codes faussés ou lecture manquée) : elle est relue.",
        "The page's text is in no language (wrong codes, or a failed reading): it is read again.",
    ),
    "other-language": (
        "Le texte de la page n’est pas en français : il est laissé tel quel.",
        "The page's text is not French: it is left as it is.",
    ),
    "wrong-model": (
        "La page a été lue avec le modèle d’une autre langue (mots mal accentués : {}) : elle est relue.",
        "The page was read with another language's model (words wrongly accented: {}): it is read again.",
    ),
    "misread": (
        "Le texte reconnu porte des signes de mauvaise lecture ({}) : la page est relue.",
        "The recognised text has signs of misreading ({}): the page is read again.",
    ),
    "good-ocr": (
        "Le texte reconnu est bon : une nouvelle lecture apporterait trop peu.",
        "The recognised text is good: reading again would gain too little.",
    ),
}
