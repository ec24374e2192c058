"""Do the numbers of the paragraphs follow one another?

`unexpected_numbers` reads the numbers as a reader does, one level inside another: 1, 2, a, b, i,
ii, c, 3. A list may start again at its first number anywhere (an annex, a new section), a
document may start anywhere (an extract that begins at paragraph 12), and nothing is asked about
where it ends. What is left is a number that neither opens a list nor continues one: a paragraph
was lost or run together with its neighbour, or its number was misread.

Articles of law are counted by themselves, with the lists inside each; a code leaves numbers out,
so that only a text whose articles mostly follow one another is asked to skip none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_TENS = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN_NUMBER = re.compile(r"(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
# « 12 bis » stands between 12 and 13 and repeats the 12.
_REPEATED = re.compile(r"\W*\w+[\s.\-]*(?:bis|ter|quater|quinquies|sexies|septies|octies)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:Article|ARTICLE|Art\.|ART\.)\s")
_FEWEST_ARTICLES = 5
_MOSTLY = 0.8
"""So many of the articles follow the one before them where a text numbers them through."""
_NO_WORDS = re.compile(r"[\s.…\[\]()*\-–—]*")
# Four figures at the head of a block are a year or a symbol, not the number of a paragraph.
_LARGEST = 999
_KIND = {"I": "heading", "A": "heading", "1": "paragraph", "a": "item", "i": "item"}
# Lists within lists; a deeper one is a list that was left long ago.
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Block:
    """What numbering needs to know of a paragraph.

    Attributes:
        number: as in `Paragraph.number`; empty where it has none.
        text: of the paragraph.
    """

    number: str
    text: str = ""


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A number in one of its readings: `i` is a letter and a roman number."""

    scheme: str
    value: int

    @property
    def previous(self) -> _Place:
        return _Place(self.scheme, self.value - 1)


def _readings(number: str) -> list[_Place]:
    if number.isascii() and number.isdigit():
        value = int(number) if len(number) <= len(str(_LARGEST)) else 0
        return [_Place("1", value)] if value else []
    small = number.lower()
    if number not in (small, number.upper()) or not small.isascii() or not small.isalpha():
        return []
    places = []
    if len(small) == 1:
        places.append(_Place("a" if number == small else "A", ord(small) - ord("a") + 1))
    if _ROMAN_NUMBER.fullmatch(small):
        figures = [_ROMAN[letter] for letter in small]
        value = sum(
            -figure if figure < max(figures[place:]) else figure for place, figure in enumerate(figures)
        )
        places.append(_Place("i" if number == small else "I", value))
    return places


def _written(place: _Place) -> str:
    if place.scheme == "1":
        return str(place.value)
    if place.scheme in "aA":
        rounds, letter = divmod(place.value - 1, 26)
        return chr(ord(place.scheme) + letter) * (rounds + 1)  # after z comes aa
    tens, units = divmod(place.value, 10)
    roman = _TENS[tens % 10] + _UNITS[units]
    return roman if place.scheme == "i" else roman.upper()


def unexpected_numbers(blocks: Sequence[Block]) -> dict[int, str]:
    """Return the blocks whose number is out of sequence, each with the number expected there.

    Each lost, misread or stray number is named once, at the first block that shows it: from
    there the count may go on from what was found, from what was expected, or as if it was not there.

    >>> unexpected_numbers([Block(number) for number in ("12", "13", "a", "b", "14", "16", "17")])
    {5: '15'}
    """
    lists = _OpenLists()
    articles = [index for index, block in enumerate(blocks) if block.number and _ARTICLE.match(block.text)]
    wrong = _unexpected_articles(blocks, articles)
    starts = set(articles)
    for index, block in enumerate(blocks):
        if index in starts:
            lists = _OpenLists()
            continue
        readings = _readings(block.number)
        if readings:
            expected = lists.read(readings, repeated=bool(_REPEATED.match(block.text)))
            if expected is not None:
                wrong[index] = _written(expected)
        elif _NO_WORDS.fullmatch(block.text) and ("..." in block.text or "…" in block.text):
            lists = _OpenLists()  # « […] »: what follows is another extract
    return wrong


def _unexpected_articles(blocks: Sequence[Block], articles: Sequence[int]) -> dict[int, str]:
    """Return the articles whose number is not the one after the article before, each with the one due."""
    numbered = [(index, int(blocks[index].number)) for index in articles if blocks[index].number.isdecimal()]
    steps = [(index, before + 1, value) for (_, before), (index, value) in pairwise(numbered)]
    follow = sum(value == due for _, due, value in steps)
    if len(numbered) < _FEWEST_ARTICLES or follow < _MOSTLY * len(steps):
        return {}
    # A text that is annexed begins at 1.
    return {index: str(due) for index, due, value in steps if value not in (due, 1)}


class _OpenLists:
    """The lists being read, outermost first.

    Each holds the places where it may have come to: several where `i` after `h` may as well
    open a list of roman numbers, or where a number was out of sequence (lost, misread or stray).
    """

    def __init__(self) -> None:
        self._open: list[set[_Place]] = []
        self._seen: set[str] = set()

    def read(self, readings: list[_Place], *, repeated: bool) -> _Place | None:
        """Take the next number in; return what was expected where it is out of sequence."""
        first = [place for place in readings if place.value == 1]
        free = [place for place in readings if not self._seen & {place.scheme, "1"}]
        self._seen.update(place.scheme for place in readings)
        for depth in range(len(self._open) - 1, -1, -1):
            before = self._open[depth]
            here = {place for place in readings if place.previous in before or (repeated and place in before)}
            if here:
                self._leave(depth, before | here if first else here)
                self._open += [{place} for place in first]
                return None
        if first or free:
            self._open.append(set(first or free))
            del self._open[:-_DEPTH]
            return None
        return self._out_of_sequence(readings)

    def _out_of_sequence(self, readings: list[_Place]) -> _Place:
        # The list it most likely belongs to: the nearest number below it, else the innermost.
        candidates = [
            (last.value < place.value, last.value if last.value < place.value else depth, depth, last, place)
            for depth, lasts in enumerate(self._open)
            for last in lasts
            for place in readings
            if last.scheme == place.scheme
        ]
        if not candidates:
            self._open.append(set(readings))
            return _Place(readings[0].scheme, 1)
        _, _, depth, last, found = max(candidates)
        expected = _Place(last.scheme, last.value + 1)
        self._leave(depth, {last, found, expected})
        return expected

    def _leave(self, depth: int, now: set[_Place]) -> None:
        """End the lists inside the one at `depth`, which is `now` at another number.

        Paragraphs are often numbered through, under headings I, II or A, B, and the headings with
        them: such lists stay open. One of a, b or i, ii ends with what it is in.
        """
        kinds = {_KIND[place.scheme] for place in now}
        inside = [
            lasts
            for lasts in self._open[depth + 1 :]
            if not ({_KIND[place.scheme] for place in lasts} & (kinds | {"item"}))
        ]
        self._open[depth:] = [now, *inside]
