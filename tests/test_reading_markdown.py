"""Markup is found where it is, and nowhere else: `cases/reading/markup.json` shows both."""

import json
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.reading import markup_spans

CASES = json.loads((Path(__file__).parent / "cases" / "reading" / "markup.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_case(case):
    text = case["text"]
    assert [text[span.start : span.end] for span in markup_spans(text)] == case["markup"]


@given(st.text(alphabet='a1é *_`#<>[]()!|&;-\\/.@:\n\r"', max_size=80))
def test_spans_are_in_order_disjoint_and_inside(text):
    end = 0
    for span in markup_spans(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@given(st.text(alphabet="abéà ’',;:.?!«»—°1234\n", max_size=200))
def test_prose_has_no_markup(text):
    assert markup_spans(text) == ()


@pytest.mark.shared
def test_plain_documents_have_only_rules(corpus):
    for name in ("001", "002", "004"):
        text = next(corpus.glob(f"{name}_*")).read_text(encoding="utf-8")
        assert {text[span.start : span.end].strip("_") for span in markup_spans(text)} <= {""}, name


HOSTILE = (
    "*",
    "<",
    "[",
    "](",
    "_",
    "<!--",
    "<b ",
    "`a ",
    "a@",
    "&amp",
    "| ",
    "- ",
    "www.a",
    "**a* ",
    "[a](b ",
    "#\n",
)


@pytest.mark.parametrize(
    "unit", [*HOSTILE, '[a](b "', "```\n", "|-|\n", "\\", "*a*", "a.", "aa-", "<sup", "(", " "]
)
def test_time_grows_with_length_only(unit):
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        runs = []
        for _ in range(3):  # the best of three: another process may take the cache meanwhile
            start = process_time()
            markup_spans(text)
            runs.append(process_time() - start)
        return min(runs)

    small = seconds(20_000)
    # Quadratic time would make it a hundred times.
    assert seconds(200_000) < 40 * max(small, 0.01)
