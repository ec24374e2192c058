"""Layout files: which of hOCR, ALTO and PAGE XML one is, told by its root and never by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from repair.document import Refused
from repair.layout import PageLayout
from repair.reading.layouts.alto import read_alto
from repair.reading.layouts.hocr import is_hocr, pages_of, parse_hocr
from repair.reading.layouts.page_xml import read_page_xml
from repair.reading.layouts.xml import local_name, parse_xml
from repair.reading.pages import PAGE_LIMIT

LAYOUT_LIMIT = 64 * 1024 * 1024
"""Bytes of one layout file: 300 to 500 pages."""

_HEAD = 16_384
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z]\w*)")
_HOCR = (b"ocr_page", "ocr_page".encode("utf-16-le")[:-1])
_PAGE = re.compile(r"primaresearch\.org/PAGE/gts/pagecontent/(\d{4})")
_ALTO = re.compile(r"alto\D{0,12}([1-9])", re.IGNORECASE)


def read_layout(path: Path) -> tuple[list[PageLayout], str, str]:
    """Return the pages of a layout file, its kind, and its encoding.

    The kind is ``hocr``, ``alto 4`` (2, 3 …) or ``page 2019`` (2010 …).

    Raises:
        Refused: ``unsupported-type`` for other XML or HTML; ``layout-too-large``, ``too-many-pages``,
            ``xml-broken`` or ``xml-unsafe``.
        OSError: if it cannot be read.
    """
    size = path.stat().st_size
    if size > LAYOUT_LIMIT:
        held, most = size // 1_000_000, LAYOUT_LIMIT // 1_000_000
        raise Refused(
            "layout-too-large",
            f"Ce fichier XML ou HTML est trop grand ({held} Mo, au plus {most} Mo) : divisez-le.",
            f"This XML or HTML file is too large ({held} MB, at most {most} MB): split it.",
        )
    data = path.read_bytes()
    root = _parse(data)
    kind = _kind(root)
    if kind == "hocr":
        pages = pages_of(root)
    else:
        pages = (read_alto if kind.startswith("alto") else read_page_xml)(root, kind)
    if len(pages) > PAGE_LIMIT:
        raise Refused(
            "too-many-pages",
            f"Ce fichier a {len(pages)} pages, au plus {PAGE_LIMIT} : divisez-le.",
            f"This file has {len(pages)} pages, at most {PAGE_LIMIT}: split it.",
        )
    return pages, kind, str(root.getroottree().docinfo.encoding or "").lower()


def is_layout(path: Path) -> bool:
    """Return whether a file of XML or HTML is, or was to be, hOCR, ALTO or PAGE; it may be broken.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return _format(file.read(LAYOUT_LIMIT)) is not None


def unsupported() -> Refused:
    """Return the refusal of XML or HTML that holds no page as an engine reads it."""
    return Refused(
        "unsupported-type",
        "Le format HTML, XML n’est pas lu, hOCR, ALTO et PAGE mis à part : exportez en texte, Markdown, PDF, "
        "PNG, JPEG, TIFF ou WebP.",
        "The format HTML, XML is not read, except hOCR, ALTO and PAGE: export as text, Markdown, PDF, PNG, "
        "JPEG, TIFF or WebP.",
    )


def _parse(data: bytes) -> etree._Element:
    # Told before it is parsed: of a broken page of the web nobody should hear that it must be exported anew.
    parse = _format(data)
    if parse is None:
        raise unsupported()
    return parse(data)


def _format(data: bytes) -> Callable[[bytes], etree._Element] | None:
    """Return what parses a file, by the name of its root; None where it is no layout file."""
    found = _ROOT.search(_COMMENT.sub(b"", data[:_HEAD].replace(b"\0", b"")))  # UTF-16 has zeros
    name = found[1] if found else b""
    if name in (b"alto", b"PcGts"):
        return parse_xml
    if name.lower() == b"html" and any(mark in data for mark in _HOCR):
        return parse_hocr
    return None


def _kind(root: etree._Element) -> str:
    """Tell the kind of a layout file by its root.

    Raises:
        Refused: ``unsupported-type``.
    """
    name, namespace = local_name(root), root.tag.rpartition("}")[0].removeprefix("{")
    if name.lower() == "html" and is_hocr(root):
        return "hocr"
    if name == "PcGts" and (year := _PAGE.search(namespace)):
        return f"page {year[1]}"
    if name == "alto" and (not namespace or "alto" in namespace.lower()):
        version = _ALTO.search(namespace) or re.match(r"()(\d)", root.get("SCHEMAVERSION", ""))
        return f"alto {version[version.lastindex or 1]}" if version else "alto"
    raise unsupported()
