"""The likeliest way from a printed word to the word as read: which classes of damage struck it.

:func:`explain` aligns the two, letter by letter, and takes the cheapest path through the table of
confusions, accents lost, and single letters changed, dropped or added (the weighted edit distance
of Brill and Moore 2000, solved by dynamic programming).
"""

from __future__ import annotations

import math

from repair.damage.confusions import Change, Confusions

BAND = 3
"""By how many places the two words may be out of step."""


def explain(printed: str, read: str, confusions: Confusions) -> tuple[Change, ...]:
    """Return the classes of damage that most probably turned `printed` into `read`, in their order.

    Empty where no path stays within `BAND` of the diagonal, and for two equal words.

    >>> from repair.damage.confusions import load_confusions
    >>> explain("ministère", "nunistere", load_confusions())
    (('m', 'n'), ('i', 'u'), ('è', 'e'))
    """
    width, height = len(read), len(printed)
    if abs(width - height) > BAND:
        return ()
    infinite = math.inf
    best = [[infinite] * (width + 1) for _ in range(height + 1)]
    came: list[list[tuple[int, int]]] = [[(0, 0)] * (width + 1) for _ in range(height + 1)]
    best[0][0] = 0.0
    by_letter = confusions.by_letter
    cost = confusions.cost
    for row in range(height + 1):
        line = best[row]
        for column in range(max(0, row - BAND), min(width, row + BAND) + 1):
            here = line[column]
            if here == infinite:
                continue
            letter, sign = printed[row : row + 1], read[column : column + 1]
            steps: list[tuple[int, int, float]] = []
            if letter and letter == sign:
                steps.append((1, 1, 0.0))
            else:
                if letter and sign:
                    steps.append((1, 1, cost((letter, sign))))
                if letter:
                    steps.append((1, 0, cost((letter, ""))))
                if sign:
                    steps.append((0, 1, cost(("", sign))))
            for before, after, price in by_letter.get(letter, ()):
                if printed.startswith(before, row) and read.startswith(after, column):
                    steps.append((len(before), len(after), price))
            for down, right, price in steps:
                to_row, to_column = row + down, column + right
                if here + price < best[to_row][to_column]:
                    best[to_row][to_column] = here + price
                    came[to_row][to_column] = (row, column)
    if best[height][width] == infinite:
        return ()
    changes: list[Change] = []
    row, column = height, width
    while row or column:
        from_row, from_column = came[row][column]
        change = (printed[from_row:row], read[from_column:column])
        if change[0] != change[1]:
            changes.append(change)
        row, column = from_row, from_column
    return tuple(reversed(changes))
