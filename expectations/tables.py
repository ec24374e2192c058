"""Documents as tables: one row for each thing the rules speak of.

The functions take a batch of documents and return pandas frames. The columns of `INDEX_COLUMNS`
lead from a failed row back to its document. Lines are those of the reading, counted from 1; 0 where
the place is not known. No cell is ever null: Great Expectations passes over nulls without a word.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pandas as pd

from expectations.characters import decomposed, excerpt, mojibake, strange_characters
from expectations.dates import impossible_dates
from expectations.furniture import orphan_furniture
from expectations.notes import unexpected_notes
from expectations.numbering import Block, unexpected_numbers
from expectations.openings import unusual_openings
from expectations.pairing import Sign, unpaired_brackets, unpaired_quotes
from expectations.rules import MOST_FAULTS
from expectations.sentences import Running, cut_sentences, divided_words, empty_numbers, endless
from expectations.symbols import broken_symbols
from repair.document import Document, Note, Paragraph, Quality
from repair.edits import Decision, Edit, Kind, LedgerError, applied, apply
from repair.structure.genre import genre_of

INDEX_COLUMNS = {
    "document": "int64",  # place of the document in the batch
    "row": "int64",  # place among the rows of the document
    "name": "str",  # of the document
}
DOCUMENT_COLUMNS = INDEX_COLUMNS | {
    "words": "int64",  # of the diplomatic edition, as all shares
    "language": "str",  # ISO 639-1, or und
    "damage": "float64",  # share of the words that are damaged, 0 to 1
    "damage_floor": "float64",  # lower end of its interval
    "known": "float64",  # share of the words that the lexicon holds, 0 to 1
    "known_ceiling": "float64",  # upper end of its interval
    "edited": "float64",  # applied repairs for one word, 0 and up
    "edited_floor": "float64",  # lower end of its interval
    "repaired_length": "float64",  # letters and figures: diplomatic edition / reading
    "normalised_length": "float64",  # letters and figures: normalised / diplomatic edition, markup left out
    "strange": "float64",  # share of the characters of the diplomatic edition that no clean text holds
    "broken_layer": "str",  # first layer whose edits do not give the next text; empty if all do
    "paragraphs_make_text": "bool",  # the paragraphs are the lines of the normalised edition
    "disagreement": "float64",  # of the page that the engines read least alike, 0 to 1; 0 for a text
    "differing_page": "int64",  # which, from 1
    "headed": "bool",  # what its genre asks for at its head is there
    "genre": "str",
}
PARAGRAPH_COLUMNS = INDEX_COLUMNS | {
    "line": "int64",
    "kind": "str",
    "number": "str",
    "under": "str",  # number of the paragraph that it is or stands under; empty where there is none
    "expected": "str",  # the number that should stand there; `number` where it does
    "strange": "str",  # these and the next: an excerpt of the first fault, empty where there is none
    "mojibake": "str",
    "decomposed": "str",
    "quotes": "str",
    "brackets": "str",
    "furniture": "str",
    "cut": "str",
    "empty": "str",
    "endless": "str",
    "opening": "str",
    "divided": "str",
    "dates": "str",
    "symbols": "str",
}
NOTE_COLUMNS = INDEX_COLUMNS | {
    "line": "int64",  # of the first call, else of the note
    "mark": "str",
    "expected": "str",  # the mark that should stand there; `mark` where it does
    "calls": "int64",
    "has_text": "bool",
    "excerpt": "str",  # of the note, else of what stands around its call
}
EDIT_COLUMNS = INDEX_COLUMNS | {
    "line": "int64",  # of repairs and structure edits; 0 for normalisations, whose lines are others
    "layer": "str",
    "start": "int64",
    "end": "int64",
    "before": "str",  # excerpt
    "after": "str",  # excerpt
    "decision": "str",
    "probability": "float64",  # -1 where it is not a number
    "applied_probability": "float64",  # of an applied repair; 1 for all other edits
    "in_place": "bool",  # inside its text, and `before` stands there
}

_CONFIDENCE = 1.96  # standard deviations: 95 %
_MARKS = re.compile(r"[\W_]+")
Rows = Iterable[tuple[Any, ...]]


def documents_table(documents: Sequence[Document]) -> pd.DataFrame:
    """Return one row for each document; columns in `DOCUMENT_COLUMNS`."""
    return _table(documents, _document_rows, DOCUMENT_COLUMNS)


def paragraphs_table(documents: Sequence[Document]) -> pd.DataFrame:
    """Return one row for each paragraph; columns in `PARAGRAPH_COLUMNS`."""
    return _table(documents, _paragraph_rows, PARAGRAPH_COLUMNS)


def notes_table(documents: Sequence[Document]) -> pd.DataFrame:
    """Return one row for each note, called or not; columns in `NOTE_COLUMNS`."""
    return _table(documents, _note_rows, NOTE_COLUMNS)


def edits_table(documents: Sequence[Document]) -> pd.DataFrame:
    """Return one row for each edit, applied or not; columns in `EDIT_COLUMNS`."""
    return _table(documents, _edit_rows, EDIT_COLUMNS)


def _table(
    documents: Sequence[Document], rows: Callable[[Document], Rows], columns: Mapping[str, str]
) -> pd.DataFrame:
    records = [
        (index, row, document.source.name.encode(errors="backslashreplace").decode(), *cells)
        for index, document in enumerate(documents)
        for row, cells in enumerate(rows(document))
    ]
    return pd.DataFrame.from_records(records, columns=list(columns)).astype(dict(columns))


def interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share seen in `count` places (Wilson 1927).

    >>> [round(end, 3) for end in interval(1 / 30, 30)]
    [0.006, 0.167]
    """
    if count <= 0:
        return 0.0, 1.0
    share = min(max(share, 0.0), 1.0)
    square = _CONFIDENCE**2
    centre = share + square / (2 * count)
    reach = _CONFIDENCE * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return (centre - reach) / (1 + square / count), (centre + reach) / (1 + square / count)


