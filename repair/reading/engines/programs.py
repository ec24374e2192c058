"""The outside programs that reading needs: which are here, in which version.

Tesseract and its French model, and RapidOCR where that extra is installed; OCRmyPDF always is.
A program that is missing says nothing about the document: :class:`MissingProgram` is a
failure of the run's surroundings, :class:`repair.document.Refused` a verdict on a document.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

LANGUAGE = "fra"
"""Tesseract's name of the model that reads our documents."""


class MissingProgram(Exception):  # noqa: N818 - it names what is missing
    """A program this machine lacks; documents that need it can be read once it is installed.

    Attributes:
        name: of the program or of its data, as packages name it.
        fr: what to install and how, in French.
        en: the same in English.
    """

    def __init__(self, name: str, fr: str, en: str) -> None:
        self.name, self.fr, self.en = name, fr, en
        super().__init__(en)


def tesseract_version() -> str:
    """Return Tesseract's version, e.g. ``5.3.0``, once it is known to read French.

    Raises:
        MissingProgram: if Tesseract, or its French model, is not installed.
    """
    path = shutil.which("tesseract")
    if path is None:
        raise MissingProgram(
            "tesseract-ocr",
            "Tesseract manque : installez-le (Debian, Ubuntu : sudo apt-get install tesseract-ocr "
            "tesseract-ocr-fra ; macOS : brew install tesseract tesseract-lang), puis relancez.",
            "Tesseract is missing: install it (Debian, Ubuntu: sudo apt-get install tesseract-ocr "
            "tesseract-ocr-fra; macOS: brew install tesseract tesseract-lang), then run again.",
        )
    found, languages, _ = _inspect(path, os.environ.get("TESSDATA_PREFIX"))
    if LANGUAGE not in languages:
        raise MissingProgram(
            f"tesseract-ocr-{LANGUAGE}",
            "Le modèle français de Tesseract manque : installez-le (Debian, Ubuntu : sudo apt-get install "
            "tesseract-ocr-fra ; macOS : brew install tesseract-lang), puis relancez.",
            "Tesseract's French model is missing: install it (Debian, Ubuntu: sudo apt-get install "
            "tesseract-ocr-fra; macOS: brew install tesseract-lang), then run again.",
        )
    return found


def tesseract_name() -> str:
    """Return Tesseract's name with version, model and the model's sum: ``tesseract 5.3.0 fra f8c66314``.

    Raises:
        MissingProgram: as :func:`tesseract_version` does.
    """
    found, path = tesseract_version(), str(shutil.which("tesseract"))
    _, _, model = _inspect(path, os.environ.get("TESSDATA_PREFIX"))
    return f"tesseract {found} {LANGUAGE} {model}".strip()


def rapidocr_version() -> str | None:
    """Return the version that is installed; None where the extra is not."""
    try:
        return version("rapidocr")
    except PackageNotFoundError:
        return None


@lru_cache(maxsize=1)
def rapidocr_name() -> str | None:
    """Return RapidOCR's name with version and its models' sum; None where the extra is not installed."""
    found, spec = rapidocr_version(), find_spec("rapidocr")
    if found is None or spec is None:
        return None
    folders = [Path(folder, "models") for folder in spec.submodule_search_locations or ()]
    models = sorted(model for folder in folders for model in folder.glob("*.onnx"))
    return f"rapidocr {found} {_sum(models)}"


def installed_engines() -> str:
    """Return the engines that pages are read by here; other engines, or models, are another name.

    Raises:
        MissingProgram: as :func:`tesseract_version` does.
    """
    return " + ".join(filter(None, (tesseract_name(), rapidocr_name())))


def _sum(models: Iterable[Path]) -> str:
    """Return the beginning of the sha256 of some files, in their order."""
    total = hashlib.sha256()
    for model in models:
        with model.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:8]


@lru_cache(maxsize=4)
def _inspect(path: str, tessdata: str | None) -> tuple[str, frozenset[str], str]:
    """Return the version of the Tesseract at `path`, its models, and the sum of the French one.

    `tessdata` only keys the cache.
    """
    # Tesseract 3 wrote both answers to stderr.
    told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    words = (told.stdout or told.stderr).split()
    models = subprocess.run([path, "--list-langs"], capture_output=True, text=True, timeout=60, check=False)
    said = models.stdout or models.stderr
    folder = re.search(r'"(.+)"', said.partition("\n")[0])  # Tesseract 4 names none
    model = Path(folder[1] if folder else tessdata or "", f"{LANGUAGE}.traineddata")
    model_sum = _sum([model]) if model.is_file() else ""
    return (words[1] if len(words) > 1 else "unknown"), frozenset(said.split()), model_sum
