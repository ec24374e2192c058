"""Reading: from a raw file to its text, whatever the file holds.

:func:`read` looks at the first bytes, never at the name alone, and sends the file to its
reader: `plain` (text and Markdown), `layouts` (hOCR, ALTO, PAGE XML), `pdf` or `image`; what is a
picture goes to the `engines`, and their readings to the `votes`. `markdown` finds the places of a text
that are markup, `mojibake` proposes repairs of broken encodings and stray characters. Nothing is ever
written beside the raw file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from repair.document import Reading, Reason, Refused
from repair.reading.engines.programs import MissingProgram
from repair.reading.markdown import markup_spans
from repair.reading.mojibake import clean_characters, mend_characters, mend_mojibake
from repair.reading.unreadable import why

if TYPE_CHECKING:  # at run time they would bring Pillow and msgspec into `prote --help`
    from PIL import Image

    from repair.reading.engines.cache import PageCache

__all__ = [
    "TEXT_LIMIT",
    "MissingProgram",
    "clean_characters",
    "markup_spans",
    "mend_characters",
    "mend_mojibake",
    "page_picture",
    "read",
    "read_scanned",
    "scanned_pages",
]

TEXT_LIMIT = 8 * 1024 * 1024
"""Bytes of text in one file; a document of a thousand pages has about 3 MB."""
FILE_LIMIT = 1024 * 1024 * 1024
"""Bytes of a PDF or image."""

_HEAD = 4096
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_UNSUPPORTED = (
    (b"PK\x03\x04", "ZIP (DOCX, ODT, EPUB…)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office 97–2003"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"AT&TFORM", "DjVu"),
)
_BLANK = re.compile(r"[\s\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]*")
"""What shows nothing: white space of all widths, none included, and marks of direction."""
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|\?xml|(?:[\w.-]+:)?(?:alto|pcgts))\b", re.IGNORECASE)


def read(path: Path, cache: PageCache | None = None, witnesses: Sequence[Path] = ()) -> Reading:
    """Return what the file at `path` says.

    A text's characters are the file's, line ends included; markup is found, not removed.
    A PDF is read by its text layer where it has one; other pages, and images, by OCR.

    Args:
        path: of the file.
        cache: where the readings of pages are kept; None to keep none.
        witnesses: other files of the document: its text, or its pages as another program read them. One that
            cannot be read is done without, and a remark of the reading says why.

    Raises:
        Refused: if the file cannot be read; the reason says what to do.
        MissingProgram: if a program that OCR needs is not installed.
    """
    kind, data = _open(path)
    texts: list[str] = []
    remarks: list[Reason] = []
    for witness in witnesses:
        try:
            texts.append(read(witness).text)
        except Refused as refused:
            remarks.append(_without(witness, refused.reason))
    reading = _read(path, kind, data, cache, texts)
    return replace(reading, remarks=(*remarks, *reading.remarks))


def _read(path: Path, kind: str, data: bytes, cache: PageCache | None, texts: Sequence[str]) -> Reading:
    # Imported where they are needed: text alone should not pay for them.
    if kind == "pdf":
        from repair.reading.pdf import read_pdf

        return read_pdf(path, cache, texts)
    if kind == "image":
        from repair.reading.image import read_image

        return read_image(path, cache, texts)
    if kind == "layout":
        return _read_layout(path, texts)
    return _read_text(data)


def scanned_pages(path: Path) -> tuple[int, ...]:
    """Return the numbers, from 0, of the pages of a file that OCR must read; none for a text.

    Raises:
        Refused: as :func:`read` does.
    """
    kind, _ = _open(path)
    if kind == "pdf":
        from repair.reading.pdf import check_pdf, text_layers

        check_pdf(path)
        return tuple(number for number, (_, verdict) in enumerate(text_layers(path)) if verdict.again)
    if kind == "image":
        from repair.reading.image import check_image

        return tuple(range(check_image(path)))
    return ()


def read_scanned(path: Path, numbers: Sequence[int], cache: PageCache | None) -> None:
    """Read scanned pages of a file, so that :func:`read` finds them kept.

    Args:
        path: of a file that :func:`scanned_pages` has looked at.
        numbers: of some of those pages.
        cache: where their readings are kept.

    Raises:
        Refused: as :func:`read` does.
        MissingProgram: the same.
    """
    kind, _ = _open(path)
    if kind == "pdf":
        from repair.reading.pdf import read_pages

        read_pages(path, numbers, cache)
    else:
        from repair.reading.image import read_some

        read_some(path, numbers, cache)


def page_picture(path: Path, number: int) -> Image.Image | None:
    """Return the picture, in grey, in which the places of a page's words are counted; None if it has none.

    A damaged file raises what its library does: call it where that harms nothing (`pieces`).

    Args:
        path: of a file that was read.
        number: of the page, from 0.

    Raises:
        Refused: if the file cannot be opened, or the page is too large.
    """
    kind, _ = _open(path)
    if kind == "pdf":
        from repair.reading.pdf import page_picture as picture_of_pdf

        return picture_of_pdf(path, number)
    if kind == "image":
        from repair.reading.image import page_picture as picture_of_image

        return picture_of_image(path, number)
    return None


def _open(path: Path) -> tuple[str, bytes]:
    """Return the kind of a file, and its bytes where it is a text.

    Raises:
        Refused: if it is none that can be read.
    """
    try:
        if not path.is_file():
            raise Refused(
                "not-a-file",
                "Ce n’est pas un fichier ordinaire : remplacez-le par le document lui-même.",
                "This is no ordinary file: replace it by the document itself.",
            )
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
            kind = _kind(head, path.suffix.lower())
            check_size(size, kind)
            return kind, head + file.read() if kind == "text" else b""
    except OSError as error:
        fr, en = why(error)
        raise Refused(
            "unreadable-file",
            f"Le fichier ne peut pas être lu ({fr}) : vérifiez ses droits et le disque.",
            f"The file cannot be read ({en}): check its permissions and the disk.",
        ) from error


def _read_text(data: bytes) -> Reading:
    from repair.reading.plain import decode

    text, encoding = decode(data)
    if _BLANK.fullmatch(text):
        raise Refused(
            "blank-text",
            "Ce fichier ne contient que des blancs : déposez le document complet.",
            "This file holds only white space: deposit the complete document.",
        )
    breaks = (at + 1 for at, char in enumerate(text) if char == "\f") if "\f" in text else ()
    pages = (0, *(start for start in breaks if start < len(text)))
    return Reading(text, encoding, "text", markup_spans(text), pages)


def _read_layout(path: Path, texts: Sequence[str]) -> Reading:
    from repair.reading.layouts.files import read_layout
    from repair.reading.scans import Seen, join_seen

    pages, kind, _ = read_layout(path)
    return join_seen([Seen((replace(page, engine=page.engine or kind),)) for page in pages], texts)


def _without(witness: Path, reason: Reason) -> Reason:
    """Return the remark that another file of the document was done without."""
    return Reason(
        "witness-unreadable",
        f"« {witness.name} », du même nom, n’a pas été entendu. {reason.fr}",
        f"“{witness.name}”, of the same name, was not heard. {reason.en}",
    )


def _kind(head: bytes, suffix: str) -> str:
    """Tell ``text``, ``layout``, ``pdf`` or ``image`` by the first bytes of a file.

    Raises:
        Refused: ``unsupported-type``, for formats that are known and not read.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = head.decode("utf-16", "ignore").encode().lstrip()
    if start.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in head[:1024]):
        return "pdf"
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image"
    for magic, name in _UNSUPPORTED:
        if head.startswith(magic):
            raise _unsupported(name)
    if _MARKUP.match(start):
        return "layout"
    return "text"


def _unsupported(name: str) -> Refused:
    return Refused(
        "unsupported-type",
        f"Le format {name} n’est pas lu : exportez en texte, Markdown, PDF, PNG, JPEG, TIFF ou WebP.",
        f"The format {name} is not read: export as text, Markdown, PDF, PNG, JPEG, TIFF or WebP.",
    )


def check_size(size: int, kind: str = "") -> None:
    """Refuse a file that is empty, or larger than any document.

    Args:
        size: in bytes.
        kind: ``text``, which must be smaller than others; empty where it is not known.

    Raises:
        Refused: ``empty-file``, ``text-too-large`` or ``file-too-large``.
    """
    if size == 0:
        raise Refused(
            "empty-file",
            "Ce fichier est vide : déposez-le de nouveau.",
            "This file is empty: deposit it again.",
        )
    limit, code = (TEXT_LIMIT, "text-too-large") if kind == "text" else (FILE_LIMIT, "file-too-large")
    if size > limit:
        held, most = size // 1_000_000, limit // 1_000_000
        raise Refused(
            code,
            f"Ce fichier est trop grand ({held} Mo, au plus {most} Mo) : divisez-le en plusieurs documents.",
            f"This file is too large ({held} MB, at most {most} MB): split it into several documents.",
        )
