"""The journal of rulings: ``dictionaries/decisions.jsonl``, append-only, a ruling a line.

It goes under version control and is merged like any text: lines are added at the end, none is changed or
taken away. A ruling is there whole or not at all: what a killed program left of a last line is not read, and
goes when the next is added; one that lacks its line end alone is whole.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock

from repair.decisions.ruling import Ruling, identity

_RULING = msgspec.json.Decoder(Ruling)
_BLOCK = 1 << 16


class DamagedJournal(ValueError):  # noqa: N818 - it says what is wrong with it
    """A line of the journal is none of ours; the message says which and what to do.

    Attributes:
        fr: the same in French.
    """

    def __init__(self, fr: str, en: str) -> None:
        self.fr = fr
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal, at a path where there may be nothing yet.

    Attributes:
        path: of the file.
    """

    path: Path

    def read(self) -> tuple[Ruling, ...]:
        """Return all rulings in their order; a line that stands there twice, by a merge, counts once.

        Raises:
            DamagedJournal: if a line is no ruling, or was changed by hand.
        """
        return tuple({ruling.id: ruling for ruling in self.read_after(0)[0]}.values())

    def read_after(self, offset: int) -> tuple[list[Ruling], int]:
        """Return the rulings of the lines after so many bytes, and how many bytes there are now.

        Args:
            offset: in bytes, where a line ended when the file was read before.

        Raises:
            DamagedJournal: if a line is no ruling, or was changed by hand.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return [], 0
        end = data.rfind(b"\n") + 1
        if not self._is_whole(data[end:]):
            data = data[:end]
        return [
            self._ruling(line, number if offset == 0 else -1)
            for number, line in enumerate(data.splitlines(), 1)
            if line.strip()
        ], offset + len(data)

    def _ruling(self, line: bytes, number: int) -> Ruling:
        where = f"line {number} of {self.path}" if number > 0 else f"a late line of {self.path}"
        ou = f"La ligne {number} de {self.path}" if number > 0 else f"Une des dernières lignes de {self.path}"
        try:
            ruling = _RULING.decode(line)
        except (msgspec.DecodeError, ValueError) as error:
            raise DamagedJournal(
                f"{ou} n’est pas une décision ({error}) : réparez-la, ou reprenez-la de git.",
                f"{where} is no decision ({error}): mend it, or take it from git",
            ) from None
        if ruling.id != identity(ruling):
            raise DamagedJournal(
                f"{ou} a été modifiée à la main : reprenez-la de git, et revenez plutôt sur la décision.",
                f"{where} was changed by hand: take it back from git, and reverse the decision instead",
            )
        return ruling

    def _is_whole(self, line: bytes) -> bool:
        """Say whether a last line without its end is a ruling all the same."""
        try:
            return bool(line.strip()) and bool(self._ruling(line, -1))
        except DamagedJournal:
            return False

    def append(self, rulings: Sequence[Ruling]) -> None:
        """Add rulings at the end, all or none of them, and see them on the disk.

        Safe to call from several programs at once. Whoever must not rule on what another has just ruled on
        holds the `lock` from his reading to his writing.

        Args:
            rulings: signed.

        Raises:
            OSError: if the file cannot be written; nothing is added then.
        """
        lines = b"".join(msgspec.json.encode(ruling, order="deterministic") + b"\n" for ruling in rulings)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.lock(), self.path.open("a+b") as file:
            whole = _whole(file.fileno())
            file.seek(whole)
            if self._is_whole(file.read()):  # an editor, or a merge, took its line end
                whole, lines = file.tell(), b"\n" + lines
            file.truncate(whole)
            try:
                # One write, which no kill can cut in two; a disk that is full can.
                if os.write(file.fileno(), lines) < len(lines):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(whole)
                raise

    def lock(self) -> FileLock:
        """Return the lock of whoever adds to it; who holds it may take it again."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path.with_name(f".{self.path.name}.lock"), is_singleton=True)


def _whole(file: int) -> int:
    """Return the length of a file up to its last line end."""
    end = os.fstat(file).st_size
    while end:
        start = max(0, end - _BLOCK)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
