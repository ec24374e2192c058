"""The gate of a release: whether it may take the place of the one that others read.

`judge_release` takes what became of the documents that both have, and returns what speaks against it and
what a person should know. `flows.gate` gathers that from two releases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from expectations.release_rules import FEW_DOCUMENTS, FEW_WORDS, RELEASE_RULES, RELEASE_TABLES
from expectations.rule import Severity
from expectations.telling import Failed, reason
from repair.document import Reason

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Succession:
    """A document of the current release, and what would follow it.

    Attributes:
        name: of the document.
        gone: it is no more, and nobody said that it is withdrawn.
        lost_text: it had text and has none.
        length: letters and figures of its text, of those it had; 1 where its raw file is another.
        new_words: share of its words that it did not have; 0 where its raw file is another.
        raw_length: the same as `length` where its raw file is another; 1 where it is the same.
    """

    name: str
    gone: bool = False
    lost_text: bool = False
    length: float = 1.0
    new_words: float = 0.0
    raw_length: float = 1.0


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents that both releases have from the same raw files; shares of their words, from 0 to 1.

    Attributes:
        words: how many words they have in the release that is to follow.
        damage_before: damaged in the current release,
        damage_after: and in the one that is to follow.
        known_before: in the lexicon, in the current release,
        known_after: and in the one that is to follow.
        published_before: how many documents are published in the current release,
        published_after: and in the one that is to follow.
    """

    words: int = 0
    damage_before: float = 0.0
    damage_after: float = 0.0
    known_before: float = 1.0
    known_after: float = 1.0
    published_before: int = 0
    published_after: int = 0


@dataclass(frozen=True, slots=True)
class Copy:
    """A document that is nearly a copy of another.

    Attributes:
        name: of the other.
        other: of the copy.
        alike: share of their text that they have in common, from 0 to 1.
    """

    name: str
    other: str
    alike: float = 1.0


@dataclass(frozen=True, slots=True)
class ReleaseVerdict:
    """What the gate says of a release.

    Attributes:
        against: why it must not become the current one; empty where it may.
        told: what a person should know of it all the same.
    """

    against: tuple[Reason, ...] = ()
    told: tuple[Reason, ...] = ()


def succession(name: str, old: str, new: str) -> Succession:
    """Return how a text follows the one that was published from the same raw file.

    >>> found = succession("essai", "Il doit étre entendu.", "Il doit être entendu.")
    >>> found.length, found.new_words
    (1.0, 0.25)
    """
    before, after = _WORD.findall(old.casefold()), _WORD.findall(new.casefold())
    had = set(before)
    letters = sum(map(len, before))
    return Succession(
        name,
        length=sum(map(len, after)) / letters if letters else 1.0,
        new_words=sum(word not in had for word in after) / len(after) if after else 0.0,
    )


def _demoted(corpus: Corpus) -> float:
    """Return the share of the documents that are published no more, a few of them left out."""
    fewer = corpus.published_before - corpus.published_after - FEW_DOCUMENTS
    return fewer / corpus.published_before if corpus.published_before else 0.0


def judge_release(
    documents: Sequence[Succession],
    corpus: Corpus,
    copies: Sequence[Copy],
    results: Path | None = None,
) -> ReleaseVerdict:
    """Judge a release by what it follows.

    Args:
        documents: those of the current release that are gone or published otherwise.
        corpus: the figures of the documents that stay.
        copies: documents that are nearly copies of others.
        results: folder that keeps the validation results of Great Expectations; None keeps none.

    Raises:
        CheckError: if the expectations could not be checked; then nothing may follow.
    """
    import pandas as pd  # imported here: seconds

    from expectations import suites

    # What a few words do to a small corpus is no sign of anything.
    few = FEW_WORDS / corpus.words if corpus.words else 0.0
    rows = {
        "succession": [asdict(document) for document in documents],
        "corpus": [
            asdict(corpus)
            | {
                "name": "",
                "damage_rise": corpus.damage_after - corpus.damage_before - few,
                "known_fall": corpus.known_before - corpus.known_after - few,
                "demoted": _demoted(corpus),
            }
        ],
        "copies": [asdict(copy) for copy in copies],
    }
    frames = {
        name: pd.DataFrame([{"document": place, "row": 0, **row} for place, row in enumerate(rows[name])])
        for name in RELEASE_TABLES
        if rows[name]
    }
    failed: dict[str, Failed] = {}
    for failure in suites.validate(frames, RELEASE_RULES, results):
        found = failed.setdefault(failure.rule.code, Failed(failure.rule))
        found.add(rows[failure.rule.table][failure.document])
    told: dict[Severity, list[Reason]] = {severity: [] for severity in Severity}
    for rule in RELEASE_RULES:
        if rule.code in failed:
            told[rule.severity].append(reason(failed[rule.code]))
    return ReleaseVerdict(tuple(told[Severity.QUARANTINE]), tuple(told[Severity.REVIEW]))
