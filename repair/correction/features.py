"""What is known of a proposed edit when it is accepted or refused.

One row of numbers a proposal (:data:`NAMES`), the same for learning (`train.py`) and for deciding
(`acceptance.py`). What would tell a *document* again (its length, its mean score) is left out
on purpose: a model then learns the training texts instead of damage.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from repair.correction.decoder import Decoder
from repair.correction.doubts import Doubt
from repair.correction.rules import RULES, rule_of
from repair.language.tokens import lower

NAMES = (
    "logit",  # log-odds of the best candidate against the word as read
    "margin",  # the same against the next candidate
    "context",  # what the neighbouring words say for it, in nats
    "before",  # ln count of it after the word before
    "after",  # ln count of it before the word after
    "neighbours",  # how many of the two words on each side are known
    "channel",  # ln P(read | printed)
    "lowest_rate",  # ln of the rate of its rarest class in this document
    "slips_rate",  # ln of the share of letters that chance slips struck in this document
    "struck",  # how often its commonest class struck here
    "changes",
    "slips",  # how many of them no table lists
    "length",  # of the word as read, in letters
    "letters",  # how well its letters make a word: ln P a letter
    "known",
    "capital",
    "first",  # whether it stands first in its clause, where any word may take a capital
    "well_formed",
    "frequency",  # ln count of its rarest piece
    "strangers",  # strange words around it
    "accents_lost",
    "unknown_share",  # of the document's words: unknown and not explained by damage
    "same_word",  # how often the word as read stands in the document
    "seen_right",  # how often the candidate does
    *RULES,
)
"""Names of the columns."""

RISING = ("logit", "margin", "context", "before", "after", "lowest_rate", "struck", "seen_right")
"""Columns of which more can only speak for an edit."""


class Features:
    """Turns the doubts of one decoded text into rows."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        analyses = [analysis for analysis in decoder.analyses if analysis and not analysis.protected]
        self._seen = Counter(lower(analysis.text) for analysis in analyses)
        unknown = sum(not analysis.known for analysis in analyses)
        fixable = sum(not analysis.known and not analysis.strange for analysis in analyses)
        self._unknown_share = (unknown - fixable) / (len(analyses) + 50)

    def row(self, doubt: Doubt) -> Sequence[float]:
        """Return the columns of a doubt's best candidate."""
        decoder = self._decoder
        best = doubt.best
        candidate = doubt.candidates[best - 1]
        posterior = doubt.posterior
        others = sorted((p for number, p in enumerate(posterior) if number not in (0, best)), reverse=True)
        second = others[0] if others else 0.0
        rates = [decoder.channel.rate(change) for change in candidate.changes]
        rule = rule_of(candidate.changes, known=False)
        text = doubt.analysis.text
        return (
            _logit(posterior[best] / (posterior[best] + posterior[0] + 1e-12)),
            _logit(posterior[best] / (posterior[best] + second + 1e-12)),
            max(-30.0, min(30.0, doubt.contexts[best] - doubt.contexts[0])),
            *decoder.neighbours.attested(doubt),
            sum(math.log(rate) for rate in rates),
            math.log(min(rates)),
            math.log(decoder.channel.slips),
            math.log1p(max(decoder.channel.struck(change) for change in candidate.changes)),
            len(candidate.changes),
            candidate.slips,
            sum(char.isalpha() for char in text),
            doubt.analysis.letters / (len(text) + 1),
            doubt.analysis.known,
            doubt.analysis.proper,
            decoder.neighbours.first(doubt.place),
            doubt.analysis.well_formed,
            min(decoder.log_frequency(piece) for piece in candidate.pieces),
            decoder.passages.strangers(doubt.place),
            decoder.accents_lost,
            self._unknown_share,
            math.log1p(self._seen[lower(text)]),
            math.log1p(self._seen[lower(candidate.text)]),
            *(rule == name for name in RULES),
        )


def _logit(probability: float) -> float:
    bounded = min(1.0 - 1e-9, max(1e-9, probability))
    return math.log(bounded / (1.0 - bounded))
