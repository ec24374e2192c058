"""What a release has of each document, rendered by several processes at once while one writes it.

Where many documents are new, their pages, JSON and rows take most of a publication, and none needs another.
The processes load documents from the state themselves; the release has the same bytes, whoever renders.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from itertools import repeat

from flows.workshop import pool
from release.rendering import Asked, Rendered, render_apart

FEWEST = 300
"""Documents that are rendered before processes would have started: a second, of each."""
_DOCUMENTS, _BYTES = 32, 200_000
"""Sent to a process at a time, at most: documents, and bytes of their raw files unless one alone has more."""
_AHEAD = 3
"""Times as many are asked for, or wait to be written, as there are processes."""


class Renderers:
    """Processes that render documents; a `release.rendering.Render`.

    They start when there is enough to do, and end with what they were asked for.
    """

    def __init__(self, workers: int) -> None:
        """Prepare.

        Args:
            workers: how many processes there may be; with one, documents are rendered by who publishes.
        """
        self._workers = workers

    def __call__(self, asked: Sequence[Asked]) -> Iterator[Rendered | None]:
        """Yield what releases have of documents, in their order; None for those left to who publishes."""
        done = 0
        if self._workers > 1 and len(asked) >= FEWEST:
            try:
                for found in self._rendered(asked):
                    yield from found
                    done += len(found)
            except BrokenProcessPool:  # one was killed: whoever publishes goes on alone
                pass
        yield from repeat(None, len(asked) - done)

    def _rendered(self, asked: Sequence[Asked]) -> Iterator[list[Rendered | None]]:
        waiting: deque[Future[list[Rendered | None]]] = deque()
        with pool(self._workers) as processes:
            for chunk in chunks(asked):
                waiting.append(processes.submit(render_all, chunk))
                if len(waiting) > _AHEAD * self._workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


def chunks(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Divide documents, in their order, into what is sent to a process at a time."""
    chunk: list[Asked] = []
    size = 0
    for one in asked:
        if chunk and (len(chunk) == _DOCUMENTS or size + one.source.size > _BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += one.source.size
    if chunk:
        yield chunk


def render_all(asked: Sequence[Asked]) -> list[Rendered | None]:
    """Render some documents, in a process of its own."""
    return [render_apart(one) for one in asked]
