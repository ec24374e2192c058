"""Writing a release, whole or not at all.

`publish` writes every file into a partial folder beside the releases, gives it the name its
manifest asks for, and switches ``clean/current``. A reader sees the old release or the new one,
wherever the publisher is killed; the next one sweeps what it left. The same outcomes, in any
order, give the same bytes. One document is in memory at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from release import report
from release.blocks import find_faults, read_blocks, read_notes, read_texts
from release.layout import (
    CURRENT,
    DATA,
    DOCUMENTS,
    EDITS,
    ID_LENGTH,
    MANIFEST,
    PARTIAL,
    README,
    RELEASES,
    REPORT,
    SCHEMA,
    check_name,
    diplomatic_file,
    json_file,
    name_key,
    page_file,
    reading_file,
    text_file,
)
from release.ledger import read_documents
from release.records import (
    MANIFEST_SCHEMA,
    VERSION,
    DocumentFile,
    FileEntry,
    Manifest,
    StatusCounts,
    document_file,
    document_row,
    document_schema,
    encode_file,
    encode_line,
    ledger_rows,
)
from release.verify import NoRelease, verify
from repair.document import Document, Outcome, Status
from repair.edits import LedgerError

_CHUNK = 1 << 20
_README = """\
# A release of a repaired corpus

{published} documents are published, {review} are in review, {quarantine} in quarantine.

- `text/NAME.txt`: the normalised edition, one paragraph a line; what most tools want.
- `diplomatic/NAME.txt`: what the page prints, line by line; repairs only.
- `reading/NAME.txt`: what was read from the raw file; every repair is an edit of it.
- `json/NAME.json`: metadata, blocks, notes, status and figures of a document.
- `document.schema.json`: the JSON Schema of these files.
- `documents.jsonl`: one row a document, those in quarantine with their reasons and no text.
- `edits.jsonl`: every edit with its place, rule, evidence, probability and decision.
- `report/index.html`: the same for a curator; opens from disk.
- `manifest.json`: size and sha256 of every other file. The beginning of its own sha256 is the
  name of the folder above `data/`.

A document in review holds its sure edits only: read its reasons before you rely on it.
All text is UTF-8. `prote verify` checks a release, `prote explain NAME:LINE` says why a line
stands as it does.
"""


class PublishError(Exception):
    """Nothing was published, and readers still see what they saw; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Release:
    """A published release.

    Attributes:
        id: beginning of the sha256 of its manifest, in hexadecimal.
        path: its folder.
        documents: how many raw files it accounts for.
        published: how many of them are published,
        review: in review,
        quarantine: or in quarantine.
    """

    id: str
    path: Path
    documents: int
    published: int
    review: int
    quarantine: int

    @property
    def data(self) -> Path:
        """The folder its files are in; what ``clean/current`` points to."""
        return self.path / DATA

    @property
    def report(self) -> Path:
        """The first page of the report."""
        return self.data / REPORT


def publish(outcomes: Iterable[Outcome], clean: Path, *, versions: Mapping[str, str]) -> Release:
    """Write a release of these outcomes below `clean` and make it the current one.

    Args:
        outcomes: of each raw file; consumed once, in any order.
        clean: the output folder; created where it is missing.
        versions: what the release is made with (program, dictionaries, engines …), for its manifest.

    Returns:
        The release, which is an earlier one where the same documents were published before.

    Raises:
        PublishError: if two documents share a name, if a document's edits do not give its texts,
            or if ``clean/current`` is no link.
        UnsafeName: if a name cannot become a file name.
        OSError: if the disk refuses.
    """
    releases = clean / RELEASES
    releases.mkdir(parents=True, exist_ok=True)
    current = clean / CURRENT
    if current.exists() and not current.is_symlink():
        raise PublishError(f"{current} is no link, so no release can be switched to: move it away")
    # The system frees this lock when its holder dies, so a partial folder seen under it is a dead one's.
    with FileLock(releases / ".lock"):
        for leftover in releases.glob(f"{PARTIAL}*"):
            shutil.rmtree(leftover)
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=releases))
        try:
            # A folder of mkdtemp is private; the release, a level below, has the user's permissions.
            fresh = partial / "release"
            fresh.mkdir()
            identity, counts = _write(outcomes, fresh / DATA, versions)
            path = releases / identity
            _place(fresh, path)
            _sync(releases)
            link = partial / CURRENT
            link.symlink_to(Path(RELEASES, identity, DATA), target_is_directory=True)
            link.replace(current)
            _sync(clean)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    total = counts.published + counts.review + counts.quarantine
    return Release(identity, path, total, counts.published, counts.review, counts.quarantine)


