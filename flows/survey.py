"""What is in the raw folder: every entry becomes a source, or is turned away with its reason.

Nothing is opened here but regular files inside the folder: a link may lead anywhere, a pipe
never ends. Entries whose names start with a dot are the system's, not documents.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from release import origins
from release.layout import UnsafeName, check_name, name_key
from repair.document import Reason, Refused, Source
from repair.reading.unreadable import why

_SCANS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"})
LAYOUTS = frozenset({".xml", ".hocr", ".html", ".htm", ".alto"})
TEXTS = frozenset({".txt", ".text", ".md", ".markdown", ""})
_SCAN, _LAYOUT, _TEXT, _NO_WITNESS = range(4)
"""Ranks of the files of a document. The last may be one, and is no other's witness: its name does not say
what it holds, or it is XML or HTML that no engine wrote."""
_ENGINES = frozenset({".alto", ".page", ".hocr"})


@dataclass(frozen=True, slots=True)
class Found:
    """One document of the raw folder, or a file that cannot be one.

    Attributes:
        source: its files; sha256 is empty where its bytes could not be read.
        refusal: why it cannot be a document; None where it can.
    """

    source: Source
    refusal: Reason | None = None


def survey(raw: Path) -> list[Found]:
    """Return every document below `raw`, in the order of their paths, and what cannot be one.

    Files of one name are one document: its scan, the reading of another program, its text. The first of
    these is the document's file, the others are its witnesses; two of a kind are one too many, and what
    cannot be heard beside another is turned away.

    Raises:
        OSError: if `raw` itself cannot be listed.
    """
    files: dict[str, list[_File]] = {}
    refused: list[tuple[str, Reason, str, int]] = []
    for path in _walk(raw):
        if path == raw / origins.FILE:
            continue  # it speaks of the documents, and is none
        shown = _printable(path.relative_to(raw).as_posix())
        name = document_name(shown)
        refusal = _not_inside(path, raw) or _too_large(path)
        sha256, size = "", 0
        if refusal is None:
            try:
                sha256, size = digest(path)
            except OSError as error:
                refusal = _unreadable(error)
        refusal = refusal or _unsafe(name, path)
        if refusal is None:
            files.setdefault(name_key(name), []).append(_File(_rank(shown), shown, name, sha256, size))
        else:
            refused.append((shown, refusal, sha256, size))
    found: list[Found] = []
    for same in files.values():
        first, *others = sorted(same if len(same) == 1 else [_looked_into(file, raw) for file in same])
        kinds = {first.rank}
        witnesses = []
        for other in others:
            if other.rank in kinds or other.rank == _NO_WITNESS:
                turned_away = _same_name if other.rank in kinds else _no_witness
                refused.append((other.path, turned_away(first.path), other.sha256, other.size))
            else:
                kinds.add(other.rank)
                witnesses.append(Source(other.name, other.path, other.sha256, other.size))
        found.append(Found(Source(first.name, first.path, first.sha256, first.size, tuple(witnesses))))
    taken = set(files)
    paths: set[str] = set()
    for shown, refusal, sha256, size in sorted(
        refused, key=lambda entry: (entry[0], *entry[2:], entry[1].code)
    ):
        # A row of the table only, so any name and path will do that is nobody else's: what cannot be shown
        # of two names may be all they differ in.
        while shown in paths:
            shown += "~"
        paths.add(shown)
        name = _free_name(shown[-80:], taken)
        taken.add(name_key(name))
        found.append(Found(Source(name, shown, sha256, size), refusal))
    return sorted(found, key=lambda entry: entry.source.path)


class _File(NamedTuple):
    """A file that can be read; the lower its rank, the nearer it is to the page."""

    rank: int
    path: str
    name: str
    sha256: str
    size: int


def is_scan(path: str) -> bool:
    """Whether a raw file is one of pages, by its name: a PDF or an image."""
    return PurePosixPath(path).suffix.lower() in _SCANS


def _rank(path: str) -> int:
    suffix = PurePosixPath(path).suffix.lower()
    if is_scan(path):
        return _SCAN
    if suffix in LAYOUTS:
        return _LAYOUT
    return _TEXT if suffix in TEXTS else _NO_WITNESS


def _looked_into(file: _File, raw: Path) -> _File:
    """Return a file that shares its name with others, with the rank of what it holds."""
    if file.rank != _LAYOUT:
        return file
    from repair.reading.layouts.files import is_layout

    try:
        return file if is_layout(raw / file.path) else file._replace(rank=_NO_WITNESS)
    except OSError:  # it went since; processing will tell
        return file


def document_name(path: str) -> str:
    """Return the name of the document of a raw file.

    >>> document_name("ag/2019/A_RES_74_175.txt")
    'ag__2019__A_RES_74_175'
    >>> document_name("74-175.alto.xml")
    '74-175'
    """
    bare = PurePosixPath(path).with_suffix("")
    if PurePosixPath(path).suffix.lower() in LAYOUTS and bare.suffix.lower() in _ENGINES:
        bare = bare.with_suffix("")
    return "__".join(bare.parts)


def digest(path: Path) -> tuple[str, int]:
    """Return the sha256 of a file, in hexadecimal, and its size in bytes.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return sha256, file.tell()


