"""The licences of the libraries that the program needs at run time: `make licences`.

`licences.toml` says of each library of `uv.lock` by which licence we take it, which licences let the program
be given away, and why an exception is none. Here that is compared with what the installed libraries say of
themselves: one that changes its licence, or is new, is seen before it is given to anybody.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HOUSE = Path(__file__).parents[1]
PROGRAM = "prote"


@dataclass(frozen=True, slots=True)
class Licences:
    """What `licences.toml` says.

    Attributes:
        free: SPDX names of the licences that let the program be given away with the library.
        means: which of these names what a library says of itself may mean.
        packages: the name of the licence of each library.
        exceptions: why a library may be given away whose licence is none of `free`.
    """

    free: frozenset[str]
    means: Mapping[str, tuple[str, ...]]
    packages: Mapping[str, str]
    exceptions: Mapping[str, str]


def read_licences(path: Path = HOUSE / "scripts" / "licences.toml") -> Licences:
    """Return what the file says."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    means = {said: tuple(names) for said, names in data["means"].items()}
    return Licences(frozenset(data["free"]), means, data["packages"], data["exceptions"])


def read_lock(path: Path = HOUSE / "uv.lock") -> dict[str, list[dict[str, object]]]:
    """Return the packages of the lock, by name; one has several entries where versions depend on Python."""
    found: dict[str, list[dict[str, object]]] = {}
    for package in tomllib.loads(path.read_text(encoding="utf-8"))["package"]:
        found.setdefault(package["name"], []).append(package)
    return found


def needed(lock: Mapping[str, list[dict[str, object]]]) -> set[str]:
    """Return the names of the libraries that the program, with all its extras, needs on some system."""
    extras = [extra for package in lock[PROGRAM] for extra in package.get("optional-dependencies", {})]
    found: set[tuple[str, str]] = set()
    todo = [(PROGRAM, extra) for extra in ("", *extras)]
    while todo:
        name, extra = todo.pop()
        for package in lock[name]:
            asked = (
                package.get("optional-dependencies", {}).get(extra, [])
                if extra
                else package.get("dependencies", [])
            )
            for one in asked:
                both = {(one["name"], more) for more in ("", *one.get("extra", ()))}
                todo += both - found
                found |= both
    return {name for name, _ in found} - {PROGRAM}


def faults(licences: Licences, names: set[str]) -> Iterator[str]:
    """Yield what is wrong with the list, for the libraries that are needed."""
    for name in sorted(names - licences.packages.keys()):
        yield f"{name} is not listed: look up its licence, and add it to scripts/licences.toml"
    for name in sorted(licences.packages.keys() - names):
        yield f"{name} is listed and not needed any more: take it out of scripts/licences.toml"
    for name, licence in sorted(licences.packages.items()):
        if not is_free(licence, licences.free) and not licences.exceptions.get(name, "").strip():
            yield f"{name} is under {licence}: do without it, or say in scripts/licences.toml why it may stay"
    for name in sorted(licences.exceptions.keys() - licences.packages.keys()):
        yield f"{name} is excepted and not listed: take it out of scripts/licences.toml"


def is_free(expression: str, free: frozenset[str]) -> bool:
    """Say whether an SPDX expression can be satisfied by free licences alone.

    >>> is_free("MIT AND (BSD-2-Clause OR LGPL-2.1-or-later)", frozenset({"MIT", "BSD-2-Clause"}))
    True
    >>> is_free("MIT AND LGPL-2.1-or-later", frozenset({"MIT"}))
    False
    """
    return all(
        any(name in free for name in part.strip("()").split(" OR ")) for part in expression.split(" AND ")
    )


def other(licences: Licences, name: str, said: str) -> str:
    """Return what is wrong where a library says something else of itself than the list does; else nothing."""
    listed = licences.packages[name]
    if listed in (said, *licences.means.get(said, ())):
        return ""
    return f"{name} says {said!r}, and the list {listed}: look at its licence, and mend scripts/licences.toml"


def main() -> int:
    """Print the licence of each library that is installed and needed; return 1 if one is not as listed."""
    licences, names = read_licences(), needed(read_lock())
    told = list(faults(licences, names))
    command = [Path(sys.executable).with_name("pip-licenses"), "--from=mixed", "--format=json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    there = {entry["Name"].lower().replace("_", "-").replace(".", "-"): entry for entry in json.loads(listed)}
    for name in sorted(names & there.keys() & licences.packages.keys()):
        licence = licences.packages[name]
        why = f"  # {licences.exceptions[name]}" if name in licences.exceptions else ""
        print(f"{name:32}{there[name]['Version']:16}{licence}{why}")
        told += filter(None, [other(licences, name, there[name]["License"])])
    print(f"{len(names & there.keys())} libraries of {PROGRAM} {version(PROGRAM)}; {len(told)} to look at")
    for fault in told:
        print(f"licences: {fault}", file=sys.stderr)
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
