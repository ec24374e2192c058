"""Rules on signs: spaces, apostrophes, quotation marks, punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.structure.lines import LINE_ENDS
from repair.typography.rules import SPACES, Change, Options, Rule, Words

# Each pattern begins with the sign it looks for, and looks back from there: so the search is fast.
_DOUBLED = re.compile(f"[{SPACES}](?<![{SPACES}].)[{SPACES}]++(?=\\S)")
_POINTS = re.compile(r"\.\.\.(?<![./\\]...)(?![./\\])")
_APOSTROPHE = re.compile(
    r"['´`‘ʼ](?:(?<=[^\W\d_].)(?=[^\W\d_])|(?:(?<=\b[cdjlmnstCDJLMNST].)|(?<=\b[Qq]u.))(?=[\d«“\"(]))"
)
_QUOTES = re.compile('["«»]')
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_BEFORE_OPENING = frozenset("([«“'’–—-/")
_AFTER_CLOSING = frozenset(".,;:!?…)]»”'’–—-/")
_GLUED_TO = frozenset("»)]%‰°’'”\".*²³€$")


def _doubled_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Keep one space of several: a no-break one if there is one."""
    for found in _DOUBLED.finditer(text):
        spaces = found.group()
        if not text[found.start() - 1 : found.start()].strip():
            continue
        kept = spaces.strip(" ")
        yield Change(found.start(), found.end(), kept[0] if kept else " ")


def _ellipsis(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print three points as one sign; leaders and paths are left."""
    for found in _POINTS.finditer(text):
        yield Change(found.start(), found.end(), "…")


def _apostrophe(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print ’ between letters, and after an elision; minutes, feet and single quotes are left."""
    for found in _APOSTROPHE.finditer(text):
        yield Change(found.start(), found.end(), "’")


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


def _quote_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the space inside « »; quotes turned the German way, and » at the head of a line, are left."""
    for found in re.finditer("[«»]", text):
        place = found.start()
        if found.group() == "«":
            after = text[place + 1 : place + 2]
            beyond = text[place + 2 : place + 3]
            if after in SPACES:
                if after and after != options.space and beyond.strip() and beyond != "»":
                    yield Change(place + 1, place + 2, options.space)
            elif after.strip() and after != "»" and not (after in ".,;:!?)" and text[place - 1].isalnum()):
                yield Change(place + 1, place + 1, options.space)
            continue
        before = text[place - 1 : place] if place else ""
        beyond = text[place - 2 : place - 1] if place > 1 else ""
        if text[place + 1 : place + 2].isalnum():
            continue
        if before in SPACES:
            if before and before != options.space and beyond.strip() and beyond != "«":
                yield Change(place - 1, place, options.space)
        elif before.strip() and before != "«":
            yield Change(place, place, options.space)


def _punctuation_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the space before ; : ! ? at the end of a word; times, ratios, « (?) » and codes are left."""
    one = f"[{re.escape(options.marks)}]"
    for found in re.finditer(f'{one}(?<!{one}.){one}*+(?=[\\s»”")\\]…]|\\Z)', text):
        place = found.start()
        if not place:
            continue
        before = text[place - 1]
        if before in SPACES:
            if before != options.space and place > 1 and text[place - 2].strip():
                yield Change(place - 1, place, options.space)
        elif before.isalnum() or before in _GLUED_TO:
            ratio = found.group() == ":" and before.isdigit() and text[place + 2 : place + 3].isdigit()
            if not ratio:
                yield Change(place, place, options.space)


_PRINTERS = "Lexique des règles typographiques en usage à l’Imprimerie nationale"

DOUBLED_SPACE = Rule("doubled-space", "one space between two words, everywhere", _doubled_space)
ELLIPSIS = Rule("ellipsis", _PRINTERS, _ellipsis)
APOSTROPHE = Rule("apostrophe", _PRINTERS, _apostrophe)
QUOTES = Rule("quotes", _PRINTERS, _quotes)
QUOTE_SPACE = Rule("quote-space", _PRINTERS, _quote_space)
PUNCTUATION_SPACE = Rule(
    "punctuation-space", "resolutions of the United Nations, which put a no-break space", _punctuation_space
)
