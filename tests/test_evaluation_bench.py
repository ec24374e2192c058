"""The benchmark: its wrappers put other programs' answers back fairly; without data it says so."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench.__main__ as program
from bench.page import markdown, put, reading_goal_rows
from bench.peers import Peer, by_run, by_word, differences, recase
from bench.reading import ALONE, FULL, ONE, PLAIN, REPAIRED, PageRead, find_pages, spearman, summary
from bench.sets import sample
from repair.edits import apply
from repair.evaluation.pages import PageErrors
from repair.pipeline import Repaired

TEXT = st.text(alphabet="aéBC ,'\n", max_size=30)


@pytest.mark.parametrize(
    ("word", "model", "cased"),
    [
        ("état", "etat", "état"),
        ("état", "Etat", "État"),
        ("état", "ETAT", "ÉTAT"),
        ("états", "Etat", "États"),
        ("à", "A", "À"),
        ("de la", "Dela", "De la"),
        ("état", "1tat", "état"),
    ],
)
def test_answers_take_the_case_of_the_word(word, model, cased):
    assert recase(word, model) == cased


def test_words_are_put_back_in_their_place():
    repair = by_word("demo", lambda word: {"etat": "état", "moi": "mois"}.get(word, word))
    repaired = repair("L’Etat, 12 moi ; ETAT.")
    assert repaired.text == "L’État, 12 mois ; ÉTAT."
    assert [(edit.before, edit.after, edit.rule) for edit in repaired.edits] == [
        ("Etat", "État", "demo"),
        ("moi", "mois", "demo"),
        ("ETAT", "ÉTAT", "demo"),
    ]


def test_each_word_is_asked_once():
    asked = []
    repair = by_word("demo", lambda word: asked.append(word) or word)
    repair("un deux Un")
    repair("deux")
    assert asked == ["un", "deux"]


@given(TEXT, TEXT)
def test_differences_make_the_one_text_of_the_other(text, right):
    edits = differences(f"…{text}", f"…{right}", 0, "demo")
    assert apply(f"…{text}", edits) == f"…{right}"


def test_differences_go_by_words():
    edits = differences("la cour dela ville", "la cour de la ville", 10, "demo")
    assert [(edit.start, edit.before, edit.after) for edit in edits] == [(18, "dela", "de la")]


def test_runs_are_put_back_in_their_place():
    repair = by_run("demo", str.upper, re.compile(r"[a-z ]+"))
    assert repair("ab cd, ef!").text == "AB CD, EF!"


def test_samples_are_the_same_each_time():
    items = list(range(100))
    assert sample(items, 5) == sample(items, 5) == sorted(sample(items, 5))
    assert sample(items, 200) == items
    slow = Peer("slow", "nothing", lambda text: Repaired(text, ()), str.split, budget=10)
    texts = [f"mot{number} commun" for number in range(50)]
    taken = slow.affordable(texts, str)
    assert taken == slow.affordable(texts, str)
    assert len({word for text in taken for word in text.split()}) <= 10
    assert len(taken) == 9
    fast = Peer("fast", "nothing", lambda text: Repaired(text, ()))
    assert fast.affordable(texts, str) == texts


def test_without_data_it_says_what_it_needs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "--shared", str(tmp_path), "--out", str(tmp_path / "page.md")])
    assert program.main() == 1
    assert str(tmp_path / "data" / "pairs") in capsys.readouterr().err
    assert not (tmp_path / "page.md").exists()


def test_what_is_not_asked_for_needs_no_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "reading", "--shared", str(tmp_path)])
    assert program.main() == 1
    told = capsys.readouterr().err
    assert str(tmp_path / "data" / "pages") in told
    assert str(tmp_path / "data" / "pairs") not in told


def test_cells_do_not_break_a_table():
    assert markdown(["a", "b"], [["x|y", "1\n2"]]) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 2 |"


def test_a_part_of_the_results_is_replaced_alone():
    page = put(put("", "# Results\n\nold\n\n## detail\n"), "# Reading pages\n\nread\n")
    assert page == "# Results\n\nold\n\n## detail\n\n# Reading pages\n\nread\n"
    assert put(page, "# Results\n\nnew\n") == "# Results\n\nnew\n\n# Reading pages\n\nread\n"
    assert put(page, "# Reading pages\n\n50\n") == "# Results\n\nold\n\n## detail\n\n# Reading pages\n\n50\n"


def test_only_pages_with_their_correct_text_are_read(tmp_path):
    for name in ("b.png", "b.gt.txt", "a.jpeg", "c.png", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "a.gt.txt").touch()
    assert [path.name for path in find_pages(tmp_path)] == ["a.jpeg", "b.png"]
    assert len(find_pages(tmp_path, 1)) == 1


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=8), st.permutations([0, 1, 2, 3, 4, 5]))
def test_rank_correlation_sees_ranks_alone(figures, order):
    one = np.array(figures, dtype=float)
    if one.min() < one.max():
        assert spearman(one, np.exp(one)) == pytest.approx(1)
        assert spearman(one, -one) == pytest.approx(-1)
    whole = np.array(order, dtype=float)
    steps = np.square(whole - np.arange(6)).sum()
    assert spearman(whole, np.arange(6.0)) == pytest.approx(1 - 6 * steps / (6 * 35))


def _read(ordered, lines, seconds=1.0, witnesses=(), disagreement=None):
    errors = tuple(PageErrors(100, *pair) for pair in witnesses)
    return PageRead(PageErrors(100, ordered, lines), seconds, seconds, errors, disagreement)


def test_pages_are_summed_and_compared_with_plain_tesseract():
    pages = [
        {PLAIN: _read(10, 8), FULL: _read(2, 2, 3.0, [(4, 1), (1, 9)], 0.1)},
        {PLAIN: _read(10, 8), FULL: _read(12, 4, 5.0, [(12, 5), (20, 4)], 0.4)},
    ]
    found = summary("ours", FULL, pages, ["books", "letters"])
    values = {name: estimate.value for name, estimate in found.folders["all"].items()}
    assert values == pytest.approx(
        {
            "ordered": 0.07,
            "lines": 0.03,
            "ordered_cut": 0.3,
            "lines_cut": 0.625,
            "seconds": 4,
            "wall": 4,
            "times": 4,
        }
    )
    assert found.folders["letters"]["ordered"].value == pytest.approx(0.12)
    assert found.worse == (1, 0)
    assert found.worse_than_best == (1, 1)  # each witness of a page may be its best in one of both ways
    assert [estimate.value for estimate in found.rank] == pytest.approx([1, 1])
    assert summary("plain", PLAIN, pages, ["books", "letters"]).worse_than_best is None


def test_what_reading_misses_stands_first():
    page = {PLAIN: _read(10, 10), ONE: _read(10, 10, 1.05)}
    page |= {key: _read(9, 2, 5.0, [(9, 2)], 0.1) for key in (ALONE, FULL)}
    page |= {key + REPAIRED: page[key] for key in (ALONE, FULL)}
    rows = reading_goal_rows({key: summary(key, key, [page] * 9, ["books"] * 9) for key in page})
    met = {row[0]: row[4] for row in rows}
    assert [row[4] for row in rows] == sorted(met.values(), key=("no", "must", "aim", "–").index)
    assert met[f"CER lower than plain Tesseract's, in order: {FULL}{REPAIRED}"] == "no"
    assert met[f"CER lower than plain Tesseract's, lines matched: {FULL}{REPAIRED}"] == "aim"
    assert met["CPU of one reading over plain Tesseract's"] == "must"
    assert met["CPU s a page, the full vote"] == "must"
    assert met["of 9 pages, worse than plain Tesseract, in order"] == "aim"
