"""Structure on any text: one block a line, nothing lost outside the ledger, nothing left to do."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.edits import apply, undo
from repair.reading import markup_spans
from repair.structure import Structure, find_structure

KNOWN = frozenset(("assistance", "entreprise", "unies", "sous", "régionales", "nations"))
TAKEN_AWAY = {"markup", "note-call", "note-mark", "superscript", "entity", "paragraph-number"}
"""The rules that may take letters and figures: signs of markup, marks and calls of notes, misread numbers."""

MOVED = {"paragraph-resumed", "block-moved"}
"""The rules that take notes from the midst of a paragraph, and put them after it."""

VOCABULARY = """
L’Assemblée générale, Unies1 Unies ; . 2008-20112 60/1756 assis- tance sous-
régionales 1. 2. 3. 12. a) b) - • ____
--- ~ 1 2 3 10 12 13 Article L.122-1 Art. 1er. – — I. II. TITRE IV LES ARBRES Madame,
Annexe Résolution Ibid. À l’ A/RES/ « » : \u00ad États et mesures
"""
SIGNS = """
<sup>1</sup> <sup>e</sup> # ** * [ ](#) <br>
<p> &amp; ` \\* | http://a.fr/b [^1] [^1]: <sup>&</sup>lt;sup>2</sup>
"""
WORDS = st.sampled_from(VOCABULARY.split())
MARKUP = st.sampled_from(SIGNS.split())
SPACES = st.sampled_from(
    [" ", " ", " ", "  ", "\n", "\n", "\n\n", "\n\n", "\r\n", "\r", "\f", "\n ", "\u2028"]
)


def texts(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pieces = st.lists(st.tuples(words, SPACES | st.just("")), max_size=40)
    return pieces.map(lambda parts: "".join(word + space for word, space in parts))


PLAIN = texts(WORDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
ANY = texts(WORDS | MARKUP | st.text(st.characters(exclude_categories=["Cs"]), max_size=4))


def structure(text: str, *, marked: bool = True) -> Structure:
    return find_structure(text, markup=markup_spans(text) if marked else (), known=KNOWN.__contains__)


def alphanumeric(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@given(ANY)
def test_a_line_for_each_block(text: str):
    found = structure(text)
    structured = apply(text, found.edits)
    assert len(structured.splitlines()) == len(found.blocks)
    assert undo(structured, found.edits) == text


@given(ANY)
def test_blocks_stand_in_order_and_hold_all_letters(text: str):
    found = structure(text)
    parts = sorted((part.start, part.end) for block in found.blocks for part in (block, *block.rest))
    assert all(before[1] <= after[0] for before, after in pairwise(parts))
    held = "".join(text[start:end] for start, end in parts)
    edited = "".join(edit.before for edit in found.edits if TAKEN_AWAY & set(edit.rule.split("+")))
    assert len(alphanumeric(held)) + len(alphanumeric(edited)) >= len(alphanumeric(text))


@given(ANY)
def test_letters_and_figures_are_lost_to_markup_and_notes_alone(text: str):
    moved: Counter[str] = Counter()
    for edit in structure(text).edits:
        rules = set(edit.rule.split("+"))
        if rules & MOVED:
            moved.update(alphanumeric(edit.after))
            moved.subtract(alphanumeric(edit.before))
        elif not rules & TAKEN_AWAY:
            assert alphanumeric(edit.before) == alphanumeric(edit.after)
    assert all(count <= 0 for count in moved.values())  # a note loses its mark as it moves


@given(ANY)
def test_notes_belong_to_their_blocks(text: str):
    found = structure(text)
    for note in found.notes:
        assert note.block is None or found.blocks[note.block].number == note.mark
        assert list(note.calls) == sorted(note.calls)
        assert all(0 <= call < len(text) for call in note.calls)
    tied = [note.block for note in found.notes if note.block is not None]
    assert tied == [index for index, block in enumerate(found.blocks) if block.kind == "note"]


@given(PLAIN)
def test_a_structured_text_has_nothing_left_to_do(text: str):
    found = structure(text, marked=False)
    if any(block.kind == "note" for block in found.blocks):
        return  # a note without its mark is a paragraph
    structured = apply(text, found.edits)
    again = structure(structured, marked=False)
    assert apply(structured, again.edits) == structured


@given(PLAIN, st.sampled_from(["\n", "\r\n", "\r"]))
def test_line_ends_are_those_of_the_text(text: str, end: str):
    lines = "".join("\n" if char in "\r\n" else char for char in text).split("\n")
    text = end.join(lines)
    structured = apply(text, structure(text, marked=False).edits)
    if structured:
        content = text.rstrip()
        assert structured.endswith(end) == (end in text[len(content) :])
    assert end not in text or not set(structured.replace(end, "")) & set("\n\r")


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "-", "*", "<sup>", "&lt;sup>", "a-\n", "1. a\n", "_ ", "1 A\n", "a1 ", " \n", "|", "@"],
)
def test_no_text_is_slow(piece: str):
    """A quadratic search would take minutes here."""
    text = piece * (200_000 // len(piece))
    found = structure(text, marked=False)
    assert len(apply(text, found.edits).splitlines()) == len(found.blocks)
