"""A searchable PDF: the words given are found at their places, the pages stay, nothing acts."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path
from statistics import median

import pikepdf
import pypdfium2 as pdfium
import pytest
from pdfminer.high_level import extract_text
from PIL import Image, ImageDraw, ImageFont

from repair.document import Refused
from repair.edits import Decision, Edit, Kind
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading import searchable
from repair.reading.layouts.alternatives import word_alternatives
from repair.reading.layouts.repaired import repaired_layout
from repair.reading.searchable import disarm, write_searchable

RAW = Path(__file__).parents[1] / "raw"
FONT = Path(pikepdf.__file__).parents[1] / "ocrmypdf" / "data" / "NotoSans-Regular.ttf"


@pytest.fixture(autouse=True)
def _own_tmp(tmp_path_factory, monkeypatch):
    """A temporary folder of the test's own, that must be left empty."""
    folder = tmp_path_factory.mktemp("own")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def words_found(path):
    """The words of each page of a PDF with their places, in shares of the page from its upper left corner."""
    pages = []
    with pdfium.PdfDocument(path) as document:
        for page in document:
            width, height = page.get_size()
            layer = page.get_textpage()
            words, word, places = [], "", []
            for at in range(layer.count_chars()):
                char = layer.get_text_range(at, 1)
                ends_line = char in ("\x02", "\ufffe")  # what PDFium makes of a hyphen before a line end
                char = "-" if ends_line else char
                if char.strip():
                    left, bottom, right, top = layer.get_charbox(at, loose=True)
                    word += char
                    places.append((left / width, 1 - top / height, right / width, 1 - bottom / height))
                if word and (not char.strip() or ends_line or at == layer.count_chars() - 1):
                    lefts, tops, rights, bottoms = zip(*places, strict=True)
                    words.append((word, (min(lefts), min(tops), max(rights), max(bottoms))))
                    word, places = "", []
            pages.append(words)
    return pages


def assert_found(path, pages):
    """Each word is found, in its order: its sides within a hundredth of the page, and on its own line."""
    found = words_found(path)
    assert len(found) == len(pages)
    for page, words in zip(pages, found, strict=True):
        given = [word for line in page.lines for word in line.words]
        letters = median(word.box.height for word in given) if given else 0
        # PDFium unfolds these two whatever the PDF says; `test_signs_of_french_survive` looks further.
        assert [word for word, _ in words] == [
            word.text.replace("ﬁ", "fi").replace("ﬂ", "fl") for word in given
        ]
        for word, (text, (left, top, right, bottom)) in zip(given, words, strict=True):
            assert abs(left - word.box.left / page.width) < 0.01, text
            assert abs(right - word.box.right / page.width) < 0.01, text
            middle = (word.box.top + word.box.bottom) / 2
            assert abs((top + bottom) / 2 * page.height - middle) < letters / 2, text


def layout_of(lines, width, height, size, left=40, top=30, step=2.0):
    """Draw lines of text on a page; return the picture and the layout, each word in the box of its ink."""
    font = ImageFont.truetype(str(FONT), size)
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    made = []
    for number, text in enumerate(lines):
        x, y, words = left, round(top + number * step * size), []
        for word in text.split():
            draw.text((x, y), word, fill=0, font=font)
            words.append(Word(word, Box(*map(round, draw.textbbox((x, y), word, font=font)))))
            x += round(draw.textlength(word + " ", font=font))
        made.append(TextLine(tuple(words)))
    return image, PageLayout("essai 1", width, height, (tuple(made),))


LINES = (
    "« Où l’œuvre naît, ﬁdèle — ça ! » — n° 12",
    "L’Église de Noël : œufs, æther, ÿ, Ÿ, Ç, À",
    "Prix : 12 € ½ § 3 … « l’été » ſ ﬂ ꝑ Ελλάς cou-",
    "pé",
)


