"""The releases of an output folder: finding one, what was published when, and taking old ones away.

Each publication leaves ``clean/changes/NNNN-ID.json`` and ``.md``: its figures and what changed, for
programs and for people. They stand beside the releases, not in them: the same documents are the same
release, whatever was published before.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from release.compare import Change, Comparison, Figures
from release.layout import CURRENT, DATA, PARTIAL, RELEASES, SHORT_ID, TAG_MANIFEST, is_id

CHANGES = "changes"
_NUMBERED = re.compile(r"(\d{4,})-([0-9a-f]{12})\.json")
_SHOWN = 200
"""Documents that the page of a publication names, of each kind; ``prote diff`` has all."""


class UnknownRelease(LookupError):  # noqa: N818 - it says what the release is
    """No release, or more than one, is called so; the message names those there are."""


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``changes/NNNN-ID.json``: a release that became the current one, and what that changed."""

    number: int
    release: str
    previous: str
    figures: Figures
    added: int
    withdrawn: int
    changed: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken away.

    Attributes:
        releases: IDs, oldest first.
        bytes: what they alone took on the disk.
    """

    releases: tuple[str, ...]
    bytes: int


def current_release(clean: Path) -> Path | None:
    """Return the folder of the current release of an output folder; None where there is none."""
    data = clean / CURRENT
    return data.resolve().parent if data.is_dir() else None


def releases(clean: Path) -> list[Path]:
    """Return the folders of all releases, that which was published last first."""
    found = [path for path in (clean / RELEASES).glob("*") if is_id(path.name) and path.is_dir()]
    last = {publication.release: publication.number for publication in publications(clean)}
    # One that no publication names was switched to by nobody: it counts as older than all.
    return sorted(found, key=lambda path: (last.get(path.name, 0), _finished(path), path.name), reverse=True)


def find_release(clean: Path, wanted: str) -> Path:
    """Return the folder of a release by what a user calls it.

    Args:
        clean: the output folder.
        wanted: ``current``, ``previous``, the beginning of an ID, or the path of a release's folder.

    Raises:
        UnknownRelease: if there is none, or several.
    """
    if (Path(wanted) / DATA).is_dir() and is_id(Path(wanted).resolve().name):
        return Path(wanted).resolve()
    current = current_release(clean)
    if wanted == CURRENT and current is not None:
        return current
    known = releases(clean)
    if wanted == "previous":
        known = [path for path in known if current is None or path.name != current.name][:1]
    else:
        known = [path for path in known if wanted and path.name.startswith(wanted)]
    if len(known) == 1:
        return known[0]
    there = ", ".join(path.name[:SHORT_ID] for path in releases(clean)[:5]) or "none yet"
    fault = "several releases are" if known else "no release is"
    raise UnknownRelease(f"{fault} called {wanted!r} in {clean}; there are: {there}")


def publications(clean: Path) -> list[Publication]:
    """Return what was published, in order; a file that cannot be read counts as none."""
    found = []
    for path in sorted((clean / CHANGES).glob("*.json"), key=lambda path: (len(path.name), path.name)):
        if _NUMBERED.fullmatch(path.name):
            with contextlib.suppress(ValueError, OSError):
                found.append(msgspec.json.decode(path.read_bytes(), type=Publication))
    return found


def record(clean: Path, comparison: Comparison) -> None:
    """Write what a publication changes, just before it becomes the current release.

    Where an earlier publisher was killed in between, what it wrote never came about, and goes.
    """
    folder = clean / CHANGES
    folder.mkdir(exist_ok=True)
    known = publications(clean)
    current = current_release(clean)
    if current is not None and current.name == comparison.new:
        return  # mended, not changed
    for stale in _never_current(known, current):
        for suffix in ("json", "md"):
            (folder / f"{_stem(stale)}.{suffix}").unlink(missing_ok=True)
        known.remove(stale)
    publication = Publication(
        known[-1].number + 1 if known else 1,
        comparison.new,
        comparison.old,
        comparison.after,
        *(len(comparison.of(change)) for change in (Change.ADDED, Change.WITHDRAWN, Change.CHANGED)),
    )
    page = _template().render(
        publication=publication, found=comparison, Change=Change, shown=_SHOWN, short=SHORT_ID
    )
    data = msgspec.json.format(msgspec.json.encode(publication), indent=1) + b"\n"
    # The page first: a publication is known by its data.
    for suffix, content in (("md", page.encode()), ("json", data)):
        path = folder / f"{_stem(publication)}.{suffix}"
        partial = path.with_name(f"{PARTIAL}{path.name}")
        partial.write_bytes(content)
        partial.replace(path)


def _never_current(known: Sequence[Publication], current: Path | None) -> Sequence[Publication]:
    """Return what was written of publications that did not come about: those after the current release's."""
    if current is None:
        return list(known)
    places = [place for place, publication in enumerate(known) if publication.release == current.name]
    return known[places[-1] + 1 :] if places else []


def _stem(publication: Publication) -> str:
    return f"{publication.number:04d}-{publication.release[:SHORT_ID]}"


@lru_cache(maxsize=1)
def _template() -> Any:
    # Markdown, not HTML; names of documents are shown as code.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("release"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["code"] = _code
    return environment.get_template("changes.md.j2")


def _code(text: str) -> str:
    """Return a name as code in Markdown, whatever it holds."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text.replace('|', chr(0x2758))}{space}{fence}"


def prune(clean: Path, keep: int) -> Pruned:
    """Take away all releases but the current one and those published last.

    Args:
        clean: the output folder; nobody may be publishing there.
        keep: how many are to stay, the current one among them.
    """
    current = current_release(clean)
    known = releases(clean)
    staying = {path for path in known if current is not None and path.name == current.name}
    for path in known:
        if len(staying) < max(keep, 1):
            staying.add(path)
    gone, size = [], 0
    for path in reversed(known):
        if path in staying:
            continue
        # Out of sight in one step: nobody is to find half a release.
        hidden = path.with_name(f"{PARTIAL}{path.name}")
        path.rename(hidden)
        size += _own_bytes(hidden)
        shutil.rmtree(hidden)
        gone.append(path.name)
    return Pruned(tuple(gone), size)


def _own_bytes(folder: Path) -> int:
    """Return the size of the files that no other release shares."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            found = os.lstat(f"{parent}/{name}")
            total += found.st_size if found.st_nlink == 1 else 0
    return total


def _finished(path: Path) -> int:
    try:
        return (path / TAG_MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0
