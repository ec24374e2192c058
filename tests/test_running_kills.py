"""Whole runs killed wherever they may be: nothing lost, nothing twice, no half release, nobody left behind.

The runs are those of the command line: Prefect with its server, workers, both engines on a page, checks, a
release. `PROTE_KILLS` says how many are killed; `make bench-long` kills 300.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from processes import command, environment, wait_for, working_for

from flows.state import FILE, FOLDER, State
from release.verify import NoRelease, verify
from repair.document import Status

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "raw"
KILLS = int(os.environ.get("PROTE_KILLS", "2"))
WHOLE = 15.0
"""Seconds that a run is thought to take before one has ended."""
OTHERS = 0.25
"""Share of the kills that strike another process of the run, or all of them at once."""


def make_raw(folder: Path) -> Path:
    """Make a corpus: texts that tell each other something, a page for the engines, and an empty file."""
    folder.mkdir()
    for name in ("lettre-propre.txt", "rapport-foret.md", "resolution-eau.txt", "compte-rendu-1252.txt"):
        shutil.copy(SAMPLES / name, folder)
    # A line or two: the engines start and read in earnest, and are soon done.
    with Image.open(SAMPLES / "affiche.png") as page:
        page.crop((0, 0, page.width, 220)).save(folder / "avis.png", dpi=(150, 150))
    (folder / "vide.txt").write_bytes(b"")
    return folder


@dataclass
class Corpus:
    """What becomes of a corpus where nobody is killed.

    Attributes:
        raw: the raw folder.
        id: of its release.
        statuses: of its documents, by path.
    """

    raw: Path
    id: str
    statuses: dict[str, Status]


@dataclass
class Seen:
    """What was seen of the kills.

    Attributes:
        struck: how many, by what was struck and how far the run was.
        longest: seconds that a whole run took.
    """

    struck: Counter[str] = field(default_factory=Counter)
    longest: float = WHOLE


def statuses(clean: Path) -> dict[str, Status]:
    return {row.path: row.status for row in State(clean).rows()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, prefect_server: None) -> Corpus:
    from flows.corpus import publish_corpus

    house = tmp_path_factory.mktemp("whole")
    raw = make_raw(house / "raw")
    report = publish_corpus(str(raw), str(house / "clean"), "onu", str(house / "decisions.jsonl"))
    return Corpus(raw, report.release.id, statuses(house / "clean"))


def current(clean: Path) -> str | None:
    """Return the release that readers see, which is whole; None where there is none."""
    try:
        found = verify(clean)
    except NoRelease:
        return None
    assert found.faults == ()
    return found.release


def done_in(log: Path) -> list[str]:
    """Return the documents that a run processed first, by the lines of its log that are whole."""
    if not log.exists():
        return []
    records = []
    for line in log.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError):
            records.append(json.loads(line))
    return [
        record["path"]
        for record in records
        if record["event"] == "document" and not record["with_memory"] and record["reasons"] != ["empty-file"]
    ]


def kept(clean: Path) -> dict[str, str]:
    """Return the keys of what was processed, by path."""
    if not (clean / FOLDER / FILE).exists():
        return {}
    return {path: key for path, (key, _) in State(clean).keys().items() if key}


def strike(process: subprocess.Popen[bytes], clean: Path, chance: random.Random) -> str:
    """Kill a run, or another of its processes, or all at once; say which."""
    if chance.random() >= OTHERS:
        process.kill()
        return "the run"
    everybody = working_for(clean)
    if chance.random() < 0.5:
        for pid in [process.pid, *everybody]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return "all"
    others = [pid for pid in everybody if pid != process.pid]
    if not others:
        process.kill()
        return "the run"
    with suppress(ProcessLookupError):
        os.kill(chance.choice(others), signal.SIGKILL)
    return "another"


def test_killed_at_random_moments_the_next_run_does_the_rest(
    corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(8 if KILLS < 10 else KILLS)  # noqa: S311 - no secret
    clean, seen, before, completed = tmp_path / "clean", Seen(), None, 0
    raw = tmp_path / "raw"
    shutil.copytree(corpus.raw, raw)
    number = 0
    while sum(seen.struck.values()) < KILLS or not completed:
        number += 1
        log = tmp_path / f"log-{number}"
        stood = kept(clean)
        started = time.monotonic()
        process = subprocess.Popen(
            command("run", "--log-format", "json", "--log-file", log),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            kills = sum(seen.struck.values())
            when = moment(kills, clean, log, seen.longest, chance) if kills < KILLS else lambda: False
            said, struck = _let_run(process, when, clean, chance)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        # Whatever it was, all end with the run; readers see the release of before, or the new one whole.
        wait_for(lambda: not working_for(clean))
        found = current(clean)
        assert found in (before, corpus.id)
        before = found
        # What was saved is not done again, and stays what it is.
        again = set(done_in(log)) & stood.keys()
        assert again == set(), number
        assert {path: key for path, key in kept(clean).items() if path in stood} == stood
        assert all(count == 1 for count in Counter(done_in(log)).values())
        if struck:
            seen.struck[struck + _how_far(clean, corpus, found)] += 1
        if process.returncode == 0:
            if not struck:
                seen.longest = max(time.monotonic() - started, 0.5 * seen.longest)
            completed += 1
            assert found == corpus.id, said
            assert statuses(clean) == corpus.statuses
            assert {path.name for path in (clean / "releases").iterdir()} <= {corpus.id, ".lock"}
            assert not (clean / FOLDER / "tmp").exists()
            shutil.rmtree(clean)
            before = None
        elif not struck:
            pytest.fail(f"a run that nobody killed failed: {said}")
    with capsys.disabled():
        print(f"\n{sum(seen.struck.values())} kills, {completed} runs completed: {dict(seen.struck)}")


def _let_run(
    process: subprocess.Popen[bytes], when: Callable[[], bool], clean: Path, chance: random.Random
) -> tuple[str, str]:
    """Let a run go on until it is time, then strike; return what it said, and what was struck."""
    struck = ""
    while process.poll() is None and not struck:
        time.sleep(0.01)
        if when():
            struck = strike(process, clean, chance)
    _, err = process.communicate(timeout=600)
    return err.decode(), struck


def moment(turn: int, clean: Path, log: Path, longest: float, chance: random.Random) -> Callable[[], bool]:
    """Return what says that it is time: soon after documents are saved, or a release begun, or at any time.

    Most of a short run is Prefect's start, where there is little to break.
    """
    begun = [
        lambda: bool(done_in(log)),
        lambda: any(clean.glob("releases/.partial-*")),
        lambda: True,
    ][turn % 3]
    after = chance.uniform(0.0, 1.1 * longest if turn % 3 == 2 else 0.1 * longest)
    since: list[float] = []

    def is_time() -> bool:
        if not since and begun():
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] >= after

    return is_time


def _how_far(clean: Path, corpus: Corpus, found: str | None) -> str:
    """Say how far a run had come."""
    if found == corpus.id:
        return ", published"
    if list(clean.glob("releases/.partial-*")):
        return ", publishing"
    done = len(kept(clean))
    return ", nothing saved" if not done else f", {done} saved"
