"""The releases of an output folder: finding one, what was published when, and taking old ones away.

Each publication leaves ``clean/changes/NNNN-ID.json`` and ``.md``: its figures and what changed, for
programs and for people. They stand beside the releases, not in them: the same documents are the same
release, whatever was published before.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock

from release.compare import Change, Comparison, Figures
from release.layout import CURRENT, DATA, PARTIAL, RELEASES, SHORT_ID, TAG_MANIFEST, is_id
from release.pages.markdown import render
from repair.document import Reason

CHANGES = "changes"
_NUMBERED = re.compile(r"(\d{4,})-[0-9a-f]{12}\.(json|md)")
_SHOWN = 200
"""Documents that the page of a publication names, of each kind; ``prote diff`` has all."""


class UnknownRelease(LookupError):  # noqa: N818 - it says what the release is
    """No release, or more than one, is called so; the message names those there are."""


class Judgement(msgspec.Struct, frozen=True):
    """What a gate said of a release: what speaks `against` it, and what a person should know (`told`)."""

    against: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()


class Publication(msgspec.Struct, frozen=True):
    """``changes/NNNN-ID.json``: a release that became the current one, and what that changed.

    `previous` is the ID of the release before it, empty where there was none; where that one could not be
    read, all documents count as added. `told` is what the gate had a person know of the release, `overruled`
    what spoke against it, where somebody accepted it all the same.
    """

    number: int
    release: str
    previous: str
    figures: Figures
    added: int
    withdrawn: int
    renamed: int
    changed: int
    told: tuple[Reason, ...] = ()
    overruled: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away.

    Attributes:
        releases: IDs, oldest first.
        bytes: what they alone took on the disk.
    """

    releases: tuple[str, ...]
    bytes: int


def publishing_lock(clean: Path) -> FileLock:
    """Return the lock that whoever changes the releases of an output folder holds.

    The system frees it when its holder dies, so that a partial folder seen under it is a dead one's.
    """
    return FileLock(clean / RELEASES / ".lock")


def current_release(clean: Path) -> Path | None:
    """Return the folder of the current release of an output folder; None where there is none."""
    data = clean / CURRENT
    return data.resolve().parent if data.is_dir() else None


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


def publications(clean: Path) -> list[Publication]:
    """Return what was published, in order; a file that cannot be read counts as none."""
    found = []
    for path in (clean / CHANGES).glob("*.json"):
        if _NUMBERED.fullmatch(path.name):
            with contextlib.suppress(ValueError, OSError):
                found.append(msgspec.json.decode(path.read_bytes(), type=Publication))
    return sorted(found, key=lambda publication: publication.number)


@contextlib.contextmanager
def recorded(clean: Path, comparison: Comparison, judged: Judgement) -> Iterator[None]:
    """Leave what a publication changes in ``changes/``, where the release becomes the current one in between.

    All is written before, under hidden names, and shown after: whoever is killed at any moment has the
    next publisher show it (`settle`), or forget what never came about.
    """
    settle(clean)
    previous = current_id(clean)
    if previous != comparison.new:  # else it is mended, not changed
        _propose(clean, comparison, previous, judged)
    yield
    settle(clean)


def settle(clean: Path) -> None:
    """Show what was written of a publication if it came about, else remove it."""
    current = current_id(clean)
    # The page before the data, by which a publication is known.
    for hidden in sorted((clean / CHANGES).glob(f"{PARTIAL}*"), key=lambda path: path.suffix, reverse=True):
        shown = hidden.name.removeprefix(PARTIAL)
        if current and shown.rpartition(".")[0].endswith(f"-{current[:SHORT_ID]}"):
            hidden.replace(hidden.with_name(shown))
        else:
            hidden.unlink()


def _propose(clean: Path, comparison: Comparison, previous: str, judged: Judgement) -> None:
    folder = clean / CHANGES
    folder.mkdir(exist_ok=True)
    taken = [int(found[1]) for path in folder.iterdir() if (found := _NUMBERED.fullmatch(path.name))]
    publication = Publication(
        max(taken, default=0) + 1,
        comparison.new,
        previous,
        comparison.after,
        **{change.value: len(comparison.of(change)) for change in Change},
        told=judged.told,
        overruled=judged.against,
    )
    page = render(
        "changes.md.j2",
        publication=publication,
        found=comparison,
        Change=Change,
        shown=_SHOWN,
        short=SHORT_ID,
    )
    data = msgspec.json.format(msgspec.json.encode(publication), indent=1) + b"\n"
    stem = f"{PARTIAL}{publication.number:04d}-{publication.release[:SHORT_ID]}"
    (folder / f"{stem}.md").write_text(page, encoding="utf-8")
    (folder / f"{stem}.json").write_bytes(data)


def current_id(clean: Path) -> str:
    """Return the ID that ``current`` leads to, whether or not a release is still there; empty for none."""
    link = clean / CURRENT
    parts = link.readlink().parts if link.is_symlink() else ()
    return parts[-2] if len(parts) > 1 else ""


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
    with publishing_lock(clean):
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
