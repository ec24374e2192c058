"""Other programs, each called as its users would call it on a French reading.

A wrapper hands the program one word, or one run of words, at a time and puts what it answers back
in its place: punctuation, spaces and case stay. What is told it beyond its own defaults is in
its `given`, and goes into the table. Each remembers the words that it has seen.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import marisa_trie
from rapidfuzz.distance import Levenshtein

from repair.edits import Decision, Edit, Kind, apply
from repair.language import load_language
from repair.language.index import WORDS
from repair.pipeline import Repaired, repair_text

Item = TypeVar("Item")

SEED = 2026

_WORD = re.compile(r"[^\W_]{2,}")
_ELIDED = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_RUN = re.compile(r"[^\W_]+(?: [^\W_]+)*")

DICOLLECTE = "dictionary-fr@3.0.0"


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that is measured.

    Attributes:
        name: with its version.
        given: what it was given, in a few words.
        repair: a text in, the repaired text and its edits out.
        lookups: the words or runs of a text that it looks up slowly; None for a fast program.
        budget: how many different ones it may look up in a set.
    """

    name: str
    given: str
    repair: Callable[[str], Repaired]
    lookups: Callable[[str], Iterator[str]] | None = None
    budget: int = 0

    def affordable(self, items: Sequence[Item], text: Callable[[Item], str]) -> Sequence[Item]:
        """Return what the program is measured on: all items, or a fixed random sample where it is slow.

        Args:
            items: documents.
            text: the text of one.
        """
        if self.lookups is None:
            return items
        shuffled = list(items)
        random.Random(SEED).shuffle(shuffled)  # noqa: S311 - no secret
        asked: set[str] = set()
        taken: list[Item] = []
        for item in shuffled:
            asked.update(self.lookups(text(item)))
            if taken and len(asked) > self.budget:
                break
            taken.append(item)
        return taken


def by_word(
    name: str, correct: Callable[[str], str], pattern: re.Pattern[str] = _WORD
) -> Callable[[str], Repaired]:
    """Return the repairer that asks `correct` for each word: lower case in, lower case out."""
    remembered = lru_cache(maxsize=None)(correct)

    def repair(text: str) -> Repaired:
        edits = []
        for match in pattern.finditer(text):
            word = match[0]
            if word.isdigit():
                continue
            right = recase(remembered(word.lower()), word)
            if right != word:
                edits.append(_edit(match.start(), word, right, name))
        return Repaired(apply(text, edits), tuple(edits))

    return repair


def by_run(name: str, correct: Callable[[str], str], pattern: re.Pattern[str]) -> Callable[[str], Repaired]:
    """Return the repairer that asks `correct` for each run of text, in its case."""

    def repair(text: str) -> Repaired:
        edits = []
        for match in pattern.finditer(text):
            right = correct(match[0])
            if right != match[0]:
                edits += differences(match[0], right, match.start(), name)
        return Repaired(apply(text, edits), tuple(edits))

    return repair


def recase(word: str, model: str) -> str:
    """Give a lower-case word the case of the one it stands for.

    >>> recase("état", "Etat"), recase("état", "ETAT"), recase("l'état", "1'Etat")
    ('État', 'ÉTAT', "l'État")
    """
    if model.isupper() and len(model) > 1:
        return word.upper()
    if len(word) == len(model):
        return "".join(
            here.upper() if there.isupper() else here for here, there in zip(word, model, strict=True)
        )
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def differences(text: str, right: str, offset: int, rule: str) -> list[Edit]:
    """Return the edits, word by word, that make one text of another.

    >>> [(edit.before, edit.after) for edit in differences("dela loi", "de la loi", 0, "demo")]
    [('dela', 'de la')]
    """
    here, there = (re.findall(r"\s+|\S+", side) for side in (text, right))
    starts = [0]
    for piece in here:
        starts.append(starts[-1] + len(piece))
    merged: list[list[int]] = []
    for step in Levenshtein.opcodes(here, there):
        if step.tag == "equal":
            continue
        if merged and merged[-1][1] == step.src_start:
            merged[-1][1], merged[-1][3] = step.src_end, step.dest_end
        else:
            merged.append([step.src_start, step.src_end, step.dest_start, step.dest_end])
    return [
        _edit(offset + starts[first], "".join(here[first:last]), "".join(there[low:high]), rule)
        for first, last, low, high in merged
    ]


