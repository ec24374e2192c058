"""The ledger: every change is an edit, and every edit carries its evidence.

An :class:`Edit` says where in a text, what stood there, what stands now, who proposed it and
on what grounds. Texts change by :func:`apply` alone, so that :func:`undo` always gives back
what was read. :func:`compose` folds two successive lists into one, :class:`OffsetMap` carries
a place across them.

Edits come in three layers, one for each :class:`Kind`, and never mix: *repairs* have their
spans in the reading, *structure* edits in the diplomatic edition (reading + repairs),
*normalisations* in the structured text (diplomatic + structure). Spans are half-open and
count Unicode code points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """What an edit is for; each kind is a layer of its own."""

    REPAIR = "repair"
    """Restores what the page prints."""
    STRUCTURE = "structure"
    """Makes paragraphs and notes out of lines and markup."""
    NORMALISATION = "normalisation"
    """Applies the house style of a named profile."""


class Decision(StrEnum):
    """What became of a proposed edit."""

    APPLIED = "applied"
    REVIEW = "review"
    """Doubtful: left as read, and queued for a curator."""
    LEFT = "left"
    """Considered, and too weak to ask anybody."""
    REJECTED = "rejected"
    """A curator said no."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One witness for (or against) an edit.

    Attributes:
        witness: who speaks, in the field's terms: ``lexicon``, ``language model``,
            ``damage profile``, ``confusion``, ``typography profile``, ``line break`` …
        detail: what it says, in a short sentence.
        weight: its log-odds in favour, in nats; 0 where the witness cannot be weighed.
    """

    witness: str
    detail: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one place of a text, proposed or made.

    Attributes:
        start: first code point of the place, in the text of this edit's layer.
        end: one past the last; equal to `start` for an insertion.
        before: what stands there, exactly.
        after: what the page prints (repair) or the house style asks (normalisation).
        kind: the layer.
        rule: the rule or model that proposed it, as a stable identifier.
        probability: that `after` is right, from 0 to 1.
        decision: what became of it.
        evidence: the witnesses, strongest first.
        bound: the probability from which the program applies it; 0 where no probability decides of that.
            It is no part of what an edit is, and a release does not tell it.
    """

    start: int
    end: int
    before: str
    after: str
    kind: Kind
    rule: str
    probability: float
    decision: Decision
    evidence: tuple[Evidence, ...] = ()
    bound: float = field(default=0.0, compare=False)

    @property
    def growth(self) -> int:
        """By how many code points applying this edit lengthens the text."""
        return len(self.after) - len(self.before)


class LedgerError(ValueError):
    """The edits do not belong to this text: take the text they were made from."""


