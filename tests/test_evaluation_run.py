"""A whole evaluation: of files of pairs, of any repairer, of clean text, from the command line."""

import gzip
import json

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.cli import cli
from flows.evaluate import evaluate as command
from flows.exits import ExitCode, Stop
from repair.edits import Decision, Edit, Kind, apply
from repair.evaluation import BadPairs, Pair, evaluate, evaluate_clean, read_pairs
from repair.evaluation.report import tables
from repair.pipeline import Repaired

PAIRS = [
    Pair("1’Office a deux mesnres à prendre.", "l’Office a deux mesures à prendre.", "a"),
    Pair("Rien à dire de ce texte.", "Rien à dire de ce texte.", "b"),
    Pair("dela ville à la cour", "de la ville à la cour", "c"),
]


def keep(text: str) -> Repaired:
    return Repaired(text, ())


def replacing(*changes: tuple[str, str, float, Decision]):
    """Return a repairer that proposes to replace each string wherever it stands."""

    def repair(text: str) -> Repaired:
        edits = []
        for before, after, probability, decision in changes:
            start = text.find(before)
            if start >= 0:
                end = start + len(before)
                edits.append(
                    Edit(start, end, before, after, Kind.REPAIR, f"to {after}", probability, decision)
                )
        edits.sort(key=lambda edit: edit.start)
        return Repaired(apply(text, edits), tuple(edits))

    return repair


def test_figures_counted_by_hand():
    found = evaluate(
        PAIRS,
        replacing(
            ("1’Office", "l’Office", 0.99, Decision.APPLIED),  # right
            ("mesnres", "messes", 0.6, Decision.REVIEW),  # no nearer
            ("dire", "rire", 0.97, Decision.APPLIED),  # harmful, and the document worse
            ("dela", "de la", 0.4, Decision.LEFT),  # right, and not made
        ),
    )
    characters = len("l'Office a deux mesures à prendre.") + 24 + 21
    assert found.documents == 3
    assert found.cer_before.value == pytest.approx(3 / characters, abs=1e-6)
    assert found.cer.value == pytest.approx(3 / characters, abs=1e-6)
    assert found.cer_cut.value == 0.0
    assert found.wer_before.value == pytest.approx((2 + 2) / (6 + 6 + 6), abs=1e-6)
    assert (found.documents_worse, found.documents_better) == (1, 1)
    assert found.damaged == 4  # l'Office, mesures, de, la
    assert found.fixed.value == 0.25
    assert found.harmed == 1
    assert found.harmed_per_thousand.value == pytest.approx(1000 / (18 - 4), abs=1e-3)
    assert (found.applied, found.to_review) == (2, 1)
    assert found.precision.value == 0.5
    assert found.calibration_error.value == pytest.approx((0.6 + 0.01 + 0.97 + 0.6) / 4, abs=1e-6)
    rules = {score.name: score for score in found.rules}
    assert rules.keys() == {"to l’Office", "to rire"}
    assert (rules["to l’Office"].precision, rules["to l’Office"].recall) == (1.0, 0.25)
    assert (rules["to rire"].harmful, rules["to rire"].fixed) == (1, 0)
    classes = {score.name: (score.damaged, score.fixed, score.right, score.wrong) for score in found.classes}
    assert classes == {
        "space": (2, 0, 0, 0),
        "elision": (1, 1, 1, 0),
        "one letter": (1, 0, 0, 1),
    }


def test_nothing_done():
    found = evaluate(PAIRS, keep)
    assert found.fixed.value == 0.0
    assert (found.harmed, found.documents_worse, found.applied) == (0, 0, 0)
    assert found.cer == found.cer_before
    assert found.cmer == found.cmer_before
    assert found.precision.value is found.calibration_error.value is None


def test_the_gold_given_back():
    right = {pair.ocr: pair.gold for pair in PAIRS}
    found = evaluate(PAIRS, lambda text: Repaired(right.get(text, text), ()))
    assert found.fixed.value == found.cer_cut.value == found.cmer_cut.value == 1.0
    assert found.cer.value == found.wer.value == found.cmer.value == 0.0
    assert (found.harmed, found.documents_worse, found.documents_better) == (0, 0, 2)


@settings(max_examples=30)
@given(st.lists(st.text(alphabet="aàeélmns '.\n-", max_size=40), min_size=1, max_size=4))
def test_the_gold_against_itself_is_perfect(golds):
    found = evaluate([Pair(gold, gold) for gold in golds], keep)
    assert found.damaged == found.harmed == found.documents_worse == 0
    assert found.cer.value in (0.0, None)
    assert found.fixed.value is None


