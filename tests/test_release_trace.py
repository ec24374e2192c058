"""Every published word leads back to what was read of it."""

from __future__ import annotations

import random
import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_documents import drawn_documents, make_outcome, make_outcomes, publish

from release.ledger import UnknownDocument, UnknownLine, line_spans
from release.trace import trace
from repair.document import Document, Source
from repair.edits import Decision, Kind, OffsetMap, apply
from repair.pipeline import process


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(make_outcomes(), tmp_path_factory.mktemp("clean"), versions={}).data


@pytest.mark.parametrize(
    ("line", "word", "text", "read", "edits"),
    [
        (1, 3, "l’Office", [(1, "1’Office")], ["1’Office"]),
        (1, 6, "Etats", [(1, "Etats")], ["Etats"]),  # considered, and left
        (1, 8, "à", [(2, "a lutter")], ["a lutter"]),  # the edit is of both words
        (1, 12, "crime", [(2, "crime")], ["crime ;"]),
        (1, 17, "entendu", [(3, "entendu")], []),
        (1, 19, "fagon", [(3, "fagon")], ["fagon"]),  # doubtful
        (2, 1, "2.", [(5, "2.")], []),
    ],
)
def test_a_word_is_led_back(
    data: Path, line: int, word: int, text: str, read: list[tuple[int, str]], edits: list[str]
) -> None:
    found = trace(data, "rapport", line, word)
    assert found.text == text
    assert [(place.line, place.reading) for place in found.places] == read
    assert [row.before for row in found.edits] == edits


def test_a_line_is_led_back_with_all_its_edits(data: Path) -> None:
    found = trace(data, "rapport", 1)
    (place,) = found.places
    assert (place.line, place.start) == (1, 0)
    assert place.reading.endswith("équitable.")
    assert {row.kind for row in found.edits} == set(Kind)


@pytest.mark.parametrize(
    ("document", "line", "word", "message"),
    [
        ("rapport", 0, None, "lines 1 to 2"),
        ("rapport", 3, None, "lines 1 to 2"),
        ("rapport", 1, 0, "words 1 to"),
        ("rapport", 2, 99, "words 1 to"),
        ("secret", 1, None, "in quarantine"),
    ],
)
def test_what_is_not_there_is_told(
    data: Path, document: str, line: int, word: int | None, message: str
) -> None:
    with pytest.raises(UnknownLine, match=message):
        trace(data, document, line, word)


def test_an_unknown_document_is_told(data: Path) -> None:
    with pytest.raises(UnknownDocument, match="did you mean rapport"):
        trace(data, "raport", 1)


@given(document=drawn_documents(), draw=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_found_is_what_the_ledger_makes_of_the_reading(
    document: Document, draw: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = line_spans(document.text)
    if not lines:
        return
    data = publish([make_outcome(document)], tmp_path_factory.mktemp("c"), versions={}).data
    line = draw.draw(st.integers(1, len(lines)))
    words = document.text[slice(*lines[line - 1][:2])].split()
    found = trace(data, document.source.name, line, draw.draw(st.integers(1, len(words))) if words else None)
    repairs = OffsetMap(document.repairs)
    # What is inserted at a place's border is the word's or its neighbour's.
    longest = max((len(edit.after) for edit in document.repairs if edit.start == edit.end), default=0)
    for place in found.places:
        assert document.reading.text[place.start : place.end] == place.reading
        low, high = repairs.forward(place.start, place.end)
        assert place.diplomatic in document.diplomatic[max(0, low - longest) : high + longest]
    assert {row.id for row in found.edits} <= {row.id for row in trace(data, found.document, line).edits}


def _letters(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in bare if char.isalpha())


@pytest.mark.shared
def test_words_of_the_damaged_document_agree_with_its_raw_file(corpus: Path, tmp_path: Path) -> None:
    (path,) = corpus.glob("002_*.txt")
    raw = path.read_bytes()
    document = process(Source("002", path.name, sha256(raw).hexdigest(), len(raw)), path)
    data = publish([make_outcome(document)], tmp_path, versions={}).data
    lines = document.text.split("\n")
    words = [(line, word) for line, text in enumerate(lines, 1) for word in range(1, len(text.split()) + 1)]
    decoded = raw.decode(document.reading.encoding)
    applied = [edit for edit in document.repairs if edit.decision is Decision.APPLIED]
    repaired = 0
    for line, word in random.Random(2026).sample(words, 200):  # noqa: S311 - no secret
        found = trace(data, "002", line, word)
        assert found.text == lines[line - 1].split()[word - 1]
        for place in found.places:
            assert decoded[place.start : place.end] == place.reading
            inside = [edit for edit in applied if place.start <= edit.start and edit.end <= place.end]
            cut = "".join(decoded[: place.end])
            assert apply(cut, inside)[place.start :] == place.diplomatic
            repaired += bool(inside)
        assert _letters(found.text) == _letters("".join(place.diplomatic for place in found.places))
    assert repaired >= 10  # of 200; one word in twelve is
