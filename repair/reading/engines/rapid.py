"""RapidOCR, the second engine: PP-OCR's networks by onnxruntime, models in the wheel, no network.

An extra (`prote[rapidocr]`): without it everything works, by Tesseract alone. It knows nothing of
Tesseract, so where the two agree both are almost always right.
"""

from __future__ import annotations

import functools
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image

from repair.layout import Box, PageLayout, TextLine, Word, around
from repair.reading.engines.apart import give_back
from repair.reading.engines.engine import EngineFailed
from repair.reading.engines.programs import rapidocr_version

_LONG_SIDE = 1500
"""Pixels to which the longer side of a page is reduced; more costs time and reads no better."""
_LARGEST = 3000
"""Pixels of the longer side that the engine is given at most."""
_SLOTS = -(-(os.cpu_count() or 1) // 2)
"""Processes that may look for lines at a time: a fifth of a page's time, and two thirds of its memory."""
_LOOK_AGAIN = 0.02
"""Seconds between two looks for a free place."""
_LINES = 8
"""Lines read before memory is given back: after each of them it took a tenth of the time."""
_SAME_LINE = 0.5
"""Share of their height that two pieces of one printed line have in common."""


class RapidOCR:
    """RapidOCR with the multilingual model of its wheel."""

    def __init__(self) -> None:
        self.name = f"rapidocr {rapidocr_version()}"

    def read(self, image: Path, seconds: float) -> PageLayout:
        """Read a page; see :class:`~repair.reading.engines.engine.Engine`."""
        try:
            with Image.open(image) as page:
                width, height = page.size
                scale = min(1.0, _LARGEST / max(page.size))
                # The engine reduces pages itself, but holds 60 bytes for each pixel of them before.
                small = page.convert("RGB").resize(
                    (max(1, round(width * scale)), max(1, round(height * scale))), reducing_gap=2.0
                )
            found = _engine()(np.asarray(small)[:, :, ::-1])  # it takes blue first
        except Exception as error:
            raise EngineFailed(f"{type(error).__name__}: {error}") from error
        pieces = zip(found.txts or (), found.word_results or (), strict=True)
        lines = _lines([TextLine(words) for text, parts in pieces if (words := _words(text, parts, scale))])
        return PageLayout(self.name, width, height, (tuple(lines),) if lines else ())


@contextmanager
def _place() -> Iterator[None]:
    """Wait for one of the places of this folder of temporary files, which the workers of a run share."""
    folder = Path(tempfile.gettempdir())
    places = [FileLock(folder / f"prote-lines-{number}.lock") for number in range(_SLOTS)]
    while True:
        for place in places:
            try:
                with place.acquire(blocking=False):
                    yield
                    return
            except Timeout:
                continue
        time.sleep(_LOOK_AGAIN)


@functools.lru_cache(maxsize=1)
def _engine() -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else onnxruntime tells its makers of each start
    from rapidocr import RapidOCR
    from rapidocr.ch_ppocr_rec import TextRecOutput

    class Engine(RapidOCR):
        """Gives back after each step what it took: the C library would keep it until the page is read."""

        def detect_and_crop(self, *page: Any) -> Any:
            """Find the lines of a page."""
            with _place():
                found = super().detect_and_crop(*page)
                give_back()
            return found

        def recognize_txt(self, img: Any) -> Any:
            """Read the lines of a page."""
            found: list[Any] = []
            for start in range(0, len(img), _LINES):
                found.append(super().recognize_txt(img[start : start + _LINES]))
                give_back()
            columns = ("txts", "scores", "word_results")
            told: Any = {name: tuple(chain(*(getattr(part, name) for part in found))) for name in columns}
            return TextRecOutput(img, elapse=sum(part.elapse for part in found), **told)

    return Engine(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,  # no page of a scan stands on its head
            "Global.return_word_box": True,
            "Global.max_side_len": _LONG_SIDE,
            "Rec.rec_batch_num": 1,  # six lines at once take a fifth longer, each padded to the widest
            # Pages are read side by side: threads inside one only cost.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _words(text: str, parts: Any, scale: float) -> tuple[Word, ...]:
    """Return the words between the spaces of a text; the library's own parts are also cut at signs."""
    words: list[Word] = []
    at = 0
    for part, confidence, corners in parts:
        place = text.find(part, at)
        if place < 0 or not part.strip():
            continue
        apart = not words or any(sign.isspace() for sign in text[at:place])
        at = place + len(part)
        across, down = ([round(side / scale) for side in sides] for sides in zip(*corners, strict=True))
        here = Word(part, Box(min(across), min(down), max(across), max(down)), float(confidence))
        if apart:
            words.append(here)
        else:
            last = words[-1]
            one, other = len(last.text), len(part)
            mean = (one * last.confidence + other * here.confidence) / (one + other)
            words[-1] = Word(last.text + part, around((last.box, here.box)), mean)
    return tuple(words)


def _lines(pieces: list[TextLine]) -> list[TextLine]:
    """Join the pieces of a printed line, from left to right; lines from top to bottom."""
    rows: list[list[TextLine]] = []
    for piece in sorted(pieces, key=lambda line: line.box.top + line.box.bottom):
        if rows and all(piece.box.overlap(other.box) >= _SAME_LINE for other in rows[-1]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [
        TextLine(tuple(word for piece in sorted(row, key=lambda line: line.box.left) for word in piece.words))
        for row in rows
    ]
