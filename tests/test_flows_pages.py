"""Long scans: their pages are tasks of their own, and what was read once is never read again."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from flows.corpus import PAGES
from flows.fingerprint import engines
from flows.jobs import PAGES_A_JOB
from flows.state import FILE, FOLDER, State
from release.layout import CURRENT
from release.publish import publish as publish_release
from repair.document import Status
from repair.reading.engines.cache import UNUSED_FOR

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


def test_only_what_engines_read_is_read_again_where_others_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    samples = Path(__file__).parents[1] / "raw"
    for name in ("affiche.png", "note-numerique.pdf"):  # the latter is read by its text layer
        shutil.copy(samples / name, raw)
    (raw / "lettre.txt").write_text("Le conseil de l’école s’est réuni hier soir.\n", encoding="utf-8")
    Image.new("L", (600, 400), 255).save(raw / "blanche.png")  # refused, after engines had looked at it
    told: list[str] = []

    def told_of(outcomes: Any, to: Path, *, versions: dict[str, str], **others: Any) -> Any:
        told.append(versions.get("engines", ""))
        return publish_release(outcomes, to, versions=versions, **others)

    monkeypatch.setattr("flows.tasks.publish", told_of)
    first, _ = publish(raw, clean)
    assert first.processed == 4
    here = engines()
    assert here.startswith("tesseract ")
    assert told == [here]
    assert publish(raw, clean)[0].processed == 0

    with closing(sqlite3.connect(clean / FOLDER / FILE)) as state, state:
        assert state.execute("SELECT path FROM scans ORDER BY path").fetchall() == [
            ("affiche.png",),
            ("blanche.png",),
        ]
        state.execute("UPDATE scans SET engines = 'tesseract 4'")
    with monkeypatch.context() as patch:  # what nothing can read again stands
        patch.setattr("flows.corpus.engines", lambda: "")
        assert publish(raw, clean)[0].processed == 0
    again, _ = publish(raw, clean)
    assert (again.processed, again.release.id) == (2, first.release.id)
    assert told[-2:] == ["tesseract 4", here]


def test_a_run_sweeps_the_readings_of_documents_that_are_gone(tmp_path: Path) -> None:
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    samples = Path(__file__).parents[1] / "raw"
    for name in ("affiche.png", "annonce-scannee.pdf"):
        shutil.copy(samples / name, raw)
    publish(raw, clean)

    def kept() -> list[Path]:
        return sorted(path for path in (clean / FOLDER / PAGES).rglob("*") if path.is_file())

    assert len(kept()) == 3  # of two pages; and which image the PDF's was drawn as
    for path in kept():
        os.utime(path, (time.time() - UNUSED_FOR - 60,) * 2)
    before = kept()
    publish(raw, clean)
    assert kept() == before  # old, and used
    (raw / "affiche.png").unlink()
    publish(raw, clean)
    assert len(kept()) == 2
    for file in (clean / FOLDER).glob("state*"):
        file.unlink()
    left = [path.stat().st_mtime for path in kept()]
    publish(raw, clean)
    assert [path.stat().st_mtime for path in kept()] == left  # found, not read again


def test_a_bad_witness_keeps_no_document_back_and_is_told(tmp_path: Path) -> None:
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    raw.mkdir()
    samples = Path(__file__).parents[1] / "raw"
    text = "Le conseil de l’école s’est réuni hier soir à la mairie de la commune.\n"
    shutil.copy(samples / "note-numerique.pdf", raw / "note.pdf")
    (raw / "note.txt").write_bytes(b"")
    (raw / "lettre.txt").write_text(text, encoding="utf-8")
    (raw / "lettre.html").write_text("<!doctype html><html><body>Lettre</body></html>", encoding="utf-8")
    report, _ = publish(raw, clean)
    status = {row.path: (row.status, row.failed) for row in report.rows}
    assert status["lettre.html"] == (Status.QUARANTINE, ("no-witness",))
    assert {path for path in status if status[path][0] is Status.QUARANTINE} == {"lettre.html"}
    state = State(clean)
    letter, note = state.outcome("lettre.txt").document, state.outcome("note.pdf").document
    assert letter is not None
    assert letter.reading.remarks == ()
    assert note is not None
    assert ["“note.txt”" in remark.en for remark in note.reading.remarks] == [True]
    record = (clean / CURRENT / "json" / "note.json").read_text(encoding="utf-8")
    assert "“note.txt”, of the same name, was not heard." in record
    assert "n’a pas été entendu" in record
    pages = [page.read_text(encoding="utf-8") for page in (clean / CURRENT).rglob("note*.html")]
    assert ["n’a pas été entendu" in page for page in pages] == [True]
