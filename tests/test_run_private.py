"""A run speaks to nobody, and tells no secret: without a network, under a tripwire, with planted passwords.

One run is looked at by all tests here. It has a text, a scan that both engines read, Great Expectations, and
Prefect with its server; where the kernel allows it, it has no network but the machine's own address.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.discretion import HIDDEN, hide
from flows.exits import ExitCode
from flows.state import FOLDER

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "raw"
TRIPWIRE = Path(__file__).parent / "tripwire"

SECRETS = {
    "PREFECT_API_KEY": "pnu_geheimnis-eins",
    "PREFECT_API_AUTH_STRING": "admin:geheimnis-zwei",
    "AWS_ACCESS_KEY_ID": "AKIAGEHEIMNISDREI",
    "AWS_SECRET_ACCESS_KEY": "geheimnis/vier+fuenf",
    "AWS_SESSION_TOKEN": "geheimnis-sechs",
    "PROTE_NOTIFY": "mailto://ana:geheimnis-sieben@example.org",
    "PROTE_WEBHOOK": "https://hooks.example.org/services/T0/B0/geheimnis-acht",
}
"""None of them has any use for a run; a program that writes down its settings writes them down."""
PLANTED = re.compile(rb"geheimnis|GEHEIMNIS", re.IGNORECASE)

# With a loopback that is up, whoever has no other network can still talk to himself.
ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket() as any:
    request = struct.pack("16sH", b"lo", 1 | 64)  # IFF_UP, IFF_RUNNING
    fcntl.ioctl(any, 0x8914, request)  # SIOCSIFFLAGS
os.execvp(sys.argv[1], sys.argv[1:])
"""
PROTE = "from flows.cli import main\nif __name__ == '__main__': main()"
STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect")


def can(*command: str) -> bool:
    """Say whether a command works here."""
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


CUT_OFF = ("unshare", "--map-root-user", "--net", sys.executable, "-c", ALONE)
HAS_NAMESPACES = can(*CUT_OFF, "true")
HAS_STRACE = can(*STRACE, "-o", "/dev/null", "true")


