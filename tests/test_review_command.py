"""`prote review`: whom it lets in, where it listens, and what it says when it cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.desk import review
from flows.exits import ExitCode, Stop
from review.curators import read_curators


def _stopped(*arguments: str) -> Stop:
    with pytest.raises(Stop) as stopped:
        CliRunner().invoke(review, [*arguments, "--no-browser", "--port", "0"], catch_exceptions=False)
    return stopped.value


def test_a_token_is_printed_once(tmp_path: Path) -> None:
    said = CliRunner().invoke(review, ["--clean", str(tmp_path), "--add", "Anne"], catch_exceptions=False)
    found = read_curators(tmp_path / ".prote" / "curators.toml").by_token(said.output.strip())
    assert found is not None
    assert found.name == "Anne"


@pytest.mark.parametrize("more", [["--host", "0.0.0.0"], ["--public", "https://desk.example.org"]])  # noqa: S104
def test_nobody_is_let_in_from_outside_without_curators(tmp_path: Path, more: list[str]) -> None:
    stop = _stopped("--clean", str(tmp_path), *more)
    assert stop.code is ExitCode.USAGE
    assert "--add" in str(stop)


@pytest.mark.parametrize("address", ["desk", "ftp://desk.example.org", "https://"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    assert _stopped("--clean", str(tmp_path), "--public", address).code is ExitCode.USAGE


def test_without_a_release_it_says_what_makes_one(tmp_path: Path) -> None:
    stop = _stopped("--clean", str(tmp_path))
    assert stop.code is ExitCode.NO_RELEASE
    assert "prote run" in str(stop)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        arguments = ["--clean", str(tmp_path), "--port", str(taken.getsockname()[1])]
        with pytest.raises(Stop, match="--port"):
            CliRunner().invoke(review, arguments, catch_exceptions=False)
