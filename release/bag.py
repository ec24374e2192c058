"""The bag around a release (BagIt 1.0, RFC 8493): the sums of its files, in a form that any tool checks.

`write_bag` writes the tag files beside ``data/`` and returns the release's ID, the sha256 of the tag
manifest; `read_bag` gives the sums back. ``bagit.py --validate`` and ``sha256sum --check`` read the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from release.files import Files
from release.layout import BAG, BAG_INFO, DATA, MANIFEST, TAG_FILES, TAG_MANIFEST

LARGEST_MANIFEST = 1 << 29
"""In bytes: three million files. A larger one is refused rather than read into memory."""

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class BadBag(ValueError):  # noqa: N818 - it says what it is
    """The tag files of a release cannot be believed.

    Attributes:
        file: the one that is at fault.
    """

    def __init__(self, file: str, fault: str) -> None:
        self.file, self.fault = file, fault
        super().__init__(f"{file} {fault}")


def write_bag(folder: Path, payload: Files) -> str:
    """Write the tag files of a release whose files are all in ``data/``; return its ID.

    Args:
        folder: of the release.
        payload: the files below its ``data/``.
    """
    tags = Files(folder)
    info = {"Bag-Software-Agent": f"prote {version('prote')}"}
    if (day := release_day()) is not None:
        info["Bagging-Date"] = day.isoformat()
    info["Payload-Oxum"] = f"{payload.bytes}.{len(payload.sums)}"
    tags.write(BAG, [_DECLARATION])
    tags.write(BAG_INFO, (f"{label}: {value}\n".encode() for label, value in info.items()))
    with tags.open(MANIFEST) as manifest:  # a hundred megabytes for a large corpus
        for line in _manifest(f"{DATA}/", payload.sums):
            manifest.write(line)
    tags.write(TAG_MANIFEST, _manifest("", {file: tags.sums[file] for file in TAG_FILES}))
    return tags.sums[TAG_MANIFEST]


def release_day() -> dt.date | None:
    """Return the day that a release is to bear: of ``SOURCE_DATE_EPOCH``, or none.

    Without it nothing in a release says when it was made, so that the same inputs give the same bytes
    (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    return dt.datetime.fromtimestamp(int(said), dt.UTC).date() if said.isdecimal() else None


def bagging_day(folder: Path) -> dt.date | None:
    """Return the day that a release bears; None where it bears none."""
    for line in (folder / BAG_INFO).read_text(encoding="utf-8").splitlines():
        label, _, value = line.partition(": ")
        if label == "Bagging-Date":
            return dt.date.fromisoformat(value)
    return None


def _manifest(prefix: str, sums: Mapping[str, str]) -> Iterator[bytes]:
    for path in sorted(sums):
        yield f"{sums[path]}  {encoded_path(prefix + path)}\n".encode()


def encoded_path(path: str) -> str:
    """Return a path as a manifest has it: line ends and percent signs by their codes (RFC 8493, 2.1.3).

    >>> encoded_path("data/text/50 %.txt")
    'data/text/50 %25.txt'
    """
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _decoded_path(encoded: str) -> str:
    return encoded.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


def bag_id(folder: Path) -> str:
    """Return the ID that the tag manifest of a release gives it.

    Raises:
        BadBag: if there is none.
    """
    return hashlib.sha256(_read(folder, TAG_MANIFEST)).hexdigest()


def read_bag(folder: Path) -> dict[str, str]:
    """Return the sums of the files of a release, by their paths below ``data/``, from its manifest.

    The chain is checked from the tag manifest on: the tag files, the form of each line. Whether the folder
    has the name that the tag manifest asks for (`bag_id`) is for the caller to see; files are not read.

    Raises:
        BadBag: naming the first tag file that cannot be believed.
    """
    tags = _read_manifest(folder, TAG_MANIFEST)
    if tuple(tags) != TAG_FILES:
        raise BadBag(TAG_MANIFEST, f"does not list {', '.join(TAG_FILES)}")
    for file, sha256 in tags.items():
        if hashlib.sha256(_read(folder, file)).hexdigest() != sha256:
            raise BadBag(file, "is not what was published: its sha256 differs")
    sums = {}
    for path, sha256 in _read_manifest(folder, MANIFEST).items():
        top, _, below = path.partition("/")
        if top != DATA or any(part in ("", ".", "..") or "\\" in part for part in below.split("/")):
            raise BadBag(MANIFEST, f"names {path!r}, which can be no file of a release")
        sums[below] = sha256
    if _read(folder, BAG) != _DECLARATION:
        raise BadBag(BAG, "does not say that this is a bag of BagIt 1.0 in UTF-8")
    return sums


def check_oxum(folder: Path, sums: Mapping[str, str]) -> None:
    """Compare what a bag says of its size with its files, all of which there are.

    Raises:
        BadBag: if it says something else.
    """
    size = sum((folder / DATA / path).stat().st_size for path in sums)
    if f"Payload-Oxum: {size}.{len(sums)}" not in _read(folder, BAG_INFO).decode(errors="replace").split(
        "\n"
    ):
        raise BadBag(BAG_INFO, f"does not say that {len(sums)} files have {size} bytes")


def _read_manifest(folder: Path, file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        lines = _read(folder, file).decode().split("\n")
    except UnicodeDecodeError as error:
        raise BadBag(file, f"cannot be read: {error}") from None
    if lines.pop() != "":
        raise BadBag(file, "does not end with a line end")
    for line in lines:
        sha256, gap, path = line[:64], line[64:66], _decoded_path(line[66:])
        if gap != "  " or encoded_path(path) != line[66:] or not _is_sum(sha256) or "\0" in path:
            raise BadBag(file, f"has a line that is none of a manifest: {line[:80]!r}")
        if path in found:
            raise BadBag(file, f"names {path!r} twice")
        found[path] = sha256
    return found


def _is_sum(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _read(folder: Path, file: str) -> bytes:
    path = folder / file
    if path.is_symlink() or not path.is_file():
        raise BadBag(file, "is missing, or no file")
    size = path.stat().st_size
    if size > LARGEST_MANIFEST:
        raise BadBag(file, f"has {size} bytes; more than {LARGEST_MANIFEST} are not read")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadBag(file, f"cannot be read: {error.strerror}") from error
