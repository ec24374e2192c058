"""Speed, memory and start of our program, on new documents of the corpus kind.

Each measurement is a process of its own, so that nothing is remembered from another. Speed is
counted in processor time: the machine may be shared.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from repair.evaluation.text import fold_text, words
from repair.pipeline import Repaired

STARTS = 7
"""Starts of `prote repair`, of which the fastest is told."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the program takes.

    Attributes:
        first: words a second on the first document of a process, dictionaries opened before.
        new: words a second on a new document, after others of its kind.
        compound: words a second of symspellpy lookup_compound on the same documents.
        resident: MB resident in a worker that repaired the corpus, beyond the bare interpreter.
        private: those of them that it shares with no other process; None where that is not told.
        layout: what structure and typography cost on a new document, as a share of its repair.
        start: seconds from the call of `prote repair` on one line to its end.
    """

    first: float
    new: float
    compound: float
    resident: float
    private: float | None
    layout: float
    start: float


_FOLD = """
import json, sys, time
from pathlib import Path
from repair.evaluation.evaluate import WARM_UP
from repair.pipeline import repair_text
*others, new = [Path(name).read_text(encoding="utf-8") for name in sys.argv[1:]]
repair_text(WARM_UP)
def timed(text):
    begin = time.process_time()
    repair_text(text)
    return time.process_time() - begin
times = [timed(text) for text in [*others, new]]
print(json.dumps({"first": times[0], "new": times[-1]}))
"""

_STAGES = """
import json, sys, time
from pathlib import Path
from repair.edits import apply
from repair.pipeline import _normalise, _repair, _structure
def timed(text):
    begin = time.process_time()
    edits, _, _ = _repair(text, None)
    middle = time.process_time()
    diplomatic = apply(text, edits)
    structured = apply(diplomatic, _structure(diplomatic, (0,)).edits)
    apply(structured, _normalise(structured, "onu"))
    return middle - begin, time.process_time() - middle
times = [timed(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
print(json.dumps({"repair": times[-1][0], "layout": times[-1][1]}))
"""

_WEIGHT = """
import json, resource, sys
from pathlib import Path
if len(sys.argv) > 1:
    from repair.pipeline import repair_text
    for name in sys.argv[1:]:
        repair_text(Path(name).read_text(encoding="utf-8"))
def held(name):
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
rss = held("Rss")
if rss is None:
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"resident": rss, "private": held("Private_")}))
"""


def measure(corpus: Path, compound: Callable[[str], Repaired]) -> Machine:
    """Measure our program on the documents of a folder.

    Args:
        corpus: folder of text files, two or more.
        compound: symspellpy's lookup_compound.
    """
    documents = sorted(corpus.glob("*.txt"))
    counted = {document: len(words(fold_text(_read(document)).text)) for document in documents}
    first_words = first = new = repair = layout = 0.0
    for number, document in enumerate(documents):
        others = documents[number + 1 :] + documents[:number]
        times = _child(_FOLD, [*others, document])
        first += times["first"]
        first_words += counted[others[0]]
        new += times["new"]
        stages = _child(_STAGES, [*others, document])
        repair += stages["repair"]
        layout += stages["layout"]
    total = sum(counted.values())
    begin = time.process_time()
    for document in documents:
        compound(_read(document))
    slow = time.process_time() - begin
    bare, loaded = _child(_WEIGHT, []), _child(_WEIGHT, documents)
    private = None if loaded["private"] is None else loaded["private"] - bare["private"]
    return Machine(
        first=first_words / first,
        new=total / new,
        compound=total / slow,
        resident=loaded["resident"] - bare["resident"],
        private=private,
        layout=layout / repair,
        start=min(_start() for _ in range(STARTS)),
    )


def describe() -> str:
    """Say what machine this is, in a line."""
    memory = ""
    if "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB of memory"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{memory}"
    return f"{system}, Python {platform.python_version()}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _child(program: str, arguments: Sequence[Path]) -> dict[str, float]:
    ended = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(ended.stdout))


def _start() -> float:
    begin = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("prote"), "repair"],
        input="L’Assemblée générale a adopté 1’ordre du jour.\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - begin
