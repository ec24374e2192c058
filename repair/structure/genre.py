"""What kind of document it is: its genre, described as data, and what it says of itself.

A genre is a file of `dictionaries/genres/`: how to know such a document, which of its blocks are
heading, preamble and signature, where its symbol, title and date stand, and how its paragraphs open.
A new genre is a new file; `dictionaries/genres/README.md` says what its keys are. A document that no
genre knows is a plain text: its blocks stay what the signs on the page make them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from repair.document import Metadata, Paragraph
from repair.structure.values import HEADING, ITEM, PARAGRAPH

PREAMBLE, SIGNATURE = "preamble", "signature"
_PLAIN = (PARAGRAPH, HEADING)
"""Kinds of a block that may be the opening of a genre."""
_MAYBE_PLAIN = (*_PLAIN, PREAMBLE, SIGNATURE)
"""Kinds of one that may have been of these before its genre named it."""

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

_UNITS = (
    "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}


FIELDS = ("symbol", "number", "title", "date", "session", "agenda_item")
"""What a genre may find of its documents; ``number`` makes a symbol, by the table `symbols`."""

_KEYS = {
    "": {"title", "source", "known_by", "blocks", "metadata", "symbols", "opens", "expects"},
    "known_by": {"opening", "within", "above", "also"},
    "blocks": {"preamble", "signature", "closing", "names", "heading_is_title"},
    "metadata": set(FIELDS),
    "opens": {PREAMBLE, PARAGRAPH},
    "expects": {"head"},
}
_NEEDED = ("title", "source", "known_by.opening", "blocks.preamble")
_PREAMBLES = ("to-number", "line", "none")
_LONGEST_TITLE = 150
"""Characters of a heading; before the opening, what is longer and ends as a sentence is a paragraph."""


class GenreError(ValueError):
    """A genre file is not whole; the message says which key of which file to mend."""


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre.

    Attributes:
        name: of its file.
        opening: what a block says, from end to end, that makes a document one of this genre.
        within: the opening is among so many blocks, the first ones; 0 for anywhere.
        above: what each block before the opening says, from end to end; None for anything.
        also: patterns, each of which is found in some block as well.
        preamble: ``to-number``: from the opening to the first number; ``line``: the opening alone; ``none``.
        signature: what a block after the last number says that is one; None for no such.
        closing: the block after which names are written; None where a signature says it.
        names: what is a name, a quality or a date after a closing or a signature; None for no such.
        heading_is_title: whether the last heading before the opening is the title, where no pattern says it.
        metadata: for each of `FIELDS`, the patterns whose first group gives it, tried in order.
        symbols: by the opening, the symbol of a document that prints its number alone.
        opens: by the kind of a block, how its text opens; its number is left out.
        needs_head: whether each document has a symbol or a title.
    """

    name: str
    opening: re.Pattern[str]
    within: int
    above: re.Pattern[str] | None
    also: tuple[re.Pattern[str], ...]
    preamble: str
    signature: re.Pattern[str] | None
    closing: re.Pattern[str] | None
    names: re.Pattern[str] | None
    heading_is_title: bool
    metadata: Mapping[str, tuple[re.Pattern[str], ...]]
    symbols: Mapping[str, str]
    opens: Mapping[str, re.Pattern[str]]
    needs_head: bool


