"""The store of phrases: what went in is found, nothing else, in a bounded file that is written whole."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repair.memory.phrases import clauses
from repair.memory.store import LENGTH, Memory, Store, Witness, number
from repair.memory.write import PHRASES, write_store

WORDS = st.sampled_from("ab") | st.text(st.characters(exclude_categories=()), max_size=8)
LINES = st.lists(WORDS, min_size=LENGTH, max_size=30)
TEXTS = st.dictionaries(st.text(max_size=10), st.lists(LINES, max_size=4), max_size=5)

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def told(lines: list[list[str]]) -> bytes:
    """Return the phrases of paragraphs of words."""
    found: dict[int, int] = {}
    for paragraph, line in enumerate(lines, 1):
        for start in range(len(line) - LENGTH + 1):
            found.setdefault(number(line[start : start + LENGTH]), paragraph)
    return np.array(list(found.items()), PHRASES).tobytes()


def store_of(folder: Path, texts: dict[str, list[list[str]]], most: int = 1_000_000) -> Store:
    write_store(folder / "memory.bin", [(name, told(lines)) for name, lines in texts.items()], "s", most)
    return Store(folder / "memory.bin")


@same_folder
@given(texts=TEXTS)
def test_every_phrase_is_found_where_it_first_stands_but_not_by_its_own_document(
    tmp_path: Path, texts: dict[str, list[list[str]]]
) -> None:
    store = store_of(tmp_path, texts)
    places: dict[int, dict[str, int]] = {}
    for name, lines in texts.items():
        for phrase, paragraph in np.frombuffer(told(lines), PHRASES).tolist():
            places.setdefault(phrase, {})[name] = paragraph
    for phrase, found in places.items():
        assert store.find(phrase) == next(iter(found.items()))
        for name in texts:
            others = [place for place in found.items() if place[0] != name]
            assert store.find(phrase, store.rank(name)) == (others[0] if others else None)
    assert store.find(number(["not", "in", "any", "of", "them"])) is None


@same_folder
@given(texts=TEXTS, most=st.integers(0, 60))
def test_the_store_is_bounded_and_filled_in_order(
    tmp_path: Path, texts: dict[str, list[list[str]]], most: int
) -> None:
    store = store_of(tmp_path, texts, most)
    assert len(store) <= most
    sizes = [len(told(lines)) // PHRASES.itemsize for lines in texts.values()]
    whole = [sum(sizes[: place + 1]) <= most for place in range(len(sizes))]
    full = [size and not fits for size, fits in zip(sizes, whole, strict=True)]
    assert store.contents.left_out == sum(map(bool, full))
    for lines, fits in zip(texts.values(), whole, strict=True):
        for phrase, _ in np.frombuffer(told(lines), PHRASES).tolist():
            assert not fits or store.find(phrase) is not None


@same_folder
@given(texts=TEXTS)
def test_the_same_documents_give_the_same_bytes(tmp_path: Path, texts: dict[str, list[list[str]]]) -> None:
    store_of(tmp_path, texts)
    once = (tmp_path / "memory.bin").read_bytes()
    store_of(tmp_path, {"another": [["a"] * LENGTH]})
    store_of(tmp_path, texts)
    assert (tmp_path / "memory.bin").read_bytes() == once
    assert not list(tmp_path.glob("*.partial"))


def test_a_number_is_the_same_on_every_machine_and_in_every_version() -> None:
    """It is in every state folder: if it must change, so must the magic of the store."""
    assert number(["l'office", "des", "nations", "unies", "contre"]) == 2048409404351283854


def test_an_opened_store_outlives_its_replacement(tmp_path: Path) -> None:
    line = ["un", "deux", "trois", "quatre", "cinq"]
    old = store_of(tmp_path, {"a": [line]})
    new = store_of(tmp_path, {"b": [line]})
    assert (old.find(number(line)), new.find(number(line))) == (("a", 1), ("b", 1))


def test_a_writer_that_fails_leaves_the_old_store(tmp_path: Path) -> None:
    line = ["un", "deux", "trois", "quatre", "cinq"]
    store_of(tmp_path, {"a": [line]})
    with pytest.raises(ValueError, match="buffer size"):
        write_store(tmp_path / "memory.bin", [("b", b"not phrases")])
    assert Store(tmp_path / "memory.bin").find(number(line)) == ("a", 1)


@pytest.mark.parametrize("keep", [0, 7, 23, 40, -1])
def test_what_is_not_a_whole_store_is_refused(tmp_path: Path, keep: int) -> None:
    store_of(tmp_path, {"a": [["un", "deux", "trois", "quatre", "cinq"]]})
    path = tmp_path / "memory.bin"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError):  # noqa: PT011 - an empty file is Python's to complain of
        Store(path)
    path.write_bytes(b"x" * 200)
    with pytest.raises(ValueError, match="not a memory"):
        Store(path)


(LINE,) = clauses("Les élus ont souhaité que les habitants du hameau soient consultés avant toute décision.")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path, {"sister": [["rien"] * LENGTH, LINE]})


def test_a_witness_says_who_prints_a_word_and_where(store: Store) -> None:
    place = LINE.index("hameau")
    memory = Memory(store, "me")
    found = memory.witness(LINE[:place], "hameau", LINE[place + 1 :])
    assert found == Witness("sister", 2, "habitants du hameau soient consultés", LENGTH)
    assert memory.witness(LINE[:place], "château", LINE[place + 1 :]) is None
    assert memory.witness([], "les", LINE[1:]) == Witness("sister", 2, " ".join(LINE[:LENGTH]), 1)
    assert memory.witness(LINE[-LENGTH:-1], "décision", []) == Witness(
        "sister", 2, " ".join(LINE[-LENGTH:]), 1
    )
    assert memory.witness(LINE[place - 3 : place], "hameau", []) is None
    assert memory.witness([], "hameau", []) is None


def test_a_document_is_no_witness_for_itself(store: Store) -> None:
    assert Memory(store, "sister").witness(LINE[:2], LINE[2], LINE[3:]) is None
    assert Memory(store, "me").witness(LINE[:2], LINE[2], LINE[3:]) is not None


def test_without_a_store_the_questions_are_kept(store: Store) -> None:
    deaf, memory = Memory(), Memory(store, "me")
    for asker in (deaf, memory):
        asker.witness(LINE[:2], LINE[2], LINE[3:])
    assert deaf.asked == memory.asked
    assert len(deaf.asked) == 8 * 3
    assert deaf.witness(LINE[:2], LINE[2], LINE[3:]) is None


def test_a_phrase_of_several_documents_answers_each_of_them(tmp_path: Path) -> None:
    store = store_of(tmp_path, {name: [LINE] for name in "abc"})
    told = {name: Memory(store, name).witness(LINE[:2], LINE[2], LINE[3:]) for name in "abcd"}
    assert {name: found and found.document for name, found in told.items()} == {
        "a": "b",
        "b": "a",
        "c": "a",
        "d": "a",
    }


def test_the_digest_of_the_answers_changes_with_the_answers_alone(tmp_path: Path) -> None:
    asker = Memory()
    asker.witness(LINE[:2], LINE[2], LINE[3:])
    texts = {"sister": [LINE]}
    first = store_of(tmp_path, texts).answers("me", asker.asked)
    assert first
    assert store_of(tmp_path, texts | {"z": [["autre"] * LENGTH]}).answers("me", asker.asked) == first
    assert store_of(tmp_path, {"sister": [["autre"] * LENGTH, LINE]}).answers("me", asker.asked) != first
    assert store_of(tmp_path, {"brother": [LINE]}).answers("me", asker.asked) != first
    assert store_of(tmp_path, texts).answers("sister", asker.asked) == ""
    assert store_of(tmp_path, {}).answers("me", asker.asked) == ""
    assert store_of(tmp_path, texts).answers("me", b"") == ""


@given(text=st.text(st.characters(exclude_categories=())))
def test_any_text_has_clauses(text: str) -> None:
    assert all(clause and all(clause) for clause in clauses(text))
