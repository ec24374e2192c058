"""Documents of an object store: `--raw s3://bucket/prefix` is fetched into a folder beside the state.

Of what the store lists, that alone is fetched which is new, or of which it tells another ETag, size or time
than when it was fetched. What is gone there goes here. The run then works in the folder, as in any other.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from flows.exits import ExitCode, Stop
from flows.state import FOLDER
from flows.stores import is_url, refused

FETCHED = "raw"
"""Folder, below the state's, of the documents of a store."""
_NOTES = "raw.jsonl"
"""What was fetched, and what the store said of it then: a line a file, of which the last one holds."""
_ARRIVING = "raw.part"
_AT_ONCE = 8

Tell = Callable[[int, int], None]
"""Called with the number of files fetched, and how many there are to fetch."""


class _Note(msgspec.Struct, frozen=True, array_like=True):
    path: str
    size: int
    told: str


def fetched_folder(clean: Path) -> Path:
    """Return the folder of an output folder that documents of a store are fetched into."""
    return clean / FOLDER / FETCHED


def bring(raw: str, clean: Path, tell: Tell = lambda _done, _total: None) -> Path:
    """Return the folder of the documents; who holds the lock of `clean` fetches those of a store first.

    Args:
        raw: a folder, or the URL of a place in a store.
        clean: the output folder.
        tell: hears how far it has come.

    Raises:
        Stop: if the store refuses, holds nothing there, or names a file so that it has no place in a folder.
    """
    if not is_url(raw):
        return Path(raw)
    with refused():
        from release.store import Store

        store = Store(raw)
        listed = store.objects()
    if not listed:
        raise Stop(f"there is no document in {raw}: put some there, or name another --raw", ExitCode.USAGE)
    folder = fetched_folder(clean)
    check_names(raw, listed)
    _forget_others(clean, store.url)
    notes, noted = clean / FOLDER / _NOTES, _read(clean / FOLDER / _NOTES)
    _remove_all_but(folder, listed)
    new = [
        (path, told)
        for path, told in sorted(listed.items())
        if noted.get(path) != told or not _has(folder / path, told[0])
    ]
    tell(0, len(new))
    arriving = clean / FOLDER / _ARRIVING
    shutil.rmtree(arriving, ignore_errors=True)  # of a run that was killed
    arriving.mkdir(parents=True)

    def get(numbered: tuple[int, tuple[str, tuple[int, str]]]) -> tuple[str, tuple[int, str]]:
        number, (path, told) = numbered
        aside = arriving / str(number)
        store.get_object(path, aside)
        if aside.stat().st_size != told[0]:
            raise Stop(f"{store.url}/{path} changed while it was fetched: run again when it is whole")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        aside.replace(folder / path)
        return path, told

    try:
        with refused(), notes.open("ab") as file, ThreadPoolExecutor(_AT_ONCE) as threads:
            try:
                for done, (path, told) in enumerate(threads.map(get, enumerate(new)), 1):
                    file.write(msgspec.json.encode(_Note(path, *told)) + b"\n")
                    file.flush()  # who is killed fetches the rest
                    tell(done, len(new))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    _write(notes, listed)
    return folder


def check_names(url: str, names: Mapping[str, Any]) -> None:
    """Refuse what would be no file in the folder, or one elsewhere.

    Args:
        url: of the store, for the message.
        names: of its objects, below the place that was named.

    Raises:
        Stop: naming the first.
    """
    for name in names:
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".", "..") for part in parts):
            raise Stop(f"{url} holds {name!r}, which has no place in a folder: rename it there")
        for parent in PurePosixPath(name).parents:
            if str(parent) in names:
                raise Stop(f"{url} holds {str(parent)!r} and {name!r}: a file cannot be a folder too")


def _forget_others(clean: Path, url: str) -> None:
    """Where another place was fetched from before, begin anew: its files may have the same names."""
    origin = clean / FOLDER / "raw.url"
    if not origin.exists() or origin.read_text(encoding="utf-8") != url:
        (clean / FOLDER / _NOTES).unlink(missing_ok=True)
        origin.write_text(url, encoding="utf-8")


def _has(path: Path, size: int) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size == size


def _remove_all_but(folder: Path, listed: Mapping[str, Any]) -> None:
    """Remove what the store does not list, and folders that this leaves empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before it
        if path.is_dir() and not path.is_symlink():
            if path.relative_to(folder).as_posix() in listed or not any(path.iterdir()):
                shutil.rmtree(path)
        elif path.relative_to(folder).as_posix() not in listed:
            path.unlink()


def _read(notes: Path) -> dict[str, tuple[int, str]]:
    found = {}
    for line in notes.read_bytes().splitlines() if notes.exists() else ():
        try:
            note = msgspec.json.decode(line, type=_Note)
        except msgspec.DecodeError:  # a line that was cut short: its file is fetched again
            continue
        found[note.path] = (note.size, note.told)
    return found


def _write(notes: Path, listed: Mapping[str, tuple[int, str]]) -> None:
    """Keep a line a file; what was there before holds until it is replaced."""
    aside = notes.with_suffix(".new")
    aside.write_bytes(
        b"".join(msgspec.json.encode(_Note(path, *told)) + b"\n" for path, told in listed.items())
    )
    aside.replace(notes)
