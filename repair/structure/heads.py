"""What a line begins with: a number, a letter, a bullet, the mark of a note; or that it is a rule."""

from __future__ import annotations

import re
from typing import NamedTuple

from repair.structure.values import FURNITURE, ITEM, NOTE, PARAGRAPH

_HEAD = re.compile(
    r"""
    (?P<rule>(?:_[_ ]{2,}|-[- ]{2,}|=[= ]{2,}|\*[* ]{2,}|~+)$)
    # A page number between dashes; the mark of a text that goes on overleaf.
  | (?P<page>(?:[-–—][ ]?\d{1,4}[ ]?[-–—]|(?:\.{3}|…)/(?:\.{3}|…))$)
  | (?:[-–—•]\s+)?(?P<number>\d{1,3})\.(?=\s+\S|[A-ZÀ-ÖØ-Þ][a-zß-ÿœ])
  | (?:[-–—•]\s+)?\(?(?P<item>[a-z]|[ivxlc]{2,6}|\d{1,2})\)(?=\s+\S)
  | (?P<degree>\d{1,2})[°º](?=\s+(?![CF]\b)[A-ZÀ-ÖØ-Þ«])
  | (?P<bullet>[-–—•▪◦·*])\s+(?=\S)
    # A misread sign may stand for what was printed above the line.
  | (?P<note>\d{1,3}|[⁰¹²³⁴-⁹]{1,3})[>*°®]?\s+(?=[«“"(\[A-ZÀ-ÖØ-Þ])
  | (?P<row>\|)(?=.*\|$)
    """,
    re.VERBOSE,
)
MISREAD_MARK = re.compile(r"[?®*%>~°'’\"]{1,2}\s+(?=[«A-ZÀ-ÖØ-Þ])")
"""Signs that the mark of a note was read as."""

MISREAD_NUMBER = re.compile(r"(?=[lIO]*\d)(?=\d*[lIO])(?P<number>[\dlIO]{2,3})(?=\.\s)")
"""The number of a paragraph, letters read in place of its figures: « l2. », « 1O. »."""

FIGURES = str.maketrans("lIO", "110")

_SIGNS = frozenset(".…0123456789⁰¹²³⁴⁵⁶⁷⁸⁹([|_-=*~–—•▪◦·")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class Head(NamedTuple):
    """What a line begins with.

    Attributes:
        kind: of the block that such a line may open; empty where the line begins with plain text.
        number: in ASCII, without punctuation; empty for bullets, rules and rows.
        sign: the bullet, ``rule``, ``page`` or ``row``; empty for numbers.
        width: length of a note's mark with the white space after it.
    """

    kind: str = ""
    number: str = ""
    sign: str = ""
    width: int = 0


_PLAIN = Head()
_KINDS = {"number": PARAGRAPH, "item": ITEM, "degree": ITEM, "note": NOTE}


def read_head(line: str) -> Head:
    """Return what a line begins with.

    >>> read_head("12. Prie le Secrétaire général").number, read_head("a) De prendre").kind
    ('12', 'item')
    >>> read_head("2008. Une année").kind
    ''
    """
    # A letter opens a list only with its bracket, so that most lines are passed over at once.
    if line[0] not in _SIGNS and ")" not in line[1:8]:
        return _PLAIN
    found = _HEAD.match(line)
    if found is None:
        return _PLAIN
    name = found.lastgroup or ""
    if name in _KINDS:
        return Head(_KINDS[name], found[name].translate(_RAISED), "", found.end())
    if name == "bullet":
        return Head(ITEM, "", found[name])
    return Head(PARAGRAPH if name == "row" else FURNITURE, "", name)
