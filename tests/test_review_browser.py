"""A curator's morning in Debian's Chromium: by keyboard alone, seen by axe, at three widths.

Screenshots go to `$PROTE_SCREENSHOTS`, else to pytest's folder, for people to look at.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from release_documents import make_outcome
from review_desks import PAIRS, Desk

from repair.decisions.ruling import Scope, Verdict
from repair.document import Document, Source
from repair.edits import Decision, Edit, Evidence, Kind
from repair.pipeline import process
from repair.reading.engines.reader import rapidocr
from repair.reading.pieces import Pieces
from review.app import Piece, make_app
from review.curators import Curators
from review.index import question_key
from review.security import Sessions
from review.snippets import Snippets

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed"),
]
RAW = Path(__file__).parents[1] / "raw"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
)
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Served(Desk):
    """A desk behind a socket."""

    address = ""
    piece: Piece = staticmethod(lambda *_: PICTURE)

    def open(self) -> None:
        import uvicorn

        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        app = make_app(
            self.room,
            lambda: Curators(tuple(self.curators)),
            Sessions(b"secret of a test", secure=False),
            [f"127.0.0.1:{port}"],
            piece=self.piece,
            again=self.again,
        )
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        threading.Thread(target=self.server.run, args=([listener],), daemon=True).start()
        while not self.server.started:
            time.sleep(0.01)

    def again(self, _: str, __: str, watch: object) -> tuple[str, str]:
        watch(1, 2)  # type: ignore[operator]
        time.sleep(0.3)
        return "La version est en ligne.", "The release is the current one."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("desk"))
    served.open()
    yield served
    served.server.should_exit = True


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = os.environ.get("PROTE_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser, desk: Served) -> Iterator[object]:  # type: ignore[no-untyped-def]
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{desk.address}/enter?token={desk.tokens[0]}")
    yield page
    context.close()
    assert faults == []


def _press(page, key: str) -> None:  # type: ignore[no-untyped-def]
    """Press one key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.fixture(scope="module")
def scan() -> Document:
    """A sample of `raw/` that is a picture, read by the engines, with one of its words in doubt."""
    path = RAW / "affiche.png"
    data = path.read_bytes()
    document = process(Source("affiche", path.name, hashlib.sha256(data).hexdigest(), len(data)), path)
    if (engine := rapidocr()) is not None:
        engine.close()  # its process would outlive these tests
    reading = document.reading.text
    taken = [edit for edit in document.repairs if edit.decision is Decision.APPLIED]
    word = max(
        (found for found in re.finditer(r"\b[^\W\d_]{6,}\b", reading) if reading.count(found[0]) == 1),
        key=lambda found: (
            all(found.end() <= one.start or one.end <= found.start() for one in taken),
            len(found[0]),
        ),
    )
    doubt = Edit(
        *word.span(), word[0], word[0].upper(), Kind.REPAIR, "test", 0.6, Decision.REVIEW,
        (Evidence("lexicon", f"{word[0].upper()} / {word[0]}"),),
    )  # fmt: skip
    repairs = sorted([*document.repairs, doubt], key=lambda edit: (edit.start, edit.end))
    return replace(document, repairs=tuple(repairs))


def test_the_piece_of_a_scan_shows_the_word_that_is_asked_about(
    browser, scan: Document, tmp_path: Path, pictures: Path
) -> None:  # type: ignore[no-untyped-def]
    drawing = Pieces()
    desk = Served(tmp_path, [make_outcome(scan)])
    desk.piece = Snippets(RAW, drawing).piece
    desk.open()
    page = browser.new_page()
    try:
        page.goto(f"{desk.address}/enter?token={desk.tokens[0]}")
        (doubt,) = [edit for edit in scan.repairs if edit.rule == "test"]
        page.goto(f"{desk.address}/question/{question_key(doubt.before, doubt.after)}")
        picture = page.locator("img.piece")
        sync_api.expect(picture).to_be_visible()
        shown = picture.evaluate(
            "async (img) => { await img.decode(); return [img.naturalWidth, img.clientWidth]; }"
        )
        assert min(shown) > 100
        page.screenshot(path=pictures / "desk-scan.png", full_page=True)
        piece = page.request.get(page.evaluate("document.querySelector('img.piece').src")).body()
        # What another program reads in the picture is the line, and the word is in it.
        read = subprocess.run(
            ["tesseract", "-", "-", "-l", "fra", "--psm", "6"], input=piece, capture_output=True, check=True
        )
        assert doubt.before.casefold() in read.stdout.decode().casefold()
        _press(page, "r")
        assert (desk.rulings()[-1].verdict, desk.rulings()[-1].before) == (Verdict.REJECT, doubt.before)
    finally:
        page.close()
        desk.server.should_exit = True
        drawing.close()


