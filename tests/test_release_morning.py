"""The page of the morning says what stands in the folder, whoever published, accepted, pruned or died."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from lxml.html import HtmlElement
from release_documents import item, make_document, make_outcome, make_outcomes, publish
from test_release_report import HOSTILE, hostile_outcomes, parse

from release import morning
from release import publish as publishing
from release.history import CHANGES, Judgement, Publication, publications
from release.layout import ASIDE, DATA_DOCS, MORNING, REPORT
from release.publish import HeldBack, accept
from release.records import DECISIONS
from release.shelf import prune
from repair.document import Outcome, Reason, Status
from repair.edits import Evidence

GONE = Reason("document-kept", f"Des documents manquent. {HOSTILE}", f"Documents are gone. {HOSTILE}")


def text(words: str, name: str = "rapport", status: Status = Status.PUBLISHED) -> Outcome:
    return make_outcome(make_document(name, words, (), (), ()), status)


def issue(clean: Path, *outcomes: Outcome) -> str:
    return publish(outcomes, clean, versions={"prote": "1"}).id


def hold_back(clean: Path, *outcomes: Outcome) -> str:
    with pytest.raises(HeldBack) as held:
        publishing.publish(map(item, outcomes), clean, versions={}, gate=lambda *_: Judgement((GONE,)))
    return held.value.release.id


def page(clean: Path) -> HtmlElement:
    return parse((clean / MORNING).read_text(encoding="utf-8"))


def said(tree: HtmlElement, path: str = "//main") -> str:
    """Return the French words of a part of a page."""
    (part,) = tree.xpath(path)
    return " ".join("".join(part.xpath(".//text()[not(ancestor::*[@class='en'])]")).split())


def test_it_says_how_the_corpus_stands(tmp_path: Path) -> None:
    issue(tmp_path, *make_outcomes())
    tree = page(tmp_path)
    assert said(tree, "//p[@class='lede']") == (
        "2 publiés, 1 à revoir, 2 en quarantaine. 1 correction douteuse attend une décision."
    )
    waiting = tree.get_element_by_id("waiting")
    assert "prote review" in waiting.text_content()
    assert [link.text_content() for link in waiting.xpath(".//a")] == ["rapport"]
    failing = tree.xpath("//section[@id='failing']/details")
    assert [said(one, "./summary") for one in failing] == [
        "damage 2 documents damage",
        "empty 1 document empty",
    ]
    assert said(failing[0], "./ul/li[1]") == "secret : Il reste des dommages."
    words = [figure.text_content().split() for figure in tree.xpath("//dl/div/dd")]
    assert words[2] == ["1"]
    assert "Ajoutés (5)" in said(tree, "//section[@id='changes']")
    assert not tree.xpath("//*[@class='plots']")  # of one publication nothing can be drawn


def test_its_links_lead_to_what_is_there(tmp_path: Path) -> None:
    issue(tmp_path, *make_outcomes())
    issue(tmp_path, *make_outcomes(), *hostile_outcomes())
    hold_back(tmp_path, *make_outcomes()[1:])
    (tmp_path / DATA_DOCS).parent.mkdir(parents=True)
    (tmp_path / DATA_DOCS).touch()
    issue(tmp_path, *make_outcomes(), *hostile_outcomes())  # nothing new, and nothing kept aside any more
    hold_back(tmp_path, *make_outcomes()[1:])
    followed = 0
    for here in (tmp_path / MORNING, *(tmp_path / CHANGES).glob("*.html")):
        tree = parse(here.read_text(encoding="utf-8"))
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids))
        for address in tree.xpath("//@href"):
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc, parts.query) == ("", "", ""), address
            assert (here.parent / unquote(parts.path)).is_file(), address
            followed += 1
    assert followed > 15
    links = page(tmp_path).xpath("//@href")
    assert DATA_DOCS in links
    assert f"current/{REPORT}" in links


def test_what_changed_is_told_with_status_cause_and_reasons(tmp_path: Path) -> None:
    issue(tmp_path, text("un", "a"), text("deux", "b"), text("trois", "c"))
    issue(tmp_path, text("un", "a"), text("deux", "b", Status.REVIEW), text("quatre", "d"))
    changes = said(page(tmp_path), "//section[@id='changes']")
    assert "1 changement de statut" in changes
    assert "Ajoutés (1) d publié" in changes
    assert "Retirés (1) c publié" in changes
    assert "Changés (1) b publié → à revoir reste du corpus Il reste des dommages." in changes
    (last,) = [found for found in publications(tmp_path) if found.number == 2]
    assert (last.flipped, [told.name for told in last.documents]) == (1, ["d", "c", "b"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", last.when)


def test_a_release_kept_aside_shows_with_its_reasons_until_it_is_accepted(tmp_path: Path) -> None:
    issue(tmp_path, text("un"))
    held = hold_back(tmp_path, text("deux"))
    tree = page(tmp_path)
    box = said(tree, "//section[@class='box quarantine']")
    assert "Une version est mise de côté" in box
    assert "documents gardés : Des documents manquent." in box
    assert f"prote accept {held[:12]}" in box
    assert f"{ASIDE}/{held}/data/{REPORT}" in tree.xpath("//@href")
    accept(tmp_path, held[:12])
    tree = page(tmp_path)
    assert not tree.xpath("//section[@class='box quarantine']")
    assert "Publié malgré documents gardés" in said(tree, "//section[@id='changes']")


def test_a_first_release_that_is_held_back_shows(tmp_path: Path) -> None:
    hold_back(tmp_path, text("un"))
    assert "Aucune version n’est publiée." in said(page(tmp_path))


def test_what_prune_takes_away_is_linked_no_more(tmp_path: Path) -> None:
    one, two = issue(tmp_path, text("un")), issue(tmp_path, text("deux"))
    assert f"releases/{one}/data/{REPORT}" in page(tmp_path).xpath("//@href")
    prune(tmp_path, 1)
    links = page(tmp_path).xpath("//@href")
    assert f"releases/{one}/data/{REPORT}" not in links
    assert f"releases/{two}/data/{REPORT}" in links


def test_a_current_release_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    identity = issue(tmp_path, text("un"))
    table = tmp_path / "releases" / identity / "data" / "documents.parquet"
    table.chmod(0o644)
    table.write_bytes(b"no table")
    (tmp_path / MORNING).unlink()
    morning.refresh(tmp_path)
    assert "La version en cours ne peut pas être lue" in said(page(tmp_path))


def test_a_release_that_was_mended_is_told_again_under_the_same_name(tmp_path: Path) -> None:
    identity = issue(tmp_path, text("un"))
    table = tmp_path / "releases" / identity / "data" / "documents.parquet"
    table.chmod(0o644)
    table.write_bytes(b"no table")
    prune(tmp_path, 1)
    (tmp_path / MORNING).unlink()
    prune(tmp_path, 1)
    assert "ne peut pas être lue" in said(page(tmp_path))
    assert issue(tmp_path, text("un")) == identity
    assert "1 publié, 0 à revoir" in said(page(tmp_path))


def test_publications_that_cannot_be_read_hold_nothing_up(tmp_path: Path) -> None:
    issue(tmp_path, text("un"))
    folder = tmp_path / CHANGES
    (told,) = publications(tmp_path)
    (folder / "0007-0123456789ab.json").symlink_to("nowhere")
    (folder / "0008-0123456789ab.json").write_bytes(b'{"more":' + b"[" * 100_000)
    (folder / "0009-0123456789ab.json").mkdir()
    other = msgspec.structs.replace(told, number=10, release='"><b>\u202e')
    (folder / "0010-0123456789ab.json").write_bytes(msgspec.json.encode(other))
    issue(tmp_path, text("deux"))
    assert [found.number for found in publications(tmp_path)] == [1, 11]
    assert "\u202e" not in (tmp_path / MORNING).read_text(encoding="utf-8")


def test_what_curators_decided_is_told_as_the_cause(tmp_path: Path) -> None:
    said_so = Evidence("curator", "A. Né, 2026-11-22T08:12:03Z: reject/here (0123)", 0.0)
    document = make_document("rapport")
    first, *rest = document.repairs
    ruled = replace(document, repairs=(replace(first, evidence=(said_so,)), *rest))
    publish([make_outcome(document)], tmp_path, versions={"prote": "1"})
    publish([make_outcome(ruled)], tmp_path, versions={"prote": "1", DECISIONS: "0123"})
    assert "rapport publié décisions de correcteurs" in said(page(tmp_path), "//section[@id='changes']")


def test_a_release_switched_to_by_hand_is_told(tmp_path: Path) -> None:
    one = issue(tmp_path, text("un"))
    issue(tmp_path, text("deux"), text("autre", "b"))
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(Path("releases", one, "data"))
    morning.refresh(tmp_path)
    told = said(page(tmp_path))
    assert "1 publié, 0 à revoir" in told
    assert "quelqu’un y est revenu" in told


def test_it_is_left_as_it_is_where_nothing_changed(tmp_path: Path) -> None:
    issue(tmp_path, text("un"))
    before = (tmp_path / MORNING).stat()
    issue(tmp_path, text("un"))
    assert (tmp_path / MORNING).stat().st_ino == before.st_ino
    (tmp_path / MORNING).write_text("something else")
    issue(tmp_path, text("un"))
    assert "Le corpus ce matin" in said(page(tmp_path))


def test_publications_of_earlier_versions_are_still_shown(tmp_path: Path) -> None:
    one = issue(tmp_path, text("un"))
    (path,) = (tmp_path / CHANGES).glob("*.json")
    told = msgspec.json.decode(path.read_bytes())
    for field in ("when", "flipped", "documents", "rules"):
        del told[field]
    path.write_bytes(msgspec.json.encode(told))
    issue(tmp_path, text("deux"))
    assert [found.when == "" for found in publications(tmp_path)] == [True, False]
    assert f"changes/0001-{one[:12]}.md" in page(tmp_path).xpath("//@href")


def test_hundreds_of_publications_are_drawn_and_told_in_a_table(tmp_path: Path) -> None:
    issue(tmp_path, text("un"))
    (path,) = (tmp_path / CHANGES).glob("*.json")
    first = msgspec.json.decode(path.read_bytes(), type=Publication)
    for number in range(2, 451):
        told = msgspec.structs.replace(first, number=number)
        path.with_name(f"{told.stem}.json").write_bytes(msgspec.json.encode(told))
    morning.refresh(tmp_path)
    tree = page(tmp_path)
    shapes = tree.xpath("//*[@class='plots']//polygon/@points | //*[@class='plots']//polyline/@points")
    assert [len(points.split()) for points in shapes] == [800, 800, 800, 400, 400]
    rows = tree.xpath("//table[caption[@id='publications']]/tbody/tr")
    assert (len(rows), said(rows[0], "./th/a"), said(rows[-1], "./th/a")) == (400, "450", "51")
    assert "50 publications plus anciennes" in said(tree)
    assert len((tmp_path / MORNING).read_bytes()) < 1_000_000


def test_hostile_names_and_texts_are_text(tmp_path: Path) -> None:
    issue(tmp_path, text("un"))
    issue(tmp_path, text("un"), *hostile_outcomes())
    hold_back(tmp_path, text("deux"))
    for path in (tmp_path / MORNING, *(tmp_path / CHANGES).glob("*.html")):
        content = path.read_text(encoding="utf-8")
        assert not set(content) & set("\u202e\u202c\u2066\x00\x07\x1b")
        tree = parse(content)
        assert [len(tree.findall(f".//{tag}")) for tag in ("script", "style", "img")] == [1, 1, 0]
        names = {name for element in tree.iter() for name in element.attrib}
        assert not [name for name in names if name.startswith("on") or name in ("style", "src", "action")]
    assert "<script>alert(1)</script>" in page(tmp_path).text_content()


# Killing: a child dies at its n-th event on the file system, once all is ready to switch.

_EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.symlink"}


def _die(work: Callable[[], object], last_event: int) -> bool:
    child = os.fork()
    if child == 0:
        left = last_event

        def watch(event: str, _: object) -> None:
            nonlocal left
            if event in _EVENTS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        whole = publishing._switch

        def watched(*arguments: object) -> None:
            sys.addaudithook(watch)
            whole(*arguments)  # type: ignore[arg-type]

        publishing._switch = watched
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _whole(clean: Path, known: Sequence[str]) -> str:
    """Return which release the page is about; it must be a whole page."""
    content = (clean / MORNING).read_text(encoding="utf-8")
    assert content.endswith("</html>")
    changes = content.split('id="changes"')[1][:600]
    (shown,) = {identity for identity in known if f"<code>{identity[:12]}</code>" in changes}
    return shown


def test_killed_around_the_switch_the_page_is_whole_and_the_next_publisher_mends_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    old = issue(ready, text("un"))
    new = issue(tmp_path / "elsewhere", text("deux"))
    seen = set()
    for event in range(1, 100):
        clean = tmp_path / str(event)
        shutil.copytree(ready, clean, symlinks=True)
        killed = _die(lambda: issue(clean, text("deux")), event)  # noqa: B023 - called at once
        switched = (clean / "current").resolve().parent.name == new
        shown = _whole(clean, [old, new])
        assert shown == old or switched  # it tells of no switch that never was
        seen.add((switched, shown == new))
        issue(clean, text("deux"))
        assert _whole(clean, [old, new]) == new
        assert not list(clean.glob(".partial-*"))
        if not killed:
            break
    assert {(False, False), (True, False), (True, True)} <= seen
