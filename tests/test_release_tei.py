"""TEI of a document: its texts come back to the letter, every edit is in it, and TEI's schema accepts it."""

from __future__ import annotations

import json
import lzma
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from release_documents import (
    READING,
    drawn_documents,
    find_edits,
    make_document,
    make_outcome,
    make_outcomes,
    publish,
)

from flows import cli
from flows.exits import ExitCode
from release.ledger import UnknownDocument, read_edits
from release.tei.editions import Editions, read_editions
from release.tei.header import TeiError, write_tei
from repair.document import Document, Metadata, Note, Source, Span, Status
from repair.edits import Decision, Kind, undo
from repair.pipeline import process

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases" / "release_tei.json").read_text(encoding="utf-8"))
KINDS = ("heading", "preamble", "paragraph", "item", "note", "signature", "furniture")
T = "{http://www.tei-c.org/ns/1.0}"
ID = "{http://www.w3.org/XML/1998/namespace}id"
# What XML cannot hold, and what it would take for its own.
STRANGE = str.maketrans({"<": "\x0c", "&": "\uffff", "é": "]"})


def released(document: Document, folder: Path) -> Path:
    return publish([make_outcome(document)], folder, versions={"prote": "0.1.0"}).data


def tei(document: Document) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_tei(released(document, Path(folder)), document.source.name)


def editions(document: Document) -> Editions:
    return Editions(document.reading.text, document.diplomatic, document.text)


def body(written: bytes) -> str:
    found = etree.fromstring(written).find(f".//{T}body")
    return (
        etree.tostring(found, encoding="unicode").replace(' xmlns="http://www.tei-c.org/ns/1.0"', "").strip()
    )


@st.composite
def shaken_documents(draw: st.DrawFn) -> Document:
    """Draw a document whose blocks are of any kind and stand anywhere, cut in any way; with strange signs."""
    document = draw(drawn_documents())
    places = st.integers(0, len(document.reading.text))
    starts = sorted(draw(places) for _ in document.paragraphs)
    paragraphs = []
    for start, paragraph in zip(starts, document.paragraphs, strict=True):
        drawn = draw(st.lists(places.filter(lambda place, start=start: place >= start), max_size=5))
        end, *rest = sorted(drawn) or [start]
        spans = tuple(Span(*pair) for pair in zip(rest[::2], rest[1::2], strict=False))
        kind = draw(st.sampled_from(KINDS))
        paragraphs.append(replace(paragraph, kind=kind, start=start, end=end, rest=spans))
    pages = (0, *sorted(draw(st.sets(places, max_size=3)) - {0}))
    calls = tuple(sorted(draw(st.sets(places, max_size=2))))
    document = replace(
        document,
        paragraphs=tuple(paragraphs),
        reading=replace(document.reading, pages=pages),
        notes=(Note("1", "", calls),),
    )
    return (
        msgspec.convert(strange(msgspec.to_builtins(document)), Document) if draw(st.booleans()) else document
    )


def strange(value: object) -> object:
    if isinstance(value, str):
        return value.translate(STRANGE)
    if isinstance(value, dict):
        return {key: strange(part) for key, part in value.items()}
    return [strange(part) for part in value] if isinstance(value, list | tuple) else value