def test_the_same_pairs_give_the_same_figures():
    repair = replacing(("1’Office", "l’Office", 0.99, Decision.APPLIED))
    first, second = (msgspec.to_builtins(evaluate(PAIRS, repair)) for _ in range(2))
    assert first.pop("words_per_second") >= 0
    second.pop("words_per_second")
    assert first == second


def test_no_pairs():
    with pytest.raises(ValueError, match="no pairs"):
        evaluate([], keep)


def test_our_own_repairs_are_measured_by_default():
    found = evaluate(
        [Pair("Le rapport de 1’Office des Nations Unies.", "Le rapport de l’Office des Nations Unies.")]
    )
    assert found.fixed.value == 1.0
    assert found.words_per_second > 0


def test_clean_text():
    found = evaluate_clean(
        ["Un texte sans faute.", "Un autre texte."], replacing(("autre", "âtre", 0.99, Decision.APPLIED))
    )
    assert (found.documents, found.words, found.repairs, found.to_review) == (2, 7, 1, 0)
    assert found.repairs_per_thousand.value == pytest.approx(1000 / 7, abs=1e-3)
    assert found.rules == (("to âtre", 1),)
    assert [(number, edit.before) for number, edit in found.edits] == [(1, "autre")]
    with pytest.raises(ValueError, match="no clean text"):
        evaluate_clean([], keep)


def write(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_pairs_are_read(tmp_path):
    path = write(
        tmp_path / "pairs.jsonl",
        {"ocr": "Etat", "gold": "Etat", "gold_etat": "État", "id": "x", "date": 1843},
        {"ocr": "a", "gold": "à", "gold_etat": None},
        {"ocr": "a", "gold": "", "gold_etat": "", "id": 7},
    )
    wanted = [Pair("Etat", "État", "x"), Pair("a", "à", "line 2"), Pair("a", "", "7")]
    assert read_pairs(path) == wanted
    assert read_pairs(path, limit=2) == wanted[:2]
    gzipped = tmp_path / "pairs"
    gzipped.write_bytes(gzip.compress(b"\xef\xbb\xbf" + path.read_bytes() + b"\n\n"))
    assert read_pairs(gzipped) == wanted


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no pair"),
        (b"\n \n", "holds no pair"),
        (b'{"ocr": "a", "gold": "b"}\n{"ocr": "a"}\n', "line 2"),
        (b'{"ocr": "a", "gold": "b"}\nnot json\n', "line 2"),
        (b'{"ocr": 1, "gold": "b"}\n', "line 1"),
        (b'["ocr", "gold"]\n', "line 1"),
        (b'{"ocr": "\xff", "gold": "b"}\n', "line 1"),
        (gzip.compress(b'{"ocr": "a", "gold": "b"}\n' * 1000)[:-20], "not whole"),
    ],
    ids=["empty", "blank", "gold missing", "no JSON", "number", "list", "not UTF-8", "cut gzip"],
)
def test_bad_pairs_name_the_line(tmp_path, content, said):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadPairs, match=said) as caught:
        read_pairs(path)
    assert "pairs.jsonl" in str(caught.value)


def test_the_command_prints_plain_lines_and_writes_json(tmp_path):
    path = write(tmp_path / "pairs.jsonl", {"ocr": "1’Office", "gold": "l’Office"}, {"ocr": "x", "gold": "x"})
    out = tmp_path / "figures.json"
    ran = CliRunner().invoke(command, [str(path), "--json", str(out), "--limit", "1"])
    assert ran.exit_code == 0, ran.output
    lines = ran.output.splitlines()
    assert "documents\t1" in lines
    assert any(line.startswith("damaged words fixed\t1\t100.0 %") for line in lines)
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["documents"] == 1
    assert figures["fixed"]["value"] == 1.0
    assert [score["name"] for score in figures["rules"]] == ["elision"]


def test_the_command_stops_at_a_bad_file(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"ocr": "a"}\n')
    ran = CliRunner().invoke(command, [str(path)])
    assert isinstance(ran.exception, Stop)
    assert ran.exception.code is ExitCode.USAGE
    assert "line 1" in str(ran.exception)


def test_tables_are_whole():
    for table in tables(evaluate(PAIRS, keep)):
        assert all(len(row) == len(table.headings) for row in table.rows)
        assert all(isinstance(cell, str) for row in table.rows for cell in row)


def test_the_command_is_one_of_prote():
    assert cli.commands["evaluate"] is command
