"""Reading a release back: its documents, its edits, and why a line stands as it does.

`read_documents` streams the rows of the documents, `read_edits` finds the edits of one; `explain` gives
those that touch one line of its diplomatic edition, whatever their layer and whatever became of them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from release.columns import DOCUMENTS, EDITS, REJECTS, REVIEW
from release.layout import diplomatic_file, reading_file
from release.rows import DocumentRow, LedgerRow
from release.tables import find_rows, read_figures
from repair.document import Status
from repair.edits import Edit, Kind, OffsetMap

_LINE_END = re.compile(r"\r\n|\r|\n")


class UnknownDocument(LookupError):  # noqa: N818 - it says what the document is
    """No document of the release has this name; the message names those that come near."""


class UnknownLine(LookupError):  # noqa: N818 - it says what the line is
    """The document has no such line; the message says how many it has."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One line of a document and the edits that touch it.

    Attributes:
        document: its name.
        line: counted from 1; the same in the reading and in the diplomatic edition.
        reading: the line as read, without its line end.
        diplomatic: the line in the diplomatic edition, without its line end.
        edits: repairs, then structure edits, then normalisations, each by their places.
    """

    document: str
    line: int
    reading: str
    diplomatic: str
    edits: tuple[LedgerRow, ...]


def read_text(path: Path) -> str:
    """Return the exact text of a file of a release: no line end is translated."""
    return path.read_bytes().decode()


def read_documents(data: Path) -> Iterator[DocumentRow]:
    """Yield a row for each raw file, without its text: published, in review, in quarantine, each by name.

    Raises:
        DamagedTable: if a row cannot be read.
    """
    for table in (DOCUMENTS, REVIEW, REJECTS):
        yield from read_figures(data, table, DocumentRow)


def read_edits(data: Path, document: str) -> list[LedgerRow]:
    """Return the edits of a document: by layer and place.

    Raises:
        DamagedTable: if a row cannot be read.
    """
    return find_rows(data, EDITS, LedgerRow, document)


def line_spans(text: str) -> list[tuple[int, int, int]]:
    """Return (start, end without the line end, end with it) of each line, in code points.

    A final line end closes the last line and opens no other.
    """
    spans = []
    start = 0
    for match in _LINE_END.finditer(text):
        spans.append((start, match.start(), match.end()))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text), len(text)))
    return spans


def find_document(data: Path, document: str) -> DocumentRow:
    """Return the row of a document, named as in the table or by its path below the raw folder.

    Raises:
        UnknownDocument: naming those that come near.
    """
    wanted = unicodedata.normalize("NFC", document)
    names = []
    for row in read_documents(data):
        if wanted in (unicodedata.normalize("NFC", row.name), unicodedata.normalize("NFC", row.path)):
            return row
        names.append(row.name)
    near = [name for name in names if wanted.casefold() in name.casefold()]
    near += [name for name in difflib.get_close_matches(wanted, names, 5, 0.5) if name not in near]
    hint = f"; did you mean {', '.join(near[:5])}?" if near else ""
    raise UnknownDocument(f"no document of this release is called {document!r}{hint}")


def document_with_text(data: Path, document: str) -> DocumentRow:
    """Return the row of a document that is not in quarantine.

    Raises:
        UnknownDocument: naming those that come near.
        UnknownLine: if it has no text.
    """
    row = find_document(data, document)
    if row.status is Status.QUARANTINE:
        reasons = "; ".join(reason.en for reason in row.reasons)
        raise UnknownLine(f"{row.name} is in quarantine and has no text: {reasons}")
    return row


def explain(data: Path, document: str, line: int) -> Explanation:
    """Return the edits, applied or not, that touch a line of a document's diplomatic edition.

    Args:
        data: the ``data/`` folder of a release, ``clean/current`` for one.
        document: its name, or its path below the raw folder.
        line: counted from 1, as in the reading: repairs never change lines.

    Raises:
        UnknownDocument: if no document has this name.
        UnknownLine: if it has no such line, or no text because it is in quarantine.
    """
    row = document_with_text(data, document)
    reading = read_text(data / reading_file(row.name))
    diplomatic = read_text(data / diplomatic_file(row.name))
    lines = line_spans(diplomatic)
    if not 1 <= line <= len(lines):
        raise UnknownLine(f"{row.name} has lines 1 to {len(lines)}, not {line}")

    start, text_end, end = lines[line - 1]
    edits = [(found, found.edit) for found in read_edits(data, row.name)]
    to_diplomatic = OffsetMap([edit for _, edit in edits if edit.kind is Kind.REPAIR])
    to_structured = OffsetMap([edit for _, edit in edits if edit.kind is Kind.STRUCTURE])

    def place(edit: Edit) -> tuple[int, int]:
        if edit.kind is Kind.REPAIR:
            return to_diplomatic.forward(edit.start, edit.end)
        if edit.kind is Kind.NORMALISATION:
            return to_structured.back(edit.start, edit.end)
        return edit.start, edit.end

    last = line == len(lines)
    touching = []
    for found, edit in edits:
        low, high = place(edit)
        # A place without width belongs to the line it stands in; at the very end, to the last.
        inside = start <= low < end or (last and low == end) if low == high else low < end and high > start
        if inside:
            touching.append(found)
    # A line of the diplomatic edition that stands in no line of the reading was all inserted at its end.
    read = line_spans(reading)[line - 1 : line] or [(0, 0, 0)]
    low, high, _ = read[0]
    return Explanation(row.name, line, reading[low:high], diplomatic[start:text_end], tuple(touching))
