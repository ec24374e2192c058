"""Checking a release from its bytes alone: nothing changed, missing or added, and every edit replays.

`verify` trusts nothing it reads. It names each fault with the file it is in, and a damaged
manifest or table is a fault like any other.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import msgspec

from release.blocks import Texts, find_faults
from release.layout import (
    CURRENT,
    DATA,
    DOCUMENTS,
    EDITS,
    ID_LENGTH,
    MANIFEST,
    README,
    RELEASES,
    REPORT,
    SCHEMA,
    diplomatic_file,
    is_id,
    json_file,
    page_file,
    reading_file,
    text_file,
    text_files,
)
from release.ledger import DamagedTable, read_documents, read_edits, read_text
from release.records import (
    MANIFEST_SCHEMA,
    VERSION,
    DocumentFile,
    DocumentRow,
    FileEntry,
    LedgerRow,
    Manifest,
    StatusCounts,
    count_edits,
)
from repair.document import Status
from repair.edits import Edit, Kind, LedgerError, apply

_CHUNK = 1 << 20
LARGEST_MANIFEST = 1 << 29
"""In bytes: three million files. A larger one is refused rather than read into memory."""


class NoRelease(LookupError):  # noqa: N818 - it says what is there
    """There is no release here yet: run ``prote run``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a release.

    Attributes:
        path: of the file, relative to the release's ``data/``; of a link or folder above it, as named there.
        sentence: what is wrong with it.
    """

    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Attributes:
        release: ID of the release, as its folder is named.
        data: the folder that was checked.
        files: how many files were compared with the manifest.
        edits: how many edits were replayed, those not applied included.
        faults: what is wrong; empty where the release is sound.
    """

    release: str
    data: Path
    files: int
    edits: int
    faults: tuple[Fault, ...]


def verify(clean: Path) -> Verification:
    """Check the current release of an output folder, or the release whose folder or ``data/`` is given.

    Raises:
        NoRelease: if there is none.
    """
    faults: list[Fault] = []
    data = _locate(clean, faults)
    if data is None:
        return Verification("", clean, 0, 0, tuple(faults))
    identity = data.parent.name
    manifest = _read_manifest(data, identity, faults)
    if manifest is None:
        return Verification(identity, data, 0, 0, tuple(faults))
    entries = _sound_entries(manifest, faults)
    present = _compare_files(data, entries, faults)
    edits = _check_documents(data, manifest, present, faults)
    return Verification(identity, data, len(entries), edits, tuple(faults))


def _locate(given: Path, faults: list[Fault]) -> Path | None:
    """Return the ``data/`` folder meant by a path; None where a fault says why it cannot be reached."""
    link = given / CURRENT
    if link.is_symlink():
        target = link.readlink()
        if target.parts[:1] != (RELEASES,) or target.parts[2:] != (DATA,) or not is_id(target.parts[1]):
            faults.append(Fault(CURRENT, f"points to {str(target)!r}, not to {RELEASES}/ID/{DATA}"))
            return None
        data = given.resolve() / target
    elif link.exists():
        faults.append(Fault(CURRENT, f"is no link to a release in {RELEASES}/"))
        return None
    elif (given / RELEASES).is_dir():
        raise NoRelease(f"no release is current in {given}")
    elif (given / DATA).is_dir():
        data = given.resolve() / DATA
    elif given.is_dir() and ((given / MANIFEST).exists() or is_id(given.resolve().parent.name)):
        data = given.resolve()
    else:
        raise NoRelease(f"there is no release in {given}")
    for folder in (data.parent, data):
        if folder.is_symlink() or not folder.is_dir():
            faults.append(Fault(folder.name, "is no folder"))
            return None
    faults += [
        Fault(entry.name, f"is not part of the release: only {DATA}/ is")
        for entry in os.scandir(data.parent)
        if entry.name != DATA
    ]
    return data


def _read_manifest(data: Path, identity: str, faults: list[Fault]) -> Manifest | None:
    path = data / MANIFEST
    if path.is_symlink() or not path.is_file():
        faults.append(Fault(MANIFEST, "is missing, or no file"))
        return None
    size = path.stat().st_size
    if size > LARGEST_MANIFEST:
        faults.append(Fault(MANIFEST, f"has {size} bytes; more than {LARGEST_MANIFEST} are not read"))
        return None
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()[:ID_LENGTH]
    if found != identity:
        faults.append(Fault(MANIFEST, f"gives the release the name {found}, its folder is {identity!r}"))
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (ValueError, RecursionError) as error:
        faults.append(Fault(MANIFEST, f"cannot be read: {error}"))
        return None
    major = manifest.version.partition(".")[0]
    if manifest.schema != MANIFEST_SCHEMA or major != VERSION.partition(".")[0]:
        faults.append(
            Fault(MANIFEST, f"is of {manifest.schema!r} {manifest.version!r}, unknown to this program")
        )
        return None
    return manifest


def _sound_entries(manifest: Manifest, faults: list[Fault]) -> dict[str, FileEntry]:
    """Return the entries that name a file of the release, by path; the others are faults."""
    entries: dict[str, FileEntry] = {}
    for entry in manifest.files:
        parts = entry.path.split("/")
        unsafe = any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts)
        if unsafe or entry.path == MANIFEST:
            faults.append(Fault(MANIFEST, f"names {entry.path!r}, which can be no file of a release"))
        elif entry.path in entries:
            faults.append(Fault(MANIFEST, f"names {entry.path!r} twice"))
        else:
            entries[entry.path] = entry
    return entries


