"""What is an error, a damaged word, a right edit: tables of cases counted by hand."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repair.edits import Decision, Edit, Kind
from repair.evaluation import measures
from repair.evaluation.judging import Verdict, judge
from repair.evaluation.text import align, errors, fold_hipe, fold_text, matches, words
from repair.evaluation.words import classify, follow

CASES = json.loads((Path(__file__).parent / "cases" / "evaluation.json").read_text(encoding="utf-8"))

FRENCH = st.text(alphabet="aàeéèlmnrsI1 -'’.,\n", max_size=60)


@pytest.mark.parametrize(("text", "folded"), CASES["fold"])
def test_folding(text, folded):
    assert fold_text(text).text == folded


@pytest.mark.parametrize(("text", "folded"), CASES["fold_hipe"])
def test_folding_as_hipe_does(text, folded):
    assert fold_hipe(text) == folded


@given(FRENCH)
def test_folded_characters_know_where_they_stood(text):
    folded = fold_text(text)
    assert fold_text(folded.text).text == folded.text or "-" in text  # a joined word may end in a new hyphen
    for char, origin in zip(folded.text, folded.origins, strict=True):
        there = text[origin]
        assert char == there or (char == " " and there.isspace()) or (char == "'" and there == "’")
    assert folded.origins == sorted(set(folded.origins))


@pytest.mark.parametrize("case", CASES["rates"], ids=lambda case: f"{case['gold']}|{case['text']}")
def test_errors(case):
    assert errors(case["gold"], case["text"]) == (case["characters"], case["words"])
    assert list(matches(fold_hipe(case["gold"]), fold_hipe(case["text"]))) == case["hipe"]


@given(FRENCH, FRENCH)
def test_an_alignment_covers_both_texts(text, other):
    alignment = align(text, other)
    assert len(alignment.starts) == len(alignment.ends) == len(text)
    for first, last, there in alignment.equal:
        assert text[first:last] == other[there : there + last - first]
    bounds = [bound for pair in zip(alignment.starts, alignment.ends, strict=True) for bound in pair]
    assert bounds == sorted(bounds)


@pytest.mark.parametrize("case", CASES["words"], ids=lambda case: case["what"])
def test_fates_of_words(case):
    gold, ocr, repaired = (fold_text(case[name]).text for name in ("gold", "ocr", "repaired"))
    fates = follow(gold, ocr, repaired)
    assert fates.words == case["words"]
    assert [fate.printed for fate in fates.damaged] == case["damaged"]
    assert [fate.printed for fate in fates.damaged if fate.fixed] == case["fixed"]
    assert [fate.printed for fate in fates.harmed] == case["harmed"]


@given(FRENCH, FRENCH)
def test_nothing_done_is_nothing_fixed_and_nothing_harmed(gold, ocr):
    gold, ocr = fold_text(gold).text, fold_text(ocr).text
    fates = follow(gold, ocr, ocr)
    assert not fates.harmed
    assert not any(fate.fixed for fate in fates.damaged)


@given(FRENCH, FRENCH)
def test_the_gold_fixes_every_word(gold, ocr):
    gold, ocr = fold_text(gold).text, fold_text(ocr).text
    fates = follow(gold, ocr, gold)
    assert not fates.harmed
    assert all(fate.fixed for fate in fates.damaged if fate.printed not in ocr)
    assert not follow(gold, gold, gold).damaged


@pytest.mark.parametrize(("read", "printed", "name"), CASES["classes"])
def test_classes_of_damage(read, printed, name):
    assert classify(read, printed) == name


@pytest.mark.parametrize("case", CASES["edits"], ids=lambda case: case["what"])
def test_verdicts(case):
    start = -1
    for _ in range(case.get("nth", 0) + 1):
        start = case["ocr"].index(case["before"], start + 1)
    end = start + len(case["before"])
    edit = Edit(start, end, case["before"], case["after"], Kind.REPAIR, "demo", 0.9, Decision.APPLIED)
    assert [one.verdict for one in judge(case["ocr"], case["gold"], [edit])] == [Verdict(case["verdict"])]


@given(FRENCH, FRENCH)
@example(gold=" ", ocr="1")
def test_a_proposal_that_makes_the_gold_is_never_wrong(gold, ocr):
    whole = Edit(0, len(ocr), ocr, gold, Kind.REPAIR, "demo", 0.9, Decision.APPLIED)
    verdicts = {one.verdict for one in judge(ocr, gold, [whole])}
    if fold_text(ocr).text != fold_text(gold).text and ocr:
        assert verdicts <= {Verdict.RIGHT, Verdict.UNJUDGED}


@given(st.floats(0, 1))
def test_every_probability_has_its_bin(probability):
    place = measures.bin_of(probability)
    if place is None:
        assert probability < 0.2
    else:
        low, high = measures.EDGES[place : place + 2]
        assert low <= probability < high or probability == high == 1.0


def test_calibration_error_is_weighed_by_proposals():
    rows = [
        {"bin_0": 3, "bin_0_right": 0, "bin_0_probability": 0.75},  # 0.25 said, 0 true: 3 of 4 proposals
        {"bin_9": 1, "bin_9_right": 1, "bin_9_probability": 1.0},
    ]
    counts = measures.table(rows)
    found = measures.estimates(counts, {"error": measures.calibration_error})["error"]
    assert found.value == pytest.approx(0.75 / 4)
    bins = measures.reliability(counts)
    assert (bins[0].proposals, bins[0].probability, bins[0].right) == (3, 0.25, 0.0)
    assert (bins[9].proposals, bins[9].probability, bins[9].right) == (1, 1.0, 1.0)
    assert sum(row.proposals for row in bins) == 4


def test_intervals_are_the_same_at_each_call_and_hold_the_value():
    rows = [{"documents": 1, "worse": number % 3 == 0} for number in range(60)]
    counts = measures.table(rows)
    wanted = {"worse": measures.ratio("worse", "documents")}
    found = measures.estimates(counts, wanted)["worse"]
    assert found == measures.estimates(counts, wanted)["worse"]
    assert found.value == pytest.approx(20 / 60, abs=1e-6)
    # the interval of a share: p ± 1.96 √(p(1-p)/n), by the normal approximation
    assert found.low == pytest.approx(0.333 - 0.119, abs=0.03)
    assert found.high == pytest.approx(0.333 + 0.119, abs=0.03)


def test_documents_alike_leave_no_doubt():
    counts = measures.table([{"documents": 1, "worse": 1}] * 20)
    found = measures.estimates(counts, {"worse": measures.ratio("worse", "documents")})["worse"]
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_few_documents_have_no_interval():
    wanted = {"worse": measures.ratio("worse", "documents")}
    few = measures.estimates(measures.table([{"documents": 1}] * (measures.FEWEST - 1)), wanted)["worse"]
    assert few == measures.Estimate(0.0, None, None)
    enough = measures.estimates(measures.table([{"documents": 1}] * measures.FEWEST), wanted)["worse"]
    assert enough == measures.Estimate(0.0, 0.0, 0.0)


def test_a_measure_without_meaning_is_none():
    found = measures.estimates(
        measures.table([{"documents": 1}]), {"fixed": measures.ratio("fixed", "damaged")}
    )
    assert found["fixed"] == measures.Estimate(None, None, None)


def test_words_of_a_text():
    text = fold_text("L’article 1er, n° 5 (a) : «peut-être», 50°.").text
    assert [text[start:end] for start, end in words(text)] == [
        "L'article", "1er", "n°", "5", "a", "peut-être", "50°",
    ]  # fmt: skip
