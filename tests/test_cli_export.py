"""`prote export`: what a curator gets of a document of the last run, or of any file."""

import hashlib
import os
import stat
import subprocess
import sys
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from expectations_documents import document
from lxml import etree
from PIL import Image

from flows import cli, export
from flows.entries import Entry, pack
from flows.exits import ExitCode
from flows.state import State
from repair.document import Outcome, Reading, Reason, Source, Status
from repair.edits import Decision, Edit, Kind
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.layouts.files import read_layout

WORDS = ("Prie", "1’Office", "d’aider", "«", "l’œuvre", "»")
PAGE = PageLayout(
    "tesseract 5.3.0 fra prepared + rapidocr 3.10.0",
    900,
    200,
    (
        (
            TextLine(
                tuple(
                    Word(text, Box(40 + 140 * n, 50, 160 + 140 * n, 90), 0.9) for n, text in enumerate(WORDS)
                )
            ),
        ),
    ),
)
TEXT = PAGE.text + "\n"
REPAIR = Edit(5, 13, "1’Office", "l’Office", Kind.REPAIR, "essai", 0.99, Decision.APPLIED)
LOST = Edit(14, 21, "d’aider", "d’a1der", Kind.REPAIR, "reading-vote", 0.1, Decision.LEFT)
READING = Reading(TEXT, "", PAGE.engine, layout=(PAGE,), losers=(LOST,), disagreement=(0.1,))
REASON = Reason("no-text-found", "Aucun texte.", "No text was found.")
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["prote", "export", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


def entry(name, path, raw, status=Status.PUBLISHED, reading=READING, refused=False):
    """What a run keeps of a file of the raw folder."""
    data = (raw / path).read_bytes()
    source = Source(name, path, hashlib.sha256(data).hexdigest(), len(data))
    if refused:
        return Entry(Outcome(source, Status.QUARANTINE, (REASON,), None), "key")
    repairs = (REPAIR, LOST) if reading is READING else ()
    diplomatic = reading.text.replace("1’", "l’") if repairs else reading.text
    made = document((diplomatic,), name=name)
    made = replace(made, source=source, reading=reading, repairs=repairs, diplomatic=diplomatic)
    return Entry(Outcome(source, status, (), made), "key", (), pack(made))


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """A folder of documents and what a run made of them."""
    monkeypatch.chdir(tmp_path)
    raw = tmp_path / "raw"
    (raw / "dossier").mkdir(parents=True)
    Image.new("L", (900, 200), 255).save(raw / "dossier" / "page.png", dpi=(150, 150))
    for name in ("texte.txt", "né.pdf", "vide.png", "douteux.png"):
        (raw / name).write_bytes(name.encode())
    State(tmp_path / "clean").save(
        [
            entry("dossier__page", "dossier/page.png", raw),
            entry("texte", "texte.txt", raw, reading=Reading("Du texte.\n", "utf-8")),
            entry("né", "né.pdf", raw, reading=Reading("Du texte.\n", "", "pypdfium2 5.1")),
            entry("vide", "vide.png", raw, refused=True),
            entry("douteux", "douteux.png", raw, Status.REVIEW),
        ]
    )
    return tmp_path


@pytest.mark.parametrize("named", ["dossier__page", "dossier/page.png", "raw/dossier/page.png"])
def test_a_document_of_the_last_run_is_written_with_its_repaired_words(corpus, monkeypatch, capsys, named):
    def fail(*_arguments, **_options):
        raise AssertionError("it was read again")

    monkeypatch.setattr("repair.reading.read", fail)
    assert call(monkeypatch, named, "--alto", "page.xml", "--hocr", "page.html") == ExitCode.DONE
    assert capsys.readouterr().out == ""
    for target in ("page.xml", "page.html"):
        (page,), _, _ = read_layout(corpus / target)
        assert page.text == "Prie l’Office d’aider « l’œuvre »"
        assert [word.box for word in page.lines[0].words] == [word.box for word in PAGE.lines[0].words]
    root = etree.parse(corpus / "page.xml").getroot()
    steps = [
        tuple(step.findtext(f".//{ALTO}{part}") for part in ("softwareName", "softwareVersion"))
        for step in root.iter(f"{ALTO}Processing")
    ]
    version = export._steps((), 0)[0].version
    assert steps == [
        ("tesseract", "5.3.0 fra prepared"), ("rapidocr", "3.10.0"), ("prote", version), ("prote", version)
    ]  # fmt: skip
    done = [step.text for step in root.iter(f"{ALTO}processingStepDescription")]
    assert done == ["vote of the readings", "repair of French, 1 edit"]
    assert [one.text for one in root.iter(f"{ALTO}ALTERNATIVE")] == ["d’a1der"]
    assert "d’a1der" not in (corpus / "page.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in corpus.iterdir()) == ["clean", "page.html", "page.xml", "raw"]


def test_files_are_written_for_all_to_read_and_replaced_only_if_asked(corpus, monkeypatch, capsys):
    mask = os.umask(0o022)
    try:
        assert call(monkeypatch, "dossier__page", "--alto", "page.xml") == ExitCode.DONE
    finally:
        os.umask(mask)
    assert stat.S_IMODE((corpus / "page.xml").stat().st_mode) == 0o644
    whole = (corpus / "page.xml").read_bytes()
    (corpus / "page.xml").write_text("le mien")
    assert call(monkeypatch, "dossier__page", "--alto", "page.xml") == ExitCode.USAGE
    assert "page.xml exists: --force replaces it" in capsys.readouterr().err
    assert (corpus / "page.xml").read_text() == "le mien"
    assert call(monkeypatch, "dossier__page", "--alto", "page.xml", "--force") == ExitCode.DONE
    assert (corpus / "page.xml").read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("dossier__page", ExitCode.USAGE, "name a file to write"),
        ("dossier__page --alto a.xml --deskew", ExitCode.USAGE, "name one with --pdf"),
        ("dossier__page --alto a.xml --hocr ./a.xml", ExitCode.USAGE, "a.xml is named twice"),
        ("dossier__page --alto nulle/part.xml", ExitCode.USAGE, "is in no folder that exists"),
        ("dossier__page --alto raw", ExitCode.USAGE, "is a directory"),
        ("dossier__page --alto raw/a.xml", ExitCode.USAGE, "is in raw, which a run alone fills"),
        ("dossier__page --alto clean/../clean/a.xml", ExitCode.USAGE, "is in clean, which a run alone fills"),
        ("dossier__page --force --pdf raw/dossier/page.png", ExitCode.USAGE, "which a run alone fills"),
        ("dossier__pag --alto a.xml", ExitCode.USAGE, "did you mean dossier__page"),
        ("../../etc/passwd-gone --alto a.xml", ExitCode.USAGE, "there is no document and no file"),
        ("dossier__page --alto a.xml --clean rien", ExitCode.NO_RELEASE, "there is no release in rien"),
        ("texte --alto a.xml", ExitCode.FAILURE, "it is a text"),
        ("né --alto a.xml", ExitCode.FAILURE, "it was read by an earlier prote"),
        ("vide --alto a.xml", ExitCode.FAILURE, "in quarantine, without text: No text was found."),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(corpus, monkeypatch, capsys, arguments, code, said):
    assert call(monkeypatch, *arguments.split()) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert sorted(path.name for path in corpus.iterdir()) == ["clean", "raw"]


def test_a_document_in_review_is_written_and_the_user_told(corpus, monkeypatch, capsys):
    assert call(monkeypatch, "douteux", "--hocr", "page.html") == ExitCode.DONE
    assert "douteux is in review" in capsys.readouterr().err
    assert (corpus / "page.html").is_file()


@pytest.mark.parametrize("change", ["changed", "gone"])
def test_a_pdf_is_made_of_the_file_that_was_read_only(corpus, monkeypatch, capsys, change):
    file = corpus / "raw" / "dossier" / "page.png"
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"\0")
    assert call(monkeypatch, "dossier__page", "--hocr", "a.html", "--pdf", "a.pdf") == ExitCode.USAGE
    assert "not in the raw folder as the last run read it" in capsys.readouterr().err
    assert sorted(path.name for path in corpus.iterdir()) == ["clean", "raw"]
    assert call(monkeypatch, "dossier__page", "--hocr", "a.html") == ExitCode.DONE


def test_a_failure_leaves_nothing_half_written(corpus, monkeypatch):
    def fail(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.export.shutil.copyfileobj", fail)
    (corpus / "page.xml").write_text("le mien")
    assert call(monkeypatch, "dossier__page", "--alto", "page.xml", "--force") == ExitCode.FAILURE
    assert (corpus / "page.xml").read_text() == "le mien"
    assert sorted(path.name for path in corpus.iterdir()) == ["clean", "page.xml", "raw"]


def test_asking_for_a_document_makes_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "rien", "--alto", "a.xml") == ExitCode.NO_RELEASE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_pdf_carries_the_repaired_words(corpus, monkeypatch):
    assert call(monkeypatch, "dossier__page", "--pdf", "page.pdf") == ExitCode.DONE
    with pdfium.PdfDocument(corpus / "page.pdf") as pdf:
        text = pdf[0].get_textpage().get_text_range()
    assert " ".join(text.split()) == "Prie l’Office d’aider « l’œuvre »"


def test_a_file_outside_the_corpus_is_processed(tmp_path, monkeypatch, capsys):
    words = "".join(
        f"<span class='ocrx_word' title='bbox {n * 100} 10 {n * 100 + 90} 40'>{word}</span> "
        for n, word in enumerate(("Prie", "1’Office", "des", "Nations", "Unies"))
    )
    (tmp_path / "a.hocr").write_text(
        f"<html xmlns='http://www.w3.org/1999/xhtml'><body><div class='ocr_page' title='bbox 0 0 900 200'>"
        f"<span class='ocr_line' title='bbox 0 10 590 40'>{words}</span></div></body></html>",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "a.hocr", "--alto", "a.xml") == ExitCode.DONE
    (page,), _, _ = read_layout(tmp_path / "a.xml")
    assert page.text == "Prie l’Office des Nations Unies"
    assert call(monkeypatch, "a.hocr", "--pdf", "a.pdf") == ExitCode.FAILURE
    assert "does not hold the picture of its pages" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.hocr", "a.xml"]


def test_help_loads_nothing_heavy():
    program = (
        "import sys\n"
        "sys.argv = ['prote', 'export', '--help']\n"
        "from flows.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'prefect', 'repair.document', 'msgspec', 'ocrmypdf', 'img2pdf', 'pikepdf', 'lxml'}\n"
        "print(', '.join(heavy & sys.modules.keys()), file=sys.stderr, end='')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    for option in ("--alto", "--hocr", "--pdf", "--deskew", "--force", "--raw", "--clean"):
        assert option in ended.stdout
