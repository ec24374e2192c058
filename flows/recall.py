"""The memory of a corpus between runs: its file, and which documents it has something new for.

The memory is made of what trusted documents were found to be *without* it, so it depends on the
raw files alone and not on the order in which they came. A document asks it some questions; it
is processed with the memory only where that answers one, and again only when an answer changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from flows.state import FOLDER, State
from repair.document import Source
from repair.memory.store import Contents, Store
from repair.memory.write import write_store

MEMORY = "memory.bin"


@dataclass(frozen=True, slots=True)
class Recall:
    """What a run takes from the memory.

    Attributes:
        memory: the file.
        contents: what is in it.
        phrases: how many entries it has.
        sources: the documents to process with it.
    """

    memory: Path
    contents: Contents
    phrases: int
    sources: tuple[Source, ...]


def recall(state: State, clean: Path, only: Source | None = None) -> Recall:
    """Bring the memory up to date, and find the documents that it has something new for.

    Args:
        state: of the corpus; a document for which there is nothing in the memory any more becomes
            there what it is without.
        clean: the output folder.
        only: the one document to look at; None for all.
    """
    path = clean / FOLDER / MEMORY
    store = _up_to_date(state, path)
    changed, silent = _changed(state, store, only)
    state.forget_recalled(silent)
    return Recall(path, store.contents, len(store), tuple(changed))


def still_changed(state: State, memory: Path, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return those of some documents that were not yet processed with the memory."""
    changed, _ = _changed(state, Store(memory), None)
    return tuple(source for source in sources if source in changed)


def _up_to_date(state: State, path: Path) -> Store:
    """Open the memory, made again where a trusted document came, went or changed."""
    sources = sha256(msgspec.json.encode(state.trusted())).hexdigest()
    try:
        store = Store(path)
    except (OSError, ValueError):  # there is none, or it is of another version
        store = None
    if store is None or store.contents.sources != sources:
        write_store(path, state.phrases(), sources)
        store = Store(path)
    return store


def _changed(state: State, store: Store, only: Source | None) -> tuple[list[Source], list[str]]:
    """Return the documents to process with the memory, and the paths of those it is silent to now."""
    changed: list[Source] = []
    silent: list[str] = []
    for asker in state.questions():
        source, name = asker.source, asker.source.name
        if only is not None and source.path != only.path:
            continue
        if not store.answers(name, asker.asked):
            if asker.recalled is not None:
                silent.append(source.path)
        elif not asker.answers or store.answers(name, asker.recalled or b"") != asker.answers:
            changed.append(source)
    return changed, silent
