"""Writing the files of a release: each once, read-only, with its sha256 taken as it is written.

`Files` is a folder being filled. `Files.write` makes a file of pieces, `Files.open` a stream, and
`Files.link` takes over a file of an earlier release as it is: one more name for the same bytes on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path


class Files:
    """The files written below a folder.

    Attributes:
        sums: sha256 of each, in hexadecimal, by its path below the folder.
        bytes: their size together.
    """

    def __init__(self, folder: Path) -> None:
        self.sums: dict[str, str] = {}
        self.bytes = 0
        self._folder = str(folder)
        self._made: set[str] = set()

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Write a new file that nobody is to change.

        A large corpus has a million of them: neither `Path` nor stream is made of each.
        """
        content = b"".join(parts)
        handle = os.open(self._place(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
        finally:
            os.close(handle)
        self.sums[path] = hashlib.sha256(content).hexdigest()
        self.bytes += len(content)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[Summed]:
        """Yield a stream that fills a new file; only a file whose stream ends well is kept account of."""
        with Path(self._place(path)).open("xb") as target:
            stream = Summed(target)
            yield stream
            target.flush()
            os.fchmod(target.fileno(), stat.S_IMODE(os.fstat(target.fileno()).st_mode) & ~0o222)
        self.sums[path] = stream.digest.hexdigest()
        self.bytes += stream.tell()

    def link(self, path: str, earlier: str, sha256: str) -> None:
        """Take over a file of an earlier release, whose sum is known.

        A large corpus has a million of them: no `Path` is made of each, which takes longer than its link.
        """
        target = self._place(path)
        try:
            os.link(earlier, target)
        except OSError:  # another file system, or one without links
            shutil.copy2(earlier, target)
        self.sums[path] = sha256
        self.bytes += os.stat(target).st_size  # noqa: PTH116

    def _place(self, path: str) -> str:
        parent = path.rpartition("/")[0]
        if parent not in self._made:
            Path(self._folder, parent).mkdir(parents=True, exist_ok=True)
            self._made.add(parent)
        return f"{self._folder}/{path}"


class Summed(io.RawIOBase):
    """A file that is written from its beginning to its end, and its sum."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self.digest = hashlib.sha256()
        self._file = file
        self._size = 0

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer, as in RawIOBase
        """Add to the file and to its sum."""
        self.digest.update(data)
        written = self._file.write(data)
        self._size += written
        return written

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._size


def sync() -> None:
    """Have all that was written survive a power cut: one call for a hundred thousand files."""
    os.sync()
