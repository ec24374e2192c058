"""Each expectation is seen to fail on its planted defect, and on nothing else."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from expectations_documents import KINDS, LINES, document, numbered, repair

from expectations import suites, tables
from expectations.gate import Verdict, judge
from expectations.rule import Severity, rules_of
from expectations.rules import MOST_FAULTS, RULES, TABLES
from repair.document import Document, Metadata, Note, Quality, Span, Status
from repair.edits import Decision, Edit, Kind

CLEAN = document()
RESOLUTION = numbered("1", "2", "3")
MANY = 400  # words, so that a share is more than chance


def with_line(place: int, line: str) -> Document:
    lines = (*LINES[:place], line, *LINES[place + 1 :])
    made = document(lines)
    blocks = tuple(
        replace(block, kind=clean.kind, number=clean.number)
        for block, clean in zip(made.paragraphs, CLEAN.paragraphs, strict=True)
    )
    return replace(made, paragraphs=blocks, notes=CLEAN.notes)


def quality(words: int = MANY, unknown: int = 0, damaged: float = 0.0, language: str = "fr") -> Document:
    return replace(CLEAN, after=Quality(words, unknown, damaged, language))


def edited(*edits) -> Document:
    return replace(CLEAN, repairs=edits)


def letters(text: str) -> tuple[Edit, ...]:
    """Return an applied repair of each character."""
    return tuple(repair(place, letter, letter) for place, letter in enumerate(text))


def shortened(lines: int, kind: Kind) -> Document:
    """Keep the first lines of the clean document; the others are cut off in this layer."""
    kept = document(LINES[:lines], KINDS[:lines])
    cut = repair(len(kept.text), CLEAN.text[len(kept.text) :], "", kind=kind)
    if kind is Kind.REPAIR:
        return replace(kept, reading=CLEAN.reading, repairs=(cut,))
    return replace(kept, reading=CLEAN.reading, diplomatic=CLEAN.diplomatic, structure=(cut,))


def called(*marks: str) -> Document:
    """Return a document whose notes are called in the order of these marks."""
    notes = [Note(mark, "Voir l’annexe.", (20 + place,)) for place, mark in enumerate(marks)]
    return replace(CLEAN, notes=tuple(sorted(notes, key=lambda note: note.mark)))


LONG = "Prie le Secrétaire général de fournir à l’Office des Nations Unies"


def furnished(furniture: str) -> Document:
    """Return a document of one paragraph, with page furniture in it as it was read."""
    read = f"{LONG} contre la drogue{furniture}et le crime les ressources voulues."
    made = document((" ".join(read.split()),))
    return replace(made, paragraphs=(replace(made.paragraphs[0], diplomatic=read),))


def resolved(*openings: str) -> Document:
    """Return a resolution whose paragraphs open with these words."""
    lines = [f"{place}. {words} le Secrétaire général." for place, words in enumerate(openings, 1)]
    made = document(tuple(lines), tuple(("paragraph", str(place)) for place in range(1, len(lines) + 1)))
    return replace(made, metadata=Metadata(genre="resolution-onu", symbol="A/RES/74/175"))


# Code of the expectation, the document with its defect, other codes that fail with it by nature.
PLANTED = [
    ("has-words", document((), after=Quality(0, 0, 0.0, "fr")), set()),
    ("has-words", document(("Annexe",), after=Quality(1, 0, 0.0, "fr")), set()),
    ("language-known", quality(language="und"), set()),
    ("words-known", quality(unknown=80), set()),
    ("words-mostly-known", quality(unknown=300), {"words-known"}),
    ("damage-low", quality(damaged=20.0), set()),
    ("damage-bearable", quality(damaged=160.0), {"damage-low"}),
    (
        "pages-read-alike",
        replace(RESOLUTION, reading=replace(RESOLUTION.reading, disagreement=(0.01, 0.2, 0.1))),
        set(),
    ),
    ("edits-few", replace(RESOLUTION, repairs=letters(RESOLUTION.text[:20])), set()),
    ("repair-keeps-length", shortened(6, Kind.REPAIR), set()),
    ("repair-keeps-text", shortened(2, Kind.REPAIR), {"repair-keeps-length"}),
    ("structure-keeps-length", shortened(5, Kind.STRUCTURE), set()),
    ("structure-keeps-text", shortened(2, Kind.STRUCTURE), {"structure-keeps-length"}),
    ("characters-legible", with_line(0, "L’Assemblée \0\1\2\3\4\5\6"), {"no-control-characters"}),
    ("edits-replay", replace(with_line(0, "L’Assemblee générale,"), diplomatic=CLEAN.diplomatic), set()),
    ("paragraphs-make-text", replace(CLEAN, paragraphs=CLEAN.paragraphs[:-1]), set()),
    ("numbers-in-sequence", numbered("1", "2", "4", "5"), set()),
    ("no-control-characters", with_line(0, "L’Assemblée\x07 générale,"), set()),
    ("no-control-characters", with_line(0, "L’Assembl\ufffde générale,"), set()),
    ("no-mojibake", with_line(0, "L’AssemblÃ©e gÃ©nÃ©rale,"), set()),
    ("characters-composed", with_line(0, "L’Assemble\u0301e générale,"), set()),
    ("quotes-balanced", with_line(0, "L’Assemblée « générale,"), set()),
    ("quotes-balanced", with_line(0, 'L’"Assemblée générale,'), set()),
    ("brackets-balanced", with_line(0, "L’Assemblée (générale,"), set()),
    ("brackets-balanced", with_line(7, "1 Voir l’annexe] de la résolution."), set()),
    ("notes-called", replace(CLEAN, notes=(replace(CLEAN.notes[0], calls=()),)), set()),
    ("calls-have-notes", replace(CLEAN, notes=(replace(CLEAN.notes[0], text=""),)), set()),
    ("headings-present", replace(CLEAN, metadata=Metadata(genre="resolution-onu")), set()),
    ("notes-in-order", called("1", "3"), set()),
    ("notes-in-order", called("2", "1", "3"), set()),
    ("no-furniture-in-text", furnished("\n12\n"), set()),
    ("no-furniture-in-text", furnished("\nA/RES/74/175\n"), set()),
    ("no-furniture-in-text", furnished(" ________ "), set()),
    ("sentences-whole", document((f"{LONG} et des", "États Membres.")), set()),
    ("sentences-whole", document((LONG, "ressources voulues.")), set()),
    ("sentences-whole", document((f"{LONG} et des",)), set()),
    ("numbers-have-text", numbered("1", "2", "3", texts=("1. Prie.", "2.", "3. Décide.")), set()),
    ("paragraphs-open", resolved("Prie", "Invite", "Décide d’aider", "Prle", "Charge"), set()),
    ("paragraphs-end", document(("Prie le Secrétaire général. " * 1000,)), set()),
    ("no-divided-words", document(("Prie l’Office de fournir une assis- tance technique.",)), set()),
    ("no-divided-words", document(("Prie l’Office de fournir une assistance tech-", "nique.")), set()),
    ("dates-possible", with_line(1, "Rappelant sa résolution du 31 avril 2019,"), set()),
    ("dates-possible", with_line(1, "Rappelant sa décision du mardi 4 mars 2020,"), set()),
    ("symbols-well-formed", with_line(7, "1 A/RES/74/l75."), set()),
    ("edit-probability", edited(repair(0, "L", "L", probability=1.5)), set()),
    ("edit-probability", edited(repair(0, "L", "L", probability=float("nan"))), {"edit-likely"}),
    ("edit-probability", edited(repair(0, "L", "1", probability=-0.1, decision=Decision.LEFT)), set()),
    ("edit-in-place", edited(repair(0, "M", "L", decision=Decision.REVIEW)), set()),
    ("edit-in-place", edited(repair(9000, "", "L", decision=Decision.REVIEW)), set()),
    ("edit-in-place", edited(repair(0, "M", "L")), {"edits-replay"}),
    ("edit-likely", edited(repair(0, "L", "L", probability=0.3)), set()),
]


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """The verdicts on all planted defects in one batch, each between two clean documents."""
    batch = [CLEAN]
    for _, planted, _ in PLANTED:
        batch += [planted, CLEAN]
    found = judge(batch)
    assert all(verdict == Verdict(Status.PUBLISHED) for verdict in found[::2])
    return found[1::2]


@pytest.mark.parametrize("case", range(len(PLANTED)), ids=[f"{n}-{c[0]}" for n, c in enumerate(PLANTED)])
def test_a_planted_defect_is_seen_and_nothing_else(case: int, verdicts: list[Verdict]) -> None:
    code, _, others = PLANTED[case]
    verdict = verdicts[case]
    assert set(verdict.failed) == {code} | others
    severities = {rule.severity for rule in RULES if rule.code in verdict.failed}
    assert verdict.status == ("quarantine" if Severity.QUARANTINE in severities else "review")
    assert verdict.reasons
    for reason in verdict.reasons:
        assert "{" not in reason.fr + reason.en
        assert len(reason.fr) > 20
        assert len(reason.en) > 20


def test_every_expectation_has_its_planted_defect() -> None:
    assert {code for code, _, _ in PLANTED} == {rule.code for rule in RULES}


def test_a_clean_document_is_published() -> None:
    assert judge([CLEAN]) == [Verdict(Status.PUBLISHED, (), ())]


def test_a_batch_without_documents() -> None:
    assert judge([]) == []


def test_a_resolution_with_its_symbol_or_a_title_is_headed() -> None:
    symbol = replace(CLEAN, metadata=Metadata(genre="resolution-onu", symbol="A/RES/74/175"))
    title = document(
        ("Assistance technique", *LINES[:1], "Décide."), (("heading", ""), *[("paragraph", "")] * 2)
    )
    titled = replace(title, metadata=Metadata(genre="resolution-onu"))
    other = replace(CLEAN, metadata=Metadata(genre="lettre"))
    assert judge([symbol, titled, other]) == [Verdict(Status.PUBLISHED)] * 3


def test_preambles_and_signatures_are_read_as_text() -> None:
    lines = (
        f"{LONG} contre la",
        "drogue et le crime,",
        "Rappelant « sa résolution,",
        "Le Secrétaire général",
    )
    kinds = (("preamble", ""), ("preamble", ""), ("preamble", ""), ("signature", ""))
    (verdict,) = judge([document(lines, kinds)])
    assert set(verdict.failed) == {"sentences-whole", "quotes-balanced"}
    signed = (("preamble", ""), ("preamble", ""), ("signature", ""), ("signature", ""))
    assert judge([document(("Décide.", "Rappelant,", LONG, "le Président"), signed)])[0].failed == ()


def test_a_document_without_paragraphs_or_words_is_quarantined() -> None:
    empty = document((), after=Quality(0, 0, 0.0, "und"))
    (verdict,) = judge([empty])
    assert verdict.status is Status.QUARANTINE
    assert verdict.failed[0] == "has-words"


def test_doubtful_edits_alone_hold_nothing_back() -> None:
    doubtful = [repair(n, "L", "1", probability=0.5, decision=Decision.REVIEW) for n in (0,) * 50]
    assert judge([edited(*doubtful)]) == [Verdict(Status.PUBLISHED)]


def test_the_graver_reason_is_told_alone_and_first() -> None:
    (verdict,) = judge([quality(unknown=395, language="und")])
    assert [reason.code for reason in verdict.reasons] == ["words-mostly-known"]
    assert verdict.failed == ("words-mostly-known", "language-known", "words-known")


def test_reasons_name_the_place_in_both_languages() -> None:
    (verdict,) = judge([with_line(5, "2. Il prie donc le Secrétaire général « présenter un rapport ;")])
    fr, en = verdict.reasons[0].fr, verdict.reasons[0].en
    assert "ligne 6 (§ 2), « …" in fr
    assert "line 6 (§ 2), “…" in en
    (verdict,) = judge([quality(damaged=22.0)])
    assert "5,5\u00a0% des mots" in verdict.reasons[0].fr
    assert "5.5% of the words" in verdict.reasons[0].en
    assert "au plus 2\u00a0%" in verdict.reasons[0].fr


def test_many_places_are_counted() -> None:
    (verdict,) = judge([numbered("1", "3", "5", "7", "9", "11")])
    assert "ligne 2, « 3 » au lieu de « 2 » ; " in verdict.reasons[0].fr
    assert "2 de plus" in verdict.reasons[0].fr
    assert "2 more" in verdict.reasons[0].en


def test_no_more_faults_are_told_than_anybody_reads() -> None:
    (verdict,) = judge([document(("Prie « le Secrétaire",) * (MOST_FAULTS + 50))])
    assert verdict.failed == ("quotes-balanced",)
    assert f"au moins {MOST_FAULTS - 3} de plus" in verdict.reasons[0].fr
    assert f"at least {MOST_FAULTS - 3} more" in verdict.reasons[0].en


def test_text_of_a_document_is_never_a_template() -> None:
    (verdict,) = judge([with_line(0, "« {places} {0.__class__} %s,")])
    assert "{places} {0.__class__} %s" in verdict.reasons[0].fr


def test_markup_that_structure_takes_out_is_no_lost_text() -> None:
    markup = "<sup>abcdefghijklmnopqrstuvwxyz</sup>" * 20
    reading = CLEAN.text + markup
    cut = repair(len(CLEAN.text), markup, "", kind=Kind.STRUCTURE)
    marked = replace(
        CLEAN,
        reading=replace(CLEAN.reading, text=reading, markup=(Span(len(CLEAN.text), len(reading)),)),
        diplomatic=reading,
        structure=(cut,),
    )
    assert judge([marked]) == [Verdict(Status.PUBLISHED)]
    unmarked = replace(marked, reading=replace(marked.reading, markup=()))
    assert "structure-keeps-text" in judge([unmarked])[0].failed


def test_a_short_text_is_not_held_for_one_word() -> None:
    assert judge([quality(words=30, unknown=4, damaged=1.0)]) == [Verdict(Status.PUBLISHED)]
    assert judge([quality(words=3000, unknown=400, damaged=100.0)])[0].failed == ("words-known", "damage-low")


@pytest.mark.parametrize("damaged", [float("nan"), float("inf"), -1.0])
def test_a_check_that_raises_puts_its_document_in_quarantine_and_no_other(damaged: float) -> None:
    found = judge([CLEAN, quality(damaged=damaged), CLEAN, quality(language="und")])
    assert [verdict.status for verdict in found] == ["published", "quarantine", "published", "review"]
    assert found[1].failed == ("check-error",)
    assert "impossible quality" in found[1].reasons[0].en
    assert "impossible quality" not in found[1].reasons[0].fr


def test_an_expectation_that_raises_passes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tables.documents_table
    monkeypatch.setattr(tables, "documents_table", lambda batch: whole(batch).drop(columns="damage_floor"))
    found = judge([CLEAN, CLEAN])
    assert [verdict.failed for verdict in found] == [("check-error",)] * 2
    assert "damage-low could not be checked" in found[0].reasons[0].en


def test_a_cell_without_value_passes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tables.documents_table
    monkeypatch.setattr(
        tables, "documents_table", lambda batch: whole(batch).assign(known_ceiling=float("nan"))
    )
    assert judge([CLEAN])[0].failed == ("check-error",)


def test_a_suite_that_loads_empty_passes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    build = suites.build_suite
    monkeypatch.setattr(suites, "build_suite", lambda rules, name: build(rules[:0], name))
    assert judge([CLEAN])[0].status is Status.QUARANTINE
    monkeypatch.setattr(suites, "build_suite", lambda rules, name: build(rules[1:], name))
    assert judge([CLEAN])[0].failed == ("check-error",)


def test_names_that_are_no_unicode_are_judged() -> None:
    assert judge([document(name="caf\udce9")]) == [Verdict(Status.PUBLISHED)]


def test_the_suites_hold_every_rule_with_its_threshold() -> None:
    for table in TABLES:
        suite = suites.build_suite(rules_of(table, RULES), table)
        assert len(suite.expectations) == len(rules_of(table, RULES)) > 1
        for expectation, rule in zip(suite.expectations, rules_of(table, RULES), strict=True):
            kept = expectation.configuration.to_json_dict()
            assert kept["meta"]["code"] == rule.code
            given = {key: value for key, value in rule.given.items() if value is not None}
            assert given.items() <= kept["kwargs"].items()


def test_results_are_kept_as_json(tmp_path: Path) -> None:
    folder = tmp_path / "résultats"
    judge([CLEAN, with_line(0, "L’Assemblée « générale,")], folder)
    kept = {path.relative_to(folder).parts[0]: path for path in folder.rglob("*.json")}
    assert sorted(kept) == sorted(TABLES)
    validation = json.loads(kept["paragraphs"].read_text(encoding="utf-8"))
    failed = [result for result in validation["results"] if not result["success"]]
    assert [result["expectation_config"]["meta"]["code"] for result in failed] == ["quotes-balanced"]
    (row,) = failed[0]["result"]["unexpected_index_list"]
    assert (row["document"], row["row"], row["name"]) == (1, 0, "propre")


def test_threads_judge_at_once_and_keep_all_results(tmp_path: Path) -> None:
    def batch(number: int) -> list[Document]:
        """Five documents, of which one is damaged: each time another."""
        sound, damaged = Quality(MANY, 0, 0.0, "fr"), Quality(MANY, 0, 40.0, "fr")
        return [
            document(name=f"{number}-{place}", after=damaged if place == number % 5 else sound)
            for place in range(5)
        ]

    batches = [batch(number) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda batch: judge(batch, tmp_path), batches))
    for number, verdicts in enumerate(found):
        due: list[tuple[str, ...]] = [()] * 5
        due[number % 5] = ("damage-low",)
        assert [verdict.failed for verdict in verdicts] == due
    assert len(list(tmp_path.rglob("*.json"))) == len(batches) * len(TABLES)


def test_the_order_and_company_of_documents_change_nothing() -> None:
    batch = [planted for _, planted, _ in PLANTED[::3]]
    assert judge(batch[::-1])[::-1] == judge(batch) == [judge([one])[0] for one in batch]


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    judge([CLEAN, quality(damaged=40.0)])
    assert capsys.readouterr() == ("", "")


def test_importing_the_gate_does_not_import_great_expectations() -> None:
    heavy = "{'great_expectations', 'pandas'}"
    code = f"import sys, expectations.gate; sys.exit(not {heavy}.isdisjoint(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_note_called_twice_and_a_batch_without_notes() -> None:
    twice = replace(CLEAN, notes=(Note("1", "Voir l’annexe.", (20, 60)),))
    assert judge([twice]) == [Verdict(Status.PUBLISHED)]
    assert judge([numbered("1", "2")]) == [Verdict(Status.PUBLISHED)]
