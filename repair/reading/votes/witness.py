"""A text of the same pages without places becomes one more reading of them.

A `.txt` beside a scan, or the text layer of a PDF, is a *witness*: its words are found on the printed lines
and get places there, so that the vote hears it. Lines are matched by likeness, wherever they stand on the
page; line ends and hyphens need not be the same. What one side lacks is told, and a text of something else
is no witness at all.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio, partial_ratio_alignment, ratio

from repair.language import load_language
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.votes.align import key
from repair.reading.votes.ballot import TEXT, TRANSCRIPT, Judge
from repair.reading.votes.shares import shares

_ALIKE, _ALIKE_SHORT, _SHORT = 60.0, 80.0, 12
"""A line is found where the text is as like it as this, in per cent; one of few signs must be more so."""
_LONGEST = 1000
"""Signs from which a line is none: comparing two takes their product in memory."""
_REACH = 2
"""The ends of a line are looked for as far from the place of the best likeness as its length by this."""
_SAME = 0.3
"""Share of the shorter of page and text that must be found for the text to be of the page."""
_LETTERS = 8
"""What has fewer letters is not missed: a page number, a speck."""
_ROOM = 0.3
"""Words that would have less room on the page than this share of their signs are not printed there."""
_BETTER = 0.5
"""A text that is right more often than this, where it differs from the page, is better than the scan."""
_FIT = 0.5
"""A worse text that shares less of its words with the page is not heard: with every fourth letter wrong it
made 12 of 50 pages worse that Tesseract had read twice."""
_WORD = re.compile(r"\S+")
_HYPHENS = ("-", "¬", "\u00ad")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a text and the pages have in common, and what not.

    Attributes:
        witnesses: for each page what the text has of it; None where it has nothing, or nothing fit to be
            heard. The confidence of a page's words is how often, where the two differ, the text's word
            is the French one.
        only_in_text: where the text says what no page has: from, to.
        only_on_pages: lines that the text lacks, each with the number of its page, from 0.
        likeness: share of the shorter of the two that is in both, from 0 to 1.
    """

    witnesses: tuple[PageLayout | None, ...]
    only_in_text: tuple[Span, ...]
    only_on_pages: tuple[tuple[int, TextLine], ...]
    likeness: float

    @property
    def same(self) -> bool:
        """Whether the text is of these pages."""
        return self.likeness >= _SAME


def text_witness(text: str, pages: Sequence[PageLayout]) -> Reconciled:
    """Find a text on the pages it is of.

    Args:
        text: as it was read elsewhere, all pages in order; its lines and page ends are not trusted.
        pages: the same pages as the scan has them, best as voted; the witnesses have their pixels.
    """
    stream = _Stream(text)
    lines = [[key(line.text) for line in page.lines] for page in pages]
    windows = shares(stream.text, [" ".join(page) for page in lines])
    # Pages that the text surely has go first, so that none takes the running head of its neighbour.
    order = sorted(range(len(pages)), key=lambda number: windows[number][0] == windows[number][1])
    found: list[dict[int, Span]] = [{} for _ in pages]
    for number in order:
        found[number] = _find(lines[number], stream, windows[number])
    taken = sum(end - start for page in found for start, end in page.values())
    shorter = min(len(stream.text), sum(len(line) for page in lines for line in page))
    likeness = min(1.0, taken / shorter) if shorter else 0.0
    if likeness < _SAME:
        everything = [(number, line) for number, page in enumerate(pages) for line in page.lines]
        whole = ((0, len(text)),) if _letters(text) >= _LETTERS else ()
        return Reconciled((None,) * len(pages), whole, _missed(everything), likeness)
    missing = [
        (number, line)
        for number, page in enumerate(pages)
        for place, line in enumerate(page.lines)
        if place not in found[number]
    ]
    witnesses = tuple(_witness(page, places, stream) for page, places in zip(pages, found, strict=True))
    return Reconciled(witnesses, tuple(stream.left()), _missed(missing), likeness)


def _missed(lines: Sequence[tuple[int, TextLine]]) -> tuple[tuple[int, TextLine], ...]:
    return tuple((page, line) for page, line in lines if _letters(line.text) >= _LETTERS)


def _letters(text: str) -> int:
    return sum(sign.isalpha() for sign in text)


