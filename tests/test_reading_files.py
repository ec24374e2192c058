"""Files as they come: told by their content, read or refused with one clear reason."""

import hashlib
import os
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from repair.document import Refused, Span
from repair.reading import TEXT_LIMIT, MissingProgram, read

RAW = Path(__file__).parents[1] / "raw"


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is large, and holds almost nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    packed = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + b"\1\0\0\0\0")
        + chunk(b"IDAT", packed)
        + chunk(b"IEND", b"")
    )


def encrypted_pdf(password: str) -> bytes:
    return saved_pdf(
        lambda pdf, path: pdf.save(path, encryption=pikepdf.Encryption(user=password, owner="o"))
    )


def saved_pdf(save) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    with pikepdf.open(RAW / "note-numerique.pdf") as pdf:
        save(pdf, buffer)
    return buffer.getvalue()


def empty_pdf() -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    pikepdf.new().save(buffer)
    return buffer.getvalue()


PDF = (RAW / "note-numerique.pdf").read_bytes()
PNG = (RAW / "affiche.png").read_bytes()

REFUSED = [
    ("vide.txt", b"", "empty-file"),
    ("vide.pdf", b"", "empty-file"),
    ("blanc.txt", b" \r\n\t\f\n", "blank-text"),
    ("blanc-insecable.txt", "\ufeff\u00a0\n".encode(), "blank-text"),
    ("binaire.txt", bytes(range(256)) * 10, "binary-content"),
    ("grand.txt", b"a" * (TEXT_LIMIT + 1), "text-too-large"),
    ("lettre.docx", b"PK\x03\x04" + b"\0" * 100, "unsupported-type"),
    ("lettre.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "unsupported-type"),
    ("page.txt", b"\n<!DOCTYPE html><html><body>Texte</body></html>", "unsupported-type"),
    ("secret.pdf", encrypted_pdf("mot de passe"), "pdf-encrypted"),
    ("sans-page.pdf", empty_pdf(), "pdf-no-pages"),
    ("abime.pdf", b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n", "pdf-broken"),
    *(
        (f"tronque-{share}.pdf", PDF[: len(PDF) * share // 100], "pdf-broken")
        for share in (1, 10, 50, 90, 99)
    ),
    ("bombe.png", png_header(20000, 20000), "image-too-large"),
    ("fausse.png", png_header(500, 500), "image-broken"),
    ("tronquee.png", PNG[: len(PNG) // 2], "image-broken"),
    ("fausse.jpg", b"\xff\xd8\xff\xe0 ceci n'est pas une image", "image-broken"),
]


@pytest.mark.parametrize(("name", "data", "code"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_with_a_reason(tmp_path, name, data, code):
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, name, data))
    reason = refused.value.reason
    assert reason.code == code
    assert reason.fr != reason.en
    assert len(reason.fr) > 20
    assert len(reason.en) > 20


@pytest.mark.parametrize("name", ["une-chaine", "un-dossier"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path, name):
    path = tmp_path / name
    if name == "une-chaine":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(Refused, match="no ordinary file"):
        read(path)


def test_text_keeps_its_line_ends(tmp_path):
    data = "Un\r\ndeux\ntrois\rquatre\u2028cinq".encode()
    reading = read(write(tmp_path, "a.txt", data))
    assert reading.text.encode(reading.encoding) == data
    assert (reading.engine, reading.pages) == ("text", (0,))


def test_markdown_gets_its_markup(tmp_path):
    reading = read(write(tmp_path, "a.txt", b"# Titre\n\nLa paix<sup>1</sup>"))
    assert reading.markup[:2] == (Span(0, 2), Span(16, 21))


def test_form_feeds_start_pages(tmp_path):
    assert read(write(tmp_path, "a.txt", b"un\f\ndeux\ftrois\f")).pages == (0, 3, 9)


def test_content_decides_not_the_name(tmp_path):
    assert read(write(tmp_path, "note.txt", PDF)).engine.startswith("pypdfium2")
    assert read(write(tmp_path, "lettre.pdf", "Déjà du texte".encode())).engine == "text"


def test_a_text_at_the_limit_is_read(tmp_path):
    assert len(read(write(tmp_path, "a.txt", b"a b\n" * (TEXT_LIMIT // 4))).text) == TEXT_LIMIT


def test_born_digital_pdf_is_read_by_its_text_layer():
    reading = read(RAW / "note-numerique.pdf")
    true = (Path(__file__).parent / "samples" / "note-numerique.txt").read_text(encoding="utf-8")
    assert [" ".join(part.split()) for part in reading.text.split("\n\n")] == [
        " ".join(part.split()) for part in true.split("\n\n")
    ]
    assert reading.pages[0] == 0
    assert all(reading.text[start - 1] == "\n" for start in reading.pages[1:])


def test_pdf_pages_are_told_apart(tmp_path):
    with pikepdf.open(RAW / "note-numerique.pdf") as pdf:
        count = len(pdf.pages)
        pdf.pages.append(pdf.pages[0])
        pdf.save(tmp_path / "deux.pdf")
    reading = read(tmp_path / "deux.pdf")
    assert len(reading.pages) == count + 1
    assert reading.text[reading.pages[-1] :].startswith("Note d’information")


def test_a_pdf_that_everybody_may_open_is_read(tmp_path):
    assert "archivage" in read(write(tmp_path, "a.pdf", encrypted_pdf(""))).text


def test_scripts_in_a_pdf_are_not_run(tmp_path):
    marker = tmp_path / "executed"
    script = f"app.launchURL('file://{marker}'); this.getField('x').value = 'écrit par le script';"
    with pikepdf.open(RAW / "note-numerique.pdf") as pdf:
        plain = read(RAW / "note-numerique.pdf")
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(script))
        pdf.Root.OpenAction = pdf.make_indirect(action)
        pdf.pages[0].AA = pikepdf.Dictionary(O=pdf.make_indirect(action))
        pdf.save(tmp_path / "script.pdf")
    assert read(tmp_path / "script.pdf").text == plain.text
    assert not marker.exists()


def test_a_missing_program_is_no_fault_of_the_document(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="apt-get install tesseract-ocr") as missing:
        read(RAW / "affiche.png")
    assert missing.value.name == "tesseract-ocr"
    assert "installez" in missing.value.fr
    with pytest.raises(MissingProgram):
        read(RAW / "annonce-scannee.pdf")


def test_a_missing_french_model_is_named(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\n[ $1 = --version ] && echo tesseract 5.3.0 || printf 'List\\neng\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(MissingProgram) as missing:
        read(RAW / "affiche.png")
    assert missing.value.name == "tesseract-ocr-fra"


def test_nothing_is_written_beside_the_file(tmp_path):
    path = write(tmp_path, "note.pdf", PDF)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    read(path)
    with pytest.raises(Refused):
        read(write(tmp_path, "tronquee.png", PNG[:5000]))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["note.pdf", "tronquee.png"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_tiff_page_over_the_bound_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    small = Image.new("1", (10, 10))
    small.save(path, save_all=True, append_images=[Image.new("1", (15000, 15000))], compression="group4")
    with pytest.raises(Refused) as refused:
        read(path)
    assert refused.value.reason.code == "image-too-large"
