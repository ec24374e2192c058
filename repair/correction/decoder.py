"""Weighing what may have been printed, word by word.

For each doubtful word, Bayes: P(printed | read, context) is in proportion to P(printed |
context), from the language model on both sides, times P(read | printed), from the channel of
the document. Keeping the word as read is a candidate like the others; a word that the lexicon
does not hold is then priced as a new word of its length. The rates of the channel and the
choices are estimated in turn (EM). Which words are doubted is for `doubts.py`, what is then done
about it for `decision.py`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from repair.correction.analysis import Analysis, Candidate
from repair.correction.candidates import LOST_A, Analyser
from repair.correction.doubts import Doubt, doubtful, parted, real_words, settled
from repair.correction.period import is_old
from repair.correction.rules import REFORMED
from repair.correction.words import BREAK, tokenize
from repair.damage.channel import Channel, is_accent
from repair.damage.confusions import Change
from repair.document import Span
from repair.language.tokens import COMMA, STOP, lower
from repair.memory.store import LENGTH, Memory, Witness

RIFE = 0.2
"""Rate from which a class of damage is rife in a document."""

CERTAINTY = 0.8
"""What a nat of the models counts for: their errors are not independent."""

REACH = 3
"""Words looked at on each side of a word, for strangers."""

PASSAGE, FOREIGN, FOREIGN_TIMES = 12, 0.2, 4.0
"""Words on each side that make a passage; the share of them unknown, and how many times the share in
the whole text, from which it is of another language or century."""

MEMORY = 3.0
"""Log-odds for a word that a trusted document prints in the same company, and not the word as read."""

ASKED = 0.001
"""Probability of a candidate from which the memory is asked: it could not make a lower one likely."""

INFINITIVE = 4.0
"""Log-odds for « à » against « a » before an infinitive: the auxiliary never stands before one."""

ALWAYS_LOST = 3.0
"""How often « à » must be called for, in a text that never has it, to have been lost there."""

FEW_NEW = 300.0
"""In how many words of unknown text one new word is expected."""

AMPERSAND = -11.0
"""ln P of « & » at a place of French prose (its share of the words of the clean sources)."""

WRONG_CASE = -4.0
"""ln P of a capital on a common word within a clause, or of a small letter at its beginning."""

MALFORMED = -6.0
"""ln P that the page prints a word with digits or signs among its letters."""

STRANGE = 0.5
"""Probability that an unknown word in small letters is damaged, whatever is proposed for it."""

ROUNDS = 4
"""Of EM; the rates have settled by then."""

Context = tuple[int, int, int, int]
"""Ids of the two pieces before a word and of the two after."""


class Decoder:
    """Weighs the words of one text."""

    def __init__(
        self, text: str, markup: Sequence[Span], analyser: Analyser, memory: Memory | None = None
    ) -> None:
        self.text = text
        self.tokens = list(tokenize(text, markup))
        self._memory = memory
        self._guessed: dict[int, str] = {}
        self.old = is_old(text)
        self.channel = Channel(text, analyser.confusions)
        self._model = analyser.language.model
        self._alternatives = analyser.alternatives
        self._recognised = analyser.recogniser.recognised
        self._lexicon = lexicon = analyser.language.lexicon
        signs = {",": (lexicon.id(COMMA),), ".": (lexicon.id(STOP),)}
        analyse = analyser.analyse
        self.analyses = [None if token.sign else analyse(token.text) for token in self.tokens]
        self._pieces: list[tuple[int, ...]] = [
            analysis.pieces if analysis else signs[token.sign]
            for token, analysis in zip(self.tokens, self.analyses, strict=True)
        ]
        self.doubts: list[Doubt] = []
        self.witnessed: Mapping[Change, float] = {}
        self.accents_lost = False
        self.accents_hurt = False
        words = [analysis for analysis in self.analyses if analysis is not None]
        self._unexplained = sum(map(_unexplained, words)) / (len(words) or 1)
        self._words = sum(not analysis.protected for analysis in words)
        self._names = sum(analysis.proper and not analysis.protected for analysis in words)
        self._unknown = {
            place: analysis.proper
            for place, analysis in enumerate(self.analyses)
            if analysis is not None and not analysis.known and not analysis.protected
        }
        strange = ((place, self.analyses[place]) for place in self._unknown)
        self._new_word, self._new_name = self._novelty(
            {place: float(analysis is not None and analysis.strange) for place, analysis in strange}
        )

    def _novelty(self, kept: Mapping[int, float]) -> tuple[float, float]:
        """Return ln P that a word, a name of this text is one that the lexicon does not hold.

        Where many words resemble nothing known, the text is one that the models do not know.

        Args:
            kept: for each doubt's place, P that its word stands as read; of no other word is there doubt.
        """
        new = {True: 1.0, False: 1.0}
        for place, proper in self._unknown.items():
            new[proper] += kept.get(place, 1.0)
        return (
            math.log(new[False] / (self._words - self._names + FEW_NEW)),
            math.log(new[True] / (self._names + FEW_NEW / 10)),
        )

    def run(self) -> None:
        """Estimate the channel and weigh every doubtful word."""
        first = doubtful(self.tokens, self.analyses)
        self.doubts = first
        self._guess()
        self._expect()
        more = [
            *real_words(self.tokens, self.analyses, first, self.channel, self._alternatives),
            *parted(self.text, self.tokens, self.analyses, self._recognised),
        ]
        self.doubts = sorted([*first, *more], key=lambda doubt: (doubt.place, doubt.width))
        self._expect()
        self.doubts = settled(self.doubts)

    def damaged(self) -> float:
        """Return the expected number of damaged words, after :meth:`run`.

        A doubtful word counts by its probability of being damaged. An unknown word in small letters
        counts `STRANGE` at least, and whole where it is not made like a word.
        """
        doubted = {doubt.place: 1.0 - doubt.posterior[0] for doubt in self.doubts}
        total = 0.0
        for place, analysis in enumerate(self.analyses):
            if analysis is None or analysis.protected:
                continue
            damaged = doubted.get(place, 0.0)
            if not analysis.known and not analysis.well_formed:
                damaged = 1.0
            elif not analysis.known and analysis.text.islower():
                damaged = max(damaged, STRANGE)
            total += damaged
        return total

    def _lost(self, struck: Mapping[Change, float]) -> bool:
        """Say whether small letters lost their accents in this text.

        Unknown words bear witness (`struck`, of :meth:`_unknown_struck`): « a » for « à » may be a
        verb that the models misjudge. But a text that calls for « à » again and again and never has
        it lost it.
        """
        if not self.channel.spared("à"):
            lost = sum(self.channel.struck(("à", read)) for read in LOST_A)
            if lost >= ALWAYS_LOST:
                return True
        return sum(struck.values()) >= 2.0 and any(
            places >= 0.5 and self.channel.rate(change) >= RIFE for change, places in struck.items()
        )

    def _unknown_struck(self) -> dict[Change, float]:
        """Return how often each accent of a small letter was lost in words that the lexicon does not hold."""
        struck: defaultdict[Change, float] = defaultdict(float)
        for doubt in self.doubts:
            if not doubt.analysis.known:
                for candidate, probability in zip(doubt.candidates, doubt.posterior[1:], strict=True):
                    for change in candidate.changes:
                        if is_accent(change) and change[0].islower() and change not in REFORMED:
                            struck[change] += probability
        return struck

    def _guess(self) -> None:
        """Put the likeliest word in each doubtful place, without context, for its neighbours to see."""
        for doubt in self.doubts:
            if doubt.analysis.known or doubt.analysis.strange:
                continue
            guess = max(
                (candidate for candidate in doubt.candidates),
                key=lambda candidate: self._frequency(candidate) + self.channel.cost(candidate.changes),
            )
            self._pieces[doubt.place], self._guessed[doubt.place] = guess.pieces, guess.text

    def _frequency(self, candidate: Candidate) -> float:
        return sum(self.log_frequency(piece) for piece in candidate.pieces)

    def _expect(self) -> None:
        """Weigh all doubts in context, and estimate the channel from them, in turn."""
        for doubt in self.doubts:
            context = self._context(doubt.place, doubt.width)
            doubt.contexts = [self._in_context(doubt.analysis.pieces, context)]
            doubt.contexts += [
                self._in_context(candidate.pieces, context) + self._case(candidate, doubt)
                for candidate in doubt.candidates
            ]
            if doubt.analysis.text in LOST_A and self._infinitive(doubt.place + 1):
                doubt.contexts[1:] = [
                    score + INFINITIVE * (candidate.text == "à")
                    for score, candidate in zip(doubt.contexts[1:], doubt.candidates, strict=True)
                ]
            self._remember(doubt)
        for _ in range(ROUNDS):
            kept: dict[int, float] = {}
            struck: defaultdict[Change, float] = defaultdict(float)
            for doubt in self.doubts:
                doubt.posterior = self._posterior(doubt)
                for candidate, probability in zip(doubt.candidates, doubt.posterior[1:], strict=True):
                    for change in candidate.changes:
                        struck[change] += probability
                if doubt.width == 1:
                    kept[doubt.place] = doubt.posterior[0]
            self.channel.learn(struck)
            self._new_word, self._new_name = self._novelty(kept)
        self.witnessed = self._unknown_struck()
        self.accents_lost = self._lost(self.witnessed)
        self.accents_hurt = self.accents_lost or sum(self.witnessed.values()) >= 1.0
        for doubt in self.doubts:
            doubt.posterior = self._posterior(doubt)
            if doubt.width == 1:
                self._guessed.pop(doubt.place, None)
            if doubt.posterior[0] < 0.5:
                if doubt.width == 1:
                    best = doubt.candidates[doubt.best - 1]
                    self._pieces[doubt.place], self._guessed[doubt.place] = best.pieces, best.text
            elif doubt.analysis.known:
                self._pieces[doubt.place] = doubt.analysis.pieces

    def _remember(self, doubt: Doubt) -> None:
        """Let the memory of the corpus speak for the candidates, unless it speaks for the word as read."""
        doubt.witnesses = [None] * len(doubt.candidates)
        if self._memory is None:
            return
        before, after = self._clause(doubt.place - 1, -1), self._clause(doubt.place + doubt.width, 1)

        def witness(text: str, memory: Memory) -> Witness | None:
            first, *rest = _words(text)
            return memory.witness(before, first, [*rest, *after])

        witnesses = [
            witness(candidate.text, self._memory) if probability >= ASKED else None
            for candidate, probability in zip(doubt.candidates, self._posterior(doubt)[1:], strict=True)
        ]
        if any(witnesses) and not witness(doubt.token.text, self._memory):
            doubt.witnesses = witnesses
            for number, found in enumerate(witnesses, 1):
                doubt.contexts[number] += MEMORY if found else 0.0

    def _clause(self, place: int, step: int) -> list[str]:
        """Return the words from a place on, as they are thought to be printed, as far as the memory looks."""
        words: list[str] = []
        while 0 <= place < len(self.tokens) and len(words) < LENGTH - 1 and self.tokens[place].sign != ".":
            if not self.tokens[place].sign:
                words += _words(self._guessed.get(place, self.tokens[place].text))[::step]
            place += step
        return words[::step]

    def _infinitive(self, place: int) -> bool:
        """Say whether the word at a place is an infinitive in -er: its participle in -é is a word too."""
        analysis = self.analyses[place] if place < len(self.analyses) else None
        if analysis is None or not analysis.known or not analysis.text.endswith("er"):
            return False
        return analysis.text[:-2] + "é" in self._lexicon

    def _posterior(self, doubt: Doubt) -> list[float]:
        own = doubt.posterior or [0.0] * (len(doubt.candidates) + 1)
        scores = [doubt.contexts[0] + self._new(doubt.analysis)]
        scores += [
            score + self.channel.cost(candidate.changes, before)
            for score, candidate, before in zip(doubt.contexts[1:], doubt.candidates, own[1:], strict=True)
        ]
        top = max(scores)
        weights = [math.exp(CERTAINTY * (score - top)) for score in scores]
        total = sum(weights)
        return [weight / total for weight in weights]

    def _context(self, place: int, width: int) -> Context:
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

    def _new(self, analysis: Analysis) -> float:
        """Return ln P that the page prints this word, which the lexicon does not hold; 0 if it does."""
        if analysis.text == "&":
            return AMPERSAND
        if analysis.known:
            return 0.0
        score = (self._new_name if analysis.proper else self._new_word) + analysis.letters
        return score if analysis.well_formed else score + MALFORMED

    def _case(self, candidate: Candidate, doubt: Doubt) -> float:
        """Return ln P of the case of a candidate, where the same word is weighed in the other case too."""
        capital = candidate.text[0].isupper()
        if capital == self.first(doubt.place) or not doubt.token.text[0].isupper():
            return 0.0
        same = candidate.text.lower()
        twice = sum(other.text.lower() == same for other in doubt.candidates) > 1
        return WRONG_CASE if twice else 0.0

    def first(self, place: int) -> bool:
        """Say whether a word stands first in its clause, where any word may have a capital."""
        return place == 0 or self.tokens[place - 1].sign == "."

    def _in_context(self, pieces: tuple[int, ...], context: Context) -> float:
        """Return ln P of a chain of pieces and of the two after them; unknown pieces cost nothing here."""
        first, left, right, second = context
        score = 0.0
        for piece in (*pieces, right, second):
            if piece:
                score += math.log(self._model.probability(first, left, piece))
            first, left = left, piece
        return score

    def log_frequency(self, piece: int) -> float:
        """Return ln of how often clean text uses a piece."""
        return math.log(self._model.unigram(piece))

    def attested(self, doubt: Doubt) -> tuple[float, float, int]:
        """Return ln(1 + count) of a doubt's best candidate with its neighbours, and how many are known.

        Returns:
            With the word before, with the word after, and how many of two words on each side are known.
        """
        context = self._context(doubt.place, doubt.width)
        pieces = doubt.candidates[doubt.best - 1].pieces
        before = self._model.bigram(context[1], pieces[0])
        after = self._model.bigram(pieces[-1], context[2])
        return math.log1p(before), math.log1p(after), sum(piece > 0 for piece in context)

    def strangers(self, place: int) -> int:
        """Return how many of the `REACH` words on each side of a word are strange."""
        return sum(analysis.strange for analysis in self._around(place, REACH))

    def foreign(self, place: int) -> bool:
        """Say whether a word stands in a passage of another language or century.

        Far more of its words are unknown there than in the rest of the text, accents and elisions apart.
        """
        around = list(self._around(place, PASSAGE))
        unknown = sum(_unexplained(analysis) for analysis in around)
        return unknown >= FOREIGN * len(around) and unknown > FOREIGN_TIMES * self._unexplained * len(around)

    def _around(self, place: int, reach: int) -> Iterator[Analysis]:
        """Yield the words before a place and after it, so many on each side."""
        for step in (-1, 1):
            seen, at = 0, place + step
            while 0 <= at < len(self.analyses) and seen < reach:
                analysis = self.analyses[at]
                if analysis is not None:
                    seen += 1
                    yield analysis
                at += step


def _unexplained(analysis: Analysis) -> bool:
    return not (analysis.known or analysis.protected or analysis.explained)


def _words(text: str) -> list[str]:
    """Return a word as the memory has it: lower-case, whole, and two where it has a space."""
    return lower(BREAK.sub("-", text)).split()
