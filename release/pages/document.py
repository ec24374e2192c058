"""The page of one document: its doubts, its reading beside what it became, its structure, notes, damage."""

from __future__ import annotations

import base64
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from release.ledger import line_spans
from release.pages.environment import environment
from release.pages.marks import Block, Line, blocks, mark, run_over
from release.rows import DocumentRow
from release.sums import CURATOR
from repair.document import ClassRate, Document, Outcome, Paragraph, Status
from repair.edits import Decision, Edit, Kind, OffsetMap, apply, compose

DOUBTS_SHOWN = 500
CHANGED_SHOWN = 1_500
"""Changed lines of one document; a browser stays quick with ten times as many elements."""
FOLDED_SIGNS = 200_000
"""Signs of unchanged text that a page carries in its folds; beyond, a fold says its length only."""
PARAGRAPHS_SHOWN = 1_500
PARAGRAPH_SIGNS = 300_000
AROUND = 2
"""Lines shown on either side of a changed one."""
CONTEXT = 70
"""Signs shown on either side of an edit that is shown apart from its line."""


@dataclass(frozen=True, slots=True)
class InContext:
    """An edit with the words around it, as the later edition has them."""

    line: int
    left: str
    edit: Edit
    right: str
    piece: str = ""
    """Of the picture of its page, as a URL that holds it; empty where there is none."""


def document_page(
    outcome: Outcome, row: DocumentRow, pieces: Mapping[Edit, bytes] | None = None
) -> Iterator[str]:
    """Yield the page of one document; of one in quarantine, its reasons and figures and none of its text.

    Args:
        outcome: what became of the document.
        row: the same in the tables.
        pieces: of the pictures of its pages at its doubtful edits, as PNG.
    """
    document = outcome.document
    view: dict[str, object] = {"row": row, "document": None, "classes": (), "remarks": ()}
    if document is not None:
        view["remarks"] = document.reading.remarks
        view["classes"] = _classes(document)
        if outcome.status is not Status.QUARANTINE:
            view |= _text_view(document, pieces or {})
    return environment().get_template("document.html.j2").generate(view)


def _text_view(document: Document, pieces: Mapping[Edit, bytes]) -> dict[str, object]:
    """Return what the page shows of a document's text."""
    reading, diplomatic = document.reading.text, document.diplomatic
    doubts, ruled = _in_context(document, pieces)
    shown, changed_left = _first_blocks(blocks(mark(reading, diplomatic, document.repairs), AROUND))
    later = compose(diplomatic, document.structure, document.normalisations)
    paragraphs = list(_first_paragraphs(mark(diplomatic, document.text, later)))
    labels: Sequence[Paragraph | None] = document.paragraphs
    total = len(line_spans(document.text))
    if len(document.paragraphs) != total:
        labels = [None] * total
    return {
        "document": document,
        "doubts": doubts[:DOUBTS_SHOWN],
        "doubts_left": max(0, len(doubts) - DOUBTS_SHOWN),
        "ruled": ruled[:DOUBTS_SHOWN],
        "ruled_left": max(0, len(ruled) - DOUBTS_SHOWN),
        "blocks": shown,
        "lines_shown": {line.number for block in shown if not block.folded for line in block.lines},
        "changed_left": changed_left,
        "paragraphs": [
            (labels[line.number - 1] if line.number <= total else None, line) for line in paragraphs
        ],
        "paragraphs_left": max(0, total - len(paragraphs)),
        "rules": _rules(document),
    }


def _first_blocks(found: Iterator[Block]) -> tuple[list[Block], int]:
    """Return the blocks up to the last changed line shown, and how many changed lines come after them."""
    shown: list[Block] = []
    changed = left = signs = 0
    for block in found:
        if changed >= CHANGED_SHOWN:
            left += sum(1 for line in block.lines if line.edits)
        elif block.folded:
            signs += sum(len(piece.text) for line in block.lines for piece in line.pieces)
            # The lines stay, so that their number can be said; their text goes.
            lines = (
                block.lines if signs <= FOLDED_SIGNS else tuple(Line(line.number, ()) for line in block.lines)
            )
            shown.append(Block(lines, folded=True))
        else:
            lines = block.lines
            places = [place for place, line in enumerate(lines) if line.edits]
            room = CHANGED_SHOWN - changed
            if len(places) > room:
                left += len(places) - room
                lines = lines[: places[room]]
            changed += min(room, len(places))
            shown.append(Block(lines, folded=False))
    return shown, left


def _first_paragraphs(lines: Iterator[Line]) -> Iterator[Line]:
    signs = 0
    for line in islice(lines, PARAGRAPHS_SHOWN):
        yield run_over(line)
        signs += sum(len(piece.text) for piece in line.pieces)
        if signs > PARAGRAPH_SIGNS:
            return


def is_ruled(edit: Edit) -> bool:
    """Say whether a curator decided an edit."""
    return bool(edit.evidence) and edit.evidence[0].witness == CURATOR


def _in_context(document: Document, pieces: Mapping[Edit, bytes]) -> tuple[list[InContext], list[InContext]]:
    """Return the doubtful edits, and those that curators decided, of all layers, by layer and place."""
    structured = apply(document.diplomatic, document.structure)
    repairs, structure = OffsetMap(document.repairs), OffsetMap(document.structure)
    starts = [start for start, _, _ in line_spans(document.diplomatic)]
    doubts, ruled = [], []
    for edit in document.edits:
        decided = is_ruled(edit)
        if edit.decision is not Decision.REVIEW and not decided:
            continue
        text, start, end, line_place = document.diplomatic, edit.start, edit.end, edit.start
        if edit.kind is Kind.REPAIR:
            start, end = repairs.forward(start, end)
            line_place = start
        elif edit.kind is Kind.NORMALISATION:
            text = structured
            line_place = structure.back(start, end)[0]
        line = max(1, bisect_right(starts, line_place))
        found = InContext(line, _left_of(text, start), edit, _right_of(text, end), _picture(pieces.get(edit)))
        (doubts if edit.decision is Decision.REVIEW else ruled).append(found)
    return doubts, ruled


def _picture(piece: bytes | None) -> str:
    """Return a PNG as a URL; none for none."""
    return "" if piece is None else f"data:image/png;base64,{base64.b64encode(piece).decode()}"


def _left_of(text: str, start: int) -> str:
    """Return some words before a place, on one line."""
    words = " ".join(text[max(0, start - CONTEXT) : start].splitlines())
    # The first word may be cut, unless the text begins there.
    return words if start <= CONTEXT else "… " + words.partition(" ")[2]


def _right_of(text: str, end: int) -> str:
    """Return some words after a place, on one line."""
    words = " ".join(text[end : end + CONTEXT].splitlines())
    return words if end + CONTEXT >= len(text) else words.rpartition(" ")[0] + " …"


def _classes(document: Document) -> list[tuple[ClassRate, ClassRate | None]]:
    """Return the classes of damage before, each with what is left of it after."""
    left = {(rate.printed, rate.read): rate for rate in document.after.classes}
    return [(rate, left.get((rate.printed, rate.read))) for rate in document.before.classes]


def _rules(document: Document) -> list[tuple[Kind, str, Counter[Decision]]]:
    """Return how often each rule spoke, by layer, the busiest first."""
    found: dict[tuple[Kind, str], Counter[Decision]] = {}
    for edit in document.edits:
        found.setdefault((edit.kind, edit.rule), Counter())[edit.decision] += 1
    order = list(Kind)
    return sorted(
        ((kind, rule, counts) for (kind, rule), counts in found.items()),
        key=lambda entry: (order.index(entry[0]), -entry[2].total(), entry[1]),
    )
