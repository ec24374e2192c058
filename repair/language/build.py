"""The recipe of the language index: `make dictionaries`.

Reads the open sources of clean French and the Dicollecte dictionary, writes the files
that `index.py` opens. Same inputs give the same bytes.

1. *Dictionary*: every form of Dicollecte (npm `dictionary-fr`), its affixes expanded.
2. *Counts*: pieces of each source, case kept apart, so that names are told from words. Bare
   capitals of sources that print « Etat » teach the damage: they are not counted. « oeuvre »
   is counted as « œuvre ».
3. *Lexicon*: the dictionary, and what clean text attests often enough.
4. *n-grams*: bigrams and trigrams above a cut-off.
5. *Letters*: runs of letters of the attested words.

One line in fifty is kept out, half of them to calibrate on, half to test on: see `holdout.py`.
Nothing may be measured on what was built from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import marisa_trie
import numpy as np
from spylls.hunspell import Dictionary

from repair.language.holdout import lines
from repair.language.index import (
    ATTESTED,
    ATTESTED_NAME,
    DICTIONARY,
    FOLDED,
    LETTERS,
    NAME,
    NGRAMS,
    PERIOD,
    RECORDS,
    SUMMARY,
    WORDS,
)
from repair.language.letters import count_letters
from repair.language.table import quantise, table_bytes
from repair.language.tokens import COMMA, ELISIONS, NUMBER, STOP, fold, lower, pieces


@dataclass(frozen=True, slots=True)
class Corpus:
    """A source of clean text.

    Attributes:
        name: of its file, without suffix.
        modern: whether it is counted as modern or as of 1840–1920.
        bare_capitals: whether it prints « Etat »: its capitals are then not counted.
        weight: what its n-grams count for; law repeats itself.
    """

    name: str
    modern: bool
    bare_capitals: bool = False
    weight: float = 1.0


SOURCES = (
    Corpus("law_canada", modern=True, weight=0.5),
    Corpus("law_france", modern=True, bare_capitals=True),
    Corpus("spoken_modern", modern=True),
    Corpus("novels_1840_1920", modern=False),
    Corpus("novels_1840_1920_plain_capitals", modern=False, bare_capitals=True),
    Corpus("books_gutenberg", modern=False),
    Corpus("books_gutenberg_plain_capitals", modern=False, bare_capitals=True),
)

ATTESTED_MINIMUM = 6
PERIOD_MINIMUM = 4
LETTERS_MINIMUM = 3
BIGRAM_MINIMUM, TRIGRAM_MINIMUM = 2, 2


def expand(dictionary: Dictionary) -> Iterator[str]:
    """Yield every form of a Hunspell dictionary, elided prefixes (« l’ ») left out."""
    aff = dictionary.aff

    def forms(stem: str, flags: Any, depth: int) -> Iterator[str]:
        for flag in flags:
            for suffix in aff.SFX.get(flag, ()):
                if suffix.cond_regexp.search(stem) and stem.endswith(suffix.strip):
                    form = stem[: len(stem) - len(suffix.strip)] + suffix.add
                    if aff.NEEDAFFIX not in suffix.flags:
                        yield form
                    if depth:
                        yield from forms(form, suffix.flags, depth - 1)

    for word in dictionary.dic.words:
        if aff.NEEDAFFIX not in word.flags:
            yield word.stem
        yield from forms(word.stem, word.flags, 2)


_BARE = re.compile(r"\b[AEIOUC][a-zà-ÿœ]*")
"""A capital that may have lost its accent, and its word."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def texts(folder: Path, corpus: Corpus) -> Iterator[str]:
    """Yield the building part of a source in large pieces of text.

    Each line ends in a stop. In a source of bare capitals a word that may lack its accent
    becomes « # », which no n-gram crosses.
    """
    kept = lines(folder, corpus.name)
    while batch := list(islice(kept, 20_000)):
        text = " . ".join(line.rstrip("\n") for line in batch)
        yield _BARE.sub("#", text) if corpus.bare_capitals else text


