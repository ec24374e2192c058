"""An object store that holds releases: what is asked of it, and what it says when it refuses.

`Store` is a place in a store that fsspec knows, such as ``s3://bucket/corpus``. Below it stand
``releases/ID/…``, as in a local output folder, and ``current``: one small object with the ID of the current
release and a line end, which a single PUT replaces in one step.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from release.layout import CURRENT, PARTIAL, RELEASES, is_id

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<where>.+)", re.S)
_EXTRAS = {"s3": "s3", "s3a": "s3"}
"""Our extra that brings the library of a scheme."""
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")
"""Where the file systems of fsspec tell when an object was written."""
_BLOCK = 1 << 23
"""In bytes: what is asked for at once of a large object."""


class StoreError(Exception):
    """The store cannot be used, or refuses; the message says what to mend."""


class BadURL(StoreError):  # noqa: N818 - it says what it is
    """No place in a store is called so."""


class MissingLibrary(StoreError):  # noqa: N818 - it says what is missing
    """The library that speaks to such a store is not installed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store tells of an object.

    Attributes:
        size: in bytes.
        md5: in hexadecimal; empty where the store does not tell it.
        modified: when it was written, by the store's clock.
    """

    size: int
    md5: str
    modified: dt.datetime


class Store:
    """A place in an object store.

    Credentials, region and endpoint are for the store's own library to find, in the environment or in its
    files: none is taken, kept or shown here. The library tries again what may succeed the second time.

    Attributes:
        url: of the place, without a slash at its end.
    """

    def __init__(self, url: str) -> None:
        """Prepare to speak with a store; nothing is sent.

        Raises:
            BadURL: if the URL names no place, or a scheme that fsspec does not know.
            MissingLibrary: if the library for the scheme is not installed.
        """
        if "@" in url.partition("://")[2].partition("/")[0]:  # not to be shown
            raise BadURL(
                "credentials do not belong in a URL: give them in the environment, as the store has it"
            )
        found = _URL.fullmatch(url)
        if found is None:
            raise BadURL(
                f"{url!r} is no URL of a place in a store, such as s3://bucket/corpus or file:///mnt/corpus"
            )
        scheme = found["scheme"]
        self.url = url.rstrip("/")
        try:
            # What others write there must be seen: nothing that was listed is kept.
            self._fs, root = fsspec.core.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False)
        except ImportError as error:
            extra = _EXTRAS.get(scheme)
            how = f"pip install 'prote[{extra}]'" if extra else " ".join(str(error).split())
            raise MissingLibrary(f"the library for {scheme}:// is not installed: {how}") from error
        except ValueError as error:
            known = "s3://, file:// and what else fsspec knows"
            raise BadURL(f"no store is known for {scheme}://; there are {known}") from error
        self._root = root.rstrip("/")
        protocols = self._fs.protocol
        # fsspec takes s3:/// for a folder of this machine.
        if not self._root or scheme not in (protocols if isinstance(protocols, tuple) else (protocols,)):
            raise BadURL(f"{url!r} names no bucket or folder, as s3://bucket/corpus does")

    def current(self) -> str | None:
        """Return the ID of the current release; None where there is none.

        Raises:
            StoreError: if ``current`` holds something else, or the store refuses.
        """
        with self._asking():
            try:
                said = self._fs.cat_file(f"{self._root}/{CURRENT}")
            except FileNotFoundError:
                return None
            except IsADirectoryError:  # of an output folder: readers there follow a link
                said = b""
        identity = said.decode(errors="replace").removesuffix("\n")
        if not is_id(identity):
            raise StoreError(f"{self.url}/{CURRENT} does not hold the ID of a release: move it away")
        return identity

    def switch(self, identity: str) -> None:
        """Make a release the current one, in one step."""
        with self._asking(), self._arriving(f"{self._root}/{CURRENT}") as path:
            self._fs.pipe_file(path, f"{identity}\n".encode())

    def releases(self) -> list[str]:
        """Return the IDs of all releases of which anything is there, in no order."""
        with self._asking():
            try:
                found = self._fs.ls(f"{self._root}/{RELEASES}", detail=False)
            except FileNotFoundError:
                return []
        return [name for path in found if is_id(name := path.rstrip("/").rpartition("/")[2])]

    def files(self, identity: str) -> dict[str, Stored]:
        """Return what is there of a release, by the path below its folder."""
        folder = self._path(identity, "")
        with self._asking():
            found = self._fs.find(folder, detail=True)
            return {path[len(folder) :]: self._stored(info) for path, info in found.items()}

    def file(self, identity: str, path: str) -> Stored | None:
        """Return what the store tells of one file of a release; None where there is none."""
        with self._asking():
            try:
                return self._stored(self._fs.info(self._path(identity, path)))
            except FileNotFoundError:
                return None

    def sha256(self, identity: str, path: str) -> str:
        """Return the sum of a file of a release, by reading it."""
        digest = hashlib.sha256()
        with (
            self._asking(),
            self._fs.open(self._path(identity, path), "rb", block_size=_BLOCK, cache_type="none") as file,
        ):
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def put(self, file: Path, identity: str, path: str) -> None:
        """Bring a local file into a release; the object is there whole, or as it was before."""
        with self._asking(), self._arriving(self._path(identity, path)) as target:
            self._fs.put_file(str(file), target)

    def copy(self, identity: str, path: str, into: str, name: str) -> None:
        """Copy a file of one release into another, within the store."""
        with self._asking(), self._arriving(self._path(into, name)) as target:
            self._fs.cp_file(self._path(identity, path), target)

    def get(self, identity: str, path: str, file: Path) -> None:
        """Bring a file of a release onto this machine."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._asking():
            self._fs.get_file(self._path(identity, path), str(file))

    def remove(self, identity: str, path: str) -> None:
        """Remove a file of a release, if it is there."""
        with self._asking(), contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(identity, path))

    def sweep(self, identity: str) -> None:
        """Remove the folders of a release without files: file systems have such, object stores have none."""
        if isinstance(self._fs, LocalFileSystem):
            with self._asking(), contextlib.suppress(FileNotFoundError):
                self._fs.rm(self._path(identity, ""), recursive=True)

    def objects(self) -> dict[str, tuple[int, str]]:
        """Return all that is there, whatever it is: its size in bytes, and what tells it from another.

        That is the ETag, else when it was written; the path is the one below this place. An empty object
        whose name ends with a slash stands for a folder, and is left out.
        """
        with self._asking():
            found = self._fs.find(self._root, detail=True)
        listed = {}
        for path, info in found.items():
            below = path[len(self._root) + 1 :]
            if info.get("type") == "file" and below and not (below.endswith("/") and not info["size"]):
                when = next((str(info[key]) for key in _TIMES if info.get(key)), "")
                listed[below] = (int(info["size"]), str(info.get("ETag") or when).strip('"'))
        return listed

    def get_object(self, path: str, file: Path) -> None:
        """Bring what :meth:`objects` lists onto this machine."""
        with self._asking():
            self._fs.get_file(f"{self._root}/{path}", str(file))

    def _path(self, identity: str, path: str) -> str:
        return f"{self._root}/{RELEASES}/{identity}/{path}"

    @contextlib.contextmanager
    def _arriving(self, path: str) -> Iterator[str]:
        """Give the path to write to, so that `path` changes in one step.

        A PUT of an object store is one step. In a folder the file is written aside, then renamed.
        """
        if not isinstance(self._fs, LocalFileSystem):
            yield path
            return
        aside = f"{self._root}/{PARTIAL}{uuid.uuid4().hex}"
        self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            yield aside
            Path(aside).replace(path)
        finally:
            Path(aside).unlink(missing_ok=True)

    @staticmethod
    def _stored(info: dict[str, Any]) -> Stored:
        # Of an object that came in one PUT, the ETag is the MD5; of any other it is something else, that
        # cannot be taken for the MD5 of our file.
        etag = _MD5.fullmatch(str(info.get("ETag", "")))
        when = next((info[key] for key in _TIMES if info.get(key)), None)
        if isinstance(when, int | float):
            when = dt.datetime.fromtimestamp(when, dt.UTC)
        elif isinstance(when, str):
            when = dt.datetime.fromisoformat(when)
        # What tells no time was written just now: nobody may think it old, and remove it.
        when = when or dt.datetime.now(dt.UTC)
        return Stored(
            info["size"], etag[1] if etag else "", when if when.tzinfo else when.replace(tzinfo=dt.UTC)
        )

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn what a store's library raises, each its own, into sentences.

        Raises:
            StoreError: saying what to mend.
        """
        try:
            yield
        except StoreError:
            raise
        except FileNotFoundError as error:
            raise StoreError(f"{self.url}: there is no such bucket or folder; make it first") from error
        except PermissionError as error:
            raise StoreError(
                f"{self.url}: the store does not permit this ({_said(error)}): give its credentials in the "
                "environment, or rights to them"
            ) from error
        except NotImplementedError as error:
            raise StoreError(f"{self.url}: such a store can be read only") from error
        except Exception as error:  # botocore and its like have no common error
            if type(error).__name__ == "NoCredentialsError":
                raise StoreError(
                    f"{self.url}: no credentials for it in the environment (for S3: AWS_PROFILE, or "
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
                ) from error
            raise StoreError(f"{self.url}: {_said(error)}") from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
