"""hOCR: HTML with the places of its words, as Tesseract, OCRopus and kraken write it.

Source: The hOCR Embedded OCR Workflow and Output Format, version 1.2 (kba.github.io/hocr-spec/1.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from repair.reading.layout import Box, PageLayout, TextLine, Word
from repair.reading.xml import parse_xml

_BLOCKS = ("ocr_par", "ocr_carea", "ocrx_block")
_LINES = frozenset(("ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat"))
_BOX = re.compile(r"\bbbox((?:\s+-?\d+){4})")
_CONFIDENCE = re.compile(r"\bx_w?conf\s+(\d+(?:\.\d+)?)")


def read_hocr(data: bytes, engine: str = "") -> list[PageLayout]:
    """Return the pages of an hOCR document.

    Args:
        data: the file.
        engine: what read it; where it is empty, the document's own word.

    Raises:
        Refused: if it is no XML, or unsafe.
    """
    root = parse_xml(data)
    named = engine or "".join(root.xpath("//*[local-name()='meta'][@name='ocr-system']/@content"))
    return [_page(page, named) for page in _of_class(root, ("ocr_page",))]


def _page(page: etree._Element, engine: str) -> PageLayout:
    box = _box(page) or Box(0, 0, 0, 0)
    blocks = []
    current: object = None
    for line in _lines(page):
        words = tuple(_words(line))
        if not words:
            continue
        block = next((up for up in line.iterancestors() if _classes(up) & set(_BLOCKS)), None)
        if block is None or block is not current:
            blocks.append([])
            current = block
        blocks[-1].append(TextLine(words))
    return PageLayout(engine, box.right, box.bottom, tuple(map(tuple, blocks)))


def _lines(page: etree._Element) -> Iterator[etree._Element]:
    return (element for element in page.iter() if _classes(element) & _LINES)


def _words(line: etree._Element) -> Iterator[Word]:
    pieces = [element for element in line.iter() if "ocrx_word" in _classes(element)] or [line]
    for piece in pieces:
        box = _box(piece)
        text = " ".join("".join(piece.itertext()).split())
        if box is not None and text:
            found = _CONFIDENCE.search(piece.get("title", ""))
            yield Word(text, box, min(1.0, float(found[1]) / 100) if found else 1.0)


def _of_class(root: etree._Element, names: tuple[str, ...]) -> list[etree._Element]:
    return [element for element in root.iter() if _classes(element) & set(names)]


def _classes(element: etree._Element) -> set[str]:
    return set(element.get("class", "").split()) if isinstance(element.tag, str) else set()


def _box(element: etree._Element) -> Box | None:
    found = _BOX.search(element.get("title", ""))
    return Box(*map(int, found[1].split())) if found else None
