"""A raw folder of everything that should not be in one, made by the tests, with some good documents among it.

What files hold is in `hostile_texts` and `hostile_scans`; here is what they are called, what is no file at
all, and what leads elsewhere. `fill` makes the folder, and says what is right for each entry.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
from dataclasses import dataclass, field
from pathlib import Path

from hostile_scans import RAW, READ, deadly, scans
from hostile_texts import LETTER, texts

GOOD = (
    "affiche.png",
    "compte-rendu-1252.txt",
    "lettre-du-maire.txt",
    "note-numerique.pdf",
    "rapport-foret.md",
)
"""Samples that must come out as if they were alone."""
WORD = "Schlüssel-7f3a9"
"""A word of the files outside the raw folder, and of no document."""

ODD_NAMES = (
    '=HYPERLINK("x","y").txt', "+1+1.txt", "-2.txt", "@SOMME(A1).txt", "-rf.txt", "--help.txt", "--.txt",
    "<img src=x onerror=alert(1)>.txt", "<script>alert(1)<", "&lt;b&gt;&amp;.txt", "\"'`.txt", "a..txt",
    "{{7*7}}${7*7}.txt", "%2e%2e%2fpasswd.txt", "a%00b.txt", "javascript:alert(1).txt", "C:fichier.txt",
    "point final..txt", "espace final .txt", " espace.txt", "~.txt", "*.txt", "a;b|c&d$(e)`f`.txt", "CON.txt",
    "#a?b=c.txt", "[rouge]texte[/rouge].txt", "index.txt", "current.txt", "release.txt", "aux.md",
    "e\u0301te\u0301.txt", "\u212b.txt", "ﬁn.txt", "文書.txt", "рапорт.txt", "n" * 230 + ".txt",
    "[] (a) ![](b).txt", 'a, b".txt',
)  # fmt: skip
"""Names that are strange, and names all the same."""
BAD_NAMES = (
    b"ligne\nde plus.txt", b"retour\r.txt", b"tab\tulation.txt", b"\x1b]0;pris\x07\x1b[2J.txt",
    b"\x9b31m.txt", b"octet \xff\xfe.txt", b"coup\xe9.txt", b"\xc2\x9b31m.txt",
    "à droite \u202etxt.exe.txt".encode(),
    "marque \u200f\u200e.txt".encode(), "sans largeur \u200b.txt".encode(), "s\u2028éparé.txt".encode(),
    "é".encode() * 125 + b".txt", b"x" * 255, b"a\\..\\..\\b.txt", b"\\x9b31m.txt", b"\x7f.txt",
    "privé \ue000.txt".encode(),
)  # fmt: skip
"""Names that cannot be shown, or not be those of files elsewhere."""


@dataclass
class Hostile:
    """What was put into a raw folder.

    Attributes:
        raw: the folder.
        ends: of each entry, by its path as the system has it, the statuses and codes that are right.
        outside: files outside that nothing may read.
        left_out: what this system could not make.
        sockets: that are open, so that their entries stay.
    """

    raw: Path
    ends: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    outside: list[Path] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    def put(self, path: bytes, data: bytes, ends: tuple[str, ...]) -> None:
        """Put a file there."""
        whole = os.path.join(os.fsencode(self.raw), path)  # noqa: PTH118 - a name that is no text
        os.makedirs(os.path.dirname(whole), exist_ok=True)  # noqa: PTH103, PTH120
        with open(whole, "xb") as file:  # noqa: PTH123
            file.write(data)
        self.ends[path] = ends

    def link(self, path: str, target: str | Path, *ends: str) -> None:
        """Put a symbolic link there."""
        (self.raw / path).parent.mkdir(exist_ok=True)
        (self.raw / path).symlink_to(target)
        self.ends[path.encode()] = ends


def fill(folder: Path, port: int, *, poison: bool = False) -> Hostile:
    """Make the raw folder below a folder, and what is outside beside it.

    Args:
        folder: an empty one.
        port: of this machine, that some files want to be spoken to.
        poison: whether to put there what kills or blocks who reads it, and what takes minutes.
    """
    made = Hostile(folder / "raw")
    made.raw.mkdir()
    (folder / "outside").mkdir()
    secret = folder / "outside" / "secret.txt"
    for path in (secret, folder / "outside" / "autre.txt"):
        path.write_text(f"{WORD}\n{LETTER}", encoding="utf-8")
        made.outside.append(path)
    for name in GOOD:
        shutil.copy(RAW / name, made.raw)
        made.ends[name.encode()] = READ
    for number, (name, data, ends) in enumerate(
        [*texts(str(secret), port), *scans(), *(deadly() if poison else ())]
    ):
        made.put(f"fichiers/{number:03} {name}".encode(), data, ends)
    for number, name in enumerate(ODD_NAMES):
        made.put(name.encode(), f"Pièce {number}.\n\n{LETTER}".encode(), READ)
    for name in BAD_NAMES:
        made.put(b"noms/" + name, LETTER.encode(), ("unsafe-name",))
    _link(made, secret)
    _no_files(made)
    return made


def _link(made: Hostile, secret: Path) -> None:
    made.link("liens/dehors.txt", secret, "outside-link")
    made.link("liens/dehors relatif.txt", "../../outside/autre.txt", "outside-link")
    made.link("liens/dossier", secret.parent, "outside-link")
    made.link("liens/passwd.txt", "/etc/passwd", "outside-link")
    made.link("liens/mémoire.txt", "/proc/self/environ", "outside-link")
    made.link("liens/sans fin.txt", "/dev/zero", "outside-link")
    made.link("liens/nulle part.txt", "parti.txt", "unreadable")
    made.link("liens/soi.txt", "soi.txt", "unreadable")
    made.link("liens/aller.txt", "retour.txt", "unreadable")
    made.link("liens/retour.txt", "aller.txt", "unreadable")
    made.link("liens/ici", ".", "not-a-file")
    made.link("liens/dedans.txt", "../lettre-du-maire.txt", *READ)
    made.link("liens/dossier voisin", "../noms", "not-a-file")


def _no_files(made: Hostile) -> None:
    folder = made.raw / "choses"
    folder.mkdir()
    os.mkfifo(folder / "tuyau.txt")
    made.ends[b"choses/tuyau.txt"] = ("not-a-file",)
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket may have hundred bytes, and ours is longer
    try:
        listening.bind("prise.txt")
        made.sockets.append(listening)
        made.ends[b"choses/prise.txt"] = ("not-a-file",)
    finally:
        os.chdir(here)
    try:
        os.mknod(folder / "appareil.txt", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # endless zeros
        made.ends[b"choses/appareil.txt"] = ("not-a-file",)
    except PermissionError:
        made.left_out.append("a device: only root makes one")
    closed = folder / "fermé.txt"
    closed.write_text(LETTER, encoding="utf-8")
    closed.chmod(0)
    made.ends["choses/fermé.txt".encode()] = READ if os.geteuid() == 0 else ("unreadable",)
    if os.geteuid() == 0:
        made.left_out.append("a file that may not be read: root may read everything")
