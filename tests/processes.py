"""The program as the system sees it: started as a user starts it, its processes, what each of them took."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.state import FOLDER

PATIENCE = 120


def command(*arguments: str | Path) -> list[str]:
    """Return the call of `prote` with some arguments."""
    return [
        sys.executable,
        "-c",
        "from flows.cli import main\nif __name__ == '__main__':\n    main()",
        *map(str, arguments),
    ]


def environment(**variables: str) -> dict[str, str]:
    """Return the environment for a program with a Prefect server of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PROTE_"))}
    return kept | {"COLUMNS": "40"} | variables


def start(house: Path, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
    """Start `prote` in a folder; a test that gives up must end it."""
    return subprocess.Popen(
        command(*arguments),
        cwd=house,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(house: Path, *arguments: str | Path, seconds: float = 600, **variables: str) -> tuple[int, str, str]:
    """Run `prote` in a folder to its end; return its code, and what it said on both streams."""
    with start(house, *arguments, **variables) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.returncode, out, err


def working_for(clean: Path) -> list[int]:
    """Return the processes that work for an output folder: all that a run started have its Prefect's home."""
    mark = f"PREFECT_HOME={clean.resolve() / FOLDER / 'prefect'}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_for(what: Callable[[], object]) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: if it does not become so.
    """
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def peaks(clean: Path) -> Iterator[dict[str, int]]:
    """Give the most memory, in MB, that each process of a run had, by its number and what it is."""
    found: dict[str, int] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            for pid in working_for(clean):
                try:
                    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
                    called = (
                        Path(f"/proc/{pid}/cmdline")
                        .read_bytes()
                        .replace(b"\0", b" ")
                        .decode(errors="replace")
                    )
                except OSError:
                    continue
                for line in status.splitlines():
                    if line.startswith("VmHWM:"):
                        key = f"{pid} {called[-60:].strip()}"
                        found[key] = max(found.get(key, 0), int(line.split()[1]) // 1024)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
