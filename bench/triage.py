"""`python -m bench.triage`: which pages are wrongly read again, and wrongly kept; the fit of the weights.

A page is wrongly *sent* where reading it again gains less than its price, wrongly *kept* where it gains
more; *surely* only where the gain is 0.2 points off the price, which the correct texts can tell. Gains
are of the vote over the layer, in points of CER with lines matched one to one. The folder that a page is
in has no part in the weights that judge it. `python -m bench` has the first table of it.
"""

from __future__ import annotations

import argparse
import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.programs import KEPT
from bench.sets import find_layers, find_pages, gold_of, page_name
from repair.evaluation.pages import page_errors
from repair.language import load_language
from repair.pipeline import repair_text
from repair.reading import triage
from repair.reading.engines.cache import PageCache
from repair.reading.engines.reader import PageReader
from repair.reading.signs import Reader
from repair.reading.text_layer import TextLayer
from repair.reading.votes.vote import vote

WEIGHTS = {"fra": 1.0, "eng": 1.0, "rapidocr": 0.5, "vote": 0.7, "correct": 1.0}
"""What each kind of layer counts in the fit."""
LEAST, MOST, STEPS, SMALL = -1.0, 5.0, 30, 0.3
"""Gains beyond are cut; steps of reweighting, and the error below which errors count as squares."""
RAISED = 0.09
"""What `triage.BASE` is above the constant of the fit."""
MARGIN = 0.2
REPAIRED_TOO = ("fra", "eng")
"""Layers that are looked at repaired, too."""
CLEAN = (
    "law_canada",
    "law_france",
    "novels_1840_1920",
    "spoken_modern",
    "books_gutenberg",
    "ud_gsd",
    "ud_sequoia",
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a page: the model that read it, what the vote gains over it, as read and both repaired."""

    folder: str
    model: str
    text: str
    gain: float
    repaired_gain: float


@dataclass(frozen=True, slots=True)
class Judged:
    """How the pages with layers of a kind were judged; shares of the layers, from 0 to 1.

    Attributes:
        name: of the kind.
        layers: how many.
        again: judged to be worth reading again.
        sent: of those, layers that gain less than the price.
        kept: judged not to be, though they gain as much.
        surely: both, where the gain is `MARGIN` or more off the price.
        repaired: both, by the gain that is left when layer and vote are repaired; None where that was not
            looked at.
    """

    name: str
    layers: int
    again: float
    sent: float
    kept: float
    surely: tuple[float, float]
    repaired: tuple[float, float] | None


KINDS = {
    "a French model": ("fra",),
    "an English model": ("eng",),
    "both models": ("fra", "eng"),
    "RapidOCR": ("rapidocr",),
    "the vote": ("vote",),
    "the correct text": ("correct",),
}
"""Layers by which model read them, as the tables call them."""
PHOTOGRAPHED = ", photographed pages"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.triage")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared")
    data = parser.parse_args().shared / "data"
    images = find_pages(data / "pages")
    layers = make_layers(data / "pairs", images)
    print("fitted:", np.round(fit(layers, features(layers)), 2), "used:", weights())
    for price in (triage.PRICE, 0.3):
        print(f"price {price}:")
        for judged in judge(layers, price):
            print(f"    {judged}")
    for name in CLEAN:
        text = gzip.decompress((data / "clean" / f"{name}.txt.gz").read_bytes()).decode()
        starts = random.Random(1).sample(range(len(text) - 2000), 200)  # noqa: S311
        for how, layer in (("scan", {}), ("digital", {"covered": 0.0, "hidden": 0.0})):
            sent = [triage.judge(TextLayer(text[at : at + 2000], **layer)).again for at in starts]
            print(f"clean, {name}, as {how}: {np.mean(sent):.1%} sent")


def judge(layers: Sequence[Layer], price: float = triage.PRICE) -> list[Judged]:
    """Judge layers by weights that know nothing of their folders, and compare with what is gained.

    Args:
        layers: of pages.
        price: points of CER from which reading again is worth it.

    Returns:
        A row for each of `KINDS` on all pages, then on those that are photographed; none where all pages
        are of one folder.
    """
    if len({layer.folder for layer in layers}) < 2:
        return []
    table, predicted = features(layers), np.zeros(len(layers))
    folders = np.array([layer.folder for layer in layers])
    for folder in set(folders):
        here = folders == folder
        others = fit([layer for layer in layers if layer.folder != folder], table[~here])
        predicted[here] = table[here] @ others + RAISED
    found = []
    for rendered in (True, False):
        for name, models in KINDS.items():
            at = [
                at for at, layer in enumerate(layers)
                if layer.model in models and (rendered or layer.folder != "rendered_legal")
            ]  # fmt: skip
            if not at:
                continue
            again = predicted[at] >= triage.PRICE
            gains = np.array([layers[i].gain for i in at])
            repaired = np.array([layers[i].repaired_gain for i in at])
            sent, kept = _wrongly(again, gains, price)
            surely = _wrongly(again, gains, price - MARGIN)[0], _wrongly(again, gains, price + MARGIN)[1]
            left = _wrongly(again, repaired, price) if models[-1] in REPAIRED_TOO else None
            kind = name if rendered else name + PHOTOGRAPHED
            found.append(Judged(kind, len(at), float(again.mean()), sent, kept, surely, left))
    return found


def _wrongly(again: np.ndarray, gains: np.ndarray, price: float) -> tuple[float, float]:
    """Return the shares of layers that are wrongly sent and wrongly kept."""
    return float((again & (gains < price)).mean()), float((~again & (gains >= price)).mean())


def weights() -> list[float]:
    """Return the weights that are used, in the order of the fit."""
    return [triage.MISREAD, triage.SHORT, triage.ACCENTS, triage.SPECKS, triage.BASE]


def features(layers: Sequence[Layer]) -> np.ndarray:
    """Return the signs of layers, weighed by how much text there is, and 1 for the constant."""
    reader, rows = Reader(load_language()), []
    for layer in layers:
        letters, *rates = reader.signs(layer.text)
        rows.append([letters / (letters + triage.EVIDENCE) * rate for rate in rates] + [1.0])
    return np.array(rows)


def fit(layers: Sequence[Layer], table: np.ndarray) -> np.ndarray:
    """Return weights none of which is below zero, and a constant, by least absolute errors."""
    from scipy.optimize import nnls  # of the bench's group: tests of the tables do without

    table = np.hstack([table, -table[:, -1:]])
    gains = np.clip([layer.gain for layer in layers], LEAST, MOST)
    counts = np.sqrt([WEIGHTS[layer.model] for layer in layers])
    shares = np.ones(len(layers))
    for _ in range(STEPS):
        found, _ = nnls(table * (counts * shares)[:, None], gains * counts * shares)
        shares = 1.0 / np.sqrt(np.maximum(np.abs(gains - table @ found), SMALL))
    return np.append(found[:-2], found[-2] - found[-1])


def make_layers(pairs: Path, images: Sequence[Path]) -> list[Layer]:
    """Return the layers of all pages; engines' readings of them are kept, and read where there are none.

    Args:
        pairs: folder of the pairs.
        images: of the pages, each with its correct text beside it.
    """
    reader, layers = PageReader(PageCache(KEPT)), find_layers(pairs)
    found = []
    for image in images:
        gold, readings = gold_of(image).read_text(encoding="utf-8"), reader.readings(image).pages
        voted = {"vote": vote(readings).page.text}
        for page in readings:
            if page.engine.startswith("rapidocr"):
                voted["rapidocr"] = page.text

        def rate(text: str, gold: str = gold) -> float:
            errors = page_errors(gold, text)
            return 100.0 * errors.lines / errors.characters

        best, best_repaired = rate(voted["vote"]), rate(repair_text(voted["vote"]).text)
        for model, text in {**layers[page_name(image)], **voted, "correct": gold}.items():
            repaired = rate(repair_text(text).text) - best_repaired if model in REPAIRED_TOO else 0.0
            found.append(Layer(image.parent.name, model, text, rate(text) - best, repaired))
    return found


if __name__ == "__main__":
    main()
