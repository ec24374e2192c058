"""Trouble of the machine: one sentence, a code of its own, no damage, and the next run completes.

The disk is a small one in memory that really fills; the user is one who really may not write.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from processes import run, working_for

from flows.exits import ExitCode, Stop
from flows.state import State
from flows.trouble import check_writable, clock_trouble, explained, reason
from release.history import publications
from release.verify import NoRelease, verify

SAMPLES = Path(__file__).parents[1] / "raw"
TEXT = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)
NOBODY = 65534
FULL_DISKS = int(os.environ.get("PROTE_FULL_DISKS", "1"))
"""How often a disk fills in the midst of a run; `make bench-long` has it fill more often."""
_MOST_LEFT = 8 * 2**20
"""Bytes with which a run has enough, about."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount, and become another")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here: {made.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, left: int = 0) -> None:
    """Fill a disk, but for some bytes."""
    with suppress(OSError), (disk / "ballast").open("ab", buffering=0) as file:
        while (free := shutil.disk_usage(disk).free) > left:
            file.write(bytes(min(free - left, 2**20)))


def free(disk: Path) -> None:
    (disk / "ballast").unlink()


def make_raw(folder: Path) -> Path:
    folder.mkdir()
    (folder / "clair.txt").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return make_raw(tmp_path / "raw")


def sentence(err: str) -> str:
    """Return the one thing that was said."""
    assert err.count("\n") == 1, err
    said = err.rstrip()
    assert said.startswith("prote: ")
    return said


@as_root
def test_an_output_folder_that_is_full_or_read_only_is_told_before_anything_starts(
    raw: Path, small: Path, tmp_path: Path
) -> None:
    clean = small / "clean"
    clean.mkdir()
    fill(small)
    code, out, err = run(tmp_path, "run", "--clean", clean)
    assert (code, out) == (ExitCode.SURROUNDINGS, "")
    assert "the disk is full" in sentence(err)
    free(small)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    code, out, err = run(tmp_path, "run", "--clean", clean)
    assert (code, out) == (ExitCode.SURROUNDINGS, "")
    assert "the disk is read-only" in sentence(err)


@as_root
@pytest.mark.slow
def test_a_disk_that_fills_in_the_midst_damages_nothing_and_the_next_run_completes(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], prefect_server: None
) -> None:
    from flows.corpus import publish_corpus

    raw, clean = tmp_path / "raw", small / "clean"
    shutil.copytree(SAMPLES, raw, ignore=shutil.ignore_patterns("*.p*"))
    chance = random.Random(4 + FULL_DISKS)  # noqa: S311 - no secret
    before, seen = None, []
    for number in range(FULL_DISKS):
        left = int(_MOST_LEFT * (number + chance.random()) / FULL_DISKS)
        fill(small, left)
        code, out, err = run(tmp_path, "run", "--clean", clean)
        seen.append((left // 1024, ExitCode(code).name))
        free(small)
        assert working_for(clean) == []
        if code != ExitCode.DONE:
            assert (code, out) == (ExitCode.SURROUNDINGS, ""), err
            assert "the disk is full: free some space" in sentence(err)
        try:
            found = verify(clean)
            assert found.faults == ()
            assert code == ExitCode.DONE or found.release == before
            before = found.release
        except NoRelease:
            assert before is None
        if code == ExitCode.DONE:
            (raw / "clair.txt").write_text(TEXT * (number + 1), encoding="utf-8")
    with capsys.disabled():
        print(f"\nKB left, and how the run ended: {seen}")
    assert ExitCode.SURROUNDINGS.name in dict(seen).values()
    publish_corpus(str(raw), str(clean), "onu", str(tmp_path / "decisions.jsonl"))
    assert verify(clean).faults == ()
    assert list((clean / "releases").glob(".partial-*")) == []
    wanted = {path.name for path in raw.iterdir()} - {"sources.toml"}
    assert {row.path for row in State(clean).rows()} == wanted


def test_a_user_who_may_not_write_is_told(raw: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    clean.mkdir()
    with as_another(tmp_path), pytest.raises(Stop, match="permission is missing") as stop:
        check_writable(clean)
    assert stop.value.code is ExitCode.SURROUNDINGS
    assert list(clean.iterdir()) == []


@contextmanager
def as_another(folder: Path) -> Iterator[None]:
    """Act as a user who owns nothing here; one who is no root has the folder closed."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
        return
    modes = {path: path.stat().st_mode for path in folder.iterdir() if path.is_dir()}
    for path in modes:
        path.chmod(0o500)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.parametrize(
    ("ahead", "is_told"),
    [(timedelta(days=2), True), (timedelta(minutes=5), False), (-timedelta(days=2), False)],
)
def test_a_clock_that_went_back_is_told_and_stops_nothing(
    tmp_path: Path, ahead: timedelta, is_told: bool
) -> None:
    from release_documents import make_outcomes
    from release_documents import publish as publish_outcomes

    publish_outcomes(make_outcomes(), tmp_path, versions={"prote": "0.1.0"})
    assert clock_trouble(tmp_path) == ""
    (file,) = (tmp_path / "changes").glob("*.json")
    when = f"{datetime.now(UTC) + ahead:%Y-%m-%dT%H:%M:%SZ}"
    (told_last,) = publications(tmp_path)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(told_last, when=when)))
    assert bool(clock_trouble(tmp_path)) is is_told


def test_what_is_no_trouble_of_the_machine_stays_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for error in (
        ValueError("x"),
        FileNotFoundError(2, "gone"),
        PermissionError(13, "no", str(tmp_path / "raw")),
    ):
        assert reason(error, tmp_path / "clean") == ""
        with pytest.raises(type(error)), explained(tmp_path / "clean"):
            raise error
    inside = PermissionError(13, "no", str(tmp_path / "clean" / "x"))
    assert "permission" in reason(inside, tmp_path / "clean")
    said = RuntimeError("the server said 500")
    said.__cause__ = OSError(28, "No space left on device")
    assert "full" in reason(said)
