"""A document of a release as TEI P5, for editions and for those who work with them.

`write_tei` makes it from the release alone: the header says what the document is, what was read and by what,
and what every mark in the text means; `release.tei.text` writes the text. The same release gives the same
bytes: there is no date in it but the document's own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import msgspec
from lxml import etree

from release.blocks import Texts
from release.layout import LINEAGE, json_file, reading_file
from release.ledger import find_document, read_edits, read_text
from release.records import DocumentFile, Lineage, RawFile
from release.rows import DocumentRow
from release.tei.editions import Editions, read_editions
from release.tei.passages import HIGH, MEDIUM
from release.tei.pen import TEI, Pen, Responsible, sign_id, tag
from release.tei.text import write_text
from repair.document import Status
from repair.edits import Decision, Kind

_DOES = {
    Kind.REPAIR: "repair: restores what the page prints",
    Kind.STRUCTURE: "structure: makes paragraphs and notes out of lines and markup",
    Kind.NORMALISATION: "normalisation: applies the house style of a named profile",
}
_EDITORIAL = (
    (
        "correction",
        {"method": "markup"},
        "Repairs restore what the page prints, each on evidence of damage: sic has what was read, corr what "
        "the page prints. xml:id is edit. with the id of the edit in the table of edits of the release; resp "
        f"names the rule; cert is high for a probability of {HIGH} or more, medium for {MEDIUM} or more, low "
        "below; the degree of certainty is the probability itself. A sic without corr is doubtful: it stands "
        "as read, and its candidate is a note at the back.",
    ),
    (
        "normalization",
        {"method": "markup"},
        "orig has what the page prints, reg what the normalised edition has for it, which may be nothing. "
        "resp names the rules, or the program where a passage was moved. cert is left out where it is high.",
    ),
    (
        "hyphenation",
        {"eol": "some"},
        "lb is a line end, and begins the next line; n is the number of that line in the reading. Its type "
        "is CRLF or CR where the file has that instead of a line feed. In the normalised edition the first "
        "of successive line ends is a space, and nothing where it has break='no'; a hyphen left out is an "
        "orig.",
    ),
    (
        "segmentation",
        {},
        "The elements whose xml:id is b with a number are the lines of the normalised edition, by numbers. "
        "What cuts one in two stands inside it; ab of type rest goes on with the one that prev names. ab of "
        "type apart, and lines between blocks, are in no line of that edition. Its lines end with a line "
        "feed; a milestone at the end of the element says where it is otherwise. Line feeds of this file "
        "mean nothing, nor does white space outside these elements; all other white space is text.",
    ),
)


class TeiError(Exception):
    """No TEI can be made of a document; the message says why."""


def write_tei(data: Path, document: str) -> bytes:
    """Return a document of a release as a TEI P5 file in UTF-8.

    Args:
        data: the ``data/`` folder of the release.
        document: its name, or its path below the raw folder.

    Raises:
        UnknownDocument: if no document has this name.
        TeiError: if it is in quarantine, or its texts do not come back from the TEI to the letter.
    """
    row = find_document(data, document)
    if row.status is Status.QUARANTINE:
        why = "; ".join(reason.en for reason in row.reasons)
        raise TeiError(f"{row.name} is in quarantine and has no text: {why}")
    rows = read_edits(data, row.name)
    file = msgspec.json.decode((data / json_file(row.name)).read_bytes(), type=DocumentFile)
    lineage = msgspec.json.decode((data / LINEAGE).read_bytes(), type=Lineage)
    layers = [[found.edit for found in rows if found.kind is kind] for kind in Kind]
    texts = Texts(read_text(data / reading_file(row.name)), *layers)
    release = data.resolve().parent.name

    made = etree.Element(tag("TEI"), nsmap={None: TEI})
    rules: dict[str, list[str]] = defaultdict(list)
    for found in rows:
        if found.decision in (Decision.APPLIED, Decision.REVIEW) and found.kind not in rules[found.rule]:
            rules[found.rule].append(found.kind)
    responsible = Responsible(rules)
    pen = Pen(made)
    with pen.within("teiHeader") as header:
        pass
    with pen.within("text", lang=file.metadata.language or "und"):
        write_text(pen, texts, file, rows, responsible)
    _Header(Pen(header, pen.signs), row, file, lineage, release, responsible).write()
    document_bytes: bytes = etree.tostring(made, xml_declaration=True, encoding="UTF-8") + b"\n"
    if read_editions(document_bytes) != Editions(texts.reading, texts.diplomatic, texts.text):
        raise TeiError(f"the texts of {row.name} do not come back from its TEI: please report it")
    return document_bytes


class _Header:
    """The ``teiHeader``; what it says of the document is text, whatever signs it has."""

    def __init__(
        self,
        pen: Pen,
        row: DocumentRow,
        file: DocumentFile,
        lineage: Lineage,
        release: str,
        responsible: Responsible,
    ) -> None:
        self._pen = pen
        self._row = row
        self._file = file
        self._lineage = lineage
        self._release = release
        self._responsible = responsible

    def write(self) -> None:
        header = self._pen.node
        with self._pen.within("fileDesc"):
            self._title()
            self._publication()
            self._source()
        with self._pen.within("encodingDesc"):
            with self._pen.within("editorialDecl"):
                for name, attributes, sentence in _EDITORIAL:
                    with self._pen.within(name, **attributes):
                        self._pen.leaf("p", sentence)
            self._program()
        with self._pen.within("profileDesc"):
            with self._pen.within("langUsage"):
                self._pen.empty("language", ident=self._file.metadata.language or "und")
            if self._file.metadata.genre:
                with self._pen.within("textClass"), self._pen.within("keywords"):
                    self._pen.leaf("term", self._file.metadata.genre)
        self._signs(header)
        etree.indent(header, "")

    def _title(self) -> None:
        said = self._file.metadata
        with self._pen.within("titleStmt"):
            self._pen.leaf("title", said.title or self._row.name)
            with self._pen.within("respStmt", id="prote"):
                self._pen.leaf("resp", "reading, repair, structure and normalisation")
                self._pen.leaf("name", "Prote")
            for rule, identity in self._responsible.ids.items():
                with self._pen.within("respStmt", id=identity):
                    for kind in self._responsible.rules[rule]:
                        self._pen.leaf("resp", _DOES[Kind(kind)])
                    self._pen.leaf("name", rule, type="rule")
        words = self._file.quality.after.words
        with self._pen.within("extent"):
            self._pen.empty("measure", unit="word", quantity=str(words))

    def _publication(self) -> None:
        with self._pen.within("publicationStmt"):
            self._pen.leaf("authority", "The corpus that this release is of, made with Prote")
            self._pen.leaf("idno", self._release, type="release")
            self._pen.leaf("idno", self._row.name, type="document")
            licence = self._row.licence
            with self._pen.within("availability", **({} if licence else {"status": "unknown"})):
                if licence:
                    self._pen.leaf("licence", licence)
                else:
                    self._pen.leaf("p", "The licence of the document is not told.")
        with self._pen.within("notesStmt"):
            why = "; ".join(reason.en for reason in self._row.reasons)
            self._pen.leaf("note", self._row.status.value + (f": {why}" if why else ""), type="status")
            for remark in (*self._file.reading.triage, *self._file.reading.remarks):
                self._pen.leaf("note", remark.en, type="reading")

    def _source(self) -> None:
        said = self._file.metadata
        with self._pen.within("sourceDesc"):
            with self._pen.within("bibl", type="raw"):
                self._pen.leaf("title", said.title or self._row.name)
                if said.symbol:
                    self._pen.leaf("idno", said.symbol, type="symbol")
                if said.date:
                    self._pen.leaf("date", said.date, when=said.date)
                if self._row.origin:
                    self._pen.leaf("publisher", self._row.origin)
                self._raw(RawFile(self._row.path, self._row.bytes, self._row.sha256))
                reading = self._file.reading
                how = f"Read by {reading.engine}" + (f", in {reading.encoding}" if reading.encoding else "")
                self._pen.leaf("note", how, type="reading")
            for witness in self._row.witnesses:
                with self._pen.within("bibl", type="witness"):
                    self._raw(witness)

    def _raw(self, file: RawFile) -> None:
        self._pen.leaf("idno", file.path, type="path")
        self._pen.leaf("idno", file.sha256, type="sha256")
        with self._pen.within("extent"):
            self._pen.empty("measure", unit="byte", quantity=str(file.bytes))

    def _program(self) -> None:
        versions = self._lineage.versions
        number = re.match(r"[0-9]+(\.[0-9]+){0,3}", versions.get("prote", ""))
        with (
            self._pen.within("appInfo"),
            self._pen.within("application", ident="prote", version=number.group() if number else "0"),
        ):
            self._pen.leaf("label", "Prote")
            self._pen.leaf("desc", _told({**versions, "typography profile": self._file.profile}))

    def _signs(self, header: etree._Element) -> None:
        """Declare the signs that XML cannot hold; those of the header too, so this comes last."""
        if not self._pen.signs:
            return
        self._pen.node = header.find(f"{{{TEI}}}encodingDesc")
        with self._pen.within("charDecl"):
            for sign in sorted(self._pen.signs):
                with self._pen.within("char", id=sign_id(sign)):
                    self._pen.leaf("desc", f"U+{ord(sign):04X}, which XML 1.0 cannot hold")
                    self._pen.leaf("mapping", f"U+{ord(sign):04X}", type="codepoint")


def _told(versions: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {version}" for name, version in sorted(versions.items()))
