"""Structure on short texts: what each sign on the page leads to, and what it does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from repair.edits import Kind, applied, apply
from repair.reading import markup_spans
from repair.structure import FoundNote, find_structure

TABLE = json.loads((Path(__file__).parent / "cases" / "structure.json").read_text(encoding="utf-8"))
KNOWN = frozenset(TABLE["known"])
FORMS = json.loads((Path(__file__).parent / "cases" / "structure_forms.json").read_text(encoding="utf-8"))


def cases() -> list[Any]:
    return [
        pytest.param(
            case,
            id=case["why"],
            marks=[pytest.mark.xfail(reason=case["known_failure"])] if "known_failure" in case else [],
        )
        for case in TABLE["cases"]
    ]


@pytest.mark.parametrize("case", cases())
def test_structure_of_a_short_text(case: dict[str, Any]):
    text = case["text"]
    found = find_structure(text, markup=markup_spans(text), known=KNOWN.__contains__)
    assert apply(text, found.edits) == case["structured"]
    assert [[block.kind, block.number] for block in found.blocks] == case["blocks"]
    notes = [FoundNote(mark, block, tuple(calls)) for mark, block, calls in case.get("notes", [])]
    assert list(found.notes) == notes


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in FORMS["cases"]])
def test_form_of_a_document_without_a_genre(case: dict[str, Any]):
    text = case["text"]
    found = find_structure(text, markup=(), known=frozenset(FORMS["known"]).__contains__)
    lines = apply(text, found.edits).splitlines()
    blocks = [[block.kind, block.number, line] for block, line in zip(found.blocks, lines, strict=True)]
    assert len(blocks) == len(case["blocks"])
    # A text of null is a long one that the case does not speak of.
    for block, due in zip(blocks, case["blocks"], strict=True):
        assert [*block[:2], None if due[2] is None else block[2]] == due


def test_pages_rejoin_a_sentence_that_a_comma_ends():
    text = "Rappelant les mesures prises,\n\net les suites qu’elles ont eues."
    start = text.index("et les suites")
    apart = find_structure(text, markup=(), known=KNOWN.__contains__)
    joined = find_structure(text, markup=(), known=KNOWN.__contains__, pages=(0, start))
    assert (len(apart.blocks), len(joined.blocks)) == (2, 1)
    assert apply(text, joined.edits) == "Rappelant les mesures prises, et les suites qu’elles ont eues."


def test_running_heads_are_known_by_the_pages_of_the_reading():
    page = "Les arbres du parc\n" + "et la suite du texte qui emplit la page jusqu’au bout du\n" * 5
    text = page * 4
    starts = tuple(range(0, len(text), len(page)))
    for pages, heads in ((starts, 3), ((0,), 0)):
        found = find_structure(text, markup=(), known=KNOWN.__contains__, pages=pages)
        assert sum(block.kind == "furniture" for block in found.blocks) == heads


def test_a_text_of_a_page_start_alone_is_one_block():
    found = find_structure("\fSeul", markup=(), known=KNOWN.__contains__, pages=(0, 1))
    assert [block.kind for block in found.blocks] == ["paragraph"]


def test_every_edit_says_what_it_is_and_why():
    text = "*Prie* l’assis-\ntance<sup>1</sup> ;\n\n<sup>1</sup> Note."
    edits = find_structure(text, markup=markup_spans(text), known=KNOWN.__contains__).edits
    assert {rule for edit in edits for rule in edit.rule.split("+")} == {
        "markup",
        "join-hyphen",
        "note-call",
        "note-mark",
        "block-break",
    }
    assert applied(edits) == list(edits)
    assert all(edit.kind is Kind.STRUCTURE and edit.evidence for edit in edits)
    assert next(edit for edit in edits if edit.rule == "join-hyphen").evidence[0].witness == "lexicon"
