"""The embedded Prefect server: for a run, or for `prote serve`, without a Prefect server of the user's own.

It listens on this machine only, keeps its database in ``CLEAN/.prote``, and lives as long as its standard
input: the system closes that when its owner ends, even by ``kill -9``, so no server is ever left behind
(Prefect's own temporary server is). That of a run only records it; that of `prote serve` also shows Prefect's
page, and plans the runs to come.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from flows.discretion import hide_in_logs
from flows.exits import Stop
from flows.state import FOLDER

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
}
OWNED = "PROTE_OWNED"
"""Variable of the processes of runs that are to end with the program that started them."""

_START_SECONDS = 180  # a cold start took 16 s; a busy machine takes several times that
_PATIENCE = 10


def prepare_environment(clean: Path, *, debug: bool = False, home: str = "prefect") -> None:
    """Set what Prefect reads when it is imported; what the user has set stands.

    Args:
        clean: the output folder.
        debug: whether Prefect is to say all it can.
        home: name of the folder, beside the state, that Prefect keeps its own files in.
    """
    hide_in_logs()
    settings = _QUIET | {
        "PREFECT_HOME": str((clean / FOLDER / home).resolve()),
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
    with _server(0, {"PREFECT__SERVER_EPHEMERAL": "1"}) as port:
        from prefect.settings import PREFECT_API_URL, temporary_settings  # while the server starts

        url = f"http://127.0.0.1:{port()}/api"
        with temporary_settings({PREFECT_API_URL: url}):
            yield url
            _send_events()


@contextlib.contextmanager
def prefect_page(port: int) -> Iterator[str]:
    """Run a server that shows Prefect's page and plans runs; give its address, without ``/api``.

    Args:
        port: to listen at on this machine; 0 for any that is free.

    Raises:
        Stop: if the server does not start.
    """
    home = Path(os.environ["PREFECT_HOME"])
    ours = {
        "PREFECT_UI_STATIC_DIRECTORY": str(home / "page"),  # Prefect's own folder may be another user's
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",  # what is older than 90 days goes
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    with _server(port, {name: value for name, value in ours.items() if name not in os.environ}) as started:
        yield f"http://127.0.0.1:{started()}"


@contextlib.contextmanager
def _server(port: int, settings: dict[str, str]) -> Iterator[Callable[[], int]]:
    """Start a server, and end it; give what waits until it answers, and returns its port."""
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "flows.server", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the run; the server hears of it when the run has ended
        env=os.environ | {"PREFECT__SERVER_FINAL": "1"} | settings,
    )
    try:
        yield lambda: _wait_for_port(server)
    finally:
        _end(server)


def end_with_owner() -> None:
    """Have this process, of a run that `prote serve` started, end when that ends, however it does.

    Prefect gives such a process a pipe for standard input, which ends with `prote serve`. Ctrl-C is for that
    program, which then ends its runs.
    """
    if OWNED not in os.environ:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.read(0, 1024):  # not `sys.stdin`, whose lock Python wants when it ends
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


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


def _serve(port: int) -> None:
    """Run the server: print the port once it answers, stop at the end of standard input."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    port = listener.getsockname()[1]
    os.environ.setdefault("PREFECT_UI_API_URL", f"http://127.0.0.1:{port}/api")

    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(port, flush=True)

    server = Server(uvicorn.Config(create_app(), log_level="critical", timeout_graceful_shutdown=1))

    def watch() -> None:
        while os.read(0, 1024):  # not `sys.stdin`, as above
            pass
        server.should_exit = True
        threading.Event().wait(_PATIENCE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    server.run(sockets=[listener])


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
