"""Writing a release, whole or not at all.

`publish` writes every file into a partial folder beside the releases, gives it the name its tag
manifest asks for, and switches ``clean/current``. A reader sees the old release or the new one,
wherever the publisher is killed; the next one sweeps what it left. The same documents, in any
order, give the same bytes. One document is in memory at a time, and what the current release has
already is taken over from it (`release.earlier`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from release.compare import Comparison, compare
from release.earlier import Earlier
from release.files import sync
from release.history import Judgement, current_release, publishing_lock, recorded, settle
from release.layout import (
    ASIDE,
    CURRENT,
    DATA,
    PARTIAL,
    RELEASES,
    REPORT,
    SHORT_ID,
    check_name,
    name_key,
)
from release.morning import aside, judgement, kept
from release.origins import Origins
from release.pieces import Piece
from release.records import StatusCounts
from release.rendering import PublishError, Render
from release.shelf import UnknownRelease
from release.tables import DamagedTable
from release.verify import NoRelease, verify
from release.writing import Item, Writer
from repair.document import Source


@dataclass(frozen=True, slots=True)
class Release:
    """A published release.

    Attributes:
        id: sha256 of its tag manifest, in hexadecimal.
        path: its folder.
        documents: how many raw files it accounts for.
        published: how many of them are published,
        review: in review,
        quarantine: or in quarantine.
    """

    id: str
    path: Path
    documents: int
    published: int
    review: int
    quarantine: int

    @property
    def data(self) -> Path:
        """The folder its files are in; what ``clean/current`` points to."""
        return self.path / DATA

    @property
    def report(self) -> Path:
        """The first page of the report."""
        return self.data / REPORT


class HeldBack(Exception):  # noqa: N818 - it says what became of it
    """The release was written, and must not become the current one: readers still see what they saw.

    Attributes:
        release: it, in ``clean/aside/``.
        judged: what speaks against it.
    """

    def __init__(self, release: Release, judged: Judgement) -> None:
        self.release, self.judged = release, judged
        super().__init__(f"release {release.id[:SHORT_ID]} is kept aside in {release.path}")


Gate = Callable[[Comparison, Path | None, Path], Judgement]
"""Judges a release, given what it changes, the folder of the current one, and its own.