def _letters(text: str) -> int:
    return len(_MARKS.sub("", text))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole > 0 else float(part == whole)


def _checked(quality: Quality) -> Quality:
    """Refuse figures that no count can give: they would pass every bound.

    Raises:
        ValueError: if `damaged` is no number from 0 up.
    """
    if not (0 <= quality.damaged < math.inf and 0 <= quality.unknown <= quality.words):
        raise ValueError(f"impossible quality: {quality}")
    return quality


def _document_rows(document: Document) -> Rows:
    quality = _checked(document.after)
    edited = len(applied(document.repairs)) / max(quality.words, 1)
    reading = document.reading
    markup = sum(_letters(reading.text[span.start : span.end]) for span in reading.markup)
    read, repaired = _letters(reading.text) - markup, _letters(document.diplomatic) - markup
    yield (
        quality.words,
        quality.language,
        quality.damage,
        interval(quality.damage, quality.words)[0],
        quality.known_rate,
        interval(quality.known_rate, quality.words)[1],
        edited,
        interval(edited, quality.words)[0],
        _ratio(repaired, read),
        _ratio(_letters(document.text), repaired),
        len(strange_characters(document.diplomatic)) / max(len(document.diplomatic), 1),
        _broken_layer(document),
        _lines(document.text.split("\n")) == _lines(block.text for block in document.paragraphs),
        *_disagreement(reading.disagreement),
        _headed(document),
        document.metadata.genre,
    )


def _disagreement(pages: Sequence[float]) -> tuple[float, int]:
    """Return how much the engines differ on the page where they differ most, and which it is, from 1."""
    if not pages:
        return 0.0, 1
    worst = max(pages)
    return worst, pages.index(worst) + 1


def _headed(document: Document) -> bool:
    """Whether a document of a genre with a head has one: a symbol, a title, or a heading."""
    said = document.metadata
    genre = genre_of(said)
    if genre is None or not genre.needs_head or said.symbol or said.title:
        return True
    return any(block.kind == "heading" and _letters(block.text) for block in document.paragraphs)


