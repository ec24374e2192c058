"""Where the documents come from and under which licence, as their owner says in ``raw/sources.toml``.

    [[source]]
    files = ["onu/*", "74-175.*"]        # shell patterns, on paths below the raw folder; the first that fits
    licence = "CC-BY-4.0"                # an SPDX identifier, or the licence's name
    source = "Nations Unies, Bibliothèque numérique"

    [[withdrawn]]
    files = ["lois/abrogée.txt"]         # documents that are no more to be published, and are gone from here
    why = "double de lois/en vigueur.txt"

`read_origins` reads it, `Origins` answers for one document. Nothing is ever guessed: a document that no
pattern fits has neither licence nor source, and one that is gone was not withdrawn.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec

FILE = "sources.toml"


class BadOrigins(ValueError):  # noqa: N818 - it says what they are
    """The file of sources cannot be read: the message says where, and what it should say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from.

    Attributes:
        licence: SPDX identifier or name; empty where it is not told.
        source: who published it, or where; empty where it is not told.
    """

    licence: str = ""
    source: str = ""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: tuple[str, ...]
    licence: str = ""
    source: str = ""


class _Withdrawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: tuple[str, ...]
    why: Annotated[str, msgspec.Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: tuple[_Entry, ...] = ()
    withdrawn: tuple[_Withdrawn, ...] = ()


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins of a corpus.

    Attributes:
        entries: shell patterns and what they say, in order.
        withdrawn: shell patterns of the documents that were withdrawn, and why.
    """

    entries: tuple[tuple[str, Origin], ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()

    def of(self, path: str) -> Origin:
        """Return the origin of a raw file, by its path below the raw folder.

        >>> said = Origins((("lois/*", Origin("etalab-2.0", "Légifrance")),))
        >>> said.of("lois/code civil.txt").licence, said.of("autre.txt")
        ('etalab-2.0', Origin(licence='', source=''))
        """
        return next((origin for pattern, origin in self.entries if fnmatchcase(path, pattern)), Origin())

    def why_withdrawn(self, path: str) -> str:
        """Return why a document was withdrawn, by the path that its raw file had; empty if it was not."""
        return next((why for pattern, why in self.withdrawn if fnmatchcase(path, pattern)), "")


def read_origins(raw: Path) -> Origins:
    """Read the file of sources of a raw folder; without one, nothing is known.

    Raises:
        BadOrigins: if it is no TOML, or says something else than sources.
    """
    path = raw / FILE
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except FileNotFoundError:
        return Origins()
    except (ValueError, OSError, RecursionError) as error:  # no TOML, no UTF-8, other fields, no permission
        raise BadOrigins(
            f"{path} cannot be used ({error}): it holds [[source]] tables with files, licence and source, "
            "and [[withdrawn]] ones with files and why"
        ) from error
    return Origins(
        tuple(
            (pattern, Origin(entry.licence, entry.source))
            for entry in found.source
            for pattern in entry.files
        ),
        tuple((pattern, entry.why) for entry in found.withdrawn for pattern in entry.files),
    )
