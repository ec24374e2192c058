"""Rules on letters: ligatures by the lexicon, and none from the fount."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.typography.rules import Change, Matter, Options, Rule, Words

_FORMS = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_FORM = re.compile("[" + "".join(_FORMS) + "]")
_PAIR = re.compile("[oO][eE]")
_LONGEST_WORD = 40
_WORD_BEFORE = re.compile(r"\w*\Z")
_WORD_AFTER = re.compile(r"\w*")


def _presentation_form(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Write the letters of ﬁ, ﬂ, ﬀ: what joins them is the fount, and no search finds the single sign."""
    for found in _FORM.finditer(text):
        yield Change(found.start(), found.end(), _FORMS[found.group()])


def _ligature(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print œ where the lexicon has the word so, and only so: cœur, but coexister and moelle.

    The æ of Latin words is left: the printers of laws write « ratione personae ».
    """
    done = 0
    for found in _PAIR.finditer(text):
        place = found.start()
        if place < done:
            continue
        before = _WORD_BEFORE.search(text, max(done, place - _LONGEST_WORD), place)
        after = _WORD_AFTER.match(text, place, place + _LONGEST_WORD)
        start = before.start() if before else place
        done = after.end() if after else place
        word = text[start:done]
        if words.known(word.lower()):
            continue
        joined = _PAIR.sub(lambda pair: "œ" if pair.group()[0] == "o" else "Œ", word)
        if words.known(joined.lower()):
            yield Change(start, done, joined, f"“{joined}” is a word, “{word}” is not")


PRESENTATION_FORM = Rule(
    "presentation-form",
    Matter.LETTERS,
    "The Unicode Standard, Alphabetic Presentation Forms",
    _presentation_form,
    ("ligatures_typographiques",),
)
LIGATURE = Rule(
    "ligature", Matter.LETTERS, "spelling, as dictionaries print it", _ligature, ("ts_spell",), ("speller",)
)
