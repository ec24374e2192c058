"""The raw folder: what becomes a document, what is turned away, and what a run has to do."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from flows.decisions import Decisions
from flows.entries import Entry
from flows.exits import ExitCode, Stop
from flows.plan import check_date, check_folders, check_profile, find, pending
from flows.state import State
from flows.survey import survey
from repair.document import Outcome, Status


def _fill(raw: Path, *paths: str) -> Path:
    for path in paths:
        (raw / path).parent.mkdir(parents=True, exist_ok=True)
        (raw / path).write_text(f"Texte de {path}.\n", encoding="utf-8")
    return raw


def _codes(raw: Path) -> dict[str, str]:
    return {
        entry.source.path: entry.refusal.code if entry.refusal else entry.source.name for entry in survey(raw)
    }


def test_names_are_paths_without_suffix(tmp_path: Path) -> None:
    raw = _fill(tmp_path, "a.txt", "ag/2019/res 74.175.txt", "été.md", "sans-suffixe")
    assert _codes(raw) == {
        "a.txt": "a",
        "ag/2019/res 74.175.txt": "ag__2019__res 74.175",
        "sans-suffixe": "sans-suffixe",
        "été.md": "été",
    }


def test_hidden_entries_are_not_documents(tmp_path: Path) -> None:
    assert _codes(_fill(tmp_path, ".gitkeep", ".DS_Store", ".git/config", "a/.x.txt")) == {}


def test_size_and_sum_are_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    source = survey(tmp_path)[0].source
    assert source.size == 3
    assert source.sha256.startswith("ba7816bf8f01cfea")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.pdf", "a.png"),
        ("a.md", "a.txt"),
        ("b/c.txt", "b__c.txt"),
        ("Acte.txt", "acte.txt"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_the_second_of_one_name_is_turned_away(tmp_path: Path, first: str, second: str) -> None:
    raw = _fill(tmp_path, first, second)
    if len(list(raw.rglob("*.*"))) < 2:
        pytest.skip("this file system takes the two names for one")
    found = survey(raw)
    assert [entry.refusal.code if entry.refusal else None for entry in found] == [None, "same-name"]
    assert found[1].refusal is not None
    assert found[0].source.path in found[1].refusal.fr
    assert found[0].source.name != found[1].source.name
    assert found[1].source.sha256


def test_three_of_one_name_have_rows_of_their_own(tmp_path: Path) -> None:
    found = survey(_fill(tmp_path, "a.md", "a.text", "a.txt", "a.txt.txt"))
    assert len({entry.source.name for entry in found}) == 4
    assert [entry.source.path for entry in found if entry.refusal] == ["a.text", "a.txt"]


def test_a_scan_and_its_text_are_one_document(tmp_path: Path) -> None:
    _fill(tmp_path, "74-175.txt", "74-175.pdf", "74-175.alto.xml", "74-176.txt")
    (tmp_path / "74-175.alto.xml").write_text("<alto/>")
    found = survey(tmp_path)
    assert [entry.refusal for entry in found] == [None, None]
    source = found[0].source
    assert (source.name, source.path) == ("74-175", "74-175.pdf")
    assert [witness.path for witness in source.witnesses] == ["74-175.alto.xml", "74-175.txt"]
    assert all(witness.sha256 for witness in source.witnesses)


def test_what_may_hold_anything_is_no_witness(tmp_path: Path) -> None:
    found = survey(_fill(tmp_path, "a.pdf", "a.docx", "a.json", "a.txt"))
    assert [entry.source.path for entry in found if entry.refusal is None] == ["a.pdf"]
    assert [witness.path for witness in found[-1].source.witnesses] == ["a.txt"]
    assert {entry.source.path for entry in found if entry.refusal} == {"a.docx", "a.json"}


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("<!DOCTYPE html><html><body>Texte</body></html>", False),
        ('<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><text/></TEI>', False),
        ("<TEI><text>", False),
        ("ceci n’est pas du XML", False),
        ("", False),
        ('<html><body><div class="ocr_page"></div></body></html>', True),
        ('<?xml version="1.0"?><!-- <TEI> --><alto><Layout>', True),
        ("<pc:PcGts xmlns:pc='x'>", True),
    ],
)
@pytest.mark.parametrize("suffix", [".html", ".xml"])
@pytest.mark.parametrize("beside", [".txt", ".pdf"])
def test_xml_and_html_are_heard_only_as_layout_files(
    tmp_path: Path, text: str, heard: bool, suffix: str, beside: str
) -> None:
    _fill(tmp_path, f"a{beside}", f"a{suffix}")
    (tmp_path / f"a{suffix}").write_text(text, encoding="utf-8")
    found = survey(tmp_path)
    paths = [entry.source.path for entry in found if entry.refusal is None]
    paths += [witness.path for entry in found for witness in entry.source.witnesses]
    assert (f"a{suffix}" in paths) is heard
    assert f"a{beside}" in paths
    assert [entry.refusal.code for entry in found if entry.refusal] == ([] if heard else ["no-witness"])
    (tmp_path / f"a{beside}").unlink()
    assert [entry.refusal for entry in survey(tmp_path)] == [None]  # alone, it is a document, and told as one


def test_a_text_that_cannot_be_a_witness_is_turned_away_alone(tmp_path: Path) -> None:
    raw = _fill(tmp_path / "raw", "a.pdf")
    _fill(tmp_path, "a.txt")
    (raw / "a.txt").symlink_to(tmp_path / "a.txt")
    assert [entry.refusal.code if entry.refusal else None for entry in survey(raw)] == [None, "outside-link"]
    assert survey(raw)[0].source.witnesses == ()


def test_what_is_no_file_inside_the_folder_is_never_opened(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    _fill(tmp_path, "secret.txt", "elsewhere/b.txt")
    _fill(raw, "a.txt")
    (raw / "out.txt").symlink_to(tmp_path / "secret.txt")
    (raw / "folder").symlink_to(tmp_path / "elsewhere")
    (raw / "inside.txt").symlink_to("a.txt")
    (raw / "nowhere.txt").symlink_to("gone.txt")
    os.mkfifo(raw / "pipe.txt")
    os.mkfifo(raw / "a.pipe")  # of the name of a document, too
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(raw / "socket"))
        codes = _codes(raw)
    assert codes == {
        "a.pipe": "not-a-file",
        "a.txt": "a",
        "folder": "outside-link",
        "inside.txt": "inside",
        "nowhere.txt": "unreadable",
        "out.txt": "outside-link",
        "pipe.txt": "not-a-file",
        "socket": "not-a-file",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_turned_away(tmp_path: Path) -> None:
    _fill(tmp_path, "a.txt", "closed/b.txt")
    (tmp_path / "a.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        assert _codes(tmp_path) == {"a.txt": "unreadable", "closed": "unreadable"}
    finally:
        (tmp_path / "closed").chmod(0o700)


@pytest.mark.parametrize(
    "name", [b"broken-\xff.txt", b"line\nend.txt", b"tab\there.txt", b"\x1b[31mred.txt", b"x" * 250 + b".txt"]
)
def test_names_that_cannot_be_shown_or_written_are_turned_away(tmp_path: Path, name: bytes) -> None:
    (tmp_path / os.fsdecode(name)).write_text("Texte.\n", encoding="utf-8")
    (entry,) = survey(tmp_path)
    assert entry.refusal is not None
    assert entry.refusal.code == "unsafe-name"
    assert entry.source.name.isprintable()
    assert len(entry.source.name) < 100
    assert entry.source.path.encode()


def test_names_that_are_shown_alike_have_rows_of_their_own(tmp_path: Path) -> None:
    for name in (b"a\x9b.txt", b"a\xc2\x9b.txt", b"a\\x9b.txt"):
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    found = survey(tmp_path)
    assert [entry.source.path for entry in found] == ["a\\x9b.txt", "a\\x9b.txt~", "a\\x9b.txt~~"]
    assert len({entry.source.name for entry in found}) == 3
    State(tmp_path / "clean").save(
        Entry(Outcome(entry.source, Status.QUARANTINE, (), None), "") for entry in found
    )
    assert survey(tmp_path) == found


@pytest.mark.parametrize("named", ["ag__74", "ag/74.txt", "{raw}/ag/74.txt"])
def test_a_document_is_found_by_name_or_path(tmp_path: Path, named: str) -> None:
    raw = _fill(tmp_path / "raw", "ag/74.txt", "b.txt")
    assert find(raw, survey(raw), named.format(raw=raw)).path == "ag/74.txt"


@pytest.mark.parametrize(
    ("named", "near"), [("resolutoin-eau", "resolution-eau"), ("EAU", "resolution-eau"), ("zzz", None)]
)
def test_an_unknown_document_is_answered_with_those_that_come_near(
    tmp_path: Path, named: str, near: str | None
) -> None:
    raw = _fill(tmp_path, "resolution-eau.txt", "bail.txt")
    with pytest.raises(Stop, match="there is no document") as stop:
        find(raw, survey(raw), named)
    assert stop.value.code is ExitCode.USAGE
    assert ("did you mean" in str(stop.value)) is (near is not None)
    assert near is None or near in str(stop.value)


@pytest.mark.parametrize(("raw", "clean"), [("gone", "clean"), ("here", "here/clean"), ("here/raw", "here")])
def test_folders_that_a_run_cannot_work_with(tmp_path: Path, raw: str, clean: str) -> None:
    (tmp_path / "here" / "raw").mkdir(parents=True)
    with pytest.raises(Stop) as stop:
        check_folders(tmp_path / raw, tmp_path / clean)
    assert stop.value.code is ExitCode.USAGE


@pytest.mark.parametrize("said", ["", "hier", "1.5", "9" * 20, "9" * 5000])
def test_a_day_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    check_date()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", said)
    with pytest.raises(Stop, match="SOURCE_DATE_EPOCH"):
        check_date()


def test_an_unknown_profile_is_answered_with_those_there_are() -> None:
    check_profile("onu")
    with pytest.raises(Stop, match="edition-diplomatique or imprimerie-nationale or onu"):
        check_profile("inconnu")


def test_only_what_is_new_or_changed_is_pending(tmp_path: Path) -> None:
    from flows.fingerprint import document_key

    raw = _fill(tmp_path / "raw", "a.txt", "b.txt")
    state = State(tmp_path / "clean")
    found = survey(raw)
    assert [source.path for source in pending(state, found, "onu", Decisions())] == ["a.txt", "b.txt"]

    state.save(
        Entry(Outcome(entry.source, Status.REVIEW, (), None), document_key(entry.source, "onu"))
        for entry in found
    )
    assert pending(state, survey(raw), "onu", Decisions()) == []
    assert len(pending(state, survey(raw), "edition-diplomatique", Decisions())) == 2

    (raw / "b.txt").write_text("Autre texte.\n", encoding="utf-8")
    assert [source.path for source in pending(state, survey(raw), "onu", Decisions())] == ["b.txt"]

    state.expire("a.txt")
    assert [source.path for source in pending(state, survey(raw), "onu", Decisions())] == ["a.txt", "b.txt"]


def test_another_library_is_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import fingerprint

    raw = _fill(tmp_path / "raw", "a.txt")
    (found,) = survey(raw)
    before, made_with = fingerprint.document_key(found.source, "onu"), fingerprint.versions()
    assert {"pyarrow", "rensa", "ftfy"} <= made_with.keys()
    assert not {"prefect", "rich", "rapidocr"} & made_with.keys()
    told = fingerprint.version

    def upgraded(name: str) -> str:
        return "99" if name == "ftfy" else told(name)

    monkeypatch.setattr(fingerprint, "version", upgraded)
    for cached in (fingerprint._judges, fingerprint.versions):
        cached.cache_clear()
    try:
        assert fingerprint.document_key(found.source, "onu") != before
        assert fingerprint.versions()["ftfy"] == "99"
    finally:
        for cached in (fingerprint._judges, fingerprint.versions):
            cached.cache_clear()


def test_the_curators_decisions_are_no_part_of_the_dictionaries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import fingerprint

    monkeypatch.setattr(fingerprint, "_folder", lambda _package: tmp_path)
    (tmp_path / "words.txt").write_text("à\n", encoding="utf-8")
    before = fingerprint._sum("dictionaries")
    for name in ("decisions.jsonl", ".decisions.jsonl.lock", ".hidden"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert fingerprint._sum("dictionaries") == before
    (tmp_path / "words.txt").write_text("là\n", encoding="utf-8")
    assert fingerprint._sum("dictionaries") != before


def test_links_in_a_circle_are_turned_away(tmp_path: Path) -> None:
    raw = _fill(tmp_path / "raw", "a.txt")
    (raw / "self.txt").symlink_to("self.txt")
    (raw / "there.txt").symlink_to("back.txt")
    (raw / "back.txt").symlink_to("there.txt")
    (raw / "here").symlink_to(".")
    assert _codes(raw) == {
        "a.txt": "a",
        "back.txt": "unreadable",
        "here": "not-a-file",
        "self.txt": "unreadable",
        "there.txt": "unreadable",
    }


@pytest.mark.parametrize(("depth", "code"), [(1200, "unsafe-name"), (2100, "unreadable")])
def test_folders_deeper_than_python_calls_itself_and_than_a_path_may_be_long(
    tmp_path: Path, depth: int, code: str
) -> None:
    raw = _fill(tmp_path / "raw", "a.txt")
    handle = os.open(raw, os.O_RDONLY)
    try:
        for _ in range(depth):
            os.mkdir("d", dir_fd=handle)
            inner = os.open("d", os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = inner
        os.close(os.open("fond.txt", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
        found = survey(raw)
    finally:
        os.close(handle)
        subprocess.run(["rm", "-rf", raw / "d"], check=True)  # pytest cannot, later
    assert [entry.refusal.code for entry in found if entry.refusal] == [code]
    assert [entry.source.path for entry in found if not entry.refusal] == ["a.txt"]


def test_a_file_larger_than_any_document_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(2**42)
    (entry,) = survey(tmp_path)
    assert entry.refusal is not None
    assert (entry.refusal.code, entry.source.sha256) == ("file-too-large", "")


def test_why_a_file_cannot_be_read_is_said_in_french(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("gone.txt")
    (entry,) = survey(tmp_path)
    assert entry.refusal is not None
    assert "il n’est plus là" in entry.refusal.fr
    assert "No such file" in entry.refusal.en
