"""The state table: what is saved comes back, all of a batch or none, and later schemas are refused."""

import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from release_documents import make_document

from flows.entries import Entry, pack, unpack
from flows.exits import Stop
from flows.state import FILE, FOLDER, State
from repair.document import Document, Outcome, Reason, Source, Status

REASON = Reason("empty", "Ce fichier est vide.", "This file is empty.")


def _published(name: str) -> Entry:
    document = make_document(name)
    return Entry(Outcome(document.source, Status.PUBLISHED, (), document), f"key-{name}", (), pack(document))


def _refused(name: str) -> Entry:
    source = Source(name, f"{name}.bin", "00", 0)
    return Entry(Outcome(source, Status.QUARANTINE, (REASON,), None), f"key-{name}")


def test_outcomes_come_back_as_they_went_in(tmp_path: Path) -> None:
    entries = [_published("a"), _refused("b")]
    State(tmp_path).save(entries)
    assert [item.load() for item in State(tmp_path).items()] == [entry.outcome for entry in entries]


def test_the_witnesses_of_a_document_come_back(tmp_path: Path) -> None:
    entry = _published("a")
    source = replace(entry.outcome.source, witnesses=(Source("a", "a.txt", "11", 3),))
    entry = replace(entry, outcome=replace(entry.outcome, source=source))
    state = State(tmp_path)
    state.save([entry])
    assert state.outcome(source.path).source == source
    assert [question.source for question in state.questions()] == [source]


_WEIGHED_GO = (
    "DROP VIEW latest; ALTER TABLE documents DROP COLUMN weighed; ALTER TABLE recalled DROP COLUMN weighed;"
)
_RULINGS_GO = "".join(
    f"ALTER TABLE {table} DROP COLUMN {column};"
    for table in ("documents", "recalled")
    for column in ("proposals", "rulings")
)
_DIGESTS_GO = "ALTER TABLE documents DROP COLUMN digest; ALTER TABLE recalled DROP COLUMN digest;"
_SCANS_GO = "DROP TABLE scans;"
_WITNESSES_GO = "ALTER TABLE documents DROP COLUMN witnesses; ALTER TABLE recalled DROP COLUMN witnesses;"


@pytest.mark.parametrize(
    ("version", "back"),
    [
        (6, ""),
        (5, _RULINGS_GO),
        (4, _RULINGS_GO + _DIGESTS_GO),
        (3, _RULINGS_GO + _DIGESTS_GO + _SCANS_GO),
        (2, _RULINGS_GO + _DIGESTS_GO + _SCANS_GO + _WITNESSES_GO),
    ],
)
def test_the_state_of_an_earlier_version_is_taken_over(tmp_path: Path, version: int, back: str) -> None:
    state = State(tmp_path)
    state.save([_published("a"), _refused("b"), _published("c")])
    state.save_recalled([replace(_published("a"), asked=b"q", answers="d")])
    before = [(item.digest, item.load()) for item in state.items()]
    with closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as connection, connection:
        connection.executescript(f"{_WEIGHED_GO} {back} PRAGMA user_version = {version};")
    assert [(item.digest, item.load()) for item in State(tmp_path).items()] == before
    State(tmp_path).save_recalled([replace(_published("a"), asked=b"r", answers="e")])
    assert {question.answers for question in State(tmp_path).questions()} == {"e", ""}


def test_the_digest_tells_whether_the_outcome_is_the_same(tmp_path: Path) -> None:
    state = State(tmp_path)

    def digest(entry: Entry) -> str:
        state.save([entry])
        (item,) = state.items()
        return item.digest

    entry = _published("a")
    source, document = entry.outcome.source, entry.outcome.document
    assert document is not None
    longer = replace(document, text=document.text + "!")
    others = [
        replace(entry, outcome=replace(entry.outcome, status=Status.REVIEW)),
        replace(entry, outcome=replace(entry.outcome, reasons=(REASON,))),
        replace(entry, outcome=replace(entry.outcome, source=replace(source, size=source.size + 1))),
        replace(entry, outcome=replace(entry.outcome, document=longer), packed=pack(longer)),
    ]
    assert len({digest(entry), *map(digest, others)}) == 1 + len(others)
    assert digest(replace(entry, key="other")) == digest(entry)
    assert digest(replace(entry, packed=zlib.compress(zlib.decompress(entry.packed), 9))) == digest(entry)


def test_a_document_survives_packing() -> None:
    document = make_document()
    assert unpack(pack(document)) == document
    assert type(unpack(pack(document))) is Document


