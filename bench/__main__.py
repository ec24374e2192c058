"""`python -m bench`: every program on every set, in one run; the page goes to `bench/RESULTS.md`."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from bench import (
    corpus,
    corpus_page,
    desk,
    page,
    reading,
    reading_page,
    releases,
    releases_page,
    report,
    scale,
    scale_page,
    triage,
)
from bench import machine as machines
from bench.beside import judge as judge_beside
from bench.kept import Kept
from bench.peers import find_dicollecte, ours, peers
from bench.programs import names
from bench.sets import CLEAN_SETS, PAIR_SETS, damaged_texts, find_pages
from repair.evaluation import CleanEvaluation, Evaluation, evaluate, evaluate_clean
from repair.reading.engines.programs import MissingProgram

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Measure, write the page, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure our repairs beside others")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the data")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "RESULTS.md", help="the page to write")
    parser.add_argument("--limit", type=int, help="take so many pairs of each set and pages, to try it out")
    parser.add_argument("--alone", action="store_true", help="measure our program's repairs only")
    parser.add_argument(
        "--only",
        choices=_PARTS,
        help="measure this, leave the rest of the page; pages-scale, releases, desk and report only so",
    )
    parser.add_argument(
        "--documents",
        type=int,
        nargs="+",
        help="corpus, releases: sizes of the corpora",
    )
    parser.add_argument(
        "--cold",
        type=int,
        default=scale.PAGES_LONG,
        help="pages-scale: pages of the long document that are no repetitions",
    )
    arguments = parser.parse_args()
    data = arguments.shared / "data"
    wanted = [arguments.only] if arguments.only else ["pairs", "reading", "corpus"]
    missing = [str(data / name) for what in wanted for name in _PARTS[what][1] if not (data / name).is_dir()]
    if missing:
        print(
            f"bench: nothing to measure on: the development data belong in {' and '.join(missing)}, "
            "and are no part of the project (--shared names another folder)",
            file=sys.stderr,
        )
        return 1
    for what in wanted:
        part = _PARTS[what][0](arguments)
        if part is None:
            return 1
        written = arguments.out.read_text(encoding="utf-8") if arguments.out.exists() else ""
        arguments.out.write_text(page.put(written, part), encoding="utf-8")
    print(arguments.out)
    return 0


def _repairs(arguments: argparse.Namespace) -> str | None:
    """Measure repairs; return their part of the page, None where a program is missing."""
    pairs, clean = arguments.shared / "data" / "pairs", arguments.shared / "data" / "clean"
    begin = time.perf_counter()
    programs = [ours()]
    if not arguments.alone:
        dicollecte = find_dicollecte(ROOT / "build" / "bench")
        if dicollecte is None:
            _say("npm did not get Hunspell's French dictionary: hunspell is left out")
        try:
            programs += peers(dicollecte)
        except ModuleNotFoundError as missing:
            _say(_not_installed(missing))
            return None

    measured: dict[str, Evaluation] = {}
    parts = ["## Pairs of a reading and its correct text\n", _LEGEND]
    for chosen in PAIR_SETS:
        taken = chosen.read(pairs, arguments.limit)
        rows: list[page.Row] = []
        for peer in programs:
            _say(f"{chosen.name}: {peer.name}")
            some = peer.affordable(taken, lambda pair: pair.ocr)
            found = evaluate(some, peer.repair)
            if not rows:
                measured[chosen.name] = found
                rows.append(page.before_row(found))
            rows.append(page.pair_row(peer.name, found))
            if len(some) < len(taken):
                rows.append(page.pair_row("*prote on the same sample*", evaluate(some, programs[0].repair)))
        parts.append(f"### {chosen.name}\n\n{page.markdown(page.PAIR_HEADINGS, rows)}\n")

    spotless: dict[str, CleanEvaluation] = {}
    rows = []
    for kind in CLEAN_SETS:
        passages = kind.read(clean)[: arguments.limit]
        for peer in programs:
            _say(f"clean {kind.name}: {peer.name}")
            chosen_passages = peer.affordable(passages, str)
            clean_found = evaluate_clean(chosen_passages, peer.repair)
            if peer is programs[0]:
                spotless[kind.name] = clean_found
            rows.append(page.clean_row(peer.name, kind.name, clean_found))
    table = page.markdown(page.CLEAN_HEADINGS, rows)
    parts.append(f"## Clean text kept out of the index build\n\n{_CLEAN}\n\n{table}\n")

    machine = None
    corpus = arguments.shared / "corpus"
    compound = next((peer for peer in programs if peer.name.endswith("lookup_compound")), None)
    if corpus.is_dir() and compound is not None:
        _say("speed, memory, start")
        machine = machines.measure(corpus, compound.repair)
        table = page.markdown(("measure", "value"), page.machine_rows(machine))
        parts.append(f"## Speed and memory\n\n{_SPEED}\n\n{table}\n")
    parts.append("## Our edits and probabilities, set by set\n")
    parts += [f"### {name}: details\n\n{page.details(found)}\n" for name, found in measured.items()]

    goals = page.markdown(
        ("asked", "must", "aim", "measured", "met"), page.goal_rows(measured, spotless, machine)
    )
    given = page.markdown(("program", "given"), [(peer.name, peer.given) for peer in programs])
    told = _heading(time.perf_counter() - begin)
    head = f"{_RESULTS}\n\n{told}\n\n{given}\n\n## What is asked, misses first\n\n{goals}\n"
    return "\n".join([head, *parts])


def _reading(arguments: argparse.Namespace) -> str | None:
    """Measure the reading of pages; return its part of the page, None where a program is missing."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    data = arguments.shared / "data"
    images = find_pages(data / "pages", arguments.limit)
    try:
        pages = reading.measure(images, damaged_texts(data / "pairs", images), _say)
        beside = judge_beside(images, pages)
        _say("triage")
        judged = triage.judge(triage.make_layers(data / "pairs", images, data / "clean"))
    except (MissingProgram, ModuleNotFoundError) as missing:
        _say(missing.en if isinstance(missing, MissingProgram) else _not_installed(missing))
        return None
    found = reading.summaries(names(), pages, images)
    told = f"{len(images)} pages; load of the machine before: {load:.1f}."
    heading = f"{_heading(time.perf_counter() - begin)}\n{told}"
    return reading_page.part(heading, found, beside, judged)


