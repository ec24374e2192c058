"""An engine in a process of its own: one that hangs, crashes or fills the memory harms nothing else.

The process starts with the first page, reads one after another, and ends with the one that started it,
however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from repair.layout import PageLayout
from repair.reading.engines.engine import Engine, EngineFailed, EngineTimeout

MEMORY = 8 * 1024**3
"""Bytes of address space that an engine may take; RapidOCR takes 1.5 GB for a page, and reserves more."""

_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the locks of other threads


class Apart:
    """Runs an engine in a process of its own; an engine itself."""

    def __init__(self, name: str, make: Callable[[], Engine]) -> None:
        """Take an engine's name and what makes it: a class or function of a module."""
        self.name = name
        self._make = make
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pages: Connection | None = None
        self._one = threading.Lock()  # of two threads each must get its own page's answer

    def read(self, image: Path, seconds: float) -> PageLayout:
        """Read a page; see :class:`~repair.reading.engines.engine.Engine`."""
        with self._one:
            pages = self._started()
            try:
                pages.send(image)
                if not pages.poll(seconds):
                    raise EngineTimeout(f"{self.name}: no end after {seconds:.0f} s")
                found = pages.recv()
            except (EOFError, OSError) as error:
                self.close()
                raise EngineFailed(f"{self.name} broke down") from error
            except BaseException:  # an answer that nobody took would be the next page's
                self.close()
                raise
        if isinstance(found, EngineFailed):
            raise found
        assert isinstance(found, PageLayout)  # noqa: S101 - for the type checker: nothing else is sent
        return found

    def close(self) -> None:
        """End the process; the next page starts another."""
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
            self._process = _SPAWN.Process(target=_serve, args=(theirs, self._make), daemon=True)
            self._process.start()
            theirs.close()  # so that its end is seen here
        return self._pages


def _serve(pages: Connection, make: Callable[[], Engine]) -> None:
    """Read the pages that are asked for, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that started it
    parent = multiprocessing.parent_process()
    if parent is not None:  # an engine that hangs would never see that nobody asks any more
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    engine: Engine | None = None
    while True:
        try:
            image = pages.recv()
        except EOFError:
            return
        found: PageLayout | EngineFailed
        try:
            engine = engine or make()
            found = engine.read(image, 0.0)
        except EngineFailed as error:
            found = error
        except Exception as error:
            found = EngineFailed(f"{type(error).__name__}: {error}")
        pages.send(found)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
