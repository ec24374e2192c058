"""Killed wherever it may be, a publisher leaves readers a whole release, and the next one nothing to mend.

At every event on the file system one after the other; and by ``kill -9`` at random moments, of which a run
tries some and ``PROTE_KILLS=200`` so many.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from itertools import cycle
from pathlib import Path

import pytest
from release_documents import REPAIRS, make_document, make_outcome, make_outcomes, publish

from release import tables
from release.verify import verify
from repair.document import Outcome

VERSIONS = {"prote": "0.1.0", "dictionaries": "1"}
KILLS = int(os.environ.get("PROTE_KILLS", "8"))
STRIDE = 1 if "PROTE_KILLS" in os.environ else 3
"""File-system events between two deaths: a long run dies at every one."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a few documents make several parts."""
    monkeypatch.setattr(tables, "WHOLE", 3)
    monkeypatch.setattr(tables, "PART", 2)


def _flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def _leftovers(clean: Path) -> list[Path]:
    return list((clean / "releases").glob(".partial-*"))


# Killing: a child of ours dies by its own hand at its n-th event on the file system.

_EVENTS = {
    "open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.chmod", "shutil.rmtree",
    "tempfile.mkdtemp", "os.scandir",
}  # fmt: skip


def _publish_and_die(outcomes: list[Outcome], clean: Path, last_event: int) -> int | None:
    """Publish in a child that kills itself at an event; return the signal, or None where it finished."""
    child = os.fork()
    if child == 0:
        left = last_event

        def watch(event: str, _: object) -> None:
            nonlocal left
            if event in _EVENTS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            publish(outcomes, clean, versions=VERSIONS)
        finally:
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None


@pytest.mark.parametrize("scenario", ["new release", "mending"])
def test_killed_at_any_moment_readers_see_a_whole_release(
    tmp_path: Path, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = tmp_path / "clean"
    new = make_outcomes()[2:]
    old = publish(make_outcomes(), clean, versions=VERSIONS)
    new_id = publish(new, tmp_path / "elsewhere", versions=VERSIONS).id
    seen = set()
    killed = 0
    for event in range(1, 10_000, STRIDE if scenario == "new release" else 3 * STRIDE):
        if scenario == "mending":  # a damaged twin of the new release is in its place
            twin = publish(new, clean, versions=VERSIONS)
            _flip(twin.data / "README.md")
            publish(make_outcomes(), clean, versions=VERSIONS)
        died = _publish_and_die(new, clean, event)
        found = verify(clean)
        assert found.faults == (), event
        assert found.release in (old.id, new_id)
        seen.add(found.release)
        if died is None:
            assert found.release == new_id
            break
        killed += 1
        if found.release == new_id and scenario == "new release":
            publish(make_outcomes(), clean, versions=VERSIONS)
    assert killed > 30
    assert seen == {old.id, new_id}
    publish(new, clean, versions=VERSIONS)
    assert verify(clean).release == new_id
    assert _leftovers(clean) == []


def _publish_and_be_killed(outcomes: list[Outcome], clean: Path, after: float) -> bool:
    """Publish in a child that is killed after so many seconds; return whether it was at work still."""
    child = os.fork()
    if child == 0:
        try:
            publish(outcomes, clean, versions=VERSIONS)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _corpora() -> list[list[Outcome]]:
    """Return corpora each of which takes over some of the one before, and makes some anew."""
    more = [make_outcome(make_document(f"acte {n:02}", repairs=REPAIRS[n % 4 :])) for n in range(12)]
    other = [make_outcome(make_document(f"acte {n:02}", repairs=REPAIRS[:1])) for n in range(12)]
    return [
        [*make_outcomes(), *more],
        [*make_outcomes()[1:], *more[:6], *other[6:]],
        [*make_outcomes()[:2], *other],
        make_outcomes()[:3],
    ]


def test_killed_at_random_moments_readers_see_a_whole_release(tmp_path: Path) -> None:
    chance = random.Random(6)  # noqa: S311 - no secret
    clean = tmp_path / "clean"
    corpora = _corpora()
    ids = [publish(corpus, tmp_path / f"{n}", versions=VERSIONS).id for n, corpus in enumerate(corpora)]
    started = time.perf_counter()
    publish(corpora[0], clean, versions=VERSIONS)
    longest = time.perf_counter() - started
    killed = switched = 0
    turn = cycle(range(1, len(corpora) + 1))
    while killed < KILLS:
        n = next(turn) % len(corpora)
        before = verify(clean).release
        at_work = _publish_and_be_killed(corpora[n], clean, chance.uniform(0, 1.2 * longest))
        found = verify(clean)
        assert found.faults == ()
        assert found.release in (before, ids[n])
        if at_work:
            killed += 1
            switched += found.release == ids[n]
        else:
            assert found.release == ids[n]
        # Whatever is left is swept, and the release is the one it would have been.
        if chance.random() < 0.7:
            assert publish(corpora[n], clean, versions=VERSIONS).id == ids[n]
            assert verify(clean).faults == ()
            assert _leftovers(clean) == []
    for n, corpus in enumerate(corpora):
        assert publish(corpus, clean, versions=VERSIONS).id == ids[n]
    assert _leftovers(clean) == []
    folders = [path for path in (clean / "releases").iterdir() if path.is_dir()]
    assert [verify(path).faults for path in folders] == [()] * len(folders)
    assert switched < killed
