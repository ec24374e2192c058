"""Rules on spaces: between words, before punctuation, inside quotation marks and parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from repair.typography.rules import PRINTERS, SPACES, Change, Matter, Options, Rule, Words

# Each pattern begins with the sign it looks for, and looks back from there: so the search is fast.
_DOUBLED = re.compile(f"[{SPACES}](?<![{SPACES}].)[{SPACES}]++(?=\\S)")
# After a short word or figure the space may stand for words left out (« la province de , et »); before a
# point after a figure it may be a product (« 6,3 . 10 »).
_BEFORE_CLOSING = re.compile(
    f"[{SPACES}](?:(?<=[^\\W_].)(?<=[\\w-]{{4}}.)(?=[,)\\]]|(?<=[^\\W\\d_].)\\.(?!\\S|[{SPACES}]\\.))"
    f"|(?<=[^\\W_][.!?…].)(?=[)\\]]))"
)
_AFTER_OPENING = re.compile(f"[{SPACES}](?<=[(\\[].)(?=[^\\W_])")
_ODD = re.compile("[\u2000-\u200a\u205f\u3000]")
_NARROW = frozenset("\u2007\u2009")
_GLUED = re.compile(r"[,;](?<=[^\W\d_]{2}.)(?=[^\W\d_]{2}|[^\W\d_][’'])")
_WORD_BEFORE = re.compile(r"(?<![\w’'.,;/-])[a-zß-ÿœ]{3,}\Z|(?<=[’'])[a-zß-ÿœ]{3,}\Z")
_WORD_AFTER = re.compile(r"(?P<elided>(?:[cdjlmnst]|qu)[’'])?(?P<word>[a-zß-ÿœ]+)(?![\w’'/-]|[.,;]\w)")
_LONGEST_WORD = 40
_NOT_QUOTED = frozenset("».,;:!?)")  # « is the end of a quotation turned the German way, or nothing is quoted
_OPENING = frozenset("«“([")
_GLUED_TO = frozenset("»)]%‰°’'”\".*²³€$")


def _odd_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Print the house's space for thin and figure spaces, a plain one for those of the layout of pages."""
    for found in _ODD.finditer(text):
        yield Change(found.start(), found.end(), options.space if found.group() in _NARROW else " ")


def _missing_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the space after a comma or semicolon between two words of the lexicon; codes and names are left."""
    for found in _GLUED.finditer(text):
        place = found.start()
        before = _WORD_BEFORE.search(text, max(0, place - _LONGEST_WORD), place)
        after = _WORD_AFTER.match(text, place + 1, place + 1 + _LONGEST_WORD)
        if before is None or after is None or before.group() == after["word"]:
            continue
        if words.known(before.group()) and (after["elided"] or words.known(after["word"])):
            yield Change(place + 1, place + 1, " ")


def _doubled_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Keep one space of several: a no-break one if there is one."""
    for found in _DOUBLED.finditer(text):
        spaces = found.group()
        if not text[found.start() - 1 : found.start()].strip():
            continue
        kept = spaces.strip(" ")
        yield Change(found.start(), found.end(), kept[0] if kept else " ")


def _closing_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Take the space before a comma, a point or a closing parenthesis, and after an opening one."""
    for found in sorted([*_BEFORE_CLOSING.finditer(text), *_AFTER_OPENING.finditer(text)], key=_start):
        yield Change(found.start(), found.end(), "")


def _start(found: re.Match[str]) -> int:
    return found.start()


def _quote_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the space inside « »; quotes turned the German way, and » at the head of a line, are left."""
    for found in re.finditer("[«»]", text):
        place = found.start()
        if found.group() == "«":
            after = text[place + 1 : place + 2]
            beyond = text[place + 2 : place + 3]
            if after in SPACES:
                if after and after != options.space and beyond.strip() and beyond not in _NOT_QUOTED:
                    yield Change(place + 1, place + 2, options.space)
            elif after.strip() and after not in _NOT_QUOTED:
                yield Change(place + 1, place + 1, options.space)
            continue
        before = text[place - 1 : place] if place else ""
        beyond = text[place - 2 : place - 1] if place > 1 else ""
        if text[place + 1 : place + 2].isalnum():
            continue
        if before in SPACES:
            if before and before != options.space and beyond.strip() and beyond != "«":
                yield Change(place - 1, place, options.space)
        elif before.strip() and before != "«":
            yield Change(place, place, options.space)


def _punctuation_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the space before ; ! ? at the end of a word; « (?) », entities and codes are left."""
    return _space_before(text, options.marks, options.space)


def _colon_space(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the space before a colon at the end of a word; times, ratios and codes are left."""
    return _space_before(text, ":", options.space)


def _space_before(text: str, marks: str, space: str) -> Iterator[Change]:
    one = f"[{re.escape(marks)}]"
    for found in re.finditer(f'{one}(?<!{one}.){one}*+(?=[\\s»”")\\]…]|\\Z)', text):
        place = found.start()
        if not place:
            continue
        before = text[place - 1]
        if before in SPACES:
            if before != space and place > 1 and text[place - 2].strip() and text[place - 2] not in _OPENING:
                yield Change(place - 1, place, space)
        elif before.isalnum() or before in _GLUED_TO:
            ratio = found.group() == ":" and before.isdigit() and text[place + 2 : place + 3].isdigit()
            if not ratio:
                yield Change(place, place, space)


ODD_SPACE = Rule(
    "odd-space",
    Matter.SPACES,
    "The Unicode Standard, General Punctuation: spaces of fixed width",
    _odd_space,
)
MISSING_SPACE = Rule(
    "missing-space",
    Matter.SPACES,
    PRINTERS,
    _missing_space,
    ("typo_espace_manquant_après1", "typo_virgule_collée_à_mot_suivant"),
    ("COMMA_PARENTHESIS_WHITESPACE",),
)
DOUBLED_SPACE = Rule(
    "doubled-space",
    Matter.SPACES,
    "one space between two words, everywhere",
    _doubled_space,
    ("esp_milieu_ligne", "esp_mélangés1", "esp_mélangés2", "esp_insécables_multiples"),
    ("WHITESPACE_RULE",),
)
CLOSING_SPACE = Rule(
    "closing-space",
    Matter.SPACES,
    PRINTERS,
    _closing_space,
    ("typo_espace_avant_signe_fermant", "typo_espace_après_signe_ouvrant", "typo_virgule_entre_deux_espaces"),
    ("COMMA_PARENTHESIS_WHITESPACE",),
)
QUOTE_SPACE = Rule(
    "quote-space",
    Matter.SPACES,
    PRINTERS,
    _quote_space,
    ("nbsp_après_chevrons_ouvrants", "nbsp_avant_chevrons_fermants1", "nbsp_avant_chevrons_fermants2"),
    ("FRENCH_WHITESPACE",),
)
PUNCTUATION_SPACE = Rule(
    "punctuation-space",
    Matter.SPACES,
    PRINTERS,
    _punctuation_space,
    ("nbsp_ajout_avant_double_ponctuation", "nbsp_avant_double_ponctuation", "nnbsp_before_punctuation"),
    ("FRENCH_WHITESPACE", "FRENCH_WHITESPACE_STRICT"),
)
COLON_SPACE = Rule(
    "colon-space",
    Matter.SPACES,
    PRINTERS,
    _colon_space,
    ("nbsp_avant_deux_points",),
    ("FRENCH_WHITESPACE", "FRENCH_WHITESPACE_STRICT"),
)
