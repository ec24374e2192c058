"""What a run takes from the memory: the file is made again, and a document asked again, when they must be."""

from pathlib import Path

import numpy as np
import pytest
from release_documents import make_document

from flows.entries import Entry, pack
from flows.recall import MEMORY, Recall, recall
from flows.show import _memory
from flows.state import FOLDER, State
from repair.document import Outcome, Source, Status
from repair.memory.store import Memory, Store, number
from repair.memory.write import PHRASES

LINE = ["les", "habitants", "du", "hameau", "soient", "consultés"]
ELSEWHERE = ["la", "mairie", "du", "village", "est", "fermée"]


def told(*lines: list[str]) -> bytes:
    found = [
        (number(line[start : start + 5]), paragraph)
        for paragraph, line in enumerate(lines, 1)
        for start in (0, 1)
    ]
    return np.array(found, PHRASES).tobytes()


def asked(store: Store | None = None, name: str = "me") -> bytes:
    memory = Memory(store, name)
    memory.witness(LINE[:3], LINE[3], LINE[4:])
    return memory.asked


def entry(
    name: str, phrases: bytes = b"", questions: bytes = b"", answers: str = "", key: str = "k"
) -> Entry:
    document = make_document(name)
    outcome = Outcome(Source(name, f"{name}.txt", "00", 1), Status.PUBLISHED, (), document)
    return Entry(outcome, key, (), pack(document), questions, phrases, answers)


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path)
    state.save([entry("me", questions=asked()), entry("sister", told(ELSEWHERE, LINE)), entry("other")])
    return state


def asks_again(found: Recall) -> list[str]:
    return [source.name for source in found.sources]


def settle(state: State, clean: Path, key: str = "k") -> None:
    """Save what asks as processed with the memory."""
    store = Store(clean / FOLDER / MEMORY)
    state.save_recalled([entry("me", b"", asked(store), store.answers("me", asked(store)), key)])


def test_a_document_asks_again_until_it_has_its_answers(state: State, tmp_path: Path) -> None:
    first = recall(state, tmp_path)
    assert (asks_again(first), first.contents.documents, first.phrases) == (["me"], ("sister",), 4)
    assert asks_again(recall(state, tmp_path)) == ["me"]
    settle(state, tmp_path)
    assert asks_again(recall(state, tmp_path)) == []


def test_it_asks_again_where_an_answer_changed_and_not_where_another_did(
    state: State, tmp_path: Path
) -> None:
    recall(state, tmp_path)
    settle(state, tmp_path)
    state.save([entry("aunt", told(ELSEWHERE))])
    assert asks_again(recall(state, tmp_path)) == []
    state.save([entry("sister", told(LINE))])  # the same words, in another paragraph
    assert asks_again(recall(state, tmp_path)) == ["me"]


def test_only_one_document_may_be_looked_at(state: State, tmp_path: Path) -> None:
    assert asks_again(recall(state, tmp_path, Source("other", "other.txt", "00", 1))) == []
    assert asks_again(recall(state, tmp_path, Source("me", "me.txt", "00", 1))) == ["me"]


@pytest.mark.parametrize("key", ["k", ""])
def test_what_the_memory_did_is_forgotten_when_it_has_nothing_to_say(
    state: State, tmp_path: Path, key: str
) -> None:
    """Also where processing it with the memory failed, and its key is empty."""
    recall(state, tmp_path)
    settle(state, tmp_path, key)
    state.keep_only(["me.txt", "other.txt"])
    assert asks_again(recall(state, tmp_path)) == []
    assert [row.key for row in state.rows()] == ["k", "k"]
    assert all(asker.recalled is None for asker in state.questions())


def test_a_document_that_failed_with_the_memory_is_tried_again(state: State, tmp_path: Path) -> None:
    recall(state, tmp_path)
    settle(state, tmp_path, key="")
    assert asks_again(recall(state, tmp_path)) == ["me"]


def test_releases_take_what_became_of_a_document_with_the_memory(state: State, tmp_path: Path) -> None:
    recall(state, tmp_path)
    settle(state, tmp_path, "with memory")
    assert [row.key for row in state.rows()] == ["with memory", "k", "k"]
    assert len(state.items()) == 3
    state.save([entry("me", questions=asked())])  # processed anew: what it was with the memory is void
    assert [row.key for row in state.rows()] == ["k", "k", "k"]


def test_what_cannot_be_processed_asks_nothing_and_tells_nothing(state: State, tmp_path: Path) -> None:
    state.expire("me.txt")
    assert asks_again(recall(state, tmp_path)) == []


def test_the_file_is_made_again_only_where_it_must_be(state: State, tmp_path: Path) -> None:
    recall(state, tmp_path)
    path = tmp_path / FOLDER / MEMORY
    whole, made = path.read_bytes(), path.stat().st_mtime_ns
    recall(state, tmp_path)
    assert path.stat().st_mtime_ns == made
    for spoilt in (b"", b"something else entirely, of another version", whole[:-3]):
        path.write_bytes(spoilt)
        recall(state, tmp_path)
        assert path.read_bytes() == whole
    state.save([entry("aunt", told(ELSEWHERE))])
    assert recall(state, tmp_path).contents.documents == ("aunt", "sister")


def test_a_name_that_passes_to_another_file_takes_its_voice_along(state: State, tmp_path: Path) -> None:
    heir = entry("sister", told(LINE))
    outcome = Outcome(Source("sister", "z.txt", "11", 1), Status.PUBLISHED, (), heir.outcome.document)
    state.save([Entry(outcome, "k", (), heir.packed, b"", heir.phrases)])
    assert [(path, name) for path, name, _ in state.trusted()] == [("z.txt", "sister")]


def test_a_full_memory_says_what_it_leaves_out(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from functools import partial
    from types import SimpleNamespace

    from flows import recall as module

    monkeypatch.setattr(module, "write_store", partial(module.write_store, most=3))
    state.save([entry("aunt", told(ELSEWHERE))])
    found = recall(state, tmp_path)
    assert (found.phrases, found.contents.left_out) == (3, 1)
    report = SimpleNamespace(memory=found.contents, phrases=found.phrases, recalled=1)
    assert _memory(report) == (  # type: ignore[arg-type]
        "memory: 3 phrases of 2 trusted documents (1 left out: it is full); 1 processed again with it"
    )
