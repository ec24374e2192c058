"""Are quotation marks and brackets in pairs?

`unpaired_quotes` and `unpaired_brackets` read the paragraphs of a document in their order and
return the signs that have no partner. What French printing does is no fault:

- a quotation runs over several paragraphs, and each of them repeats its « (or, in old books, its
  ») at its head;
- in a dialogue with dashes, « at the head of a paragraph opens it and » at the end of one closes it,
  and novels often leave out one of the two;
- two quotations that end together share one » (*Lexique des règles typographiques en usage à
  l'Imprimerie nationale*, « Guillemets »);
- `a)` and `1°)` are the heads of a list, not the end of a bracket.

`“` and `”` pair as « and » do; straight quotes are counted. Apostrophes are left out: ’ is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_QUOTES = {"«": "»", "“": "”"}
_BRACKETS = {"(": ")", "[": "]"}
# The head of a list item, or a reference to one: « a) », « 12°) », « a bis) », « 3 iv) », « 30(1)a) ».
_ITEM_HEAD = re.compile(
    r"""(?:(?<=[\s(),;:«])|(?<=^)|(?<=[\d–—-])(?=[a-z]))
    (?:(?:[a-z]{1,2}|[A-Z]|\d{1,2})(?:\.\d{1,2})?|[ivxlc]{1,6}|[IVXLC]{1,6}|[\dlI]{1,3}[°oº]?)
    (?:\s(?:bis|ter|quater))?\)$""",
    re.VERBOSE,
)
_DASH = re.compile(r"\s*[«»]?\s*[—–-]\s")
_LETTER = re.compile(r"[^\W_]")
# From so many on, a sign or a dash at the head of paragraphs is the custom of the book.
_CUSTOM = 3
# A bracket that is not closed within so many paragraphs was lost, or is another's.
_BRACKET_REACH = 12


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign without its partner.

    Attributes:
        paragraph: its place in the sequence given, from 0.
        offset: in that paragraph, in code points.
        sign: the character.
    """

    paragraph: int
    offset: int
    sign: str


@dataclass(slots=True)
class _Open:
    sign: Sign
    shared: bool = False  # what closes something inside it may have closed it as well


def unpaired_quotes(paragraphs: Sequence[str]) -> list[Sign]:
    """Return the quotation marks without a partner, in their order.

    >>> unpaired_quotes(["Il dit : « Je viens.", "« Je reste. »", "Le mot « fin"])
    [Sign(paragraph=2, offset=7, sign='«')]
    """
    unpaired = _straight(paragraphs)
    for opening, closing in _QUOTES.items():
        unpaired += _quotes(paragraphs, opening, closing)
    return sorted(unpaired, key=lambda sign: (sign.paragraph, sign.offset))


def _head(text: str) -> int:
    """Return where the first letter or figure of a paragraph stands."""
    first = _LETTER.search(text)
    return first.start() if first else len(text)


def _quotes(paragraphs: Sequence[str], opening: str, closing: str) -> Iterator[Sign]:
    marks = re.compile(f"[{opening}{closing}]")
    found = [
        (Sign(index, mark.start(), mark[0]), mark.start() < head)
        for index, text, head in ((index, text, _head(text)) for index, text in enumerate(paragraphs))
        for mark in marks.finditer(text)
    ]
    # A book that heads the paragraphs of a speech with » does it often.
    custom = sum(head and sign.sign == closing for sign, head in found) >= _CUSTOM
    dialogue = sum(_DASH.match(text) is not None for text in paragraphs) >= _CUSTOM
    stack: list[_Open] = []
    for sign, head in found:
        if sign.sign == opening:
            if not (stack and head):
                stack.append(_Open(sign, shared=dialogue and head))
        elif head and custom:
            if not stack:
                stack.append(_Open(sign, shared=True))  # the speech began with a dash
        elif stack:
            stack.pop()
            for outer in reversed(stack):
                if outer.shared or outer.sign.paragraph != sign.paragraph:
                    break
                outer.shared = True
        elif not (dialogue and _ends(paragraphs[sign.paragraph], sign.offset)):
            yield sign
    yield from (left.sign for left in stack if not left.shared)


def _ends(text: str, offset: int) -> bool:
    return _LETTER.search(text, offset) is None


def _straight(paragraphs: Sequence[str]) -> list[Sign]:
    """Return the last straight quote of each paragraph that has an odd number, if all together are odd."""
    odd: list[Sign] = []
    for index, text in enumerate(paragraphs):
        places: list[int] = []
        for found in re.finditer('"', text):
            # After a figure it means inches or seconds, unless a quotation is open.
            if len(places) % 2 or not text[max(0, found.start() - 1) : found.start()].isdigit():
                places.append(found.start())
        if places and len(odd) % 2 and places[0] < _head(text):
            del places[0]  # the quotation goes on, and repeats its mark
        if len(places) % 2:
            odd.append(Sign(index, places[-1], '"'))
    return odd if len(odd) % 2 else []


def unpaired_brackets(paragraphs: Sequence[str]) -> list[Sign]:
    """Return the round and square brackets without a partner, in their order.

    >>> unpaired_brackets(["a) les États (voir le point 3 b) du rapport) ;", "b) les autres ["])
    [Sign(paragraph=1, offset=14, sign='[')]
    """
    unpaired: list[Sign] = []
    for opening, closing in _BRACKETS.items():
        unpaired += _brackets(paragraphs, opening, closing)
    return sorted(unpaired, key=lambda sign: (sign.paragraph, sign.offset))


def _brackets(paragraphs: Sequence[str], opening: str, closing: str) -> Iterator[Sign]:
    marks = re.compile(f"[{re.escape(opening + closing)}]")
    stack: list[_Open] = []
    for index, text in enumerate(paragraphs):
        while stack and index - stack[0].sign.paragraph > _BRACKET_REACH:
            left = stack.pop(0)
            if not left.shared:
                yield left.sign
        for found in marks.finditer(text):
            sign = Sign(index, found.start(), found[0])
            if found[0] == opening:
                stack.append(_Open(sign))
                continue
            look = max(0, found.start() - 8)
            head = _ITEM_HEAD.search(text, look, found.end()) if closing == ")" else None
            if head is None or text.startswith(opening, max(0, head.start() - 1)):
                if not stack:
                    yield sign
                elif stack.pop().shared and stack:
                    stack[-1].shared = True
            elif stack and stack[-1].sign.paragraph == index:
                stack[-1].shared = True  # « (voir 3 a) » ends both
    yield from (left.sign for left in stack if not left.shared)
