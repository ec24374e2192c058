"""Releases in an object store: pushed whole or not at all, fetched, and taken away.

`push` brings a release to the store, checks there that all of it arrived, and only then switches. Wherever
it is killed, readers have a whole release, and the next push completes this one. Two pushes at once bring
two whole releases; the last to switch has the last word.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from release.agreement import Fault
from release.bag import LARGEST_MANIFEST, BadBag, bag_id, read_bag
from release.layout import DATA, TAG_FILES, TAG_MANIFEST
from release.shelf import Pruned
from release.store import Store, StoreError
from release.verify import NoRelease

Watch = Callable[[int, int], None]
"""Told of each step: how many are done, of how many."""

YOUNG = dt.timedelta(hours=1)
"""What was written in a store since then is not pruned: someone may be pushing it, or reading it still."""

_AT_ONCE = 16
"""Requests: a store answers each late, but many at once."""
_BATCH = 1024
"""Items that wait for their turn in memory."""
_LARGE = 1 << 24
"""In bytes: files beyond go one at a time, so that few are in memory; the library cuts them to pieces."""
_TAGS = (*TAG_FILES, TAG_MANIFEST)

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did.

    Attributes:
        release: its ID; it is the current one.
        uploaded: how many files were sent,
        copied: and how many were copied within the store; the others were there.
        switched: whether another release, or none, was current before.
    """

    release: str
    uploaded: int
    copied: int
    switched: bool


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    size: int
    sha256: str
    md5: str


def _quiet(_done: int, _total: int) -> None:
    pass


def push(folder: Path, store: Store, watch: Watch = _quiet) -> Pushed:
    """Bring a release to a store and make it the current one there.

    What the store's current release has too is copied within the store. Each object is compared with the
    local file: by size and MD5 where the store tells it, else by reading it.

    Args:
        folder: of the release, ``clean/releases/ID``.
        store: where to.
        watch: told of each file that arrived.

    Raises:
        BadBag: if the local release is damaged; nothing was sent.
        StoreError: if the store refuses, or a file does not arrive; its current release stays what it was.
    """
    identity = folder.name
    files = {file.path: file for file in _measure(folder)}
    old = store.current()
    there = store.files(identity)
    if old != identity and TAG_MANIFEST in there:
        store.put(folder / TAG_MANIFEST, identity, TAG_MANIFEST)  # so that nobody prunes it now
    sources = _sums(store, old) if old and old != identity else {}
    sound: set[str] = set()
    done = {"copied": 0, "uploaded": 0}

    def is_sound(file: _File) -> bool:
        found = there.get(file.path)
        if found is None or found.size != file.size:
            return False
        return found.md5 == file.md5 or store.sha256(identity, file.path) == file.sha256

    def place(file: _File) -> None:
        source = sources.get(file.sha256)
        if old and source is not None:
            try:
                store.copy(old, source, identity, file.path)
            except StoreError:  # pruned, or damaged: a reason to send ours
                pass
            else:
                done["copied"] += 1
                return
        store.put(folder / file.path, identity, file.path)
        done["uploaded"] += 1

    for last in (False, False, True):
        unknown = [file for path, file in files.items() if path not in sound]
        sound.update(file.path for file, good in _each(is_sound, unknown) if good)
        wrong = [file for file in unknown if file.path not in sound]
        if not wrong:
            break
        if last:
            raise StoreError(
                f"{store.url}: {wrong[0].path!r} does not arrive there as it was sent: try again"
            )
        small = [file for file in wrong if file.size < _LARGE and file.path not in _TAGS]
        # The tag manifest comes last: where it stands, the rest stood.
        later = [file for file in wrong if file.size >= _LARGE or file.path in _TAGS]
        placed = chain((file for file, _ in _each(place, small)), map(place, later))
        for count, _ in enumerate(placed, len(sound) + 1):
            watch(count, len(files))
        there = store.files(identity)
        sources = {}  # a copy that did not do is sent
    for path in there.keys() - files.keys():
        store.remove(identity, path)
    if old != identity:
        store.switch(identity)
    return Pushed(identity, done["uploaded"], done["copied"], old != identity)


