"""A text with its edits marked, line by line, for the pages of the report.

`mark` cuts the edited text into lines of `Piece`: what stays, what went, what came, and what is
doubtful. `blocks` keeps the changed lines with a little around them and folds the rest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from release.ledger import line_spans
from repair.edits import Decision, Edit, applied

SHORTEST_FOLD = 3
"""Lines; a shorter fold takes as much room as what it hides."""


class Mark(StrEnum):
    """What a piece of a line is."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    DOUBT = "doubt"
    JOIN = "join"
    """A line end of the page that the paragraph runs over."""
    CUT = "cut"
    """Stands for the middle of a long piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line; `edit` is what changed or doubts it, None for what stays."""

    mark: Mark
    text: str
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the edited text, without its line end; `number` counts from 1."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits marked in this line, in order."""
        # By identity: to tell edits apart by all they hold took a tenth of a page's time.
        return tuple({id(piece.edit): piece.edit for piece in self.pieces if piece.edit is not None}.values())


@dataclass(frozen=True, slots=True)
class Block:
    """Successive lines: shown as they are, or folded because nothing near them changes."""

    lines: tuple[Line, ...]
    folded: bool


def mark(before: str, after: str, edits: Sequence[Edit]) -> Iterator[Line]:
    """Yield the lines of `after` with what the edits of `before` did and doubt.

    Doubts that overlap a made edit, or each other, are left out here: the page lists them apart.
    """
    pieces = _pieces(before, _disjoint(edits))
    spans = line_spans(after)
    # What stands on no line: deletions at the very end, or all of it where nothing is left.
    if not spans or spans[-1][1] != spans[-1][2]:
        spans.append((len(after), len(after), len(after)))
    position = 0
    waiting = next(pieces, None)
    for number, (_, text_end, end) in enumerate(spans, 1):
        line: list[Piece] = []
        while waiting is not None:
            if waiting.mark is Mark.GONE or not waiting.text:
                if position == end and number < len(spans):
                    break
                line.append(waiting)
                waiting = next(pieces, None)
                continue
            room = end - position
            if room <= 0:
                break
            here, rest = waiting.text[:room], waiting.text[room:]
            shown = here[: max(0, text_end - position)]
            if shown:
                line.append(Piece(waiting.mark, shown, waiting.edit))
            position += len(here)
            waiting = Piece(waiting.mark, rest, waiting.edit) if rest else next(pieces, None)
        if number < len(spans) or line or text_end > spans[-1][0]:
            yield Line(number, tuple(line))


def _disjoint(edits: Sequence[Edit]) -> list[Edit]:
    """Return the made edits, and the doubts that stand clear of them and of each other, in order."""
    made = applied(edits)
    ends = [edit.end for edit in made]
    shown = list(made)
    last = -1
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.decision is not Decision.REVIEW or edit.start < last:
            continue
        near = bisect_left(ends, edit.start + 1)
        if near == len(made) or made[near].start >= edit.end:
            shown.append(edit)
            last = edit.end
    return sorted(shown, key=lambda edit: (edit.start, edit.end))


def _pieces(text: str, edits: Sequence[Edit]) -> Iterator[Piece]:
    position = 0
    for edit in edits:
        if edit.start > position:
            yield Piece(Mark.SAME, text[position : edit.start])
        if edit.decision is Decision.REVIEW:
            yield Piece(Mark.DOUBT, edit.before, edit)
        else:
            if edit.before:
                yield Piece(Mark.GONE, edit.before, edit)
            if edit.after:
                yield Piece(Mark.NEW, edit.after, edit)
        position = edit.end
    if position < len(text):
        yield Piece(Mark.SAME, text[position:])


def blocks(lines: Iterator[Line], around: int) -> Iterator[Block]:
    """Gather lines into blocks: changed ones with `around` lines before and after them, folds between."""
    folded: list[Line] = []
    shown: list[Line] = []
    since = around  # unchanged lines since the last changed one
    for line in lines:
        if line.edits:
            if len(folded) > around + SHORTEST_FOLD:
                if shown:
                    yield Block(tuple(shown), folded=False)
                    shown = []
                yield Block(tuple(folded[:-around]), folded=True)
                folded = folded[-around:]
            shown += folded
            folded = []
            shown.append(line)
            since = 0
        elif since < around:
            shown.append(line)
            since += 1
        else:
            folded.append(line)
    if shown and len(folded) < SHORTEST_FOLD:
        shown += folded
        folded = []
    if shown:
        yield Block(tuple(shown), folded=False)
    if folded:
        yield Block(tuple(folded), folded=True)


def run_over(line: Line) -> Line:
    """Return a line with the changes of mere white space made quiet: they would drown the others.

    A joined line end becomes one small mark, a changed space is shown as it stands now, and the
    empty lines between paragraphs are not shown.
    """
    pieces: list[Piece] = []
    for place, piece in enumerate(line.pieces):
        twin = line.pieces[place + 1] if place + 1 < len(line.pieces) else None
        if piece.mark is Mark.GONE and piece.text.isspace():
            replaced = twin is not None and twin.edit is piece.edit and twin.text.isspace()
            if "\n" in piece.text or "\r" in piece.text:
                if twin is not None:
                    pieces.append(Piece(Mark.JOIN, " " if replaced else ""))
            elif not replaced:
                pieces.append(piece)
        elif not (piece.mark is Mark.NEW and piece.text == " " and pieces and pieces[-1].mark is Mark.JOIN):
            pieces.append(piece)
    return replace(line, pieces=tuple(pieces))


def shorten(pieces: Sequence[Piece], longest: int) -> Iterator[Piece]:
    """Yield the pieces, the middle of those longer than `longest` replaced by how many signs it has."""
    for piece in pieces:
        if len(piece.text) <= longest:
            yield piece
        else:
            half = longest // 2
            yield replace(piece, text=piece.text[:half])
            yield Piece(Mark.CUT, str(len(piece.text) - 2 * half))
            yield replace(piece, text=piece.text[-half:])
