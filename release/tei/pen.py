"""The pen that writes TEI: text only ever becomes text, and signs that XML cannot hold become ``g``.

Elements and text are made by lxml, which escapes them: nothing in a document can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from lxml import etree

from release.tei.pieces import LINE_END

TEI = "http://www.tei-c.org/ns/1.0"
XML = "http://www.w3.org/XML/1998/namespace"
LINE_ENDS = {"\n": None, "\r\n": "CRLF", "\r": "CR"}
"""What ``lb`` has as its type."""

# All that the production Char of XML 1.0 leaves out.
_NO_XML = re.compile("([\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff])")


def tag(name: str) -> str:
    """Return the name of a TEI element as lxml has it."""
    return f"{{{TEI}}}{name}"


def sign_id(sign: str) -> str:
    """Return the identifier of a sign that XML cannot hold."""
    return f"char.{ord(sign):04X}"


class Pen:
    """Writes at the end of an element; `signs` gathers the signs that XML cannot hold."""

    def __init__(self, node: etree._Element, signs: set[str] | None = None) -> None:
        self.node = node
        self.signs: set[str] = set() if signs is None else signs
        self.line = 1

    def open(self, name: str, **attributes: str) -> etree._Element:
        """Begin an element and be in it; `id` and `lang` are those of XML."""
        self.node = self._add(name, attributes)
        return self.node

    def close(self) -> None:
        """Be after the element that the pen is in."""
        parent = self.node.getparent()
        assert parent is not None  # noqa: S101 - what is closed was opened
        self.node = parent

    @contextmanager
    def within(self, name: str, **attributes: str) -> Iterator[etree._Element]:
        """Write in a new element, and then after it."""
        node, made = self.node, self.open(name, **attributes)
        yield made
        self.node = node

    def empty(self, name: str, **attributes: str) -> None:
        """Write an element without content."""
        self._add(name, attributes)

    def leaf(self, name: str, text: str, **attributes: str) -> None:
        """Write an element that holds nothing but text."""
        with self.within(name, **attributes):
            self.text(text)

    def text(self, text: str) -> None:
        """Write text; its line ends become ``lb`` without a number."""
        place = 0
        for match in LINE_END.finditer(text):
            self._plain(text[place : match.start()])
            self.line_end(match.group(), count=False)
            place = match.end()
        self._plain(text[place:])

    def line_end(self, sign: str, *, count: bool = True, no_break: bool = False) -> None:
        """Write a line end: ``lb``, where the next line begins; `n` counts the lines of the reading."""
        attributes = {}
        if count:
            self.line += 1
            attributes["n"] = str(self.line)
        kind = LINE_ENDS[sign]
        if kind:
            attributes["type"] = kind
        if no_break:
            attributes["break"] = "no"
        else:
            self.layout()
        self._add("lb", attributes)

    def layout(self) -> None:
        """Break the line of the file, where it is not broken already: it means nothing."""
        before = self.node[-1].tail if len(self.node) else self.node.text
        if not (before or "").endswith("\n"):
            self._append("\n")

    def _add(self, name: str, attributes: Mapping[str, str]) -> etree._Element:
        names = {"id": f"{{{XML}}}id", "lang": f"{{{XML}}}lang"}
        made = {names.get(key, key): value for key, value in attributes.items()}
        return etree.SubElement(self.node, tag(name), made)

    def _plain(self, text: str) -> None:
        for number, part in enumerate(_NO_XML.split(text)):
            if number % 2:
                self.signs.add(part)
                self.empty("g", ref=f"#{sign_id(part)}")
            elif part:
                self._append(part)

    def _append(self, text: str) -> None:
        if len(self.node):
            self.node[-1].tail = (self.node[-1].tail or "") + text
        else:
            self.node.text = (self.node.text or "") + text


class Responsible:
    """Those who answer for edits: the program, and each rule, with the pointers to them."""

    def __init__(self, rules: Mapping[str, Sequence[str]]) -> None:
        """Give each rule an identifier.

        Args:
            rules: each with the kinds of its edits.
        """
        self.rules = rules
        self.ids: dict[str, str] = {}
        for rule in sorted(rules):
            wanted = "rule." + re.sub(r"[^0-9A-Za-z._-]", "_", rule)
            name, count = wanted, 1
            while name in self.ids.values():
                count += 1
                name = f"{wanted}.{count}"
            self.ids[rule] = name

    def pointers(self, rules: Sequence[str]) -> str:
        """Return what ``resp`` says; the program answers where no rule of the ledger does."""
        known = [self.ids[rule] for rule in dict.fromkeys(rules) if rule in self.ids]
        return " ".join(f"#{name}" for name in known or ["prote"])
