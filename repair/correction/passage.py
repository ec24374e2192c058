"""Whether a word stands in a passage that the models do not know: another language, another century."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repair.correction.analysis import Analysis

REACH = 3
"""Words looked at on each side of a word, for strangers."""

PASSAGE, FOREIGN, FOREIGN_TIMES = 12, 0.2, 4.0
"""Words on each side that make a passage; the share of them unknown, and how many times the share in
the whole text, from which it is of another language or century."""

ARCHAIC = 3
"""Spellings of the sixteenth century in a passage that make it one of that time."""


class Passages:
    """The words of a text, by the company that they keep."""

    def __init__(self, analyses: Sequence[Analysis | None]) -> None:
        """Take the analyses of the tokens of a text, None for a sign."""
        self._analyses = analyses
        words = [analysis for analysis in analyses if analysis is not None]
        self._unexplained = sum(map(_unexplained, words)) / (len(words) or 1)

    def strangers(self, place: int) -> int:
        """Return how many of the `REACH` words on each side of a word are strange."""
        return sum(analysis.strange for analysis in self._around(place, REACH))

    def foreign(self, place: int) -> bool:
        """Say whether a word stands in a passage of another language or century.

        Far more of its words are unknown there than in the rest of the text, accents and elisions apart.
        """
        around = list(self._around(place, PASSAGE))
        if sum(bool(analysis.archaic) for analysis in around) >= ARCHAIC:
            return True
        unknown = sum(_unexplained(analysis) for analysis in around)
        return unknown >= FOREIGN * len(around) and unknown > FOREIGN_TIMES * self._unexplained * len(around)

    def _around(self, place: int, reach: int) -> Iterator[Analysis]:
        """Yield the words before a place and after it, so many on each side."""
        for step in (-1, 1):
            seen, at = 0, place + step
            while 0 <= at < len(self._analyses) and seen < reach:
                analysis = self._analyses[at]
                if analysis is not None:
                    seen += 1
                    yield analysis
                at += step


def _unexplained(analysis: Analysis) -> bool:
    return not (analysis.known or analysis.protected or analysis.explained)
