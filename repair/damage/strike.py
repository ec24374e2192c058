"""Damaging clean text on purpose, as an engine does: one set of rates for a whole document.

:func:`strike` is the noisy channel run forwards. It makes the texts that decisions are learned
from and that tests repair; :func:`any_style` draws what an engine may do to a document, from
almost nothing to a model of the wrong language.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from repair.damage.confusions import (
    ANY,
    APOSTROPHE,
    BETWEEN,
    ELIDED,
    ELISION,
    INITIAL,
    QUOTED,
    WHOLE,
    Change,
    Confusion,
    Confusions,
)

LOST_ACCENTS: tuple[Change, ...] = (
    ("à", "a"), ("è", "é"), ("ê", "é"), ("è", "e"), ("ê", "e"), ("é", "e"), ("ô", "o"), ("î", "i"),
    ("â", "a"), ("û", "u"), ("ù", "u"), ("ç", "c"), ("É", "E"), ("À", "A"), ("Ê", "E"), ("È", "E"),
)  # fmt: skip
"""Accents that engines lose or exchange."""

FOREIGN_MODEL: tuple[Change, ...] = (
    ("à", "a"), ("à", "&"), ("à", "A"), ("l'", "1'"), ("l'", "I'"), ("è", "é"), ("ê", "é"), ("É", "E"),
    ("œ", "ce"), ("ç", "g"), ("ô", "o"), ("î", "i"), ("è", "e"), ("ê", "e"), ("û", "i"),
    ("â", "a"), ("ô", "é"),
)  # fmt: skip
"""What a model of another language does to French (measured on a page read so: see the notes)."""

SLIP: Change = ("?", "?")
"""In the rates of a document: a letter changed, dropped or added by chance."""

COMMON_LETTERS = "eeeeeaaasssiiittnnrruullodcmpvfbghqjyxz.,-'"
"""What a letter may be misread as, for no reason; the commoner the likelier."""

Rates = Mapping[tuple[Change, str], float]
"""P(read | printed) by class and place in the word (`confusions.ANY` and its like)."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A damaged text and what it was made of.

    Attributes:
        read: the damaged text.
        wounds: for each place struck: its first code point in `read`, one past its last, what was printed.
    """

    read: str
    wounds: tuple[tuple[int, int, str], ...]

    @property
    def printed(self) -> str:
        """The text that was struck, its wounds undone."""
        pieces: list[str] = []
        position = 0
        for start, end, before in self.wounds:
            pieces += (self.read[position:start], before)
            position = end
        return "".join([*pieces, self.read[position:]])


def strike(printed: str, rates: Rates, rng: random.Random) -> Struck:
    """Damage a text; the same generator state gives the same damage."""
    wounds: dict[int, tuple[int, str]] = {}
    taken = bytearray(len(printed))
    for ((before, after), where), rate in rates.items():
        if (before, after) == SLIP:
            _scatter(printed, rate, rng, taken, wounds)
            continue
        for match in _places(before, where).finditer(printed):
            start, end = match.span()
            if rng.random() < rate and not any(taken[start : end or start + 1]):
                taken[start:end] = b"\1" * (end - start)
                apostrophe = "’" if "’" in match[0] else "'"
                wounds[start] = (end, after.replace("'", apostrophe))
    return rewritten(printed, wounds)


def rewritten(text: str, changes: Mapping[int, tuple[int, str]]) -> Struck:
    """Change places of a text.

    Args:
        text: any text.
        changes: for the first code point of each place, one past its last, and what stands there instead;
            one inside another is left out.
    """
    pieces: list[str] = []
    found = []
    position = length = 0
    for start in sorted(changes):
        end, after = changes[start]
        if start < position:
            continue
        pieces += (text[position:start], after)
        length += start - position
        found.append((length, length + len(after), text[start:end]))
        length += len(after)
        position = end
    pieces.append(text[position:])
    return Struck("".join(pieces), tuple(found))


def _scatter(
    printed: str, rate: float, rng: random.Random, taken: bytearray, wounds: dict[int, tuple[int, str]]
) -> None:
    """Strike letters for no reason: one for another, one lost, one too many."""
    for _ in range(round(rate * len(printed))):
        place = rng.randrange(len(printed))
        if printed[place].isalpha() and not taken[place]:
            taken[place] = 1
            letter = rng.choice(COMMON_LETTERS)
            wounds[place] = (place + 1, rng.choice((letter, letter, letter, "", printed[place] + letter)))


def _places(printed: str, where: str) -> re.Pattern[str]:
    if where == BETWEEN and not printed:
        return re.compile(r"(?<=[^\W\d_])(?=[^\W\d_])")
    if where == BETWEEN:
        return re.compile(rf"(?<=[^\W\d_]){re.escape(printed)}(?=[^\W\d_\s])")
    shape = re.escape(printed).replace("'", "['’]")
    if where in (ELISION, APOSTROPHE, INITIAL, QUOTED):
        return re.compile(rf"\b{shape}(?=[^\W\d_])")
    if where == WHOLE:
        return re.compile(rf"(?<![\w'’-]){shape}(?![\w'’-])")
    return re.compile(shape)


def any_style(confusions: Confusions, rng: random.Random) -> dict[tuple[Change, str], float]:
    """Draw the rates of a document.

    Untouched, lightly struck, worn (an old newspaper), accents lost, or read by a foreign model.
    """
    style = rng.choice(("none", "light", "light", "shapes", "worn", "worn", "accents", "foreign", "foreign"))
    rates: dict[tuple[Change, str], float] = {}
    if style == "none":
        return rates
    if style in ("light", "shapes") or rng.random() < 0.3:
        rates[(SLIP, ANY)] = rng.choice((5e-4, 2e-3, 5e-3, 1e-2))
    # A space after an elision is too rare to learn from: all development pairs have 23.
    table = {(entry.change, entry.where): entry for entry in confusions.entries if entry.where != ELIDED}
    for key in rng.sample(list(table), k=min(len(table), rng.randint(4, 30))):
        rates[key] = _light(table[key], rng) * (rng.uniform(3, 30) if style == "shapes" else 1.0)
    for change in LOST_ACCENTS:
        if rng.random() < 0.5:
            rates[(change, ANY)] = rng.choice((2e-4, 1e-3, 5e-3))
    if style == "worn":
        rates |= _worn(table, rng)
    if style == "accents":
        for change in rng.sample(LOST_ACCENTS, k=rng.randint(1, 8)):
            rates[(change, ANY)] = rng.uniform(0.02, 1.0)
    if style == "foreign":
        wheres = dict(table.keys())
        for change in FOREIGN_MODEL:
            if rng.random() < 0.75:
                rates[(change, wheres.get(change, ANY))] = rng.betavariate(0.6, 0.5)
    return rates


def _worn(
    table: Mapping[tuple[Change, str], Confusion], rng: random.Random
) -> dict[tuple[Change, str], float]:
    """Draw the rates of worn type: many shapes mistaken, some again and again, chance slips, broken words."""
    degree = rng.uniform(0.3, 3.0)
    rates = {(SLIP, ANY): degree * rng.uniform(1e-3, 1e-2)}
    for key in table:
        if rng.random() < 0.6:
            rates[key] = min(0.3, degree * rng.lognormvariate(math.log(2e-3), 1.5))
    for _ in range(rng.randint(0, 8)):
        printed, read = rng.sample("abcdefghijlmnopqrstuvxz", k=2)
        rates[((printed, read), ANY)] = min(0.2, degree * rng.lognormvariate(math.log(4e-3), 1.0))
    for change in ((" ", ""), ("", " ")):
        rates[(change, BETWEEN)] = degree * rng.uniform(0, 3e-3)
    return rates


def _light(entry: Confusion, rng: random.Random) -> float:
    return entry.prior * rng.lognormvariate(1.0, 1.0)
