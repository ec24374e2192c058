"""The page of `prote preview`: what would change, by rule, expectation and document, with the words.

Made as that of `prote diff` is (`comparison_page.py`): it opens from disk, fetches nothing, and shows text
without trusting it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from release.differences import line_changes
from release.pages.comparison import DOCUMENTS_SHOWN, PLACES_SHOWN, shown_line
from release.pages.environment import environment
from release.pages.marks import Line
from release.preview import Preview
from repair.document import Document

Passages = bytes
"""The changed passages of the two editions of a document, packed: few of many are looked at."""

MOVES_SHOWN = 20
"""Of a document: what becomes of its edits, by rule."""
_LINES = msgspec.json.Decoder(tuple[list[Line], list[Line]])


def changed_passages(old: Document | None, new: Document | None) -> Passages:
    """Return where the normalised and the diplomatic edition of a document change."""
    texts = (
        (old.text if old else "", new.text if new else ""),
        (old.diplomatic if old else "", new.diplomatic if new else ""),
    )
    lines = [[shown_line(place) for place in islice(line_changes(*pair), PLACES_SHOWN)] for pair in texts]
    return zlib.compress(msgspec.json.encode(lines), 1)


def preview_page(found: Preview, passages: Mapping[str, Passages]) -> Iterator[str]:
    """Yield the page, piece by piece.

    Args:
        found: what would change.
        passages: where the editions change of those documents that are shown, by name.
    """
    shown = found.documents[:DOCUMENTS_SHOWN]
    named = {document.name: document for document in shown}
    codes = {code for code, _ in found.failing + found.mended}
    failing, mended = dict(found.failing), dict(found.mended)
    return (
        environment()
        .get_template("preview.html.j2")
        .generate(
            found=found,
            expectations=[(code, failing.get(code, 0), mended.get(code, 0)) for code in sorted(codes)],
            documents=((one.document, _lines(one.name, passages)[0]) for one in shown),
            besides=lambda document: (named[document.name], _lines(document.name, passages)[1]),
            some=bool(shown),
            documents_shown=DOCUMENTS_SHOWN,
            places_shown=PLACES_SHOWN,
            moves_shown=MOVES_SHOWN,
            left=len(found.documents) - len(shown),
        )
    )


def _lines(name: str, passages: Mapping[str, Passages]) -> tuple[list[Line], list[Line]]:
    packed = passages.get(name)
    return _LINES.decode(zlib.decompress(packed)) if packed else ([], [])
