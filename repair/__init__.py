"""Prote's library: damaged French text in, edits with their evidence out.

Start with :func:`repair.repair_text`; read `edits.py` and `document.py` first, for
everything else speaks in them. The wings, each importing only what stands before it:
`language`, `reading`, `damage`, `correction`, `decisions`, `structure`, `typography`, `pipeline`.
"""

from repair.edits import Decision, Edit, Evidence, Kind

__all__ = ["Decision", "Edit", "Evidence", "Kind", "Repaired", "process", "repair_text"]


def __getattr__(name: str) -> object:
    """Import the pipeline on first use: the data types alone cost nothing."""
    if name in {"Repaired", "process", "repair_text"}:
        from repair import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'repair' has no attribute {name!r}")