def _compare_files(data: Path, entries: dict[str, FileEntry], faults: list[Fault]) -> set[str]:
    """Compare what is on the disk with the manifest; return the files that can be opened."""
    files: set[str] = set()
    folders = {path[:cut] for path in entries for cut, char in enumerate(path) if char == "/"}
    for path, mode in sorted(_walk(data)):
        if path == MANIFEST or (stat.S_ISDIR(mode) and path in folders):
            continue
        if path not in entries:
            faults.append(Fault(path, "is not in the manifest"))
        elif stat.S_ISREG(mode):
            files.add(path)
        else:
            faults.append(Fault(path, "is no file, but a link, a folder or something else"))
    for path, entry in entries.items():
        if path not in files:
            if not os.path.lexists(data / path):
                faults.append(Fault(path, "is missing"))
            continue
        try:
            size, digest = (data / path).stat().st_size, _digest(data / path)
        except OSError as error:
            files.discard(path)
            faults.append(Fault(path, f"cannot be read: {error.strerror}"))
            continue
        if size != entry.bytes:
            faults.append(Fault(path, f"has {size} bytes; the manifest says {entry.bytes}"))
        elif digest != entry.sha256:
            faults.append(Fault(path, "is not what was published: its sha256 differs"))
    return files


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the path and mode of everything below a folder; no link is followed."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        for entry in os.scandir(folder / prefix):
            mode = entry.stat(follow_symlinks=False).st_mode
            yield prefix + entry.name, mode
            if stat.S_ISDIR(mode):
                waiting.append(f"{prefix}{entry.name}/")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_documents(data: Path, manifest: Manifest, files: set[str], faults: list[Fault]) -> int:
    """Compare the tables with the files and replay every document; return how many edits were replayed."""
    expected = {README, DOCUMENTS, EDITS, REPORT, SCHEMA}
    counts = dict.fromkeys(Status, 0)
    edits = 0
    if not {DOCUMENTS, EDITS} <= files:
        return 0  # missing tables are faults already
    try:
        ledger = groupby(read_edits(data), key=lambda row: row.document)
        waiting = next(ledger, None)
        last = ""
        for row in read_documents(data):
            if row.name <= last:
                faults.append(Fault(DOCUMENTS, f"names {row.name!r} after {last!r}"))
            last = row.name
            counts[row.status] += 1
            expected.add(page_file(row.name))
            if row.status is Status.QUARANTINE:
                continue
            expected.update(text_files(row.name))
            rows: list[LedgerRow] = []
            if waiting is not None and waiting[0] == row.name:
                rows = list(waiting[1])
                waiting = next(ledger, None)
            edits += len(rows)
            if files.issuperset(text_files(row.name)):
                faults += _check_document(data, row, rows)
        if waiting is not None:
            faults.append(Fault(EDITS, f"has edits of {waiting[0]!r} out of order, or of no document"))
    except DamagedTable as error:
        faults.append(Fault(error.file, str(error)))
        return edits
    if manifest.documents != StatusCounts(**{status.value: counts[status] for status in Status}):
        faults.append(Fault(DOCUMENTS, "has other counts of documents than the manifest"))
    named = {entry.path for entry in manifest.files}
    faults += [Fault(path, "is missing from the manifest") for path in sorted(expected - named)]
    faults += [Fault(path, "belongs to no document") for path in sorted(named - expected)]
    return edits


def _check_document(data: Path, row: DocumentRow, rows: list[LedgerRow]) -> Iterator[Fault]:
    """Yield what does not fit in the files and rows of one document that has text."""
    name = row.name
    layers: dict[Kind, list[Edit]] = {kind: [] for kind in Kind}
    for found in rows:
        layers[found.kind].append(found.edit)
    if row.edits != count_edits(found.edit for found in rows):
        yield Fault(DOCUMENTS, f"counts other edits of {name!r} than the ledger has")
    if len({found.id for found in rows}) < len(rows):
        yield Fault(EDITS, f"gives two edits of {name!r} one id")
    path = json_file(name)
    try:
        file = msgspec.json.decode((data / path).read_bytes(), type=DocumentFile)
        if (file.name, file.status, file.metadata.source.sha256) != (name, row.status, row.sha256):
            yield Fault(path, "speaks of another document or status than the table")
        path = reading_file(name)
        reading = read_text(data / path)
        path = diplomatic_file(name)
        if apply(reading, layers[Kind.REPAIR]) != read_text(data / path):
            yield Fault(path, "is not what the reading and the repairs give")
            return  # what follows is counted in the diplomatic edition
        texts = Texts(reading, *(layers[kind] for kind in Kind))
        path = text_file(name)
        if texts.text != read_text(data / path):
            yield Fault(path, "is not what the diplomatic edition, structure and normalisations give")
        path = json_file(name)
        for fault in find_faults(texts, file.blocks, file.notes):
            yield Fault(path, fault)
    except LedgerError as error:
        yield Fault(EDITS, f"does not fit the texts of {name!r}: {error}")
    except (ValueError, RecursionError) as error:
        yield Fault(path, f"cannot be read: {error}")
