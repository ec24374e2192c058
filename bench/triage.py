"""`python -m bench.triage`: which pages are wrongly read again, and wrongly kept; the fit of the weights.

A page is wrongly *sent* where reading it again gains less than its price, wrongly *kept* where it gains
more; *surely* only where the gain is 0.2 points off the price, which the correct texts can tell. Gains
are of the vote over the layer, in points of CER with lines matched one to one.

One population is fitted and judged: layers of six kinds (`KINDS`), each a sixth of it, however many it has;
three were read once and three are sound, so that neither half drowns the other. Clean text that poses as a
layer gains nothing. The folder that a page is in, or the source of clean text, has no part in the weights
that judge it; what the weights of `repair.reading.triage` say themselves stands beside. They are copied
from the fit on all, by hand, when `--keep` has written what was seen of the layers for the tests.
`python -m bench` has the table of it.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.programs import KEPT
from bench.sets import find_layers, find_pages, gold_of, page_name
from repair.evaluation.pages import page_errors
from repair.language import load_language
from repair.language.holdout import passages
from repair.pipeline import repair_text
from repair.reading import triage
from repair.reading.engines.cache import PageCache
from repair.reading.engines.reader import PageReader
from repair.reading.signs import Reader
from repair.reading.text_layer import TextLayer
from repair.reading.votes.vote import vote

LEAST, MOST = -1.0, 1.0
"""Gains beyond are cut: what is far from the price is no harder to judge."""
STEPS, SMALL = 30, 0.1
"""Steps of reweighting, and the error below which errors count as squares."""
MARGIN = 0.2
REPAIRED_TOO = ("fra", "eng")
"""Layers that are looked at repaired, too."""
HELD_OUT = ("law_canada", "law_france", "novels_1840_1920", "spoken_modern", "books_gutenberg")
"""Clean sources of which only what tests is taken; the lexicon was built from the rest."""
UNUSED = ("ud_gsd", "ud_sequoia")
"""Clean sources that build nothing."""
CLEAN = HELD_OUT + UNUSED
LETTERS, PAGES = 2000, 60
"""Characters of a page of clean text, and pages of a source at most."""
FEATURES = Path(__file__).parents[1] / "tests" / "cases" / "reading" / "triage_layers.json"
"""What was seen of the layers: for each folder rows of kind, gain, letters and number of signs."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a page: the model that read it, what the vote gains over it, as read and both repaired.

    Attributes:
        folder: of the page, or source of clean text.
        model: a kind of layer, of `KINDS`.
        text: of the layer.
        gain: points of CER.
        repaired_gain: the same, both repaired; 0 where that was not looked at.
    """

    folder: str
    model: str
    text: str
    gain: float
    repaired_gain: float = 0.0


class Seen(NamedTuple):
    """What judges a layer and is judged: its folder, model and gain, its letters and signs of misreading."""

    folder: str
    model: str
    gain: float
    letters: int
    signs: int


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
        shipped: sent and kept by the weights of `repair.reading.triage`, which were fitted on these pages.
        repaired: both, by the gain that is left when layer and vote are repaired; None where that was not
            looked at.
    """

    name: str
    layers: int
    again: float
    sent: float
    kept: float
    surely: tuple[float, float]
    shipped: tuple[float, float]
    repaired: tuple[float, float] | None


EVERY = "every kind alike"
KINDS = {
    EVERY: ("fra", "eng", "rapidocr", "vote", "correct", "clean"),
    "a French model": ("fra",),
    "an English model": ("eng",),
    "both models": ("fra", "eng"),
    "RapidOCR": ("rapidocr",),
    "the vote": ("vote",),
    "the correct text": ("correct",),
    "clean text posing as one": ("clean",),
}
"""Layers by which model read them, as the tables call them."""
PHOTOGRAPHED = ", photographed pages"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.triage")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared")
    parser.add_argument("--keep", action="store_true", help=f"write {FEATURES.name} for the tests")
    arguments = parser.parse_args()
    data = arguments.shared / "data"
    layers = make_layers(data / "pairs", find_pages(data / "pages"), data / "clean")
    seen = look(layers)
    if arguments.keep:
        write_seen(FEATURES, seen)
    print("fitted:", np.round(fit(seen), 4), "used:", weights())
    for price in (triage.PRICE, 0.3):
        print(f"price {price}:")
        for judged in judge(layers, price):
            print(f"    {judged}")
    for name in CLEAN:
        pages = [layer.text for layer in layers if layer.folder == name]
        for how, layer in (("scan", {}), ("digital", {"covered": 0.0, "hidden": 0.0})):
            sent = [triage.judge(TextLayer(page, **layer)).again for page in pages]
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
    seen, predicted = look(layers), np.zeros(len(layers))
    folders = np.array([layer.folder for layer in layers])
    for folder in set(folders):
        here = folders == folder
        others = fit([one for one in seen if one.folder != folder])
        predicted[here] = predict([one for one in seen if one.folder == folder], others)
    ours, shares = predict(seen, weights()), _shares(seen)
    found = []
    for rendered in (True, False):
        for name, models in KINDS.items():
            at = [
                at for at, layer in enumerate(layers)
                if layer.model in models and (rendered or layer.folder not in ("rendered_legal", *CLEAN))
            ]  # fmt: skip
            if not at:
                continue
            counts = shares[at]
            again, shipped = predicted[at] >= triage.PRICE, ours[at] >= triage.PRICE
            gains = np.array([layers[i].gain for i in at])
            repaired = np.array([layers[i].repaired_gain for i in at])
            sent, kept = _wrongly(again, gains, price, counts)
            surely = (
                _wrongly(again, gains, price - MARGIN, counts)[0],
                _wrongly(again, gains, price + MARGIN, counts)[1],
            )
            left = _wrongly(again, repaired, price, counts) if set(models) <= set(REPAIRED_TOO) else None
            kind = name if rendered else name + PHOTOGRAPHED
            share = float(np.average(again, weights=counts))
            ours_of = _wrongly(shipped, gains, price, counts)
            found.append(Judged(kind, len(at), share, sent, kept, surely, ours_of, left))
    return found


