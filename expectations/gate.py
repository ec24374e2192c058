"""The gate: what the expectations make of each document.

`judge` takes a batch of processed documents through the suites. The most severe failed expectation
decides: quarantine, review, or nothing failed and the document is published. Doubtful edits fail
nothing: they are left as read, and queued.

A document whose check raised an error goes to quarantine with that reason; what could not be
checked is never passed. Safe to call from several threads and processes at once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from expectations.rule import Severity
from expectations.rules import MOST_FAULTS, RULES, TABLES
from expectations.telling import Failed, reason
from repair.document import Document, Reason, Status

_LOG = logging.getLogger(__name__)
_ORDER = {rule.code: (rule.severity is Severity.REVIEW, place) for place, rule in enumerate(RULES)}
_MOST_SAID = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided of one document.

    Attributes:
        status: where it goes.
        reasons: why it is not published, the gravest first; empty where it is.
        failed: codes of the failed expectations, in the same order; also those that a graver one
            makes needless to tell.
    """

    status: Status
    reasons: tuple[Reason, ...] = ()
    failed: tuple[str, ...] = ()


def judge(documents: Sequence[Document], results: Path | None = None) -> list[Verdict]:
    """Judge a batch of documents.

    Args:
        documents: processed documents; all are validated together, so a batch of many costs
            little more than a batch of one.
        results: folder that keeps the validation results of Great Expectations, as JSON, one run in
            a folder of its own; None keeps none.

    Returns:
        One verdict for each document, in their order.
    """
    if not documents:
        return []
    try:
        return _judge(documents, results)
    except Exception as error:  # whatever went wrong, nothing passes unchecked
        if len(documents) == 1:
            _LOG.exception("the expectations of %s could not be checked", documents[0].source.name)
            return [_unchecked(error)]
    half = len(documents) // 2  # find the documents at fault; the others keep their own verdict
    return judge(documents[:half], results) + judge(documents[half:], results)


def _unchecked(error: Exception) -> Verdict:
    said = " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_SAID]
    told = Reason(
        "check-error",
        "Le contrôle du document a échoué : rien n’est sûr. Signalez l’erreur, que la version anglaise de ce "
        "motif nomme.",
        f"The check of the document itself failed ({said}): nothing about it is certain. Report it.",
    )
    return Verdict(Status.QUARANTINE, (told,), (told.code,))


def _judge(documents: Sequence[Document], results: Path | None) -> list[Verdict]:
    # Imported here: seconds, and hundreds of megabytes.
    from expectations import suites, tables

    makers = {
        "documents": tables.documents_table,
        "paragraphs": tables.paragraphs_table,
        "notes": tables.notes_table,
        "edits": tables.edits_table,
    }
    frames = {name: makers[name](documents) for name in TABLES}
    cells = {name: frame.set_index(["document", "row"]) for name, frame in frames.items()}
    failed: list[dict[str, Failed]] = [{} for _ in documents]
    for failure in suites.validate(frames, RULES, results):
        told = failed[failure.document].setdefault(failure.rule.code, Failed(failure.rule))
        told.add(cells[failure.rule.table].loc[(failure.document, failure.row)].to_dict())
    return [_verdict(list(found.values())) for found in failed]


def _verdict(found: list[Failed]) -> Verdict:
    if not found:
        return Verdict(Status.PUBLISHED)
    found.sort(key=lambda failed: _ORDER[failed.rule.code])
    covered = {code for failed in found for code in failed.rule.covers}
    graver = any(failed.rule.severity is Severity.QUARANTINE for failed in found)
    return Verdict(
        Status.QUARANTINE if graver else Status.REVIEW,
        tuple(reason(failed, MOST_FAULTS) for failed in found if failed.rule.code not in covered),
        tuple(failed.rule.code for failed in found),
    )
