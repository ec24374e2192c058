"""Rules on letters: ligatures by the lexicon, accents on capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.structure.lines import LINE_ENDS
from repair.typography.rules import SPACES, Change, Matter, Options, Rule, Words

_FORMS = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_FORM = re.compile("[" + "".join(_FORMS) + "]")
_PAIR = re.compile("[oO][eE]")
_LONGEST_WORD = 40
_WORD_BEFORE = re.compile(r"\w*\Z")
_WORD_AFTER = re.compile(r"\w*")

_CAPITALISED = re.compile(r"[ACEIOUY](?<![^\W_].)[a-zß-ÿœ]{1,30}(?![^\W_]|\.[A-Za-z])")
_SENTENCE_ENDS = ".!?:;»«)–—-"
_NEIGHBOURS = 80
_WORD = re.compile(r"[^\W\d_]{2,}")
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_NAME_BEFORE = re.compile(r"([A-ZÀ-ÖØ-Þ][^\W\d_]+)[ \u00a0]\Z")
# Words of English that French has not: what stands beside them is no French either.
_ENGLISH = frozenset(("and", "at", "by", "for", "from", "in", "of", "the", "to", "with"))


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


def _capital_accent(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the accent a capital lacks, where the lexicon is sure and the words around are French."""
    for found in _CAPITALISED.finditer(text):
        word = words.accented(found.group())
        if word is not None and word != found.group() and _among_french(text, found, words):
            yield Change(found.start(), found.end(), word, f"“{word}” is the only spelling")


def _among_french(text: str, found: re.Match[str], words: Words) -> bool:
    start, end = found.span()
    name = _NAME_BEFORE.search(text, max(0, start - _NEIGHBOURS), start)
    if name and not words.known(name[1].lower()) and words.accented(name[1]) is None:
        return False  # « Ultimate Edition »
    before = _LINE_END.split(text[max(0, start - _NEIGHBOURS) : start])[-1]
    after = _LINE_END.split(text[end : end + _NEIGHBOURS])[0]
    around = _WORD.findall(before)[-2:] + _WORD.findall(after)[:2]
    french = sum(words.known(word.lower()) or words.accented(word) is not None for word in around)
    return _ENGLISH.isdisjoint(word.lower() for word in around) and 2 * french >= len(around)


def _initial_a(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the accent on a capital A at the head of a sentence, before words that leave no doubt."""
    followers = "|".join(re.escape(one).replace("’", "['’]") for one in options.followers)
    for found in re.finditer(f"A(?= (?:{followers})(?![\\w’'-]))", text):
        before = text[max(0, found.start() - 2) : found.start()]
        if (
            before
            and before[-1] not in LINE_ENDS
            and not (before[-1] in SPACES and before[0] in _SENTENCE_ENDS)
        ):
            continue
        yield Change(found.start(), found.end(), "À")


_ACADEMY = "Académie française, Questions de langue: accentuation des majuscules"

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
CAPITAL_ACCENT = Rule(
    "capital-accent", Matter.LETTERS, _ACADEMY, _capital_accent, ("maj_accents", "ts_spell")
)
INITIAL_A = Rule("initial-a", Matter.LETTERS, _ACADEMY, _initial_a)
