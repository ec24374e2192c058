"""What speaks for a candidate at one place of a line: engines, lexicon, language model.

A candidate's score is the weighted sum of its :data:`WEIGHTS`' features; over all candidates of a
place the scores make probabilities (conditional logit, McFadden 1974). The weights were fitted on the
places of 50 real and rendered pages where readings differ (`python -m bench.ballots`): with two engines
529, on which weights of the other folders make 238 errors, where the best candidate of each makes 134.
Those of `other` were chosen beside them, with texts of the pages better than the scan.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from repair.language import Language
from repair.language.index import ATTESTED, ATTESTED_NAME, DICTIONARY, NAME, PERIOD
from repair.language.tokens import lower, pieces
from repair.layout import Word
from repair.reading.votes.align import align, key
from repair.reading.votes.match import Row

TESSERACT, RAPIDOCR, OTHER = "tesseract", "rapidocr", "other"
FAMILIES = (TESSERACT, RAPIDOCR, OTHER)
"""Readings of one engine err alike: they share one voice."""
TEXT, TRANSCRIPT = "text", "transcript"
"""Texts without places: as damaged as the scan is, or more; better than it."""
_VOICES = {TESSERACT: TESSERACT, RAPIDOCR: RAPIDOCR, TEXT: TESSERACT}
"""A damaged text mostly comes from an engine of Tesseract's kind: where the engines differ and it has what
one of them reads, that is Tesseract in 51 % of the places (English model) and in 66 % (French model) on 37
pages, and in 30 % with damage by chance. With a voice of its own it made the vote of both engines worse."""

WEIGHTS = {
    # The share of an engine's readings that have the candidate.
    "tesseract": 0.0,
    "rapidocr": 0.15,
    "other": 1.6,
    # How sure the surest of them is, in nats.
    "tesseract sure": 0.97,
    "rapidocr sure": 0.26,
    "other sure": 0.8,
    # Minus the mean distance to the engine's readings, spaces aside, in signs; at most 4 each.
    "tesseract alike": 0.0,
    "rapidocr alike": 1.25,
    "other alike": 0.1,
    # Words that the lexicon does not hold; ln P by the language model, in tens of nats.
    "unknown": -1.13,
    "language": 1.42,
    # Signs that specks are read as.
    "noise": -3.59,
    # Signs after which a space is due, and there is none; two full stops, an apostrophe with nothing after
    # it, a round letter for a nought: French sets none of them.
    "crowded": -3.0,
    # The language model favours few and short words: so much is given back for each piece that it
    # counts, and for ten letters and figures.
    "pieces": 1.59,
    "length": 3.78,
}

_CROWDED = re.compile(
    r"[,;:!?)»](?=[^\W\d_])|[^\W\d_](?=[(«])"
    r"|(?<!\.)\.\.(?!\.)|(?<=[^\W\d_])['’](?![\w«\"“(])"
    r"|\b[OCQ](?=0)|(?<=0)[OCQ]\b"
)
_NOISE = frozenset("|~<>\\{}_•#^`=+*$£")
_WORDS = DICTIONARY | NAME | ATTESTED | ATTESTED_NAME | PERIOD


@dataclass(frozen=True, slots=True)
class Candidate:
    """What some readings have at one place.

    Attributes:
        text: as most of them print it, the first of equals.
        words: the same with their places.
        sure: for each reading that has it, by number, how confident the engine is, from 0 to 1.
    """

    text: str
    words: tuple[Word, ...]
    sure: dict[int, float]


class Line:
    """The readings of one printed line, side by side."""

    def __init__(self, row: Row, pivot: int | None = None) -> None:
        """Take the readings of a line, and which of them the others are held against; see `align`."""
        self.row = row
        self.texts = [" ".join(word.text for word in words) for words in row.words]
        self.segments = align(self.texts, pivot)

    @property
    def at_odds(self) -> bool:
        """Whether there are several readings, and not two of them have anything in common."""
        heard = sum(span is not None for span in self.segments[0])
        return heard == 1 and sum(map(bool, self.texts)) > 1

    def readings(self, number: int) -> list[str | None]:
        """Return what each reading has in a segment; None for one that says nothing of the line."""
        return [
            None if span is None else text[slice(*span)]
            for text, span in zip(self.texts, self.segments[number], strict=True)
        ]

    def candidates(self, number: int) -> list[Candidate]:
        """Return the candidates of a segment; forms of one apostrophe, quote or dash are one."""
        groups: dict[str, list[tuple[int, str, tuple[Word, ...]]]] = {}
        for reading, text in enumerate(self.readings(number)):
            if text is not None:
                groups.setdefault(key(text), []).append((reading, text, self._words(reading, number)))
        found = []
        for members in groups.values():
            forms = Counter(text for _, text, _ in members)
            most = max(forms.values())
            text, words = next((text, words) for _, text, words in members if forms[text] == most)
            found.append(Candidate(text, words, {number: confidence(words) for number, _, words in members}))
        return found

    def _words(self, reading: int, number: int) -> tuple[Word, ...]:
        start, end = self.segments[number][reading] or (0, 0)
        found, at = [], 0
        for word in self.row.words[reading]:
            if start <= at < end:
                found.append(word)
            at += len(word.text) + 1
        return tuple(found)


def confidence(words: Sequence[Word]) -> float:
    """Return the mean confidence of words, by their lengths; 0 for none."""
    signs = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / signs if signs else 0.0


class Judge:
    """Looks at candidates as French text, and weighs them."""

    def __init__(self, language: Language, families: Sequence[str]) -> None:
        """Take the language and the engine of each reading, without version."""
        self._lexicon = language.lexicon
        self._model = language.model
        self._families = [_VOICES.get(family, OTHER) for family in families]

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text that the language model counts."""
        return list(pieces(lower(text), self._lexicon.__contains__))

    def ids(self, text: str) -> list[int]:
        """Return the ids of the pieces of a text, 0 for unknown ones."""
        return [self._lexicon.id(piece) for piece in self.pieces(text)]

    def unknown(self, text: str, *, first: bool = False, last: bool = False) -> int:
        """Count the words that the lexicon does not hold; one that the line's end cuts is none.

        Args:
            text: a segment.
            first: whether the line before ends in a hyphen and `text` begins this one.
            last: whether `text` ends the line.
        """
        words = self.pieces(text)
        if last and text.endswith(("-", "¬")):
            words = words[:-1]
        return sum(1 for word in words[first:] if word[0].isalpha() and not self._known(word))

    def _known(self, word: str) -> bool:
        found = self._lexicon.word(word)
        return found is not None and bool(found.flags & _WORDS)

    def features(
        self,
        candidate: Candidate,
        readings: Sequence[str | None],
        before: Sequence[int],
        after: Sequence[int],
        *,
        first: bool,
        last: bool,
    ) -> list[float]:
        """Return the features of a candidate, in the order of `WEIGHTS`.

        Args:
            candidate: of a segment.
            readings: what each reading has there.
            before: ids of the pieces before the segment.
            after: ids of the first pieces after it.
            first: see :meth:`unknown`.
            last: the same.
        """
        share, sure, alike = (dict.fromkeys(FAMILIES, 0.0) for _ in range(3))
        text = candidate.text
        bare = key(text).replace(" ", "")
        ids = self.ids(text)
        voices = Counter(f for f, heard in zip(self._families, readings, strict=True) if heard is not None)
        for number, (family, other) in enumerate(zip(self._families, readings, strict=True)):
            if other is None:
                continue
            alike[family] -= min(4, Levenshtein.distance(bare, key(other).replace(" ", ""))) / voices[family]
            if number in candidate.sure:
                certain = candidate.sure[number]
                share[family] += 1.0 / voices[family]
                sure[family] = max(sure[family], math.log((certain + 0.02) / (1.02 - certain)))
        return [
            *share.values(),
            *sure.values(),
            *alike.values(),
            self.unknown(text, first=first, last=last),
            self._log_probability(before, ids, after) / 10.0,
            sum(sign in _NOISE for sign in text),
            len(_CROWDED.findall(text)),
            len(ids),
            sum(sign.isalnum() for sign in text) / 10.0,
        ]

    def probabilities(self, features: Sequence[Sequence[float]]) -> list[float]:
        """Return how probable each candidate of a segment is, from the features of all."""
        scores = [
            sum(weight * value for weight, value in zip(WEIGHTS.values(), values, strict=True))
            for values in features
        ]
        best = max(scores)
        shares = [math.exp(score - best) for score in scores]
        return [share / sum(shares) for share in shares]

    def _log_probability(self, before: Sequence[int], ids: Sequence[int], after: Sequence[int]) -> float:
        """Return ln P of pieces, and of those after, given the pieces before."""
        first, left = ([0, 0, *before])[-2:]
        total = 0.0
        for word in [*ids, *after]:
            total += math.log(self._model.probability(first, left, word))
            first, left = left, word
        return total
