"""Python and the libraries: are they those that the program was made and tested with?"""

from __future__ import annotations

import platform
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from flows.doctor.finding import Finding, House, bad, good, note

LOCK = Path(__file__).parents[2] / "uv.lock"
"""Of the checkout; a wheel has none."""

_AGAIN = "Install prote again: make setup in a checkout, else pip install --force-reinstall prote."


def python(_house: House) -> Iterator[Finding]:
    """Is Python new enough?"""
    here, asked = platform.python_version(), str(metadata("prote")["Requires-Python"])
    if here in SpecifierSet(asked, prereleases=True):
        yield good("Python", here)
    else:
        yield bad("Python", here, f"Install prote in an environment of Python {asked}.")


def wanted(_house: House) -> Iterator[Finding]:
    """Is each library there, in a version that the program can work with?

    Prefect and fastapi are a pair: the one breaks with a later version of the other.
    """
    amiss = [finding for asked in _asked() if (finding := _misfit(asked)) is not None]
    yield from amiss or [good("libraries", f"all {len(_asked())} fit")]


def _asked() -> list[Requirement]:
    asked = [Requirement(line) for line in requires("prote") or ()]
    return [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]


def _misfit(asked: Requirement) -> Finding | None:
    try:
        here = version(asked.name)
    except PackageNotFoundError:
        return bad(asked.name, "not installed", _AGAIN)
    if asked.specifier.contains(here, prereleases=True):
        return None
    return bad(asked.name, f"{here}, and {asked.specifier} is asked for", _AGAIN)


def locked(_house: House) -> Iterator[Finding]:
    """In a checkout, are the libraries those of the lock, with which the tests passed?"""
    if not LOCK.is_file():
        return
    packages = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    tested = {(package["name"], package["version"]) for package in packages if "version" in package}
    there = {(asked.name, version(asked.name)) for asked in _asked() if _misfit(asked) is None}
    others = sorted(f"{name} {here}" for name, here in there - tested)
    if others:
        yield note(
            "uv.lock", f"other versions: {', '.join(others)}", "make setup brings those that were tested."
        )
    else:
        yield good("uv.lock", "the versions that were tested")
