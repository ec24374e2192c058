"""What a document was processed with, as short sums: where they stay the same, so does the result.

They hold nothing of the machine, so that the same inputs give the same release everywhere.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from importlib.metadata import requires, version
from importlib.util import find_spec
from pathlib import Path

from repair.document import Source
from repair.reading.engines.programs import MissingProgram, installed_engines

_JUDGEMENT = ("repair", "expectations")
"""The packages that decide what becomes of a document; the version number alone would miss a patch."""

_APART = (".", "__pycache__", "decisions.jsonl")
"""Beginnings of the names of what is in a package and no part of it: rulings reach single documents."""

_BYSTANDERS = {
    *("click", "fastapi", "filelock", "fsspec", "img2pdf", "ocrmypdf", "prefect", "rich"),
    *("itsdangerous", "python-multipart", "starlette", "uvicorn"),  # the curators' desk
    *("apprise", "prometheus-client", "python-json-logger"),  # what a run tells of itself
}
"""Libraries that no text and no byte of a release comes through."""


def document_key(source: Source, profile: str) -> str:
    """Return what decides the outcome of a raw file: the same key, the same outcome."""
    files = [part for file in source.witnesses for part in (file.path, file.sha256)]
    parts = (source.path, source.name, source.sha256, profile, *_judges().values(), *files)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


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
        folder = _folder(package)
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and not any(part.startswith(_APART) for part in parts):
                with path.open("rb") as file:
                    total.update("/".join((package, *parts)).encode() + b"\0")
                    total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {package!r} is not installed: install prote again")
    return Path(spec.submodule_search_locations[0])
