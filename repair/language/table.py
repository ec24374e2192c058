"""The hash table of n-grams: written once by the build, opened by memory map.

A slot holds a fingerprint of 16 bits and a quantised count. One look-up in some ten thousand of an
absent n-gram finds another's count (at the load of `LOAD`, an absent n-gram is missed in six
steps); a language model does not notice.
"""

from __future__ import annotations

import math
import mmap
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path

LOAD = 0.7
"""Share of the slots that are taken."""

_STEP = 16.0
"""Counts are kept as round(16 ln(1 + count)) in a byte: exact to 3 % up to 8 million."""

_MULTIPLIER = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def quantise(count: float) -> int:
    """Return a count as a byte; 0 stays 0.

    >>> [round(COUNTS[quantise(count)]) for count in (0, 1, 10, 1000)]
    [0, 1, 10, 1029]
    """
    return min(255, round(_STEP * math.log1p(count)))


COUNTS = tuple(math.expm1(byte / _STEP) for byte in range(256))
"""What each byte of :func:`quantise` stands for."""


def open_mapped(path: Path) -> memoryview:
    """Return the bytes of a file, shared with the other processes that open it."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _hash(key: int) -> int:
    """Return the 64-bit hash of a packed n-gram (Fibonacci hashing, Knuth, TAOCP 3, § 6.4)."""
    return (key * _MULTIPLIER) & _MASK


def table_bytes(counts: Iterable[tuple[int, float]], size: int) -> bytes:
    """Return the table of `size` packed n-grams and their counts."""
    slots = int(size / LOAD) + 1
    fingerprints = array("H", bytes(2 * slots))
    values = bytearray(slots)
    for key, count in counts:
        hashed = _hash(key)
        slot = (hashed >> 16) % slots
        while fingerprints[slot]:
            slot = (slot + 1) % slots
        fingerprints[slot] = (hashed >> 48) or 1
        values[slot] = quantise(count)
    if sys.byteorder == "big":
        fingerprints.byteswap()
    return fingerprints.tobytes() + bytes(values)


class NgramTable:
    """Counts of packed n-grams."""

    def __init__(self, path: Path) -> None:
        data = open_mapped(path)
        self._slots = len(data) // 3
        self._fingerprints = data[: 2 * self._slots].cast("H")
        self._counts = data[2 * self._slots :]

    def count(self, key: int) -> float:
        """Return the count of a packed n-gram, 0 for an absent one."""
        hashed = (key * _MULTIPLIER) & _MASK  # `_hash`, without a call: this is the hottest line there is
        fingerprint = (hashed >> 48) or 1
        slot = (hashed >> 16) % self._slots
        fingerprints = self._fingerprints
        while True:
            there = fingerprints[slot]
            if there == fingerprint:
                return COUNTS[self._counts[slot]]
            if not there:
                return 0.0
            slot = slot + 1 if slot + 1 < self._slots else 0
