"""What runs that were killed left behind: nothing of it does harm, and the next run sweeps most."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flows.doctor.finding import Finding, House, good, note
from release.history import CHANGES
from release.layout import PARTIAL, RELEASES

_OLD = 24 * 3600
"""Seconds after which nobody is at work in a temporary folder any more."""


def lock(house: House) -> Iterator[Finding]:
    """Is a run at work here?"""
    if not is_held(house.kept / "lock"):
        yield good("lock", "free")
        return
    holder = house.kept / "lock.holder"
    who = holder.read_text(encoding="utf-8") if holder.exists() else "an unknown process"
    yield note("lock", f"held by {who}", "Wait until that run ends, or stop it; nothing need be removed.")


def is_held(path: Path) -> bool:
    """Say whether a process holds a lock; it is asked for shortly, and the file is not touched."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)  # which frees it
    return False


def folders(house: House) -> Iterator[Finding]:
    """Are there temporary folders of runs that ended before they could take them away?"""
    found = list(_left(house))
    if found:
        shown = ", ".join(map(str, found[:5])) + (", …" if len(found) > 5 else "")
        mend = "The next run sweeps what is in the output folder; the rest may be removed."
        yield note("leftovers", f"{len(found)}: {shown}", mend)
    else:
        yield good("leftovers", "none")


def _left(house: House) -> Iterator[Path]:
    """Yield what nobody works with: while a lock is held, its holder's folders are his."""
    if not is_held(house.kept / "lock"):
        yield from _below(house.kept / "tmp", "*")
    if not is_held(house.clean / RELEASES / ".lock"):
        yield from _below(house.clean / RELEASES, f"{PARTIAL}*")
        yield from _below(house.clean / CHANGES, f"{PARTIAL}*")
    for path in _below(Path(tempfile.gettempdir()), "prote-*"):
        with suppress(OSError):
            if path.is_dir() and time.time() - path.stat().st_mtime > _OLD:
                yield path


def _below(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []
