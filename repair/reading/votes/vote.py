"""Several readings of one page become one: each segment of each line is chosen by its witnesses.

:func:`vote` gives the page with the probability of each word, and a ledger of what lost: for every place
where the readings differ an edit that is *left alone*, or *to review* where the choice is close, with what
each engine read there; so too for the specks that an engine made letters of, and for library stamps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from repair.edits import Decision, Edit, Evidence, Kind
from repair.language import load_language
from repair.layout import PageLayout, TextLine, Word
from repair.reading.votes.align import key
from repair.reading.votes.ballot import TESSERACT, TEXT, TRANSCRIPT, Candidate, Judge, Line, confidence
from repair.reading.votes.match import match_lines
from repair.reading.votes.stamps import stamp_of

VOTE, SPECK, STAMP = "reading-vote", "reading-speck", "library-stamp"

_SPECK, _LONE = 0.4, 0.6
"""Confidence below which a row is a speck: of the surest of several readings, and of one alone."""
_MOST = 0.6
"""A reading with less text than this share of the longest lost lines, and is no base."""
_DOUBTFUL = 0.6
"""Probability of the chosen reading under which a curator is asked."""
_FOLIO = re.compile(r"[-–—(] ?\d{1,4} ?[-–—)]|\d{1,4}\.")
"""A page number as it is set; a bare figure of one sign may be a speck."""
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W_])")
_CURLY = 0.1
"""Share of the apostrophes that an engine reads as ’ from which the page prints it."""


@dataclass(frozen=True, slots=True)
class Voted:
    """What the readings of a page come to.

    Attributes:
        page: the page as chosen; the confidence of a word is the probability that it is right.
        losers: what was not chosen, none of it applied; spans in `page.text`, in order.
        disagreement: of the engines with one another and with what was chosen (:func:`disagreement`), from
            0 to 1. Without a correct text it is the best sign of how well a page was read: over 50 pages its
            rank correlation with the error rate is 0.78 in order, 0.81 with lines matched. Nothing is fitted.
    """

    page: PageLayout
    losers: tuple[Edit, ...]
    disagreement: float


def vote(readings: Sequence[PageLayout]) -> Voted:
    """Choose among readings of one page.

    Args:
        readings: at least one; of equals the earlier is believed. The first that has read most of what
            any has is the base: its blocks and its order are kept.
    """
    most = max(len(page.text) for page in readings)
    ordered = sorted(readings, key=lambda page: len(page.text) < _MOST * most)
    if len(ordered) == 1:
        return Voted(ordered[0], (), 0.0)
    count = _Count(ordered)
    for row in match_lines(ordered):
        count.line(Line(row))
    voted = count.result()
    # A text without places is no engine: how damaged it is, or what it mended, says nothing of the scan.
    engines = [page for page in ordered if _family(page) not in (TEXT, TRANSCRIPT)]
    if len(engines) == len(ordered):
        return voted
    return replace(voted, disagreement=vote(engines).disagreement if engines else 0.0)


def disagreement(engines: Sequence[PageLayout], chosen: PageLayout) -> float:
    """Return how far the first engine is from another and from what was chosen, from 0 to 1; 0 for one alone.

    It is the mean of two shares of the page's signs, in reading order: those in which the first two engines
    differ, and those of the first that the vote did not keep. What differs shows how hard the page is to
    read; what was not kept, how often the reading that gives order and lines failed (specks, lost lines).
    """
    one, *others = engines
    others = [page for page in others if _family(page) != _family(one)] or others
    if not others:
        return 0.0
    return (_apart(one, others[0]) + _apart(one, chosen)) / 2


def _apart(one: PageLayout, other: PageLayout) -> float:
    """Return in what share of its signs a page differs from another, spaces counted."""
    texts = [" ".join(key(page.text).split()) for page in (one, other)]
    return Levenshtein.distance(*texts) / max(1, *map(len, texts))


def _family(page: PageLayout) -> str:
    return page.engine.split(" ", 1)[0]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A segment of a line: its candidates with their probabilities, the best first, and all readings."""

    ranked: tuple[tuple[Candidate, float], ...]
    readings: tuple[str | None, ...]