def body_of(case: dict) -> list[str]:
    """Return the body that is written of a case, the ids of its edits replaced by their ranks."""
    layers = [
        [(before, after, Decision(decision)) for before, after, decision in case.get(kind, ())]
        for kind in ("repairs", "structure", "normalisations")
    ]
    document = make_document("cas", case["reading"], *layers)
    kinds = case.get("kinds", ["paragraph"] * len(document.paragraphs))
    paragraphs = [
        replace(
            paragraph,
            kind=kind,
            number=str(number) if kind == "note" else "",
            **(
                {"start": place[0], "end": place[1], "rest": tuple(Span(*span) for span in place[2:])}
                if place
                else {}
            ),
        )
        for number, (paragraph, kind, place) in enumerate(
            zip(document.paragraphs, kinds, case.get("places", [None] * len(kinds)), strict=True)
        )
    ]
    reading = replace(document.reading, pages=tuple(case.get("pages", [0])))
    notes = tuple(Note(mark, text, tuple(calls)) for mark, text, calls in case.get("notes", ()))
    document = replace(document, paragraphs=tuple(paragraphs), reading=reading, notes=notes)
    written = tei(document)
    ids = {
        f'"{place}.{row}': f'"{place}.{number}'
        for number, row in enumerate(_ids(document))
        for place in ("edit", "sic")
    }
    found = body(written)
    for there, here in ids.items():
        found = found.replace(there, here)
    return found.split("\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_each_thing_is_written_as_it_is_documented(case: dict) -> None:
    assert body_of(case) == case["body"]


def _ids(document: Document) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return [row.id for row in read_edits(released(document, Path(folder)), document.source.name)]


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.one_of(drawn_documents(), shaken_documents()))
def test_the_texts_come_back_and_every_edit_is_there(document: Document) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = released(document, Path(folder))
        written = write_tei(data, document.source.name)
        rows = read_edits(data, document.source.name)
    assert read_editions(written) == editions(document)
    root = etree.fromstring(written)
    made = [choice.get(ID) for choice in root.iter(f"{T}choice") if choice.get(ID)]
    wanted = [row.id for row in rows if row.kind is Kind.REPAIR and row.decision is Decision.APPLIED]
    assert made == [f"edit.{identity}" for identity in wanted]
    doubts = [note.get(ID) for note in root.iter(f"{T}note") if note.get("type") == "doubt"]
    assert doubts == [f"edit.{row.id}" for row in rows if row.decision is Decision.REVIEW]
    names = [node.get(ID) for node in root.iter() if node.get(ID)]
    assert len(names) == len(set(names))
    pointers = [
        pointer
        for node in root.iter()
        for said in ("target", "resp", "prev", "ref")
        for pointer in node.get(said, "").split()
    ]
    assert {pointer.removeprefix("#") for pointer in pointers} <= set(names)


def test_who_takes_every_sic_has_the_reading_without_our_reader() -> None:
    """The rule of the header alone, in XPath: what is no corr and no reg, and a line end for each lb."""
    document = make_document()
    root = etree.fromstring(tei(document))
    parts = []
    for node in root.xpath(
        "//t:body//text()[not(ancestor::t:corr or ancestor::t:reg)] | //t:body//t:lb",
        namespaces={"t": T[1:-1]},
    ):
        parts.append("\r\n" if isinstance(node, etree._Element) else node.replace("\n", ""))
    assert "".join(parts) == document.reading.text
    assert undo(document.diplomatic, document.repairs) == "".join(parts)


def test_a_doubtful_edit_is_no_correction_for_those_who_take_corrections() -> None:
    root = etree.fromstring(tei(make_document()))
    (note,) = root.findall(f".//{T}note[@type='doubt']")
    assert [corr.text for corr in root.find(f".//{T}body").iter(f"{T}corr")] == [
        "l’Office",
        "à lutter",
        "être",
    ]
    assert note.findtext(f".//{T}corr") == "façon"
    shown = root.xpath("//*[@xml:id=$name]", name=note.get("target")[1:])
    assert [(node.tag, node.text) for node in shown] == [(f"{T}sic", "fagon")]


def test_what_a_document_says_of_itself_never_becomes_markup() -> None:
    hostile = '</title><x a="&lt;">\x01]]>'
    (repair,) = find_edits(READING, Kind.REPAIR, [("étre", "être", Decision.APPLIED)])
    made = make_document(repairs=[("étre", "être", Decision.APPLIED)], structure=(), normalisations=())
    reading = replace(made.reading, engine=hostile)
    made = replace(
        made,
        repairs=(replace(repair, rule=hostile),),
        metadata=Metadata(title=hostile),
        profile=hostile,
        reading=reading,
    )
    root = etree.fromstring(tei(made))
    title = root.find(f".//{T}title")
    assert title.text == hostile.split("\x01")[0]
    assert (title[0].tag, title[0].get("ref"), title[0].tail) == (f"{T}g", "#char.0001", "]]>")
    assert root.findtext(f".//{T}mapping") == "U+0001"
    assert not root.findall(f".//{T}x")


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (publish(make_outcomes(), tmp_path / name, versions={}).data for name in "ab")
    assert write_tei(one, "rapport") == write_tei(two, "rapport.txt")


