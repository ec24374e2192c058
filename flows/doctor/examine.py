"""All checks, in the order in which they are told; one that fails is a finding, and keeps no other back."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from flows.doctor.finding import Finding, House, bad

CHECKS = (
    *("libraries.python", "libraries.wanted", "libraries.locked"),
    *("programs.tesseract", "programs.rapidocr", "programs.ocrmypdf", "programs.ghostscript"),
    *("dictionaries.shipped", "dictionaries.readable"),
    *("machine.cores", "machine.memory", "machine.open_files", "machine.address_space"),
    *("disk.output_folder", "disk.temporary_folder", "disk.space"),
    *("clock.time", "clock.day_of_releases"),
    *(
        "corpus.documents",
        "corpus.state",
        "corpus.release",
        "corpus.aside",
        "corpus.journal",
        "corpus.curators",
    ),
    *("leftovers.lock", "leftovers.folders"),
    "server.prefect",
)
"""Functions, each with the module of this package that it is in."""


def examine(house: House, checks: Iterable[str] = CHECKS) -> list[Finding]:
    """Return what all checks find. Nothing is changed."""
    return [finding for check in checks for finding in _called(check, house)]


def _called(check: str, house: House) -> list[Finding]:
    module, _, name = check.partition(".")
    try:
        # A library that is missing or broken costs the checks that need it, and those are named.
        return list(getattr(import_module(f"flows.doctor.{module}"), name)(house))
    except Exception as error:  # whatever a broken installation does, the other checks go on
        told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        what = name.replace("_", " ")
        return [bad(what, f"could not be looked at ({told})", "Mend what is said there, and ask again.")]
