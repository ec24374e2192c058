"""A house style on any text: lines and figures stay, and doing it twice changes nothing more."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.edits import Edit, apply, undo
from repair.typography import load_profile, normalise

KNOWN = frozenset(("cœur", "œuvre", "séance", "la", "mise", "en", "état", "les"))
ACCENTED = {"Etat": "État", "Etats": "États", "Ecole": "École"}
VOCABULARY = """
l'Etat les Etats cœur coeur OEuvre mise en A cette cet 1 65 e er ème 2ème séance n° 5 12 500 000 % € M. Dupont
XIX
siècle « » " ' ’ “ ” ; : ! ? . ... … ( ) [ ] - – A/RES/62/172 10:30 http://www.un.org/?a=1; a@b.org; &amp; 1er
qu' d' l' C:\\\\a
"""
PIECES = st.tuples(
    st.sampled_from(VOCABULARY.split()) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    st.sampled_from(["", "", " ", " ", " ", "  ", "\u00a0", "\u202f", "\n", "\r\n", "\r"]),
)
TEXTS = st.lists(PIECES, max_size=40).map(lambda parts: "".join(word + space for word, space in parts))


def style(text: str) -> list[Edit]:
    return normalise(text, load_profile("onu"), known=KNOWN.__contains__, accented=ACCENTED.get)


@given(TEXTS)
def test_a_style_applied_twice_is_applied_once(text: str):
    styled = apply(text, style(text))
    again = style(styled)
    assert again == [], [(edit.rule, edit.before, edit.after) for edit in again]


@given(TEXTS)
def test_the_ledger_gives_the_text_back(text: str):
    edits = style(text)
    assert undo(apply(text, edits), edits) == text
    assert all(edit.before != edit.after for edit in edits)


@given(TEXTS)
def test_lines_and_figures_stay(text: str):
    styled = apply(text, style(text))
    for kept in (r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", r"\d"):
        assert re.findall(kept, styled) == re.findall(kept, text)


@given(TEXTS)
def test_each_line_is_styled_by_itself(text: str):
    lines = text.splitlines(keepends=True)
    assert apply(text, style(text)) == "".join(apply(line, style(line)) for line in lines)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        " ",
        "'",
        '"',
        '"\n',
        "a@",
        "://",
        "&",
        "oe",
        "A ",
        "1 000 ",
        "M. ",
        "«",
        "» ",
        ". A ",
        ";",
        "I",
    ],
)
def test_no_text_is_slow(piece: str):
    """A quadratic search would take minutes here."""
    text = piece * (200_000 // len(piece))
    assert style(apply(text, style(text))) == []
