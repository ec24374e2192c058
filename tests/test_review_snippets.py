"""The piece of the page beside a doubtful word: that word in the frame, whatever the file; else nothing."""

import hashlib
import io
import struct
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from repair.edits import LedgerError
from repair.layout import Box, PageBox, PageLayout, TextLine, Word, around, page_boxes
from repair.reading import page_picture, read
from repair.reading.engines.engine import EngineFailed
from repair.reading.pages import PIXEL_LIMIT
from repair.reading.pieces import BYTES, WIDTH, Drawer, Pieces
from review.snippets import Snippets

RAW = Path(__file__).parents[1] / "raw"
FONT = Path(pikepdf.__file__).parents[1] / "ocrmypdf" / "data" / "NotoSans-Regular.ttf"
LINES = ("Le conseil municipal se réunit", "chaque premier mardi du mois", "à la mairie de Manosque")
RED = (208, 32, 32)
FRAME = 7
"""Pixels from a word's ink to the outer side of its frame."""


def drawn(lines=LINES, size=(1749, 900), high=45):
    """A page of lines, and what an engine that reads it well says of it."""
    font = ImageFont.truetype(str(FONT), high)
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    made = []
    for number, line in enumerate(lines):
        x, y, words = 120, 100 + 2 * high * number, []
        for word in line.split():
            draw.text((x, y), word, fill=0, font=font)
            words.append(Word(word, Box(*map(round, draw.textbbox((x, y), word, font=font)))))
            x += round(draw.textlength(word + " ", font=font))
        made.append(TextLine(tuple(words)))
    return image, PageLayout("lecteur 1", *size, (tuple(made),))


def boxes_of(pages, reading, word):
    start = reading.index(word)
    return page_boxes(pages, reading, [(start, start + len(word))])[0]


def opened(png):
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        assert not image.info.keys() - {"transparency"}
        return np.asarray(image.convert("RGB")).astype(int)


def framed(png):
    """What a piece has in its frame, in grey; its frame must be there and closed."""
    pixels = opened(png)
    down, across = np.nonzero((pixels == RED).all(axis=2))
    assert len(down), "no frame"
    top, bottom, left, right = down.min(), down.max(), across.min(), across.max()
    assert (pixels[top, left : right + 1] == RED).all()
    assert (pixels[bottom, left : right + 1] == RED).all()
    assert (pixels[top : bottom + 1, left] == RED).all()
    assert (pixels[top : bottom + 1, right] == RED).all()
    return pixels[top + 2 : bottom - 1, left + 2 : right - 1, 0]


def fits(inside, loose=4):
    """Whether the ink in a frame reaches near to all of its sides, and touches none."""
    ink = inside < 140
    down, across = np.nonzero(ink)
    if not len(down):
        return False
    ends = down.min(), across.min(), inside.shape[0] - 1 - down.max(), inside.shape[1] - 1 - across.max()
    return max(ends) <= FRAME + loose and min(ends) >= 1


@pytest.fixture(scope="module")
def pieces():
    made = Pieces()
    yield made
    made.close()


# Where a piece of a reading stands


def test_a_word_has_one_box_and_one_over_a_line_end_has_two():
    _, page = drawn()
    reading = page.text + "\n"
    assert boxes_of([page], reading, "municipal") == (
        PageBox(1, page.width, page.height, *_sides(page.lines[0].words[2].box), LINE),
    )
    assert [box.top for box in boxes_of([page], reading, "réunit\nchaque")] == [
        line.words[place].box.top for line, place in zip(page.lines, (-1, 0), strict=False)
    ]


LINE = 36
"""Pixels of « conseil » and « réunit », which are higher than « Le » and lower than « municipal »."""


def _sides(box):
    return box.left, box.top, box.right, box.bottom


def test_an_insertion_and_a_space_have_the_words_that_they_touch():
    _, page = drawn()
    reading = page.text + "\n"
    at = reading.index(" municipal")
    words = page.lines[0].words
    after_a_word, a_space, in_a_word, at_the_end = page_boxes(
        [page], reading, [(at, at), (at, at + 1), (at + 3, at + 3), (len(reading), len(reading))]
    )
    assert [(box.left, box.right) for box in after_a_word] == [(words[1].box.left, words[1].box.right)]
    assert [(box.left, box.right) for box in a_space] == [(words[1].box.left, words[2].box.right)]
    assert [(box.left, box.right) for box in in_a_word] == [(words[2].box.left, words[2].box.right)]
    assert at_the_end == ()