class Counts:
    """How often each source spells each word, capitals kept apart."""

    def __init__(self) -> None:
        self.modern: Counter[str] = Counter()
        self.period: Counter[str] = Counter()

    def add(self, folder: Path, corpus: Corpus) -> None:
        """Count a source."""
        words = self.modern if corpus.modern else self.period
        for text in texts(folder, corpus):
            words.update(_WORD.findall(text))


def mended(word: str, forms: set[str]) -> str:
    """Return « œuvre » for « oeuvre », which some sources print: the ligature is not theirs to teach."""
    if "oe" in word and word not in forms:
        ligature = word.replace("oe", "œ", 1)
        if ligature in forms:
            return ligature
    return word


@dataclass(slots=True)
class Entry:
    """A word of the lexicon being built."""

    flags: int = 0
    modern: float = 0
    period: float = 0


def lexicon(forms: set[str], counts: Counts) -> dict[str, Entry]:
    """Make the lexicon: every form of the dictionary, and what clean text attests.

    An attested word that an accent alone tells from a much commoner word of the dictionary is
    taken for a slip (« ecole »), unless the old novels write it often: then it is a spelling
    of its period (« siége »).
    """
    entries: defaultdict[str, Entry] = defaultdict(Entry)
    for form in forms:
        straight = form.replace("’", "'")
        entries[straight.lower()].flags |= DICTIONARY if form == form.lower() else NAME

    spellings: defaultdict[str, Entry] = defaultdict(Entry)  # lower-case uses
    capitals: Counter[str] = Counter()  # uses with a capital
    for counter, field in ((counts.modern, "modern"), (counts.period, "period")):
        for word, count in counter.items():
            lowered = mended(word.lower(), forms)
            if word == word.lower():
                entry = spellings[lowered]
                setattr(entry, field, getattr(entry, field) + count)
            else:
                capitals[lowered] += count
            if lowered in entries:
                setattr(entries[lowered], field, getattr(entries[lowered], field) + count)

    commonest: defaultdict[str, float] = defaultdict(float)
    for word, entry in entries.items():
        bare = fold(word)
        commonest[bare] = max(commonest[bare], entry.modern + entry.period)

    for word, entry in sorted(spellings.items()):
        if word in entries or len(word) < 3:
            continue
        rival = commonest[fold(word)]
        total = entry.modern + entry.period
        if entry.period >= PERIOD_MINIMUM and rival and total * 400 > rival:
            entries[word] = Entry(PERIOD, entry.modern, entry.period)
        elif total >= ATTESTED_MINIMUM and total * 20 > rival:
            entries[word] = Entry(ATTESTED, entry.modern, entry.period)
    for word, count in sorted(capitals.items()):
        if (
            word not in entries
            and len(word) > 2
            and count >= ATTESTED_MINIMUM
            and count * 20 > commonest[fold(word)]
        ):
            entries[word] = Entry(ATTESTED_NAME, count, 0)
    for piece in (NUMBER, COMMA, STOP, *(f"{elision}'" for elision in ELISIONS)):
        entries[piece]  # pieces that are no words have an id too
    return dict(entries)


def encoded(folder: Path, corpus: Corpus, ids: dict[str, int], forms: set[str]) -> np.ndarray:
    """Return a source as an array of piece ids (int64), 0 where the lexicon does not hold one."""
    known = {word: ids.get(mended(word, forms), 0) for word in ids}
    arrays = []
    for text in texts(folder, corpus):
        found = [known.get(mended(piece, forms), 0) for piece in pieces(lower(text), ids.__contains__)]
        arrays.append(np.array(found, dtype=np.int64))
    return np.concatenate(arrays)


