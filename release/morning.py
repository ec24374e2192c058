"""The page that a curator opens in the morning, ``clean/index.html``.

It says what stands in the output folder: the current release, what publications changed, what is kept aside.
It is made of that alone, whenever it says something else than what stands there: `kept` sees to it around
whatever changes the folder, and whoever is killed before has the next publisher do it.
"""

from __future__ import annotations

import contextlib
import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from release.columns import DOCUMENTS, REJECTS, REVIEW
from release.history import CHANGES, Judgement, current_id, publications
from release.layout import ASIDE, CURRENT, DATA_DOCS, MORNING, PARTIAL, RELEASES, is_id
from release.pages.failures import Failures
from release.pages.morning import Aside, Standing, Waiting, morning_page, page_sum
from release.records import LedgerCounts
from release.tables import DamagedTable, read_figures
from repair.document import Reason, Status

WAITING_SHOWN = 20
"""Documents with the most doubtful edits that the page names."""
_HEAD = 8_192
"""Bytes of a page in which it says what it is made of."""


class _Row(msgspec.Struct, frozen=True):
    """The columns of a document's row that the page is about."""

    name: str
    status: Status
    reasons: tuple[Reason, ...]
    words: int | None
    damage_before: float | None
    damage_after: float | None
    edits: LedgerCounts


@contextlib.contextmanager
def kept(clean: Path) -> Iterator[None]:
    """Have the page say what stands in the folder afterwards, however that ends.

    Whoever calls it holds the publishing lock.
    """
    try:
        yield
    finally:
        refresh(clean)


def refresh(clean: Path) -> None:
    """Make the page again, in one step, where it says something else than what stands there.

    Whoever calls it holds the publishing lock.

    Raises:
        OSError: if it cannot be written.
    """
    page = clean / MORNING
    made_of = _made_of(clean)
    if _says(page, made_of):
        return
    current = current_id(clean)
    held = [Aside(path.name, judgement(path)) for path in aside(clean)]
    told = publications(clean)
    if not (current or held or told):
        return
    standing = _standing(clean) if current else None
    if current and standing is None:
        made_of = ""  # whoever mends the release gives it the same name: the page is made again in any case
    hidden = clean / f"{PARTIAL}{MORNING}"
    with hidden.open("w", encoding="utf-8") as file:
        file.writelines(
            morning_page(
                made_of,
                current,
                standing,
                told,
                held,
                reports=frozenset(_reports(clean)),
                data_docs=(clean / DATA_DOCS).is_file(),
            )
        )
    hidden.replace(page)


def aside(clean: Path) -> list[Path]:
    """Return the folders of the releases that are kept aside."""
    return sorted(path for path in (clean / ASIDE).glob("*") if is_id(path.name))


def judgement(path: Path) -> Judgement:
    """Return what speaks against a release that is kept aside, as far as that can be read."""
    try:
        return msgspec.json.decode(path.with_name(f"{path.name}.json").read_bytes(), type=Judgement)
    except (OSError, ValueError, RecursionError):
        return Judgement()


def _made_of(clean: Path) -> str:
    """Return a sum of all that the page is made of, taken without reading releases."""
    told = sorted((path.name, path.lstat().st_size) for path in (clean / CHANGES).glob("*.json"))
    held = [(path.name, msgspec.json.encode(judgement(path)).decode()) for path in aside(clean)]
    stands = (
        page_sum(),
        current_id(clean),
        told,
        held,
        sorted(_reports(clean)),
        (clean / DATA_DOCS).is_file(),
    )
    return hashlib.sha256(msgspec.json.encode(stands)).hexdigest()


def _says(page: Path, made_of: str) -> bool:
    try:
        with page.open("rb") as file:
            return made_of.encode() in file.read(_HEAD)
    except OSError:
        return False


def _reports(clean: Path) -> Iterator[str]:
    """Yield the IDs of the releases that are still there."""
    for path in (clean / RELEASES).glob("*"):
        if is_id(path.name) and path.is_dir():
            yield path.name


@dataclass(slots=True)
class _Sums:
    words: int = 0
    before: float = 0.0
    after: float = 0.0
    doubts: int = 0
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))


def _standing(clean: Path) -> Standing | None:
    """Return how the current release stands; None where it cannot be read."""
    sums, failures = _Sums(), Failures()

    def rows() -> Iterator[_Row]:
        for table in (REJECTS, REVIEW, DOCUMENTS):
            for row in read_figures(clean / CURRENT, table, _Row):
                sums.counts[row.status] += 1
                failures.add(row.name, row.reasons)
                if row.status is not Status.QUARANTINE:
                    words = row.words or 0
                    sums.words += words
                    sums.before += (row.damage_before or 0.0) * words
                    sums.after += (row.damage_after or 0.0) * words
                    sums.doubts += row.edits.doubtful
                yield row

    try:
        doubtful = heapq.nsmallest(
            WAITING_SHOWN,
            (Waiting(row.name, row.status, row.edits.doubtful) for row in rows() if row.edits.doubtful),
            key=lambda waiting: (-waiting.doubts, waiting.name),
        )
    except DamagedTable:
        return None
    words = sums.words or 1
    return Standing(
        sums.counts,
        sums.words,
        sums.before / words,
        sums.after / words,
        sums.doubts,
        doubtful,
        failures.all(),
    )
