"""Rules on numbers and what stands beside them: ordinals, n°, thousands, units, titles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.typography.rules import Change, Options, Rule, Words

_ORDINAL = re.compile(
    r"(?P<number>\d(?<![\w.,/-]\d)\d{0,3})(?P<gap>[ \u00a0]?)"
    r"(?P<end>i?[eè]mes?|è[mr]?es?|è|er[es]?s?|re?s?|es?)(?![\w’'-])"
)
_ROMAN = re.compile(
    r"(?P<number>[IVXLC](?<![\w.].)[IVXLC]{0,6})"
    r"(?:(?P<end>i?[eè]mes?|è)(?!\w)|(?P<gap>[ \u00a0])e(?=[ \u00a0](?:siècle|arrondissement)s?\b))"
)
_NEXT_WORD = re.compile(r"[ \u00a0]([a-zß-ÿœ]{4,30})(?![\w’'])")
_NO_NOUNS = frozenset(
    ("avec", "cette", "dans", "donc", "leur", "leurs", "mais", "pour", "sans", "sont", "vers")
)
_NUMERO = re.compile(r"([°º])(?<=[nN].)(?<!\w..)([ \u00a0\u2009\u202f]?)(?=[\dA-Z])")
_THOUSANDS = re.compile(r"[1-9](?<![\w.,/+-].)(?<!\d[ \u00a0].)\d{0,2}(?: \d{3})+(?![\w/-]|[ \u00a0]\d)")


def _ordinal(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print 1er, 1re, 2e, XIXe: no « ème », no space; a lone letter after a number is left."""
    for found in _ORDINAL.finditer(text):
        after = _ordinal_end(found["number"], found["end"])
        if found["gap"] and found["end"] in {"e", "es", "r", "re", "res"}:
            following = _NEXT_WORD.match(text, found.end())
            if following is None or following[1] in _NO_NOUNS or not words.known(following[1]):
                continue
        if after and after != found["gap"] + found["end"]:
            yield Change(found.start("gap"), found.end(), after)


def _ordinal_end(number: str, end: str) -> str:
    """Return how an ordinal ends in print; nothing where `end` ends none."""
    plural = "s" if end.endswith("s") else ""
    singular = end.removesuffix("s")
    if number == "1":
        if singular == "er":
            return "er" + plural
        return "re" + plural if singular in {"re", "ère", "ere"} else ""
    return "e" + plural if singular in {"e", "è", "me", "eme", "ème", "ieme", "ième"} else ""


def _roman_ordinal(text: str, options: Options, words: Words) -> Iterator[Change]:
    for found in _ROMAN.finditer(text):
        end = found["end"] or ""
        yield Change(found.end("number"), found.end(), "es" if end.endswith("s") else "e")


def _ordinals(text: str, options: Options, words: Words) -> Iterator[Change]:
    yield from sorted([*_ordinal(text, options, words), *_roman_ordinal(text, options, words)])


def _numero(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print n° and a no-break space before a number."""
    for found in _NUMERO.finditer(text):
        after = f"°{options.space}"
        if found.group() != after:
            yield Change(found.start(), found.end(), after)


def _thousands(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Make the spaces of a number no-break where it has them; none is added, no telephone number touched."""
    for found in _THOUSANDS.finditer(text):
        for space in re.finditer(" ", found.group()):
            yield Change(found.start() + space.start(), found.start() + space.end(), options.space)


def _title_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put a no-break space between a title and a name."""
    titles = "|".join(map(re.escape, options.titles))
    for found in re.finditer(f"(?:{titles}) (?=[A-ZÀ-ÖØ-Þ])", text):
        before = text[found.start() - 1] if found.start() else " "
        if before.isalnum() or before in ".-":
            continue
        yield Change(found.end() - 1, found.end(), options.space)


def _unit_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Make the space between a number and its unit no-break where there is one."""
    units = "|".join(map(re.escape, options.units))
    for found in re.finditer(f" (?<=\\d.)(?={units})", text):
        yield Change(found.start(), found.end(), options.space)


_PRINTERS = "Lexique des règles typographiques en usage à l’Imprimerie nationale"

ORDINAL = Rule("ordinal", _PRINTERS, _ordinals)
NUMERO = Rule("numero", _PRINTERS, _numero)
THOUSANDS = Rule("thousands", _PRINTERS, _thousands)
TITLE_SPACE = Rule("title-space", _PRINTERS, _title_space)
UNIT_SPACE = Rule("unit-space", _PRINTERS, _unit_space)