class _Stream:
    """The words of a text, a space between two, and which of it no page has taken yet."""

    def __init__(self, text: str) -> None:
        words = list(_WORD.finditer(text))
        self.plain = " ".join(word.group() for word in words)
        self.text = key(self.plain)
        self.breaks: set[int] = set()  # where in it a line of the text ends with a hyphen
        self._starts = [0]
        self._places = [word.span() for word in words]
        for word, following in zip_longest(words, words[1:]):
            end = self._starts[-1] + len(word.group())
            if following and word.group().endswith(_HYPHENS) and "\n" in text[word.end() : following.start()]:
                self.breaks.add(end)
            self._starts.append(end + 1)
        self._free: list[Span] = [(0, len(self.text))] if words else []

    def free(self, start: int, end: int) -> list[Span]:
        """Return what is not taken of a part."""
        found = [
            (max(start, one), min(end, other)) for one, other in self._free if other > start and one < end
        ]
        return [(one, other) for one, other in found if one < other]

    def take(self, start: int, end: int) -> None:
        """Take a part that is free."""
        for place, (one, other) in enumerate(self._free):
            if one <= start and end <= other:
                rest = [part for part in ((one, start), (end, other)) if self.text[slice(*part)].strip()]
                self._free[place : place + 1] = rest
                return

    def give_back(self, spans: Sequence[Span]) -> None:
        """Make parts free again."""
        self._free = sorted([*self._free, *spans])

    def left(self) -> Iterator[Span]:
        """Yield what nobody took, as places in the text that was given."""
        for start, end in self._free:
            part = self.plain[start:end]
            if _letters(part) < _LETTERS:
                continue
            first = int(np.searchsorted(self._starts, start + len(part) - len(part.lstrip()), "right")) - 1
            last = int(np.searchsorted(self._starts, end - 1 - len(part) + len(part.rstrip()), "right")) - 1
            yield self._places[first][0], self._places[last][1]


def _find(lines: Sequence[str], stream: _Stream, window: Span) -> dict[int, Span]:
    """Find the lines of a page in its share of the text, those first that have most in common with it.

    Returns:
        For each line that is found where it stands in the stream. Nothing if the text is of another page.
    """
    broken = [False, *(line.endswith("-") for line in lines)]
    queue: list[tuple[float, int, Span]] = []

    def look(number: int) -> None:
        line = lines[number]
        if len(line) > _LONGEST:
            return
        found = [_best(line, stream.text, run, broken[number]) for run in stream.free(*window)]
        alike, span = max(found, default=(0.0, (0, 0)))
        if alike >= (_ALIKE_SHORT if len(line) < _SHORT else _ALIKE):
            heapq.heappush(queue, (-alike * alike * len(line), number, span))

    for number in range(len(lines)):
        look(number)
    placed: dict[int, Span] = {}
    while queue:
        _, number, (start, end) = heapq.heappop(queue)
        if stream.free(start, end) != [(start, end)]:
            look(number)
            continue
        stream.take(start, end)
        placed[number] = (start, end)
    room = min(window[1] - window[0], sum(map(len, lines)))
    if sum(end - start for start, end in placed.values()) < _SAME * room:
        stream.give_back(list(placed.values()))
        return {}
    return placed


