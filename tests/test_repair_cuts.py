"""Any text and any piece of the user's documents, through the whole pipeline: nothing lost, nothing invented.

The texts are the same in each run: a thousand at random, a thousand cuts anywhere in the documents.
"""

import random
import string
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from repair import Kind, Repaired, repair_text
from repair.edits import applied, undo
from repair.language.tokens import fold

TEXTS = 1_000
LONGEST = 2_000
"""Characters of a cut: pages, notes and their calls are within it."""

PIECES = """
l’ 1’ I’ d’ n® n° ® ° * ? ¢ & à a 2753 1 27531 1. 2. a) b) <sup>1</sup> <sup> _____ # ** | assis- tance sous-
régionales États Etats étre ceuvre Unies1 A/RES/74/175 12 décembre 2019 — « » " ' ( ) [^1] [^1]: &amp; &#233;
Ã© l’Assemblée générale décide que les mesures prises par le comité
"""
GAPS = (" ", " ", " ", " ", "", "\n", "\n\n", "\r\n", "\t", "\f", "\u00a0", "\u202f", "\u2028")

SLIPS = 4
"""Letters and figures that a repair adds to a word, or takes, at most."""

TAKEN_AWAY = {
    "markup", "note-call", "note-mark", "superscript", "entity", "paragraph-number", "block-moved",
    "paragraph-resumed",
}  # fmt: skip
"""Rules of structure after which letters and figures are gone from where they stood."""


def random_text(chance: random.Random) -> str:
    pieces = []
    for _ in range(chance.randint(0, 60)):
        kind = chance.random()
        if kind < 0.8:
            pieces.append(chance.choice(PIECES.split()))
        elif kind < 0.9:
            pieces.append("".join(chance.choices(string.printable, k=chance.randint(1, 6))))
        else:
            odd = (chance.randrange(32, 0x250), chance.randrange(0xE000, 0x10FFFF))
            pieces.append(chr(chance.choice(odd)))
        pieces.append(chance.choice(GAPS))
    return "".join(pieces)


def letters(text: str) -> Counter[str]:
    """Count letters and figures, accents, ligatures and case apart."""
    return Counter(filter(str.isalnum, fold(text.lower())))


def ledger_tells_all(text: str, made: Repaired) -> None:
    """Hold what was made of a text against its ledger: what no edit names stands as it stood."""
    done = applied(made.edits)
    assert undo(made.text, made.edits) == text
    assert all(one.end <= other.start for one, other in pairwise(done))
    grown = 0
    here = 0
    for edit in done:
        assert text[here : edit.start] == made.text[here + grown : edit.start + grown]
        assert made.text[edit.start + grown :].startswith(edit.after)
        here, grown = edit.end, grown + edit.growth
    assert text[here:] == made.text[here + grown :]


def invents_nothing(text: str, made: Repaired) -> None:
    """A repair mends the letters of a word or two; structure moves letters, and takes away marks alone."""
    mended = 0
    for edit in applied(made.edits):
        rules = set(edit.rule.split("+"))
        before, after = letters(edit.before), letters(edit.after)
        lost, won = (before - after).total(), (after - before).total()
        if not TAKEN_AWAY & rules:
            assert (abs(won - lost) if edit.kind is Kind.REPAIR else max(won, lost)) <= SLIPS, edit
            mended += won
        elif not rules <= TAKEN_AWAY - {"entity"}:  # what is moved is mended too
            mended += SLIPS
    assert (letters(made.text) - letters(text)).total() <= mended


def both_editions(text: str) -> None:
    for edition in ("diplomatic", "normalised"):
        made = repair_text(text, edition)
        ledger_tells_all(text, made)
        invents_nothing(text, made)
        if edition == "diplomatic":
            assert all(edit.kind is Kind.REPAIR for edit in made.edits)
            assert repair_text(made.text).text == made.text


def test_random_texts():
    chance = random.Random(4)  # noqa: S311 - which texts are drawn is no secret
    for _ in range(TEXTS):
        both_editions(random_text(chance))


@pytest.mark.shared
def test_cuts_anywhere_in_the_documents(corpus: Path):
    texts = [path.read_bytes().decode() for path in sorted(corpus.glob("*.txt"))]
    chance = random.Random(4)  # noqa: S311
    for _ in range(TEXTS):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        both_editions(text[start : start + chance.randint(1, LONGEST)])


@pytest.mark.shared
def test_normalised_twice_is_normalised_once(corpus: Path):
    """Of whole lines: half a word, or half a tag, reads otherwise once its neighbours are in order."""
    texts = [path.read_bytes().decode().splitlines(keepends=True) for path in sorted(corpus.glob("*.txt"))]
    chance = random.Random(4)  # noqa: S311
    for _ in range(TEXTS // 4):
        lines = chance.choice(texts)
        start = chance.randrange(len(lines))
        once = repair_text("".join(lines[start : start + chance.randint(1, 60)]), "normalised").text
        assert repair_text(once, "normalised").text == once


def test_below_a_rule_no_paragraph_goes_on():
    """Notes whose marks are gone stand there: found by a cut of the documents, normalised twice."""
    cut = "1. Prie l’Office de fournir une assistance aux États qui le demandent, et coordonne et complète"
    once = repair_text(f"{cut}\n\n__________________\n\nRésolution 60/288.\n", "normalised").text
    assert len(once.splitlines()) == 3
    assert repair_text(once, "normalised").text == once
