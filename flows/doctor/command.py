"""`prote doctor` from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from flows.exits import ExitCode, Stop

_FOLDER = click.Path(path_type=Path)


@click.command(short_help="Say whether all is there that a run needs, and how to mend what is not.")
@click.option("--raw", type=_FOLDER, default="raw", show_default=True, help="Folder of the documents.")
@click.option("--clean", type=_FOLDER, default="clean", show_default=True, help="Folder of the releases.")
@click.option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    default="dictionaries/decisions.jsonl",
    show_default=True,
    help="Journal of the curators' decisions.",
)
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects instead of a table.")
def doctor(raw: Path, clean: Path, decisions: Path, as_json: bool) -> None:
    """Look at all that a run needs: programs, libraries, dictionaries, disk, clock, state and release.

    Each thing is good, bad, or good enough with a note, and says how to mend it. Nothing is changed. The exit
    code tells whether anything is bad.
    """
    import json
    from dataclasses import asdict

    from flows.doctor.examine import examine
    from flows.doctor.finding import Health, House
    from flows.table import table

    found = examine(House(raw, clean, decisions))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        table(("what", "how", "found", "mend"), [(one.what, one.how, one.found, one.mend) for one in found])
    if count := sum(finding.how is Health.BAD for finding in found):
        raise Stop(f"{count} of {len(found)} things are bad: mend them as said", ExitCode.NOT_WELL)
