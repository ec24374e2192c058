"""One run at a time in an output folder; the second is told who holds it, or waits for its end.

The system frees the lock when its holder ends, however it ends; what that one left in the folder for
temporary files is swept by the next.
"""

from __future__ import annotations

import math
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.exits import ExitCode, Stop
from flows.state import FOLDER

_POLL = 0.5
"""Seconds between two looks at a lock that is waited for."""


@contextmanager
def locked(
    clean: Path, wait: float = 0.0, tell: Callable[[str], None] = lambda _sentence: None
) -> Iterator[None]:
    """Hold the lock of an output folder; taking it again in the same process is allowed.

    Args:
        clean: the output folder.
        wait: for how many seconds to wait for another process that holds it; infinity for its end.
        tell: is told once, in a sentence, that there is one to wait for.

    Raises:
        Stop: if another process holds it all that time; the message names that process.
    """
    folder = clean / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "lock.holder"
    lock = FileLock(folder / "lock", is_singleton=True, thread_local=False)
    try:
        _acquire(lock, wait, lambda: tell(f"waiting for another run in {clean} ({_who(holder)})"))
    except Timeout:
        waited = f" after {wait:.0f} seconds" if wait else ""
        raise Stop(
            f"another run is at work in {clean}{waited} ({_who(holder)}): wait until it ends, or stop it",
            ExitCode.LOCKED,
            f"Une autre exécution travaille dans {clean} ({_who(holder)}) : attendez qu’elle finisse.",
        ) from None
    try:
        if lock.lock_counter == 1:
            since = datetime.now().astimezone().isoformat(timespec="seconds")
            holder.write_text(
                f"process {os.getpid()} on {socket.gethostname()} since {since}", encoding="utf-8"
            )
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, wait: float, tell: Callable[[], None]) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise
        tell()
        lock.acquire(timeout=-1 if wait == math.inf else wait, poll_interval=_POLL)


def _who(holder: Path) -> str:
    return holder.read_text(encoding="utf-8") if holder.exists() else "an unknown process"


@contextmanager
def temporary(clean: Path) -> Iterator[Path]:
    """Give the run that holds the lock a folder for temporary files, which goes when it ends."""
    folder = (clean / FOLDER / "tmp").resolve()
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir(exist_ok=True)
    try:
        yield Path(tempfile.mkdtemp(dir=folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
