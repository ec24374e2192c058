"""Which documents are trusted, and the phrases that they bear witness with.

Trust goes by what a document was found to be without any memory: French, long enough to tell,
and hardly damaged as it was read, whatever was repaired since. The few words of a trusted
document that repair changed or doubts bear no witness: a guess must not speak for the next one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import numpy as np

from repair.correction.words import tokenize
from repair.document import Document
from repair.edits import Decision
from repair.language.tokens import lower
from repair.memory.store import LENGTH, number
from repair.memory.write import PHRASES

TRUSTED_WORDS = 100
"""Words under which a quality is too rough to trust."""

TRUSTED_DAMAGE = 0.005
"""Expected damaged words a word, in the reading, up to which a document is trusted. The clean ones of
the user's five have 0.0005 to 0.0031, the damaged one 0.088."""


def trusted(document: Document) -> bool:
    """Say whether a document, processed without memory, may bear witness for others."""
    return all(
        quality.language == "fr" and quality.words >= TRUSTED_WORDS and quality.damage <= TRUSTED_DAMAGE
        for quality in (document.before, document.after)
    )


def clauses(text: str) -> list[list[str]]:
    """Return the words of a text as phrases have them: lower-case, without commas and codes, cut at stops.

    >>> clauses("L’Organisation des Nations Unies, 75e session (A/RES/74/175) ; l’Office")
    [["l'organisation", 'des', 'nations', 'unies', '75e', 'session'], ["l'office"]]
    """
    found: list[list[str]] = [[]]
    for token in tokenize(text):
        if not token.sign:
            found[-1].append(lower(token.text))
        elif token.sign == "." and found[-1]:
            found.append([])
    return found if found[-1] else found[:-1]


def phrases(document: Document) -> bytes:
    """Return the phrases of a document, each once with its first paragraph, as :data:`PHRASES`.

    Phrases with a word that repair changed or doubts are not among them.
    """
    found: dict[int, int] = {}
    for paragraph, line in enumerate(_lines(document), 1):
        for phrase in line:
            found.setdefault(phrase, paragraph)
    return np.array(list(found.items()), PHRASES).tobytes()


def _lines(document: Document) -> Iterator[list[int]]:
    """Yield the phrases of each paragraph."""
    starts = [edit.start for edit in document.repairs]
    for paragraph in document.paragraphs:
        here = slice(bisect_left(starts, paragraph.start), bisect_left(starts, paragraph.end))
        guessed = {
            word
            for edit in document.repairs[here]
            if edit.decision is not Decision.REJECTED
            for clause in clauses(edit.after if edit.decision is Decision.APPLIED else edit.before)
            for word in clause
        }
        windows = (
            clause[start : start + LENGTH]
            for clause in clauses(paragraph.text)
            for start in range(len(clause) - LENGTH + 1)
        )
        yield [number(window) for window in windows if guessed.isdisjoint(window)]
