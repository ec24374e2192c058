"""The benchmark: its wrappers put other programs' answers back fairly; without data it says so."""

import gzip
import json
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench.__main__ as program
from bench import reading_page, scale_page, triage
from bench.beside import Worse
from bench.beside import judge as judge_beside
from bench.page import goal, markdown, put
from bench.peers import Peer, by_run, by_word, differences, recase
from bench.programs import ALONE, BOTH, DAMAGED, FULL, ONE, PLAIN, REPAIRED, PageRead
from bench.reading import spearman, summaries, summary
from bench.scale import Measured, Scale
from bench.sets import damaged_texts, find_layers, find_pages, sample
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
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "pages-scale", "--shared", str(tmp_path)])
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


def _page(text=20, scan=10, repaired_scan=10, both=10):
    """A page with so many errors, in order and lines matched alike, after each program."""
    errors = {PLAIN: 20, ONE: 20, ALONE: 15, ALONE + REPAIRED: 15, FULL: scan, FULL + REPAIRED: repaired_scan}
    errors |= {DAMAGED: 30, DAMAGED + REPAIRED: text, BOTH: both, BOTH + REPAIRED: both}
    page = {key: _read(count, count, 5.0 if key != ONE else 5.25) for key, count in errors.items()}
    for key in (ALONE, FULL):
        page[key] = _read(errors[key], errors[key], 5.0, [(errors[key], errors[key])], 0.1)
        page[key + REPAIRED] = replace(page[key], errors=page[key + REPAIRED].errors)
    return page


def _goals(page):
    """The table of what is asked, as lists of its cells."""
    table = page.split("misses first")[1].split("\n\n")[1]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()[2:]]


def test_a_page_may_be_a_little_worse_than_the_better_of_text_and_scan(tmp_path):
    cases = [
        ({"both": 10}, None),
        ({"text": 40, "scan": 20, "repaired_scan": 20, "both": 21}, None),
        ({"text": 40, "scan": 20, "repaired_scan": 20, "both": 22}, (40, 20, 22)),
        ({"text": 9, "both": 10}, (9, 10, 10)),
        ({"repaired_scan": 8, "both": 10}, (20, 8, 10)),  # what the user would have had without the text
        ({"repaired_scan": 12, "both": 11}, (20, 10, 11)),
        ({"text": 0, "both": 1}, (0, 10, 1)),
    ]
    for counts, worse in cases:
        found = judge_beside([tmp_path / "books" / "a.png"], [_page(**counts)])
        expected = () if worse is None else (Worse("books/a", *worse),)
        assert found.worse == (expected, expected), counts


def test_pages_without_a_damaged_text_are_left_out(tmp_path):
    alone = {key: read for key, read in _page().items() if not key.startswith((DAMAGED, BOTH))}
    images = [tmp_path / "books" / "a.png", tmp_path / "books" / "b.png"]
    assert judge_beside(images, [alone, alone]) is None
    found = judge_beside(images, [alone, _page(both=12)])
    assert [worse.page for worse in found.worse[0]] == ["books/b"]
    assert {program.pages for program in found.programs.values()} == {1}


def test_what_reading_misses_stands_first(tmp_path):
    images = [tmp_path / "books" / f"{number}.png" for number in range(9)]
    pages = [_page(scan=9, repaired_scan=9, both=8 if number else 11) for number in range(9)]
    names = {key: key for key in (PLAIN, ONE, ALONE, FULL, ALONE + REPAIRED, FULL + REPAIRED)}
    judged = [
        triage.Judged(name, 50, 0.5, sent, kept, (0.0, 0.0), (0.0, 0.0), None)
        for name, sent, kept in ((triage.EVERY, 0.06, 0.04), ("both models", 0.9, 0.9))
    ]
    written = reading_page.part("told", summaries(names, pages, images), judge_beside(images, pages), judged)
    rows = _goals(written)
    met = {row[0]: row[4] for row in rows}
    assert [row[4] for row in rows] == sorted(met.values(), key=("no", "must", "aim", "–").index)
    assert met[f"CER lower than plain Tesseract's, in order: {FULL}{REPAIRED}"] == "aim"
    assert met[f"CER lower than plain Tesseract's, in order: {ALONE}{REPAIRED}"] == "must"
    assert met["CPU of one reading over plain Tesseract's"] == "must"
    assert met["CPU s a page, the full vote"] == "must"
    assert met["of 9 pages, worse than plain Tesseract, in order"] == "aim"
    assert met["damaged text and scan: of 9 pages, 5 % worse than the better, in order"] == "no"
    assert met["damaged text and scan: CER lower than plain Tesseract's, lines matched"] == "must"
    assert met["layers, every kind alike: wrongly read again"] == "no"
    assert met["layers, every kind alike: wrongly kept"] == "must"
    assert not any("both models" in what for what in met)
    assert "| books/0 | in order | 20 | 9 | 11 |" in written


