"""The JSON of a document: what it says of blocks and calls is so in the texts, and its schema holds."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from release_documents import assemble, drawn_documents, make_document, make_outcome, make_outcomes, publish

from release.blocks import find_faults, read_blocks, read_notes, read_texts
from release.layout import SCHEMA, json_file
from release.origins import Origin, Origins
from release.records import Place, TextBlock, TextNote, document_schema
from release.rendering import PublishError
from repair.document import Document, Metadata, Note, Refused, Source, Span
from repair.edits import Decision, Edit, Kind
from repair.pipeline import process

CASES = json.loads((Path(__file__).parent / "cases" / "release_calls.json").read_text())
SIGNS = ("<sup>1</sup>", " <sup>2</sup>\n", "[^2]", "\n\n", "1", "**", "&nbsp;", "<td>", "_____\n1 Note.\n")
KINDS = {"heading", "preamble", "paragraph", "item", "note", "signature", "furniture"}


def validator() -> Draft202012Validator:
    schema = json.loads(document_schema())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read(document: Document) -> tuple[tuple[TextBlock, ...], tuple[TextNote, ...]]:
    """Return blocks and notes of a document, checked."""
    texts = read_texts(document)
    blocks = read_blocks(texts, document.paragraphs)
    notes = read_notes(texts, document.notes, blocks)
    assert list(find_faults(texts, blocks, notes)) == []
    return blocks, notes


def of_file(path: Path) -> Document:
    content = path.read_bytes()
    return process(Source(path.stem, path.name, hashlib.sha256(content).hexdigest(), len(content)), path)


def of_text(text: str, folder: Path, name: str) -> Document:
    path = folder / name
    path.write_bytes(text.encode())
    return of_file(path)


def put_back(document: Document) -> list[str]:
    """Return the texts of the blocks with every call put back in brackets, as a user of the JSON would."""
    blocks, notes = read(document)
    texts = [block.text for block in blocks]
    calls = [(call.block, call.offset, note.mark) for note in notes for call in note.calls]
    for block, offset, mark in sorted(calls, reverse=True):
        texts[block] = f"{texts[block][:offset]}[{mark}]{texts[block][offset:]}"
    return texts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_calls_can_be_put_back_where_they_stood(case: dict[str, str], tmp_path: Path) -> None:
    found = put_back(of_text(case["reading"], tmp_path, case.get("name", "essai.md")))
    assert "\n".join(found).replace("\u00a0", " ").replace("\u202f", " ") == case["text"]


def test_a_call_within_an_edit_of_each_layer() -> None:
    """A normalisation that takes a whole phrase, as a rule may: the call is still after its word."""
    document = make_document(
        reading="Le crime1 ; il a a1 la fin",
        repairs=[("a a1 la", "a à1 la", Decision.APPLIED)],
        structure=[("1 ;", " ;", Decision.APPLIED), ("1", "", Decision.APPLIED)],
        normalisations=[("crime ;", "crime\u202f;", Decision.APPLIED)],
    )
    document = replace(document, notes=(Note("1", "", (8, 18)),))
    assert put_back(document) == ["Le crime[1]\u202f; il a à[1] la fin"]


def test_notes_without_call_and_calls_without_note() -> None:
    document = assemble("essai", "mot\nNote", (), (), ())
    blocks = (document.paragraphs[0], replace(document.paragraphs[1], kind="note", number="²"))
    document = replace(document, paragraphs=blocks, notes=(Note("²", "Note", ()), Note("7", "", (3,))))
    _, (first, second) = read(document)
    assert (first.mark, first.text, first.calls) == ("2", "Note", ())
    assert (second.mark, second.text, len(second.calls)) == ("7", "", 1)


def test_a_block_that_notes_cut_has_all_its_places() -> None:
    document = assemble("essai", "un\nnote\ndeux", (), (), ())
    first, note, last = document.paragraphs
    texts = read_texts(document)
    whole = replace(first, rest=(Span(last.start, last.end),))
    blocks = read_blocks(texts, (whole, note))
    assert blocks[0].diplomatic == "un\ndeux"
    assert blocks[0].places == (Place(0, 2), Place(8, 12))


def test_what_is_inserted_at_the_edge_of_a_block_is_its_own() -> None:
    edit = Edit(3, 3, "", "Et", Kind.REPAIR, "rule", 0.99, Decision.APPLIED)
    blocks, _ = read(assemble("essai", "Un\nat", (edit,), (), ()))
    assert [block.diplomatic for block in blocks] == ["Un", "Etat"]


@settings(deadline=None, max_examples=100)
@given(drawn_documents())
def test_any_document_gives_a_json_that_holds(document: Document) -> None:
    everywhere = tuple(range(len(document.reading.text) + 1))
    blocks, (note,) = read(replace(document, notes=(Note("1", "", everywhere),)))
    assert len(note.calls) == (len(everywhere) if blocks else 0)
    for call in note.calls:
        assert 0 <= call.offset <= len(blocks[call.block].text)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_documents())
def test_any_document_published_follows_the_schema(tmp_path: Path, document: Document) -> None:
    data = publish([make_outcome(document)], tmp_path, versions={}).data
    validator().validate(json.loads((data / json_file(document.source.name)).read_bytes()))


def test_cuts_of_the_samples_with_signs_anywhere(tmp_path: Path) -> None:
    """Whatever structure makes of it, blocks and calls stand where the JSON says."""
    chance = random.Random(7)  # noqa: S311 - no secret
    raw = Path(__file__).parents[1] / "raw"
    samples = [(raw / name).read_text() for name in ("rapport-foret.md", "resolution-eau.txt")]
    calls = 0
    for _ in range(60):
        text = chance.choice(samples)
        start = chance.randrange(len(text) - 20)
        text = text[start : start + chance.randrange(20, 2_000)]
        for _ in range(chance.choice([0, 4, 8])):
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(SIGNS) + text[place:]
        try:
            document = of_text(text, tmp_path, chance.choice(["essai.md", "essai.txt"]))
        except Refused:
            continue
        blocks, notes = read(document)
        assert [block.diplomatic for block in blocks] == [found.diplomatic for found in document.paragraphs]
        calls += sum(len(note.calls) for note in notes)
    assert calls > 20


def test_a_release_holds_the_schema_its_documents_follow(tmp_path: Path) -> None:
    data = publish(make_outcomes(), tmp_path, versions={}).data
    schema = json.loads((data / SCHEMA).read_bytes())
    assert schema == json.loads(document_schema())
    assert set(schema["$defs"]["TextBlock"]["properties"]["kind"]["enum"]) == KINDS
    checked = Draft202012Validator(schema)
    files = sorted((data / "json").iterdir())
    for file in files:
        checked.validate(json.loads(file.read_bytes()))
    assert len(files) == 3


@pytest.mark.parametrize(
    ("field", "value"), [("kind", "titre"), ("number", "7."), ("start", -1), ("page", 0), ("rest", None)]
)
def test_the_schema_refuses_what_is_no_block(tmp_path: Path, field: str, value: object) -> None:
    data = publish(make_outcomes(), tmp_path, versions={}).data
    file = json.loads((data / "json/rapport.json").read_bytes())
    file["blocks"][0][field] = value
    assert not validator().is_valid(file)


def test_what_a_document_says_of_itself(tmp_path: Path) -> None:
    said = Metadata("resolution-onu", "A/RES/74/175", "Un titre", "2019-12-18", "74", "107")
    document = replace(make_document("rapport"), metadata=said)
    witness = Source("rapport", "rapport.alto.xml", "11", 3)
    document = replace(document, source=replace(document.source, witnesses=(witness,)))
    origins = Origins((("rap*", Origin("CC-BY-4.0", "Nations Unies")),))
    data = publish([make_outcome(document)], tmp_path, versions={}, origins=origins).data
    assert json.loads((data / "json/rapport.json").read_bytes())["metadata"] == {
        "symbol": "A/RES/74/175",
        "title": "Un titre",
        "date": "2019-12-18",
        "session": "74",
        "agenda_item": "107",
        "genre": "resolution-onu",
        "language": "fr",
        "source": {
            "path": "rapport.txt",
            "bytes": document.source.size,
            "sha256": document.source.sha256,
            "witnesses": [{"path": "rapport.alto.xml", "bytes": 3, "sha256": "11"}],
        },
        "licence": "CC-BY-4.0",
        "origin": "Nations Unies",
    }


def test_blocks_that_are_not_the_text_are_not_published(tmp_path: Path) -> None:
    document = make_document("rapport")
    with pytest.raises(PublishError, match="other blocks"):
        publish([make_outcome(replace(document, paragraphs=()))], tmp_path, versions={})


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    """docs/format.md shows what the program gives for the lines it shows."""
    page = (Path(__file__).parents[1] / "docs" / "format.md").read_text()
    reading = page.split("```text\n")[1].split("```")[0]
    shown = json.loads(page.split("```json\n")[1].split("```")[0])
    data = publish([make_outcome(of_text(reading, tmp_path, "invitation.md"))], tmp_path, versions={}).data
    assert shown == json.loads((data / "json/invitation.json").read_bytes())
    given = {"document": shown}
    for code in page.split("```python\n")[1:]:
        exec(code.split("```")[0], given)  # noqa: S102 - ours
    assert given["text"] == "7. Invite l’Office à aider les États[^1]\u00a0;\nRésolution 74/175."
    assert given["running"] == ["7. Invite l’Office à aider les États\u00a0;"]


def test_the_documentation_names_every_field(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "format.md").read_text()
    schema = json.loads(document_schema())
    fields = {field for found in schema["$defs"].values() for field in found.get("properties", ())}
    assert {field for field in fields if f"`{field}`" not in page and f".{field}`" not in page} == set()


@pytest.mark.shared
def test_every_call_of_the_corpus_is_placed(corpus: Path) -> None:
    for path in sorted(corpus.glob("*.txt")):
        document = of_file(path)
        blocks, notes = read(document)
        for note in notes:
            for call in note.calls:
                block = blocks[call.block]
                assert block.kind != "note"
                assert any(place.start <= call.start <= place.end for place in block.places)
                # The word before the call is the same in the reading, where no repair touched it.
                last = document.reading.text[call.start - 2 : call.start].strip("* ")
                assert block.text[: call.offset].endswith(last)
