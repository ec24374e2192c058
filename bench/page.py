"""The results as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bench.machine import Machine
from repair.evaluation import CleanEvaluation, Evaluation
from repair.evaluation.measures import Estimate
from repair.evaluation.report import NOTHING, Table, percent, rounded, tables

Row = tuple[str, ...]


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table; figures stand right."""
    bars = ["---", *("---:" for _ in headings[1:])]
    return "\n".join("| " + " | ".join(_safe(cell) for cell in row) + " |" for row in (headings, bars, *rows))


def _safe(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


PAIR_HEADINGS = (
    "program", "pairs", "CER", "CER cut", "WER", "cMER", "cMER cut", "fixed", "harmed /1,000", "made worse",
    "precision", "words/s",
)  # fmt: skip


def before_row(found: Evaluation) -> Row:
    """Return the row of the readings themselves."""
    return (
        "*the reading*",
        f"{found.documents:,}",
        percent(found.cer_before.value, 2),
        "",
        percent(found.wer_before.value, 2),
        percent(found.cmer_before.value, 2),
        *[""] * 6,
    )


def pair_row(name: str, found: Evaluation) -> Row:
    """Return the row of a program on a set of pairs, intervals beside what is compared most."""
    harmed = found.harmed_per_thousand
    return (
        name,
        f"{found.documents:,}",
        percent(found.cer.value, 2),
        between(found.cer_cut),
        percent(found.wer.value, 2),
        percent(found.cmer.value, 2),
        between(found.cmer_cut),
        between(found.fixed),
        rounded(harmed.value)
        + ("" if harmed.low is None else f" ({rounded(harmed.low)}…{rounded(harmed.high)})"),
        f"{found.documents_worse:,}",
        between(found.precision),
        f"{found.words_per_second:,.0f}",
    )


def between(estimate: Estimate) -> str:
    """Write a share in per cent with its interval."""
    if estimate.low is None or estimate.high is None:
        return percent(estimate.value)
    return f"{percent(estimate.value)} ({100 * estimate.low:.0f}…{100 * estimate.high:.0f})"


def details(found: Evaluation) -> str:
    """Write the rules, the classes of damage and the calibration of our program on a set."""
    return "\n\n".join(f"{table.title}\n\n{_table(table)}" for table in tables(found)[1:])


def _table(table: Table) -> str:
    return markdown(table.headings, table.rows)


CLEAN_HEADINGS = (
    "program",
    "kind",
    "passages",
    "words",
    "repairs",
    "per 1,000 words",
    "95 % interval",
    "to review /1,000",
)


def clean_row(name: str, kind: str, found: CleanEvaluation) -> Row:
    """Return the row of a program on clean text."""
    rate = found.repairs_per_thousand
    return (
        name,
        kind,
        f"{found.documents:,}",
        f"{found.words:,}",
        f"{found.repairs:,}",
        rounded(rate.value),
        "" if rate.low is None else f"{rounded(rate.low)} to {rounded(rate.high)}",
        rounded(found.to_review_per_thousand.value),
    )


def machine_rows(machine: Machine) -> list[Row]:
    """Return the rows of speed, memory and start."""
    private = "–" if machine.private is None else f"{machine.private:.0f} MB"
    return [
        ("words/s, a new document after others of its kind", f"{machine.new:,.0f}"),
        ("words/s, the first document of a process", f"{machine.first:,.0f}"),
        ("words/s of symspellpy lookup_compound", f"{machine.compound:,.0f}"),
        ("ours against it, new document", f"{machine.new / machine.compound:.1f} ×"),
        ("ours against it, first document", f"{machine.first / machine.compound:.1f} ×"),
        ("structure and typography of a new document, against its repair", f"{machine.layout:.2f} ×"),
        ("memory of a worker beyond the interpreter", f"{machine.resident:.0f} MB"),
        ("of which shared with no other process", private),
        ("start and end of `prote repair` on one line", f"{machine.start:.2f} s"),
    ]


def goal_rows(
    measured: dict[str, Evaluation], clean: dict[str, CleanEvaluation], machine: Machine | None
) -> list[Row]:
    """Return what is asked of the program beside what was measured: what, must, aim, measured, met."""
    legal, english, french, books, news = (
        measured[name]
        for name in (
            "render_legal_dev, English model",
            "reocr_dev, English model",
            "reocr_dev, French model",
            "icdar2017_monograph_dev",
            "hipe2026_train",
        )
    )
    rows = [
        goal("render_legal_dev, English model: damaged words fixed", 0.85, 0.95, legal.fixed.value, percent),
        goal(
            "render_legal_dev, English model: words harmed per 1,000",
            0.3,
            0.1,
            legal.harmed_per_thousand.value,
            rounded,
            most=True,
        ),
        goal("reocr_dev, English model: cMER cut", 0.22, 0.35, english.cmer_cut.value, percent),
        goal("reocr_dev, English model: pages made worse", 0, 0, english.documents_worse, str, most=True),
        goal("reocr_dev, French model: pages made worse", 1, 0, french.documents_worse, str, most=True),
        goal("hipe2026_train: cMER cut", 0.08, 0.25, news.cmer_cut.value, percent),
        goal("hipe2026_train: documents made worse", 0.03, 0.01, news.worse.value, percent, most=True),
        goal("icdar2017_monograph_dev: CER cut", 0.05, 0.15, books.cer_cut.value, percent),
        goal("icdar2017_monograph_dev: documents made worse", 2, 0, books.documents_worse, str, most=True),
    ]
    for kind, found in clean.items():
        must, aim = (0.1, 0.03) if kind == "law" else (0.3, 0.1)
        rate = found.repairs_per_thousand.value
        rows.append(goal(f"clean {kind}: repairs per 1,000 words", must, aim, rate, rounded, most=True))
    for name, pairs in measured.items():
        rows.append(goal(f"precision, {name}", 0.97, 0.995, pairs.precision.value, percent))
    for name, pairs in measured.items():
        error = pairs.calibration_error.value
        rows.append(goal(f"calibration error, {name}", 0.05, 0.02, error, _thousandths, most=True))
    if machine is not None:
        count = "{:,.0f}".format
        times = "{:.1f} ×".format
        rows += [
            goal("words/s, new document", 30_000, 150_000, machine.new, count),
            goal("words/s against lookup_compound", 5, 26, machine.new / machine.compound, times),
            goal("structure and typography against repair", 1, 1, machine.layout, times, most=True),
            goal("memory of a worker, MB", 250, 100, machine.resident, count, most=True),
            goal("start of `prote repair`, s", 0.6, 0.3, machine.start, rounded, most=True),
        ]
    return misses_first(rows)


def misses_first(rows: Sequence[Row]) -> list[Row]:
    """Return rows of :func:`goal`, what is missed first."""
    return sorted(rows, key=lambda row: ("no", "must", "aim", NOTHING).index(row[4]))


def whole(write: Callable[[float | None], str], estimate: Estimate) -> str:
    """Write a figure with its interval."""
    if estimate.low is None:
        return write(estimate.value)
    return f"{write(estimate.value)} ({write(estimate.low)}…{write(estimate.high)})"


def percent_2(value: float | None) -> str:
    """Write a share with two places."""
    return percent(value, 2)


def put(page: str, part: str) -> str:
    """Put a part of the results in the place of the part of the same title, or at the end.

    Args:
        page: parts, each with its title of the highest level.
        part: one, with its title.
    """
    parts = [text for text in re.split(r"(?m)^(?=# )", page) if text.strip()]
    title = part.split("\n", 1)[0]
    places = [number for number, text in enumerate(parts) if text.split("\n", 1)[0] == title] or [len(parts)]
    parts[places[0] : places[0] + 1] = [part]
    return "\n".join(f"{text.strip()}\n" for text in parts)


def _thousandths(value: float) -> str:
    return rounded(value, 3)


def goal(
    what: str,
    must: float,
    aim: float | None,
    value: float | None,
    write: Callable[[float], str],
    most: bool = False,
) -> Row:
    """Return a row of what is asked beside what was measured.

    Args:
        what: is asked.
        must: what it must be.
        aim: what it should be; None where no more is asked.
        value: measured; None where it was not.
        write: makes the figures readable.
        most: whether less is better.
    """
    aimed = NOTHING if aim is None else write(aim)
    if value is None:
        return (what, write(must), aimed, NOTHING, NOTHING)
    sign = -1 if most else 1
    reached = aim is not None and sign * value >= sign * aim
    met = "aim" if reached else "must" if sign * value >= sign * must else "no"
    return (what, write(must), aimed, write(value), met)
