"""`prote evaluate`: how good the repairs are, measured on pairs of a reading and its correct text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import ExitCode, Stop

if TYPE_CHECKING:  # at run time it would bring the dictionaries
    from repair.evaluation.report import Table


@click.command(short_help="Measure the repairs on pairs of a reading and its correct text.")
@click.argument("pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PAIRS.jsonl")
@click.option(
    "--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here."
)
@click.option("--limit", type=click.IntRange(min=1), help="Take the first pairs only.")
def evaluate(pairs: Path, out: Path | None, limit: int | None) -> None:
    """Repair the readings of PAIRS.jsonl and compare them with what the pages print.

    Each line is a JSON object with the texts "ocr" and "gold"; the file may be gzipped. "gold_etat",
    where there is one, takes the place of "gold".
    """
    import msgspec

    from repair.evaluation import BadPairs, read_pairs
    from repair.evaluation import evaluate as measure
    from repair.evaluation.report import tables

    try:
        taken = read_pairs(pairs, limit)
    except BadPairs as bad:
        raise Stop(str(bad), ExitCode.USAGE) from None
    with _progress(len(taken)) as watch:
        found = measure(taken, watch=watch)
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    show = _rich if sys.stdout.isatty() else _plain
    for number, table in enumerate(tables(found)):
        if number:
            print()
        show(table)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error where that is a terminal; give what is to be called for each pair."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("pairs", total=total)
        yield lambda: bar.advance(task)


def _plain(table: Table) -> None:
    """Print a table with tabs between its columns, nothing shortened."""
    print(f"# {table.title}")
    for row in (table.headings, *table.rows):
        print("\t".join(row).rstrip("\t"))


def _rich(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as Shown
    from rich.text import Text

    shown = Shown(title=table.title, title_justify="left", box=None, pad_edge=False)
    for number, heading in enumerate(table.headings):
        shown.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*map(Text, row))
    Console().print(shown)
