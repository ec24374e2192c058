"""The part of the results that is about publishing."""

from __future__ import annotations

from collections.abc import Sequence

from bench.page import Row, goal, markdown, misses_first
from bench.releases import CHANGED, Published
from repair.evaluation.report import rounded

TITLE = "# Publishing"
_GIGA = 1e9
_LEGEND = f"""Documents of 10,000 signs, from a ledger that is ready, each with a line of its own. *again*:
with {CHANGED} documents changed. *nothing new*: with none. Memory is of the process that did all four. *of
the processor*: what it worked of the seconds before; growth is judged by it, as the machine is shared."""
_HEADINGS = (
    "documents",
    "seconds",
    "of the processor",
    "milliseconds of it a document",
    "again, seconds",
    "of the processor",
    "of the first, %",
    "nothing new, seconds",
    "verified, seconds",
    "memory, GB",
    "release, GB",
)


def part(told: str, found: Sequence[Published]) -> str:
    """Write the part.

    Args:
        told: when, where and how it was measured.
        found: what was measured, the smallest corpus first.
    """
    goals = markdown(("asked", "must", "aim", "measured", "met"), misses_first(goal_rows(found)))
    table = markdown(_HEADINGS, [_row(one) for one in found])
    return f"{TITLE}\n\n{told}\n\n## What is asked, misses first\n\n{goals}\n\n{_LEGEND}\n\n{table}\n"


def goal_rows(found: Sequence[Published]) -> list[Row]:
    """Return what is asked beside what was measured: memory and time of the largest corpus."""
    first, last = found[0], found[-1]
    growth = (last.worked / last.documents) / (first.worked / first.documents)
    return [
        goal(
            f"memory to publish {last.documents:,} documents, GB",
            1,
            None,
            last.memory / _GIGA,
            rounded,
            most=True,
        ),
        goal(
            f"time of the processor a document, {last.documents:,} against {first.documents:,}",
            1.2,
            1,
            growth,
            "{:.2f} ×".format,
            most=True,
        ),
        goal(
            f"{CHANGED} of {last.documents:,} changed: time against the first publication, %",
            2,
            None,
            100 * last.again / last.first,
            rounded,
            most=True,
        ),
    ]


def _row(one: Published) -> Row:
    return (
        f"{one.documents:,}",
        f"{one.first:,.0f}",
        f"{one.worked:,.0f}",
        rounded(1000 * one.worked / one.documents),
        rounded(one.again),
        rounded(one.worked_again),
        rounded(100 * one.again / one.first),
        rounded(one.nothing),
        f"{one.checked:,.0f}",
        rounded(one.memory / _GIGA),
        rounded(one.bytes / _GIGA),
    )
