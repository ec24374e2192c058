"""The figures of a corpus and its last run, in Prometheus' text format.

They stand in ``CLEAN/.prote/metrics.prom``, or where the user says, for the textfile collector of Prometheus'
node_exporter; each run writes the file again in one step. Counters go on from what the file says; the sums
over the release are taken from there too, where it is still the same release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flows.state import FOLDER
from release.columns import DOCUMENTS, REJECTS, REVIEW
from release.history import current_id
from release.layout import CURRENT
from release.records import LedgerCounts
from release.tables import DamagedTable, read_figures
from repair.document import Status

if TYPE_CHECKING:
    from prometheus_client import Metric

FILE = "metrics.prom"

_GAUGES = {
    "prote_documents": "Documents of the current release, by status.",
    "prote_words": "Words of the current release.",
    "prote_pages": "Pages of the current release.",
    "prote_damage_ratio": "Share of the words damaged, in the readings and in what is published.",
    "prote_edits": "Edits of the current release, by kind and decision.",
    "prote_queued_edits": "Edits of the current release that wait for a curator.",
    "prote_release_info": "The current release, by the beginning of its ID.",
    "prote_release_held_back": "1 where the last run made a release that is kept aside, else 0.",
    "prote_last_run_timestamp_seconds": "When the last run ended, whatever came of it.",
    "prote_last_success_timestamp_seconds": "When the last run ended that made no release to be kept aside.",
    "prote_last_run_documents": "Documents that the last successful run processed; again: with the memory.",
    "prote_last_run_stage_seconds": "How long each stage of the last successful run took.",
}
_COUNTERS = {
    "prote_runs": "Runs that ended, by what came of them.",
    "prote_processed_documents": "Documents processed, those processed again with the memory included.",
    "prote_processed_words": "Words of the documents processed.",
    "prote_work_seconds": "Seconds of work on documents, by all workers together.",
}
_SHORT = 12

_Key = tuple[str, tuple[tuple[str, str], ...]]
"""Name and labels of a sample."""


class Result(StrEnum):
    """What came of a run."""

    DONE = "done"
    HELD_BACK = "held_back"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run did.

    Attributes:
        result: what came of it.
        when: it ended, in seconds since 1970.
        processed: documents processed,
        again: and processed once more with the memory of the corpus.
        words: in all of them.
        work: seconds of work on them.
        stages: seconds that each stage took.
    """

    result: Result
    when: float
    processed: int = 0
    again: int = 0
    words: int = 0
    work: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)


class _Row(msgspec.Struct, frozen=True):
    """The columns of a document's row that are summed."""

    status: Status
    words: int | None
    pages: int | None
    damage_before: float | None
    damage_after: float | None
    edits: LedgerCounts


def metrics_file(clean: Path) -> Path:
    """Return where the metrics of an output folder are, unless the user says otherwise."""
    return clean / FOLDER / FILE


def write_metrics(file: Path, clean: Path, run: Figures) -> None:
    """Bring a file of metrics up to date after a run.

    Args:
        file: what is to be written; its name must end in ``.prom`` for node_exporter.
        clean: the output folder.
        run: what it did.

    Raises:
        OSError: if it cannot be written.
    """
    from prometheus_client import CollectorRegistry, write_to_textfile

    values = _values(file, clean)
    _count(values, run)
    if run.result is not Result.FAILED:
        _replace(values, "prote_last_run_stage_seconds", {(("stage", s),): t for s, t in run.stages.items()})
        _replace(
            values,
            "prote_last_run_documents",
            {(("work", "first"),): run.processed, (("work", "again"),): run.again},
        )
        values["prote_release_held_back", ()] = float(run.result is Result.HELD_BACK)
        if run.result is Result.DONE:
            values["prote_last_success_timestamp_seconds", ()] = run.when
        _sum_release(values, clean)
    values["prote_last_run_timestamp_seconds", ()] = run.when
    registry = CollectorRegistry()
    registry.register(_Families(values, str(clean.resolve())))
    write_to_textfile(str(file), registry)


