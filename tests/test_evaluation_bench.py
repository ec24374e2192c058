"""The benchmark: its wrappers put other programs' answers back fairly; without data it says so."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench.__main__ as program
from bench.page import markdown
from bench.peers import Peer, by_run, by_word, differences, recase
from bench.sets import sample
from repair.edits import apply
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


def test_cells_do_not_break_a_table():
    assert markdown(["a", "b"], [["x|y", "1\n2"]]) == "| a | b |\n| --- | ---: |\n| x\\|y | 1 2 |"
