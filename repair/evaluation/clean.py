"""What a repairer does to text without damage: every repair of it counts as harm."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from repair.edits import Decision, Edit, applied
from repair.evaluation import measures
from repair.evaluation.evaluate import WARM_UP, Repairer
from repair.evaluation.measures import Estimate
from repair.evaluation.text import fold_text, words
from repair.pipeline import repair_text

_COLUMNS = ("words", "repairs", "to_review")


@dataclass(frozen=True, slots=True)
class CleanEvaluation:
    """What a repairer does to clean text.

    Attributes:
        documents: texts repaired.
        words: words in them.
        repairs: edits applied.
        repairs_per_thousand: the same per 1,000 words, its interval over the documents.
        to_review: edits that a curator is asked about.
        to_review_per_thousand: the same per 1,000 words.
        words_per_second: read by the repairer, opening its dictionaries not counted.
        rules: edits applied, by rule, most first.
        edits: the edits applied, as (document's number from 0, edit).
    """

    documents: int
    words: int
    repairs: int
    repairs_per_thousand: Estimate
    to_review: int
    to_review_per_thousand: Estimate
    words_per_second: float
    rules: tuple[tuple[str, int], ...]
    edits: tuple[tuple[int, Edit], ...]


def evaluate_clean(
    documents: Iterable[str], repair: Repairer = repair_text, watch: Callable[[], None] = lambda: None
) -> CleanEvaluation:
    """Repair clean texts and count what is done to them.

    Nobody wrote clean text without a slip: an edit may be right. They are given, to be read.

    Args:
        documents: at least one; passages long enough to show what language they are in.
        repair: what is measured; it must give its edits.
        watch: called after each document.

    Raises:
        ValueError: if there are no documents.
    """
    rows: list[dict[str, float]] = []
    made: list[tuple[int, Edit]] = []
    seconds = 0.0
    repair(WARM_UP)
    for number, document in enumerate(documents):
        begin = time.perf_counter()
        repaired = repair(document)
        seconds += time.perf_counter() - begin
        edits = applied(repaired.edits)
        made.extend((number, edit) for edit in edits)
        rows.append(
            {
                "words": len(words(fold_text(document).text)),
                "repairs": len(edits),
                "to_review": sum(edit.decision is Decision.REVIEW for edit in repaired.edits),
            }
        )
        watch()
    if not rows:
        raise ValueError("there is no clean text to evaluate")
    rates = measures.estimates(
        measures.table(rows, _COLUMNS),
        {
            "repairs_per_thousand": measures.ratio("repairs", "words", 1000.0),
            "to_review_per_thousand": measures.ratio("to_review", "words", 1000.0),
        },
        _COLUMNS,
    )
    read = int(sum(row["words"] for row in rows))
    return CleanEvaluation(
        documents=len(rows),
        words=read,
        repairs=len(made),
        to_review=int(sum(row["to_review"] for row in rows)),
        words_per_second=round(read / seconds, 1) if seconds else 0.0,
        rules=tuple(Counter(edit.rule for _, edit in made).most_common()),
        edits=tuple(made),
        **rates,
    )
