"""What the page of a document shows of its scan: the lines around its doubtful words, as they were printed.

The release draws nothing: whoever publishes gives it a callable that does, for a raw file that is still what
was processed. The pieces stand in the page itself, which opens from disk and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from release.rows import LedgerRow
from repair.document import Source
from repair.edits import Decision, Edit
from repair.layout import PageBox

Piece = Callable[[str, str, Sequence[PageBox]], bytes | None]
"""Draws what a page shows around some boxes: path and sha256 of the raw file, boxes; a PNG, or None."""

SHOWN = 300
"""Pieces on the page of a document; the desk shows all."""
BYTES = 2_000_000
"""Of these pieces together: so a page stays quick where the paper is grey and spotted."""


def doubtful_pieces(source: Source, rows: Iterable[LedgerRow], draw: Piece | None) -> dict[Edit, bytes]:
    """Return the pieces of the first doubtful edits of a document, as PNG; none for a text.

    Args:
        source: its raw file.
        rows: its ledger.
        draw: draws them; None to have none.
    """
    found: dict[Edit, bytes] = {}
    left = BYTES
    for row in rows if draw is not None else ():
        if row.decision is not Decision.REVIEW or not row.boxes:
            continue
        piece = draw(source.path, source.sha256, row.boxes)
        left -= len(piece or b"")
        if left < 0 or len(found) >= SHOWN:
            break
        if piece is not None:
            found[row.edit] = piece
    return found