def test_rows_have_the_figures_of_the_table(tmp_path: Path) -> None:
    state = State(tmp_path)
    judged = replace(_published("a"), failed=("quotes-paired",))
    state.save([judged, _refused("b")])
    first, second = state.rows()
    document = judged.outcome.document
    assert document is not None
    assert (first.name, first.status, first.failed) == ("a", Status.PUBLISHED, ("quotes-paired",))
    assert (first.damage_before, first.damage_after) == (document.before.damage, document.after.damage)
    assert (first.applied, first.review) == (3, 1)
    assert (second.status, second.failed, second.damage_before) == (Status.QUARANTINE, ("empty",), None)


def test_saving_again_replaces(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_published("a")])
    path = _published("a").outcome.source.path
    state.save([Entry(Outcome(_published("a").outcome.source, Status.QUARANTINE, (REASON,), None), "new")])
    assert state.keys() == {path: ("new", "a")}
    assert [item.load().status for item in state.items()] == [Status.QUARANTINE]


def test_a_name_may_pass_to_another_file(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_refused("a")])
    source = Source("a", "a.txt", "11", 1)
    state.save([Entry(Outcome(source, Status.QUARANTINE, (REASON,), None), "key")])
    assert state.keys() == {"a.txt": ("key", "a")}


def test_a_batch_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_refused("a")])
    twins = [_refused("b"), replace(_refused("b"), key="twin")]
    with pytest.raises(sqlite3.IntegrityError):
        state.save(twins)
    assert list(state.keys()) == ["a.bin"]


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_refused("a"), _refused("b")])
    assert state.keep_only(["b.bin", "c.bin"]) == ["a.bin"]
    assert list(state.keys()) == ["b.bin"]


def test_a_state_of_a_later_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    State(tmp_path).save([_refused("a")])
    path = tmp_path / FOLDER / FILE
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Stop, match="later version"):
        State(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM documents").fetchone() == (1,)


def test_a_damaged_state_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(Stop, match="cannot be used"):
        State(tmp_path)


def test_writers_do_not_block_readers(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_refused("a")])
    with closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert list(state.keys()) == ["a.bin"]


def _scanned(name: str, engines: str, *readings: str) -> Entry:
    return replace(_published(name), engines=engines, readings=readings)


def test_documents_read_by_other_engines_expire_and_no_others(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_scanned("a", "old"), _scanned("b", "new"), _published("c")])
    state.expire_scans("new")
    assert {name: key for key, name in state.keys().values()} == {"a": "", "b": "key-b", "c": "key-c"}
    assert state.engines() == ["new", "old"]


def test_the_readings_that_documents_use_are_known(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([_scanned("a", "x", "1", "2"), _scanned("b", "x", "2", "3"), _scanned("c", "x", "4")])
    assert state.readings() == {"1", "2", "3", "4"}
    state.save([_scanned("b", "x", "5"), _published("c")])
    assert state.readings() == {"1", "2", "5"}
    state.keep_only([_published("b").outcome.source.path])
    assert (state.readings(), state.engines()) == ({"5"}, ["x"])


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "forbidden"])
def test_a_state_is_read_without_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: bool
) -> None:
    State(tmp_path).save([_published("a"), _refused("b")])
    monkeypatch.setattr("os.access", lambda *_: allowed)
    before = _files(tmp_path)
    state = State(tmp_path, write=False)
    assert [row.name for row in state.rows()] == ["a", "b"]
    assert state.outcome("b.bin") == _refused("b").outcome
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        state.save([_refused("c")])
    after = _files(tmp_path)
    assert {path: after[path] for path in before} == before
    assert allowed or after == before


def test_what_a_run_is_saving_is_read_without_writing(tmp_path: Path) -> None:
    state = State(tmp_path)
    with closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as run:  # keeps the log of what is written
        run.execute("SELECT count(*) FROM documents").fetchone()
        state.save([_refused("a")])
        assert (tmp_path / FOLDER / f"{FILE}-wal").stat().st_size > 0
        assert [row.name for row in State(tmp_path, write=False).rows()] == ["a"]


@pytest.mark.parametrize(("version", "said"), [(3, "earlier version"), (99, "later version")])
def test_another_schema_is_not_read_nor_changed(tmp_path: Path, version: int, said: str) -> None:
    State(tmp_path).save([_refused("a")])
    with closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(Stop, match=said):
        State(tmp_path, write=False)
    with closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)


def test_no_state_is_made_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="cannot be used"):
        State(tmp_path, write=False)
    assert list(tmp_path.iterdir()) == []


def test_while_it_is_held_no_reader_tidies_up(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.save([])
    log = tmp_path / ".prote" / "state.sqlite-wal"
    state.rows()
    assert not log.exists()
    with state.held():
        state.rows()
        assert log.exists()
    assert not log.exists()
