"""What the program is made of: libraries locked by their sums, under licences that let it be given away."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scripts.licences import HOUSE, Licences, faults, is_free, needed, other, read_licences, read_lock

LOCK = tomllib.loads((HOUSE / "uv.lock").read_text(encoding="utf-8"))["package"]


def test_every_file_of_the_lock_has_its_sum() -> None:
    files = [
        (package["name"], file)
        for package in LOCK
        for file in (*package.get("wheels", ()), *filter(None, [package.get("sdist")]))
    ]
    assert len(files) > len(LOCK)
    assert [name for name, file in files if not file["hash"].startswith("sha256:")] == []


def test_every_library_comes_from_the_registry() -> None:
    sources = {package["name"]: package["source"] for package in LOCK}
    assert sources.pop("prote") == {"editable": "."}
    assert {source["registry"] for source in sources.values()} == {"https://pypi.org/simple"}


def test_every_library_that_is_needed_has_a_licence_to_be_given_away_with() -> None:
    names = needed(read_lock())
    assert {"click", "prefect", "fastapi", "onnxruntime", "s3fs", "ray", "distributed", "tzdata"} <= names
    assert not {"pytest", "ruff", "playwright", "moto", "duckdb", "prote"} & names
    assert list(faults(read_licences(), names)) == []


LICENCES = Licences(
    frozenset({"MIT"}),
    {"MIT License": ("MIT",), "BSD License": ("BSD-2-Clause", "BSD-3-Clause")},
    {"a": "MIT", "b": "LGPL-3.0-only", "c": "BSD-3-Clause"},
    {"b": "used as it is", "c": "for the tests"},
)


@pytest.mark.parametrize(
    ("changed", "names", "said"),
    [
        ({}, "abc", ""),
        ({}, "abcd", "d is not listed"),
        ({}, "ab", "c is listed and not needed"),
        ({"exceptions": {"c": "for the tests"}}, "abc", "b is under LGPL-3.0-only"),
        ({"exceptions": {"b": " ", "c": "for the tests"}}, "abc", "b is under LGPL-3.0-only"),
        ({"exceptions": {"b": "x", "c": "x", "z": "x"}}, "abc", "z is excepted and not listed"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(changed: dict[str, Any], names: str, said: str) -> None:
    from dataclasses import replace

    found = list(faults(replace(LICENCES, **changed), set(names)))
    assert [fault.startswith(said) for fault in found] == ([True] if said else [])


@pytest.mark.parametrize(
    ("expression", "free"),
    [
        ("MIT", True),
        ("MIT AND (BSD-2-Clause OR LGPL-2.1-or-later)", True),
        ("Apache-2.0 OR BSD-3-Clause", False),
        ("MIT AND LGPL-2.1-or-later", False),
        ("", False),
    ],
)
def test_an_expression_is_free_if_it_can_be_chosen_so(expression: str, free: bool) -> None:
    assert is_free(expression, frozenset({"MIT", "BSD-2-Clause"})) is free


def test_a_library_that_changed_its_licence_is_seen() -> None:
    assert other(LICENCES, "a", "MIT") == other(LICENCES, "a", "MIT License") == ""
    assert other(LICENCES, "c", "BSD License") == ""
    assert "a says 'Business Source License 1.1', and the list MIT" in other(
        LICENCES, "a", "Business Source License 1.1"
    )
    assert "says 'BSD License'" in other(LICENCES, "a", "BSD License")


def test_what_is_needed_is_followed_through_extras_and_in_circles() -> None:
    lock = {
        "prote": [
            {
                "dependencies": [{"name": "a"}],
                "optional-dependencies": {"s3": [{"name": "b", "extra": ["x"]}]},
            }
        ],
        "a": [
            {"dependencies": [{"name": "c"}]},
            {"dependencies": [{"name": "d", "marker": "python_version < '3.12'"}]},
        ],
        "b": [{"dependencies": [], "optional-dependencies": {"x": [{"name": "e"}], "y": [{"name": "f"}]}}],
        "c": [{"dependencies": [{"name": "a"}, {"name": "prote"}]}],
        "d": [{}],
        "e": [{}],
        "f": [{}],
    }
    assert needed(lock) == {"a", "b", "c", "d", "e"}


@pytest.mark.parametrize(
    ("said", "code", "ends", "told"),
    [
        ("No known vulnerabilities found", 0, 0, "No known"),
        ("Found 1 known vulnerability in 1 package", 1, 1, "Found 1"),
        (
            "requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded",
            1,
            75,
            "cannot be reached",
        ),
        ("ERROR:pip_audit: 503 Server Error: Service Unavailable for url", 1, 75, "cannot be reached"),
        ("Dependency not found on PyPI and could not be audited: click (8.5.1)", 0, 75, "cannot be reached"),
        ("usage: pip-audit [-h]", 2, 2, "usage"),
    ],
)
def test_an_audit_tells_what_is_known_from_what_could_not_be_asked(
    tmp_path: Path, said: str, code: int, ends: int, told: str
) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(HOUSE / "scripts" / "audit", tmp_path / "scripts")
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "uv").write_text("#!/bin/sh\n", encoding="utf-8")
    where = "" if "audited" in said else ">&2"
    (tools / "pip-audit").write_text(f"#!/bin/sh\necho '{said}' {where}\nexit {code}\n", encoding="utf-8")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    ended = subprocess.run([tmp_path / "scripts" / "audit"], capture_output=True, text=True, check=False)
    assert (ended.returncode, told in ended.stderr, ended.stderr.count("\n")) == (ends, True, 1)
