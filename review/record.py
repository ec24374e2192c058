"""The journal as the desk knows it: read once, then followed, so that a decision costs its own line alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from repair.decisions.journal import Journal
from repair.decisions.ruling import Ruling, Verdict

_TAIL = 4096
"""Bytes before the place where it was read up to; where they are others, the file is another."""


@dataclass(slots=True)
class Record:
    """The rulings of a journal in their order, and which of them were taken back; not safe between threads.

    Attributes:
        journal: the file.
        rulings: by id, in their order, reversals among them.
        reversals: the ruling that took one back, by the id of the one.
    """

    journal: Journal
    rulings: dict[str, Ruling] = field(default_factory=dict)
    reversals: dict[str, Ruling] = field(default_factory=dict)
    _by_document: dict[str, list[Ruling]] = field(default_factory=dict)
    _by_words: dict[tuple[str, str], list[Ruling]] = field(default_factory=dict)
    _by_curator: dict[str, list[Ruling]] = field(default_factory=dict)
    _end: int = 0
    _tail: bytes = b""

    def follow(self) -> list[Ruling] | None:
        """Read what was added; return it, or None where the file is another and all was read again.

        Raises:
            DamagedJournal: if a line is no ruling.
        """
        same = _before(self.journal.path, self._end) == self._tail
        if not same:
            self.rulings, self.reversals, self._end = {}, {}, 0
            self._by_document, self._by_words, self._by_curator = {}, {}, {}
        added, end = self.journal.read_after(self._end)
        new = [ruling for ruling in added if ruling.id not in self.rulings]
        for ruling in new:
            self.rulings[ruling.id] = ruling
            self._by_curator.setdefault(ruling.who, []).append(ruling)
            if ruling.document:
                self._by_document.setdefault(ruling.document, []).append(ruling)
            if ruling.outcome is not None:
                self._by_words.setdefault((ruling.before, ruling.after), []).append(ruling)
            if ruling.verdict is Verdict.REVERSE:
                self.reversals.setdefault(ruling.reverses, ruling)
        if end != self._end or not same:
            self._end, self._tail = end, _before(self.journal.path, end)
        return new if same else None

    @property
    def last(self) -> str:
        """The id of the last ruling; empty where there is none."""
        return next(reversed(self.rulings), "")

    def since(self, last: str) -> list[Ruling]:
        """Return the rulings after one, newest first; all of them where it is not there."""
        found = []
        for identity in reversed(self.rulings):
            if identity == last:
                break
            found.append(self.rulings[identity])
        return found

    def in_force(self, ruling: Ruling) -> bool:
        """Say whether it holds: it is no reversal, and nobody took it back."""
        return ruling.verdict is not Verdict.REVERSE and ruling.id not in self.reversals

    def last_of(self, who: str) -> Ruling | None:
        """Return the last ruling of a curator that holds; what he may undo."""
        return next(filter(self.in_force, reversed(self._by_curator.get(who, []))), None)

    def act_of(self, ruling: Ruling) -> list[Ruling]:
        """Return what was said in the same act as a ruling, it too, and holds."""
        first = ruling.act or ruling.id
        said = self._by_curator.get(ruling.who, ())
        return [one for one in said if first in (one.id, one.act) and self.in_force(one)]

    def of_document(self, name: str) -> list[Ruling]:
        """Return what was decided of one document alone, and holds."""
        return list(filter(self.in_force, self._by_document.get(name, ())))

    def near(self, rulings: Iterable[Ruling]) -> list[Ruling]:
        """Return what holds and is about the same words or documents as some rulings."""
        found: dict[str, Ruling] = {}
        for ruling in rulings:
            shelves = [self._by_words.get((ruling.before, ruling.after), [])]
            if ruling.document:
                shelves.append(self._by_document.get(ruling.document, []))
            found |= {one.id: one for shelf in shelves for one in shelf if self.in_force(one)}
        return list(found.values())


def _before(path: Path, end: int) -> bytes:
    """Return the bytes of a file before a place; fewer where it is shorter."""
    try:
        with path.open("rb") as file:
            start = max(0, end - _TAIL)
            file.seek(start)
            return file.read(end - start)
    except FileNotFoundError:
        return b""
