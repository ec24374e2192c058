"""The desk's room: the release that is served, the journal, and the work that was started.

A release that becomes the current one while the desk is open is taken up as soon as its index is made; until
then the one before is served. What was decided stays, since it is in the journal.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from release.history import current_id
from release.layout import DATA, RELEASES, diplomatic_file, reading_file
from release.ledger import read_edits, read_text
from release.pages.marks import Line, mark
from release.rows import DocumentRow
from repair.decisions.journal import Journal
from repair.decisions.ruling import Ruling
from repair.edits import Edit, Kind
from review.actions import Desk
from review.index import Watch, open_index
from review.queue import Queue
from review.record import Record

_LOG = logging.getLogger(__name__)
FOLDER = Path(".prote", "desk")
"""Below the output folder."""

Again = Callable[[str, str, Watch], tuple[str, str]]
"""Sends a document through again, by its name and its typography profile (empty where it has none), telling
how far it is; returns what came of it, in both languages."""


class NoRelease(LookupError):  # noqa: N818 - it says what is missing
    """There is no release to be looked at."""


@dataclass(slots=True)
class Work:
    """A document that was sent through again.

    Attributes:
        done: steps that are done.
        total: of how many; 0 where nobody knows yet.
        said: what came of it, in both languages; None while it is at work.
        failed: whether it failed.
    """

    done: int = 0
    total: int = 0
    said: tuple[str, str] | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a document, as its page shows it."""

    reading: str
    diplomatic: str
    repairs: tuple[Edit, ...]
    lines: tuple[Line, ...]


class Room:
    """What all requests share; its methods may be called from any thread."""

    def __init__(self, clean: Path, journal: Path, watch: Watch = lambda _done, _total: None) -> None:
        """Open the current release.

        Raises:
            NoRelease: if there is none.
            DamagedTable: if it cannot be read.
            DamagedJournal: if the journal cannot.
        """
        self._clean = clean
        self._lock = threading.RLock()
        self._record = Record(Journal(journal))
        self._record.follow()
        self._release = current_id(clean)
        if not self._release or not self._data(self._release).is_dir():
            raise NoRelease(f"there is no release in {clean}")
        self._queue = Queue(self._index(self._release, watch), self._record)
        self._coming = ""
        self._refused = ""
        self._works: dict[str, Work] = {}
        self._text = lru_cache(maxsize=4)(self._read)

    def _data(self, release: str) -> Path:
        return self._clean / RELEASES / release / DATA

    def _index(self, release: str, watch: Watch = lambda _done, _total: None) -> Path:
        return open_index(self._data(release), self._clean / FOLDER, release, watch)

    @contextlib.contextmanager
    def queue(self) -> Iterator[Queue]:
        """Give the queue as the journal has it now, to one at a time."""
        with self._lock:
            self._look()
            self._told(self._record.follow())
            yield self._queue

    @contextlib.contextmanager
    def desk(self, who: str, seen: str) -> Iterator[tuple[Desk, Queue]]:
        """Give what an action needs, to one at a time."""
        with self.queue() as queue:
            yield Desk(self._record, who, seen, self._told, self._path), queue

    def _told(self, rulings: list[Ruling] | None) -> None:
        if rulings is None:
            self._queue.restart()
        elif rulings:
            self._queue.take(rulings)

    def _path(self, name: str) -> str:
        row = self._queue.document(name)
        return row.path if row else ""

    @property
    def record(self) -> Record:
        """The journal; to be looked at while the queue is held."""
        return self._record

    @property
    def release(self) -> str:
        """The ID of the release that is served."""
        return self._release

    @property
    def coming(self) -> bool:
        """Whether the index of a newer release is being made."""
        return bool(self._coming)

    def _look(self) -> None:
        """Have the index made of a release that has come since."""
        current = current_id(self._clean)
        if current in ("", self._release, self._coming, self._refused) or not self._data(current).is_dir():
            return
        self._coming = current
        threading.Thread(target=self._take_up, args=(current,), daemon=True).start()

    def _take_up(self, release: str) -> None:
        try:
            index = self._index(release)
            with self._lock:
                queue = Queue(index, self._record)
                self._queue.close()
                self._queue, self._release = queue, release
        except Exception:  # damaged, or the disk is full: the release before is still there
            _LOG.warning("release %s cannot be taken up", release, exc_info=True)
            self._refused = release
        finally:
            self._coming = ""

    def text(self, row: DocumentRow) -> Text:
        """Return the text of a document of the release.

        Raises:
            OSError: if it is gone.
        """
        return self._text(self._release, row.name)

    def _read(self, release: str, name: str) -> Text:
        data = self._data(release)
        reading, diplomatic = read_text(data / reading_file(name)), read_text(data / diplomatic_file(name))
        repairs = tuple(row.edit for row in read_edits(data, name) if row.kind is Kind.REPAIR)
        return Text(reading, diplomatic, repairs, tuple(mark(reading, diplomatic, repairs)))

    # Documents that are sent through again.

    def start(self, name: str, profile: str, again: Again) -> None:
        """Send a document through again, unless it is at work already.

        Args:
            name: of the document.
            profile: its own; empty where it has none.
            again: does so.
        """
        with self._lock:
            work = self._works.get(name)
            if work is not None and work.said is None:
                return
            work = self._works[name] = Work()
        threading.Thread(target=_work, args=(name, profile, again, work), daemon=True).start()

    def work(self, name: str) -> Work | None:
        """Return what became of a document that was sent through again since the desk was opened."""
        return self._works.get(name)


def _work(name: str, profile: str, again: Again, work: Work) -> None:
    def watch(done: int, total: int) -> None:
        work.done, work.total = done, total

    try:
        work.said = again(name, profile, watch)
    except Exception as error:  # whatever it was, the page must say it
        work.failed = True
        fr, en = (
            " ".join(told.split()) or type(error).__name__
            for told in (getattr(error, "fr", str(error)), str(error))
        )
        work.said = (fr, en)
