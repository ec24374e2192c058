"""A PostgreSQL server for the tests, by Debian's package, in a folder of its own and at a free port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "do-not-show-me"  # noqa: S105 - of a server that lives as long as a test
_USER = "postgres"


def _programs() -> Path:
    """Return the folder of the newest PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    there = found[-1] if found else shutil.which("initdb")
    if there is None:
        pytest.skip("PostgreSQL is not installed: scripts/setup installs it (Debian's package postgresql)")
    return Path(there).parent


def _as_other() -> list[str]:
    """Return what begins a command that root may not run: PostgreSQL refuses to be root's."""
    return ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"] if os.geteuid() == 0 else []


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server with an empty database; give its address as Prefect takes it."""
    programs, as_other = _programs(), _as_other()
    folder = Path(tempfile.mkdtemp(prefix="prote-postgresql-"))
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD)
    if as_other:
        for path in (folder, password):
            shutil.chown(path, _USER, _USER)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def call(program: str, *arguments: str | Path) -> list[str]:
        return [*as_other, str(programs / program), *map(str, arguments)]

    made = ("-D", data, "-U", "prote", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--no-sync")
    subprocess.run(call("initdb", *made), check=True, stdout=subprocess.DEVNULL, cwd=folder)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": "off",
    }
    set_to = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(call("postgres", "-D", data, *set_to), stderr=log, stdout=log, cwd=folder)
    try:
        ready = call("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "30")
        for _ in range(100):
            if subprocess.run(ready, check=False, cwd=folder).returncode == 0 or server.poll() is not None:
                break
        assert server.poll() is None, (folder / "log").read_text()
        yield f"postgresql+asyncpg://prote:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # without waiting for who is connected
        server.wait(30)
        shutil.rmtree(folder)
