"""Documents rendered by several processes give the release that one gives, whatever becomes of these."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from release_documents import REPAIRS, item, make_document, make_outcome

from flows import rendering
from flows.rendering import Renderers, chunks
from release import publish as publishing
from release.origins import Origin
from release.rendering import Asked, Rendered, render_apart
from repair.document import Outcome, Status
from repair.layout import Box, PageLayout, TextLine, Word

VERSIONS = {"prote": "0.1.0"}


def same(outcome: Outcome) -> Outcome:
    """A loader that can be sent to another process."""
    return outcome


def outcomes(number: int) -> list[Outcome]:
    return [
        make_outcome(make_document(f"acte {n:03}", repairs=REPAIRS[n % 4 :]), list(Status)[n % 3])
        for n in range(number)
    ]


def items(number: int) -> list[publishing.Item]:
    return [replace(item(one), load=partial(same, one)) for one in outcomes(number)]


def asked(*sizes: int) -> list[Asked]:
    found = []
    for number, size in enumerate(sizes):
        outcome = make_outcome(make_document(f"acte {number:03}"))
        source = replace(outcome.source, size=size)
        found.append(Asked(source, partial(same, outcome), Origin(), "0"))
    return found


def test_documents_are_sent_in_their_order_a_few_or_one_large_at_a_time() -> None:
    given = asked(*[1_000] * 70, 500_000, 10, 150_000, 60_000)
    found = list(chunks(given))
    assert [one for chunk in found for one in chunk] == given
    assert [len(chunk) for chunk in found] == [32, 32, 6, 1, 2, 1]
    assert list(chunks([])) == []


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes start for a few documents."""
    monkeypatch.setattr(rendering, "FEWEST", 4)
    monkeypatch.setattr(rendering, "_DOCUMENTS", 3)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("few")
def test_the_release_is_the_same_whoever_renders(tmp_path: Path) -> None:
    here = publishing.publish(items(40), tmp_path / "here", versions=VERSIONS)
    apart = publishing.publish(items(40), tmp_path / "apart", versions=VERSIONS, render=Renderers(2))
    assert here.id == apart.id
    assert tree(here.path) == tree(apart.path)


@pytest.mark.usefixtures("few")
def test_a_process_that_is_killed_leaves_its_documents_to_who_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = publishing.publish(items(20), tmp_path / "here", versions=VERSIONS)
    monkeypatch.setattr(rendering, "render_all", dies_at_the_second)
    given = items(20)
    found = list(Renderers(2)([Asked(one.source, one.load, Origin(), one.digest) for one in given]))
    assert len(found) == 20
    assert None in found
    killed = publishing.publish(given, tmp_path / "killed", versions=VERSIONS, render=Renderers(2))
    assert killed.id == here.id


def dies_at_the_second(asked: Sequence[Asked]) -> list[Rendered | None]:
    if any(one.source.name == "acte 004" for one in asked):
        os.kill(os.getpid(), signal.SIGKILL)
    return [render_apart(one) for one in asked]


@pytest.mark.usefixtures("few")
def test_what_cannot_be_published_is_told_as_it_is_by_one(tmp_path: Path) -> None:
    broken = make_outcome(replace(make_document("acte 007"), text="autre"))
    given = [
        replace(item(broken), load=partial(same, broken)) if one.source.name == "acte 007" else one
        for one in items(20)
    ]
    with pytest.raises(publishing.PublishError, match="acte 007"):
        publishing.publish(given, tmp_path, versions=VERSIONS, render=Renderers(2))
    assert not list((tmp_path / "releases").glob(".partial-*"))


def test_a_page_with_pieces_of_its_scan_is_left_to_who_draws_them() -> None:
    document = make_document("essai")
    page = PageLayout("lecteur 1", 100, 100, ((TextLine((Word("a", Box(0, 0, 9, 9)),)),),))
    scan = replace(document, reading=replace(document.reading, layout=(page,)))
    for made, pieces, left in ((scan, True, True), (scan, False, False), (document, True, False)):
        outcome = make_outcome(made)
        one = Asked(outcome.source, partial(same, outcome), Origin(), "0", pieces)
        assert (render_apart(one) is None) == left
    held = make_outcome(scan, Status.QUARANTINE)
    assert render_apart(Asked(held.source, partial(same, held), Origin(), "0", True)) is not None