def _best(line: str, stream: str, run: Span, broken: bool) -> tuple[float, Span]:
    """Return how like a line its best place in a part of the stream is, in per cent, and that place.

    It starts and ends between words; inside one where the line before, or this, ends with a hyphen.
    """
    there = partial_ratio_alignment(line, stream[slice(*run)], score_cutoff=_ALIKE)
    if there is None:
        return 0.0, run
    start, end = run[0] + there.dest_start, run[0] + there.dest_end
    hyphen = line.endswith("-")
    reach = max(_SHORT, len(line) // _REACH)

    def likeness(start: int, end: int) -> float:
        part = stream[start:end]
        return ratio(line, f"{part}-" if hyphen and _inside(stream, end) else part)

    starts = [
        at
        for at in range(max(run[0], start - reach), min(end, start + reach))
        if stream[at] != " " and (at == run[0] or stream[at - 1] == " " or broken)
    ]
    if not starts:
        return 0.0, run
    start = max(starts, key=lambda at: (likeness(at, end), stream[at - 1 : at] in ("", " "), -at))
    ends = [
        at
        for at in range(max(start + 1, end - reach), min(run[1], end + reach) + 1)
        if stream[at - 1] != " " and (at == run[1] or stream[at] == " " or hyphen)
    ]
    if not ends:
        return 0.0, run
    end = max(ends, key=lambda at: (likeness(start, at), not _inside(stream, at), at))
    return likeness(start, end), (start, end)


def _inside(stream: str, place: int) -> bool:
    """Say whether a place is inside a word of the stream."""
    return 0 < place < len(stream) and stream[place - 1] != " " and stream[place] != " "


def _witness(page: PageLayout, places: dict[int, Span], stream: _Stream) -> PageLayout | None:
    """Return what a text has of a page, with the places of the printed lines."""
    if not places:
        return None
    lines = page.lines
    texts = {number: _words(lines[number], span, stream) for number, span in places.items()}
    sides = [(lines[number].text, " ".join(words)) for number, words in texts.items()]
    sure = _sure(sides)
    if sure <= _BETTER and _shared(sides) < _FIT:
        return None
    blocks = []
    number = 0
    for block in page.blocks:
        found = []
        for line in block:
            if number in texts:
                found.append(_placed(line, texts[number], sure))
            number += 1
        if found:
            blocks.append(tuple(found))
    return PageLayout(TRANSCRIPT if sure > _BETTER else TEXT, page.width, page.height, tuple(blocks))


def _words(line: TextLine, span: Span, stream: _Stream) -> list[str]:
    """Return the words of the text on a line; a word that either breaks is broken as the line has it."""
    start, end = span
    words: list[str] = []
    at = start
    joined = False
    strays = _strays(stream.text[start:end], line.text)
    stream.give_back([(start + one, start + other) for one, other in strays])
    for word in stream.plain[start:end].split(" "):
        if any(one <= at - start < other for one, other in strays):
            at += len(word) + 1
            joined = False
            continue
        at += len(word)
        whole = words.pop() if joined else ""
        words += _joined(whole, word, line.text).split(" ") if whole else [word]
        joined = at in stream.breaks and at < end
        at += 1
    if _inside(stream.plain, end) and not words[-1].endswith(_HYPHENS):
        words[-1] += "-"
    return words


def _strays(said: str, printed: str) -> list[Span]:
    """Return what is within a line of the text and has no room on the page: another column, a note."""
    edges = [0, *(place for place, sign in enumerate(said) if sign == " "), len(said)]
    room = np.interp(edges, *_along(said, printed))
    found: list[Span] = []
    for (start, end), there in zip(pairwise(edges), np.diff(room), strict=True):
        if there > _ROOM * (end - start):
            continue
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    words = [(start + (said[start] == " "), end) for start, end in found]
    return [(start, end) for start, end in words if _letters(said[start:end]) >= _LETTERS]


def _along(said: str, printed: str) -> tuple[list[int], list[int]]:
    """Return places in a line of the text, and the same places in the printed line."""
    changes = Levenshtein.opcodes(said, key(printed))
    return [0, *(one.src_end for one in changes)], [0, *(one.dest_end for one in changes)]


def _joined(first: str, second: str, line: str) -> str:
    """Return a word that the text breaks as the line has it: whole, with its hyphen, or as two words."""
    forms = (first[:-1] + second, first + second, f"{first} {second}")
    return max(forms, key=lambda form: partial_ratio(key(form), key(line)))


def _shared(lines: Sequence[tuple[str, str]]) -> float:
    """Return the share of the text's words that the page has as they are; lines as for :func:`_sure`."""
    total = shared = 0
    for printed, said in lines:
        theirs = Counter(key(said).split(" "))
        total += theirs.total()
        shared += (theirs & Counter(key(printed).split(" "))).total()
    return shared / max(1, total)


def _sure(lines: Sequence[tuple[str, str]]) -> float:
    """Return how often the text is right where it differs from the page, guessed by the lexicon.

    Args:
        lines: as the page has them and as the text has.
    """
    judge = Judge(load_language(), [TEXT])
    texts = pages = 0
    for printed, said in lines:
        ours, theirs = Counter(printed.split(" ")), Counter(said.split(" "))
        pages += judge.unknown(" ".join((ours - theirs).elements()))
        texts += judge.unknown(" ".join((theirs - ours).elements()))
    return (pages + 1) / (pages + texts + 2)


def _placed(line: TextLine, words: Sequence[str], sure: float) -> TextLine:
    """Give words their places along a printed line."""
    text = " ".join(words)
    marks, lefts, at = [], [], 0
    for word in line.words:
        marks += [at, at + len(word.text)]
        lefts += [word.box.left, word.box.right]
        at += len(word.text) + 1
    across = np.maximum.accumulate(lefts)
    along = _along(key(text), line.text)
    found = []
    at = 0
    for said in words:
        start, end = (float(there) for there in np.interp([at, at + len(said)], *along))
        left, right = (round(float(x)) for x in np.interp([start, end], marks, across))
        beside = line.words[
            min(len(line.words) - 1, int(np.searchsorted(marks[1::2], (start + end) / 2)))
        ].box
        found.append(Word(said, Box(left, beside.top, max(right, left + 1), beside.bottom), sure))
        at += len(said) + 1
    return TextLine(tuple(found))
