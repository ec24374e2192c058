"""The corpus: its documents, the state of the runs, the releases, what curators left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec

from flows.desk import CURATORS
from flows.doctor.finding import Finding, House, bad, good, note
from flows.exits import Stop
from flows.plan import check_folders
from flows.schema import SCHEMA
from flows.state import FILE, reading_uri
from release.bag import BadBag, bag_id, read_bag
from release.history import current_id
from release.layout import CURRENT, DATA, LINEAGE, RELEASES, SHORT_ID, is_id
from release.morning import aside as kept_aside
from release.records import RELEASE_SCHEMA, Lineage
from release.verify import KNOWN
from repair.decisions.journal import DamagedJournal, Journal
from review.curators import BadCurators, read_curators

_STATE_GOES = (
    "Restore the file from a backup, or remove it: that costs only the time to process everything again."
)
_VERIFY = "prote verify says more, and prote run makes it again."


def documents(house: House) -> Iterator[Finding]:
    """Can a run work with these folders?"""
    try:
        check_folders(house.raw, house.clean)
    except Stop as stop:
        yield bad("raw folder", str(house.raw), f"{stop}.")
    else:
        yield good("raw folder", str(house.raw))


def state(house: House) -> Iterator[Finding]:
    """Is the state whole, and of a schema that this program knows?"""
    path = house.kept / FILE
    if not path.exists():
        yield good("state", "none yet: a first run makes it")
        return
    try:
        with closing(sqlite3.connect(reading_uri(house.kept), uri=True, timeout=10)) as connection:
            connection.execute("PRAGMA query_only = ON")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            told = connection.execute("PRAGMA integrity_check(3)").fetchall()
            rows = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
    except sqlite3.DatabaseError as error:
        yield bad("state", f"{path}: {error}", _STATE_GOES)
        return
    if told != [("ok",)]:
        yield bad("state", f"{path}: {'; '.join(str(row[0]) for row in told)}", _STATE_GOES)
    elif version > SCHEMA:
        mend = "Update prote, or take another --clean folder."
        yield bad("state", f"of a later prote (schema {version}, this one knows {SCHEMA})", mend)
    elif version < SCHEMA:
        mend = "The next run brings it up to date; keep a copy if you may go back to that program."
        yield note("state", f"of an earlier prote (schema {version}), {rows} documents", mend)
    else:
        yield good("state", f"whole, {rows} documents")


def release(house: House) -> Iterator[Finding]:
    """Is there a current release, and does what names its files hold together? The files are not read."""
    link = house.clean / CURRENT
    if not link.is_symlink() and not link.exists():
        yield good("release", "none yet: prote run makes one")
        return
    identity = current_id(house.clean)
    folder = house.clean / RELEASES / identity
    if not identity or not (folder / DATA).is_dir():
        mend = "prote run makes it again; if current is no link, move it away first."
        yield bad("release", f"{link} leads to none", mend)
        return
    if not is_id(identity):
        mend = "prote run publishes one of this version; that one stays where it is."
        yield note("release", f"{identity} is of an earlier prote", mend)
        return
    try:
        if bag_id(folder) != identity:
            raise BadBag(folder.name, "has another name than its tag manifest gives")
        files = read_bag(folder)
        lineage = msgspec.json.decode((folder / DATA / LINEAGE).read_bytes(), type=Lineage)
    except (BadBag, OSError, ValueError) as error:
        yield bad("release", f"{identity[:SHORT_ID]}: {error}", _VERIFY)
        return
    if lineage.schema != RELEASE_SCHEMA or lineage.version not in KNOWN:
        mend = "Update prote, or take another --clean folder."
        yield bad(
            "release", f"{identity[:SHORT_ID]} is of format {lineage.version}, not of this program", mend
        )
    elif missing := [path for path in files if not (folder / DATA / path).is_file()]:
        yield bad("release", f"{identity[:SHORT_ID]}: {len(missing)} files lack, {missing[0]} first", _VERIFY)
    else:
        told = lineage.documents
        count = told.published + told.review + told.quarantine
        yield good("release", f"{identity[:SHORT_ID]}: {count} documents, {len(files)} files")


def aside(house: House) -> Iterator[Finding]:
    """Does a release wait for somebody to accept it?"""
    for path in kept_aside(house.clean):
        identity = path.name[:SHORT_ID]
        mend = f"Mend what the page of the morning says and run again, or prote accept {identity}."
        yield note("release aside", identity, mend)


def journal(house: House) -> Iterator[Finding]:
    """Can the journal of decisions be read, every line of it?"""
    path = house.decisions
    try:
        rulings = Journal(path).read()
        data = path.read_bytes() if path.exists() else b""
    except DamagedJournal as damaged:
        yield bad("decisions", str(path), f"{damaged}.")
        return
    except OSError as error:
        yield bad("decisions", f"{path} cannot be read ({error.strerror})", "Check the file and its rights.")
        return
    if data and not data.endswith(b"\n"):
        mend = "Look at the end of the file: what a stopped program left there is not read."
        yield note("decisions", f"{len(rulings)}; the last line has no end", mend)
    elif path.exists():
        yield good("decisions", f"{len(rulings)} in {path}")
    else:
        yield good("decisions", f"none yet in {path}")


def curators(house: House) -> Iterator[Finding]:
    """Can the file of the curators be read, and by its owner alone?"""
    path = house.kept / CURATORS
    try:
        known = read_curators(path)
    except BadCurators as error:
        yield bad("curators", str(path), f"{error}.")
        return
    if not path.exists():
        yield good("curators", "none: the desk is for whoever opens it")
    elif path.stat().st_mode & 0o077:
        yield note("curators", f"{path} can be read by others", f"chmod 600 {path}")
    else:
        yield good("curators", f"{len(known.everyone)}")
