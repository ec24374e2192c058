"""The noisy channel of one document: P(read | printed) for each class of damage.

Damage is close to deterministic by document and class: an engine that lost one « à » lost them
all. So each class has a rate of its own, estimated on the document: a Beta prior around the
table's rate, the places where the printed form came through, and the expected number of places
where it did not (see `repair.correction.decoder`, which alternates the two: EM, Dempster,
Laird and Rubin 1977).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from repair.damage.confusions import Change, Confusions, slip
from repair.document import ClassRate
from repair.language.tokens import fold

PRIOR_STRENGTH = 12.0
"""What the prior weighs, in places seen."""

SLIP_STRENGTH = 1500.0
"""What the prior rate of chance slips weighs, in letters seen."""

DAMAGED = 0.5
"""Places that must have been struck, in all, for a document to be damaged."""

OFTEN = 3.0
"""A class that struck more often owes its rate to no single place."""

CERTAIN = 0.98
"""No class is taken to strike more often than this."""

ACCENTED = "àâçèéêëîïôùûüœ"

POOLED, POOL_STRENGTH = 0.5, 20.0
"""What the share of accents lost counts for, as prior of another accent's class; and how many
accents must be seen before it counts half."""


def is_accent(change: Change) -> bool:
    """Say whether a class is the loss or exchange of an accent alone.

    >>> is_accent(("é", "e")), is_accent(("œ", "oe")), is_accent(("l'", "1'")), is_accent(("ç", "g"))
    (True, False, False, False)
    """
    printed, read = change
    if not len(printed) == len(read) == 1 or printed.lower() not in ACCENTED:
        return False
    return fold(printed.lower()) == fold(read.lower())


class Channel:
    """Rates of the classes of damage in one document."""

    def __init__(self, text: str, confusions: Confusions) -> None:
        """Open a channel for a document.

        Args:
            text: the whole reading; where the printed form of a class came through is counted in it.
            confusions: the table, for the prior rates.
        """
        self._text = text.replace("’", "'")
        self._letters = Counter(self._text)
        self._accents = sum(self._letters[letter] for letter in ACCENTED)
        self._confusions = confusions
        self._struck: Mapping[Change, float] = {}
        self._spared: dict[str, int] = {}
        self._rates: dict[Change, float] = {}
        self._lost = 0.0
        self._size = len(text)
        self.slips = confusions.edit_prior
        """Estimated share of the letters that a chance slip struck."""

    def spared(self, printed: str) -> int:
        """Return how often a printed form stands in the reading."""
        known = self._spared.get(printed)
        if known is None:
            known = self._letters[printed] if len(printed) == 1 else self._text.count(printed)
            self._spared[printed] = known
        return known

    def struck(self, change: Change) -> float:
        """Return the expected number of places that a class struck."""
        return self._struck.get(change, 0.0)

    @property
    def damage(self) -> float:
        """Expected number of places that were struck."""
        return sum(self._struck.values())

    @property
    def damaged(self) -> bool:
        """Whether anything was struck at all, as far as is known."""
        return self.damage >= DAMAGED

    def rate(self, change: Change) -> float:
        """Return the estimated P(read | printed) of a class, in this document."""
        known = self._rates.get(change)
        if known is None:
            known = self._rates[change] = self._estimate(change, self._struck.get(change, 0.0))
        return known

    def _estimate(self, change: Change, struck: float) -> float:
        if self._confusions.listed(change):
            prior = self._confusions.prior(change)
            if is_accent(change):
                prior = max(prior, self._pooled(change))
        else:
            prior = self.slips * slip(change)
        places = struck + (self.spared(change[0]) if change[0] else self._size)
        return min(CERTAIN, (struck + prior * PRIOR_STRENGTH) / (places + PRIOR_STRENGTH))

    def lost(self, printed: str) -> float:
        """Return the estimated share of a printed form's places that were read as something else."""
        struck = sum(places for change, places in self._struck.items() if change[0] == printed)
        return struck / (struck + self.spared(printed) + PRIOR_STRENGTH)

    def cost(self, changes: Iterable[Change], own: float = 0.0) -> float:
        """Return ln P(read | printed) of a word that these classes struck.

        Args:
            changes: the classes.
            own: how often this word itself was counted for them; a place is no evidence for itself.
        """
        total = 0.0
        for change in changes:
            struck = self._struck.get(change, 0.0)
            if own and 0.0 < struck < OFTEN:
                total += math.log(self._estimate(change, max(0.0, struck - own)))
            else:
                total += math.log(self.rate(change))
        return total

    def learn(self, struck: Mapping[Change, float]) -> None:
        """Take a new estimate of how often each class struck (places, expected)."""
        self._struck = struck
        self._rates = {}
        self._lost = sum(places for change, places in struck.items() if is_accent(change))
        slips = sum(places for change, places in struck.items() if not self._confusions.listed(change))
        prior = self._confusions.edit_prior
        self.slips = (slips + prior * SLIP_STRENGTH) / (self._size + SLIP_STRENGTH)

    def _pooled(self, change: Change) -> float:
        """Return the prior rate of an accent's class that the other accents of the document suggest."""
        lost = self._lost - self.struck(change)
        kept = self._accents - self._letters[change[0]]
        return POOLED * lost / (lost + kept + POOL_STRENGTH)

    def classes(self, minimum: float = 0.5) -> tuple[ClassRate, ...]:
        """Return the classes that struck at least `minimum` places, most frequent first."""
        seen = [
            ClassRate(printed, read, struck, self.spared(printed), self.rate((printed, read)))
            for (printed, read), struck in self._struck.items()
            if struck >= minimum
        ]
        return tuple(sorted(seen, key=lambda item: (-item.struck, item.printed, item.read)))
