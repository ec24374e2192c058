"""Pairs of a reading and its correct text, from a file of one JSON object a line."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec


class BadPairs(ValueError):  # noqa: N818 - named for the file, as a user would
    """The file of pairs cannot be used; the message names the line and what it lacks."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A reading and what the page prints.

    Attributes:
        ocr: the reading.
        gold: the correct text.
        id: the pair's name; its line where the file gives none.
    """

    ocr: str
    gold: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the file; other fields are passed over."""

    ocr: str
    gold: str
    gold_etat: str | None = None
    id: str | int | None = None


def read_pairs(path: Path, limit: int | None = None) -> list[Pair]:
    """Read the pairs of a JSONL file, gzipped or not.

    Each line is an object with the texts ``ocr`` and ``gold``; ``id`` names it; ``gold_etat``,
    where there is one, takes the place of ``gold``. Empty lines are passed over.

    Args:
        path: of the file; the bytes say whether it is gzipped.
        limit: how many pairs to read at most; all where it is None.

    Raises:
        BadPairs: if a line is no such object, or the file holds no pair.
        OSError: if the file cannot be opened.
    """
    decoder = msgspec.json.Decoder(_Row)
    pairs = []
    number = 0
    with path.open("rb") as raw:
        gzipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            with gzip.open(raw) if gzipped else raw as file:
                filled = ((number, line) for number, line in enumerate(file, start=1) if line.strip())
                for number, line in islice(filled, limit):
                    row = decoder.decode(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
                    gold = row.gold if row.gold_etat is None else row.gold_etat
                    pairs.append(Pair(row.ocr, gold, f"line {number}" if row.id is None else str(row.id)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadPairs(
                f"{path}, line {number}: {error}; each line is a JSON object with the texts “ocr” and “gold”"
            ) from None
        except (EOFError, gzip.BadGzipFile) as error:
            raise BadPairs(f"{path}, after line {number}: {error}; the file is not whole") from None
    if not pairs:
        raise BadPairs(f"{path} holds no pair: it needs lines with the texts “ocr” and “gold”")
    return pairs
