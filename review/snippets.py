"""The piece of a page's picture that a curator sees beside a doubtful word.

`Snippets` finds the raw file that a release was made from, makes sure that it still is that file, and has the
lines around a word drawn. It draws nothing itself: `draw` is a callable it is given by the command that opens
the desk (`repair.reading.pieces.Pieces`), which does so in a process of its own, so that no picture can harm
the desk. The places are those of the ledger: column `boxes` of the table `edits`.

    snippets = Snippets(raw, draw)
    png = snippets.piece(document.path, document.sha256, edit.boxes)  # blocks up to seconds: in a thread
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from repair.layout import PageBox

Draw = Callable[[Path, Sequence[PageBox]], bytes | None]
"""Draws the lines around some boxes of a file as a PNG; None where it has no picture or cannot be drawn."""

KEPT_BYTES = 32 * 1024 * 1024
"""Of pieces kept in memory: some thousand."""
_AT_ONCE = 4
_PATIENCE = 10.0
"""Pieces drawn at once, and seconds that others wait for their turn: a file that hangs must not take all of
the desk's threads."""
_KEPT_SUMS = 10_000
"""Raw files whose sums are kept; one takes 0.3 kB."""


class Snippets:
    """Pieces of pictures, the last ones kept; usable from any thread."""

    def __init__(self, raw: Path, draw: Draw, *, kept_bytes: int = KEPT_BYTES) -> None:
        """Prepare.

        Args:
            raw: the raw folder.
            draw: draws a piece; it may be called from several threads at once.
            kept_bytes: how many bytes of pieces are kept in memory.
        """
        self._raw, self._draw, self._most = raw, draw, kept_bytes
        self._sums: OrderedDict[Path, tuple[tuple[int, ...], str]] = OrderedDict()
        self._pieces: OrderedDict[tuple[str, tuple[PageBox, ...]], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._drawing = threading.Semaphore(_AT_ONCE)

    def piece(self, path: str, sha256: str, boxes: Sequence[PageBox]) -> bytes | None:
        """Return the lines around a word, the word in a frame, as a PNG: 720 pixels wide, and 60 kB, at most.

        Args:
            path: of the raw file, below the raw folder, as the release names it.
            sha256: of it, as the release names it.
            boxes: of the word, as the ledger has them; empty where nobody knows them.

        Returns:
            None where there is no picture: no boxes, a text, a file that is gone or is another by now, one
            that cannot be drawn, or not now.
        """
        file = self._raw / path
        if not boxes or self._sum(file) != sha256:
            return None
        key = sha256, tuple(boxes)
        with self._lock:
            if (kept := self._pieces.get(key)) is not None:
                self._pieces.move_to_end(key)
                return kept
        if not self._drawing.acquire(timeout=_PATIENCE):
            return None
        try:
            made = self._draw(file, boxes)
        finally:
            self._drawing.release()
        if made is not None:
            self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, tuple[PageBox, ...]], made: bytes) -> None:
        with self._lock:
            self._bytes += len(made) - len(self._pieces.pop(key, b""))
            self._pieces[key] = made
            while self._bytes > self._most:
                _, gone = self._pieces.popitem(last=False)
                self._bytes -= len(gone)

    def _sum(self, file: Path) -> str | None:
        """Return the sha256 of a file below the raw folder; it is read again only where it was touched."""
        try:
            if not file.resolve(strict=True).is_relative_to(self._raw.resolve()) or not file.is_file():
                return None
            with file.open("rb") as opened:
                stat = os.fstat(opened.fileno())
                touched = stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
                with self._lock:
                    known = self._sums.get(file)
                if known is not None and known[0] == touched:
                    return known[1]
                found = hashlib.file_digest(opened, "sha256").hexdigest()
        except (OSError, ValueError):  # ValueError: a name with a NUL
            return None
        with self._lock:
            self._sums[file] = touched, found
            if len(self._sums) > _KEPT_SUMS:
                self._sums.popitem(last=False)
        return found