The current one is None where there is none that can be read.
"""


def publish(
    items: Iterable[Item],
    clean: Path,
    *,
    versions: Mapping[str, str],
    origins: Origins | None = None,
    gate: Gate | None = None,
    piece: Piece | None = None,
    render: Render | None = None,
) -> Release:
    """Write a release of these documents below `clean` and make it the current one.

    Args:
        items: one of each raw file, in any order.
        clean: the output folder; created where it is missing.
        versions: what the release is made with (program, dictionaries, engines …), for its lineage. What
            the current release has is taken over only where it was made with the same.
        origins: where the documents come from.
        gate: asked before the switch; None lets every release through.
        piece: draws the pieces of scans that the report shows; None to show none.
        render: renders documents elsewhere, so that several are at once; None to render all of them here.

    Returns:
        The release, which is an earlier one where the same documents were published before.

    Raises:
        PublishError: if two documents share a name, if a document's edits do not give its texts,
            or if ``clean/current`` is no link.
        HeldBack: if something speaks against the release; it is kept aside.
        UnsafeName: if a name cannot become a file name.
        OSError: if the disk refuses.
    """
    ordered = _in_order(items)
    releases = clean / RELEASES
    releases.mkdir(parents=True, exist_ok=True)
    current = clean / CURRENT
    if current.exists() and not current.is_symlink():
        raise PublishError(f"{current} is no link, so no release can be switched to: move it away")
    with publishing_lock(clean), kept(clean):
        for leftover in releases.glob(f"{PARTIAL}*"):
            shutil.rmtree(leftover)
        settle(clean)
        earlier = Earlier.open(clean, versions)
        writer = Writer(ordered, origins or Origins(), earlier, piece, render)
        # A ruling that changes no document is in the lineage all the same.
        if earlier is not None and earlier.lineage.versions == versions and writer.nothing_new():
            _forget_aside(clean)
            return _release(earlier.path, earlier.lineage.documents)
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=releases))
        try:
            # A folder of mkdtemp is private; the release, a level below, has the user's permissions.
            fresh = partial / "release"
            fresh.mkdir()
            try:
                identity, counts = writer.write(fresh, versions)
            except DamagedTable:  # of the release before: nothing of it is taken over then
                shutil.rmtree(fresh)
                fresh.mkdir()
                writer = Writer(ordered, origins or Origins(), None, piece, render)
                identity, counts = writer.write(fresh, versions)
            fresh = fresh.rename(partial / identity)
            sync()
            changes = _changes(clean, fresh)
            judged = Judgement()
            if gate is not None:
                judged = gate(changes, current_release(clean) if changes.old else None, fresh)
            if judged.against:
                raise HeldBack(_release(_keep_aside(clean, fresh, judged), counts), judged)
            path = _place(fresh, releases / identity)
            _switch(clean, path, partial, changes, judged)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        _forget_aside(clean)
    return _release(path, counts)


def accept(clean: Path, identity: str) -> Path:
    """Make a release that was kept aside the current one, whatever speaks against it; return its folder.

    Args:
        clean: the output folder.
        identity: the beginning of its ID.

    Raises:
        UnknownRelease: if none is kept aside that is called so.
        PublishError: if it is damaged.
    """
    found = [path for path in aside(clean) if identity and path.name.startswith(identity)]
    if len(found) != 1:
        there = ", ".join(path.name[:SHORT_ID] for path in aside(clean))
        told = f"; it keeps {there} aside" if there else ": nothing is"
        raise UnknownRelease(f"no release called {identity!r} is kept aside in {clean}{told}")
    if faults := verify(found[0]).faults:
        raise PublishError(
            f"{found[0]} is damaged ({faults[0].path} {faults[0].sentence}): prote run makes it again"
        )
    releases = clean / RELEASES
    with publishing_lock(clean), kept(clean):
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=releases))
        try:
            changes, judged = _changes(clean, found[0]), judgement(found[0])
            path = _place(found[0], releases / found[0].name)
            _switch(clean, path, partial, changes, judged)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        _forget_aside(clean)
    return path


def _keep_aside(clean: Path, fresh: Path, judged: Judgement) -> Path:
    """Keep a release aside with what speaks against it; what was held back before, it replaces."""
    _forget_aside(clean)
    folder = clean / ASIDE
    folder.mkdir(exist_ok=True)
    told = msgspec.json.format(msgspec.json.encode(judged), indent=1) + b"\n"
    (folder / f"{fresh.name}.json").write_bytes(told)
    return fresh.rename(folder / fresh.name)


def _forget_aside(clean: Path) -> None:
    shutil.rmtree(clean / ASIDE, ignore_errors=True)


def _switch(clean: Path, path: Path, partial: Path, changes: Comparison, judged: Judgement) -> None:
    """Make a release that is in its place the current one, in one step."""
    _sync_folder(path.parent)
    with recorded(clean, changes, judged):
        link = partial / CURRENT
        link.symlink_to(Path(RELEASES, path.name, DATA), target_is_directory=True)
        link.replace(clean / CURRENT)
        _sync_folder(clean)


def _changes(clean: Path, path: Path) -> Comparison:
    """Return what a new release changes; a current one that cannot be read counts as none."""
    try:
        return compare(current_release(clean), path)
    except (OSError, ValueError):  # of another format, or damaged: publishing is what mends it
        return compare(None, path)


def _in_order(items: Iterable[Item]) -> list[Item]:
    """Return the items by their names, each of which a file system can hold beside the others."""
    ordered = sorted(items, key=lambda item: item.source.name)
    taken: dict[str, Source] = {}
    for item in ordered:
        name = item.source.name
        check_name(name)
        if (other := taken.setdefault(name_key(name), item.source)) is not item.source:
            raise PublishError(
                f"{other.path!r} and {item.source.path!r} would both be published as {name!r}: rename one"
            )
    return ordered


def _release(path: Path, counts: StatusCounts) -> Release:
    total = counts.published + counts.review + counts.quarantine
    return Release(path.name, path, total, counts.published, counts.review, counts.quarantine)


def _place(fresh: Path, path: Path) -> Path:
    """Bring a finished release to its place, where an equal or a damaged one may stand; return the place."""
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return fresh.rename(path)
    with contextlib.suppress(NoRelease):
        if not verify(path).faults:
            return path
    # Someone may be reading it: exchange its files one by one instead of taking the folder away.
    _clear(path, fresh)
    for folder, _, names in os.walk(fresh):
        here = path / Path(folder).relative_to(fresh)
        here.mkdir(exist_ok=True)
        for name in names:
            Path(folder, name).replace(here / name)
        _sync_folder(here)
    return path


def _clear(folder: Path, model: Path) -> None:
    """Remove from `folder` what `model` does not have, or has as something else."""
    for entry in os.scandir(folder):
        twin = model / entry.name
        if entry.is_dir(follow_symlinks=False):
            if twin.is_dir():
                _clear(Path(entry.path), twin)
            else:
                shutil.rmtree(entry.path)
        elif not (twin.is_file() and entry.is_file(follow_symlinks=False)):
            Path(entry.path).unlink()


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
