"""The failed expectations of a corpus: each with its documents, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from release.records import RELEASED
from repair.document import Reason

FAILING_SHOWN = 50
"""Documents named for each expectation."""


@dataclass(slots=True)
class Failing:
    """An expectation that some documents fail: how many, and the first of them with what is told of them."""

    code: str
    documents: int = 0
    shown: list[tuple[str, Reason]] = field(default_factory=list)

    def add(self, name: str, reason: Reason) -> None:
        """Count a document."""
        self.documents += 1
        if self.documents <= FAILING_SHOWN:
            self.shown.append((name, reason))


class Failures:
    """The failed expectations of documents that come one after the other."""

    def __init__(self) -> None:
        self._found: dict[str, Failing] = {}

    def add(self, name: str, reasons: Iterable[Reason]) -> None:
        """Count the reasons of a document."""
        for reason in reasons:
            if reason.code == RELEASED:  # a curator published it all the same
                continue
            self._found.setdefault(reason.code, Failing(reason.code)).add(name, reason)

    def all(self) -> list[Failing]:
        """Return them, those of most documents first."""
        return sorted(self._found.values(), key=lambda failing: (-failing.documents, failing.code))
