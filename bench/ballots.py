"""The weights of the vote, fitted again: `python -m bench.ballots --shared ../shared`.

The 50 development pages are read (ten minutes the first time; readings are kept below `build/`),
and a conditional logit is fitted on the places where readings differ: the candidate nearest to the correct
text is the choice, each place counts by what is at stake, up to three signs. Signs of the weights are kept:
no engine speaks against itself, no unknown word for a candidate. Printed are the weights on all pages, and
the errors with each folder judged by the weights of the others, beside those of the weights in use and of
the best candidates. The weights of texts (`other …`) are left as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rich.progress import track

from repair.language import load_language
from repair.layout import PageLayout
from repair.reading.engines.cache import PageCache
from repair.reading.engines.engine import Tesseract
from repair.reading.engines.reader import PageReader
from repair.reading.votes.align import align, key, pivot_of
from repair.reading.votes.ballot import WEIGHTS, Judge, Line
from repair.reading.votes.match import match_lines

ROOT = Path(__file__).parents[1]
_SAME_LINE = 0.5
"""A line of the correct text farther than this from the reading, in edits per sign, is not its own."""
_STAKE = 3
_DECAY, _STEPS, _RATE = 0.005, 700, 0.03

Floats = NDArray[np.float64]


class Place(NamedTuple):
    """A place where readings differ: a row of features and the number of errors for each candidate."""

    features: Floats
    errors: NDArray[np.int64]


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.ballots", description="Fit the weights of the vote"
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the data")
    pages = parser.parse_args().shared / "data" / "pages"
    images = sorted(path for path in pages.rglob("*") if path.is_file() and path.suffix != ".txt")
    cache = PageCache(ROOT / "build" / "pages")
    readers = {"two engines": PageReader(cache), "Tesseract alone": PageReader(cache, second=Tesseract())}
    found: dict[str, dict[Path, list[Place]]] = {name: {} for name in readers}
    for image in track(images, "reading"):
        gold = image.with_suffix(".gt.txt").read_text(encoding="utf-8")
        for name, reader in readers.items():
            found[name][image] = list(places(gold, reader.readings(image).pages))
    everything = [place for pages in found.values() for some in pages.values() for place in some]
    weights = fit(everything)
    print("weight               in use  fitted")
    for name, old, new in zip(WEIGHTS, WEIGHTS.values(), weights, strict=True):
        print(f"{name:20} {old:6.2f}  {new:6.2f}")
    used = np.array(list(WEIGHTS.values()))
    for name, pages_of in found.items():
        print(
            f"{name}: errors with weights in use {_errors(pages_of, used)}, left out folder by folder "
            f"{_left_out(pages_of, found)}, of the best candidates {_errors(pages_of, None)}"
        )


def places(gold: str, readings: Sequence[PageLayout]) -> Iterator[Place]:
    """Yield the places of a page where its readings differ, and the correct text is known.

    Args:
        gold: the correct text, a line for each printed one.
        readings: of the page, the base first.
    """
    lines = [line for line in (" ".join(one.replace("¬", "-").split()) for one in gold.splitlines()) if line]
    judge = Judge(load_language(), [page.engine.split(" ", 1)[0] for page in readings])
    before: list[int] = []
    broken = False
    for line in map(Line, match_lines(readings)):
        pivot = line.texts[pivot_of(line.texts)]
        correct = min(lines, key=lambda one: Levenshtein.normalized_distance(pivot, one))
        if Levenshtein.normalized_distance(pivot, correct) > _SAME_LINE:
            continue
        own = {segment[:-1]: segment[-1] for segment in align([*line.texts, correct])}
        ballots = [line.candidates(number) for number in range(len(line.segments))]
        for number, ballot in enumerate(ballots):
            last = number == len(ballots) - 1
            span = own.get(line.segments[number])
            right = correct[slice(*span)] if span is not None else None
            if right is not None and len(ballot) > 1:
                following = "" if last else max(ballots[number + 1], key=lambda one: len(one.sure)).text
                after = judge.ids(following)[:1]
                first = broken and not number
                heard = line.readings(number)
                rows = [judge.features(one, heard, before, after, first=first, last=last) for one in ballot]
                errors = [Levenshtein.distance(key(one.text), key(right)) for one in ballot]
                yield Place(np.array(rows, dtype=np.float64), np.array(errors))
            chosen = max(ballot, key=lambda one: len(one.sure)).text if right is None else right
            before = [*before, *judge.ids(chosen)][-2:]
        broken = pivot.endswith("-")


def fit(found: Sequence[Place]) -> Floats:
    """Return the weights, in the order of `WEIGHTS`, by gradient ascent with Adam (Kingma and Ba 2015)."""
    names = list(WEIGHTS)
    fixed = np.array([name.startswith("other") for name in names])
    never_below = np.array([name.split()[0] in ("tesseract", "rapidocr") for name in names])
    never_above = np.array([name in ("unknown", "noise", "crowded") for name in names])
    scale = np.concatenate([place.features for place in found]).std(axis=0) + 1e-6
    weights, slope, spread = (np.zeros(len(names)) for _ in range(3))
    for step in range(1, _STEPS + 1):
        gradient = np.zeros(len(names))
        for features, errors in found:
            scaled = features / scale
            scores = scaled @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            right = chances * (errors == errors.min())
            stake = min(_STAKE, int(errors.max() - errors.min()))
            gradient += stake * ((right / right.sum() - chances) @ scaled)
        gradient = np.where(fixed, 0.0, gradient / len(found) - _DECAY * weights)
        slope = 0.9 * slope + 0.1 * gradient
        spread = 0.99 * spread + 0.01 * gradient**2
        weights = weights + _RATE * (slope / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.99**step)) + 1e-8)
        weights[never_below] = np.maximum(weights[never_below], 0.0)
        weights[never_above] = np.minimum(weights[never_above], 0.0)
    return np.where(fixed, np.array(list(WEIGHTS.values())), weights / scale)


def _errors(pages: Mapping[Path, Sequence[Place]], weights: Floats | None) -> int:
    return sum(
        int(place.errors.min() if weights is None else place.errors[(place.features @ weights).argmax()])
        for some in pages.values()
        for place in some
    )


def _left_out(
    pages: Mapping[Path, Sequence[Place]], found: Mapping[str, Mapping[Path, Sequence[Place]]]
) -> int:
    """Return the errors on some pages, those of each folder judged by weights fitted on the others."""
    total = 0
    for folder in {image.parent for image in pages}:
        others = [
            place
            for some in found.values()
            for image, of_page in some.items()
            if image.parent != folder
            for place in of_page
        ]
        here = {image: of_page for image, of_page in pages.items() if image.parent == folder}
        total += _errors(here, fit(others))
    return total


if __name__ == "__main__":
    main()
