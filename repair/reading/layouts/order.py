"""Reading order that a layout file states beside its regions, as PAGE and ALTO 4.3 do."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree


def in_order(
    regions: list[etree._Element], order: Sequence[str], name: str, page: etree._Element
) -> list[etree._Element]:
    """Return regions of a page in the order stated; those it leaves out come last, as they stand.

    A region that is not named itself stands with the one around it that is.

    Args:
        regions: as they stand in the file.
        order: identifiers, the first read first.
        name: of the attribute that identifies.
        page: around all of them.
    """
    places: dict[str, int] = {}
    for place, reference in enumerate(order):
        places.setdefault(reference, place)
    if not places:
        return regions
    last = len(order)
    known: dict[etree._Element, int] = {page: last}

    def place_of(region: etree._Element) -> int:
        passed = []
        up: etree._Element | None = region
        while up is not None and up not in known:
            own = places.get(up.get(name, ""))
            if own is not None:
                known[up] = own
                break
            passed.append(up)
            up = up.getparent()
        found = known[up] if up is not None else last
        known.update((element, found) for element in passed)
        return found

    return sorted(regions, key=place_of)
