"""What a user sees of a run: a bar and a table on a terminal, plain lines anywhere else.

Plain lines have one document each, tabs between the columns, and nothing shortened, coloured or wrapped.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flows.entries import Row
from flows.standing import Checked, Standing, Standings
from flows.table import harmless, table
from release.compare import Comparison, DocumentChange, Figures
from release.layout import CURRENT, MORNING, REPORT, SHORT_ID
from release.ledger import Explanation
from release.preview import Foreseen, MoveSum, Preview
from release.rows import LedgerRow
from release.trace import Trace
from release.verify import Verification
from repair.decisions.refit import ENOUGH

if TYPE_CHECKING:  # at run time it would bring Prefect
    from flows.corpus import Report

_HEADINGS = ("document", "status", "damage before", "damage after", "applied", "to review", "failed")
_FIGURES = ("published", "in review", "in quarantine", "words", "damaged before", "damaged after")
_SHOWN_FAULTS = 20


@contextmanager
def progress(
    last: str = "publishing", steps: str = "documents and pages", *, bar: bool = True
) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error where that is a terminal; give what is to be told of each step.

    Args:
        last: what is done when all of them are.
        steps: what is counted.
        bar: False where lines of a log take its place.
    """
    if not (bar and sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("starting", total=None)

        def watch(done: int, total: int) -> None:
            what = last if done == total else steps
            shown.update(task, completed=done, total=total or None, description=what)

        yield watch


def summary(report: Report, raw: Path, clean: Path) -> None:
    """Print the documents of a run on standard output, and where its release is on standard error."""
    release, current = report.release, clean / CURRENT
    table(_HEADINGS, map(_cells, report.rows))
    sys.stdout.flush()
    for sign, reasons in (("against", report.against), ("note", report.told)):
        for reason in reasons:
            print(f"{sign}: {harmless(reason.en)}", file=sys.stderr)
    if report.against:
        current = release.data
    told = [
        f"release {release.id}: {release.published} published, {release.review} in review, "
        f"{release.quarantine} in quarantine; {report.processed} processed in this run",
        _memory(report),
        f"text:   {current / 'text'}",
        f"report: {current / REPORT}",
        f"all of it, for the morning: {clean / MORNING}",
    ]
    if report.unprocessed:
        told.append(f"{report.unprocessed} files of {raw} are new and not in it: prote run adds them")
    print(*told, sep="\n", file=sys.stderr)


def _memory(report: Report) -> str:
    memory = report.memory
    left_out = f" ({memory.left_out} left out: it is full)" if memory.left_out else ""
    return (
        f"memory: {report.phrases} phrases of {len(memory.documents)} trusted documents{left_out}; "
        f"{report.recalled} processed again with it"
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.status.value,
        _percent(row.damage_before),
        _percent(row.damage_after),
        str(row.applied),
        str(row.review),
        ", ".join(row.failed) or "-",
    )


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"


def explanation(found: Explanation) -> None:
    """Print why a line stands as it does."""
    print(f"{found.document}:{found.line}")
    print(f"  read       {harmless(found.reading)}")
    print(f"  diplomatic {harmless(found.diplomatic)}")
    _edits(found.edits, "No edit touches this line.")


def traced(found: Trace) -> None:
    """Print where a piece of the normalised edition comes from, and why it stands as it does."""
    print(f"{found.document}:{found.line}")
    print(f"  published  {harmless(found.text)}")
    for place in found.places:
        print(f"  printed    {harmless(place.diplomatic.replace(chr(10), '⏎'))}")
        where = f"line {place.line}, code points {place.start} to {place.end}"
        print(f"  read       {harmless(place.reading.replace(chr(10), '⏎'))}  ({where})")
    _edits(found.edits, "No edit touches it.")


def _edits(edits: Sequence[LedgerRow], none: str) -> None:
    if not edits:
        print(none)
    for edit in edits:
        print(
            f"\n{_quoted(edit.before)} → {_quoted(edit.after)}  {edit.kind} {edit.decision}, "
            f"rule {edit.rule}, probability {edit.probability:.3f}"
        )
        for evidence in edit.evidence:
            weight = f" ({evidence.weight:+.1f})" if evidence.weight else ""
            print(f"  {evidence.witness}: {harmless(evidence.detail)}{weight}")


def _quoted(text: str) -> str:
    return "«" + harmless(text.replace("\n", "⏎")) + "»"


def verification(found: Verification) -> None:
    """Print what a check of a release found; its faults go to standard error."""
    for fault in found.faults[:_SHOWN_FAULTS]:
        print(f"{harmless(fault.path)}: {fault.sentence}", file=sys.stderr)
    if len(found.faults) > _SHOWN_FAULTS:
        print(f"… and {len(found.faults) - _SHOWN_FAULTS} faults more", file=sys.stderr)
    if not found.faults:
        print(f"release {found.release} is sound: {found.files} files, {found.edits} edits replayed")


def comparison(found: Comparison) -> None:
    """Print what changed between two releases; a plain line begins with what it is about."""
    before, after = found.before, found.after
    names = (found.old[:SHORT_ID] or "-", found.new[:SHORT_ID])
    _figure_table(names, before, after)
    table(
        ("made with", *names),
        [(name, was or "-", now or "-") for name, was, now in found.versions],
        "made with",
    )
    table(("document", "what", "why", "places", "status"), map(_changed, found.documents), "document")
    table(
        ("rule", "appeared", "vanished"),
        [(rule.rule, str(rule.appeared), str(rule.vanished)) for rule in found.rules],
        "rule",
    )


def _changed(document: DocumentChange) -> tuple[str, ...]:
    old, new = document.old, document.new
    why = document.cause.value if document.cause else "-"
    if old is not None and new is not None and old.name != new.name:
        why = f"was {old.name}"
    return document.name, document.change.value, why, str(document.places), _statuses(document)


def _statuses(document: DocumentChange) -> str:
    rows = (document.old, document.new)
    return " -> ".join(dict.fromkeys(row.status.value for row in rows if row is not None))


def foreseen(found: Preview) -> None:
    """Print what would change; a plain line begins with what it is about. What stays the same is not told."""
    count = len(found.documents)
    if count:
        _figure_table(("kept", "foreseen"), found.before, found.after)
    table(
        ("document", "normalised", "diplomatic", "status", "fails now", "fails no more", "also"),
        map(_foreseen, found.documents),
        "document",
    )
    codes = sorted({code for code, _ in found.failing + found.mended})
    failing, mended = dict(found.failing), dict(found.mended)
    table(
        ("expectation", "fails now", "fails no more"),
        [(code, str(failing.get(code, 0)), str(mended.get(code, 0))) for code in codes],
        "expectation",
    )
    table(("rule", "was", "now", "edits", "documents", "examples"), map(_moved, found.moves), "rule")
    table(("not looked at", "why"), found.left, "not looked at")
    sys.stdout.flush()
    told = [
        f"{count} of {count + found.quiet + found.same} documents would change"
        if count
        else "nothing would change"
    ]
    if found.quiet:
        told.append(f"{found.quiet} in nothing but probabilities and figures")
    if found.left:
        told.append(f"{len(found.left)} not looked at")
    print("; ".join(told), file=sys.stderr)


def _foreseen(found: Foreseen) -> tuple[str, ...]:
    document = found.document
    return (
        document.name,
        str(document.places),
        str(found.diplomatic),
        _statuses(document),
        ", ".join(found.failing) or "-",
        ", ".join(found.mended) or "-",
        ", ".join(found.parts) or "-",
    )


def _moved(found: MoveSum) -> tuple[str, ...]:
    examples = [
        f"{_quoted(words.before)} → {_quoted(words.after)}" + (f" ×{times}" if times > 1 else "")
        for words, times in found.examples
    ]
    move = found.move
    return (
        move.rule,
        move.was or "-",
        move.now or "-",
        str(found.edits),
        str(found.documents),
        ", ".join(examples),
    )


def standings(found: Standings) -> None:
    """Print whether decisions hold, those first that do not."""
    table(("decision", "verdict", "scope", "where", "words", "places", "stands"), map(_stands, found.checked))
    sys.stdout.flush()
    counts = Counter(one.standing for one in found.checked)
    told = [f"{counts[standing]} {harmless(standing)}" for standing in Standing if counts[standing]]
    print(
        f"{len(found.checked)} decisions in force{': ' if told else ''}{', '.join(told)}; "
        f"{found.taken_back} taken back",
        file=sys.stderr,
    )
    told_of = f"{found.refit.right} proposals found right, {found.refit.wrong} wrong"
    if found.refit.step:
        print(
            f"calibration: {told_of}; by {found.refit.step} of each, a doubt at 0.70 is right at "
            f"{found.refit.probability(0.7):.2f}, at 0.90 at {found.refit.probability(0.9):.2f}; runs go by "
            f"that ({found.refit.id or 'as shipped'})",
            file=sys.stderr,
        )
    elif found.refit.enough:
        print(
            f"calibration: {told_of}; surer ones are less often right, so none is set right",
            file=sys.stderr,
        )
    elif found.refit.right or found.refit.wrong:
        print(f"calibration: {told_of}; {ENOUGH} of each are needed", file=sys.stderr)


def _stands(one: Checked) -> tuple[str, ...]:
    ruling = one.ruling
    words = "-"
    if ruling.outcome is not None:
        words = f"{_quoted(ruling.before)} → {_quoted(ruling.outcome)}"
    elif ruling.failed:
        words = ", ".join(ruling.failed)
    return (
        ruling.id,
        ruling.verdict.value,
        ruling.scope.value,
        ruling.document or ruling.collection or "-",
        words,
        str(one.places),
        one.standing.value,
    )


def _figure_table(names: tuple[str, str], before: Figures | None, after: Figures) -> None:
    columns = [_figures(before) if before else ["-"] * len(_FIGURES), _figures(after)]
    table(("", *names), zip(_FIGURES, *columns, strict=True), "figure")


def _figures(figures: Figures) -> list[str]:
    counts = figures.documents
    return [
        *map(str, (counts.published, counts.review, counts.quarantine, figures.words)),
        *map(_percent, (figures.damage_before, figures.damage_after)),
    ]
