"""Why a document could not be processed though nobody refused it, in words for a curator.

What went beyond a limit, alone in its process, would do so again: that is a verdict (`too_slow`,
`too_much_memory`, `too_much_disk`). Any other fault (`tried_in_vain`) is tried again by the next run.
"""

from __future__ import annotations

from flows.limits import MEMORY, SECONDS
from repair.document import Reason
from repair.reading.engines.bounds import FILE

DIED = "its worker process died"
CHANGED = "the file changed during the run, or went"

_MOST_SHOWN = 300


def tried_in_vain(fault: str) -> Reason:
    """Return the reason of a document that was tried several times, the last time alone.

    Args:
        fault: what was met, in English: one of the above, or an error in a line.
    """
    if fault == DIED:
        fr = (
            "Le processus qui traitait ce document s’est arrêté net, même seul avec lui : ouvrez le fichier "
            "et enregistrez-le de nouveau. La prochaine exécution le réessaiera."
        )
    elif fault == CHANGED:
        fr = "Ce fichier a changé ou disparu pendant l’exécution : la prochaine le traitera."
    else:
        fr = (
            "Le programme a échoué sur ce document : il sera réessayé à la prochaine exécution. Signalez "
            "l’erreur à qui entretient le programme : la version anglaise de ce motif la nomme."
        )
    return Reason(
        "fault", fr, f"The program failed on this document ({fault}): the next run will try it again."
    )


def too_slow(seconds: float) -> Reason:
    """Return the reason of a document that took longer than it may."""
    return Reason(
        "too-slow",
        f"Ce document a dépassé la limite de {seconds:.0f} s de traitement : divisez-le, ou accordez-lui "
        f"plus de temps ({SECONDS}).",
        f"This document took longer than the limit of {seconds:.0f} s: split it, or allow it more time "
        f"({SECONDS}).",
    )


def too_much_memory(megabytes: int) -> Reason:
    """Return the reason of a document that asked for more memory than it may have."""
    return Reason(
        "too-much-memory",
        f"Ce document a dépassé la limite de {megabytes} Mo de mémoire : divisez-le ou réduisez-le, ou "
        f"accordez-en davantage ({MEMORY}).",
        f"This document took more than the limit of {megabytes} MB of memory: split it or make it smaller, "
        f"or allow more ({MEMORY}).",
    )


def too_much_disk() -> Reason:
    """Return the reason of a document for which too large a temporary file was to be written."""
    most = FILE // 1024**2
    return Reason(
        "too-much-disk",
        f"Ce document a dépassé la limite de {most} Mo pour un fichier temporaire : divisez-le ou "
        "réduisez-le.",
        f"This document took more than the limit of {most} MB for a temporary file: split it or make it "
        "smaller.",
    )


def one_line(error: BaseException) -> str:
    """Return an error in one line, short enough for a table."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_SHOWN]
