"""Broken encodings and stray characters, as repairs that can be seen and undone.

:func:`mend_mojibake` undoes text decoded with a wrong encoding (« Ã© » for « é »). ftfy
decides, line by line, with everything switched off that is taste rather than damage: it
leaves quotes, ligatures, widths and entities alone. :func:`clean_characters` removes what no
page prints (control characters, byte order marks) and composes letters with their accents
(NFC). :func:`mend_characters` does both, until nothing is left. No line end is added or
removed; U+FFFD stays, for what it stood for is not known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import takewhile

import ftfy

from repair.edits import Decision, Edit, Evidence, Kind, apply, compose

_FTFY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
)
_LONGEST = 4000
"""Characters given to ftfy at once: a longer line is cut at a space."""
_FRENCH = frozenset("àâäæçéèêëîïôœùûüÿÀÆÇÉÈÊËÎÏÔŒÙÛÜŸ«»‘’“”–—…€°§\xa0\u202f")
"""What French prints beyond ASCII, save « Â », which is far more often half of something else."""
_ROUNDS = 8
"""Text broken once needs one round and a second to see that nothing is left."""
_PIECE = re.compile(r"[^\n\r]{1,4000}(?![^\n\r\s])|[^\n\r]{1,4000}")
_SUSPECT = re.compile(r"[^\x00-\x7f]")


def mend_mojibake(text: str) -> list[Edit]:
    r"""Return one repair for each word that a wrong encoding struck, its sound ends left out.

    >>> [(edit.before, edit.after) for edit in mend_mojibake("lâ€™Ã©tÃ© Ã\xa0 Paris")]
    [('â€™Ã©tÃ©', '’été'), ('Ã\xa0', 'à')]
    """
    edits: list[Edit] = []
    for piece in _PIECE.finditer(text):
        line = piece.group()
        if not _SUSPECT.search(line):
            continue
        mended, plan = ftfy.fix_encoding_and_explain(line, _FTFY)
        if mended == line or "\n" in mended or "\r" in mended:
            continue
        detail = f"ftfy: {', '.join(f'{step.action} {step.parameter}' for step in plan or ())}"
        evidence = (Evidence("encoding", detail),)
        for start, end, after in _by_word(line, _runs(line, mended)):
            places = piece.start() + start, piece.start() + end
            edits.append(
                Edit(
                    *places, line[start:end], after, Kind.REPAIR, "mojibake", 0.99, Decision.APPLIED, evidence
                )
            )
    return edits


def _runs(line: str, mended: str) -> list[tuple[int, int, str]]:
    """Return the places where `line` became `mended`: start, end, replacement.

    Encodings agree on ASCII, so the two differ only in runs of other characters, and in a
    space that stood for the second byte of « à ».
    """
    runs: list[tuple[int, int, str]] = []
    here = there = 0
    while here < len(line) or there < len(mended):
        if line[here : here + 1] == mended[there : there + 1]:
            here, there = here + 1, there + 1
            continue
        end = here + _width(line, here)
        stop = there + _width(mended, there)
        if line[end : end + 1] == " " and (
            mended[stop : stop + 1] != " " or (line[end + 1 : end + 2] == " " != mended[stop + 1 : stop + 2])
        ):
            end += 1
        if (end, stop) == (here, there):
            return _whole(line, mended)
        before, after = line[here:end], mended[there:stop]
        if _shared_end(before, after) and after[-1].isspace():  # a no-break space that was sound
            before, after = before[:-1], after[:-1]
        if _is_mended(before, after):
            runs.append((here, here + len(before), after))
        here, there = end, stop
    return runs


def _is_mended(before: str, after: str) -> bool:
    """Whether this run looks broken, and French once mended: « »É » is neither broken nor « ȃ »."""
    return not _FRENCH.issuperset(before) and all(
        char < "\x7f" or "\xa0" <= char < "\u0180" or "\u2010" <= char <= "\u2044" or char == "€"
        for char in after
    )


def _by_word(line: str, runs: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join the runs that no white space parts: one damaged word is one edit."""
    joined: list[tuple[int, int, str]] = []
    for start, end, after in runs:
        first, last, replaced = joined[-1] if joined else (0, 0, " ")
        whole = replaced + line[last:start] + after
        if any(char.isspace() for char in whole):
            joined.append((start, end, after))
        else:
            joined[-1] = (first, end, whole)
    return joined


def _width(text: str, start: int) -> int:
    return sum(1 for _ in takewhile(lambda char: char > "\x7f", text[start : start + _LONGEST]))


def _whole(line: str, mended: str) -> list[tuple[int, int, str]]:
    """Return the change as one place, less what both ends share."""
    start = _shared_end(line[::-1], mended[::-1])
    tail = _shared_end(line[start:], mended[start:])
    return [(start, len(line) - tail, mended[start : len(mended) - tail])]


def _shared_end(one: str, other: str) -> int:
    """Return how many characters two strings have in common at their ends."""
    return sum(
        1
        for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(one), reversed(other), strict=False))
    )


def mend_characters(text: str) -> list[Edit]:
    """Return both kinds of repair as one list with its spans in `text`, to be called before any other repair.

    What is removed can bare what is broken (and the other way round): the two take turns.
    """
    edits: list[Edit] = []
    for _ in range(_ROUNDS):
        now = apply(text, edits)
        found = mend_mojibake(now)
        found = compose(now, found, clean_characters(apply(now, found)))
        if not found:
            break
        edits = compose(text, edits, found)
    return edits


_STRAY = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\xad]")
_SEPARATORS = frozenset("\x0b\x1c\x1d\x1e\x1f\x85")
_LINE_END = re.compile(r"[^\S\r\n]*(?:[\r\n]|\Z)")


def clean_characters(text: str) -> list[Edit]:
    r"""Return repairs of characters that no page prints, and of letters apart from their accents.

    A soft hyphen before a line end is left: there it is the hyphen of a cut word.

    >>> [(ascii(edit.before), edit.after, edit.rule) for edit in clean_characters("le\x00 cafe\u0301")]
    [("'\\x00'", '', 'control-character'), ("'e\\u0301'", 'é', 'nfc')]
    """
    stray = list(_stray(text))
    return compose(text, stray, list(_composed(apply(text, stray))))


def _stray(text: str) -> Iterator[Edit]:
    for found in _STRAY.finditer(text):
        char, start = found.group(), found.start()
        if char == "\xad" and _LINE_END.match(text, start + 1):
            continue
        before, after = text[max(0, start - 1) : start], text[start + 1 : start + 2]
        # A separator between two words keeps them apart.
        kept = " " if char in _SEPARATORS and before.strip() and after.strip() else ""
        rule = "soft-hyphen" if char == "\xad" else "control-character"
        evidence = (Evidence("character", f"U+{ord(char):04X} is not printed"),)
        yield Edit(start, start + 1, char, kept, Kind.REPAIR, rule, 0.99, Decision.APPLIED, evidence)


def _composed(text: str) -> Iterator[Edit]:
    if unicodedata.is_normalized("NFC", text):
        return
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _joins(text[end]):
            end += 1
        cluster = text[start:end]
        whole = unicodedata.normalize("NFC", cluster)
        if whole != cluster:
            evidence = (Evidence("character", "a letter apart from its accent, composed (Unicode NFC)"),)
            yield Edit(start, end, cluster, whole, Kind.REPAIR, "nfc", 1.0, Decision.APPLIED, evidence)
        start = end


def _joins(char: str) -> bool:
    """Whether this character may compose with the one before: marks, and Korean vowels and finals."""
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff"
