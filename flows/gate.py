"""What the gate of a release is told: the documents that follow others, read from both releases."""

from __future__ import annotations

from pathlib import Path

import msgspec

from expectations.release_gate import Copy, Corpus, ReleaseVerdict, Succession, judge_release, succession
from release.columns import DOCUMENTS, REVIEW
from release.compare import Cause, Change, Comparison, DocumentChange
from release.layout import DATA, text_file
from release.ledger import read_text
from release.likeness import Twins, twins
from release.origins import Origins
from release.tables import read_figures
from repair.document import Status


def judge(
    found: Comparison, old: Path | None, new: Path, origins: Origins, results: Path | None = None
) -> ReleaseVerdict:
    """Judge a release before it becomes the current one.

    Args:
        found: what it changes.
        old: folder of the current release; None where there is none that can be read.
        new: folder of the other.
        origins: what the raw folder says of its documents, those withdrawn among them.
        results: folder that keeps the validation results; None keeps none.

    Raises:
        CheckError: if the expectations could not be checked; then nothing may follow.
    """
    moved = {
        change.new.sha256
        for change in (*found.of(Change.ADDED), *found.of(Change.RENAMED))
        if change.new is not None
    }
    rows = [
        row
        for change in found.documents
        if old is not None and (row := _succession(change, old, new, origins, moved)) is not None
    ]
    before, after = found.stable
    corpus = Corpus(
        after.words,
        before.damage_after,
        after.damage_after,
        before.known_rate,
        after.known_rate,
        before.documents.published,
        after.documents.published,
    )
    return judge_release(
        rows, corpus, [Copy(found.name, found.other, found.alike) for found in _twins(new)], results
    )


def _succession(
    change: DocumentChange, old: Path, new: Path, origins: Origins, moved: set[str]
) -> Succession | None:
    was, now = change.old, change.new
    if was is None or was.status is Status.QUARANTINE:
        return None  # it had no text that could be lost
    if now is None:
        # A file that was given another name is not gone.
        kept = was.sha256 in moved or bool(origins.why_withdrawn(was.path))
        return Succession(was.name, gone=not kept)
    if now.status is Status.QUARANTINE:
        return Succession(now.name, lost_text=True)  # a copy to the raw folder that broke off empties files
    if change.cause is Cause.DECISIONS:  # a person wants it so
        return None
    files = (old / DATA / text_file(was.name), new / DATA / text_file(now.name))
    found = succession(now.name, *map(read_text, files))
    if change.cause is Cause.RAW:  # what it says now is judged by itself, as a document
        return Succession(now.name, raw_length=found.length)
    return found


class _Sketch(msgspec.Struct, frozen=True):
    name: str
    sketch: tuple[int, ...]


def _twins(release: Path) -> list[Twins]:
    data = release / DATA
    found = [row for table in (DOCUMENTS, REVIEW) for row in read_figures(data, table, _Sketch)]
    return list(twins((row.name, row.sketch) for row in sorted(found, key=lambda row: row.name)))
