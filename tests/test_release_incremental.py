"""Whatever was published before, the same documents give the same release; the unchanged is taken over."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_bags import resign
from release_documents import READING, REPAIRS, item, make_document, make_outcome

from release import publish as publishing
from release import tables
from release.origins import Origin, Origins
from release.publish import Release
from release.records import DECISIONS
from release.verify import verify
from release.writing import Item
from repair.document import Outcome, Status

VERSIONS = {"prote": "0.1.0"}
TOLD = (Origin(), Origin("CC-BY-4.0", "Nations Unies"))


@dataclass(frozen=True)
class Asked:
    """A document of a drawn corpus: which of its texts, its status, and which origin is told of it."""

    text: int
    status: Status
    origin: int


Corpus = Mapping[str, Asked]

NAMES = [f"acte {sign}" for sign in "abcdefghij"]
ASKED = st.builds(Asked, st.integers(0, 2), st.sampled_from(list(Status)), st.integers(0, 1))
CORPORA = st.lists(st.dictionaries(st.sampled_from(NAMES), ASKED), min_size=2, max_size=5)


def make(name: str, asked: Asked) -> Outcome:
    reading = READING + "\n3. Fin." * asked.text
    return make_outcome(make_document(name, reading, REPAIRS[asked.text :]), asked.status)


def items(corpus: Corpus, loaded: list[str]) -> Iterator[Item]:
    """Yield the items of a corpus, which note by whom they are loaded."""

    def load(name: str, asked: Asked) -> Outcome:
        loaded.append(name)
        return make(name, asked)

    for name, asked in corpus.items():
        told = item(make(name, asked))
        yield Item(told.source, told.digest, partial(load, name, asked))


def publish(
    corpus: Corpus, clean: Path, loaded: list[str] | None = None, versions: Mapping[str, str] = VERSIONS
) -> Release:
    origins = Origins(tuple((f"{name}.txt", TOLD[asked.origin]) for name, asked in corpus.items()))
    found = items(corpus, [] if loaded is None else loaded)
    return publishing.publish(found, clean, versions=versions, origins=origins)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a few documents make many parts and row groups, and no disk be waited for."""
    monkeypatch.setattr(tables, "WHOLE", 3)
    monkeypatch.setattr(tables, "PART", 2)
    monkeypatch.setattr(tables, "GROUP", 900)


many = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(CORPORA)
def test_any_history_gives_the_release_of_its_last_corpus(tmp_path: Path, corpora: Sequence[Corpus]) -> None:
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        clean, empty = Path(folder, "clean"), Path(folder, "empty")
        before: Corpus = {}
        for corpus in corpora:
            loaded: list[str] = []
            last = publish(corpus, clean, loaded)
            # Only what is new or other is looked at, and each once.
            assert sorted(loaded) == sorted(
                name for name, asked in corpus.items() if before.get(name) != asked
            )
            before = corpus
        first = publish(corpora[-1], empty)
        assert last.id == first.id
        assert tree(last.path) == tree(first.path)
        assert verify(clean).faults == ()
        assert (last.published, last.review, last.quarantine) == tuple(
            sum(asked.status is status for asked in corpora[-1].values()) for status in Status
        )


def corpus_of(number: int, **changed: Asked) -> dict[str, Asked]:
    asked = {f"acte {n:02}": Asked(n % 3, list(Status)[n % 3], n % 2) for n in range(number)}
    return asked | {name.replace("_", " "): value for name, value in changed.items()}


OTHER = Asked(1, Status.PUBLISHED, 0)


def test_files_parts_and_rows_are_taken_over(tmp_path: Path) -> None:
    old = publish(corpus_of(20), tmp_path)
    new = publish(corpus_of(20, acte_07=OTHER), tmp_path)
    parts = len(list(old.data.glob("edits-*.parquet")))
    assert parts > 4
    same = {path for path in tree(new.data) if (new.data / path).stat().st_nlink > 1}
    # Of the documents all but one; of each table all parts but its own.
    others = [name for name in corpus_of(20) if name != "acte 07"]
    assert {path for path in same if path.startswith("report/documents/")} == {
        f"report/documents/{name}.html" for name in others
    }
    assert len([path for path in same if path.startswith("edits-")]) == 2 * (parts - 1)
    assert not [path for path in same if "acte 07" in path]


