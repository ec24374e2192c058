"""What edits and damage of a release come to, and that pages have a French word for all of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from release_documents import REPAIRS, make_document, make_outcome, make_outcomes, publish

from expectations.release_rules import RELEASE_RULES
from expectations.rules import RULES
from release import tables
from release.pages.html import bilingual
from release.pages.names import is_named
from release.pages.sentences import in_french, is_told
from release.sums import RuleSum, Sums, sums
from repair.document import Outcome, Source
from repair.edits import Decision, Evidence, Kind
from repair.pipeline import process

SAMPLES = Path(__file__).parents[1] / "raw"


def ruled(name: str, *verdicts: str) -> Outcome:
    """Return a document whose first repairs curators decided."""
    document = make_document(name)
    said = [
        (
            Evidence(
                "curator", f"A. Né, accept/x, 2026-11-22T08:12:03Z: {verdict}/here: parce que (0123)", 0.0
            ),
        )
        for verdict in verdicts
    ]
    rest = document.repairs[len(said) :]
    decided = [
        replace(edit, evidence=(*first, *edit.evidence))
        for edit, first in zip(document.repairs, said, strict=False)
    ]
    return make_outcome(replace(document, repairs=(*decided, *rest)))


def of_repair(found: Sums) -> RuleSum:
    (rule,) = [rule for rule in found.rules if rule.kind is Kind.REPAIR]
    return rule


def test_rules_are_counted_by_what_became_of_their_edits(tmp_path: Path) -> None:
    data = publish(make_outcomes(), tmp_path, versions={}).data
    found = sums(data)
    expected = Counter({Decision.APPLIED: 4, Decision.LEFT: 2, Decision.REVIEW: 1})  # nothing of quarantine
    assert of_repair(found).counts == expected
    assert [rule.kind for rule in found.rules] == list(Kind)
    assert of_repair(found).at_least is None  # nobody ruled


def test_precision_is_of_what_curators_ruled_on(tmp_path: Path) -> None:
    outcomes = [ruled("a", "accept", "reject", "correct"), ruled("b", "accept"), ruled("c", "release")]
    found = of_repair(sums(publish(outcomes, tmp_path, versions={}).data))
    assert (found.right, found.wrong) == (2, 2)
    # Wilson's interval for 2 of 4 is [0.150, 0.850]
    assert found.at_least == pytest.approx(0.150, abs=0.001)


def test_classes_of_damage_are_added_up(tmp_path: Path) -> None:
    (found,) = sums(publish(make_outcomes(), tmp_path, versions={}).data).classes
    assert (found.printed, found.read, found.struck, found.left) == ("é", "e", 9.0, 0.0)
    assert (found.spared, found.documents) == (3, 3)


def test_a_release_has_the_same_sums_whatever_was_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "WHOLE", 3)
    monkeypatch.setattr(tables, "PART", 2)
    more = [make_outcome(make_document(f"acte {n}", repairs=REPAIRS[n % 4 :])) for n in range(9)]
    whole = sums(publish([*more, ruled("z", "accept")], tmp_path / "b", versions={}).data)
    publish(more[:7], tmp_path / "a", versions={})
    assert sums(publish([*more, ruled("z", "accept")], tmp_path / "a", versions={}).data) == whole
    assert of_repair(whole).right == 1


def test_expectations_have_a_name_that_people_use() -> None:
    assert [rule.code for rule in (*RULES, *RELEASE_RULES) if not is_named(rule.code)] == []


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("*.txt")) + sorted(SAMPLES.glob("*.md")), ids=lambda p: p.name
)
def test_what_witnesses_say_of_the_samples_is_understood_in_french(path: Path) -> None:
    document = process(Source(path.stem, path.name, "", path.stat().st_size), path)
    said = {(item.witness, item.detail) for edit in document.edits for item in edit.evidence}
    assert said
    assert [told for told in said if not is_told(*told)] == []


@pytest.mark.parametrize(
    ("witness", "detail", "french"),
    [
        ("numbering", "calls 3 to 4 are due here, and so many signs stand after words",
         "les appels 3 à 4 sont attendus ici, et autant de signes suivent des mots"),
        ("numbering", "the same words carry call 2: de l’eau", "les mêmes mots portent l’appel 2 : de l’eau"),
        ("lexicon", "“a” is a word, “b” is not", "« a » est un mot, « b » n’en est pas un"),
        ("lexicon", r"“\1” is a word", r"« \1 » est un mot"),
        ("character", "U+0007 is not printed", "U+0007 ne s’imprime pas"),
        ("stamp", "Gallica puts it on its images", "Gallica le met sur ses images"),
        ("language model", "à / a", "à / a"),
        ("lexicon", "a sentence that nobody translated", "a sentence that nobody translated"),
    ],
)  # fmt: skip
def test_sentences_are_said_in_french(witness: str, detail: str, french: str) -> None:
    assert in_french(witness, detail) == french


def test_no_french_line_ends_before_a_colon_or_inside_quotes() -> None:
    shown = bilingual("« a » est là : 5 % ; non ?", "“a” is there: 5%; no?")
    assert ">«\xa0a\xa0» est là\xa0: 5\xa0%\u202f; non\u202f?<" in shown
    assert bilingual("d’un ; à l’autre", "d’un ; à l’autre") == "d’un ; à l’autre"  # no phrase of ours


def test_a_sentence_that_nobody_translated_is_found_out() -> None:
    assert not is_told("lexicon", "a sentence that nobody translated")
    assert is_told("lexicon", "étre / être")
