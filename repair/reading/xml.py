"""XML of strangers, read without what it could do: no entities, no document type, no network, no bombs."""

from __future__ import annotations

from lxml import etree

from repair.document import Refused


def parse_xml(data: bytes) -> etree._Element:
    """Return the root of an XML document.

    Raises:
        Refused: ``xml-unsafe`` for one that declares entities; ``xml-broken`` for what is no XML.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(
            "xml-broken",
            "Ce fichier XML est abîmé ou incomplet : exportez-le de nouveau.",
            "This XML file is damaged or incomplete: export it again.",
        ) from error
    document_type = root.getroottree().docinfo.internalDTD
    if document_type is not None and next(document_type.iterentities(), None) is not None:
        raise Refused(
            "xml-unsafe",
            "Ce fichier XML déclare des entités, ce qu’aucun moteur de lecture n’écrit : exportez-le sans DTD.",
            "This XML file declares entities, which no OCR engine writes: export it without a DTD.",
        )
    return root


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace; empty for comments and instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