def _lines(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _broken_layer(document: Document) -> str:
    layers: tuple[tuple[Kind, Sequence[Edit], str | None], ...] = (
        (Kind.REPAIR, document.repairs, document.diplomatic),
        (Kind.STRUCTURE, document.structure, None),  # the structured text is not kept
        (Kind.NORMALISATION, document.normalisations, document.text),
    )
    text = document.reading.text
    for kind, edits, due in layers:
        try:
            text = apply(text, edits)
        except LedgerError:
            return str(kind)
        if due is not None and text != due:
            return str(kind)
    return ""


class _LineCounter:
    """Line numbers of places in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def __call__(self, offset: int) -> int:
        return bisect_right(self._starts, offset)


def _paragraph_rows(document: Document) -> Rows:
    line = _LineCounter(document.reading.text)
    blocks = document.paragraphs
    running = [index for index, block in enumerate(blocks) if block.kind not in ("note", "furniture")]
    unexpected = unexpected_numbers([Block(blocks[index].number, blocks[index].text) for index in running])
    texts = [Running(blocks[index].kind, blocks[index].number, blocks[index].text) for index in running]
    faults = {
        "expected": {running[place]: number for place, number in unexpected.items()},
        "strange": _excerpts(blocks, strange_characters),
        "mojibake": _excerpts(blocks, mojibake),
        "decomposed": _excerpts(blocks, decomposed),
        "quotes": _unpaired(blocks, running, unpaired_quotes),
        "brackets": _unpaired(blocks, running, unpaired_brackets),
        "furniture": orphan_furniture(blocks),
        "cut": {running[place]: _last(texts[place].text) for place in cut_sentences(texts)},
        "empty": {running[place]: excerpt(texts[place].text, 0) for place in empty_numbers(texts)},
        "endless": {
            index: excerpt(block.text, 0) for index, block in enumerate(blocks) if endless(block.text)
        },
        "opening": {index: excerpt(blocks[index].text, 0) for index in _unusual(document)},
        "divided": _excerpts(blocks, divided_words),
        "dates": _excerpts(blocks, impossible_dates),
        "symbols": _excerpts(blocks, broken_symbols),
    }
    told = {column: dict(islice(sorted(found.items()), MOST_FAULTS)) for column, found in faults.items()}
    under = list(_under(blocks))
    for index, block in enumerate(blocks):
        expected = told["expected"].get(index, block.number)
        others = (told[column].get(index, "") for column in list(faults)[1:])
        yield (line(block.start), block.kind, block.number, under[index], expected, *others)


def _unusual(document: Document) -> list[int]:
    genre = genre_of(document.metadata)
    return [] if genre is None else unusual_openings(document.paragraphs, genre.opens)


def _last(text: str) -> str:
    return excerpt(text, len(text.rstrip()) - 1)


def _under(blocks: Sequence[Paragraph]) -> Iterator[str]:
    number = ""
    for block in blocks:
        apart = block.kind in ("note", "furniture")
        if block.kind in ("heading", "signature"):
            number = ""
        elif not apart and block.number.isdecimal():
            number = block.number
        yield "" if apart else number


def _excerpts(blocks: Sequence[Paragraph], find: Callable[[str], list[int]]) -> dict[int, str]:
    """Return an excerpt of the first place that `find` finds, for each block with one."""
    found = ((index, block.text, find(block.text)) for index, block in enumerate(blocks))
    return {index: excerpt(text, places[0]) for index, text, places in found if places}


def _unpaired(
    blocks: Sequence[Paragraph], running: Sequence[int], find: Callable[[Sequence[str]], list[Sign]]
) -> dict[int, str]:
    """Return an excerpt for each block with a sign that has no partner; notes are read one by one."""
    notes = [[index] for index, block in enumerate(blocks) if block.kind == "note"]
    faults: dict[int, str] = {}
    for indices in (running, *notes):
        for sign in find([blocks[index].text for index in indices]):
            index = indices[sign.paragraph]
            faults.setdefault(index, excerpt(blocks[index].text, sign.offset))
    return faults


def _note_rows(document: Document) -> Rows:
    text = document.reading.text
    line = _LineCounter(text)
    starts = {block.number: block.start for block in document.paragraphs if block.kind == "note"}
    unexpected = unexpected_notes(document.notes)
    for index, note in enumerate(document.notes):
        place = note.calls[0] if note.calls else starts.get(note.mark)
        yield (
            0 if place is None else line(place),
            note.mark,
            unexpected.get(index, note.mark),
            len(note.calls),
            bool(note.text.strip()),
            _told(note, text),
        )


def _told(note: Note, reading: str) -> str:
    if note.text.strip():
        return excerpt(note.text, 0)
    return excerpt(reading, note.calls[0], len(note.mark)) if note.calls else ""


def _edit_rows(document: Document) -> Iterator[tuple[Any, ...]]:
    text = document.reading.text
    for edits in (document.repairs, document.structure, document.normalisations):
        line = _LineCounter(text)  # repair keeps the lines: those of the diplomatic edition are the same
        for edit in edits:
            repair = edit.kind is Kind.REPAIR and edit.decision is Decision.APPLIED
            probability = -1.0 if math.isnan(edit.probability) else edit.probability
            yield (
                0 if edit.kind is Kind.NORMALISATION else line(edit.start),
                str(edit.kind),
                edit.start,
                edit.end,
                excerpt(edit.before, 0),
                excerpt(edit.after, 0),
                str(edit.decision),
                probability,
                probability if repair else 1.0,
                0 <= edit.start <= edit.end <= len(text) and text[edit.start : edit.end] == edit.before,
            )
        try:
            text = apply(text, edits)
        except LedgerError:
            return  # told of the layer by `edits-replay`; the next has no text to stand in
