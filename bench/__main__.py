"""`python -m bench`: every program on every set, in one run; the page goes to `bench/RESULTS.md`."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from bench import machine as machines
from bench import page
from bench.peers import find_dicollecte, ours, peers
from bench.sets import CLEAN_SETS, PAIR_SETS
from repair.evaluation import CleanEvaluation, Evaluation, evaluate, evaluate_clean

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Measure, write the page, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure our repairs beside others")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder of the data")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "RESULTS.md", help="the page to write")
    parser.add_argument("--limit", type=int, help="take the first pairs of each set only, to try it out")
    parser.add_argument("--alone", action="store_true", help="measure our program only")
    arguments = parser.parse_args()
    pairs, clean = arguments.shared / "data" / "pairs", arguments.shared / "data" / "clean"
    if not pairs.is_dir() or not clean.is_dir():
        print(
            f"bench: nothing to measure on: the development pairs and the clean text belong in {pairs} "
            f"and {clean}, and are no part of the project (--shared names another folder)",
            file=sys.stderr,
        )
        return 1
    begin = time.perf_counter()
    programs = [ours()]
    if not arguments.alone:
        dicollecte = find_dicollecte(ROOT / "build" / "bench")
        if dicollecte is None:
            _say("npm did not get Hunspell's French dictionary: hunspell is left out")
        try:
            programs += peers(dicollecte)
        except ModuleNotFoundError as missing:
            _say(f"{missing.name} is not installed: make bench, or uv sync --group bench, installs it")
            return 1

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
    head = f"# Results\n\n{told}\n\n{given}\n\n## What is asked, misses first\n\n{goals}\n"
    arguments.out.write_text("\n".join([head, *parts]), encoding="utf-8")
    print(arguments.out)
    return 0


def _heading(seconds: float) -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    return (
        f"{date.today().isoformat()}, commit {commit.stdout.strip() or 'unknown'}, {machines.describe()}.\n"
        f"`{command}`, {seconds / 60:.1f} minutes. Written by the program; do not edit."
    )


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


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
