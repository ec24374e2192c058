"""What is measured on: the development pairs and the clean text kept out of the index build.

All of it lies beside the project, in `../shared`; none of it is part of the project.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from repair.evaluation import Pair, read_pairs
from repair.language.holdout import passages

Item = TypeVar("Item")

SEED = 2026

MOST_PASSAGES = 30
"""Passages of 50 lines taken of each clean source."""


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs of one kind.

    Attributes:
        name: in the tables.
        file: without suffix, in the folder of pairs.
        choose: which of its pairs belong to the set, by id.
    """

    name: str
    file: str
    choose: Callable[[str], bool] = lambda _: True

    def read(self, folder: Path, limit: int | None = None) -> list[Pair]:
        """Read the pairs of the set, the first `limit` of them."""
        pairs = [pair for pair in read_pairs(folder / f"{self.file}.jsonl.gz") if self.choose(pair.id)]
        return pairs[:limit]


def _read_with(model: str) -> Callable[[str], bool]:
    return lambda name: name.endswith(f"/{model}")


PAIR_SETS = (
    PairSet("render_legal_dev, English model", "render_legal_dev", _read_with("eng")),
    PairSet("render_legal_dev, French model", "render_legal_dev", _read_with("fra")),
    PairSet("render_legal_heavy_dev", "render_legal_heavy_dev"),
    PairSet("reocr_dev, English model", "reocr_dev", _read_with("eng")),
    PairSet("reocr_dev, French model", "reocr_dev", _read_with("fra")),
    PairSet("icdar2017_monograph_dev", "icdar2017_monograph_dev"),
    PairSet("hipe2026_dev", "hipe2026_dev"),
    PairSet("hipe2026_train", "hipe2026_train"),
)


@dataclass(frozen=True, slots=True)
class CleanSet:
    """Clean text of one kind.

    Attributes:
        name: in the tables.
        sources: names of its files, without suffix, in the folder of clean text.
    """

    name: str
    sources: tuple[str, ...]

    def read(self, folder: Path) -> list[str]:
        """Read the passages kept for testing, a fixed sample of them where they are many."""
        found = []
        for source in self.sources:
            kept = ["".join(lines) for lines in passages(folder, source, "test")]
            found += sample(kept, MOST_PASSAGES)
        return found


CLEAN_SETS = (
    CleanSet("law", ("law_canada", "law_france")),
    CleanSet("prose", ("spoken_modern", "books_gutenberg", "books_gutenberg_plain_capitals")),
    CleanSet("novels", ("novels_1840_1920", "novels_1840_1920_plain_capitals")),
)


def find_pages(folder: Path, limit: int | None = None) -> list[Path]:
    """Return the images below a folder that have their correct text beside them, a fixed sample of them."""
    images = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".jpg", ".jpeg", ".png", ".tif") and gold_of(path).is_file()
    )
    return sample(images, limit or len(images))


def gold_of(image: Path) -> Path:
    """Return the file of the correct text of an image."""
    return image.with_suffix(".gt.txt")


def page_name(image: Path) -> str:
    """Return the name by which the pairs know a page: its folder, its own."""
    name = image.name.split(".")[0]
    return f"{image.parent.name}/{name.split('_')[0] if image.parent.name == 'rendered_legal' else name}"


def find_layers(pairs: Path) -> dict[str, dict[str, str]]:
    """Return what Tesseract once read of each page, by the name of the page and of the model.

    Args:
        pairs: folder of the pairs.
    """
    found: dict[str, dict[str, str]] = {}
    for file, kind, folder in (
        ("reocr_dev", "reocr/", ""),
        ("render_legal_dev", "render/", "rendered_legal/"),
    ):
        for pair in read_pairs(pairs / f"{file}.jsonl.gz"):
            page, model = pair.id.replace(kind, folder).rsplit("/", 1)
            found.setdefault(page, {})[model] = pair.ocr
    return found


def damaged_texts(pairs: Path, images: Sequence[Path]) -> dict[Path, str]:
    """Return the text of each photographed page that an English model read, by its image."""
    layers = find_layers(pairs)
    named = {image: page_name(image) for image in images if image.parent.name != "rendered_legal"}
    return {image: layers[name]["eng"] for image, name in named.items() if name in layers}


def sample(items: Sequence[Item], most: int) -> list[Item]:
    """Return `most` of the items at random, the same at each call, in their order."""
    if len(items) <= most:
        return list(items)
    chosen = sorted(random.Random(SEED).sample(range(len(items)), most))  # noqa: S311 - no secret
    return [items[number] for number in chosen]
