"""The releases of an output folder: finding one, and taking old ones away."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from release.history import current_release, publications, publishing_lock
from release.layout import CURRENT, DATA, PARTIAL, RELEASES, SHORT_ID, TAG_MANIFEST, is_id
from release.morning import kept


class UnknownRelease(LookupError):  # noqa: N818 - it says what the release is
    """No release, or more than one, is called so; the message names those there are."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away.

    Attributes:
        releases: IDs, oldest first.
        bytes: what they alone took on the disk.
    """

    releases: tuple[str, ...]
    bytes: int


def releases(clean: Path) -> list[Path]:
    """Return the folders of all releases, that which was published last first."""
    found = [
        path
        for path in (clean / RELEASES).glob("*")
        if is_id(path.name) and path.is_dir() and not path.is_symlink()
    ]
    last = {publication.release: publication.number for publication in publications(clean)}
    # One that no publication names was switched to by nobody: it counts as older than all.
    return sorted(found, key=lambda path: (last.get(path.name, 0), _finished(path), path.name), reverse=True)


def find_release(clean: Path, wanted: str) -> Path:
    """Return the folder of a release by what a user calls it.

    Args:
        clean: the output folder.
        wanted: ``current``, ``previous`` (published before the current one), the beginning of an ID, or the
            path of a release's folder or of its ``data/``.

    Raises:
        UnknownRelease: if there is none, or several.
    """
    folder = Path(wanted).resolve()
    folder = folder.parent if folder.name == DATA else folder
    if is_id(folder.name) and (folder / DATA).is_dir():
        return folder
    known = releases(clean)
    names = [path.name for path in known]
    current = current_release(clean)
    if wanted == CURRENT:
        found = [current] if current is not None else []
    elif wanted == "previous":
        found = [path for path in known if path.name == _before(clean, current, names)]
    else:
        found = [path for path in known if wanted and path.name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if wanted == "previous" and current is not None:
        raise UnknownRelease(
            f"nothing that is still there was published in {clean} before the current release"
        )
    there = ", ".join(name[:SHORT_ID] for name in names[:5]) or "none yet"
    fault = "several releases are" if found else "no release is"
    raise UnknownRelease(f"{fault} called {wanted!r} in {clean}; there are: {there}")


def _before(clean: Path, current: Path | None, there: Sequence[str]) -> str | None:
    """Return what was published last before the current release, of the IDs that are there."""
    told = [publication.release for publication in reversed(publications(clean))]
    if current is not None and current.name in told:
        told = [identity for identity in told[told.index(current.name) :] if identity != current.name]
    return next((identity for identity in told if identity in there), None)


def prune(clean: Path, keep: int) -> Pruned:
    """Take away all releases but the current one and those published last.

    Each goes out of sight in one step, so that nobody finds half of one; what whoever is killed in between
    leaves, the next to publish or prune sweeps.

    Args:
        clean: the output folder.
        keep: how many are to stay, the current one among them.
    """
    if not (clean / RELEASES).is_dir():
        return Pruned((), 0)
    with publishing_lock(clean), kept(clean):
        for leftover in (clean / RELEASES).glob(f"{PARTIAL}*"):
            shutil.rmtree(leftover)
        current = (clean / CURRENT).resolve()
        # The current one first, whenever it was published; the sort keeps the order of the others.
        known = sorted(releases(clean), key=lambda path: not current.is_relative_to(path.resolve()))
        gone, size = [], 0
        for path in reversed(known[max(keep, 1) :]):
            hidden = path.with_name(f"{PARTIAL}{path.name}")
            path.rename(hidden)
            size += _own_bytes(hidden)
            shutil.rmtree(hidden)
            gone.append(path.name)
    return Pruned(tuple(gone), size)


def _own_bytes(folder: Path) -> int:
    """Return the size of the files that no other release shares."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            found = os.lstat(f"{parent}/{name}")
            total += found.st_size if found.st_nlink == 1 else 0
    return total


def _finished(path: Path) -> int:
    try:
        return (path / TAG_MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0
