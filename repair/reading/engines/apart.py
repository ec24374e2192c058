"""An engine in a process of its own: one that hangs, crashes or fills the memory harms nothing else.

`Helper` does any work in a process of its own, `Apart` reads pages there. The process starts with the first
question, answers one after another, and ends with the one that started it, however that ends.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Generic, TypeVar

from repair.layout import PageLayout
from repair.reading.engines.bounds import bound
from repair.reading.engines.engine import Engine, EngineDied, EngineFailed, EngineTimeout

MEMORY = 8 * 1024**3
"""Bytes of address space that an engine may take; RapidOCR takes 1.5 GB for a page, and reserves more."""

_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the locks of other threads


_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


class Helper(Generic[_Question, _Answer]):
    """Does one kind of work in a process of its own."""

    def __init__(
        self, name: str, make: Callable[[], Callable[[_Question], _Answer]], memory: int = MEMORY
    ) -> None:
        """Prepare; no process is started yet.

        Args:
            name: in messages.
            make: a class or function of a module; called in the process, gives what does the work.
            memory: bytes of address space that it may take.
        """
        self.name = name
        self._make, self._memory = make, memory
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pages: Connection | None = None
        self._one = threading.Lock()  # of two threads each must get its own question's answer

    def ask(self, question: _Question, seconds: float) -> _Answer:
        """Have the work done, and wait for it.

        Args:
            question: a value that can be pickled.
            seconds: after how many to give up.

        Raises:
            EngineTimeout: if it did not end in time.
            EngineDied: if the process ended in the midst.
            EngineFailed: if it could not be done.
        """
        with self._one:
            pages = self._started()
            try:
                pages.send(question)
                if not pages.poll(seconds):
                    raise EngineTimeout(f"{self.name}: no end after {seconds:.0f} s")
                found: _Answer | EngineFailed = pages.recv()
            except (EOFError, OSError) as error:
                self.close()
                raise EngineDied(f"{self.name} broke down") from error
            except BaseException:  # an answer that nobody took would be the next page's
                self.close()
                raise
        if isinstance(found, EngineFailed):
            raise found
        return found

    def close(self) -> None:
        """End the process; the next question starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None
        if self._pages is not None:
            self._pages.close()
            self._pages = None

    def _started(self) -> Connection:
        if self._pages is None:
            self._pages, theirs = _SPAWN.Pipe()
            self._process = _SPAWN.Process(
                target=_serve, args=(theirs, self._make, self._memory), daemon=True
            )
            self._process.start()
            theirs.close()  # so that its end is seen here
        return self._pages


class Apart(Helper[Path, PageLayout]):
    """Runs an engine in a process of its own; an engine itself."""

    def __init__(self, name: str, make: Callable[[], Engine]) -> None:
        """Take an engine's name and what makes it: a class or function of a module."""
        super().__init__(name, partial(_reading, make))

    def read(self, image: Path, seconds: float) -> PageLayout:
        """Read a page; see :class:`~repair.reading.engines.engine.Engine`."""
        return self.ask(image, seconds)


def _reading(make: Callable[[], Engine]) -> Callable[[Path], PageLayout]:
    engine = make()
    return lambda image: engine.read(image, 0.0)


def _serve(pages: Connection, make: Callable[[], Callable[[object], object]], memory: int) -> None:
    """Answer what is asked, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that started it
    parent = multiprocessing.parent_process()
    if parent is not None:  # work that hangs would never see that nobody asks any more
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    bound(memory)
    work: Callable[[object], object] | None = None
    while True:
        try:
            question = pages.recv()
        except EOFError:
            return
        found: object
        try:
            work = work or make()
            found = work(question)
        except EngineFailed as error:
            found = error
        except Exception as error:
            found = EngineFailed(f"{type(error).__name__}: {error}")
        pages.send(found)
        give_back()


def give_back() -> None:
    """Give the system back what was freed: of the 800 MB of RapidOCR's page the C library would keep 500."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
    if trim is not None:
        trim(0)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
