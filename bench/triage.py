"""`python -m bench.triage`: which pages are wrongly read again, and wrongly kept; the fit of the weights.

A page is wrongly *sent* where reading it again gains less than its price, wrongly *kept* where it gains
more; in brackets only where the gain is 0.2 points off the price, which the correct texts can tell. Gains
are of the vote over the layer, in points of CER with lines matched one to one. The folder that a page is
in has no part in the weights that judge it. Reading the 50 pages takes six minutes; `--votes` keeps them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from bench.reading import find_pages, gold_of
from repair.evaluation.pages import page_errors
from repair.language import load_language
from repair.pipeline import repair_text
from repair.reading import triage
from repair.reading.engines.rapid import RapidOCR, rapidocr_version
from repair.reading.engines.reader import PageReader
from repair.reading.pages import SECONDS_A_PAGE
from repair.reading.signs import Reader
from repair.reading.text_layer import TextLayer

WEIGHTS = {"fra": 1.0, "eng": 1.0, "rapidocr": 0.5, "vote": 0.7, "correct": 1.0}
"""What each kind of layer counts in the fit."""
LEAST, MOST, STEPS, SMALL = -1.0, 5.0, 30, 0.3
"""Gains beyond are cut; steps of reweighting, and the error below which errors count as squares."""
RAISED = 0.09
"""What `triage.BASE` is above the constant of the fit."""
MARGIN = 0.2
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


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.triage")
    parser.add_argument("--shared", type=Path, default=Path(__file__).parents[2] / "shared")
    parser.add_argument("--votes", type=Path, default=Path("votes.json"), help="kept readings of the pages")
    arguments = parser.parse_args()
    data = arguments.shared / "data"
    images = find_pages(data / "pages")
    if not arguments.votes.exists():
        arguments.votes.write_text(json.dumps(read(images)), encoding="utf-8")
    layers = find_layers(data, images, json.loads(arguments.votes.read_text(encoding="utf-8")))
    print("fitted:", np.round(fit(layers), 2), "used:", weights())
    predicted = np.zeros(len(layers))
    for folder in {layer.folder for layer in layers}:
        others = fit([layer for layer in layers if layer.folder != folder])
        here = [at for at, layer in enumerate(layers) if layer.folder == folder]
        predicted[here] = features([layers[at] for at in here]) @ others + RAISED
    for models in (("fra",), ("eng",), ("fra", "eng"), ("rapidocr",), ("vote",), ("correct",)):
        for rendered in (False, True):
            at = [
                at for at, layer in enumerate(layers)
                if layer.model in models and (rendered or layer.folder != "rendered_legal")
            ]  # fmt: skip
            again = predicted[at] >= triage.PRICE
            name = " + ".join(models) + (", rendered pages too" if rendered else "")
            print(
                f"{name}: {len(at)} layers, {again.mean():.0%} sent;",
                errors(again, [layers[i].gain for i in at]),
            )
            if models[-1] in ("fra", "eng"):
                print("    both repaired:", errors(again, [layers[i].repaired_gain for i in at]))
    for name in CLEAN:
        text = gzip.decompress((data / "clean" / f"{name}.txt.gz").read_bytes()).decode()
        starts = random.Random(1).sample(range(len(text) - 2000), 200)  # noqa: S311
        for how, layer in (("scan", {}), ("digital", {"covered": 0.0, "hidden": 0.0})):
            sent = [triage.judge(TextLayer(text[at : at + 2000], **layer)).again for at in starts]
            print(f"clean, {name}, as {how}: {np.mean(sent):.1%} sent")


def errors(again: np.ndarray, gains: Sequence[float]) -> str:
    """Return the shares of pages wrongly sent and wrongly kept, for two prices."""
    gain, found = np.array(gains), []
    for price in (triage.PRICE, 0.3):
        sent, kept = again & (gain < price), ~again & (gain >= price)
        sure = (again & (gain <= price - MARGIN)).mean(), (~again & (gain >= price + MARGIN)).mean()
        found.append(
            f"price {price}: sent {sent.mean():.1%}, kept {kept.mean():.1%} ({sure[0]:.1%}, {sure[1]:.1%})"
        )
    return "; ".join(found)


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


def fit(layers: Sequence[Layer]) -> np.ndarray:
    """Return weights none of which is below zero, and a constant, by least absolute errors."""
    table = features(layers)
    table = np.hstack([table, -table[:, -1:]])
    gains = np.clip([layer.gain for layer in layers], LEAST, MOST)
    counts = np.sqrt([WEIGHTS[layer.model] for layer in layers])
    shares = np.ones(len(layers))
    for _ in range(STEPS):
        found, _ = nnls(table * (counts * shares)[:, None], gains * counts * shares)
        shares = 1.0 / np.sqrt(np.maximum(np.abs(gains - table @ found), SMALL))
    return np.append(found[:-2], found[-2] - found[-1])


def read(images: Iterable[Path]) -> dict[str, dict[str, str]]:
    """Return the vote and RapidOCR's reading of each page, by its folder and name."""
    reader, second = PageReader(), RapidOCR() if rapidocr_version() else None
    found = {}
    for image in images:
        found[key(image)] = {
            "vote": reader.read(image).page.text,
            "rapidocr": second.read(image, SECONDS_A_PAGE).text if second else "",
        }
    return found


def key(image: Path) -> str:
    """Return the name by which the pairs know a page."""
    name = image.name.split(".")[0]
    return f"{image.parent.name}/{name.split('_')[0] if image.parent.name == 'rendered_legal' else name}"


def find_layers(data: Path, images: Sequence[Path], votes: dict[str, dict[str, str]]) -> list[Layer]:
    """Return the layers of all pages."""
    layers: dict[str, dict[str, str]] = {}
    for name in ("reocr_dev", "render_legal_dev"):
        for line in gzip.decompress((data / "pairs" / f"{name}.jsonl.gz").read_bytes()).splitlines():
            row = json.loads(line)
            page, model = row["id"].replace("reocr/", "").replace("render/", "rendered_legal/").rsplit("/", 1)
            layers.setdefault(page, {})[model] = row["ocr"]
    found = []
    for image in images:
        gold, page = gold_of(image).read_text(encoding="utf-8"), key(image)

        def rate(text: str, gold: str = gold) -> float:
            errors = page_errors(gold, text)
            return 100.0 * errors.lines / errors.characters

        vote = votes[page]["vote"]
        best, best_repaired = rate(vote), rate(repair_text(vote).text)
        for model, text in {**layers[page], **votes[page], "correct": gold}.items():
            repaired = rate(repair_text(text).text) - best_repaired if model in ("fra", "eng") else 0.0
            found.append(Layer(image.parent.name, model, text, rate(text) - best, repaired))
    return found


if __name__ == "__main__":
    main()
