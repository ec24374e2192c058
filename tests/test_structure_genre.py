"""Genres: what makes a document one, which of its blocks are what, and what it says of itself."""

import re
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from repair.document import Document, Metadata, Paragraph, Source
from repair.pipeline import process
from repair.structure import read_genre
from repair.structure.genre import _KEYS, GenreError, ordinal, parse_genre

TERRORISM = (
    "Assistance technique en vue de l’application des conventions et protocoles internationaux relatifs au"
)


def blocks(*lines: str) -> list[Paragraph]:
    """Return lines as blocks: « 1. Prie » is a numbered paragraph."""
    found = []
    for line in lines:
        number = line.split(".")[0] if line[0].isdigit() and ". " in line[:4] else ""
        found.append(Paragraph("paragraph", number, line, line, 1, 0, len(line)))
    return found


def test_a_resolution_has_a_heading_a_preamble_and_a_signature():
    found, metadata = read_genre(
        blocks(
            "Nations Unies A/RES/62/172",
            "Soixante-deuxième session Point 106 de l’ordre du jour",
            "62/172. Lutte contre le terrorisme",
            "L’Assemblée générale,",
            "Rappelant sa résolution 60/288,",
            "1. Prie le Secrétaire général de lui présenter un rapport ;",
            "2. Décide de rester saisie de la question.",
            "77e séance plénière 18 décembre 2007",
        )
    )
    assert [block.kind for block in found] == [
        *["heading"] * 3, *["preamble"] * 2, *["paragraph"] * 2, "signature",
    ]  # fmt: skip
    assert metadata == Metadata(
        "resolution-onu", "A/RES/62/172", "Lutte contre le terrorisme", "2007-12-18", "62", "106"
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["L’Assemblée générale, réunie hier, a voté le budget.", "1. Le budget est voté.", "Le maire"],
        ["Monsieur,", "Je vous écris au sujet de l’Assemblée générale.", "Le maire"],
        ["Il lut la lettre :", "Monsieur,", "Je vous prie d’agréer mes excuses.", "Paul"],
        ["— Voici ce qu’il écrit.", "Paris, le 3 mars 1898", "Cher ami,", "Tout va bien."],
        ["Rapport du maire", "Le parc est fermé. Voir A/74/155."],
        ["Loi du silence", "Article 5", "Nul ne parle."],
        [],
    ],
)
def test_what_no_genre_knows_stays_as_it_is(lines: list[str]):
    given = tuple(blocks(*lines))
    assert read_genre(given) == (given, Metadata())


def test_a_letter_has_a_head_a_greeting_and_a_signature():
    found, metadata = read_genre(
        blocks(
            "Mairie de Vernon",
            "Vernon, le 3 mars 1998",
            "Objet : Taille des tilleuls",
            "Monsieur le Directeur,",
            "J’ai bien reçu votre lettre.",
            "Je vous prie d’agréer, Monsieur le Directeur, mes salutations distinguées.",
            "Le maire,",
            "Jeanne Lefort",
            "P.-S. – Les clés sont chez le gardien.",
        )
    )
    assert [block.kind for block in found] == [
        *["heading"] * 3, "preamble", *["paragraph"] * 2, *["signature"] * 2, "paragraph",
    ]  # fmt: skip
    assert metadata == Metadata("lettre", title="Taille des tilleuls", date="1998-03-03")


def test_a_law_has_a_title_visas_and_signatures():
    title = "Arrêté n° 2030-17 du 12 mai 2030 portant fermeture du parc"
    found, metadata = read_genre(
        [
            *blocks(title, "Le ministre de l’agriculture,", "Vu le code forestier ;", "Arrête :"),
            Paragraph("heading", "1", "Article 1er", "", 1, 0, 0),
            *blocks("Le parc est fermé."),
            Paragraph("heading", "2", "Article 2", "", 1, 0, 0),
            *blocks(
                "Le maire est chargé de l’exécution.",
                "Fait le 13 mai 2030.",
                "Pour le ministre :",
                "A. Martin",
            ),
            Paragraph("heading", "", "ANNEXE", "", 1, 0, 0),
            *blocks("Les portes"),
        ]
    )
    assert [block.kind for block in found] == [
        "heading", *["preamble"] * 3, "heading", "paragraph", "heading", "paragraph", *["signature"] * 3,
        "heading", "paragraph",
    ]  # fmt: skip
    assert metadata == Metadata("texte-de-loi", "2030-17", title, "2030-05-12")


