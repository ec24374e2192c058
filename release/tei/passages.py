"""A passage as TEI P5: what was read there, what the page prints, what the normalised edition has.

`Passages` writes the pieces of a text, one after another, with the pages that begin in them, the calls of
notes and the doubtful edits. It knows nothing of the elements that they stand in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from release.blocks import Texts
from release.records import DocumentFile
from release.rows import LedgerRow
from release.tei.pen import Pen, Responsible
from release.tei.pieces import LINE_END, Change, Piece, Repair
from repair.edits import Kind

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


class Passages:
    """Writes the pieces of a document's text, in order.

    Attributes:
        pen: where they are written.
        placed: ids of the doubtful edits that are shown in the text.
    """

    def __init__(
        self,
        pen: Pen,
        texts: Texts,
        file: DocumentFile,
        doubts: Sequence[LedgerRow],
        responsible: Responsible,
    ) -> None:
        self.pen = pen
        self.placed: set[str] = set()
        self._texts = texts
        self._responsible = responsible
        self._pages = [(place, page) for page, place in enumerate(file.reading.pages, 1)]
        self._note_of, self._calls = _find_notes(file)
        self._shown = _disjoint(doubts)
        self._ended: dict[int, bool] = defaultdict(bool)  # blocks whose line has a space for a line end last

    def write(
        self, piece: Piece, repairs: Sequence[Repair], changes: Sequence[Change], block: int | None
    ) -> None:
        """Write a piece of text with what edits touch of it.

        Args:
            piece: of the reading and the diplomatic edition.
            repairs: those in it.
            changes: what makes the normalised edition of it.
            block: index of the block that it stands in.
        """
        start, at = piece.start, piece.at
        for group in _gather(piece, repairs, changes):
            self._same(start, group.start, block)
            self.pages_to(group.start + 1)
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
            self.pages_to(low + 1)
            self._calls_to(low + 1)
            words = self._texts.reading[low:high]
            if low in doubts:
                row = doubts[low]
                self.placed.add(row.id)
                with self.pen.within("sic", id=f"sic.{row.id}"):
                    self.pen.text(words)
            else:
                self._lines(words)
        if start < end and block is not None:
            self._ended[block] = False

    def _lines(self, words: str) -> None:
        """Write text of the reading: its line ends are counted."""
        place = 0
        for match in LINE_END.finditer(words):
            self.pen.text(words[place : match.start()])
            self.pen.line_end(match.group())
            place = match.end()
        self.pen.text(words[place:])

    def _repair(self, repair: Repair, block: int | None) -> None:
        row = repair.row
        with self.pen.within("choice", id=f"edit.{row.id}"):
            with self.pen.within("sic"):
                self._lines(row.before)
            with self.pen.within("corr", **self.answer((row.rule,), row.probability)):
                self.pen.text(row.after)
                self.degree(row.probability)
        if row.after and block is not None:
            self._ended[block] = False

    def answer(self, rules: Sequence[str], probability: float) -> dict[str, str]:
        """Return who answers for an edit, and how sure that is."""
        return {"resp": self._responsible.pointers(rules), "cert": certainty(probability)}

    def degree(self, probability: float) -> None:
        """Write the probability of what the pen is in."""
        self.pen.empty("certainty", locus="value", degree=f"{probability:.4f}")

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
        answer = self.answer(rules, min(change.probability for change in group.changes))
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
            with self.pen.within("ref", **self._call(call)):
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
                with self.pen.within("choice"):
                    self.pen.leaf("orig", words)
                    self.pen.empty("reg", **answer)
            if match:
                self.pen.line_end(match.group(), no_break=no_break)
                place = match.end()

    def _choice(self, group: _Group, after: str, answer: dict[str, str]) -> None:
        with self.pen.within("choice"):
            with self.pen.within("orig"):
                start, at = group.start, group.at
                for repair in group.repairs:
                    self._lines(self._texts.reading[start : repair.start])
                    self._repair(repair, None)
                    start, at = repair.end, repair.to
                self._lines(self._texts.reading[start : start + group.to - at])
            self.pen.leaf("reg", after, **answer)

    def pages_to(self, place: int) -> None:
        """Write the beginnings of pages before a place of the reading."""
        while self._pages and self._pages[0][0] < place:
            self.pen.empty("pb", n=str(self._pages.pop(0)[1]))

    def _calls_to(self, place: int) -> None:
        """Write the calls before a place of the reading whose signs cannot be told from the text."""
        while self._calls and self._calls[0][0] < place:
            self.pen.empty("ref", **self._call(self._calls.pop(0)))

    def _call(self, call: tuple[int, int, str]) -> dict[str, str]:
        _, note, mark = call
        block = self._note_of.get(note)
        target = {"target": f"#b{block + 1}"} if block is not None else {}
        return {"type": "call", **({"n": mark} if mark else {}), **target}


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