def fetch(store: Store, into: Path, watch: Watch = _quiet) -> tuple[Path, list[Fault]]:
    """Bring the current release of a store onto this machine, to be verified.

    Args:
        store: where it is.
        into: a folder to put it in, under its ID.
        watch: told of each file.

    Returns:
        The folder of the release, with what its manifest names and the store has; and what the store has
        beside that.

    Raises:
        NoRelease: if none is current there.
        StoreError: if the store refuses.
    """
    identity = store.current()
    if identity is None:
        raise NoRelease(f"no release is current in {store.url}")
    folder = into / identity
    (folder / DATA).mkdir(parents=True)
    there = store.files(identity)
    try:
        sums = _fetch_bag(store, identity, folder)
    except BadBag:
        return folder, []  # whoever verifies it finds the same fault
    paths = [f"{DATA}/{path}" for path in sums]
    wanted = [path for path in paths if path in there]
    arrived = _each(lambda path: store.get(identity, path, folder / path), wanted)
    for count, _ in enumerate(arrived, 1):
        watch(count, len(wanted))
    added = sorted(there.keys() - {*paths, *_TAGS})
    return folder, [Fault(path, "is not part of the release") for path in added]


def prune(store: Store, keep: int, now: dt.datetime | None = None) -> tuple[Pruned, int]:
    """Take away all releases of a store but the current one and those pushed last.

    What a killed push left goes too, and does not count. Nothing goes that was written in the last hour.

    Args:
        store: where they are.
        keep: how many are to stay, the current one among them.
        now: the time, if not that of this machine.

    Returns:
        What was taken away, and how many releases stay only because they are young.

    Raises:
        NoRelease: if none is current there.
        StoreError: if the store refuses.
    """
    now = now or dt.datetime.now(dt.UTC)
    current = store.current()
    if current is None:
        raise NoRelease(f"no release is current in {store.url}")
    whole, left = {}, []
    for identity in store.releases():
        tag = store.file(identity, TAG_MANIFEST)  # the last to come, and the first to go
        if tag is None:
            left.append(identity)
        elif identity != current:
            whole[identity] = tag.modified
    ordered = sorted(whole, key=lambda identity: (whole[identity], identity), reverse=True)
    gone, size, young = [], 0, 0
    for identity in [*left, *reversed(ordered[max(keep, 1) - 1 :])]:
        files = store.files(identity)
        if not files:  # an empty folder, where there are such
            store.sweep(identity)
            continue
        newest = max(file.modified for file in files.values())
        if newest > now - YOUNG or store.current() == identity:
            young += 1
            continue
        if TAG_MANIFEST in files:
            store.remove(identity, TAG_MANIFEST)
        for _ in _each(lambda path, of=identity: store.remove(of, path), list(files)):
            pass
        store.sweep(identity)
        size += sum(file.size for file in files.values())
        gone.append(identity)
    return Pruned(tuple(gone), size), young


def _measure(folder: Path) -> Iterator[_File]:
    """Yield the files of a local release in the order they are sent: its tag manifest last.

    Raises:
        BadBag: if one is not what was published.
    """
    if (found := bag_id(folder)) != folder.name:
        raise BadBag(TAG_MANIFEST, f"gives the release the name {found}, its folder is {folder.name!r}")
    sums = {f"{DATA}/{path}": sha256 for path, sha256 in read_bag(folder).items()}
    for path in (*sums, *_TAGS):
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        try:
            with (folder / path).open("rb") as file:
                while block := file.read(1 << 20):
                    sha256.update(block)
                    md5.update(block)
                    size += len(block)
        except FileNotFoundError:
            raise BadBag(path, "is missing") from None
        if sums.get(path, sha256.hexdigest()) != sha256.hexdigest():
            raise BadBag(path, "is not what was published: its sha256 differs")
        yield _File(path, size, sha256.hexdigest(), md5.hexdigest())


def _sums(store: Store, identity: str) -> Mapping[str, str]:
    """Return where a release of a store has which sum; nothing where its tag files cannot be believed."""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        try:
            sums = _fetch_bag(store, identity, Path(folder))
        except BadBag:
            return {}
    return {sha256: f"{DATA}/{path}" for path, sha256 in sums.items()}


def _fetch_bag(store: Store, identity: str, folder: Path) -> dict[str, str]:
    """Bring the tag files of a release into a folder, and return what they say.

    Raises:
        BadBag: if they cannot be believed, or do not belong to the ID.
    """
    for path in _TAGS:
        found = store.file(identity, path)
        if found is not None and found.size <= LARGEST_MANIFEST:
            store.get(identity, path, folder / path)
    if bag_id(folder) != identity:
        raise BadBag(TAG_MANIFEST, "belongs to another release")
    return read_bag(folder)


def _each(function: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[tuple[_Item, _Result]]:
    """Yield each item with what a function gives for it, many at once; the first failure ends it."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            try:
                yield from zip(batch, pool.map(function, batch), strict=True)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
