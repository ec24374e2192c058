"""The report and the page of the morning in Debian's Chromium: keyboard, languages, axe, three widths.

Screenshots go to `$PROTE_SCREENSHOTS`, else to pytest's folder, for people to look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from release_documents import item, make_document, make_outcome, make_outcomes, publish
from test_release_report import hostile_outcomes

from release import publish as publishing
from release.history import Judgement
from release.layout import MORNING, REPORT
from release.origins import Origin
from release.pages.corpus import corpus_page
from release.publish import HeldBack
from release.rows import document_row
from release.sums import Sums
from repair.document import Outcome, Reason, Status
from repair.edits import Decision, Edit, Evidence

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed"),
]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1280}
PAGES = {
    "morning": MORNING,
    "report": f"current/{REPORT}",
    "document": "current/report/documents/lois__rapport.html",
    "hostile": "current/report/documents/mal%23%3F%25%22%27%3Cb%3E%26%E2%80%AE.html",
    "publication": "changes",
}


def ruled(outcome: Outcome) -> Outcome:
    """Have a curator decide the doubt of a document."""
    document = outcome.document
    assert document is not None
    said = Evidence("curator", "A. Martin, 2026-11-22T08:12:03Z: reject/here: non (0123456789ab)", 0.0)

    def decide(edit: Edit) -> Edit:
        if edit.decision is not Decision.REVIEW:
            return edit
        return replace(edit, decision=Decision.REJECTED, probability=0.0, evidence=(said, *edit.evidence))

    return replace(outcome, document=replace(document, repairs=tuple(map(decide, document.repairs))))


def in_folder(outcome: Outcome, folder: str) -> Outcome:
    """Have a document stand in a folder of the raw folder."""
    source = replace(
        outcome.source, name=f"{folder}__{outcome.source.name}", path=f"{folder}/{outcome.source.path}"
    )
    document = replace(outcome.document, source=source) if outcome.document else None
    return replace(outcome, source=source, document=document)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of some publications, with all that pages show, and a release kept aside."""
    folder = tmp_path_factory.mktemp("clean")
    rapport = in_folder(make_outcome(make_document("rapport")), "lois")
    publish(make_outcomes(), folder, versions={"prote": "1"})
    publish([*make_outcomes()[1:], rapport], folder, versions={"prote": "2"})
    decided = in_folder(ruled(make_outcome(make_document("décidé"), Status.REVIEW)), "lettres")
    outcomes = [*make_outcomes()[1:], *hostile_outcomes(), rapport, decided]
    publish(outcomes, folder, versions={"prote": "2"})
    gone = Reason("document-kept", "Des documents manquent.", "Documents are gone.")
    with pytest.raises(HeldBack):
        publishing.publish(map(item, outcomes[2:]), folder, versions={}, gate=lambda *_: Judgement((gone,)))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page whose scripts raise nothing, and that asks nobody for anything."""
    opened = browser.new_page(viewport={"width": WIDTHS["desktop"], "height": 900})
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("dialog", lambda dialog: faults.append(dialog.message))
    opened.on("request", lambda asked: None if asked.url.startswith("file:") else faults.append(asked.url))
    yield opened
    opened.close()
    assert faults == []


def address(clean: Path, name: str) -> str:
    path = PAGES[name]
    if name == "publication":
        path = str(max((clean / "changes").glob("*.html")).relative_to(clean))
    return f"{clean.as_uri()}/{path}"


def names(page: Any) -> list[str]:
    return list(page.locator("#documents tbody tr:visible .name").all_inner_texts())


def test_many_documents_are_shown_some_hundred_at_a_time(page: Any, tmp_path: Path) -> None:
    row = document_row(make_outcome(make_document()), Origin(), "")
    many = [msgspec.structs.replace(row, name=f"acte-{n:03}", words=n * 7 % 450) for n in range(450)]
    (tmp_path / "index.html").write_text("".join(corpus_page(many, {}, Sums())), encoding="utf-8")
    page.goto((tmp_path / "index.html").as_uri())
    assert (len(names(page)), page.inner_text("#count")) == (200, "450")
    for shown in (400, 450):
        page.locator("#more").press("Enter")
        assert len(names(page)) == shown
    assert not page.locator("#more").is_visible()
    page.locator("#documents thead button").nth(2).press("Enter")
    first = [one.name for one in sorted(many, key=lambda one: one.words or 0)]
    assert names(page) == first
    page.fill("#wanted", "acte-1")
    chosen = [name for name in first if name.startswith("acte-1")]
    assert names(page) == chosen
    page.fill("#wanted", "")
    assert names(page) == first[:200]


def test_documents_are_found_sorted_and_chosen_by_keyboard(clean: Path, page: Any) -> None:
    page.goto(address(clean, "report"))
    everything = names(page)
    assert (len(everything), page.inner_text("#count")) == (8, "8")
    page.focus("#wanted")
    page.keyboard.type("RAPPORT")
    assert names(page) == ["lois__rapport"]
    assert page.inner_text("[role=status]") == "1 montrés"
    for _ in "RAPPORT":
        page.keyboard.press("Backspace")
    page.keyboard.press("Tab")  # into the statuses, of which arrows choose one
    page.keyboard.press("ArrowRight")
    shown = page.locator("#documents tbody tr:visible .status .fr").all_inner_texts()
    assert set(shown) == {"en quarantaine"}
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")  # expectations
    page.keyboard.type("empty")
    assert names(page) == ["vide"]
    page.select_option("select[name=failed]", "")
    page.select_option("select[name=collection]", "=lois")
    assert names(page) == ["lois__rapport"]
    page.select_option("select[name=collection]", "")
    page.fill("#wanted", "nulle part")
    assert page.locator("#none").is_visible()
    page.fill("#wanted", "")
    page.locator("#documents th").nth(2).locator("button").focus()
    page.keyboard.press("Enter")
    words = [
        int(text)
        for text in page.locator("#documents td:nth-child(3)").evaluate_all(
            "cells => cells.map(cell => cell.dataset.value)"
        )
    ]
    assert words == sorted(words)
    page.keyboard.press("Enter")
    assert page.locator("#documents th").nth(2).get_attribute("aria-sort") == "descending"
    assert names(page)[0] != everything[0]


def test_a_reading_stands_beside_what_it_became(clean: Path, page: Any) -> None:
    page.goto(address(clean, "document"))
    line = page.locator("#L2 > summary")
    left, right = line.locator("> .words"), line.locator("> .again")
    assert left.inner_text() == "a lutter contre le crime ; il doit étre"
    assert right.inner_text() == "à lutter contre le crime ; il doit être"
    boxes = left.bounding_box(), right.bounding_box()
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    page.set_viewport_size({"width": WIDTHS["phone"], "height": 900})
    assert left.bounding_box()["y"] < right.bounding_box()["y"]
    page.focus("#L2 > summary")
    page.keyboard.press("Enter")
    assert page.locator("#L2 .why").is_visible()
    page.check("#show-both")
    assert left.inner_text() == "a lutterà lutter contre le crime ; il doit étreêtre"
    assert not right.is_visible()


def test_what_curators_decided_is_seen_as_that(clean: Path, page: Any) -> None:
    page.goto(address(clean, "document").replace("lois__rapport", "lettres__d%C3%A9cid%C3%A9"))
    told = page.locator("#rulings .ruling").inner_text()
    assert told.startswith("correcteur")
    assert "A. Martin" in told
    assert "refusée" in page.inner_text("#rulings")
    page.goto(address(clean, "report"))
    repair = page.locator("#rules tbody tr").first.inner_text()
    assert "0 % (≥ 0 %)" in repair.replace("\u00a0", " ")


def test_the_language_is_switched_and_kept(clean: Path, page: Any) -> None:
    page.goto(address(clean, "report"))
    page.focus("#language")
    page.keyboard.press("Enter")
    assert page.title() == "State of the corpus"
    assert page.inner_text("h1") == "State of the corpus"
    assert page.locator("select[name=failed] option").first.inner_text() == "any"
    page.goto(address(clean, "morning"))
    assert page.inner_text("h1") == "The corpus this morning"


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_and_people_find_it_well_at_every_width(
    clean: Path, page: Any, name: str, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shots = Path(os.environ.get("PROTE_SCREENSHOTS", tmp_path))
    shots.mkdir(parents=True, exist_ok=True)
    page.goto(address(clean, name))
    for fold in page.locator("main details").all():
        fold.evaluate("fold => { fold.open = true }")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options=AXE).response["violations"]
        assert [
            (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
        ] == []
    for width, pixels in WIDTHS.items():
        page.emulate_media(color_scheme="dark" if width == "tablet" else "light")
        page.set_viewport_size({"width": pixels, "height": 900})
        across = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        page.screenshot(path=shots / f"report-{name}-{width}.png", full_page=True)
        assert across[0] <= across[1], f"{name} is wider than a {width}"
