"""The page that a curator opens in the morning: how the corpus stands, what changed, what waits for him."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from release.compare import Change
from release.layout import SHORT_ID
from release.pages import trend
from release.pages.environment import environment
from release.pages.failures import Failing
from repair.document import Status

if TYPE_CHECKING:  # it has these pages written
    from release.history import Judgement, Publication

PUBLICATIONS_SHOWN = 400
"""In the plot and its table; ``clean/changes/`` has all."""
_TEMPLATES = ("base", "macros", "changes", "plot", "morning")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document with doubtful edits, and how many."""

    name: str
    status: Status
    doubts: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the current release stands; `damage_before` and `damage_after` are of the words that have text."""

    counts: Mapping[Status, int]
    words: int
    damage_before: float
    damage_after: float
    doubts: int
    doubtful: Sequence[Waiting]
    failing: Sequence[Failing]


@dataclass(frozen=True, slots=True)
class Aside:
    """A release that is kept aside: its ID, and what was said of it."""

    release: str
    judged: Judgement


def morning_page(
    made_of: str,
    current: str,
    standing: Standing | None,
    told: Sequence[Publication],
    held: Sequence[Aside],
    *,
    reports: Collection[str],
    data_docs: bool,
) -> Iterator[str]:
    """Yield the page, piece by piece.

    Args:
        made_of: a sum of all that it says.
        current: ID of the current release; empty where there is none.
        standing: how that stands; None where it cannot be read.
        told: what was published, in order.
        held: the releases that are kept aside.
        reports: IDs of the releases that are still there.
        data_docs: whether there are pages of Great Expectations.
    """
    shown = told[-PUBLICATIONS_SHOWN:]
    figures = [publication.figures for publication in shown]
    plots = {
        "documents": trend.stacked(
            [status.value for status in Status],
            [[getattr(one.documents, status.value) for one in figures] for status in Status],
        ),
        "before": trend.line("before", [one.damage_before for one in figures]),
        "after": trend.line("after", [one.damage_after for one in figures]),
    }
    return (
        environment()
        .get_template("morning.html.j2")
        .generate(
            made_of=made_of,
            current=current,
            standing=standing,
            told=shown,
            earlier=len(told) - len(shown),
            plots=plots,
            held=held,
            reports=reports,
            data_docs=data_docs,
            Change=Change,
            short=SHORT_ID,
        )
    )


@lru_cache(maxsize=1)
def page_sum() -> str:
    """Return a sum of what the page is made with: another version of the program makes it again."""
    loader = environment().loader
    assert loader is not None  # noqa: S101 - ours has one
    files = [f"{name}.html.j2" for name in _TEMPLATES] + ["report.css", "report.js"]
    sources = "\0".join(loader.get_source(environment(), file)[0] for file in files)
    return hashlib.sha256(sources.encode()).hexdigest()
