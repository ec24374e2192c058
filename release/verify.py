"""Checking a release from its bytes alone: nothing changed, missing or added, and every edit replays.

`verify` trusts nothing it reads. It names each fault with the file it is in, and a damaged
manifest or table is a fault like any other. `release.replay` compares the tables with the files.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from release.agreement import Fault
from release.bag import BadBag, bag_id, check_oxum, read_bag
from release.layout import CURRENT, DATA, LINEAGE, RELEASES, TAG_FILES, TAG_MANIFEST, is_id
from release.records import RELEASE_SCHEMA, RELEASE_VERSION, Lineage
from release.replay import check_tables

_MAJOR, _, _MINOR = RELEASE_VERSION.partition(".")
KNOWN = {f"{_MAJOR}.{minor}" for minor in range(int(_MINOR) + 1)}
"""Versions that can be checked: ours, and the minor ones before it; a later one is for a later program."""


class NoRelease(LookupError):  # noqa: N818 - it says what is there
    """There is no release here yet: run ``prote run``."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Attributes:
        release: ID of the release, as its folder is named.
        data: the folder that was checked.
        files: how many files were compared with the manifest.
        edits: how many edits were replayed, those not applied included.
        faults: what is wrong; empty where the release is sound.
    """

    release: str
    data: Path
    files: int
    edits: int
    faults: tuple[Fault, ...]


def verify(clean: Path) -> Verification:
    """Check the current release of an output folder, or the release whose folder or ``data/`` is given.

    Raises:
        NoRelease: if there is none.
    """
    faults: list[Fault] = []
    data = _locate(clean, faults)
    if data is None:
        return Verification("", clean, 0, 0, tuple(faults))
    identity = data.parent.name
    try:
        if (found := bag_id(data.parent)) != identity:
            faults.append(
                Fault(TAG_MANIFEST, f"gives the release the name {found}, its folder is {identity!r}")
            )
        sums = read_bag(data.parent)
    except BadBag as error:
        return Verification(identity, data, 0, 0, (*faults, Fault(error.file, error.fault)))
    present = _compare_files(data, sums, faults)
    if len(present) == len(sums):
        try:
            check_oxum(data.parent, sums)
        except BadBag as error:
            faults.append(Fault(error.file, error.fault))
    if LINEAGE not in sums:
        faults.append(Fault(LINEAGE, "is missing from the manifest"))
    lineage = _read_lineage(data, present, faults)
    edits = 0 if lineage is None else check_tables(data, lineage, sums, present, faults)
    return Verification(identity, data, len(sums), edits, tuple(faults))


def _locate(given: Path, faults: list[Fault]) -> Path | None:
    """Return the ``data/`` folder meant by a path; None where a fault says why it cannot be reached."""
    link = given / CURRENT
    if link.is_symlink():
        target = link.readlink()
        if target.parts[:1] != (RELEASES,) or target.parts[2:] != (DATA,) or not is_id(target.parts[1]):
            faults.append(Fault(CURRENT, f"points to {str(target)!r}, not to {RELEASES}/ID/{DATA}"))
            return None
        data = given.resolve() / target
    elif link.exists():
        faults.append(Fault(CURRENT, f"is no link to a release in {RELEASES}/"))
        return None
    elif (given / RELEASES).is_dir():
        raise NoRelease(f"no release is current in {given}")
    elif (given / DATA).is_dir():
        data = given.resolve() / DATA
    elif given.is_dir() and ((given / LINEAGE).exists() or is_id(given.resolve().parent.name)):
        data = given.resolve()
    else:
        raise NoRelease(f"there is no release in {given}")
    for folder in (data.parent, data):
        if folder.is_symlink() or not folder.is_dir():
            faults.append(Fault(folder.name, "is no folder"))
            return None
    faults += [
        Fault(entry.name, "is not part of the release")
        for entry in os.scandir(data.parent)
        if entry.name not in (DATA, TAG_MANIFEST, *TAG_FILES)
    ]
    return data


def _read_lineage(data: Path, files: set[str], faults: list[Fault]) -> Lineage | None:
    if LINEAGE not in files:
        return None  # a fault already
    try:
        lineage = msgspec.json.decode((data / LINEAGE).read_bytes(), type=Lineage)
    except (ValueError, RecursionError) as error:
        faults.append(Fault(LINEAGE, f"cannot be read: {error}"))
        return None
    if lineage.schema != RELEASE_SCHEMA or lineage.version not in KNOWN:
        faults.append(
            Fault(LINEAGE, f"is of {lineage.schema!r} {lineage.version!r}, unknown to this program")
        )
        return None
    return lineage


def _compare_files(data: Path, sums: Mapping[str, str], faults: list[Fault]) -> set[str]:
    """Compare what is on the disk with the manifest; return the files that are what it says."""
    files: set[str] = set()
    folders = {path[:cut] for path in sums for cut, char in enumerate(path) if char == "/"}
    for path, mode in sorted(_walk(data)):
        if stat.S_ISDIR(mode) and path in folders:
            continue
        if path not in sums:
            faults.append(Fault(path, "is not in the manifest"))
        elif stat.S_ISREG(mode):
            files.add(path)
        else:
            faults.append(Fault(path, "is no file, but a link, a folder or something else"))
    for path, sha256 in sums.items():
        if path not in files:
            if not os.path.lexists(data / path):
                faults.append(Fault(path, "is missing"))
            continue
        try:
            found = _digest(data / path)
        except OSError as error:
            files.discard(path)
            faults.append(Fault(path, f"cannot be read: {error.strerror}"))
            continue
        if found != sha256:
            files.discard(path)
            faults.append(Fault(path, "is not what was published: its sha256 differs"))
    return files


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the path and mode of everything below a folder; no link is followed."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        for entry in os.scandir(folder / prefix):
            mode = entry.stat(follow_symlinks=False).st_mode
            yield prefix + entry.name, mode
            if stat.S_ISDIR(mode):
                waiting.append(f"{prefix}{entry.name}/")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
