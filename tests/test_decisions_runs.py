"""Decisions in runs with a real Prefect server: what is processed again, published, and replayed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from decisions_cases import place

from flows.exits import Stop
from flows.state import State
from release.verify import verify
from repair.decisions.journal import Journal
from repair.decisions.refit import ENOUGH, refit
from repair.decisions.ruling import Ruling, signed
from repair.edits import Decision

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

CLEAN = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)
DAMAGED = (
    "Le conseil de 1’école s’est réuni. 1l a demandé que 1’entreprise répare le toit, "
    "et que 1’on plante des arbres devant 1’église.\n"
)
OTHER = DAMAGED.replace("église", "usine")


class House:
    """A corpus, its journal, and what runs make of it."""

    def __init__(self, folder: Path) -> None:
        self.raw, self.clean = folder / "raw", folder / "clean"
        self.journal = Journal(folder / "decisions.jsonl")
        self._said = 0
        (self.raw / "lois").mkdir(parents=True)
        for name, text in (("clair", CLEAN), ("abime", DAMAGED), ("lois/usine", OTHER)):
            (self.raw / f"{name}.txt").write_text(text, encoding="utf-8")

    def run(self, clean: Path | None = None) -> Any:
        from flows.corpus import publish_corpus

        return publish_corpus(str(self.raw), str(clean or self.clean), decisions=str(self.journal.path))

    def again(self, document: str) -> Any:
        from flows.corpus import reprocess_document

        return reprocess_document(document, str(self.raw), str(self.clean), decisions=str(self.journal.path))

    def rule(self, **told: Any) -> Ruling:
        self._said += 1
        when = f"2026-11-22T08:00:{self._said:02}Z"
        ruling = signed(msgspec.convert({"id": "", "who": "Ana", "when": when, **told}, Ruling))
        self.journal.append([ruling])
        return ruling

    def here(self, document: str, before: str, after: str, verdict: str = "reject", **told: Any) -> Ruling:
        reading = self.text(document, "reading")
        at = place(reading, reading.index(before), before)
        return self.rule(
            verdict=verdict, scope="here", document=document, before=before, after=after, place=at, **told
        )

    def take_back(self, ruling: Ruling) -> Ruling:
        return self.rule(verdict="reverse", reverses=ruling.id)

    def text(self, document: str, edition: str = "diplomatic") -> str:
        return (self.clean / "current" / edition / f"{document}.txt").read_text(encoding="utf-8")

    def reasons(self, document: str) -> list[Any]:
        file = self.clean / "current" / "json" / f"{document}.json"
        return [msgspec.json.decode(file.read_bytes())[key] for key in ("status", "reasons")]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_ruling_here_is_honoured_by_the_next_run_and_taken_back(house: House) -> None:
    first = house.run()
    said = house.here("abime", "1’église", "l’église", why="enseigne")
    second = house.run()
    assert (second.processed, second.against) == (1, ())
    assert "devant 1’église" in house.text("abime")
    assert "de l’école" in house.text("abime")
    assert verify(house.clean).faults == ()
    edits = (house.clean / "current" / "edits.jsonl").read_text(encoding="utf-8")
    assert f"Ana, {said.when}: reject/here: enseigne ({said.id})" in edits
    assert house.run().processed == 0
    made = msgspec.json.decode((house.clean / "current" / "release.json").read_bytes())["versions"]
    assert len(made["decisions"]) == 16

    house.take_back(said)
    third = house.run()
    assert (third.processed, third.release.id) == (1, first.release.id)


def test_a_wide_ruling_has_those_processed_again_that_it_is_about(house: House) -> None:
    house.run()
    house.rule(verdict="reject", scope="everywhere", before="1’usine", after="l’usine")
    assert house.run().processed == 1
    assert "1’usine" in house.text("lois__usine")
    house.rule(verdict="reject", scope="collection", collection="lois", before="1’école", after="l’école")
    assert house.run().processed == 1
    assert "1’école" in house.text("lois__usine")
    assert "l’école" in house.text("abime")
    house.rule(verdict="reject", scope="everywhere", before="1’amande", after="l’amande")
    house.rule(verdict="reject", scope="document", document="ailleurs", before="1’école", after="l’école")
    kept = house.run()
    assert kept.processed == 0
    house.rule(verdict="correct", scope="everywhere", before="1’école", after="l’école", instead="l’École")
    assert house.run().processed == 2  # the narrower still stands, and the wider may one day
    assert "1’école" in house.text("lois__usine")
    assert "l’École" in house.text("abime")
    assert verify(house.clean).faults == ()


def test_what_comes_out_depends_on_raw_files_and_rulings_alone(house: House) -> None:
    house.run()
    house.rule(verdict="reject", scope="everywhere", before="1’école", after="l’école")
    house.here("abime", "1’église", "l’église", "correct", instead="la chapelle")
    house.rule(verdict="leave", scope="document", document="lois__usine", why="fac-similé")
    grown = house.run()
    assert grown.processed == 2
    assert house.text("lois__usine") == OTHER
    fresh = house.run(house.clean.with_name("fresh"))
    assert fresh.release.id == grown.release.id

    lines = house.journal.path.read_bytes().splitlines(keepends=True)
    house.journal.path.write_bytes(b"".join(reversed(lines)))  # as a merge may leave them
    house.rule(verdict="accept", scope="document", document="ailleurs", before="a", after="b")
    other = house.run(house.clean.with_name("other"))
    assert other.release.id == grown.release.id

    from flows.replay import replay

    assert (
        replay(house.clean / "releases" / grown.release.id, house.raw, house.journal.path, debug=False)
        is None
    )
    nothing = replay(house.clean / "releases" / grown.release.id, house.raw, Path("none.jsonl"), debug=False)
    assert nothing is not None
    assert [name for name, _, _ in nothing.versions] == ["decisions"]


def test_one_document_sent_through_again_honours_at_once_and_the_others_wait(house: House) -> None:
    house.run()
    house.rule(verdict="reject", scope="everywhere", before="1’école", after="l’école")
    once = house.again("abime")
    assert once.processed == 1
    assert "1’école" in house.text("abime")
    assert "l’école" in house.text("lois__usine")
    assert house.run().processed == 1
    assert "1’école" in house.text("lois__usine")


@pytest.mark.parametrize("fresh", [True, False], ids=["before the first run", "after it"])
def test_a_quarantined_document_is_released_and_the_gate_lets_it(house: House, fresh: bool) -> None:
    from flows.survey import digest

    lost = house.raw / "perdu.txt"
    lost.write_text("zqx vbn wrt klm pfg hjd zzt qwv " * 30, encoding="utf-8")
    if not fresh:
        house.run()
    (row,) = (row for row in House.run(house, house.clean.with_name("look")).rows if row.name == "perdu")
    assert row.status != "published"
    said = house.rule(
        verdict="release",
        scope="document",
        document="perdu",
        sha256=digest(lost)[0],
        failed=sorted(row.failed),
        why="texte chiffré",
    )
    report = house.run()
    assert report.processed == (4 if fresh else 1)
    assert report.against == ()
    status, (reason,) = house.reasons("perdu")
    assert (status, reason["code"]) == ("published", "released")
    for told in ("Ana", "2026-11-22", "texte chiffré", *row.failed, said.id):
        assert told in reason["fr"]
        assert told in reason["en"]
    assert verify(house.clean).faults == ()
    assert house.run().processed == 0

    lost.write_text("zqx vbn wrt klm pfg hjd zzt qwv " * 31, encoding="utf-8")
    changed = house.run()  # another raw file, of which nobody said anything
    assert {one.name: one.status for one in changed.rows}["perdu"] == row.status


def test_nobody_releases_from_what_was_not_named(house: House) -> None:
    from flows.survey import digest

    lost = house.raw / "perdu.txt"
    lost.write_text("zqx vbn wrt klm pfg hjd zzt qwv " * 30, encoding="utf-8")
    house.rule(
        verdict="release",
        scope="document",
        document="perdu",
        sha256=digest(lost)[0],
        failed=["another-code"],
        why="essai",
    )
    report = house.run()
    assert {one.name: one.status for one in report.rows}["perdu"] != "published"


def test_what_failed_is_tried_again_with_rulings(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import tasks

    seen: list[int] = []
    whole = tasks._judge

    def fails_once(done: Any, run: Any) -> Any:
        seen.append(len(done))
        if len(seen) == 1:
            raise OSError("disk")
        return whole(done, run)

    house.rule(verdict="reject", scope="everywhere", before="1’école", after="l’école")
    monkeypatch.setattr(tasks, "_judge", fails_once)
    monkeypatch.setattr("flows.jobs._SMALLEST_SECONDS", 60.0)
    house.run()
    assert seen[:2] == [3, 3]
    assert "1’école" in house.text("abime")


def test_a_damaged_journal_stops_the_run_in_a_sentence(house: House) -> None:
    house.rule(verdict="reject", scope="everywhere", before="a", after="b")
    with house.journal.path.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(Stop, match="line 2 of"):
        house.run()
    assert not (house.clean / "current").exists()


def test_a_wide_ruling_on_a_memory_of_the_corpus_is_honoured(tmp_path: Path) -> None:
    from memory_documents import DAMAGED as DOUBTFUL
    from memory_documents import PRINTED, READ, TRUSTED

    house = House(tmp_path)
    shutil.rmtree(house.raw)
    house.raw.mkdir()
    (house.raw / "abime.txt").write_text(DOUBTFUL, encoding="utf-8")
    (house.raw / "soeur.txt").write_text(TRUSTED, encoding="utf-8")
    first = house.run()
    assert first.recalled == 1
    assert PRINTED in house.text("abime")
    house.rule(verdict="reject", scope="everywhere", before=READ, after=PRINTED)
    second = house.run()
    assert (second.processed, second.recalled) == (1, 1)
    assert READ in house.text("abime")
    assert house.run().processed == 0
    assert State(house.clean).rulings() != [""]


def _doubts(house: House) -> dict[str, list[Any]]:
    """Return the repairs in review of each document that a probability decides of."""
    state = State(house.clean)
    found = {}
    for item in state.items():
        document = item.load().document
        assert document is not None
        found[item.source.name] = [
            edit for edit in document.repairs if edit.decision is Decision.REVIEW and edit.bound
        ]
    return found


def test_enough_rulings_decide_doubts_and_process_only_what_they_change(tmp_path: Path) -> None:
    from memory_documents import DAMAGED as DOUBTFUL
    from test_decisions_recalibrate import journal, said

    house = House(tmp_path)
    (house.raw / "douteux.txt").write_text(DOUBTFUL, encoding="utf-8")
    house.run()
    doubts = _doubts(house)
    assert doubts["douteux"]
    surest = max(doubts["douteux"], key=lambda edit: edit.probability)
    assert surest.before in house.text("douteux")

    enough = journal(5000, ENOUGH, surest.probability)
    house.journal.append(enough)
    second = house.run()
    assert second.processed == sum(
        any(refit(enough).at_least(edit.probability) >= edit.bound for edit in those)
        for those in doubts.values()
    )
    assert 0 < second.processed < 4
    assert surest.before not in house.text("douteux")
    assert verify(house.clean).faults == ()
    ledger = (house.clean / "current" / "edits.jsonl").read_text(encoding="utf-8")
    assert f"{surest.probability:.4f} → " in ledger
    assert refit(enough).id in ledger
    made = msgspec.json.decode((house.clean / "current" / "release.json").read_bytes())["versions"]
    assert len(made["decisions"]) == 16

    house.journal.append([said(9000 + number, number % 2 == 0) for number in range(50)])
    assert house.run().processed == 0, "fifty rulings more are no step"
    fresh = house.run(house.clean.with_name("fresh"))
    assert fresh.release.id == second.release.id

    # A curator's word goes before it.
    house.rule(verdict="reject", scope="everywhere", before=surest.before, after=surest.after)
    assert house.run().processed == 1
    assert surest.before in house.text("douteux")
