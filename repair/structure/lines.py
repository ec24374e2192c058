"""The lines of a text that hold something, and what their ends show.

A line may be a piece of a paragraph (*wrapped* text: a page, a PDF, an e-mail) or a paragraph
of its own (*flowed* text: one paragraph a line). :func:`is_wrapped` tells which.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from repair.structure.heads import Head, read_head

LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line for `str.splitlines`; all of them are white space."""

_LINE_END = re.compile(f"\r\n|[{LINE_ENDS}]")
_CONTENT = re.compile(f"\\S[^{LINE_ENDS}]*")

LONG_LINE = 150
"""No page prints lines of so many characters."""
_COLUMNS = re.compile(r"\S(?: {3,}|\t+ *)\S|[.…](?: ?[.…]){3,} ?\d{1,4}$")
"""Cells far from one another; dots that lead to a page number."""
_MONTH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_DATED = re.compile(rf"[A-ZÀ-ÖØ-Þ][^,.;:!?]{{1,30}}, (?:ce |le )?\d{{1,2}}(?:er)? (?:{_MONTH}) \d{{4}}\.?")
_SALUTES = re.compile(
    r"(?:(?:Mon|Ma|Mes) )?(?:(?:[Cc]her|[Cc]hère)s? )?"
    r"(?:Madame|Monsieur|Mesdames|Messieurs|Mademoiselle|Excellence|(?<=[Cc]her )ami|(?<=[Cc]hère )amie)"
    r"(?:,? (?:et |le |la |les |cher |chère )?[^,.;:!?]{2,40})?,"
)
_ROMAN = re.compile(r"[IVXLC]{1,6}\.? ?[–—-] ?(?=[A-ZÀ-ÖØ-Þ«])")
"""« II. – Le maire » opens a paragraph of an article of law."""
_VERSES, _ROWS = 4, 2
_WIDEST_VERSE = 70
RUNNING = 40
"""A line of so many characters that stops in mid-sentence is running text, not a list of words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something.

    Attributes:
        start: its first character that is not white space.
        end: one past its last.
        text: what stands there.
        head: what it begins with.
        blank: whether a blank line stands before it.
        page: whether a page starts between it and the line before.
        indented: whether white space stands before it.
    """

    start: int
    end: int
    text: str
    head: Head
    blank: bool
    page: bool
    indented: bool

    @property
    def opens_low(self) -> bool:
        """Whether it begins with a small letter, and with no mark: it can go on with a sentence."""
        return self.text[0].islower() and not self.head.kind


def find_lines(text: str, pages: Sequence[int]) -> list[Line]:
    """Return the lines of `text` that hold something; `pages` is where its pages start, in order."""
    lines: list[Line] = []
    end = passed = 0
    for found in _CONTENT.finditer(text):
        start = found.start()
        content = found.group().rstrip()
        gap = text[end:start]
        if gap == "\n":
            blank = page = False
        else:
            breaks = _LINE_END.findall(gap)
            page = "\f" in breaks
            blank = len(breaks) - breaks.count("\f") > 1
        opened = bisect_right(pages, start, passed)
        lines.append(
            Line(
                start,
                start + len(content),
                content,
                read_head(content),
                blank,
                page or (opened > passed and bool(lines)),
                bool(gap) and gap[-1] not in LINE_ENDS,
            )
        )
        passed = opened
        end = start + len(content)
    return lines


def line_end(text: str) -> str:
    r"""Return the line end that `text` uses most; ``\n`` where it has none."""
    pairs = text.count("\r\n")
    counts = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counts, key=lambda end: counts[end])


def goes_on(before: str, length: int, line: Line) -> bool:
    """Whether `line` can only be the rest of a sentence: `before` is cut, and `line` begins low.

    Args:
        before: the line or block before it.
        length: of the block before it, in characters.
        line: the line.
    """
    return length >= RUNNING and before[-1].isalnum() and line.opens_low


def is_wrapped(lines: Sequence[Line]) -> bool:
    """Whether paragraphs are broken into lines, so that a line end says nothing by itself.

    They are not where most of the text stands in lines longer than any page has, nor where no
    blank line separates anything and hardly a line stops in mid-sentence.
    """
    total = sum(len(line.text) for line in lines)
    if 2 * sum(len(line.text) for line in lines if len(line.text) > LONG_LINE) > total:
        return False
    if any(line.blank for line in lines[1:]):
        return True
    cut = sum(goes_on(before.text, len(before.text), line) for before, line in pairwise(lines))
    return 5 * cut >= len(lines) > 1


def lone_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Return the places of the lines that open blocks though no blank parts them: verse, rows, greetings.

    Verses begin with capitals, and some end where the next word had room: lines of prose do neither.
    Rows of a table, or of a table of contents, have gaps or dots between their cells.
    """
    found: set[int] = set()
    width = max(map(_length, lines), default=0)
    for place, line in enumerate(lines):
        # « Paris, le 3 mars 1998 », « Madame, Monsieur, »: short lines that say all they have to say.
        if 3 * len(line.text) < 2 * width and (_DATED.fullmatch(line.text) or _SALUTES.fullmatch(line.text)):
            found |= {place, place + 1}
        elif place and _ROMAN.match(line.text) and lines[place - 1].text[-1] in ".;:":
            found.add(place)
    start = 0
    for place in range(1, len(lines) + 1):
        if place < len(lines) and not lines[place].blank:
            continue
        group = lines[start:place]
        if len(group) >= _VERSES and _are_verses(group):
            found.update(range(start, place))
        elif len(group) >= _ROWS:
            rows = [start + row for row, line in enumerate(group) if _COLUMNS.search(line.text)]
            if len(rows) >= _ROWS:
                found.update(rows)
                found.update(row + 1 for row in rows if row + 1 < place)
        start = place
    return frozenset(found)


def _length(line: Line) -> int:
    return len(line.text)


def _are_verses(group: Sequence[Line]) -> bool:
    texts = [line.text for line in group]
    if any(line.head.kind or not _first_letter(line.text).isupper() for line in group):
        return False
    width = max(map(len, texts))
    room = sum(len(before) + 1 + len(after.split(None, 1)[0]) <= width for before, after in pairwise(texts))
    return width <= _WIDEST_VERSE and 3 * room >= len(group)


def _first_letter(text: str) -> str:
    return next((char for char in text[:4] if char.isalnum()), "")