def test_a_word_without_a_place_is_nowhere():
    _, page = drawn()
    lost = Word("perdu", Box(0, 0, 0, 0)), Word("partout", Box(0, 0, page.width, page.height))
    found = replace(page, blocks=(*page.blocks, (TextLine(lost),)))
    reading = found.text
    assert boxes_of([found], reading, "perdu") == boxes_of([found], reading, "partout") == ()
    assert len(boxes_of([found], reading, "Manosque\n\nperdu")) == 1


def test_pages_are_counted_from_1_and_a_passage_may_go_over_one():
    _, page = drawn()
    reading = f"{page.text}\n{page.text}\n"
    found = page_boxes([page, page], reading, [(len(page.text) - 3, len(page.text) + 3)])[0]
    assert [box.page for box in found] == [1, 2]


def test_words_of_another_reading_have_no_places():
    _, page = drawn()
    with pytest.raises(LedgerError):
        page_boxes([page], page.text.replace("municipal", "général"), [(0, 2)])


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 20)), max_size=5))
def test_each_piece_has_the_places_of_all_its_words_and_of_no_others(spans):
    page = PAGE
    reading = page.text
    spans = [(min(start, len(reading)), min(start + length, len(reading))) for start, length in spans]
    for (start, end), found in zip(spans, page_boxes([page], reading, spans), strict=True):
        at, expected = 0, []
        for line in page.lines:
            touched = []
            for word in line.words:
                at = reading.index(word.text, at)
                if at <= end and at + len(word.text) >= start:
                    touched.append(word.box)
                at += len(word.text)
            if touched:
                expected.append(_sides(around(touched)))
        assert [(box.left, box.top, box.right, box.bottom) for box in found] == expected


_, PAGE = drawn()


# What is drawn


@pytest.mark.parametrize("word", ["municipal", "à", "Manosque", "Le"])
def test_an_image_shows_the_word_in_its_frame(tmp_path, pieces, word):
    image, page = drawn()
    image.save(tmp_path / "page.png")
    png = pieces(tmp_path / "page.png", boxes_of([page], page.text, word))
    assert fits(framed(png))
    assert len(png) <= BYTES
    assert opened(png).shape[1] <= WIDTH


def test_each_page_of_a_tiff_is_found(tmp_path, pieces):
    pages = [drawn(lines) for lines in (("Première page",), ("Les forêts du Lubéron",))]
    first, second = (image for image, _ in pages)
    first.save(tmp_path / "pages.tiff", save_all=True, append_images=[second.convert("RGB")])
    layouts = [page for _, page in pages]
    reading = "\n".join(page.text for page in layouts)
    alone = tmp_path / "alone.png"
    second.save(alone)
    here = pieces(tmp_path / "pages.tiff", boxes_of(layouts, reading, "Lubéron"))
    assert here == pieces(alone, boxes_of(layouts[1:], layouts[1].text, "Lubéron"))
    assert fits(framed(here))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_it_says(tmp_path, pieces, orientation):
    image, page = drawn()
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what makes the photograph of the upright page
    laid = image.transpose(Image.Transpose(back[orientation])) if orientation > 1 else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    laid.save(tmp_path / "page.jpg", quality=95, exif=exif)
    assert fits(framed(pieces(tmp_path / "page.jpg", boxes_of([page], page.text, "municipal"))))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_pdf_shows_its_words_however_it_is_turned(tmp_path, pieces, turn):
    with pikepdf.open(RAW / "note-numerique.pdf") as pdf:
        pdf.pages[0].Rotate = turn
        pdf.save(tmp_path / "note.pdf")
    reading = read(tmp_path / "note.pdf")
    words = [word for line in reading.layout[0].lines for word in line.words]
    chosen = {word.text for word in words if len(word.text) >= 6 and word.text.isalpha()}
    unique = sorted(word for word in chosen if reading.text.count(word) == 1)[:8]
    assert unique
    for word in unique:
        assert fits(framed(pieces(tmp_path / "note.pdf", boxes_of(reading.layout, reading.text, word)))), word


def test_small_and_tall_words_of_a_line_come_at_one_size(tmp_path, pieces):
    image, page = drawn(("au crime long qui finit par étonner même",), (1749, 300), 20)
    image.save(tmp_path / "page.png")
    shown = {
        opened(pieces(tmp_path / "page.png", boxes_of([page], page.text, word))).shape[1]
        for word in ("au", "long")
    }
    heights = [
        framed(pieces(tmp_path / "page.png", boxes_of([page], page.text, word))).shape[0] / box.height
        for word, box in (
            (word.text, word.box) for word in page.lines[0].words if word.text in ("au", "long", "qui")
        )
    ]
    assert len(shown) == 1
    assert max(heights) < 1.4 * min(heights)


