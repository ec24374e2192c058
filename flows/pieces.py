"""The pieces of scans that the desk and the report show, drawn in a process that starts when needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from release.pieces import Piece
from repair.layout import PageBox
from review.snippets import Snippets

if TYPE_CHECKING:  # at run time it would bring what reads images, for corpora that have none
    from repair.reading.pieces import Pieces


@contextmanager
def pieces(raw: Path) -> Iterator[Piece]:
    """Give what draws the pieces of the files of a raw folder, from any thread; its process ends after."""
    made: list[Pieces] = []
    lock = threading.Lock()

    def draw(file: Path, boxes: Sequence[PageBox]) -> bytes | None:
        with lock:
            if not made:
                from repair.reading.pieces import Pieces

                made.append(Pieces())
        return made[0](file, boxes)

    try:
        yield Snippets(raw, draw).piece
    finally:
        for one in made:
            one.close()
