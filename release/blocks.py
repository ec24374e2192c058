"""Where the blocks of a document and the calls of its notes stand in its texts.

`Texts` carries places from the reading to both editions by the ledger alone. `read_blocks` and
`read_notes` make what ``json/NAME.json`` says of them, and `find_faults` checks it in the same way.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from release.ledger import line_spans
from release.records import Call, Place, TextBlock, TextNote
from repair.document import Document, Note, Paragraph
from repair.edits import Edit, OffsetMap, applied, apply

_Part = tuple[int, int, int]  # start, end, index of the block


def in_order(blocks: Sequence[TextBlock]) -> list[_Part]:
    """Return the parts of the blocks in the order of the reading: start, end, index of the block."""
    return sorted(
        (place.start, place.end, index) for index, block in enumerate(blocks) for place in block.places
    )


class Texts:
    """The texts of one document and the maps between them.

    `layers` are the texts that repairs, structure and normalisations are edits of.
    """

    def __init__(
        self,
        reading: str,
        repairs: Sequence[Edit],
        structure: Sequence[Edit],
        normalisations: Sequence[Edit],
    ) -> None:
        self.reading = reading
        self.diplomatic = apply(reading, repairs)
        structured = apply(self.diplomatic, structure)
        self.text = apply(structured, normalisations)
        self.lines = [(start, end) for start, end, _ in line_spans(self.text)]
        self.layers = (reading, self.diplomatic, structured)
        self._repairs = OffsetMap(repairs)
        self._inserted = {edit.start: len(edit.after) for edit in applied(repairs) if edit.start == edit.end}
        self._layers = (
            (self._repairs, reading, self.diplomatic),
            (OffsetMap(structure), self.diplomatic, structured),
            (OffsetMap(normalisations), structured, self.text),
        )

    def parts(self, places: Sequence[Place]) -> list[tuple[int, int]]:
        """Return where places of the reading stand in the diplomatic edition, with what is inserted there."""
        spans = []
        for place in places:
            low, high = self._repairs.forward(place.start, place.end)
            # Carried forward, a place begins after what is inserted right before it.
            spans.append((low - self._inserted.get(place.start, 0), high))
        return spans

    def slice(self, places: Sequence[Place]) -> str:
        """Return what stands in the diplomatic edition at places of the reading."""
        return "\n".join(self.diplomatic[low:high] for low, high in self.parts(places))

    def call(self, start: int, blocks: Sequence[TextBlock], order: Sequence[_Part]) -> Call:
        """Return the call that stands at a place of the reading, with its block and its place there.

        It is the block around the place. A call that stands alone on its line is given to the block before.

        Args:
            start: the place.
            blocks: of the document, one at least.
            order: their parts, as `in_order` gives them.
        """
        block = self._block_at(start, order)
        line, end = self.lines[block]
        place = start
        for layer in self._layers:
            place = _carry(place, *layer)
        if line <= place <= end:
            offset = place - line
        else:  # notes that were moved as one: the place within them is found in their own words
            offset = self._place_in(blocks[block], start, self.text[line:end])
        before = self.text[line : line + offset].rstrip()
        return Call(start, block, len(before))

    def _block_at(self, start: int, order: Sequence[_Part]) -> int:
        at = bisect_right(order, start, key=lambda part: part[0]) - 1
        if at < 0:
            return order[0][2]
        _, end, index = order[at]
        if start > end and at + 1 < len(order):
            following, _, other = order[at + 1]
            if not {"\n", "\r"} & set(self.reading[start:following]):
                return other
        return index

    def _place_in(self, block: TextBlock, start: int, line: str) -> int:
        place = _carry(start, *self._layers[0])
        before = 0
        for low, high in self.parts(block.places):
            if place <= high:
                before += max(0, place - low)
                break
            before += high - low + 1
        return _cut(block.diplomatic[:before], block.diplomatic[before:], line)


def _carry(place: int, offsets: OffsetMap, before: str, after: str) -> int:
    """Return where a place of the text `before` the edits stands `after` them, inside an edit too."""
    low, high = offsets.forward(place, place)
    if low == high:
        return low
    first, last = offsets.back(low, high)
    return low + _cut(before[first:place], before[place:last], after[low:high])


def _cut(left: str, right: str, after: str) -> int:
    """Return where to cut `after`, made of `left` and `right`, so that its parts are most like theirs.

    The last of equal cuts: what is gone is the call, and it stood to the right.

    >>> _cut("<sup>e</sup>", "<sup>1</sup>", "e"), _cut("crime", " ;", "crime;")
    (1, 5)
    """
    changes = Levenshtein.distance(left + right, after)
    best, place = changes + 1, 0
    for cut in range(max(0, len(left) - changes), min(len(after), len(left) + changes) + 1):
        found = Levenshtein.distance(left, after[:cut], score_cutoff=changes)
        found += Levenshtein.distance(right, after[cut:], score_cutoff=changes)
        if found <= best:
            best, place = found, cut
    return place


def read_texts(document: Document) -> Texts:
    """Return the texts of a document."""
    return Texts(document.reading.text, document.repairs, document.structure, document.normalisations)


def read_blocks(texts: Texts, paragraphs: Sequence[Paragraph]) -> tuple[TextBlock, ...]:
    """Return the blocks of a document's JSON."""
    blocks = []
    for found in paragraphs:
        rest = tuple(Place(span.start, span.end) for span in found.rest)
        blocks.append(
            TextBlock(
                kind=found.kind,  # type: ignore[arg-type]  # checked when it is read back
                number=_plain(found.number),
                text=found.text,
                diplomatic=texts.slice((Place(found.start, found.end), *rest)),
                page=found.page,
                start=found.start,
                end=found.end,
                rest=rest,
            )
        )
    return tuple(blocks)


