"""Where things stand in a release: folders, file names, and which names are safe to write.

A release is ``clean/releases/ID/``, a bag (BagIt 1.0, RFC 8493): its files are below ``data/``, the
sums of all of them stand beside it, and ``clean/current`` is a relative link to ``releases/ID/data``.
ID is the sha256 of ``tagmanifest-sha256.txt``, which has the sum of the file that has all others:
who holds the ID can check everything.
"""

from __future__ import annotations

import re
import unicodedata

RELEASES = "releases"
CURRENT = "current"
ASIDE = "aside"
"""Where a release is kept that must not become the current one."""
DATA = "data"

BAG = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
TAG_FILES = (BAG_INFO, BAG, MANIFEST)
"""What the tag manifest lists, in its order."""

LINEAGE = "release.json"
README = "README.md"
PACKAGE = "datapackage.json"
CROISSANT = "croissant.json"
SCHEMA = "document.schema.json"
REPORT = "report/index.html"

MORNING = "index.html"
"""The page beside the releases that says how all stands."""
DATA_DOCS = ".prote/data-docs/index.html"
"""Great Expectations' own pages on the last run, where they were made."""

PARTIAL = ".partial-"
"""Beginning of the name of a folder that a publisher is writing, or died over."""

LONGEST_NAME = 240
"""In bytes of UTF-8: file systems take 255, and the longest suffix is ``.html``."""

ID_LENGTH = 64
SHORT_ID = 12
"""Signs of an ID that are shown to people, and enough of it in a command."""
_ID = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")


class UnsafeName(ValueError):  # noqa: N818 - it says what the name is
    """A document's name cannot become a file name: rename the raw file."""


def is_id(name: str) -> bool:
    """Say whether `name` has the form of a release's ID."""
    return _ID.fullmatch(name) is not None


def part_stem(table: str, part: int, parts: int) -> str:
    """Return the name, without suffix, of one part of a table; a table in one part has the table's name.

    >>> part_stem("edits", 0, 1), part_stem("edits", 7, 210)
    ('edits', 'edits-00007-of-00210')
    """
    return table if parts == 1 else f"{table}-{part:05d}-of-{parts:05d}"


def reading_file(name: str) -> str:
    """Return the path, below ``data/``, of what was read."""
    return f"reading/{name}.txt"


def diplomatic_file(name: str) -> str:
    """Return the path of the diplomatic edition."""
    return f"diplomatic/{name}.txt"


def text_file(name: str) -> str:
    """Return the path of the normalised edition."""
    return f"text/{name}.txt"


def json_file(name: str) -> str:
    """Return the path of the document with its metadata, blocks, notes and figures."""
    return f"json/{name}.json"


def page_file(name: str) -> str:
    """Return the path of the document's page of the report.

    A folder of its own: a document may be called ``index``.
    """
    return f"report/documents/{name}.html"


def text_files(name: str) -> tuple[str, str, str, str]:
    """Return the paths of the files that hold a document's text; quarantined ones have none."""
    return reading_file(name), diplomatic_file(name), text_file(name), json_file(name)


def check_name(name: str) -> None:
    """Refuse a document's name that would leave its folder, or that some file system cannot hold.

    Any script and any sign of a file name is welcome otherwise.

    Raises:
        UnsafeName: saying what is wrong with it.
    """
    if name in ("", ".", ".."):
        raise UnsafeName(f"the document's name {name!r} is no file name; rename its raw file")
    for char in name:
        if char in "/\\" or unicodedata.category(char) in ("Cc", "Cs"):
            raise UnsafeName(f"the document's name {name!r} holds {char!a}; rename its raw file")
    if len(name.encode()) > LONGEST_NAME:
        raise UnsafeName(
            f"the document's name {name[:60]!r}… has {len(name.encode())} bytes, {LONGEST_NAME} are allowed; "
            "shorten its raw file's name or folders"
        )


def name_key(name: str) -> str:
    """Return what two names share that are one file on a system which ignores case or accents' coding."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