def test_a_word_over_a_line_end_has_both_lines_under_one_another(tmp_path, pieces):
    image, page = drawn()
    image.save(tmp_path / "page.png")
    one = opened(pieces(tmp_path / "page.png", boxes_of([page], page.text, "réunit")))
    both = opened(pieces(tmp_path / "page.png", boxes_of([page], page.text, "réunit\nchaque")))
    assert both.shape[0] > 1.8 * one.shape[0]
    assert (both[: one.shape[0], : one.shape[1]] == one).all()
    assert ((both[one.shape[0] :] == RED).all(axis=2)).any()


@pytest.mark.parametrize("high", [12, 45, 300])
def test_letters_come_at_a_size_that_can_be_read(tmp_path, pieces, high):
    image, page = drawn(("Le conseil", "municipal"), (400 + 40 * high, 200 + 10 * high), high)
    image.save(tmp_path / "page.png")
    inside = framed(pieces(tmp_path / "page.png", boxes_of([page], page.text, "municipal")))
    assert 30 <= inside.shape[0] <= 90


@pytest.mark.parametrize("wide", [1, 50, 4000, 9999])
def test_noise_and_wrong_boxes_give_no_more_than_a_piece_may_weigh(tmp_path, pieces, wide):
    noise = np.random.default_rng(7).integers(0, 256, (3000, 10_000), np.uint8)
    Image.fromarray(noise).save(tmp_path / "bruit.png", compress_level=1)
    box = PageBox(1, 10_000, 3000, 0, 700, wide, 730, 30)
    png = pieces(tmp_path / "bruit.png", [box, replace(box, bottom=2900), box, box, box, box])
    assert len(png) <= BYTES
    assert opened(png).shape[1] <= WIDTH


def test_the_same_file_gives_the_same_bytes(tmp_path, pieces):
    image, page = drawn()
    boxes = boxes_of([page], page.text, "premier")
    found = set()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        image.save(tmp_path / folder / "page.png")
        found.add(pieces(tmp_path / folder / "page.png", boxes))
        found.add(Drawer()((tmp_path / folder / "page.png", boxes)))
    assert len(found) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["affiche.png", "annonce-scannee.pdf"])
def test_what_ocr_read_is_what_the_frame_holds(pieces, name):
    reading = read(RAW / name)
    words = [word for page in reading.layout for line in page.lines for word in line.words]
    unique = [word.text for word in words if len(word.text) > 4 and reading.text.count(word.text) == 1]
    good = 0
    for word in unique:
        inside = framed(pieces(RAW / name, boxes_of(reading.layout, reading.text, word)))
        across = np.nonzero(inside < 140)[1]
        good += len(across) > 0 and across.max() - across.min() >= 0.8 * inside.shape[1]
    assert len(unique) > 15
    assert good >= 0.95 * len(unique)


# What has no picture, or must not be opened


def test_a_text_a_layout_file_and_a_picture_of_another_size_have_no_piece(tmp_path, pieces):
    image, page = drawn()
    boxes = boxes_of([page], page.text, "municipal")
    (tmp_path / "texte.txt").write_text("Le conseil municipal")
    (tmp_path / "page.hocr").write_text("<html><body class='ocr_page'>municipal</body></html>")
    image.resize((400, 300)).save(tmp_path / "autre.png")
    for name in ("texte.txt", "page.hocr", "autre.png", "absent.png"):
        assert pieces(tmp_path / name, boxes) is None, name
    assert pieces(tmp_path / "texte.txt", []) is None


def test_a_page_that_is_not_there_has_no_piece(tmp_path, pieces):
    image, page = drawn()
    image.save(tmp_path / "page.png")
    (box,) = boxes_of([page], page.text, "municipal")
    assert pieces(tmp_path / "page.png", [replace(box, page=2)]) is None
    assert pieces(RAW / "note-numerique.pdf", [replace(box, page=99)]) is None


def test_files_made_to_harm_have_no_piece_and_the_next_one_has(tmp_path, pieces):
    image, page = drawn()
    image.save(tmp_path / "page.png")
    boxes = boxes_of([page], page.text, "municipal")
    side = int(PIXEL_LIMIT**0.5) + 10
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    (tmp_path / "bombe.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + bytes(100))
    (tmp_path / "coupee.png").write_bytes((tmp_path / "page.png").read_bytes()[:900])
    (tmp_path / "coupe.pdf").write_bytes((RAW / "note-numerique.pdf").read_bytes()[:9000])
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_000, 14_000))
        pdf.save(tmp_path / "geant.pdf")
    for name in ("bombe.png", "coupee.png", "coupe.pdf", "geant.pdf"):
        assert pieces(tmp_path / name, [replace(boxes[0], width=side, height=side)]) is None, name
        assert pieces(tmp_path / "page.png", boxes) is not None


