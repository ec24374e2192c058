"""The outside programs and their models, which reading scans and making PDFs needs."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, PackagePath, files, version
from importlib.util import find_spec

from flows.doctor.finding import Finding, House, bad, good, note
from repair.reading.engines.programs import MissingProgram, rapidocr_name, tesseract_name

_OLDEST_TESSERACT = (4, 1, 1)
"""Of those that read as ours do; OCRmyPDF takes no older one either."""
_RAPIDOCR_AGAIN = "Install it again: make setup, or pip install --force-reinstall 'prote[rapidocr]'."


def tesseract(_house: House) -> Iterator[Finding]:
    """Is Tesseract there with its French model, and not too old?"""
    try:
        name = tesseract_name()
    except MissingProgram as missing:
        yield bad("Tesseract", f"{missing.name} is missing", missing.en)
        return
    found = tuple(int(figure) for figure in re.findall(r"\d+", name.split()[1])[:3])
    if found < _OLDEST_TESSERACT:
        oldest = ".".join(map(str, _OLDEST_TESSERACT))
        yield bad("Tesseract", name, f"Install Tesseract {oldest} or later.")
    else:
        yield good("Tesseract", name)


def rapidocr(_house: House) -> Iterator[Finding]:
    """Is the second engine there, with its models as they were published?"""
    name = rapidocr_name()
    if name is None:
        yield note(
            "RapidOCR",
            "not installed: Tesseract reads every page twice",
            "pip install 'prote[rapidocr]' brings an engine that knows nothing of the first.",
        )
        return
    models = [file for file in files("rapidocr") or () if file.suffix == ".onnx"]
    damaged = [file.name for file in models if not _is_whole(file)]
    if not models or damaged:
        told = f"damaged models: {', '.join(damaged)}" if damaged else "without models"
        yield bad("RapidOCR", f"{name}, {told}", _RAPIDOCR_AGAIN)
    elif find_spec("onnxruntime") is None:
        yield bad("RapidOCR", f"{name}, without onnxruntime", _RAPIDOCR_AGAIN)
    else:
        yield good("RapidOCR", f"{name}, {len(models)} models whole")


def _is_whole(file: PackagePath) -> bool:
    """Say whether an installed file is the one of its wheel."""
    path = file.locate()
    if file.hash is None:
        return False
    try:
        found = hashlib.new(file.hash.mode, path.read_bytes()).digest()
    except OSError:
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == file.hash.value


def ocrmypdf(_house: House) -> Iterator[Finding]:
    """Is OCRmyPDF there? `prote export --pdf` makes PDFs by it."""
    try:
        yield good("OCRmyPDF", version("ocrmypdf"))
    except PackageNotFoundError:
        yield bad("OCRmyPDF", "not installed", "Install prote again: it brings OCRmyPDF.")


def ghostscript(_house: House) -> Iterator[Finding]:
    """Is Ghostscript there? Nothing needs it."""
    path = shutil.which("gs")
    yield good("Ghostscript", path or "not installed, and not needed")
