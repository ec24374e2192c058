"""Weighing what may have been printed, word by word.

For each doubtful word, Bayes: P(printed | read, context) is in proportion to P(printed |
context), from the language model on both sides, times P(read | printed), from the channel of
the document. Keeping the word as read is a candidate like the others; a word that the lexicon
does not hold is then priced as a new word, by its letters. The rates of the channel and the
choices are estimated in turn (EM). Which words are doubted is for `doubts.py`, what is then done
about it for `decision.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from repair.correction.analysis import Analysis, Candidate
from repair.correction.candidates import LOST_A, Analyser
from repair.correction.doubts import Doubt, doubtful, elided, expected_strikes, parted, real_words, settled
from repair.correction.neighbours import Neighbours
from repair.correction.passage import Passages
from repair.correction.period import is_old
from repair.correction.remember import remember
from repair.correction.rules import REFORMED
from repair.correction.words import tokenize
from repair.damage.channel import Channel, is_accent
from repair.damage.confusions import Change
from repair.document import Span
from repair.memory.store import Memory

RIFE = 0.2
"""Rate from which a class of damage is rife in a document."""

CERTAINTY = 0.8
"""What a nat of the models counts for: their errors are not independent."""

INFINITIVE = 4.0
"""Log-odds for « à » against « a » before an infinitive: the auxiliary never stands before one."""

ALWAYS_LOST = 3.0
"""How often « à » must be called for, in a text that never has it, to have been lost there."""

FEW_NEW = 300.0
"""In how many words of unknown text one new word is expected."""

AMPERSAND = -11.0
"""ln P of « & » at a place of French prose (its share of the words of the clean sources)."""

MALFORMED = -6.0
"""ln P that the page prints a word with digits or signs among its letters."""

STRANGE = 0.5
"""Probability that an unknown word in small letters is damaged, whatever is proposed for it."""

ROUNDS = 4
"""Of EM; the rates have settled by then."""


class Decoder:
    """Weighs the words of one text."""

    def __init__(
        self, text: str, markup: Sequence[Span], analyser: Analyser, memory: Memory | None = None
    ) -> None:
        self.text = text
        self.tokens = list(tokenize(text, markup))
        self._memory = memory
        self.old = is_old(text)
        self.channel = Channel(text, analyser.confusions)
        self._model = analyser.language.model
        self._alternatives = analyser.alternatives
        self._recognised = analyser.recogniser.recognised
        self._analyse = analyse = analyser.analyse
        self.analyses = [None if token.sign else analyse(token.text) for token in self.tokens]
        self.neighbours = Neighbours(self.tokens, self.analyses, analyser.language)
        self.passages = Passages(self.analyses)
        self.doubts: list[Doubt] = []
        self.witnessed: Mapping[Change, float] = {}
        self.accents_lost = False
        self.accents_hurt = False
        words = [analysis for analysis in self.analyses if analysis is not None]
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
            *elided(self.text, self.tokens, self.analyses, self.channel, self._analyse, self._model),
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
        struck = expected_strikes(doubt for doubt in self.doubts if not doubt.analysis.known)
        return {
            change: places
            for change, places in struck.items()
            if is_accent(change) and change[0].islower() and change not in REFORMED
        }

    def _guess(self) -> None:
        """Put the likeliest word in each doubtful place, without context, for its neighbours to see."""
        for doubt in self.doubts:
            if doubt.analysis.known or doubt.analysis.strange:
                continue
            guess = max(
                (candidate for candidate in doubt.candidates),
                key=lambda candidate: self._frequency(candidate) + self.channel.cost(candidate.changes),
            )
            self.neighbours.put(doubt.place, guess)

    def _frequency(self, candidate: Candidate) -> float:
        return sum(self.log_frequency(piece) for piece in candidate.pieces)

    def _expect(self) -> None:
        """Weigh all doubts in context, and estimate the channel from them, in turn."""
        for doubt in self.doubts:
            around = self.neighbours.around(doubt.place, doubt.width)
            doubt.contexts = [self.neighbours.score(doubt.analysis.pieces, around)]
            doubt.contexts += [
                self.neighbours.score(candidate.pieces, around) + self.neighbours.case(candidate, doubt)
                for candidate in doubt.candidates
            ]
            if doubt.analysis.text in LOST_A and self.neighbours.infinitive(doubt.place + 1):
                doubt.contexts[1:] = [
                    score + INFINITIVE * (candidate.text == "à")
                    for score, candidate in zip(doubt.contexts[1:], doubt.candidates, strict=True)
                ]
            doubt.witnesses = [None] * len(doubt.candidates)
            if self._memory is not None:
                remember(doubt, self._posterior(doubt), self.neighbours, self._memory)
        for _ in range(ROUNDS):
            for doubt in self.doubts:
                doubt.posterior = self._posterior(doubt)
            self.channel.learn(expected_strikes(self.doubts))
            self._new_word, self._new_name = self._novelty(
                {doubt.place: doubt.posterior[0] for doubt in self.doubts if doubt.width == 1}
            )
        self.witnessed = self._unknown_struck()
        self.accents_lost = self._lost(self.witnessed)
        self.accents_hurt = self.accents_lost or sum(self.witnessed.values()) >= 1.0
        for doubt in self.doubts:
            doubt.posterior = self._posterior(doubt)
            if doubt.width > 1:
                continue
            if doubt.posterior[0] < 0.5:
                self.neighbours.put(doubt.place, doubt.candidates[doubt.best - 1])
            else:
                self.neighbours.put_back(doubt.place, doubt.analysis)

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

    def _new(self, analysis: Analysis) -> float:
        """Return ln P that the page prints this word, which the lexicon does not hold; 0 if it does."""
        if analysis.text == "&":
            return AMPERSAND
        if analysis.known:
            return 0.0
        score = (self._new_name if analysis.proper else self._new_word) + analysis.letters
        return score if analysis.well_formed else score + MALFORMED

    def log_frequency(self, piece: int) -> float:
        """Return ln of how often clean text uses a piece."""
        return math.log(self._model.unigram(piece))