class _Count:
    """Counts the votes of a page, line by line."""

    def __init__(self, readings: Sequence[PageLayout]) -> None:
        self._readings = readings
        self._judge = Judge(load_language(), [_family(page) for page in readings])
        self._apostrophe = _apostrophe(readings)
        self._blocks: list[list[TextLine]] = []
        self._block = -1
        self._losers: list[Edit] = []
        self._end = 0  # of the text chosen so far
        self._before: list[int] = []
        self._broken = False  # whether the line before ends inside a word

    def line(self, line: Line) -> None:
        """Count the votes of the next line."""
        if line.at_odds:
            line = self._one_side(line)
        library = stamp_of(max(line.texts, key=len), line.row.box, self._readings[0].height)
        if library:
            self._leave_out(line, STAMP, Evidence("stamp", f"{library} puts it on its images"))
        elif not self._is_text(line):
            self._leave_out(line, SPECK)
        else:
            self._add(line, self._choose(line))

    def result(self) -> Voted:
        """Return what came of the page."""
        base = self._readings[0]
        engines = " + ".join(page.engine for page in self._readings)
        page = PageLayout(engines, base.width, base.height, tuple(map(tuple, self._blocks)))
        return Voted(page, tuple(self._losers), disagreement(self._readings, page))

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
        if most < _LONE:
            return False
        if _FOLIO.fullmatch(text):
            return True
        words = [piece for piece in self._judge.pieces(text) if piece[0].isalnum()]
        unknown = self._judge.unknown(text, last=True)
        return sum(map(str.isalnum, text)) > 1 and 2 * unknown <= len(words)

    def _one_side(self, line: Line) -> Line:
        """Return a line whose readings are at odds, with the likeliest as the one to be believed.

        Here two engines looked at specks, a stamp, handwriting, or one of them failed: word by word nothing
        can be chosen, and of two readings the first is no better for being first.
        """
        sides = {number: text for number, text in enumerate(line.texts) if text}
        ballot = [
            Candidate(text, tuple(line.row.words[number]), {number: confidence(line.row.words[number])})
            for number, text in sides.items()
        ]
        readings = [text or None for text in line.texts]
        chances = self._judge.probabilities(
            [
                self._judge.features(one, readings, self._before, [], first=self._broken, last=True)
                for one in ballot
            ]
        )
        best = max(range(len(ballot)), key=chances.__getitem__)
        return Line(line.row, list(sides)[best])

    def _choose(self, line: Line) -> list[_Choice]:
        """Choose the segments of a line from left to right."""
        ballots = [line.candidates(number) for number in range(len(line.segments))]
        choices = []
        for number, ballot in enumerate(ballots):
            readings = line.readings(number)
            (certain, *others) = ballot[0].sure.values()
            chances = [
                1.0 if others else certain
            ]  # that one engine says of itself, where no other has read it
            if len(ballot) > 1:
                last = number == len(ballots) - 1
                following = "" if last else max(ballots[number + 1], key=lambda one: len(one.sure)).text
                after = self._judge.ids(following)[:1]
                first = self._broken and not number
                chances = self._judge.probabilities(
                    [
                        self._judge.features(one, readings, self._before, after, first=first, last=last)
                        for one in ballot
                    ]
                )
            ranked = sorted(zip(ballot, chances, strict=True), key=lambda found: -found[1])
            choices.append(_Choice(tuple(ranked), tuple(readings)))
            self._before = [*self._before, *self._judge.ids(ranked[0][0].text)][-2:]
        return choices

    def _add(self, line: Line, choices: Sequence[_Choice]) -> None:
        """Add a line to the page, and what lost in it to the ledger."""
        if not any(choice.ranked[0][0].words for choice in choices):
            return
        opens = line.row.block != self._block
        start = self._end + (1 + opens if self._blocks else 0)
        words: list[Word] = []
        at = start
        for choice in choices:
            best, probability = choice.ranked[0]
            text = self._printed(best.text)
            words += [
                replace(word, text=self._printed(word.text), confidence=probability) for word in best.words
            ]
            if len(choice.ranked) > 1:
                other, chance = choice.ranked[1]
                decision = Decision.REVIEW if probability < _DOUBTFUL else Decision.LEFT
                self._lose(
                    at, text, self._printed(other.text), VOTE, chance, decision, self._heard(choice.readings)
                )
            at += len(text) + 1 if text else 0
        if opens:
            self._blocks.append([])
            self._block = line.row.block
        self._blocks[-1].append(TextLine(tuple(words)))
        self._end = at - 1
        self._broken = words[-1].text.endswith(("-", "¬"))
        for text, span in zip(line.texts, line.segments[0], strict=True):
            if text and span is None:  # nothing in it is like the others
                after, heard = f"\n{text}", self._heard([each or None for each in line.texts])
                self._lose(self._end, "", after, VOTE, 0.0, Decision.LEFT, heard)

    def _leave_out(self, line: Line, rule: str, *why: Evidence) -> None:
        text = max(line.texts, key=len)
        after = f"\n{text}" if self._blocks else f"{text}\n"
        heard = self._heard([text or None for text in line.texts])
        self._lose(self._end, "", after, rule, 0.0, Decision.LEFT, (*why, *heard))

    def _lose(
        self,
        start: int,
        before: str,
        after: str,
        rule: str,
        probability: float,
        decision: Decision,
        evidence: tuple[Evidence, ...],
    ) -> None:
        end = start + len(before)
        self._losers.append(
            Edit(start, end, before, after, Kind.REPAIR, rule, probability, decision, evidence)
        )

    def _heard(self, readings: Sequence[str | None]) -> tuple[Evidence, ...]:
        return tuple(
            Evidence("reading", f"{page.engine}: « {text} »")
            for page, text in zip(self._readings, readings, strict=True)
            if text is not None
        )

    def _printed(self, text: str) -> str:
        return _APOSTROPHE.sub(self._apostrophe, text)


def _apostrophe(readings: Sequence[PageLayout]) -> str:
    """Return the form of the apostrophe that a page prints: no page mixes them, engines do.

    Tesseract reads ’ as ' half of the time, and hardly ever ' as ’: on 50 pages it gave ’ for a quarter to
    nearly all where they print it, and for at most 3 % where they do not. RapidOCR cannot tell them apart.
    """
    family = [page for page in readings if _family(page) == TESSERACT] or readings
    found = Counter("".join(_APOSTROPHE.findall("".join(page.text for page in family))))
    return "’" if found["’"] > _CURLY * found.total() else "'"
