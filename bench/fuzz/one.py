"""Searches with one target, in a process of its own: `python -m bench.fuzz.one TARGET [options]`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["repair", "flows.entries"]):
    from bench.fuzz.targets import TARGETS


def main() -> None:
    """Search; libFuzzer ends the process."""
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
