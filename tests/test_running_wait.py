"""Two runs in one folder: the second stops, or waits for the first."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flows.exits import ExitCode, Stop
from flows.lock import locked
from flows.options import running_options
from flows.running import Settings

HOLD = """
import sys
from pathlib import Path
from flows.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of the folder until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_the_second_stops_and_says_who_is_at_work(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(Stop, match=f"process {holder.pid} on .*: wait until it ends") as stop,
        locked(tmp_path),
    ):
        pass
    assert stop.value.code is ExitCode.LOCKED


def test_it_waits_so_long_and_no_longer(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    said: list[str] = []
    with pytest.raises(Stop, match="after 1 seconds") as stop, locked(tmp_path, 1, said.append):
        pass
    assert stop.value.code is ExitCode.LOCKED
    assert len(said) == 1
    assert f"process {holder.pid} on" in said[0]


@pytest.mark.parametrize("wait", [600, math.inf])
def test_it_goes_on_when_the_first_ends(tmp_path: Path, holder: subprocess.Popen[str], wait: float) -> None:
    said: list[str] = []

    def tell(sentence: str) -> None:
        said.append(sentence)
        assert holder.stdin is not None
        holder.stdin.close()  # it ends now, and not before it is waited for

    with locked(tmp_path, wait, tell):
        assert holder.wait() == 0
    assert len(said) == 1


@pytest.mark.parametrize(
    ("arguments", "wait"),
    [("", 0), ("--wait", math.inf), ("--wait 30", 30), ("--wait --log-format json", math.inf)],
)
def test_how_long_is_said_in_seconds_or_not_at_all(arguments: str, wait: float) -> None:
    seen: list[float] = []

    @click.command()
    @running_options
    def command(wait: float, settings: Settings) -> None:
        seen.append(wait)

    result = CliRunner().invoke(command, arguments.split())
    assert (result.exit_code, seen) == (0, [wait]), result.output
