"""The part of the results that is about many short documents."""

from __future__ import annotations

from collections.abc import Sequence

from bench.corpus import BARE, CHANGED, WORDS, Measured, Ran
from bench.page import Row, goal, markdown, misses_first
from bench.staged import STAGES
from repair.evaluation.report import NOTHING, rounded
from repair.pipeline import DIPLOMATIC, NORMALISED

TITLE = "# Many short documents"
_GIGA = 1e9
_SHARE = "{:.0%}".format
_TIMES = "{:.2f} ×".format


def part(told: str, found: Sequence[Measured]) -> str:
    """Write the part.

    Args:
        told: when, where and how it was measured.
        found: what was measured, the smallest corpus first.
    """
    goals = markdown(("asked", "must", "aim", "measured", "met"), misses_first(goal_rows(found)))
    speed = markdown(_SPEED, [_speed_row(one) for one in found])
    runs = markdown(_RUNS, [row for one in found for row in _run_rows(one)])
    return (
        f"{TITLE}\n\n{told}\n\n## What is asked, misses first\n\n{goals}\n\n{_LEGEND}\n\n{speed}\n\n{runs}\n"
    )


def goal_rows(found: Sequence[Measured]) -> list[Row]:
    """Return what is asked beside what was measured: of the largest corpus, and of how it grew to it."""
    first, last = found[0], found[-1]
    many = f"{last.documents:,} documents"
    rest = last.empty.seconds + 2 + 0.01 * last.two.seconds
    rows = [
        goal(f"{many}: cost beside the loop of `repair_text`", 0.2, None, overhead(last), _SHARE, most=True),
        goal(
            f"{many}: cost beside the same for the normalised edition, as the run makes both",
            0.2,
            None,
            overhead(last, NORMALISED),
            _SHARE,
            most=True,
        ),
        goal(
            f"{many}: words a second, two processors against one",
            1.9,
            None,
            last.one.seconds / last.two.seconds,
            _TIMES,
        ),
        goal(
            f"{many}: nothing changed, seconds (an empty flow + 2 + 1 % of the first)",
            rest,
            None,
            last.nothing.seconds,
            rounded,
            most=True,
        ),
        goal(
            f"{many}: {CHANGED} changed, seconds (the same + their share of the first)",
            rest + last.two.seconds * CHANGED / last.documents,
            None,
            last.ten.seconds,
            rounded,
            most=True,
        ),
    ]
    if first is not last:
        sizes = f"{last.documents:,} documents against {first.documents:,}"
        growth = (last.one.worked / last.documents) / (first.one.worked / first.documents)
        rows.append(goal(f"{sizes}: the processor's time a document", 1.2, 1, growth, _TIMES, most=True))
        if last.two.memory and first.two.memory:
            more = last.two.memory / first.two.memory
            rows.append(goal(f"{sizes}: memory", 1.2, 1, more, _TIMES, most=True))
    return rows


def overhead(one: Measured, edition: str = DIPLOMATIC) -> float:
    """Return what a whole run on one processor costs more than the bare loop, as a share of that."""
    return one.one.worked / (one.bare[edition] * one.words) - 1


_SPEED = (
    "documents",
    "words",
    "bare loop, words/s",
    "normalised, words/s",
    "one processor, words/s",
    "two, words/s",
    "two against one",
    "the processor's time beside the bare loop",
    "checks of documents, of that",
)


def _speed_row(one: Measured) -> Row:
    return (
        f"{one.documents:,}",
        f"{one.words:,}",
        *(f"{1 / one.bare[edition]:,.0f}" for edition in (DIPLOMATIC, NORMALISED)),
        *(f"{one.words / ran.seconds:,.0f}" for ran in (one.one, one.two)),
        _TIMES(one.one.seconds / one.two.seconds),
        _TIMES(1 + overhead(one)),
        f"{one.one.judged / one.one.worked:.0%}",
    )


_RUNS = ("documents", "run", "seconds", *STAGES, "of the processor", "memory, GB")


def _run_rows(one: Measured) -> list[Row]:
    named = {
        "one processor": one.one,
        "two processors": one.two,
        "nothing changed": one.nothing,
        f"{CHANGED} changed": one.ten,
        "an empty flow": one.empty,
    }
    return [_run_row(one.documents, name, ran) for name, ran in named.items()]


def _run_row(documents: int, name: str, ran: Ran) -> Row:
    stages = [rounded(ran.stages[stage]) if ran.stages[stage] else NOTHING for stage in STAGES]
    memory = NOTHING if ran.memory is None else rounded(ran.memory / _GIGA)
    return (f"{documents:,}", name, rounded(ran.seconds), *stages, rounded(ran.worked), memory)


_LEGEND = f"""Documents of some {WORDS} words, made of pieces of the samples. *Bare loop*: `repair_text` over
{BARE:,} of them at most, in a process that opened its dictionaries before; *normalised*: the same for the
other edition, which finds structure and typography too: a run does, for every document. *One processor*:
`prote run` from the call to the end with all that it starts held on one processor, Prefect's server too;
*two*: on two, with two workers. Seconds of the stages are of the whole machine; *start* is from the call
until the first document, *recall* what the corpus has its documents processed again for. *Nothing changed*
and *{CHANGED} changed* run after *two processors*, in the same folder. Memory: the most that the program and
all it started held at one time (PSS, looked at every two seconds)."""
