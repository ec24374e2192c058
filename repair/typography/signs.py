"""Rules on signs: apostrophes, quotation marks, the ellipsis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.structure.lines import LINE_ENDS
from repair.typography.rules import PRINTERS, Change, Matter, Options, Rule, Words

# Each pattern begins with the sign it looks for, and looks back from there: so the search is fast.
_POINTS = re.compile(r"\.\.\.(?<![./\\]...)(?![./\\])|\.(?<![./\\ \u00a0].) \. \.(?![./\\]| \.)")
_APOSTROPHE = re.compile(
    r"['´`‘ʼ′](?:(?<=[^\W\d_].)(?=[^\W\d_])|(?:(?<=\b[cdjlmnstCDJLMNST].)|(?<=\b[Qq]u.))(?=[\d«“\"(]))"
)
_QUOTES = re.compile('["«»]')
_LINE = re.compile(f"[^{LINE_ENDS}]+")
_MARKS = re.compile("[«»“”]")
_CLOSING = {"«": "»", "“": "”"}
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_BEFORE_OPENING = frozenset("([«“'’–—-/")
_AFTER_CLOSING = frozenset(".,;:!?…)]»”'’–—-/")


def _ellipsis(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print three points as one sign; leaders and paths are left."""
    for found in _POINTS.finditer(text):
        yield Change(found.start(), found.end(), "…")


def _apostrophe(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print ’ between letters, and after an elision; minutes, feet and single quotes are left."""
    for found in _APOSTROPHE.finditer(text):
        yield Change(found.start(), found.end(), "’")


def _curly_quotes(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print « » for “ ” outside other quotation marks; a line where they do not pair is left."""
    if "“" in text:
        for line in _LINE.finditer(text):
            yield from _outer_pairs(line)


def _outer_pairs(line: re.Match[str]) -> list[Change]:
    changes: list[Change] = []
    opened: list[str] = []
    for found in _MARKS.finditer(line.string, *line.span()):
        sign = found.group()
        if sign in "«“":
            if sign == "«" and opened:
                return []
            opened.append(sign)
        elif not opened or _CLOSING[opened.pop()] != sign:
            return []
        if sign in "“”" and len(opened) == (sign == "“"):
            changes.append(Change(*found.span(), "«" if sign == "“" else "»"))
    return [] if opened else changes


def _quotes(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print « » for straight quotes, “ ” inside « »; a line where they do not pair is left."""
    position = text.find('"')
    ends = [found.end() for found in _LINE_END.finditer(text)][::-1] if position >= 0 else []
    start = 0
    while position >= 0:
        while ends and ends[-1] <= position:
            start = ends.pop()
        end = ends[-1] - 1 if ends else len(text)
        yield from _paired(text, start, end)
        position = text.find('"', end)


def _paired(text: str, start: int, end: int) -> list[Change]:
    changes: list[Change] = []
    depth = 0
    opened = ""
    for found in _QUOTES.finditer(text, start, end):
        place = found.start()
        if found.group() != '"':
            depth = max(0, depth + (1 if found.group() == "«" else -1))
            continue
        before = text[place - 1] if place > start else " "
        after = text[place + 1] if place + 1 < end else " "
        if opened:
            if before.isspace() or not (after.isspace() or after in _AFTER_CLOSING):
                return []
            changes.append(Change(place, place + 1, opened))
            opened = ""
        else:
            if after.isspace() or not (before.isspace() or before in _BEFORE_OPENING):
                return []
            changes.append(Change(place, place + 1, "“" if depth else "«"))
            opened = "”" if depth else "»"
    return [] if opened else changes


ELLIPSIS = Rule(
    "ellipsis",
    Matter.SIGNS,
    PRINTERS,
    _ellipsis,
    ("typo_points_suspension1", "typo_points_suspension2", "typo_points_suspension3"),
    ("POINTS_SUSPENSIONS_SPACE",),
)
APOSTROPHE = Rule(
    "apostrophe",
    Matter.SIGNS,
    PRINTERS,
    _apostrophe,
    ("apostrophe_typographique", "apostrophe_typographique_après_t", "typo_apostrophe_incorrecte"),
    ("APOS_TYP", "APOS_INCORRECT"),
)
CURLY_QUOTES = Rule(
    "curly-quotes",
    Matter.SIGNS,
    PRINTERS,
    _curly_quotes,
    ("typo_cohérence_guillemets_*",),
)
QUOTES = Rule(
    "quotes",
    Matter.SIGNS,
    PRINTERS,
    _quotes,
    ("typo_guillemets_typographiques_*", "typo_guillemets_perdus"),
)
