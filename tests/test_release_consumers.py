"""What other tools make of a release: those that others load it and check it with, and our guide to them.

Each tool reads a release in one part and one in several, one of the samples and one of the user's documents,
and each that checks must find a damaged one: a check that cannot fail proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from release_documents import item, make_document, make_outcome, make_outcomes

from release import publish as publishing
from release import tables
from release.card import card
from release.columns import TABLES, columns
from release.layout import LINEAGE
from release.origins import Origin, Origins, read_origins
from release.publish import Release
from release.records import Lineage, StatusCounts, TableCounts
from repair.document import Outcome, Status
from repair.edits import Decision

HOUSE = Path(__file__).parents[1]
ORIGINS = Origins(
    (
        ("rapport*", Origin("CC-BY-4.0", "Nations Unies")),
        ("Éàü*", Origin("etalab-2.0", "Légifrance | l'été")),
    )
)


def outcomes(percent: bool = True) -> list[Outcome]:
    """Return outcomes of each kind, under names that tools stumble over."""
    names = ["l'été à Paris", "a & b #1 [x]", *(["50 % d'eau %25"] if percent else [])]
    reading = "Il boit 1’eau de la source."
    return [
        *make_outcomes(),
        *(
            make_outcome(make_document(name, reading, [("1’eau", "l’eau", Decision.APPLIED)], (), ()))
            for name in names
        ),
    ]


def publish(made: Sequence[Outcome], clean: Path) -> Release:
    return publishing.publish(map(item, made), clean, versions={"prote": "0.1.0"}, origins=ORIGINS)


def publish_in_parts(made: Sequence[Outcome], clean: Path) -> Release:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "WHOLE", 1)
        patch.setattr(tables, "PART", 1)
        return publish(made, clean)


def publish_folder(raw: Path, clean: Path) -> Release:
    """Publish real documents as a run does, but for Prefect and the memory of the corpus."""
    from flows.fingerprint import versions
    from flows.processing import process_all
    from flows.state import State
    from flows.survey import survey
    from flows.tasks import Run, _judge

    state = State(clean)
    run: Any = Run(raw, "onu", state, clean / "validations", None, print)  # type: ignore[arg-type]
    state.save(_judge(process_all(run.job([found.source for found in survey(raw)])), run))
    return publishing.publish(state.items(), clean, versions=versions(), origins=read_origins(raw))


@pytest.fixture(scope="module", autouse=True)
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing asks the network or writes outside: `datasets` looks at this when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        for name in ("XDG_CACHE_HOME", "HF_HOME"):
            patch.setenv(name, str(home / name))
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
            patch.setenv(name, "1")
        yield


@pytest.fixture(
    scope="module",
    params=[
        "whole",
        "parts",
        pytest.param("samples", marks=pytest.mark.slow),
        pytest.param("users", marks=[pytest.mark.slow, pytest.mark.shared]),
    ],
)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Release:
    clean = tmp_path_factory.mktemp(request.param) / "clean"
    if request.param == "whole":
        return publish(outcomes(), clean)
    if request.param == "parts":
        return publish_in_parts(outcomes(), clean)
    raw = HOUSE / "raw" if request.param == "samples" else request.getfixturevalue("corpus")
    return publish_folder(raw, clean)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release without the name that bagit.py stumbles over; nothing in it is to be changed."""
    return publish(outcomes(percent=False), tmp_path_factory.mktemp("sound") / "clean")


@pytest.fixture
def damaged(sound: Release, tmp_path: Path) -> Path:
    """The files of a sound release, for a test to damage."""
    copy = tmp_path / sound.id
    shutil.copytree(sound.path, copy)
    for path in copy.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copy / "data"


def counts(release: Release) -> dict[str, int]:
    """Return the number of rows of each table, by its lines."""
    return {table.name: sum(1 for _ in lines(release, table.name)) for table in TABLES}


def lines(release: Release, table: str) -> Iterator[dict[str, Any]]:
    for path in sorted(release.data.glob(f"{table}*.jsonl")):
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from map(json.loads, file)


