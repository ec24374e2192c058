"""Damaged documents in any number, of clean text: what a model of written French learns from.

:func:`damaged` sets a clean text as a printer would (`setting.py`), draws which classes of damage strike
the document and how often (:func:`any_damage`), and strikes it (`strike.py`), here more and there less.
The same generator state gives the same document; `python -m bench.damage` compares them with real ones.

A document has some kinds of damage (`KINDS`) and not others, and within a kind a class that strikes is lost
wholly, about half, or now and then, while its neighbours are spared: so are real ones. The styles of
`strike.any_style` know letters alone; here lines, spaces, signs and specks are damaged too.

What it does not make: words and lines that are not read at all, columns that run into each other, and words
in which nothing is right. No witness of the text alone could restore them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
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
    Confusions,
)
from repair.damage.setting import any_manner, set_page
from repair.damage.strike import FOREIGN_MODEL, LOST_ACCENTS, SLIP, Rates, Struck, strike

SHAPES: Mapping[str, str] = {
    "a": "onus", "b": "hlo6", "c": "eotG(", "d": "ail", "e": "coas", "f": "tlrs", "g": "qsy9", "h": "blkn",
    "i": "ltrj!1", "j": "il;", "l": "1Iit!|J", "m": "nw", "n": "umrha", "o": "0cea", "p": "njqy", "q": "gp9",
    "r": "ivtns", "s": "aef5g8", "t": "lirf1c", "u": "navi", "v": "yrux", "x": "vzs", "y": "vg", "z": "xs",
    "é": "èêë6côts", "è": "éêôte", "ê": "éôèë", "à": "hiûùd", "â": "àdi", "î": "itï", "ô": "àéòo",
    "û": "ùüdi", "ù": "ûhu", "ç": "qcge", "A": "4R", "B": "RE8H", "C": "GO(", "D": "OBI", "E": "BFKL",
    "F": "PET", "G": "CO6", "H": "NBI", "I": "l1TJi", "L": "I1E", "M": "NH", "N": "MHX", "O": "0QCD",
    "P": "FR", "Q": "O0", "R": "BKH", "S": "8s5", "T": "IYF", "U": "VO", "V": "YU", "É": "BEK",
}  # fmt: skip
"""What a letter is taken for by its shape, beyond the table of confusions (Latin type; our own list)."""

LIGATURES: tuple[Change, ...] = (
    ("li", "h"), ("cl", "d"), ("ri", "n"), ("in", "m"), ("ni", "m"), ("iu", "m"), ("nn", "im"), ("ui", "m"),
    ("ui", "in"), ("fi", "li"), ("fi", "h"), ("fl", "ll"), ("ll", "U"), ("ll", "il"), ("il", "d"),
    ("tt", "lt"), ("ct", "el"), ("ti", "h"), ("vi", "n"), ("m", "ni"), ("m", "iu"), ("n", "ii"), ("u", "ii"),
    ("w", "vv"), ("d", "tl"), ("h", "li"), ("à", "il"), ("D", "I)"), ("N", "IN"), ("M", "AI"), ("U", "II"),
    ("en", "cn"),
)  # fmt: skip
"""Two letters taken for one or two others, or one for two."""

SIGNS: tuple[Change, ...] = (
    (".", ","), (",", "."), (".", ""), (",", ""), (";", ":"), (":", ";"), (",", ";"), (".", ":"), (";", ","),
    ("'", ""), ("'", " "), ("'", "\""), ("'", ","), ("'", "`"), ("'", "*"), ("-", ""), ("-", " "), ("-", "~"),
    ("«", "<"), ("«", "\""), ("«", "c"), ("»", ">"), ("»", "\""), ("—", "-"), ("—", "_"), ("(", "{"),
    (")", "}"), ("!", "l"), ("?", "7"), (" ", ". "), (" ", ", "), (" ", " ' "), (" ", " - "), (", ", " , "),
)  # fmt: skip
"""Punctuation lost, taken for another sign, or seen where there is none."""

GAPS: tuple[Change, ...] = (
    (", ", ","), (",", " ,"), (".", " ."), (";", " ;"), ("'", "' "), ("-", " - "), ("-", "- "), ("(", "( "),
    (" ;", ";"), (" :", ":"), (" ?", "?"), (" !", "!"), ("« ", "«"), (" »", "»"),
)  # fmt: skip
"""Spaces around signs, lost or put in."""

BREAKS: tuple[Change, ...] = (
    ("-\n", "\n"), ("-\n", "—\n"), ("-\n", ".\n"), ("-\n", " \n"), ("-\n", "- "), ("-\n", "-\n\n"),
    ("\n", "\n\n"),
)  # fmt: skip
"""The hyphen or the end of a line lost or misread."""

SPECKS = ("|", "!", "i", "l", ".", ",", "'", "-", "_", "~", "*", "\\", "/", ":", "=", "(", "]", "}", "f", "t",
          "1", "é", "ë", "«", "°", "ll", "|}", ">", "%", "a", "\"", "É", "| |", "ne", "Î")  # fmt: skip
"""What stains, rules and the next page's edge are read as."""

