"""Another look at the same page: upright, on white paper, letters of the size an engine likes best.

:func:`prepare` makes a copy of an image and remembers how to find the way back from a place in the copy
to the place in the image.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from repair.layout import Box, PageLayout, TextLine, Word

X_HEIGHT = 24.0
"""Height in pixels of a small x that Tesseract reads best (measured: `bench/RESULTS.md`)."""
_LOW = re.compile(r"[acemnorsuvwxz]{2,}")
_FEW_WORDS = 10
_SCALES = (0.4, 3.0)
_SCALE_ANYWAY = 0.1
"""A change of size smaller than this is not worth the blur."""

_LARGEST, _LONGEST = 90_000_000, 32_767
"""Pixels of a page, and of a side, beyond which it is not made larger; Tesseract takes no longer side."""

_STEEPEST = 4.0
_COARSE, _FINE = 0.25, 0.05
"""Degrees: pages lie straighter than that on a scanner; steps of the search."""
_SMALL = 900
_BAND = 256
"""Rows that are made white at once."""
_PAPER_BLUR = 0.02
"""Radius in shares of the longer side in which the paper's shade is looked for: a few lines."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared copy.

    Attributes:
        path: its file.
        back: a, b, c, d, e, f: a point (x, y) of it was (ax + by + c, dx + ey + f) in the image.
        width: of the image it was made from, in pixels.
        height: of the same.
    """

    path: Path
    back: tuple[float, float, float, float, float, float]
    width: int
    height: int

    def box(self, box: Box) -> Box:
        """Return the place in the image of a place in the copy."""
        a, b, c, d, e, f = self.back
        corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        across = sorted(a * x + b * y + c for x, y in corners)
        down = sorted(d * x + e * y + f for x, y in corners)
        # The middle of the tilted corners: the outer ones would reach into the next line.
        left, right = (across[0] + across[1]) / 2, (across[2] + across[3]) / 2
        top, bottom = (down[0] + down[1]) / 2, (down[2] + down[3]) / 2
        return Box(
            min(self.width, max(0, round(left))),
            min(self.height, max(0, round(top))),
            min(self.width, max(0, round(right))),
            min(self.height, max(0, round(bottom))),
        )

    def layout(self, page: PageLayout) -> PageLayout:
        """Return a reading of the copy with its places in the image."""
        return PageLayout(
            f"{page.engine} prepared",
            self.width,
            self.height,
            tuple(
                tuple(
                    TextLine(
                        tuple(Word(word.text, self.box(word.box), word.confidence) for word in line.words)
                    )
                    for line in block
                )
                for block in page.blocks
            ),
        )


def x_height(page: PageLayout) -> float | None:
    """Return how high a small x is on a page, in pixels; None where too few words show it."""
    heights = [word.box.height for line in page.lines for word in line.words if _LOW.fullmatch(word.text)]
    return float(np.median(heights)) if len(heights) >= _FEW_WORDS else None


def prepare(path: Path, target: Path, height: float | None) -> Prepared:
    """Write a copy of an image, turned upright, its paper made white, its letters brought to a size.

    Args:
        path: of the image; of one page.
        target: file of the copy, with the suffix of its format.
        height: of a small x in the image, in pixels; None to keep the size.
    """
    with Image.open(path) as image:
        grey = image.convert("L")
    width, tall = grey.size
    scale = min(max(X_HEIGHT / height, _SCALES[0]), _SCALES[1]) if height else 1.0
    if abs(scale - 1) < _SCALE_ANYWAY:
        scale = 1.0
    scale = min(scale, max(1.0, (_LARGEST / (width * tall)) ** 0.5), max(1.0, _LONGEST / max(width, tall)))
    grey = whiten(grey)
    angle = skew(grey)
    size = max(1, round(width * scale)), max(1, round(tall * scale))
    if scale != 1.0:
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    middle_x, middle_y = size[0] / 2, size[1] / 2
    turn = (
        cos, -sin, middle_x - cos * middle_x + sin * middle_y,
        sin, cos, middle_y - sin * middle_x - cos * middle_y,
    )  # fmt: skip
    if angle:
        grey = grey.transform(size, Image.Transform.AFFINE, turn, Image.Resampling.BICUBIC, fillcolor=255)
    grey.save(target)
    back = tuple(value / scale for value in turn)
    return Prepared(target, (back[0], back[1], back[2], back[3], back[4], back[5]), width, tall)


def whiten(grey: Image.Image) -> Image.Image:
    """Divide a page by the shade of its paper, so that shadows and yellowing go."""
    radius = max(8, round(_PAPER_BLUR * max(grey.size)))
    # The paper is the lightest around: letters go when the small picture keeps each square's lightest.
    step = max(2, radius // 4)
    small = grey.resize((max(1, grey.width // step), max(1, grey.height // step)), Image.Resampling.BOX)
    shade = small.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2)).resize(grey.size)
    page, paper = np.asarray(grey), np.asarray(shade)
    white = np.empty_like(page)
    for top in range(0, len(page), _BAND):  # all at once would take 18 bytes a pixel
        band = slice(top, top + _BAND)
        under = np.maximum(paper[band].astype(np.float32), 1.0)
        white[band] = np.clip(255.0 * page[band] / under, 0, 255)
    return Image.fromarray(white)


def skew(grey: Image.Image) -> float:
    """Return by how many degrees the lines of a page fall to the right; 0 where nothing shows it.

    The angle under which the rows of ink are most unlike each other (W. Postl, *Detection of linear
    oblique structures and skew scan in digitized documents*, ICPR 1986).
    """
    factor = min(1.0, _SMALL / max(grey.size))
    small = grey.resize((max(1, round(grey.width * factor)), max(1, round(grey.height * factor))))
    page = np.asarray(small, dtype=np.float32)
    down, across = np.nonzero(page < (page.min() + page.mean()) / 2)
    if len(down) < _SMALL:
        return 0.0

    def sharpness(angle: float) -> float:
        rows = np.round(down - across * math.tan(math.radians(angle))).astype(np.int64)
        counts = np.bincount(rows - rows.min()).astype(np.float64)
        return float(np.square(np.diff(counts)).sum())

    coarse = max(np.arange(-_STEEPEST, _STEEPEST + _COARSE / 2, _COARSE), key=sharpness)
    best = max(np.arange(coarse - _COARSE, coarse + _COARSE / 2, _FINE), key=sharpness)
    return 0.0 if abs(best) < _FINE or sharpness(best) < 1.02 * sharpness(0.0) else round(float(best), 3)
