"""A text without places, found on the pages of a scan: pages made by hand, texts as they come."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repair.document import Refused
from repair.edits import Decision
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading import read
from repair.reading.layouts.write import write_hocr
from repair.reading.scans import ONLY_ON_PAGE, Seen, join_seen
from repair.reading.votes.shares import shares
from repair.reading.votes.vote import vote
from repair.reading.votes.witness import TEXT, TRANSCRIPT, Reconciled, text_witness

PAGES = (
    (
        "Nous avons déjà eu l’occasion de dire que la commu-",
        "nauté de famille est propriétaire en ce pays. Nous",
        "allons voir comment elle se gouverne, et quels sont",
        "les droits que la coutume reconnaît à son chef.",
        "12",
        "Le plus ancien des frères succède au père défunt ;",
        "il ne peut ni vendre ni donner les biens communs.",
    ),
    (
        "Chaque ménage reçoit sa part de la récolte, et les",
        "femmes gardent en propre leur dot et leurs bijoux.",
        "Quand la maison devient trop étroite, un partage se",
        "fait devant les anciens du village assemblés.",
    ),
    (
        "Les prairies et les forêts restent indivises entre",
        "tous les habitants de la vallée ; chacun y mène ses",
        "troupeaux depuis la fonte des neiges jusqu’à la fin",
        "de septembre, sans redevance aucune.",
    ),
)
OTHER = (
    "Vu le règlement intérieur du conseil, le président lève la séance après lecture du procès-verbal ;\n"
    "quatre délégations prennent acte du budget modifié. Aucun vote n’est demandé sur ce projet d’accord.\n"
)


def printed(lines: tuple[str, ...], engine: str = "tesseract 5.3.0 fra") -> PageLayout:
    """A page on which a sign is 10 pixels wide and a line 30 high."""
    found = []
    for number, line in enumerate(lines):
        words, at = [], 0
        for word in line.split():
            words.append(
                Word(word, Box(50 + 10 * at, 40 * number, 50 + 10 * (at + len(word)), 40 * number + 30), 0.9)
            )
            at += len(word) + 1
        found.append(TextLine(tuple(words)))
    return PageLayout(engine, 1000, 40 * len(lines) + 40, (tuple(found),))


def text_of(*pages: tuple[str, ...]) -> str:
    return "\n".join(line for page in pages for line in page) + "\n"


def reconciled(text: str, *pages: tuple[str, ...]) -> Reconciled:
    return text_witness(text, [printed(page) for page in pages])


def said(found: Reconciled, page: int = 0) -> list[str]:
    witness = found.witnesses[page]
    assert witness is not None
    return [line.text for line in witness.lines]


def test_the_same_text_has_the_places_of_the_page() -> None:
    page = printed(PAGES[0])
    found = text_witness(text_of(PAGES[0]), [page])
    assert found.same
    assert found.likeness > 0.95
    assert found.only_in_text == found.only_on_pages == ()
    witness = found.witnesses[0]
    assert witness is not None
    assert [(w.text, w.box) for x in witness.lines for w in x.words] == [
        (w.text, w.box) for x in page.lines for w in x.words
    ]


def test_a_damaged_text_keeps_its_own_words() -> None:
    damaged = text_of(PAGES[0]).replace("é", "e").replace("l’", "1'").replace("reconnaît à", "reconnait a")
    found = reconciled(damaged, PAGES[0])
    assert said(found)[0] == "Nous avons deja eu 1'occasion de dire que la commu-".replace("deja", "dejà")
    assert said(found)[3] == "les droits que la coutume reconnait a son chef."
    assert found.only_in_text == found.only_on_pages == ()


def test_lines_in_another_order_are_found() -> None:
    lines = PAGES[0]
    assert said(reconciled(text_of(lines[5:], lines[:5]), lines)) == list(lines)


def test_other_line_ends_and_hyphens_are_those_of_the_page() -> None:
    flowing = " ".join(PAGES[0]).replace("commu- nauté", "communauté")
    assert said(reconciled(flowing, PAGES[0])) == list(PAGES[0])


@pytest.mark.parametrize("printed_word", ["propriétaire", "peut-être"])
def test_a_word_that_the_text_breaks_is_whole_where_the_page_has_it_whole(printed_word: str) -> None:
    lines = (f"nauté de famille est {printed_word} en ce pays. Nous",)
    first, rest = printed_word[:5], printed_word[5:]
    assert said(
        reconciled(f"nauté de famille est {first.rstrip('-')}-\n{rest} en ce pays. Nous", lines)
    ) == list(lines)


def test_a_missing_paragraph_is_told() -> None:
    found = reconciled(text_of(PAGES[0][:4]), PAGES[0])
    assert [(page, line.text) for page, line in found.only_on_pages] == [(0, line) for line in PAGES[0][5:]]
    assert found.only_in_text == ()
    found = reconciled(text_of(PAGES[0]), PAGES[0][:4])
    (span,) = found.only_in_text
    assert text_of(PAGES[0])[slice(*span)].split("\n")[-2:] == list(PAGES[0][5:])
    assert found.only_on_pages == ()


def test_words_of_another_column_within_a_line_are_told_and_not_heard() -> None:
    text = text_of(PAGES[0]).replace("le se gou", "le se glaciers qui fondent gou")
    found = reconciled(text, PAGES[0])
    assert said(found)[2] == PAGES[0][2]
    assert [text[slice(*span)] for span in found.only_in_text] == ["glaciers qui fondent"]


def test_a_page_that_one_side_lacks_is_told() -> None:
    found = reconciled(text_of(PAGES[0], PAGES[2]), *PAGES)
    assert [witness is None for witness in found.witnesses] == [False, True, False]
    assert [(page, line.text) for page, line in found.only_on_pages] == [(1, line) for line in PAGES[1]]
    text = text_of(*PAGES)
    found = reconciled(text, PAGES[0], PAGES[2])
    assert [text[slice(*span)] for span in found.only_in_text] == ["\n".join(PAGES[1])]
    assert said(found, 1) == list(PAGES[2])


@pytest.mark.parametrize("text", ["", " \n\f\n", "|", OTHER, "x" * 1_000_000, "mot " * 250_000])
def test_what_is_not_of_the_pages_is_no_witness(text: str) -> None:
    found = reconciled(text, *PAGES)
    assert not found.same
    assert found.witnesses == (None, None, None)
    assert len(found.only_on_pages) == sum(len(page) for page in PAGES) - 1  # "12" is not missed
    assert bool(found.only_in_text) == (len(text) > 100)


def test_a_page_within_one_line_of_a_million_signs_is_found() -> None:
    others = " ".join(f"paragraphe numéro {number} d’un autre volume" for number in range(25_000))
    text = others[:500_000] + " " + " ".join(PAGES[1]) + " " + others[500_000:]
    found = reconciled(text, PAGES[1])
    assert said(found) == list(PAGES[1])
    assert len(found.only_in_text) == 2


def test_no_pages() -> None:
    assert reconciled(text_of(PAGES[0])).witnesses == ()


def test_a_good_text_outvotes_a_bad_scan_and_a_bad_text_does_not_outvote_a_good_scan() -> None:
    good = text_of(PAGES[0])
    bad = good.replace("oc", "0e").replace("ui", "iii").replace("ml", "rnl").replace("en", "cu")
    spoilt = printed(tuple(bad.splitlines()))
    reading = printed(PAGES[0])
    scan = printed(PAGES[0], "rapidocr 3")
    (heard,) = text_witness(good, [spoilt]).witnesses
    assert heard is not None
    assert heard.engine == TRANSCRIPT
    assert vote([spoilt, heard]).page.text.split() == good.split()
    (heard,) = text_witness(bad, [reading]).witnesses
    assert heard is not None
    assert heard.engine == TEXT
    assert vote([reading, heard]).page.text.split() == good.split()
    assert vote([reading, scan, heard]).page.text.split() == good.split()


def test_a_text_with_most_words_wrong_is_found_and_not_heard() -> None:
    wrong = text_of(PAGES[0]).translate(str.maketrans("aeit", "ocjf"))
    found = reconciled(wrong, PAGES[0])
    assert found.same
    assert found.witnesses == (None,)
    assert found.only_on_pages == ()


WORDS = st.lists(st.text("abdeéilmnorstuv’,-", min_size=1, max_size=12), min_size=1, max_size=60)


@given(WORDS, st.integers(10, 60), st.integers(10, 90), st.randoms(use_true_random=False))
def test_a_witness_has_words_of_the_text_in_order_within_the_page(
    words: list[str], wide: int, other: int, chance: object
) -> None:
    page = printed(tuple(broken(words, wide)))
    damaged = [word for word in words if chance.random() > 0.1]  # type: ignore[attr-defined]
    found = text_witness("\n".join(broken(damaged, other)), [page])
    for witness in filter(None, found.witnesses):
        assert all(word.text for x in witness.lines for word in x.words)
        for line in witness.lines:
            assert in_order("".join(line.text.split()).replace("-", ""), "".join(damaged).replace("-", ""))
            assert all(one.box.left <= two.box.left for one, two in pairwise(line.words))
            for word in line.words:
                box = word.box
                assert 0 <= box.left < box.right <= page.width
                assert 0 <= box.top < box.bottom <= page.height
        vote([page, witness])


def broken(words: list[str], wide: int) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > wide:
            lines.append("")
        lines[-1] += f" {word}"
    return [line.strip() for line in lines if line]


def in_order(part: str, whole: str) -> bool:
    return part in whole


@given(st.text(), st.lists(st.text(), max_size=4))
def test_shares_are_in_the_text(text: str, pages: list[str]) -> None:
    found = shares(text, pages)
    assert len(found) == len(pages)
    assert all(0 <= start <= end <= len(text) for start, end in found)


def test_shares_follow_the_pages() -> None:
    pages = [" ".join(page) for page in PAGES]
    text = "\n".join(pages)
    for (start, end), page in zip(shares(text, pages), pages, strict=True):
        assert page in text[start:end]


# With other files of the document, and in the ledger.


def scanned(folder: Path) -> Path:
    """A scan as another program read it, two pages."""
    path = folder / "acte.hocr"
    path.write_bytes(write_hocr([printed(page) for page in PAGES[:2]], ()))
    return path


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("acte.txt", b"", "is empty"),
        ("acte.txt", b" \n\n", "only white space"),
        ("acte.md", bytes(range(256)) * 10, ""),
        ("acte.txt", b"PK\x03\x04 ceci est un classeur", "ZIP"),
        ("acte.xml", b"<alto><Layout><Page>", ""),
        ("acte.xml", b"<?xml version='1.0'?><TEI><text/></TEI>", "except hOCR, ALTO and PAGE"),
        ("acte.html", b"<!doctype html><html><body>Acte</body></html>", "except hOCR, ALTO and PAGE"),
    ],
    ids=["empty", "blank", "binary", "zip", "half", "tei", "web"],
)
def test_a_witness_that_cannot_be_read_is_done_without_and_told(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    base = scanned(tmp_path)
    (tmp_path / name).write_bytes(data)
    good = tmp_path / "bon.txt"
    good.write_text(text_of(*PAGES[:2]).replace("Nous avons", "Vous avez"), encoding="utf-8")
    reading = read(base, None, [tmp_path / name, good])
    (remark,) = reading.remarks
    assert remark.code == "witness-unreadable"
    assert f"“{name}”" in remark.en
    assert f"« {name} »" in remark.fr
    assert said in remark.en
    assert replace(reading, remarks=()) == read(base, None, [good])  # the good one is heard as if alone
    assert read(base, None, [good]) != read(base)


def test_a_base_that_cannot_be_read_is_refused_whatever_stands_beside_it(tmp_path: Path) -> None:
    base = scanned(tmp_path)
    base.write_bytes(base.read_bytes()[:200])
    good = tmp_path / "acte.txt"
    good.write_text(text_of(*PAGES[:2]), encoding="utf-8")
    with pytest.raises(Refused):
        read(base, None, [good])


def test_a_line_that_only_the_page_has_is_told_where_it_stands() -> None:
    """And nothing else is: not what the text has too, nor anything of a text of another document."""
    pages = [Seen((printed(page),)) for page in PAGES[:2]]
    missing = PAGES[1][1]
    reading = join_seen(pages, [text_of(PAGES[0], (PAGES[1][0], *PAGES[1][2:]))])
    found = [edit for edit in reading.losers if edit.rule == ONLY_ON_PAGE]
    assert [(edit.before, edit.after, edit.decision) for edit in found] == [(missing, "", Decision.LEFT)]
    (edit,) = found
    assert reading.text[edit.start : edit.end] == missing
    assert reading.pages[1] < edit.start == reading.text.index(missing)
    for text in (text_of(*PAGES[:2]), OTHER):
        losers = join_seen(pages, [text]).losers
        assert [edit for edit in losers if edit.rule == ONLY_ON_PAGE] == []
