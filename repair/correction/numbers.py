"""Signs and figures about numbers: « n® 27531 » for « n° 27531 », and « 2753 1 » for it too.

The decoder weighs words; here a sign is known by what it stands between, and figures by a witness.
« n » and a number have « n° » between them or nothing: :data:`WRONG_SIGN` says how often clean text
has another sign. Figures never change, and the space among them goes only where the same document
prints the number whole after another « n° » (invariant 6 of the design), and none that begins alike.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from repair.document import Span
from repair.edits import Decision, Edit, Evidence, Kind

WRONG_SIGN = 1 / 2445
"""Share of the signs between a lone « n » and a number that are one of `_READ` and printed so: of 2,443
in the clean sources none is, by the rule of succession of Laplace."""

WHOLE = 4
"""Figures of the shortest number that is joined: another of so many is hardly the same by chance."""

_SIGN = re.compile(r"(?<![\w'’.,+*/=<>-])[nN](?P<sign>®|[*?~]|'')(?=[ \u00a0\u202f]?\d)")
_NUMBER = re.compile(r"(?<![\w'’])[nN][°º®*?~][ \u00a0\u202f]?(?P<figures>\d+(?: \d+)*)(?![\w/°%]|[.,-]\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")


def find_numbers(text: str, markup: Sequence[Span], *, damaged: bool) -> list[Edit]:
    """Return the repairs of number signs and of numbers that fell apart, in order.

    Args:
        text: the text as it stands.
        markup: its places that are markup, in order.
        damaged: whether the text shows damage elsewhere: « n* 2 » is a product else. « ® » is never one.

    >>> [(edit.before, edit.after) for edit in find_numbers("n® 2753 1 et n° 27531", (), damaged=False)]
    [('n®', 'n°'), ('2753 1', '27531')]
    """
    starts, ends = [span.start for span in markup], [span.end for span in markup]
    found = sorted([*_signs(text, damaged), *_parted(text)], key=lambda edit: edit.start)
    return [edit for edit in found if bisect_left(starts, edit.end) == bisect_right(ends, edit.start)]


def _signs(text: str, damaged: bool) -> Iterator[Edit]:
    found = [match for match in _SIGN.finditer(text) if damaged or match["sign"] == "®"]
    struck = Counter(match["sign"] for match in found)
    spared = text.count("n°") + text.count("N°")
    for match in found:
        times = struck[match["sign"]]
        told = Evidence("damage profile", f"n° → {match[0]}: {times}/{times + spared}")
        yield _edit(match.start(), match[0], f"{match[0][0]}°", "number-sign", 1 - WRONG_SIGN, told)


def _parted(text: str) -> Iterator[Edit]:
    numbers = list(_NUMBER.finditer(text))
    whole = {match["figures"] for match in numbers if " " not in match["figures"]}
    begun = Counter(match["figures"].split(" ")[0] for match in numbers)
    for match in numbers:
        figures = match["figures"]
        joined = figures.replace(" ", "")
        apart = joined != figures and not _THOUSANDS.fullmatch(figures)
        if not apart or len(joined) < WHOLE or joined not in whole or begun[figures.split(" ")[0]] > 1:
            continue
        chance = len(whole) / 10 ** len(joined)
        told = Evidence("numbering", f"the same document has n° {joined}")
        yield _edit(match.start("figures"), figures, joined, "number-parted", 1 - chance, told)


def _edit(start: int, before: str, after: str, rule: str, probability: float, told: Evidence) -> Edit:
    end = start + len(before)
    decision = Decision.APPLIED
    return Edit(start, end, before, after, Kind.REPAIR, rule, round(probability, 4), decision, (told,))
