"""The gate of a release: what follows the current release must keep its documents, texts and words."""

from pathlib import Path

import pytest

from expectations.release_gate import Copy, Corpus, ReleaseVerdict, Succession, judge_release, succession
from expectations.release_rules import (
    FEW_WORDS,
    LEAST_LENGTH,
    MOST_ALIKE,
    MOST_KNOWN_FALL,
    MOST_NEW_WORDS,
    MOST_RISE,
    RELEASE_RULES,
)

OLD = "Il doit étre entendu de fagon équitable par les Etats Membres et par leurs organes compétents."
NEW = "Il doit être entendu de façon équitable par les États Membres et par leurs organes compétents."


def _codes(verdict: ReleaseVerdict) -> tuple[list[str], list[str]]:
    return [reason.code for reason in verdict.against], [reason.code for reason in verdict.told]


def _judge(*documents: Succession, corpus: Corpus | None = None, **others: object) -> ReleaseVerdict:
    return judge_release(documents, corpus or Corpus(), others.get("copies", ()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "failed"),
    [
        (Succession("essai"), []),
        (Succession("essai", gone=True), ["document-kept"]),
        (Succession("essai", lost_text=True), ["text-kept"]),
        (Succession("essai", length=LEAST_LENGTH), []),
        (Succession("essai", length=LEAST_LENGTH - 0.01), ["length-kept"]),
        (Succession("essai", new_words=MOST_NEW_WORDS), []),
        (Succession("essai", new_words=MOST_NEW_WORDS + 0.01), ["vocabulary-kept"]),
    ],
)
def test_a_document_holds_a_release_back(document: Succession, failed: list[str]) -> None:
    assert _codes(_judge(Succession("autre"), document)) == (failed, [])


@pytest.mark.parametrize(
    ("corpus", "failed"),
    [
        (Corpus(0, 0.01, 0.01 + 0.9 * MOST_RISE), []),
        (Corpus(0, 0.01, 0.01 + 1.1 * MOST_RISE), ["damage-not-risen"]),
        (Corpus(100 * FEW_WORDS, 0.01, 0.0199), []),
        (Corpus(100 * FEW_WORDS, 0.01, 0.0212), ["damage-not-risen"]),
        (Corpus(0, 0.05, 0.01), []),
        (Corpus(published_before=100, published_after=94), []),
        (Corpus(published_before=100, published_after=93), ["published-not-fallen"]),
        (Corpus(published_before=1, published_after=0), []),
        (Corpus(published_before=3, published_after=1), ["published-not-fallen"]),
        (Corpus(published_before=1, published_after=9), []),
        (Corpus(known_before=0.98, known_after=0.98 - 0.9 * MOST_KNOWN_FALL), []),
        (Corpus(known_before=0.98, known_after=0.98 - 1.1 * MOST_KNOWN_FALL), ["known-not-fallen"]),
    ],
)
def test_the_corpus_as_a_whole_holds_a_release_back(corpus: Corpus, failed: list[str]) -> None:
    assert _codes(_judge(corpus=corpus)) == (failed, [])


def test_documents_with_the_same_text_are_told_and_hold_nothing_back() -> None:
    verdict = _judge(copies=[Copy("a", "b"), Copy("a", "c", 0.95), Copy("a", "d", MOST_ALIKE)])
    assert _codes(verdict) == ([], ["documents-differ"])
    assert "« a » et « b » (100\u00a0%)" in verdict.told[0].fr
    assert "“a” and “c” (95%)" in verdict.told[0].en
    assert "“d”" not in verdict.told[0].en


def test_a_raw_file_that_became_shorter_is_told_and_holds_nothing_back() -> None:
    verdict = _judge(Succession("essai", raw_length=LEAST_LENGTH - 0.1), Succession("autre", raw_length=2.0))
    assert _codes(verdict) == ([], ["raw-length-kept"])
    assert "“essai” to 70%" in verdict.told[0].en


def test_a_reason_names_the_first_documents_and_counts_the_others() -> None:
    documents = [Succession(f"d{number}", gone=True) for number in range(5)]
    (reason,) = _judge(*documents).against
    assert all(f"“d{number}”" in reason.en for number in range(3))
    assert "“d3”" not in reason.en
    assert "2 more" in reason.en
    assert "2 de plus" in reason.fr


def test_names_are_values_and_no_templates() -> None:
    (reason,) = _judge(Succession("{limit} {0}", gone=True)).against
    assert "“{limit} {0}”" in reason.en


def test_a_repair_is_no_loss() -> None:
    found = succession("essai", OLD, NEW)
    assert found.length == 1
    assert 0 < found.new_words <= MOST_NEW_WORDS
    assert _codes(_judge(found)) == ([], [])


@pytest.mark.parametrize(
    ("new", "failed"),
    [
        (OLD[: len(OLD) // 2], ["length-kept"]),
        ("", ["length-kept"]),
        (OLD.replace("e", "c"), ["vocabulary-kept"]),
        (OLD.upper(), []),
    ],
)
def test_what_a_text_lost_is_measured(new: str, failed: list[str]) -> None:
    assert _codes(_judge(succession("essai", OLD, new))) == (failed, [])


def test_the_results_are_kept(tmp_path: Path) -> None:
    judge_release([Succession("essai", gone=True)], Corpus(), (), tmp_path)
    kept = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.json"))
    assert "document-kept" in kept
    assert "damage-not-risen" in kept


def test_every_rule_tells_in_both_languages() -> None:
    for rule in RELEASE_RULES:
        assert rule.fr
        assert rule.en
        assert rule.fr != rule.en
