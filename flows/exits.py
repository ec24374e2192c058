"""How the program ends: its exit codes, and the failures that carry one with a sentence for the user."""

from __future__ import annotations

import os
import sys
from enum import IntEnum


class ExitCode(IntEnum):
    """What a shell sees; scripts rely on these, so a number never changes its meaning."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    NOT_ALL_PUBLISHED = 3
    NOT_VERIFIED = 4
    NO_RELEASE = 5
    MISSING_PROGRAM = 6
    LOCKED = 7
    HELD_BACK = 8
    DECISIONS_FAIL = 9
    NOT_WELL = 10
    SURROUNDINGS = 11
    NOT_PUSHED = 12
    INTERRUPTED = 130
    PIPE_CLOSED = 141

    @property
    def meaning(self) -> str:
        """The sentence of the help page."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done, whatever the documents' statuses",
    ExitCode.FAILURE: "a failure; the message says of what",
    ExitCode.USAGE: "bad usage: an unknown option, document, release or folder",
    ExitCode.NOT_ALL_PUBLISHED: "with --strict: some documents are in review or quarantine",
    ExitCode.NOT_VERIFIED: "the release does not verify",
    ExitCode.NO_RELEASE: "there is no release yet",
    ExitCode.MISSING_PROGRAM: "a program that is needed is not installed",
    ExitCode.LOCKED: "another run is at work in the same folder",
    ExitCode.HELD_BACK: "the release is kept aside; readers still have the one before",
    ExitCode.DECISIONS_FAIL: "a curator's decision does not hold any more",
    ExitCode.NOT_WELL: "prote doctor found something that must be mended",
    ExitCode.SURROUNDINGS: "a full or read-only disk, or a permission that is missing; nothing is damaged",
    ExitCode.NOT_PUSHED: "with --push: the release is published here, and did not come to the store",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C); the next run takes up where this one stopped",
    ExitCode.PIPE_CLOSED: "the reader of our output went away",
}


class Stop(Exception):  # noqa: N818 - an end with its code, not always an error
    """The program cannot go on; the message is one sentence that says what to do.

    Attributes:
        code: how the program ends.
        fr: the same in French, where a curator at the desk may meet it; else the message.
    """

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILURE, fr: str = "") -> None:
        self.code, self.fr = code, fr or message
        super().__init__(message)


def say(sentence: str) -> None:
    """Tell the user something, where results are not written."""
    from flows.discretion import hide

    print(f"prote: {hide(sentence)}", file=sys.stderr)


def debugging() -> bool:
    """Say whether the user wants to see where a failure comes from."""
    return bool(os.environ.get("PROTE_DEBUG"))
