"""What rulings say of the program's probabilities: where curators settled enough, they are set right.

Each ruling on a proposal that the program asked about is a pair of its probability and whether it was right.
A logistic recalibration in two parameters is fitted to them (Platt, Probabilistic outputs for support vector
machines, 1999): log-odds become ``slope · log-odds + offset``. It depends on the rulings in force alone.

It is fitted to the first rulings, so many that `ENOUGH` of them, or twice, or four times as many, found a
proposal right, and as many found one wrong: one more changes nothing, and it changes when there are twice as
many. What it decides of a document is in `recalibrate`.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from repair.decisions.ruling import Ruling, Verdict, conflicts, in_force

ENOUGH = 100
"""Fewest rulings that a proposal was right, and fewest that one was wrong: with fewer, probabilities that are
substantially off do not show (Vergouwe, Steyerberg, Eijkemans and Habbema, J. Clin. Epidemiol. 58, 2005,
475–483)."""

OF_ONE_PAIR = 10
"""Rulings on the same words that count: what is ruled on « a » three hundred times says little of others."""

ASKED = 0.5
"""Least probability of a doubt that a curator is asked about (`repair.correction.decision.REVIEW`). What has
less lost a vote of engines, whose probabilities are others."""

SPREAD = 0.5
"""Standard deviation of both parameters around those that change nothing, before any ruling. A choice:
a slope of 1/2, or odds 1.6 times as great, are then no surprise, and a hundred rulings outweigh it."""

_LOWER = 1.645
"""Standard deviations under which one chance in twenty lies."""

_NEAREST = 1e-4
"""Probabilities are taken to be so far from 0 and 1: nobody rules often enough to tell them apart."""

_STEPS = 50
_RIGHT = {Verdict.ACCEPT: True, Verdict.REJECT: False, Verdict.CORRECT: False}


@dataclass(frozen=True, slots=True)
class Refit:
    """A recalibration.

    Attributes:
        right: rulings that a proposal was right.
        wrong: rulings that one was wrong.
        slope: what log-odds are multiplied by; 1 where there are not enough rulings.
        offset: what is added to them, in nats; 0 where there are not enough.
        spread: variance of the slope, covariance of both, and variance of the offset.
        step: to how many of each it was fitted; 0 where there are not enough.
    """

    right: int = 0
    wrong: int = 0
    slope: float = 1.0
    offset: float = 0.0
    spread: tuple[float, float, float] = (0.0, 0.0, 0.0)
    step: int = 0

    @property
    def enough(self) -> bool:
        """Whether there were enough rulings."""
        return min(self.right, self.wrong) >= ENOUGH

    @property
    def changes(self) -> bool:
        """Whether it sets anything right."""
        return (self.slope, self.offset) != (1.0, 0.0)

    @property
    def id(self) -> str:
        """What ledgers call it: the same for what decides the same; empty where it changes nothing."""
        said = repr((self.slope, self.offset, self.spread))
        return f"refit-{hashlib.sha256(said.encode()).hexdigest()[:12]}" if self.changes else ""

    def probability(self, given: float) -> float:
        """Return how probable it is that a doubtful proposal is right, from 0 to 1.

        >>> Refit(100, 100, 1.0, -1.0).probability(0.8)
        0.5954
        >>> Refit().probability(0.8)
        0.8
        """
        if not self.changes:
            return given
        return round(_chance(self.slope * log_odds(given) + self.offset), 4)

    def at_least(self, given: float) -> float:
        """Return the same where the rulings speak for as little as 19 chances in 20 leave room for.

        >>> Refit(100, 100, 1.0, 1.0, (0.04, 0.0, 0.04)).at_least(0.8)
        0.861
        """
        if not self.changes:
            return given
        odds = log_odds(given)
        slope, both, offset = self.spread
        variance = max(0.0, slope * odds**2 + 2 * both * odds + offset)
        return round(_chance(self.slope * odds + self.offset - _LOWER * math.sqrt(variance)), 4)


AS_SHIPPED = Refit()
"""Where there are not enough rulings: it changes nothing."""


def refit(rulings: Iterable[Ruling]) -> Refit:
    """Fit the recalibration to a journal; where there are not enough rulings it changes nothing.

    A ruling counts once, however far it goes; those in conflict count nothing.

    Args:
        rulings: of the journal, those taken back among them.
    """
    pairs = _pairs(in_force(rulings))
    right = sum(was for _, was in pairs)
    counted = Refit(right, len(pairs) - right)
    if not counted.enough:
        return counted
    step = ENOUGH
    while 2 * step <= min(counted.right, counted.wrong):
        step *= 2
    found: Counter[bool] = Counter()
    first = []
    for pair in pairs:
        first.append(pair)
        found[pair[1]] += 1
        if min(found[True], found[False]) == step:
            break
    slope, offset, spread = _fitted(sorted(first))
    if slope <= 0:  # surer proposals would be less often right: no scale mends that
        return counted
    return Refit(counted.right, counted.wrong, round(slope, 2), round(offset, 2), spread, step)


def _pairs(held: tuple[Ruling, ...]) -> list[tuple[float, bool]]:
    """Return log-odds of the proposals that were ruled on, and whether each was right, the first first.

    Args:
        held: the rulings in force.
    """
    disputed = {ruling.id for group in conflicts(held) for ruling in group}
    times: Counter[tuple[str, str]] = Counter()
    pairs = []
    for ruling in sorted(held, key=lambda ruling: (ruling.when, ruling.id)):
        if ruling.verdict not in _RIGHT or not ASKED <= ruling.probability <= 1 or ruling.id in disputed:
            continue
        times[ruling.before, ruling.after] += 1
        if times[ruling.before, ruling.after] <= OF_ONE_PAIR:
            pairs.append((log_odds(ruling.probability), _RIGHT[ruling.verdict]))
    return pairs


def _fitted(pairs: list[tuple[float, bool]]) -> tuple[float, float, tuple[float, float, float]]:
    """Return the slope and offset of greatest posterior probability, by Newton's method, and their spread.

    The spread is that of the normal distribution that fits the posterior there (Laplace), to three figures.
    """
    slope, offset, weight = 1.0, 0.0, 1 / SPREAD**2
    for _ in range(_STEPS):
        chances = [_chance(slope * odds + offset) for odds, _ in pairs]
        off = [chance - was for chance, (_, was) in zip(chances, pairs, strict=True)]
        spread = [chance * (1 - chance) for chance in chances]
        down = math.fsum(by * odds for by, (odds, _) in zip(off, pairs, strict=True)) + weight * (slope - 1)
        across = math.fsum(off) + weight * offset
        bend = math.fsum(by * odds * odds for by, (odds, _) in zip(spread, pairs, strict=True)) + weight
        turn = math.fsum(by * odds for by, (odds, _) in zip(spread, pairs, strict=True))
        level = math.fsum(spread) + weight
        whole = bend * level - turn * turn
        step = (level * down - turn * across) / whole, (bend * across - turn * down) / whole
        slope, offset = slope - step[0], offset - step[1]
        if max(map(abs, step)) < 1e-10:
            break
    return slope, offset, (_figures(level / whole), _figures(-turn / whole), _figures(bend / whole))


def _figures(number: float) -> float:
    return float(f"{number:.3g}")


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, in nats."""
    kept = min(max(probability, _NEAREST), 1 - _NEAREST)
    return math.log(kept / (1 - kept))


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0
