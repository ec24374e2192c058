"""What counts as an error: texts folded for comparing, and the errors between two of them.

*Folding* takes away what two readings of one page may differ in without either being wrong:
runs of white space become one space, a word that a line's end cuts is joined, ’ becomes '. Case,
accents and punctuation count. It is done alike to the reading, the repaired text and the gold.

HIPE-OCRepair 2026 folds in its own way (:func:`fold_hipe`), for its measure alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

_FOLDED = re.compile(
    r"(?<=\w)[-‐‑¬\xad][^\S\r\n]*(?:\r\n|\n|\r)[^\S\r\n]*(?=\w)"  # a hyphen at a line's end
    r"|(?P<space>\s+)|(?P<apostrophe>’)"
)

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*°?")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded for comparing.

    Attributes:
        text: the folded text.
        origins: for each of its characters, where it stood in the text given (of a run of white
            space, the first).
        length: of the text given.
    """

    text: str
    origins: list[int]
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the folded place of a span of the text given, wide enough to cover it."""
        first = max(0, bisect_right(self.origins, start) - 1)
        return first, max(first, bisect_left(self.origins, end))

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span of the folded text stood, up to the next character's place."""
        first = self.origins[start] if start < len(self.origins) else self.length
        return first, self.origins[end] if end < len(self.origins) else self.length


def fold_text(text: str, strip: bool = True) -> Folded:
    r"""Fold a text for comparing.

    Args:
        text: any text.
        strip: whether to take off the white space at its ends.

    >>> fold_text(" l’oc-\ncasion  de\n2017 ").text
    "l'occasion de 2017"
    """
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    for match in _FOLDED.finditer(text):
        pieces.append(text[position : match.start()])
        origins.extend(range(position, match.start()))
        if match.lastgroup:
            pieces.append(" " if match.lastgroup == "space" else "'")
            origins.append(match.start())
        position = match.end()
    pieces.append(text[position:])
    origins.extend(range(position, len(text)))
    folded = "".join(pieces)
    if not strip:
        return Folded(folded, origins, len(text))
    start = len(folded) - len(folded.lstrip(" "))
    end = len(folded.rstrip(" "))
    return Folded(folded[start:end], origins[start:end], len(text))


def words(text: str) -> list[tuple[int, int]]:
    """Return the places of the words of a folded text.

    A word is a run of letters and digits, apostrophes and hyphens within it, a degree sign after it:
    ``l'Office``, ``sous-régionales``, ``n°``, ``2017``. Punctuation belongs to no word.

    >>> [text[start:end] for text in ["n° 5, l'an."] for start, end in words(text)]
    ['n°', '5', "l'an"]
    """
    return [match.span() for match in _WORD.finditer(text)]


class Errors(NamedTuple):
    """How far a text is from its gold.

    Attributes:
        characters: character edit distance (Levenshtein).
        words: the same over the runs between spaces, punctuation included.
    """

    characters: int
    words: int


def errors(gold: str, text: str) -> Errors:
    """Count the errors of a folded text against its folded gold.

    The character and word error rates of a file are the sums of these over its pairs, divided
    by the characters and the words of the gold.
    """
    return Errors(Levenshtein.distance(gold, text), Levenshtein.distance(gold.split(), text.split()))


_HIPE = (("ß", "ss"), ("ꝛ", "r"), ("œ", "oe"), ("æ", "ae"), ("aͤ", "ä"), ("oͤ", "ö"), ("uͤ", "ü"), ("¬\n", ""))


def fold_hipe(text: str) -> str:
    """Fold a text as HIPE-OCRepair 2026 does, given unfolded.

    Lower case; ß, œ, æ and old signs spelt out; every run of signs that are neither letters nor
    digits is a space. Accents count. (Scorer 0.9.9, `norm` in hipe_ocrepair_scorer/ocrepair_eval.py;
    https://hipe-eval.github.io/HIPE-OCRepair-2026/evaluation.)

    >>> fold_hipe("L’Œuvre, dit-il…")
    'l oeuvre dit il'
    """
    text = text.lower()
    for printed, spelt in _HIPE:
        text = text.replace(printed, spelt)
    return re.sub(r"[\W_]+", " ", text).strip()


class Matches(NamedTuple):
    """Counts of an alignment of characters: the match error rate is `errors` / `total`.

    Attributes:
        errors: substitutions + deletions + insertions.
        total: the same + hits.
    """

    errors: int
    total: int


def matches(gold: str, text: str) -> Matches:
    """Count what HIPE's cMER is made of, between two texts passed through :func:`fold_hipe`.

    cMER = (S + D + I) / (H + S + D + I) over the counts of all pairs of a file (its micro average).
    The alignment is rapidfuzz's, as in that scorer, for the number of hits depends on it.
    """
    operations = Levenshtein.editops(gold, text)
    inserted = sum(operation.tag == "insert" for operation in operations)
    return Matches(len(operations), len(gold) + inserted)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where each character of one folded text stands in another (Levenshtein).

    Attributes:
        starts: for each character, the start of its place in the other text.
        ends: the end of that place; its start, where the character has no counterpart.
        equal: runs of equal characters: start in the one text, end in it, start in the other.
    """

    starts: list[int]
    ends: list[int]
    equal: list[tuple[int, int, int]]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of a span that is not empty, what is inserted at its borders left out."""
        return self.starts[start], self.ends[end - 1]


def align(text: str, other: str) -> Alignment:
    """Align two folded texts, character by character."""
    starts: list[int] = []
    ends: list[int] = []
    equal = []
    for step in Levenshtein.opcodes(text, other):
        if step.tag == "delete":
            starts.extend([step.dest_start] * (step.src_end - step.src_start))
            ends.extend([step.dest_start] * (step.src_end - step.src_start))
        elif step.tag != "insert":
            starts.extend(range(step.dest_start, step.dest_end))
            ends.extend(range(step.dest_start + 1, step.dest_end + 1))
        if step.tag == "equal":
            equal.append((step.src_start, step.src_end, step.dest_start))
    return Alignment(starts, ends, equal)
