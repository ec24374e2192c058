"""PAGE XML, 2010 to 2019: what Transkribus, OCR-D, kraken and Aletheia write.

Source: the schemas of github.com/PRImA-Research-Lab/PAGE-XML, with their change logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from repair.layout import Box, PageLayout, TextLine, Word, around
from repair.reading.layouts.order import in_order
from repair.reading.layouts.places import (
    NOWHERE,
    bands,
    box_of,
    engine_name,
    number,
    page_size,
    share,
    spread,
)
from repair.reading.layouts.xml import all_text

_POINT = re.compile(r"(-?\d{1,12}(?:\.\d{0,12})?),(-?\d{1,12}(?:\.\d{0,12})?)")


def read_page_xml(root: etree._Element, kind: str) -> list[PageLayout]:
    """Return the pages of a PAGE XML document.

    Args:
        root: its parsed root.
        kind: what stands for the engine where it names none: ``page 2019``.
    """
    engine = _engine(root) or kind
    return [_page(page, engine) for page in root.iter("{*}Page")]


def _page(page: etree._Element, engine: str) -> PageLayout:
    regions = in_order(list(page.iter("{*}TextRegion")), list(_order(page)), "id", page)
    blocks = tuple(block for block in map(_region, regions) if block)
    size = page_size(number(page.get("imageWidth")), number(page.get("imageHeight")), blocks)
    return PageLayout(engine, *size, blocks)


def _order(page: etree._Element) -> Iterator[str]:
    """Yield the identifiers of regions in reading order."""
    order = page.find("{*}ReadingOrder")
    waiting = list(order)[::-1] if order is not None else []
    while waiting:
        element = waiting.pop()
        if reference := element.get("regionRef"):
            yield reference
        children = [child for child in element if isinstance(child.tag, str)]
        children.sort(key=lambda child: number(child.get("index")) or 0.0)
        waiting += children[::-1]


def _region(region: etree._Element) -> tuple[TextLine, ...]:
    place = _box(region) or NOWHERE
    lines = list(region.iterfind("{*}TextLine"))
    if not lines:
        text, _ = _text(region)
        return bands(text.splitlines() or [""], place)
    return tuple(TextLine(words) for words in (_line(line, place) for line in lines) if words)


def _line(line: etree._Element, region: Box) -> tuple[Word, ...]:
    text, sure = _text(line)
    elements = list(line.iterfind("{*}Word"))
    place = _box(line)
    if place is None:
        boxes = [box for box in map(_box, elements) if box is not None]
        place = around(boxes) if boxes else _points(line.find("{*}Baseline")) or region
    found = [(element, *_word(element)) for element in elements]
    if not found or (text.strip() and any(not content for _, content, _ in found)):
        return spread(" ".join(text.split()), place, sure)
    words: list[Word] = []
    for element, content, confidence in found:
        words += spread(" ".join(content.split()), _box(element) or place, confidence)
    return tuple(words)


def _word(word: etree._Element) -> tuple[str, float]:
    """Return the text of a word and its confidence: its own, or that of its signs, as kraken writes."""
    text, confidence = _text(word)
    signs = [] if text else [_text(glyph) for glyph in word.iterfind("{*}Glyph")]
    if not signs:
        return text, confidence
    return "".join(sign for sign, _ in signs), min(confidence for _, confidence in signs)


def _text(element: etree._Element) -> tuple[str, float]:
    """Return the first reading of an element, and its confidence; empty where it has none.

    Readings stand by their `index`, the lowest is the main one (PAGE 2013, `TextEquiv`).
    """
    readings = sorted(element.iterfind("{*}TextEquiv"), key=lambda item: number(item.get("index")) or 0.0)
    for reading in readings:
        for name in ("Unicode", "PlainText"):
            content = reading.find(f"{{*}}{name}")
            if content is not None and (text := all_text(content)):
                return text, share(number(reading.get("conf")))
    return "", 1.0


def _box(element: etree._Element) -> Box | None:
    return _points(element.find("{*}Coords"))


def _points(polygon: etree._Element | None) -> Box | None:
    """Return the box around a polygon: an attribute since 2013, elements before."""
    if polygon is None:
        return None
    points = [(float(x), float(y)) for x, y in _POINT.findall(polygon.get("points", ""))]
    for point in polygon.iterfind("{*}Point"):
        x, y = number(point.get("x")), number(point.get("y"))
        if x is not None and y is not None:
            points.append((x, y))
    if not points:
        return None
    across, down = zip(*points, strict=True)
    return box_of(min(across), min(down), max(across), max(down))


def _engine(root: etree._Element) -> str:
    """Return what read the text: OCR-D's last step of recognition, or what made the file."""
    metadata = root.find("{*}Metadata")
    if metadata is None:
        return ""
    steps = [
        item.get("value", "")
        for item in metadata.iterfind("{*}MetadataItem")
        if item.get("type") == "processingStep" and "text-recognition" in item.get("name", "")
    ]
    return engine_name(steps[-1] if steps else metadata.findtext("{*}Creator") or "")
