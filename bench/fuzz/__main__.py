"""`python -m bench.fuzz [TARGET …] --minutes 30`: each target searched for as long; exit 1 where one fails.

What was found of use is kept in ``build/fuzz/TARGET``, so that the next search goes on there; an input that
fails is kept beside it, and belongs into the tests with its mending.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

from bench.fuzz.seeds import seeds
from bench.fuzz.targets import TARGETS

FOLDER = Path(__file__).parents[2] / "build" / "fuzz"
LONGEST = 4_096
"""Bytes of an input; PDFs and images are given as many as their seeds."""
_SECONDS, _MEGABYTES = 60, 3_000
"""What one input may take; more is a fault."""


def main() -> int:
    """Search, and say what failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description="Search for what fails")
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all by default"
    )
    parser.add_argument("--minutes", type=float, default=30, help="for each target (default: 30)")
    arguments = parser.parse_args()
    wanted = arguments.targets or list(TARGETS)
    if unknown := set(wanted) - TARGETS.keys():
        parser.error(f"no target is called {', '.join(sorted(unknown))}")
    failed = [name for name in wanted if not search(name, round(60 * arguments.minutes))]
    for name in failed:
        print(f"{name} failed: see {FOLDER / name}-*", file=sys.stderr)
    return 1 if failed else 0


def search(name: str, seconds: int) -> bool:
    """Search with one target; return whether nothing failed."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    given = seeds(name)
    for seed in given:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    command = [
        *(sys.executable, "-m", "bench.fuzz.one", name, str(folder)),
        f"-max_total_time={seconds}",
        f"-max_len={max(LONGEST, *map(len, given))}",
        f"-timeout={_SECONDS}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-artifact_prefix={FOLDER}/{name}-",
        "-print_final_stats=1",
    ]
    print(f"{name}: {seconds} s", file=sys.stderr, flush=True)
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