def test_what_has_no_text_has_no_tei(tmp_path: Path) -> None:
    data = publish(make_outcomes(), tmp_path, versions={}).data
    with pytest.raises(TeiError, match="in quarantine and has no text: Damage is left"):
        write_tei(data, "secret")
    with pytest.raises(UnknownDocument):
        write_tei(data, "rien de tel")
    assert b'<note type="status">review: Damage is left.</note>' in write_tei(data, "Éàü notes")


def test_what_would_not_come_back_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = publish(make_outcomes(), tmp_path, versions={}).data
    monkeypatch.setattr("release.tei.pen.LINE_ENDS", {"\n": None, "\r\n": None, "\r": None})
    with pytest.raises(TeiError, match="do not come back"):
        write_tei(data, "rapport")


@pytest.mark.parametrize(
    ("named", "clean", "code", "said"),
    [
        ("rapport", "clean", ExitCode.DONE, ""),
        ("raw/rapport.txt", "clean", ExitCode.DONE, ""),
        ("secret", "clean", ExitCode.FAILURE, "in quarantine"),
        ("raport", "clean", ExitCode.USAGE, "did you mean rapport"),
        ("rapport", "nowhere", ExitCode.NO_RELEASE, "prote run makes one"),
    ],
)
def test_the_command_writes_a_document_of_the_release(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    named: str,
    clean: str,
    code: ExitCode,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    data = publish(make_outcomes(), tmp_path / "clean", versions={}).data
    monkeypatch.setattr("sys.argv", ["prote", "export", named, "--clean", clean, "--tei", "rapport.xml"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == code
    assert said in capsys.readouterr().err
    written = tmp_path / "rapport.xml"
    assert written.exists() == (code == ExitCode.DONE)
    if written.exists():
        assert written.read_bytes() == write_tei(data, "rapport")


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    """TEI P5 3.0.0, all of it (tests/schemas/README.md): libxml2 takes seconds to compile it."""
    with lzma.open(HERE / "schemas" / "tei_all-3.0.0.rng.xz") as file:
        return etree.RelaxNG(etree.parse(file))


def check(schema: etree.RelaxNG, written: bytes) -> None:
    schema.assertValid(etree.fromstring(written))


@pytest.mark.slow
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(document=st.one_of(drawn_documents(), shaken_documents()))
def test_tei_accepts_what_is_written_of_any_document(schema: etree.RelaxNG, document: Document) -> None:
    check(schema, tei(document))


def damages(root: etree._Element) -> Iterator[None]:
    """Do one thing after another that TEI does not allow, and undo it."""
    choice = root.find(f".//{T}choice")
    choice.tag = f"{T}chioce"
    yield
    choice.tag = f"{T}choice"
    corr = root.find(f".//{T}corr")
    corr.set("cert", "97 %")
    yield
    corr.set("cert", "high")
    corr.set("probability", "0.97")
    yield
    del corr.attrib["probability"]
    division = root.find(f".//{T}body/{T}div")
    division.text = "Prie"
    yield
    division.text = None
    header = root.find(f".//{T}publicationStmt")
    header.getparent().remove(header)
    yield


@pytest.mark.slow
def test_the_schema_finds_what_tei_does_not_allow(schema: etree.RelaxNG) -> None:
    root = etree.fromstring(tei(make_document()))
    assert schema.validate(root)
    found = [schema.validate(root) for _ in damages(root)]
    assert found == [False] * 5


def processed(path: Path, folder: Path) -> tuple[Document, bytes]:
    document = process(Source(path.stem, path.name, "0" * 64, path.stat().st_size), path)
    data = publish([make_outcome(document, Status.REVIEW)], folder, versions={"prote": "0.1.0"}).data
    return document, write_tei(data, path.stem)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["resolution-eau.txt", "rapport-foret.md", "au-dela.txt", "lettre-propre.txt"]
)
def test_the_sample_corpus_is_tei(schema: etree.RelaxNG, tmp_path: Path, name: str) -> None:
    document, written = processed(HERE.parent / "raw" / name, tmp_path)
    assert read_editions(written) == editions(document)
    check(schema, written)


@pytest.mark.slow
@pytest.mark.shared
def test_the_corpus_of_the_user_is_tei(schema: etree.RelaxNG, tmp_path: Path, corpus: Path) -> None:
    for path in sorted(corpus.glob("*.txt")):
        document, written = processed(path, tmp_path / path.stem)
        assert read_editions(written) == editions(document), path.name
        check(schema, written)
