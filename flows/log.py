"""The log of a run: one line for each document that it processed, as text or as JSON.

Whatever a name or a reason holds, a record is one line that steers no terminal. The logger's name is
`prote`, so that a Prefect server that is told of it (``PREFECT_LOGGING_EXTRA_LOGGERS=prote``) shows them too.
"""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path

from flows.entries import Entry
from flows.exits import ExitCode, Stop
from flows.table import harmless
from repair.document import Status
from repair.edits import Decision

LOG = logging.getLogger("prote")
FORMATS = ("text", "json")


def open_log(form: str, file: Path | None) -> logging.Handler:
    """Have the records of a run written, until the handler is given to `close_log`.

    Args:
        form: one of `FORMATS`.
        file: to add them to; None for standard error.

    Raises:
        Stop: if the file cannot be written.
    """
    try:
        handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    except OSError as error:
        raise Stop(
            f"the log {file} cannot be written ({error.strerror}): mend that, or name another file",
            ExitCode.USAGE,
        ) from None
    if form == "json":
        from pythonjsonlogger.core import RESERVED_ATTRS
        from pythonjsonlogger.json import JsonFormatter

        handler.setFormatter(
            JsonFormatter(
                ["levelname", "message"],
                rename_fields={"levelname": "level"},
                timestamp="time",
                reserved_attrs=[*RESERVED_ATTRS, "pageno"],  # OCRmyPDF gives that to every record
            )
        )
    else:
        handler.setFormatter(_Text())
    LOG.setLevel(logging.INFO)
    LOG.propagate = False  # Prefect's console would say it once more
    LOG.addHandler(handler)
    return handler


def close_log(handler: logging.Handler) -> None:
    """Write no more records."""
    LOG.removeHandler(handler)
    handler.close()


def log_document(entry: Entry, seconds: float, *, memory: bool) -> None:
    """Log what became of a document.

    Args:
        entry: what is kept of it.
        seconds: of work, its pages included.
        memory: whether it was processed again with the memory of the corpus.
    """
    outcome, document = entry.outcome, entry.outcome.document
    codes = [reason.code for reason in outcome.reasons]
    before, after = (document.before.damage, document.after.damage) if document else (None, None)
    repairs, edits = (document.repairs, document.edits) if document else ((), ())
    applied = sum(edit.decision is Decision.APPLIED for edit in repairs)
    review = sum(edit.decision is Decision.REVIEW for edit in edits)
    engine = document.reading.engine if document else entry.engines
    told = f"{outcome.status.value} {outcome.source.path}"
    if codes:
        told += f": {', '.join(codes)}"
    if before is not None and after is not None:
        told += f"; damage {100 * before:.1f} % -> {100 * after:.1f} %, {applied} applied, {review} to review"
    told += f"; {seconds:.2f} s{f', {engine}' if engine else ''}{', with the memory' if memory else ''}"
    LOG.log(
        logging.WARNING if outcome.status is Status.QUARANTINE else logging.INFO,
        "%s",
        told,
        extra={
            "event": "document",
            "document": outcome.source.name,
            "path": outcome.source.path,
            "status": outcome.status.value,
            "reasons": codes,
            "damage_before": before,
            "damage_after": after,
            "edits_applied": applied,
            "edits_review": review,
            "seconds": round(seconds, 3),
            "engine": engine,
            "with_memory": memory,
        },
    )


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")
        return f"{when} {record.levelname.lower()} {harmless(record.getMessage())}"
