"""A house style on any text: lines and figures stay, and doing it twice changes nothing more."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repair.edits import Edit, apply, undo
from repair.typography import load_profile, normalise, profile_names
from repair.typography.rules import SPACES, Matter

KNOWN = frozenset(("cœur", "œuvre", "séance", "la", "mise", "en", "état", "les"))
ACCENTED = {"Etat": "État", "Etats": "États", "Ecole": "École"}
VOCABULARY = """
l'Etat les Etats cœur coeur OEuvre mise en A cette cet 1 65 e er ème 2ème séance n° 5 12 500 000 % € M. Dupont
XIX
siècle « » " ' ’ “ ” ; : ! ? . ... … ( ) [ ] - – A/RES/62/172 10:30 http://www.un.org/?a=1; a@b.org; &amp; 1er
qu' d' l' C:\\\\a – — 1° 2º % 10h30 18 h 3.5 1.000.000 etc. etc Mme. Dr. p. art. § ′ million
, la,mise - Ca va ne Étienne Etienne
"""
PIECES = st.tuples(
    st.sampled_from(VOCABULARY.split()) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    st.sampled_from(
        ["", "", " ", " ", " ", "  ", "\u00a0", "\u202f", "\u2009", "\u2003", "\n", "\r\n", "\r"]
    ),
)
TEXTS = st.lists(PIECES, max_size=40).map(lambda parts: "".join(word + space for word, space in parts))


HOUSES = ["onu", "imprimerie-nationale"]
CORPUS = sorted((Path(__file__).parents[2] / "shared" / "corpus").glob("*.txt"))
SPACE = re.compile(f"[{SPACES}\u2000-\u200a\u205f\u3000]")


def style(text: str, house: str = "onu") -> list[Edit]:
    return normalise(text, load_profile(house), known=KNOWN.__contains__, accented=ACCENTED.get)


def check_once_is_enough(text: str, house: str) -> None:
    again = style(apply(text, style(text, house)), house)
    assert again == [], [(edit.rule, edit.before, edit.after) for edit in again]


def check_each_rule_keeps_to_its_matter(text: str, house: str) -> None:
    profile = load_profile(house)
    for rule, options in profile.rules:
        for edit in normalise(
            text, replace(profile, rules=((rule, options),)), known=KNOWN.__contains__, accented=ACCENTED.get
        ):
            assert [kept(side, rule.matter) for side in (edit.before, edit.after)] == [
                kept(edit.before, rule.matter)
            ] * 2, edit


def kept(text: str, matter: Matter) -> str:
    """What a rule on this matter may not change."""
    if matter is Matter.SPACES:
        return SPACE.sub("", text)
    if matter is Matter.SIGNS:  # º is a letter for Unicode, and a sign in n°
        return "".join(sign for sign in text if sign.isalnum() and sign != "º")
    return "".join(re.findall(r"\d", text))


@pytest.mark.parametrize("house", profile_names())
@given(text=TEXTS)
@example(text="«;")
@example(text="etc. ...")
@example(text="1.000.000 ème")
def test_a_style_applied_twice_is_applied_once(house: str, text: str):
    check_once_is_enough(text, house)


@pytest.mark.parametrize("house", HOUSES)
@given(text=TEXTS)
def test_each_rule_keeps_to_its_matter(house: str, text: str):
    check_each_rule_keeps_to_its_matter(text, house)


@pytest.mark.skipif(not CORPUS, reason="the corpus is not at hand")
@pytest.mark.parametrize("house", HOUSES)
def test_the_corpus_keeps_its_letters_and_is_styled_once(house: str):
    for path in CORPUS:
        text = path.read_text(encoding="utf-8")
        check_once_is_enough(text, house)
        check_each_rule_keeps_to_its_matter(text, house)


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
    """But for names, where the text as a whole is the witness."""
    text = text.replace("Étienne", "")
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
        "etc",
        "1.",
        "1h",
        "1° ",
        " - a",
        "– ",
        "“",
        "a .",
        "p. ",
        ". ",
        "«",
        "» ",
        ". A ",
        ";",
        "I",
        "la,",
        "- a\n",
        "Ca va ",
        "Étienne Etienne ",
        "a etc. ",
        "\u2003",
    ],
)
def test_no_text_is_slow(piece: str):
    """A quadratic search would take minutes here."""
    text = piece * (200_000 // len(piece))
    assert style(apply(text, style(text))) == []
