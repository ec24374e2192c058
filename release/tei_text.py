"""The text of a document as TEI P5: its blocks, lines and pages, and every edit where it stands.

`write_text` makes ``body`` and ``back`` in the order of the reading, so that what cuts a paragraph, a note or
the foot of a page, stands inside it. What is read, printed and normalised is said at each place: ``choice``
of ``sic`` and ``corr`` for a repair, of ``orig`` and ``reg`` for what makes the normalised edition.
`release.tei_editions` gives the three texts back from it, and docs/tei.md has the rules of both.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from release.blocks import Texts
from release.ledger import line_spans
from release.records import DocumentFile
from release.rows import LedgerRow
from release.tei_pen import LINE_ENDS, Pen, Responsible
from release.tei_pieces import LINE_END, Change, Piece, Repair, align, cut_pieces, find_repairs
from repair.edits import Decision, Edit, Kind, OffsetMap, applied, compose

INSIDE = {"note": "note", "furniture": "fw"}
"""Blocks that may stand inside another: TEI has their elements in ``model.global``."""
HIGH, MEDIUM = 0.99, 0.9
"""Probabilities from which ``cert`` is ``high``, and ``medium``; below it is ``low``."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A place that edits touch: in the reading, in the diplomatic edition, and the edits of both kinds."""

    start: int
    end: int
    at: int
    to: int
    repairs: tuple[Repair, ...]
    changes: tuple[Change, ...]


