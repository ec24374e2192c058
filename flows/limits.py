"""What one document may take of the machine: time and memory. An operator may set both.

A document that takes more is set aside with a reason that says so, and the others go on. It is tried again
when it changes, when the program does, or when the limit is another.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from flows.exits import ExitCode, Stop

SECONDS = "PROTE_DOCUMENT_SECONDS"
MEMORY = "PROTE_DOCUMENT_MEMORY"
"""Variables of the environment: deployments set them as shells do. The second is in MB."""

_MEGABYTES = 6144
_LEAST = {SECONDS: 5, MEMORY: 512}
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take.

    Attributes:
        seconds: of work on it, or on some of its pages; None for what its size lets expect, and much more.
        megabytes: of address space of the process that works on it, the program itself included.
    """

    seconds: int | None = None
    megabytes: int = _MEGABYTES

    @classmethod
    def read(cls) -> Limits:
        """Return those that the environment sets, else the usual ones.

        Raises:
            Stop: if it says what is no limit.
        """
        return cls(_number(SECONDS), _number(MEMORY) or _MEGABYTES)

    def beyond(self, key: str) -> str:
        """Return the key of a document that went beyond these limits: other limits, another key.

        Args:
            key: what it would have been kept under (:func:`flows.fingerprint.document_key`).
        """
        return f"{self.seconds} s, {self.megabytes} MB, {key}"


def _number(name: str) -> int | None:
    said = os.environ.get(name)
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= _DIGITS and int(said) >= _LEAST[name]):
        raise Stop(f"{name} is {said!r}: set it to a number from {_LEAST[name]}, or unset it", ExitCode.USAGE)
    return int(said)
