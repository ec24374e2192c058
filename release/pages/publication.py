"""The page of one publication, ``clean/changes/NNNN-ID.html``: what changed, by document and rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from release.compare import Change
from release.layout import SHORT_ID
from release.pages.html import environment

if TYPE_CHECKING:  # it has these pages written
    from release.history import Publication


def publication_page(publication: Publication) -> Iterator[str]:
    """Yield the page, piece by piece."""
    return (
        environment()
        .get_template("publication.html.j2")
        .generate(publication=publication, Change=Change, short=SHORT_ID)
    )
