"""What a document's own style is: which choice its pages make, and how often, before a house changes it.

:func:`habits` counts; :func:`overruled` says which steady habits the edits of a profile go against,
so that a report can show them: « 22% » forty times in forty is no slip, but another house's style.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType

from repair.edits import Edit, applied
from repair.typography.letters import CAPITAL_ACCENT, LIGATURE
from repair.typography.rules import Options, Words

_STEADY = 0.95
_FEWEST = 5  # places below which nothing is said of a habit

_SPACES = {"none": "", "plain": " ", "no-break": "\u00a0", "fine": "\u202f", "thin": "\u2009"}


def _before(marks: str) -> dict[str, re.Pattern[str]]:
    """Return a pattern for each space that may stand between a word or a figure and `marks`."""
    return {name: re.compile(rf"{marks}(?<=[\w»)]{space}.)(?![\w/])") for name, space in _SPACES.items()}


_CHOICES = {
    "apostrophe": {"’": re.compile(r"’(?<=[^\W\d_].)(?=\w)"), "'": re.compile(r"'(?<=[^\W\d_].)(?=\w)")},
    "quotes": {"«": re.compile("«"), "“": re.compile("“"), '"': re.compile(r'"(?=\w)')},
    "quote-space": {name: re.compile(rf"«{space}(?=[^\W_])") for name, space in _SPACES.items()},
    "ellipsis": {"…": re.compile("…"), "...": re.compile(r"(?<!\.)\.\.\.(?!\.)")},
    "punctuation-space": _before("[;!?]"),
    "colon-space": _before(":"),
    "unit-space": _before("%"),
    "thousands": {
        name: re.compile(rf"(?<![\w.,{space}])[1-9]\d{{0,2}}{space}\d{{3}}(?![\w])")
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


@dataclass(frozen=True, slots=True)
class Habit:
    """How a document prints one thing.

    Attributes:
        rule: the rule of typography on the same subject.
        counts: how often each choice stands in it; those that never do are left out.
    """

    rule: str
    counts: MappingProxyType[str, int]

    @property
    def places(self) -> int:
        """How often the document had to choose."""
        return sum(self.counts.values())

    @property
    def usual(self) -> str:
        """The choice it makes most often."""
        return max(self.counts, key=self.counts.__getitem__)

    @property
    def steady(self) -> bool:
        """Whether it is a style: the document chose often enough, and hardly ever otherwise."""
        return self.places >= _FEWEST and self.counts[self.usual] >= _STEADY * self.places


def habits(
    text: str, *, known: Callable[[str], bool], accented: Callable[[str], str | None]
) -> tuple[Habit, ...]:
    """Return how a text prints what rules of typography speak of; what it never prints is left out.

    Args:
        text: the structured text, before any profile.
        known: whether a lower-case word is in the lexicon.
        accented: a capitalised word with the accent that its first letter lacks, or None.

    >>> percents = habits("De 22% à 40%, puis 41 %.", known=str.isalpha, accented=lambda word: None)
    >>> [(habit.rule, dict(habit.counts), habit.steady) for habit in percents]
    [('unit-space', {'none': 2, 'plain': 1}, False)]
    """
    words = Words(known, accented)
    counted = {
        rule: {choice: len(pattern.findall(text)) for choice, pattern in choices.items()}
        for rule, choices in _CHOICES.items()
    }
    for rule, printed, name in ((LIGATURE, _LIGATURE, "œ"), (CAPITAL_ACCENT, _ACCENTED, "É")):
        bare = sum(1 for _ in rule.find(text, Options(), words))
        counted[rule.name] = {name: len(printed.findall(text)), {"œ": "oe", "É": "E"}[name]: bare}
    return tuple(
        Habit(rule, MappingProxyType({choice: count for choice, count in counts.items() if count}))
        for rule, counts in counted.items()
        if any(counts.values())
    )


def overruled(found: Iterable[Habit], edits: Iterable[Edit]) -> list[Habit]:
    """Return the steady habits that normalisations change in most places."""
    changes: dict[str, int] = {}
    for edit in applied(edits):
        for rule in edit.rule.split("+"):
            changes[rule] = changes.get(rule, 0) + 1
    return [habit for habit in found if habit.steady and 2 * changes.get(habit.rule, 0) > habit.places]
