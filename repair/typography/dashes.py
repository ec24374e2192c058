"""Rules on dashes: the pair that sets an incise apart, the spaces inside it, the dash that opens a line.

A range keeps its hyphen (« 1914-1918 », « p. 12-15 »): French prints it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.structure.lines import LINE_ENDS
from repair.typography.rules import PRINTERS, SPACES, Change, Matter, Options, Rule, Words

_SENTENCE = re.compile(f"(?:[^.!?…;:{LINE_ENDS}]|[.!?…;:](?!\\s|\\Z))++")
_HYPHEN = re.compile(f"-(?<=[{SPACES}].)(?=[{SPACES}])")
_DASH = re.compile(f"[–—](?<=[{SPACES}].)(?=[{SPACES}]|[,)])")
_HEAD = re.compile(f" (?<=[–—].)(?<=[{LINE_ENDS}]..)(?=\\S)")
_LISTED = re.compile(f"-(?<![^{LINE_ENDS}].)(?=[{SPACES}][^\\W\\d_]|[{SPACES}]«)")
_FIRST = re.compile(r"[–—] (?=\S)")
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 2  # words of an incise


def _incise(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print dashes for two hyphens that set words of a sentence apart; lists, routes and tables are left."""
    for sentence in _SENTENCE.finditer(text):
        found = list(_HYPHEN.finditer(text, *sentence.span()))
        if len(found) != 2 or "–" in sentence.group() or "—" in sentence.group():
            continue
        first, last = (hyphen.start() for hyphen in found)
        before = text[sentence.start() : first - 1]
        within = _WORD.findall(text, first, last)
        after = text[last + 2 : last + 3]
        if (
            len(_WORD.findall(before)) >= _SHORTEST <= len(within)
            and within[0].islower()
            and after.islower()
            and all(words.known(word.lower()) for word in within)
        ):
            yield Change(first, first + 1, options.dash)
            yield Change(last, last + 1, options.dash)


def _list_dash(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print a dash for the hyphen before words at the head of a line: an item of a list, or a speaker."""
    for found in _LISTED.finditer(text):
        yield Change(found.start(), found.end(), options.dash)


def _dash_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Make the spaces inside a pair of dashes no-break, and the one after a dash that opens a line."""
    places: list[int] = []
    first = _FIRST.match(text)
    if first:
        places.append(1)
    places += [found.start() for found in _HEAD.finditer(text)]
    for sentence in _SENTENCE.finditer(text):
        found = [dash.start() for dash in _DASH.finditer(text, *sentence.span())]
        if len(found) == 2 and text[sentence.start() : found[0]].strip():
            places += [found[0] + 1, found[1] - 1]
    for place in sorted(set(places)):
        if text[place] == " ":
            yield Change(place, place + 1, options.space)


INCISE = Rule(
    "incise",
    Matter.SIGNS,
    PRINTERS,
    _incise,
    ("typo_tiret_incise1", "typo_tiret_incise2"),
    ("TIRET",),
)
LIST_DASH = Rule("list-dash", Matter.SIGNS, PRINTERS, _list_dash, ("typo_tiret_début_ligne",))
DASH_SPACE = Rule(
    "dash-space",
    Matter.SPACES,
    PRINTERS,
    _dash_space,
    ("nbsp_après_tiret1", "nbsp_après_tiret2", "nbsp_après_tiret3", "esp_avant_après_tiret"),
)
