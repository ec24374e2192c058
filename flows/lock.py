"""One run at a time in an output folder; the second is told who holds it.

The system frees the lock when its holder ends, however it ends; what that one left in the folder for
temporary files is swept by the next.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.exits import ExitCode, Stop
from flows.state import FOLDER


@contextmanager
def locked(clean: Path) -> Iterator[None]:
    """Hold the lock of an output folder; taking it again in the same process is allowed.

    Raises:
        Stop: if another process holds it; the message names that process.
    """
    folder = clean / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "lock.holder"
    lock = FileLock(folder / "lock", is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = holder.read_text(encoding="utf-8") if holder.exists() else "an unknown process"
        raise Stop(
            f"another run is at work in {clean} ({who}): wait until it ends, or stop it", ExitCode.LOCKED
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
