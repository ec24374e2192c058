"""Markup: the places of a text that are not text.

The documents we get are plain text, Markdown with inline HTML, or something between. Nothing
says which, so each construct is judged where it stands, and only what can hardly be a printed
character counts: a star that calls a note, ``2 * 3``, ``a < b``, ``[sur la base du rapport]``
and ``snake_case`` are text.

The spans cover the signs alone (``**``, ``<sup>``, ``](url)``): what stands between them is
text. Addresses, code and entities are covered whole. Every step is linear in the text's
length, whatever the text: no pattern scans a place more than a fixed number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

from repair.document import Span

_TAGS = (
    "a|abbr|acronym|address|article|aside|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|"
    "details|dfn|div|dl|dt|em|figcaption|figure|font|footer|h1|h2|h3|h4|h5|h6|header|hr|i|img|ins|kbd|li|main|mark|"
    "nav|nobr|ol|p|pre|q|rp|rt|ruby|s|samp|section|small|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|"
    "th|thead|tr|tt|u|ul|var|wbr"
)

# Block level: one line at a time.
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6}(?:[ \t]+|$))")
_CLOSING_HASHES = re.compile(r"[ \t]#+$")
_BULLET = re.compile(r"[ \t]*(-[ \t]+)(?=\S)")
_RULE_SIGNS = frozenset("-_*=")
_TABLE_RULE = frozenset("|:- \t")

# Inline: the first alternative that matches at a place is taken.
_INLINE = re.compile(
    r"""
    (?P<escape>\\[\\`*_\#\[\]<>~|.+-])
  | (?P<code>(?<![\w`])(?P<ticks>`{1,3})(?![`\s])[^`\n]{1,200}(?<!\s)(?P=ticks)(?![\w`]))
  | (?P<comment><!--)
  | (?P<escaped>(?:<su[bp]>)?&(?:</su[bp]>)?lt;/?su[bp](?:>|&gt;))  # a converter did not know its own tag
  | (?P<tag></?(?:"""
    + _TAGS
    + r""")(?:\s[^<>]*)?/?>)
  | (?P<address>
        <?\b(?:https?|ftp)://[^\s<>"«»|]+>?
      | \bwww\.[^\s<>"«»|]+
      | <?(?:mailto:)?(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}>?
      | (?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.(?:org|int|com|net|fr|eu|ch|be|ca)/[^\s<>"«»|]*
    )
  | (?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)
  | (?P<footnote>\[\^[\w-]{1,32}\])
  | (?P<open>!?\[)
  | (?P<target>\]\((?:[^\s()\[\]]|\([^\s()\[\]]*\))*(?:[ \t]+"[^"\n]*")?\))
  | (?P<close>\])
  | (?P<stars>\*+)
  | (?P<lines>_+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ANY_INLINE = re.compile(r"[*_`<\[&\\@/]|www\.", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}’'*_"


def markup_spans(text: str) -> tuple[Span, ...]:
    """Return the places of `text` that are markup, in order, disjoint, none empty.

    >>> [text[span.start:span.end] for text in ["*Rappelle* sa résolution [74/175](#)<sup>1</sup>"]
    ...  for span in markup_spans(text)]
    ['*', '*', '[', '](#)', '<sup>', '</sup>']
    """
    found: list[tuple[int, int]] = []
    for block in _blocks(text, found):
        found += _inline(text, *block)
    found.sort()
    spans: list[Span] = []
    for start, end in found:
        start = max(start, spans[-1].end if spans else 0)
        if start < end:
            spans.append(Span(start, end))
    return tuple(spans)


def _blocks(text: str, found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the runs of inline text (paragraphs, headings, items); add the marks of blocks to `found`."""
    lines = [(line.start(), line.end()) for line in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n|\Z)", text)]
    fences = _fences(text, lines)
    start = end = 0  # of the paragraph under way
    number = 0
    while number < len(lines):
        low, high = lines[number]
        line = text[low:high].rstrip()
        if number in fences:
            yield start, end
            number = fences[number] + 1
            found.append((low, lines[number - 1][1]))
            start = end = lines[number - 1][1]
            continue
        mark = _line_mark(line) if line else None
        if mark is not None or not line:
            if start < end:
                yield start, end
            start = low
            if mark is not None and mark[0] < mark[1]:
                found.append((low + mark[0], low + mark[1]))
                start = low + mark[1]
            closing = _CLOSING_HASHES.search(line) if line.lstrip().startswith("#") else None
            if closing and low + closing.start() >= start:
                found.append((low + closing.start(), low + closing.end()))
        end = high
        number += 1
    yield start, end
    found += _table_marks(text, lines)


def _line_mark(line: str) -> tuple[int, int] | None:
    """Return where the mark of a heading, item or rule stands in a line; None for a plain line."""
    bare = "".join(line.split())
    if len(bare) >= 3 and bare[0] in _RULE_SIGNS and bare == bare[0] * len(bare):
        return len(line) - len(line.lstrip()), len(line)
    for pattern in (_HEADING, _BULLET):
        if found := pattern.match(line):
            return found.span(1)
    return None


def _fences(text: str, lines: list[tuple[int, int]]) -> dict[int, int]:
    """Return the first and last line of each fenced block; a fence never closed is no fence."""
    marks = [
        (number, found.group(1)[0], len(found.group(1)))
        for number, (low, high) in enumerate(lines)
        if (found := _FENCE.match(text, low, high))
    ]
    fences: dict[int, int] = {}
    opened: tuple[int, str, int] | None = None
    for number, sign, length in marks:
        low, high = lines[number]
        if opened is None:
            opened = (number, sign, length)
        elif sign == opened[1] and length >= opened[2] and not text[low:high].strip().strip(sign):
            fences[opened[0]] = number
            opened = None
    return fences


def _table_marks(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the bars of Markdown tables, known by the rule under their first row."""
    marks: list[tuple[int, int]] = []
    inside = False
    for number, (low, high) in enumerate(lines):
        row = text[low:high].strip()
        if not row.startswith("|"):
            inside = False
            continue
        below = text[slice(*lines[number + 1])].strip() if number + 1 < len(lines) else ""
        if _is_table_rule(row) and inside:
            marks.append((low, low + len(text[low:high].rstrip())))
        elif inside or _is_table_rule(below):
            inside = True
            marks += [(low + at, low + at + 1) for at, char in enumerate(text[low:high]) if char == "|"]
    return marks


def _is_table_rule(row: str) -> bool:
    return "|" in row and "---" in row and _TABLE_RULE.issuperset(row)


@dataclass(slots=True)
class _Run:
    """A run of stars or low lines that may open emphasis: what is left of it."""

    start: int
    end: int


def _inline(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the places of inline markup in one block."""
    brackets: list[tuple[int, int]] = []
    runs: dict[str, list[_Run]] = {"*": [], "_": []}
    at = start if _ANY_INLINE.search(text, start, end) else end
    comments = True  # until the end of one is not found: there is none further on either
    while found := _INLINE.search(text, at, end):
        low, high = found.span()
        at = high
        kind = found.lastgroup
        if kind == "escape":
            yield low, low + 1
        elif kind in {"code", "escaped", "tag"}:
            yield low, high
        elif kind == "comment":
            close = text.find("-->", high, end) if comments else -1
            comments = close >= 0
            if comments:
                at = close + 3
                yield low, at
        elif kind == "address":
            at = low + len(found.group().rstrip(_AFTER_ADDRESS))
            yield low, at
        elif kind == "entity":
            if found.group()[1] == "#" or found.group()[1:] in html5:
                yield low, high
        elif kind == "footnote":
            yield low, low + 2
            yield high - 1, high
        elif kind == "open":
            brackets.append((low, high))
        elif kind == "close":
            if brackets:
                brackets.pop()
        elif kind == "target":
            if brackets:
                yield brackets.pop()
                yield low, high
            else:
                at = low + 2  # an address may stand there
        else:
            yield from _emphasis(text, low, high, start, end, runs)


def _emphasis(
    text: str, low: int, high: int, start: int, end: int, runs: dict[str, list[_Run]]
) -> Iterator[tuple[int, int]]:
    """Yield both ends of the emphasis that the signs at [low, high) close, or keep them as an opener."""
    sign = text[low]
    if high - low > 3:
        return
    before = text[low - 1] if low > start else " "
    after = text[high] if high < end else " "
    opens = _flanks(before, after)
    closes = _flanks(after, before)
    if sign == "_" or high - low == 1:
        # At word borders only: `snake_case`, « 5*3*2 ».
        opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
    elif before.isdigit() and after.isdigit():
        return
    if opens and closes and not (before.isalnum() or after.isalnum()):
        return  # « (*) » calls a note
    openers = runs[sign]
    while closes and openers and low < high:
        opener = openers[-1]
        width = 2 if min(high - low, opener.end - opener.start) >= 2 else 1
        yield opener.end - width, opener.end
        yield low, low + width
        opener.end -= width
        low += width
        if opener.start == opener.end:
            openers.pop()
    if opens and low < high:
        openers.append(_Run(low, high))


def _flanks(outside: str, inside: str) -> bool:
    """Whether a run between these may open emphasis towards `inside` (CommonMark 0.31, left-flanking)."""
    if inside.isspace():
        return False
    return inside.isalnum() or outside.isspace() or not outside.isalnum()
