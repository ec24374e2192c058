"""Long scans: their pages are tasks of their own, and what was read once is never read again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from flows.corpus import PAGES
from flows.state import FOLDER
from flows.workshop import PAGES_A_JOB
from release.layout import CURRENT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

NUMBERS = ("première", "deuxième", "troisième", "quatrième", "cinquième")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A scan one page longer than a task takes."""
    folder = tmp_path / "raw"
    folder.mkdir()
    pages = []
    for number in NUMBERS[: PAGES_A_JOB + 1]:
        page = Image.new("L", (900, 260), 255)
        ink = ImageDraw.Draw(page)
        ink.text((40, 40), f"Voici la {number} page du registre,", 0, ImageFont.load_default(40))
        ink.text((40, 120), "que le greffe a tenu avec soin.", 0, ImageFont.load_default(40))
        pages.append(page)
    pages[0].save(folder / "registre.tif", save_all=True, append_images=pages[1:], dpi=(150, 150))
    return folder


def publish(raw: Path, clean: Path) -> Any:
    from flows import corpus

    steps: list[tuple[int, int]] = []
    corpus.watcher.set(lambda done, total: steps.append((done, total)))
    report = corpus.publish_corpus(str(raw), str(clean))
    return report, steps


def text(clean: Path) -> str:
    return (clean / CURRENT / "diplomatic" / "registre.txt").read_text(encoding="utf-8")


def test_pages_are_read_in_tasks_and_kept(scan: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    _, steps = publish(scan, clean)
    pages = len(NUMBERS[: PAGES_A_JOB + 1])
    assert steps[-1] == (1 + pages, 1 + pages)  # the document and its pages
    assert (PAGES_A_JOB, 1 + pages) in steps or (1, 1 + pages) in steps  # one of the two tasks came first
    read = text(clean)
    assert [number for number in NUMBERS[:pages] if f"Voici la {number} page" in read] == list(
        NUMBERS[:pages]
    )

    kept = [path for path in (clean / FOLDER / PAGES).rglob("*") if path.is_file()]
    assert len(kept) == pages
    # Kept readings that say something else: a second run must print that, for it reads no page again.
    for path in kept:
        packed = path.read_bytes()[hashlib.sha256().digest_size :]
        changed = packed.replace(b"registre,", b"cadastre,")
        assert changed != packed
        path.write_bytes(hashlib.sha256(changed).digest() + changed)
    for file in (clean / FOLDER).glob("state*"):
        file.unlink()
    publish(scan, clean)
    assert text(clean).count("cadastre") == pages
    assert "registre" not in text(clean)
