"""Several readings of one page become one: each segment of each line is chosen by its witnesses.

:func:`vote` gives the page with the probability of each word, and the edits that make it of the *base*,
the reading whose lines and order are kept: each names what every engine read there, so that the
losers stay in the ledger. Specks that an engine made letters of are left out, lines that the base lacks
put in, by edits like any other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from repair.edits import Decision, Edit, Evidence, Kind
from repair.language import load_language
from repair.reading.align import key
from repair.reading.ballot import TESSERACT, Candidate, Judge, Line, confidence
from repair.reading.layout import PageLayout, TextLine
from repair.reading.match import match_lines
from repair.reading.stamps import stamp_of

VOTE, SPECK, MISSED, STAMP = "reading-vote", "reading-speck", "reading-missed", "library-stamp"

_SPECK, _LONE = 0.4, 0.6
"""Confidence below which a row is a speck: of the surest of several readings, and of one alone."""
_MOST = 0.6
"""A reading with less text than this share of the longest lost lines, and is no base."""
_DOUBTFUL = 0.6
"""Probability of the chosen reading under which a curator is asked."""
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W_])")
_CURLY = 0.1
"""Share of the apostrophes that an engine reads as ’ from which the page prints it."""


@dataclass(frozen=True, slots=True)
class Voted:
    """What the readings of a page come to.

    Attributes:
        base: the reading that the edits are of.
        page: the page as chosen; the confidence of a word is the probability that it is right.
        edits: that make ``page``'s lines of the text of `base`, a line end after it.
        disagreement: share of the signs in which the readings differ, from 0 to 1; 0 for one alone.
    """

    base: PageLayout
    page: PageLayout
    edits: tuple[Edit, ...]
    disagreement: float


def vote(readings: Sequence[PageLayout]) -> Voted:
    """Choose among readings of one page.

    Args:
        readings: at least one; of equals the earlier is believed. The first that has read most of what
            any has is the base.
    """
    most = max(len(page.text) for page in readings)
    ordered = sorted(readings, key=lambda page: len(page.text) < _MOST * most)
    if len(ordered) == 1:
        return Voted(ordered[0], ordered[0], (), 0.0)
    count = _Count(ordered)
    for row in match_lines(ordered):
        count.line(Line(row))
    return count.result()


@dataclass(frozen=True, slots=True)
class _Choice:
    """A segment of a line: the candidates with their probabilities, the best first."""

    ranked: tuple[tuple[Candidate, float], ...]
    text: str  # of the best, apostrophes as the page prints them
    readings: tuple[str | None, ...]


class _Count:
    """Counts the votes of a page, line by line."""

    def __init__(self, readings: Sequence[PageLayout]) -> None:
        self._readings = readings
        self._judge = Judge(load_language(), [_family(page) for page in readings])
        self._apostrophe = _apostrophe(readings)
        self._text = readings[0].text + "\n"
        self._places = _line_places(readings[0])
        self._blocks: dict[int, list[TextLine]] = {}
        self._edits: list[Edit] = []
        self._missed: dict[int, list[tuple[str, float, list[str]]]] = {}  # by the place they go to
        self._anchor = 0  # end of the last line of the base that is kept
        self._before: list[int] = []
        self._broken = False
        self._signs = self._differing = 0

    def line(self, line: Line) -> None:
        """Count the votes of the next line."""
        if not self._is_text(line):
            self._leave_out(line, SPECK)
            return
        library = stamp_of(max(line.texts, key=len), line.row.box, self._readings[0].height)
        if library:
            self._leave_out(line, STAMP, Evidence("stamp", f"{library} puts it on its images"))
            return
        choices = self._choose(line)
        words = tuple(
            replace(word, text=_APOSTROPHE.sub(self._apostrophe, word.text), confidence=choice.ranked[0][1])
            for choice in choices
            for word in choice.ranked[0][0].words
        )
        if not words:
            return
        self._blocks.setdefault(line.row.block, []).append(TextLine(words))
        self._broken = words[-1].text.endswith(("-", "¬"))
        self._measure(line)
        if line.row.line is None:
            sure = min(choice.ranked[0][1] for choice in choices)
            text = " ".join(word.text for word in words)
            self._missed.setdefault(self._anchor, []).append((text, sure, self._heard(line.texts)))
        else:
            start, self._anchor = self._places[line.row.line]
            if line.segments[0][0] is None:  # nothing in it is like the others
                self._replace_line(line, choices, start)
            else:
                self._edit_line(line, choices, start)

    def result(self) -> Voted:
        """Return what came of the page."""
        for place, lines in self._missed.items():
            texts = [text for text, _, _ in lines]
            after = (
                "".join(f"\n{text}" for text in texts) if place else "".join(f"{text}\n" for text in texts)
            )
            heard = tuple(Evidence("reading", said) for _, _, found in lines for said in found)
            sure = min(sure for _, sure, _ in lines)
            self._edits.append(_edit(place, place, "", after, MISSED, sure, heard))
        base = self._readings[0]
        page = PageLayout(
            " + ".join(page.engine for page in self._readings),
            base.width,
            base.height,
            tuple(tuple(lines) for _, lines in sorted(self._blocks.items())),
        )
        edits = tuple(sorted(self._edits, key=lambda edit: (edit.start, edit.end)))
        return Voted(base, page, edits, self._differing / max(1, self._signs))

    def _is_text(self, line: Line) -> bool:
        """Say whether a row is a line of the page, or a speck that an engine made letters of.

        On 50 pages 1,299 of the 1,330 rows that two readings have are text, and 4 of the 98 that one has.
        """
        heard = [
            (confidence(words), text) for words, text in zip(line.row.words, line.texts, strict=True) if text
        ]
        most, text = max(heard)
        if len(heard) > 1:
            return most >= _SPECK
        signs = [piece for piece in self._judge.pieces(text) if piece[0].isalnum()]
        return most >= _LONE and len("".join(signs)) > 1 and 2 * self._judge.unknown(text) <= len(signs)

    def _choose(self, line: Line) -> list[_Choice]:
        """Choose the segments of a line from left to right."""
        ballots = [line.candidates(number) for number in range(len(line.segments))]
        choices = []
        for number, ballot in enumerate(ballots):
            readings = line.readings(number)
            last = number == len(ballots) - 1
            chances = [1.0]
            if len(ballot) > 1:
                following = "" if last else max(ballots[number + 1], key=lambda one: len(one.sure)).text
                context = self._before, self._judge.ids(following)[:1]
                first = self._broken and not number
                chances = self._judge.probabilities(
                    [self._judge.features(one, readings, *context, first=first, last=last) for one in ballot]
                )
            ranked = sorted(zip(ballot, chances, strict=True), key=lambda found: -found[1])
            text = _APOSTROPHE.sub(self._apostrophe, ranked[0][0].text)
            choices.append(_Choice(tuple(ranked), text, tuple(readings)))
            self._before = [*self._before, *self._judge.ids(text)][-2:]
        return choices

    def _measure(self, line: Line) -> None:
        """Count the signs in which the first reading of a line and its likest other differ."""
        first, *others = line.texts
        self._signs += max(map(len, line.texts))
        self._differing += min(Levenshtein.distance(key(first), key(other)) for other in others)

    def _heard(self, readings: Sequence[str | None]) -> list[str]:
        return [
            f"{page.engine} reads « {text} »"
            for page, text in zip(self._readings, readings, strict=True)
            if text is not None
        ]

    def _leave_out(self, line: Line, rule: str, *why: Evidence) -> None:
        if line.row.line is None:
            return
        start, end = self._places[line.row.line]
        heard = (Evidence("reading", said) for said in self._heard([text or None for text in line.texts]))
        self._edits.append(_edit(start, end + 1, self._text[start : end + 1], "", rule, 1.0, (*why, *heard)))

    def _replace_line(self, line: Line, choices: Sequence[_Choice], start: int) -> None:
        text = " ".join(choice.text for choice in choices if choice.text)
        evidence = tuple(Evidence("reading", said) for said in self._heard(line.texts))
        sure = min(choice.ranked[0][1] for choice in choices)
        before = self._text[start : self._anchor]
        if text != before:
            self._edits.append(_edit(start, self._anchor, before, text, VOTE, sure, evidence))

    def _edit_line(self, line: Line, choices: Sequence[_Choice], start: int) -> None:
        """Propose the edits that make the chosen line of the base's."""
        for segment, choice in zip(line.segments, choices, strict=True):
            low, high = segment[0] or (0, 0)
            low, high = low + start, high + start
            before, after = self._text[low:high], choice.text
            probability = choice.ranked[0][1]
            decision = Decision.APPLIED
            if before == after:
                if len(choice.ranked) == 1:
                    continue
                (_, _), (other, probability) = choice.ranked[:2]
                after = _APOSTROPHE.sub(self._apostrophe, other.text)
                doubtful = choice.ranked[0][1] < _DOUBTFUL
                decision = Decision.REVIEW if doubtful else Decision.LEFT
            if not after:  # a word gone, and a space with it
                low, high = (low, high + 1) if self._text[high] == " " else (max(start, low - 1), high)
                before = self._text[low:high]
            elif not before:
                after = f"{after} " if self._text[high] != "\n" or low == start else f" {after}"
            if before == after:
                continue
            evidence = tuple(Evidence("reading", said) for said in self._heard(choice.readings))
            self._edits.append(_edit(low, high, before, after, VOTE, probability, evidence, decision))