@lru_cache(maxsize=1)
def load_genres() -> tuple[Genre, ...]:
    """Return the genres that ship with the program, by name.

    Raises:
        GenreError: if a file is not whole.
    """
    folder = sorted((files("dictionaries") / "genres").iterdir(), key=lambda file: file.name)
    return tuple(
        parse_genre(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
        for file in folder
        if file.name.endswith(".toml")
    )


def genre_of(metadata: Metadata) -> Genre | None:
    """Return the genre that a document says it is of; None for a plain text."""
    return next((genre for genre in load_genres() if genre.name == metadata.genre), None)


def parse_genre(name: str, toml: str) -> Genre:
    """Return the genre that a file describes.

    Args:
        name: of the genre.
        toml: what its file says.

    Raises:
        GenreError: if a key lacks, is not known, or is no pattern.
    """
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise GenreError(f"genre {name}: this is no TOML: {error}") from error
    for section, keys in _KEYS.items():
        found = data.get(section, {}) if section else data
        if not isinstance(found, dict):
            raise GenreError(f"genre {name}: {section} must be a table")
        if unknown := sorted(set(found) - keys):
            where = f"{section}.{unknown[0]}" if section else unknown[0]
            raise GenreError(f"genre {name}: the key {where} is not known; known: {', '.join(sorted(keys))}")
    for key in _NEEDED:
        section, _, inner = key.partition(".")
        if not (data.get(section, {}).get(inner) if inner else data.get(section)):
            raise GenreError(f"genre {name}: the key {key} lacks")
    known_by, blocks = data["known_by"], data["blocks"]
    if blocks["preamble"] not in _PREAMBLES:
        raise GenreError(f"genre {name}: blocks.preamble is one of {', '.join(_PREAMBLES)}")

    def pattern(key: str, text: object, groups: int = 0) -> re.Pattern[str]:
        try:
            made = re.compile(str(text))
        except re.error as error:
            raise GenreError(f"genre {name}: {key} is no pattern: {error}") from error
        if made.groups < groups:
            raise GenreError(f"genre {name}: {key} needs a group that gives the value")
        return made

    def optional(key: str) -> re.Pattern[str] | None:
        return pattern(f"blocks.{key}", blocks[key]) if key in blocks else None

    return Genre(
        name=name,
        opening=pattern("known_by.opening", known_by["opening"]),
        within=int(known_by.get("within", 0)),
        above=pattern("known_by.above", known_by["above"]) if "above" in known_by else None,
        also=tuple(pattern("known_by.also", text) for text in known_by.get("also", ())),
        preamble=blocks["preamble"],
        signature=optional("signature"),
        closing=optional("closing"),
        names=optional("names"),
        heading_is_title=bool(blocks.get("heading_is_title", False)),
        metadata={
            field: tuple(pattern(f"metadata.{field}", text, groups=1) for text in texts)
            for field, texts in data.get("metadata", {}).items()
        },
        symbols=dict(data.get("symbols", {})),
        opens={kind: pattern(f"opens.{kind}", text) for kind, text in data.get("opens", {}).items()},
        needs_head=bool(data.get("expects", {}).get("head", False)),
    )


def read_genre(paragraphs: Sequence[Paragraph]) -> tuple[tuple[Paragraph, ...], Metadata]:
    """Say of what genre a document is: its blocks with their kinds, and what it says of itself.

    Args:
        paragraphs: its blocks, as the signs on the page make them.
    """
    lines = _lines(paragraphs)
    for genre in load_genres():
        opening = _opening(genre, paragraphs, lines)
        if opening is not None:
            blocks = _kinds(genre, paragraphs, lines, opening)
            return blocks, _metadata(genre, blocks, opening)
    return tuple(paragraphs), Metadata()


def genre_may_change(paragraphs: Sequence[Paragraph], genre: str, changed: Collection[str]) -> bool:
    """Say whether a document may be of another genre, or otherwise of its own, now that some genres changed.

    A no is certain: :func:`read_genre`, and all that goes by a document's genre, give what they gave.

    Args:
        paragraphs: its blocks, with the kinds that its genre gave them.
        genre: which that was; empty for none.
        changed: names of the genres that are new, gone, or others than they were.

    Raises:
        GenreError: if a file is not whole.
    """
    if genre in changed:
        return True
    lines = _lines(paragraphs)
    for one in load_genres():
        if one.name == genre:
            return False  # the first that knows a document has it
        if one.name in changed and _opening(one, paragraphs, lines, _MAYBE_PLAIN) is not None:
            return True
    return False


def _lines(paragraphs: Sequence[Paragraph]) -> list[str]:
    return [block.text.replace("'", "’").replace("\u00a0", " ") for block in paragraphs]


def _opening(
    genre: Genre, paragraphs: Sequence[Paragraph], lines: Sequence[str], kinds: Collection[str] = _PLAIN
) -> int | None:
    """Return the place of the block that makes a document one of this genre; None if it is none.

    Args:
        genre: which.
        paragraphs: the blocks of the document.
        lines: what they say.
        kinds: of the blocks that may be it.
    """
    for place, block in enumerate(paragraphs[: genre.within or None]):
        if block.kind in kinds and genre.opening.fullmatch(lines[place]):
            also = all(any(map(pattern.search, lines)) for pattern in genre.also)
            return place if also else None
        if genre.above is not None and not genre.above.fullmatch(lines[place]):
            return None
    return None


def _kinds(
    genre: Genre, paragraphs: Sequence[Paragraph], lines: Sequence[str], opening: int
) -> tuple[Paragraph, ...]:
    """Return the blocks with the kinds that the genre gives to those without a number."""
    numbered = [
        place for place, block in enumerate(paragraphs) if block.kind in (PARAGRAPH, HEADING) and block.number
    ]
    first = next((place for place in numbered if place > opening), len(paragraphs))
    last = numbered[-1] if numbered else opening
    preamble = {"to-number": range(opening, first), "line": range(opening, opening + 1)}.get(genre.preamble)
    signing = False
    kinds = []
    for place, block in enumerate(paragraphs):
        kind, line = block.kind, lines[place]
        if kind == PARAGRAPH and not block.number:
            if place < opening or (place == opening and preamble is None):
                sentence = len(line) > _LONGEST_TITLE and line[-1] in ".;"
                kind = kind if sentence else HEADING
            elif preamble is not None and place in preamble:
                kind = PREAMBLE
            elif place > last and genre.signature is not None and genre.signature.match(line):
                kind, signing = SIGNATURE, True
            elif signing and genre.names is not None and genre.names.fullmatch(line):
                kind = SIGNATURE
            else:
                signing = place > opening and genre.closing is not None and bool(genre.closing.match(line))
        elif kind in (HEADING, ITEM) or block.number:
            signing = False
        kinds.append(kind)
    return tuple(replace(block, kind=kind) for block, kind in zip(paragraphs, kinds, strict=True))


def _metadata(genre: Genre, blocks: Sequence[Paragraph], opening: int) -> Metadata:
    """Return what the headings and signatures of a document say of it."""
    lines = [block.text.replace("\u00a0", " ") for block in blocks if block.kind in (HEADING, SIGNATURE)]
    found = {field: _first(patterns, lines) for field, patterns in genre.metadata.items()}
    if not found.get("title") and genre.heading_is_title:
        found["title"] = _last_heading(genre, blocks, opening)
    number = found.get("number", "")
    if not found.get("symbol") and number:
        found["symbol"] = genre.symbols.get(blocks[opening].text, "").format(number=number)
    return Metadata(
        genre=genre.name,
        symbol=found.get("symbol", ""),
        title=found.get("title", ""),
        date=iso_date(found.get("date", "")),
        session=ordinal(found.get("session", "")),
        agenda_item=re.sub(r"[ )]", "", found.get("agenda_item", "")),
    )


def _last_heading(genre: Genre, blocks: Sequence[Paragraph], opening: int) -> str:
    """Return the last heading before the opening that says neither session, nor agenda item, nor date."""
    others = [one for field in ("session", "agenda_item", "date") for one in genre.metadata.get(field, ())]
    for block in reversed(blocks[:opening]):
        if block.kind == HEADING and not any(pattern.search(block.text) for pattern in others):
            return block.text
    return blocks[opening].text if blocks[opening].kind == HEADING else ""


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
