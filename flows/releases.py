"""The commands on releases themselves.

`prote diff` compares two, `prote accept` publishes one that was kept aside, `prote prune` takes old ones
away. `flows.stores` has those on releases in an object store.
"""

from __future__ import annotations

from pathlib import Path

import click

from flows.exits import ExitCode, Stop

_FOLDER = click.Path(path_type=Path)
_OUTPUT = click.Path(path_type=Path, dir_okay=False)
_CLEAN = click.option(
    "--clean", type=_FOLDER, default="clean", show_default=True, help="Folder of the releases."
)

KEPT = 10
"""Releases that `prote prune` leaves where nobody says how many."""


@click.command(short_help="Compare two releases: documents, texts, edits by rule.")
@click.argument("old", default="previous", metavar="[OLD]")
@click.argument("new", default="current", metavar="[NEW]")
@click.option("--html", type=_OUTPUT, help="Write a page with the changed lines here.")
@_CLEAN
def diff(old: str, new: str, html: Path | None, clean: Path) -> None:
    """Compare the release OLD with the release NEW.

    Each is the beginning of an ID, the path of a release's folder, `current`, or `previous`: that which was
    published before the current one.
    """
    from flows.show import comparison
    from release.compare import compare
    from release.tables import DamagedTable

    one, two = _release(clean, old), _release(clean, new)
    try:
        found = compare(one, two)
        if html is not None:
            from release.pages.comparison import comparison_page

            with html.open("w", encoding="utf-8") as page:
                page.writelines(comparison_page(found, one, two))
    except DamagedTable as damaged:
        raise Stop(f"{damaged}: prote verify says more", ExitCode.NOT_VERIFIED) from None
    comparison(found)


def _release(clean: Path, wanted: str) -> Path:
    from release.shelf import UnknownRelease, find_release, releases

    try:
        return find_release(clean, wanted)
    except UnknownRelease as unknown:
        code = ExitCode.USAGE if releases(clean) else ExitCode.NO_RELEASE
        raise Stop(str(unknown), code) from None


@click.command(short_help="Publish a release that was kept aside.")
@click.argument("release", metavar="ID")
@_CLEAN
def accept(release: str, clean: Path) -> None:
    """Make a release the current one that a run kept aside; ID is the beginning of its ID.

    Look at it first: its folder is CLEAN/aside/ID, and prote diff compares it with the current one.
    """
    from flows.lock import locked
    from release.layout import CURRENT
    from release.publish import accept as make_current
    from release.publish import aside
    from release.rendering import PublishError
    from release.shelf import UnknownRelease

    if not aside(clean):
        raise Stop(f"no release is kept aside in {clean}: there is nothing to accept", ExitCode.NO_RELEASE)
    with locked(clean):
        try:
            path = make_current(clean, release)
        except UnknownRelease as unknown:
            raise Stop(str(unknown), ExitCode.NO_RELEASE) from None
        except PublishError as damaged:
            raise Stop(str(damaged), ExitCode.NOT_VERIFIED) from None
    click.echo(f"release {path.name} is the current one: {clean / CURRENT}", err=True)


@click.command(short_help="Take old releases away.")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=KEPT,
    show_default=True,
    help="How many stay: the current one, and those published last.",
)
@click.argument("url", required=False)
@_CLEAN
def prune(keep: int, url: str | None, clean: Path) -> None:
    """Take away old releases, of a folder or of the object store URL; the current one always stays.

    Who still reads one of them loses it. What was published when stays in CLEAN/changes/. In a store
    nothing goes that was written in the last hour; what pushes that were stopped left there goes too.
    """
    if url is not None:
        from flows.stores import prune as prune_store

        prune_store(url, keep)
        return
    from rich.filesize import decimal

    from flows.lock import locked
    from release.shelf import prune as take_away
    from release.shelf import releases

    if not releases(clean):
        raise Stop(f"there is no release in {clean}", ExitCode.NO_RELEASE)
    with locked(clean):
        pruned = take_away(clean, keep)
    for release in pruned.releases:
        print(release)
    count = len(pruned.releases)
    click.echo(f"{count} release{'s' * (count != 1)} taken away, {decimal(pruned.bytes)} freed", err=True)