class Private(NamedTuple):
    """What a run, a check and a repair did.

    Attributes:
        folder: where they worked.
        tripwire: whom a Python would have spoken to.
        calls: the connections that the system was asked for, where strace is there.
        said: all that was printed, by command.
        codes: how they ended.
    """

    folder: Path
    tripwire: list[str]
    calls: list[str]
    said: dict[str, str]
    codes: dict[str, int]


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "AWS_"))}
    path = os.pathsep.join(filter(None, (str(TRIPWIRE), os.environ.get("PYTHONPATH", ""))))
    return kept | {"PYTHONPATH": path, "TRIPWIRE": str(folder / "tripwire"), "HOME": str(folder)} | more


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def call(folder: Path, *command: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    traced = (*STRACE, "-o", str(folder / "calls"), "-A") if HAS_STRACE else ()
    return subprocess.run(
        [*(CUT_OFF if HAS_NAMESPACES else ()), *traced, sys.executable, *command],
        cwd=folder,
        env=environment(folder, **more),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Private:
    folder = tmp_path_factory.mktemp("private")
    (folder / "raw").mkdir()
    for name in ("lettre-du-maire.txt", "affiche.png"):
        shutil.copy(SAMPLES / name, folder / "raw")
    commands = {"run": (), "verify": (), "repair": ("raw/lettre-du-maire.txt",)}
    done = {
        name: call(folder, "-c", PROTE, name, *arguments, PROTE_DEBUG="1", **SECRETS)
        for name, arguments in commands.items()
    }
    return Private(
        folder,
        lines(folder / "tripwire"),
        lines(folder / "calls"),
        {name: ended.stdout + ended.stderr for name, ended in done.items()},
        {name: ended.returncode for name, ended in done.items()},
    )


def outside(calls: list[str]) -> list[str]:
    """Return the connections, among calls of the system, that lead out of this machine."""
    here = ("AF_UNIX", "AF_UNSPEC", 'inet_addr("127.', '"::1"', "::ffff:127.")
    return [call for call in calls if "connect(" in call and not any(sign in call for sign in here)]


def test_nobody_is_spoken_to_and_nobody_asked_for(private: Private) -> None:
    assert private.codes == dict.fromkeys(private.codes, 0), private.said
    assert private.tripwire == []
    assert outside(private.calls) == []
    assert not (private.folder / ".cache" / "Microsoft").exists()  # where onnxruntime keeps whom it speaks of
    edits = (private.folder / "clean" / "current" / "documents.jsonl").read_text(encoding="utf-8")
    assert "tesseract" in edits
    assert "rapidocr" in edits  # both engines were there, and read
    assert (private.folder / "clean" / FOLDER / "prefect").is_dir()
    assert list((private.folder / "clean" / FOLDER / "validations").iterdir())


@pytest.mark.skipif(not HAS_NAMESPACES, reason="the kernel gives no network namespace to this user")
def test_it_works_where_there_is_no_network(private: Private) -> None:
    assert private.codes == dict.fromkeys(private.codes, 0), private.said
    reach = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=5)"
    ended = call(private.folder.parent, "-c", reach)
    assert "Network is unreachable" in ended.stderr  # nor was there any


@pytest.mark.skipif(not HAS_STRACE, reason="strace is not there, or must not look at other processes")
def test_what_libraries_do_beside_python_was_looked_at(private: Private) -> None:
    assert [call for call in private.calls if 'inet_addr("127.0.0.1")' in call]  # Prefect's own server


SPEAKS = {
    "connect": "socket.socket().connect_ex(('192.0.2.1', 9))",
    "lookup": "socket.getaddrinfo('prefect.example.org', 443)",
    "sendto": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
}


@pytest.mark.parametrize("what", SPEAKS)
def test_the_tripwire_sees_who_does(tmp_path: Path, what: str) -> None:
    inner = f"import socket\ntry: {SPEAKS[what]}\nexcept OSError: pass"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    call(tmp_path, "-c", outer)
    told = lines(tmp_path / "tripwire")
    assert told
    assert told[0].startswith(f"{what} ")
    if HAS_STRACE and what == "connect":
        assert outside(lines(tmp_path / "calls"))


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that a run wrote: its files, and the rows of its databases as they are read."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            yield path.as_posix(), data
            if data.startswith(b"SQLite format 3\0"):
                with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                    yield f"{path}, its rows", "\n".join(connection.iterdump()).encode(errors="replace")


def test_no_secret_is_in_anything_that_a_run_writes(private: Private) -> None:
    shared = {name: said.encode() for name, said in private.said.items()}
    assert "DEBUG" in private.said["run"]  # there was much to look through
    found = [
        name for name, data in (*shared.items(), *written(private.folder / "clean")) if PLANTED.search(data)
    ]
    assert found == []


FAILS = """
import sys
from flows.cli import main
def fail(_clean):
    url = "http://ana:geheimnis-neun@127.0.0.1:9/api"
    raise RuntimeError(f"Failed to reach API at {url} with admin:geheimnis-zwei")
import release.verify
release.verify.verify = fail
sys.argv = ["prote", "verify", "."]
main()
"""


@pytest.mark.parametrize("debug", ["", "1"], ids=["plain", "debug"])
def test_what_failed_is_told_without_passwords(tmp_path: Path, debug: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FAILS],
        cwd=tmp_path,
        env=environment(tmp_path, PROTE_DEBUG=debug, **SECRETS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == ExitCode.FAILURE
    said = ended.stdout + ended.stderr
    assert not PLANTED.search(said.encode()), said
    assert f"http://{HIDDEN}@127.0.0.1:9/api with {HIDDEN}" in said
    assert ("Traceback" in said) is bool(debug)


def test_what_is_hidden_and_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "geheim-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "kurz")
    monkeypatch.setenv("PREFECT_HOME", "/home/ana/prefect")
    assert hide("key geheim-1, home /home/ana/prefect, kurz") == f"key {HIDDEN}, home /home/ana/prefect, kurz"
    assert (
        hide("s3://ana:pw@bucket/x and http://b@c/d?e=f@g")
        == f"s3://{HIDDEN}@bucket/x and http://{HIDDEN}@c/d?e=f@g"
    )
    for sound in ("http://127.0.0.1:4200/api", "écrivez à ana@example.org", "file:///home/ana/a@b"):
        assert hide(sound) == sound


def test_no_log_says_a_secret() -> None:
    program = """
import logging, os, sys
os.environ["PREFECT_API_KEY"] = "geheimnis"
from flows.discretion import hide_in_logs
hide_in_logs()
hide_in_logs()
logging.basicConfig(stream=sys.stdout, format="%(message)s")
log = logging.getLogger("any.library")
log.warning("the key is %s", "geheimnis")
log.warning("%d of %s", 3, {"a": 4})
try:
    raise ValueError("http://ana:geheimnis@example.org")
except ValueError:
    log.exception("failed")
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[:3] == [f"the key is {HIDDEN}", "3 of {'a': 4}", "failed"]
    assert said.splitlines()[-1] == f"ValueError: http://{HIDDEN}@example.org"
