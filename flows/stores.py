"""Releases in an object store, for the command line: `prote push`, and what `verify` and `prune` do there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import ExitCode, Stop

if TYPE_CHECKING:  # fsspec is loaded when it is needed
    from release.agreement import Fault
    from release.store import Store

_FOLDER = click.Path(path_type=Path)


@click.command(short_help="Bring a release to an object store, and make it the current one there.")
@click.argument("url", metavar="URL")
@click.argument("release", default="current", metavar="[RELEASE]")
@click.option("--clean", type=_FOLDER, default="clean", show_default=True, help="Folder of the releases.")
def push(url: str, release: str, clean: Path) -> None:
    """Bring a release to an object store, such as s3://bucket/corpus, and make it the current one there.

    RELEASE is the beginning of an ID, the path of a release's folder, `current`, or `previous`. What the
    store has already is not sent again. Only when all of it has arrived is URL/current switched; a push
    that was stopped is completed by the next.

    Credentials are taken from the environment, as the store's own tools take them.
    """
    from flows.show import progress

    with progress("switching", "files") as watch:
        told = send(url, release, clean, watch)
    click.echo(told, err=True)


def check_place(url: str) -> None:
    """Refuse what is no place in a store; nothing is sent.

    Raises:
        Stop: saying what it must be.
    """
    with _store(url):
        pass


def push_published(url: str, clean: Path) -> None:
    """Bring the current release, which a run has just published, to a store.

    Raises:
        Stop: if it did not come there.
    """
    try:
        send(url, "current", clean)
    except Stop as stop:
        raise Stop(
            f"the release is published in {clean}, and did not come to {url} ({stop}): mend that, then "
            f"prote push {url} --clean {clean}, or the next run, brings it there",
            ExitCode.NOT_PUSHED,
        ) from stop


def send(
    url: str, release: str, clean: Path, watch: Callable[[int, int], None] = lambda _done, _total: None
) -> str:
    """Bring a release to a store, make it the current one there, and return a sentence on it.

    Args:
        url: of the place in the store.
        release: which, as :func:`release.shelf.find_release` takes it.
        clean: the output folder.
        watch: hears how far it has come.

    Raises:
        Stop: if there is no such release, it is damaged, or the store refuses.
    """
    from release.bag import BadBag
    from release.mirror import push as send
    from release.shelf import UnknownRelease, find_release, releases

    try:
        folder = find_release(clean, release)
    except UnknownRelease as unknown:
        raise Stop(str(unknown), ExitCode.USAGE if releases(clean) else ExitCode.NO_RELEASE) from None
    with _store(url) as store:
        try:
            pushed = send(folder, store, watch)
        except BadBag as damaged:
            raise Stop(f"{folder}: {damaged}; prote verify says more", ExitCode.NOT_VERIFIED) from None
    is_current = "is the current one" if pushed.switched else "was the current one already"
    return (
        f"release {pushed.release} {is_current} in {store.url}: {pushed.uploaded} files sent, "
        f"{pushed.copied} copied there"
    )


def is_url(text: str) -> bool:
    """Say whether a user who wrote this meant a place in a store, not a folder.

    >>> is_url("s3://bucket/corpus"), is_url("corpus/clean")
    (True, False)
    """
    return "://" in text


@contextmanager
def at_hand(place: str) -> Iterator[tuple[Path, list[Fault]]]:
    """Give the folder of a release to be verified, and what a store has there beside the release.

    Of a store it is a copy, in a folder for temporary files (TMPDIR), which goes at the end.

    Args:
        place: a folder, or the URL of a place in a store.

    Raises:
        Stop: if the store refuses, or has no release.
    """
    if not is_url(place):
        yield Path(place), []
        return
    from flows.show import progress
    from release.mirror import fetch
    from release.verify import NoRelease

    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        with _store(place) as store, progress("checking", "files") as watch:
            try:
                found = fetch(store, Path(folder), watch)
            except NoRelease as missing:
                raise Stop(f"{missing}: prote push brings one there", ExitCode.NO_RELEASE) from None
        yield found


def prune(url: str, keep: int) -> None:
    """Take old releases of a store away, and say which.

    Raises:
        Stop: if the store refuses, or has no release.
    """
    from rich.filesize import decimal

    from release.mirror import prune as take_away
    from release.verify import NoRelease

    with _store(url) as store:
        try:
            pruned, young = take_away(store, keep)
        except NoRelease as missing:
            raise Stop(str(missing), ExitCode.NO_RELEASE) from None
    for release in pruned.releases:
        print(release)
    count = len(pruned.releases)
    kept = f"; {young} younger than an hour left" if young else ""
    click.echo(
        f"{count} release{'s' * (count != 1)} taken away, {decimal(pruned.bytes)} freed{kept}", err=True
    )


@contextmanager
def _store(url: str) -> Iterator[Store]:
    """Give a store, and end the program with a sentence where it refuses."""
    with refused():
        from release.store import Store

        yield Store(url)


@contextmanager
def refused() -> Iterator[None]:
    """End the program with a sentence where a store refuses.

    Raises:
        Stop: saying what to mend.
    """
    from release.store import BadURL, MissingLibrary, StoreError

    try:
        yield
    except StoreError as error:
        code = {BadURL: ExitCode.USAGE, MissingLibrary: ExitCode.MISSING_PROGRAM}.get(type(error))
        raise Stop(str(error), code or ExitCode.FAILURE) from error
