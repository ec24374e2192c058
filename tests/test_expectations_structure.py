"""The measures of structure: dates, symbols, sentences, notes, furniture. Sound text has no fault."""

import calendar
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.dates import impossible_dates
from expectations.furniture import orphan_furniture
from expectations.notes import unexpected_notes
from expectations.openings import unusual_openings
from expectations.sentences import Running, cut_sentences, divided_words, empty_numbers, endless
from expectations.symbols import _FAULTS, broken_symbols
from repair.document import Note, Paragraph

CASES = json.loads((Path(__file__).parent / "cases/expectations_structure.json").read_text(encoding="utf-8"))
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
LOOKS = {"0": "O", "1": "l"}


def cases(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES[name], ids=lambda case: case["why"])


def paragraph(text: str, read: str = "", kind: str = "paragraph") -> Paragraph:
    return Paragraph(kind, "", text, read or text, 1, 0, len(read))


@cases("dates")
def test_dates(case: dict) -> None:
    assert impossible_dates(case["text"]) == case["at"]


@given(st.dates(date(1753, 1, 1), date(2199, 12, 1)), st.integers(1, 6))
def test_a_date_is_possible_with_its_own_weekday_alone(day: date, other: int) -> None:
    def written(weekday: date) -> str:
        return f"{WEEKDAYS[weekday.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"

    assert impossible_dates(written(day)) == []
    assert impossible_dates(written(day + timedelta(days=other))) == [0]
    past = calendar.monthrange(day.year, day.month)[1] + 1
    assert impossible_dates(f"le {past} {MONTHS[day.month - 1]} {day.year}") == [3]


@cases("symbols")
def test_symbols(case: dict) -> None:
    assert broken_symbols(case["text"]) == case["at"]


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_symbols_finds_its_example_and_not_what_is_printed(fault) -> None:
    assert fault.pattern.search(fault.example)
    assert broken_symbols(fault.sound) == []


@given(
    st.sampled_from(["A/RES/{}/{}", "A/{}/{}", "S/{}/{}", "E/CN.15/{}/{}"]),
    st.integers(10, 99),
    st.integers(10, 999),
)
def test_a_symbol_is_sound_as_printed_and_broken_with_a_letter(form: str, one: int, two: int) -> None:
    assert broken_symbols(form.format(one, two)) == []
    for figure, letter in LOOKS.items():
        misread = str(two).replace(figure, letter)
        if misread != str(two) and not misread.isalpha():
            assert broken_symbols(form.format(one, misread)) == [0]


@cases("divided")
def test_divided_words(case: dict) -> None:
    assert divided_words(case["text"]) == case["at"]


@cases("cut")
def test_cut_sentences(case: dict) -> None:
    assert cut_sentences([Running("paragraph", "", text) for text in case["texts"]]) == case["at"]


@cases("empty")
def test_empty_numbers(case: dict) -> None:
    pairs = zip(case["numbers"], case["texts"], strict=True)
    assert empty_numbers([Running("item", number, text) for number, text in pairs]) == case["at"]


def test_headings_and_signatures_end_as_they_like() -> None:
    title = "Application de toutes les conventions internationales relatives au"
    for kind in ("heading", "signature"):
        assert cut_sentences([Running(kind, "", title), Running("paragraph", "", "terrorisme")]) == []


def test_the_longest_sound_paragraph_is_not_endless() -> None:
    assert not endless("mot " * 4_000)
    assert endless("mot " * 6_000)


OPENS = {"preamble": re.compile("Rappelant|Notant"), "paragraph": re.compile("Prie|S’inquiète")}


@pytest.mark.parametrize(
    ("kind", "texts", "at"),
    [
        ("preamble", ["Rappelant A,", "Notant B,", "Rappe1ant C,", "Notant D,"], [2]),
        ("paragraph", ["1. Prie A ;", "2. S'inquiète de B ;", "3. l’Office ;", "4. Prie C ;"], [2]),
        ("paragraph", ["1. Prie A ;", "2. Le B ;", "3. La C ;", "4. Les D ;"], []),
        ("paragraph", ["1. Prie A ;", "2. Prie B ;", "3. Les C ;"], []),
        ("paragraph", ["1. Prie A ;", "Le B ;", "2. Prie C ;", "3. Prie D ;", "4. Prie E ;"], []),
        ("item", ["a) De A ;", "b) De B ;", "c) De C ;", "d) De D ;"], []),
    ],
    ids=["damaged", "a piece", "another manner", "too few", "without a number", "items"],
)
def test_openings(kind: str, texts: list[str], at: list[int]) -> None:
    blocks = [
        Paragraph(kind, text.split(".")[0] if text[0].isdigit() else "", text, text, 1, 0, 0)
        for text in texts
    ]
    assert unusual_openings(blocks, OPENS) == at


@cases("notes")
def test_notes(case: dict) -> None:
    notes = [Note(mark, "Voir.", tuple(calls)) for mark, calls in case["notes"]]
    assert {str(place): mark for place, mark in unexpected_notes(notes).items()} == case["unexpected"]


@cases("furniture")
def test_furniture(case: dict) -> None:
    text = case.get("text") or " ".join(case["read"].split())
    assert orphan_furniture([paragraph(text, case["read"])]) == ({0: case["found"]} if case["found"] else {})


def test_a_running_head_is_known_by_what_structure_found_or_by_its_return() -> None:
    read = "pour la prévention du crime et de la justice\nRapport de la Commission {}\npénale dans les États"
    page = [paragraph(" ".join(read.format(n).split()), read.format(n)) for n in range(3)]
    assert orphan_furniture(page[:2]) == {}
    assert set(orphan_furniture(page)) == {0, 1, 2}
    head = paragraph("RAPPORT DE LA COMMISSION 7", kind="furniture")
    assert set(orphan_furniture([head, page[0]])) == {1}


@pytest.mark.parametrize(
    "text", ["A/" * 60_000, "A/RES/1 " * 20_000, "l" * 150_000, "12 mars " * 20_000, "_" * 99_999]
)
def test_a_book_on_one_line_is_measured(text: str) -> None:
    """A measure that takes the square of the length would never come back."""
    impossible_dates(text)
    broken_symbols(text)
    divided_words(text.replace("A", "mot- "))
    orphan_furniture([paragraph(text)])
    cut_sentences([Running("paragraph", "", text)])


@given(st.lists(st.text("a1A/. -_\n,lé¬«»", max_size=60), max_size=8))
def test_any_text_is_measured(texts: list[str]) -> None:
    blocks = [paragraph(" ".join(text.split()), text) for text in texts]
    running = [Running("item", text[:1], text) for text in texts]
    assert set(orphan_furniture(blocks)) <= set(range(len(texts)))
    assert set(cut_sentences(running)) | set(empty_numbers(running)) <= set(range(len(texts)))
    for text in texts:
        places = impossible_dates(text) + broken_symbols(text) + divided_words(text)
        assert all(0 <= place < len(text) for place in places)