def test_twenty_edits_take_twenty_keys(page, desk: Served) -> None:  # type: ignore[no-untyped-def]
    assert page.title().startswith("À trancher")
    _press(page, "n")
    before = len(desk.rulings())
    for number in range(20):
        _press(page, "r" if number % 5 == 4 else "a")
        assert len(desk.rulings()) == before + number + 1
        assert page.locator(".news").is_visible()
        assert page.locator("#decide").is_visible(), "the next question comes at once"
    made = desk.rulings()[before:]
    assert [ruling.verdict for ruling in made].count(Verdict.REJECT) == 4
    assert {ruling.who for ruling in made} == {"Anne"}
    assert len({ruling.before for ruling in made}) == len(
        {pair[0] for pair in PAIRS} & {r.before for r in made}
    )

    _press(page, "u")
    assert desk.rulings()[-1].reverses == made[-1].id
    asked = page.locator("#decide input[name=key]").input_value()
    chosen = page.locator("input[name=scope]:checked")
    first = chosen.input_value()
    page.keyboard.press("s")
    assert chosen.input_value() != first
    assert page.locator("div.reach:visible").count() == 1
    while chosen.input_value() != "document":
        page.keyboard.press("s")
    _press(page, "a")
    assert desk.rulings()[-1].scope is Scope.DOCUMENT
    assert asked in page.url or "/question/" in page.url

    page.keyboard.press("c")
    page.keyboard.type("autre chose")
    _press(page, "Enter")
    assert (desk.rulings()[-1].verdict, desk.rulings()[-1].instead) == (Verdict.CORRECT, "autre chose")

    _press(page, "j")
    assert page.locator("table.entries tbody tr").count() == len(desk.rulings())
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("a")  # acts on nothing while help is open
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


def test_keys_can_be_turned_off(page, desk: Served) -> None:  # type: ignore[no-untyped-def]
    _press(page, "n")
    before = desk.rulings()
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert desk.rulings() == before


def test_a_line_is_corrected_by_hand(page, desk: Served) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{desk.address}/documents")
    page.get_by_role("link", name="lois__acte 1").first.click()
    number = page.locator(".line", has_text="Une derniere ligne").locator("a.no").inner_text()
    page.get_by_role("link", name=f"corriger la ligne {number}", exact=True).press("Enter")
    field = page.locator("#now")
    sync_api.expect(field).to_be_focused(timeout=10_000)
    field.fill("Une dernière ligne, que la page imprime autrement.")
    _press(page, "Enter")
    ruling = desk.rulings()[-1]
    assert (ruling.verdict, ruling.scope) == (Verdict.CORRECT, Scope.HERE)
    assert (ruling.before, ruling.instead) == ("derniere", "dernière")
    assert page.locator(".pending", has_text="dernière").is_visible()
    page.get_by_role("button", name="Repasser le document").press("Enter")
    page.get_by_text("La version est en ligne.").wait_for(timeout=10_000)


def test_every_page_can_be_used_by_everybody(browser, desk: Served, pictures: Path) -> None:  # type: ignore[no-untyped-def]
    """Axe, at three widths, in light and dark; and nothing runs over the side of a telephone."""
    from axe_playwright_python.sync_playwright import Axe

    with desk.room.queue() as queue:
        key = queue.first()
    pages = {
        "queue": "/",
        "question": f"/question/{key}",
        "documents": "/documents",
        "document": "/document?name=lois__acte+0&edit=2",
        "held": "/document?name=retenu",
        "journal": "/journal",
        "message": "/document?name=nothing",
        "enter": "/enter",
    }
    found = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{desk.address}/enter?token={desk.tokens[1]}")
        for name, path in pages.items():
            page.goto(f"{desk.address}{path}")
            for width in (1280, 820, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=pictures / f"desk-{name}-{scheme}-{width}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                if width != 820:
                    told = Axe().run(page, options=AXE).response["violations"]
                    bad = [one for one in told if one["impact"] in ("serious", "critical", "moderate")]
                    if bad:
                        found[name, scheme, width] = [
                            (one["id"], one["nodes"][0]["html"][:200]) for one in bad
                        ]
        context.close()
    assert found == {}
