"""The text of a document as TEI P5: its blocks, lines and pages, and every edit where it stands.

`write_text` makes ``body`` and ``back`` in the order of the reading, so that what cuts a paragraph, a note or
the foot of a page, stands inside it. What is read, printed and normalised is said at each place: ``choice``
of ``sic`` and ``corr`` for a repair, of ``orig`` and ``reg`` for what makes the normalised edition.
`release.tei.editions` gives the three texts back from it, and docs/tei.md has the rules of both.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

from lxml import etree

from release.blocks import Texts
from release.ledger import line_spans
from release.records import DocumentFile
from release.rows import LedgerRow
from release.tei.passages import Passages
from release.tei.pen import LINE_ENDS, Pen, Responsible
from release.tei.pieces import LINE_END, Change, Piece, Repair, align, cut_pieces, find_repairs
from repair.edits import Decision, Edit, Kind, OffsetMap, applied, compose

INSIDE = {"note": "note", "furniture": "fw"}
"""Blocks that may stand inside another: TEI has their elements in ``model.global``."""


def write_text(
    pen: Pen, texts: Texts, file: DocumentFile, rows: Sequence[LedgerRow], responsible: Responsible
) -> None:
    """Write ``body`` and, where edits are doubtful, ``back``.

    Args:
        pen: in the ``text`` element.
        texts: the texts of the document.
        file: its JSON.
        rows: its edits, by layer and place.
        responsible: those who answer for them.
    """
    _Text(pen, texts, file, rows, responsible).write()


class _Text:
    def __init__(
        self, pen: Pen, texts: Texts, file: DocumentFile, rows: Sequence[LedgerRow], responsible: Responsible
    ) -> None:
        self._pen = pen
        self._texts = texts
        self._blocks = file.blocks
        self._responsible = responsible
        self._rows = rows
        self._repairs = find_repairs(row for row in rows if row.kind is Kind.REPAIR)
        self._pieces = cut_pieces(texts.reading, file.blocks, self._repairs)
        self._last = {piece.block: number for number, piece in enumerate(self._pieces)}
        self._doubts = [row for row in rows if row.decision is Decision.REVIEW]
        self._passages = Passages(pen, texts, file, self._doubts, responsible)
        self._open: list[int] = []
        self._begun: set[int] = set()
        self._div: etree._Element | None = None
        self._list: etree._Element | None = None
        self._filled = self._signed = False

    def write(self) -> None:
        """Write all of it."""
        changes = self._changes()
        ends = [self._texts.text[end:whole] for _, end, whole in line_spans(self._texts.text)]
        repairs = list(self._repairs)
        with self._pen.within("body") as self._body:
            for number, piece in enumerate(self._pieces):
                inside = []
                while repairs and repairs[0].end <= piece.end and repairs[0].to <= piece.to:
                    inside.append(repairs.pop(0))
                if piece.block is not None:
                    self._enter(piece.block, number)
                if self._open:
                    self._passages.write(piece, inside, changes[number], self._open[-1])
                else:
                    self._apart(piece, inside)
                if (
                    piece.block is not None
                    and self._last[piece.block] == number
                    and ends[piece.block] != "\n"
                ):
                    self._pen.empty(
                        "milestone", unit="line-end", n=LINE_ENDS.get(ends[piece.block]) or "none"
                    )
                while self._open and self._last[self._open[-1]] <= number:
                    self._leave()
            if self._div is None:  # TEI wants something in a body
                self._division()
            self._level()
            self._passages.pages_to(len(self._texts.reading) + 1)
        self._back()

    def _changes(self) -> dict[int, list[Change]]:
        """Return, for each piece that stands in a block, what makes its part of the block's line."""
        edits = [[row.edit for row in self._rows if row.kind is kind] for kind in Kind]
        composed = [
            Change(edit.start, edit.end, edit.after, self._rules(edit), edit.probability)
            for edit in applied(compose(self._texts.diplomatic, edits[1], edits[2]))
        ]
        starts = [change.start for change in composed]
        own: dict[int, list[int]] = defaultdict(list)
        stack: list[int] = []
        for number, piece in enumerate(self._pieces):
            if piece.block is not None:
                stack = self._stack(stack, piece.block, number)
            if stack:
                own[stack[-1]].append(number)
            while stack and self._last[stack[-1]] <= number:
                stack.pop()
        found = {}
        for block, numbers in own.items():
            spans = [(self._pieces[number].at, self._pieces[number].to) for number in numbers]
            low = max(0, bisect_left(starts, spans[0][0]) - 1)  # one may go over the border
            high = bisect_right(starts, spans[-1][1])
            aligned = align(self._texts.diplomatic, spans, self._blocks[block].text, composed[low:high])
            found.update(zip(numbers, aligned, strict=True))
        return found

    def _rules(self, edit: Edit) -> tuple[str, ...]:
        return (edit.rule,) if edit.rule in self._responsible.ids else tuple(edit.rule.split("+"))

    def _stack(self, stack: list[int], block: int, number: int) -> list[int]:
        """Return the open blocks where a piece of `block` begins: what cuts a block stands in it."""
        if block in stack:
            return stack[: stack.index(block) + 1]
        return [*stack, block] if self._blocks[block].kind in INSIDE else [block]

    # Divisions, lists, and the elements of blocks.

    def _enter(self, block: int, number: int) -> None:
        """Be in the element of a block: begin it, go back to it, or go on with it in another."""
        kept = self._stack(self._open, block, number)
        while self._open and self._open != kept[: len(self._open)]:
            self._leave()
        if self._open == kept:
            return
        if not self._open:
            self._level()
        self._passages.pages_to(self._pieces[number].start + 1)
        found = self._blocks[block]
        attributes = {"prev": f"#b{block + 1}"} if block in self._begun else {"id": f"b{block + 1}"}
        if found.number and block not in self._begun:
            attributes["n"] = found.number
        if found.kind == "furniture":
            self._pen.open("fw", type="furniture", **attributes)
        elif found.kind == "note":
            self._pen.open("note", place="bottom", **attributes)
        elif block in self._begun:
            self._common()
            self._pen.open("ab", type="rest", **attributes)
        else:
            self._begin(found.kind, attributes)
        self._begun.add(block)
        self._open.append(block)

    def _begin(self, kind: str, attributes: dict[str, str]) -> None:
        """Begin the element of a block that stands in none, where TEI wants it."""
        preamble = {"type": "preamble"} if kind == "preamble" else {}
        fits = self._div is not None and dict(self._div.attrib) == preamble
        if not fits or (kind == "heading" and self._filled):
            self._division(**preamble)
        if kind == "heading":
            self._level()
            self._pen.open("head", **attributes)
        elif kind == "item":
            if self._list is None:
                self._common()
                self._list = self._pen.open("list")
            self._level()
            self._pen.open("item", **attributes)
        elif kind == "signature" and self._filled:
            self._list, self._signed = None, True
            self._level()
            self._pen.open("signed", **attributes)
        else:
            self._common()
            self._pen.open("p", **attributes)

    def _division(self, **attributes: str) -> None:
        self._pen.node = self._body
        self._pen.layout()
        self._div = self._pen.open("div", **attributes)
        self._list, self._filled, self._signed = None, False, False

    def _common(self) -> None:
        """Be where a paragraph may stand: in a division that no signature has ended."""
        if self._div is None or self._signed:
            self._division()
        self._list, self._filled = None, True
        self._level()

    def _level(self) -> None:
        """Be where lines, pages, notes and furniture stand that are in no block."""
        levels = (self._list, self._div, self._body)
        self._pen.node = next(level for level in levels if level is not None)
        self._pen.layout()

    def _leave(self) -> None:
        self._open.pop()
        self._pen.close()

    def _apart(self, piece: Piece, repairs: Sequence[Repair]) -> None:
        """Write what stands in no block: a line end, or what the normalised edition has nothing of."""
        words = self._texts.diplomatic[piece.at : piece.to]
        if not repairs and LINE_END.fullmatch(words):
            self._level()
            self._passages.pages_to(piece.start + 1)
            self._pen.line_end(words)
        else:
            self._common()
            with self._pen.within("ab", type="apart"):
                self._passages.write(piece, repairs, [], None)

    def _back(self) -> None:
        """Write the doubtful edits: in the text a candidate would be taken for a correction."""
        if not self._doubts:
            return
        lines = [end for _, _, end in line_spans(self._texts.reading)]
        parts = [(piece.start, piece.block) for piece in self._pieces if piece.block is not None]
        to_reading = [OffsetMap([row.edit for row in self._rows if row.kind is kind]) for kind in Kind]
        with self._pen.within("back"), self._pen.within("div", type="doubts"):
            self._pen.layout()
            self._pen.leaf("head", "Doubtful edits, not made: they wait for a curator")
            for row in self._doubts:
                start, end = row.start, row.end
                for layer in range(list(Kind).index(row.kind) - 1, -1, -1):
                    start, end = to_reading[layer].back(start, end)
                near = bisect_right(parts, start, key=lambda part: part[0]) - 1
                target = f"#b{parts[max(near, 0)][1] + 1}" if parts else ""
                target = f"#sic.{row.id}" if row.id in self._passages.placed else target
                self._pen.layout()
                names = ("sic", "corr") if row.kind is Kind.REPAIR else ("orig", "reg")
                line = str(bisect_right(lines, start) + 1)
                where = {"target": target} if target else {}
                with (
                    self._pen.within("note", type="doubt", id=f"edit.{row.id}", n=line, **where),
                    self._pen.within("choice"),
                ):
                    self._pen.leaf(names[0], row.before)
                    with self._pen.within(names[1], **self._passages.answer((row.rule,), row.probability)):
                        self._pen.text(row.after)
                        self._passages.degree(row.probability)
            self._pen.layout()
