"""The releases of a folder: what was published when, whoever is killed; finding one; taking old ones away."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from release_documents import make_document, make_outcome, make_outcomes, publish
from test_release_report import HOSTILE, hostile_outcomes

from release import history as told_of
from release import publish as publishing
from release import shelf
from release.history import CHANGES, current_release, publications, publishing_lock
from release.shelf import UnknownRelease, find_release, prune, releases
from release.verify import verify
from repair.document import Outcome, Reason, Status
from repair.edits import Decision

FORMAT_2 = "0123456789abcdef"
"""The form that IDs had then."""


def text(words: str, name: str = "rapport") -> Outcome:
    return make_outcome(make_document(name, words, (), (), ()))


def issue(clean: Path, *outcomes: Outcome, versions: dict[str, str] | None = None) -> str:
    return publish(outcomes, clean, versions=versions or {}).id


def switch(clean: Path, identity: str) -> None:
    """Lead `current` to a release by hand, as a curator would."""
    (clean / "current").unlink(missing_ok=True)
    (clean / "current").symlink_to(Path("releases", identity, "data"))


def history(clean: Path) -> list[tuple[int, str, str]]:
    return [(found.number, found.previous, found.release) for found in publications(clean)]


def page(clean: Path) -> str:
    return max((clean / CHANGES).glob("*.md"), key=lambda path: path.name).read_text(encoding="utf-8")


# What was published when


def test_each_publication_is_told(tmp_path: Path) -> None:
    one = issue(tmp_path, text("un"), text("deux", "b"))
    two = issue(tmp_path, text("un"), text("autre", "b"), text("trois", "c"))
    assert (
        issue(tmp_path, text("un"), text("autre", "b"), text("trois", "c")) == two
    )  # nothing new, nothing told
    three = issue(tmp_path, text("un", "z"), text("trois", "c"))
    assert issue(tmp_path, text("un"), text("deux", "b")) == one  # published again is told again
    assert history(tmp_path) == [(1, "", one), (2, one, two), (3, two, three), (4, three, one)]
    figures = [(f.added, f.withdrawn, f.renamed, f.changed) for f in publications(tmp_path)]
    assert figures == [(2, 0, 0, 0), (1, 0, 0, 1), (0, 1, 1, 0), (1, 1, 1, 0)]
    names = sorted(path.name for path in (tmp_path / CHANGES).iterdir())
    stems = [f"{n:04}-{id_[:12]}" for n, id_ in enumerate([one, two, three, one], 1)]
    assert names == [f"{stem}.{suffix}" for stem in stems for suffix in ("html", "json", "md")]
    assert "## Documents renamed (1)" in page(tmp_path)
    assert "- `rapport`, which was `z`, 0 places of the text" in page(tmp_path)


def test_a_release_is_the_same_whatever_was_published_before(tmp_path: Path) -> None:
    issue(tmp_path / "a", text("autre"))
    assert issue(tmp_path / "a", text("un")) == issue(tmp_path / "b", text("un"))


def test_numbers_go_on_after_files_that_cannot_be_read(tmp_path: Path) -> None:
    one = issue(tmp_path, text("un"))
    folder = tmp_path / CHANGES
    (folder / f"0041-{one[:12]}.json").write_text("not JSON")
    (folder / "notes of a curator.json").write_text("{}")
    two = issue(tmp_path, text("deux"))
    assert history(tmp_path) == [(1, "", one), (42, one, two)]
    assert (folder / "notes of a curator.json").read_text() == "{}"


def test_a_curator_who_goes_back_to_an_earlier_release_loses_no_history(tmp_path: Path) -> None:
    one, two = issue(tmp_path, text("un")), issue(tmp_path, text("deux"))
    switch(tmp_path, one)
    three = issue(tmp_path, text("trois"))
    assert history(tmp_path) == [(1, "", one), (2, one, two), (3, one, three)]


def of_format_2(clean: Path, _: str) -> str:
    data = clean / "releases" / FORMAT_2 / "data"
    data.mkdir(parents=True)
    (data / "manifest.json").write_text("{}")
    (data / "documents.jsonl").write_text("")
    switch(clean, FORMAT_2)
    return FORMAT_2


def damaged(file: str) -> Callable[[Path, str], str]:
    def damage(clean: Path, identity: str) -> str:
        path = clean / "releases" / identity / "data" / file
        path.unlink()
        if path.suffix != ".txt":
            path.write_bytes(b"PAR1")
        return identity

    return damage


def vanished(clean: Path, identity: str) -> str:
    shutil.rmtree(clean / "releases" / identity)
    return identity


UNREADABLE: dict[str, Callable[[Path, str], str]] = {
    "format 2": of_format_2,
    "rows": damaged("documents.parquet"),
    "edits": damaged("edits.parquet"),
    "lineage": damaged("release.json"),
    "text": damaged("text/rapport.txt"),
    "gone": vanished,
}


@pytest.mark.parametrize("spoil", UNREADABLE.values(), ids=UNREADABLE)
def test_a_release_follows_one_that_cannot_be_read(tmp_path: Path, spoil: Callable[[Path, str], str]) -> None:
    one = issue(tmp_path, text("un"))
    spoilt = spoil(tmp_path, one)
    two = issue(tmp_path, text("deux"))
    assert verify(tmp_path).faults == ()
    assert verify(tmp_path).release == two
    assert history(tmp_path) == [(1, "", one), (2, spoilt, two)]
    assert f"after `{spoilt[:12]}`, which could not be read: all documents count as added." in page(tmp_path)


@pytest.mark.parametrize("spoil", [damaged("release.json"), damaged("text/rapport.txt"), vanished])
def test_mending_is_no_publication(tmp_path: Path, spoil: Callable[[Path, str], str]) -> None:
    one = issue(tmp_path, text("un"))
    two = issue(tmp_path, text("deux"))
    spoil(tmp_path, two)
    assert issue(tmp_path, text("deux")) == two
    assert verify(tmp_path).faults == ()
    assert history(tmp_path) == [(1, "", one), (2, one, two)]


# Killing: a child dies by its own hand at its n-th event on the file system, once all is ready to switch.

_EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.symlink"}


def _die_around_the_switch(outcomes: Sequence[Outcome], clean: Path, last_event: int) -> bool:
    """Publish in a child that kills itself; return whether it did."""
    child = os.fork()
    if child == 0:
        left = last_event
        whole = publishing._switch

        def watch(event: str, _: object) -> None:
            nonlocal left
            if event in _EVENTS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        def watched(*arguments: Any) -> None:
            sys.addaudithook(watch)
            whole(*arguments)

        publishing._switch = watched
        try:
            publish(outcomes, clean, versions={})
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("first", [True, False], ids=["the first release", "the second"])
@pytest.mark.parametrize("then", ["another", "the same"])
def test_killed_around_the_switch_what_is_told_came_about(tmp_path: Path, first: bool, then: str) -> None:
    ready = tmp_path / "ready"
    ready.mkdir()
    before = [] if first else [(1, "", issue(ready, text("un")))]
    new = issue(tmp_path / "elsewhere", text("deux"))
    came: list[bool] = []
    for event in range(1, 200):
        clean = tmp_path / str(event)
        shutil.copytree(ready, clean, symlinks=True)
        killed = _die_around_the_switch([text("deux")], clean, event)
        current = current_release(clean)
        switched = current is not None and current.name == new
        told = [*before, (len(before) + 1, before[-1][2] if before else "", new)]
        # It may not be told yet of a switch, and never of none.
        assert history(clean) in ([before, told] if switched else [before])
        last = issue(clean, text("trois" if then == "another" else "deux"))
        if then == "the same":
            expected = told
        elif switched:
            expected = [*told, (len(told) + 1, new, last)]
        else:
            expected = [*before, (len(before) + 1, before[-1][2] if before else "", last)]
        assert history(clean) == expected
        assert verify(clean).faults == ()
        assert not list((clean / CHANGES).glob(".*"))
        assert len(list((clean / CHANGES).iterdir())) == 3 * len(expected)
        if not killed:
            break
        came.append(switched)
    assert (False in came, True in came) == (True, True)
    assert len(came) > 5


# The page for people


def test_hostile_names_and_texts_are_text_in_the_page(tmp_path: Path) -> None:
    names = ["a`b``c", "a|b", "![x](http:⁄⁄e)", "<b>#", " x ", "*y*_z_", "tab\u202ebat", "fin\u2028fin"]
    reasons = (Reason("hostile", HOSTILE, HOSTILE + "\n# Heading\n- item | [l](http://e) `c` *b* ~~d~~"),)
    outcomes = [
        Outcome(made.source, Status.REVIEW, reasons, made)
        for made in (make_document(name, "une étre", (), (), ()) for name in names)
    ]
    issue(tmp_path, *outcomes, *hostile_outcomes(), versions={"prote": "1"})
    edited = [
        Outcome(made.source, Status.REVIEW, reasons, made)
        for made in (
            make_document(name, "une étre", [("étre", "être", Decision.APPLIED)], (), ()) for name in names
        )
    ]
    issue(tmp_path, *edited, *hostile_outcomes(), versions={"prote": HOSTILE, HOSTILE: "2"})
    said = page(tmp_path)
    assert f"## Documents changed ({len(names)})" in said
    assert not set(said) & set("\u202e\u202c\u2066\u2028\x00\x07\x1b")
    lines = said.split("\n")
    assert [line for line in lines if line.startswith("#")] == [
        "# Publication 2",
        f"## Documents changed ({len(names)})",
        "## Rules whose edits changed",
    ]
    assert len([line for line in lines if line.startswith("- ")]) == len(names)
    for name, shown in {
        "a`b``c": "``` a`b``c ```",
        "a|b": "`a|b`",
        "<b>#": "`<b>#`",
        " x ": "`  x  `",
        "tab": "`tab[U+202E]bat`",
        "![x]": "`![x](http:⁄⁄e)`",
    }.items():
        assert f"- {shown}: " in said, name
    # Outside code nothing is left that Markdown or HTML would read.
    bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", said)
    bare = re.sub(r"\\[\\`*_\[\]|~]", "", bare)
    assert not set("<>`*[]~") & set(bare)


def test_a_page_names_some_documents_and_counts_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told_of, "_SHOWN", 3)
    issue(tmp_path, *(text("un", f"d{number}") for number in range(5)))
    said = page(tmp_path)
    assert said.count("\n- `d") == 3
    assert "## Documents added (5)" in said
    assert "- … and 2 more" in said


# Finding one


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, list[str]]:
    clean = tmp_path / "clean"
    return clean, [issue(clean, text(words)) for words in ("un", "deux", "trois")]


def test_releases_are_found_by_what_users_call_them(
    three: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, ids = three
    paths = [clean.resolve() / "releases" / identity for identity in ids]
    assert [path.resolve() for path in releases(clean)] == paths[::-1]
    calls = {
        "current": 2,
        "previous": 1,
        ids[0]: 0,
        ids[0][:12]: 0,
        str(paths[0]): 0,
        f"{paths[1]}/": 1,
        str(paths[1] / "data"): 1,
        str(clean / "current"): 2,
    }
    for wanted, place in calls.items():
        assert find_release(clean, wanted).resolve() == paths[place], wanted
    monkeypatch.chdir(clean / "releases")
    assert find_release(clean, f"./{ids[0]}").resolve() == paths[0]


@pytest.mark.parametrize(
    "wanted", ["", "x", "/", ".", "..", "0" * 64, "f" * 65, "*", "releases", "current/.."]
)
def test_other_calls_find_nothing(three: tuple[Path, list[str]], wanted: str) -> None:
    clean, ids = three
    with pytest.raises(UnknownRelease, match="no release is called") as raised:
        find_release(clean, wanted)
    assert all(identity[:12] in str(raised.value) for identity in ids)


def test_a_beginning_of_two_ids_is_refused(three: tuple[Path, list[str]]) -> None:
    clean, ids = three
    twin = clean / "releases" / (ids[0][:4] + "0" * 60)
    shutil.copytree(clean / "releases" / ids[0], twin)
    with pytest.raises(UnknownRelease, match="several releases are called"):
        find_release(clean, ids[0][:4])
    assert find_release(clean, ids[0]).name == ids[0]


def test_previous_is_what_was_published_before(three: tuple[Path, list[str]]) -> None:
    clean, ids = three
    assert issue(clean, text("un")) == ids[0]
    assert find_release(clean, "previous").name == ids[2]
    switch(clean, ids[1])  # by hand, back in time
    assert find_release(clean, "previous").name == ids[0]
    (clean / "current").unlink()
    assert find_release(clean, "previous").name == ids[0]  # what was published last


@pytest.mark.parametrize("wanted", ["current", "previous", "0"])
def test_where_there_is_none(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(UnknownRelease, match="none yet"):
        find_release(tmp_path / "clean", wanted)


def test_the_first_release_has_none_before_it(tmp_path: Path) -> None:
    issue(tmp_path, text("un"))
    with pytest.raises(UnknownRelease, match="nothing that is still there was published"):
        find_release(tmp_path, "previous")


# Taking away


def taken(folder: Path) -> int:
    """Return the bytes of the files below a folder, each counted once however many names it has."""
    return sum(
        {(s := path.lstat()).st_ino: s.st_size for path in folder.rglob("*") if path.is_file()}.values()
    )


@pytest.mark.parametrize(("keep", "left"), [(0, 1), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_those_published_last_stay(three: tuple[Path, list[str]], keep: int, left: int) -> None:
    clean, ids = three
    before = taken(clean / "releases")
    pruned = prune(clean, keep)
    assert pruned.releases == tuple(ids[: 3 - left])
    assert [path.name for path in releases(clean)] == ids[3 - left :][::-1]
    assert pruned.bytes == before - taken(clean / "releases")
    assert (pruned.bytes > 0) == (left < 3)
    assert verify(clean).faults == ()
    assert len(publications(clean)) == 3
    assert prune(clean, keep).releases == ()


def test_what_releases_share_is_not_freed(tmp_path: Path) -> None:
    stays = [text("mot " * 9_000, f"d{number}") for number in range(3)]
    for words in ("un", "deux", "trois"):
        issue(tmp_path, *stays, text(words))
    shared = sum(path.stat().st_size for path in (tmp_path / "current/text").glob("d*"))
    before = taken(tmp_path / "releases")
    pruned = prune(tmp_path, 1)
    assert len(pruned.releases) == 2
    assert pruned.bytes == before - taken(tmp_path / "releases")
    assert shared == sum(path.stat().st_size for path in (tmp_path / "current/text").glob("d*"))
    assert verify(tmp_path).faults == ()


def test_the_current_release_stays_though_others_were_published_later(three: tuple[Path, list[str]]) -> None:
    clean, ids = three
    switch(clean, ids[0])
    assert prune(clean, 2).releases == (ids[1],)
    assert {path.name for path in releases(clean)} == {ids[0], ids[2]}
    assert prune(clean, 1).releases == (ids[2],)
    assert verify(clean).release == ids[0]


def test_a_current_that_leads_to_the_folder_itself_is_kept_too(three: tuple[Path, list[str]]) -> None:
    clean, ids = three
    (clean / "current").unlink()
    (clean / "current").symlink_to(Path("releases", ids[0]))
    prune(clean, 1)
    assert [path.name for path in releases(clean)] == [ids[0]]


def test_what_is_no_release_stays(three: tuple[Path, list[str]]) -> None:
    clean, ids = three
    others = [clean / "releases" / name for name in ("notes", FORMAT_2, "a" * 64)]
    others[0].write_text("x")
    others[1].mkdir()
    others[2].symlink_to(clean / "releases" / ids[0], target_is_directory=True)
    assert prune(clean, 1).releases == tuple(ids[:2])
    assert all(path.exists() or path.is_symlink() for path in others)


def test_readers_find_a_whole_release_or_none(
    three: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, ids = three
    real, seen = shutil.rmtree, []

    def watched(path: Path) -> None:
        seen.append([found.name for found in releases(clean)])
        assert [verify(found).faults for found in releases(clean)] == [()] * len(seen[-1])
        real(path)

    monkeypatch.setattr(shelf.shutil, "rmtree", watched)
    prune(clean, 1)
    assert seen == [[ids[2], ids[1]], [ids[2]]]


@pytest.mark.parametrize("sweep", [lambda clean: prune(clean, 9), lambda clean: issue(clean, text("quatre"))])
def test_killed_while_taking_away(three: tuple[Path, list[str]], sweep: Callable[[Path], object]) -> None:
    clean, ids = three
    child = os.fork()
    if child == 0:
        shelf.shutil.rmtree = lambda path: (  # type: ignore[assignment]
            (path / "data/README.md").unlink(),
            os.kill(os.getpid(), signal.SIGKILL),
        )
        try:
            prune(clean, 1)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert [path.name for path in releases(clean)] == [ids[2], ids[1]]
    assert [verify(path).faults for path in releases(clean)] == [(), ()]
    assert list((clean / "releases").glob(".partial-*"))
    sweep(clean)
    assert not list((clean / "releases").glob(".partial-*"))
    assert [path.name for path in releases(clean)][-2:] == [ids[2], ids[1]]


def test_nobody_takes_away_while_someone_publishes(three: tuple[Path, list[str]]) -> None:
    clean, ids = three
    taker = threading.Thread(target=prune, args=(clean, 1))
    with publishing_lock(clean):
        taker.start()
        taker.join(0.5)
        assert taker.is_alive()
        assert len(releases(clean)) == 3
    taker.join()
    assert [path.name for path in releases(clean)] == [ids[2]]


def test_where_there_is_nothing_to_take_away(tmp_path: Path) -> None:
    assert prune(tmp_path / "clean", 1).releases == ()
    assert not (tmp_path / "clean").exists()


def test_outcomes_of_every_kind_are_told(tmp_path: Path) -> None:
    issue(tmp_path, *make_outcomes())
    issue(tmp_path)
    assert [(f.added, f.withdrawn) for f in publications(tmp_path)] == [(5, 0), (0, 5)]
    assert "- `secret`: was quarantine" in page(tmp_path)
