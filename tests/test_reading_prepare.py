"""The prepared copy: how far it was turned is found again, and every place finds its way back."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocr_fakes import line_of, page_of
from PIL import Image, ImageDraw, ImageFont

from repair.layout import Box
from repair.reading.engines.prepare import Prepared, prepare, skew, whiten, x_height

TEXT = """Nous avons vu les forêts de la Provence
brûler pendant tout un été, et les villages
furent sauvés par la pluie de septembre.
Le maire écrivit au préfet ; le préfet ne
répondit pas, ou bien il répondit trop tard,
et chacun rentra chez soi sans rien dire.
On compta les arbres, on compta les bêtes,
et l'on sut enfin ce que l'on avait perdu."""


@pytest.fixture(scope="module")
def page() -> Image.Image:
    paper = Image.new("L", (1000, 900), 255)
    ink = ImageDraw.Draw(paper)
    for row in range(2):
        ink.text((90, 60 + 400 * row), TEXT, 0, ImageFont.load_default(34), spacing=14)
    return paper


def turned(page: Image.Image, angle: float) -> Image.Image:
    """The page, its lines falling to the right by so many degrees."""
    return page.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("angle", [-3.5, -2.03, -1, -0.5, -0.2, 0.2, 0.38, 1, 1.63, 3.5])
def test_the_skew_of_a_page_is_found_within_a_tenth_of_a_degree(page, angle):
    assert skew(turned(page, angle)) == pytest.approx(angle, abs=0.1)


def test_an_upright_page_is_not_turned(page, tmp_path):
    assert skew(page) == 0.0
    page.save(tmp_path / "a.png")
    copy = prepare(tmp_path / "a.png", tmp_path / "b.png", None)
    with Image.open(copy.path) as same:
        assert same.tobytes() == whiten(page).tobytes()


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_page_of_one_shade_has_no_skew(shade):
    assert skew(Image.new("L", (700, 900), shade)) == 0.0


def dots(width: int, height: int, places: list[tuple[int, int]], angle: float) -> Image.Image:
    """Marks of 13 pixels on white paper, all turned with it."""
    paper = Image.new("L", (width, height), 255)
    for x, y in places:
        ImageDraw.Draw(paper).rectangle((x - 6, y - 6, x + 6, y + 6), fill=0)
    return turned(paper, angle)


def centre(image: Image.Image, near: tuple[float, float]) -> tuple[float, float]:
    """The middle of the mark near a place."""
    x, y = (round(value) for value in near)
    window = 255 - np.asarray(image.crop((x - 30, y - 30, x + 30, y + 30)), dtype=np.float64)
    down, across = np.indices(window.shape)
    return x - 30 + (across * window).sum() / window.sum(), y - 30 + (down * window).sum() / window.sum()


@settings(max_examples=25)
@given(
    st.integers(600, 1400),
    st.integers(600, 1400),
    st.floats(-3.9, 3.9),
    st.none() | st.floats(6, 60),
)
def test_places_find_their_way_back(tmp_path_factory, width, height, angle, letters):
    folder = tmp_path_factory.mktemp("page")
    places = [(x, y) for x in (120, width // 2, width - 120) for y in (120, height // 2, height - 120)]
    image = dots(width, height, places, angle)
    image.save(folder / "a.png")
    # The copy is turned as a page whose skew was found.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("repair.reading.engines.prepare.skew", lambda grey: angle)
        copy = prepare(folder / "a.png", folder / "b.png", letters)
    scale = 1.0 if letters is None else min(3.0, max(0.4, 24 / letters))
    with Image.open(copy.path) as upright:
        # In the copy the marks stand where they stood before the page was turned, but for the scale.
        scale = upright.width / width
        for x, y in places:
            found = centre(upright, (x * scale, y * scale))
            assert math.dist(found, (x * scale, y * scale)) < 2 * max(1.0, scale)
            half = 6 * scale
            box = copy.box(
                Box(
                    round(found[0] - half),
                    round(found[1] - half),
                    round(found[0] + half),
                    round(found[1] + half),
                )
            )
            there = (box.left + box.right) / 2, (box.top + box.bottom) / 2
            true = centre(image, there)
            assert math.dist(there, true) < 3
            assert box.width == pytest.approx(12, abs=4)
            assert box.height == pytest.approx(12, abs=4)


@pytest.mark.parametrize(
    ("height", "scale"), [(6, 3.0), (12, 2.0), (24, 1.0), (25, 1.0), (48, 0.5), (90, 0.4)]
)
def test_letters_are_brought_to_their_size_within_bounds(page, tmp_path, height, scale):
    page.save(tmp_path / "a.png")
    copy = prepare(tmp_path / "a.png", tmp_path / "b.png", height)
    with Image.open(copy.path) as image:
        assert image.size == (round(1000 * scale), round(900 * scale))
    assert copy.box(Box(0, 0, *image.size)) == Box(0, 0, 1000, 900)


def test_a_reading_of_the_copy_comes_back_whole_and_on_the_page():
    copy = Prepared(None, (0.5, 0.0, -10.0, 0.0, 0.5, 0.0), 500, 400)
    read = page_of("tesseract 5", "Les forêts de la Provence ont brûlé pendant tout un été")
    back = copy.layout(read)
    assert (back.text, back.width, back.height) == (read.text, 500, 400)
    assert back.engine == "tesseract 5 prepared"
    for one, other in zip(back.lines[0].words, read.lines[0].words, strict=True):
        assert one.confidence == other.confidence
        assert 0 <= one.box.left <= one.box.right <= 500
        assert one.box.left == min(500, other.box.left // 2 - 10)


def test_the_height_of_a_small_x():
    low = page_of("", [line_of(" ".join(["nous", "verrons", "encore", "vos", "mers"] * 3))])
    assert x_height(low) == 59
    assert x_height(page_of("", [line_of("nous verrons Paris")])) is None  # too few
    assert x_height(page_of("", [line_of(" ".join(["l'été"] * 30))])) is None  # all are higher
    assert x_height(page_of("")) is None


def test_shaded_paper_comes_out_white_and_ink_stays(page):
    down, across = np.indices((900, 1000))
    shade = 0.45 + 0.5 * across / 1000 - 0.2 * down / 900
    shaded = Image.fromarray((np.asarray(page) * shade).astype(np.uint8))
    white = np.asarray(whiten(shaded))
    paper, ink = np.asarray(page) == 255, np.asarray(page) == 0
    assert np.percentile(np.asarray(shaded)[paper], 50) < 180
    assert np.percentile(white[paper], 5) > 240
    assert np.percentile(white[ink], 95) < 30


@pytest.mark.parametrize(
    ("size", "mode"),
    [
        ((1, 1), "L"),
        ((1, 1), "1"),
        ((3, 2), "RGB"),
        ((1, 3000), "L"),
        ((3000, 1), "1"),
        ((60, 40), "L"),
        ((800, 600), "1"),
        ((800, 600), "L"),
        ((800, 600), "RGB"),
    ],
)
@pytest.mark.parametrize("shade", ["white", "black"])
@pytest.mark.parametrize("letters", [None, 2.0, 500.0])
def test_blank_black_tiny_and_narrow_pages(tmp_path, size, mode, shade, letters):
    Image.new(mode, size, shade).save(tmp_path / "a.png")
    copy = prepare(tmp_path / "a.png", tmp_path / "b.png", letters)
    with Image.open(copy.path) as image:
        image.load()
        assert image.mode == "L"
        assert min(image.size) >= 1
        if shade == "white":
            assert image.getextrema() == (255, 255)
    assert copy.back[1] == copy.back[3] == 0  # not turned
    back = copy.box(Box(0, 0, *image.size))
    assert (back.left, back.top) == (0, 0)
    assert (back.right, back.bottom) == pytest.approx(size, abs=1)


def test_a_page_of_two_colours_is_turned_like_any(page, tmp_path):
    turned(page, 1.5).convert("1").save(tmp_path / "a.png")
    copy = prepare(tmp_path / "a.png", tmp_path / "b.png", None)
    assert math.degrees(math.asin(copy.back[3])) == pytest.approx(1.5, abs=0.1)
