"""A table for people and for pipes: aligned on a terminal, plain lines anywhere else.

Plain lines have a row each, tabs between the columns, and nothing shortened, coloured or wrapped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

_WORDS = {
    *("document", "status", "failed", "what", "why", "rule", "made with", "", "expectation", "was", "now"),
    *("examples", "fails now", "fails no more", "also", "not looked at"),
    *("decision", "scope", "where", "words", "verdict", "stands"),
    *("how", "found", "mend"),
}
"""Columns that hold words; the others hold figures."""
_COLOURS = {
    **{"published": "green", "review": "yellow", "quarantine": "red"},
    **{"good": "green", "note": "yellow", "bad": "red"},
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], about: str = "") -> None:
    """Print rows on standard output: a table on a terminal, plain lines without headings anywhere else.

    Args:
        headings: of the columns.
        rows: their cells.
        about: what the rows are, where those of other tables follow: the first word of each plain line.
    """
    rows = list(rows)
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(map(harmless, (about, *row) if about else row)))
        return
    if about and not rows:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False)
    for heading in headings:
        shown.add_column(heading, justify="left" if heading in _WORDS else "right", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(harmless(cell), _COLOURS.get(cell, "")) for cell in row))
    Console().print(shown)


def harmless(text: str) -> str:
    """Escape what would steer a terminal: a document may hold anything."""
    return "".join(char if char.isprintable() or char in "\xa0\u202f" else ascii(char)[1:-1] for char in text)