def count_ngrams(sequences: list[tuple[np.ndarray, float]], order: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the packed n-grams of an order, sorted, and their weighted counts."""
    keys, weights = [], []
    for sequence, weight in sequences:
        columns = [sequence[place : len(sequence) - order + 1 + place] for place in range(order)]
        whole = np.logical_and.reduce([column > 0 for column in columns])
        packed = np.zeros(int(whole.sum()), dtype=np.int64)
        for column in columns:
            packed = packed << 20 | column[whole]
        distinct, found = np.unique(packed, return_counts=True)
        keys.append(distinct)
        weights.append(found * weight)
    distinct, place = np.unique(np.concatenate(keys), return_inverse=True)
    return distinct, np.bincount(place, weights=np.concatenate(weights))


def build(clean: Path, dicollecte: Path, out: Path) -> None:
    """Write the language index into the folder `out`.

    Args:
        clean: the folder of the sources, each ``NAME.txt.gz``.
        dicollecte: path of the Hunspell dictionary, without ``.aff``.
        out: where to write; made if need be.
    """
    out.mkdir(parents=True, exist_ok=True)
    forms = {form.replace("’", "'") for form in expand(Dictionary.from_files(str(dicollecte)))}
    print(f"dictionary: {len(forms):,} forms")
    counts = Counts()
    for corpus in SOURCES:
        counts.add(clean, corpus)
        print(f"counted: {corpus.name}")
    entries = lexicon(forms, counts)
    trie = marisa_trie.Trie(sorted(entries))
    trie.save(str(out / WORDS))
    ids = {word: trie[word] + 1 for word in entries}

    sequences = []
    for corpus in SOURCES:
        sequences.append((encoded(clean, corpus, ids, forms), corpus.weight))
        print(f"encoded: {corpus.name}, {len(sequences[-1][0]):,} pieces")
    keys2, counts2 = count_ngrams(sequences, 2)
    keys3, counts3 = count_ngrams(sequences, 3)
    kept2, kept3 = counts2 >= BIGRAM_MINIMUM, counts3 >= TRIGRAM_MINIMUM
    print(f"bigrams: {kept2.sum():,} of {len(keys2):,}; trigrams: {kept3.sum():,} of {len(keys3):,}")
    (out / NGRAMS).write_bytes(
        table_bytes(
            chain(
                zip(keys2[kept2].tolist(), counts2[kept2].tolist(), strict=True),
                zip(keys3[kept3].tolist(), counts3[kept3].tolist(), strict=True),
            ),
            int(kept2.sum() + kept3.sum()),
        )
    )

    attested = (
        word for word, entry in sorted(entries.items()) if entry.modern + entry.period >= LETTERS_MINIMUM
    )
    runs = count_letters(word for word in attested if word not in (COMMA, STOP, NUMBER))
    (out / LETTERS).write_bytes(table_bytes(sorted(runs.items()), len(runs)))

    totals = np.zeros((len(ids) + 1, 2))
    for corpus, (sequence, weight) in zip(SOURCES, sequences, strict=True):
        totals[:, 0 if corpus.modern else 1] += np.bincount(sequence, minlength=len(totals)) * weight
    records = bytearray(3 * len(ids))
    for word, number in ids.items():
        modern, period = totals[number]
        records[3 * number - 3 : 3 * number] = bytes(
            (entries[word].flags, quantise(modern), quantise(period))
        )
    (out / RECORDS).write_bytes(records)

    folded = [(fold(word), (number - 1,)) for word, number in sorted(ids.items()) if not word.isascii()]
    marisa_trie.RecordTrie("<I", folded).save(str(out / FOLDED))
    summary = {
        "schema": 1,
        "tokens": round(float(totals.sum())),
        "words": len(ids),
        "bigrams": int(kept2.sum()),
        "trigrams": int(kept3.sum()),
        "dictionary": "Dicollecte 7.5 (npm dictionary-fr 3.0.0), MPL-2.0",
        "sources": [corpus.name for corpus in SOURCES],
        "sha256": {
            name: hashlib.sha256((out / name).read_bytes()).hexdigest()
            for name in (WORDS, RECORDS, FOLDED, NGRAMS, LETTERS)
        },
    }
    (out / SUMMARY).write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Build from the command line; see the module's description."""
    parser = argparse.ArgumentParser(description="Build the language index.")
    parser.add_argument("--clean", type=Path, required=True, help="folder of the clean sources")
    parser.add_argument("--dicollecte", type=Path, required=True, help="Hunspell dictionary, without suffix")
    parser.add_argument("--out", type=Path, default=Path("dictionaries/index"))
    arguments = parser.parse_args()
    build(arguments.clean, arguments.dicollecte, arguments.out)


if __name__ == "__main__":
    main()