def test_a_report_keeps_its_numbered_paragraphs():
    found, metadata = read_genre(
        blocks(
            "Nations Unies A/74/155",
            "12 juillet 2019",
            "Point 107 de l’ordre du jour",
            "Rapport du Secrétaire général",
            "1. Le présent rapport est soumis.",
        )
    )
    assert [block.kind for block in found] == [*["heading"] * 4, "paragraph"]
    assert metadata == Metadata(
        "rapport-onu", "A/74/155", "Rapport du Secrétaire général", "2019-07-12", "", "107"
    )


WHOLE = """
title = { fr = "Avis", en = "Notice" }
source = "Made up."
[known_by]
opening = "Avis"
[blocks]
preamble = "none"
[metadata]
title = ["^(Avis)$"]
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('opening = "Avis"', "", "known_by.opening lacks"),
        ('source = "Made up."', "", "source lacks"),
        ('preamble = "none"', "", "blocks.preamble lacks"),
        ('"none"', '"some"', "one of to-number, line, none"),
        ('"^(Avis)$"', '"^Avis$"', "metadata.title needs a group"),
        ('"^(Avis)$"', '"^(Avis$"', "metadata.title is no pattern"),
        ("title = [", "colour = [", "metadata.colour is not known"),
        ("[blocks]", "[bloks]", "bloks is not known"),
        ("[known_by]", "[known_by", "no TOML"),
        ('[known_by]\nopening = "Avis"', 'known_by = "Avis"', "known_by must be a table"),
    ],
)
def test_a_genre_that_is_not_whole_says_which_key(before: str, after: str, said: str):
    assert parse_genre("avis", WHOLE).name == "avis"
    assert before in WHOLE
    toml = WHOLE.replace(before, after)
    if after.startswith("known_by ="):  # a key of the file stands before its tables
        toml = after + WHOLE.replace(before, "")
    with pytest.raises(GenreError, match=re.escape(said)):
        parse_genre("avis", toml)


def test_ordinals_are_all_read():
    words = (
        "deuxième",
        "neuvième",
        "seizième",
        "vingt et unième",
        "soixante et onzième",
        "quatre-vingt-unième",
    )
    assert [ordinal(word) for word in words] == ["2", "9", "16", "21", "71", "81"]


def test_each_key_of_a_genre_is_described():
    described = (Path(str(files("dictionaries"))) / "genres" / "README.md").read_text(encoding="utf-8")
    for section, keys in _KEYS.items():
        for key in keys - set(_KEYS):
            assert f"`{section}.{key}`" in described or f"`{key}`" in described


@pytest.fixture
def documents(corpus: Path) -> dict[str, Document]:
    found = {}
    for path in sorted(corpus.glob("*.txt")):
        document = process(Source(path.stem, path.name, "", path.stat().st_size), path)
        found[path.name[:3]] = document
    return found


@pytest.mark.shared
def test_the_users_documents_say_what_they_are(documents: dict[str, Document]):
    said = {number: document.metadata for number, document in documents.items()}
    assert {metadata.genre for metadata in said.values()} == {"resolution-onu"}
    assert said["000"] == Metadata(
        "resolution-onu", "A/RES/62/172", f"{TERRORISM} terrorisme", "2007-12-18", "62", "106"
    )
    assert replace(said["002"], title="") == Metadata("resolution-onu", "A/RES/74/175", "", "2019-12-18")
    assert said["003"].session == "78"
    assert said["004"].title.startswith("Renforcement du Programme des Nations Unies")


@pytest.mark.shared
def test_every_block_of_a_resolution_has_its_kind(documents: dict[str, Document]):
    operative = {"000": 10, "001": 9, "002": 30, "003": 36, "004": 9}
    for number, document in documents.items():
        kinds = Counter(block.kind for block in document.paragraphs)
        assert kinds["paragraph"] == operative[number]
        assert all(block.number for block in document.paragraphs if block.kind == "paragraph")
        assert kinds["signature"] == (number in ("000", "001", "002"))
