"""What kind of document it is: its genre, described as data, and what it says of itself.

A genre is a file of `dictionaries/genres/`: how to know such a document, which of its blocks are
heading, preamble and signature, and where its symbol, title and date stand. A document that no genre
knows is a plain text: its blocks stay what the signs on the page make them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from repair.document import Metadata, Paragraph
from repair.structure.values import HEADING, PARAGRAPH

PREAMBLE, SIGNATURE = "preamble", "signature"

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

_UNITS = (
    "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre.

    Attributes:
        name: of its file.
        enacting: what a line says that makes a document one of this genre.
        signature: what a line after the last numbered paragraph says that is one.
        metadata: for each field, the patterns whose first group gives it, tried in order.
        symbols: by the enacting line, the symbol of a document that prints its number alone.
    """

    name: str
    enacting: re.Pattern[str]
    signature: re.Pattern[str]
    metadata: dict[str, tuple[re.Pattern[str], ...]]
    symbols: dict[str, str]


@lru_cache(maxsize=1)
def load_genres() -> tuple[Genre, ...]:
    """Return the genres that ship with the program, by name."""
    found = []
    for file in sorted((files("dictionaries") / "genres").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        found.append(
            Genre(
                name=file.name.removesuffix(".toml"),
                enacting=re.compile(data["enacting"]),
                signature=re.compile(data["signature"]),
                metadata={
                    field: tuple(map(re.compile, patterns)) for field, patterns in data["metadata"].items()
                },
                symbols=dict(data["symbols"]),
            )
        )
    return tuple(found)


def read_genre(paragraphs: Sequence[Paragraph]) -> tuple[tuple[Paragraph, ...], Metadata]:
    """Say of what genre a document is: its blocks with their kinds, and what it says of itself.

    Args:
        paragraphs: its blocks, as the signs on the page make them.
    """
    for genre in load_genres():
        for place, block in enumerate(paragraphs):
            if block.kind in (PARAGRAPH, HEADING) and genre.enacting.fullmatch(block.text.replace("'", "’")):
                return _read(genre, paragraphs, place)
    return tuple(paragraphs), Metadata()


def _read(
    genre: Genre, paragraphs: Sequence[Paragraph], enacting: int
) -> tuple[tuple[Paragraph, ...], Metadata]:
    numbered = [place for place, block in enumerate(paragraphs) if block.kind == PARAGRAPH and block.number]
    first = next((place for place in numbered if place > enacting), len(paragraphs))
    last = numbered[-1] if numbered else len(paragraphs)
    blocks = []
    for place, block in enumerate(paragraphs):
        kind = block.kind
        if kind == PARAGRAPH and not block.number:
            if place < enacting:
                kind = HEADING
            elif place < first:
                kind = PREAMBLE
            elif place > last and genre.signature.match(block.text):
                kind = SIGNATURE
        blocks.append(replace(block, kind=kind))
    lines = [block.text.replace("\u00a0", " ") for block in blocks if block.kind in (HEADING, SIGNATURE)]
    found = {field: _first(patterns, lines) for field, patterns in genre.metadata.items()}
    if not found.get("title") and enacting and blocks[enacting - 1].kind == HEADING:
        found["title"] = blocks[enacting - 1].text
    number = found.get("number", "")
    if not found.get("symbol") and number:
        found["symbol"] = genre.symbols.get(paragraphs[enacting].text, "").format(number=number)
    return tuple(blocks), Metadata(
        genre=genre.name,
        symbol=found.get("symbol", ""),
        title=found.get("title", ""),
        date=iso_date(found.get("date", "")),
        session=ordinal(found.get("session", "")),
        agenda_item=re.sub(r"[ )]", "", found.get("agenda_item", "")),
    )


def _first(patterns: Sequence[re.Pattern[str]], lines: Sequence[str]) -> str:
    for pattern in patterns:
        for line in lines:
            if found := pattern.search(line):
                return found[1]
    return ""


def iso_date(text: str) -> str:
    """Return a French date as ``2019-12-18``; empty for what is none.

    >>> iso_date("18 décembre 2019"), iso_date("1er mars 2008"), iso_date("32 mars")
    ('2019-12-18', '2008-03-01', '')
    """
    found = re.fullmatch(r"(\d{1,2})(?:er)? ([^\W\d_]+) (\d{4})", text)
    if not found or found[2].lower() not in MONTHS:
        return ""
    return f"{found[3]}-{MONTHS.index(found[2].lower()) + 1:02}-{int(found[1]):02}"


def ordinal(text: str) -> str:
    """Return an ordinal up to 99, in words or figures, in figures; empty for what is none.

    >>> ordinal("Soixante-quatorzième"), ordinal("63"), ordinal("Vingt et unième"), ordinal("dernière")
    ('74', '63', '21', '')
    """
    return text if text.isdigit() else _ordinals().get(text.lower().replace(" et ", "-et-"), "")


@lru_cache(maxsize=1)
def _ordinals() -> dict[str, str]:
    """Return the ordinals from 2 to 99 in words, with their figures (Grevisse, *Le bon usage*, § 599)."""
    found = {}
    for number in range(2, 100):
        if number < len(_UNITS):
            words = _UNITS[number]
        else:
            ten = max(ten for ten in _TENS if ten <= number)
            rest = number - ten
            joint = "-et-" if rest in (1, 11) and ten != 80 else "-"
            words = _TENS[ten] + (joint + _UNITS[rest] if rest else "")
        stem = words.removesuffix("e")
        stem = {"cinq": "cinqu", "neuf": "neuv"}.get(stem.rsplit("-", 1)[-1], "") or stem.rsplit("-", 1)[-1]
        head = words.rsplit("-", 1)[0] + "-" if "-" in words else ""
        found[f"{head}{stem}ième"] = str(number)
    return found