@pytest.mark.slow
def test_signs_of_french_survive(tmp_path):
    image, page = layout_of(LINES, 1200, 400, 30)
    image.save(tmp_path / "a.png", dpi=(150, 150))
    assert write_searchable(tmp_path / "a.png", [page], tmp_path / "a.pdf") is True
    assert_found(tmp_path / "a.pdf", [page])
    assert extract_text(tmp_path / "a.pdf").split() == page.text.split()
    with pdfium.PdfDocument(tmp_path / "a.pdf") as document:
        assert document[0].get_size() == pytest.approx((1200 * 72 / 150, 400 * 72 / 150), abs=0.1)
        layer = document[0].get_textpage()
        assert layer.search("l’œuvre", match_case=True).get_next() is not None
        # The picture is there, the words are out of sight.
        drawn = document[0].render(scale=150 / 72, grayscale=True).to_pil()
    difference = sum(abs(a - b) > 64 for a, b in zip(drawn.tobytes(), image.tobytes(), strict=True))
    assert difference < 0.01 * 1200 * 400


@pytest.mark.slow
def test_a_repaired_word_is_found_and_the_misread_one_is_not(tmp_path):
    image, page = layout_of(["Prie 1’Office d’aider", "les pays"], 600, 200, 30)
    repair = Edit(5, 13, "1’Office", "l’Office", Kind.REPAIR, "essai", 1.0, Decision.APPLIED)
    repaired = repaired_layout([page], page.text + "\n", [repair])
    image.save(tmp_path / "a.png")
    write_searchable(tmp_path / "a.png", repaired, tmp_path / "a.pdf")
    assert_found(tmp_path / "a.pdf", repaired)
    assert [word for word, _ in words_found(tmp_path / "a.pdf")[0]][1] == "l’Office"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tiff", "webp", "palette"])
def test_images_become_pages(tmp_path, kind):
    image, page = layout_of(LINES, 1200, 400, 30)
    pages = [page]
    path = tmp_path / "image"
    if kind == "tiff":
        second, other = layout_of(["Autre page", "plus petite"], 500, 300, 24)
        image.save(path, format="TIFF", save_all=True, append_images=[second.convert("1")], dpi=(200, 200))
        pages.append(other)
    elif kind == "palette":
        image.convert("P").save(path, format="PNG", dpi=(9000, 9000))
    else:
        image.save(path, format="WEBP")
    write_searchable(path, pages, tmp_path / "a.pdf")
    assert_found(tmp_path / "a.pdf", pages)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        heights = [float(page.mediabox[3]) for page in pdf.pages]
    assert all(90 < height < 850 for height in heights)


def add_page(pdf, folder, image, rotate=0, crop=None):
    """Add an image as a page that is displayed turned, or in part."""
    image.rotate(rotate, expand=True).save(folder / "page.pdf", format="PDF", resolution=150)
    with pikepdf.open(folder / "page.pdf") as one:
        pdf.pages.extend(one.pages)
    if rotate:
        pdf.pages[-1].Rotate = rotate
    if crop:
        pdf.pages[-1].CropBox = pikepdf.Array(crop)


def lay_upright(page):
    """Turn a page for good, with its corner at 0: PDFium gives places in the page as it is stored."""
    left, bottom, right, top = (float(side) for side in page.mediabox)
    turn, width, height = int(page.get("/Rotate", 0)) % 360, right - left, top - bottom
    turned = {
        0: (1, 0, 0, 1, 0, 0), 90: (0, -1, 1, 0, 0, width), 180: (-1, 0, 0, -1, width, height),
        270: (0, 1, -1, 0, height, 0),
    }[turn]  # fmt: skip
    matrix = " ".join(map(str, turned))
    page.contents_add(f"q {matrix} cm 1 0 0 1 {-left} {-bottom} cm".encode(), prepend=True)
    page.contents_add(b"Q")
    page.Rotate = 0
    page.mediabox = [0, 0, height, width] if turn % 180 else [0, 0, width, height]


