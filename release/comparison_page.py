"""The page of `prote diff`: two releases beside one another, with the words that changed in their lines.

Like all pages of the report it opens from disk, fetches nothing, and shows text without trusting it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from itertools import zip_longest

from release.compare import Change, Comparison, LineChange
from release.layout import SHORT_ID
from release.marks import Line, Mark, Piece
from release.report import environment

PLACES_SHOWN = 50
"""Changed places shown of one document."""
DOCUMENTS_SHOWN = 500
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


def comparison_page(found: Comparison) -> Iterator[str]:
    """Yield the page that compares two releases, piece by piece."""
    changed = found.of(Change.CHANGED)
    return (
        environment()
        .get_template("diff.html.j2")
        .generate(
            found=found,
            Change=Change,
            short=SHORT_ID,
            documents=[
                (document, [list(_lines(place)) for place in document.lines[:PLACES_SHOWN]])
                for document in changed[:DOCUMENTS_SHOWN]
            ],
            places_shown=PLACES_SHOWN,
            left=max(0, len(changed) - DOCUMENTS_SHOWN),
        )
    )


def _lines(change: LineChange) -> Iterator[Line]:
    """Yield the lines of one place, each pair of an old and a new one as one line with both."""
    for offset, (old, new) in enumerate(zip_longest(change.old, change.new)):
        yield Line(change.new_line + offset, tuple(_pieces(old or "", new or "")))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    """Yield what stays, goes and comes, by words.

    >>> [(piece.mark.value, piece.text) for piece in _pieces("une étre", "une être")]
    [('same', 'une '), ('gone', 'étre'), ('new', 'être')]
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(Mark.SAME, "".join(before[a:b]))
            continue
        if a < b:
            yield Piece(Mark.GONE, "".join(before[a:b]))
        if c < d:
            yield Piece(Mark.NEW, "".join(after[c:d]))
