"""The sums of the dictionaries as they ship, in a file that `sha256sum --check` reads, too.

`make dictionaries` and `make manifest` write it; `prote doctor` compares.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

MANIFEST = "manifest.sha256"

_LEFT_OUT = (".", "__pycache__", "decisions.jsonl", MANIFEST)
"""Beginnings of the names of what is no dictionary: a corpus's own decisions stand here, too."""


def dictionaries_folder() -> Path:
    """Return the folder of the dictionaries that ship with the program."""
    return Path(str(files("dictionaries")))


def sums(folder: Path) -> dict[str, str]:
    """Return the sha256 of each dictionary, in hexadecimal, by its path below the folder.

    Raises:
        OSError: if one cannot be read.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if (
            path.is_file()
            and path.suffix != ".md"
            and not any(part.startswith(_LEFT_OUT) for part in below.parts)
        ):
            with path.open("rb") as file:
                found[below.as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def read_manifest(folder: Path) -> dict[str, str]:
    """Return what the manifest says the sums are.

    Raises:
        OSError: if it cannot be read.
        ValueError: if a line is none of a manifest.
    """
    lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("  ", 1) for line in lines]
    return {path: told for told, path in pairs}


def write_manifest(folder: Path) -> None:
    """Write the sums of what is there."""
    lines = (f"{told}  {path}\n" for path, told in sums(folder).items())
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write_manifest(dictionaries_folder())
