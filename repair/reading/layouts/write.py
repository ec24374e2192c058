"""Corrected layout written for other programs: ALTO 4.4 and hOCR 1.2.

Both name the engine that read and, as steps of processing, what was done to its text since. The same pages
and steps give the same bytes: no date is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from repair.layout import Box, PageLayout, TextLine, Word, around
from repair.reading.layouts.places import NOWHERE

_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = f"{_ALTO} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"
_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_XHTML = "http://www.w3.org/1999/xhtml"
_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
)
_UNHELD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (2.2, Char)."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a program did to the text after it was read.

    Attributes:
        software: its name.
        version: of the program.
        description: what it did, in a few words; may be empty.
    """

    software: str
    version: str
    description: str = ""


def write_alto(
    pages: Sequence[PageLayout],
    steps: Iterable[Step] = (),
    alternatives: Mapping[tuple[int, Word], Sequence[str]] | None = None,
) -> bytes:
    """Return pages as ALTO 4.4; signs that XML cannot hold become U+FFFD.

    Args:
        pages: in their order.
        steps: what was done since the engines read, in its order.
        alternatives: readings that lost, by page (from 0) and word.
    """
    root = etree.Element(
        f"{{{_ALTO}}}alto", {_LOCATION: _SCHEMA, "SCHEMAVERSION": "4.4"}, nsmap={None: _ALTO}
    )
    description = _under(root, "Description")
    _under(description, "MeasurementUnit").text = "pixel"
    engines = {engine: f"OCR_{number}" for number, engine in enumerate(_engines(pages), 1)}
    for engine, name in engines.items():
        software, _, version = engine.partition(" ")
        _processing(description, name, "contentGeneration", Step(software, version))
    names = []
    for number, step in enumerate(steps, 1):
        names.append(f"STEP_{number}")
        _processing(description, names[-1], "contentModification", step)
    layout = _under(root, "Layout")
    for number, page in enumerate(pages):
        element = _under(layout, "Page", ID=f"page_{number + 1}", PHYSICAL_IMG_NR=str(number + 1))
        element.set("WIDTH", str(page.width))
        element.set("HEIGHT", str(page.height))
        if references := [*(engines[engine] for engine in _engines([page])), *names]:
            element.set("PROCESSINGREFS", " ".join(references))
        space = _under(element, "PrintSpace")
        _set_place(space, Box(0, 0, page.width, page.height))
        for place, block in enumerate(page.blocks, 1):
            _alto_block(space, f"block_{number + 1}_{place}", block, number, alternatives or {})
    return _bytes(root)


def _alto_block(
    space: etree._Element,
    name: str,
    block: tuple[TextLine, ...],
    page: int,
    alternatives: Mapping[tuple[int, Word], Sequence[str]],
) -> None:
    element = _under(space, "TextBlock", ID=name)
    _set_place(element, _around(block))
    for line in block:
        written = _under(element, "TextLine")
        _set_place(written, line.box)
        for place, word in enumerate(line.words):
            if place:
                _under(written, "SP")
            string = _under(written, "String", CONTENT=_held(word.text), WC=_short(word.confidence, 4))
            _set_place(string, word.box)
            for lost in alternatives.get((page, word), ()):
                _under(string, "ALTERNATIVE").text = _held(lost)


def _processing(description: etree._Element, name: str, category: str, step: Step) -> None:
    element = _under(description, "Processing", ID=name)
    _under(element, "processingCategory").text = category
    if step.description:
        _under(element, "processingStepDescription").text = _held(step.description)
    software = _under(element, "processingSoftware")
    _under(software, "softwareName").text = _held(step.software)
    if step.version:
        _under(software, "softwareVersion").text = _held(step.version)


def _set_place(element: etree._Element, box: Box) -> None:
    for name, value in zip(
        ("HPOS", "VPOS", "WIDTH", "HEIGHT"), (box.left, box.top, box.width, box.height), strict=True
    ):
        element.set(name, str(value))


def write_hocr(pages: Sequence[PageLayout], steps: Iterable[Step] = ()) -> bytes:
    """Return pages as hOCR 1.2 in XHTML; signs that XML cannot hold become U+FFFD.

    Readings that lost are left out: most programs would take them for text.

    Args:
        pages: in their order.
        steps: what was done since the engines read, in its order.
    """
    root = etree.Element(f"{{{_XHTML}}}html", nsmap={None: _XHTML})
    head = _under(root, "head")
    _under(head, "title").text = ""
    _under(head, "meta", name="ocr-system", content=_held("; ".join(_engines(pages))))
    _under(head, "meta", name="ocr-capabilities", content="ocr_page ocr_par ocr_line ocrx_word ocrp_wconf")
    _under(head, "meta", name="ocr-number-of-pages", content=str(len(pages)))
    for step in steps:
        done = f"{step.software} {step.version}".strip() + (
            f": {step.description}" if step.description else ""
        )
        _under(head, "meta", name="ocr-processing-step", content=_held(done))
    body = _under(root, "body")
    for number, page in enumerate(pages):
        title = f"{_bbox(Box(0, 0, page.width, page.height))}; ppageno {number}"
        element = _under(body, "div", id=f"page_{number + 1}", title=title)
        element.set("class", "ocr_page")
        for block in page.blocks:
            _hocr_block(element, block)
    return _bytes(root, _DOCTYPE)


def _hocr_block(page: etree._Element, block: tuple[TextLine, ...]) -> None:
    paragraph = _under(page, "p", title=_bbox(_around(block)))
    paragraph.set("class", "ocr_par")
    for line in block:
        written = _under(paragraph, "span", title=_bbox(line.box))
        written.set("class", "ocr_line")
        for word in line.words:
            confidence = _short(100 * word.confidence, 2)
            span = _under(written, "span", title=f"{_bbox(word.box)}; x_wconf {confidence}")
            span.set("class", "ocrx_word")
            span.text = _held(word.text)


def _under(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{tag}", attributes)


def _engines(pages: Iterable[PageLayout]) -> list[str]:
    # A page on which several have voted names them all.
    named = (engine for page in pages for engine in page.engine.split(" + "))
    return list(dict.fromkeys(engine for engine in named if engine))


def _around(block: tuple[TextLine, ...]) -> Box:
    return around(line.box for line in block) if block else NOWHERE


def _bbox(box: Box) -> str:
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"


def _short(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") or "0"


def _held(text: str) -> str:
    return _UNHELD.sub("\ufffd", text)


def _bytes(root: etree._Element, doctype: str | None = None) -> bytes:
    data: bytes = etree.tostring(
        root, encoding="UTF-8", xml_declaration=True, pretty_print=True, doctype=doctype
    )
    return data
