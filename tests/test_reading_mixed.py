"""PDFs whose pages are composed, scanned or both: every page has its words at their places."""

import math
import re
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from repair.edits import Decision, Edit, Kind, LedgerError
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading import pdf as pdf_room
from repair.reading.layouts import digital
from repair.reading.layouts.alternatives import word_alternatives
from repair.reading.layouts.digital import SCALE
from repair.reading.layouts.files import read_layout
from repair.reading.layouts.repaired import repaired_layout
from repair.reading.layouts.write import write_alto, write_hocr
from repair.reading.pdf import read_pdf, text_layers
from repair.reading.scans import ONLY_IN_TEXT, Seen
from repair.reading.searchable import write_searchable

DPI = 300
RAW = Path(__file__).parents[1] / "raw"
NOTE = RAW / "note-numerique.pdf"
FONT = Path(pikepdf.__file__).parents[1] / "ocrmypdf" / "data" / "NotoSans-Regular.ttf"
SCANNED = (
    "Le conseil municipal se réunit chaque premier mardi du mois,",
    "à la mairie, pour entendre les habitants qui ont déposé leur",
    "demande auprès de l’Office avant la fin de la semaine.",
)
SIZE = (1749, 2481)  # of A5 at 300 dpi


def layout_of(lines, engine="lecteur 1", size=SIZE):
    """What an engine reads of a page of lines, and the page."""
    font = ImageFont.truetype(str(FONT), 45)
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    made = []
    for number, line in enumerate(lines):
        x, y, words = 120, 200 + 90 * number, []
        for word in line.split():
            draw.text((x, y), word, fill=0, font=font)
            words.append(Word(word, Box(*map(round, draw.textbbox((x, y), word, font=font))), 0.9))
            x += round(draw.textlength(word + " ", font=font))
        made.append(TextLine(tuple(words)))
    return image, PageLayout(engine, *size, (tuple(made),))


def mixed(path, *kinds, lines=SCANNED):
    """Write a PDF of the composed note (``c``) and of scans (``s``)."""
    image, _ = layout_of(lines)
    image.save(path.with_suffix(".scan.pdf"), resolution=DPI)
    with (
        pikepdf.new() as made,
        pikepdf.open(NOTE) as note,
        pikepdf.open(path.with_suffix(".scan.pdf")) as scan,
    ):
        for kind in kinds:
            made.pages.append((note if kind == "c" else scan).pages[0])
        made.save(path)
    return path


@pytest.fixture
def engines(monkeypatch):
    """Two engines that read the scan, one of them wrongly."""
    read = []

    def read_pages(path, numbers, cache):
        read.extend(numbers)
        right = layout_of(SCANNED, "tesseract 5")[1]
        wrong = layout_of([line.replace("l’", "1’") for line in SCANNED], "rapidocr 3")[1]
        return [Seen((wrong, right)) for _ in numbers]

    monkeypatch.setattr(pdf_room, "read_pages", read_pages)
    return read


def slices(reading):
    return [
        reading.text[start:end]
        for start, end in zip(reading.pages, [*reading.pages[1:], len(reading.text)], strict=True)
    ]


def test_a_composed_page_keeps_its_text_and_has_places(tmp_path, engines):
    path = mixed(tmp_path / "a.pdf", "c", "s", "c")
    note = text_layers(NOTE)[0][0].replace("\r", "").rstrip() + "\n"
    reading = read_pdf(path)
    assert engines == [1]
    assert slices(reading)[0] == slices(reading)[2] == note
    assert [page.engine.split()[0] for page in reading.layout] == ["pypdfium2", "rapidocr", "pypdfium2"]
    assert [page.text.split() for page in reading.layout] == [one.split() for one in slices(reading)]
    assert [(page.width, page.height) for page in reading.layout] == [SIZE] * 3
    # Its paragraphs are those of the text.
    assert reading.layout[0].text + "\n" == note
    assert (len(reading.disagreement), len(reading.triage)) == (3, 3)


def test_a_pdf_without_a_scan_has_places_too():
    reading = read_pdf(NOTE)
    (page,) = reading.layout
    assert page.text + "\n" == reading.text
    assert {word.confidence for word in words_in(page)} == {1.0}


def words_in(page):
    return [word for line in page.lines for word in line.words]


def drawn(path, number):
    with pdfium.PdfDocument(path) as document:
        page = document[number].render(scale=SCALE, grayscale=True).to_pil()
        return page.point(lambda grey: 255 if grey < 128 else 0)


def assert_filled(image, word):
    """The ink in the box of a word reaches all its sides."""
    found = image.crop((word.box.left, word.box.top, word.box.right, word.box.bottom)).getbbox()
    assert found is not None, word
    assert max(found[0], found[1], word.box.width - found[2], word.box.height - found[3]) < 4, word


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, [20, 30, 410, 580]])
def test_boxes_hold_the_ink_of_their_words(tmp_path, turn, crop):
    with pikepdf.open(NOTE) as pdf:
        pdf.pages[0].Rotate = turn
        if crop:
            pdf.pages[0].CropBox = pikepdf.Array(crop)
        pdf.save(tmp_path / "a.pdf")
    (page,) = read_pdf(tmp_path / "a.pdf").layout
    image = drawn(tmp_path / "a.pdf", 0)
    assert (page.width, page.height) == image.size
    words = words_in(page)
    for word in words:
        assert_filled(image, word)
    inside = image.copy()
    for word in words:
        inside.paste(0, (word.box.left - 1, word.box.top - 1, word.box.right + 1, word.box.bottom + 1))
    assert inside.getbbox() is None  # no ink is in no box


