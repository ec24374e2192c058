"""XML and HTML of strangers, read without what they could do: no entities, no network, no bombs."""

from __future__ import annotations

import html
from collections.abc import Iterator

from lxml import etree

from repair.document import Refused

MOST_MEMORY = 750_000_000
"""Bytes that one file may take when it is parsed; with its pages a process then stays near 1 GB."""
_TAG, _ATTRIBUTE = 100, 200
"""Bytes that libxml2 takes for a tag and for an attribute, measured on pages of ALTO, PAGE and hOCR."""


def parse_xml(data: bytes) -> etree._Element:
    """Return the root of an XML document; references to entities that it does not declare stay in it.

    Nesting deeper than 256 and texts longer than 10 MB are refused by libxml2.

    Raises:
        Refused: ``xml-unsafe`` for one that declares entities; ``xml-broken`` for what is no XML;
            ``layout-too-large`` for one that would take too much memory.
    """
    _check_size(data)
    # Never `collect_ids=False`: with it libxml2 opens the external DTD in spite of the rest (lxml 6.1).
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        # libxml2 stops a bomb in the middle; what it is should still be said.
        declares = b"<!ENTITY" in data.replace(b"\0", b"")
        raise (_unsafe() if declares else broken()) from error
    document_type = root.getroottree().docinfo.internalDTD
    if document_type is not None and next(document_type.iterentities(), None) is not None:
        raise _unsafe()
    return root


def parse_html(data: bytes) -> etree._Element:
    """Return the root of an HTML document in UTF-8, as a browser would mend it.

    Raises:
        Refused: ``xml-broken`` or ``layout-too-large``.
    """
    _check_size(data)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken() from error
    # Past its limits libxml2 ends without a word, and the rest would be lost.
    if root is None or any(error.level == etree.ErrorLevels.FATAL for error in parser.error_log):
        raise broken()
    return root


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace; empty for references to entities."""
    # Not by QName: a broken page of HTML has elements whose names it refuses.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def all_text(element: etree._Element) -> str:
    """Return the text of an element and what is in it; named entities of HTML are their characters."""
    return "".join(_texts(element))


def _texts(element: etree._Element) -> Iterator[str]:
    if isinstance(element.tag, str):
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""
    else:
        yield html.unescape(element.text or "")


def _check_size(data: bytes) -> None:
    if data.count(b"<") * _TAG + data.count(b"=") * _ATTRIBUTE > MOST_MEMORY:
        raise Refused(
            "layout-too-large",
            "Ce fichier XML ou HTML a trop de balises pour la mémoire : divisez-le.",
            "This XML or HTML file has too many tags for the memory: split it.",
        )


def broken() -> Refused:
    """Return the refusal of what cannot be parsed, or ends too early."""
    return Refused(
        "xml-broken",
        "Ce fichier XML ou HTML est abîmé ou incomplet : exportez-le de nouveau.",
        "This XML or HTML file is damaged or incomplete: export it again.",
    )


def _unsafe() -> Refused:
    return Refused(
        "xml-unsafe",
        "Ce fichier XML déclare des entités, ce qu’aucun moteur de lecture n’écrit : exportez-le sans DTD.",
        "This XML file declares entities, which no OCR engine writes: export it without a DTD.",
    )
