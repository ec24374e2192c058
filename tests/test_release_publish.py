"""A release is written whole or not at all, and the same documents give the same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from release_documents import (
    HIDDEN,
    NORMALISATIONS,
    READING,
    REPAIRS,
    STRUCTURE,
    drawn_documents,
    make_document,
    make_outcome,
    make_outcomes,
    publish,
)

from release import publish as publishing
from release import tables
from release.columns import TABLES
from release.layout import UnsafeName, check_name, page_file
from release.ledger import read_documents, read_edits
from release.origins import Origin, Origins
from release.rendering import PublishError
from release.verify import verify
from release.writing import Item
from repair.document import Document, Metadata, Outcome, Source, Status
from repair.edits import Decision, Kind

VERSIONS = {"prote": "0.1.0", "dictionaries": "1"}
NAMES = json.loads((Path(__file__).parent / "cases" / "release_names.json").read_text())


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_holds_what_is_promised(tmp_path: Path) -> None:
    release = publish(iter(make_outcomes()), tmp_path, versions=VERSIONS)

    assert (release.documents, release.published, release.review, release.quarantine) == (5, 2, 1, 2)
    assert (tmp_path / "current").readlink() == Path("releases", release.id, "data")
    assert (tmp_path / "current").resolve() == release.data
    texts = {
        f"{folder}/{name}.{suffix}"
        for name in ("rapport", "Éàü notes", "index")
        for folder, suffix in (("reading", "txt"), ("diplomatic", "txt"), ("text", "txt"), ("json", "json"))
    }
    pages = {page_file(outcome.source.name) for outcome in make_outcomes()}
    names = ("documents", "diplomatic", "paragraphs", "notes", "edits", "review", "rejects")
    of_tables = {f"{name}.{suffix}" for name in names for suffix in ("jsonl", "parquet")}
    others = {
        "README.md",
        "datapackage.json",
        "croissant.json",
        "release.json",
        "report/index.html",
        "document.schema.json",
    }
    assert set(tree(release.data)) == texts | pages | of_tables | others
    tags = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
    assert {path.name for path in release.path.iterdir()} == {"data", *tags}
    assert release.id == release.path.name
    assert release.id == hashlib.sha256((release.path / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert verify(tmp_path).faults == ()


def test_texts_are_exact_bytes(tmp_path: Path) -> None:
    document = make_document("rapport")
    data = publish([make_outcome(document)], tmp_path, versions=VERSIONS).data

    assert (data / "reading/rapport.txt").read_bytes() == READING.encode()
    assert (data / "diplomatic/rapport.txt").read_bytes() == document.diplomatic.encode()
    assert b"l\xe2\x80\x99Office" in (data / "diplomatic/rapport.txt").read_bytes()
    assert (data / "text/rapport.txt").read_text() == document.text
    assert "\r" not in document.text


def test_tables_say_what_became_of_each_document(tmp_path: Path) -> None:
    data = publish(make_outcomes(), tmp_path, versions=VERSIONS).data

    rows = {row.name: row for row in read_documents(data)}
    assert list(rows) == ["index", "rapport", "Éàü notes", "secret", "vide"]  # table by table
    assert rows["rapport"].edits.repair == type(rows["rapport"].edits.repair)(3, 1, 1, 0)
    assert rows["rapport"].edits.structure.applied == len(STRUCTURE)
    assert rows["rapport"].edits.normalisation.applied == len(NORMALISATIONS)
    assert rows["vide"].words is None
    assert rows["vide"].reasons[0].code == "empty"
    file = json.loads((data / "json/Éàü notes.json").read_bytes())
    assert (file["status"], file["reasons"][0]["fr"]) == ("review", "Il reste des dommages.")
    assert file["quality"]["before"]["classes"][0]["printed"] == "é"
    assert file["style"][0] == {
        "rule": "unit-space",
        "page": {"none": 6},
        "edition": {"no-break": 6},
        "steady": True,
        "overruled": True,
    }
    assert [file["style"][1][key] for key in ("page", "steady", "overruled")] == [
        {"«": 3, '"': 1},
        False,
        False,
    ]
    edits = read_edits(data, "rapport")
    assert [row.kind for row in edits] == [Kind.REPAIR] * 5 + [Kind.STRUCTURE] * 3 + [Kind.NORMALISATION]
    assert tuple(row.edit for row in edits) == make_document("rapport").edits


def test_a_quarantined_document_leaves_no_text(tmp_path: Path) -> None:
    data = publish(make_outcomes(), tmp_path, versions=VERSIONS).data

    assert [path for path, content in tree(data).items() if HIDDEN.encode() in content] == []
    for table in TABLES:
        found = pq.read_table(data / f"{table.name}.parquet")
        assert HIDDEN not in repr(found.to_pylist())
        assert ("secret" in found[table.key].to_pylist()) is (table.name == "rejects")
    assert "Il reste des dommages." in (data / page_file("secret")).read_text()


def test_ids_of_edits_survive_another_decision_and_other_documents(tmp_path: Path) -> None:
    first = publish([make_outcome(make_document("rapport"))], tmp_path / "1", versions=VERSIONS).data
    doubtful = [(before, after, Decision.REVIEW) for before, after, _ in REPAIRS[:1]]
    other = make_document("rapport", repairs=[*doubtful, *REPAIRS[1:]])
    second = publish([*make_outcomes()[1:], make_outcome(other)], tmp_path / "2", versions=VERSIONS).data

    ids = [
        [row.id for row in read_edits(data, "rapport") if row.kind is Kind.REPAIR] for data in (first, second)
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(REPAIRS)


def test_order_and_hash_seed_do_not_matter(tmp_path: Path) -> None:
    expected = publish(make_outcomes(), tmp_path / "a", versions=VERSIONS)
    for seed in range(4):
        outcomes = make_outcomes()
        random.Random(seed).shuffle(outcomes)  # noqa: S311 - no secret
        shuffled = publish(outcomes, tmp_path / f"b{seed}", versions=dict(reversed(VERSIONS.items())))
        assert shuffled.id == expected.id
        assert tree(shuffled.data) == tree(expected.data)
    program = (
        "import sys; from pathlib import Path; from release_documents import make_outcomes;"
        "from release_documents import publish;"
        f"print(publish(make_outcomes(), Path(sys.argv[1]), versions={VERSIONS!r}).id)"
    )
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / seed)],
            env=os.environ
            | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "PYTHONPATH": str(Path(__file__).parent)},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == expected.id


def test_what_is_published_again_is_the_same_release(tmp_path: Path) -> None:
    first = publish(make_outcomes(), tmp_path, versions=VERSIONS)
    inode = (first.path / "manifest-sha256.txt").stat().st_ino
    assert publish(make_outcomes(), tmp_path, versions=VERSIONS) == first
    assert (first.path / "manifest-sha256.txt").stat().st_ino == inode

    other = publish(make_outcomes()[:3], tmp_path, versions=VERSIONS)
    assert other.id != first.id
    assert (tmp_path / "current").resolve() == other.data
    assert verify(first.path).faults == ()
    assert publish(make_outcomes()[:3], tmp_path, versions=VERSIONS | {"prote": "0.2.0"}).id != other.id


def test_all_is_on_the_disk_before_readers_are_led_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut cannot be had here: only what is asked of the system, and when."""
    current = tmp_path / "current"
    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(os, "sync", lambda: asked.append(("all", current.is_symlink())))
    monkeypatch.setattr(os, "fsync", lambda _: asked.append(("folder", current.is_symlink())))
    publish(make_outcomes(), tmp_path, versions=VERSIONS)
    assert [led for what, led in asked if what == "all"] == [False]
    assert asked[-1] == ("folder", True)


