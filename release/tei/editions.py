"""The texts that a TEI document of ours holds, exactly: the reading and both editions.

`read_editions` gives them back by the rules that docs/tei.md states and the document's own header says; what
is exported is read back before it is written anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lxml import etree

from release.tei.pen import LINE_ENDS, TEI, XML

_BLOCKS = ("p", "head", "item", "note", "fw", "signed", "ab")
_LEVELS = ("body", "div", "list", "choice")
"""Elements whose own text is the layout of the file."""
_SIGNS = {name or "LF": sign for sign, name in LINE_ENDS.items()} | {"none": ""}


@dataclass(frozen=True, slots=True)
class Editions:
    """The three texts of a document."""

    reading: str
    diplomatic: str
    normalised: str


def read_editions(document: bytes) -> Editions:
    """Return the texts of a TEI document that `release.tei.header` wrote.

    Raises:
        lxml.etree.XMLSyntaxError: if it is no XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    root = etree.fromstring(document, parser)
    found = _Editions()
    body = root.find(f".//{{{TEI}}}body")
    if body is not None:
        found.read(body)
    lines = sorted(found.lines.items())
    normalised = "".join("".join(parts) + found.ends.get(line, "\n") for line, parts in lines)
    return Editions("".join(found.reading), "".join(found.diplomatic), normalised)


class _Editions:
    """Goes through a body once; `lines` holds the normalised edition, line by line."""

    def __init__(self) -> None:
        self.reading: list[str] = []
        self.diplomatic: list[str] = []
        self.lines: dict[int, list[str]] = defaultdict(list)
        self.ends: dict[int, str] = {}
        self._ended: dict[int, bool] = defaultdict(bool)

    def read(self, body: etree._Element) -> None:
        """Take in all of it: what stands before an element, its content, what stands after it."""
        # Of what an element is inside of: the line of the normalised edition, and which texts it belongs to.
        # No recursion: a note in furniture in a note may be nested as deep as the document says.
        context: list[tuple[int | None, bool, bool, bool]] = [(None, True, True, True)]
        for event, node in etree.iterwalk(body, events=("start", "end")):
            name = etree.QName(node).localname
            if event == "start":
                line, read, printed, normal = context[-1]
                if name in _BLOCKS:
                    said = node.get(f"{{{XML}}}id") or node.get("prev", "").removeprefix("#")
                    line, read, printed, normal = (int(said[1:]) if said else None), True, True, True
                elif name == "sic" and _in_choice(node):
                    printed = normal = False
                elif name == "corr":
                    read = False
                elif name == "orig":
                    normal = False
                elif name == "reg":
                    read = printed = False
                context.append((line, read, printed, normal))
                if line is not None:
                    self.lines[line]
                self._sign(node, name, *context[-1])
                if name not in _LEVELS:
                    self._take(node.text, *context[-1])
            else:
                context.pop()
                parent = node.getparent()
                if node is not body and etree.QName(parent).localname not in _LEVELS:
                    self._take(node.tail, *context[-1])

    def _sign(
        self, node: etree._Element, name: str, line: int | None, read: bool, printed: bool, normal: bool
    ) -> None:
        """Take in an element that stands for a sign."""
        if name == "g":
            self._take(chr(int(node.get("ref").rpartition(".")[2], 16)), line, read, printed, normal)
        elif name == "lb":
            self._take(_SIGNS[node.get("type", "LF")], None, read, printed, False, keep=True)
            if normal and line is not None and node.get("break") != "no" and not self._ended[line]:
                self.lines[line].append(" ")
                self._ended[line] = True
        elif name == "milestone" and line is not None:
            self.ends[line] = _SIGNS[node.get("n")]

    def _take(
        self,
        text: str | None,
        line: int | None,
        read: bool,
        printed: bool,
        normal: bool,
        *,
        keep: bool = False,
    ) -> None:
        text = text or ""
        if not keep:
            text = text.replace("\n", "")  # the layout of the file
        if not text:
            return
        if read:
            self.reading.append(text)
        if printed:
            self.diplomatic.append(text)
        if normal and line is not None:
            self.lines[line].append(text)
            self._ended[line] = False


def _in_choice(node: etree._Element) -> bool:
    return bool(node.getparent().tag == f"{{{TEI}}}choice")