def applied(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits that change the text, in their order."""
    return [edit for edit in edits if edit.decision is Decision.APPLIED]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with its applied edits made; the others change nothing.

    Raises:
        LedgerError: if edits are out of order, overlap, or find something else at their place.

    >>> office = Edit(0, 8, "1’Office", "l’Office", Kind.REPAIR, "demo", 1.0, Decision.APPLIED)
    >>> apply("1’Office des Nations Unies", [office])
    'l’Office des Nations Unies'
    """
    pieces: list[str] = []
    position = 0
    for edit in applied(edits):
        here = text[edit.start : edit.end]  # of a place that is none, nothing: as before an insertion
        if not position <= edit.start <= edit.end <= len(text) or here != edit.before:
            raise LedgerError(
                f"edit {edit.before!r} → {edit.after!r} at {edit.start}–{edit.end} finds {here!r}"
            )
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def invert(edits: Iterable[Edit]) -> list[Edit]:
    """Return the applied edits turned round: their spans in the edited text, after and before exchanged."""
    inverse = []
    growth = 0
    for edit in applied(edits):
        start = edit.start + growth
        inverse.append(
            replace(edit, start=start, end=start + len(edit.after), before=edit.after, after=edit.before)
        )
        growth += edit.growth
    return inverse


def undo(text: str, edits: Iterable[Edit]) -> str:
    """Return what `text` was before its applied `edits` were made.

    Raises:
        LedgerError: if `text` is not the result of these edits.
    """
    return apply(text, invert(edits))


class OffsetMap:
    """Carries spans between a text and what its applied edits make of it.

    An end that falls inside a changed place is moved to that place's border, so that the
    carried span covers all that the span given came from or went to.
    """

    def __init__(self, edits: Iterable[Edit]) -> None:
        made = applied(edits)
        self._before = [(edit.start, edit.end) for edit in made]
        self._after = [(edit.start, edit.end) for edit in invert(made)]

    def forward(self, start: int, end: int) -> tuple[int, int]:
        """Return where the span [start, end) of the text before the edits stands after them."""
        return _carry(start, end, self._before, self._after)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return where the span [start, end) of the edited text came from."""
        return _carry(start, end, self._after, self._before)


_Spans = Sequence[tuple[int, int]]


def _carry(start: int, end: int, here: _Spans, there: _Spans) -> tuple[int, int]:
    passed = bisect_right(here, start, key=lambda span: span[1])
    if passed < len(here) and here[passed][0] < start:
        new_start = there[passed][0]
    else:
        new_start = start + (there[passed - 1][1] - here[passed - 1][1] if passed else 0)
    passed = bisect_right(here, end, key=lambda span: span[1])
    if passed < len(here) and here[passed][0] < end:
        new_end = there[passed][1]
    else:
        new_end = end + (there[passed - 1][1] - here[passed - 1][1] if passed else 0)
    return new_start, max(new_start, new_end)


def compose(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Fold two successive lists of edits of `text` into one list with the same effect.

    `second` has its spans in ``apply(text, first)``; the result has all its spans in `text`.
    Edits that meet are merged into one: kind of the earlier, rules joined by ``+``, evidence
    joined, the lowest probability and the highest bound kept. Edits not applied are carried to the
    place they speak of.

    Raises:
        LedgerError: if the edits do not belong to `text`.
    """
    middle = apply(text, first)
    apply(middle, second)  # refuses edits of another text

    made = applied(first)
    spans = [(back.start, back.end, edit, True) for back, edit in zip(invert(made), made, strict=True)]
    spans += [(edit.start, edit.end, edit, False) for edit in applied(second)]
    spans.sort(key=lambda span: (span[0], span[1], not span[3]))

    result = [edit for edit in first if edit.decision is not Decision.APPLIED]
    growth = 0  # by the first edits passed so far
    for low, high, firsts, seconds in _groups(spans):
        start = low - growth
        growth += sum(edit.growth for edit in firsts)
        end = high - growth
        parts = firsts + seconds
        if len(parts) == 1:
            result.append(replace(parts[0], start=start, end=end))
            continue
        moved = [replace(edit, start=edit.start - low, end=edit.end - low) for edit in seconds]
        result.append(
            replace(
                parts[0],
                start=start,
                end=end,
                before=text[start:end],
                after=apply(middle[low:high], moved),
                rule="+".join(dict.fromkeys(edit.rule for edit in parts)),
                probability=min(edit.probability for edit in parts),
                evidence=tuple(dict.fromkeys(item for edit in parts for item in edit.evidence)),
                bound=max(edit.bound for edit in parts) if all(edit.bound for edit in parts) else 0.0,
            )
        )
    offsets = OffsetMap(made)
    for edit in second:
        if edit.decision is not Decision.APPLIED:
            start, end = offsets.back(edit.start, edit.end)
            low, high = offsets.forward(start, end)
            after = middle[low : edit.start] + edit.after + middle[edit.end : high]
            result.append(replace(edit, start=start, end=end, before=text[start:end], after=after))
    return sorted(result, key=lambda edit: (edit.start, edit.end))


def _groups(
    spans: Iterable[tuple[int, int, Edit, bool]],
) -> list[tuple[int, int, list[Edit], list[Edit]]]:
    """Gather sorted (start, end, edit, is first) spans that overlap, or touch where one has no width.

    Two that touch and have no width between them would leave their order undefined.
    """
    groups: list[tuple[int, int, list[Edit], list[Edit]]] = []
    for start, end, edit, is_first in spans:
        low, high, firsts, seconds = groups[-1] if groups else (-1, -1, [], [])
        if start < high or (start == high and (low == high or start == end)):
            groups[-1] = (low, max(high, end), firsts, seconds)
        else:
            firsts, seconds = [], []
            groups.append((start, end, firsts, seconds))
        (firsts if is_first else seconds).append(edit)
    return groups
