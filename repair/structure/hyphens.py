"""A hyphen at the end of a line: printed by the line break, or part of the word?

The lexicon decides: `assis-/tance` is joined since « assistance » is a word and « assis-tance »
is not; `sous-/régionales` keeps its hyphen, and so does any word the lexicon does not know,
because a hyphen too many loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from repair.edits import Evidence

JOIN_LINES = "join-lines"
JOIN_HYPHEN = "join-hyphen"

_HYPHENS = "-\u2010\u00ad¬"
_BREAKS = frozenset(_HYPHENS + "'’")
_ELISION = re.compile(r"(?<!\w)(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’]\Z", re.IGNORECASE)
_LONGEST_ELISION = 8
_PIECE = 40  # no word piece is longer: a bounded look back keeps the search linear
_LAST_WORD = re.compile(r"(?P<word>(?:[^\W\d_]+-)*(?P<last>[^\W\d_]+))\Z")
_FIRST_WORD = re.compile(r"(?P<first>[^\W\d_]+)(?:-[^\W\d_]+)*")

_SPACE = (Evidence("line break", "the paragraph goes on in the next line"),)
_GLUED = (Evidence("line break", "what ends the line is never followed by a space"),)


def breaks_word(line: str, after: str) -> bool:
    """Whether `line` ends inside a word or a number that goes on in `after`."""
    if len(line) < 2 or line[-1] not in _BREAKS:
        return False
    if line[-1] in _HYPHENS:
        return (line[-2].isalpha() and after[0].isalpha()) or (line[-2].isdigit() and after[0].isdigit())
    return after[0].isalnum() and _ELISION.search(line[-_LONGEST_ELISION:]) is not None


def join(line: str, after: str, known: Callable[[str], bool]) -> tuple[int, str, str, tuple[Evidence, ...]]:
    """Say how the line `after` follows `line` in one paragraph.

    Returns:
        How many characters at the end of `line` go with the line end, what stands there
        instead, by which rule and on what evidence.
    """
    last = line[-1]
    before = line[-2:-1]
    if last in _HYPHENS and before.isalpha() and after[0].isalpha():
        return _join_word(line, after, known)
    if last in "\u00ad¬" and before.isalnum():
        return 1, "", JOIN_HYPHEN, (Evidence("line break", "a hyphen that only line breaks print"),)
    figures = last == "–" and before.isdigit() and after[0].isdigit()
    if figures or breaks_word(line, after) or (last == "/" and before.strip()):
        return 0, "", JOIN_LINES, _GLUED
    return 0, " ", JOIN_LINES, _SPACE


def _join_word(
    line: str, after: str, known: Callable[[str], bool]
) -> tuple[int, str, str, tuple[Evidence, ...]]:
    left = _LAST_WORD.search(line[-_PIECE:-1])
    right = _FIRST_WORD.match(after[:_PIECE])
    if left is None or right is None:
        return 0, "", JOIN_HYPHEN, (Evidence("line break", "a word goes on in the next line"),)
    joined = left["last"] + right["first"]
    compound = f"{left['word']}-{right.group()}"
    same_case = right["first"].islower() or joined.isupper()
    if same_case and known(joined.lower()) and not known(compound.lower()):
        return 1, "", JOIN_HYPHEN, (Evidence("lexicon", f"“{joined}” is a word, “{compound}” is not"),)
    if line[-1] in "\u00ad¬":
        return 1, "", JOIN_HYPHEN, (Evidence("line break", "a hyphen that only line breaks print"),)
    if known(compound.lower()):
        evidence = Evidence("lexicon", f"“{compound}” is a word")
    else:
        evidence = Evidence("lexicon", f"“{joined}” is not a word: the hyphen stays")
    return 0, "", JOIN_HYPHEN, (evidence,)
