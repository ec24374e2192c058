"""The first page of a release's report: the corpus at a glance, what fails, damage, rules, its documents."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from release.pages.environment import environment
from release.pages.failures import Failures
from release.records import LedgerCounts
from release.rows import DocumentRow
from release.sums import Sums
from repair.document import Reason, Status

ROWS_SHOWN = 5_000
"""Documents listed on the first page; beyond that those that need nobody are left out."""
CLASSES_SHOWN = 100
"""Classes of damage shown,"""
RULES_SHOWN = 200
"""rules,"""
CHOICES_SHOWN = 200
"""and genres or folders that the documents can be chosen by."""

_ATTENTION = {Status.QUARANTINE: 0, Status.REVIEW: 1, Status.PUBLISHED: 2}


class Listed(msgspec.Struct, frozen=True):
    """The columns of a document's row that the page is about: to read the others takes twice as long."""

    name: str
    path: str
    status: Status
    reasons: tuple[Reason, ...]
    genre: str | None
    words: int | None
    damage_before: float | None
    damage_after: float | None
    edits: LedgerCounts


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the documents that have text; `damage_before` and `damage_after` are of their words."""

    documents: int
    counts: Mapping[Status, int]
    words: int
    damage_before: float
    damage_after: float
    repairs: int
    doubts: int


def corpus_page(
    rows: Iterable[Listed | DocumentRow], versions: Mapping[str, str], sums: Sums
) -> Iterator[str]:
    """Yield the first page, those documents first that are in need.

    Args:
        rows: of the documents; consumed once.
        versions: what the release was made with.
        sums: what its edits and its damage come to.
    """
    counts: Counter[Status] = Counter()
    genres: Counter[str] = Counter()
    collections: Counter[str] = Counter()
    failures = Failures()
    words = repairs = doubts = 0
    before = after = 0.0

    def counted() -> Iterator[Listed | DocumentRow]:
        nonlocal words, repairs, doubts, before, after
        for row in rows:
            counts[row.status] += 1
            genres[row.genre or ""] += 1
            collections[collection(row.path)] += 1
            failures.add(row.name, row.reasons)
            if row.status is not Status.QUARANTINE:
                words += row.words or 0
                before += (row.damage_before or 0.0) * (row.words or 0)
                after += (row.damage_after or 0.0) * (row.words or 0)
                repairs += row.edits.repair.applied
                doubts += row.edits.doubtful
            yield row

    shown = heapq.nsmallest(
        ROWS_SHOWN, counted(), key=lambda row: (_ATTENTION[row.status], -row.edits.doubtful, row.name)
    )
    totals = Totals(
        sum(counts.values()),
        {status: counts[status] for status in Status},
        words,
        before / words if words else 0.0,
        after / words if words else 0.0,
        repairs,
        doubts,
    )
    return (
        environment()
        .get_template("index.html.j2")
        .generate(
            rows=shown,
            totals=totals,
            worst=max((row.damage_before or 0.0 for row in shown), default=0.0),
            versions=versions,
            failing=failures.all(),
            genres=_choices(genres),
            collections=_choices(collections),
            collection=collection,
            sums=sums,
            classes_shown=CLASSES_SHOWN,
            rules_shown=RULES_SHOWN,
        )
    )


def collection(path: str) -> str:
    """Return the folder of a raw file below the raw folder; empty for one that is in none."""
    return path.rpartition("/")[0]


def _choices(counts: Counter[str]) -> list[str]:
    """Return what documents can be chosen by, the most frequent where there are many; none for one alone."""
    return sorted(name for name, _ in counts.most_common(CHOICES_SHOWN)) if len(counts) > 1 else []
