"""`prote run` as a user runs it: what is printed, and what is left when it is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flows.exits import ExitCode
from flows.server import prefect_api
from flows.state import FILE, FOLDER

pytestmark = pytest.mark.slow

LONG_NAME = (
    "rapport-du-conseil-municipal-sur-la-refection-du-toit-de-l-ecole-communale-et-de-la-mairie-annexe"
)
CLEAN = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)
PATIENCE = 120


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / f"{LONG_NAME}.txt").write_text(CLEAN, encoding="utf-8")
    (tmp_path / "raw" / "vide.txt").write_bytes(b"")
    return tmp_path


# A runner of tests may have its children ignore Ctrl-C.
PROTE = """
import signal
from flows.cli import main
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
"""


def start(house: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.Popen(
        [sys.executable, "-c", PROTE, *arguments],
        cwd=house,
        env=environment | {"COLUMNS": "40"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    with process:
        out, err = process.communicate()
    return process.returncode, out, err


def children(house: Path) -> list[int]:
    """Return the processes that work for this folder: its Prefect server and its workers."""
    mark = f"PREFECT_HOME={house / 'clean' / FOLDER / 'prefect'}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks for processes in /proc"
)


def test_piped_output_is_one_plain_line_a_document(house: Path) -> None:
    code, out, err = finish(start(house, "run"))
    assert (code, err.count("\n")) == (0, 5)
    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[:2] for line in lines] == [[LONG_NAME, "published"], ["vide", "quarantine"]]
    assert {len(line) for line in lines} == {7}
    assert "\x1b" not in out + err
    for page in ("clean/current/report/index.html", "clean/index.html"):
        assert page in err
        assert (house / page).is_file()

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PREFECT_API_URL", raising=False)
        patch.setenv("PREFECT_HOME", str(house / "server"))
        with prefect_api() as url:
            code, out, err = finish(start(house, "run", "--strict", PREFECT_API_URL=url))
            assert code == ExitCode.NOT_ALL_PUBLISHED
            assert len(out.splitlines()) == 2
            assert err.splitlines()[-1] == "prote: 1 of 2 documents are not published"

            code, out, err = finish(start(house, "document", "vide", PREFECT_API_URL=url))
            assert code == 0
            assert "1 processed in this run" in err

    code, _, err = finish(start(house, "document", "vdie"))
    assert code == ExitCode.USAGE
    assert "did you mean vide" in err
    assert children(house) == []


@pytest.fixture
def long_house(house: Path) -> Iterator[Path]:
    """A corpus of many batches: a run over it can be caught at work."""
    for number in range(40):
        text = f"Document numéro {number}.\n\n" + CLEAN * 60
        (house / "raw" / f"long-{number:02}.txt").write_text(text, encoding="utf-8")
    yield house
    for pid in children(house):
        os.kill(pid, signal.SIGKILL)


def saved(house: Path) -> int:
    path = house / "clean" / FOLDER / FILE
    if not path.exists():
        return 0
    count = "SELECT count(*) FROM documents WHERE key != ''"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute(count).fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@needs_proc
def test_a_killed_run_leaves_nobody_and_the_next_one_takes_up(long_house: Path) -> None:
    process = start(long_house, "run")
    wait_for(lambda: saved(long_house) or process.poll() is not None)
    process.kill()
    assert finish(process)[0] == -signal.SIGKILL
    assert not (long_house / "clean" / "current").exists()
    kept = saved(long_house)
    assert 0 < kept < 42
    wait_for(lambda: children(long_house) == [])

    code, out, err = finish(start(long_house, "run"))
    assert code == 0, err
    assert len(out.splitlines()) == 42
    assert out.count("published") == 41
    assert f"{42 - kept} processed" in err
    code, out, err = finish(start(long_house, "verify"))
    assert (code, err) == (0, "")


@needs_proc
def test_an_interrupted_run_says_so_and_leaves_nobody(long_house: Path) -> None:
    process = start(long_house, "run")
    wait_for(lambda: saved(long_house) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    assert code == ExitCode.INTERRUPTED
    assert out == ""
    assert err == "prote: interrupted; a run takes up where the last one stopped\n"
    assert not (long_house / "clean" / "current").exists()
    wait_for(lambda: children(long_house) == [])
    assert saved(long_house) > 0
