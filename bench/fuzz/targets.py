"""What must hold for any bytes: of each reader, of the ledger, and of repair.

A target takes bytes and returns nothing. What a file does to its reader is a refusal with its reason, or a
reading whose places are in it; no other error may come out. Whatever raises is a fault.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from repair.decisions.journal import DamagedJournal, Journal
from repair.document import Document, Reading, Refused, Source
from repair.edits import Decision, Edit, Kind, LedgerError, OffsetMap, apply, compose, invert, undo
from repair.layout import PageLayout
from repair.pipeline import EDITIONS, process, repair_text
from repair.reading import read, scanned_pages
from repair.reading.engines import reader as engines
from repair.reading.plain import decode

Target = Callable[[bytes], None]


class _Blank:
    """An engine that sees nothing on any page: what comes before it is searched, not what it reads."""

    name = "blank 1"

    def read(self, image: Path, seconds: float) -> PageLayout:
        return PageLayout(self.name, 1, 1, ())


@contextmanager
def _no_engines() -> Iterator[None]:
    found = engines.Tesseract, engines.rapidocr
    engines.Tesseract, engines.rapidocr = _Blank, lambda: None  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        engines.Tesseract, engines.rapidocr = found  # type: ignore[misc]


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="prote-fuzz-")


def _file(data: bytes, name: str) -> Path:
    path = Path(_folder().name, name)
    path.write_bytes(data)
    return path


def _read(data: bytes, name: str) -> Reading | None:
    path = _file(data, name)
    with _no_engines():
        with suppress(Refused):
            scanned_pages(path)
        try:
            reading = read(path)
        except Refused as refused:
            assert refused.reason.fr != refused.reason.en
            return None
    _check_reading(reading)
    return reading


def _check_reading(reading: Reading) -> None:
    length = len(reading.text)
    assert reading.text.strip()
    reading.text.encode()  # no half a character: no release could hold it
    assert reading.pages[0] == 0
    assert sorted(reading.pages) == list(reading.pages)
    assert reading.pages[-1] <= length
    last = 0
    for span in reading.markup:
        assert last <= span.start <= span.end <= length
        last = span.end
    assert apply(reading.text, reading.losers) == reading.text
    if reading.layout:
        assert len(reading.layout) == len(reading.pages)


def text(data: bytes) -> None:
    """A text of any encoding: its characters are the file's."""
    reading = _read(data, "essai.txt")
    if reading is not None and reading.engine == "text":
        found, encoding = decode(data)
        assert found == reading.text
        assert data.endswith(found.encode(encoding))


def markdown(data: bytes) -> None:
    """The same for Markdown, whose markup no edit may touch."""
    reading = _read(data, "essai.md")
    if reading is None:
        return
    for edit in repair_text(reading.text).edits:
        if edit.decision is Decision.APPLIED:
            assert not any(span.start < edit.end and edit.start < span.end for span in reading.markup)


def layout(data: bytes) -> None:
    """HOCR, ALTO or PAGE."""
    _read(data, "essai.xml")


def pdf(data: bytes) -> None:
    """A PDF, up to the engines."""
    _read(data, "essai.pdf")


def image(data: bytes) -> None:
    """An image of a page, up to the engines."""
    _read(data, "essai.png")


def repair(data: bytes) -> None:
    """Any text: edits replay and can be undone, and what is repaired stays as it is."""
    given = data.decode("utf-8", "ignore")
    for edition in EDITIONS:
        repaired = repair_text(given, edition)
        assert apply(given, repaired.edits) == repaired.text
        assert undo(repaired.text, repaired.edits) == given
    diplomatic = repair_text(given).text
    assert repair_text(diplomatic).text == diplomatic


def documents(data: bytes) -> None:
    """A raw file, through every stage: the ledger gives its editions, and packed it comes back as it was."""
    from flows.entries import pack, unpack

    path = _file(data, "essai.txt")
    try:
        document = process(Source("essai", path.name, "", len(data)), path)
    except Refused:
        return
    _check_document(document)
    assert unpack(pack(document)) == document


def _check_document(document: Document) -> None:
    structured = apply(document.diplomatic, document.structure)
    assert apply(document.reading.text, document.repairs) == document.diplomatic
    assert undo(document.diplomatic, document.repairs) == document.reading.text
    assert apply(structured, document.normalisations) == document.text
    assert repair_text(document.diplomatic).text == document.diplomatic
    lines = [line for line in document.text.split("\n") if line.strip()]
    assert [block.text.strip() for block in document.paragraphs if block.text.strip()] == [
        line.strip() for line in lines
    ]


def ledger(data: bytes) -> None:
    """Edits drawn by the bytes, sound or not: refused by their own error, or made, undone and composed."""
    given = _Draw(data)
    before = given.text()
    edits = given.edits(before)
    try:
        after = apply(before, edits)
    except LedgerError:
        return
    assert undo(after, edits) == before
    assert apply(after, invert(edits)) == before
    offsets = OffsetMap(edits)
    start, end = given.span(len(before))
    low, high = offsets.forward(start, end)
    assert 0 <= low <= high <= len(after)
    back, past = offsets.back(low, high)
    assert 0 <= back <= past <= len(before)  # what went at its borders is no part of it any more
    more = given.edits(after)
    try:
        last = apply(after, more)
    except LedgerError:
        return
    folded = compose(before, edits, more)
    assert apply(before, folded) == last
    assert undo(last, folded) == before


def journal(data: bytes) -> None:
    """The curators' journal: read, or refused with the line to mend."""
    with suppress(DamagedJournal):
        Journal(_file(data, "decisions.jsonl")).read()


class _Draw:
    """Texts and edits drawn from bytes, so that a small change of these is a small change of those."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, most: int) -> int:
        """Return a number from 0 to `most`, of one byte or two; 0 where there are no more bytes."""
        size = 1 if most < 256 else 2
        piece = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(piece, "little") % (most + 1)

    def text(self) -> str:
        """Return a text of a few signs."""
        size = self.number(80)
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece.decode("utf-8", "ignore")

    def span(self, length: int) -> tuple[int, int]:
        """Return a place in a text."""
        one, other = self.number(length), self.number(length)
        return min(one, other), max(one, other)

    def edits(self, text: str) -> list[Edit]:
        """Return edits of a text; one in eight, by the bytes, is not in its place."""
        found = []
        start = 0
        for _ in range(self.number(6)):
            start = min(len(text), start + self.number(12))
            end = min(len(text), start + self.number(6))
            decision = (Decision.APPLIED, Decision.APPLIED, Decision.REVIEW, Decision.LEFT)[self.number(3)]
            kind = list(Kind)[self.number(2)]
            edit = Edit(start, end, text[start:end], self.text(), kind, "essai", 0.5, decision)
            if self.number(255) > 223:
                edit = replace(edit, start=start + self.number(3), before=self.text())
            found.append(edit)
            start = end if decision is Decision.APPLIED else start
        return found


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (text, markdown, layout, pdf, image, ledger, journal, repair, documents)
}
"""By name: readers, then the ledger, then repair."""
