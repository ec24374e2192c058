"""The piece of a page's picture around a word: the lines that it stands on, the word in a thin frame.

`Pieces` draws them in a process of its own, for a raw file may be made to fill the memory or to hang;
`Drawer` is what works there. A piece is a PNG of fifteen greys and one red, without anything of time
or place in it: the same file and boxes give the same bytes.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageStat

from repair.layout import PageBox
from repair.reading import page_picture
from repair.reading.engines.apart import Helper
from repair.reading.engines.engine import EngineFailed

WIDTH = 720
"""Pixels across a piece at most: about forty letters, which a telephone still shows."""
BYTES = 60_000
"""Of a piece at most; usual are 5,000."""

_HIGH = 44
"""Pixels of a line from its highest to its lowest ink; pictures are made smaller or larger to come near."""
_NEAR = (0.7, 1.4)
"""A change of size between these is not worth the blur."""
_SCALES = (0.02, 4.0)
_UPRIGHT = 110
"""Pixels from which a box three times as high as wide holds no letter, but a word that runs up or down."""
_AROUND = 0.9
"""Of a line's height that is shown above and below: enough to see the lines that it could be mistaken for."""
_STRIPS = 4
"""Lines shown of a passage."""
_TALLEST = 300
"""Pixels of a strip: a box may be wrong."""
_GAP, _AWAY, _THICK = 8, 5, 2
"""Pixels: between two strips; from the word to its frame; of the frame."""

_WHITE = 0.95
"""Share of the paper’s shade from which all is shown white: grain weighs much and says nothing."""
_GREYS = 15
_RED = 15
_PALETTE = [grey * 255 // (_GREYS - 1) for grey in range(_GREYS) for _ in range(3)] + [208, 32, 32]

_SECONDS = 30.0
"""Longest that a piece may take; 0.3 s is usual."""
_MEMORY = 6 * 1024**3
"""Bytes of address space: the largest image that is read takes 4 GB to be laid on white paper."""
_KEPT = 96 * 1024 * 1024
"""Bytes of pages kept: ten of A4. Doubts come page by page."""


class Pieces:
    """Draws pieces of raw files; usable from any thread, one works at a time."""

    def __init__(self) -> None:
        """Prepare; the process starts with the first piece."""
        self._helper: Helper[tuple[Path, tuple[PageBox, ...]], bytes] = Helper("pieces", Drawer, _MEMORY)

    def __call__(self, file: Path, boxes: Sequence[PageBox]) -> bytes | None:
        """Return the lines around some boxes as a PNG, `WIDTH` pixels and `BYTES` at most.

        Args:
            file: a raw file, which is still what was read.
            boxes: of a word, from :func:`repair.layout.page_boxes`; at least one.

        Returns:
            None where the file has no picture of its pages, or it cannot be drawn.
        """
        try:
            return self.draw(file, boxes)
        except EngineFailed:
            return None

    def draw(self, file: Path, boxes: Sequence[PageBox]) -> bytes | None:
        """Return the same; None only where the file has no picture of its pages.

        Raises:
            EngineFailed: if it cannot be drawn, now or ever.
        """
        return self._helper.ask((file.absolute(), tuple(boxes)), _SECONDS) or None

    def close(self) -> None:
        """End the process."""
        self._helper.close()


class Drawer:
    """Draws pieces, and keeps the pictures of the last pages."""

    def __init__(self, picture: Callable[[Path, int], Image.Image | None] = page_picture) -> None:
        """Take what gives the picture of a page, in grey."""
        self._picture = picture
        self._pages: OrderedDict[tuple[Path, int, int, int], Image.Image] = OrderedDict()

    def __call__(self, asked: tuple[Path, tuple[PageBox, ...]]) -> bytes:
        """Return the piece of a file at some boxes; empty where it is not the picture that was read."""
        file, boxes = asked
        shown = []
        for box in boxes[:_STRIPS]:
            page = self._page(file, box.page)
            if page is None or page.size != (box.width, box.height):
                return b""
            shown.append((page, box))
        if not shown:
            return b""
        shrink = 1.0
        while len(made := _png([_strip(page, box, shrink) for page, box in shown])) > BYTES:
            shrink *= 0.75
        return made

    def _page(self, file: Path, number: int) -> Image.Image | None:
        stat = file.stat()
        key = file, stat.st_size, stat.st_mtime_ns, number
        page = self._pages.pop(key, None) or self._picture(file, number - 1)
        if page is not None:
            self._pages[key] = page
            while sum(kept.width * kept.height for kept in self._pages.values()) > _KEPT:
                self._pages.popitem(last=False)
        return page


def _strip(page: Image.Image, box: PageBox, shrink: float) -> Image.Image:
    """Return the line around a box with the box in a frame, as places in the palette."""
    wide, high = max(1, box.right - box.left), max(1, box.bottom - box.top)
    upright = high > 3 * wide and high > _UPRIGHT
    thick = wide if upright else max(1, box.line)
    scale = min(max(_HIGH / thick, _SCALES[0]), _SCALES[1])
    if _NEAR[0] <= scale <= _NEAR[1]:
        scale = 1.0
    scale = min(scale, (WIDTH - 4 * _AWAY) / wide, _TALLEST / high) * shrink
    across = min(page.width, int(WIDTH * min(1.0, shrink) / scale))
    left = min(max(0, (box.left + box.right - across) // 2), page.width - across)
    margin = max(round(_AROUND * thick), round((_AWAY + _THICK) / scale))
    top, bottom = max(0, box.top - margin), min(page.height, box.bottom + margin)
    size = max(1, round(across * scale)), max(1, round((bottom - top) * scale))
    part = page.crop((left, top, left + across, bottom))
    if size != part.size:
        part = part.resize(size, Image.Resampling.LANCZOS)
    paper = max(128.0, ImageStat.Stat(part).median[0]) * _WHITE
    strip = part.point([min(_GREYS - 1, round(grey * (_GREYS - 1) / paper)) for grey in range(256)])
    ImageDraw.Draw(strip).rectangle(
        (
            round((box.left - left) * scale) - _AWAY,
            round((box.top - top) * scale) - _AWAY,
            round((box.right - left) * scale) + _AWAY,
            round((box.bottom - top) * scale) + _AWAY,
        ),
        outline=_RED,
        width=_THICK,
    )
    return strip


def _png(strips: Sequence[Image.Image]) -> bytes:
    """Return strips under one another as a PNG of sixteen colours."""
    width = max(strip.width for strip in strips)
    height = sum(strip.height for strip in strips) + _GAP * (len(strips) - 1)
    places = Image.new("L", (width, height), _GREYS - 1)
    top = 0
    for strip in strips:
        places.paste(strip, (0, top))
        top += strip.height + _GAP
    piece = Image.frombytes("P", places.size, places.tobytes())
    piece.putpalette(_PALETTE)
    buffer = io.BytesIO()
    piece.save(buffer, "PNG", bits=4, compress_level=9)
    return buffer.getvalue()
