"""The normalised edition through every stage: it is the page in another typography, and nothing is lost.

On the user's sound documents each change is one that its rule may make; on random texts, made of the words
and signs that rules speak of, the ledger leads back to the text.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from repair.document import Document, Source
from repair.edits import Kind, applied, apply, undo
from repair.language import load_language
from repair.language.tokens import fold
from repair.pipeline import accented, process, repair_text
from repair.typography import load_profile, normalise, profile_names
from repair.typography.profiles import RULES
from repair.typography.rules import Matter

HOUSES = ("onu", "imprimerie-nationale")
SOUND = ("000", "001", "003", "004")
VOCABULARY = """
l'Etat Etats-Unis Egypte Etienne Étienne A cette fin, Ca va oeuvre coeur moelle la paix,la sécurité ; : ! ?
% € 22% 3.5 12 500 1.500.000 65 e 1er 2ème XIXe XIX siècle n° 5 1° no M. Mme. Dr. Me p. art. etc. etc... ...
… « » “ ” " ' ’ - – — ( ) [ ] 10h30 18 h 10:30 A/RES/62/172 http://www.un.org/?a=1 a@b.org &amp; 12. 13. a)
<sup>1</sup> **Prie** assis- tance __________ Recommande également le Secrétaire général de lui rendre
compte
"""
WORDS = VOCABULARY.split()
ENDS = (" ", " ", " ", " ", "", "  ", "\u00a0", "\u202f", "\u2009", "\t", "\n", "\n\n", "\r\n", "\f")


def texts(count: int) -> Iterator[str]:
    chance = random.Random(4)  # noqa: S311
    for _ in range(count):
        yield "".join(chance.choice(WORDS) + chance.choice(ENDS) for _ in range(chance.randrange(40)))


def letters(text: str) -> str:
    """What neither a space nor a sign is, without accents; œ as oe."""
    return "".join(sign for sign in fold(text) if sign.isalnum() and sign not in "º")


def check_each_change_is_of_typography(document: Document) -> None:
    for edit in applied(document.normalisations):
        assert edit.kind is Kind.NORMALISATION
        assert re.findall(r"\d", edit.before) == re.findall(r"\d", edit.after), edit
        matters = {RULES[rule].matter for rule in edit.rule.split("+")}
        if Matter.LETTERS not in matters:
            assert letters(edit.before) == letters(edit.after), edit
        else:
            assert letters(edit.before) in (letters(edit.after), letters(edit.after) + "me"), edit


@pytest.mark.shared
@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_document_changes_in_typography_alone(corpus: Path, name: str, profile: str):
    (path,) = corpus.glob(f"{name}_*.txt")
    document = process(Source(path.stem, path.name, "0" * 64, 1), path, profile)
    check_each_change_is_of_typography(document)
    structured = apply(document.diplomatic, document.structure)
    assert letters(structured) == letters(document.text)
    assert re.findall("[\n\r]", structured) == re.findall("[\n\r]", document.text)
    if profile == "edition-diplomatique":
        assert document.text == structured
        assert document.style != ()
        assert all(habit.page == habit.edition for habit in document.style)


@pytest.mark.shared
@pytest.mark.parametrize("profile", profile_names())
def test_the_normalised_edition_of_a_document_is_normalised_once(corpus: Path, profile: str):
    known = load_language().lexicon.__contains__
    for path in sorted(corpus.glob("*.txt")):
        text = process(Source(path.stem, path.name, "0" * 64, 1), path, profile).text
        assert normalise(text, load_profile(profile), known=known, accented=accented) == [], path.name


@pytest.mark.parametrize("profile", HOUSES)
def test_a_thousand_random_texts_lose_nothing_outside_the_ledger(profile: str):
    for text in texts(1_000):
        result = repair_text(text, "normalised", profile)
        assert undo(result.text, result.edits) == text
        assert apply(text, result.edits) == result.text


@pytest.mark.parametrize("profile", HOUSES)
def test_a_thousand_random_texts_keep_their_figures_and_are_normalised_once(profile: str):
    known, house = load_language().lexicon.__contains__, load_profile(profile)
    for text in texts(1_000):
        edits = normalise(text, house, known=known, accented=accented)
        edition = apply(text, edits)
        assert undo(edition, edits) == text
        assert re.findall(r"\d", edition) == re.findall(r"\d", text)
        assert normalise(edition, house, known=known, accented=accented) == [], text