def test_signs_beyond_the_bmp_hyphens_and_wide_blanks(tmp_path):
    made = FPDF(format=(148, 210))
    made.add_page()
    made.add_font("n", "", str(FONT))
    made.set_font("n", size=12)
    made.text(10, 20, "« Où   l’œuvre naît »\u00a0: cou-")
    made.text(10, 27, "pé et þþþþþ puis fin")
    made.text(10, 50, "Autre paragraphe")
    made.output(str(tmp_path / "thorn.pdf"))
    with pikepdf.open(tmp_path / "thorn.pdf") as pdf:
        for found in pdf.objects:  # the letter stands for a sign beyond the BMP
            if isinstance(found, pikepdf.Stream) and b"<00FE>" in found.read_bytes():
                found.write(found.read_bytes().replace(b"<00FE>", b"<D83DDE00>"))
        pdf.save(tmp_path / "a.pdf")
    reading = read_pdf(tmp_path / "a.pdf")
    (page,) = reading.layout
    assert "pé et \U0001f600\U0001f600\U0001f600\U0001f600\U0001f600 puis fin" in reading.text
    assert page.text.split() == reading.text.split()
    by_text = {word.text: word.box for word in words_in(page)}
    top = by_text["«"]
    assert all(by_text[word].overlap(top) for word in ("Où", "l’œuvre", "naît", "cou-"))
    # Where a sign counts double the words after it still stand where they are printed.
    for word in words_in(page):
        if word.text in ("puis", "fin", "Autre", "paragraphe"):
            assert_filled(drawn(tmp_path / "a.pdf", 0), word)
    assert by_text["puis"].overlap(by_text["pé"]) > 0.5
    assert by_text["Autre"].top > by_text["pé"].bottom


def test_signs_without_ink_or_place_lose_no_word(monkeypatch):
    """PDFium may know no ink of a sign, or no box at all: then the word is somewhere on the page."""
    (page,) = read_pdf(NOTE).layout
    monkeypatch.setattr(digital.pdfium_raw, "FPDFText_GetCharBox", lambda *_: 0)
    (loose,) = read_pdf(NOTE).layout
    for word, other in zip(words_in(page), words_in(loose), strict=True):
        assert word.text == other.text
        assert other.box.top <= word.box.top < word.box.bottom <= other.box.bottom
        assert abs(other.box.left - word.box.left) < 20
    monkeypatch.setattr(digital.pdfium_raw, "FPDFText_GetLooseCharBox", lambda *_: 0)
    (nowhere,) = read_pdf(NOTE).layout
    assert nowhere.text == page.text
    assert {word.box for word in words_in(nowhere)} == {Box(0, 0, *SIZE)}


def edit(text, before, after):
    start = text.index(before)
    return Edit(start, start + len(before), before, after, Kind.REPAIR, "essai", 1.0, Decision.APPLIED)


def places(page):
    return [[[(word.text, word.box) for word in line.words] for line in block] for block in page.blocks]


def test_repairs_of_both_kinds_of_pages_are_written(tmp_path, engines):
    reading = read_pdf(mixed(tmp_path / "a.pdf", "c", "s"))
    edits = [edit(reading.text, "L’Assemblée", "L’assemblée"), edit(reading.text, "semaine.", "se maine.")]
    pages = repaired_layout(reading.layout, reading.text, edits)
    others = word_alternatives(reading.layout, reading.text, pages, reading.losers)
    assert [word.text for _, word in others] == ["l’Office"]
    for write in (write_alto, write_hocr):
        (tmp_path / "page").write_bytes(write(pages))
        back = read_layout(tmp_path / "page")[0]
        assert [places(page) for page in back] == [places(page) for page in pages]
    assert pages[0].text.replace("L’assemblée", "L’Assemblée") == reading.layout[0].text
    assert pages[1].text.endswith("se maine.")


WORDS = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=6).filter(
    lambda word: not any(map(str.isspace, word))
)
BLANKS = st.text(" \n\t\u00a0\f", min_size=1, max_size=4)


@given(
    words=st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=4),
    blanks=st.lists(BLANKS, min_size=20, max_size=20),
    changed=st.text(st.characters(exclude_categories=("Z", "C")), max_size=3),
)
def test_the_white_space_of_a_reading_is_its_own(words, blanks, changed):
    page = PageLayout(
        "lecteur 1",
        900,
        900,
        tuple(
            (
                TextLine(
                    tuple(
                        Word(word, Box(40 * at, 20 * row, 40 * at + 30, 20 * row + 9))
                        for at, word in enumerate(line)
                    )
                ),
            )
            for row, line in enumerate(words)
        ),
    )
    flat = [word for line in words for word in line]
    reading = "".join(blank + word for blank, word in zip(blanks, flat, strict=False)) + blanks[-1]
    made = repaired_layout([page], reading, [])
    assert words_in(made[0]) == words_in(page)
    other = reading.rstrip() + changed
    if other.split() != flat:
        with pytest.raises(LedgerError):
            repaired_layout([page], other, [])


