"""Weighing what may have been printed, word by word, and deciding.

For each doubtful word, Bayes: P(printed | read, context) is in proportion to P(printed |
context), from the language model on both sides, times P(read | printed), from the channel of
the document. Keeping the word as read is a candidate like the others; a word that the lexicon
does not hold is then priced as a new word of its length. The rates of the channel and the
choices are estimated in turn (EM). A probability above `APPLY` is applied, above `REVIEW` goes
to a curator, above `MENTION` is recorded and left.

A word that the lexicon holds is doubted only by classes of damage that the document shows
(`EVIDENT`): where nothing is lost, no real word changes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from repair.correction.candidates import LOST_A, Analyser, Analysis, Candidate
from repair.correction.words import Token, tokenize
from repair.damage.channel import Channel, is_accent
from repair.damage.confusions import EDIT, Change
from repair.document import Span
from repair.edits import Decision, Edit, Evidence, Kind
from repair.language.tokens import COMMA, STOP, fold

APPLY, REVIEW, MENTION = 0.97, 0.5, 0.2

EVIDENT = 0.05
"""Rate from which a class of damage may turn one known word into another."""

APPLY_SHAPE, SHAPE_LETTERS = 0.99, 5
"""What a letter taken for another of its shape needs: a higher probability, a longer word."""

RIFE, APPLY_RIFE = 0.2, 0.75
"""Rate from which a class is rife in a document, and the probability that is then enough to apply."""

CERTAINTY = 0.8
"""What a nat of the models counts for: their errors are not independent."""

NEW_LETTER, NEW_NAME_LETTER = -2.0, -1.6
"""ln P of each letter of a word, of a name, that the lexicon does not hold."""

REACH, STRANGERS = 3, 3
"""Words looked at on each side of a word, and how many of them are strangers in a foreign passage."""

INFINITIVE = 4.0
"""Log-odds for « à » against « a » before an infinitive: the auxiliary never stands before one."""

PRINTED_SO = (("œ", "oe"), ("à", "&"), ("à", "4"))
"""Classes whose reading is most often what the page prints."""

REFORMED = (("î", "i"), ("û", "u"))
"""The reform of 1990 drops these circumflexes: without other lost accents « connaitre » is no damage."""

REAL_WORD_RULES = ("real-word-accent", "real-word-sign", "real-word-elision")
"""The rules that may turn one known word into another, where their class is rife; « A » for « À »
is too often the printer's own."""

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
    """

    place: int
    token: Token
    analysis: Analysis
    candidates: tuple[Candidate, ...]
    contexts: list[float] = field(default_factory=list)
    posterior: list[float] = field(default_factory=list)

    @property
    def best(self) -> int:
        """Number of the likeliest candidate, from 1."""
        return max(range(1, len(self.posterior)), key=self.posterior.__getitem__)


class Decoder:
    """Decides over the words of one text."""

    def __init__(self, text: str, markup: Sequence[Span], analyser: Analyser) -> None:
        self.text = text
        self.tokens = list(tokenize(text, markup))
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
        self._accents_lost = False
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

    def _lost(self) -> bool:
        """Say whether small letters lost their accents in this text."""
        return any(
            rate.struck >= 2.0 and rate.rate >= RIFE and rate.printed.islower()
            for rate in self.channel.classes()
            if is_accent((rate.printed, rate.read)) and (rate.printed, rate.read) not in REFORMED
        )

    def edits(self) -> list[Edit]:
        """Return what was decided, in order."""
        found = []
        for doubt in self.doubts:
            best = doubt.best
            probability = doubt.posterior[best]
            if probability >= MENTION:
                found.append(self._edit(doubt, best, probability))
        return found

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
            self._pieces[doubt.place] = max(
                (candidate for candidate in doubt.candidates),
                key=lambda candidate: self._frequency(candidate) + self.channel.cost(candidate.changes),
            ).pieces

    def _frequency(self, candidate: Candidate) -> float:
        return sum(math.log(self._model.unigram(piece)) for piece in candidate.pieces)

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
        for _ in range(ROUNDS):
            struck: defaultdict[Change, float] = defaultdict(float)
            for doubt in self.doubts:
                doubt.posterior = self._posterior(doubt)
                for candidate, probability in zip(doubt.candidates, doubt.posterior[1:], strict=True):
                    for change in candidate.changes:
                        struck[change] += probability
            self.channel.learn(struck)
        self._accents_lost = self._lost()
        for doubt in self.doubts:
            doubt.posterior = self._posterior(doubt)
            if doubt.posterior[0] < 0.5:
                self._pieces[doubt.place] = doubt.candidates[doubt.best - 1].pieces
            elif doubt.analysis.known:
                self._pieces[doubt.place] = doubt.analysis.pieces

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

    def _edit(self, doubt: Doubt, best: int, probability: float) -> Edit:
        candidate = doubt.candidates[best - 1]
        rule = _rule(candidate.changes, doubt.analysis.known)
        decision = Decision.LEFT
        if probability >= self._threshold(doubt, candidate, rule):
            decision = Decision.APPLIED
        elif probability >= REVIEW and not self._house_style(candidate.changes):
            decision = Decision.REVIEW
        return Edit(
            doubt.token.start,
            doubt.token.end,
            doubt.token.text,
            candidate.text,
            Kind.REPAIR,
            rule,
            round(probability, 4),
            decision,
            tuple(self._evidence(doubt, best)),
        )

    def _threshold(self, doubt: Doubt, candidate: Candidate, rule: str) -> float:
        """Return the probability from which an edit is applied; above 1 where it never is."""
        if self._house_style(candidate.changes) or self._foreign(doubt.place):
            return math.inf
        if not self._accents_lost and any(change in REFORMED for change in candidate.changes):
            return math.inf
        rife = all(self.channel.rate(change) >= RIFE for change in candidate.changes)
        if rule == "spelling" or (doubt.analysis.known and not (rife and rule in REAL_WORD_RULES)):
            return math.inf
        if rife:
            return APPLY_RIFE
        if rule in ("shape", "apostrophe"):
            letters = sum(char.isalpha() for char in doubt.token.text)
            return APPLY_SHAPE if letters >= SHAPE_LETTERS else math.inf
        return APPLY

    def _foreign(self, place: int) -> bool:
        """Say whether a word stands in a passage of another language: strangers on both hands."""
        strange = 0
        for step in (-1, 1):
            seen, at = 0, place + step
            while 0 <= at < len(self.analyses) and seen < REACH:
                analysis = self.analyses[at]
                if analysis is not None:
                    seen += 1
                    strange += analysis.strange
                at += step
        return strange >= STRANGERS

    def _house_style(self, changes: Sequence[Change]) -> bool:
        """Say whether an edit would only change how the page prints its capitals, ligatures or signs.

        « Etat » and « coeur » are many a printer's own spelling, « & » is a sign and « 4 » a number:
        they are damage only in a text that also lost the accents of its small letters.
        """
        style = any(change[0].isupper() or change in PRINTED_SO for change in changes)
        return style and not self._accents_lost

    def _evidence(self, doubt: Doubt, best: int) -> Iterable[Evidence]:
        candidate = doubt.candidates[best - 1]
        for printed, read in candidate.changes:
            change = (printed, read)
            struck = round(self.channel.struck(change))
            yield Evidence(
                "damage profile",
                f"{printed} → {read}: {struck}/{struck + self.channel.spared(printed)}",
                round(math.log(self.channel.rate(change)), 2),
            )
        yield Evidence(
            "language model" if doubt.analysis.known else "lexicon",
            f"{candidate.text} / {doubt.token.text}",
            round(doubt.contexts[best] - doubt.contexts[0], 2),
        )


def _doubtful(analysis: Analysis) -> bool:
    """Say whether a word is weighed in any document: an unknown one, and what « à » becomes."""
    return not analysis.known or analysis.text in LOST_A


def _rule(changes: Sequence[Change], known: bool) -> str:
    """Name the rule of an edit by the rarest thing that it supposes."""
    kinds = {_class(printed, read) for printed, read in changes}
    for kind in (
        "spelling",
        "shape",
        "apostrophe",
        "elision",
        "ligature",
        "sign",
        "capital-accent",
        "accent",
    ):
        if kind in kinds:
            return f"real-word-{kind}" if known else kind
    return "shape"


def _class(printed: str, read: str) -> str:
    if (printed, read) == EDIT:
        return "spelling"
    if printed.endswith("'") and "'" not in read:
        return "apostrophe"
    if printed.endswith("'"):
        return "elision"
    if printed in "œæ":
        return "ligature"
    if not read.isalpha():
        return "sign"
    if fold(printed.lower()) == fold(read.lower()):
        return "capital-accent" if printed.isupper() else "accent"
    return "shape"
