"""The part of the results that is about long documents."""

from __future__ import annotations

from bench.page import Row, goal, markdown, misses_first
from bench.scale import Measured, Scale
from repair.evaluation.report import NOTHING, rounded

TITLE = "# Long documents"
_GIGA = 1e9


def part(told: str, scale: Scale) -> str:
    """Write the part.

    Args:
        told: when, where and how it was measured.
        scale: what was measured.
    """
    goals = markdown(("asked", "must", "aim", "measured", "met"), misses_first(goal_rows(scale)))
    table = markdown(_HEADINGS, [_row(one) for one in (scale.one, scale.two, scale.long)])
    machine = f"The machine itself: two bare readers read {scale.bare:.2f} times the pages of one."
    asked = f"## What is asked, misses first\n\n{goals}\n\n{machine}"
    return f"{TITLE}\n\n{told}\n\n{asked}\n\n{_LEGEND}\n\n{table}\n"


def goal_rows(scale: Scale) -> list[Row]:
    """Return what is asked beside what was measured."""
    memory = None if scale.long.memory is None else scale.long.memory / _GIGA
    return [
        goal(
            f"{scale.two.pages}-page PDF: pages a minute, two workers against one",
            1.9,
            None,
            scale.two.pages_a_minute / scale.one.pages_a_minute,
            "{:.2f} ×".format,
        ),
        goal(f"{scale.long.pages}-page PDF: memory of all processes, GB", 1.5, 1, memory, rounded, most=True),
    ]


_HEADINGS = (
    "PDF",
    "workers",
    "read by engines",
    "found kept",
    "seconds",
    "pages a minute",
    "memory, GB",
    "parts",
)


def _row(one: Measured) -> Row:
    return (
        f"{one.pages} pages",
        str(one.workers),
        str(one.cold),
        str(one.pages - one.cold),
        f"{one.seconds:,.0f}",
        f"{one.pages_a_minute:.1f}",
        NOTHING if one.memory is None else rounded(one.memory / _GIGA),
        str(one.parts),
    )


_LEGEND = """`prote run` on one PDF, from the call to the end, publication included. *Read by engines*: pages
that no reading was kept of; *found kept*: exact repetitions of those. *Pages a minute*: of the
pages that engines read. *Memory*: the most that the program and all it started held at one time
(PSS, looked at every quarter of a second), of the long one alone: to look takes time. *Parts*: a
run that was cut short and taken up again has more than one; its seconds are added. *The machine
itself*: two processes that do nothing but read the same pages with the engines, beside one of
them: the most that two workers can gain here."""