@pytest.mark.slow
def test_words_stand_right_on_pages_that_are_displayed_turned_or_in_part(tmp_path):
    image, page = layout_of(LINES, 1200, 400, 30)
    paper = Image.new("L", (1500, 700), 255)
    paper.paste(image, (200, 100))
    with pikepdf.new() as pdf:
        for rotate in (90, 180, 270):
            add_page(pdf, tmp_path, image, rotate)
        # From the lower left corner, 72 points for 150 pixels.
        add_page(pdf, tmp_path, paper, crop=[96, 96, 672, 288])
        pdf.save(tmp_path / "a.pdf")
    write_searchable(tmp_path / "a.pdf", [page] * 4, tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "b.pdf", allow_overwriting_input=True) as pdf:
        for stored in pdf.pages:
            lay_upright(stored)
        pdf.save(tmp_path / "b.pdf")
    assert_found(tmp_path / "b.pdf", [page] * 4)


def crooked(image, page, angle):
    """The page as it lies on the scanner, turned clockwise by an angle; the words turned with it."""
    from repair.reading.given_words import turned

    lines = tuple(turned(line, page, -angle) for line in page.lines)
    turned_page = PageLayout(page.engine, page.width, page.height, (lines,))
    laid = image.rotate(-angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    # So the boxes of the test are right, whatever `turned` does.
    for now, then in zip(ink_of(laid, turned_page), ink_of(image, page), strict=True):
        assert now > 0.5 * then
    return laid, turned_page


def ink_of(image, page):
    """The share of each word's box that is dark."""
    shares = []
    for line in page.lines:
        for word in line.words:
            box = word.box
            inside = image.crop((box.left, box.top, box.right, box.bottom)).point(lambda v: v < 128 and 255)
            shares.append(sum(inside.histogram()[255:]) / max(1, box.width * box.height))
    return shares


@pytest.mark.slow
def test_words_follow_the_lines_of_a_crooked_page(tmp_path):
    image, page = layout_of(LINES * 3, 1400, 900, 30)
    (one, first), (two, second) = crooked(image, page, -2.0), crooked(image, page, 1.5)
    one.save(tmp_path / "a.tif", save_all=True, append_images=[two], dpi=(150, 150))
    write_searchable(tmp_path / "a.tif", [first, second], tmp_path / "a.pdf")
    assert_found(tmp_path / "a.pdf", [first, second])


@pytest.mark.slow
def test_words_turn_with_a_page_that_is_straightened(tmp_path):
    image, straight = layout_of(LINES * 3, 1400, 900, 30)
    (one, first), (two, second) = crooked(image, straight, -2.0), crooked(image, straight, 1.5)
    one.save(tmp_path / "a.tif", save_all=True, append_images=[two], dpi=(150, 150))
    write_searchable(tmp_path / "a.tif", [first, second], tmp_path / "a.pdf", deskew=True)
    # The words are again where they were before the page was laid crooked, and so is the ink.
    assert_found(tmp_path / "a.pdf", [straight, straight])
    for number in (0, 1):
        with pdfium.PdfDocument(tmp_path / "a.pdf") as document:
            drawn = document[number].render(scale=150 / 72, grayscale=True).to_pil().resize((1400, 900))
        for now, then in zip(ink_of(drawn, straight), ink_of(image, straight), strict=True):
            assert now > 0.5 * then


@pytest.mark.slow
@pytest.mark.parametrize("name", ["affiche.png", "annonce-scannee.pdf"])
def test_what_the_engines_read_is_found_at_its_place(tmp_path, name):
    from repair.reading import read

    reading = read(RAW / name)
    write_searchable(RAW / name, reading.layout, tmp_path / "a.pdf")
    assert_found(tmp_path / "a.pdf", reading.layout)


@pytest.mark.slow
def test_an_older_layer_of_text_goes_and_odd_boxes_lose_no_word(tmp_path):
    image, page = layout_of(["Prie 1’Office d’aider"], 600, 200, 30)
    image.save(tmp_path / "a.png", dpi=(150, 150))
    write_searchable(tmp_path / "a.png", [page], tmp_path / "a.pdf")
    odd = (
        TextLine((Word("plat", Box(40, 50, 200, 50)), Word("mince", Box(210, 30, 210, 60)))),
        TextLine((Word("verticalement", Box(500, 10, 515, 190)),)),
    )
    write_searchable(tmp_path / "a.pdf", [PageLayout("", 600, 200, (odd,))], tmp_path / "b.pdf")
    assert [word for word, _ in words_found(tmp_path / "b.pdf")[0]] == ["plat", "mince", "verticalement"]


@pytest.mark.slow
def test_a_blank_page_stays_in_its_place(tmp_path):
    image, page = layout_of(["Prie"], 600, 200, 30)
    blank = PageLayout("", 600, 200, ())
    image.save(tmp_path / "a.tif", save_all=True, append_images=[Image.new("L", (600, 200), 255), image])
    write_searchable(tmp_path / "a.tif", [page, blank, page], tmp_path / "b.pdf")
    assert [len(words) for words in words_found(tmp_path / "b.pdf")] == [1, 0, 1]


def hostile(path):
    """A scan that carries all that acts."""
    image, page = layout_of(["Prie"], 600, 200, 30)
    image.save(path, format="PDF", resolution=150)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        script = pdf.make_indirect(
            pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('non')"))
        )
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("/bin/sh"))
        link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.org"), Next=launch)
        pdf.Root.OpenAction = script
        pdf.Root.AA = pikepdf.Dictionary(WC=script)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]), XFA=pikepdf.String("<x/>"))
        pdf.attachments["charge.exe"] = b"MZ charge"
        pdf.Root.Names.JavaScript = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("x"), script]))
        first = pdf.pages[0]
        first.AA = pikepdf.Dictionary(O=script)

        def note(subtype, **entries):
            rectangle = pikepdf.Array([0, 0, 9, 9])
            return pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name("/" + subtype), Rect=rectangle, **entries
            )

        first.Annots = pikepdf.Array(
            [
                note("Link", A=link),
                pdf.make_indirect(note("Link", A=script)),
                pdf.make_indirect(note("Widget", A=script, AA=pikepdf.Dictionary(E=script))),
                note("FileAttachment"),
            ]
        )
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("un", 0))
            outline.root.append(pikepdf.OutlineItem("deux", 0))
        pdf.Root.Outlines.First.A = script
        pdf.save(path)
    return [page]


