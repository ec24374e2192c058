"""What a process may take that does what documents make it do: the system holds it to that.

A picture of a billion pixels, or a file that unpacks to a thousand times its size, then fails with an error
that is told, and fills neither the memory nor the disk of the machine.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import tempfile

FILE = 2 * 1024**3
"""Bytes of one file that is written; the largest page takes 0.6 GB as it is written for an engine."""
FILES = 512
"""Files open at a time; reading takes thirty."""
ROOM = 64 * 1024**2
"""Bytes that must be free for temporary files, or an engine that fails says nothing of the page."""


def bound(memory: int, *, children: bool = True) -> None:
    """Bound what this process may take, and what it starts; nothing is allowed that was not before.

    Args:
        memory: bytes of address space.
        children: whether processes that it starts can get no more memory, even where they ask for it.
    """
    _lower(resource.RLIMIT_AS, memory, for_good=children)
    _lower(resource.RLIMIT_FSIZE, FILE)
    _lower(resource.RLIMIT_NOFILE, FILES)
    _lower(resource.RLIMIT_CORE, 0)  # an image of the memory holds documents, and takes gigabytes


def check_room() -> None:
    """Have a page not be blamed for what a full disk did.

    Raises:
        OSError: if hardly anything is free for temporary files.
    """
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder).free < ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)


def _lower(kind: int, value: int, *, for_good: bool = True) -> None:
    soft, most = (
        value if limit == resource.RLIM_INFINITY else min(value, limit) for limit in resource.getrlimit(kind)
    )
    resource.setrlimit(kind, (soft, most if for_good else resource.getrlimit(kind)[1]))
