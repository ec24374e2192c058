"""Which documents a curator's release has published: those that fail nothing that he was not told."""

from __future__ import annotations

import pytest
from decisions_cases import NAME, PATH, ruling

from expectations.gate import Verdict
from expectations.rules import RULES
from flows.decisions import Decisions
from release.records import CHECK_ERROR
from repair.document import Reason, Source, Status

SOURCE = Source(NAME, PATH, "ab" * 32, 9)


def _judged(*failed: str) -> Verdict:
    covered = {code for rule in RULES if rule.code in failed for code in rule.covers}
    told = tuple(Reason(code, code, code) for code in failed if code not in covered)
    return Verdict(Status.QUARANTINE, told, failed)


@pytest.mark.parametrize(
    ("overruled", "failed", "released"),
    [
        (["words-mostly-known"], ["words-mostly-known"], True),
        # The page tells the graver of them alone.
        (["words-mostly-known"], ["words-mostly-known", "words-known", "language-known"], True),
        (["words-mostly-known"], ["words-known"], False),
        (["words-mostly-known"], ["words-mostly-known", "pages-read-alike"], False),
        (["words-mostly-known", "words-known"], ["words-known"], True),
        ([CHECK_ERROR], [CHECK_ERROR], False),
    ],
)
def test_what_a_curator_was_told_is_overruled(
    overruled: list[str], failed: list[str], released: bool
) -> None:
    said = ruling(
        {"verdict": "release", "scope": "document", "failed": overruled, "sha256": SOURCE.sha256, "why": "x"}
    )
    judged = _judged(*failed)
    found = Decisions([said]).released(SOURCE, judged)
    assert (found.status is Status.PUBLISHED) == released
    assert found.failed == judged.failed
