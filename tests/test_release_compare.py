"""Two releases compared: what is found, that nothing else is, and what of them is read for it."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_documents import drawn_documents, make_document, make_outcome, make_outcomes, publish
from test_release_report import HOSTILE, hostile_outcomes, parse

from release import compare as comparing
from release import differences
from release.compare import Change, Comparison, RuleChange, changed_lines, compare
from release.differences import LineChange, line_changes
from release.ledger import line_spans, read_edits, read_text
from release.pages.comparison import PIECES_SHOWN, PLACES_SHOWN, comparison_page
from release.tables import DamagedTable, Finder
from repair.document import Outcome, Status
from repair.edits import Decision

CASES = Path(__file__).parent / "cases"
DIFFERENCES = json.loads((CASES / "release_differences.json").read_text(encoding="utf-8"))
COMPARISONS = json.loads((CASES / "release_comparisons.json").read_text(encoding="utf-8"))


def release_of(outcomes: Sequence[Outcome], clean: Path, versions: dict[str, str] | None = None) -> Path:
    return publish(outcomes, clean, versions=versions or {}).path


# Lines


def lines_of(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in line_spans(text)]


def replayed(old: str, changes: Sequence[LineChange]) -> list[str]:
    """Return the lines of the new text, made from the old one and the changes alone."""
    lines, made, at = lines_of(old), [], 0
    for change in changes:
        made += lines[at : change.old_line - 1]
        assert len(made) == change.new_line - 1
        at = change.old_line - 1 + len(change.old)
        assert tuple(lines[change.old_line - 1 : at]) == change.old
        made += change.new
    return made + lines[at:]


def counted(changes: Sequence[LineChange]) -> tuple[int, int]:
    return sum(len(change.old) for change in changes), sum(len(change.new) for change in changes)


@pytest.mark.parametrize("case", DIFFERENCES, ids=lambda case: case["why"])
def test_lines(case: dict[str, Any]) -> None:
    found = [
        [place.old_line, place.new_line, [*place.old], [*place.new]]
        for place in line_changes(case["old"], case["new"])
    ]
    assert found == case["places"]


texts = st.lists(st.sampled_from(["", "a", "b", "97", "un deux", "c\u2028d"]), max_size=12).map("\n".join)


@given(texts, texts, st.sampled_from([0, 9, differences.LARGEST]))
def test_the_new_lines_come_from_the_old_ones_and_the_changes(old: str, new: str, largest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differences, "LARGEST", largest)
        there, back = list(line_changes(old, new)), list(line_changes(new, old))
    assert replayed(old, there) == lines_of(new)
    assert replayed(new, back) == lines_of(old)
    assert counted(there) == counted(back)[::-1]
    assert bool(there) == (lines_of(old) != lines_of(new))
    # Lines that stayed stand between two places.
    for one, two in pairwise(there):
        assert one.old_line + len(one.old) < two.old_line
    if largest == differences.LARGEST:
        matcher = difflib.SequenceMatcher(None, lines_of(old), lines_of(new), autojunk=False)
        assert counted(there)[0] <= len(lines_of(old)) - sum(
            block.size for block in matcher.get_matching_blocks()
        )


def test_a_long_text_that_changed_everywhere() -> None:
    old = [f"ligne {number}" for number in range(20_000)]
    new = [line + "!" * (number % 2) for number, line in enumerate(old)]
    # `difflib` needs minutes for this one.
    assert len(list(line_changes("\n".join(old), "\n".join(new)))) == 10_000
    assert len(list(line_changes("\n".join(old), "\n".join(line + "?" for line in new)))) == 1


def test_texts_beyond_the_bound_are_one_place_between_what_stayed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "LARGEST", 3)
    assert list(line_changes("a\nb\nc\nd\nz", "a\nB\nc\nD\nz")) == [
        LineChange(2, 2, ("b", "c", "d"), ("B", "c", "D"))
    ]


# Releases


def outcomes_of(documents: dict[str, dict[str, Any]]) -> list[Outcome]:
    return [
        make_outcome(
            make_document(
                name,
                said["reading"],
                [(before, after, Decision(decision)) for before, after, decision in said.get("repairs", ())],
                (),
                (),
            ),
            Status(said.get("status", "published")),
        )
        for name, said in documents.items()
    ]


@pytest.mark.parametrize("case", COMPARISONS, ids=lambda case: case["why"])
def test_comparisons(case: dict[str, Any], tmp_path: Path) -> None:
    versions = case.get("versions", [])
    old = release_of(outcomes_of(case["before"]), tmp_path, {name: was for name, was, _ in versions})
    new = release_of(outcomes_of(case["after"]), tmp_path, {name: now for name, _, now in versions})
    found = compare(old, new)
    assert [[change.name, change.change, change.cause, change.places] for change in found.documents] == case[
        "changes"
    ]
    assert [[rule.rule, rule.appeared, rule.vanished] for rule in found.rules] == case["rules"]
    assert [[*version] for version in found.versions] == versions
    for change in found.documents:
        if change.change in (Change.CHANGED, Change.RENAMED):
            assert len(list(changed_lines(old, new, change))) == change.places


def test_figures(tmp_path: Path) -> None:
    outcomes = make_outcomes()
    found = compare(None, release_of(outcomes, tmp_path))
    assert (found.old, found.before) == ("", None)
    assert len(found.of(Change.ADDED)) == len(found.documents) == 5
    after = found.after
    assert (after.documents.published, after.documents.review, after.documents.quarantine) == (2, 1, 2)
    texts = [outcome.document for outcome in outcomes if outcome.status is not Status.QUARANTINE]
    words = sum(document.after.words for document in texts if document)
    assert after.words == words
    damaged = sum(document.after.damage * document.after.words for document in texts if document)
    assert after.damage_after == pytest.approx(damaged / words)


def test_the_figures_of_nothing_are_none(tmp_path: Path) -> None:
    found = compare(None, release_of([], tmp_path))
    assert (found.after.words, found.after.damage_after, found.documents) == (0, 0.0, ())


@st.composite
def corpora(draw: st.DrawFn) -> list[Outcome]:
    outcomes = []
    for name in draw(st.sets(st.sampled_from(["a", "b", "é d", "z"]), max_size=3)):
        document = draw(drawn_documents())
        document = replace(document, source=replace(document.source, name=name, path=f"{name}.txt"))
        outcomes.append(make_outcome(document, draw(st.sampled_from(Status))))
    return outcomes


def mirrored(found: Comparison) -> Any:
    turned = {Change.ADDED: Change.WITHDRAWN, Change.WITHDRAWN: Change.ADDED}
    return (
        {
            (turned.get(change.change, change.change), change.new, change.old, change.cause)
            for change in found.documents
        },
        {RuleChange(rule.rule, rule.vanished, rule.appeared) for rule in found.rules},
        [(name, now, was) for name, was, now in found.versions],
        (found.after, found.before),
    )


def made(release: Path, name: str, status: Status) -> Counter[str]:
    if status is Status.QUARANTINE:
        return Counter()
    edits = read_edits(release / "data", name)
    return Counter(edit.rule for edit in edits if edit.decision is Decision.APPLIED)


@settings(max_examples=25, deadline=None)
@given(corpora(), corpora(), st.sampled_from(["1", "2"]))
def test_a_comparison_says_all_and_nothing_else(
    before: list[Outcome], after: list[Outcome], version: str
) -> None:
    with TemporaryDirectory() as folder:
        old = release_of(before, Path(folder), {"prote": "1"})
        new = release_of(after, Path(folder), {"prote": version})
        for release in (old, new):
            itself = compare(release, release)
            assert (itself.documents, itself.versions, itself.rules) == ((), (), ())
            assert itself.before == itself.after
        found, back = compare(old, new), compare(new, old)
        assert mirrored(back)[:3] == (
            {(change.change, change.old, change.new, change.cause) for change in found.documents},
            set(found.rules),
            [*found.versions],
        )
        assert (back.after, back.before) == (found.before, found.after)
        assert len(after) - len(before) == len(found.of(Change.ADDED)) - len(found.of(Change.WITHDRAWN))
        named = {row.name for change in found.documents for row in (change.old, change.new) if row}
        for stayed in {outcome.source.name for outcome in (*before, *after)} - named:
            both = [next(o for o in outcomes if o.source.name == stayed) for outcomes in (before, after)]
            assert both[0] == both[1]
        for change in found.documents:
            if change.old is None or change.new is None:
                assert (change.places, change.rules) == (0, ())
                continue
            old_text, new_text = (
                ""
                if row.status is Status.QUARANTINE
                else read_text(release / "data/text" / f"{row.name}.txt")
                for release, row in ((old, change.old), (new, change.new))
            )
            places = list(changed_lines(old, new, change))
            assert len(places) == change.places
            assert replayed(old_text, places) == lines_of(new_text)
            was, now = (
                made(old, change.old.name, change.old.status),
                made(new, change.new.name, change.new.status),
            )
            for rule in was | now:
                told = next((r for r in change.rules if r.rule == rule), RuleChange(rule, 0, 0))
                assert now[rule] - was[rule] == told.appeared - told.vanished
                assert told.appeared <= now[rule]
                assert told.vanished <= was[rule]


def test_of_many_documents_those_that_changed_alone_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = [
        make_outcome(make_document(f"d{number:04}", "une étre", [("étre", "être", Decision.APPLIED)], (), ()))
        for number in range(2_000)
    ]
    old = release_of(outcomes, tmp_path)
    changed = [f"d{number:04}" for number in (0, 7, 700, 701, 1999)]
    for name in changed:
        outcomes[int(name[1:])] = make_outcome(make_document(name, "une étre", (), (), ()))
    new = release_of(outcomes, tmp_path)
    texts: list[tuple[Path, str]] = []
    edits: list[str] = []
    find = Finder.find

    def counting_text(path: Path) -> str:
        texts.append((path.parents[2], path.stem))
        return read_text(path)

    def counting_find(finder: Finder[Any], document: str) -> list[Any]:
        edits.append(document)
        return find(finder, document)

    monkeypatch.setattr(comparing, "read_text", counting_text)
    monkeypatch.setattr(Finder, "find", counting_find)
    found = compare(old, new)
    assert [change.name for change in found.documents] == changed
    assert found.rules == (RuleChange("rule-repair", 0, 5),)
    assert sorted(texts) == sorted((release, name) for release in (old, new) for name in changed)
    assert sorted(edits) == sorted(2 * changed)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no table": lambda data: (data / "documents.parquet").unlink(),
    "no table of edits": lambda data: overwrite(data / "edits.parquet", b"PAR1"),
    "no lineage": lambda data: (data / "release.json").unlink(),
    "lineage of later": lambda data: overwrite(
        data / "release.json", (data / "release.json").read_bytes().replace(b'"3.', b'"4.')
    ),
    "lineage that is none": lambda data: overwrite(data / "release.json", b"[]"),
    "no text": lambda data: (data / "text/rapport.txt").unlink(),
    "text that is none": lambda data: overwrite(data / "text/rapport.txt", b"\xff"),
}


def overwrite(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_cannot_be_read_is_named(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    old = release_of(make_outcomes(), tmp_path)
    new = release_of([make_outcome(make_document("rapport", "Autre.", (), (), ()))], tmp_path)
    damage(old / "data")
    with pytest.raises(DamagedTable, match="cannot be read"):
        compare(old, new)
    with pytest.raises(DamagedTable, match="cannot be read"):
        compare(new, old)


# The page


def page_of(old: Path, new: Path) -> str:
    return "".join(comparison_page(compare(old, new), old, new))


@pytest.fixture(scope="module")
def hostile_pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    clean = tmp_path_factory.mktemp("hostile")
    hostile = hostile_outcomes()
    plain = [
        make_outcome(make_document(hostile[0].source.name, "Autre.\nEt fin.", (), (), ()), Status.REVIEW)
    ]
    renamed = make_outcome(make_document("<i>x\u202e", "Le même.", (), (), ()))
    twin = make_outcome(make_document("`|*y*", "Le même.", (), (), ()))
    one = release_of([*plain, renamed], clean, {"prote": "1"})
    two = release_of([*hostile, twin], clean, {"prote": HOSTILE, HOSTILE.replace("/", ""): "2"})
    return [page_of(one, two), page_of(two, one)]


def test_a_page_trusts_no_text(hostile_pages: list[str]) -> None:
    for page in hostile_pages:
        tree = parse(page)
        assert [len(tree.findall(f".//{tag}")) for tag in ("script", "style", "meta")] == [1, 1, 5]
        assert not {"img", "svg", "b", "i", "iframe", "link", "base", "form"} & {e.tag for e in tree.iter()}
        names = {name for element in tree.iter() for name in element.attrib}
        assert not [name for name in names if name.startswith("on") or name in ("style", "src", "href")]
        policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert not set(page) & set("\u202e\u202c\u2066\x00\x07\x1b")
        assert "<!--" not in page
        said = tree.text_content()
        assert "<script>alert(1)</script>" in said
        assert "{{ 7*7 }}" in said
        assert "<i>xU+202E" in said


def test_a_page_speaks_both_languages(hostile_pages: list[str]) -> None:
    tree = parse(hostile_pages[0])
    assert tree.get("lang") == "fr"
    for span in tree.xpath("//span[@class='fr']"):
        assert (span.get("lang"), span.getnext().get("class"), span.getnext().get("lang")) == (
            "fr",
            "en",
            "en",
        )
    assert tree.xpath("//title")[0].get("data-en") == "Two releases compared"


def test_a_page_shows_the_words_that_changed(tmp_path: Path) -> None:
    old = release_of([make_outcome(make_document("a", "Une étre\nsuite\nfin de tout", (), (), ()))], tmp_path)
    new = release_of(
        [make_outcome(make_document("a", "Une être\nsuite\nfin\nde tout", (), (), ()))], tmp_path
    )
    tree = parse(page_of(old, new))
    lines = tree.xpath("//div[@class='line']")
    assert [line.find("span").text for line in lines] == ["1", "3"]
    gone, come = ([element.text for element in tree.iter(tag)] for tag in ("del", "ins"))
    assert (gone, come) == (["étre", "␣"], ["être", "⏎"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n".join(f"l{n}" for n in range(4_000)), "\n".join(f"l{n}" + "!" * (n % 2) for n in range(4_000))),
        ("\n".join(f"l{n}" for n in range(4_000)), "\n".join(f"m{n}" for n in range(4_000))),
        ("mot " * 50_000, "mot " * 25_000 + "autre " + "mot " * 25_000),
        ("mot " * 50_000, "tom " * 50_000),
        ("a" * 200_000, "b" * 200_000),
    ],
    ids=["many places", "one long place", "a word in a long line", "a long line", "a long word"],
)
def test_a_page_stays_short(tmp_path: Path, old: str, new: str) -> None:
    one, two = (
        release_of([make_outcome(make_document("a", text, (), (), ()))], tmp_path) for text in (old, new)
    )
    page = page_of(one, two)
    assert len(page) < 150_000
    tree = parse(page)
    assert 1 <= len(tree.xpath("//div[@class='line']")) <= PLACES_SHOWN
    assert 1 <= sum(1 for _ in tree.iter("del", "ins")) <= PIECES_SHOWN * 3
