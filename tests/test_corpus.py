"""What is promised of the user's own documents, where they are at hand."""

from pathlib import Path

import pytest

from repair import Decision, Edit, repair_text

pytestmark = pytest.mark.shared


def repairs(corpus: Path, number: str) -> tuple[str, list[Edit]]:
    (path,) = corpus.glob(f"{number}_*.txt")
    text = path.read_bytes().decode("utf-8")
    result = repair_text(text)
    return result.text, [edit for edit in result.edits if edit.decision is Decision.APPLIED]


def test_000_has_two_damaged_words(corpus: Path):
    _, edits = repairs(corpus, "000")
    assert [(edit.before, edit.after) for edit in edits] == [
        ("1'application", "l'application"),
        ("1'assistance", "l'assistance"),
    ]


@pytest.mark.parametrize("number", ["001", "003", "004"])
def test_clean_documents_pass_unchanged(corpus: Path, number: str):
    _, edits = repairs(corpus, number)
    assert edits == []


def test_002_is_repaired(corpus: Path):
    """Nine damaged words in ten at least; no trace of the commonest damage; the verbs stay verbs."""
    text, edits = repairs(corpus, "002")
    assert len(edits) >= 350
    flat = " ".join(text.split())
    for verb in ("elle a engagé l’Office", "elle a créé le Bureau", "l’Office a mises en place"):
        assert verb in flat
    for sound in ("Electronic Evidence Across Borders", "E/CN.15/2019/5", "n° 39574", "INTERPOL"):
        assert sound in flat
    words = flat.split()
    assert sum(word.startswith(("1’", "I’", "Etat")) for word in words) <= 1  # « I’ Association »
    assert sum("é" in word and word.endswith("iére") for word in words) == 0
