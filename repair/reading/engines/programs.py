"""The outside programs that reading needs: which are here, in which version.

Only Tesseract and its French model; OCRmyPDF is a Python package and is always installed.
A program that is missing says nothing about the document: :class:`MissingProgram` is a
failure of the run's surroundings, :class:`repair.document.Refused` a verdict on a document.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache

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
    version, languages = _inspect(path, os.environ.get("TESSDATA_PREFIX"))
    if LANGUAGE not in languages:
        raise MissingProgram(
            f"tesseract-ocr-{LANGUAGE}",
            "Le modèle français de Tesseract manque : installez-le (Debian, Ubuntu : sudo apt-get install "
            "tesseract-ocr-fra ; macOS : brew install tesseract-lang), puis relancez.",
            "Tesseract's French model is missing: install it (Debian, Ubuntu: sudo apt-get install "
            "tesseract-ocr-fra; macOS: brew install tesseract-lang), then run again.",
        )
    return version


@lru_cache(maxsize=4)
def _inspect(path: str, tessdata: str | None) -> tuple[str, frozenset[str]]:
    """Return the version and the models of the Tesseract at `path`; `tessdata` only keys the cache."""
    # Tesseract 3 wrote both answers to stderr.
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    words = (version.stdout or version.stderr).split()
    models = subprocess.run([path, "--list-langs"], capture_output=True, text=True, timeout=60, check=False)
    return (words[1] if len(words) > 1 else "unknown"), frozenset((models.stdout or models.stderr).split())
