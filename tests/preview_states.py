"""States of a corpus as another program left them: what `prote preview` compares with."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from memory_documents import DAMAGED, TRUSTED

from expectations.gate import judge
from flows.entries import Entry, unpack
from flows.jobs import Job
from flows.processing import process_all
from flows.recall import recall
from flows.state import FILE, FOLDER, State
from repair.document import Outcome, Reason, Source, Status

TEXTS = {
    "abime": DAMAGED,
    "eau": "Prie 1’Office d’aider 1’auteur.\nLe maire a dit : oui !\n",
    "soeur": TRUSTED,
}
ANOTHER = "another program"
"""What the documents were processed with."""


def make_state(folder: Path, texts: Mapping[str, str], key: str = ANOTHER) -> Path:
    """Process texts as a run does, in this process, and keep them; a refused file is there, too.

    Returns:
        The output folder.
    """
    raw, clean = folder / "raw", folder / "clean"
    raw.mkdir(parents=True)
    sources = []
    for name, text in texts.items():
        data = text.encode()
        (raw / f"{name}.txt").write_bytes(data)
        sources.append(Source(name, f"{name}.txt", hashlib.sha256(data).hexdigest(), len(data)))
    state = State(clean)
    state.save(_entries(Job(raw, tuple(sources), "onu"), key))
    empty = Outcome(
        Source("vide", "vide.txt", "", 0), Status.QUARANTINE, (Reason("empty", "Vide.", "Empty."),), None
    )
    state.save([Entry(empty, key)])
    recalled = recall(state, clean)
    known = state.packed(source.path for source in recalled.sources)
    state.save_recalled(_entries(Job(raw, recalled.sources, "onu", recalled.memory, known), key))
    return clean


def _entries(job: Job, key: str) -> list[Entry]:
    done = process_all(job)
    documents = [unpack(item.packed) for item in done]
    return [
        Entry(
            Outcome(item.source, verdict.status, verdict.reasons, document),
            key,
            verdict.failed,
            item.packed,
            item.asked,
            item.phrases,
            item.answers,
        )
        for item, document, verdict in zip(done, documents, judge(documents), strict=True)
    ]


def change(clean: Path, query: str, *values: object) -> None:
    """Change the state by hand."""
    with closing(sqlite3.connect(clean / FOLDER / FILE)) as connection, connection:
        assert connection.execute(query, values).rowcount


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