def test_a_text_beside_speaks_of_the_scan_and_of_what_no_page_has(tmp_path, engines):
    path = mixed(tmp_path / "a.pdf", "c", "s")
    alone = read_pdf(path)
    assert "1’Office" in alone.text or "l’Office" in alone.text
    note, scan = slices(alone)
    added = "Un dernier avis que nulle page ne porte, ni composée ni numérisée."
    # On the composed page it is the text that is wrong; on the scan it is one more voice.
    beside = f"{note.replace('é', 'e')}\n{scan.replace('1’', 'l’')}\n{added}\n"
    reading = read_pdf(path, texts=[beside])
    assert slices(reading)[0] == note
    assert slices(reading)[1] == scan.replace("1’", "l’")
    assert re.search(r" \+ (text|transcript)\b", reading.layout[1].engine)
    assert reading.layout[0] == alone.layout[0]
    (told,) = [edit for edit in reading.losers if edit.rule == ONLY_IN_TEXT]
    assert (told.after.strip(), told.decision) == (added, Decision.REVIEW)


def test_a_text_of_the_composed_pages_alone_says_nothing_of_the_scan(tmp_path, engines):
    path = mixed(tmp_path / "a.pdf", "s", "c")
    alone = read_pdf(path)
    reading = read_pdf(path, texts=[slices(alone)[1]])
    assert reading.text == alone.text
    assert reading.layout == alone.layout
    assert [edit for edit in reading.losers if edit.rule == ONLY_IN_TEXT] == []


def content(path, number):
    """What a page draws, and with which fonts and images."""
    with pikepdf.open(path) as pdf:
        page = pdf.pages[number]
        stream = b"\n".join(
            part.read_bytes()
            for part in (page.Contents if isinstance(page.Contents, pikepdf.Array) else [page.Contents])
        )
        return stream.split(), sorted(page.resources.get("/Font", {}).keys()), sorted(page.get_images())


def words_of(path):
    with pdfium.PdfDocument(path) as document:
        return [
            page.get_textpage().get_text_range().replace("\x02", "-\n").replace("\ufffe", "-\n").split()
            for page in document
        ]


@pytest.mark.slow
@pytest.mark.parametrize("deskew", [False, True])
def test_the_pdf_has_the_repaired_words_under_the_scan_and_composed_pages_as_they_are(
    tmp_path, engines, deskew
):
    path = mixed(tmp_path / "a.pdf", "c", "s", "c", lines=[*SCANNED, *SCANNED])
    reading = read_pdf(path)
    edits = [edit(reading.text, "L’Assemblée", "L’ASSEMBLÉE"), edit(reading.text, "semaine", "SEMAINE")]
    pages = repaired_layout(reading.layout, reading.text, edits)
    assert write_searchable(path, pages, tmp_path / "b.pdf", deskew=deskew) is True
    before, after = words_of(path), words_of(tmp_path / "b.pdf")
    assert (after[0], after[2]) == (before[0], before[2])
    assert (before[1], after[1]) == ([], pages[1].text.split())
    assert "SEMAINE." in after[1]
    for number in (0, 2):
        assert content(tmp_path / "b.pdf", number) == content(path, number)


@pytest.mark.slow
def test_the_pdf_of_composed_pages_alone_is_what_it_was(tmp_path):
    reading = read_pdf(NOTE)
    write_searchable(NOTE, reading.layout, tmp_path / "b.pdf", deskew=True)
    assert words_of(tmp_path / "b.pdf") == words_of(NOTE)
    assert content(tmp_path / "b.pdf", 0) == content(NOTE, 0)


@pytest.mark.slow
def test_a_scan_whose_good_layer_was_kept_carries_the_repaired_words(tmp_path):
    lines = [line.text for line in read_pdf(NOTE).layout[0].lines] * 2
    image, page = layout_of(lines)
    image.save(tmp_path / "a.png", dpi=(DPI, DPI))
    write_searchable(tmp_path / "a.png", [page], tmp_path / "a.pdf")
    reading = read_pdf(tmp_path / "a.pdf")
    assert [why.code for why in reading.triage] == ["good-ocr"]
    assert reading.engine.startswith("pypdfium2")
    # The places of a hidden layer are those it was given.
    for word, given_one in zip(words_in(reading.layout[0]), words_in(page), strict=True):
        assert word.text == given_one.text
        assert math.dist((word.box.left, word.box.right), (given_one.box.left, given_one.box.right)) < 12
    repaired = repaired_layout(reading.layout, reading.text, [edit(reading.text, "cartes", "CARTES")])
    write_searchable(tmp_path / "a.pdf", repaired, tmp_path / "b.pdf")
    assert words_of(tmp_path / "b.pdf") == [repaired[0].text.split()]
