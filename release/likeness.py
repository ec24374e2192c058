"""Which documents have the same text, or nearly: sketches of texts, and the pairs whose sketches agree.

A sketch is the MinHash of a text's five-word sequences (Broder 1997, "On the resemblance and containment of
documents"); the share of its figures that two texts have in common estimates the share of the sequences that
they have in common, within four points at ninety in a hundred. It stands in the row of each document, so
that only new texts are ever sketched, and readers of a release can look for copies themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rensa import RMinHash

SHINGLE = 5
"""Words of a sequence."""
FIGURES = 64
"""Figures of a sketch."""
LEAST_ALIKE = 0.8
"""Share in common from which two texts are told to be alike."""
_BAND = 4
"""Figures that must all agree for two texts to be compared: at 0.8 one pair in 4,000 is missed."""
_SEED = 2026
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Twins:
    """Two documents with nearly the same text.

    Attributes:
        name: of the first, in order of their names.
        other: of the second.
        alike: estimated share of their five-word sequences that they have in common, from 0 to 1.
    """

    name: str
    other: str
    alike: float


def sketch(text: str) -> tuple[int, ...]:
    """Return the sketch of a text: 64 figures of 32 bits; none for a text of fewer than five words.

    >>> sketch("Il doit être entendu ainsi.") == sketch("IL DOIT ÊTRE ENTENDU AINSI !")
    True
    >>> len(sketch("Il doit être entendu ainsi.")), sketch("Trop court.")
    (64, ())
    """
    words = _WORD.findall(text.casefold())
    if len(words) < SHINGLE:
        return ()
    hashed = RMinHash(num_perm=FIGURES, seed=_SEED)
    hashed.update([" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)])
    return tuple(hashed.digest())


def twins(sketches: Iterable[tuple[str, Sequence[int]]]) -> Iterator[Twins]:
    """Yield each document that is nearly a copy of an earlier one, with the first such.

    Args:
        sketches: (name, sketch) of each document, in order of their names.
    """
    known: dict[str, Sequence[int]] = {}
    bands: dict[tuple[int, ...], list[str]] = {}
    for name, found in sketches:
        keys = [(at, *found[at : at + _BAND]) for at in range(0, len(found), _BAND)]
        near = dict.fromkeys(other for key in keys for other in bands.get(key, ()))
        for other in near:
            alike = sum(a == b for a, b in zip(found, known[other], strict=True)) / FIGURES
            if alike >= LEAST_ALIKE:
                yield Twins(other, name, alike)
                break
        else:  # a copy of a copy is one of the first
            known[name] = found
            for key in keys:
                bands.setdefault(key, []).append(name)
