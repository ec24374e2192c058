"""What a run has to do: which folders, which document, which files are new or changed."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flows.decisions import Decisions
from flows.exits import ExitCode, Stop
from flows.fingerprint import document_key
from flows.incoming import fetched_folder
from flows.limits import Limits
from flows.state import State
from flows.survey import Found, survey
from flows.upgrades import stands
from release.origins import BadOrigins, read_origins
from repair.document import Source
from repair.typography.profiles import profile_names


def check_profile(profile: str) -> None:
    """Refuse a typography profile that there is none of.

    Raises:
        Stop: naming those there are.
    """
    if profile not in (names := profile_names()):
        raise Stop(f"there is no profile {profile!r}: take {' or '.join(names)}", ExitCode.USAGE)


def check_date() -> None:
    """Refuse a ``SOURCE_DATE_EPOCH`` that says no day; libraries that read it too would fail without a word.

    Raises:
        Stop: saying what it must be.
    """
    said = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if said is not None:
            datetime.fromtimestamp(int(said), UTC)
    except (ValueError, OverflowError, OSError):
        raise Stop(
            f"SOURCE_DATE_EPOCH is {said!r}, no number of seconds since 1970: unset it, or mend it",
            ExitCode.USAGE,
        ) from None


def check_folders(raw: Path, clean: Path) -> None:
    """Refuse folders that a run cannot work with.

    Raises:
        Stop: saying which, and why.
    """
    if not raw.is_dir():
        raise Stop(f"there is no folder {raw}: name the folder of your documents with --raw", ExitCode.USAGE)
    ours, theirs = clean.resolve(), raw.resolve()
    fetched = theirs == fetched_folder(ours)  # of an object store's documents
    if not fetched and (ours.is_relative_to(theirs) or theirs.is_relative_to(ours)):
        raise Stop(f"{raw} and {clean} are one inside the other: keep them apart", ExitCode.USAGE)
    try:
        read_origins(raw)
    except BadOrigins as error:
        raise Stop(str(error), ExitCode.USAGE) from None


def look(raw: Path) -> list[Found]:
    """Return what is in the raw folder.

    Raises:
        Stop: if nothing is: an empty folder is rather a wrong one than a corpus to be emptied.
    """
    found = survey(raw)
    if not found:
        raise Stop(f"there is no document in {raw}: put some there, or name another --raw", ExitCode.USAGE)
    return found


def find(raw: Path, found: Sequence[Found], document: str) -> Source:
    """Return the raw file of a document, named by its name or by its path, below `raw` or anywhere.

    Raises:
        Stop: if there is none, naming those that come near.
    """
    sources = [entry.source for entry in found]
    named = {source.name: source for source in sources} | {source.path: source for source in sources}
    named |= {witness.path: source for source in sources for witness in source.witnesses}
    wanted = as_named(document, named, raw)
    if wanted not in named:
        near = difflib.get_close_matches(document, named, 3) or [
            name for name in named if document.casefold() in name.casefold()
        ]
        hint = f"; did you mean {' or '.join(near[:3])}?" if near else ""
        gone = f"Le document « {document} » n’est plus parmi les fichiers bruts : remettez-le à sa place."
        raise Stop(f"there is no document {document!r} in {raw}{hint}", ExitCode.USAGE, gone)
    return named[wanted]


def as_named(document: str, named: Collection[str], raw: Path) -> str:
    """Return what the user calls a document as `named` has it: a path that leads below `raw`, from there."""
    path = Path(document).resolve()
    if document not in named and path.is_relative_to(raw.resolve()):
        return path.relative_to(raw.resolve()).as_posix()
    return document


def pending(state: State, found: Sequence[Found], profile: str, decisions: Decisions) -> list[Source]:
    """Return the raw files that the state has no valid outcome for.

    Where a dictionary changed that does not touch a document, the state is told that its outcome is valid.

    Raises:
        Stop: if a genre cannot be read.
    """
    saved, stale, limits = state.keys(), decisions.stale(state), Limits.read()
    todo, same = [], []
    for source in (entry.source for entry in found if entry.refusal is None):
        path, wanted = source.path, document_key(source, profile)
        kept, name = saved.get(path, ("", ""))
        if (kept, name) == (limits.beyond(wanted), source.name) and path not in stale:
            continue  # it went beyond these limits, and would again
        if path in stale or name != source.name or not stands(kept, wanted, partial(state.both, path)):
            todo.append(source)
        elif kept != wanted:
            same.append((path, kept, wanted))
    state.carry_over(same)
    return todo
