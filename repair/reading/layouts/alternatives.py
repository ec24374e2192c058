"""What lost against a word of a page, as other readings of that word."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from repair.edits import Edit
from repair.layout import Box, PageLayout, Word, words_read


def word_alternatives(
    read: Sequence[PageLayout], reading: str, repaired: Sequence[PageLayout], losers: Iterable[Edit]
) -> dict[tuple[int, Word], list[str]]:
    """Return other readings of the repaired words, the likeliest first.

    Left out is what is no reading of one whole word: a line that was left out, words that an engine ran
    together or apart, a word that the repair cut or joined.

    Args:
        read: the pages as they were read.
        reading: their text.
        repaired: the same, repaired.
        losers: edits of the reading that were not made, each with what lost.

    Returns:
        By page (from 0) and word of `repaired`.

    Raises:
        LedgerError: if the reading is not that of the pages.
    """
    words = list(words_read(read, reading))
    starts = [placed.start for placed in words]
    at_box: dict[tuple[int, Box], list[Word]] = defaultdict(list)
    for number, page in enumerate(repaired):
        for line in page.lines:
            for word in line.words:
                at_box[number, word.box].append(word)
    found: dict[tuple[int, Word], list[str]] = defaultdict(list)
    for edit in sorted(losers, key=lambda edit: -edit.probability):
        place = bisect_right(starts, edit.start) - 1
        if place < 0:
            continue
        number, *_, begin, word = words[place]
        start, end = edit.start - begin, edit.end - begin
        other = word.text[:start] + edit.after + word.text[end:]
        now = at_box[number, word.box]
        if end > len(word.text) or len(other.split()) != 1 or len(now) != 1:
            continue
        others = found[number, now[0]]
        if other != now[0].text and other == other.strip() and other not in others:
            others.append(other)
    return {place: others for place, others in found.items() if others}
