"""What the edits and the damage of a release come to: read from its tables and files, one part at a time.

`sums` counts how often each rule spoke, what became of its edits, and how many of those that curators ruled
on were right; and adds up the classes of damage of all documents. What did not change since the release
before is in its files too, so that a release has the same sums whatever was published before.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from release.columns import DOCUMENTS, EDITS, REVIEW
from release.layout import json_file
from release.tables import read_figures, table_files
from repair.document import ClassRate
from repair.edits import Decision, Kind

CURATOR = "curator"
"""The witness that a curator's ruling is; the first of the edits that it decides."""
_Z = 1.96
_SPOKE = ["kind", "rule", "decision"]
_WITNESSES = "evidence.list.element.witness"
"""The column of the witnesses alone: what they say is most of the table."""
_RULED = re.compile(r".*?, \d{4}-\d{2}-\d{2}T[\d:]+Z: (?P<verdict>accept|reject|correct)\b", re.DOTALL)
"""How a ruling is told: who, when, and the verdict."""


@dataclass(frozen=True, slots=True)
class RuleSum:
    """What one rule did in a corpus.

    Attributes:
        kind: layer of its edits.
        rule: its name.
        counts: its edits, by what became of them.
        right: how many of them curators accepted,
        wrong: and how many they rejected, or put another word in their place.
    """

    kind: Kind
    rule: str
    counts: Counter[Decision]
    right: int = 0
    wrong: int = 0

    @property
    def at_least(self) -> float | None:
        """Share of right edits that 97.5 chances in 100 speak for; None where nobody ruled.

        The lower end of the interval of Wilson (1927).
        """
        ruled = self.right + self.wrong
        if not ruled:
            return None
        share = self.right / ruled
        middle = share + _Z**2 / (2 * ruled)
        spread = _Z * math.sqrt(share * (1 - share) / ruled + _Z**2 / (4 * ruled**2))
        return max(0.0, (middle - spread) / (1 + _Z**2 / ruled))


@dataclass(frozen=True, slots=True)
class ClassSum:
    """A class of damage over a corpus.

    Attributes:
        printed: what pages print.
        read: what was read instead.
        struck: expected number of places where it struck,
        left: and of those that repair left.
        spared: places where the printed form came through.
        documents: in how many documents it was seen.
    """

    printed: str
    read: str
    struck: float
    left: float
    spared: int
    documents: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Rules by layer, the busiest first; classes of damage, those that struck most first."""

    rules: tuple[RuleSum, ...] = ()
    classes: tuple[ClassSum, ...] = ()


def sums(data: Path) -> Sums:
    """Return what the edits and the damage of a release come to.

    Args:
        data: folder of its files, where tables and documents are written.

    Raises:
        ValueError: if a table or a file cannot be read.
        OSError: likewise.
    """
    return Sums(tuple(_rules(data)), tuple(_classes(data)))


def _rules(data: Path) -> list[RuleSum]:
    counts: Counter[tuple[Kind, str, Decision]] = Counter()
    ruled: Counter[tuple[Kind, str, bool]] = Counter()
    for file, group in _groups(data):
        table = file.read_row_group(group, columns=[*_SPOKE, _WITNESSES], use_threads=False)
        for row in table.group_by(_SPOKE).aggregate([([], "count_all")]).to_pylist():
            counts[Kind(row["kind"]), row["rule"], Decision(row["decision"])] += row["count_all"]
        witnesses = pc.struct_field(table["evidence"].combine_chunks().flatten(), "witness")
        if pc.any(pc.equal(witnesses, CURATOR)).as_py():
            for kind, rule, right in _rulings(file, group):
                ruled[kind, rule, right] += 1
    by_rule: defaultdict[tuple[Kind, str], Counter[Decision]] = defaultdict(Counter)
    for (kind, rule, decision), times in counts.items():
        by_rule[kind, rule][decision] = times
    order = list(Kind)
    return sorted(
        (
            RuleSum(kind, rule, times, ruled[kind, rule, True], ruled[kind, rule, False])
            for (kind, rule), times in by_rule.items()
        ),
        key=lambda found: (order.index(found.kind), -found.counts.total(), found.rule),
    )


def _groups(data: Path) -> Iterator[tuple[pa.parquet.ParquetFile, int]]:
    for path in table_files(data, EDITS, "parquet"):
        with pa.parquet.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield file, group


def _rulings(file: pa.parquet.ParquetFile, group: int) -> Iterator[tuple[Kind, str, bool]]:
    """Yield layer and rule of the edits that curators ruled on, and whether they were right."""
    for row in file.read_row_group(group, columns=[*_SPOKE, "evidence"], use_threads=False).to_pylist():
        first = row["evidence"][0] if row["evidence"] else None
        if first and first["witness"] == CURATOR and (found := _RULED.match(first["detail"])):
            yield Kind(row["kind"]), row["rule"], found["verdict"] == "accept"


class _Classes(msgspec.Struct):
    classes: tuple[ClassRate, ...]


class _Pair(msgspec.Struct):
    before: _Classes
    after: _Classes


class _Quality(msgspec.Struct):
    """The part of ``json/NAME.json`` that has the damage; the rest is passed over."""

    quality: _Pair


class _Named(msgspec.Struct):
    name: str


def _classes(data: Path) -> list[ClassSum]:
    decode = msgspec.json.Decoder(_Quality).decode
    struck: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for row in (row for table in (DOCUMENTS, REVIEW) for row in read_figures(data, table, _Named)):
        quality = decode((data / json_file(row.name)).read_bytes()).quality
        for rate in quality.before.classes:
            found = struck[rate.printed, rate.read]
            found[0] += rate.struck
            found[2] += rate.spared
            found[3] += 1
        for rate in quality.after.classes:
            struck[rate.printed, rate.read][1] += rate.struck
    return sorted(
        (
            ClassSum(printed, read, round(before, 6), round(after, 6), int(spared), int(documents))
            for (printed, read), (before, after, spared, documents) in struck.items()
        ),
        key=lambda found: (-found.struck, found.printed, found.read),
    )
