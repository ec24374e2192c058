"""Broken encodings and stray characters: what is mended, what is left, and that nothing is lost."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.edits import Decision, Kind, apply, undo
from repair.reading import clean_characters, mend_characters, mend_mojibake

FOLDER = Path(__file__).parent / "cases" / "reading"
MOJIBAKE = json.loads((FOLDER / "mojibake.json").read_text(encoding="utf-8"))
CHARACTERS = json.loads((FOLDER / "characters.json").read_text(encoding="utf-8"))

FRENCH = st.text(alphabet="abeilnsté àèéêîôùûçœŒÉÀ’«»–…1, .\n", max_size=60)
ANY = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "aeé ’Ã©â€™\u00a0\u0092\u0085\u0000\u000b\u00ad\ufeff\u0301\u0327\n\r\u1112\u1161\u11ab"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


@pytest.mark.parametrize("case", MOJIBAKE, ids=lambda case: ascii(case["text"])[:40])
def test_mojibake_case(case):
    edits = mend_mojibake(case["text"])
    assert [[edit.before, edit.after] for edit in edits] == case["edits"]
    for edit in edits:
        assert (edit.kind, edit.rule, edit.decision) == (Kind.REPAIR, "mojibake", Decision.APPLIED)
        assert edit.evidence


@pytest.mark.parametrize("case", CHARACTERS, ids=lambda case: ascii(case["text"])[:40])
def test_character_case(case):
    assert apply(case["text"], clean_characters(case["text"])) == case["mended"]


@given(FRENCH)
def test_clean_french_is_left(text):
    assert mend_characters(text) == []


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp437", "latin-1"])
def test_a_whole_text_read_with_the_wrong_encoding_comes_back(encoding):
    text = "Réaffirmant qu’il a déjà été prié d’œuvrer à l’Organisation,\r\nl’État « où » l’être naît…\n"
    broken = text.encode().decode(encoding)
    assert apply(broken, mend_mojibake(broken)) == text


@given(ANY)
def test_mending_ends_and_can_be_undone(text):
    edits = mend_characters(text)
    mended = apply(text, edits)
    assert undo(mended, edits) == text
    assert mend_characters(mended) == []
    assert unicodedata.is_normalized("NFC", mended)


@given(ANY)
def test_no_line_end_is_added_or_lost(text):
    mended = apply(text, mend_characters(text))
    assert [char for char in mended if char in "\r\n"] == [char for char in text if char in "\r\n"]


@given(ANY)
def test_edits_are_small(text):
    for edit in mend_characters(text):
        assert edit.before == text[edit.start : edit.end]
        assert edit.before != edit.after
        assert not set(edit.before) & set("\r\n")


def test_a_long_line_is_mended_throughout():
    text = "lâ€™Ã©tÃ© " * 5000
    assert apply(text, mend_mojibake(text)) == "l’été " * 5000


@pytest.mark.shared
def test_the_users_documents_hold_none(corpus):
    for path in sorted(corpus.glob("*.txt")):
        assert mend_characters(path.read_bytes().decode("utf-8")) == [], path.name
