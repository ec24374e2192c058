"""Structure on the user's documents: paragraphs in sequence, notes tied to their calls, hyphens joined."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from repair import repair_text
from repair.document import Document, Source
from repair.edits import apply, undo
from repair.language import load_language
from repair.pipeline import process
from repair.reading import markup_spans
from repair.structure import Structure, find_structure

pytestmark = pytest.mark.shared


def read(corpus: Path, number: str) -> str:
    return next(corpus.glob(f"{number}_*")).read_bytes().decode()


def known(word: str) -> bool:
    return word in load_language().lexicon


def structure(text: str) -> Structure:
    return find_structure(text, markup=markup_spans(text), known=known)


@pytest.mark.parametrize(("number", "last"), [("000", 10), ("001", 9), ("002", 30), ("003", 36), ("004", 9)])
def test_operative_paragraphs_stand_in_sequence(corpus: Path, number: str, last: int):
    text = read(corpus, number)
    numbers = [block.number for block in structure(text).blocks if block.kind == "paragraph" and block.number]
    assert numbers == [str(value) for value in range(1, last + 1)]


@pytest.mark.parametrize(
    ("number", "calls"),
    [
        ("000", {"1": 1, "2": 1}),
        ("001", {"1": 1, "2": 1}),
        ("002", {"5": 1, "6": 1, "7": 1, "8": 1, "9": 1, "10": 0, "1": 1, "2": 1, "3": 1, "4": 2}),
        ("003", {str(mark): 1 for mark in range(1, 12)}),
        ("004", {"1": 2, "2": 2, "3": 1, "4": 1, "5": 1, "6": 1}),
    ],
)
def test_each_note_is_tied_to_its_calls(corpus: Path, number: str, calls: dict[str, int]):
    found = structure(read(corpus, number))
    assert {note.mark: len(note.calls) for note in found.notes} == calls
    without_text = {"1", "2", "3", "4"} if number == "002" else set()
    assert {note.mark for note in found.notes if note.block is None} == without_text


@pytest.mark.parametrize(
    ("number", "paragraph", "words"),
    [
        ("002", "4", "conformément au droit international, notamment à la Charte"),
        ("002", "9", "se félicite de la publication d’un recueil"),
        ("002", "25", "tenir compte des questions de genre dans les mesures"),
        ("003", "12", "dans sa base de données ;"),
        ("004", "2", "bureaux compétents des Nations Unies;"),
    ],
)
def test_a_paragraph_that_notes_cut_is_whole(corpus: Path, number: str, paragraph: str, words: str):
    text = apply(read(corpus, number), repair_text(read(corpus, number)).edits)
    found = structure(text)
    lines = apply(text, found.edits).splitlines()
    (line,) = (
        line
        for line, block in zip(lines, found.blocks, strict=True)
        if block.kind == "paragraph" and block.number == paragraph
    )
    assert words in line


def test_calls_leave_the_years_and_symbols_they_were_glued_to(corpus: Path):
    for number, words in (("001", "la période 2008-2011, pour"), ("004", "sa résolution 60/175;")):
        text = read(corpus, number)
        assert words in apply(text, structure(text).edits)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("001", "d’assistance technique"),
        ("001", "soixante-cinquième session"),
        ("004", "régionales et sous-régionales concernées"),
        ("004", "Convention des Nations Unies contre la criminalité transnationale organisée"),
    ],
)
def test_words_broken_at_line_ends_are_whole(corpus: Path, number: str, words: str):
    text = read(corpus, number)
    assert words in apply(text, structure(text).edits)


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_what_is_structured_has_nothing_left_to_do(corpus: Path, number: str):
    text = read(corpus, number)
    structured = apply(text, structure(text).edits)
    assert find_structure(structured, markup=(), known=known).edits == ()


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_any_piece_of_a_document_can_be_read(corpus: Path, number: str):
    text = read(corpus, number)
    chance = random.Random(number)  # noqa: S311 - which pieces are cut is no secret
    for _ in range(40):
        start, end = sorted(chance.sample(range(len(text)), 2))
        piece = text[start:end]
        found = structure(piece)
        structured = apply(piece, found.edits)
        assert len(structured.splitlines()) == len(found.blocks)
        assert undo(structured, found.edits) == piece


@pytest.fixture(scope="module")
def processed(corpus: Path) -> dict[str, Document]:
    """Each document of the corpus, through every stage."""
    return {
        path.name[:3]: process(Source(path.stem, path.name, "0" * 64, path.stat().st_size), path)
        for path in sorted(corpus.glob("*.txt"))
    }


@pytest.mark.parametrize(
    ("number", "kinds"),
    [
        ("000", {"heading": 6, "preamble": 13, "paragraph": 10, "note": 2, "signature": 1}),
        ("001", {"heading": 1, "preamble": 6, "paragraph": 9, "note": 2, "signature": 1}),
        ("002", {"heading": 1, "preamble": 20, "paragraph": 30, "note": 6, "signature": 1}),
        ("003", {"heading": 11, "preamble": 21, "paragraph": 36, "note": 11, "signature": 0}),
        ("004", {"heading": 2, "preamble": 8, "paragraph": 9, "note": 6, "signature": 0}),
    ],
)
def test_blocks_as_read_by_eye(processed: dict[str, Document], number: str, kinds: dict[str, int]):
    found = Counter(block.kind for block in processed[number].paragraphs)
    assert {kind: found[kind] for kind in kinds} == kinds
    assert set(found) <= {*kinds, "furniture"}


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_no_paragraph_is_cut_and_none_holds_furniture(processed: dict[str, Document], number: str):
    """A recital ends with a comma, a paragraph with a semicolon, the last one with a full stop."""
    document = processed[number]
    marks = [note.text for note in document.notes if len(note.text) > 20]
    operative = [block for block in document.paragraphs if block.kind == "paragraph"]
    for block in document.paragraphs:
        if block.kind == "preamble":
            assert block.text[0].isupper()
            assert block.text.endswith(",")
        elif block.kind == "paragraph":
            assert re.match(rf"{block.number}\. [A-ZÉ]", block.text)
            assert re.search(r"\w\.\Z" if block is operative[-1] else r"\w[)»]?\s;\Z", block.text)
        if block.kind in ("preamble", "paragraph"):
            assert not re.search(r"_{3}|\b\d+/\d+ \d|Distr\.|  |[^\W\d_]\d|[®%]", block.text)
            assert not any(mark in block.text for mark in marks)


def test_what_broke_in_002_stands_whole(processed: dict[str, Document]):
    text = processed["002"].text
    for words in ("l’Association internationale", "d’INTERPOL à cet égard", "vol. 1577, n° 27531."):
        assert words in text.replace("\u00a0", " ")
    assert not re.search(r"(?i)\b(?:[cdjlmnst]|qu)’ ", text)
