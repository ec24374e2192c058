"""How a printer sets a text: lines of some width, words cut at their ends, his apostrophe, his spaces.

None of that is damage: it is what the page prints. :func:`set_page` gives the printed text, and where
it differs from the text given, so that it leads back to it exactly.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from repair.damage.strike import Struck, rewritten

HIGH = ";:?!»"
"""Signs that French sets a space before, and never at the beginning of a line."""

FEWEST_BEFORE, FEWEST_AFTER = 2, 3
"""Letters of a word that stay on the line, and that go to the next, at least."""

_VOWELS, _CONSONANTS = "aàâeéèêëiîïoôuùûüyœ", "bcçdfghjklmnpqrstvwxz"
_CUT = re.compile(
    rf"(?<=[{_VOWELS}])(?=[{_CONSONANTS}][{_VOWELS}])"
    rf"|(?<=[{_VOWELS}{_CONSONANTS}])(?=(?:[bcdfgptv][lr]|[cpt]h|gn|qu)[{_VOWELS}])"
    rf"|(?<=[{_CONSONANTS}])(?<![bcdfgptv](?=[lr]))(?<![cpt](?=h))(?<!g(?=n))(?=[{_CONSONANTS}][{_VOWELS}])"
)
"""Between two syllables of a word in small letters (Grevisse, *Le bon usage*, § 19)."""

_SIGN = re.compile(rf"(?P<apostrophe>['’])|(?P<before> (?=[{HIGH}]))|(?P<after>(?<=«) )")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a printer sets a document.

    Attributes:
        width: signs a line at most; 0 where lines are as they come.
        cuts: share of the words at line ends that are cut where they can be.
        run_on: whether the line ends were taken out of the text afterwards, and the hyphens left.
        apostrophe: the sign he uses; "" where it is as it comes.
        close: whether he sets no space before high signs and within « ».
    """

    width: int = 0
    cuts: float = 0.0
    run_on: bool = False
    apostrophe: str = ""
    close: bool = False


def any_manner(rng: random.Random) -> Manner:
    """Draw how a document is set: in columns, as a book, or a paragraph a line."""
    width = rng.choice((0, rng.randint(28, 46), rng.randint(28, 46), rng.randint(50, 85)))
    return Manner(
        width,
        cuts=rng.choice((0.0, 0.6, 0.9, 1.0)),
        run_on=rng.random() < 0.15,
        apostrophe=rng.choice(("", "'", "’")),
        close=rng.random() < 0.3,
    )


def set_page(text: str, manner: Manner, rng: random.Random) -> Struck:
    """Set a text; what it gives leads back to the text as damage leads back to the printed page."""
    changes: dict[int, tuple[int, str]] = {}
    for match in _SIGN.finditer(text):
        if match.lastgroup != "apostrophe":
            if manner.close:
                changes[match.start()] = (match.end(), "")
        elif manner.apostrophe and match[0] != manner.apostrophe:
            changes[match.start()] = (match.end(), manner.apostrophe)
    if manner.width:
        _break_lines(text, manner, rng, changes)
    return rewritten(text, changes)


def _break_lines(text: str, manner: Manner, rng: random.Random, changes: dict[int, tuple[int, str]]) -> None:
    column, line_end = 0, "" if manner.run_on else "\n"
    for match in re.finditer(r"\S+", text):
        start, end = match.span()
        gap = text[start - 1 : start]
        if gap != " ":  # the first of its line
            column = end - start
            continue
        bound = match[0][0] in HIGH or text[start - 2 : start - 1] == "«"
        if bound or column + 1 + end - start <= manner.width:
            column += 1 + end - start
            continue
        cuts = [cut for cut in _cuts(match[0]) if column + 1 + cut < manner.width]
        if cuts and rng.random() < manner.cuts:
            hyphen = "" if match[0][cuts[-1] - 1] == "-" else "-"
            if (hyphen or line_end) and start + cuts[-1] not in changes:
                changes[start + cuts[-1]] = (start + cuts[-1], hyphen + line_end)
            column = end - start - cuts[-1]
        else:
            if line_end:
                changes[start - 1] = (start, line_end)
            column = end - start


def _cuts(word: str) -> list[int]:
    """Return where a word may be cut.

    >>> ["-".join("tableaux"[a:b] for a, b in zip([0, *_cuts("tableaux")], [*_cuts("tableaux"), None]))]
    ['ta-bleaux']
    """
    low, high = FEWEST_BEFORE, len(word) - FEWEST_AFTER
    hyphens = (match.end() for match in re.finditer("-", word))
    syllables = (match.start() for match in _CUT.finditer(word))
    return sorted(cut for cut in {*hyphens, *syllables} if low <= cut <= high)
