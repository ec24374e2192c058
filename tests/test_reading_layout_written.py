"""Layout written: read back it is the same, and repaired text stands on its boxes."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from repair.edits import Decision, Edit, Kind, LedgerError, apply
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.layouts.files import read_layout
from repair.reading.layouts.repaired import repaired_layout
from repair.reading.layouts.write import Step, write_alto, write_hocr
from repair.reading.pages import join_pages

STEPS = (Step("prote", "0.1.0", "réparation & <mise>"), Step("prote", "0.1.0"))
CATEGORIES = ["contentGeneration", "contentModification", "contentModification"]
UNHELD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def boxes() -> st.SearchStrategy[Box]:
    side = st.integers(0, 9000)
    return st.builds(
        lambda left, top, width, height: Box(left, top, left + width, top + height), side, side, side, side
    )


def pages(signs: st.SearchStrategy[str]) -> st.SearchStrategy[list[PageLayout]]:
    words = st.builds(
        Word,
        st.text(signs, min_size=1, max_size=8),
        boxes(),
        st.integers(0, 10_000).map(lambda share: share / 10_000),
    )
    lines = st.builds(TextLine, st.lists(words, min_size=1, max_size=4).map(tuple))
    blocks = st.lists(lines, min_size=1, max_size=3).map(tuple)
    size = st.integers(1, 20_000)
    page = st.builds(
        PageLayout, st.just("lecteur 1.2 fra"), size, size, st.lists(blocks, max_size=3).map(tuple)
    )
    return st.lists(page, min_size=1, max_size=3)


ANY = st.characters().filter(lambda char: not char.isspace())
LETTERS = st.sampled_from("abcé’-<&")


def back(folder: Path, data: bytes) -> list[PageLayout]:
    path = folder / "page"
    path.write_bytes(data)
    return read_layout(path)[0]


@pytest.mark.parametrize("write", [write_alto, write_hocr])
@settings(max_examples=60, deadline=None)
@given(given_pages=pages(ANY | LETTERS))
def test_what_is_written_reads_back(tmp_path_factory, write, given_pages):
    held = [
        PageLayout(
            page.engine,
            page.width,
            page.height,
            tuple(
                tuple(
                    TextLine(
                        tuple(
                            Word(UNHELD.sub("\ufffd", word.text), word.box, word.confidence)
                            for word in line.words
                        )
                    )
                    for line in block
                )
                for block in page.blocks
            ),
        )
        for page in given_pages
    ]
    assert back(tmp_path_factory.getbasetemp(), write(given_pages, STEPS)) == held


WORD = Word("l’été", Box(1, 2, 30, 12), 0.5)
PAGES = [
    PageLayout("lecteur 1", 90, 90, (((TextLine((WORD, Word("va", Box(40, 2, 50, 12))))),),)),
    PageLayout("autre 2", 90, 90, ((TextLine((WORD,)),),)),
]


def test_alto_names_its_steps_and_what_lost():
    root = etree.fromstring(write_alto(PAGES[:1], STEPS, {(0, WORD): ["lété", "<été>"]}))
    space = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
    assert root.xpath("//a:softwareName/text()", namespaces=space) == ["lecteur", "prote", "prote"]
    assert root.xpath("//a:softwareVersion/text()", namespaces=space) == ["1", "0.1.0", "0.1.0"]
    assert root.xpath("//a:processingStepDescription/text()", namespaces=space) == ["réparation & <mise>"]
    assert root.xpath("//a:processingCategory/text()", namespaces=space) == CATEGORIES
    assert root.xpath("//a:ALTERNATIVE/text()", namespaces=space) == ["lété", "<été>"]
    assert root.xpath("//a:String[a:ALTERNATIVE]/@CONTENT", namespaces=space) == ["l’été"]
    # Each reference leads to one place.
    names = root.xpath("//@ID")
    assert len(names) == len(set(names))
    assert set(root.xpath("string(//a:Page/@PROCESSINGREFS)", namespaces=space).split()) < set(names)


def test_alto_keeps_the_engine_of_each_page(tmp_path):
    assert back(tmp_path, write_alto(PAGES, STEPS)) == PAGES


def test_hocr_names_its_steps():
    data = write_hocr(PAGES, STEPS).decode()
    assert 'content="lecteur 1; autre 2"' in data
    assert 'content="prote 0.1.0: réparation &amp; &lt;mise&gt;"' in data


def test_ocrmypdf_reads_our_hocr(tmp_path):
    """What makes searchable PDFs of hOCR takes ours: words, places and confidences."""
    from ocrmypdf.hocrtransform.hocr_parser import HocrParser

    path = tmp_path / "page.hocr"
    path.write_bytes(write_hocr(PAGES[:1], STEPS))
    waiting, found = [HocrParser(path).parse()], []
    while waiting:
        element = waiting.pop()
        waiting += element.children[::-1]
        if element.ocr_class == "ocrx_word":
            box = element.bbox
            found.append((element.text, (box.left, box.top, box.right, box.bottom), element.confidence))
    assert found == [("l’été", (1, 2, 30, 12), 0.5), ("va", (40, 2, 50, 12), 1.0)]


def edit(start: int, before: str, after: str, decision: Decision = Decision.APPLIED) -> Edit:
    return Edit(start, start + len(before), before, after, Kind.REPAIR, "essai", 1.0, decision)


def one_page(*lines: str) -> PageLayout:
    """A page whose signs are 10 pixels wide, and whose lines are 10 high."""
    made = []
    for number, line in enumerate(lines):
        words = re.finditer(r"\S+", line)
        made.append(
            TextLine(
                tuple(
                    Word(
                        word.group(),
                        Box(10 * word.start(), 10 * number, 10 * word.end(), 10 * number + 10),
                        0.5,
                    )
                    for word in words
                )
            )
        )
    return PageLayout("essai", 500, 500, (tuple(made),))


@pytest.mark.parametrize(
    ("lines", "edits", "found"),
    [
        (["de l'eau"], [(4, "'", "’")], [["de 0-20", "l’eau 30-80"]]),
        (["del'eau"], [(2, "", " ")], [["de 0-20", "l'eau 20-70"]]),
        (["exem ple bon"], [(4, " ", "")], [["exemple 0-80", "bon 90-120"]]),
        (["de || l'eau"], [(3, "|| ", "")], [["de 0-20", "l'eau 60-110"]]),
        (["de || l'eau"], [(2, " ||", "")], [["de 0-20", "l'eau 60-110"]]),
        (["de || l'eau"], [(0, "de || l'eau", "de l'eau")], [["de 0-20", "l'eau 60-110"]]),
        (["il beau"], [(3, "", "fait ")], [["il 0-5", "fait 8-20", "beau 30-70"]]),
        (["beau"], [(0, "", "il fait ")], [["il 0-6", "fait 10-23", "beau 26-40"]]),
        (["beau jour"], [(0, "", "il ")], [["il 0-11", "beau 17-40", "jour 50-90"]]),
        (["rnot à rnot"], [(0, "rn", "m"), (7, "rn", "m")], [["mot 0-40", "à 50-60", "mot 70-110"]]),
        (["exem-", "ple bon"], [(4, "-\n", "")], [["exemple 0-50", "bon 40-70"]]),
        (["a exem-", "plairement"], [(6, "-\n", "")], [["a 0-10", "exemplairement 0-100"]]),
        (["un", "|", "deux"], [(3, "|\n", "")], [["un 0-20"], ["deux 0-40"]]),
        (["un deux"], [(2, " ", "\n")], [["un 0-20"], ["deux 30-70"]]),
        (["un"], [(2, "", "\ndeux")], [["un 0-20"], ["deux 0-20"]]),
        (["un"], [(0, "un", "")], []),
    ],
)
def test_repaired_words_stand_on_their_boxes(lines, edits, found):
    page = one_page(*lines)
    reading, _ = join_pages([page.text])
    (repaired,) = repaired_layout([page], reading, [edit(*one) for one in edits])
    assert [
        [f"{word.text} {word.box.left}-{word.box.right}" for word in line.words] for line in repaired.lines
    ] == found


def test_what_was_not_applied_changes_nothing():
    page = one_page("de l'eau")
    left = [edit(0, "de", "du", Decision.REVIEW)]
    assert repaired_layout([page], "de l'eau\n", left) == [page]


def test_another_reading_is_refused():
    with pytest.raises(LedgerError, match="not the reading"):
        repaired_layout([one_page("de l'eau")], "de l’eau\n", [])


@settings(max_examples=200, deadline=None)
@given(
    given_pages=pages(LETTERS),
    seed=st.integers(0, 2**32),
    after=st.lists(st.text(st.sampled_from("ab é\n"), max_size=6), max_size=8),
)
def test_lines_are_those_of_the_diplomatic_edition(given_pages, seed, after):
    reading, _ = join_pages(page.text for page in given_pages)
    places = random.Random(seed)  # noqa: S311 - places, not secrets
    cuts = sorted(places.choices(range(len(reading) + 1), k=2 * len(after)))
    edits = [
        edit(start, reading[start:end], new)
        for start, end, new in zip(cuts[::2], cuts[1::2], after, strict=True)
    ]
    repaired = repaired_layout(given_pages, reading, edits)
    diplomatic = apply(reading, edits)
    words = [line.split() for line in diplomatic.split("\n")]
    assert [[word.text for word in line.words] for page in repaired for line in page.lines] == [
        line for line in words if line
    ]
    assert len(repaired) == len(given_pages)
    read = {word for page in given_pages for line in page.lines for word in line.words}
    holding = [word.box for word in read] or [Box(0, 0, given_pages[0].width, given_pages[0].height)]
    for page in repaired:
        assert all(page.blocks)
        for word in (word for line in page.lines for word in line.words):
            assert word.box.width >= 0
            assert word.box.left >= min(box.left for box in holding)
            assert word.box.bottom <= max(box.bottom for box in holding)


@settings(max_examples=50, deadline=None)
@given(given_pages=pages(LETTERS))
def test_without_repairs_pages_are_as_they_were(given_pages):
    reading, _ = join_pages(page.text for page in given_pages)
    assert repaired_layout(given_pages, reading, []) == given_pages
