"""Weighing what may have been printed, word by word.

For each doubtful word, Bayes: P(printed | read, context) is in proportion to P(printed |
context), from the language model on both sides, times P(read | printed), from the channel of
the document. Keeping the word as read is a candidate like the others; a word that the lexicon
does not hold is then priced as a new word of its length. The rates of the channel and the
choices are estimated in turn (EM). What is then done about it is for `decision.py`.

A word that the lexicon holds is doubted only by classes of damage that the document shows
(`EVIDENT`): where nothing is lost, no real word changes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from repair.correction.candidates import LOST_A, Analyser, Analysis, Candidate
from repair.correction.rules import REFORMED
from repair.correction.words import BREAK, Token, tokenize
from repair.damage.channel import Channel, is_accent
from repair.damage.confusions import Change
from repair.document import Span
from repair.language.tokens import COMMA, STOP, lower
from repair.memory.store import LENGTH, Memory, Witness

EVIDENT = 0.05
"""Rate from which a class of damage may turn one known word into another."""

RIFE = 0.2
"""Rate from which a class of damage is rife in a document."""

CERTAINTY = 0.8
"""What a nat of the models counts for: their errors are not independent."""

NEW_LETTER, NEW_NAME_LETTER = -2.0, -1.6
"""ln P of each letter of a word, of a name, that the lexicon does not hold."""

REACH = 3
"""Words looked at on each side of a word, for strangers."""

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

MALFORMED = -6.0
"""ln P that the page prints a word with digits or signs among its letters."""

STRANGE = 0.5
"""Probability that an unknown word in small letters is damaged, whatever is proposed for it."""

ROUNDS = 4
"""Of EM; the rates have settled by then."""

Context = tuple[int, int, int, int]
"""Ids of the two pieces before a word and of the two after."""


@dataclass(slots=True)
class Doubt:
    """A word that may be damaged, while it is weighed.

    Attributes:
        place: its number among the tokens.
        token: where it stands.
        analysis: what it is.
        candidates: what is weighed against it.
        contexts: ln P in context of the word kept, then of each candidate.
        posterior: P of the word kept, then of each candidate.
        witnesses: who prints each candidate in the same company, and not the word as read.
    """

    place: int
    token: Token
    analysis: Analysis
    candidates: tuple[Candidate, ...]
    contexts: list[float] = field(default_factory=list)
    posterior: list[float] = field(default_factory=list)
    witnesses: list[Witness | None] = field(default_factory=list)

    @property
    def best(self) -> int:
        """Number of the likeliest candidate, from 1."""
        return max(range(1, len(self.posterior)), key=self.posterior.__getitem__)


class Decoder:
    """Weighs the words of one text."""

    def __init__(
        self, text: str, markup: Sequence[Span], analyser: Analyser, memory: Memory | None = None
    ) -> None:
        self.text = text
        self.tokens = list(tokenize(text, markup))
        self._memory = memory
        self._guessed: dict[int, str] = {}
        self.channel = Channel(text, analyser.confusions)
        self._model = analyser.language.model
        self._lexicon = lexicon = analyser.language.lexicon
        signs = {",": (lexicon.id(COMMA),), ".": (lexicon.id(STOP),)}
        analyse = analyser.analyse
        self.analyses = [None if token.sign else analyse(token.text) for token in self.tokens]
        self._pieces: list[tuple[int, ...]] = [
            analysis.pieces if analysis else signs[token.sign]
            for token, analysis in zip(self.tokens, self.analyses, strict=True)
        ]
        self.doubts: list[Doubt] = []
        self.accents_lost = False
        self.accents_hurt = False
        self._new_word, self._new_name = self._novelty()

    def _novelty(self) -> tuple[float, float]:
        """Return ln P that a word, a name of this text is one that the lexicon does not hold.

        Where many words resemble nothing known, the text is one that the models do not know.
        """
        words = names = 0
        strange_words = strange_names = 1.0
        for analysis in self.analyses:
            if analysis is None or analysis.protected:
                continue
            strange = analysis.strange
            if analysis.text[:1].isupper():
                names += 1
                strange_names += strange
            else:
                words += 1
                strange_words += strange
        return (
            math.log(strange_words / (words + FEW_NEW)),
            math.log((strange_names + 1.0) / (names + FEW_NEW / 10)),
        )

    def run(self) -> None:
        """Estimate the channel and weigh every doubtful word."""
        first = [
            Doubt(place, token, analysis, analysis.candidates)
            for place, (token, analysis) in enumerate(zip(self.tokens, self.analyses, strict=True))
            if analysis and analysis.candidates and not analysis.protected and _doubtful(analysis)
        ]
        self.doubts = first
        self._guess()
        self._expect()
        self.doubts = sorted([*first, *self._real_words(first)], key=lambda doubt: doubt.place)
        self._expect()

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

    def _real_words(self, known: Sequence[Doubt]) -> Iterable[Doubt]:
        """Return doubts about known words, of the classes that the document shows."""
        doubted = {doubt.place for doubt in known}
        evident: dict[Change, bool] = {}
        for place, (token, analysis) in enumerate(zip(self.tokens, self.analyses, strict=True)):
            if not analysis or not analysis.known or analysis.protected or place in doubted:
                continue
            kept = []
            for candidate in analysis.candidates:
                change = candidate.changes[0]
                if change not in evident:
                    evident[change] = self.channel.rate(change) >= EVIDENT
                if evident[change]:
                    kept.append(candidate)
            if kept:
                yield Doubt(place, token, analysis, tuple(kept))

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
            context = self._context(doubt.place)
            doubt.contexts = [self._kept(doubt.analysis, context)]
            doubt.contexts += [self._in_context(candidate.pieces, context) for candidate in doubt.candidates]
            if doubt.analysis.text in LOST_A and self._infinitive(doubt.place + 1):
                doubt.contexts[1:] = [
                    score + INFINITIVE * (candidate.text == "à")
                    for score, candidate in zip(doubt.contexts[1:], doubt.candidates, strict=True)
                ]
            self._remember(doubt)
        for _ in range(ROUNDS):
            struck: defaultdict[Change, float] = defaultdict(float)
            for doubt in self.doubts:
                doubt.posterior = self._posterior(doubt)
                for candidate, probability in zip(doubt.candidates, doubt.posterior[1:], strict=True):
                    for change in candidate.changes:
                        struck[change] += probability
            self.channel.learn(struck)
        witnessed = self._unknown_struck()
        self.accents_lost = self._lost(witnessed)
        self.accents_hurt = self.accents_lost or sum(witnessed.values()) >= 1.0
        for doubt in self.doubts:
            doubt.posterior = self._posterior(doubt)
            self._guessed.pop(doubt.place, None)
            if doubt.posterior[0] < 0.5:
                best = doubt.candidates[doubt.best - 1]
                self._pieces[doubt.place], self._guessed[doubt.place] = best.pieces, best.text
            elif doubt.analysis.known:
                self._pieces[doubt.place] = doubt.analysis.pieces

    def _remember(self, doubt: Doubt) -> None:
        """Let the memory of the corpus speak for the candidates, unless it speaks for the word as read."""
        doubt.witnesses = [None] * len(doubt.candidates)
        if self._memory is None:
            return
        before, after = self._clause(doubt.place - 1, -1), self._clause(doubt.place + 1, 1)

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
        scores = [doubt.contexts[0]]
        scores += [
            score + self.channel.cost(candidate.changes)
            for score, candidate in zip(doubt.contexts[1:], doubt.candidates, strict=True)
        ]
        top = max(scores)
        weights = [math.exp(CERTAINTY * (score - top)) for score in scores]
        total = sum(weights)
        return [weight / total for weight in weights]

    def _context(self, place: int) -> Context:
        before: list[int] = []
        step = place - 1
        while step >= 0 and len(before) < 2:
            before = list(self._pieces[step][-2:]) + before
            step -= 1
        after: list[int] = []
        step = place + 1
        while step < len(self._pieces) and len(after) < 2:
            after += self._pieces[step][:2]
            step += 1
        before = [0, 0, *before][-2:]
        after = [*after, 0, 0][:2]
        return (before[0], before[1], after[0], after[1])

    def _kept(self, analysis: Analysis, context: Context) -> float:
        """Return ln P of a word as read, in its context."""
        score = self._in_context(analysis.pieces, context)
        if not analysis.known:
            length = len(analysis.text)
            name = analysis.text[:1].isupper()
            score += (
                self._new_name + NEW_NAME_LETTER * length if name else self._new_word + NEW_LETTER * length
            )
        if not analysis.well_formed:
            score += MALFORMED
        return score

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

    def strangers(self, place: int) -> int:
        """Return how many of the `REACH` words on each side of a word are strange."""
        strange = 0
        for step in (-1, 1):
            seen, at = 0, place + step
            while 0 <= at < len(self.analyses) and seen < REACH:
                analysis = self.analyses[at]
                if analysis is not None:
                    seen += 1
                    strange += analysis.strange
                at += step
        return strange


def _doubtful(analysis: Analysis) -> bool:
    """Say whether a word is weighed in any document: an unknown one, and what « à » becomes."""
    return not analysis.known or analysis.text in LOST_A


def _words(text: str) -> list[str]:
    """Return a word as the memory has it: lower-case, whole, and two where it has a space."""
    return lower(BREAK.sub("-", text)).split()
