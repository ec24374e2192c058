"""Layout files: what other engines wrote is read as it stands, and hostile ones are refused with a reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from repair.document import Refused
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading import read
from repair.reading.layouts import files as layout_file
from repair.reading.layouts.files import read_layout
from repair.reading.layouts.hocr import read_hocr
from repair.reading.layouts.places import FARTHEST

CASES = json.loads((Path(__file__).parent / "cases/reading/layout_files.json").read_text(encoding="utf-8"))

HOCR = (
    "<html xmlns='http://www.w3.org/1999/xhtml'><head><meta name='ocr-system' content='essai'/></head><body>"
    "<div class='ocr_page' title='bbox 0 0 90 90'><span class='ocr_line' title='bbox 0 0 80 9'>"
    "{}</span></div></body></html>"
)
ALTO = (
    "<alto xmlns='http://www.loc.gov/standards/alto/ns-v4#'><Layout><Page WIDTH='90' HEIGHT='90'><PrintSpace>"
    "<TextBlock ID='b'><TextLine><String CONTENT='{}' HPOS='0' VPOS='0' WIDTH='80' HEIGHT='9'/></TextLine>"
    "</TextBlock></PrintSpace></Page></Layout></alto>"
)
PAGE = (
    "<PcGts xmlns='http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15'>"
    "<Page imageWidth='90' imageHeight='90'><TextRegion id='r'><TextLine id='l'><Coords points='0,0 80,9'/>"
    "<TextEquiv><Unicode>{}</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"
)
FILES = {"hocr": HOCR, "alto": ALTO, "page": PAGE}


def write(folder: Path, data: str | bytes, name: str = "essai.txt") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def layout(engine: str, pages: list) -> list[PageLayout]:
    return [
        PageLayout(
            engine,
            width,
            height,
            tuple(
                tuple(
                    TextLine(tuple(Word(text, Box(*box), sure) for text, *box, sure in line))
                    for line in block
                )
                for block in blocks
            ),
        )
        for width, height, blocks in pages
    ]


def text_or_refusal(path: Path) -> str:
    """The text of a file, or the code of its refusal."""
    try:
        return read(path).text
    except Refused as refused:
        return refused.reason.code


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_engines_write(tmp_path, case):
    pages, kind, _ = read_layout(write(tmp_path, case["file"]))
    engine = "" if case["engine"] == kind == "hocr" else case["engine"]
    assert pages == layout(engine, case["pages"])
    assert kind == case["kind"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_layout_file_is_a_document(tmp_path, case):
    reading = read(write(tmp_path, case["file"]))
    pages = read_layout(write(tmp_path, case["file"]))[0]
    ends = [*reading.pages[1:], len(reading.text)]
    assert [
        reading.text[start:end].removesuffix("\n") for start, end in zip(reading.pages, ends, strict=True)
    ] == [page.text for page in pages]
    assert (reading.engine, reading.encoding, reading.markup) == (case["engine"], "", ())


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.html", "a.hocr", "a.alto.xml", "a"])
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_content_decides_not_the_name(tmp_path, file, name):
    assert read(write(tmp_path, file.format("été"), name)).text == "été\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_encodings_declared(tmp_path, file, encoding):
    data = f"<?xml version='1.0' encoding='{encoding}'?>\n{file.format('l’été')}"
    if encoding == "iso-8859-1":
        data = data.replace("’", "´")
    pages, _, found = read_layout(write(tmp_path, data.encode(encoding)))
    assert pages[0].text == ("l´été" if encoding == "iso-8859-1" else "l’été")
    assert found == encoding


def test_html_in_the_encoding_it_declares(tmp_path):
    data = "<html><head><meta charset='windows-1252'><body>" + HOCR.split("<body>")[1].format("l’œil<br>")
    assert read(write(tmp_path, data.encode("cp1252"))).text == "l’œil\n"
    with pytest.raises(Refused, match="damaged"):
        read(write(tmp_path, data.replace("windows-1252", "utf-8").encode("cp1252")))


@pytest.mark.parametrize(
    "data",
    [
        "<!DOCTYPE html><html><body>Un saxophone alto, PcGts</body></html>",
        "<html><p class='ocr_line'>Texte</html>",
        "<?xml version='1.0'?><TEI xmlns='http://www.tei-c.org/ns/1.0'><text>alto ocr_page</text></TEI>",
        "<?xml version='1.0'?><alto xmlns='http://example.org/choir'><Page/></alto>",
        "<?xml version='1.0'?><PcGts xmlns='http://example.org/'><Page/></PcGts>",
        "<?xml version='1.0'?><!-- <alto> --><svg/>",
        "<?xml version='1.0'?>",
    ],
)
def test_other_markup_is_refused(tmp_path, data):
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, data, "a.alto.xml"))
    assert refused.value.reason.code == "unsupported-type"


def bomb(levels: int) -> str:
    declared = "".join(
        f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" if level else "<!ENTITY a0 'boum'>"
        for level in range(levels)
    )
    return f"<!DOCTYPE x [{declared}]>"


def with_doctype(doctype: str, file: str, content: str) -> str:
    return f"<?xml version='1.0'?>{doctype}{file.format(content)}"


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
@pytest.mark.parametrize(
    ("doctype", "content"),
    [
        (bomb(9), "&a8;"),
        (bomb(30), "&a29;"),
        (bomb(2), "rien"),
        ("<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>", "&f;"),
        ("<!DOCTYPE x [<!ENTITY f SYSTEM 'http://127.0.0.1:9/'>]>", "&f;"),
        ("<!DOCTYPE x [<!ENTITY % f SYSTEM 'file:///etc/passwd'> %f;]>", "mot"),
    ],
    ids=["bomb", "deep-bomb", "declared", "file", "network", "parameter"],
)
def test_entities_are_refused(tmp_path, file, doctype, content):
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, with_doctype(doctype, file, content)))
    assert refused.value.reason.code == "xml-unsafe"


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_document_type_elsewhere_is_not_fetched(tmp_path, file):
    (tmp_path / "secret.dtd").write_text("<!ENTITY f 'secret'>", encoding="utf-8")
    data = with_doctype(f"<!DOCTYPE x SYSTEM '{tmp_path}/secret.dtd'>", file, "mot &f;")
    assert read(write(tmp_path, data)).text in ("mot\n", "mot &f;\n")


def test_inclusions_are_not_followed(tmp_path):
    secret = write(tmp_path, "secret", "secret.txt")
    include = f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' parse='text' href='{secret}'/>"
    for file in (HOCR, PAGE):
        assert read(write(tmp_path, file.format(f"mot {include}"))).text == "mot\n"


@pytest.mark.parametrize("file", [HOCR, PAGE], ids=["hocr", "page"])
def test_ten_thousand_levels(tmp_path, file):
    data = file.format("<span>" * 10_000 + "mot" + "</span>" * 10_000)
    assert text_or_refusal(write(tmp_path, data)) == "xml-broken"


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_text_of_eleven_million_signs_is_not_cut_off(tmp_path, file):
    text = text_or_refusal(write(tmp_path, file.format("é" * 11_000_000)))
    assert text == "xml-broken" or len(text) == 11_000_001


def test_lines_in_lines_and_words_in_words_are_read_once(tmp_path):
    nested = "<span class='ocr_line' title='bbox 0 0 9 9'>" * 100 + "<span class='ocrx_word'>" * 100
    data = HOCR.format(nested + "mot" + "</span>" * 200)
    assert [len(line.words) for line in read_layout(write(tmp_path, data))[0][0].lines] == [1]


@pytest.mark.parametrize("share", range(1, 10))
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_was_cut_off_is_refused(tmp_path, case, share):
    data = case["file"].encode()
    with pytest.raises(Refused) as refused:
        read(write(tmp_path, data[: len(data) * share // 10]))
    assert refused.value.reason.code in ("xml-broken", "unsupported-type", "blank-text")


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
@pytest.mark.parametrize("declared", ["utf-16", "utf-7", "nonsense", "ascii"])
def test_a_wrong_encoding_is_refused_or_read(tmp_path, file, declared):
    data = f"<?xml version='1.0' encoding='{declared}'?>{file.format('été')}"
    assert text_or_refusal(write(tmp_path, data)) in ("xml-broken", "été\n")


@pytest.mark.parametrize(
    "place", ["-1 -1 -1 -1", "9 9 0 0", "1 2 3", "1e9 0 0 0", "9999999999 0 9999999999 9", ""]
)
def test_nonsense_boxes_of_hocr(place):
    word = f"<span class='ocrx_word' title='bbox {place}; x_wconf nan'>mot</span>"
    (page,) = read_hocr(HOCR.format(word).encode())
    (found,) = page.lines[0].words
    assert (found.text, found.confidence) == ("mot", 1.0)
    assert 0 <= found.box.left <= found.box.right <= FARTHEST
    assert 0 <= found.box.top <= found.box.bottom <= FARTHEST


def test_too_large_and_too_many(tmp_path, monkeypatch):
    path = write(tmp_path, ALTO.format("mot"))
    monkeypatch.setattr(layout_file, "LAYOUT_LIMIT", 100)
    with pytest.raises(Refused, match="too large"):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr(layout_file, "PAGE_LIMIT", 0)
    with pytest.raises(Refused, match="1 pages"):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr("repair.reading.layouts.xml.MOST_MEMORY", 1500)
    with pytest.raises(Refused, match="too many tags"):
        read(path)


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_pages_without_text_are_refused(tmp_path, file):
    with pytest.raises(Refused, match="No text"):
        read(write(tmp_path, file.format(" ")))


def test_text_alone_does_not_pay_for_xml(tmp_path):
    path = write(tmp_path, "Du texte.")
    code = (
        "import sys; from pathlib import Path; from repair.reading import read;"
        f"read(Path({str(path)!r})); sys.exit('lxml' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("broken", ['<ilities"><b>la</b></ilities">', "<a:b:c>la</a:b:c>"])
def test_elements_with_names_that_are_none_are_read(tmp_path, broken):
    """Found by `make fuzz`: a page cut in the midst of a word has such elements."""
    word = f"<span class='ocrx_word' title='bbox 0 0 9 9'>{broken}</span>"
    assert read(write(tmp_path, HOCR.format(word))).text.strip() == "la"
    assert text_or_refusal(write(tmp_path, f"<html>{broken}</html>"))
