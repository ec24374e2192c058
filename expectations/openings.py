"""Does each paragraph open as its genre says?

A resolution gives its reasons, each opened by a participle, and decides in paragraphs that a verb
opens. A paragraph that opens otherwise has a damaged first word, or is half of one that was cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from repair.document import Paragraph

_NUMBER = re.compile(r"\d{1,3}\.\s*")
_FEWEST = 4
_MOSTLY = 0.75
"""So many of the paragraphs of a kind open as the genre says, where its document keeps to it."""


def unusual_openings(blocks: Sequence[Paragraph], opens: Mapping[str, re.Pattern[str]]) -> list[int]:
    """Return the places of the blocks that do not open as their genre says.

    Args:
        blocks: of a document.
        opens: by kind, how its blocks open; of paragraphs, those with a number.
    """
    found: list[int] = []
    for kind, pattern in opens.items():
        asked = [
            place
            for place, block in enumerate(blocks)
            if block.kind == kind and (kind != "paragraph" or block.number.isdecimal())
        ]
        odd = [place for place in asked if not pattern.match(_opening(blocks[place].text))]
        if len(asked) >= _FEWEST and len(asked) - len(odd) >= _MOSTLY * len(asked):
            found += odd
    return sorted(found)


def _opening(text: str) -> str:
    number = _NUMBER.match(text)
    return text[number.end() if number else 0 :].replace("'", "’").replace("\u00a0", " ")
