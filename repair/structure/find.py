"""Lines become blocks: what goes on, what begins anew, and what is no text at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from repair.document import Span
from repair.edits import Evidence, OffsetMap, apply, compose
from repair.structure.cuts import rejoin
from repair.structure.headings import Form, in_capitals, name_blocks, read_form
from repair.structure.heads import FIGURES, MISREAD_MARK, MISREAD_NUMBER
from repair.structure.hyphens import breaks_word, join
from repair.structure.lines import Line, find_lines, goes_on, is_wrapped, line_end, lone_lines
from repair.structure.markup import NOTE_MARK, read_markup
from repair.structure.misread import find_misread
from repair.structure.notes import find_calls, pair
from repair.structure.running import running_lines
from repair.structure.values import (
    FURNITURE,
    HEADING,
    ITEM,
    NOTE,
    PARAGRAPH,
    Block,
    Change,
    Structure,
    as_edits,
)

_BLOCK_BREAK, _PARAGRAPH_NUMBER = "block-break", "paragraph-number"
_BREAK = (Evidence("line break", "a blank line, a number, an indent or a rule sets the block apart"),)
_FOOT = (Evidence("numbering", "the mark of a note at the foot"),)

_DUE = (Evidence("numbering", "this note is due between the one before it and the one after it"),)

_SENTENCE_ENDS = ".;:!?»”)…"
_CLAUSE_ENDS = _SENTENCE_ENDS + ","
_NEXT_MARKS = 3
"""How far the mark of a note may be from the one before it: some are lost in reading."""
_FIRST_MARKS = 5
_SHORT = 0.8
"""A line this much shorter than the longest, where the next word had room, ends a paragraph."""


def find_structure(
    text: str,
    *,
    markup: tuple[Span, ...],
    known: Callable[[str], bool],
    pages: tuple[int, ...] = (0,),
) -> Structure:
    r"""Find the blocks and notes of a text.

    Args:
        text: the diplomatic edition.
        markup: places of its markup, in order.
        known: whether a lower-case word is in the lexicon.
        pages: where its pages start, in order.

    Returns:
        Edits that give the structured text, its blocks and its notes. The structured text has
        one block a line, no blank line, the line end that `text` uses most, and a final one
        where `text` has one.

    >>> found = find_structure("1. Prie l’assis-\ntance ;\n\n2. Décide.", markup=(),
    ...                        known=lambda word: word == "assistance")
    >>> apply("1. Prie l’assis-\ntance ;\n\n2. Décide.", found.edits)
    '1. Prie l’assistance ;\n2. Décide.'
    """
    signs = read_markup(text, markup)
    first = as_edits(text, signs.changes)
    bare = apply(text, first)
    offsets = OffsetMap(first)
    layout = _Layout(
        bare,
        known,
        tuple(offsets.forward(page, page)[0] for page in pages),
        headings=[offsets.forward(place, place)[1] for place in signs.headings],
        notes={offsets.forward(place, place)[1]: mark for place, mark in signs.notes.items()},
    )
    layout.read()
    named = name_blocks(bare, layout.blocks, known)
    blocks, layout.changes = rejoin(bare, named, layout.changes, known, line_end(bare))
    marked = [(mark, place) for mark, place in signs.calls]
    if not marked:
        calls, changes = find_calls(bare, blocks, known)
        misread, taken = find_misread(bare, blocks, calls)
        marked = [
            (mark, offsets.back(place, place)[0]) for mark, place in sorted(calls + misread, key=_place)
        ]
        layout.changes += changes + taken
    second = as_edits(bare, sorted(layout.changes))
    if first:
        blocks = [_moved_back(block, offsets) for block in blocks]
        second = compose(text, first, second)
    return Structure(tuple(second), tuple(blocks), tuple(pair(blocks, marked)))


def _place(call: tuple[str, int]) -> int:
    return call[1]


def _moved_back(block: Block, offsets: OffsetMap) -> Block:
    start, end = offsets.back(block.start, block.end)
    rest = tuple(Span(*offsets.back(span.start, span.end)) for span in block.rest)
    return Block(block.kind, block.number, start, end, rest)


@dataclass(slots=True)
class _Open:
    """The block being read."""

    kind: str
    number: str
    start: int
    end: int
    length: int  # of its line in the structured text
    last: str  # its last line


class _Layout:
    """Reads the lines of a text without markup one after another."""

    def __init__(
        self,
        text: str,
        known: Callable[[str], bool],
        pages: tuple[int, ...],
        headings: Iterable[int],
        notes: dict[int, str],
    ) -> None:
        self.blocks: list[Block] = []
        self.changes: list[Change] = []
        self._text = text
        self._known = known
        self._lines = find_lines(text, pages)
        self._end = line_end(text)
        self._headings = frozenset(headings)
        self._marked = notes
        self._wrapped = is_wrapped(self._lines)
        self._running = running_lines(self._lines)
        self._alone = lone_lines(self._lines) if self._wrapped else frozenset()
        self._spaced = any(line.blank for line in self._lines[1:])
        self._width = max((len(line.text) for line in self._lines), default=0)
        self._number = 0  # of the last numbered paragraph
        self._note = 0  # mark of the last note
        self._last_group = max(
            (place for place, line in enumerate(self._lines) if line.blank or not place), default=0
        )

    def read(self) -> None:
        """Fill `blocks` and `changes`."""
        block: _Open | None = None
        for place, line in enumerate(self._lines):
            kind, number, width = self._opens(line, place, block)
            if block is None:
                self._change(0, line.start, "", _BLOCK_BREAK, _BREAK)
            elif kind and kind == NOTE and block.kind == FURNITURE and not line.head.kind:
                self._change(block.start, line.start, "", NOTE_MARK, _DUE)  # its mark, alone on a line
            elif kind:
                self.blocks.append(Block(block.kind, block.number, block.start, block.end))
                self._change(block.end, line.start, self._end, _BLOCK_BREAK, _BREAK)
            else:
                taken, after, rule, evidence = join(block.last, line.text, self._known)
                self._change(block.end - taken, line.start, after, rule, evidence)
                block.length += len(line.text) + len(after) - taken
                block.last = line.text
                block.end = line.end
                continue
            if width:
                self._change(line.start, line.start + width, "", NOTE_MARK, _FOOT)
            if kind == PARAGRAPH and number and not line.head.kind and MISREAD_NUMBER.match(line.text):
                told = f"it stands between paragraphs {self._number} and {self._number + 2}"
                witness = (Evidence("numbering", told),)
                self._change(line.start, line.start + len(number), number, _PARAGRAPH_NUMBER, witness)
            block = _Open(kind, number, line.start, line.end, len(line.text) - width, line.text[width:])
            if kind == NOTE and number.isdigit():
                self._note = int(number)
            elif kind == PARAGRAPH and number and read_form(line.text) is None:
                self._number = int(number)
        if block is not None:
            self.blocks.append(Block(block.kind, block.number, block.start, block.end))
        end = block.end if block is not None else 0
        rest = self._text[end:]
        final = self._end if block is not None and ("\n" in rest or "\r" in rest) else ""
        self._change(end, len(self._text), final, _BLOCK_BREAK, _BREAK)

    def _change(self, start: int, end: int, after: str, rule: str, evidence: tuple[Evidence, ...]) -> None:
        if self._text[start:end] != after:
            self.changes.append(Change(start, end, after, rule, evidence))

    def _opens(self, line: Line, place: int, block: _Open | None) -> tuple[str, str, int]:
        """Return kind, number and width of the mark of the block that `line` opens; no kind if none."""
        head = line.head
        if line.start in self._marked:
            return NOTE, self._marked[line.start], 0
        if line.start in self._headings:
            return HEADING, "", 0
        if head.kind == FURNITURE or place in self._running:
            return FURNITURE, "", 0
        if block is not None and breaks_word(block.last, line.text) and not head.kind and block.kind != NOTE:
            return "", "", 0
        if number := self._misread_number(line, place):
            return PARAGRAPH, number, 0
        misread = self._misread_mark(line, place, block)
        if misread is not None:
            return NOTE, str(self._note + 1), misread
        apart = block is None or line.blank or block.kind in (FURNITURE, HEADING)
        if head.kind == NOTE:
            if self._is_note(line, place, block, apart):
                return NOTE, head.number, head.width
        elif head.kind and (apart or block is None or self._item_opens(line, block)):
            return head.kind, head.number, 0
        if form := self._form(line, place, block, apart):
            return form.kind, form.plain_number, 0
        if apart:
            go_on = line.blank and block is not None and self._resumes(line, block)
            return ("" if go_on else PARAGRAPH), "", 0
        assert block is not None  # noqa: S101 - for the type checker: a first line stands apart
        return (PARAGRAPH if self._breaks(line, place, block) else ""), "", 0

    def _form(self, line: Line, place: int, block: _Open | None, apart: bool) -> Form | None:
        """Return what the form of a line says it is, where the lines around it let it be that."""
        form = read_form(line.text)
        if form is None:
            return None
        if block is not None and not apart and self._wrapped and block.last[-1] not in _SENTENCE_ENDS:
            return None  # « au sens du / Chapitre VII / de la Charte »
        following = self._lines[place + 1] if place + 1 < len(self._lines) else None
        ends = following is None or following.blank or not self._wrapped
        if form.kind == PARAGRAPH or (ends and (following is None or not following.opens_low)):
            return form
        assert following is not None  # noqa: S101 - for the type checker: the last line ends
        if following.opens_low:
            return None if form.bare or not form.number else form._replace(kind=PARAGRAPH)
        if form.bare:
            return form
        short = len(line.text) < _SHORT * self._width
        if short and not (in_capitals(line.text) and in_capitals(following.text)):
            return form
        return form._replace(kind=PARAGRAPH) if form.number else None

    def _is_note(self, line: Line, place: int, block: _Open | None, apart: bool) -> bool:
        """Whether a line that begins with a number is a note at the foot."""
        mark = int(line.head.number)
        if block is not None and block.kind == NOTE:
            return self._note < mark <= self._note + _NEXT_MARKS
        if block is None or not apart:
            return False
        follows = self._note < mark <= self._note + _NEXT_MARKS
        if block.kind == FURNITURE:
            return follows or mark == 1 or (not self._note and mark <= _FIRST_MARKS)
        if self._note and follows and place >= self._last_group:
            return True
        cut = block.length > self._width // 2 and block.last[-1] not in _SENTENCE_ENDS
        return cut and self._wrapped and (mark == 1 or self._note < mark <= self._note + _FIRST_MARKS)

    def _misread_number(self, line: Line, place: int) -> str:
        """Return the number of a paragraph whose figures were read as letters, if it is due here."""
        found = MISREAD_NUMBER.match(line.text) if self._number else None
        if found is None or int(found["number"].translate(FIGURES)) != self._number + 1:
            return ""
        due = str(self._number + 2)
        later = (after.head for after in self._lines[place + 1 :] if after.head.kind == PARAGRAPH)
        return str(self._number + 1) if any(head.number == due for head in later) else ""

    def _misread_mark(self, line: Line, place: int, block: _Open | None) -> int | None:
        """Return the width of the misread mark of the note that is due; None where `line` opens none.

        In a row of notes the next line begins with the mark. After a paragraph cut in mid-sentence the
        mark may stand alone on a line; that the note after the next is found is then the witness.
        """
        if block is None or not self._note:
            return None
        if block.kind == NOTE and not line.blank and (found := MISREAD_MARK.match(line.text)):
            return found.end()
        sign = block.kind == FURNITURE and len(block.last) <= _NEXT_MARKS and not line.head.kind
        if not sign or not self.blocks or line.text[0].islower():
            return None
        before = self.blocks[-1]
        cut = before.kind in (PARAGRAPH, ITEM) and self._text[before.end - 1] not in _SENTENCE_ENDS
        due = str(self._note + 2)
        later = (after.head for after in self._lines[place + 1 :] if after.head.kind == NOTE)
        return 0 if cut and any(head.number == due for head in later) else None

    def _item_opens(self, line: Line, block: _Open) -> bool:
        """Whether a line without a blank line before it opens a numbered paragraph or an item."""
        head = line.head
        last = block.last
        if not head.kind:
            return False
        if head.sign == "row" or last.endswith("|"):
            return True
        if head.kind == PARAGRAPH:
            number = int(head.number)
            return number in (1, self._number + 1) and last[-1] in ".,;:!?»)"
        if head.sign:
            return head.sign in "•▪◦·" or last[-1] in ".;:!?…»"
        return last[-1] in ".;:" or last.endswith((" et", " ou"))

    def _resumes(self, line: Line, block: _Open) -> bool:
        """Whether a line after a blank line goes on with the paragraph before it."""
        if block.kind not in (PARAGRAPH, ITEM):
            return False
        if line.page and line.opens_low and block.last[-1] == ",":
            return True
        return goes_on(block.last, block.length, line)

    def _breaks(self, line: Line, place: int, block: _Open) -> bool:
        """Whether a line without a blank line before it, or a mark, begins a paragraph."""
        if block.kind == NOTE:
            return line.indented or not self._wrapped
        if not self._wrapped:
            return not goes_on(block.last, block.length, line)
        if place in self._alone:
            return True
        if line.text[0].islower() or not (line.indented or not self._spaced):
            return False
        room = len(block.last) + 1 + len(line.text.split(None, 1)[0])
        last = block.last[-1]
        if line.indented and not line.page:
            return last in _SENTENCE_ENDS or (last == "," and room < self._width)
        return last in _CLAUSE_ENDS and room < _SHORT * self._width
