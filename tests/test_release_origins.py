"""Licences and origins: what `sources.toml` tells of a document, and how a bad one is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from release_documents import item, make_document, make_outcome, make_outcomes

from flows import cli
from flows.exits import ExitCode
from flows.survey import survey
from release.origins import FILE, BadOrigins, Origin, Origins, read_origins
from release.publish import publish

TOLD = """
[[source]]
files = ["lois/*", "74-175.*"]
licence = "etalab-2.0"
source = "Légifrance"

[[source]]
files = ["*.txt"]
source = "Ailleurs"
"""
LAWS = Origin("etalab-2.0", "Légifrance")

BAD = [
    ("[[source]\nfiles = []", "line 1"),
    ('[[source]]\nfiles = ["*"]\nlicense = "MIT"', "unknown field `license`"),
    ('[[sources]]\nfiles = ["*"]', "unknown field `sources`"),
    ('[[source]]\nlicence = "MIT"', "missing required field `files`"),
    ('[[source]]\nfiles = "*"', "Expected `array`"),
    ('[[source]]\nfiles = ["*"]\nlicence = 2', "Expected `str`"),
    ('source = "MIT"', "Expected `array`"),
    ("[[source]]\nfiles = [\"*\"]\nsource = 'Légifrance'".encode("latin-1"), "utf-8"),
]


def write(folder: Path, told: str | bytes) -> Path:
    (folder / FILE).write_bytes(told if isinstance(told, bytes) else told.encode())
    return folder


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("74-175.pdf", LAWS),
        ("74-175.txt", LAWS),  # the first that fits, not the last
        ("lois/civil.txt", LAWS),
        ("lois/1804/civil.txt", LAWS),  # * takes folders
        ("projets/lois/civil.txt", Origin("", "Ailleurs")),  # a pattern is of a whole path
        ("Lois/civil.md", Origin()),  # as the path is written
        ("lois", Origin()),
        ("74-175", Origin()),
        ("été.txt", Origin("", "Ailleurs")),
        ("autre.pdf", Origin()),
    ],
)
def test_the_first_pattern_that_fits_a_path_tells(tmp_path: Path, path: str, origin: Origin) -> None:
    assert read_origins(write(tmp_path, TOLD)).of(path) == origin


def test_nothing_is_known_without_the_file_or_from_an_empty_one(tmp_path: Path) -> None:
    assert read_origins(tmp_path) == read_origins(write(tmp_path, "# rien\n")) == Origins()


@pytest.mark.parametrize(("told", "said"), BAD)
def test_a_file_that_tells_something_else_is_refused_with_its_place(
    tmp_path: Path, told: str | bytes, said: str
) -> None:
    with pytest.raises(BadOrigins) as refused:
        read_origins(write(tmp_path, told))
    assert said in str(refused.value)
    assert str(tmp_path / FILE) in str(refused.value)
    assert "[[source]]" in str(refused.value)


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(BadOrigins, match="cannot be used"):
        read_origins(tmp_path)


def test_a_file_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOrigins, match="cannot be used"):
        read_origins(write(tmp_path, f"a = {'[' * 100_000}"))


@pytest.mark.parametrize("told", [told for told, _ in BAD])
def test_a_run_with_a_bad_file_of_sources_says_so_and_publishes_nothing(
    tmp_path: Path, told: str | bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    (raw / "a.txt").write_text("Le texte est clair.\n", encoding="utf-8")
    write(raw, told)
    monkeypatch.setattr(sys, "argv", ["prote", "run", "--raw", str(raw), "--clean", str(clean)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == ExitCode.USAGE
    said = capsys.readouterr().err
    assert said.startswith(f"prote: {raw / FILE} cannot be used (")
    assert said.count("\n") == 1
    assert not (clean / "current").exists()


def test_the_file_of_sources_is_no_document_but_one_below_is(tmp_path: Path) -> None:
    (tmp_path / "lois").mkdir()
    for path in (FILE, f"lois/{FILE}", "a.txt"):
        (tmp_path / path).write_text("# rien\n", encoding="utf-8")
    assert [found.source.path for found in survey(tmp_path)] == ["a.txt", f"lois/{FILE}"]


def test_each_row_and_each_document_says_its_own(tmp_path: Path) -> None:
    origins = Origins((("rapport*", LAWS), ("vide*", Origin("CC0-1.0"))))
    data = publish(map(item, make_outcomes()), tmp_path, versions={}, origins=origins).data
    told = {
        row["name"]: (row["licence"], row["origin"])
        for table in ("documents", "review", "rejects")
        for row in map(json.loads, (data / f"{table}.jsonl").open(encoding="utf-8"))
    }
    assert told == {
        "rapport": ("etalab-2.0", "Légifrance"),
        "vide": ("CC0-1.0", ""),
        "index": ("", ""),
        "secret": ("", ""),
        "Éàü notes": ("", ""),
    }
    metadata = json.loads((data / "json" / "rapport.json").read_bytes())["metadata"]
    assert (metadata["licence"], metadata["origin"]) == told["rapport"]
    package = json.loads((data / "datapackage.json").read_bytes())
    assert package["licenses"] == [
        {"name": "cc0-1.0", "title": "CC0-1.0"},
        {"name": "etalab-2.0", "title": "etalab-2.0"},
    ]
    assert package["sources"] == [{"title": "Légifrance"}]


def test_another_origin_is_another_release_of_the_same_texts(tmp_path: Path) -> None:
    """Nothing of the document changed: its files of text are taken over, its JSON is not."""
    outcomes = [make_outcome(make_document(name)) for name in ("a", "b")]
    releases = [
        publish(map(item, outcomes), tmp_path, versions={}, origins=Origins((("a.*", Origin(licence)),)))
        for licence in ("MIT", "CC0-1.0", "CC0-1.0")
    ]
    assert releases[0].id != releases[1].id == releases[2].id
    (said,) = {json.loads((releases[1].data / "json" / "a.json").read_bytes())["metadata"]["licence"]}
    assert said == "CC0-1.0"
    assert (releases[1].data / "json/b.json").samefile(releases[0].data / "json/b.json")


def test_the_samples_have_a_licence_and_an_origin() -> None:
    raw = Path(__file__).parents[1] / "raw"
    origins = read_origins(raw)
    told = {origins.of(found.source.path) for found in survey(raw)}
    assert {bool(origin.licence and origin.source) for origin in told} == {True}
