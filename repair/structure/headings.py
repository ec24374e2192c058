"""Headings, by their form: divisions of laws and books, articles, numbered and plain titles; and speech.

A line has a form by itself (:func:`read_form`): « TITRE II », « Article L. 122-1 », « Art. 5. – Le
juge… ». Other headings are known by what stands around them (:func:`name_blocks`): a title between
blanks, numbers that follow one another. Where that is not sure a block stays a paragraph: a heading
that is missed does less harm than a sentence taken for one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from repair.structure.values import HEADING, ITEM, PARAGRAPH, Block

LONGEST = 120
"""Characters of a heading; longer ones are rarer than sentences of that form."""
_LONGEST_NUMBERED = 80

_TIMES = r"(?:[ -](?:bis|ter|quater|quinquies|sexies|septies|octies))?"
_DIVISION = re.compile(
    rf"""
    (?: (?: TITRE | LIVRE | PARTIE | CHAPITRE | (?:SOUS[- ])?SECTION | PARAGRAPHE | ANNEXE | APPENDICE
          | Titre | Livre | Partie | Chapitre | (?:Sous-s|S)ection | Paragraphe | Annexe | Appendice
          | CHAP\. | Chap\. )
        [ ](?: (?i:premi(?:er|[eè]re)|1(?:er|re)|unique|pr[eé]liminaire) | I(?:er|re)
             | [IVXLC]{{1,7}} | \d{{1,3}} | [A-Z](?![\w’']) ){_TIMES}(?![\w’'-])
      | (?i:premi[eè]re|deuxi[eè]me|seconde|troisi[eè]me|quatri[eè]me|cinqui[eè]me|sixi[eè]me)
        [ ](?:PARTIE|Partie|partie|SECTION|Section) )
    (?: [ ]?[.:]?[ ]?[–—-]?[ ]? (?P<title>[A-ZÀ-ÖØ-Þ«ŒÆ].*) )? [ ]?\.?
    """,
    re.VERBOSE,
)
_ARTICLE = re.compile(
    rf"""
    (?:Article|ARTICLE|Art\.|ART\.)[ ]
    (?: (?P<first>(?i:premier|1\s?er|Ier)) | (?P<number>(?:(?:LO|[LRDA])\.?[ ]?\*?)?\d{{1,4}}(?:-\d{{1,3}})*)
      | (?P<roman>[IVXLC]+) | (?P<unique>(?i:unique)) )
    (?P<times>{_TIMES}(?:[ ][A-Z](?![\w’'.]))?) (?![\w’'])
    (?: (?P<sign>[ ]?(?:\.[ ]?[–—-]+|[.:–—]|[ ]-)[ ]?) (?P<rest>\S.*)? )?
    """,
    re.VERBOSE,
)
_OPENERS = ("T", "L", "P", "C", "S", "A", "D", "Q")

_NUMBERED = re.compile(
    r"""
    (?: (?P<roman>[IVXLC]{1,6}) (?: [ ]?[.)][ ]?(?P<dash>[–—-])?[ ]? | [ ](?P<stroke>[–—-])[ ] )
      | (?P<letter>[A-H]) (?: [ ]?[.)][ ]?[–—-]?[ ] | [ ][–—-][ ] )
      | (?P<decimal>\d{1,2}(?:\.\d{1,2}){1,3}) \.?[ ](?:[–—-][ ])?
      | (?P<plain>\d{1,2})\.[ ] )
    (?P<title>[A-ZÀ-ÖØ-ÞŒ«].*)
    """,
    re.VERBOSE,
)
_TITLES = frozenset(
    (
        "introduction", "introduction générale", "conclusion", "conclusions", "conclusion générale",
        "préface", "postface", "avant-propos", "avertissement", "prologue", "épilogue", "sommaire", "résumé",
        "synthèse", "bibliographie", "remerciements", "annexe", "annexes", "appendice", "glossaire",
        "préambule", "index", "table des matières", "exposé des motifs", "recommandations", "méthodologie",
    )
)  # fmt: skip

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_WORD = re.compile(r"[^\W\d_]{4,}")
_FIRST_WORD = re.compile(r"(?:[LDld][’'])?([^\W\d_]+)")
_DASH = re.compile(r"[-–—]\s")
_CAPITAL_AFTER_DASH = re.compile(r"[-–—]\s+[«“\"(]?\s*[A-ZÀ-ÖØ-ÞŒ]")
# What speech has and lists have not: a sentence that asks or breaks off, words that say who speaks.
_INCISE = re.compile(r"[^\W\d_]{2,}-(?:t-)?(?:il|elle|ils|elles|je|on)\b[,.!?]?")


class Form(NamedTuple):
    """What a line says it is.

    Attributes:
        kind: ``heading``, or ``paragraph`` for an article that begins on the line of its number.
        number: of an article: ASCII, without spaces and points: ``5``, ``5bis``, ``L122-1``; else empty.
        bare: whether the number is all there is.
    """

    kind: str
    number: str
    bare: bool

    @property
    def plain_number(self) -> str:
        """The number as blocks have it, in figures and letters: « L. 122-1 » has none, lest it be L. 1221."""
        return self.number if self.number.isalnum() else ""


def read_form(line: str) -> Form | None:
    """Return what the form of a line says it is; None where it says nothing.

    >>> read_form("CHAPITRE III"), read_form("Article L. 122-1")
    (Form(kind='heading', number='', bare=True), Form(kind='heading', number='L122-1', bare=True))
    >>> read_form("Art. 1er. – Le juge statue."), read_form("Article 5 du code pénal")
    (Form(kind='paragraph', number='1', bare=False), None)
    """
    if not line.startswith(_OPENERS):
        return None
    plain = line.replace("\u00a0", " ")
    if found := _ARTICLE.fullmatch(plain):
        rest = found["rest"]
        if rest is None:
            return Form(HEADING, _number(found), bare=True)
        if not rest[0].isupper() and rest[0] not in "«(" and not rest[0].isdigit():
            return None
        title = len(plain) <= LONGEST and rest[0].isupper() and (rest[-1].isalnum() or rest[-1] in ")»")
        return Form(HEADING if title else PARAGRAPH, _number(found), bare=False)
    if len(line) <= LONGEST and (found := _DIVISION.fullmatch(plain)):
        title = found["title"]
        if title is None:
            return Form(HEADING, "", bare=True)
        capitals = plain.isupper()
        apart = capitals or plain[found.start("title") - 2] in ".:–—-" or title.isupper()
        ends = title[-1].isalnum() or title[-1] in ")»" or (capitals and title[-1] == ".")
        return Form(HEADING, "", bare=False) if apart and ends else None
    return None


def _number(found: re.Match[str]) -> str:
    if found["first"]:
        number = "1"
    elif found["unique"]:
        number = "unique"
    else:
        number = found["roman"] or re.sub(r"[. *]", "", found["number"])
    return number + re.sub(r"[ -]", "", found["times"])


def in_capitals(line: str) -> bool:
    """Whether a line is in capitals alone, and has letters enough to say so."""
    return line.isupper() and sum(map(str.isalpha, line)) >= 4


class _Title(NamedTuple):
    """A block that may be a heading for its number."""

    place: int
    scheme: str
    value: tuple[int, ...]
    sure: bool


def name_blocks(text: str, blocks: Sequence[Block], known: Callable[[str], bool]) -> list[Block]:
    """Say which of the paragraphs are headings, and which dashes open speech and no item.

    Args:
        text: without markup.
        blocks: in their order.
        known: whether a lower-case word is in the lexicon.
    """
    if not any(block.kind in (PARAGRAPH, ITEM) for block in blocks):
        return list(blocks)
    page = _Page(text, blocks, known)
    found = list(blocks)
    for place in sorted(page.headings()):
        found[place] = replace(found[place], kind=HEADING, number=page.number(place))
    for place in page.speech():
        found[place] = replace(found[place], kind=PARAGRAPH)
    return found


class _Page:
    """The blocks with what stands around them."""

    def __init__(self, text: str, blocks: Sequence[Block], known: Callable[[str], bool]) -> None:
        self._blocks = blocks
        self._known = known
        self._text = text
        self._gaps = [
            "\f" in (gap := text[before.end : after.start]) or len((gap + "|").splitlines()) > 2
            for before, after in pairwise(blocks)
        ]
        self._spaced = any(self._gaps)

    def _line(self, place: int) -> str:
        block = self._blocks[place]
        # The longest heading and one more character: paragraphs need not be read through.
        if block.end - block.start > 2 * LONGEST:
            return ""
        line = " ".join(self._text[block.start : block.end].split())
        return line if len(line) <= LONGEST else ""

    def number(self, place: int) -> str:
        form = read_form(self._line(place))
        return form.plain_number if form is not None else ""

    def _apart(self, place: int) -> bool:
        """Whether blanks, or the ends of the text, stand around a block."""
        before = place == 0 or self._gaps[place - 1]
        after = place + 1 < len(self._blocks) and self._gaps[place]
        return before and after

    def headings(self) -> set[int]:
        """Return the places of the blocks that are headings."""
        found: set[int] = set()
        titles: list[_Title] = []
        capitals = []
        seen: Counter[str] = Counter()
        for place, block in enumerate(self._blocks):
            line = self._line(place) if block.kind in (PARAGRAPH, HEADING) else ""
            if not line:
                continue
            form = read_form(line)
            if block.kind == HEADING:
                if form is not None and form.bare and not form.number:
                    found |= self._title_below(place + 1)
                continue
            if not block.number and self._by_form(place, line, form):
                found.add(place)
            elif (title := self._numbered(place, line)) is not None:
                titles.append(title)
            elif not block.number and in_capitals(line):
                seen[line] += 1
                if self._is_title_in_capitals(place, line):
                    capitals.append((place, line))
        # Who speaks in a play stands in capitals again and again.
        found.update(place for place, line in capitals if seen[line] == 1)
        return found | self._in_sequence(titles)

    def _by_form(self, place: int, line: str, form: Form | None) -> bool:
        if form is not None:
            return form.kind == HEADING and self._apart(place)
        return line.casefold().rstrip(" .") in _TITLES and self._leads(place)

    def _title_below(self, place: int) -> set[int]:
        """Return the block after the number of a division, where it is its title."""
        if place >= len(self._blocks) or self._blocks[place].kind != PARAGRAPH or self._blocks[place].number:
            return set()
        line = self._line(place)
        ends = line[-1:].isalnum() or line[-1:] in (")", "»") or (in_capitals(line) and line[-1:] == ".")
        form = read_form(line)
        last = place + 1 == len(self._blocks)
        leads = not last and (
            self._gaps[place] or not self._spaced or self._blocks[place + 1].kind == HEADING
        )
        return {place} if ends and line[0].isupper() and form is None and leads else set()

    def _leads(self, place: int) -> bool:
        """Whether something follows that a block can be the heading of."""
        if place + 1 >= len(self._blocks):
            return False
        return self._apart(place) if self._spaced else True

    def _is_title_in_capitals(self, place: int, line: str) -> bool:
        if not self._apart(place) or not (line[-1].isalnum() or line[-1] in ")»"):
            return False
        return any(self._known(word.lower()) for word in _WORD.findall(line))  # names are a signature

    def _numbered(self, place: int, line: str) -> _Title | None:
        found = _NUMBERED.fullmatch(line) if len(line) <= _LONGEST_NUMBERED else None
        if found is None or not self._leads(place):
            return None
        title = found["title"]
        if not (title[-1].isalnum() or title[-1] in ")»?") or "...." in title or ". . ." in title:
            return None
        first = _FIRST_WORD.match(title.lstrip("« "))
        if first is None or not self._known(first[1].lower()):
            return None  # « V. Hugo »
        if found["plain"]:
            value = (int(found["plain"]),)
            return _Title(place, "1", value, sure=False) if self._above_prose(place) else None
        if self._blocks[place].number:
            return None
        if found["decimal"]:
            return _Title(place, "1.1", tuple(map(int, found["decimal"].split("."))), sure=False)
        if found["letter"]:
            return _Title(place, "A", (ord(found["letter"]) - ord("A") + 1,), sure=False)
        sure = found["roman"] == "I" and bool(found["dash"] or found["stroke"])
        return _Title(place, "I", (_roman(found["roman"]),), sure)

    def _above_prose(self, place: int) -> bool:
        """Whether a numbered line stands above running text, as a heading does and an item does not."""
        if not self._apart(place) or place + 1 >= len(self._blocks):
            return False
        below = self._blocks[place + 1]
        long = below.end - below.start > LONGEST
        return below.kind == PARAGRAPH and not below.number and long and self._text[below.end - 1] in ".:!?»"

    @staticmethod
    def _in_sequence(titles: Sequence[_Title]) -> set[int]:
        """Return the titles whose number comes after, or before, that of another one."""
        found = {title.place for title in titles if title.sure}
        for scheme in {title.scheme for title in titles}:
            here = [title for title in titles if title.scheme == scheme]
            for one, other in pairwise(here):
                if _follows(one.value, other.value):
                    found |= {one.place, other.place}
        return found

    def speech(self) -> list[int]:
        """Return the places of the items that a dash opens and that are speech.

        A dash opens speech in a document where what it opens begins with a capital, and asks, breaks off
        or says who speaks oftener than it ends as items do.
        """
        places: dict[str, list[int]] = {}
        spoken: Counter[str] = Counter()
        listed: Counter[str] = Counter()
        for place, block in enumerate(self._blocks):
            if block.kind != ITEM or block.number or not _DASH.match(self._text, block.start, block.end):
                continue
            sign = self._text[block.start]
            line = self._text[block.start : block.end]
            if not _CAPITAL_AFTER_DASH.match(line):
                listed[sign] += 1
                continue
            places.setdefault(sign, []).append(place)
            if line[-1] in "?!…»" or _INCISE.search(line):
                spoken[sign] += 1
            elif line[-1] in ";," or (line[-1].isalnum() and sign != "—"):
                listed[sign] += 1
        return sorted(
            place for sign, found in places.items() if spoken[sign] > listed[sign] for place in found
        )


def _roman(figures: str) -> int:
    values = [_ROMAN[figure] for figure in figures]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def _follows(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether a heading number comes next after another: 1.2 after 1.1, 2.1 after 1.4, 1.1.1 after 1.1."""
    if len(other) > len(one):
        return other == (*one, 1)
    kept = len(other) - 1
    if other[:kept] == one[:kept]:
        return other[kept] == one[kept] + 1
    return other[kept] == 1 and other[: kept - 1] == one[: kept - 1] and other[kept - 1] == one[kept - 1] + 1
