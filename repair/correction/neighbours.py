"""What stands around a word, as it is thought to be printed, and what that says for a candidate."""

from __future__ import annotations

import math
from collections.abc import Sequence

from repair.correction.analysis import Analysis, Candidate
from repair.correction.doubts import Doubt
from repair.correction.words import BREAK, Token
from repair.language import Language
from repair.language.tokens import COMMA, STOP, lower

Context = tuple[int, int, int, int]
"""Ids of the two pieces before a word and of the two after."""

WRONG_CASE = -4.0
"""ln P of a capital on a common word within a clause, or of a small letter at its beginning."""


class Neighbours:
    """The words of a text: each as read until a likelier one is put in its place."""

    def __init__(
        self, tokens: Sequence[Token], analyses: Sequence[Analysis | None], language: Language
    ) -> None:
        """Take the tokens of a text and their analyses, None for a sign."""
        self._tokens = tokens
        self._analyses = analyses
        self._model = language.model
        self._lexicon = language.lexicon
        signs = {sign: (language.lexicon.id(piece),) for sign, piece in ((",", COMMA), (".", STOP))}
        self._pieces: list[tuple[int, ...]] = [
            analysis.pieces if analysis else signs[token.sign]
            for token, analysis in zip(tokens, analyses, strict=True)
        ]
        self._guessed: dict[int, str] = {}

    def put(self, place: int, candidate: Candidate) -> None:
        """Take a candidate for what is printed at a place."""
        self._pieces[place], self._guessed[place] = candidate.pieces, candidate.text

    def put_back(self, place: int, analysis: Analysis) -> None:
        """Take the word as read for what is printed; of an unknown one the guess stays for its neighbours."""
        self._guessed.pop(place, None)
        if analysis.known:
            self._pieces[place] = analysis.pieces

    def around(self, place: int, width: int) -> Context:
        """Return the two pieces before a place and the two after, 0 for an unknown one."""
        before: list[int] = []
        step = place - 1
        while step >= 0 and len(before) < 2:
            before = list(self._pieces[step][-2:]) + before
            step -= 1
        after: list[int] = []
        step = place + width
        while step < len(self._pieces) and len(after) < 2:
            after += self._pieces[step][:2]
            step += 1
        before = [0, 0, *before][-2:]
        after = [*after, 0, 0][:2]
        return (before[0], before[1], after[0], after[1])

    def score(self, pieces: tuple[int, ...], around: Context) -> float:
        """Return ln P of a chain of pieces and of the two after them; unknown pieces cost nothing here."""
        first, left, right, second = around
        score = 0.0
        for piece in (*pieces, right, second):
            if piece:
                score += math.log(self._model.probability(first, left, piece))
            first, left = left, piece
        return score

    def case(self, candidate: Candidate, doubt: Doubt) -> float:
        """Return ln P of the case of a candidate, where the same word is weighed in the other case too."""
        capital = candidate.text[0].isupper()
        if capital == self.first(doubt.place) or not doubt.token.text[0].isupper():
            return 0.0
        same = candidate.text.lower()
        twice = sum(other.text.lower() == same for other in doubt.candidates) > 1
        return WRONG_CASE if twice else 0.0

    def first(self, place: int) -> bool:
        """Say whether a word stands first in its clause, where any word may have a capital."""
        return place == 0 or self._tokens[place - 1].sign == "."

    def infinitive(self, place: int) -> bool:
        """Say whether the word at a place is an infinitive in -er: its participle in -é is a word too."""
        analysis = self._analyses[place] if place < len(self._analyses) else None
        if analysis is None or not analysis.known or not analysis.text.endswith("er"):
            return False
        return analysis.text[:-2] + "é" in self._lexicon

    def attested(self, doubt: Doubt) -> tuple[float, float, int]:
        """Return ln(1 + count) of a doubt's best candidate with its neighbours, and how many are known.

        Returns:
            With the word before, with the word after, and how many of two words on each side are known.
        """
        around = self.around(doubt.place, doubt.width)
        pieces = doubt.candidates[doubt.best - 1].pieces
        before = self._model.bigram(around[1], pieces[0])
        after = self._model.bigram(pieces[-1], around[2])
        return math.log1p(before), math.log1p(after), sum(piece > 0 for piece in around)

    def clause(self, place: int, step: int, most: int) -> list[str]:
        """Return the words of a clause from a place on.

        Args:
            place: of the first.
            step: 1 to go forward, -1 back; the words are in the order of the text.
            most: how many are enough.
        """
        words: list[str] = []
        while 0 <= place < len(self._tokens) and len(words) < most and self._tokens[place].sign != ".":
            if not self._tokens[place].sign:
                words += memorable(self._guessed.get(place, self._tokens[place].text))[::step]
            place += step
        return words[::step]


def memorable(text: str) -> list[str]:
    """Return a word as the memory of the corpus has it: lower-case, whole, and two where it has a space."""
    return lower(BREAK.sub("-", text)).split()
