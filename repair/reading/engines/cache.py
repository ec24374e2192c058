"""Readings of pages that were made once: kept by the content of the image, and by what read it.

A folder with a file for each page. A run that is killed in the midst of a long document finds there
what it had read; new dictionaries, or another way of voting, never make a page be read again. Beside it
stands which image a page of a PDF was drawn as: one that is read need not be drawn once more. What an engine
failed at is believed for some hours: one run does not suffer it twice, and a later one tries again. What no
document uses any more is swept some day.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

import msgspec

from repair.reading.engines.engine import Readings

FORMAT = 4
"""Of the files, and of how images are prepared: another number, another reading."""

FAILED_FOR = 6 * 3600.0
"""Seconds for which a page that an engine failed at is not tried again; longer than a run usually takes."""

UNUSED_FOR = 30 * 86400.0
"""Seconds after which a reading that no document uses is swept: a file that was moved away may come back."""

_DIGEST = hashlib.sha256().digest_size
_NAME = re.compile("[0-9a-f]{64}")
_DECODER = msgspec.msgpack.Decoder(Readings)


class PageCache:
    """Readings kept in a folder.

    Attributes:
        used: names of the files that were found, or kept, here.
    """

    def __init__(self, folder: Path) -> None:
        """Take a folder; it is made with the first reading that is kept."""
        self._folder = folder
        self.used: set[str] = set()

    def get(self, image: Path, engines: str) -> Readings | None:
        """Return the readings of an image by some engines; None where there are none, or none whole."""
        return self._read(_image_name(image, engines))

    def get_drawn(self, page: str, engines: str) -> Readings | None:
        """Return the readings of a page that an image was drawn of; None where they are not known.

        Args:
            page: what its image depends on; see :meth:`keep_drawn`.
            engines: that read it.
        """
        note = _note_name(page, engines)
        try:
            name = self._file(note).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None
        found = self._read(name) if _NAME.fullmatch(name) else None
        if found is not None:
            self.used.add(note)
        return found

    def keep_drawn(self, page: str, image: Path, engines: str) -> None:
        """Note which image a page was drawn as.

        Args:
            page: what its image depends on: the digest of its file, its number, how it is drawn.
            image: that was drawn.
            engines: that read it.

        Raises:
            OSError: if the folder cannot be written.
        """
        self._write(_note_name(page, engines), _image_name(image, engines).encode())

    def _read(self, name: str) -> Readings | None:
        file = self._file(name)
        try:
            data, age = file.read_bytes(), time.time() - file.stat().st_mtime
        except OSError:
            return None
        digest, packed = data[:_DIGEST], data[_DIGEST:]
        # A letter that changed on the disk would still be a reading.
        if hashlib.sha256(packed).digest() != digest:
            return None
        found = _DECODER.decode(packed)
        if found.failures and abs(age) > FAILED_FOR:  # the clock may have gone back
            return None
        self.used.add(file.name)
        return found

    def put(self, image: Path, engines: str, readings: Readings) -> None:
        """Keep the readings of an image; another process may be keeping the same.

        Raises:
            OSError: if the folder cannot be written.
        """
        packed = msgspec.msgpack.encode(readings)
        self._write(_image_name(image, engines), hashlib.sha256(packed).digest() + packed)

    def _write(self, name: str, data: bytes) -> None:
        file = self._file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as part:
            try:
                part.write(data)
                part.flush()
                Path(part.name).replace(file)
            except OSError:
                Path(part.name).unlink()
                raise
        self.used.add(name)

    def sweep(self, used: Set[str]) -> None:
        """Remove what is not among the names of readings that are used, and has not been for long."""
        for file in self._folder.glob("*/*"):
            with suppress(OSError):  # another time, then
                if file.name not in used and time.time() - file.stat().st_mtime > UNUSED_FOR:
                    file.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / name[:2] / name


def _image_name(image: Path, engines: str) -> str:
    with image.open("rb") as file:
        key = hashlib.file_digest(file, "sha256")
    key.update(f"\0{FORMAT}\0{engines}".encode())
    return key.hexdigest()


def _note_name(page: str, engines: str) -> str:
    return hashlib.sha256(f"{page}\0drawn\0{FORMAT}\0{engines}".encode()).hexdigest()
