"""Are the notes called in their order, and is none missing between two others?

`unexpected_notes` reads the notes as the text calls them first. Each page, chapter or annex may begin
again at 1, and an extract may begin anywhere; a later call may repeat an earlier note.
"""

from __future__ import annotations

from collections.abc import Sequence

from repair.document import Note


def unexpected_notes(notes: Sequence[Note]) -> dict[int, str]:
    """Return the notes out of sequence, by their place, each with the mark expected there.

    What a note without call lacks is told of it elsewhere: it keeps its number free.

    >>> unexpected_notes([Note("1", "Un.", (10,)), Note("2", "Deux.", (20, 90)), Note("4", "Quatre.", (30,))])
    {2: '3'}
    >>> unexpected_notes([Note("1", "Un.", ()), Note("2", "Deux.", (20,)), Note("3", "Trois.", (30,))])
    {}
    """
    called = sorted(
        (min(note.calls), place, int(note.mark))
        for place, note in enumerate(notes)
        if note.calls and note.mark.isascii() and note.mark.isdigit()
    )
    uncalled = {int(note.mark) for note in notes if not note.calls and note.mark.isdecimal()}
    taken: set[int] = set()
    wrong: dict[int, str] = {}
    due: set[int] = set()  # several after a note out of sequence: lost, misread or stray
    for _, place, mark in called:
        due = {_free(number, mark, taken | uncalled) for number in due}
        taken = {mark} if mark == 1 else taken | {mark}
        if not due or mark in due or mark == 1:
            due = {mark + 1}
            continue
        wrong[place] = str(min(due))
        due = {mark + 1, min(due), min(due) + 1}
    return wrong


def _free(number: int, mark: int, taken: set[int]) -> int:
    while number in taken and number < mark:
        number += 1
    return number
