"""hOCR: HTML with the places of its words, as Tesseract, OCRopus and kraken write it.

Source: The hOCR Embedded OCR Workflow and Output Format, version 1.2 (kba.github.io/hocr-spec/1.2).
"""

from __future__ import annotations

import re
from statistics import fmean

from lxml import etree

from repair.document import Refused
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.layouts.places import NOWHERE, box_of, engine_name, number, page_size, share, spread
from repair.reading.layouts.xml import all_text, broken, local_name, parse_html, parse_xml

_BLOCKS = frozenset(("ocr_par", "ocr_carea", "ocr_column", "ocrx_block"))
_LINES = frozenset(("ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat"))
_WORDS = frozenset(("ocrx_word",))
_CHOICES = ("lstm_choices", "timestep", "symbol")
"""How the identifiers of what Tesseract had to choose from begin."""
_QUOTED = re.compile(r'"[^"]*"')
_NUMBER = r"[-+]?\d{1,12}(?:\.\d{0,12})?"
_BOX = re.compile(rf"\bbbox((?:\s+{_NUMBER}){{4}})")
_WORD_CONFIDENCE = re.compile(rf"\bx_w?conf\s+({_NUMBER})")
_SIGN_CONFIDENCES = re.compile(rf"\bx_confs((?:\s+{_NUMBER}(?:[eE]-?\d+)?)+)")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._-]+)""")


def read_hocr(data: bytes, engine: str = "") -> list[PageLayout]:
    """Return the pages of an hOCR document.

    Args:
        data: the file.
        engine: what read it; where it is empty, the document's own word.

    Raises:
        Refused: if it is no HTML, broken off, or unsafe.
    """
    return pages_of(parse_hocr(data), engine)


def parse_hocr(data: bytes) -> etree._Element:
    """Return the root of an hOCR document: XHTML, or HTML that is no XML, as many tools write it.

    Raises:
        Refused: if it is neither, broken off, or unsafe.
    """
    try:
        return parse_xml(data)
    except Refused as refusal:
        # What lacks its end was cut off, and a browser would hide it.
        if refusal.reason.code != "xml-broken" or b"</html" not in data[-1024:].lower():
            raise
    found = _CHARSET.search(data[:4096])
    try:
        text = data.decode(found[1].decode() if found else "utf-8")
    except (LookupError, UnicodeDecodeError) as error:
        raise broken() from error
    if "ocr_page" not in text:  # it is in another encoding than it says
        raise broken()
    return parse_html(text.encode("utf-8", "replace"))


def is_hocr(root: etree._Element) -> bool:
    """Whether a document of HTML is hOCR: it must have an ``ocr_page``."""
    return any("ocr_page" in _classes(element) for element in root.iter())


def pages_of(root: etree._Element, engine: str = "") -> list[PageLayout]:
    """Return the pages of a parsed hOCR document; see :func:`read_hocr`."""
    named = engine or engine_name(
        next(
            (meta.get("content", "") for meta in root.iter("{*}meta") if meta.get("name") == "ocr-system"), ""
        )
    )
    pages = [element for element in root.iter() if "ocr_page" in _classes(element)]
    # Of a page in a page, which the format does not know, the outer one holds all.
    inner = [any("ocr_page" in _classes(up) for up in page.iterancestors()) for page in pages]
    return [_page(page, named) for page, within in zip(pages, inner, strict=True) if not within]


def _page(page: etree._Element, engine: str) -> PageLayout:
    words: dict[etree._Element, list[etree._Element]] = {}
    for element in page.iter():
        classes = _classes(element)
        if classes & _LINES:
            words.setdefault(element, [])
        elif "ocrx_word" in classes:
            above = _above(element, _LINES | _BLOCKS | _WORDS, page)
            if not _classes(above) & _WORDS:
                words.setdefault(above, []).append(element)
    # A line around others, as a header may be, is no line of its own.
    for line in list(words):
        up = line.getparent() if line is not page else None
        while up is not None and up is not page:
            if words.get(up) == []:
                del words[up]
            up = up.getparent()
    blocks: list[list[TextLine]] = []
    current: object = None
    for line, pieces in words.items():
        found = _line(line, pieces)
        if not found:
            continue
        block = line if _classes(line) & _BLOCKS else _above(line, _BLOCKS, page)
        if block is not current:
            blocks.append([])
            current = block
        blocks[-1].append(TextLine(found))
    box = _box(page) or NOWHERE
    width, height = page_size(box.right, box.bottom, blocks)
    return PageLayout(engine, width, height, tuple(map(tuple, blocks)))


def _above(element: etree._Element, names: frozenset[str], page: etree._Element) -> etree._Element:
    """Return the nearest element of these classes around one; the page where there is none."""
    for up in element.iterancestors():
        if up is page or _classes(up) & names:
            return up
    return page


def _line(line: etree._Element, pieces: list[etree._Element]) -> tuple[Word, ...]:
    place = _box(line) or NOWHERE
    words: list[Word] = []
    for piece in pieces or [line]:
        text = " ".join(_text(piece).split())
        words += spread(text, _box(piece) or place, _confidence(piece.get("title", "")))
    return tuple(words)


def _text(element: etree._Element) -> str:
    """Return the text of a word or line, without readings that lost.

    Those stand in ``del`` (hOCR 1.2, Alternative Segmentations) and, as Tesseract's `lstm_choice_mode`
    writes them, after the word in elements of their own. With `hocr_char_boxes` it writes each sign of a
    word on a line of its own.
    """
    own = (element.text or "").strip()
    losers = [
        child
        for child in element.iter()
        if local_name(child) == "del" or (own and (child.get("id") or "").startswith(_CHOICES))
    ]
    for loser in losers:
        tail = loser.tail
        loser.clear()
        loser.tail = tail
    text = all_text(element)
    signs = "ocrx_word" in _classes(element) and any("ocrx_cinfo" in _classes(child) for child in element)
    return "".join(text.split()) if signs else text


def _confidence(title: str) -> float:
    if found := _WORD_CONFIDENCE.search(title):
        return share(number(found[1]), 100.0)
    if found := _SIGN_CONFIDENCES.search(title):
        values = [number(value) or 0.0 for value in found[1].split()]
        return share(fmean(values), 1.0 if max(values) <= 1 else 100.0)  # kraken writes shares
    return 1.0


def _classes(element: etree._Element) -> set[str]:
    return set(element.get("class", "").split()) if isinstance(element.tag, str) else set()


def _box(element: etree._Element) -> Box | None:
    found = _BOX.search(_QUOTED.sub('""', element.get("title", "")))
    return box_of(*map(float, found[1].split())) if found else None
