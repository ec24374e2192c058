"""An evaluation as tables of short texts, for a terminal, a pipe or a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repair.evaluation.evaluate import Evaluation, Score
from repair.evaluation.measures import CONFIDENCE, Estimate

NOTHING = "–"
"""Stands for a figure that has no meaning."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts.

    Attributes:
        title: what it shows.
        headings: of its columns; the first column is of names, the others of figures.
        rows: of as many texts each.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def percent(share: float | None, places: int = 1) -> str:
    """Write a share as a percentage.

    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return NOTHING if share is None else f"{100 * share:.{places}f} %"


def rounded(value: float | None, places: int = 2) -> str:
    """Write a number with a fixed number of decimals."""
    return NOTHING if value is None else f"{value:.{places}f}"


def tables(found: Evaluation) -> list[Table]:
    """Put an evaluation into tables: the figures, the rules, the classes of damage, the calibration."""
    figures = Table(
        "Figures", ("measure", "before", "after", f"{CONFIDENCE:.0f} % interval"), _figures(found)
    )
    return [
        figures,
        _scores("Edits by rule", "rule", found.rules),
        _scores("Damaged words and edits by class of damage", "class", found.classes),
        Table(
            "Calibration: judged proposals, applied or not",
            ("probability", "proposals", "mean", "right"),
            tuple(
                (
                    f"{row.low:.2f}–{row.high:.2f}",
                    f"{row.proposals:,}",
                    rounded(row.probability if row.proposals else None, 3),
                    rounded(row.right if row.proposals else None, 3),
                )
                for row in found.calibration
            ),
        ),
    ]


def _figures(found: Evaluation) -> tuple[tuple[str, ...], ...]:
    documents = f"{found.documents_worse:,} of {found.documents:,}"
    return (
        ("documents", f"{found.documents:,}", "", ""),
        ("words", f"{found.words:,}", "", ""),
        ("CER", percent(found.cer_before.value, 2), *_shares(found.cer, 2)),
        ("WER", percent(found.wer_before.value, 2), *_shares(found.wer, 2)),
        ("cMER (HIPE-OCRepair 2026)", percent(found.cmer_before.value, 2), *_shares(found.cmer, 2)),
        ("CER cut", "", *_shares(found.cer_cut)),
        ("WER cut", "", *_shares(found.wer_cut)),
        ("cMER cut", "", *_shares(found.cmer_cut)),
        ("damaged words fixed", f"{found.damaged:,}", *_shares(found.fixed)),
        ("words harmed", "", f"{found.harmed:,}", ""),
        ("words harmed per 1,000", "", *_plain(found.harmed_per_thousand)),
        ("documents made worse", "", documents, _interval(found.worse, 1, 100.0, " %")),
        ("documents made better", "", f"{found.documents_better:,}", ""),
        ("edits applied", "", f"{found.applied:,}", ""),
        ("edits to review", "", f"{found.to_review:,}", ""),
        ("precision of applied edits", "", *_shares(found.precision)),
        ("expected calibration error", "", *_plain(found.calibration_error, 3)),
        ("words per second", "", f"{found.words_per_second:,.0f}", ""),
    )


def _shares(estimate: Estimate, places: int = 1) -> tuple[str, str]:
    return percent(estimate.value, places), _interval(estimate, places, 100.0, " %")


def _plain(estimate: Estimate, places: int = 2) -> tuple[str, str]:
    return rounded(estimate.value, places), _interval(estimate, places)


def _interval(estimate: Estimate, places: int, scale: float = 1.0, unit: str = "") -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{scale * estimate.low:.{places}f} to {scale * estimate.high:.{places}f}{unit}"


def _scores(title: str, name: str, scores: Sequence[Score]) -> Table:
    return Table(
        title,
        (name, "applied", "right", "wrong", "harmful", "unjudged", "precision", "damaged", "fixed", "recall"),
        tuple(
            (
                score.name,
                *(
                    f"{count:,}"
                    for count in (score.applied, score.right, score.wrong, score.harmful, score.unjudged)
                ),
                percent(score.precision),
                f"{score.damaged:,}",
                f"{score.fixed:,}",
                percent(score.recall),
            )
            for score in scores
        ),
    )