def read_metrics(file: Path) -> Iterator[Metric]:
    """Yield what a file of metrics says; nothing where there is none, or it cannot be read."""
    from prometheus_client.parser import text_string_to_metric_families

    try:
        yield from list(text_string_to_metric_families(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return


def _values(file: Path, clean: Path) -> dict[_Key, float]:
    """Return what the file says of this output folder."""
    corpus = str(clean.resolve())
    return {
        (sample.name, tuple(sorted((k, v) for k, v in sample.labels.items() if k != "corpus"))): sample.value
        for family in read_metrics(file)
        for sample in family.samples
        if sample.labels.get("corpus") == corpus
    }


def _count(values: dict[_Key, float], run: Figures) -> None:
    for result in Result:
        key = "prote_runs_total", (("result", result.value),)
        values[key] = values.get(key, 0.0) + (result is run.result)
    for name, more in (
        ("prote_processed_documents_total", run.processed + run.again),
        ("prote_processed_words_total", run.words),
        ("prote_work_seconds_total", run.work),
    ):
        values[name, ()] = values.get((name, ()), 0.0) + more


def _replace(values: dict[_Key, float], name: str, new: Mapping[tuple[tuple[str, str], ...], float]) -> None:
    for key in [key for key in values if key[0] == name]:
        del values[key]
    values |= {(name, labels): float(value) for labels, value in new.items()}


def _sum_release(values: dict[_Key, float], clean: Path) -> None:
    """Sum the tables of the current release, where the file tells of another, or of none."""
    known: _Key = ("prote_release_info", (("id", current_id(clean)[:_SHORT]),))
    if known in values or not current_id(clean):
        return
    statuses = dict.fromkeys(Status, 0)
    edits: dict[tuple[tuple[str, str], ...], float] = {}
    words = pages = 0
    before = after = queued = 0.0
    try:
        for table in (DOCUMENTS, REVIEW, REJECTS):
            for row in read_figures(clean / CURRENT, table, _Row):
                statuses[row.status] += 1
                words += row.words or 0
                pages += row.pages or 0
                before += (row.damage_before or 0.0) * (row.words or 0)
                after += (row.damage_after or 0.0) * (row.words or 0)
                queued += row.edits.doubtful
                for kind, counts in msgspec.structs.asdict(row.edits).items():
                    for decision, count in msgspec.structs.asdict(counts).items():
                        labels = (("decision", decision), ("kind", kind))
                        edits[labels] = edits.get(labels, 0.0) + count
    except DamagedTable:
        return  # `prote verify` says what is wrong with it
    _replace(values, "prote_documents", {(("status", s.value),): n for s, n in statuses.items()})
    _replace(values, "prote_words", {(): words})
    _replace(values, "prote_pages", {(): pages})
    shares = {(("text", "published"),): after / (words or 1), (("text", "reading"),): before / (words or 1)}
    _replace(values, "prote_damage_ratio", shares)
    _replace(values, "prote_edits", edits)
    _replace(values, "prote_queued_edits", {(): queued})
    _replace(values, "prote_release_info", {known[1]: 1})


class _Families:
    """Gives values to the library that writes them."""

    def __init__(self, values: Mapping[_Key, float], corpus: str) -> None:
        self._values, self._corpus = values, corpus

    def collect(self) -> Iterator[Metric]:
        """Yield what the library is to write."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for kinds, family in ((_GAUGES, GaugeMetricFamily), (_COUNTERS, CounterMetricFamily)):
            for name, told in kinds.items():
                sample = f"{name}_total" if kinds is _COUNTERS else name
                found = sorted(
                    (labels, value) for (of, labels), value in self._values.items() if of == sample
                )
                if found:
                    metric = family(name, told, labels=["corpus", *(label for label, _ in found[0][0])])
                    for labels, value in found:
                        metric.add_metric([self._corpus, *(text for _, text in labels)], value)
                    yield metric


class Files:
    """Shows what files of metrics say, at the time it is asked."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def collect(self) -> Iterator[Metric]:
        """Yield what the library is to show."""
        families: dict[str, Metric] = {}
        for file in self._files:
            for family in read_metrics(file):
                if family.name in families:
                    families[family.name].samples += family.samples
                else:
                    families[family.name] = family
        yield from families.values()
