"""`python -m bench --only corpus`: many short documents, from the raw folder to the release.

Each has some 200 words: pieces of one of the samples, drawn by chance, so that the damage is that of one
document. The bare loop of `repair_text` over some of them is measured beside `prote run` as a user calls it,
on one processor and on two; then the run with nothing changed, and with ten documents changed, beside a flow
of Prefect that does nothing. It may be cut short at any moment and called again.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.kept import Figures, Kept
from bench.memory import can_tell, family, held
from bench.sets import SEED
from bench.staged import JUDGED, STAGES
from repair.pipeline import EDITIONS, repair_text

SIZES = (1_000,)
WORDS = 200
"""Of a document, about."""
CHANGED = 10
BARE = 2_000
"""Documents of the bare loop."""
_PIECE = 20
"""Words of a piece of a sample, at least: a clause or two, or lines."""
_LONG = 600
"""Words of a sample that is varied alone; the shorter ones are varied as one."""
_FOLDER = 1_000
"""Documents in a folder."""
_EVERY = 2.0
"""Seconds between two looks at the memory: a look takes a twentieth of a second."""
_CLAUSE = re.compile(r"[^\n,;.:]*(?:[\n,;.:]\s*|$)")


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the program.

    Attributes:
        seconds: from the call to the end.
        worked: of the processor, by the program and all that it started.
        memory: most that these held at one time, in bytes; None where it was not looked at.
        stages: seconds of each stage, by name.
        judged: of the processor, on the checks of documents.
    """

    seconds: float
    worked: float
    memory: int | None
    stages: Mapping[str, float]
    judged: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One size of corpus.

    Attributes:
        documents: how many,
        words: and in all of them.
        bare: seconds of the processor that `repair_text` takes a word, by edition.
        empty: a flow that does nothing, in a folder that Prefect knows.
        one: the first run, on one processor,
        two: and on two.
        nothing: a run with nothing changed, on two,
        ten: and with ten documents changed.
    """

    documents: int
    words: int
    bare: Mapping[str, float]
    empty: Ran
    one: Ran
    two: Ran
    nothing: Ran
    ten: Ran


def measure(samples: Sequence[Path], kept: Kept, documents: int, say: Callable[[str], None]) -> Measured:
    """Measure one size of corpus.

    Args:
        samples: texts that the documents are made from.
        kept: where what is known is kept, and where the corpus is made.
        documents: how many.
        say: told what is begun.

    Raises:
        RuntimeError: if a run fails; it says where its output is.
    """
    raw = kept.folder / f"raw-{documents}"
    known = kept.get(f"{documents}: made")
    if known is None:
        say(f"{documents:,} documents")
        shutil.rmtree(raw, ignore_errors=True)
        known = {"words": float(make_documents(samples, raw, documents))}
        kept.put(f"{documents}: made", known)
    bare = kept.get(f"{documents}: bare")
    if bare is None:
        say(f"{documents:,} documents: the bare loop")
        bare = {edition: _in_a_process(raw, documents, edition) for edition in EDITIONS}
        kept.put(f"{documents}: bare", bare)

    def run(name: str, what: str, cores: int, clean: str, new: bool) -> Ran:
        figures = kept.get(f"{documents}: {name}")
        if figures is None:
            say(f"{documents:,} documents: {name}")
            folder = kept.folder / f"{clean}-{documents}"
            if new:
                shutil.rmtree(folder, ignore_errors=True)
            figures = watch(what, cores, raw, folder, kept.folder / "output.txt", weigh=cores > 1)
            kept.put(f"{documents}: {name}", figures)
        return _ran(figures)

    run("an empty flow, in a new folder", "empty", 2, "empty", new=True)
    empty = run("an empty flow", "empty", 2, "empty", new=False)
    one = run("one processor", "run", 1, "one", new=True)
    shutil.rmtree(kept.folder / f"one-{documents}", ignore_errors=True)
    two = run("two processors", "run", 2, "two", new=True)
    nothing = run("nothing changed", "run", 2, "two", new=False)
    _change(raw, documents)
    ten = run(f"{CHANGED} changed", "run", 2, "two", new=False)
    for folder in (raw, kept.folder / f"two-{documents}", kept.folder / f"empty-{documents}"):
        shutil.rmtree(folder, ignore_errors=True)
    words = int(known["words"])
    return Measured(documents, words, bare, empty, one, two, nothing, ten)


def make_documents(samples: Sequence[Path], raw: Path, documents: int) -> int:
    """Make short documents of pieces of the samples, the same each time; return the words in all.

    Args:
        samples: texts.
        raw: the folder to make them in.
        documents: how many.
    """
    pools, short = [], []
    for sample in samples:
        text = sample.read_text(encoding="utf-8", errors="replace").replace("\ufffd", "")
        found = _pieces(text)
        if len(text.split()) < _LONG:
            short += found
        else:
            pools.append(found)
    pools += [short] if short else []
    weights = [len(pool) for pool in pools]
    words = 0
    for number in range(documents):
        chance = random.Random(f"{SEED} {number}")  # noqa: S311 - no secret
        (pool,) = chance.choices(pools, weights)
        taken, size = [], 0
        for place in chance.sample(range(len(pool)), len(pool)):
            taken.append(place)
            size += len(pool[place].split())
            if size >= WORDS:
                break
        text = "".join(f"{pool[place].rstrip(' ')}\n" for place in sorted(taken))
        path = document_path(raw, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\nDossier {number}.\n", encoding="utf-8")
        words += size + 2
    return words


def document_path(raw: Path, number: int) -> Path:
    """Return where a document is."""
    return raw / f"{number // _FOLDER:03d}" / f"{number:06d}.txt"


def _pieces(text: str) -> list[str]:
    """Cut a text into pieces of a few words that end with a clause or a line."""
    found, piece = [], ""
    for clause in _CLAUSE.findall(text):
        piece += clause
        if len(piece.split()) >= _PIECE:
            found.append(piece)
            piece = ""
    return found


def _change(raw: Path, documents: int) -> None:
    """Add a line to some documents; to which it was added already, it is not again."""
    for number in range(CHANGED):
        path = document_path(raw, number * documents // CHANGED)
        text = path.read_text(encoding="utf-8").removesuffix("Suite.\n")
        path.write_text(f"{text}Suite.\n", encoding="utf-8")


def _in_a_process(raw: Path, documents: int, edition: str) -> float:
    command = [sys.executable, "-m", "bench.corpus", str(raw), str(documents), edition]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        raise RuntimeError("the bare loop failed")
    return float(run.stdout)


def _bare(raw: Path, documents: int, edition: str) -> float:
    """Return the seconds of the processor that an edition takes a word, in a process that is new."""
    many = min(BARE, documents)
    texts = [
        document_path(raw, number * documents // many).read_text(encoding="utf-8") for number in range(many)
    ]
    repair_text("Un mot.", edition)  # the dictionaries are open
    begin = time.process_time()
    for text in texts:
        repair_text(text, edition)
    return (time.process_time() - begin) / sum(len(text.split()) for text in texts)


def watch(what: str, cores: int, raw: Path, clean: Path, log: Path, *, weigh: bool) -> Figures:
    """Run the program, and return what is known of it.

    Args:
        what: ``run``, or ``empty``.
        cores: processors that it may use.
        raw: the raw folder.
        clean: the output folder.
        log: what its output is added to.
        weigh: whether its memory is looked at.

    Raises:
        RuntimeError: if it fails.
    """
    told, most = log.with_name("stages.json"), 0
    told.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.staged", what, str(cores), str(raw), str(clean), str(told)]
    with log.open("ab") as output:
        begin = time.perf_counter()
        # In a session of its own, so that all it starts can be found, and ended with it.
        program = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        looked, ended = begin, 0
        try:
            while not ended:
                if weigh and can_tell() and time.perf_counter() - looked >= _EVERY:
                    most = max(most, held(family(program.pid)))
                    looked = time.perf_counter()
                ended, status, used = os.wait4(program.pid, os.WNOHANG)
                if not ended:
                    time.sleep(0.05)
            program.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if not ended:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
    if program.returncode or not told.is_file():
        raise RuntimeError(f"prote run ended with {program.returncode}: see {log}")
    seconds = time.perf_counter() - begin
    stages: Figures = json.loads(told.read_text(encoding="utf-8"))
    return stages | {"seconds": seconds, "worked": used.ru_utime + used.ru_stime, "memory": float(most)}


def _ran(figures: Figures) -> Ran:
    stages = {stage: figures[stage] for stage in STAGES}
    return Ran(figures["seconds"], figures["worked"], int(figures["memory"]) or None, stages, figures[JUDGED])


if __name__ == "__main__":
    print(_bare(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
