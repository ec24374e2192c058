"""Files made to mislead, fill the memory or break a reader: each is read, or refused with its reason."""

import io
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from hostile_scans import actions, packed, picture, png, png_chunk, saved, scan, tiff, wanting, zeros
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocr_fakes import Fake, page_of
from PIL import Image

from repair.document import Reading, Refused
from repair.reading import read
from repair.reading.pages import PIXEL_LIMIT

RAW = Path(__file__).parents[1] / "raw"
TEXT = "Les forêts de la Provence"


class Looks(Fake):
    """An engine that opens what it is given, as each does, and reads the same on every page."""

    def __init__(self, name: str) -> None:
        super().__init__(name, page_of(name, TEXT))
        self.sizes: list[tuple[int, int]] = []
        self.modes: list[str] = []

    def read(self, image, seconds):
        with Image.open(image) as page:
            page.load()
            self.sizes.append(page.size)
            self.modes.append(page.mode)
        return super().read(image, seconds)


@pytest.fixture
def engines(tmp_path_factory, monkeypatch):
    """No page is read here: what reaches the engines is looked at; temporary files must be gone."""
    first, second = Looks("tesseract 5"), Looks("rapidocr 3")
    monkeypatch.setattr("repair.reading.engines.reader.Tesseract", lambda: first)
    monkeypatch.setattr("repair.reading.engines.reader.rapidocr", lambda: second)
    own = tmp_path_factory.mktemp("own")
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    yield second
    assert list(own.iterdir()) == []


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def code_of(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read(path)
    reason = refused.value.reason
    assert reason.fr != reason.en
    assert len(reason.fr) > 20
    return reason.code


WHOLE = {
    "scan.pdf": (saved(scan()), "pdf-broken"),
    "page.png": (packed(picture(), "PNG"), "image-broken"),
    "page.jpg": (packed(picture(), "JPEG"), "image-broken"),
    "page.tif": (packed(picture(), "TIFF", compression="tiff_lzw"), "image-broken"),
    "pages.tif": (packed(picture(), "TIFF", save_all=True, append_images=[picture()]), "image-broken"),
    "page.webp": (packed(picture(), "WEBP", lossless=True), "image-broken"),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.usefixtures("engines")
def test_whole_files_are_read_and_cut_ones_refused(tmp_path, name):
    data, code = WHOLE[name]
    assert TEXT in read(put(tmp_path, name, data)).text
    for tenth in range(1, 10):
        cut = code_of(put(tmp_path, name, data[: len(data) * tenth // 10]))
        # A tenth of the WebP is too short to tell what it was.
        assert cut == code or (name, tenth, cut) == ("page.webp", 1, "binary-content"), tenth


@pytest.mark.parametrize("name", ["scan.png", "scan.txt", "scan.tif", "page.pdf", "page.txt", "page.jpg"])
@pytest.mark.usefixtures("engines")
def test_a_false_name_misleads_nobody(tmp_path, name):
    data = saved(scan()) if name.startswith("scan") else packed(picture(), "PNG")
    assert read(put(tmp_path, name, data)).text == TEXT + "\n"


def test_a_text_called_an_image_is_a_text(tmp_path):
    for name in ("lettre.png", "lettre.tif", "lettre.pdf"):
        reading = read(put(tmp_path, name, TEXT.encode()))
        assert (reading.text, reading.engine) == (TEXT, "text")


def test_a_pdf_behind_a_password_and_one_without_pages_are_refused(tmp_path):
    secret = saved(scan(), encryption=pikepdf.Encryption(user="mot de passe", owner="o"))
    assert code_of(put(tmp_path, "a.png", secret)) == "pdf-encrypted"
    pdf = scan()
    del pdf.pages[0]
    assert code_of(put(tmp_path, "a.pdf", saved(pdf))) == "pdf-no-pages"


@pytest.mark.parametrize("action", actions(Path("x")))
@pytest.mark.usefixtures("engines")
def test_what_a_scan_wants_to_do_is_not_done(tmp_path, action):
    marker = tmp_path / "executed"
    pdf = wanting(actions(marker)[action], scan())
    assert read(put(tmp_path, "a.pdf", saved(pdf))).text == TEXT + "\n"
    assert not marker.exists()


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [
        (14400, 144, ""),  # 200 inches, the most that Acrobat makes
        (14400, 14400, "page-too-large"),
        (1e9, 1e9, "page-too-large"),
        (0.01, 0.01, "no-text-found"),
        (3, 200, ""),
    ],
)
def test_pages_of_any_size(tmp_path, engines, width, height, code):
    path = put(tmp_path, "a.pdf", saved(scan(width, height)))
    if code:
        assert code_of(path) == code
        assert engines.sizes == []
    else:
        found = outcome(path)  # on one pixel the made-up words have no place
        assert TEXT in found.text if isinstance(found, Reading) else found == "no-text-found"
        ((across, down),) = engines.sizes
        assert 1 <= across * down <= PIXEL_LIMIT


@pytest.mark.slow
def test_a_page_just_under_the_bound_is_read(tmp_path, engines):
    side = 13340 / 300 * 72
    assert 0.99 * PIXEL_LIMIT < 13341**2 < PIXEL_LIMIT
    assert read(put(tmp_path, "a.pdf", saved(scan(side, side)))).text == TEXT + "\n"
    assert engines.sizes == [(13341, 13341)]


def test_a_page_without_an_image_or_with_a_broken_one(tmp_path, engines):
    assert code_of(put(tmp_path, "a.pdf", saved(scan(contents=b" ")))) == "no-text-found"
    assert engines.sizes == []
    pdf = scan()
    pdf.pages[0].Resources.XObject.Im.write(b"\xff\xd8\xff nothing", filter=pikepdf.Name.DCTDecode)
    assert isinstance(outcome(put(tmp_path, "b.pdf", saved(pdf))), Reading | str)


def outcome(path: Path) -> Reading | str:
    """The reading of a file, or the code of its refusal; anything else fails the test."""
    try:
        return read(path)
    except Refused as refusal:
        return refusal.reason.code


@pytest.mark.parametrize("bits", [1, 2, 8, 16])
@pytest.mark.usefixtures("engines")
def test_a_png_of_20000_by_20000_is_refused_unread(tmp_path, bits):
    side = 20_000
    path = put(tmp_path, "a.png", png(side, bits, zeros(side * (side // 8 + 1) if bits == 1 else side)))
    assert code_of(path) == "image-too-large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (tiff(100_000, 100_000), "image-too-large"),
        (tiff(2**32 - 1, 2**32 - 1), "image-too-large"),
        (tiff(10_000, 10_000), "image-broken"),
        (tiff(10_000, 10_000, compression=8, strip=zlib.compress(bytes(10))), "image-broken"),
        (tiff(0, 0), "image-broken"),
        (tiff(8, 1, next_at=2**31), "image-broken"),
    ],
    ids=["large", "larger", "lying", "lying packed", "nothing", "next page nowhere"],
)
@pytest.mark.usefixtures("engines")
def test_tiffs_that_lie(tmp_path, data, code):
    assert code_of(put(tmp_path, "a.tif", data)) == code


def test_a_tiff_whose_pages_go_round_ends(tmp_path, engines):
    data = tiff(8, 1)
    start = struct.unpack("<I", data[4:8])[0]
    path = put(tmp_path, "a.tif", tiff(8, 1, next_at=start))
    assert outcome(path) is not None
    assert engines.asked  # not with the file, whose pages never end
    assert path not in {image for image, _ in engines.asked}


@pytest.mark.usefixtures("engines")
def test_one_broken_page_of_a_tiff_refuses_all(tmp_path):
    pages = [picture().rotate(angle) for angle in (0, 3, 7)]
    data = packed(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]
    bad = data[:start] + b"\xff" * length + data[start + length :]
    assert code_of(put(tmp_path, "a.tif", bad)) == "image-broken"


KINDS = {
    "1 × 1": (Image.new("L", (1, 1)), "PNG", {}),
    "1 × 5000": (Image.new("1", (1, 5000)), "TIFF", {}),
    "16 bits": (Image.new("I;16", (700, 200), 65535), "PNG", {}),
    "16 bits, TIFF": (Image.new("I;16", (700, 200), 65535), "TIFF", {}),
    "32 bits": (Image.new("I", (700, 200), 65535), "TIFF", {}),
    "floats": (Image.new("F", (700, 200), 255.0), "TIFF", {}),
    "CMYK": (Image.new("CMYK", (700, 200), (0, 0, 0, 0)), "TIFF", {}),
    "CMYK, JPEG": (Image.new("CMYK", (700, 200), (0, 0, 0, 0)), "JPEG", {}),
    "Lab": (Image.new("LAB", (700, 200), (255, 128, 128)), "TIFF", {}),
    "palette": (Image.new("L", (700, 200), 255).convert("P"), "PNG", {"transparency": 255}),
    "grey and clear": (Image.new("LA", (700, 200), (0, 0)), "PNG", {}),
    "clear": (Image.new("RGBA", (700, 200), (0, 0, 0, 0)), "PNG", {}),
    "clear colour": (Image.new("RGB", (700, 200), (1, 2, 3)), "PNG", {"transparency": (1, 2, 3)}),
    "clear, WebP": (Image.new("RGBA", (700, 200), (0, 0, 0, 0)), "WEBP", {"lossless": True}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_colour_model_reaches_the_engines_as_plain_ink_on_paper(tmp_path, engines, monkeypatch, kind):
    image, form, options = KINDS[kind]
    lightest = []
    looked = Looks.read

    def look(self, path, seconds):
        with Image.open(path) as page:
            lightest.append(page.convert("L").getextrema())
        return looked(self, path, seconds)

    monkeypatch.setattr(Looks, "read", look)
    assert TEXT in read(put(tmp_path, "a", packed(image, form, **options))).text
    assert engines.sizes == [image.size]
    assert set(engines.modes) <= {"1", "L", "RGB"}
    if image.width > 1:  # all of these are white, or nothing at all
        assert lightest[0][0] >= 250


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
    st.booleans(),
)
@pytest.mark.usefixtures("engines")
def test_changed_bytes_give_a_reading_or_a_refusal(tmp_path, name, changes, early):
    data = bytearray(WHOLE[name][0])
    for share, value in changes:
        data[int(share * (min(400, len(data)) if early else len(data)))] = value
    found = outcome(put(tmp_path, name, bytes(data)))
    assert isinstance(found, Reading) or found in (
        "pdf-broken", "pdf-encrypted", "pdf-no-pages", "page-too-large", "image-broken", "image-too-large",
        "no-text-found", "binary-content", "unsupported-type", "too-many-pages", "blank-text",
    )  # fmt: skip


MEMORY = """
import resource, sys
from pathlib import Path
from repair.document import Refused
from repair.reading import read
import repair.reading.image, repair.reading.pdf

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read(Path(sys.argv[1]))
except Refused as refusal:
    print(refusal.reason.code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "tiff", "deep png", "pdf"])
def test_a_bomb_takes_little_memory(tmp_path, kind):
    path = tmp_path / "bombe"
    if kind == "png":
        Image.MAX_IMAGE_PIXELS, bound = None, Image.MAX_IMAGE_PIXELS
        Image.new("1", (20_000, 20_000)).save(path, "PNG")
        Image.MAX_IMAGE_PIXELS = bound
    elif kind == "tiff":
        pages = [Image.new("1", (20_000, 20_000))]
        pages[0].save(path, "TIFF", compression="group4")
    elif kind == "deep png":
        # Text that unpacks to a gigabyte, before the pixels.
        chunk = png_chunk(b"zTXt", b"Comment\0\0" + zeros(2**30))
        data = packed(picture(), "PNG")
        path.write_bytes(data[:33] + chunk + data[33:])
    else:
        path.write_bytes(saved(scan(14400, 14400)))
    command = [sys.executable, "-c", MEMORY, str(path)]
    out = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=True, cwd=RAW.parent
    ).stdout
    code, megabytes = out.split()
    assert code in ("image-too-large", "page-too-large", "image-broken")
    assert int(megabytes) < 100
