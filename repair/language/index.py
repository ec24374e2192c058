"""The language index at run time: lexicon and n-gram table, opened by memory map.

Files (in `dictionaries/index/`, made by `build.py`), all read-only and shared by processes:

- ``words.marisa``: trie of the lower-case words; a word's number in it is its *id*, minus one.
- ``words.bin``: three bytes a word: flags, modern count, count of 1840–1920 (`table.quantise`).
- ``folded.marisa``: for a word without accents, the ids of the accented words it may stand for.
- ``ngrams.bin``: hash table of bigrams and trigrams of ids (`table.py`).
- ``letters.bin``: the same of letters (`letters.py`).
- ``index.json``: totals, versions, sources and their licences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import marisa_trie

from repair.language.letters import LetterModel
from repair.language.table import COUNTS, NgramTable, open_mapped
from repair.language.tokens import fold

DICTIONARY, NAME, ATTESTED, ATTESTED_NAME, PERIOD = 1, 2, 4, 8, 16
"""Flags of a word: common word or name of the dictionary; word or name that clean text attests;
a spelling of 1840–1920 (« siége »)."""

WORDS, RECORDS, FOLDED, NGRAMS, LETTERS, SUMMARY = (
    "words.marisa", "words.bin", "folded.marisa", "ngrams.bin", "letters.bin", "index.json",
)  # fmt: skip


class Word(NamedTuple):
    """What the lexicon knows of a word."""

    id: int
    flags: int
    modern: float
    period: float


class Lexicon:
    """The words of French, with how often clean text uses them.

    Membership and counts take a *lower-case* word with a straight apostrophe or none.
    """

    def __init__(self, folder: Path) -> None:
        self._trie = marisa_trie.Trie()
        self._trie.mmap(str(folder / WORDS))
        self._folded = marisa_trie.RecordTrie("<I")
        self._folded.mmap(str(folder / FOLDED))
        self._records = open_mapped(folder / RECORDS)

    def __len__(self) -> int:
        return len(self._trie)

    def __contains__(self, word: str) -> bool:
        return word in self._trie

    def word(self, word: str) -> Word | None:
        """Return what is known of a lower-case word; None for an unknown one."""
        number = self._trie.get(word)
        if number is None:
            return None
        flags, modern, period = self._records[3 * number : 3 * number + 3]
        return Word(number + 1, flags, COUNTS[modern], COUNTS[period])

    def id(self, word: str) -> int:
        """Return the id of a lower-case word, 0 for an unknown one."""
        number = self._trie.get(word)
        return 0 if number is None else int(number) + 1

    def count(self, word: str) -> float:
        """Return how often clean text uses a lower-case word, all periods together."""
        found = self.word(word)
        return found.modern + found.period if found else 0.0

    def common(self, minimum: float) -> Iterator[tuple[str, float]]:
        """Yield the common words of the dictionary used at least `minimum` times, and their counts."""
        records = self._records.tobytes()
        for number, (flags, modern, period) in enumerate(
            zip(records[0::3], records[1::3], records[2::3], strict=True)
        ):
            if flags & DICTIONARY and COUNTS[modern] + COUNTS[period] >= minimum:
                yield self._trie.restore_key(number), COUNTS[modern] + COUNTS[period]

    def spelt_like(self, word: str) -> list[str]:
        """Return the words that differ from a lower-case `word` by accents alone, itself included.

        >>> load_language().lexicon.spelt_like("etre")
        ['être']
        """
        bare = fold(word)
        numbers = self._folded.get(bare)
        plain = bare in self._trie
        if not numbers:
            return [bare] if plain else []
        found = [self._trie.restore_key(number) for (number,) in numbers]
        return sorted([*found, bare] if plain else found)


class LanguageModel:
    """Trigrams of pieces, each order interpolated with the one below.

    P(w | u v) = (1 - b) c(u v w) / c(u v) + b P(w | v), where b = max(B, m / (m + c(u v))): the
    rarer the context, the more it leans on the shorter one, and never less than `B`, the share
    of n-grams that the table left out (Jelinek and Mercer 1980; Chen and Goodman 1999, § 2).
    """

    BIGRAM_PRIOR, TRIGRAM_PRIOR = 80.0, 30.0
    """The constants m."""
    BIGRAM_SHARE, TRIGRAM_SHARE = 0.2, 0.35
    """The constants B."""
    FLOOR = 0.05
    """Count given to a word never seen."""

    def __init__(self, folder: Path, lexicon: Lexicon, total: float) -> None:
        self._count = NgramTable(folder / NGRAMS).count
        self._records = lexicon._records
        self._total = total

    def unigram(self, word: int) -> float:
        """Return the count of a word id; `FLOOR` for id 0."""
        if not word:
            return self.FLOOR
        place = 3 * word
        records = self._records
        return COUNTS[records[place - 2]] + COUNTS[records[place - 1]] + self.FLOOR

    def bigram(self, left: int, word: int) -> float:
        """Return the count of two ids in a row."""
        return self._count(left << 20 | word) if left and word else 0.0

    def trigram(self, first: int, left: int, word: int) -> float:
        """Return the count of three ids in a row."""
        return self._count(first << 40 | left << 20 | word) if first and left and word else 0.0

    def probability(self, first: int, left: int, word: int) -> float:
        """Return P(word | first left), from ids; 0 is any unknown word.

        Args:
            first: id of the word two before.
            left: id of the word before.
            word: id of the word.
        """
        chance = self.unigram(word) / self._total
        if left:
            seen = self.unigram(left)
            share = max(self.BIGRAM_SHARE, self.BIGRAM_PRIOR / (self.BIGRAM_PRIOR + seen))
            chance = (1.0 - share) * min(1.0, self.bigram(left, word) / seen) + share * chance
            if first and (seen := self.bigram(first, left)):
                share = max(self.TRIGRAM_SHARE, self.TRIGRAM_PRIOR / (self.TRIGRAM_PRIOR + seen))
                found = self.trigram(first, left, word)
                chance = (1.0 - share) * min(1.0, found / seen) + share * chance
        return chance


class Language(NamedTuple):
    """Lexicon, language model and letter model of one index, with its summary (`index.json`)."""

    lexicon: Lexicon
    model: LanguageModel
    letters: LetterModel
    summary: dict[str, object]


@lru_cache(maxsize=1)
def load_language() -> Language:
    """Open the language index that ships with the program; once a process.

    Raises:
        FileNotFoundError: if the index was not built; `make dictionaries` builds it.
    """
    folder = Path(str(files("dictionaries") / "index"))
    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    lexicon = Lexicon(folder)
    model = LanguageModel(folder, lexicon, float(summary["tokens"]))
    return Language(lexicon, model, LetterModel(folder / LETTERS), summary)