def _wrongly(again: np.ndarray, gains: np.ndarray, price: float, counts: np.ndarray) -> tuple[float, float]:
    """Return the shares of layers that are wrongly sent and wrongly kept."""
    sent, kept = again & (gains < price), ~again & (gains >= price)
    return float(np.average(sent, weights=counts)), float(np.average(kept, weights=counts))


def _shares(seen: Sequence[Seen]) -> np.ndarray:
    """Return what layers count: those of each kind together 1."""
    of_kind = Counter(one.model for one in seen)
    return np.array([1.0 / of_kind[one.model] for one in seen])


def weights() -> tuple[float, float]:
    """Return the weights that are used, in the order of the fit."""
    return triage.SIGN, triage.BASE


def look(layers: Sequence[Layer]) -> list[Seen]:
    """Return what is seen of layers."""
    reader, found = Reader(load_language()), []
    for layer in layers:
        letters, *rates = reader.signs(layer.text)
        found.append(
            Seen(layer.folder, layer.model, layer.gain, letters, round(sum(rates) * letters / 1000.0))
        )
    return found


def predict(seen: Sequence[Seen], weights: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the points of CER that weights predict, as `triage.predicted_gain` does."""
    return np.round(_table(seen) @ np.asarray(weights), 2)


def fit(seen: Sequence[Seen]) -> np.ndarray:
    """Return the weight of a sign and the constant, by least absolute errors; each kind counts alike.

    Raises:
        ValueError: signs of misreading promise a loss; the layers or their gains are wrong.
    """
    table, shares = _table(seen), _shares(seen)
    gains = np.clip([one.gain for one in seen], LEAST, MOST)
    counts = shares
    for _ in range(STEPS):
        root = np.sqrt(counts)
        found = np.linalg.lstsq(table * root[:, None], gains * root, rcond=None)[0]
        counts = shares / np.maximum(np.abs(gains - table @ found), SMALL)
    if found[0] < 0:
        raise ValueError("signs of misreading promise a loss: look at the gains of the layers")
    return found


def _table(seen: Sequence[Seen]) -> np.ndarray:
    return np.array([[1000.0 * one.signs / (one.letters + triage.EVIDENCE), 1.0] for one in seen])


def write_seen(path: Path, seen: Sequence[Seen]) -> None:
    """Write what was seen of layers; of their texts nothing."""
    rows = [json.dumps([one.folder, one.model, round(one.gain, 3), one.letters, one.signs]) for one in seen]
    path.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


def read_seen(path: Path = FEATURES) -> list[Seen]:
    """Read what was kept of the layers."""
    return [Seen(*row) for row in json.loads(path.read_text(encoding="utf-8"))]


def clean_layers(folder: Path) -> list[Layer]:
    """Return pages of clean text as layers that reading again would not better."""
    found = []
    for source in CLEAN:
        if source in UNUSED:
            text = gzip.decompress((folder / f"{source}.txt.gz").read_bytes()).decode()
        else:
            text = "".join("".join(passage) for passage in passages(folder, source, "test"))
        starts = range(0, len(text) - LETTERS, LETTERS)
        chosen = starts[:: max(1, len(starts) // PAGES)][:PAGES]
        found += [Layer(source, "clean", text[at : at + LETTERS], 0.0) for at in chosen]
    return found


def make_layers(pairs: Path, images: Sequence[Path], clean: Path) -> list[Layer]:
    """Return the layers of all pages; engines' readings of them are kept, and read where there are none.

    Args:
        pairs: folder of the pairs.
        images: of the pages, each with its correct text beside it.
        clean: folder of the clean sources.
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
    return found + clean_layers(clean)


if __name__ == "__main__":
    main()