def certainty(probability: float) -> str:
    """Return what ``cert`` says of a probability."""
    return "high" if probability >= HIGH else "medium" if probability >= MEDIUM else "low"


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
        self._pages = [(place, page) for page, place in enumerate(file.reading.pages, 1)]
        self._note_of, self._calls = _find_notes(file)
        self._doubts = [row for row in rows if row.decision is Decision.REVIEW]
        self._shown = _disjoint(self._doubts)
        self._placed: set[str] = set()
        self._ended: dict[int, bool] = defaultdict(bool)  # blocks whose line has a space for a line end last
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
                    self._groups(piece, inside, changes[number], self._open[-1])
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
            self._level()
            self._pages_to(len(self._texts.reading) + 1)
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
            low, high = bisect_left(starts, spans[0][0]), bisect_right(starts, spans[-1][1])
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
        self._pages_to(self._pieces[number].start + 1)
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
        self._break()
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
        if self._div is None:
            self._division()
        self._pen.node = self._div if self._list is None else self._list
        self._break()

    def _break(self) -> None:
        """Break the line of the file, between elements alone, where it means nothing."""
        node = self._pen.node
        if len(node):
            node[-1].tail = "\n"
        else:
            node.text = "\n"

    def _leave(self) -> None:
        self._open.pop()
        self._pen.close()

    def _apart(self, piece: Piece, repairs: Sequence[Repair]) -> None:
        """Write what stands in no block: a line end, or what the normalised edition has nothing of."""
        words = self._texts.diplomatic[piece.at : piece.to]
        if not repairs and LINE_END.fullmatch(words):
            self._level()
            self._pages_to(piece.start + 1)
            self._pen.line_end(words)
        else:
            self._common()
            with self._pen.within("ab", type="apart"):
                self._groups(piece, repairs, [], None)

    # Pieces of text.

    def _groups(
        self, piece: Piece, repairs: Sequence[Repair], changes: Sequence[Change], block: int | None
    ) -> None:
        """Write a piece of text with what edits touch of it."""
        start, at = piece.start, piece.at
        for group in _gather(piece, repairs, changes):
            self._same(start, group.start, block)
            self._pages_to(group.start + 1)
            if not group.changes:
                self._repair(group.repairs[0], block)
            else:
                self._change(group, block)
            start, at = group.end, group.to
        self._same(start, start + piece.to - at, block)

    def _same(self, start: int, end: int, block: int | None) -> None:
        """Write what no edit changes, with the pages that begin in it, calls without a sign, and doubts."""
        marks = [place for place, _ in self._pages[: bisect_left(self._pages, (end,))]]
        calls = self._calls[: bisect_left(self._calls, (end,))]
        marks += [place for place, *_ in calls]
        doubts = {}
        while self._shown and self._shown[0].start < end:
            row = self._shown.pop(0)
            if start <= row.start and row.end <= end and not LINE_END.search(row.before):
                doubts[row.start] = row
        inside = {mark for mark in marks if start < mark < end}
        inside -= {mark for mark in inside for row in doubts.values() if row.start < mark < row.end}
        cuts = sorted({start, end, *inside, *doubts, *(row.end for row in doubts.values())})
        for low, high in pairwise(cuts):
            self._pages_to(low + 1)
            self._calls_to(low + 1)
            words = self._texts.reading[low:high]
            if low in doubts:
                row = doubts[low]
                self._placed.add(row.id)
                with self._pen.within("sic", id=f"sic.{row.id}"):
                    self._pen.text(words)
            else:
                self._lines(words)
        if start < end and block is not None:
            self._ended[block] = False

    def _lines(self, words: str) -> None:
        """Write text of the reading: its line ends are counted."""
        place = 0
        for match in LINE_END.finditer(words):
            self._pen.text(words[place : match.start()])
            self._pen.line_end(match.group())
            place = match.end()
        self._pen.text(words[place:])

    def _repair(self, repair: Repair, block: int | None) -> None:
        row = repair.row
        with self._pen.within("choice", id=f"edit.{row.id}"):
            with self._pen.within("sic"):
                self._lines(row.before)
            with self._pen.within("corr", **self._answer((row.rule,), row.probability)):
                self._pen.text(row.after)
                self._degree(row.probability)
        if row.after and block is not None:
            self._ended[block] = False

    def _answer(self, rules: Sequence[str], probability: float) -> dict[str, str]:
        return {"resp": self._responsible.pointers(rules), "cert": certainty(probability)}

    def _degree(self, probability: float) -> None:
        self._pen.empty("certainty", locus="value", degree=f"{probability:.4f}")

    def _change(self, group: _Group, block: int | None) -> None:
        """Write what the normalised edition has otherwise."""
        diplomatic = self._texts.diplomatic
        parts, place = [], group.at
        for change in group.changes:
            parts += [diplomatic[place : change.start], change.after]
            place = change.end
        after = "".join([*parts, diplomatic[place : group.to]])
        before = diplomatic[group.at : group.to]
        rules = tuple(rule for change in group.changes for rule in change.rules)
        answer = self._answer(rules, min(change.probability for change in group.changes))
        if answer["cert"] == "high":
            del answer["cert"]
        assert block is not None  # noqa: S101 - what stands in no block has no line
        ended = self._ended[block]
        if not group.repairs and LINE_END.search(before) and (after == "" or (after == " " and not ended)):
            self._run(before, no_break=not after and not ended, answer=answer)
            self._ended[block] = ended or bool(after)
            return
        call = next(
            (call for call in self._calls if group.start <= call[0] < max(group.end, group.start + 1)), None
        )
        if call and not after and not LINE_END.search(before):
            self._calls.remove(call)
            with self._pen.within("ref", **self._call(call)):
                self._choice(group, after, answer)
        else:
            self._calls_to(group.end)
            self._choice(group, after, answer)
        if after:
            self._ended[block] = False

    def _run(self, before: str, *, no_break: bool, answer: dict[str, str]) -> None:
        """Write line ends that are a space in the block's line, or nothing, and what goes with them."""
        place = 0
        for match in [*LINE_END.finditer(before), None]:
            words = before[place : match.start() if match else len(before)]
            if words:
                with self._pen.within("choice"):
                    self._pen.leaf("orig", words)
                    self._pen.empty("reg", **answer)
            if match:
                self._pen.line_end(match.group(), no_break=no_break)
                place = match.end()

    def _choice(self, group: _Group, after: str, answer: dict[str, str]) -> None:
        with self._pen.within("choice"):
            with self._pen.within("orig"):
                start, at = group.start, group.at
                for repair in group.repairs:
                    self._lines(self._texts.reading[start : repair.start])
                    self._repair(repair, None)
                    start, at = repair.end, repair.to
                self._lines(self._texts.reading[start : start + group.to - at])
            self._pen.leaf("reg", after, **answer)

    def _pages_to(self, place: int) -> None:
        """Write the beginnings of pages before a place of the reading."""
        while self._pages and self._pages[0][0] < place:
            self._pen.empty("pb", n=str(self._pages.pop(0)[1]))

    def _calls_to(self, place: int) -> None:
        """Write the calls before a place of the reading whose signs cannot be told from the text."""
        while self._calls and self._calls[0][0] < place:
            self._pen.empty("ref", **self._call(self._calls.pop(0)))

    def _call(self, call: tuple[int, int, str]) -> dict[str, str]:
        _, note, mark = call
        block = self._note_of.get(note)
        target = {"target": f"#b{block + 1}"} if block is not None else {}
        return {"type": "call", **({"n": mark} if mark else {}), **target}

    def _back(self) -> None:
        """Write the doubtful edits: in the text a candidate would be taken for a correction."""
        if not self._doubts:
            return
        lines = [end for _, _, end in line_spans(self._texts.reading)]
        parts = [(piece.start, piece.block) for piece in self._pieces if piece.block is not None]
        to_reading = [OffsetMap([row.edit for row in self._rows if row.kind is kind]) for kind in Kind]
        with self._pen.within("back"), self._pen.within("div", type="doubts"):
            self._break()
            self._pen.leaf("head", "Doubtful edits, not made: they wait for a curator")
            for row in self._doubts:
                start, end = row.start, row.end
                for layer in range(list(Kind).index(row.kind) - 1, -1, -1):
                    start, end = to_reading[layer].back(start, end)
                near = bisect_right(parts, start, key=lambda part: part[0]) - 1
                target = f"#b{parts[max(near, 0)][1] + 1}" if parts else ""
                target = f"#sic.{row.id}" if row.id in self._placed else target
                self._break()
                names = ("sic", "corr") if row.kind is Kind.REPAIR else ("orig", "reg")
                line = str(bisect_right(lines, start) + 1)
                where = {"target": target} if target else {}
                with (
                    self._pen.within("note", type="doubt", id=f"edit.{row.id}", n=line, **where),
                    self._pen.within("choice"),
                ):
                    self._pen.leaf(names[0], row.before)
                    with self._pen.within(names[1], **self._answer((row.rule,), row.probability)):
                        self._pen.text(row.after)
                        self._degree(row.probability)
            self._break()


