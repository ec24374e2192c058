"""The acceptance model: how probable it is that a proposed edit is right.

Boosted trees (Friedman 2001) over the columns of `features.py`, learned by `train.py` on clean
French damaged in every style, and read from `dictionaries/acceptance.json`. A decoder's own
posterior is sure of too much: its models' errors are not independent. The trees know in which
circumstances it can be believed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from repair.correction.features import NAMES

Node = tuple[int, float, int, int]
"""Column, threshold, node where the column is at most that, node where it is more; a leaf has
column -1 and its value in place of the threshold."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A model that was learned.

    Attributes:
        baseline: log-odds before any tree.
        trees: each a list of nodes, root first.
        floor: posterior of the decoder under which nothing was learned: such a proposal is none.
    """

    baseline: float
    trees: tuple[tuple[Node, ...], ...]
    floor: float

    def probability(self, row: Sequence[float]) -> float:
        """Return P(right) of a proposal with these columns."""
        odds = self.baseline
        for tree in self.trees:
            column, value, low, high = tree[0]
            while column >= 0:
                column, value, low, high = tree[low if row[column] <= value else high]
            odds += value
        return 1.0 / (1.0 + math.exp(-odds)) if odds > -500 else 0.0


@lru_cache(maxsize=1)
def load_acceptance() -> Acceptance:
    """Return the model that ships with the program.

    Raises:
        ValueError: if it was learned over other columns; `make dictionaries` learns it again.
    """
    data = json.loads((files("dictionaries") / "acceptance.json").read_text(encoding="utf-8"))
    if data["columns"] != list(NAMES):
        raise ValueError("dictionaries/acceptance.json is of another version: run `make dictionaries`")
    trees = tuple(tuple((node[0], node[1], node[2], node[3]) for node in tree) for tree in data["trees"])
    return Acceptance(data["baseline"], trees, data["floor"])