def test_an_empty_corpus_is_a_release(tmp_path: Path) -> None:
    assert publish([], tmp_path, versions={}).documents == 0
    assert verify(tmp_path).faults == ()


def _flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": lambda data: _flip(data / "text/rapport.txt"),
    "manifest flipped": lambda data: _flip(data.parent / "manifest-sha256.txt"),
    "tag manifest flipped": lambda data: _flip(data.parent / "tagmanifest-sha256.txt"),
    "declaration dropped": lambda data: (data.parent / "bagit.txt").unlink(),
    "added beside the tag files": lambda data: (data.parent / "notes.txt").write_text("x"),
    "lines flipped": lambda data: _flip(data / "edits.jsonl"),
    "Parquet flipped": lambda data: _flip(data / "edits.parquet"),
    "dropped": lambda data: (data / "documents.jsonl").unlink(),
    "added": lambda data: (data / "text/autre.txt").write_text("x"),
    "folder added": lambda data: (data / "autre").mkdir(),
    "folder for a file": lambda data: ((data / "README.md").unlink(), (data / "README.md").mkdir()),
    "file for a folder": lambda data: ((data / "text").rename(data.parent / "t"), (data / "text").touch()),
    "link": lambda data: ((data / "README.md").unlink(), (data / "README.md").symlink_to("/etc/passwd")),
    "emptied": lambda data: data.rename(data.parent.parent / "elsewhere"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_release_is_mended_by_publishing_it_again(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    first = publish(make_outcomes(), tmp_path, versions=VERSIONS)
    expected = tree(first.path)
    damage(first.data)

    assert publish(make_outcomes(), tmp_path, versions=VERSIONS).id == first.id
    assert tree(first.path) == expected
    assert verify(tmp_path).faults == ()


def test_leftovers_of_a_dead_publisher_are_swept_and_nothing_else(tmp_path: Path) -> None:
    first = publish(make_outcomes(), tmp_path, versions=VERSIONS)
    leftover = tmp_path / "releases" / ".partial-dead" / "release" / "data"
    leftover.mkdir(parents=True)
    (leftover / "x").write_text("x")
    kept = tmp_path / "releases" / "notes of a curator"
    kept.mkdir()

    publish(make_outcomes()[:1], tmp_path, versions=VERSIONS)
    names = {path.name for path in (tmp_path / "releases").iterdir()}
    assert names - {".lock"} == {first.id, (tmp_path / "current").resolve().parent.name, kept.name}


@pytest.mark.parametrize("case", NAMES, ids=lambda case: ascii(case["name"][:20]))
def test_names(case: dict[str, object], tmp_path: Path) -> None:
    name = str(case["name"])
    outcome = make_outcome(make_document(name)) if case["safe"] else None
    if outcome:
        publish([outcome], tmp_path, versions=VERSIONS)
        assert verify(tmp_path).faults == ()
        return
    with pytest.raises(UnsafeName, match=r"rename|shorten"):
        check_name(name)
    source = Source(name, "x.txt", "0" * 64, 0)
    with pytest.raises(UnsafeName):
        publish([Outcome(source, Status.QUARANTINE, (), None)], tmp_path, versions=VERSIONS)
    assert not (tmp_path / "current").exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [("rapport", "rapport"), ("rapport", "RAPPORT"), ("é", "e\u0301"), ("STRASSE", "straße")],
)
def test_names_that_are_one_file_somewhere_are_refused(tmp_path: Path, one: str, other: str) -> None:
    with pytest.raises(PublishError, match="rename one"):
        publish([make_outcome(make_document(name)) for name in (one, other)], tmp_path, versions=VERSIONS)


def _broken(field: str) -> Outcome:
    document = make_document("rapport")
    return make_outcome(replace(document, **{field: getattr(document, field) + "x"}))


def _failing() -> Iterator[Outcome]:
    yield make_outcomes()[0]
    raise RuntimeError("the disk of raw/ is gone")


BAD: dict[str, Callable[[], Iterator[Outcome]]] = {
    "no document": lambda: iter([replace(make_outcomes()[0], document=None)]),
    "other diplomatic": lambda: iter([_broken("diplomatic")]),
    "other text": lambda: iter([_broken("text")]),
    "half a character": lambda: iter([make_outcome(make_document("d", "a \ud800", (), (), ()))]),
    "failing": _failing,
}


@pytest.mark.parametrize("outcomes", BAD.values(), ids=BAD)
def test_a_failed_publication_changes_nothing(
    tmp_path: Path, outcomes: Callable[[], Iterator[Outcome]]
) -> None:
    first = publish(make_outcomes(), tmp_path, versions=VERSIONS)
    before = tree(tmp_path)
    with pytest.raises((PublishError, RuntimeError)):
        publish(outcomes(), tmp_path, versions=VERSIONS)
    assert tree(tmp_path) == before
    assert verify(tmp_path).release == first.id
    assert not list((tmp_path / "releases").glob(".partial-*"))


def test_a_folder_in_the_place_of_the_link_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    (tmp_path / "current" / "mine").write_text("x")
    with pytest.raises(PublishError, match="move it away"):
        publish(make_outcomes(), tmp_path, versions=VERSIONS)
    assert (tmp_path / "current" / "mine").read_text() == "x"


def test_files_cannot_be_changed_by_accident(tmp_path: Path) -> None:
    data = publish(make_outcomes(), tmp_path, versions=VERSIONS).data
    assert {path.stat().st_mode & 0o222 for path in data.parent.rglob("*") if path.is_file()} == {0}


def test_two_publishers_at_once(tmp_path: Path) -> None:
    children = []
    for part in (make_outcomes()[:2], make_outcomes()[2:]):
        child = os.fork()
        if child == 0:
            try:
                for _ in range(5):
                    publish(part, tmp_path, versions=VERSIONS)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    releases = [path for path in (tmp_path / "releases").iterdir() if path.is_dir()]
    assert len(releases) == 2
    assert [verify(path).faults for path in [tmp_path, *releases]] == [()] * 3


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document is made when it is asked for, as a run reads it from its state, and let go."""
    monkeypatch.setattr(tables, "GROUP", 1 << 20)  # what waits to be written; else 40 documents fill it
    text = ("mot " * 25_000 + "\n") * 2

    def load(name: str) -> Outcome:
        return make_outcome(make_document(name, text, (), (), ()))

    def peak(count: int) -> int:
        items = [
            Item(Source(name, f"{name}.txt", digest, len(text)), digest, partial(load, name))
            for name, digest in ((f"d{number:03}", f"{number:064}") for number in range(count))
        ]
        tracemalloc.start()
        try:
            publishing.publish(items, tmp_path / str(count), versions=VERSIONS)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # what is loaded once
    assert peak(40) < 1.2 * peak(8)


def test_rows_are_strict_json_lines(tmp_path: Path) -> None:
    document = make_document("rapport", "Un\u2028mot \u0085 a", [("mot", "\u2029", Decision.APPLIED)], (), ())
    data = publish([make_outcome(document)], tmp_path, versions=VERSIONS).data
    lines = (data / "edits.jsonl").read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert [msgspec.json.decode(line)["after"] for line in lines] == ["\u2029"]


def test_a_document_has_every_figure_in_its_row(tmp_path: Path) -> None:
    said = Metadata("resolution-onu", "A/RES/74/175", "Un titre", "2019-12-18", "74", "107")
    witness = Source("rapport", "rapport.alto.xml", "11", 3)
    document = replace(make_document("rapport"), metadata=said)
    document = replace(document, source=replace(document.source, witnesses=(witness,)))
    origins = Origins((("rap*", Origin("CC-BY-4.0", "Nations Unies")),))
    data = publish([make_outcome(document)], tmp_path, versions=VERSIONS, origins=origins).data
    assert verify(tmp_path).faults == ()

    (row,) = pq.read_table(data / "documents.parquet").to_pylist()
    (line,) = [json.loads(line) for line in (data / "documents.jsonl").read_text().splitlines()]
    assert row.pop("date") == dt.date.fromisoformat(line.pop("date")) == dt.date(2019, 12, 18)
    assert row == line
    assert (row["licence"], row["origin"], row["symbol"]) == ("CC-BY-4.0", "Nations Unies", "A/RES/74/175")
    assert row["witnesses"] == [{"path": "rapport.alto.xml", "bytes": 3, "sha256": "11"}]
    assert row["text"] == document.text


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_documents())
def test_both_formats_hold_the_same_rows(tmp_path: Path, document: Document) -> None:
    data = publish([make_outcome(document), *make_outcomes()], tmp_path, versions={}).data
    for table in TABLES:
        lines = (data / f"{table.name}.jsonl").read_bytes().split(b"\n")
        assert lines.pop() == b""
        rows = pq.read_table(data / f"{table.name}.parquet").to_pylist()
        assert rows == [json.loads(line) for line in lines]


def test_the_day_of_the_source_alone_is_in_a_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    undated = publish(make_outcomes(), tmp_path / "1", versions=VERSIONS)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    dated = [publish(make_outcomes(), tmp_path / place, versions=VERSIONS) for place in ("2", "3")]
    assert tree(dated[0].path) == tree(dated[1].path)
    assert b"Bagging-Date: 2020-01-01\n" in (dated[0].path / "bag-info.txt").read_bytes()
    assert b"Date" not in (undated.path / "bag-info.txt").read_bytes()
    changed = {path for path, content in tree(undated.path).items() if tree(dated[0].path)[path] != content}
    assert changed == {
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "data/datapackage.json",
        "data/croissant.json",
    }
    for part in ("1", "2", "3"):
        assert verify(tmp_path / part).faults == ()
