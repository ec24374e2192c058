"""What a document's own style is: which choice its page makes, and how often, before a house changes it.

:func:`habits` counts the choices of the page and those of the edition, so that a report can show where a
house goes against a style: « 22% » forty times in forty is no slip, but another house's print.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from repair.document import Habit
from repair.typography.capitals import CAPITAL_ACCENT
from repair.typography.letters import LIGATURE
from repair.typography.rules import Options, Words

_SPACES = {"none": "", "plain": " ", "no-break": "\u00a0", "fine": "\u202f", "thin": "\u2009"}


def _before(marks: str) -> dict[str, re.Pattern[str]]:
    """Return a pattern for each space that may stand between a word or a figure and `marks`."""
    return {name: re.compile(rf"{marks}(?<=[\w»)]{space}.)(?![\w/])") for name, space in _SPACES.items()}


# Each pattern begins with the sign it looks for, and looks back from there: so the search is fast.
_CHOICES = {
    "apostrophe": {"’": re.compile(r"’(?<=[^\W\d_].)(?=\w)"), "'": re.compile(r"'(?<=[^\W\d_].)(?=\w)")},
    "quotes": {"«": re.compile("«"), "“": re.compile("“"), '"': re.compile(r'"(?=\w)')},
    "quote-space": {name: re.compile(rf"«{space}(?=[^\W_])") for name, space in _SPACES.items()},
    "ellipsis": {"…": re.compile("…"), "...": re.compile(r"\.\.\.(?<!\.\.\.\.)(?!\.)")},
    "punctuation-space": _before("[;!?]"),
    "colon-space": _before(":"),
    "unit-space": _before("%"),
    "thousands": {
        name: re.compile(rf"{space}(?<=\d.)(?<!\d{{4}}.)(?=\d{{3}}(?!\w))")
        for name, space in _SPACES.items()
        if space
    },
    "ordinal": {
        "2e": re.compile(r"\de\b"),
        "2ème": re.compile(r"\di?[èe]me\b"),
        "2 e": re.compile(r"\d e\b"),
    },
}
_ACCENTED = re.compile("[ÀÂÇÈÉÊËÎÏÔÙÛ](?=[a-zß-ÿœ])")
_LIGATURE = re.compile("[œŒ]")


def habits(
    page: str, edition: str, *, known: Callable[[str], bool], accented: Callable[[str], str | None]
) -> tuple[Habit, ...]:
    """Return how a text prints what rules of typography speak of; what it never prints is left out.

    Args:
        page: the structured text, before any profile.
        edition: the same, after it.
        known: whether a lower-case word is in the lexicon.
        accented: a capitalised word with the accent that its first letter lacks, or None.

    >>> (percents,) = habits("22%, 40%, 41 %", "22 %", known=str.isalpha, accented=lambda word: None)
    >>> percents.rule, percents.page, percents.edition
    ('unit-space', (('none', 2), ('plain', 1)), (('plain', 1),))
    """
    words = Words(known, accented)
    printed, normalised = _counts(page, words), _counts(edition, words)
    return tuple(Habit(rule, counts, normalised[rule]) for rule, counts in printed.items() if counts)


def _counts(text: str, words: Words) -> dict[str, tuple[tuple[str, int], ...]]:
    counted = {
        rule: [(choice, len(pattern.findall(text))) for choice, pattern in choices.items()]
        for rule, choices in _CHOICES.items()
    }
    for rule, letter, joined, bare in (
        (LIGATURE, _LIGATURE, "œ", "oe"),
        (CAPITAL_ACCENT, _ACCENTED, "É", "E"),
    ):
        lacking = sum(1 for _ in rule.find(text, Options(), words))
        counted[rule.name] = [(joined, len(letter.findall(text))), (bare, lacking)]
    return {
        rule: tuple((choice, count) for choice, count in counts if count) for rule, counts in counted.items()
    }
