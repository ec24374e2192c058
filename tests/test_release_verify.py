"""Whatever happens to a release, `verify` names it, and nothing in one makes it stumble."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_documents import drawn_documents, make_outcome, make_outcomes, publish

from release import verify as module
from release.ledger import read_text
from release.verify import Fault, NoRelease, Verification, verify
from repair.document import Document

Paths = list[str]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clean = tmp_path_factory.mktemp("clean")
    publish(make_outcomes(), clean, versions={"prote": "0.1.0"})
    return clean


@pytest.fixture
def clean(sound: Path, tmp_path: Path) -> Path:
    """A copy of a small sound release, to be damaged."""
    copy = tmp_path / "clean"
    shutil.copytree(sound, copy, symlinks=True)
    for path in copy.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o644)
    return copy


def data_of(clean: Path) -> Path:
    return (clean / "current").resolve()


def resign(clean: Path, change: Callable[[dict[str, object]], object] | None = None) -> None:
    """Make manifest and ID agree with the files again, as a careful forger would."""
    data = data_of(clean)
    manifest = json.loads((data / "manifest.json").read_bytes())
    manifest["files"] = [
        {
            "path": str(path.relative_to(data)),
            "bytes": path.stat().st_size,
            "sha256": digest(path.read_bytes()),
        }
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    ]
    if change:
        change(manifest)
    put_manifest(clean, json.dumps(manifest).encode())


def put_manifest(clean: Path, content: bytes) -> None:
    data = data_of(clean)
    (data / "manifest.json").write_bytes(content)
    renamed = clean / "releases" / digest(content)[:16]
    data.parent.rename(renamed)
    (clean / "current").unlink()
    (clean / "current").symlink_to(Path("releases", renamed.name, "data"))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_sound_release_has_no_fault(sound: Path) -> None:
    found = verify(sound)
    assert found.faults == ()
    assert found.release == data_of(sound).parent.name
    assert found.files == sum(path.is_file() for path in data_of(sound).rglob("*")) - 1
    assert found.edits == 9 + 2 + 4  # of the three documents that have text


def test_a_release_is_found_by_any_of_its_folders(sound: Path) -> None:
    for path in (sound, sound / "current", data_of(sound), data_of(sound).parent):
        assert verify(path) == verify(sound)


@pytest.mark.parametrize("kind", ["nothing", "empty", "releases only", "file"])
def test_where_there_is_no_release(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "clean"
    if kind == "file":
        path.touch()
    elif kind != "nothing":
        (path / "releases" / "0123456789abcdef" if kind == "releases only" else path).mkdir(parents=True)
    with pytest.raises(NoRelease):
        verify(path)


# Accidents: each returns the paths of which at least one must be named.


def flip(data: Path, file: Path, chance: random.Random) -> Paths:
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)
    return [str(file.relative_to(data))]


def drop(data: Path, file: Path, chance: random.Random) -> Paths:
    file.unlink()
    return [str(file.relative_to(data))]


def cut(data: Path, file: Path, chance: random.Random) -> Paths:
    content = file.read_bytes()
    file.write_bytes(content[: chance.randrange(len(content))])
    return [str(file.relative_to(data))]


def lengthen(data: Path, file: Path, chance: random.Random) -> Paths:
    file.write_bytes(file.read_bytes() + chance.choice([b"\n", b" ", b"\0", b"{}\n"]))
    return [str(file.relative_to(data))]


def add(data: Path, file: Path, chance: random.Random) -> Paths:
    new = file.with_name(chance.choice([".hidden", "autre.txt", file.name + "~", "manifest.json.bak"]))
    new.write_bytes(chance.choice([b"", file.read_bytes()]))
    return [str(new.relative_to(data))]


def add_folder(data: Path, file: Path, chance: random.Random) -> Paths:
    (file.parent / "dossier").mkdir()
    return [str((file.parent / "dossier").relative_to(data))]


def rename(data: Path, file: Path, chance: random.Random) -> Paths:
    file.rename(file.with_name("renommé"))
    return [str(file.relative_to(data))]


def link(data: Path, file: Path, chance: random.Random) -> Paths:
    """Put a link to the very same bytes."""
    twin = data.parent.parent.parent / "twin"
    file.rename(twin)
    file.symlink_to(twin)
    return [str(file.relative_to(data))]


def pipe(data: Path, file: Path, chance: random.Random) -> Paths:
    """Put a named pipe, which blocks who opens it."""
    file.unlink()
    os.mkfifo(file)
    return [str(file.relative_to(data))]


def folder(data: Path, file: Path, chance: random.Random) -> Paths:
    file.unlink()
    file.mkdir()
    return [str(file.relative_to(data))]


def exchange(data: Path, file: Path, chance: random.Random) -> Paths:
    """Exchange two files."""
    others = [path for path in files_of(data) if path.read_bytes() != file.read_bytes()]
    other = chance.choice(others)
    here, there = file.read_bytes(), other.read_bytes()
    file.write_bytes(there)
    other.write_bytes(here)
    return [str(file.relative_to(data)), str(other.relative_to(data))]


def edit_row(data: Path, file: Path, chance: random.Random) -> Paths:
    """Change one value of one row of a table, keeping it a table."""
    table = data / chance.choice(["edits.jsonl", "documents.jsonl"])
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    row = chance.choice(rows)
    key = chance.choice(sorted(row))
    row[key] = {"str": "autre", "int": 12345, "float": 0.123}.get(type(row[key]).__name__)
    table.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return [table.name]


ACCIDENTS = [
    flip,
    flip,
    flip,
    drop,
    cut,
    lengthen,
    add,
    add_folder,
    rename,
    link,
    pipe,
    folder,
    exchange,
    edit_row,
]


def files_of(data: Path) -> list[Path]:
    return sorted(path for path in data.rglob("*") if path.is_file())


@pytest.mark.parametrize("seed", range(200))
def test_any_accident_is_named(clean: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    data = data_of(clean)
    accident = ACCIDENTS[seed % len(ACCIDENTS)]
    expected = accident(data, chance.choice(files_of(data)), chance)
    assert set(expected) & {fault.path for fault in verify(clean).faults}, accident.__name__


# Forgeries: manifest and ID agree, only the meaning is wrong.


def replace_in(path: str, before: str, after: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        content = read_text(data / path)
        assert before in content
        (data / path).write_bytes(content.replace(before, after, 1).encode())

    return change


def drop_row(table: str, word: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        lines = (data / table).read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if word.encode() not in line]
        assert len(kept) < len(lines)
        (data / table).write_bytes(b"".join(kept))

    return change


def double_row(table: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        lines = (data / table).read_bytes().splitlines(keepends=True)
        (data / table).write_bytes(b"".join([lines[0], *lines]))

    return change


def change_json(path: str, **fields: object) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        (data / path).write_text(json.dumps(json.loads((data / path).read_bytes()) | fields))

    return change


def note_called(start: int, block: int, offset: int) -> dict[str, object]:
    return NOTE | {"calls": [{"start": start, "block": block, "offset": offset}]}


JSON_FILE = "json/rapport.json"
NOTE: dict[str, object] = {"mark": "1", "text": "", "calls": []}
BEYOND = '"rest": [{"start": 100, "end": 9999}]'

FORGERIES: dict[str, tuple[Callable[[Path], object], str]] = {
    "reading": (replace_in("reading/rapport.txt", "Etats", "Etals"), "diplomatic/rapport.txt"),
    "place of an edit": (replace_in("reading/rapport.txt", "étre", "être"), "edits.jsonl"),
    "diplomatic": (replace_in("diplomatic/rapport.txt", "être", "étre"), "diplomatic/rapport.txt"),
    "text": (replace_in("text/rapport.txt", "être", "étre"), "text/rapport.txt"),
    "line end": (replace_in("reading/rapport.txt", "\r\n\r\n", "\n\r\n"), "diplomatic/rapport.txt"),
    "not UTF-8": (lambda data: (data / "text/rapport.txt").write_bytes(b"\xff"), "text/rapport.txt"),
    "an edit": (replace_in("edits.jsonl", '"after":"être"', '"after":"êtes"'), "diplomatic/rapport.txt"),
    "an edit's row gone": (drop_row("edits.jsonl", '"after":"être"'), "documents.jsonl"),
    "all edits gone": (drop_row("edits.jsonl", '"rapport"'), "documents.jsonl"),
    "an edit twice": (double_row("edits.jsonl"), "edits.jsonl"),
    "edit of nobody": (replace_in("edits.jsonl", '"document":"rapport"', '"document":"zzz"'), "edits.jsonl"),
    "negative place": (replace_in("edits.jsonl", '"start":8', '"start":-8'), "edits.jsonl"),
    "not a row": (replace_in("edits.jsonl", "{", "["), "edits.jsonl"),
    "deep row": (lambda data: (data / "edits.jsonl").write_bytes(b"[" * 100_000), "edits.jsonl"),
    "status": (replace_in("documents.jsonl", '"review","', '"published","'), "json/Éàü notes.json"),
    "quarantine": (replace_in("documents.jsonl", '"review","', '"quarantine","'), "text/Éàü notes.txt"),
    "document gone": (drop_row("documents.jsonl", '"rapport"'), "text/rapport.txt"),
    "document twice": (double_row("documents.jsonl"), "documents.jsonl"),
    "unknown field": (replace_in("documents.jsonl", '"words"', '"mots"'), "documents.jsonl"),
    "JSON": (replace_in("json/rapport.json", "rapport", "autre"), "json/rapport.json"),
    "text of a block": (replace_in(JSON_FILE, "équitable", "étrange"), JSON_FILE),
    "words of a block": (replace_in(JSON_FILE, "doit être\\r", "doit étre\\r"), JSON_FILE),
    "place of a block": (replace_in(JSON_FILE, '"start": 0', '"start": 1'), JSON_FILE),
    "block beyond the text": (replace_in(JSON_FILE, '"rest": []', BEYOND), JSON_FILE),
    "kind of a block": (replace_in(JSON_FILE, '"paragraph"', '"titre"'), JSON_FILE),
    "blocks gone": (change_json(JSON_FILE, blocks=[]), JSON_FILE),
    "text of a note": (change_json(JSON_FILE, notes=[NOTE | {"text": "Une."}]), JSON_FILE),
    "place of a call": (change_json(JSON_FILE, notes=[note_called(9**9, 0, 3)]), JSON_FILE),
    "block of a call": (change_json(JSON_FILE, notes=[note_called(4, 1, 4)]), JSON_FILE),
    "call within a block": (change_json(JSON_FILE, notes=[note_called(4, 0, 5)]), JSON_FILE),
    "not JSON": (lambda data: (data / "json/rapport.json").write_bytes(b"{"), "json/rapport.json"),
    "file gone": (lambda data: (data / "text/rapport.txt").unlink(), "text/rapport.txt"),
    "page gone": (lambda data: (data / "report/documents/vide.html").unlink(), "report/documents/vide.html"),
    "file of nobody": (lambda data: (data / "text/autre.txt").write_text("x"), "text/autre.txt"),
    "name that climbs": (replace_in("documents.jsonl", '"vide"', '"../../x"'), "documents.jsonl"),
}  # fmt: skip


@pytest.mark.parametrize(("forge", "named"), FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_is_named(clean: Path, forge: Callable[[Path], object], named: str) -> None:
    forge(data_of(clean))
    resign(clean)
    assert named in {fault.path for fault in verify(clean).faults}


def test_a_call_that_stands_where_it_says_is_no_forgery(clean: Path) -> None:
    change_json("json/rapport.json", notes=[note_called(4, 0, 4)])(data_of(clean))
    resign(clean)
    assert verify(clean).faults == ()


def test_resigning_alone_is_no_fault(clean: Path) -> None:
    resign(clean)
    assert verify(clean).faults == ()


ENTRY = {"bytes": 0, "sha256": digest(b"")}
MANIFESTS: dict[str, Callable[[dict[str, object]], object]] = {
    path: lambda manifest, path=path: manifest["files"].append({"path": path, **ENTRY})
    for path in (
        "../../../outside",
        "/etc/hostname",
        "text/../../x",
        "a//b",
        "",
        "./x",
        "a\0b",
        "manifest.json",
        "..",
    )
} | {
    "twice": lambda manifest: manifest["files"].append(manifest["files"][0]),
    "counts": lambda manifest: manifest["documents"].update(published=7),
    "negative": lambda manifest: manifest["files"][0].update(bytes=-1),
    "type": lambda manifest: manifest.update(files={}),
    "missing": lambda manifest: manifest.pop("versions"),
    "unknown": lambda manifest: manifest.update(extra=1),
    "sum": lambda manifest: manifest["files"][0].update(sha256="x"),
    "schema": lambda manifest: manifest.update(schema="other"),
    "version": lambda manifest: manifest.update(version="1.0"),
}


@pytest.mark.parametrize("change", MANIFESTS.values(), ids=[ascii(name) for name in MANIFESTS])
def test_a_wrong_manifest_is_a_fault(clean: Path, change: Callable[[dict[str, object]], object]) -> None:
    (clean / "outside").touch()
    resign(clean, change)
    assert {fault.path for fault in verify(clean).faults} & {"manifest.json", "documents.jsonl"}


CONTENTS = {
    "empty": b"",
    "text": b"bonjour",
    "not UTF-8": b'{"schema": "\xff"}',
    "number": b"1" * 5_000,
    "list": b"[]",
    "null": b"null",
    "deep": b"[" * 200_000,
    "deep inside": b'{"versions": ' + b'{"a":' * 100_000,
    "cut": b'{"schema": "prote-release", "files": [',
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_damaged_manifest_is_a_fault(clean: Path, content: bytes) -> None:
    put_manifest(clean, content)
    assert [fault.path for fault in verify(clean).faults] == ["manifest.json"]


def test_a_huge_manifest_is_not_read(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_MANIFEST", 100)
    assert "are not read" in verify(clean).faults[0].sentence


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["path", "x"]), inner),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["schema", "version", "versions", "documents", "files"], JSON)
    )
)
def test_any_json_for_a_manifest_is_a_fault(clean: Path, manifest: dict[str, object]) -> None:
    put_manifest(clean, msgspec.json.encode(manifest))
    assert "manifest.json" in {fault.path for fault in verify(clean).faults}


LINKS = [
    "/etc",
    "releases/../../elsewhere",
    "elsewhere",
    "releases/0123456789abcdef/data",
    "releases",
    "current",
]


@pytest.mark.parametrize("target", LINKS)
def test_a_link_that_leads_elsewhere_is_a_fault(clean: Path, target: str) -> None:
    (clean / "current").unlink()
    (clean / "current").symlink_to(target)
    assert verify(clean).faults


def test_an_absolute_link_is_a_fault(clean: Path) -> None:
    """It would break where the folder is moved or mounted."""
    data = data_of(clean)
    (clean / "current").unlink()
    (clean / "current").symlink_to(data)
    assert [fault.path for fault in verify(clean).faults] == ["current"]


@pytest.mark.parametrize("level", ["data", "release"])
def test_a_folder_that_is_a_link_is_a_fault(clean: Path, level: str) -> None:
    data = data_of(clean)
    real = data if level == "data" else data.parent
    real.rename(clean / "real")
    real.symlink_to(clean / "real")
    assert verify(clean).faults


def test_a_copy_in_the_place_of_the_link_is_a_fault(clean: Path) -> None:
    data = data_of(clean)
    (clean / "current").unlink()
    shutil.copytree(data, clean / "current")
    assert verify(clean).faults == (Fault("current", "is no link to a release in releases/"),)


def test_what_stands_beside_data_is_a_fault(clean: Path) -> None:
    (data_of(clean).parent / "notes.txt").touch()
    assert [fault.path for fault in verify(clean).faults] == ["notes.txt"]


def test_a_missing_manifest_is_a_fault(clean: Path) -> None:
    data = data_of(clean)
    (data / "manifest.json").unlink()
    for path in (clean, data, data.parent):
        found = verify(path)
        assert isinstance(found, Verification)
        assert [fault.path for fault in found.faults] == ["manifest.json"]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_documents())
def test_any_document_published_is_sound(tmp_path: Path, document: Document) -> None:
    publish([make_outcome(document)], tmp_path, versions={})
    found = verify(tmp_path)
    assert found.faults == ()
    assert found.edits == len(document.edits)


def test_the_readme_checks_a_release_without_us(clean: Path) -> None:
    readme = (Path(__file__).parents[1] / "clean" / "README.md").read_text()
    script = readme.split("```sh\n")[1].split("```")[0]
    command = ["bash", "-euo", "pipefail", "-c", script]

    found = subprocess.run(command, cwd=clean.parent, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(data_of(clean).parent.name)
    (data_of(clean) / "text/rapport.txt").write_text("x")
    found = subprocess.run(command, cwd=clean.parent, capture_output=True, text=True, check=False)
    assert found.returncode != 0
    assert "text/rapport.txt" in found.stdout
    python = readme.split("```python\n")[1].split("```")[0]
    code = f"import os; os.chdir({str(clean.parent)!r})\n{python}\nprint(sorted(texts))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['index', 'rapport']"
