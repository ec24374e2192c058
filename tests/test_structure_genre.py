"""Genres: what makes a document one, which of its blocks are what, and what it says of itself."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from repair.document import Document, Metadata, Paragraph, Source
from repair.pipeline import process
from repair.structure import read_genre
from repair.structure.genre import load_genres, ordinal

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
        ["Monsieur,", "Je vous écris au sujet de l’Assemblée générale.", "18 décembre 2007"],
        [],
    ],
)
def test_what_no_genre_knows_stays_as_it_is(lines: list[str]):
    given = tuple(blocks(*lines))
    assert read_genre(given) == (given, Metadata())


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


def test_each_genre_is_whole():
    for genre in load_genres():
        assert set(genre.metadata) <= {"symbol", "number", "title", "date", "session", "agenda_item"}


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
