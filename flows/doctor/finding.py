"""What a check says: values, and what every check is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Health(StrEnum):
    """How a thing is."""

    GOOD = "good"
    NOTE = "note"
    """A run does without, or will mend it; a person should know."""
    BAD = "bad"
    """A run stops at it, or what it makes cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Attributes:
        what: the thing.
        how: it is.
        found: what there is, in a few words.
        mend: what to do, one sentence; empty where it is good.
    """

    what: str
    how: Health
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class House:
    """What is to be looked at: the folders of a corpus, which need not be there yet.

    Attributes:
        raw: the raw folder.
        clean: the output folder.
        decisions: the curators' journal.
    """

    raw: Path
    clean: Path
    decisions: Path

    @property
    def kept(self) -> Path:
        """The folder of what runs keep."""
        from flows.state import FOLDER  # which takes libraries that may be what is missing

        return self.clean / FOLDER


Check = Callable[[House], Iterable[Finding]]


def good(what: str, found: str) -> Finding:
    """Return the finding that a thing is as it should be."""
    return Finding(what, Health.GOOD, found)


def note(what: str, found: str, mend: str) -> Finding:
    """Return the finding that there is something to know of a thing."""
    return Finding(what, Health.NOTE, found, mend)


def bad(what: str, found: str, mend: str) -> Finding:
    """Return the finding that a thing must be mended."""
    return Finding(what, Health.BAD, found, mend)
