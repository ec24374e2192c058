"""The measures: numbering, pairs, characters, intervals. What is true of French documents is no fault."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.characters import decomposed, excerpt, mojibake, strange_characters
from expectations.numbering import Block, unexpected_numbers
from expectations.pairing import unpaired_brackets, unpaired_quotes
from expectations.tables import interval

CASES = Path(__file__).parent / "cases"
NUMBERING = json.loads((CASES / "expectations_numbering.json").read_text(encoding="utf-8"))
PAIRING = json.loads((CASES / "expectations_pairing.json").read_text(encoding="utf-8"))
FRENCH = (
    "« Où l’âme s’élève — ô cœur naïf ! » : l’Œuvre ÉTÉ, ÂGE, À LA « CAFÉ», Noël, aiguë, ça… n° 5, "
    "25 °C, 10 €, L’Haÿ, Ålesund, Ångström, São Paulo, SÃO, Íñigo, straße, Übung, naïveté, x² ½ ™ ® ©, "
    "1ᵉʳ, ﬁn, d\u2011d, a\u202fb"
)


@pytest.mark.parametrize("case", NUMBERING, ids=lambda case: case["why"])
def test_numbers(case: dict) -> None:
    texts = case.get("texts", [""] * len(case["numbers"]))
    found = unexpected_numbers([Block(*block) for block in zip(case["numbers"], texts, strict=True)])
    assert {str(place): number for place, number in found.items()} == case["unexpected"]


def test_bis_repeats_its_number_and_an_omission_starts_anew() -> None:
    bis = [
        Block("12", "12. Un"),
        Block("12", "12 bis. Deux"),
        Block("12", "12 ter. Trois"),
        Block("13", "13."),
    ]
    assert unexpected_numbers(bis) == {}
    assert unexpected_numbers([Block("3"), Block("", "[…]"), Block("27"), Block("28")]) == {}
    assert unexpected_numbers([Block("3"), Block("", "Suite"), Block("27"), Block("28")]) == {2: "4"}


@given(st.integers(1, 900), st.integers(2, 60), st.data())
def test_one_lost_number_is_named_once(first: int, count: int, data: st.DataObject) -> None:
    numbers = [str(number) for number in range(first, first + count + 1)]
    assert unexpected_numbers([Block(number) for number in numbers]) == {}
    lost = data.draw(st.integers(1, count - 1))
    kept = [Block(number) for number in numbers[:lost] + numbers[lost + 1 :]]
    assert unexpected_numbers(kept) == {lost: numbers[lost]}


def test_after_z_comes_aa() -> None:
    assert unexpected_numbers([Block("z"), Block("z")]) == {1: "aa"}


@given(
    st.lists(
        st.sampled_from(
            [
                "1",
                "2",
                "3",
                "7",
                "12",
                "999",
                "1000",
                "a",
                "b",
                "i",
                "ii",
                "v",
                "x",
                "I",
                "II",
                "A",
                "B",
                "xy",
                "1a",
                "é",
                "٣",
            ]
        ),
        max_size=40,
    )
)
def test_any_numbers_are_read(numbers: list[str]) -> None:
    wrong = unexpected_numbers([Block(number) for number in numbers])
    assert all(expected and expected != numbers[place] for place, expected in wrong.items())


@pytest.mark.parametrize("case", PAIRING["quotes"], ids=lambda case: case["why"])
def test_quotes(case: dict) -> None:
    found = unpaired_quotes(case["paragraphs"])
    assert [[sign.paragraph, sign.offset, sign.sign] for sign in found] == case["unpaired"]


@pytest.mark.parametrize("case", PAIRING["brackets"], ids=lambda case: case["why"])
def test_brackets(case: dict) -> None:
    found = unpaired_brackets(case["paragraphs"])
    assert [[sign.paragraph, sign.offset, sign.sign] for sign in found] == case["unpaired"]


@given(st.lists(st.text('«»“”"()[]a1 .', max_size=12), max_size=16))
def test_signs_without_partner_are_where_they_say(paragraphs: list[str]) -> None:
    for sign in unpaired_quotes(paragraphs) + unpaired_brackets(paragraphs):
        assert paragraphs[sign.paragraph][sign.offset] == sign.sign


@given(
    st.recursive(st.just("mot"), lambda inner: st.builds("({}) et [{}] « {} »".format, inner, inner, inner))
)
def test_what_is_balanced_has_no_fault(text: str) -> None:
    assert unpaired_brackets([text]) == []
    assert unpaired_quotes([text]) == []


def test_good_french_has_no_bad_character() -> None:
    assert (strange_characters(FRENCH), mojibake(FRENCH), decomposed(FRENCH)) == ([], [], [])


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac_roman", "cp850", "cp437"])
@pytest.mark.parametrize("letter", "éèàçêôœÉÀ«»’–…")
def test_french_letters_in_a_wrong_encoding_are_seen(letter: str, encoding: str) -> None:
    misread = bytes(f"mot {letter} mot", "utf-8").decode(encoding, "replace")
    if "\ufffd" in misread:  # cp1252 leaves five bytes undefined
        misread = bytes(f"mot {letter} mot", "utf-8").decode("latin-1")
    assert mojibake(misread) == [4]


def test_half_an_a_with_its_accent_is_seen() -> None:
    assert mojibake("dÃ©jÃ fait Ã Paris") == [1, 4, 11]


@pytest.mark.parametrize("character", "\x00\x07\x0b\x1b\x7f\x85\ufffd\ufeff\u2028\u202e\ue000\ufdd0\ud800")
def test_strange_characters_are_found_and_shown(character: str) -> None:
    text = f"L’Assemblée{character} générale"
    assert strange_characters(text) == [11]
    shown = excerpt(text, 11)
    assert shown.isprintable()
    assert ("\ufffd" if character == "\ufffd" else f"[U+{ord(character):04X}]") in shown


@pytest.mark.parametrize("character", "\t\n\r\f\u00a0\u202f\u2011\u00ad’Ω中🙂")
def test_other_characters_are_not_strange(character: str) -> None:
    assert strange_characters(f"L’Assemblée{character} générale") == []


@given(st.text(max_size=80))
def test_nfc_is_what_unicode_says(text: str) -> None:
    found = decomposed(text)
    assert bool(found) == (unicodedata.normalize("NFC", text) != text)
    assert all(0 <= place <= len(text) for place in found)


@given(st.text(max_size=120), st.data())
def test_an_excerpt_is_one_short_line(text: str, data: st.DataObject) -> None:
    shown = excerpt(text, data.draw(st.integers(0, max(len(text) - 1, 0))))
    assert "\n" not in shown
    assert len(shown) <= 70 * len("[U+10FFFF]")


@given(st.floats(0, 1), st.integers(1, 100_000))
def test_an_interval_holds_its_share(share: float, count: int) -> None:
    low, high = interval(share, count)
    assert -1e-9 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1 + 1e-9


def test_an_interval_of_nothing_says_nothing() -> None:
    assert interval(0.5, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    "text", ['« (a) "b. ' * 40_000, "« " * 90_000 + "» " * 90_000, "." * 200_000 + "a", "x) " * 90_000]
)
def test_a_book_on_one_line_is_measured(text: str) -> None:
    """A measure that takes the square of the length would never come back."""
    for paragraphs in ([text], text.split()):
        assert len(unpaired_quotes(paragraphs) + unpaired_brackets(paragraphs)) <= len(text)
        assert unexpected_numbers([Block("", paragraph) for paragraph in paragraphs]) == {}
    assert (strange_characters(text), mojibake(text), decomposed(text)) == ([], [], [])
