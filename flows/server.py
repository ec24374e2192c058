"""The embedded Prefect server: for a run without a Prefect server of the user's own.

It listens on this machine only, keeps its database in ``CLEAN/.prote/prefect``, and lives as
long as its standard input: the system closes that when the run ends, even by ``kill -9``, so
no server is ever left behind (Prefect's own temporary server is).
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from flows.exits import Stop
from flows.state import FOLDER

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
}
_START_SECONDS = 180  # a cold start took 16 s; a busy machine takes several times that
_PATIENCE = 10


def prepare_environment(clean: Path, *, debug: bool = False) -> None:
    """Set what Prefect reads when it is imported; what the user has set stands."""
    settings = _QUIET | {
        "PREFECT_HOME": str((clean / FOLDER / "prefect").resolve()),
        "PREFECT_LOGGING_LEVEL": "DEBUG" if debug else "CRITICAL",
    }
    if "PREFECT_API_URL" not in os.environ:
        settings["PREFECT_LOGGING_TO_API_ENABLED"] = "false"  # nobody can look while it lives
    for name, value in settings.items():
        os.environ.setdefault(name, value)


@contextlib.contextmanager
def prefect_api() -> Iterator[str]:
    """Give flows an API to report to, and its URL: the user's where one is set, else an embedded server.

    Raises:
        Stop: if the server does not start.
    """
    if "PREFECT_API_URL" in os.environ:
        yield os.environ["PREFECT_API_URL"]
        return
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "flows.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the run; the server hears of it when the run has ended
        env=os.environ | {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"},
    )
    try:
        from prefect.settings import PREFECT_API_URL, temporary_settings  # while the server starts

        url = f"http://127.0.0.1:{_wait_for_port(server)}/api"
        with temporary_settings({PREFECT_API_URL: url}):
            yield url
            _send_events()
    finally:
        _end(server)


def _wait_for_port(server: subprocess.Popen[bytes]) -> int:
    assert server.stdout is not None  # noqa: S101 - it is a pipe
    timer = threading.Timer(_START_SECONDS, server.kill)
    timer.start()
    try:
        line = server.stdout.readline()
    finally:
        timer.cancel()
    if not line:
        raise Stop(
            "the embedded Prefect server did not start: see the messages above, or set PREFECT_API_URL "
            "to a server of your own"
        )
    return int(line)


def _send_events() -> None:
    """Send what Prefect still has to say while somebody listens; else it complains when it exits."""
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all(timeout=_PATIENCE)


def _end(server: subprocess.Popen[bytes]) -> None:
    for pipe in (server.stdin, server.stdout):
        if pipe is not None:
            pipe.close()
    try:
        server.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _serve() -> None:
    """Run the server: print the port once it answers, stop at the end of standard input."""
    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(self.servers[0].sockets[0].getsockname()[1], flush=True)

    app = create_app(ephemeral=True, final=True)
    server = Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="critical", timeout_graceful_shutdown=1))

    def watch() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True
        threading.Event().wait(_PATIENCE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    server.run()


if __name__ == "__main__":
    _serve()
