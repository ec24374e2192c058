"""A searchable PDF that carries words we know: the pages as they are, the words under them, out of sight.

OCRmyPDF makes it, with an engine of ours that gives the words instead of reading (`given_words`). It works
in a process of its own, on a copy of the PDF without scripts, forms, attachments and actions; pages that
come as images are put into a PDF first, as they are. Pages that were composed on a computer show their words
themselves and stay as they are. PDF/A-2 where the pages allow it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import img2pdf
import msgspec
import pikepdf

from repair.document import Refused
from repair.layout import PageLayout

PAGES = "PROTE_PAGES"
"""Variable of the environment that names the file of the words: JSON, as msgspec writes it."""
SECONDS = 60
SECONDS_A_PAGE = 30
"""Longest that OCRmyPDF may take; a page takes 0.1 s, or 2 s if it is straightened."""

_PAGE_HEIGHT = 842.0
"""Points of a sheet of A4: the height of an image that does not say its resolution."""
_RESOLUTIONS = (50.0, 2400.0)
"""Dots per inch that are believed."""
_HARMLESS_ACTIONS = ("/GoTo", "/URI", "/Named")
_DROPPED = ("/AA", "/OpenAction", "/JavaScript", "/EmbeddedFiles", "/AcroForm", "/XFA", "/AF", "/Perms")
_ACTIVE_NOTES = ("/Widget", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D")


def write_searchable(
    source: Path, pages: Sequence[PageLayout], target: Path, *, deskew: bool = False
) -> bool:
    """Write a PDF of the pages of a file in which given words can be found at their places.

    Args:
        source: a PDF or an image, as :func:`repair.reading.read` takes it; it is not changed.
        pages: its words, one layout for each page. Those of pages that show their words are not given.
        target: file to write; what stands there is replaced.
        deskew: whether to turn crooked pages upright; they are drawn anew for that.

    Returns:
        Whether it is PDF/A.

    Raises:
        Refused: ``no-picture`` if the file holds no page to put words under, ``other-pages`` if they are not
            those of the words, ``pdf-not-made`` or ``pdf-timeout``; and as :func:`repair.reading.read`.
    """
    with tempfile.TemporaryDirectory(prefix="prote-") as name:
        folder = Path(name)
        plain, made, words = folder / "pages.pdf", folder / "searchable.pdf", folder / "words.json"
        _pdf_of(source, plain, folder)
        with pikepdf.open(plain) as pdf:
            if len(pdf.pages) != len(pages):
                raise Refused(
                    "other-pages",
                    f"Ce fichier a {len(pdf.pages)} pages, et {len(pages)} ont été lues : traitez-le de "
                    "nouveau.",
                    f"This file has {len(pdf.pages)} pages, and {len(pages)} were read: process it again.",
                )
        pictures = _pictures(plain, pages)
        words.write_bytes(msgspec.json.encode(pages if pictures else [PageLayout("", 0, 0, ())] * len(pages)))
        _run(plain, made, words, pictures, deskew, SECONDS + SECONDS_A_PAGE * len(pages))
        with pikepdf.open(made) as pdf, pdf.open_metadata() as metadata:
            is_pdfa = bool(metadata.pdfa_status)
        shutil.move(made, target)
    return is_pdfa


def _pictures(pdf: Path, pages: Sequence[PageLayout]) -> list[int]:
    """Return the numbers, from 0, of the pages that are pictures: of the others words and letters are one."""
    from repair.reading.layouts.digital import ENGINE
    from repair.reading.pdf import text_layers
    from repair.reading.triage import OCR

    if not any(page.engine.startswith(ENGINE) for page in pages):
        return list(range(len(pages)))
    return [
        number
        for number, (page, (_, verdict)) in enumerate(zip(pages, text_layers(pdf), strict=True))
        if verdict.again or verdict.kind == OCR or not page.engine.startswith(ENGINE)
    ]


def _pdf_of(source: Path, target: Path, folder: Path) -> None:
    """Write the pages of a file as a PDF in which nothing acts.

    Raises:
        Refused: if it has none.
    """
    # OCRmyPDF's process loads this module too, and none of the engines.
    from repair.reading.image import check_image, page_images
    from repair.reading.pdf import check_pdf

    with source.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" in head:
        check_pdf(source)
        with pikepdf.open(source) as pdf:
            disarm(pdf)
            _show_all(pdf)
            pdf.save(target)
        return
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise Refused(
            "no-picture",
            "Ce fichier ne contient pas l’image de ses pages : un PDF demande le document numérisé.",
            "This file does not hold the picture of its pages: a PDF takes the scan.",
        )
    check_image(source)
    kept = []
    for number, page in enumerate(page_images(source, folder)):
        kept.append(folder / f"{number}.image")
        shutil.copyfile(page, kept[-1])  # the next page takes its place
    with target.open("wb") as file:
        # Engines ignore a rotation that an image notes, once it is made (see `page_images`).
        img2pdf.convert(
            [str(page) for page in kept], layout_fun=_sheet, outputstream=file, rotation=img2pdf.Rotation.none
        )


def _sheet(width: int, height: int, resolution: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return the size of the sheet and of the image on it, in points."""
    low, high = _RESOLUTIONS
    believed = all(low <= dpi <= high for dpi in resolution) and resolution != (img2pdf.default_dpi,) * 2
    across, down = resolution if believed else (72 * height / _PAGE_HEIGHT,) * 2
    size = 72 * width / across, 72 * height / down
    return *size, *size