ACTS = re.compile(
    rb"JavaScript|app\.alert|/Launch|/bin/sh|/OpenAction|/AcroForm|charge|/FileAttachment|/Widget"
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
def test_nothing_in_the_pdf_acts(tmp_path):
    pages = hostile(tmp_path / "a.pdf")

    def plain(path):
        with pikepdf.open(path) as pdf:
            pdf.save(
                tmp_path / "plain.pdf",
                stream_decode_level=pikepdf.StreamDecodeLevel.all,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
            )
        return (tmp_path / "plain.pdf").read_bytes()

    assert len(set(ACTS.findall(plain(tmp_path / "a.pdf")))) == 9
    write_searchable(tmp_path / "a.pdf", pages, tmp_path / "b.pdf")
    assert ACTS.findall(plain(tmp_path / "b.pdf")) == []
    assert b"https://example.org" in plain(tmp_path / "b.pdf")
    with pikepdf.open(tmp_path / "b.pdf") as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["un", "deux"]
    assert_found(tmp_path / "b.pdf", pages)


def test_disarming_ends_on_a_pdf_that_turns_in_a_circle():
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.Ring = pdf.make_indirect(pikepdf.Dictionary())
        pdf.Root.Ring.Next = pdf.Root.Ring
        deep = pikepdf.Array([])
        for _ in range(300):
            deep = pikepdf.Array([deep])
        pdf.Root.Deep = deep
        disarm(pdf)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html class='ocr_page'>", "no-picture"),
        (b"%PDF-1.7\n", "pdf-broken"),
        (b"\x89PNG\r\n\x1a\n", "image-broken"),
    ],
)
def test_what_has_no_pages_is_refused(tmp_path, data, code):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(Refused) as refused:
        write_searchable(tmp_path / "a", [PageLayout("", 9, 9, ())], tmp_path / "b.pdf")
    assert refused.value.reason.code == code
    assert not (tmp_path / "b.pdf").exists()