def _scale(arguments: argparse.Namespace) -> str | None:
    """Measure long documents; return their part of the page, None where a run fails."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    images = find_pages(arguments.shared / "data" / "pages")
    sizes = (scale.PAGES_SHORT, scale.PAGES_LONG)
    pages = (min(sizes[0], arguments.limit or sizes[0]), min(sizes[1], arguments.limit or sizes[1]))
    kept = Kept(ROOT / "build" / "bench" / "scale", (_commit(), *pages, arguments.cold))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended too
    try:
        found = scale.measure(images, kept, pages, arguments.cold, _say)
    except RuntimeError as failed:
        _say(str(failed))
        return None
    told = f"{_heading(time.perf_counter() - begin)}\nLoad of the machine before: {load:.1f}."
    kept.forget()
    return scale_page.part(told, found)


def _releases(arguments: argparse.Namespace) -> str | None:
    """Measure publishing; return its part of the page, None where it fails."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    folder = ROOT / "build" / "bench" / "releases"
    try:
        sizes = tuple(arguments.documents or releases.SIZES)
        found = releases.measure(arguments.shared / "data", folder, sizes, _say)
    except RuntimeError as failed:
        _say(str(failed))
        return None
    told = f"{_heading(time.perf_counter() - begin)}\nLoad of the machine before: {load:.1f}."
    return releases_page.part(told, found)


def _corpus(arguments: argparse.Namespace) -> str | None:
    """Measure many short documents; return their part of the page, None where a run fails."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    samples = [*sorted((ROOT / "raw").glob("*.txt")), *sorted((arguments.shared / "corpus").glob("*.txt"))]
    sizes = tuple(arguments.documents or corpus.SIZES)
    kept = Kept(ROOT / "build" / "bench" / "corpus", (_commit(), len(samples)))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended too
    try:
        found = [corpus.measure(samples, kept, documents, _say) for documents in sizes]
    except RuntimeError as failed:
        _say(str(failed))
        return None
    told = f"{len(samples)} samples; load of the machine before: {load:.1f}."
    heading = f"{_heading(time.perf_counter() - begin)}\n{told}"
    kept.forget()
    return corpus_page.part(heading, found)


def _desk(arguments: argparse.Namespace) -> str | None:
    """Measure the curators' desk; return its part of the page."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    found = desk.measure(ROOT / "build" / "bench" / "desk", _say)
    told = f"{_heading(time.perf_counter() - begin)}\nLoad of the machine before: {load:.1f}."
    return desk.part(told, found)


def _report(arguments: argparse.Namespace) -> str | None:
    """Look at reports in a browser; return their part of the page, None where there is none."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    if not report.CHROMIUM.exists():
        _say("there is no Chromium: apt install chromium")
        return None
    found = report.measure(ROOT / "build" / "bench" / "report", _say)
    told = f"{_heading(time.perf_counter() - begin)}\nLoad of the machine before: {load:.1f}."
    return report.part(told, found)


def _not_installed(missing: ModuleNotFoundError) -> str:
    return f"{missing.name} is not installed: make bench, or uv sync --group bench, installs it"


def _commit() -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return commit.stdout.strip() or "unknown"


def _heading(seconds: float) -> str:
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    return (
        f"{date.today().isoformat()}, commit {_commit()}, {machines.describe()}.\n"
        f"`{command}`, {seconds / 60:.1f} minutes. Written by the program; do not edit."
    )


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


_PARTS = {
    "pairs": (_repairs, ("pairs", "clean")),
    "reading": (_reading, ("pages", "pairs")),
    "pages-scale": (_scale, ("pages",)),
    "releases": (_releases, ("pairs", "clean")),
    "corpus": (_corpus, ()),
    "desk": (_desk, ()),
    "report": (_report, ()),
}
"""What can be measured, and the folders of data that it takes."""

_RESULTS = "# Results"

_LEGEND = """White space is folded, words cut by a line's end are joined and ’ is ' on both sides; `gold_etat`
is the gold where there is one. CER and WER are pooled over the set; cMER is that of HIPE-OCRepair 2026.
*fixed*: share of the damaged words; *harmed*: per 1,000 sound words; *made worse*: pairs whose character
errors rose; *precision*: share of the applied edits that bring their place nearer to the gold. In brackets
95 % intervals (bootstrap over the pairs). A slow program gets a fixed random sample of the pairs, and ours
is measured on the same. words/s: wall clock, words seen before remembered by each program.
"""

_CLEAN = """One passage of 50 lines is one document; up to 30 passages of each source, none of which the index
was built from. Every repair counts as harm. A slow program gets a fixed random sample."""

_SPEED = """Processor time on the documents of `../shared/corpus`: each in turn is new to a process that has
repaired the others. symspellpy reads the same documents in the same run."""

if __name__ == "__main__":
    sys.exit(main())
