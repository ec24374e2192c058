"""ALTO 2, 3 and 4: what ABBYY, docWorks, Tesseract and the digital libraries write (Gallica among them).

Source: the schemas of github.com/altoxml/schema, 2.0 to 4.4. A hyphen at the end of a line stands in an
element of its own there; here it is the end of its word, as it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from repair.layout import Box, PageLayout, TextLine, Word, around
from repair.reading.layouts.order import in_order
from repair.reading.layouts.places import NOWHERE, box_of, engine_name, number, page_size, share, spread
from repair.reading.layouts.xml import local_name

_USUAL_RESOLUTION = 300.0
"""Dots per inch where a file counts in millimetres or inches and does not say."""
_UNITS = {"mm10": 254.0, "inch1200": 1200.0}
"""How many of each make an inch; what is in neither is in pixels."""
_RESOLUTION = re.compile(r"(?:dpi|resolution)\D{0,12}(\d{2,4})\b|\b(\d{2,4})\s?dpi", re.IGNORECASE)
_HYPHENS = "-\xad\xac\u2010\u2e17"
_SIGN = {"\xad": "-", "\xac": "-", "": "-"}
"""What stands in `HYP` for the hyphen that is printed."""
_MARGINS = {"TopMargin": 0, "LeftMargin": 1, "PrintSpace": 2, "RightMargin": 3, "BottomMargin": 4}
"""The schema puts all margins before the print space; a page prints them around it."""


def read_alto(root: etree._Element, kind: str) -> list[PageLayout]:
    """Return the pages of an ALTO document.

    Args:
        root: its parsed root.
        kind: what stands for the engine where it names none: ``alto 4``.
    """
    steps = {step.get("ID", ""): step for step in root.iter("{*}OCRProcessing", "{*}Processing")}
    named = next((name for name in map(_software, _recognition_first(steps.values())) if name), kind)
    scale = _scale(root)
    order = [
        reference
        for group in root.iterfind("{*}ReadingOrder")
        for element in group.iter("{*}ElementRef")
        for reference in element.get("REF", "").split()
    ]
    pages = []
    for page in root.iter("{*}Page"):
        references = f"{page.get('PROCESSINGREFS', '')} {page.get('PROCESSING', '')}".split()
        own = [steps[reference] for reference in references if reference in steps]
        engine = next((name for name in map(_software, _recognition_first(own)) if name), named)
        pages.append(_page(page, engine, scale, order))
    return pages


def _page(page: etree._Element, engine: str, scale: float, order: list[str]) -> PageLayout:
    spaces = sorted(page, key=lambda space: _MARGINS.get(local_name(space), 2))
    found: dict[etree._Element, list[TextLine]] = {}
    for space in spaces:
        for line in space.iter("{*}TextLine"):
            parent = line.getparent()
            block = parent if parent is not None else page
            found.setdefault(block, [])
            if words := _line(line, _box(block, scale) or NOWHERE, scale):
                found[block].append(TextLine(words))
    ordered = in_order(list(found), order, "ID", page)
    blocks = tuple(tuple(found[block]) for block in ordered if found[block])
    width, height = number(page.get("WIDTH")), number(page.get("HEIGHT"))
    size = page_size(width and width * scale, height and height * scale, blocks)
    return PageLayout(engine, *size, blocks)


def _line(line: etree._Element, around_it: Box, scale: float) -> tuple[Word, ...]:
    place = _box(line, scale) or around_it
    words: list[Word] = []
    for element in line:
        name = local_name(element)
        if name == "String":
            confidence = number(element.get("WC"))
            words += spread(
                " ".join(element.get("CONTENT", "").split()),
                _box(element, scale) or place,
                share(confidence, 100.0 if confidence is not None and confidence > 1 else 1.0),
            )
        elif name == "HYP" and words and not words[-1].text.endswith(tuple(_HYPHENS)):
            sign = "".join(element.get("CONTENT", "").split())
            box = _box(element, scale)
            last = words[-1]
            words[-1] = replace(
                last,
                text=last.text + _SIGN.get(sign, sign),
                box=around([last.box, box]) if box and box.width else last.box,
            )
    return tuple(words)


def _box(element: etree._Element, scale: float) -> Box | None:
    left, top, width, height = (number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    if left is None or top is None or width is None or height is None:
        return None
    return box_of(left * scale, top * scale, (left + width) * scale, (top + height) * scale)


def _scale(root: etree._Element) -> float:
    """Return how many pixels one unit of the file is."""
    unit = "".join(root.xpath("string(//*[local-name()='MeasurementUnit'])").split())
    if unit not in _UNITS:
        return 1.0
    for settings in root.iter("{*}processingStepSettings"):
        if found := _RESOLUTION.search(settings.text or ""):
            return max(50.0, float(found[1] or found[2])) / _UNITS[unit]
    return _USUAL_RESOLUTION / _UNITS[unit]


def _recognition_first(steps: object) -> Iterator[etree._Element]:
    """Yield processing steps, those that made the text before those that worked on it."""
    known = list(steps)  # type: ignore[call-overload]
    made = [
        part
        for step in known
        for part in step.iter("{*}ocrProcessingStep", "{*}Processing")
        if local_name(part) == "ocrProcessingStep"
        or "contentGeneration" in (part.findtext("{*}processingCategory") or "")
    ]
    yield from made
    yield from known


def _software(step: etree._Element) -> str:
    software = step.find(".//{*}processingSoftware")
    if software is None:
        return ""
    name, version = (software.findtext(f"{{*}}{part}") or "" for part in ("softwareName", "softwareVersion"))
    return engine_name(f"{name} {version}") if name.strip() else ""
