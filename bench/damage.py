"""`python -m bench.damage`: how the damage that is made compares with real damage, class by class.

Real: the readings of `reocr_dev` and `render_legal_dev`, by the model that read them. Made: documents of
`repair.damage.synthetic` from clean text that built nothing. Of each, damaged words of each class per 1,000
printed words; of what is made the spread over its documents too, for it must hold the real ones somewhere
between its lightest and its worst, not be like them on the mean. Then the commonest real confusions, and
which share of them all the generator ever makes: what it never makes, no model learns from it.

What only the page has (running heads, the edge of the next page) is in no gold: real readings seem to have
letters too many there. Words that a line's end cuts are joined first on both sides, as in `prote evaluate`.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.page import markdown
from bench.sets import PAIR_SETS
from repair.damage.confusions import Change, Confusions, load_confusions
from repair.damage.explain import explain
from repair.damage.synthetic import damaged
from repair.evaluation.text import fold_text
from repair.evaluation.words import DamageClass, follow
from repair.language.holdout import passages

REAL = tuple(chosen for chosen in PAIR_SETS if chosen.file in ("reocr_dev", "render_legal_dev"))
CLEAN = ("law_canada", "novels_1840_1920", "spoken_modern")
"""Sources of clean text; only what tests is taken of them."""
LONG = 2000
"""Characters of a document that is made, about: as many as a page has."""
DOCUMENTS, SEED = 300, 1
QUANTILES = (10, 50, 90, 99)
COMMONEST = 25


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened to one document.

    Attributes:
        words: that are printed.
        damaged: words by class.
        changes: classes of damage, letter by letter, in words that are damaged.
    """

    words: int
    damaged: Counter[DamageClass]
    changes: Counter[Change]


def count(printed: str, read: str, confusions: Confusions) -> Counted:
    """Count the damage of one document."""
    gold, ocr = fold_text(printed).text, fold_text(read).text
    fates = follow(gold, ocr, ocr)
    classes: Counter[DamageClass] = Counter()
    changes: Counter[Change] = Counter()
    for fate in fates.damaged:
        if fate.damage is not None:
            classes[fate.damage] += 1
        changes.update(explain(fate.printed, fate.read, confusions))
    return Counted(fates.words, classes, changes)


def make(clean: Path, documents: int, seed: int, confusions: Confusions) -> Iterable[Counted]:
    """Yield the counts of so many documents that are made, each of other clean text while there is some."""
    rng = random.Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    texts = ["".join(passage)[:LONG] for source in CLEAN for passage in passages(clean, source, "test")]
    for _ in range(documents):
        one = damaged(rng.choice(texts), confusions, rng)
        yield count(one.reading.printed, one.reading.read, confusions)


def per_thousand(counted: Sequence[Counted], damage: DamageClass | None) -> np.ndarray:
    """Return for each document its damaged words of a class, of all classes for None, per 1,000 words."""
    return np.array(
        [
            1000.0 * (one.damaged[damage] if damage else one.damaged.total()) / max(1, one.words)
            for one in counted
        ]
    )


def class_rows(real: dict[str, list[Counted]], made: Sequence[Counted]) -> list[list[str]]:
    """Return a row for each class: the mean of each real set, and mean and quantiles of what is made."""
    rows = []
    for damage in (None, *DamageClass):
        rates = per_thousand(made, damage)
        means = [per_thousand(one, damage).mean() for one in real.values()] + [rates.mean()]
        figures = (f"{value:.1f}" for value in (*means, *np.percentile(rates, QUANTILES)))
        rows.append([str(damage or "all"), *figures])
    return rows


def confusion_rows(real: Sequence[Counted], made: Sequence[Counted]) -> tuple[list[list[str]], float]:
    """Return a row for each of the commonest real confusions, and which share of all of them is made too."""
    seen, ours = _changes(real), _changes(made)
    words, our_words = (sum(one.words for one in counted) for counted in (real, made))
    rows = [
        [f"{printed or '∅'} → {read or '∅'}", str(times), f"{1000.0 * times / words:.2f}",
         f"{1000.0 * ours[printed, read] / our_words:.2f}"]
        for (printed, read), times in seen.most_common(COMMONEST)
    ]  # fmt: skip
    made_too = sum(times for change, times in seen.items() if ours[change])
    return rows, made_too / max(1, seen.total())


def _changes(counted: Iterable[Counted]) -> Counter[Change]:
    total: Counter[Change] = Counter()
    for one in counted:
        total.update(one.changes)
    return total


def main() -> None:
    """Compare, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.damage")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="so many are made")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    data, confusions = arguments.shared / "data", load_confusions()
    real = {
        chosen.name: [count(pair.gold, pair.ocr, confusions) for pair in chosen.read(data / "pairs")]
        for chosen in REAL
    }
    made = list(make(data / "clean", arguments.documents, arguments.seed, confusions))
    quantiles = (f"{quantile} %" for quantile in QUANTILES)
    print(f"Damaged words per 1,000; {len(made)} documents made, seed {arguments.seed}\n")
    print(markdown(("class", *real, "made, mean", *quantiles), class_rows(real, made)))
    rows, share = confusion_rows([one for counted in real.values() for one in counted], made)
    print("\nThe commonest real confusions, per 1,000 words\n")
    print(markdown(("printed → read", "times", "real", "made"), rows))
    print(f"\n{share:.1%} of all real confusions are of a class that is made at least once.")


if __name__ == "__main__":
    main()
