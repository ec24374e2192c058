"""What a document was processed with, as short sums: where they stay the same, so does the result.

They hold nothing of the machine, so that the same inputs give the same release everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import requires, version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from flows.limits import Limits
from repair.document import Source
from repair.reading.engines.programs import MissingProgram, installed_engines

_JUDGEMENT = ("repair", "expectations")
"""The packages that decide what becomes of a document; the version number alone would miss a patch."""

_APART = (".", "__pycache__", "decisions.jsonl")
"""Beginnings of the names of what is in a package and no part of it: rulings reach single documents."""

_BYSTANDERS = {
    *("click", "fastapi", "filelock", "fsspec", "img2pdf", "ocrmypdf", "prefect", "rich"),
    *("itsdangerous", "python-multipart", "starlette", "uvicorn"),  # the curators' desk
    *("apprise", "prometheus-client", "python-json-logger", "pyyaml"),  # what starts runs, and tells of them
    *("httpx", "packaging", "sqlalchemy"),  # the doctor, and what Prefect needs of them
}
"""Libraries that no text and no byte of a release comes through."""

GENRES, PROFILES, STAMPS = "genres/", "profiles/", "stamps.toml"
"""Dictionaries that decide about some documents alone; all others decide about every one."""
_TELLING = (".md", ".sha256")
"""Ends of the names of files that speak of the dictionaries, and are none."""


def document_key(source: Source, profile: str) -> str:
    """Return what decides the outcome of a raw file: the same key, the same outcome.

    It is a sum of the file and of what decides about every document, and then the sums of the dictionaries
    that decide about some. Where these alone differ, `flows.upgrades` says whether the document is one.
    """
    files = [part for file in source.witnesses for part in (file.path, file.sha256)]
    shared, own, apart = _dictionaries(profile)
    judges = _judges() | {"dictionaries": f"{shared} {own}"}
    parts = (source.path, source.name, source.sha256, profile, *judges.values(), *files)
    whole = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{whole} {apart}"


def read_key(key: str) -> tuple[str, dict[str, str]]:
    """Return the parts of a key: the sum of what every document depends on, and the others by their paths.

    Of a document that is to be tried again, or that an earlier program processed, the second is empty.
    """
    whole, brace, apart = key.partition(" {")
    return whole, msgspec.json.decode(f"{{{apart}", type=dict[str, str]) if brace else {}


@lru_cache(maxsize=16)
def _dictionaries(profile: str) -> tuple[str, str, str]:
    """Return the sums of the dictionaries of every document, of a profile, and of each of the others."""
    sums = _dictionary_sums()
    some = (GENRES, PROFILES, STAMPS)
    shared = msgspec.json.encode({path: told for path, told in sums.items() if not path.startswith(some)})
    apart = {path: told for path, told in sums.items() if path.startswith((GENRES, STAMPS))}
    return (
        hashlib.sha256(shared).hexdigest(),
        sums.get(f"{PROFILES}{profile}.toml", ""),
        msgspec.json.encode(apart).decode(),
    )


@lru_cache(maxsize=1)
def _dictionary_sums() -> Mapping[str, str]:
    """Return the beginning of the sha256 of each dictionary, by its path below their folder."""
    return {path: sha256.hex()[:16] for path, sha256 in _sums("dictionaries") if not path.endswith(_TELLING)}


def outcome_keys(source: Source, profile: str, limits: Limits) -> tuple[tuple[str, str], ...]:
    """Return (key, name) of a raw file not to be processed: it was, or went beyond these limits."""
    key = document_key(source, profile)
    return (key, source.name), (limits.beyond(key), source.name)


@lru_cache(maxsize=1)
def _judges() -> dict[str, str]:
    return {
        "prote": version("prote"),
        "code": _sum(*_JUDGEMENT),
        "dictionaries": _sum("dictionaries"),
        **{library: version(library) for library in _libraries()},
    }


def _libraries() -> list[str]:
    """Return the libraries that the program cannot do without, and that may change what comes of it."""
    asked = [line for line in requires("prote") or () if "extra ==" not in line]
    return sorted({re.split(r"[^\w.-]", line)[0] for line in asked} - _BYSTANDERS)


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Return what a release is made with, for its lineage."""
    return _judges() | {"release": _sum("release")}


def engines() -> str:
    """Return the OCR engines that are installed here, as documents are read by them.

    Empty where Tesseract is missing: what other engines read stands until something can read again.
    """
    try:
        return installed_engines()
    except MissingProgram:
        return ""


def _sum(*packages: str) -> str:
    """Return the beginning of the sha256 of all files of some packages, by their names."""
    total = hashlib.sha256()
    for package in packages:
        for path, sha256 in _sums(package):
            total.update(f"{package}/{path}".encode() + b"\0" + sha256)
    return total.hexdigest()[:16]


def _sums(package: str) -> Iterator[tuple[str, bytes]]:
    """Yield the path of each file of a package, below its folder, and its sha256."""
    folder = _folder(package)
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(_APART) for part in below.parts):
            with path.open("rb") as file:
                yield below.as_posix(), hashlib.file_digest(file, "sha256").digest()


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package!r} is not installed: install prote again")
    return Path(spec.submodule_search_locations[0])
