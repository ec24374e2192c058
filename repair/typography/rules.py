"""What a rule of typography is, and the characters that rules speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

NO_BREAK = "\u00a0"
SPACES = " \u00a0\u2009\u202f"
"""Spaces that French puts beside a sign: plain, no-break, thin, thin no-break."""
PRINTERS = "Lexique des règles typographiques en usage à l’Imprimerie nationale"


class Matter(StrEnum):
    """What a rule may change; nothing else of a text does."""

    SPACES = "spaces"
    SIGNS = "signs and spaces"
    LETTERS = "letters"
    """Also signs and spaces; never a digit."""


class Change(NamedTuple):
    """What a rule asks: [start, end) becomes `after`; `detail` names a witness where there is one."""

    start: int
    end: int
    after: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What a profile says to a rule; each rule reads those that it knows.

    Attributes:
        space: the space it puts.
        dash: the dash it puts.
        marks: the signs of punctuation it speaks of.
        titles: titles before a name.
        abbreviations: what stands before a number.
        units: what stands after a number.
        apart: units before which a space is added where there is none.
    """

    space: str = NO_BREAK
    dash: str = "–"
    marks: str = ""
    titles: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What rules may ask about words.

    Attributes:
        known: whether a lower-case word is in the lexicon.
        accented: a capitalised word with the accent its first letter lacks; None where that is not sure.
    """

    known: Callable[[str], bool]
    accented: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of typography.

    Attributes:
        name: its identifier in profiles and edits.
        matter: what it may change.
        source: who prints so.
        find: the changes it asks of a text, in order, disjoint; the first line of its docstring says what
            it does.
        grammalecte: the rules of Grammalecte on the same subject, by their identifiers.
        languagetool: the same for LanguageTool.
    """

    name: str
    matter: Matter
    source: str
    find: Callable[[str, Options, Words], Iterator[Change]] = field(repr=False)
    grammalecte: tuple[str, ...] = ()
    languagetool: tuple[str, ...] = ()
