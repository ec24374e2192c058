"""From counts to rates, with their confidence intervals.

Each pair of a file gives a row of counts (`COUNTS`). A measure is a function of their sums, so that
it can be taken of the file, or of any sample of its pairs: the 95 % intervals are those of
`RESAMPLES` samples of the pairs, drawn with replacement (percentile bootstrap, Efron 1979). The
seed is fixed: the same counts give the same intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES, SEED = 1_000, 2026
CONFIDENCE = 95.0

EDGES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Limits of the bins of the reliability table; narrow where edits are applied. The last includes 1."""

FEWEST = 5
"""Pairs under which a sample of them says nothing of others."""

_BATCH = 50
"""Resamples drawn at once; a file of 17,000 pairs then takes 7 MB."""

Sums = Mapping[str, NDArray[np.float64]]
Measure = Callable[[Sums], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure and its 95 % confidence interval.

    Attributes:
        value: None where it has no meaning (nothing was damaged).
        low: None where there is no value, or fewer than `FEWEST` pairs.
        high: the same.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """A row of the reliability table: judged proposals of about the same probability.

    Attributes:
        low: lowest probability.
        high: highest; it belongs to the next bin, but for 1.
        proposals: how many there are.
        probability: their mean probability; 0 where there are none.
        right: the share of them that is right; 0 where there are none.
    """

    low: float
    high: float
    proposals: int
    probability: float
    right: float


COUNTS = (
    "documents",
    "worse",  # documents whose character errors rose
    "better",
    "gold_characters",
    "gold_words",
    "characters_before",
    "characters_after",
    "words_before",
    "words_after",
    "hipe_errors_before",
    "hipe_total_before",
    "hipe_errors_after",
    "hipe_total_after",
    "printed_words",
    "damaged",
    "fixed",
    "harmed",
    "applied_right",
    "applied_wrong",
    *(f"bin_{number}" for number in range(len(EDGES) - 1)),
    *(f"bin_{number}_right" for number in range(len(EDGES) - 1)),
    *(f"bin_{number}_probability" for number in range(len(EDGES) - 1)),
)
"""The counts of a pair, in the order of its row."""


def bin_of(probability: float) -> int | None:
    """Return the number of the bin that a probability falls in; None below the first.

    >>> bin_of(0.1), bin_of(0.2), bin_of(0.97), bin_of(1.0)
    (None, 0, 8, 9)
    """
    if probability < EDGES[0]:
        return None
    return min(sum(edge <= probability for edge in EDGES), len(EDGES) - 1) - 1


def ratio(above: str, below: str, scale: float = 1.0) -> Measure:
    """Return the measure: a sum of counts over another, times `scale`."""
    return lambda sums: scale * sums[above] / sums[below]


def cut(above: str, below: str) -> Measure:
    """Return the measure: by what share a rate of errors fell, from before the repairs to after.

    Args:
        above: the count of errors, without ``_before`` and ``_after``.
        below: what it is divided by; alike where it differs before and after.
    """

    def measure(sums: Sums) -> NDArray[np.float64]:
        before, after = (
            sums[f"{above}_{when}"] / sums[below if below in sums else f"{below}_{when}"]
            for when in ("before", "after")
        )
        return 1.0 - after / before

    return measure


def precision(sums: Sums) -> NDArray[np.float64]:
    """Return the share of right edits among those applied and judged."""
    return sums["applied_right"] / (sums["applied_right"] + sums["applied_wrong"])


def harm(sums: Sums) -> NDArray[np.float64]:
    """Return the words harmed per 1,000 sound words."""
    return 1000.0 * sums["harmed"] / (sums["printed_words"] - sums["damaged"])


def calibration_error(sums: Sums) -> NDArray[np.float64]:
    """Return the expected calibration error: over the bins, how far probability is from truth.

    Σ |right - Σ probability| / Σ proposals (Naeini, Cooper and Hauskrecht 2015), over the judged
    proposals of a probability of `EDGES`[0] at least, whatever became of them.
    """
    bins = range(len(EDGES) - 1)
    gaps = sum(np.abs(sums[f"bin_{number}_right"] - sums[f"bin_{number}_probability"]) for number in bins)
    return np.asarray(gaps / sum(sums[f"bin_{number}"] for number in bins))


def table(rows: Sequence[Mapping[str, float]], columns: Sequence[str] = COUNTS) -> NDArray[np.float64]:
    """Return the counts of all pairs: a row each, a column for each count, 0 where a row lacks it."""
    return np.array([[row.get(name, 0.0) for name in columns] for row in rows], dtype=np.float64)


def estimates(
    counts: NDArray[np.float64], measures: Mapping[str, Measure], columns: Sequence[str] = COUNTS
) -> dict[str, Estimate]:
    """Return each measure of a table of counts, with its interval.

    Args:
        counts: shape (pairs, columns).
        measures: by name.
        columns: the names of the columns.
    """
    pairs = len(counts)
    generator = np.random.default_rng(SEED)
    samples = np.concatenate(
        [
            generator.multinomial(pairs, np.full(pairs, 1.0 / pairs), size=_BATCH) @ counts
            for _ in range(RESAMPLES // _BATCH)
        ]
    )
    whole = _sums(counts.sum(axis=0, keepdims=True), columns)
    sampled = _sums(samples, columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {name: _estimate(measure(whole), measure(sampled)) for name, measure in measures.items()}
    if pairs < FEWEST:
        return {name: Estimate(estimate.value, None, None) for name, estimate in found.items()}
    return found


def _sums(sums: NDArray[np.float64], columns: Sequence[str]) -> Sums:
    return {name: sums[:, number] for number, name in enumerate(columns)}


def _estimate(value: NDArray[np.float64], sampled: NDArray[np.float64]) -> Estimate:
    if not np.isfinite(value[0]):
        return Estimate(None, None, None)
    margin = (100.0 - CONFIDENCE) / 2
    low, high = np.percentile(sampled[np.isfinite(sampled)], [margin, 100.0 - margin])
    return Estimate(_rounded(value[0]), _rounded(low), _rounded(high))


def _rounded(value: Any) -> float:
    return round(float(value), 6)


def reliability(counts: NDArray[np.float64]) -> tuple[Bin, ...]:
    """Return the reliability table of all pairs."""
    sums = dict(zip(COUNTS, counts.sum(axis=0).tolist(), strict=True))
    found = []
    for number, (low, high) in enumerate(pairwise(EDGES)):
        proposals = int(sums[f"bin_{number}"])
        share = 1.0 / proposals if proposals else 0.0
        found.append(
            Bin(
                low,
                high,
                proposals,
                round(sums[f"bin_{number}_probability"] * share, 4),
                round(sums[f"bin_{number}_right"] * share, 4),
            )
        )
    return tuple(found)
