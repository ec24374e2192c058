"""`prote preview` as a user calls it: another program over the same state, plain lines, codes, Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from preview_states import TEXTS, change, files, make_state
from test_cli_commands import call
from test_cli_run import PROTE

from flows.exits import ExitCode

PACKAGES = ("flows", "repair", "dictionaries", "expectations", "release")
PATIENCE = 120


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the program, whose dictionaries can be changed."""
    copy = tmp_path_factory.mktemp("program")
    for package in PACKAGES:
        shutil.copytree(
            Path(__file__).parents[1] / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return copy


def start(program: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROTE, "preview", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(program)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    with process:
        out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


CHANGED = """\
document\teau\t1\t0\tpublished\t-\t-\t-
rule\tcolon-space\tapplied\t-\t1\t1\t« » → «\xa0»
not looked at\tvide\trefused: empty
"""


@pytest.mark.slow
def test_a_changed_dictionary_shows_exactly_its_edits(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = make_state(tmp_path, TEXTS)
    before = files(clean)
    assert call(monkeypatch, "preview", "--clean", clean) == ExitCode.DONE  # the program as it is, here
    assert capsys.readouterr() == (
        "not looked at\tvide\trefused: empty\n",
        "nothing would change; 1 not looked at\n",
    )

    profile = program / "dictionaries" / "profiles" / "onu.toml"
    kept = profile.read_text(encoding="utf-8")
    rule = '[rules.colon-space]\nspace = "\\u00a0"\n'
    assert rule in kept
    profile.write_text(kept.replace(rule, ""), encoding="utf-8")
    page = tmp_path / "page.html"
    try:
        code, out, err = finish(start(program, "--clean", clean, "--html", page))
    finally:
        profile.write_text(kept, encoding="utf-8")
    assert (code, err) == (ExitCode.DONE, "1 of 3 documents would change; 1 not looked at\n")
    figures = [line for line in out.splitlines(keepends=True) if line.startswith("figure\t")]
    assert len(figures) == 6
    assert out == "".join(figures) + CHANGED
    assert "colon-space" in page.read_text(encoding="utf-8")
    assert files(clean) == before


@pytest.mark.slow
def test_ctrl_c_ends_it_and_its_workers(tmp_path: Path, program: Path) -> None:
    many = {f"{number}": f"{number}. {TEXTS['abime'] * 10}" for number in range(4)}
    clean = make_state(tmp_path, many)
    before = files(clean)
    process = start(program, "--clean", clean)
    deadline = time.monotonic() + PATIENCE
    while len(group(process.pid)) < 2:
        assert time.monotonic() < deadline, "no worker was started"
        assert process.poll() is None, "it was done before it could be interrupted"
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    code, out, err = finish(process)
    assert (code, out, err) == (ExitCode.INTERRUPTED, "", "prote: interrupted; nothing was changed\n")
    assert files(clean) == before
    deadline = time.monotonic() + PATIENCE
    while group(process.pid):
        assert time.monotonic() < deadline, "a worker is left"
        time.sleep(0.02)


def group(session: int) -> list[int]:
    """Return the processes of a session."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if os.getsid(int(folder.name)) == session:
                    found.append(int(folder.name))
            except ProcessLookupError:
                continue
    return found


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--help", ExitCode.DONE, "--html"),
        ("--unknown", ExitCode.USAGE, "--unknown"),
        ("", ExitCode.NO_RELEASE, "nothing was processed in clean yet: prote run does"),
        ("--html clean/page.html", ExitCode.USAGE, "outside clean"),
        ("--html nowhere/page.html", ExitCode.USAGE, "in a folder that exists"),
    ],
)
def test_exit_codes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    code: ExitCode,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clean").mkdir()
    assert call(monkeypatch, "preview", *arguments.split()) == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert list((tmp_path / "clean").iterdir()) == []


def test_a_state_of_an_earlier_program_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = make_state(tmp_path, {"eau": TEXTS["eau"]})
    change(clean, "PRAGMA user_version = 3")
    before = files(clean)
    assert call(monkeypatch, "preview", "--clean", clean) == ExitCode.FAILURE
    assert "prote run first" in capsys.readouterr().err
    assert files(clean) == before