OTHER_ACCENTS: Mapping[str, str] = {
    "é": "éèëê", "è": "éëe", "ê": "éëèe", "à": "áäâa", "â": "äáãà", "î": "ïíì", "ï": "îií", "ô": "öóòõ",
    "û": "üúù", "ù": "üúû", "ç": "cgęs", "œ": "öæoe", "ë": "éêe", "É": "ÈEÊ", "À": "ÁÄA", "È": "ÉE",
    "Ê": "ÉE",
}  # fmt: skip
"""The accents that models of other languages see in place of ours."""

PUT_IN: tuple[Change, ...] = (
    ("e", "é"), ("e", "è"), ("e", "ê"), ("a", "à"), ("a", "â"), ("u", "ù"), ("u", "û"), ("i", "î"),
    ("o", "ô"), ("c", "ç"), ("E", "É"), ("A", "À"),
)  # fmt: skip
"""Accents seen where there are none."""

CASE = "CcSsOoVvWwXxZzUuKkPpIiJjTtEeLlMmDdFf"
"""Letters whose capital has nearly the shape of the small one, and others that are mistaken for it."""

FIGURES: Mapping[str, str] = {
    "0": "Oo8", "1": "lIi4]", "2": "Z7", "3": "8S5", "4": "1A", "5": "S36", "6": "G8", "7": "1T", "8": "3S6",
    "9": "0g",
}  # fmt: skip
"""What a figure is taken for, beside being lost."""

PATCH = 300
"""Signs of the stretches that are struck more or less than the rest, about."""

RIFE = 0.1
"""Rate above which a class strikes all stretches alike: the engine does not know the sign."""

_LONG_S_BEFORE = "aeiouyéèêâàîôtpcmnlqfbhdgvj"


@dataclass(frozen=True, slots=True)
class Damage:
    """What strikes a document.

    Attributes:
        kinds: names of the kinds of damage that it has; of none, it is sound.
        rates: P(read | printed) by class and place in the word.
        patchy: how much the stretches of the document differ: standard deviation of ln of the rates.
    """

    kinds: tuple[str, ...]
    rates: Rates
    patchy: float = 0.0


@dataclass(frozen=True, slots=True)
class Damaged:
    """A damaged document and what it was made of.

    Attributes:
        page: from the clean text to what is printed: `page.printed` is the text given, `page.read` the page.
        reading: from the page to what is read of it: `reading.printed` is the page.
        damage: what struck it.
    """

    page: Struck
    reading: Struck
    damage: Damage


def damaged(clean: str, confusions: Confusions, rng: random.Random) -> Damaged:
    """Set a text and damage it, in any manner, from not at all to severely.

    Args:
        clean: one document; a passage of some thousand signs shows its damage.
        confusions: the table.
        rng: the only source of chance.
    """
    page = set_page(clean, any_manner(rng), rng)
    damage = any_damage(confusions, rng)
    return Damaged(page, struck_in_patches(page.read, damage, rng), damage)


def any_damage(confusions: Confusions, rng: random.Random) -> Damage:
    """Draw what strikes a document: one in eight is sound, the others have some kinds of damage."""
    if rng.random() < 0.125:
        return Damage((), {})
    degree = min(6.0, rng.lognormvariate(-0.4, 1.2))
    kinds = tuple(name for name, (chance, _) in KINDS.items() if rng.random() < chance)
    rates: dict[tuple[Change, str], float] = {}
    for name in kinds:
        rates |= KINDS[name][1](confusions, degree, rng)
    return Damage(kinds, rates, rng.choice((0.0, 0.4, 0.8, 1.2)))