def _walk(raw: Path) -> Iterator[Path]:
    """Yield what is below the raw folder, however deep: files, links, and folders that cannot be listed."""
    todo = [raw]
    while todo:
        folder = todo.pop()
        try:
            with os.scandir(folder) as entries:
                found = [(folder / entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            if folder == raw:
                raise
            yield folder
            continue
        for path, is_folder in found:
            if path.name.startswith("."):
                continue
            if is_folder:
                todo.append(path)
            else:
                yield path


def _printable(path: str) -> str:
    """Escape what no table, log or file name should hold: broken UTF-8 and control characters."""
    path = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() or char in "\xa0\u202f" else ascii(char)[1:-1] for char in path)


def _free_name(path: str, taken: Set[str]) -> str:
    """Return a name that is free and safe for a file that cannot have its own."""
    name = path.replace("/", "__").replace("\\", "%")
    while name_key(name) in taken:
        name += "~"
    return name


def _unsafe(name: str, path: Path) -> Reason | None:
    try:
        check_name(name)
    except UnsafeName as error:
        return Reason(
            "unsafe-name",
            "Ce nom de fichier ne peut pas devenir un nom de document : renommez le fichier plus simplement.",
            f"This file's name cannot become a document's: {error}.",
        )
    if path.name != _printable(path.name):
        return Reason(
            "unsafe-name",
            "Le nom de ce fichier contient des caractères illisibles ou invisibles : renommez-le.",
            "This file's name holds unreadable or invisible characters: rename it.",
        )
    return None


def _same_name(first: str) -> Reason:
    return Reason(
        "same-name",
        f"Ce fichier porte le même nom, suffixe à part, que « {first} » : renommez l’un des deux.",
        f"This file has the same name, suffix apart, as “{first}”: rename one of the two.",
    )


def _no_witness(first: str) -> Reason:
    return Reason(
        "no-witness",
        f"Ce fichier porte le même nom, suffixe à part, que « {first} », et n’est ni un texte, ni de l’hOCR, "
        "de l’ALTO ou du PAGE : renommez-le, convertissez-le ou retirez-le.",
        f"This file has the same name, suffix apart, as “{first}”, and is neither a text nor hOCR, ALTO or "
        "PAGE: rename it, convert it or remove it.",
    )


def _not_inside(path: Path, raw: Path) -> Reason | None:
    """Say why `path` is no regular file inside `raw`; None where it is."""
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(raw.resolve()):
            return Reason(
                "outside-link",
                "Ce lien mène hors du dossier brut : copiez le fichier dans le dossier.",
                "This link leads outside the raw folder: copy the file into the folder.",
            )
        mode = path.stat().st_mode
    except OSError as error:
        return _unreadable(error)
    except RuntimeError:  # how Python tells of links in a circle, before 3.13
        return _unreadable(OSError(errno.ELOOP, os.strerror(errno.ELOOP)))
    if stat.S_ISDIR(mode) and not path.is_symlink():
        return Reason(
            "unreadable",
            "Ce dossier ne peut pas être ouvert : vérifiez ses droits.",
            "This folder cannot be opened: check its permissions.",
        )
    if not stat.S_ISREG(mode):
        return Reason(
            "not-a-file",
            "Ceci n’est pas un fichier ordinaire : seuls les fichiers sont traités.",
            "This is not a regular file: only files are processed.",
        )
    return None


def _too_large(path: Path) -> Reason | None:
    """Say that a file is larger than any document, before its sum is taken: with holes it may be endless."""
    from repair.reading import check_size

    try:
        check_size(max(1, path.stat().st_size))
    except OSError as error:
        return _unreadable(error)
    except Refused as refused:
        return refused.reason
    return None


def _unreadable(error: OSError) -> Reason:
    fr, en = why(error)
    return Reason(
        "unreadable",
        f"Ce fichier ne peut pas être lu ({fr}) : vérifiez-le, puis relancez.",
        f"This file cannot be read ({en}): check it, then run again.",
    )
