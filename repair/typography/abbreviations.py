"""Rules on abbreviations: M. and Mme before a name, n° and p. before a number, etc."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.typography.rules import PRINTERS, SPACES, Change, Matter, Options, Rule, Words

_NUMERO = re.compile(rf"([°º])(?<=[nN].)(?<!\w..)([{SPACES}]?)(?=[\dA-Z])")
_POINTS = re.compile(rf"(?:\.{{0,2}}(?:[{SPACES}]?…)++|\.\.\.?)(?![{SPACES}]?\.)")
_NO_COMMA = re.compile(rf"(?P<word>[^\W_]{{2,}}|[»)])[{SPACES}]\Z")
_AND = frozenset(("de", "des", "et", "ou"))
_AFTER_ETC = frozenset((".", "…"))
_LONGEST_WORD = 40
_CAPITAL = "A-ZÀ-ÖØ-Þ"


def _numero(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print n° and a no-break space before a number."""
    for found in _NUMERO.finditer(text):
        after = f"°{options.space}"
        if found.group() != after:
            yield Change(found.start(), found.end(), after)


def _any_of(choices: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, choices))


def _title_point(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Take the point of Mme, Dr and other titles that end with their last letter, before a name."""
    for found in re.finditer(rf"(?<!\w)(?:{_any_of(options.titles)})(\.)(?=[{SPACES}][{_CAPITAL}])", text):
        yield Change(found.start(1), found.end(1), "")


def _title_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put a no-break space between a title and a name."""
    for found in re.finditer(f"(?:{_any_of(options.titles)}) (?=[{_CAPITAL}])", text):
        before = text[found.start() - 1] if found.start() else " "
        if before.isalnum() or before in ".-":
            continue
        yield Change(found.end() - 1, found.end(), options.space)


def _number_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put a no-break space between p., art., § and the number that follows."""
    for found in re.finditer(
        rf"(?<![\w.-])(?:{_any_of(options.abbreviations)}) (?=\d|[IVXLC]+(?![\w’'-]))", text
    ):
        yield Change(found.end() - 1, found.end(), options.space)


def _et_cetera(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print etc. after a comma and with one point: it says by itself that the list goes on."""
    for found in re.finditer(r"(?<!\w)[eE]tc", text):
        comma = _NO_COMMA.search(text, max(0, found.start() - _LONGEST_WORD), found.start())
        if comma and comma["word"] not in _AND and text[found.end() : found.end() + 1] in _AFTER_ETC:
            yield Change(comma.end("word"), comma.end("word"), ",")
        points = _POINTS.match(text, found.end())
        if points:
            yield Change(points.start(), points.end(), ".")


NUMERO = Rule("numero", Matter.SIGNS, PRINTERS, _numero, ("typo_point_après_numéro",))
TITLE_POINT = Rule("title-point", Matter.SIGNS, PRINTERS, _title_point, ("typo_point_après_titre",))
TITLE_SPACE = Rule("title-space", Matter.SPACES, PRINTERS, _title_space, ("nbsp_titles",))
NUMBER_SPACE = Rule("number-space", Matter.SPACES, PRINTERS, _number_space)
ET_CETERA = Rule(
    "et-cetera", Matter.SIGNS, PRINTERS, _et_cetera, ("typo_et_cetera",), ("POINTS_SUSPENSIONS_SPACE",)
)
