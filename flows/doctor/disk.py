"""The disk: may a run write where it must, and is there room for what it writes?"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.filesize import decimal

from flows.doctor.finding import Finding, House, bad, good, note
from release.history import current_release
from release.layout import BAG_INFO

_FIRST_RUN = 1_000_000_000
"""Bytes to have where nothing says how large a release is: Prefect's database, pages that are drawn."""
_TEMPORARY = 200_000_000
"""Bytes of the pages of a PDF that is made, drawn at 300 dots an inch."""

_UNKNOWN = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}
"""What file systems answer that have no files without a name."""


def output_folder(house: House) -> Iterator[Finding]:
    """May a run write into the output folder, or make it?"""
    yield _written("output folder", house.clean, "Give the user of the runs the right to write there")


def temporary_folder(_house: House) -> Iterator[Finding]:
    """May the program write into the system's folder for temporary files?"""
    folder = Path(tempfile.gettempdir())
    yield _written("temporary folder", folder, "Let TMPDIR name a folder that can be written to")


def _written(what: str, wanted: Path, mend: str) -> Finding:
    if wanted.exists() and not wanted.is_dir():
        return bad(what, f"{wanted} is no folder", "Name another, or move that away.")
    folder = _existing(wanted)
    try:
        _try_to_write(folder)
    except OSError as error:
        return bad(what, f"{folder} cannot be written to ({error.strerror})", f"{mend}.")
    return good(what, str(wanted) if folder == wanted else f"{wanted} is not there yet; a run makes it")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())


def _try_to_write(folder: Path) -> None:
    """Open a file without a name there, which leaves no trace; where the system has none, ask it.

    Raises:
        OSError: if nothing can be written.
    """
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    except AttributeError:  # not Linux
        pass
    else:
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def space(house: House) -> Iterator[Finding]:
    """Is there room for another release beside the current one, and for the state to grow?"""
    needed, whereof = _needed(house)
    free = shutil.disk_usage(_existing(house.clean)).free
    found = f"{decimal(free)} free; a run needs about {decimal(needed)} ({whereof})"
    if free < needed:
        mend = "Free some, or prote prune takes old releases away."
        yield bad("disk", found, mend)
    elif free < 3 * needed:
        yield note("disk", found, "That is enough for a run or two: prote prune takes old releases away.")
    else:
        yield good("disk", found)
    temporary = Path(tempfile.gettempdir())
    free = shutil.disk_usage(temporary).free
    if free < _TEMPORARY:
        mend = "Free some, or let TMPDIR name a larger folder."
        yield bad("temporary space", f"{decimal(free)} free in {temporary}", mend)


def _needed(house: House) -> tuple[int, str]:
    """Return how many bytes a run may write, and of what that was reckoned."""
    state = sum(path.stat().st_size for path in house.kept.glob("state.sqlite*"))
    release = current_release(house.clean)
    size = _release_bytes(release) if release is not None else 0
    if not size:
        return _FIRST_RUN + state, "a first run"
    return size + state + _TEMPORARY, f"release {decimal(size)}, state {decimal(state)}"


def _release_bytes(release: Path) -> int:
    """Return the size of a release as its bag tells it; 0 where it does not."""
    try:
        lines = (release / BAG_INFO).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 0
    told = next(
        (line.removeprefix("Payload-Oxum: ") for line in lines if line.startswith("Payload-Oxum: ")), ""
    )
    size = told.partition(".")[0]
    return int(size) if size.isdecimal() else 0
