"""What another dictionary touches: which of the documents that are kept would come out otherwise now.

Most dictionaries decide about every word of every document; with one of these all keys are others. A
typography profile is in the keys of its own documents. The others stand in a key one by one:

- a genre (`genres/NAME.toml`) is asked last, when a document's words and blocks are known, and touches those
  of that genre and those that its words could make one of it;
- the stamps of libraries (`stamps.toml`) are sought where several readings of a page vote.

A document that none of the changed ones touches is the same to the byte, and is not processed again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable

import msgspec

from flows.exits import Stop
from flows.fingerprint import GENRES, STAMPS, read_key
from repair.document import Document
from repair.structure.genre import GenreError, genre_may_change

_SUFFIX = ".toml"


def stands(kept: str, wanted: str, documents: Callable[[], Iterable[Document | None]]) -> bool:
    """Say whether what is kept of a raw file is what would come out now.

    Args:
        kept: the key with which it was processed.
        wanted: the key that it has now (:func:`flows.fingerprint.document_key`).
        documents: gives what is kept of it, without memory and with it; None for a file that was refused.

    Raises:
        Stop: if a genre cannot be read.
    """
    if kept == wanted:
        return True
    (whole, was), (now_whole, now) = read_key(kept), read_key(wanted)
    if whole != now_whole:
        return False
    changed = {path for path in was.keys() | now.keys() if was.get(path) != now.get(path)}
    try:
        return not any(_touched(document, changed) for document in documents())
    except (zlib.error, msgspec.MsgspecError):  # the disk lost it
        return False


def _touched(document: Document | None, changed: Collection[str]) -> bool:
    if document is None:  # it was refused before anybody asked for its genre
        return STAMPS in changed
    if STAMPS in changed and document.reading.disagreement:
        return True
    genres = {path.removeprefix(GENRES).removesuffix(_SUFFIX) for path in changed if path.startswith(GENRES)}
    try:
        return bool(genres) and genre_may_change(document.paragraphs, document.metadata.genre, genres)
    except GenreError as error:
        raise Stop(f"{error}: mend the file in dictionaries/genres/, or take it away") from None
