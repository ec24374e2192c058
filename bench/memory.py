"""Memory of a program with all that it started, as Linux tells it below /proc."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")
_PARENT, _SESSION = 1, 3
"""Fields of /proc/PID/stat after the name in brackets (proc(5))."""


def family(process: int) -> set[int]:
    """Return a process, those that it started, and theirs; also orphans of the session that it leads."""
    parents: dict[int, tuple[int, int]] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            except OSError:  # it ended
                continue
            told = fields.split()
            parents[int(folder.name)] = int(told[_PARENT]), int(told[_SESSION])
    found = {process} | {one for one, (_, session) in parents.items() if session == process}
    while more := {one for one, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return found


def held(processes: set[int]) -> int:
    """Return the bytes that processes hold; a page that several share counts once (PSS)."""
    return sum(map(_held, processes))


def _held(process: int) -> int:
    try:
        lines = (_PROC / str(process) / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:  # it ended, or is ending
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def can_tell() -> bool:
    """Whether this system tells it."""
    return (_PROC / str(os.getpid()) / "smaps_rollup").is_file()
