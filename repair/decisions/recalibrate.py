"""What the refitted calibration decides of a document: the doubts that no curator has ruled on.

The program applies an edit from a probability on, its `bound`, which depends on the rule and on the document.
Where curators found its probabilities too high or too low (`refit`), the same bound holds for what they are
set right to:

- an edit that the program applies goes to review where the refit finds it less probable than its bound;
- one in review is applied where the refit finds it as probable as its bound, even at the lower end of what
  the rulings leave room for (`Refit.at_least`), and nothing else is proposed or was rejected at its place.

Nothing else changes: what the program left below review stays left, what it never applies by a probability is
never applied (names, other languages, what engines voted down: `bound` is 0), and what a curator said stands.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from repair.decisions.honour import ruled_by
from repair.decisions.refit import Refit, log_odds
from repair.edits import Decision, Edit, Evidence

CALIBRATION = "calibration"
"""The witness of an edit that the refit decided otherwise than the program."""

_BITS = 14
_SCALE = 10_000
"""Probabilities have four decimals: each of them takes so many bits of a number."""


def recalibrate(edits: Sequence[Edit], refit: Refit) -> list[Edit]:
    """Decide by the refit the repairs of a document that no curator has ruled on.

    Args:
        edits: its repairs as the program and the curators decided them, in order, those applied disjoint.
        refit: of the journal.

    Returns:
        The repairs in order, those applied disjoint.
    """
    result = list(edits)
    for at in _open(edits) if refit.changes else ():
        if _turns(refit, _number(edits[at])):
            result[at] = _turned(edits[at], refit)
    return result


def weighed(edits: Sequence[Edit]) -> bytes:
    """Return what a refit could decide otherwise in a document, packed.

    Args:
        edits: its repairs, decided with any refit, or none.
    """
    return array("I", sorted({_number(edits[at]) for at in _open(edits)})).tobytes()


def concerns(refit: Refit, packed: bytes) -> bool:
    """Say whether a refit decides something of a document otherwise than the program.

    Args:
        refit: of the journal.
        packed: what it could (`weighed`).
    """
    return refit.changes and any(_turns(refit, number) for number in array("I", packed))


def _open(edits: Sequence[Edit]) -> Iterator[int]:
    """Yield the numbers of the edits that a refit may decide."""
    asked = [at for at, edit in enumerate(edits) if edit.decision is not Decision.LEFT]
    passed = 0
    for at, following in pairwise([*asked, len(edits)]):
        edit = edits[at]
        alone = (
            passed
            <= edit.start
            < edit.end
            <= (edits[following].start if following < len(edits) else edit.end)
        )
        passed = max(passed, edit.end)
        if not edit.bound or edit.decision is Decision.REJECTED or ruled_by(edit):
            continue
        if alone or _by_itself(edit):
            yield at


def _by_itself(edit: Edit) -> bool:
    """Say whether the program applies an edit without a refit."""
    turned = bool(edit.evidence) and edit.evidence[0].witness == CALIBRATION
    return (edit.decision is Decision.APPLIED) is not turned


def _number(edit: Edit) -> int:
    """Return bound, probability and the program's own decision of an edit as one number."""
    probability, bound = round(edit.probability * _SCALE), round(edit.bound * _SCALE)
    return (bound << _BITS | probability) << 1 | _by_itself(edit)


@lru_cache(maxsize=1 << 17)
def _turns(refit: Refit, number: int) -> bool:
    """Say whether a refit decides an edit otherwise than the program did, by its number."""
    bound = (number >> _BITS + 1) / _SCALE
    probability = (number >> 1) % (1 << _BITS) / _SCALE
    if number & 1:
        return refit.probability(probability) < bound
    return refit.at_least(probability) >= bound


def _turned(edit: Edit, refit: Refit) -> Edit:
    """Return an edit as the refit decides it; its probability stays the program's, which rulings speak of."""
    found = refit.probability(edit.probability)
    by_itself = edit.decision is Decision.APPLIED
    detail = f"{edit.probability:.4f} → {found:.4f} {'<' if by_itself else '≥'} {edit.bound:.4g} ({refit.id})"
    said = Evidence(CALIBRATION, detail, round(log_odds(found) - log_odds(edit.probability), 2))
    decision = Decision.REVIEW if by_itself else Decision.APPLIED
    return replace(edit, decision=decision, evidence=(said, *edit.evidence))
