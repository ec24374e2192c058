"""`prote doctor`: every defect is planted once, named, and told how to mend; a sound house is left alone."""

from __future__ import annotations

import errno
import hashlib
import inspect
import json
import os
import shutil
import sqlite3
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PackageNotFoundError, PathDistribution, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from release_bags import data_of, files_of, resign
from release_documents import make_document, make_outcomes, publish
from test_cli_commands import call
from test_release_versions import make_first_format, put_version

from flows.decisions import JOURNAL
from flows.desk import CURATORS
from flows.doctor import clock, corpus, dictionaries, disk, leftovers, libraries, machine, programs, server
from flows.doctor.examine import CHECKS, examine
from flows.doctor.finding import Check, Finding, Health, House, bad, good
from flows.entries import Entry, pack
from flows.exits import ExitCode
from flows.lock import locked, temporary
from flows.schema import SCHEMA
from flows.state import FILE, FOLDER, State
from repair.decisions.journal import Journal
from repair.decisions.ruling import Ruling, Scope, Verdict, signed
from repair.document import Outcome, Status
from repair.language.manifest import MANIFEST, dictionaries_folder, read_manifest, sums, write_manifest
from review.curators import add_curator

Patch = pytest.MonkeyPatch
GOOD, NOTE, BAD = Health.GOOD, Health.NOTE, Health.BAD


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus that was processed and published, with a decision and a curator."""
    folder = tmp_path_factory.mktemp("sound") / "house"
    house = House(folder / "raw", folder / "clean", folder / "decisions.jsonl")
    house.raw.mkdir(parents=True)
    (house.raw / "rapport.txt").write_text("Un rapport.\n", encoding="utf-8")
    State(house.clean).save(
        Entry(Outcome(document.source, Status.PUBLISHED, (), document), "key", (), pack(document))
        for document in (make_document(f"rapport {number}") for number in range(40))
    )
    publish(make_outcomes(), house.clean, versions={"prote": "1"})
    ruling = Ruling(
        "", "Ana", "2026-11-22T08:00:00Z", Verdict.REJECT, Scope.EVERYWHERE, before="a", after="à"
    )
    Journal(house.decisions).append([signed(ruling)])
    add_curator(house.kept / CURATORS, "Ana")
    return folder


@pytest.fixture
def house(sound: Path, tmp_path: Path, monkeypatch: Patch) -> House:
    """A copy of it, to be damaged."""
    for name in ("SOURCE_DATE_EPOCH", "PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"):
        monkeypatch.delenv(name, raising=False)
    folder = shutil.copytree(sound, tmp_path / "house", symlinks=True)
    return House(folder / "raw", folder / "clean", folder / "decisions.jsonl")


def look(check: Check, house: House) -> list[Finding]:
    """Return what a check finds; what is no good says how to mend it, in a sentence."""
    found = list(check(house))
    for finding in found:
        assert finding.what
        assert finding.found
        assert bool(finding.mend) == (finding.how is not GOOD)
    return found


def one(check: Check, house: House) -> tuple[Health, str]:
    """Return how a check finds the one thing it looks at, and all that it says of it."""
    (finding,) = look(check, house)
    return finding.how, f"{finding.what}: {finding.found}. {finding.mend}"


def stamps(folder: Path) -> dict[Path, tuple[int, int, bytes]]:
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_size, path.read_bytes()) for path in files_of(folder)
    }


def test_a_sound_house_is_well_and_left_as_it_is(house: House) -> None:
    folder = house.clean.parent
    before = stamps(folder), sorted(folder.rglob("*"))
    found = examine(house)
    assert [finding for finding in found if finding.how is BAD] == []
    assert (stamps(folder), sorted(folder.rglob("*"))) == before
    names = [finding.what for finding in found]
    assert {"Tesseract", "dictionaries", "disk", "clock", "state", "release", "decisions", "Prefect"} <= set(
        names
    )
    assert len(names) == len(set(names))


def test_before_the_first_run_there_is_nothing_to_mend_and_nothing_is_made(
    tmp_path: Path, house: House
) -> None:
    fresh = House(house.raw, tmp_path / "none" / "clean", tmp_path / "none" / "decisions.jsonl")
    assert [finding for finding in examine(fresh) if finding.how is BAD] == []
    assert not (tmp_path / "none").exists()


def test_every_check_is_asked() -> None:
    rooms = (clock, corpus, dictionaries, disk, leftovers, libraries, machine, programs, server)
    told = {
        f"{room.__name__.rpartition('.')[2]}.{name}"
        for room in rooms
        for name, function in vars(room).items()
        if inspect.isfunction(function) and function.__module__ == room.__name__ and not name.startswith("_")
        if [parameter.strip("_") for parameter in inspect.signature(function).parameters] == ["house"]
    }
    assert told == set(CHECKS)
    assert len(CHECKS) == len(told)
    package = Path(inspect.getfile(examine)).parent
    assert {path.stem for path in package.glob("*.py")} == {
        room.__name__.rpartition(".")[2] for room in rooms
    } | {*("__init__", "command", "examine", "finding")}


def test_a_check_that_fails_is_a_finding_and_keeps_no_other_back(house: House, monkeypatch: Patch) -> None:
    def odd_thing(_house: House) -> Iterator[Finding]:
        yield good("first", "whole")
        raise RuntimeError("no\nsuch thing")

    def other(_house: House) -> list[Finding]:
        return [bad("second", "broken", "Mend it.")]

    odd = SimpleNamespace(odd_thing=odd_thing, other=other)
    monkeypatch.setitem(sys.modules, "flows.doctor.odd", odd)
    failed, missing, second = examine(house, ("odd.odd_thing", "gone.library", "odd.other"))
    assert (failed.what, failed.how, missing.how, second.what) == ("odd thing", BAD, BAD, "second")
    assert "RuntimeError: no such thing" in failed.found
    assert "No module named 'flows.doctor.gone'" in missing.found


# Libraries and programs.


def test_a_python_that_is_too_old(house: House, monkeypatch: Patch) -> None:
    assert one(libraries.python, house)[0] is GOOD
    monkeypatch.setattr("platform.python_version", lambda: "3.9.2")
    how, said = one(libraries.python, house)
    assert how is BAD
    assert "3.9.2" in said
    assert ">=3.11" in said


def test_a_library_that_prefect_breaks_with(house: House, monkeypatch: Patch) -> None:
    assert one(libraries.wanted, house)[0] is GOOD
    monkeypatch.setattr(libraries, "version", lambda name: "0.165.0" if name == "fastapi" else version(name))
    how, said = one(libraries.wanted, house)
    assert how is BAD
    assert said.startswith("fastapi: 0.165.0, and <0.151 is asked for")


def test_a_library_that_is_missing(house: House, monkeypatch: Patch) -> None:
    def there(name: str) -> str:
        if name == "lxml":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(libraries, "version", there)
    assert one(libraries.wanted, house)[1].startswith("lxml: not installed")
    assert one(libraries.locked, house)[0] is GOOD


def test_libraries_that_were_not_tested(house: House, monkeypatch: Patch, tmp_path: Path) -> None:
    assert one(libraries.locked, house)[0] is GOOD
    lock = tmp_path / "uv.lock"
    monkeypatch.setattr(libraries, "LOCK", lock)
    assert look(libraries.locked, house) == []
    lock.write_text(
        '[[package]]\nname = "click"\nversion = "1.0"\n[[package]]\nname = "prote"\n', encoding="utf-8"
    )
    how, said = one(libraries.locked, house)
    assert (how, f"click {version('click')}" in said) == (NOTE, True)


def test_tesseract_is_missing_or_has_no_french(house: House, monkeypatch: Patch, tmp_path: Path) -> None:
    how, said = one(programs.tesseract, house)
    assert how is GOOD
    assert " fra " in said
    with monkeypatch.context() as patch:
        patch.setenv("TESSDATA_PREFIX", str(tmp_path))
        how, said = one(programs.tesseract, house)
        assert (how, "tesseract-ocr-fra is missing" in said, "apt-get install" in said) == (BAD, True, True)
        patch.setenv("PATH", str(tmp_path))
        how, said = one(programs.tesseract, house)
        assert (how, "tesseract-ocr is missing" in said) == (BAD, True)
    monkeypatch.setattr(programs, "tesseract_name", lambda: "tesseract 4.0.0-beta.1 fra 12345678")
    assert one(programs.tesseract, house)[0] is BAD
    monkeypatch.setattr(programs, "tesseract_name", lambda: "tesseract v5.3.0.20221214 fra 12345678")
    assert one(programs.tesseract, house)[0] is GOOD


def test_rapidocr_is_missing_or_its_models_are_damaged(
    house: House, monkeypatch: Patch, tmp_path: Path
) -> None:
    assert one(programs.rapidocr, house)[0] is GOOD
    model = tmp_path / "rapidocr" / "models" / "rec.onnx"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"whole")
    told = urlsafe_b64encode(hashlib.sha256(b"whole").digest()).rstrip(b"=").decode()
    record = tmp_path / "rapidocr-1.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text(f"rapidocr/models/rec.onnx,sha256={told},5\n", encoding="utf-8")
    monkeypatch.setattr(programs, "files", lambda _name: PathDistribution(record.parent).files)
    assert one(programs.rapidocr, house)[0] is GOOD
    model.write_bytes(b"wholly other")
    how, said = one(programs.rapidocr, house)
    assert (how, "rec.onnx" in said) == (BAD, True)
    model.unlink()
    assert one(programs.rapidocr, house)[0] is BAD
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    model.write_bytes(b"whole")
    assert "without onnxruntime" in one(programs.rapidocr, house)[1]
    monkeypatch.setattr(programs, "rapidocr_name", lambda: None)
    assert one(programs.rapidocr, house)[0] is NOTE


def test_ocrmypdf_is_missing_and_ghostscript_need_not_be_there(
    house: House, monkeypatch: Patch, tmp_path: Path
) -> None:
    assert one(programs.ocrmypdf, house)[0] is GOOD

    def gone(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(programs, "version", gone)
    assert one(programs.ocrmypdf, house)[0] is BAD
    monkeypatch.setenv("PATH", str(tmp_path))
    assert one(programs.ghostscript, house) == (GOOD, "Ghostscript: not installed, and not needed. ")


# Dictionaries.


def test_the_manifest_has_the_sums_of_the_dictionaries() -> None:
    folder = dictionaries_folder()
    told = read_manifest(folder)
    assert sums(folder) == told, "a dictionary changed: make manifest"
    assert {"index/words.marisa", "acceptance.json", "stamps.toml", "genres/lettre.toml"} <= told.keys()
    built = json.loads((folder / "index" / "index.json").read_text(encoding="utf-8"))["sha256"]
    assert {f"index/{name}": told[f"index/{name}"] for name in built} == {
        f"index/{name}": digest for name, digest in built.items()
    }


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: Patch) -> Path:
    folder = tmp_path / "dictionaries"
    for path in ("index/words.bin", "acceptance.json", "stamps.toml", "genres/lettre.toml", "SOURCES.md"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{path}\n", encoding="utf-8")
    write_manifest(folder)
    (folder / "decisions.jsonl").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(dictionaries, "dictionaries_folder", lambda: folder)
    return folder


@pytest.mark.parametrize(
    ("path", "content", "how", "said"),
    [
        ("SOURCES.md", "other", GOOD, "4 files"),
        ("index/words.bin", None, BAD, "missing: index/words.bin"),
        ("index/words.bin", "other", BAD, "damaged: index/words.bin"),
        ("acceptance.json", "other", BAD, "damaged: acceptance.json"),
        ("genres/lettre.toml", None, BAD, "missing: genres/lettre.toml"),
        ("genres/lettre.toml", "other", NOTE, "changed or added here: genres/lettre.toml"),
        ("genres/avis.toml", "new", NOTE, "changed or added here: genres/avis.toml"),
        (MANIFEST, None, BAD, f"{MANIFEST} cannot be read"),
        (MANIFEST, "nothing of the kind", BAD, f"{MANIFEST} cannot be read"),
    ],
)
def test_dictionaries_that_are_not_as_shipped(
    house: House, shelf: Path, path: str, content: str | None, how: Health, said: str
) -> None:
    assert one(dictionaries.shipped, house)[0] is GOOD
    if content is None:
        (shelf / path).unlink()
    else:
        (shelf / path).write_text(content, encoding="utf-8")
    found, told = one(dictionaries.shipped, house)
    assert (found, said in told) == (how, True), told


def test_genres_and_profiles_that_cannot_be_read(house: House, monkeypatch: Patch, tmp_path: Path) -> None:
    from repair.structure.genre import load_genres
    from repair.typography.profiles import load_profile

    assert one(dictionaries.readable, house)[0] is GOOD
    for folder, name in (("genres", "avis"), ("profiles", "maison")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.toml").write_text("title = 1\n", encoding="utf-8")
    monkeypatch.setattr("repair.structure.genre.files", lambda _package: tmp_path)
    monkeypatch.setattr("repair.typography.profiles.files", lambda _package: tmp_path)
    load_genres.cache_clear()
    try:
        genre, profile = look(dictionaries.readable, house)
    finally:
        load_genres.cache_clear()
        load_profile.cache_clear()
    assert (genre.how, "genre avis" in genre.found, profile.how, "maison" in profile.found) == (
        BAD,
        True,
        BAD,
        True,
    )


# The machine.


def test_fewer_cores_than_there_are(house: House, monkeypatch: Patch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1}, raising=False)
    assert one(machine.cores, house)[0] is NOTE
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)), raising=False)
    assert one(machine.cores, house)[0] is GOOD


@pytest.mark.parametrize(
    ("free", "limit", "how"),
    [
        (50_000_000_000, None, GOOD),
        (2_000_000_000, None, NOTE),
        (100_000_000, None, BAD),
        (50_000_000_000, 500_000_000, BAD),
        (50_000_000_000, 2_000_000_000, NOTE),
    ],
)
def test_little_memory(house: House, monkeypatch: Patch, free: int, limit: int | None, how: Health) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(machine, "_meminfo", lambda: {"MemAvailable": free})
    given = {"memory.max": limit, "memory.current": None if limit is None else 0}
    monkeypatch.setattr(machine, "_number", lambda path: given[path.name])
    assert one(machine.memory, house)[0] is how
    monkeypatch.setattr(machine, "_meminfo", dict)
    given["memory.max"] = None
    assert look(machine.memory, house) == []  # nobody tells


@pytest.mark.parametrize(
    ("check", "limit", "how"),
    [
        (machine.open_files, 100, BAD),
        (machine.open_files, 512, NOTE),
        (machine.open_files, 4096, GOOD),
        (machine.open_files, -1, GOOD),
        (machine.address_space, 10_000_000, BAD),
        (machine.address_space, 20_000_000_000, NOTE),
        (machine.address_space, -1, GOOD),
    ],
)
def test_limits_of_the_system(
    house: House, monkeypatch: Patch, check: Check, limit: int, how: Health
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _which: (limit, 1 << 40))
    found, said = one(check, house)
    assert (found, how is GOOD or "ulimit" in said) == (how, True)


@pytest.mark.parametrize("check", [disk.output_folder, disk.temporary_folder])
@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_folder_that_cannot_be_written_to(
    house: House, monkeypatch: Patch, check: Check, code: int
) -> None:
    def refuse(path: Any, _flags: int, _mode: int = 0) -> int:
        raise OSError(code, os.strerror(code), str(path))

    assert one(check, house)[0] is GOOD
    monkeypatch.setattr(os, "open", refuse)
    how, said = one(check, house)
    assert (how, os.strerror(code) in said) == (BAD, True)


def test_a_file_system_without_nameless_files_is_asked(house: House, monkeypatch: Patch) -> None:
    def refuse(path: Any, _flags: int, _mode: int = 0) -> int:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), str(path))

    monkeypatch.setattr(os, "open", refuse)
    assert one(disk.output_folder, house)[0] is GOOD
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert one(disk.output_folder, house)[0] is BAD


def test_a_file_where_the_output_folder_should_be(house: House) -> None:
    assert one(disk.output_folder, House(house.raw, house.decisions, house.decisions))[0] is BAD


@pytest.mark.parametrize(("free", "how"), [(1_000, BAD), (300_000_000, NOTE), (50_000_000_000, GOOD)])
def test_little_room_on_the_disk(house: House, monkeypatch: Patch, free: int, how: Health) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free))
    first, *temporary_space = look(disk.space, house)
    assert first.how is how
    assert "release" in first.found
    assert [finding.how for finding in temporary_space] == ([BAD] if free < 10_000 else [])


# The clock.


@pytest.mark.parametrize(
    ("when", "how"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), BAD),
        (datetime(2026, 1, 5, tzinfo=UTC), BAD),  # before the release
        (datetime(2120, 1, 1, tzinfo=UTC), BAD),
        (datetime(2098, 1, 1, tzinfo=UTC), GOOD),
    ],
)
def test_a_clock_that_goes_wrong(house: House, monkeypatch: Patch, when: datetime, how: Health) -> None:
    assert one(clock.time, house)[0] is GOOD
    monkeypatch.setattr(clock, "now", lambda: when)
    assert one(clock.time, house)[0] is how


def test_a_raw_file_of_tomorrow(house: House) -> None:
    os.utime(house.raw / "rapport.txt", (4e9, 4e9))
    assert one(clock.time, house)[0] is NOTE


@pytest.mark.parametrize(
    ("said", "how"), [("soon", BAD), ("99999999999999999", BAD), ("4000000000", NOTE), ("1700000000", GOOD)]
)
def test_a_day_of_releases_that_cannot_be(house: House, monkeypatch: Patch, said: str, how: Health) -> None:
    assert look(clock.day_of_releases, house) == []
    monkeypatch.setenv("SOURCE_DATE_EPOCH", said)
    assert one(clock.day_of_releases, house)[0] is how


# The corpus.


def test_folders_that_a_run_cannot_work_with(house: House) -> None:
    assert one(corpus.documents, house)[0] is GOOD
    assert one(corpus.documents, House(house.raw / "none", house.clean, house.decisions))[0] is BAD
    assert one(corpus.documents, House(house.raw, house.raw / "clean", house.decisions))[0] is BAD


def state_file(house: House) -> Path:
    return house.clean / FOLDER / FILE


def no_database(house: House) -> None:
    state_file(house).write_bytes(b"not a database" * 100)


def lost_pages(house: House) -> None:
    with closing(sqlite3.connect(state_file(house))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with state_file(house).open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)


def of_schema(number: int) -> Callable[[House], None]:
    def change(house: House) -> None:
        with closing(sqlite3.connect(state_file(house))) as connection:
            connection.execute(f"PRAGMA user_version = {number}")

    return change


@pytest.mark.parametrize(
    ("damage", "how", "said"),
    [
        (no_database, BAD, "not a database"),
        (lost_pages, BAD, "state"),
        (of_schema(99), BAD, "later prote"),
        (of_schema(SCHEMA - 1), NOTE, "earlier prote"),
    ],
)
def test_a_state_that_a_run_cannot_use_as_it_is(
    house: House, damage: Callable[[House], None], how: Health, said: str
) -> None:
    assert one(corpus.state, house)[0] is GOOD
    damage(house)
    found, told = one(corpus.state, house)
    assert (found, said in told) == (how, True), told


def another_tag(house: House) -> None:
    with (house.clean / "current").resolve().parent.joinpath("tagmanifest-sha256.txt").open("a") as file:
        file.write("\n")


def another_sum(house: House) -> None:
    with (house.clean / "current").resolve().parent.joinpath("manifest-sha256.txt").open("a") as file:
        file.write("\n")


def lost_file(house: House) -> None:
    (data_of(house.clean) / "text" / "rapport.txt").unlink()


def lost_release(house: House) -> None:
    data_of(house.clean).parent.rename(house.clean / "moved")


def no_link(house: House) -> None:
    (house.clean / "current").unlink()
    (house.clean / "current").mkdir()


def later_release(house: House) -> None:
    put_version(house.clean, "9.0")
    resign(house.clean)


def first_release(house: House) -> None:
    (house.clean / "current").unlink()
    make_first_format(house.clean, "2.1")


@pytest.mark.parametrize(
    ("damage", "how", "said"),
    [
        (another_tag, BAD, "another name than its tag manifest gives"),
        (another_sum, BAD, "manifest-sha256.txt"),
        (lost_file, BAD, "1 files lack, text/rapport.txt first"),
        (lost_release, BAD, "leads to none"),
        (no_link, BAD, "leads to none"),
        (later_release, BAD, "format 9.0"),
        (first_release, NOTE, "earlier prote"),
    ],
)
def test_a_release_that_readers_cannot_trust(
    house: House, damage: Callable[[House], None], how: Health, said: str
) -> None:
    assert one(corpus.release, house)[0] is GOOD
    damage(house)
    found, told = one(corpus.release, house)
    assert (found, said in told) == (how, True), told


def test_a_release_that_waits_aside(house: House) -> None:
    assert look(corpus.aside, house) == []
    (house.clean / "aside" / ("0" * 64)).mkdir(parents=True)
    assert one(corpus.aside, house) == (
        NOTE,
        f"release aside: {'0' * 12}. "
        f"Mend what the page of the morning says and run again, or prote accept {'0' * 12}.",
    )


@pytest.mark.parametrize(
    ("added", "how", "said"),
    [
        ("", GOOD, "1 in"),
        ('{"id": "x"}\n', BAD, "line 2"),
        ('{"id": "cut sho', NOTE, "the last line has no end"),
    ],
)
def test_a_journal_with_a_damaged_line(house: House, added: str, how: Health, said: str) -> None:
    with house.decisions.open("a", encoding="utf-8") as file:
        file.write(added)
    found, told = one(corpus.journal, house)
    assert (found, said in told) == (how, True), told


def test_a_journal_that_is_a_folder(house: House) -> None:
    assert one(corpus.journal, House(house.raw, house.clean, house.raw))[0] is BAD


def test_curators_that_cannot_be_read_or_by_too_many(house: House) -> None:
    path = house.kept / CURATORS
    assert one(corpus.curators, house) == (GOOD, "curators: 1. ")
    path.chmod(0o644)
    assert one(corpus.curators, house)[0] is NOTE
    path.write_text("[[curator]\n", encoding="utf-8")
    assert one(corpus.curators, house)[0] is BAD


# What was left behind.


def test_a_run_that_is_at_work_is_named_and_its_folders_are_its_own(house: House) -> None:
    assert one(leftovers.lock, house)[0] is GOOD
    with locked(house.clean), temporary(house.clean):
        how, said = one(leftovers.lock, house)
        assert (how, f"process {os.getpid()} " in said) == (NOTE, True)
        assert one(leftovers.folders, house)[0] is GOOD
    assert one(leftovers.lock, house)[0] is GOOD


@pytest.mark.parametrize("path", ["runs/x", "releases/.partial-abc", "changes/.partial-0002-abc.json"])
def test_what_a_killed_run_left(house: House, path: str) -> None:
    assert one(leftovers.folders, house)[0] is GOOD
    path = path.replace("runs", (house.kept / "tmp").relative_to(house.clean).as_posix())
    (house.clean / path).mkdir(parents=True)
    how, said = one(leftovers.folders, house)
    assert (how, path in said) == (NOTE, True)


def test_temporary_folders_that_nobody_uses_any_more(
    house: House, monkeypatch: Patch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    (tmp_path / "prote-new").mkdir()
    (tmp_path / "prote-old").mkdir()
    os.utime(tmp_path / "prote-old", (1e9, 1e9))
    how, said = one(leftovers.folders, house)
    assert (how, "prote-old" in said, "prote-new" in said) == (NOTE, True, False)


# Prefect's server.


@pytest.fixture
def answers() -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """A server that answers as it is told; its address, what it was shown, and what it answers."""
    seen: list[str] = []
    told: dict[str, Any] = {"code": 200, "body": json.dumps(version("prefect"))}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization", ""))
            self.send_response(told["code"])
            self.end_headers()
            self.wfile.write(told["body"].encode())

        def log_message(self, *_told: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listener.server_port}/api", seen, told
        listener.shutdown()
        thread.join()


def test_a_server_of_prefect_that_answers(
    house: House, monkeypatch: Patch, answers: tuple[str, list[str], dict[str, Any]]
) -> None:
    address, seen, told = answers
    monkeypatch.setenv("PREFECT_API_URL", f"http://ana:geheim@{address}")
    how, said = one(server.prefect, house)
    assert (how, "geheim" in said, address in said) == (GOOD, False, True)
    monkeypatch.setenv("PREFECT_API_URL", f"http://{address}")
    monkeypatch.setenv("PREFECT_API_KEY", "geheimnis")
    assert one(server.prefect, house)[0] is GOOD
    assert [header.split()[0] for header in seen] == ["Basic", "Bearer"]
    told["body"] = '"3.0.0"'
    how, said = one(server.prefect, house)
    assert (how, "3.0.0" in said) == (NOTE, True)
    told["code"] = 401
    how, said = one(server.prefect, house)
    assert (how, "answers 401" in said, "geheimnis" in said) == (BAD, True, False)
    told |= {"code": 200, "body": "<html>"}
    assert one(server.prefect, house)[0] is BAD


@pytest.mark.parametrize(
    "url", ["http://ana:geheim@127.0.0.1:9/api", "prefect.example.org/api", "", "http://[::1"]
)
def test_a_server_of_prefect_that_does_not_answer(house: House, monkeypatch: Patch, url: str) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    how, said = one(server.prefect, house)
    assert (how, "unset it" in said, "geheim" in said) == (BAD, True, False)


# The command.


def test_the_command_prints_a_row_a_thing_and_its_code_tells(
    house: House, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ("--raw", house.raw, "--clean", house.clean, "--decisions", house.decisions)
    assert call(monkeypatch, "doctor", *folders) == ExitCode.DONE
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {len(row) for row in rows} == {4}
    assert {row[1] for row in rows} <= {"good", "note"}

    assert call(monkeypatch, "doctor", *folders, "--json") == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    assert [finding["what"] for finding in told] == [row[0] for row in rows]
    assert told[0].keys() == {"what", "how", "found", "mend"}

    no_database(house)
    assert call(monkeypatch, "doctor", *folders, "--json") == ExitCode.NOT_WELL
    said = capsys.readouterr()
    (wrong,) = (finding for finding in json.loads(said.out) if finding["how"] == "bad")
    assert wrong["what"] == "state"
    assert said.err.startswith("prote: 1 of ")


def test_the_journal_of_a_call_without_options_is_that_of_a_run() -> None:
    from flows.doctor.command import doctor

    (option,) = (option for option in doctor.params if option.name == "decisions")
    assert option.default == JOURNAL
