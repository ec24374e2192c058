"""The ledger: apply, undo and compose are exact on any text and any edits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.edits import Decision, Edit, Kind, LedgerError, OffsetMap, applied, apply, compose, undo

LETTERS = st.text("abé ’\n", max_size=14)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    """Any valid edits of a text: in order, disjoint, no two insertions in one place."""
    found: list[Edit] = []
    place = 0
    while place <= len(text) and draw(st.booleans()):
        start = draw(st.integers(place, len(text)))
        end = draw(st.integers(start, min(len(text), start + 3)))
        if found and start == found[-1].end and (start == end or found[-1].start == found[-1].end):
            break
        decision = draw(st.sampled_from([Decision.APPLIED, Decision.APPLIED, Decision.REVIEW]))
        after = draw(st.text("xyz", max_size=3))
        found.append(Edit(start, end, text[start:end], after, Kind.REPAIR, "any", 0.5, decision))
        place = end
    return found


@given(st.data())
def test_undo_gives_back_what_was_read(data: st.DataObject):
    text = data.draw(LETTERS)
    edits = data.draw(edits_of(text))
    assert undo(apply(text, edits), edits) == text


@given(st.data())
def test_composed_edits_do_what_the_two_lists_do_in_turn(data: st.DataObject):
    text = data.draw(LETTERS)
    first = data.draw(edits_of(text))
    middle = apply(text, first)
    second = data.draw(edits_of(middle))
    composed = compose(text, first, second)
    assert apply(text, composed) == apply(middle, second)
    assert all(text[edit.start : edit.end] == edit.before for edit in composed)
    doubtful = [edit for edit in [*first, *second] if edit.decision is Decision.REVIEW]
    assert sum(edit.decision is Decision.REVIEW for edit in composed) == len(doubtful)


@given(st.data())
def test_a_carried_span_covers_what_it_came_from(data: st.DataObject):
    text = data.draw(LETTERS)
    edits = data.draw(edits_of(text))
    made = apply(text, edits)
    start = data.draw(st.integers(0, len(made)))
    end = data.draw(st.integers(start, len(made)))
    low, high = OffsetMap(edits).back(start, end)
    assert 0 <= low <= high <= len(text)
    kept = [place for place in origins(text, edits)[start:end] if place is not None]
    assert all(low <= place < high for place in kept)


def origins(text: str, edits: list[Edit]) -> list[int | None]:
    """For each character of the edited text, where it stood before; None for what an edit wrote."""
    found: list[int | None] = []
    place = 0
    for edit in applied(edits):
        found += [*range(place, edit.start), *[None] * len(edit.after)]
        place = edit.end
    return [*found, *range(place, len(text))]


def test_edits_of_another_text_are_refused():
    edit = Edit(0, 1, "1", "l", Kind.REPAIR, "any", 1.0, Decision.APPLIED)
    with pytest.raises(LedgerError, match="finds 'O'"):
        apply("Office", [edit])


def test_overlapping_edits_are_refused():
    first = Edit(0, 2, "ab", "x", Kind.REPAIR, "any", 1.0, Decision.APPLIED)
    second = Edit(1, 3, "bc", "y", Kind.REPAIR, "any", 1.0, Decision.APPLIED)
    with pytest.raises(LedgerError):
        apply("abc", [first, second])


def test_an_edit_that_is_not_applied_changes_nothing():
    edit = Edit(0, 1, "a", "à", Kind.REPAIR, "any", 0.6, Decision.REVIEW)
    assert apply("a la lutte", [edit]) == "a la lutte"


def test_two_changes_of_one_word_compose_into_one_edit():
    first = Edit(0, 6, "1’étre", "l’être", Kind.REPAIR, "elision", 0.99, Decision.APPLIED)
    second = Edit(1, 2, "’", "'", Kind.NORMALISATION, "apostrophe", 1.0, Decision.APPLIED)
    (edit,) = compose("1’étre", [first], [second])
    assert (edit.before, edit.after, edit.kind) == ("1’étre", "l'être", Kind.REPAIR)
    assert edit.rule == "elision+apostrophe"
    assert edit.probability == 0.99


@pytest.mark.parametrize(("start", "end"), [(2, 2), (3, 1), (1, 0), (-1, 0), (0, -1)])
def test_a_place_that_is_none_is_refused(start: int, end: int) -> None:
    """Found by `make fuzz`: nothing stands there, as nothing stands before an insertion."""
    edit = Edit(start, end, "", "x", Kind.REPAIR, "demo", 1.0, Decision.APPLIED)
    with pytest.raises(LedgerError):
        apply("a", [edit])
