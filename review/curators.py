"""Who may sit at the desk: curators, each with a token of which only the hash is kept.

The file is `CLEAN/.prote/curators.toml`, for its owner's eyes alone. A token is `ID.SECRET`; the ID finds
the curator, the secret is checked by scrypt (RFC 7914) against what is kept.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import secrets
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

LONGEST_NAME = 60
_COST = {"n": 1 << 14, "r": 8, "p": 1}
"""Of scrypt: 16 MB and some 50 ms a try."""


class BadCurators(ValueError):  # noqa: N818 - it says what is wrong with them
    """A name that cannot be, or a file that cannot be read; the message says what to do.

    Attributes:
        fr: the same for a curator who is shut out by it, in French,
        en: and in English. They name no folder: whoever reaches the desk may read them.
    """

    def __init__(self, said: str, fr: str = "", en: str = "") -> None:
        self.fr, self.en = fr, en or said
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Curator:
    """A curator.

    Attributes:
        name: as in the journal.
        id: the first part of the token.
        salt: of the hash, in hexadecimal.
        hash: of the second part, in hexadecimal.
    """

    name: str
    id: str
    salt: str
    hash: str


@dataclass(frozen=True, slots=True)
class Curators:
    """The curators of a desk."""

    everyone: tuple[Curator, ...] = ()

    def by_token(self, token: str) -> Curator | None:
        """Return whose token this is."""
        identity, _, secret = token.strip().partition(".")
        curator = self.by_id(identity)
        if curator is None or len(secret) > 200:
            return None
        return curator if hmac.compare_digest(_hash(secret, curator.salt), curator.hash) else None

    def by_id(self, identity: str) -> Curator | None:
        """Return the curator of an ID."""
        return next((curator for curator in self.everyone if curator.id == identity), None)


def read_curators(path: Path) -> Curators:
    """Return the curators of a file; none where there is no file.

    Raises:
        BadCurators: if it cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return Curators(tuple(Curator(**entry) for entry in table.get("curator", ())))
    except FileNotFoundError:
        return Curators()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadCurators(
            f"{path} cannot be read ({error}): mend it, or take it away and add all again",
            f"La liste des correcteurs ({path.name}) ne peut pas être lue : personne n’entre. Qui tient le "
            "bureau doit la réparer, ou l’ôter et ajouter chacun de nouveau (prote review --add NOM).",
            f"The list of curators ({path.name}) cannot be read: nobody is let in. Who keeps the desk must "
            "mend it, or take it away and add everybody again (prote review --add NAME).",
        ) from None


def add_curator(path: Path, name: str) -> str:
    """Add a curator, or give one who is there another token; return the token, which is kept nowhere.

    Raises:
        BadCurators: if the name cannot be one, or the file cannot be read.
    """
    name = check_name(name)
    curator, token = new_curator(name)
    others = [other for other in read_curators(path).everyone if other.name != name]
    path.parent.mkdir(parents=True, exist_ok=True)
    # A file of `tempfile` is its owner's alone from its first moment.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        file.write(
            "# Who may sit at the desk. `prote review --add NAME` adds one; without his lines he may not.\n"
        )
        for one in (*others, curator):
            file.write("\n[[curator]]\n")
            file.writelines(
                f"{field} = {json.dumps(getattr(one, field), ensure_ascii=False)}\n"
                for field in ("name", "id", "salt", "hash")
            )
    Path(file.name).replace(path)
    return token


def new_curator(name: str) -> tuple[Curator, str]:
    """Return a curator with a new token."""
    identity, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(24), secrets.token_hex(16)
    return Curator(name, identity, salt, _hash(secret, salt)), f"{identity}.{secret}"


def system_user() -> str:
    """Return the name of whoever started the desk."""
    try:
        return check_name(getpass.getuser())
    except (OSError, KeyError, BadCurators):
        return "curator"


def check_name(name: str) -> str:
    """Return a name without spaces around it.

    Raises:
        BadCurators: if it is empty, long, or holds signs that cannot be seen.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadCurators(
            f"a curator's name has 1 to {LONGEST_NAME} signs, all of which can be seen: take another"
        )
    return name


def _hash(secret: str, salt: str) -> str:
    return hashlib.scrypt(secret.encode(errors="replace"), salt=bytes.fromhex(salt), **_COST).hex()