CHANGES: dict[str, Callable[[dict[str, Asked]], object]] = {
    "added first": lambda corpus: corpus.update({"a": OTHER}),
    "added last": lambda corpus: corpus.update({"z": OTHER}),
    "withdrawn": lambda corpus: corpus.pop("acte 05"),
    "first withdrawn": lambda corpus: corpus.pop("acte 00"),
    "all withdrawn": lambda corpus: corpus.clear(),
    "all but one withdrawn": lambda corpus: [corpus.pop(name) for name in list(corpus)[1:]],
    "text": lambda corpus: corpus.update({"acte 04": Asked(2, Status.REVIEW, 0)}),
    "status": lambda corpus: corpus.update({"acte 04": Asked(1, Status.QUARANTINE, 0)}),
    "origin": lambda corpus: corpus.update({"acte 04": Asked(1, Status.REVIEW, 1)}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_change_gives_the_release_of_the_whole(
    tmp_path: Path, change: Callable[[dict[str, Asked]], object]
) -> None:
    corpus = corpus_of(12)
    assert corpus["acte 04"] == Asked(1, Status.REVIEW, 0)
    publish(corpus, tmp_path / "clean")
    change(corpus)
    loaded: list[str] = []
    last = publish(corpus, tmp_path / "clean", loaded)
    first = publish(corpus, tmp_path / "empty")
    assert tree(last.path) == tree(first.path)
    assert len(loaded) == sum(corpus_of(12).get(name) != asked for name, asked in corpus.items())


def test_nothing_new_publishes_nothing(tmp_path: Path) -> None:
    first = publish(corpus_of(12), tmp_path)
    before = {path: path.lstat().st_ino for path in first.path.rglob("*")}
    link = (tmp_path / "current").lstat().st_ino
    loaded: list[str] = []
    assert publish(corpus_of(12), tmp_path, loaded) == first
    assert loaded == []
    assert {path: path.lstat().st_ino for path in first.path.rglob("*")} == before
    assert (tmp_path / "current").lstat().st_ino == link
    assert [path.name for path in (tmp_path / "releases").iterdir() if path.is_dir()] == [first.id]


def test_a_ruling_that_changes_no_document_is_in_the_lineage_whatever_was_published_before(
    tmp_path: Path,
) -> None:
    ruled = VERSIONS | {DECISIONS: "0123"}
    for clean in (tmp_path / "a", tmp_path / "b"):
        if clean.name == "a":
            publishing.publish([item(make_outcome(make_document()))], clean, versions=VERSIONS)
        publishing.publish([item(make_outcome(make_document()))], clean, versions=ruled)
    one, two = ((tmp_path / name / "current").resolve() for name in "ab")
    assert one.parent.name == two.parent.name


def test_what_another_version_made_is_not_taken_over(tmp_path: Path) -> None:
    publish(corpus_of(6), tmp_path)
    loaded: list[str] = []
    last = publish(corpus_of(6), tmp_path, loaded, VERSIONS | {"dictionaries": "2"})
    assert len(loaded) == 6
    assert {path for path in tree(last.data) if (last.data / path).stat().st_nlink > 1} == set()


def _write(path: Path, content: bytes) -> None:
    path.touch()
    path.chmod(0o644)
    path.write_bytes(content)
    later = path.parent.stat().st_mtime_ns + 1_000_000_000  # a curator takes a second at least
    os.utime(path, ns=(later, later))


def _edit(path: Path) -> None:
    _write(path, path.read_bytes().replace(b"Etats", b"Etals"))


HANDS: dict[str, Callable[[Path], object]] = {
    "text": lambda data: _edit(data / "text/acte 00.txt"),
    "JSON": lambda data: _edit(data / "json/acte 00.json"),
    "lines": lambda data: _edit(next(data.glob("edits-00000-*.jsonl"))),
    "Parquet": lambda data: _write(next(data.glob("edits-00000-*.parquet")), b"PAR1"),
    "text gone": lambda data: (data / "text/acte 00.txt").unlink(),
    "text more": lambda data: (data / "text/notes.txt").write_text("x"),
    "text put in its place": lambda data: (
        _write(data / "text/new", b"x"),
        (data / "text/new").rename(data / "text/acte 00.txt"),
    ),
    "beside the tag files": lambda data: (data.parent / "notes.txt").write_text("x"),
    "bag-info": lambda data: _write(data.parent / "bag-info.txt", b"Contact-Name: x\n"),
    "manifest": lambda data: _edit_manifest(data.parent / "manifest-sha256.txt"),
    "lineage": lambda data: _write(data / "release.json", b"{}"),
    "signed anew": lambda data: _sign_anew(data),
}


def _edit_manifest(path: Path) -> None:
    _write(path, path.read_bytes().replace(b"a", b"b", 1))


def _sign_anew(data: Path) -> None:
    for path in data.parent.rglob("*"):
        path.chmod(0o755)
    _edit(data / "text/acte 00.txt")
    resign(data.parent.parent.parent, renamed=False)
    later = (data / "text/acte 00.txt").stat().st_mtime_ns
    os.utime(data.parent / "tagmanifest-sha256.txt", ns=(later, later))


@pytest.mark.parametrize("hand", HANDS.values(), ids=HANDS)
@pytest.mark.parametrize("new", [False, True])
def test_what_a_hand_changed_is_not_taken_over(
    tmp_path: Path, hand: Callable[[Path], object], new: bool
) -> None:
    clean = tmp_path / "clean"
    hand_made = publish(corpus_of(8), clean)
    hand(hand_made.data)
    corpus = corpus_of(9 if new else 8)
    loaded: list[str] = []
    last = publish(corpus, clean, loaded)
    assert sorted(loaded) == sorted(corpus)
    assert tree(last.path) == tree(publish(corpus, tmp_path / "empty").path)
    assert verify(clean).faults == ()


def test_rows_that_the_disk_changed_are_not_signed_anew(tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    old = publish(corpus_of(8), clean)
    for path in old.data.glob("edits-*.jsonl"):
        times = path.stat()
        _edit(path)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    corpus = corpus_of(8, acte_00=OTHER)
    last = publish(corpus, clean)
    assert tree(last.path) == tree(publish(corpus, tmp_path / "empty").path)
    assert verify(clean).faults == ()


def test_what_the_disk_changed_is_made_again_once_it_is_taken_away(tmp_path: Path) -> None:
    first = publish(corpus_of(4), tmp_path)
    before = tree(first.path)
    text = first.data / "text/acte 00.txt"
    times = text.stat()
    _edit(text)
    os.utime(text, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert [fault.path for fault in verify(tmp_path).faults] == ["text/acte 00.txt"]
    text.unlink()
    assert publish(corpus_of(4), tmp_path).id == first.id
    assert tree(first.path) == before
