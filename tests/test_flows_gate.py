"""A release that must not follow the current one is kept aside, whole; a person may accept it."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from release_documents import READING, assemble, item, make_document, make_outcome

from flows.gate import judge
from release.compare import Comparison
from release.history import Judgement, current_release, publications
from release.origins import Origins
from release.publish import HeldBack, Release, accept, aside, publish
from release.rendering import PublishError
from release.shelf import UnknownRelease
from release.verify import verify
from repair.document import Outcome, Reason, Source, Status
from repair.edits import Decision, Edit, Evidence, Kind

LONG = "\n".join(f"{number}. Décide de rester saisie de la question numéro {number}." for number in range(40))


def _outcome(name: str, text: str = READING) -> Outcome:
    return make_outcome(make_document(name, text, (), (), ()))


def _publish(outcomes: Sequence[Outcome], clean: Path, origins: Origins | None = None) -> Release:
    told = origins or Origins()

    def gate(found: Comparison, old: Path | None, new: Path) -> Judgement:
        verdict = judge(found, old, new, told)
        return Judgement(verdict.against, verdict.told)

    return publish(map(item, outcomes), clean, versions={}, origins=told, gate=gate)


def _held(outcomes: Sequence[Outcome], clean: Path, origins: Origins | None = None) -> HeldBack:
    with pytest.raises(HeldBack) as caught:
        _publish(outcomes, clean, origins)
    return caught.value


def _codes(held: HeldBack) -> list[str]:
    return [reason.code for reason in held.judged.against]


def test_a_document_that_is_gone_holds_the_release_back(tmp_path: Path) -> None:
    first = _publish([_outcome("a"), _outcome("b", LONG)], tmp_path)
    held = _held([_outcome("a")], tmp_path)
    assert _codes(held) == ["document-kept"]
    assert current_release(tmp_path) == first.path.resolve()
    assert [publication.release for publication in publications(tmp_path)] == [first.id]
    assert aside(tmp_path) == [held.release.path]
    assert verify(held.release.path).faults == ()
    assert verify(tmp_path).faults == ()


def test_one_that_was_withdrawn_does_not(tmp_path: Path) -> None:
    _publish([_outcome("a"), _outcome("b", LONG)], tmp_path)
    told = Origins(withdrawn=(("b.*", "double de a"),))
    assert _publish([_outcome("a")], tmp_path, told).documents == 1


def test_one_that_has_another_name_does_not(tmp_path: Path) -> None:
    _publish([_outcome("a"), _outcome("b", LONG)], tmp_path)
    assert _publish([_outcome("a"), _outcome("c", LONG)], tmp_path).documents == 2


def test_one_that_had_no_text_does_not(tmp_path: Path) -> None:
    _publish([_outcome("a"), replace(_outcome("b"), status=Status.QUARANTINE)], tmp_path)
    assert _publish([_outcome("a")], tmp_path).documents == 1


def test_a_text_that_the_program_lost_holds_the_release_back(tmp_path: Path) -> None:
    before = _outcome("a", LONG)
    _publish([before], tmp_path)
    lost = replace(before, status=Status.QUARANTINE, reasons=(Reason("damage", "Perdu.", "Lost."),))
    assert _codes(_held([lost], tmp_path)) == ["text-kept"]
    short = _outcome("a", LONG[: len(LONG) // 2])
    assert short.document is not None
    same_file = replace(short, source=before.source, document=replace(short.document, source=before.source))
    assert "length-kept" in _codes(_held([same_file], tmp_path))


def test_a_text_whose_raw_file_is_another_is_judged_by_itself(tmp_path: Path) -> None:
    _publish([_outcome("a", LONG)], tmp_path)
    assert _publish([_outcome("a", "Rien à voir avec ce qui fut.")], tmp_path).published == 1


def test_a_raw_file_that_was_emptied_holds_the_release_back(tmp_path: Path) -> None:
    _publish([_outcome("a", LONG), _outcome("b")], tmp_path)
    source = Source("a", "a.txt", sha256(b"").hexdigest(), 0)
    empty = Outcome(source, Status.QUARANTINE, (Reason("empty", "Vide.", "Empty."),), None)
    assert _codes(_held([empty, _outcome("b")], tmp_path)) == ["text-kept"]


def test_documents_that_all_go_to_review_hold_the_release_back(tmp_path: Path) -> None:
    before = [_outcome(name, f"{LONG}\n{name * 9}.") for name in ("a", "b", "c", "d")]
    _publish(before, tmp_path)
    demoted = [replace(outcome, status=Status.REVIEW) for outcome in before]
    assert _codes(_held(demoted, tmp_path)) == ["published-not-fallen"]
    assert _publish([demoted[0], *before[1:]], tmp_path).published == 3


def test_damage_that_rose_holds_the_release_back(tmp_path: Path) -> None:
    before = _outcome("a", LONG)
    _publish([before], tmp_path)
    assert before.document is not None
    worse = replace(before.document, after=replace(before.document.after, damaged=30.0))
    assert _codes(_held([replace(before, document=worse)], tmp_path)) == ["damage-not-risen"]


def test_who_accepts_has_the_last_word(tmp_path: Path) -> None:
    _publish([_outcome("a"), _outcome("b", LONG)], tmp_path)
    held = _held([_outcome("a")], tmp_path)
    path = accept(tmp_path, held.release.id[:8])
    assert current_release(tmp_path) == path.resolve()
    assert verify(tmp_path).faults == ()
    assert aside(tmp_path) == []
    last = publications(tmp_path)[-1]
    assert last.withdrawn == 1
    assert [reason.code for reason in last.overruled] == ["document-kept"]
    (page,) = (tmp_path / "changes").glob("0002-*.md")
    assert "Published although" in page.read_text(encoding="utf-8")
    assert _publish([_outcome("a")], tmp_path).id == held.release.id


def test_what_was_changed_while_it_was_kept_aside_is_not_accepted(tmp_path: Path) -> None:
    first = _publish([_outcome("a"), _outcome("b", LONG)], tmp_path)
    held = _held([_outcome("a")], tmp_path)
    text = held.release.data / "text" / "a.txt"
    text.chmod(0o644)
    content = text.read_bytes()
    text.unlink()  # it is one file with that of the current release
    text.write_bytes(content + b"!")
    with pytest.raises(PublishError, match=r"text/a\.txt"):
        accept(tmp_path, held.release.id)
    assert current_release(tmp_path) == first.path.resolve()
    assert _held([_outcome("a")], tmp_path).release.id == held.release.id
    assert accept(tmp_path, held.release.id).name == held.release.id


def test_only_the_last_one_is_kept_aside(tmp_path: Path) -> None:
    everything = [_outcome("a"), _outcome("b", LONG), _outcome("c", LONG[:900])]
    _publish(everything, tmp_path)
    _held(everything[:1], tmp_path)
    second = _held(everything[:2], tmp_path)
    assert aside(tmp_path) == [second.release.path]
    _publish(everything, tmp_path)  # nothing new
    assert aside(tmp_path) == []


@pytest.mark.parametrize("wanted", ["", "0", "f" * 64])
def test_what_is_not_kept_aside_cannot_be_accepted(tmp_path: Path, wanted: str) -> None:
    first = _publish([_outcome("a")], tmp_path)
    with pytest.raises(UnknownRelease, match="nothing is"):
        accept(tmp_path, wanted)
    assert current_release(tmp_path) == first.path.resolve()


def test_documents_with_nearly_the_same_text_are_named(tmp_path: Path) -> None:
    nearly = LONG.replace("numéro 7.", "numéro sept.")
    other = LONG.replace("Décide de rester saisie de la question", "Prie les États d’agir sans retard au")
    texts = {"a": LONG, "b": LONG, "c": nearly, "d": other}
    release = _publish([_outcome(name, text) for name, text in texts.items()], tmp_path)
    (told,) = judge(_comparison(release), None, release.path, Origins()).told
    assert told.code == "documents-differ"
    assert "“a” and “b” (100%)" in told.en
    assert "“a” and “c” (9" in told.en
    assert "“d”" not in told.en


def _comparison(release: Release) -> Comparison:
    from release.compare import compare

    return compare(None, release.path)


def test_a_current_release_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    from flows.entries import Entry, pack
    from flows.state import State
    from flows.tasks import publish_release

    clean, raw = tmp_path / "clean", tmp_path / "raw"
    raw.mkdir()
    state = State(clean)
    for name in "ab":
        outcome = _outcome(name, LONG)
        assert outcome.document is not None
        state.save([Entry(outcome, "key", packed=pack(outcome.document))])
    first = publish_release.fn(state, raw, clean, clean / "results")
    told = [reason.code for reason in first.judged.told]
    assert told == ["documents-differ"]
    damaged = first.release.data / "documents.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(b"PAR1")
    state.keep_only(["a.txt"])
    second = publish_release.fn(state, raw, clean, clean / "results")
    assert [reason.code for reason in second.judged.told] == ["not-compared"]
    assert publications(clean)[-1].told == second.judged.told


def _ruled(outcome: Outcome, text: str, *, by: str = "curator") -> Outcome:
    """Return a document whose whole text was decided on."""
    document = outcome.document
    assert document is not None
    said = Evidence(by, f"Ana, 2026-11-22T08:00:00Z: leave/document: essai ({by:0<12.12})")
    edit = Edit(
        0,
        len(document.reading.text),
        document.reading.text,
        text,
        Kind.REPAIR,
        "demo",
        1.0,
        Decision.APPLIED,
        (said,),
    )
    return make_outcome(assemble("a", document.reading.text, (edit,), (), ()))


@pytest.mark.parametrize(
    ("by", "made_with", "held"),
    [
        ("curator", {"decisions": "1"}, []),
        ("lexicon", {"decisions": "1"}, ["length-kept", "vocabulary-kept"]),
        ("curator", {"decisions": "1", "prote": "9"}, ["length-kept", "vocabulary-kept"]),
        ("curator", {}, ["length-kept", "vocabulary-kept"]),
    ],
    ids=["ruled", "not ruled", "another program too", "no ruling is new"],
)
def test_what_curators_decided_holds_no_release_back(
    tmp_path: Path, by: str, made_with: dict[str, str], held: list[str]
) -> None:
    before = _outcome("a", LONG)
    _publish([before], tmp_path)
    after = _ruled(before, "Tout autre chose, et bien plus court.", by=by)
    codes: list[str] = []

    def gate(found: Comparison, old: Path | None, new: Path) -> Judgement:
        verdict = judge(found, old, new, Origins())
        codes.extend(reason.code for reason in verdict.against)
        return Judgement(verdict.against, verdict.told)

    try:
        publish([item(after)], tmp_path, versions=made_with, origins=Origins(), gate=gate)
    except HeldBack:
        assert codes
    assert [code for code in codes if code.endswith("-kept")] == held
    assert bool(codes) == bool(held)
