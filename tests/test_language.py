"""The language index: what it holds, what it must not hold, and that it is the one that was built."""

import hashlib
import json
from importlib.resources import files

import pytest

from repair.language import load_language
from repair.language.holdout import CHAPTER, RUN, part
from repair.language.index import PERIOD
from repair.language.tokens import lower, pieces

LEXICON = load_language().lexicon
MODEL = load_language().model


def probability(*words: str) -> float:
    return MODEL.probability(*(LEXICON.id(word) for word in words))


@pytest.mark.parametrize(
    "word", ["assistance", "être", "œuvre", "peut-être", "aujourd'hui", "l'", "onu", "législative", "à"]
)
def test_the_lexicon_holds_french(word: str):
    assert word in LEXICON


@pytest.mark.parametrize(
    "word",
    ["étre", "probléme", "1égislative", "systéme", "role", "ceuvre", "ccuvre", "fagon", "soupgonné",
     "manicére", "relévement", "pléniere", "aupres", "etats", "oeuvre"],
)  # fmt: skip
def test_the_lexicon_holds_no_damage(word: str):
    """Fifteen damaged words that a frequency list from the web takes for French."""
    assert word not in LEXICON


@pytest.mark.parametrize("word", ["siége", "poëte", "complétement"])
def test_the_spelling_of_old_novels_is_known_as_such(word: str):
    found = LEXICON.word(word)
    assert found is not None
    assert found.flags == PERIOD


def test_words_alike_but_for_accents():
    assert LEXICON.spelt_like("cote") == ["cote", "coté", "côte", "côté"]
    assert LEXICON.spelt_like("xyzt") == []


@pytest.mark.parametrize(
    ("context", "right", "wrong"),
    [
        (("relatif", "{}", "la"), "à", "a"),
        (("il", "{}", "été"), "a", "à"),
        (("ou", "{}", "la"), "à", "a"),
        (("l'", "{}", "de"), "état", "étal"),
    ],
)
def test_the_model_prefers_french(context: tuple[str, ...], right: str, wrong: str):
    def chain(word: str) -> float:
        first, middle, last = (piece.format(word) for piece in context)
        return probability(",", first, middle) * probability(first, middle, last)

    assert chain(right) > 50 * chain(wrong)


def test_probabilities_are_probabilities():
    for left in ("la", "technique", "xyzt"):
        for word in ("lutte", "contre", "xyzt"):
            assert 0.0 < probability("de", left, word) < 1.0


def test_the_index_is_the_one_its_summary_describes():
    folder = files("dictionaries") / "index"
    summary = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    total = 0
    for name, digest in summary["sha256"].items():
        content = (folder / name).read_bytes()
        total += len(content)
        assert hashlib.sha256(content).hexdigest() == digest, name
    assert total < 25_000_000


def test_pieces_keep_offsets_and_elisions():
    text = lower("Qu’est-ce que l’Île a dit, en 2017 ?")
    assert list(pieces(text, lambda word: word in LEXICON)) == [
        "qu'", "est-ce", "que", "l'", "île", "a", "dit", ",", "en", "0", ".",
    ]  # fmt: skip


def test_a_whole_chapter_is_kept_out():
    chapters = range(0, 200 * CHAPTER, CHAPTER)
    uses = [{part("law_canada", line) for line in range(start, start + CHAPTER, RUN)} for start in chapters]
    assert {"test"} in uses
    assert {"build"} in uses


@pytest.mark.parametrize(
    ("well", "badly"),
    [("cavaignac", "cavaiqnac"), ("départ", "uépart"), ("ministres", "nlnlstres"), ("poincaré", "poincarë")],
)
def test_a_name_is_made_like_a_word_and_a_misread_word_is_not(well: str, badly: str):
    letters = load_language().letters.log_probability
    assert letters(well) > letters(badly) + 2.0


def test_held_out_lines_come_in_runs():
    parts = [part("law_canada", line) for line in range(100 * RUN)]
    assert {parts[i] for i in range(len(parts))} == {"build", "calibrate", "test"}
    assert all(len(set(parts[start : start + RUN])) == 1 for start in range(0, len(parts), RUN))