def struck_in_patches(printed: str, damage: Damage, rng: random.Random) -> Struck:
    """Strike a page, some of its stretches more than others; what is rife strikes everywhere."""
    if not damage.rates:
        return Struck(printed, ())
    read, wounds = [], []
    length = 0
    for stretch in _stretches(printed) if damage.patchy else [printed]:
        factor = rng.lognormvariate(-(damage.patchy**2) / 2, damage.patchy) if damage.patchy else 1.0
        rates = {key: rate if rate > RIFE else rate * factor for key, rate in damage.rates.items()}
        struck = strike(stretch, rates, rng)
        read.append(struck.read)
        wounds += [(length + start, length + end, before) for start, end, before in struck.wounds]
        length += len(struck.read)
    return Struck("".join(read), tuple(wounds))


def _stretches(text: str) -> list[str]:
    """Cut a text after spaces or line ends, every `PATCH` signs or so."""
    return re.findall(rf"(?s).{{1,{PATCH}}}(?:\s|$)|.+?(?:\s|$)", text)


def _rife(rng: random.Random) -> float:
    """Draw the rate of a class that a document loses: wholly, about half, or in part."""
    return rng.choice((1.0, rng.uniform(0.3, 0.7), rng.uniform(0.02, 0.3), rng.uniform(0.02, 0.3)))


def _seldom(degree: float, middle: float, rng: random.Random) -> float:
    """Draw the rate of a class that strikes now and then: about `middle` times the degree, at most 0.3."""
    return min(0.3, degree * middle * rng.lognormvariate(0.0, 1.2))


def _accents(_: Confusions, degree: float, rng: random.Random) -> Rates:
    chosen = rng.sample(LOST_ACCENTS, k=rng.randint(1, len(LOST_ACCENTS)))
    rates = (_rife(rng) if rng.random() < 0.5 else _seldom(degree, 0.01, rng) for _ in chosen)
    return {(change, ANY): rate for change, rate in zip(chosen, rates, strict=True)}


def _put_in(_: Confusions, degree: float, rng: random.Random) -> Rates:
    return {(change, ANY): _seldom(degree, 0.002, rng) for change in PUT_IN if rng.random() < 0.5}


