"""Writing the file of the phrases of trusted documents (`store.py`)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from repair.memory.store import HEADER, MAGIC, Contents

MOST = 2_000_000
"""Phrases in a store: 32 MB, and a second to build."""

PLACES = 2
"""Documents kept of a phrase."""

PHRASES = np.dtype([("phrase", "<u8"), ("paragraph", "<u4")])
"""The phrases of one document, as bytes: each once, in order."""


def write_store(
    path: Path, documents: Iterable[tuple[str, bytes]], sources: str = "", most: int = MOST
) -> Contents:
    """Write a store, all or nothing.

    Args:
        path: the file; what stands there is replaced.
        documents: name and phrases (:data:`PHRASES`) of the trusted documents, by path.
        sources: digest of them.
        most: how many phrases are taken. The documents fill it in their order; what finds no
            room is left out. A phrase of several documents counts for each.

    Returns:
        What is in it.
    """
    names: list[str] = []
    taken: list[np.ndarray] = []
    room, left_out = most, 0
    for name, packed in documents:
        phrases = np.frombuffer(packed, PHRASES)
        left_out += len(phrases) > room
        if room:
            names.append(name)
            taken.append(phrases[:room])
            room -= len(taken[-1])
    phrases = np.concatenate(taken) if taken else np.empty(0, PHRASES)
    ranks = np.repeat(np.arange(len(taken), dtype=np.uint64), [len(part) for part in taken])
    numbers = phrases["phrase"].astype("=u8")
    places = (ranks << np.uint64(32)) | phrases["paragraph"].astype("=u8")
    order = np.argsort(numbers, kind="stable")
    numbers, places = numbers[order], places[order]
    kept = np.ones(len(numbers), dtype=bool)
    kept[PLACES:] = numbers[PLACES:] != numbers[:-PLACES]
    contents = Contents(tuple(names), left_out, sources)
    _write(path, numbers[kept], places[kept], contents)
    return contents


def _write(path: Path, numbers: np.ndarray, places: np.ndarray, contents: Contents) -> None:
    told = json.dumps(asdict(contents)).encode()
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(HEADER.pack(MAGIC, len(numbers), len(told)))
        file.write(numbers.tobytes())
        file.write(places.tobytes())
        file.write(told)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
