"""The page of `prote diff`: two releases beside one another, with the words that changed in their lines.

Like all pages of the report it opens from disk, fetches nothing, and shows text without trusting it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from release.compare import Change, Comparison, DocumentChange, changed_lines
from release.differences import LineChange, differing
from release.layout import SHORT_ID
from release.pages.environment import environment
from release.pages.marks import Line, Mark, Piece, shorten

DOCUMENTS_SHOWN = 500
"""Of each kind."""
PLACES_SHOWN = 50
"""Changed places shown of one document,"""
PIECES_SHOWN = 300
"""pieces of one place,"""
LONGEST_SAME = 240
"""and signs of a piece that stayed."""
_WORD = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")


def comparison_page(found: Comparison, old: Path, new: Path) -> Iterator[str]:
    """Yield the page that compares two releases, piece by piece.

    Args:
        found: what `release.compare.compare` found.
        old: folder of the first release.
        new: folder of the second.
    """
    changed = found.of(Change.CHANGED) + found.of(Change.RENAMED)
    shown = changed[:DOCUMENTS_SHOWN]
    return (
        environment()
        .get_template("diff.html.j2")
        .generate(
            found=found,
            Change=Change,
            short=SHORT_ID,
            # One after another, as the page is written: their texts are not all in memory.
            documents=((document, _places(document, old, new)) for document in shown),
            some=bool(shown),
            documents_shown=DOCUMENTS_SHOWN,
            places_shown=PLACES_SHOWN,
            left=len(changed) - len(shown),
        )
    )


def _places(document: DocumentChange, old: Path, new: Path) -> list[Line]:
    places = islice(changed_lines(old, new, document), PLACES_SHOWN) if document.places else ()
    return [shown_line(place) for place in places]


def shown_line(place: LineChange) -> Line:
    """Return a place as one line that may run over line ends: a paragraph cut in two is seen as that."""
    pieces = list(_pieces("\n".join(place.old), "\n".join(place.new)))
    if rest := pieces[PIECES_SHOWN:]:
        pieces[PIECES_SHOWN:] = [Piece(Mark.CUT, str(sum(len(piece.text) for piece in rest)))]
    shortened = (
        part
        for piece in pieces
        for part in (shorten([piece], LONGEST_SAME) if piece.mark is Mark.SAME else [piece])
    )
    return Line(place.new_line, tuple(shortened))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    """Yield what stays, goes and comes, by words.

    >>> [(piece.mark.value, piece.text) for piece in _pieces("une étre", "une être")]
    [('same', 'une '), ('gone', 'étre'), ('new', 'être')]
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    stayed = 0
    for a, b, c, d in differing(before, after):
        if stayed < a:
            yield Piece(Mark.SAME, "".join(before[stayed:a]))
        if a < b:
            yield Piece(Mark.GONE, "".join(before[a:b]))
        if c < d:
            yield Piece(Mark.NEW, "".join(after[c:d]))
        stayed = b
    if stayed < len(before):
        yield Piece(Mark.SAME, "".join(before[stayed:]))