def _foreign(confusions: Confusions, _: float, rng: random.Random) -> Rates:
    """An English model: « a » for « à », « 1’ » for « l’ », in any order: each may be the commonest."""
    places = {entry.change: entry.where for entry in confusions.entries}
    classes = (*FOREIGN_MODEL, ("à", "4"), ("v", "y"))
    chosen = rng.sample(classes, k=rng.randint(3 * len(classes) // 4, len(classes)))
    rates = {
        (change, places.get(change, ANY)): rng.uniform(0.0, 0.2) if change == ("v", "y") else _rife(rng)
        for change in chosen
    }
    capitals = ((letter, bare) for letter, bare in LOST_ACCENTS if letter.isupper() and rng.random() < 0.8)
    return rates | {(change, ANY): rng.choice((1.0, 0.8)) for change in capitals}


def _other_accents(_: Confusions, __: float, rng: random.Random) -> Rates:
    """A German, Spanish or Italian model: the accents of its own language."""
    chosen = [letter for letter in OTHER_ACCENTS if rng.random() < 0.6]
    return {((letter, rng.choice(OTHER_ACCENTS[letter])), ANY): _rife(rng) for letter in chosen}


def _table(confusions: Confusions, degree: float, rng: random.Random) -> Rates:
    return {
        (entry.change, entry.where): _seldom(degree, 10 * entry.prior, rng)
        for entry in confusions.entries
        if entry.where != ELIDED and entry.where != BETWEEN and rng.random() < 0.5
    }


def _elisions(confusions: Confusions, _: float, rng: random.Random) -> Rates:
    wheres = (ELISION, APOSTROPHE, QUOTED, INITIAL, WHOLE)
    entries = [entry for entry in confusions.entries if entry.where in wheres]
    chosen = rng.sample(entries, k=rng.randint(1, 6))
    rates = (rng.choice((_rife(rng), rng.uniform(0.002, 0.05))) for _ in chosen)
    return {(entry.change, entry.where): rate for entry, rate in zip(chosen, rates, strict=True)}


def _shapes(_: Confusions, degree: float, rng: random.Random) -> Rates:
    changes = [(letter, read) for letter, shapes in SHAPES.items() for read in shapes]
    share = rng.uniform(0.1, 0.7)
    return {
        (change, ANY): _seldom(degree, 0.0015, rng)
        for change in (*changes, *LIGATURES)
        if rng.random() < share
    }


def _slips(_: Confusions, degree: float, rng: random.Random) -> Rates:
    return {(SLIP, ANY): min(0.06, degree * rng.uniform(1e-3, 1e-2))}


def _spaces(_: Confusions, degree: float, rng: random.Random) -> Rates:
    rates = {((" ", ""), BETWEEN): _seldom(degree, 0.006, rng)}
    rates[("", " "), BETWEEN] = _seldom(degree, 0.0005, rng)
    return rates | {(change, ANY): _seldom(degree, 0.02, rng) for change in GAPS if rng.random() < 0.4}


def _signs(_: Confusions, degree: float, rng: random.Random) -> Rates:
    return {
        (change, ANY): _seldom(degree, 0.001 if change[0] == " " else 0.02, rng)
        for change in SIGNS
        if rng.random() < 0.5
    }


def _case(_: Confusions, degree: float, rng: random.Random) -> Rates:
    changes = [(letter, letter.swapcase()) for letter in CASE]
    return {
        (change, ANY): _seldom(degree, 0.02 if change[0].isupper() else 0.0007, rng)
        for change in changes
        if rng.random() < 0.4
    }


def _figures(_: Confusions, degree: float, rng: random.Random) -> Rates:
    changes = [(figure, read) for figure, shapes in FIGURES.items() for read in ("", *shapes)]
    return {(change, ANY): _seldom(degree, 0.01, rng) for change in changes if rng.random() < 0.4}


def _breaks(_: Confusions, degree: float, rng: random.Random) -> Rates:
    return {(change, ANY): _seldom(degree, 0.03, rng) for change in BREAKS if rng.random() < 0.5}


def _specks(_: Confusions, degree: float, rng: random.Random) -> Rates:
    """Specks at the beginnings and ends of lines, between words, and as lines of their own."""
    rates: dict[tuple[Change, str], float] = {}
    for speck in rng.sample(SPECKS, k=rng.randint(1, 10)):
        where = rng.choice((f"\n{speck} ", f" {speck}\n", f" {speck}\n", f"\n{speck}\n"))
        rates[("\n", where), ANY] = _seldom(degree, 0.02, rng)
        if rng.random() < 0.3:
            rates[(" ", f" {speck} "), ANY] = _seldom(degree, 0.0007, rng)
    return rates


def _old_type(_: Confusions, __: float, rng: random.Random) -> Rates:
    """The long s, which stands anywhere but at the end of a word, and its ligatures."""
    read, rate = rng.choice("fffſ"), rng.choice((1.0, 0.9, rng.uniform(0.2, 0.9)))
    rates = {((f"s{letter}", f"{read}{letter}"), ANY): rate for letter in _LONG_S_BEFORE}
    return {(("ss", rng.choice((f"{read}s", f"{read}{read}"))), ANY): rate} | rates


KINDS: Mapping[str, tuple[float, Callable[[Confusions, float, random.Random], Rates]]] = {
    "accents": (0.25, _accents),
    "accents put in": (0.25, _put_in),
    "English model": (0.3, _foreign),
    "other accents": (0.06, _other_accents),
    "old type": (0.04, _old_type),
    "elisions": (0.25, _elisions),
    "table": (0.6, _table),
    "shapes": (0.6, _shapes),
    "slips": (0.6, _slips),
    "spaces": (0.5, _spaces),
    "signs": (0.5, _signs),
    "case": (0.3, _case),
    "figures": (0.3, _figures),
    "line ends": (0.3, _breaks),
    "specks": (0.3, _specks),
}
"""The kinds of damage: how many documents have each, and what draws its rates."""
