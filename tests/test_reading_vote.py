"""The vote: made-up pages in, the words that won out, and all that lost in the ledger."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocr_fakes import LINE, line_of, page_of

from repair.edits import Decision, apply
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.votes.stamps import load_stamps
from repair.reading.votes.vote import Voted, disagreement, vote

CASES = json.loads((Path(__file__).parent / "cases/reading/vote.json").read_text(encoding="utf-8"))
ENGINES = {"tesseract": "tesseract 5.3.0 fra", "rapidocr": "rapidocr 3.9", "hocr": "hocr 1"}


def lost(voted: Voted) -> list[list[str]]:
    return [[edit.rule, edit.before, edit.after] for edit in voted.losers]


def check(voted: Voted) -> None:
    """What holds for every vote."""
    text = voted.page.text
    for edit in voted.losers:
        assert text[edit.start : edit.end] == edit.before
        assert edit.decision in (Decision.LEFT, Decision.REVIEW)
        assert edit.before != edit.after
        assert 0 <= edit.probability <= 1
        assert any(one.witness == "reading" for one in edit.evidence)
    assert all(one.end <= other.start for one, other in pairwise(voted.losers))
    assert apply(text, voted.losers) == text
    assert all(0 <= word.confidence <= 1 for line in voted.page.lines for word in line.words)
    assert 0 <= voted.disagreement <= 1


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_cases(case):
    readings = [page_of(ENGINES[engine], *blocks) for engine, *blocks in case["readings"]]
    voted = vote(readings)
    check(voted)
    assert voted.page.text == case["page"]
    assert lost(voted) == case["losers"]
    if "places" in case:
        base = next(page for page in readings if page.engine == ENGINES[case["places"]])
        assert [line.box for line in voted.page.lines] == [line.box for line in base.lines]


def test_both_columns_are_read_one_after_the_other():
    left = ["Les forêts de la", "Provence ont brûlé", "pendant tout l'été."]
    right = ["La pluie vint enfin", "et les villages", "furent sauvés."]

    def column(texts, across, without=None):
        return [line_of(text, across, 200 + LINE * row) for row, text in enumerate(texts) if text != without]

    whole = page_of("rapidocr 3", column(left, 100) + column(right, 1100))
    # The second engine has read across both columns, as RapidOCR does.
    across = page_of(
        "rapidocr 3",
        [
            TextLine(one.words + other.words)
            for one, other in zip(column(left, 100), column(right, 1100), strict=True)
        ],
    )
    for other in (whole, across):
        for without in (None, *left, *right):
            base = page_of("tesseract 5", column(left, 100, without), column(right, 1100, without))
            voted = vote([base, other])
            check(voted)
            assert [line.text for line in voted.page.lines] == left + right, without


def test_a_lost_line_under_a_title_over_two_columns_goes_to_its_column():
    title = line_of("RAPPORT SUR LES FORÊTS DE LA PROVENCE BRÛLÉES PENDANT TOUT CET ÉTÉ", 100, 80)
    left = [line_of(text, 100, 300 + LINE * row) for row, text in enumerate(("Les forêts", "ont brûlé"))]
    right = [line_of(text, 1100, 300 + LINE * row) for row, text in enumerate(("La pluie", "vint enfin"))]
    base = page_of("tesseract 5", [title], left, right[1:])
    other = page_of("rapidocr 3", [title, *left, *right])
    assert [line.text for line in vote([base, other]).page.lines] == [
        line.text for line in (title, *left, *right)
    ]


@pytest.mark.parametrize("tilt", [-0.04, -0.01, 0.01, 0.04])
def test_lines_that_rise_or_fall_are_matched(tilt):
    texts = [f"Les forêts de la Provence ont brûlé pendant l'été {number}" for number in range(6)]
    straight = [line_of(text, 100, 500 + LINE * row, tilt=tilt) for row, text in enumerate(texts)]
    # The other engine has each line in two pieces, with higher boxes.
    pieces = [
        TextLine(
            tuple(
                replace(word, box=Box(word.box.left, word.box.top - 9, word.box.right, word.box.bottom + 9))
                for word in words
            )
        )
        for line in straight
        for words in (line.words[5:], line.words[:5])
    ]
    voted = vote([page_of("tesseract 5", straight), page_of("rapidocr 3", pieces)])
    assert [line.text for line in voted.page.lines] == texts
    assert voted.losers == ()


def test_a_stamp_over_the_end_of_a_line_does_not_send_its_last_word_elsewhere():
    texts = ["Les forêts de la Provence", "ont brûlé pendant tout l'été et", "la pluie vint enfin."]
    lines = [line_of(text, 100, 300 + LINE // 2 * row) for row, text in enumerate(texts)]
    *words, last = lines[1].words
    # One engine took the stamp below for a part of the last word.
    box = Box(last.box.left, last.box.top, last.box.right, last.box.bottom + 110)
    struck = [lines[0], TextLine((*words, Word("D", box, 0.4))), lines[2]]
    voted = vote([page_of("tesseract 5", struck), page_of("rapidocr 3", lines)])
    check(voted)
    assert voted.page.text == "\n".join(texts)


@pytest.mark.parametrize("first", ["tesseract 5", "rapidocr 3"])
def test_of_a_line_that_two_engines_read_with_nothing_in_common_the_likelier_reading_is_kept(first):
    body = [line_of("Les forêts de la Provence ont brûlé", 100, 300)]
    right, wrong = line_of("Le prêt :", 100, 420, sure=0.95), line_of("Gd nrt.", 100, 420, sure=0.1)
    pages = [page_of("tesseract 5", [*body, wrong]), page_of("rapidocr 3", [*body, right])]
    voted = vote(sorted(pages, key=lambda page: page.engine != first))
    check(voted)
    assert voted.page.lines[-1].text == "Le prêt :"
    assert lost(voted) == [["reading-vote", "", "\nGd nrt."]]


@pytest.mark.parametrize("folio", ["12", "- 12 -", "- 7 -", "(157)", "6.", "— 3 —"])
def test_a_page_number_that_one_engine_alone_has_read_is_text(folio):
    body = [line_of("Les forêts de la Provence ont brûlé", 100, 300)]
    number = line_of(folio, 900, 100, sure=0.8)
    voted = vote([page_of("tesseract 5", body), page_of("rapidocr 3", [number, *body])])
    assert [line.text for line in voted.page.lines] == [folio, body[0].text]


@pytest.mark.parametrize("speck", ["7", "- -", "|", "~.", "Rtx"])
def test_a_speck_that_one_engine_alone_has_read_is_none(speck):
    body = [line_of("Les forêts de la Provence ont brûlé", 100, 300)]
    voted = vote(
        [page_of("tesseract 5", body), page_of("rapidocr 3", [line_of(speck, 900, 100, sure=0.8), *body])]
    )
    assert voted.page.text == body[0].text


@pytest.mark.parametrize(("stamp", "sign", "library"), load_stamps())
def test_the_stamp_of_a_library_goes_at_the_edge_and_stays_in_the_midst(stamp, sign, library):
    body = [line_of("Les forêts de la Provence ont brûlé", 100, 300)]

    def read(top):
        # Far from small: engines read a stamp badly.
        lines = [*body, line_of(stamp, 100, top, sure=0.95)]
        lines.sort(key=lambda line: line.box.top)
        return vote([page_of("tesseract 5", lines), page_of("rapidocr 3", lines)])

    for edge in (30, 2900):
        voted = read(edge)
        check(voted)
        assert voted.page.text == body[0].text
        ((rule, _, after),) = lost(voted)
        assert (rule, after.strip()) == ("library-stamp", stamp)
        assert library in voted.losers[0].evidence[0].detail
    assert stamp.split()[0] in read(1500).page.text
    assert sign in stamp


@pytest.mark.parametrize(
    "text",
    [
        "Bibliothèque royale de Belgique, fonds ancien",
        "Bibliothèque nationale de France",
        "12 RAPPORT SUR LES FORÊTS",
        "Droits réservés aux héritiers de l'auteur",
        "Source : archives nationales de France",
        "La Bibliothèque nationale de France conserve quarante de ces cartes, et nous les avons lues.",
    ],
)
def test_a_foot_that_the_page_prints_stays(text):
    lines = [line_of("Les forêts de la Provence ont brûlé", 100, 300), line_of(text, 100, 2900)]
    assert (
        vote([page_of("tesseract 5", lines), page_of("rapidocr 3", lines)]).page.text
        == page_of("", lines).text
    )


@pytest.mark.parametrize(("sure", "kept"), [(0.2, False), (0.5, True)])
def test_what_two_engines_hardly_saw_is_a_speck(sure, kept):
    lines = [line_of("Les forêts de la Provence"), line_of("la pluie", top=600, sure=sure)]
    voted = vote([page_of("tesseract 5", lines), page_of("rapidocr 3", lines)])
    assert ("pluie" in voted.page.text) is kept
    assert lost(voted) == ([] if kept else [["reading-speck", "", "\nla pluie"]])


def test_the_ledger_says_what_each_engine_read():
    readings = [
        page_of("tesseract 5", "Les forêls de la Provence"),
        page_of("rapidocr 3", "Les forêts de la Provence"),
    ]
    (edit,) = vote(readings).losers
    assert [one.detail for one in edit.evidence] == [
        "tesseract 5: « forêls »",
        "rapidocr 3: « forêts »",
    ]


def test_a_close_choice_is_asked():
    readings = [page_of("tesseract 5", "Monsieur Ravel dit"), page_of("rapidocr 3", "Monsieur Ravet dit")]
    weak = [
        replace(
            page,
            blocks=tuple(
                tuple(TextLine(tuple(replace(word, confidence=0.5) for word in line.words)) for line in block)
                for block in page.blocks
            ),
        )
        for page in readings
    ]
    for page in (readings, weak):
        voted = vote(page)
        check(voted)
        (edit,) = voted.losers
        chosen = voted.page.lines[0].words[1]
        assert (edit.decision is Decision.REVIEW) == (chosen.confidence < 0.6)
        assert edit.probability == pytest.approx(1 - chosen.confidence)


def test_disagreement_is_of_the_first_two_engines_and_of_what_was_chosen():
    one, other = page_of("tesseract 5", "abcd efgh"), page_of("rapidocr 3", "abcd efgx")
    again = replace(one, engine="tesseract 5 prepared")
    assert disagreement([one], other) == 0.0
    assert disagreement([one, again], one) == 0.0
    assert disagreement([one, again, other], one) == disagreement([one, other], one) == 1 / 18
    assert disagreement([one, other], other) == 1 / 9
    assert disagreement([one, page_of("rapidocr 3")], page_of("")) == 1.0
    assert disagreement([page_of("tesseract 5"), page_of("rapidocr 3")], page_of("")) == 0.0
    assert disagreement([one, page_of("rapidocr 3", "ab cdefgh")], one) == 1 / 9  # two spaces
    ours, theirs = page_of("tesseract 5", "l’eau"), page_of("rapidocr 3", "l'eau")
    assert disagreement([ours, theirs], theirs) == 0.0


def test_a_text_has_no_say_in_how_far_the_engines_disagree():
    one = page_of("tesseract 5", "Les forêls de la Provence ont brûlé")
    other = page_of("rapidocr 3", "Les forêts de la Provence ont brulé")
    text = page_of("text", "Les forêts de la Provence ont brûlées")
    assert vote([one, other]).disagreement > 0.0
    assert vote([one, other, text]).disagreement == vote([one, other]).disagreement
    assert vote([one, text]).disagreement == 0.0


# Any pages.

VOCABULARY = """
Les forêts forêls de la Provence l'été l’été I'été été.
1852 1 | ~ - Pro- vence ¬ « » d’ qu'il xqzv 中 É e\u0301
"""
WORDS = st.sampled_from(VOCABULARY.split())
LINES = st.lists(WORDS, min_size=1, max_size=7).map(" ".join)
NAMES = st.sampled_from(["tesseract 5", "rapidocr 3", "hocr 1", ""])
COORDINATES = st.integers(-50, 600) | st.sampled_from([-(10**9), 0, 10**9])
WILD_WORDS = st.builds(
    Word, WORDS, st.builds(Box, COORDINATES, COORDINATES, COORDINATES, COORDINATES), st.floats(0, 1)
)
WILD = st.builds(
    PageLayout,
    NAMES,
    st.sampled_from([0, 1, 500]),
    st.sampled_from([0, 1, 500]),
    st.lists(
        st.lists(
            st.lists(WILD_WORDS, min_size=1, max_size=5).map(tuple).map(TextLine), min_size=1, max_size=3
        ).map(tuple),
        max_size=3,
    ).map(tuple),
)


@st.composite
def damaged(draw, most: int = 3) -> list[PageLayout]:
    """Readings of one page: the same lines, each with words changed, lost, joined or split."""
    lines = draw(st.lists(LINES, max_size=5))
    readings = []
    for _ in range(draw(st.integers(1, most))):
        read = []
        for line in lines:
            words = [draw(WORDS) if draw(st.integers(0, 5)) == 0 else word for word in line.split(" ")]
            text = words[0]
            for word in words[1:]:
                text += draw(st.sampled_from([" ", " ", " ", " ", ""])) + word
            read.append("~" if text == "~" or draw(st.integers(0, 6)) == 0 else text)
        readings.append(page_of(draw(NAMES), *(["\n".join(read)] if read else [])))
    return readings


def plain(text: str) -> str:
    return text.replace("’", "'")


def words_of(page: PageLayout) -> Counter[str]:
    return Counter(plain(word.text) for line in page.lines for word in line.words)


@settings(max_examples=150)
@given(damaged())
def test_words_are_those_of_a_reading_and_losers_stand_where_they_say(readings):
    voted = vote(readings)
    if len(readings) > 1:
        check(voted)
    everything = Counter()
    for page in readings:
        everything |= words_of(page)
    assert set(words_of(voted.page)) <= set(everything)
    # Nor does a place print two readings of it.
    assert words_of(voted.page).total() <= sum((words_of(page) for page in readings), Counter()).total()
    boxes = {word.box for page in readings for line in page.lines for word in line.words}
    assert {word.box for line in voted.page.lines for word in line.words} <= boxes
    assert voted == vote(readings)


@settings(max_examples=150)
@given(st.lists(WILD, min_size=1, max_size=3))
def test_nonsense_places_break_nothing(readings):
    voted = vote(readings)
    if len(readings) > 1:
        check(voted)
    assert set(words_of(voted.page)) <= set().union(*map(words_of, readings))


@given(damaged(1))
def test_one_reading_is_its_own_vote(readings):
    assert vote(readings) == Voted(readings[0], (), 0.0)


@settings(max_examples=50)
@given(damaged(1), st.permutations(["tesseract 5", "tesseract 5 prepared", "rapidocr 3"]))
def test_equal_readings_change_nothing_but_the_name(readings, names):
    page = readings[0]
    voted = vote([replace(page, engine=name) for name in names])
    known = vote([replace(page, engine=name) for name in sorted(names)])
    assert voted.page.blocks == known.page.blocks
    assert lost(voted) == lost(known)
    assert voted.disagreement == 0.0
    assert voted.page.engine == " + ".join(names)


@settings(max_examples=50)
@given(damaged(1))
def test_what_two_engines_agree_on_is_kept_whole(readings):
    page = readings[0]
    voted = vote([replace(page, engine="tesseract 5"), replace(page, engine="rapidocr 3")])
    assert plain(voted.page.text) == plain(page.text)
    assert voted.losers == ()
