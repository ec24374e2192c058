"""Trouble of the machine, no fault of a document: a full disk, one that is closed, a clock that went back.

It is told in one sentence, ends the run with a code of its own, and blames no document.
"""

from __future__ import annotations

import errno
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.exits import ExitCode, Stop
from flows.state import FOLDER
from release.history import publications

_PROBE = 1024 * 1024
"""Bytes that a run must be able to write, at the least."""
_CLOCKS_DIFFER = timedelta(hours=1)
_FULL = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the quota is used up: free some space",
    errno.EFBIG: "files may not grow so large here: raise the limit (ulimit -f)",
    errno.EIO: "the disk fails: look after it",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine: end other programs",
}
_CLOSED = {
    errno.EROFS: "the disk is read-only: mount it for writing, or take another folder",
    errno.EACCES: "permission is missing: give it to the user of this run",
    errno.EPERM: "permission is missing: give it to the user of this run",
}
_SQLITE = {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
    "attempt to write a readonly database": errno.EACCES,
    "unable to open database file": errno.EACCES,
}


def reason(error: BaseException | None, folder: Path | None = None) -> str:
    """Return what is wrong with the machine where an error comes from that; empty where it does not.

    Args:
        error: what was raised.
        folder: what must be writable; that another place may not be read is no trouble of the machine.
    """
    while error is not None:
        number = 0
        if isinstance(error, OSError):
            number = error.errno or 0
        elif isinstance(error, sqlite3.Error):
            number = _SQLITE.get(str(error), 0)
        if number in _FULL:
            return _FULL[number]
        if number in _CLOSED and folder is not None and _is_below(error, folder):
            return _CLOSED[number]
        error = error.__cause__ or error.__context__
    return ""


def _is_below(error: BaseException, folder: Path) -> bool:
    place = getattr(error, "filename", None)
    return not isinstance(place, str) or Path(place).resolve().is_relative_to(folder.resolve())


def check_writable(clean: Path) -> None:
    """Refuse an output folder that nothing can be written into.

    Raises:
        Stop: saying why.
    """
    folder = clean / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE))
            file.flush()
    except OSError as error:
        raise _stop(
            clean, reason(error) or _CLOSED.get(error.errno or 0) or f"{error.strerror}: mend it"
        ) from error


@contextmanager
def explained(clean: Path) -> Iterator[None]:
    """Have what fails because of the machine say so: on a full disk much fails that says anything else.

    Raises:
        Stop: if it does.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, Stop) and error.code is not ExitCode.FAILURE:
            raise
        check_writable(clean)
        if why := reason(error, clean):
            raise _stop(clean, why) from error
        raise


def _stop(clean: Path, why: str) -> Stop:
    return Stop(
        f"{clean} cannot be written, {why}, and run again; readers still have the release that they had",
        ExitCode.SURROUNDINGS,
        f"{clean} ne peut pas être écrit (disque plein, ou protégé) : prévenez qui s’en occupe. "
        "Les lecteurs ont encore la version d’avant.",
    )


def clock_trouble(clean: Path) -> str:
    """Return what is wrong with the clock, in a sentence; empty where nothing is seen.

    Only dates depend on it: a run goes on.
    """
    now = datetime.now(UTC)
    for when in sorted((publication.when for publication in publications(clean)), reverse=True):
        try:
            last = datetime.fromisoformat(when)
        except ValueError:  # of an earlier version, which told none
            continue
        if last.tzinfo is not None and last > now + _CLOCKS_DIFFER:
            return (
                f"the clock says {now:%Y-%m-%d %H:%M} UTC, and the last publication was at "
                f"{last:%Y-%m-%d %H:%M}: set it, or the dates of this run are wrong"
            )
        break
    return ""
