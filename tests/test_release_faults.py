"""A thousand random faults of a release, a thousand found and named.

A run draws some; ``PROTE_FAULTS=1000`` draws so many. Each is put into the release where it lies and taken
out again, so that the next one meets a sound release.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from release_bags import (
    altered,
    data_of,
    digest,
    files_of,
    put_lines,
    put_parquet,
    read_lines,
    resign,
    writable_copy,
)
from release_documents import REPAIRS, make_document, make_outcome, make_outcomes, publish

from release import tables
from release.columns import TABLES, Table, columns
from release.verify import verify

FAULTS = int(os.environ.get("PROTE_FAULTS", "150"))
SEED = 6


@dataclass
class Patient:
    """A release that is damaged and healed in place.

    Attributes:
        clean: the output folder.
        id: of the sound release.
        files: its bytes, by path below the release's folder.
        tables: the files of each table that have rows, without suffix.
    """

    clean: Path
    id: str
    files: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return data_of(self.clean).parent

    def heal(self) -> None:
        """Put everything back as it was."""
        folder = self.folder
        for path in files_of(folder):
            if str(path.relative_to(folder)) not in self.files:
                path.unlink()
        for name, content in self.files.items():
            path = folder / name
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
        if folder.name != self.id:
            folder.rename(self.clean / "releases" / self.id)
            (self.clean / "current").unlink()
            (self.clean / "current").symlink_to(Path("releases", self.id, "data"))


@pytest.fixture(scope="module", params=["one part", "parts"])
def patient(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Patient:
    folder = tmp_path_factory.mktemp("faults")
    more = [make_outcome(make_document(f"acte {n}", repairs=REPAIRS[n % 4 :])) for n in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "parts":
            patch.setattr(tables, "WHOLE", 3)
            patch.setattr(tables, "PART", 2)
        sound = publish([*make_outcomes(), *more], folder / "sound", versions={"prote": "0.1.0"})
    made = Patient(writable_copy(folder / "sound", folder / "clean"), sound.id)
    made.files = {str(path.relative_to(made.folder)): path.read_bytes() for path in files_of(made.folder)}
    for table in TABLES:
        for path in sorted((made.folder / "data").glob(f"{table.name}*.jsonl")):
            if path.stat().st_size:
                made.tables[path.stem] = table
    assert (len(made.tables) > len(TABLES)) is (request.param == "parts")
    assert verify(made.clean).faults == ()
    return made


# Each fault returns what it did, and the names of which at least one must be among those that are found.
# Where only the ID can tell, it returns no names.

Done = tuple[str, set[str]]


def below_data(path: str) -> str:
    """Return what a fault calls a file."""
    return path.removeprefix("data/")


def pick(patient: Patient, chance: random.Random) -> str:
    """Return a file: any of them alike, or larger ones more often."""
    names = sorted(name for name, content in patient.files.items() if content)
    weights = [len(patient.files[name]) for name in names] if chance.random() < 0.5 else None
    return chance.choices(names, weights)[0]


def flip(patient: Patient, chance: random.Random) -> Done:
    name = pick(patient, chance)
    content = bytearray(patient.files[name])
    place, bit = chance.randrange(len(content)), chance.randrange(8)
    content[place] ^= 1 << bit
    (patient.folder / name).write_bytes(content)
    return f"bit {bit} of byte {place} of {name}", {below_data(name)}


def drop(patient: Patient, chance: random.Random) -> Done:
    name = chance.choice(sorted(patient.files))
    (patient.folder / name).unlink()
    return f"{name} dropped", {below_data(name)}


def add(patient: Patient, chance: random.Random) -> Done:
    beside = Path(chance.choice(sorted(patient.files)))
    name = chance.choice([".x", "x.txt", beside.name + "~", "edits.jsonl", "Thumbs.db", "bagit.txt.sha256"])
    path = patient.folder / beside.with_name(name)
    if path.exists():
        path = path.with_name("autre")
    path.write_bytes(chance.choice([b"", b"x", patient.files[str(beside)]]))
    name = str(path.relative_to(patient.folder))
    return f"{name} added", {below_data(name)}


def edit(patient: Patient, chance: random.Random) -> Done:
    """Edit one value of one row: of the lines, of the Parquet, or of both; signed anew or not."""
    stem = chance.choice(sorted(patient.tables))
    table = patient.tables[stem]
    column = chance.choice(columns(table.row))
    data = patient.folder / "data"
    rows = read_lines(data, stem)
    row = chance.choice(rows)
    about = {f"{kind}/{row[table.key]}.{suffix}" for kind, suffix in FILES_OF_DOCUMENT}
    row[column.name] = altered(row[column.name], column.arrow, column.choices)
    formats = chance.choice([("jsonl",), ("parquet",), ("jsonl", "parquet")])
    if "jsonl" in formats:
        put_lines(data, stem, rows)
    if "parquet" in formats:
        put_parquet(data, stem, rows)
    edited = {f"{stem}.{suffix}" for suffix in formats}
    signing = chance.choice(["not signed", "signed", "signed and renamed"])
    what = f"{column.name} of {row[table.key]!r} in {' and '.join(sorted(edited))}, {signing}"
    if signing == "not signed":
        return what, edited
    resign(patient.clean, renamed=signing == "signed and renamed")
    if signing == "signed":
        return what, {"tagmanifest-sha256.txt"}
    if len(formats) == 1:
        return what, {f"{stem}.jsonl", f"{stem}.parquet"}
    if said_once(table, column.name):
        return what, set()
    homes = {f"{name}.jsonl" for name, home in patient.tables.items() if home.key == "name"}
    return what, {f"{stem}.jsonl"} | about | homes


FILES_OF_DOCUMENT = (("text", "txt"), ("diplomatic", "txt"), ("reading", "txt"), ("json", "json"))


def said_once(table: Table, column: str) -> bool:
    """Say whether nothing else in a release says what a column does."""
    if table.name == "rejects":
        return column not in ("name", "status")
    return column == "digest" or (table.name == "edits" and column in ("probability", "evidence"))


KINDS: dict[Callable[[Patient, random.Random], Done], int] = {flip: 45, drop: 10, add: 10, edit: 35}


def draw(patient: Patient, number: int) -> Iterator[str]:
    """Yield what was not found, among so many faults."""
    for index in range(number):
        chance = random.Random(f"{SEED} {index}")  # noqa: S311 - no secret
        (kind,) = chance.choices(list(KINDS), list(KINDS.values()))
        what, names = kind(patient, chance)
        try:
            found = verify(patient.clean)
            if names:
                if not names & {fault.path for fault in found.faults}:
                    yield f"{index}: {what}: named {sorted({fault.path for fault in found.faults})}"
            elif found.release == patient.id or found.release != digest(
                (patient.folder / "tagmanifest-sha256.txt").read_bytes()
            ):
                yield f"{index}: {what}: has the ID of the sound release"
        finally:
            patient.heal()


def test_every_random_fault_is_found_and_named(patient: Patient) -> None:
    missed = list(draw(patient, FAULTS // 2))
    assert missed == []
    assert verify(patient.clean).faults == ()
    assert verify(patient.clean).release == patient.id


def test_a_blind_check_would_be_noticed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself can fail: without the sums of the files most bits pass."""
    sums = {path: digest(content) for path, content in patient.files.items()}
    monkeypatch.setattr(
        "release.verify._digest", lambda path: sums.get(str(path.relative_to(patient.folder)), "")
    )
    assert len(list(draw(patient, 40))) > 5
