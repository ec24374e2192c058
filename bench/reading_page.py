"""The part of the results that is about reading pages."""

from __future__ import annotations

from collections.abc import Sequence

from bench.beside import ALLOWED, Beside
from bench.page import Row, between, goal, markdown, misses_first, percent_2, whole
from bench.programs import ALONE, BOTH, FULL, ONE, REPAIRED
from bench.reading import ProgramRead
from bench.triage import EVERY, PHOTOGRAPHED, Judged
from repair.evaluation.report import NOTHING, percent, rounded

TITLE = "# Reading pages"
_PARTS = ("in order", "lines matched")


def part(told: str, programs: dict[str, ProgramRead], beside: Beside | None, judged: Sequence[Judged]) -> str:
    """Write the part.

    Args:
        told: when, where and how it was measured.
        programs: on all pages, by key.
        beside: the pages that have a damaged text; None where there are none.
        judged: text layers, by kind; none where pages of one folder alone were read.
    """
    rows = [*_program_goals(programs), *(_beside_goals(beside) if beside else []), *_triage_goals(judged)]
    goals = markdown(("asked", "must", "aim", "measured", "met"), misses_first(rows))
    found = list(programs.values())
    parts = [
        f"{TITLE}\n\n{told}",
        f"## What is asked of reading, misses first\n\n{goals}\n\n{_LONG}",
        f"## All pages\n\n{_LEGEND}\n\n{markdown(_HEADINGS, [_program_row(one) for one in found])}",
        f"## By folder: CER in order / lines matched\n\n{markdown(*_folder_rows(found))}",
    ]
    if beside:
        table = markdown(_BESIDE_HEADINGS, [_beside_row(one) for one in beside.programs.values()])
        parts.append(f"## A damaged text beside the scan\n\n{_BESIDE}\n\n{table}\n\n{_worse_table(beside)}")
    if judged:
        table = markdown(_TRIAGE_HEADINGS, [_triage_row(one) for one in judged])
        parts.append(f"## Text layers: read again or kept\n\n{_TRIAGE}\n\n{table}")
    return "\n\n".join(parts) + "\n"


_HEADINGS = (
    "program", "CER in order", "lower by", "CER lines matched", "lower by", "worse than plain",
    "worse than best", "rank correlation", "CPU s a page", "× plain", "wall s", "given up",
)  # fmt: skip


def _program_row(found: ProgramRead) -> Row:
    """Return the row of a program that read pages; of two figures the first is in order."""
    measured = found.folders["all"]
    seconds = measured["seconds"]
    rank = found.rank and [whole(rounded, one) for one in found.rank]
    return (
        found.name,
        whole(percent_2, measured["ordered"]),
        between(measured["ordered_cut"]),
        whole(percent_2, measured["lines"]),
        between(measured["lines_cut"]),
        "{}; {}".format(*found.worse),
        "{}; {}".format(*found.worse_than_best) if found.worse_than_best else NOTHING,
        "; ".join(rank) if rank else NOTHING,
        whole(rounded, seconds),
        whole(rounded, measured["times"]),
        rounded(measured["wall"].value),
        str(found.failed),
    )


def _folder_rows(found: Sequence[ProgramRead]) -> tuple[Row, list[Row]]:
    """Return the headings and the rows of both rates by folder of pages, with their intervals."""
    folders = sorted(folder for folder in found[0].folders if folder != "all")
    rows = [
        (
            program.name,
            *(
                " / ".join(
                    whole(percent_2, program.folders[folder][measure]) for measure in ("ordered", "lines")
                )
                for folder in folders
            ),
        )
        for program in found
    ]
    return ("program", *folders), rows


def _program_goals(found: dict[str, ProgramRead]) -> list[Row]:
    rows = []
    asked = {FULL: ((0.33, 0.45), (0.45, 0.60)), ALONE: ((0.25, 0.35), (0.25, 0.35))}
    for key, goals in asked.items():
        if key not in found:
            continue
        program = found[key + REPAIRED]
        for (must, aim), part, what in zip(goals, ("ordered", "lines"), _PARTS, strict=True):
            value = program.folders["all"][f"{part}_cut"].value
            rows.append(
                goal(f"CER lower than plain Tesseract's, {what}: {program.name}", must, aim, value, percent)
            )
    if FULL in found:
        full = found[FULL + REPAIRED]
        for number, what in enumerate(_PARTS):
            worse = f"of {full.pages} pages, worse than {{}}, {what}".format
            rows.append(goal(worse("plain Tesseract"), 2, 0, full.worse[number], str, most=True))
            best = full.worse_than_best and full.worse_than_best[number]
            rows.append(goal(worse("the best single witness"), 5, 1, best, str, most=True))
            rank = full.rank and full.rank[number].value
            rows.append(goal(f"rank correlation of disagreement and CER, {what}", 0.75, 0.85, rank, rounded))
        seconds = found[FULL].folders["all"]["seconds"].value
        rows.append(goal("CPU s a page, the full vote", 7, 4, seconds, rounded, most=True))
    times = found[ONE].folders["all"]["times"].value
    over = None if times is None else times - 1
    rows.append(goal("CPU of one reading over plain Tesseract's", 0.10, 0.03, over, percent, most=True))
    return rows


