"""The curators' desk from the command line: `prote review`."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from flows.discretion import hide
from flows.exits import ExitCode, Stop

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from review.answers import Piece
    from review.curators import Curators
    from review.index import Watch
    from review.room import Again, Room

_FOLDER = click.Path(path_type=Path)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
PORT = 8539
CURATORS = "curators.toml"
"""In the folder of the state, below the output folder."""


@click.command(short_help="Open the curators' desk in the browser.")
@click.option("--raw", type=_FOLDER, default="raw", show_default=True, help="Folder of the documents.")
@click.option("--clean", type=_FOLDER, default="clean", show_default=True, help="Folder of the releases.")
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    default="dictionaries/decisions.jsonl",
    show_default=True,
    help="Journal of the curators' decisions.",
)
@click.option(
    "--profile",
    default="onu",
    show_default=True,
    help="Typography of a document without one that is sent through again.",
)
@click.option("--add", metavar="NAME", help="Give a curator a token, print it, and open nothing.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free."
)
@click.option(
    "--public", metavar="URL", help="Where a proxy shows the desk, such as https://desk.example.org."
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
def review(
    raw: Path,
    clean: Path,
    decisions: Path,
    profile: str,
    add: str | None,
    host: str,
    port: int,
    public: str | None,
    no_browser: bool,
) -> None:
    """Open the curators' desk: the doubtful edits of the current release, to be decided one by one.

    What is decided is written into the journal of decisions at once, and the next run honours it. Without
    curators (--add) whoever started the desk is the only one, and it listens on this machine alone.
    """
    from flows.plan import check_profile
    from flows.show import progress
    from flows.state import FOLDER
    from release.tables import DamagedTable
    from repair.decisions.journal import DamagedJournal
    from review.curators import BadCurators, Curators, add_curator, new_curator, read_curators, system_user
    from review.room import NoRelease, Room

    path = clean / FOLDER / CURATORS
    try:
        if add is not None:
            click.echo(add_curator(path, add))
            return
        known = read_curators(path)
    except BadCurators as bad:
        raise Stop(str(bad), ExitCode.USAGE) from None
    check_profile(profile)
    outside = urlsplit(public) if public else None
    if outside is not None and (outside.scheme not in ("http", "https") or not outside.netloc):
        raise Stop(f"{public} is no address of the web: say https://desk.example.org", ExitCode.USAGE)
    if (host not in _LOOPBACK or outside) and not known.everyone:
        raise Stop(
            "a desk that others can reach needs curators: prote review --add NAME gives one a token",
            ExitCode.USAGE,
        )
    token = ""
    if not known.everyone:
        curator, token = new_curator(system_user())
        known = Curators((curator,))
    with _listen(host, port) as listener:
        try:
            with progress("opening", "parts of the release") as watch:
                room = Room(clean, decisions, watch)
        except NoRelease as none:
            raise Stop(f"{none}: prote run makes one", ExitCode.NO_RELEASE) from None
        except DamagedTable as damaged:
            raise Stop(f"{damaged}: prote verify says more", ExitCode.NOT_VERIFIED) from None
        except DamagedJournal as damaged:
            raise Stop(str(damaged)) from None
        port = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        address = (public or f"http://{shown}:{port}").rstrip("/") + (
            f"/enter?token={token}" if token else "/"
        )
        click.echo(f"the desk is open: {address}\nCtrl-C closes it", err=True)
        if not no_browser:
            webbrowser.open(address)

        def curators() -> Curators:
            return known if token else read_curators(path)

        hosts = [f"{name}:{port}" for name in (shown, "127.0.0.1", "localhost")]
        if outside is not None:
            hosts.append(outside.netloc.lower())
        again = _again(raw, clean, decisions, profile)
        _serve(
            room, curators, hosts, listener, again, raw, secure=bool(outside and outside.scheme == "https")
        )


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except OSError as error:
        raise Stop(
            f"cannot listen at {host}, port {port} ({error.strerror}): --port names another", ExitCode.USAGE
        ) from None


def _serve(
    room: Room,
    curators: Callable[[], Curators],
    hosts: Sequence[str],
    listener: socket.socket,
    again: Again,
    raw: Path,
    *,
    secure: bool,
) -> None:
    import logging
    import secrets

    import uvicorn

    from review.app import make_app
    from review.security import Sessions

    # Sessions end with the desk: no secret is kept on the disk.
    sessions = Sessions(secrets.token_bytes(32), secure=secure)
    app = make_app(room, curators, sessions, hosts, piece=_pieces(raw), again=again)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # it would keep tokens of addresses
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=32 * 1024,
        limit_concurrency=100,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _pieces(raw: Path) -> Piece:
    from repair.reading.pieces import Pieces
    from review.snippets import Snippets

    return Snippets(raw, Pieces()).piece


def _again(raw: Path, clean: Path, decisions: Path, profile: str) -> Again:
    """Return what sends a document through again: the flow, in a process of its own.

    Args:
        raw: the raw folder.
        clean: the output folder.
        decisions: the journal.
        profile: the typography of a document that has none yet.
    """

    def again(name: str, own: str, watch: Watch) -> tuple[str, str]:
        from multiprocessing import get_context

        context = get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        asked = (name, str(raw), str(clean), own or profile, str(decisions))
        process = context.Process(target=_reprocess, args=(theirs, *asked), daemon=False)
        process.start()
        theirs.close()
        said: tuple[bool, str, str] = (
            False,
            "the flow ended without a word",
            "the flow ended without a word",
        )
        try:
            while True:
                heard = ours.recv()
                if len(heard) == 2:
                    watch(*heard)
                else:
                    said = heard
        except EOFError:
            process.join()
        if not said[0]:
            raise Stop(said[2], fr=said[1])
        return said[1], said[2]

    return again


def _reprocess(pipe: Connection, name: str, raw: str, clean: str, profile: str, decisions: str) -> None:
    """Run the flow, and say through a pipe how far it is and what came of it."""
    try:
        from flows.server import prefect_api, prepare_environment

        prepare_environment(Path(clean), debug=False)
        with prefect_api():
            from flows.corpus import reprocess_document, watcher

            watcher.set(lambda done, total: pipe.send((done, total)))
            report = reprocess_document(name, raw, clean, profile, decisions)
        release = report.release.id[:12]
        if report.against:
            fr, en = (
                " ".join(getattr(reason, language) for reason in report.against) for language in ("fr", "en")
            )
            pipe.send(
                (
                    True,
                    f"La version {release} est mise de côté : {fr}",
                    f"Release {release} is kept aside: {en}",
                )
            )
        else:
            pipe.send((True, f"La version {release} est en ligne.", f"Release {release} is the current one."))
    except Exception as error:
        fr, en = (
            hide(" ".join(told.split())) or type(error).__name__
            for told in (getattr(error, "fr", str(error)), str(error))
        )
        pipe.send((False, fr, en))
    finally:
        pipe.close()
