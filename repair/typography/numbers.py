"""Rules on numbers: ordinals, thousands and decimals, units, times, 1°."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.structure.lines import LINE_ENDS
from repair.typography.rules import PRINTERS, SPACES, Change, Matter, Options, Rule, Words

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
_THOUSANDS = re.compile(
    rf"[1-9](?<![\w.,/+-].)(?<!\d[{SPACES}].)\d{{0,2}}(?:[{SPACES}]\d{{3}})+(?![\w/-]|[{SPACES}]\d)"
)
_POINTED = re.compile(r"[1-9](?<![\w.,/+-].)\d{0,2}\.\d{3}\.\d{3}(?![\w/-]|[.,]\w)")
_TIME = re.compile(
    rf"\d(?<![\w.,/:+-].)\d?(?P<first>[{SPACES}]?)h"
    rf"(?:(?P<last>[{SPACES}]?)(?P<minutes>[0-5]\d)|(?!\)))(?![\w’'/-]|[{SPACES}]\d)"
)
_HOURS = 24
_PRIMO = re.compile(rf"[°º](?<=\d.)(?P<gap>[{SPACES}])(?=[^\W\d_])(?!C\b)")
_BEFORE_PRIMO = re.compile(rf"(?:\A|[;:,.(«–—{LINE_ENDS}])[{SPACES}]?(?:[12]?\d|30)\Z")
_DECIMAL = re.compile(r"\.(?<=\d.)(?=\d{1,2}(?!\d))")
_BEFORE_DECIMAL = re.compile(r"(?<![\w.,/+-])\d{1,6}\Z")


def _arabic_ordinal(text: str, words: Words) -> Iterator[Change]:
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


def _roman_ordinal(text: str) -> Iterator[Change]:
    for found in _ROMAN.finditer(text):
        end = found["end"] or ""
        yield Change(found.end("number"), found.end(), "es" if end.endswith("s") else "e")


def _ordinal(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print 1er, 1re, 2e, XIXe: no « ème », no space; a lone letter after a number is left."""
    yield from sorted([*_arabic_ordinal(text, words), *_roman_ordinal(text)])


def _thousands(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Make the spaces of a number no-break where it has them; none is added, no telephone number touched."""
    for found in _THOUSANDS.finditer(text):
        for space in re.finditer(f"[{SPACES}]", found.group()):
            if space.group() != options.space:
                yield Change(found.start() + space.start(), found.start() + space.end(), options.space)


def _thousands_point(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print spaces for the two points of a number in millions (1.500.000); one point alone says nothing."""
    for found in _POINTED.finditer(text):
        for point in re.finditer(r"\.", found.group()):
            yield Change(found.start() + point.start(), found.start() + point.end(), options.space)


def _decimal(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print a comma for the point of a decimal that a unit follows; versions and headings are left."""
    unit = re.compile(rf"\d+[{SPACES}]?(?:{_any_of(options.units)})(?!\w)")
    for found in _DECIMAL.finditer(text):
        place = found.start()
        if unit.match(text, place + 1) and _BEFORE_DECIMAL.search(text, max(0, place - 8), place):
            yield Change(place, place + 1, ",")


def _unit_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Make the space between a number and its unit no-break; the house says where one is added."""
    found = [
        place.span() for place in re.finditer(rf" (?<=\d.)(?=(?:{_any_of(options.units)})(?![\w’'-]))", text)
    ]
    if options.apart:
        glued = re.compile(rf"(?<=\d)(?<![A-Za-z/]\d)(?:{_any_of(options.apart)})(?!\w)")
        found = sorted(found + [(place.start(), place.start()) for place in glued.finditer(text)])
    for start, end in found:
        yield Change(start, end, options.space)


def _any_of(choices: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, choices))


def _time(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print 10 h 30 with no-break spaces; a letter after another number is left."""
    for found in _TIME.finditer(text):
        hours = found.group()[:2].rstrip(f"h{SPACES}")
        if int(hours) > _HOURS:
            continue
        for gap in ("first", "last") if found["minutes"] else ("first",):
            if found[gap] != options.space and (found["minutes"] or found[gap]):
                yield Change(*found.span(gap), options.space)


def _primo(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print 1°, 2°… and a no-break space where they open an item."""
    for found in _PRIMO.finditer(text):
        after = f"°{options.space}"
        place = found.start()
        if found.group() != after and _BEFORE_PRIMO.search(text, max(0, place - 4), place):
            yield Change(place, found.end(), after)


ORDINAL = Rule("ordinal", Matter.LETTERS, PRINTERS, _ordinal, ("ordinals_no_exponant", "ordinals_exponant"))
THOUSANDS = Rule("thousands", Matter.SPACES, PRINTERS, _thousands, ("nnbsp_within_numbers",))
THOUSANDS_POINT = Rule("thousands-point", Matter.SIGNS, PRINTERS, _thousands_point)
DECIMAL = Rule("decimal", Matter.SIGNS, PRINTERS, _decimal)
UNIT_SPACE = Rule(
    "unit-space",
    Matter.SPACES,
    PRINTERS,
    _unit_space,
    ("unit_nbsp_avant_unités1", "unit_nbsp_avant_unités2", "unit_nbsp_avant_unités3", "nbsp_before_symbol"),
    ("ESPACE_UNITES",),
)
TIME = Rule("time", Matter.SPACES, PRINTERS, _time)
PRIMO = Rule("primo", Matter.SIGNS, PRINTERS, _primo)
