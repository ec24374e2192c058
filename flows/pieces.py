"""The pieces of scans that the pages of a release show, drawn in a process that starts when needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from repair.document import Reason
from repair.layout import PageBox
from review.snippets import Snippets

if TYPE_CHECKING:  # at run time it would bring what reads images, for corpora that have none
    from repair.reading.pieces import Pieces

_NAMED = 5
"""Files named that could not be drawn."""


class Drawing:
    """Draws the pieces of the files of a raw folder; a `release.pieces.Piece`, for one thread.

    The same file gives the same pieces, or a release would not be what a replay makes. So what fails is
    tried again in another process; a file that fails twice is given up, and told.
    """

    def __init__(self, raw: Path) -> None:
        """Prepare; the process starts with the first piece."""
        self._raw = raw
        self._pieces: Pieces | None = None
        self._failed: set[Path] = set()
        self._snippets = Snippets(raw, self._draw)

    def __call__(self, path: str, sha256: str, boxes: Sequence[PageBox]) -> bytes | None:
        """Return the lines around some boxes as a PNG; see :class:`review.snippets.Snippets`."""
        return self._snippets.piece(path, sha256, boxes)

    @property
    def told(self) -> tuple[Reason, ...]:
        """What a person should know: which files could not be drawn."""
        names = sorted(str(file.relative_to(self._raw)) for file in self._failed)
        if not names:
            return ()
        shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        return (
            Reason(
                "pieces-drawn",
                f"Les images des mots douteux n’ont pas pu être tirées de {shown} : le rapport en manque, "
                "les textes sont entiers. Une version refaite (prote verify --replay) peut différer là.",
                f"The pictures of doubtful words could not be drawn from {shown}: the report lacks them, the "
                "texts are whole. The release made again (prote verify --replay) may differ there.",
            ),
        )

    def close(self) -> None:
        """End the process."""
        if self._pieces is not None:
            self._pieces.close()

    def _draw(self, file: Path, boxes: Sequence[PageBox]) -> bytes | None:
        from repair.reading.engines.engine import EngineFailed
        from repair.reading.pieces import Pieces

        if file in self._failed:
            return None
        self._pieces = self._pieces or Pieces()
        for _ in range(2):
            try:
                return self._pieces.draw(file, boxes)
            except EngineFailed:
                self._pieces.close()
        self._failed.add(file)
        return None


@contextmanager
def pieces(raw: Path) -> Iterator[Drawing]:
    """Give what draws the pieces of the files of a raw folder; its process ends after."""
    drawing = Drawing(raw)
    try:
        yield drawing
    finally:
        drawing.close()