def test_an_encrypted_pdf_and_one_of_other_pages_are_refused(tmp_path):
    with pikepdf.open(RAW / "annonce-scannee.pdf") as pdf:
        pdf.save(tmp_path / "a.pdf", encryption=pikepdf.Encryption(owner="x", user="y"))
    for source, code in ((tmp_path / "a.pdf", "pdf-encrypted"), (RAW / "affiche.png", "other-pages")):
        with pytest.raises(Refused) as refused:
            write_searchable(source, [PageLayout("", 9, 9, ())] * 2, tmp_path / "b.pdf")
        assert refused.value.reason.code == code


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path, monkeypatch):
    child = tmp_path / "child"
    program = tmp_path / "hang"
    program.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {child}\nwait\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(searchable, "SECONDS", 1.0)
    monkeypatch.setattr(searchable, "SECONDS_A_PAGE", 0.0)
    with pytest.raises(Refused) as refused:
        write_searchable(RAW / "affiche.png", [PageLayout("", 9, 9, ())], tmp_path / "b.pdf")
    assert refused.value.reason.code == "pdf-timeout"
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", child.read_text().strip()], capture_output=True, text=True, check=False
    )
    assert state.stdout.strip() in ("", "Z")


def test_ocrmypdf_ends_with_the_program_that_started_it(tmp_path):
    child = (
        "import time; from repair.reading.given_words import initialize; initialize(None); print(flush=True)"
    )
    parent = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child + '; time.sleep(600)'!r}],"
        " start_new_session=True, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        pid = started.stdout.readline().strip()
        started.kill()
    for _ in range(100):
        state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False)
        if state.stdout.strip()[:1] in ("", "Z"):
            return
        time.sleep(0.2)
    os.kill(int(pid), signal.SIGKILL)
    pytest.fail("it lives on")


def test_a_program_that_fails_is_told_of(tmp_path, monkeypatch):
    program = tmp_path / "fail"
    program.write_text("#!/bin/sh\necho 'rien ne va' >&2\nexit 15\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(Refused) as refused:
        write_searchable(RAW / "affiche.png", [PageLayout("", 9, 9, ())], tmp_path / "b.pdf")
    assert refused.value.reason.code == "pdf-not-made"
    assert "rien ne va" in refused.value.reason.fr
    assert not (tmp_path / "b.pdf").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
def test_the_source_and_its_folder_are_left_alone(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    pages = hostile(raw / "a.pdf")
    before = (raw / "a.pdf").read_bytes()
    os.chmod(raw, 0o555)  # noqa: S103, PTH101
    write_searchable(raw / "a.pdf", pages, tmp_path / "b.pdf")
    assert (raw / "a.pdf").read_bytes() == before
    assert [path.name for path in raw.iterdir()] == ["a.pdf"]


def loser(text, before, after, probability=0.2):
    start = text.index(before)
    return Edit(
        start, start + len(before), before, after, Kind.REPAIR, "reading-vote", probability, Decision.LEFT
    )


def test_what_lost_is_an_alternative_of_its_word():
    _, page = layout_of(["Prie 1’Office d’aider", "les pays du Sud", "ensemble"], 900, 300, 30)
    text = page.text + "\n"
    losers = [
        loser(text, "Office", "0ffice", 0.1),
        loser(text, "1’Office", "l’Office", 0.3),  # what the repair made of it
        loser(text, "1’Office", "1'0ffice", 0.2),
        loser(text, "les pays", "lespays"),  # not one word
        loser(text, "du", "d u"),
        loser(text, "Sud", ""),
        loser(text, "ensemble", "ensemb1e"),
    ]
    made = Edit(5, 13, "1’Office", "l’Office", Kind.REPAIR, "essai", 1.0, Decision.APPLIED)
    repaired = repaired_layout([page, page], text + text, [made])
    found = word_alternatives([page, page], text + text, repaired, losers)
    office, last = repaired[0].lines[0].words[1], repaired[0].lines[2].words[0]
    assert unicodedata.normalize("NFC", office.text) == "l’Office"
    assert found == {(0, office): ["1'0ffice", "1’0ffice"], (0, last): ["ensemb1e"]}
