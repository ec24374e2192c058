"""Figures of a long run: kept as they come, so that a run that was cut short is taken up where it stood."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Figures = dict[str, float]


class Kept:
    """A folder to work in, with the figures that are known; it goes when all are."""

    def __init__(self, folder: Path, stamp: Sequence[object]) -> None:
        """Take a folder up, or empty it.

        Args:
            folder: of this run alone.
            stamp: what is measured, of which version: figures of something else are forgotten.
        """
        self.folder = folder
        self._file = folder / "figures.json"
        self._stamp = [str(part) for part in stamp]
        self._figures: dict[str, Figures] = {}
        try:
            told = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {}
        if told.get("stamp") == self._stamp:
            self._figures = told["figures"]
        else:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str) -> Figures | None:
        """Return figures; None where they are not known yet."""
        return self._figures.get(name)

    def put(self, name: str, figures: Mapping[str, float]) -> None:
        """Keep figures: all of them are on the disk, or the ones before."""
        self._figures[name] = dict(figures)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False, encoding="utf-8") as part:
            json.dump({"stamp": self._stamp, "figures": self._figures}, part)
        Path(part.name).replace(self._file)

    def forget(self) -> None:
        """Remove the folder: the figures are told."""
        shutil.rmtree(self.folder)