def read_notes(texts: Texts, notes: Sequence[Note], blocks: Sequence[TextBlock]) -> tuple[TextNote, ...]:
    """Return the notes of a document's JSON; a text without blocks has nothing that could be called from."""
    order = in_order(blocks)
    return tuple(
        TextNote(
            _plain(note.mark),
            note.text,
            tuple(texts.call(call, blocks, order) for call in note.calls) if blocks else (),
        )
        for note in notes
    )


def _plain(mark: str) -> str:
    """Return a number or mark in ASCII: figures of any script, raised or not, and letters without accents.

    >>> _plain("²"), _plain("٣"), _plain("é"), _plain("4 bis")
    ('2', '3', 'e', '4bis')
    """
    figures = (str(digit) if (digit := unicodedata.digit(char, None)) is not None else char for char in mark)
    letters = unicodedata.normalize("NFKD", "".join(figures))
    return "".join(char for char in letters if char.isascii() and char.isalnum())


def find_faults(texts: Texts, blocks: Sequence[TextBlock], notes: Sequence[TextNote]) -> Iterator[str]:
    """Yield what blocks and notes say that is not so in the texts, in words that follow a file's name."""
    lines = [texts.text[start:end] for start, end in texts.lines]
    if [block.text for block in blocks] != lines:
        yield "has other blocks than the normalised edition has lines"
        return
    last = 0
    for index, block in enumerate(blocks):
        ends = [end for place in block.places for end in (place.start, place.end)]
        if block.start < last or ends != sorted(ends) or ends[-1] > len(texts.reading):
            yield f"has block {index} out of order, or out of the reading"
        elif block.diplomatic != texts.slice(block.places):
            yield f"has block {index} with other words than the diplomatic edition has there"
        last = block.start
    order = in_order(blocks)
    written = {(block.number, block.text) for block in blocks if block.kind == "note"}
    for note in notes:
        if note.text and (note.mark, note.text) not in written:
            yield f"has a text of note {note.mark} that is no block"
        for call in note.calls:
            if not blocks or call.start > len(texts.reading) or call != texts.call(call.start, blocks, order):
                yield f"has a call of note {note.mark} that does not stand where it says"