def _edit(start: int, before: str, after: str, rule: str) -> Edit:
    return Edit(start, start + len(before), before, after, Kind.REPAIR, rule, 1.0, Decision.APPLIED)


def ours() -> Peer:
    """Return our own program, called as the others are."""
    return Peer(f"prote {version('prote')}", "as shipped", repair_text)


def peers(dicollecte: Path | None) -> list[Peer]:
    """Return the other programs to measure.

    Args:
        dicollecte: Hunspell's French dictionary, without suffix; None leaves Hunspell out.
    """
    import ftfy
    from spellchecker import SpellChecker
    from symspellpy import SymSpell, Verbosity

    lexicon = load_language().lexicon
    symspell = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    for word in _spellings():
        if (count := lexicon.count(word)) >= 1:
            symspell.create_dictionary_entry(word, round(count))

    def lookup(word: str) -> str:
        if len(word) < 2 or word in lexicon:
            return word
        return str(symspell.lookup(word, Verbosity.TOP, 2, include_unknown=True)[0].term)

    def lookup_compound(run: str) -> str:
        found = symspell.lookup_compound(run, 2, transfer_casing=True, ignore_non_words=True)
        return str(found[0].term)

    speller = SpellChecker(language="fr", distance=1)

    def spell(word: str) -> str:
        return speller.correction(word) or word

    names = {
        name: f"{name} {version(name)}" for name in ("symspellpy", "pyspellchecker", "ftfy", "chunspell")
    }
    found = [
        Peer(
            f"{names['symspellpy']} lookup",
            "our lexicon and counts; known words left; distance 2",
            by_word("lookup", lookup),
        ),
        Peer(
            f"{names['symspellpy']} lookup_compound",
            "our lexicon and counts; distance 2; runs of words between signs",
            by_run("lookup_compound", lookup_compound, _RUN),
            lambda text: (match[0] for match in _RUN.finditer(text)),
            budget=3_000,
        ),
        Peer(names["pyspellchecker"], "its French dictionary; distance 1", by_word("pyspellchecker", spell)),
    ]
    if dicollecte is not None:
        found.append(_hunspell(f"hunspell ({names['chunspell']})", dicollecte))
    found.append(
        Peer(
            names["ftfy"],
            "its defaults (they turn ’ into ')",
            by_run("ftfy", ftfy.fix_text, re.compile(r".+", re.DOTALL)),
        )
    )
    return found


def _spellings() -> Iterator[str]:
    """Yield the words of our lexicon, names among them."""
    trie = marisa_trie.Trie()
    trie.mmap(str(files("dictionaries") / "index" / WORDS))
    yield from trie


def _hunspell(name: str, dicollecte: Path) -> Peer:
    from hunspell import Hunspell

    speller = Hunspell(dicollecte.name, hunspell_data_dir=str(dicollecte.parent))
    sound = lru_cache(maxsize=None)(speller.spell)

    def first(word: str) -> str:
        straight = word.replace("’", "'")
        if sound(straight):
            return word
        suggested: list[str] = speller.suggest(straight)
        if not suggested:
            return word
        return suggested[0].replace("'", "’") if "’" in word else suggested[0].replace("’", "'")

    remembered = lru_cache(maxsize=None)(first)

    def unknown(text: str) -> Iterator[str]:
        for match in _ELIDED.finditer(text):
            if not match[0].isdigit() and not sound(match[0].replace("’", "'")):
                yield match[0]

    def repair(text: str) -> Repaired:
        edits = [
            _edit(match.start(), match[0], remembered(match[0]), "hunspell")
            for match in _ELIDED.finditer(text)
            if not match[0].isdigit() and remembered(match[0]) != match[0]
        ]
        return Repaired(apply(text, edits), tuple(edits))

    return Peer(f"{name}, first suggestion", f"Dicollecte ({DICOLLECTE})", repair, unknown, budget=80)


def find_dicollecte(folder: Path) -> Path | None:
    """Return the Hunspell dictionary of French, without suffix, asking npm for it once.

    Args:
        folder: where it is kept.

    Returns:
        None where npm is not installed or does not get it.
    """
    kept = folder / "package" / "index"
    if kept.with_suffix(".dic").exists():
        return kept
    if shutil.which("npm") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        ["npm", "pack", "--silent", DICOLLECTE], cwd=folder, capture_output=True, text=True, check=False
    )
    archive = folder / packed.stdout.strip()
    if packed.returncode or not archive.is_file():
        return None
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return kept