def disarm(pdf: pikepdf.Pdf) -> None:
    """Take out of a PDF what acts: scripts, forms, attachments, and actions other than links."""
    for page in pdf.pages:
        if "/Annots" in page:
            page.Annots = pdf.make_indirect(
                pikepdf.Array(
                    [note for note in page.Annots if str(note.get("/Subtype", "")) not in _ACTIVE_NOTES]
                )
            )
    for found in [pdf.trailer, *pdf.objects]:
        todo = [found]
        while todo:
            value = todo.pop()
            if isinstance(value, pikepdf.Array):
                todo += [part for part in value if _is_inside(part)]
            elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
                _disarm_one(value)
                todo += [part for _, part in value.items() if _is_inside(part)]
    pdf.remove_unreferenced_resources()


def _is_inside(value: object) -> bool:
    """Whether a value has parts and belongs to the object that holds it."""
    return isinstance(value, (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)) and not value.is_indirect


def _disarm_one(value: pikepdf.Dictionary | pikepdf.Stream) -> None:
    for key in _DROPPED:
        if key in value:
            del value[key]
    action = value.get("/A")
    if isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "/GoTo")) not in _HARMLESS_ACTIONS:
        del value["/A"]
    if "/S" in value and "/Next" in value:  # an action after this one; in an outline /Next is another title
        del value["/Next"]


def _show_all(pdf: pikepdf.Pdf) -> None:
    """Make what a reader shows of each page the whole of it: places of words are counted from there."""
    for page in pdf.pages:
        if "/CropBox" in page or page.cropbox != page.mediabox:
            shown = [
                max(float(page.mediabox[0]), float(page.cropbox[0])),
                max(float(page.mediabox[1]), float(page.cropbox[1])),
                min(float(page.mediabox[2]), float(page.cropbox[2])),
                min(float(page.mediabox[3]), float(page.cropbox[3])),
            ]
            if shown[0] < shown[2] and shown[1] < shown[3]:
                page.mediabox = pikepdf.Array(shown)
        for box in ("/CropBox", "/TrimBox", "/ArtBox", "/BleedBox"):
            if box in page:
                del page[box]


def _how(pictures: Sequence[int], deskew: bool) -> list[str]:
    """Return how OCRmyPDF is to treat the pages that are pictures; it leaves the others alone."""
    if not pictures:
        return ["--mode", "skip"]
    numbers = ",".join(str(number + 1) for number in pictures)
    return ["--pages", numbers, *(("--mode", "force", "--deskew") if deskew else ("--mode", "redo"))]


def _run(
    source: Path, target: Path, words: Path, pictures: Sequence[int], deskew: bool, seconds: float
) -> None:
    """Run OCRmyPDF on the pages that are pictures, and end it with all that it started.

    Raises:
        Refused: ``pdf-timeout`` or ``pdf-not-made``.
    """
    # -P: nothing is imported from the folder that we are called in.
    command = [
        *(sys.executable, "-P", "-m", "ocrmypdf", "--plugin", "repair.reading.given_words"),
        *("--ocr-engine", "none", "--pdf-renderer", "fpdf2", "--output-type", "auto", "--optimize", "0"),
        *("--quiet", "--no-progress-bar", "--jobs", str(os.cpu_count() or 1)),
        *_how(pictures, deskew),
        *(str(source), str(target)),
    ]
    environment = os.environ | {PAGES: str(words), "TMPDIR": str(words.parent)}
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise Refused(
                "pdf-timeout",
                f"OCRmyPDF n’a pas abouti en {seconds:.0f} s : enregistrez le document de nouveau.",
                f"OCRmyPDF did not end in {seconds:.0f} s: save the document anew.",
            ) from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode or not target.is_file():
        why = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")[:300]
        raise Refused(
            "pdf-not-made",
            f"OCRmyPDF n’a pas pu écrire le PDF ({why or process.returncode}) : enregistrez le document de "
            "nouveau.",
            f"OCRmyPDF could not write the PDF ({why or process.returncode}): save the document anew.",
        )
