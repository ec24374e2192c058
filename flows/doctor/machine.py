"""The machine: cores, memory, and the limits that the system sets the program."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from rich.filesize import decimal

from flows.doctor.finding import Finding, House, bad, good, note

_BASE = 800_000_000
"""Bytes of the run itself and of an embedded Prefect server."""
_WORKER = 700_000_000
"""Bytes of a worker that reads a scan: two hold 1.4 GB together."""
_OPEN_FILES = 1024
_FEWEST_FILES = 256


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores(_house: House) -> Iterator[Finding]:
    """How many processes will work, and are there as many cores for them?"""
    there, usable = os.cpu_count() or 1, usable_cores()
    if usable < there:
        mend = "Let it use them all, or expect the processes of a run to share these."
        yield note("cores", f"{usable} of {there} may be used", mend)
    else:
        yield good("cores", f"{there}: as many documents or pages at a time")


def memory(_house: House) -> Iterator[Finding]:
    """Is there memory for as many workers as a run starts?"""
    free = _free_memory()
    if free is None:
        return
    most = _BASE + _WORKER * (os.cpu_count() or 1)
    found = f"{decimal(free)} free; reading scans takes up to {decimal(most)}"
    if free < _BASE:
        yield bad("memory", found, f"End other programs, or give this one {decimal(most)}.")
    elif free < most:
        yield note("memory", found, "Texts are processed in less; give it more before many scans.")
    else:
        yield good("memory", found)


def _free_memory() -> int | None:
    """Return how many bytes may still be used, in this machine or container; None where nobody tells."""
    free = [_meminfo().get("MemAvailable")]
    limit, used = (_number(Path("/sys/fs/cgroup", name)) for name in ("memory.max", "memory.current"))
    if limit is not None and used is not None:
        free.append(max(0, limit - used))
    return min((found for found in free if found is not None), default=None)


def _meminfo() -> dict[str, int]:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max": there is no limit
        return None


def open_files(_house: House) -> Iterator[Finding]:
    """May it hold enough files open? Prefect's server and the workers' pipes take some hundreds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    mend = f"Raise it before a run: ulimit -n {_OPEN_FILES}."
    if soft == resource.RLIM_INFINITY or soft >= _OPEN_FILES:
        yield good("open files", "no limit" if soft == resource.RLIM_INFINITY else f"up to {soft}")
    elif soft < _FEWEST_FILES:
        yield bad("open files", f"{soft} at most", mend)
    else:
        yield note("open files", f"{soft} at most (the system would allow {hard})", mend)


def address_space(_house: House) -> Iterator[Finding]:
    """Is its address space limited? The models and the language index are mapped, not read."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        yield good("address space", "no limit")
        return
    found, mend = f"{decimal(soft)} at most", "Take the limit away for a run: ulimit -v unlimited."
    yield (bad if soft < _BASE + _WORKER else note)("address space", found, mend)
