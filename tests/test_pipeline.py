"""The invariants of repair, on any text and on French text damaged on purpose."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repair import Decision, Kind, repair_text
from repair.edits import apply, undo
from repair.pipeline import accented

LETTER = Path(__file__).parents[1] / "raw" / "lettre-propre.txt"

ANY_TEXT = st.text(
    st.one_of(
        st.sampled_from("aàeéèêiîlI1'’ \n\r-&¢.,;!«»“”()0123456789œçÉEtsrn"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=120,
)

ENGLISH_MODEL = {"à": "a", "è": "é", "ê": "é", "l’": "1’", "É": "E", "œ": "ce", "ç": "g"}
"""What the English model of an OCR engine makes of French."""

SENTENCES = (
    "Rappelant que l’assistance technique est fournie à tous les États qui en font la demande, ",
    "notant que le problème a été examiné par le comité à sa dernière séance plénière, ",
    "soulignant la nécessité de mettre en œuvre les règles relatives à la gestion des forêts, ",
    "le Conseil prie l’Organisation de prêter son appui à cet égard et à cette fin, ",
    "considérant que l’intérêt de l’enfant doit être pris en compte à toutes les étapes, ",
    "les États Membres sont invités à faire connaître leurs vues de façon régulière, ",
)


def damaged(text: str) -> str:
    for printed, read in ENGLISH_MODEL.items():
        text = text.replace(printed, read)
    return text


@settings(max_examples=100)
@given(ANY_TEXT)
def test_reading_and_edits_make_the_diplomatic_edition(text: str):
    result = repair_text(text)
    assert apply(text, result.edits) == result.text
    assert undo(result.text, result.edits) == text
    assert all(
        edit.kind is Kind.REPAIR and text[edit.start : edit.end] == edit.before for edit in result.edits
    )


@settings(max_examples=100)
@given(ANY_TEXT)
def test_repairing_twice_is_repairing_once(text: str):
    once = repair_text(text).text
    assert repair_text(once).text == once


@settings(max_examples=100)
@given(ANY_TEXT)
def test_the_diplomatic_edition_keeps_the_lines(text: str):
    repaired = repair_text(text).text
    assert [char for char in repaired if char in "\r\n"] == [char for char in text if char in "\r\n"]


@settings(max_examples=100)
@given(ANY_TEXT)
def test_the_normalised_edition_is_made_by_its_edits(text: str):
    result = repair_text(text, edition="normalised")
    assert apply(text, result.edits) == result.text
    assert [edit.start for edit in result.edits] == sorted(edit.start for edit in result.edits)


@pytest.mark.parametrize("seed", range(4))
def test_french_read_by_an_english_model_is_restored(seed: int):
    """At least nine damaged words in ten come back, and no sound word changes."""
    sentences = list(SENTENCES) * 2
    random.Random(seed).shuffle(sentences)  # noqa: S311 - an order, not a secret
    printed = "".join(sentences)
    read = damaged(printed)
    repaired = repair_text(read).text
    words = list(zip(printed.split(), read.split(), repaired.split(), strict=True))
    struck = [(right, now) for right, was, now in words if right != was]
    sound = [(right, now) for right, was, now in words if right == was]
    assert sum(right == now for right, now in struck) >= 0.9 * len(struck)
    assert all(right == now for right, now in sound)


def test_a_clean_letter_passes_unchanged():
    text = LETTER.read_text(encoding="utf-8")
    result = repair_text(text)
    assert result.text == text
    assert not [edit for edit in result.edits if edit.decision is Decision.APPLIED]


def test_a_damaged_word_is_one_edit_with_its_witnesses():
    (edit,) = repair_text("la conclusion de 1’étude").edits
    assert (edit.before, edit.after, edit.decision) == ("1’étude", "l’étude", Decision.APPLIED)
    assert {item.witness for item in edit.evidence} == {"damage profile", "lexicon"}
    assert 0.97 <= edit.probability <= 1.0


def test_unknown_editions_are_refused():
    with pytest.raises(ValueError, match="diplomatic, normalised"):
        repair_text("texte", edition="moderne")


@pytest.mark.parametrize(
    ("bare", "right"),
    [
        ("Etats", "États"),
        ("Ecole", "École"),
        ("Ile", "Île"),
        ("Ame", "Âme"),
        ("Egypte", "Égypte"),
        ("Equateur", "Équateur"),
        ("Elle", None),
        ("Apres", None),
        ("Acres", None),
        ("Es", None),
        ("Etienne", None),
        ("Eric", None),
        ("Elise", None),
        ("A", None),
        ("Ca", None),
        ("Ou", None),
    ],
)
def test_accents_of_capitals_come_back_where_the_lexicon_is_sure(bare: str, right: str | None):
    assert accented(bare) == right