def _write(outcomes: Iterable[Outcome], data: Path, versions: Mapping[str, str]) -> tuple[str, StatusCounts]:
    """Write the files of a release into `data`; return its ID and its counts."""
    files = _Files(data)
    names: dict[str, str] = {}
    counts = dict.fromkeys(Status, 0)
    with _Spool(data.parent) as edits, _Spool(data.parent) as documents:
        for outcome in outcomes:
            name = outcome.source.name
            check_name(name)
            other = names.setdefault(name_key(name), outcome.source.path)
            if other != outcome.source.path or name in documents:
                raise PublishError(
                    f"{other!r} and {outcome.source.path!r} would both be published as {name!r}: rename one"
                )
            counts[outcome.status] += 1
            documents.add(name, [encode_line(document_row(outcome))])
            document = outcome.document
            if outcome.status is not Status.QUARANTINE:
                if document is None:
                    raise PublishError(f"{name!r} is to be {outcome.status}, but was not processed")
                file = _checked_file(outcome, document)
                files.write(reading_file(name), [document.reading.text.encode()])
                files.write(diplomatic_file(name), [document.diplomatic.encode()])
                files.write(text_file(name), [document.text.encode()])
                files.write(json_file(name), [encode_file(file)])
                edits.add(name, (encode_line(row) for row in ledger_rows(name, document)))
            files.write(page_file(name), (part.encode() for part in report.document_page(outcome)))
        files.write(EDITS, edits.sorted())
        files.write(DOCUMENTS, documents.sorted())
    tally = StatusCounts(**{status.value: counts[status] for status in Status})
    index = report.index_page(read_documents(data), dict(sorted(versions.items())))
    files.write(REPORT, (part.encode() for part in index))
    files.write(SCHEMA, [document_schema()])
    files.write(README, [_README.format(**{status.value: counts[status] for status in Status}).encode()])
    entries = tuple(sorted(files.entries, key=lambda entry: entry.path))
    manifest = Manifest(MANIFEST_SCHEMA, VERSION, dict(sorted(versions.items())), tally, entries)
    files.write(MANIFEST, [encode_file(manifest)])
    for folder, _, _ in os.walk(data.parent):
        _sync(Path(folder))
    return files.entries[-1].sha256[:ID_LENGTH], tally


def _checked_file(outcome: Outcome, document: Document) -> DocumentFile:
    """Return a document's JSON; refuse one whose ledger does not give its texts: nobody could verify it."""
    name = outcome.source.name
    try:
        texts = read_texts(document)
        sound = (texts.diplomatic, texts.text) == (document.diplomatic, document.text)
        for text in (document.reading.text, document.diplomatic, document.text):
            text.encode()
    except UnicodeEncodeError as error:
        raise PublishError(f"the text of {name!r} holds half a character: {error}") from error
    except LedgerError as error:
        raise PublishError(f"the edits of {name!r} do not belong to its text: {error}") from error
    if not sound:
        raise PublishError(f"the edits of {name!r} do not give its editions; this is a fault of the program")
    blocks = read_blocks(texts, document.paragraphs)
    notes = read_notes(texts, document.notes, blocks)
    for fault in find_faults(texts, blocks, notes):
        raise PublishError(f"the JSON of {name!r} {fault}; this is a fault of the program")
    return document_file(outcome, document, blocks, notes)


def _place(fresh: Path, path: Path) -> None:
    """Bring a finished release to its place, where an equal or a damaged one may stand."""
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        fresh.rename(path)
        return
    with contextlib.suppress(NoRelease):
        if not verify(path).faults:
            return
    # Someone may be reading it: exchange its files one by one instead of taking the folder away.
    _clear(path, fresh)
    for folder, _, names in os.walk(fresh):
        here = path / Path(folder).relative_to(fresh)
        here.mkdir(exist_ok=True)
        for name in names:
            Path(folder, name).replace(here / name)
        _sync(here)


def _clear(folder: Path, model: Path) -> None:
    """Remove from `folder` what `model` does not have, or has as something else."""
    for entry in os.scandir(folder):
        twin = model / entry.name
        if entry.is_dir(follow_symlinks=False):
            if twin.is_dir():
                _clear(Path(entry.path), twin)
            else:
                shutil.rmtree(entry.path)
        elif not (twin.is_file() and entry.is_file(follow_symlinks=False)):
            Path(entry.path).unlink()


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class _Files:
    """The files written below a folder, with their sizes and sums."""

    def __init__(self, folder: Path) -> None:
        self.entries: list[FileEntry] = []
        self._folder = folder

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Write a new file that nobody is to change, and keep its sum."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with target.open("xb") as file:
            for part in parts:
                file.write(part)
                digest.update(part)
                size += len(part)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(os.fstat(file.fileno()).st_mode) & ~0o222)
            os.fsync(file.fileno())
        self.entries.append(FileEntry(path, size, digest.hexdigest()))


class _Spool:
    """Rows that come in any order of documents and leave in the order of their names.

    They wait in a file without a name, which goes with the process.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._places: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def add(self, name: str, rows: Iterable[bytes]) -> None:
        start = self._file.tell()
        self._file.writelines(rows)
        self._places[name] = (start, self._file.tell())

    def sorted(self) -> Iterator[bytes]:
        for _, (start, end) in sorted(self._places.items()):
            self._file.seek(start)
            while start < end:
                part = self._file.read(min(_CHUNK, end - start))
                start += len(part)
                yield part
