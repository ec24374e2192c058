"""What rulings say of the program's probabilities: where curators settled enough, they are set right.

Each ruling on a proposal that the program gave a probability is a pair of that and whether it was right. A
logistic recalibration in two parameters is fitted to them (Platt, Probabilistic outputs for support vector
machines, 1999): log-odds become ``slope · log-odds + offset``. It depends on the rulings in force alone.

Curators are asked about doubtful proposals, so it says nothing of those that were sure: it is for the doubts
that a curator sees, in their order and in what is told of them, and decides no edit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from repair.decisions.ruling import Ruling, Verdict, conflicts, in_force

ENOUGH = 100
"""Fewest rulings that a proposal was right, and fewest that one was wrong: with fewer, probabilities that are
substantially off do not show (Vergouwe, Steyerberg, Eijkemans and Habbema, J. Clin. Epidemiol. 58, 2005,
475–483)."""

SPREAD = 0.5
"""Standard deviation of both parameters around those that change nothing, before any ruling. A choice:
a slope of 1/2, or odds 1.6 times as great, are then no surprise, and a hundred rulings outweigh it."""

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
    """

    right: int = 0
    wrong: int = 0
    slope: float = 1.0
    offset: float = 0.0

    @property
    def enough(self) -> bool:
        """Whether there were enough rulings."""
        return min(self.right, self.wrong) >= ENOUGH

    def probability(self, given: float) -> float:
        """Return how probable it is that a doubtful proposal is right, from 0 to 1.

        >>> Refit(100, 100, 1.0, -1.0).probability(0.8)
        0.5954
        >>> Refit().probability(0.8)
        0.8
        """
        if (self.slope, self.offset) == (1.0, 0.0):
            return given
        return round(_chance(self.slope * _odds(given) + self.offset), 4)


def refit(rulings: Iterable[Ruling]) -> Refit:
    """Fit the recalibration to a journal; where there are not enough rulings it changes nothing.

    A ruling counts once, however far it goes; those in conflict count nothing.

    Args:
        rulings: of the journal, those taken back among them.
    """
    held = in_force(rulings)
    disputed = {ruling.id for group in conflicts(held) for ruling in group}
    pairs = sorted(
        (_odds(ruling.probability), _RIGHT[ruling.verdict])
        for ruling in held
        if ruling.verdict in _RIGHT and 0 < ruling.probability <= 1 and ruling.id not in disputed
    )
    right = sum(was for _, was in pairs)
    counted = Refit(right, len(pairs) - right)
    if not counted.enough:
        return counted
    slope, offset = _fitted(pairs)
    if slope <= 0:  # surer proposals would be less often right: no scale mends that
        return counted
    return Refit(counted.right, counted.wrong, round(slope, 4), round(offset, 4))


def _fitted(pairs: list[tuple[float, bool]]) -> tuple[float, float]:
    """Return the slope and offset of greatest posterior probability, by Newton's method: there is one."""
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
    return slope, offset


def _odds(probability: float) -> float:
    kept = min(max(probability, _NEAREST), 1 - _NEAREST)
    return math.log(kept / (1 - kept))


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0
