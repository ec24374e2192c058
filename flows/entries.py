"""What is kept of a raw file: values, and how a processed document is packed for the state's table.

`Entry` is what a run gives the state to keep, `Row` its figures, `Questions` what it asks of the memory of
the corpus. `pack` and `unpack` carry a document there and back.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgspec

from flows.schema import outcome_digest
from repair.document import Document, Outcome, Source, Status
from repair.edits import Decision

_LEVEL = 3  # zlib: five times smaller than JSON; more takes longer than the repair itself
_DOCUMENT = msgspec.json.Decoder(Document)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of a raw file, without its text.

    Attributes:
        path: below the raw folder.
        name: of the document.
        key: what it was processed with; empty where it is to be tried again.
        status: where it ended.
        failed: codes of the failed expectations, or of the refusal.
        damage_before: share of the words damaged in the reading; None for a refused document.
        damage_after: the same in the diplomatic edition.
        applied: number of repairs made.
        review: number of edits that wait for a curator.
    """

    path: str
    name: str
    key: str
    status: Status
    failed: tuple[str, ...]
    damage_before: float | None
    damage_after: float | None
    applied: int
    review: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be kept of one raw file.

    Attributes:
        outcome: where it ended.
        key: what it was processed with; empty where it is to be tried again.
        failed: codes of the failed expectations; empty for those of the reasons.
        packed: `outcome.document` packed; empty where there is none.
        asked: what the document asked of the memory (:attr:`repair.memory.store.Memory.asked`).
        phrases: what it tells others (:func:`repair.memory.phrases.phrases`); empty where it is not trusted.
        answers: digest of what the memory answered it; empty without memory.
        engines: by which its pages were read (:func:`flows.fingerprint.engines`); empty where none had to be.
        readings: names of the readings of pages that it uses.
        proposals: what wider rulings could be about in it (:func:`flows.decisions.proposals`).
        rulings: ids of those that concern it, and of the refit that does, in order, with spaces between them.
        weighed: what a refit could decide otherwise in it (:func:`repair.decisions.recalibrate.weighed`).
        seconds: of the work on it; told, and not kept.
    """

    outcome: Outcome
    key: str
    failed: tuple[str, ...] = ()
    packed: bytes = b""
    asked: bytes = b""
    phrases: bytes = b""
    answers: str = ""
    engines: str = ""
    readings: tuple[str, ...] = ()
    proposals: bytes = b""
    rulings: str = ""
    weighed: bytes = b""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Questions:
    """What a document asks of the memory of the corpus.

    Attributes:
        source: the raw file.
        asked: what it asked when it was processed without memory.
        recalled: what it asked when it was last processed with the memory; None where it was not.
        answers: digest of the answers then; empty where it is to be processed with the memory again.
    """

    source: Source
    asked: bytes
    recalled: bytes | None
    answers: str


def pack(document: Document) -> bytes:
    """Return a document as compressed JSON."""
    return zlib.compress(msgspec.json.encode(document), _LEVEL)


def unpack(packed: bytes) -> Document:
    """Return the document that was packed."""
    return _DOCUMENT.decode(zlib.decompress(packed))


def row_of(entry: Entry) -> tuple[object, ...]:
    """Return the row of an entry, in the order of :data:`flows.schema.COLUMNS`."""
    outcome = entry.outcome
    source, document = outcome.source, outcome.document
    decisions = [edit.decision for edit in document.edits] if document else []
    repairs = [edit.decision for edit in document.repairs] if document else []
    reasons, witnesses = msgspec.json.encode(outcome.reasons), msgspec.json.encode(source.witnesses)
    told = (source.path, source.name, source.sha256, source.size, witnesses, outcome.status.value, reasons)
    return (
        source.path,
        source.name,
        source.sha256,
        source.size,
        entry.key,
        outcome.status.value,
        reasons,
        msgspec.json.encode(entry.failed or [reason.code for reason in outcome.reasons]),
        document.before.damage if document else None,
        document.after.damage if document else None,
        repairs.count(Decision.APPLIED),
        decisions.count(Decision.REVIEW),
        entry.packed or None,
        witnesses,
        outcome_digest(*told, entry.packed or None),
        entry.proposals,
        entry.rulings,
        entry.weighed,
    )