def _edit(
    start: int,
    end: int,
    before: str,
    after: str,
    rule: str,
    probability: float,
    evidence: tuple[Evidence, ...],
    decision: Decision = Decision.APPLIED,
) -> Edit:
    return Edit(start, end, before, after, Kind.REPAIR, rule, probability, decision, evidence)


def _line_places(page: PageLayout) -> list[tuple[int, int]]:
    """Return where each line stands in the text of a page."""
    places = []
    at = 0
    for block in page.blocks:
        for line in block:
            places.append((at, at + len(line.text)))
            at += len(line.text) + 1
        at += 1
    return places


def _apostrophe(readings: Sequence[PageLayout]) -> str:
    """Return the form of the apostrophe that a page prints: no page mixes them, engines do.

    Tesseract reads ’ as ' half of the time, and hardly ever ' as ’: on 50 pages it gave ’ for a quarter to
    nearly all where they print it, and for at most 3 % where they do not. RapidOCR cannot tell them apart.
    """
    family = [page for page in readings if _family(page) == TESSERACT] or readings
    found = Counter("".join(_APOSTROPHE.findall("".join(page.text for page in family))))
    return "’" if found["’"] > _CURLY * found.total() else "'"


def _family(page: PageLayout) -> str:
    return page.engine.split(" ", 1)[0]