def _gather(piece: Piece, repairs: Sequence[Repair], changes: Sequence[Change]) -> Iterator[_Group]:
    """Yield the places of a piece that edits touch; those that overlap are one place."""
    spans: list[tuple[int, int, Repair | Change]] = [(repair.at, repair.to, repair) for repair in repairs]
    spans += [(change.start, change.end, change) for change in changes]
    spans.sort(key=lambda span: span[:2])
    groups: list[tuple[int, int, list[Repair | Change]]] = []
    for start, end, edit in spans:
        low, high, some = groups[-1] if groups else (-1, -1, [])
        # One without width touches only what stands on both sides of it.
        if start < high and (start < end or low < start):
            groups[-1] = (low, max(high, end), [*some, edit])
        else:
            groups.append((start, end, [edit]))
    shift = piece.at - piece.start
    for low, high, some in groups:
        made = tuple(edit for edit in some if isinstance(edit, Repair))
        start = low - shift
        shift += sum(repair.row.edit.growth for repair in made)
        yield _Group(
            start, high - shift, low, high, made, tuple(edit for edit in some if isinstance(edit, Change))
        )


def _disjoint(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """Return the doubtful repairs that can be shown in the text: of some width, and clear of each other."""
    shown: list[LedgerRow] = []
    for row in rows:
        if row.kind is Kind.REPAIR and row.end > row.start and (not shown or shown[-1].end <= row.start):
            shown.append(row)
    return shown


def _find_notes(file: DocumentFile) -> tuple[dict[int, int], list[tuple[int, int, str]]]:
    """Return the block of each note that has one, and the calls: place in the reading, note, mark."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, block in enumerate(file.blocks):
        if block.kind == "note":
            found[block.number, block.text].append(index)
    note_of = {}
    for number, note in enumerate(file.notes):
        if found[note.mark, note.text]:
            note_of[number] = found[note.mark, note.text].pop(0)
    calls = sorted(
        (call.start, number, note.mark) for number, note in enumerate(file.notes) for call in note.calls
    )
    return note_of, calls
