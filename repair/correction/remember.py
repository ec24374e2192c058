"""What the memory of the corpus says of a doubt (`repair/memory/`)."""

from __future__ import annotations

from collections.abc import Sequence

from repair.correction.doubts import Doubt
from repair.correction.neighbours import Neighbours, memorable
from repair.memory.store import LENGTH, Memory, Witness

MEMORY = 3.0
"""Log-odds for a word that a trusted document prints in the same company, and not the word as read."""

ASKED = 0.001
"""Probability of a candidate from which the memory is asked: it could not make a lower one likely."""


def remember(doubt: Doubt, posterior: Sequence[float], neighbours: Neighbours, memory: Memory) -> None:
    """Let the memory speak for the candidates of a doubt, unless it speaks for the word as read.

    Args:
        doubt: its contexts and witnesses are set.
        posterior: P of the word kept, then of each candidate, without the memory.
        neighbours: of its text.
        memory: asked for its document.
    """
    doubt.witnesses = [None] * len(doubt.candidates)
    before, after = (
        neighbours.clause(doubt.place - 1, -1, LENGTH - 1),
        neighbours.clause(doubt.place + doubt.width, 1, LENGTH - 1),
    )

    def witness(text: str) -> Witness | None:
        first, *rest = memorable(text)
        return memory.witness(before, first, [*rest, *after])

    witnesses = [
        witness(candidate.text) if probability >= ASKED else None
        for candidate, probability in zip(doubt.candidates, posterior[1:], strict=True)
    ]
    if any(witnesses) and not witness(doubt.token.text):
        doubt.witnesses = witnesses
        for number, found in enumerate(witnesses, 1):
            doubt.contexts[number] += MEMORY if found else 0.0
