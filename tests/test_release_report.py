"""The report's pages: both languages, every difference in its place, and no trust in any text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from hypothesis import given, settings
from lxml.html import HtmlElement
from release_documents import (
    HIDDEN,
    REPAIRS,
    drawn_documents,
    find_edits,
    make_document,
    make_outcome,
    make_outcomes,
    publish,
)

from release.ledger import line_spans
from release.origins import Origin
from release.pages import corpus, html
from release.pages import document as document_pages
from release.pages.marks import Line, Mark, blocks, mark, run_over, shorten
from release.rows import DocumentRow, document_row
from release.sums import Sums
from repair.document import Document, Outcome, Reason, Source, Status
from repair.edits import Decision, Edit, Kind, applied, compose

HOSTILE = (
    "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> </title></style><svg onload=alert(1)> "
    "{{ 7*7 }} {% raw %} javascript:alert(1) "
    "\u202etxet desrever\u202c \u2066\x00\x07\x1b[31m &lt;b&gt; ]]> <!--"
)


def row_of(outcome: Outcome) -> DocumentRow:
    return document_row(outcome, Origin("CC-BY-4.0", HOSTILE), "0123")


def document_html(outcome: Outcome) -> str:
    return "".join(document_pages.document_page(outcome, row_of(outcome)))


NO_SUMS = Sums()


def index_html(outcomes: list[Outcome], sums: Sums = NO_SUMS) -> str:
    return "".join(corpus.corpus_page(map(row_of, outcomes), {"prote": HOSTILE}, sums))


def hostile_outcomes() -> list[Outcome]:
    words = HOSTILE.replace("\x00", "")
    reasons = (Reason("hostile", HOSTILE, HOSTILE),)
    document = make_document(
        "mal#?%\"'<b>&\u202e",
        f"Avant Etats {HOSTILE}\nune {words} fin",
        [("Etats", HOSTILE, Decision.APPLIED), (words, "x", Decision.REVIEW)],
        [("\n", HOSTILE, Decision.APPLIED)],
        (),
    )
    edit = Edit(0, 5, "Avant", HOSTILE, Kind.REPAIR, HOSTILE, 0.5, Decision.REVIEW)
    document = Document(
        **{name: getattr(document, name) for name in document.__slots__}
        | {"repairs": (edit, *document.repairs), "profile": HOSTILE}
    )
    source = Source("refusé", HOSTILE, HOSTILE, 1)
    return [
        Outcome(document.source, Status.REVIEW, reasons, document),
        Outcome(source, Status.QUARANTINE, reasons, None),
    ]


def parse(page: str) -> HtmlElement:
    return lxml.html.document_fromstring(page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))


def all_pages() -> Iterator[tuple[str, str]]:
    for label, outcomes in (("plain", make_outcomes()), ("hostile", hostile_outcomes())):
        yield f"{label} index", index_html(outcomes)
        for outcome in outcomes:
            yield f"{label} {outcome.source.name!a}", document_html(outcome)


PAGES = dict(all_pages())
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


@each_page
def test_only_our_style_and_script_are_in_a_page(page: str) -> None:
    tree = parse(page)
    known = {
        "html", "head", "meta", "title", "style", "script", "body", "header", "main", "footer",
        "div", "section", "nav", "h1", "h2", "p", "a", "span", "bdi", "br", "ul", "ol", "li", "dl",
        "dt", "dd", "small", "em", "strong", "code", "table", "caption", "thead", "tbody", "tr",
        "th", "td", "form", "fieldset", "legend", "label", "input", "select", "option", "button",
        "svg", "rect", "polygon", "polyline", "details", "summary", "blockquote", "del", "ins",
        "mark",
    }  # fmt: skip
    assert {element.tag for element in tree.iter()} <= known
    assert [len(tree.findall(f".//{tag}")) for tag in ("script", "style")] == [1, 1]
    names = {name for element in tree.iter() for name in element.attrib}
    assert not [
        name for name in names if name.startswith("on") or name in ("style", "src", "srcset", "action")
    ]
    assert "<!--" not in page


@each_page
def test_the_policy_allows_exactly_our_style_and_script(page: str) -> None:
    tree = parse(page)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    sums = {
        tag: base64.b64encode(hashlib.sha256(tree.find(f".//{tag}").text.encode()).digest()).decode()
        for tag in ("style", "script")
    }
    # The pieces of scans stand in the pages of documents.
    images = "" if 'id="documents"' in page else "img-src data:; "
    assert policy == (
        f"default-src 'none'; {images}style-src 'sha256-{sums['style']}'; "
        f"script-src 'sha256-{sums['script']}'; base-uri 'none'; form-action 'none'"
    )
    # The policy counts for what stands after it alone.
    assert page.index("Content-Security-Policy") < page.index("<style>")


@each_page
def test_signs_that_cannot_be_seen_are_shown_by_their_numbers(page: str) -> None:
    assert set(page) & set("\u202e\u202c\u2066\x00\x07\x1b") == set()


@each_page
def test_both_languages_stand_side_by_side(page: str) -> None:
    tree = parse(page)
    assert tree.get("lang") == "fr"
    french = tree.xpath("//span[@class='fr']")
    assert french
    for span in french:
        assert span.get("lang") == "fr"
        assert (span.getnext().get("class"), span.getnext().get("lang")) == ("en", "en")
    assert len(french) == len(tree.xpath("//span[@class='en']"))
    # Without JavaScript English is hidden and no dead button is shown.
    assert ":root:not(.english) .en, :root.english .fr { display: none; }" in tree.find(".//style").text
    assert tree.get_element_by_id("language").get("hidden") is not None
    assert tree.find(".//title").get("data-en")


def test_hostile_text_is_shown_as_text() -> None:
    shown = HOSTILE
    for char in "\u202e\u202c\u2066\x00\x07\x1b":
        shown = shown.replace(char, f"U+{ord(char):04X}")
    tree = parse(PAGES[next(name for name in PAGES if "mal#" in name)])
    assert shown in tree.get_element_by_id("repairs").text_content()
    assert shown in tree.get_element_by_id("doubts").text_content()
    assert shown in tree.xpath("//section[contains(@class, 'box')]")[0].text_content()
    assert "49" not in tree.xpath("//section[contains(@class, 'box')]")[0].text_content()


def test_links_lead_to_files_of_the_release(tmp_path: Path) -> None:
    data = publish([*make_outcomes(), *hostile_outcomes()], tmp_path, versions={}).data
    followed = 0
    for page in data.glob("report/**/*.html"):
        tree = parse(page.read_text())
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        for address in tree.xpath("//@href"):
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc, parts.query) == ("", "", ""), address
            if parts.path:
                # A browser that opens it through `current` knows nothing of the folder above data/.
                target = (page.parent / unquote(parts.path)).resolve()
                assert target.is_file(), address
                assert target.is_relative_to(data.resolve())
            else:
                assert parts.fragment in ids, address
            followed += 1
    assert followed > 40


def test_the_index_puts_those_in_need_first() -> None:
    tree = parse(PAGES["plain index"])
    names = [cell.text_content() for cell in tree.xpath("//table[@id='documents']//a")]
    assert names == ["secret", "vide", "Éàü notes", "rapport", "index"]
    lede = " ".join(tree.xpath("//p[@class='lede']")[0].text_content().split())
    assert "2 publiés" in lede
    assert "2 en quarantaine" in lede
    assert "1 correction douteuse attend" in lede
    figures = [element.text_content().split() for element in tree.xpath("//dl/div/dd")]
    assert figures[2] == ["4"]


def test_damage_of_the_corpus_is_of_its_words() -> None:
    tree = parse(index_html(make_outcomes()[:3]))
    words = sum(outcome.document.after.words for outcome in make_outcomes()[:3] if outcome.document)
    damage = tree.xpath("//dl/div[1]/dd/span[@class='en']")
    assert [element.text for element in damage[:2]] == [f"{800 / words:.1f}%", f"{100 / words:.1f}%"]


def test_an_index_of_nothing() -> None:
    assert "Aucun document" in index_html([])


def test_differences_stand_in_their_lines() -> None:
    tree = parse(PAGES["plain 'rapport'"])
    line = tree.get_element_by_id("L2")
    words = line.xpath("./summary/span[@class='words']")[0]
    assert "".join(words.itertext()) == "a lutterà lutter contre le crime ; il doit étreêtre"
    assert [element.text for element in words.xpath("./del | ./ins")] == [
        "a lutter",
        "à lutter",
        "étre",
        "être",
    ]
    assert "rule-repair" in line.text_content()
    assert "97,0" in line.text_content()
    assert "lexique" in line.text_content()
    assert tree.get_element_by_id("L3").xpath("./summary/span[@class='words']/mark/text()") == ["fagon"]
    doubt = tree.get_element_by_id("doubts")
    assert "entendu de fagon équitable." in doubt.text_content()
    assert doubt.xpath(".//a/@href") == ["#L3"]
    text = tree.xpath("//section[@id='text']//span[@class='words']")[0]
    assert text.text_content() == (
        "1. Prie l’Office d’aider les Etats Membres⏎ à lutter contre le crime ;crime⍽; il doit être"
        "⏎ entendu de fagon équitable."
    )


def test_what_was_left_is_not_marked() -> None:
    tree = parse(PAGES["plain 'rapport'"])
    assert "Etats" in tree.get_element_by_id("L1").text_content()
    assert not [element for element in tree.xpath("//del | //mark") if element.text == "Etats"]


def test_the_style_of_the_page_is_shown_with_what_the_profile_makes_of_it() -> None:
    tree = parse(document_html(make_outcome(make_document())))
    rows = [
        [cell.text_content() for cell in row.findall("td")]
        for row in tree.findall(".//section[@id='style']//tbody/tr")
    ]
    assert [row[0] for row in rows] == ["espace avant\xa0%space before %", "guillemetsquotation marks"]
    assert [row[1] for row in rows] == ["sans espaceno space 6", '« 3, " 1']
    assert [row[2] for row in rows] == ["insécableno-break 6", "« 4"]
    assert [("contredit" in row[3], "le change" in row[3]) for row in rows] == [(True, False), (False, True)]


def test_a_page_of_quarantine_has_reasons_and_no_text() -> None:
    secret, refused = PAGES["plain 'secret'"], PAGES["plain 'vide'"]
    assert HIDDEN not in secret
    assert "Il reste des dommages." in secret
    assert "Damage is left." in secret
    assert "Le fichier est vide." in refused
    assert "n’est pas montré ici" in refused
    assert "<del" not in secret + refused


def many(count: int) -> Outcome:
    text = "Les Etats.\nRien.\nRien.\nRien.\nRien.\nRien.\nRien.\nRien.\n\n" * count
    doubts = count // 2
    changes = [("Etats", "États", Decision.APPLIED)] * (count - doubts) + [
        ("Etats", "États", Decision.REVIEW)
    ] * doubts
    return make_outcome(make_document("gros", text, changes, (), ()))


def test_a_long_document_is_cut_short_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_pages, "CHANGED_SHOWN", 30)
    monkeypatch.setattr(document_pages, "DOUBTS_SHOWN", 10)
    monkeypatch.setattr(document_pages, "PARAGRAPHS_SHOWN", 20)
    monkeypatch.setattr(document_pages, "FOLDED_SIGNS", 100)
    tree = parse(document_html(many(50)))
    assert len(tree.xpath("//section[@id='repairs']//details[summary[@class='line two']]")) == 30
    assert "not shown here (20)" in tree.get_element_by_id("repairs").text_content()
    assert "lignes 4 à 7, sans changement" in tree.get_element_by_id("repairs").text_content()
    assert len(tree.xpath("//li[@class='doubt']")) == 10
    assert "(15)" in tree.xpath("//section[@id='doubts']/p")[-1].text_content()
    assert len(tree.xpath("//div[@class='para paragraph']")) == 20
    assert "(430)" in tree.xpath("//section[@id='text']/p")[-1].text_content()


def test_a_page_is_whole_where_it_can_be() -> None:
    tree = parse(document_html(many(50)))
    assert len(tree.xpath("//li[@class='doubt']")) == 25
    assert len(tree.xpath("//section[@id='repairs']//span[@class='no']")) == 450
    assert "non montrée" not in tree.text_content()


def test_a_huge_document_gives_a_page_of_bounded_size() -> None:
    assert len(document_html(many(6_000))) < 1.3 * len(document_html(many(3_000)))
    line = "mot " * 200_000 + "Etats " + "mot " * 200_000
    page = document_html(make_outcome(make_document("long", line, REPAIRS[1:2], (), ())))
    assert len(page) < 100_000
    assert "signes" in page


def test_a_long_corpus_is_cut_short_and_the_index_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "ROWS_SHOWN", 3)
    tree = parse(index_html(make_outcomes()))
    names = [cell.text_content() for cell in tree.xpath("//table[@id='documents']//a")]
    assert names == ["secret", "vide", "Éàü notes"]
    assert tree.xpath("//main//p[@class='note']")[0].xpath(".//a/@href") == ["../README.md"]
    assert tree.xpath("//p[@class='lede']")[0].text_content().split()[0] == "5"


@pytest.mark.parametrize(
    ("share", "fr", "en"),
    [
        (0.0, "0 %", "0%"),
        (1.0, "100 %", "100%"),
        (0.0839, "8,4 %", "8.4%"),
        (0.0002, "< 0,1 %", "< 0.1%"),
        (0.9999, "> 99,9 %", "> 99.9%"),
        (0.1, "10,0 %", "10.0%"),
    ],
)
def test_percentages(share: float, fr: str, en: str) -> None:
    shown = re.sub(r"<[^>]*>", "|", html.percent(share)).strip("|").split("||")
    assert [unescape(text).replace("\u00a0", " ") for text in shown] == [fr, en]


def test_thousands() -> None:
    assert re.findall(r">([^<]+)<", html.number(1234567)) == ["1\u202f234\u202f567", "1,234,567"]
    assert html.number(7) == "7"


# Marks.


def pieces_of(lines: list[Line], *marks: Mark) -> str:
    return "".join(piece.text for line in lines for piece in line.pieces if piece.mark in marks)


@settings(deadline=None)
@given(drawn_documents())
def test_marked_lines_hold_both_texts(document: Document) -> None:
    before, after = document.reading.text, document.diplomatic
    lines = list(mark(before, after, document.repairs))
    expected = [after[start:end] for start, end, _ in line_spans(after)]
    found = [pieces_of([line], Mark.SAME, Mark.NEW, Mark.DOUBT) for line in lines]
    assert found[: len(expected)] == expected
    assert "".join(found[len(expected) :]) == ""
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    # Nothing of the earlier text is lost but line ends.
    earlier = pieces_of(lines, Mark.SAME, Mark.GONE, Mark.DOUBT)
    assert earlier == "".join(before[start:end] for start, end, _ in line_spans(before))
    shown = {piece.edit for line in lines for piece in line.pieces if piece.edit}
    assert shown >= {edit for edit in applied(document.repairs) if edit.before != edit.after}


@settings(deadline=None)
@given(drawn_documents())
def test_marked_paragraphs_hold_the_normalised_text(document: Document) -> None:
    later = compose(document.diplomatic, document.structure, document.normalisations)
    lines = list(mark(document.diplomatic, document.text, later))
    expected = [document.text[start:end] for start, end, _ in line_spans(document.text)]
    found = [pieces_of([line], Mark.SAME, Mark.NEW, Mark.DOUBT) for line in lines]
    assert found[: len(expected)] == expected
    assert "".join(found[len(expected) :]) == ""
    # Made quiet, a line still has its words: only white space may go.
    quiet = [pieces_of([run_over(line)], Mark.SAME, Mark.NEW, Mark.DOUBT, Mark.JOIN) for line in lines]
    assert ["".join(line.split()) for line in quiet] == ["".join(line.split()) for line in found]


def test_a_doubt_over_a_made_edit_is_left_to_the_list() -> None:
    made = find_edits("un mot ici", Kind.REPAIR, [("mot", "mots", Decision.APPLIED)])
    doubts = [
        Edit(0, 10, "un mot ici", "x", Kind.REPAIR, "r", 0.5, Decision.REVIEW),
        Edit(7, 10, "ici", "là", Kind.REPAIR, "r", 0.5, Decision.REVIEW),
        Edit(8, 10, "ci", "x", Kind.REPAIR, "r", 0.5, Decision.REVIEW),
    ]
    (line,) = mark("un mot ici", "un mots ici", sorted([*made, *doubts], key=lambda edit: edit.start))
    assert [(piece.mark.value, piece.text) for piece in line.pieces] == [
        ("same", "un "), ("gone", "mot"), ("new", "mots"), ("same", " "), ("doubt", "ici"),
    ]  # fmt: skip


def test_blocks_keep_every_line_once_and_fold_the_quiet_ones() -> None:
    text = "\n".join(["x"] * 20 + ["mot"] + ["x"] * 6 + ["mot"] + ["x"] * 3 + ["mot"] + ["x"] * 20)
    edits = find_edits(text, Kind.REPAIR, [("mot", "mots", Decision.APPLIED)] * 3)
    found = list(blocks(mark(text, text.replace("mot", "mots"), edits), 2))
    numbers = [line.number for block in found for line in block.lines]
    assert numbers == list(range(1, 53))
    assert [(block.folded, len(block.lines)) for block in found] == [(True, 18), (False, 16), (True, 18)]
    wide = list(blocks(mark(text, text.replace("mot", "mots"), edits[:1]), 1))
    assert [(block.folded, len(block.lines)) for block in wide] == [(True, 19), (False, 3), (True, 30)]


def test_the_middle_of_a_long_piece_is_counted() -> None:
    (line,) = mark("a" * 100, "a" * 100, ())
    assert [piece.text for piece in shorten(line.pieces, 10)] == ["aaaaa", "90", "aaaaa"]


def test_phrases_that_are_made_beforehand_are_those_of_the_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    from release.pages import environment as templates

    def shown() -> list[str]:
        templates.environment.cache_clear()
        return [*map(document_html, make_outcomes()), index_html(make_outcomes())]

    made = shown()
    monkeypatch.setattr(templates._Phrases, "preprocess", lambda _self, source, *_: source)
    try:
        assert shown() == made
    finally:
        monkeypatch.undo()
        templates.environment.cache_clear()