def test_what_was_not_measured_is_no_goal_missed():
    assert goal("x", 1, 2, None, str) == ("x", "1", "2", "–", "–")
    assert goal("x", 1, None, 5, str) == ("x", "1", "–", "5", "must")
    assert goal("x", 1, None, 5, str, most=True)[4] == "no"


def test_texts_of_pages_are_found_by_the_names_of_their_images(tmp_path):
    rows = [("reocr/books/a_1/eng", "ete"), ("reocr/books/a_1/fra", "été")]
    for file, ids in (("reocr_dev", rows), ("render_legal_dev", [("render/003/eng", "etat")])):
        lines = (json.dumps({"id": name, "source": "", "ocr": text, "gold": "été"}) for name, text in ids)
        (tmp_path / f"{file}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    layers = {"books/a_1": {"eng": "ete", "fra": "été"}, "rendered_legal/003": {"eng": "etat"}}
    assert find_layers(tmp_path) == layers
    known, unknown, rendered = (
        tmp_path / name for name in ("books/a_1.jpeg", "books/a_2.png", "rendered_legal/003_light.png")
    )
    assert damaged_texts(tmp_path, [known, unknown, rendered]) == {known: "ete"}


def test_layers_are_judged_by_weights_of_other_folders(monkeypatch):
    asked = []

    def fit(seen):
        asked.append({one.folder for one in seen})
        return np.array([1.0, 0.0])

    def look(layers):
        return [triage.Seen(one.folder, one.model, one.gain, 900, int(one.text)) for one in layers]

    monkeypatch.setattr(triage, "fit", fit)
    monkeypatch.setattr(triage, "look", look)
    monkeypatch.setattr(triage, "weights", lambda: (-1.0, 0.0))
    # The text is what is predicted; sent wrongly, rightly, kept wrongly, rightly.
    told = [("1", 0.1, -1.0), ("1", 0.5, 0.5), ("-1", 0.3, 0.1), ("-1", 0.0, 0.0)]
    layers = [triage.Layer(folder, "fra", *one) for folder in ("a", "rendered_legal") for one in told]
    found = {judged.name: judged for judged in triage.judge(layers)}
    assert sorted(map(sorted, asked)) == [["a"], ["rendered_legal"]]
    # Weights that say the contrary are wrong where these are right.
    shares = (0.5, 0.25, 0.25, (0.0, 0.0), (0.25, 0.25), (0.25, 0.0))
    assert found["a French model"] == triage.Judged("a French model", 8, *shares)
    assert found["a French model, photographed pages"].layers == 4
    assert found["both models"].layers == 8
    assert "an English model" not in found
    assert triage.judge(layers[:4]) == []


def test_long_documents_are_told_with_what_was_cold():
    one = Measured(100, 100, 1, 600.0, 500_000_000, 1)
    two = replace(one, workers=2, seconds=300.0)
    long = Measured(500, 200, 2, 600.0, 1_200_000_000, 2)
    written = scale_page.part("told", Scale(one, two, long, 1.93))
    met = {row[0]: row[3:] for row in _goals(written)}
    assert met["100-page PDF: pages a minute, two workers against one"] == ["2.00 ×", "must"]
    assert met["500-page PDF: memory of all processes, GB"] == ["1.20", "must"]
    assert "| 500 pages | 2 | 200 | 300 | 600 | 20.0 | 1.20 | 2 |" in written
    assert _goals(scale_page.part("told", Scale(one, two, replace(long, memory=None), 1.93)))[1][3:] == [
        "–",
        "–",
    ]
