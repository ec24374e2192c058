"""The file of the phrases of trusted documents, and the look-up.

A *phrase* is `LENGTH` successive words of a clause, kept as a number of 64 bits (:func:`number`) with the
document and the paragraph where it stands first. The file holds sorted numbers and is opened by
memory map, so worker processes share it:

- the magic bytes, the number of entries, the length of the JSON;
- the entries' phrases, ascending, 8 bytes each in the byte order of the machine;
- their places, 8 bytes each: document (by its rank in the JSON) and paragraph, 4 bytes each;
- JSON: the :class:`Contents`.

A phrase has a few entries, of different documents (`write.py`): a document bears no witness for
itself, and what it asks the memory must then be answered by another that prints the same.
"""

from __future__ import annotations

import json
import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path

LENGTH = 5
"""Words in a phrase: four neighbours that agree are hardly ever chance, and any clause has as many."""

MAGIC = b"PROTEME1"
HEADER = struct.Struct("=8sQQ")
_PARAGRAPH = (1 << 32) - 1
_DROPPED = dict.fromkeys(map(ord, "-‐‑¬⁰¹²³⁴⁵⁶⁷⁸⁹®°"))
"""No part of a word: hyphens, which the end of a line adds and joining lines drops, and calls of notes as
they are set and read. So no witness speaks for a word without its call."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A trusted document that prints a word in the same company.

    Attributes:
        document: its name.
        paragraph: counted from 1; the line of its normalised edition.
        phrase: the words that it prints, lower-case, as they were asked.
        windows: how many of the phrases around the word trusted documents print, from 1 to `LENGTH`.
    """

    document: str
    paragraph: int
    phrase: str
    windows: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store was made of.

    Attributes:
        documents: names of the trusted documents that are in it, by path.
        left_out: how many others are not, or not whole, because the store is full.
        sources: digest of what it was made of.
    """

    documents: tuple[str, ...]
    left_out: int
    sources: str


def number(words: Iterable[str]) -> int:
    """Return the number of a phrase of lower-cased words, the same on every machine.

    >>> number(["nations", "unies"]) == number(["na-tions", "unies⁸"]) != number(["nation", "sunies"])
    True
    """
    spelt = "\0".join(words).translate(_DROPPED)
    return int.from_bytes(blake2b(spelt.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Store:
    """An opened store. It stays what it was when the file is replaced."""

    def __init__(self, path: Path) -> None:
        """Open a store.

        Raises:
            OSError: if it cannot be read.
            ValueError: if it is not a whole store.
        """
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if len(data) < HEADER.size or data[: len(MAGIC)] != MAGIC:
            raise ValueError(f"{path} is not a memory of this version")
        _, count, length = HEADER.unpack_from(data)
        middle, end = HEADER.size + 8 * count, HEADER.size + 16 * count
        if len(data) != end + length:
            raise ValueError(f"{path} is cut short")
        self._numbers = data[HEADER.size : middle].cast("Q")
        self._places = data[middle:end].cast("Q")
        told = json.loads(bytes(data[end:]))
        self.contents = Contents(tuple(told["documents"]), told["left_out"], told["sources"])
        self._ranks = {name: rank for rank, name in enumerate(self.contents.documents)}

    def __len__(self) -> int:
        return len(self._numbers)

    def rank(self, document: str) -> int:
        """Return the rank of a document, -1 where it is not in the store."""
        return self._ranks.get(document, -1)

    def find(self, phrase: int, own: int = -1) -> tuple[str, int] | None:
        """Return the first document, but the one of rank `own`, that prints a phrase, and the paragraph."""
        numbers = self._numbers
        at = bisect_left(numbers, phrase)
        while at < len(numbers) and numbers[at] == phrase:
            rank, paragraph = self._places[at] >> 32, self._places[at] & _PARAGRAPH
            if rank != own:
                return self.contents.documents[rank], paragraph
            at += 1
        return None

    def answers(self, document: str, asked: bytes) -> str:
        """Return a digest of what the store answers a document; empty where it has no answer at all.

        As long as it stays the same, so does what the document becomes: nothing else of the
        memory was looked at.

        Args:
            document: the name of who asks.
            asked: what it asked, as :attr:`Memory.asked` gives it.
        """
        import numpy as np  # takes longer to import than a text to repair, which has no memory

        wanted, numbers = np.frombuffer(asked, "<u8"), np.frombuffer(self._numbers, "=u8")
        if not len(numbers):
            return ""
        at = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
        own = self.rank(document)
        found = [(phrase, self.find(phrase, own)) for phrase in wanted[numbers[at] == wanted].tolist()]
        answered = [(phrase, *place) for phrase, place in found if place]
        return sha256(json.dumps(answered).encode()).hexdigest() if answered else ""


class Memory:
    """What a store tells one document, and what that document asked.

    Without a store it answers nothing, and keeps the questions.
    """

    def __init__(self, store: Store | None = None, document: str = "") -> None:
        """Let a document ask.

        Args:
            store: None where there is none yet.
            document: the name of who asks: it is no witness for itself.
        """
        self._store = store
        self._own = store.rank(document) if store else -1
        self._asked: set[int] = set()

    def witness(self, before: Sequence[str], word: str, after: Sequence[str]) -> Witness | None:
        """Return who prints a word between these neighbours; None where nobody does.

        Args:
            before: words before it in its clause, the nearest last; only ``LENGTH - 1`` are looked at.
            word: the word, like the others as :func:`repair.language.tokens.lower` gives it.
            after: words after it, the nearest first.

        Returns:
            The witness of the phrase that has most of its words on both sides.
        """
        before, after = before[-(LENGTH - 1) :], after[: LENGTH - 1]
        line = [*before, word, *after]
        middle = len(before)
        found: list[tuple[int, str, tuple[str, int]]] = []
        for start in range(max(0, middle - LENGTH + 1), min(middle, len(line) - LENGTH) + 1):
            words = line[start : start + LENGTH]
            phrase = number(words)
            self._asked.add(phrase)
            place = self._store.find(phrase, self._own) if self._store else None
            if place:
                found.append((abs(start + LENGTH // 2 - middle), " ".join(words), place))
        if not found:
            return None
        _, spelt, (document, paragraph) = min(found, key=lambda match: match[0])
        return Witness(document, paragraph, spelt, len(found))

    @property
    def asked(self) -> bytes:
        """The numbers of all phrases asked, ascending, 8 bytes each, little end first."""
        return struct.pack(f"<{len(self._asked)}Q", *sorted(self._asked))
