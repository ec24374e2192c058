"""The recipe of the acceptance model: `python -m repair.correction.train`.

Takes the clean French kept out of the index for calibrating (see `language/holdout.py`), damages
each passage in many styles and degrees (`damage/strike.py`), lets the decoder propose, and learns
which proposals were right. Only open text is learned from. Same inputs, same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from repair.correction.candidates import Analyser, load_analyser
from repair.correction.decoder import Decoder
from repair.correction.doubts import Doubt
from repair.correction.features import NAMES, RISING, Features
from repair.damage.strike import Struck, any_style, strike
from repair.language.build import SOURCES
from repair.language.holdout import lines

STYLES = 6
"""How often each passage is damaged, each time in another style."""

PASSAGES = (5, 10, 20, 40, 60)
"""Lines a passage; short documents show little of their damage."""

FLOOR = 0.02
"""Posterior from which a proposal is one."""


def passages(clean: Path, rng: random.Random) -> Iterator[str]:
    """Yield passages of the calibrating part of every source that accents its capitals."""
    for corpus in SOURCES:
        if corpus.bare_capitals:
            continue  # it would teach that « États » is wrong
        kept = list(lines(clean, corpus.name, "calibrate"))
        start = 0
        while start < len(kept):
            size = rng.choice(PASSAGES)
            yield "".join(kept[start : start + size])
            start += size


def right(doubt: Doubt, struck: Struck) -> bool:
    """Say whether a doubt's best candidate is what was printed, and differs from what was read."""
    start, end = doubt.token.start, doubt.token.end
    inside = [
        wound
        for wound in struck.wounds
        if (wound[0] < end and wound[1] > start) or start <= wound[0] == wound[1] < end
    ]
    printed = struck.read[start:end]
    for low, high, before in reversed(inside):
        printed = printed[: max(0, low - start)] + before + printed[high - start :]
    return bool(inside) and _straight(doubt.candidates[doubt.best - 1].text) == _straight(printed)


def _straight(text: str) -> str:
    return text.replace("’", "'")


def examples(clean: Path, analyser: Analyser, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of all proposals, float64 (n, columns), and whether each was right, bool (n,)."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    rows, truth = [], []
    for passage in list(passages(clean, rng)):
        for _ in range(STYLES):
            struck = strike(passage, any_style(analyser.confusions, rng), rng)
            decoder = Decoder(struck.read, (), analyser)
            decoder.run()
            features = Features(decoder)
            for doubt in decoder.doubts:
                if doubt.posterior[doubt.best] >= FLOOR:
                    rows.append(features.row(doubt))
                    truth.append(right(doubt, struck))
    return np.array(rows, dtype=float), np.array(truth)


def learn(rows: np.ndarray, truth: np.ndarray) -> HistGradientBoostingClassifier:
    """Fit the trees: few, shallow, and rising in what can only speak for an edit."""
    model = HistGradientBoostingClassifier(
        max_iter=130,
        max_leaf_nodes=10,
        learning_rate=0.09,
        min_samples_leaf=60,
        l2_regularization=5.0,
        monotonic_cst=[1 if name in RISING else 0 for name in NAMES],
        random_state=0,
    )
    return model.fit(rows, truth)


def exported(model: HistGradientBoostingClassifier) -> dict[str, object]:
    """Return a model as `acceptance.py` reads it."""
    trees = []
    for (predictor,) in model._predictors:
        nodes = []
        for node in predictor.nodes:
            if node["is_leaf"]:
                nodes.append([-1, round(float(node["value"]), 5), 0, 0])
            else:
                nodes.append(
                    [int(node["feature_idx"]), round(float(node["num_threshold"]), 5),
                     int(node["left"]), int(node["right"])]
                )  # fmt: skip
        trees.append(nodes)
    baseline = round(float(model._baseline_prediction[0, 0]), 5)
    return {"columns": list(NAMES), "floor": FLOOR, "baseline": baseline, "trees": trees}


def main() -> None:
    """Learn from the command line; see the module's description."""
    parser = argparse.ArgumentParser(description="Learn the acceptance model.")
    parser.add_argument("--clean", type=Path, required=True, help="folder of the clean sources")
    parser.add_argument("--out", type=Path, default=Path("dictionaries/acceptance.json"))
    arguments = parser.parse_args()
    rows, truth = examples(arguments.clean, load_analyser(), seed=1)
    print(f"{len(truth):,} proposals, {truth.mean():.1%} right")
    model = exported(learn(rows, truth))
    arguments.out.write_text(json.dumps(model, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
