"""Markup turned into structure: headings, calls and marks of notes; the other signs are taken away.

The signs go, what stands between them stays. Addresses, code, bars of tables and bullets are
printed as they stand, and are kept.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from repair.document import Span
from repair.edits import Evidence
from repair.structure.lines import LINE_ENDS
from repair.structure.values import Change

NOTE_CALL, NOTE_MARK = "note-call", "note-mark"
_MARKUP, _ENTITY, _RAISED = "markup", "entity", "superscript"

# Some converters escape a tag they do not know: « &lt;sup>1</sup> », and raise the « & » of it.
_SUPERSCRIPT = re.compile(
    r"(?:<sup>(?!&)|(?:<sup>)?&(?:</sup>)?lt;sup(?:>|&gt;)){1,3}[ \t]*"
    r"(?P<inside>[^<>&\s][^<>&\n\r]{0,11}?)[ \t]*(?:</sup>|&lt;/sup(?:>|&gt;)){1,3}"
    r"|\[\^(?P<foot>[0-9A-Za-z]{1,8})\](?P<colon>:?)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\d{1,3}(?:\s*[,;]\s*\d{1,3})*|[a-z]")
_ORDINAL_ENDS = frozenset(
    ("e", "es", "er", "ers", "re", "res", "d", "de", "nd", "nde", "me", "ème", "o", "os")
)
_UNIT = re.compile(r"(?<![^\W\d_])(?:[kcdm]?m|ha)\Z")
_RAISE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_SIGNS = re.compile(
    r"""
    (?P<heading>\#{1,6}[ \t]*|<h[1-6](?:\s[^>]*)?>)
  | (?P<gone>[*_]{1,3}|[ \t]\#+|!?\[|\]\(.*\)|\\|<!--.*-->)
  | (?P<bullet>-[ \t]+)
  | (?P<entity>&[^\s;]+;)
  | (?P<block><(?:br|hr|/?(?:p|div|li|ul|ol|tr|table|blockquote|section|article|h[1-6]))(?:\s[^>]*)?/?>)
  | (?P<cell></?t[dh](?:\s[^>]*)?>)
  | (?P<tag></?[a-z][a-z0-9]*(?:\s[^>]*)?/?>)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_RULE = re.compile(r"([-_*=])(?:[ \t]*\1){2,}")
_NUMBERED = re.compile(r"\d{1,3}\.\s|\(?(?:[a-z]|[ivx]{2,6}|\d{1,2})\)\s")

_SIGN_OF_MARKUP = (Evidence("markup", "a sign of markup, not of the page"),)
_ENTITY_OF_MARKUP = (Evidence("markup", "the way markup writes this character"),)
_CALL = (Evidence("markup", "superscript figures call a note"),)
_MARK = (Evidence("markup", "superscript figures at the head of a line mark a note"),)
_RAISED_LETTERS = (Evidence("markup", "superscript letters end an ordinal or an abbreviation"),)
_RAISED_FIGURES = (Evidence("markup", "superscript figures after a unit or a power of ten"),)


@dataclass(slots=True)
class Markup:
    """What the markup of a text says.

    Attributes:
        changes: take the markup away, in order.
        headings: where the text of each heading starts.
        calls: mark and place of each call, in order.
        notes: where the text of a note starts, and its mark.
    """

    changes: list[Change] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)


def read_markup(text: str, spans: Sequence[Span]) -> Markup:
    """Return what the markup of `text` says; `spans` is where its signs are, in order."""
    markup = Markup()
    raised = list(_SUPERSCRIPT.finditer(text)) if "sup" in text or "[^" in text else []
    notes = {_mark(found) for found in raised if _at_head(text, found)}
    for found in raised:
        markup.changes += _superscript(text, found, notes, markup)
    taken = [change.start for change in markup.changes]
    ends = [change.end for change in markup.changes]
    for span in spans:
        before = bisect_right(taken, span.end - 1) - 1
        if before < 0 or ends[before] <= span.start:
            markup.changes += _sign(text, span, markup)
    markup.changes.sort()
    return markup


def _mark(found: re.Match[str]) -> str:
    return found["foot"] or found["inside"]


def _at_head(text: str, found: re.Match[str]) -> bool:
    """Whether a superscript marks a note: it begins a line, and the text of a note follows."""
    if found["colon"]:
        return True
    before = text[max(0, found.start() - 12) : found.start()].rstrip(" \t*_")
    after = text[found.end() : found.end() + 12].lstrip(" \t.*_[«")
    begins = not before or before[-1] in LINE_ENDS
    mark = _mark(found)
    return begins and after[:1].isalnum() and (mark.isdigit() or (len(mark) == 1 and mark.isalpha()))


def _superscript(text: str, found: re.Match[str], notes: set[str], markup: Markup) -> Iterator[Change]:
    start, end = found.span()
    mark = _mark(found)
    before = text[max(0, start - 8) : start]
    if _at_head(text, found):
        while end < len(text) and text[end] in " \t\xa0.":
            end += 1
        markup.notes[end] = mark
        yield Change(start, end, "", NOTE_MARK, _MARK)
    elif found["foot"] or (_MARKS.fullmatch(mark) and (mark[0].isdigit() or mark in notes)):
        power = before.endswith("10") and not before[-3:-2].isdigit() and mark not in notes
        if power or (mark in {"2", "3"} and _UNIT.search(before)):
            yield Change(start, end, mark.translate(_RAISE), _RAISED, _RAISED_FIGURES)
        else:
            markup.calls += [(one, start) for one in re.findall(r"\w+", mark)]
            if text[end : end + 1] in " \n\r,;.:":
                spaces = len(before) - len(before.rstrip(" "))
                start = max(start - spaces, markup.changes[-1].end if markup.changes else 0)
            yield Change(start, end, "", NOTE_CALL, _CALL)
    else:
        after = "°" if mark == "o" and before[-1:] in {"n", "N"} else mark
        evidence = _RAISED_LETTERS if mark.lower() in _ORDINAL_ENDS else _SIGN_OF_MARKUP
        yield Change(start, end, after, _RAISED, evidence)


def _sign(text: str, span: Span, markup: Markup) -> Iterator[Change]:
    """Yield what becomes of one sign of markup."""
    sign = text[span.start : span.end]
    if _RULE.fullmatch(sign) and text[span.end : span.end + 1] in ("", *LINE_ENDS, " ", "\t"):
        before = text[max(0, span.start - 4) : span.start].rstrip(" \t")
        if not before or before[-1] in LINE_ENDS:
            return
    found = _SIGNS.fullmatch(sign)
    if found is None:
        return
    kind = found.lastgroup
    after, rule, evidence = "", _MARKUP, _SIGN_OF_MARKUP
    if kind == "heading":
        markup.headings.append(span.end)
        if sign.startswith("<"):
            after = "\n\n"
    elif kind == "bullet":
        if not _NUMBERED.match(text, span.end):
            return
    elif kind == "entity":
        after, rule, evidence = html.unescape(sign), _ENTITY, _ENTITY_OF_MARKUP
        if not after.isprintable() and not after.isspace():
            return
    elif kind == "block":
        after = "\n\n"
    elif kind == "cell":
        after = " "
    yield Change(span.start, span.end, after, rule, evidence)