def call(tool: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / tool
    return subprocess.run(
        [program, *arguments], cwd=cwd, capture_output=True, text=True, errors="replace", check=False
    )


def load(data: Path, config: str | None, cache: Path) -> Any:
    from datasets import load_dataset

    return load_dataset(str(data), config, split="train", cache_dir=str(cache))


def flip(path: Path, place: int = -20) -> None:
    """Change one bit of a file, whose size stays."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


# Loading


def test_datasets_loads_each_config_and_published_documents_alone_by_default(
    release: Release, tmp_path: Path
) -> None:
    known = counts(release)
    default = load(release.data, None, tmp_path)
    assert set(default["status"]) == {"published"}
    assert default["text"] == [row["text"] for row in lines(release, "documents")]
    for table in TABLES:
        if known[table.name]:
            loaded = load(release.data, table.config, tmp_path)
            assert (len(loaded), loaded.column_names) == (
                known[table.name],
                [column.name for column in columns(table.row)],
            )
        else:
            with pytest.raises(ValueError, match="not found"):
                load(release.data, table.config, tmp_path)


def test_datasets_gives_nothing_where_nothing_is_published(tmp_path: Path) -> None:
    """Not the rejects, which would be the only table."""
    made = publish([made for made in outcomes() if made.status is Status.QUARANTINE], tmp_path / "clean")
    with pytest.raises(ValueError, match="no data"):
        load(made.data, None, tmp_path)
    assert len(load(made.data, "rejects", tmp_path)) == 2


def test_duckdb_polars_and_pandas_read_the_same_rows(release: Release) -> None:
    import duckdb
    import pandas
    import polars

    for table in TABLES:
        expected = list(lines(release, table.name))
        files = release.data / f"{table.name}*.parquet"
        found = {
            "polars": polars.read_parquet(files).to_dicts(),
            "duckdb": duckdb.sql(f"SELECT * FROM '{files}'").pl().to_dicts(),  # noqa: S608 - our own files
        }
        for rows in found.values():
            assert json.loads(json.dumps(rows, default=str)) == expected
        frames = [pandas.read_parquet(path) for path in sorted(release.data.glob(files.name))]
        assert [name for frame in frames for name in frame[table.key]] == [row[table.key] for row in expected]


@pytest.mark.parametrize("tool", ["datasets", "duckdb", "polars", "pandas"])
def test_no_tool_loads_half_a_table(damaged: Path, tmp_path: Path, tool: str) -> None:
    import duckdb
    import pandas
    import polars

    path = damaged / "documents.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    loads = {
        "datasets": lambda: load(damaged, None, tmp_path),
        "duckdb": lambda: duckdb.sql(f"SELECT * FROM '{path}'").fetchall(),  # noqa: S608 - our own file
        "polars": lambda: polars.read_parquet(path),
        "pandas": lambda: pandas.read_parquet(path),
    }
    with pytest.raises(Exception, match=r"(?i)parquet|magic|footer|generat|thrift"):
        loads[tool]()


# Frictionless


def test_frictionless_validates(release: Release) -> None:
    """Its command does the same, and is in the guide."""
    from frictionless import Package

    report = Package(str(release.data / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "note"])
    known = counts(release)
    seen = dict.fromkeys(known, 0)
    for task in report.tasks:
        table = re.split(r"-\d|-parquet|$", task.name)[0]
        seen[table] += task.stats.get("rows", 0) if task.place.endswith("jsonl") else 0
    assert seen == known


def _other_sum(data: Path) -> None:
    flip(data / "edits.parquet")


def _other_row(data: Path) -> None:
    change_lines(data, '"decision":"applied"', '"decision":"perhaps"')


def _no_number(data: Path) -> None:
    change_lines(data, '"probability":0.97', '"probability":"0,97"')


def _no_name(data: Path) -> None:
    change_lines(data, '"document":"rapport"', '"document":null')


def _missing(data: Path) -> None:
    (data / "notes.jsonl").unlink()


def change_lines(data: Path, before: str, after: str) -> None:
    """Change the ledger and its sum, so that only its schema can tell."""
    path = data / "edits.jsonl"
    content = path.read_bytes()
    assert before.encode() in content
    path.write_bytes(content.replace(before.encode(), after.encode(), 1))
    package = json.loads((data / "datapackage.json").read_bytes())
    for resource in package["resources"]:
        if resource["path"] == path.name:
            resource["hash"] = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
            resource["bytes"] = path.stat().st_size
    (data / "datapackage.json").write_text(json.dumps(package))


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (_other_sum, "hash-count"),
        (_other_row, "constraint-error"),
        (_no_number, "type-error"),
        (_no_name, "constraint-error"),
        (_missing, "scheme-error"),
    ],
)
def test_frictionless_finds_what_is_damaged(damaged: Path, damage: Any, found: str) -> None:
    from frictionless import Package

    package = str(damaged / "datapackage.json")
    assert Package(package).validate().valid
    damage(damaged)
    report = Package(package).validate()
    assert not report.valid
    assert found in {kind for (kind,) in report.flatten(["type"])}


# Croissant


def test_mlcroissant_validates_and_loads(release: Release) -> None:
    import mlcroissant

    dataset = mlcroissant.Dataset(
        str(release.data / "croissant.json")
    )  # all that `mlcroissant validate` does
    for table in ("documents", "edits"):
        records = list(dataset.records(table))
        expected = list(lines(release, table))
        field = f"{table}/{'text' if table == 'documents' else 'after'}"
        assert [record[field].decode() for record in records] == [
            row[field.partition("/")[2]] for row in expected
        ]


def test_mlcroissant_finds_a_field_without_its_file(damaged: Path) -> None:
    import mlcroissant

    path = damaged / "croissant.json"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace('"@id": "edits.parquet"', '"@id": "others.parquet"', 1), encoding="utf-8")
    with pytest.raises(mlcroissant.ValidationError, match=r"edits\.parquet"):
        mlcroissant.Dataset(str(path))


# BagIt


@pytest.mark.parametrize("parts", [False, True])
def test_bagit_validates(sound: Release, tmp_path: Path, parts: bool) -> None:
    made = publish_in_parts(outcomes(percent=False), tmp_path) if parts else sound
    done = call("bagit.py", "--validate", ".", cwd=made.path)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize(
    "release", ["samples", pytest.param("users", marks=pytest.mark.shared)], indirect=True
)
def test_bagit_validates_real_documents(release: Release) -> None:
    done = call("bagit.py", "--validate", ".", cwd=release.path)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.xfail(strict=True, reason="bagit.py 1.9.0 does not decode %25 (RFC 8493, 2.1.3)")
def test_bagit_validates_a_percent_sign(tmp_path: Path) -> None:
    made = publish(outcomes(), tmp_path)
    assert call("bagit.py", "--validate", ".", cwd=made.path).returncode == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda bag: flip(bag / "data" / "edits.parquet"), "edits.parquet"),
        (lambda bag: flip(bag / "manifest-sha256.txt", 0), "manifest-sha256.txt"),
        (lambda bag: (bag / "data" / "text" / "l'été à Paris.txt").unlink(), "l'été à Paris"),
        (lambda bag: (bag / "data" / "text" / "autre.txt").write_text("autre"), "autre.txt"),
    ],
)
def test_bagit_finds_what_is_damaged(damaged: Path, damage: Any, said: str) -> None:
    assert call("bagit.py", "--validate", ".", cwd=damaged.parent).returncode == 0
    damage(damaged.parent)
    done = call("bagit.py", "--validate", ".", cwd=damaged.parent)
    assert done.returncode != 0
    assert said in done.stderr or "Payload-Oxum" in done.stderr


# The card


def test_the_files_of_a_table_are_those_that_the_card_names(release: Release) -> None:
    front = yaml.safe_load((release.data / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    known = counts(release)
    assert [config["config_name"] for config in front["configs"]] == [
        table.config for table in TABLES if known[table.name] or table.name == "documents"
    ]
    assert [config["config_name"] for config in front["configs"] if config.get("default")] == ["normalised"]
    for table, config in (
        (table, config)
        for table in TABLES
        for config in front["configs"]
        if config["config_name"] == table.config
    ):
        assert sorted(release.data.glob(config["data_files"])) == tables.table_files(
            release.data, table, "parquet"
        )
    lineage = json.loads((release.data / LINEAGE).read_bytes())
    assert {row["name"]: row["rows"] for row in lineage["tables"]} == known


@pytest.mark.parametrize(
    ("told", "front"),
    [
        ({"": 1}, {"license": "unknown"}),
        ({"CC-BY-4.0": 2}, {"license": "cc-by-4.0"}),
        ({"ODbL-1.0": 2}, {"license": "odbl"}),
        ({"CC-BY-4.0": 1, "etalab-2.0": 1}, {"license": ["cc-by-4.0", "etalab-2.0"]}),
        ({"CC-BY-3.0-IGO": 1}, {"license": "other", "license_name": "cc-by-3.0-igo"}),
        ({"Licence ouverte, 2.0": 1}, {"license": "other", "license_name": "licence-ouverte-2.0"}),
        ({"CC-BY-4.0": 1, "": 1}, {"license": "other", "license_name": "several"}),
        ({"CC-BY-4.0": 1, "CC-BY-3.0-IGO": 1}, {"license": "other", "license_name": "several"}),
    ],
)
def test_the_card_gives_the_hub_a_licence_that_it_knows(told: dict[str, int], front: dict[str, Any]) -> None:
    said = card(_lineage(), {Origin(licence): number for licence, number in told.items()}).decode()
    found = yaml.safe_load(said.split("---\n")[1])
    assert {key: found[key] for key in ("license", "license_name") if key in found} == front


def test_the_card_lists_licences_and_origins_with_their_documents() -> None:
    origins = {Origin("CC-BY-4.0", "Nations | Unies\n<b>"): 3, Origin(): 2}
    origins |= {Origin("MIT", f"n{number:03}"): 1 for number in range(60)}
    said = card(_lineage(), origins).decode()
    assert (
        "| CC-BY-4.0 | Nations \\| Unies &lt;b&gt; | 3 |\n| not told | not told | 2 |\n| MIT | n000 | 1 |"
        in said
    )
    assert "| n047 | 1 |\n| 12 more in the rows | | |" in said


def _lineage() -> Lineage:
    rows = tuple(TableCounts(table.name, 1) for table in TABLES)
    return Lineage("prote-release", "3.0", {}, StatusCounts(1, 1, 1), 1, rows)


def test_a_release_has_the_day_of_source_date_epoch_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = []
    for epoch in ("", "1700000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        data = publish(make_outcomes(), tmp_path / f"clean{epoch}").data
        croissant = json.loads((data / "croissant.json").read_bytes())
        package = json.loads((data / "datapackage.json").read_bytes())
        days.append((croissant.get("datePublished"), package.get("created")))
    assert days == [(None, None), ("2023-11-14", "2023-11-14T00:00:00Z")]


# The guide


WORD = "l’eau"


def snippets(language: str, release: Release | None = None) -> list[str]:
    """Return the snippets of the guide, with a word that the release has."""
    text = (HOUSE / "docs" / "loading.md").read_text(encoding="utf-8")
    assert WORD in text
    if release is not None and not any(WORD in row["text"] for row in lines(release, "documents")):
        text = text.replace(WORD, "l’Office")
    return [
        code for kind, code in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S) if kind == language
    ]


@pytest.fixture
def beside(release: Release, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A release in a shell that stands where `clean/` is."""
    monkeypatch.chdir(release.path.parents[2])
    return release


def test_the_guide_in_python(beside: Release) -> None:
    given: dict[str, Any] = {}
    seen: dict[str, list[Any]] = {}
    for code in snippets("python", beside):
        exec(compile(code, "docs/loading.md", "exec"), given)  # noqa: S102 - ours
        for name, value in given.items():
            if name not in seen or seen[name][-1] is not value:
                seen.setdefault(name, []).append(value)
    made = SimpleNamespace(**given)
    known = counts(beside)
    published = [row["name"] for row in lines(beside, "documents")]
    pandas, polars, duckdb, hub = seen["documents"]
    assert [len(pandas), len(polars), len(duckdb.fetchall()), len(hub)] == [len(published)] * 4
    assert made.words["name"].to_list() == published
    assert sum(number for _, number in made.licences) == len(published)
    assert len(made.edits) == known["edits"]
    assert len(list(made.rows)) == len(published)
    assert list(made.texts) == published
    # Its own assertions have made every text again.
    assert made.printed.height == known["diplomatic"] > 0
    document, page, before, after, *_ = made.found[0]
    assert made.word in after
    assert made.word not in before
    assert page >= 1
    (raw,) = made.raw
    rows = [*lines(beside, "documents"), *lines(beside, "review")]
    assert raw in {(row["path"], row["sha256"]) for row in rows if row["name"] == document}


def test_the_guide_in_the_shell(beside: Release) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    first, *others = snippets("sh", beside)
    said = {}
    for code in others:
        name = next(name for name in ("frictionless", "grep", "jq", "python3", "sha256sum") if name in code)
        if name == "jq" and shutil.which("jq") is None:
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", first + code],
            env=os.environ | {"PATH": path, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said[name] = done.stdout
    rows = "".join(f"{row['name']}\t{row['words']}\n" for row in lines(beside, "documents"))
    assert said["python3"] == said.get("jq", rows) == rows
    assert said["sha256sum"] == ""
    assert ".txt" in said["grep"]


@pytest.mark.parametrize("file", ["data/text/rapport.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_the_guide_finds_what_is_damaged(damaged: Path, tmp_path: Path, file: str) -> None:
    bag = damaged.parent
    (tmp_path / "copied").mkdir()
    (tmp_path / "copied" / "clean").mkdir()
    (tmp_path / "copied" / "clean" / "current").symlink_to(bag / "data")
    first, *_, check = snippets("sh")

    def run() -> int:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", first + check], cwd=tmp_path / "copied", check=False
        ).returncode

    assert run() == 0
    flip(bag / file, 3)
    assert run() != 0


# The reference


def test_the_reference_names_every_column_and_no_other() -> None:
    page = (HOUSE / "docs" / "tables.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", page, re.M | re.S))
    assert list(sections) == [table.name for table in TABLES]
    told = {
        table: re.findall(r"^\| `(\w+)` \| ([^|]+) \| (.*) \|$", section, re.M)
        for table, section in sections.items()
    }
    assert "The columns of `documents`." in sections["review"]
    assert "The columns of `documents` without `text` and `sketch`" in sections["rejects"]
    told["review"] = told["documents"]
    told["rejects"] = [row for row in told["documents"] if row[0] not in ("text", "sketch")]
    for table in TABLES:
        assert told[table.name] == [
            (column.name, column.frictionless + ("" if column.required else ", or null"), column.description)
            for column in columns(table.row)
        ]


def test_the_reference_names_every_field_of_a_structure() -> None:
    page = (HOUSE / "docs" / "tables.md").read_text(encoding="utf-8")
    for table in TABLES:
        for column in columns(table.row):
            kind = column.arrow.value_type if column.frictionless == "array" else column.arrow
            for number in range(kind.num_fields):
                assert f"`{kind.field(number).name}`" in page, (table.name, column.name)


def test_the_page_on_releases_names_every_file(release: Release) -> None:
    page = (HOUSE / "clean" / "README.md").read_text(encoding="utf-8")
    for path in release.path.rglob("*"):
        if path.is_file():
            inside = release.data in path.parents
            top = path.relative_to(release.data if inside else release.path).parts[0]
            named = re.sub(r"-\d{5}-of-\d{5}", "", top)
            assert re.search(rf"^ +{re.escape(named.replace('.jsonl', '.parquet'))}\b", page, re.M) or (
                f"  {named}\n" in page
            ), path
