"""Page furniture left inside a paragraph: a page number, a running head, a rule of underscores.

`orphan_furniture` looks at the lines of a paragraph as they were read, and says only what is still in
its text: structure may have taken the line out. A running head is known by its form (the symbol of a
document, « Page 3 »), by a line of the same text that structure did find, or by its return.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from repair.document import Paragraph

# Whole lines, between two lines of a paragraph.
_LINE = re.compile(
    r"""\W{0,3}\d{1,4}\W{0,3}                                 # 12 · – 12 – · [12]
    |(?:page|p\.)\s*\d{1,4}(?:\s*(?:/|sur|de)\s*\d{1,4})?      # Page 12 sur 30
    |\d{1,4}\s*/\s*\d{1,4}                                     # 12/30
    |(?:Nations\s+Unies\s+)?[AEST]{1,2}/\S*\d\S*(?:\s+Nations\s+Unies)?   # Nations Unies A/RES/74/175
    |\d{2}-\d{5}(?:\s?\(\w\))?(?:\s+\d{1,3})?                       # 19-22334 (F)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Inside a line, between two words of a sentence.
_INSIDE = re.compile(
    r"(?<=\w\W)_{5,}(?=\W\w)"
    r"|(?<=[a-zà-ÿ,] )(?:[-–—] ?\d{1,3} ?[-–—]|Page \d{1,4}(?: ?(?:/|sur|de) ?\d{1,4})?)(?= [a-zà-ÿ])"
    r"|(?<=[a-zà-ÿ,] )_{3,}(?= [a-zà-ÿ])"
)
# Lines that are as long as a line of prose, not the cells of a table.
_LEAST_BEFORE, _LEAST_AFTER = 30, 15
# A line that comes back so often, cutting sentences each time, is a running head.
_RETURNS, _LEAST_HEAD = 3, 10
# So much on each side says whether the line still stands there, in letters and figures.
_SIDE = 8
_FIGURES, _MARKS = re.compile(r"\d+"), re.compile(r"[\W_]+")


def orphan_furniture(blocks: Sequence[Paragraph]) -> dict[int, str]:
    r"""Return what page furniture stands in the text of paragraphs, by their place in `blocks`.

    >>> read = "la prévention du crime et de la justice\n12\npénale dans les États Membres"
    >>> page = Paragraph("paragraph", "", read.replace("\n", " "), read, 1, 0, len(read))
    >>> orphan_furniture([page])
    {0: 'justice ⏎ 12 ⏎ pénale'}
    """
    running = [
        (place, block) for place, block in enumerate(blocks) if block.kind not in ("furniture", "heading")
    ]
    heads = {_mask(block.text) for block in blocks if block.kind == "furniture"} | _returning(
        block for _, block in running
    )
    heads.discard("")
    found: dict[int, str] = {}
    for place, block in running:
        shown = next(_lines(block, heads), None)
        if shown is not None:
            found[place] = shown
        elif inside := _INSIDE.search(block.text):
            found[place] = _shown(block.text[: inside.start()], inside[0], block.text[inside.end() :])
    return found


def _lines(block: Paragraph, heads: set[str]) -> Iterator[str]:
    text = ""
    for before, line, after in _between(block.diplomatic):
        if not (_LINE.fullmatch(line) or _mask(line) in heads):
            continue
        text = text or _bare(block.text)
        if _bare(before)[-_SIDE:] + _bare(line) + _bare(after)[:_SIDE] in text:
            yield _shown(before, line, after)


def _between(diplomatic: str) -> Iterator[tuple[str, str, str]]:
    """Yield the lines that stand between two lines of prose, each with these."""
    lines = [line.strip() for line in diplomatic.splitlines() if line.strip()]
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if len(before) >= _LEAST_BEFORE and len(after) >= _LEAST_AFTER:
            yield before, line, after


def _returning(blocks: Iterable[Paragraph]) -> set[str]:
    """Return the lines that come back, each time inside a sentence."""
    count = Counter(
        _mask(line)
        for block in blocks
        for before, line, after in _between(block.diplomatic)
        if len(line) >= _LEAST_HEAD and line[0].isupper() and before[-1].isalpha() and after[0].islower()
    )
    return {line for line, times in count.items() if times >= _RETURNS}


def _mask(line: str) -> str:
    """Return a line without what changes from page to page; empty where nothing else is left."""
    masked = " ".join(_FIGURES.sub("0", line).split()).casefold()
    return masked if len(_bare(masked)) >= _LEAST_HEAD else ""


def _bare(text: str) -> str:
    return _MARKS.sub("", text)


def _shown(before: str, line: str, after: str) -> str:
    words = [*before.split()[-1:], "⏎", line.strip(), "⏎", *after.split()[:1]]
    return " ".join(words)