def test_a_page_that_never_ends_or_kills_its_process_has_no_piece(pieces, monkeypatch):
    for error in (EngineFailed("tué"), EngineFailed("trop long")):
        with monkeypatch.context() as patch:
            patch.setattr(pieces._helper, "ask", _raise(error))
            assert pieces(RAW / "affiche.png", [PageBox(1, 2, 2, 0, 0, 1, 1, 1)]) is None


def _raise(error):
    def ask(question, seconds):
        raise error

    return ask


def test_pages_are_kept_but_not_without_end(tmp_path):
    asked = []

    def picture(path, number):
        asked.append(number)
        return Image.new("L", (9000, 5000), 255)

    drawer = Drawer(picture)
    (tmp_path / "page.png").touch()
    box = PageBox(1, 9000, 5000, 10, 10, 200, 60, 50)
    for number in (1, 1, 2, 2, 1, 3, 4):
        drawer((tmp_path / "page.png", (replace(box, page=number),)))
    assert asked == [0, 1, 2, 3]
    assert len(drawer._pages) == 2


# What the desk asks


class Draws:
    """Draws nothing, and tells what it was asked."""

    def __init__(self, size=10):
        self.asked, self.size = [], size

    def __call__(self, file, boxes):
        self.asked.append(file)
        return bytes(self.size)


BOX = PageBox(1, 100, 100, 10, 10, 30, 20, 10)


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    (folder / "lot").mkdir(parents=True)
    (folder / "lot" / "page.png").write_bytes(b"image")
    return folder


SUM = hashlib.sha256(b"image").hexdigest()


def test_the_raw_file_must_be_the_one_of_the_release(raw):
    draws = Draws()
    snippets = Snippets(raw, draws)
    file = raw / "lot" / "page.png"
    assert snippets.piece("lot/page.png", SUM, [BOX]) == bytes(10)
    file.write_bytes(b"autre")
    assert snippets.piece("lot/page.png", SUM, [BOX]) is None
    file.unlink()
    assert snippets.piece("lot/page.png", SUM, [BOX]) is None
    file.write_bytes(b"image")
    assert snippets.piece("lot/page.png", SUM, [BOX]) == bytes(10)
    assert len(draws.asked) == 1  # the last one was kept


def test_nothing_is_opened_outside_the_raw_folder(raw):
    (raw.parent / "secret.png").write_bytes(b"image")
    (raw / "lien.png").symlink_to(raw.parent / "secret.png")
    draws = Draws()
    snippets = Snippets(raw, draws)
    for path in (
        "../secret.png",
        str(raw.parent / "secret.png"),
        "lien.png",
        "lot",
        "lot/../../secret.png",
        "a\0b",
    ):
        assert snippets.piece(path, SUM, [BOX]) is None, path
    assert not draws.asked


def test_without_boxes_the_file_is_not_even_opened(raw):
    draws = Draws()
    assert Snippets(raw / "absent", draws).piece("lot/page.png", SUM, ()) is None
    assert not draws.asked


def test_pieces_are_kept_up_to_a_bound_and_the_oldest_goes(raw):
    draws = Draws(size=10)
    snippets = Snippets(raw, draws, kept_bytes=25)
    boxes = [replace(BOX, left=left) for left in (1, 2, 3)]
    for box in (boxes[0], boxes[1], boxes[0], boxes[2]):  # the second is the oldest now
        snippets.piece("lot/page.png", SUM, [box])
    assert len(draws.asked) == 3
    snippets.piece("lot/page.png", SUM, [boxes[0]])
    assert len(draws.asked) == 3
    snippets.piece("lot/page.png", SUM, [boxes[1]])
    assert len(draws.asked) == 4
    assert snippets._bytes == sum(map(len, snippets._pieces.values())) == 20


def test_several_curators_may_ask_at_once(raw):
    image, page = drawn()
    image.save(raw / "page.png")
    digest = hashlib.sha256((raw / "page.png").read_bytes()).hexdigest()
    pieces = Pieces()
    snippets = Snippets(raw, pieces)
    words = page.text.split()
    found = {}

    def ask(word):
        found[word] = snippets.piece("page.png", digest, boxes_of([page], page.text, word))

    threads = [threading.Thread(target=ask, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pieces.close()
    drawer = Drawer(page_picture)
    for word in words:
        assert found[word] == drawer((raw / "page.png", boxes_of([page], page.text, word))), word
