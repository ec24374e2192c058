"""OCR of images and scanned PDFs, by the real programs."""

import re
import shutil
import tempfile
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from repair.document import Refused, Source
from repair.edits import Decision
from repair.pipeline import process
from repair.reading import pdf as pdf_room
from repair.reading import read
from repair.reading.engines.cache import PageCache
from repair.reading.pages import join_pages
from repair.reading.pdf import read_pages

RAW = Path(__file__).parents[1] / "raw"
TRUE = Path(__file__).parent / "samples"

pytestmark = pytest.mark.slow


def words(text: str) -> list[str]:
    return text.replace("’", "'").split()


def true_words(name: str) -> list[str]:
    return words((TRUE / name).read_text(encoding="utf-8"))


@pytest.fixture
def own_tmp(tmp_path, monkeypatch):
    """A temporary folder of the test's own, that must be left empty."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("own_tmp")
def test_an_image_is_read():
    reading = read(RAW / "affiche.png")
    assert words(reading.text) == true_words("affiche.txt")
    assert re.fullmatch(r"tesseract \S+ fra prepared \+ rapidocr \S+", reading.engine)
    assert (reading.encoding, reading.pages) == ("", (0,))
    assert join_pages(page.text for page in reading.layout) == (reading.text, reading.pages)
    with Image.open(RAW / "affiche.png") as image:
        size = image.size
    for page in reading.layout:
        assert (page.width, page.height) == size
        assert all(
            0 <= word.box.left < word.box.right <= size[0] for line in page.lines for word in line.words
        )


@pytest.mark.usefixtures("own_tmp")
def test_a_scanned_pdf_is_read():
    reading = read(RAW / "annonce-scannee.pdf")
    assert words(reading.text) == true_words("annonce-scannee.txt")
    assert "rapidocr" in reading.engine
    assert reading.disagreement == (0.0,)


@pytest.mark.usefixtures("own_tmp")
def test_a_pdf_of_both_kinds_keeps_its_pages_in_order(tmp_path):
    with (
        pikepdf.open(RAW / "annonce-scannee.pdf") as pdf,
        pikepdf.open(RAW / "note-numerique.pdf") as digital,
    ):
        pdf.pages.extend(digital.pages)
        pdf.pages.append(pdf.pages[0])
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('non')"))
        pdf.Root.OpenAction = pdf.make_indirect(script)
        pdf.save(tmp_path / "mixte.pdf")
    reading = read(tmp_path / "mixte.pdf")
    assert words(reading.text) == (
        true_words("annonce-scannee.txt")
        + true_words("note-numerique.txt")
        + true_words("annonce-scannee.txt")
    )
    assert "pypdfium2" in reading.engine
    assert "rapidocr" in reading.engine
    assert (len(reading.disagreement), len(reading.layout)) == (3, 3)
    assert reading.text[reading.pages[1] :].startswith("Note d’information")


@pytest.mark.usefixtures("own_tmp")
@pytest.mark.parametrize("kind", ["tiff", "webp", "jpeg", "turned", "transparent"])
def test_every_kind_of_image_and_all_its_pages(tmp_path, kind):
    with Image.open(RAW / "affiche.png") as image:
        page = image.convert("L")
    path = tmp_path / "image.bin"
    pages = 1
    if kind == "tiff":
        page.save(path, format="TIFF", save_all=True, append_images=[page], dpi=(150, 150))
        pages = 2
    elif kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6  # to be shown turned by 90 degrees
        page.rotate(90, expand=True).save(path, format="JPEG", exif=exif, quality=100)
    elif kind == "transparent":
        ink = Image.new("LA", page.size, (0, 0))
        ink.putalpha(page.point(lambda grey: 255 - grey))
        ink.save(path, format="PNG")
    else:
        page.save(path, format=kind.upper(), quality=100, dpi=(150, 150))
    reading = read(path)
    pairs = zip(words(reading.text), true_words("affiche.txt") * pages, strict=True)
    # Tesseract sees the accent of « Étienne » or not, as the image is packed.
    assert [pair for pair in pairs if pair[0] != pair[1]] in ([], [("Etienne", "Étienne")])
    assert len(reading.pages) == pages


def test_a_scan_and_its_damaged_text_are_heard_together(tmp_path):
    """The text lost its accents and a sentence, and has one that is not on the page."""
    scan = tmp_path / "avis.pdf"
    shutil.copy(RAW / "annonce-scannee.pdf", scan)
    alone = read(scan, PageCache(tmp_path / "pages"))
    damaged = alone.text.replace("é", "e").replace("l’", "1’").replace("six heures à midi.", "")
    added = "Un dernier avis que la page ne porte nulle part."
    (tmp_path / "avis.txt").write_text(f"{damaged}\n{added}\n", encoding="utf-8")
    source = Source("avis", "avis.pdf", "0" * 64, 1, (Source("avis", "avis.txt", "0" * 64, 1),))
    document = process(source, scan, cache=PageCache(tmp_path / "pages"))
    assert document.reading.text == alone.text
    assert document.reading.engine.endswith(" + text")
    lost = {edit.after for edit in document.repairs if edit.rule == "reading-vote"}
    assert {"marche", "1’emplacement"} <= lost
    (told,) = [edit for edit in document.repairs if edit.rule == "only-in-text"]
    assert (told.after.strip(), told.decision) == (added, Decision.REVIEW)


def test_a_page_that_is_read_is_not_drawn_once_more(tmp_path, monkeypatch):
    scan, cache = tmp_path / "avis.pdf", PageCache(tmp_path / "pages")
    shutil.copy(RAW / "annonce-scannee.pdf", scan)
    drawn, whole = [], pdf_room._drawn
    monkeypatch.setattr(pdf_room, "_drawn", lambda page: drawn.append(page) or whole(page))
    read_pages(scan, [0], cache)
    assert len(drawn) == 1
    other = PageCache(tmp_path / "pages")
    first = read(scan, other)
    assert len(drawn) == 1
    assert other.used == cache.used  # nothing of it is swept

    # Another file is drawn, and where its page looks the same, that was read.
    with pikepdf.open(scan, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Title"] = "Avis"
        pdf.save(scan)
    kept = {file: file.stat().st_mtime_ns for file in cache_files(tmp_path)}
    assert read(scan, other) == first
    assert len(drawn) == 2
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert len(cache_files(tmp_path)) == len(kept) + 1

    # What the note names is no longer there, or is no name: read as if there were none.
    for text in ("../../../etc/passwd", "0" * 64, ""):
        for file in cache_files(tmp_path):
            if file.stat().st_size < 100:
                file.write_text(text)
        assert read(scan, other) == first
    assert len(drawn) == 5


def cache_files(folder):
    return sorted(file for file in (folder / "pages").rglob("*") if file.is_file())


def test_a_witness_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "avis.txt").write_bytes(b"")
    reading = read(RAW / "annonce-scannee.pdf", witnesses=[tmp_path / "avis.txt"])
    assert words(reading.text) == true_words("annonce-scannee.txt")
    assert ["avis.txt" in remark.en for remark in reading.remarks] == [True]


def test_a_blank_image_is_refused(tmp_path):
    Image.new("L", (600, 400), 255).save(tmp_path / "a.png")
    with pytest.raises(Refused) as refused:
        read(tmp_path / "a.png")
    assert refused.value.reason.code == "no-text-found"


def test_ocr_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr("repair.reading.engines.reader.SECONDS_A_PAGE", 0.01)
    for name in ("affiche.png", "annonce-scannee.pdf"):
        with pytest.raises(Refused) as refused:
            read(RAW / name)
        assert refused.value.reason.code == "ocr-timeout"
