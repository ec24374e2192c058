"""Errors of a reading of a page, in reading order and with lines matched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.evaluation.pages import PageErrors, page_errors

LINES = st.lists(st.text(alphabet="abcdeé’ -", min_size=1, max_size=12), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("gold", "read", "errors"),
    [
        ("L’État\nest", "L’État\nest", (10, 0, 0)),
        ("L’État", "L'Etat", (6, 2, 2)),
        ("un  deux\n\ntrois ", "un deux\ntrois", (13, 0, 0)),
        ("cou¬\nper", "cou-\nper", (8, 0, 0)),
        ("ab\ncd", "cd\nab", (5, 4, 0)),
        ("une ligne\nautre", "une ligne", (15, 6, 5)),
        ("une ligne", "une ligne\n| . ~", (9, 6, 0)),
        ("une ligne", "", (9, 9, 9)),
        ("une ligne", "XXXXXXXXX", (9, 9, 9)),
        ("même\nmême", "même", (9, 5, 4)),
    ],
)
def test_errors(gold, read, errors):
    assert page_errors(gold, read) == PageErrors(*errors)


@given(LINES, st.randoms())
def test_lines_matched_do_not_see_their_order(lines, random):
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert page_errors("\n".join(lines), "\n".join(shuffled)).lines == 0


@given(LINES, LINES)
def test_no_line_costs_more_than_to_miss_it(gold, read):
    errors = page_errors("\n".join(gold), "\n".join(read))
    assert 0 <= errors.lines <= sum(len(" ".join(line.split())) for line in gold)
    assert errors.ordered >= abs(errors.characters - len(" ".join(" ".join(read).split())))