_BESIDE_HEADINGS = (
    "program", "CER in order", "lower by", "CER lines matched", "lower by", "worse than plain", "given up",
)  # fmt: skip


def _beside_row(found: ProgramRead) -> Row:
    measured = found.folders["all"]
    return (
        found.name,
        whole(percent_2, measured["ordered"]),
        between(measured["ordered_cut"]),
        whole(percent_2, measured["lines"]),
        between(measured["lines_cut"]),
        "{}; {}".format(*found.worse),
        str(found.failed),
    )


def _beside_goals(beside: Beside) -> list[Row]:
    both, where = beside.programs[BOTH + REPAIRED], "damaged text and scan"
    rows = []
    goals = ((0.33, 0.45), (0.45, 0.60))
    for number, (part_, what, (must, aim)) in enumerate(
        zip(("ordered", "lines"), _PARTS, goals, strict=True)
    ):
        rows.append(
            goal(
                f"{where}: of {both.pages} pages, {percent(ALLOWED, 0)} worse than the better, {what}",
                0,
                None,
                len(beside.worse[number]),
                str,
                most=True,
            )
        )
        value = both.folders["all"][f"{part_}_cut"].value
        rows.append(goal(f"{where}: CER lower than plain Tesseract's, {what}", must, aim, value, percent))
    return rows


def _worse_table(beside: Beside) -> str:
    """Name the pages that are worse than they may be."""
    rows = [
        (worse.page, what, str(worse.text), str(worse.scan), str(worse.both))
        for what, pages in zip(_PARTS, beside.worse, strict=True)
        for worse in pages
    ]
    if not rows:
        return f"No page is more than {percent(ALLOWED, 0)} worse than the better of its text and its scan."
    told = f"Pages more than {percent(ALLOWED, 0)} worse than the better of the two, with their errors:"
    return f"{told}\n\n{markdown(('page', 'counted', 'text', 'scan', 'both'), rows)}"


_TRIAGE_HEADINGS = (
    "layer", "layers", "read again", "wrongly sent", "wrongly kept", "surely sent", "surely kept",
    "shipped: wrongly sent", "shipped: wrongly kept", "repaired: wrongly sent", "repaired: wrongly kept",
)  # fmt: skip


def _triage_row(judged: Judged) -> Row:
    repaired = (None, None) if judged.repaired is None else judged.repaired
    shares = (judged.again, judged.sent, judged.kept, *judged.surely, *judged.shipped, *repaired)
    return (judged.name, str(judged.layers), *(percent(share) for share in shares))


def _triage_goals(judged: Sequence[Judged]) -> list[Row]:
    return [
        goal(f"layers, {one.name}: wrongly {what}", 0.05, 0.02, share, percent, most=True)
        for one in judged
        if one.name in (EVERY, "a French model", "an English model", "both models" + PHOTOGRAPHED)
        for what, share in (("read again", one.sent), ("kept", one.kept))
    ]


_LEGEND = """CER is strict: case, accents, punctuation, apostrophes and quotes count. *In order*: edit
distance of the whole page; *lines matched*: each line of the correct text against the line most like it,
extra lines forgiven. Of two figures the first is in order, the second lines matched. *lower by*: than plain
Tesseract's. *worse than plain*, *than best*: pages with more errors than plain Tesseract's reading of them,
than the best single reading that voted. *rank correlation*: Spearman's, of the readings' disagreement (no
correct text) and the rate of errors. In brackets 95 % intervals (bootstrap over the pages).

All programs have one thread (`OMP_THREAD_LIMIT=1`); two pages are read side by side. CPU: user and system
time of a program and of its children. Others use the machine, which makes all of it up to 30 % longer, so
*× plain* says more; of plain Tesseract and our one reading the quicker of two readings counts; wall time
says little. Ours has its models open, the others start for each page, as they do. OCRmyPDF writes text, no
PDF, and gets pages without the alpha channel that it refuses."""

_LONG = "A PDF of 100 and of 500 pages is measured by `make bench-long`: see “Long documents”, where it was."

_BESIDE = f"""The photographed pages, and what Tesseract once read on them with its English model, which loses
accents. Both are given to the program as a user gives them, `page.png` and `page.txt`; engines' readings of
the scans are those of the table above. *The better*: the text repaired, or the scan voted, or voted and
repaired, whichever has the fewest errors; a page is worse where both together, repaired, leave more than
{percent(ALLOWED, 0)} more."""

_TRIAGE = """Layers of all pages: what the models once read, RapidOCR's reading, the vote, the correct text,
and clean text that poses as a layer, which reading again cannot better. *Every kind alike*: the population
that the weights are fitted on; each of the six kinds is a sixth of it, so that half is damaged and half
sound. *Wrongly sent*: read again, though the vote gains less than 0.2 points of CER (lines matched) over the
layer; *wrongly kept*: not read again, though it gains as much; *surely*: the gain is 0.2 points or more off
that price; *repaired*: by the gain that is left when both are repaired. The weights that judge a folder, or
a source of clean text, were fitted on the others; *shipped*: by the weights that the program has, which were
fitted on all."""
