"""A ruling: what one curator decided, of what, how far it goes, and why.

Called so because `repair.edits.Decision` is what became of one edit; to people both are decisions. A ruling
never changes: who thinks better of it adds another that reverses it. Rulings of one `Scope` on one subject
that say different things are a conflict, which is shown and never settled by their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

CONTEXT = 24
"""Signs of the reading kept on either side of a place, to find it again."""


class Verdict(StrEnum):
    """What a curator says."""

    ACCEPT = "accept"
    """The page prints what is proposed."""
    REJECT = "reject"
    """The page prints what was read."""
    CORRECT = "correct"
    """The page prints neither: it prints `instead`."""
    LEAVE = "leave"
    """Nothing of this document is to be repaired."""
    RELEASE = "release"
    """This document is published in spite of the expectations named."""
    REVERSE = "reverse"
    """The ruling named holds no more."""


class Scope(StrEnum):
    """How far a ruling goes; a narrower one goes before a wider one."""

    HERE = "here"
    DOCUMENT = "document"
    COLLECTION = "collection"
    """The documents below one folder of the raw folder."""
    EVERYWHERE = "everywhere"


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place of a reading, with what stands around it, so that it is found where the file has changed.

    Attributes:
        start: first code point.
        left: up to `CONTEXT` signs before it.
        right: up to `CONTEXT` signs after what stands there.
    """

    start: int
    left: str = ""
    right: str = ""


class Ruling(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of the journal.

    Attributes:
        id: beginning of the sha256 of all else (`identity`).
        who: name of the curator.
        when: in UTC, to the second, as ``2026-11-22T08:12:03Z``.
        verdict: what is ruled.
        scope: how far it goes; a document's `LEAVE` and `RELEASE` are of scope ``document``.
        document: its name; empty for a wider scope, and for `REVERSE`.
        collection: folder below the raw folder, with ``/``; empty for other scopes.
        before: what was read, exactly.
        after: what was proposed; of a correction by hand, where nothing was, the same as `before`.
        instead: what the page prints, of a `CORRECT`.
        place: of a ruling of scope ``here``.
        failed: codes of the expectations that a `RELEASE` overrules.
        sha256: of the raw file that a `RELEASE` was said of.
        reverses: id of the ruling that a `REVERSE` takes back.
        why: in the curator's words; never empty for `LEAVE` and `RELEASE`.
        probability: that the program gave to `after` when it was ruled on; 0 where it proposed nothing.
        act: id of the first ruling of the act that this was said in, such as a line with several words
            corrected; empty of the first itself.
    """

    id: str
    who: str
    when: str
    verdict: Verdict
    scope: Scope = Scope.DOCUMENT
    document: str = ""
    collection: str = ""
    before: str = ""
    after: str = ""
    instead: str = ""
    place: Place | None = None
    failed: tuple[str, ...] = ()
    sha256: str = ""
    reverses: str = ""
    why: str = ""
    probability: float = 0.0
    act: str = ""

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about: two rulings of one subject that differ in `outcome` are a conflict."""
        place = (str(self.place.start), self.place.left, self.place.right) if self.place else ()
        about = "text" if self.verdict in _OF_TEXT else self.verdict.value
        return (about, self.scope.value, self.document, self.collection, self.before, self.after, *place)

    @property
    def outcome(self) -> str | None:
        """What the page prints by it; None for a verdict that is not about words."""
        match self.verdict:
            case Verdict.ACCEPT:
                return self.after
            case Verdict.REJECT:
                return self.before
            case Verdict.CORRECT:
                return self.instead
        return None

    def reaches(self, name: str, path: str) -> bool:
        """Say whether it may concern a document.

        Args:
            name: of the document.
            path: of its raw file, below the raw folder, with ``/``.
        """
        match self.scope:
            case Scope.EVERYWHERE:
                return True
            case Scope.COLLECTION:
                return path.startswith(f"{self.collection}/")
        return self.document == name


_OF_TEXT = frozenset({Verdict.ACCEPT, Verdict.REJECT, Verdict.CORRECT})


def identity(ruling: Ruling) -> str:
    """Return the id that a ruling must have: the first twelve figures of the sha256 of all else."""
    said = msgspec.json.encode(msgspec.structs.replace(ruling, id=""), order="deterministic")
    return hashlib.sha256(said).hexdigest()[:12]


def signed(ruling: Ruling) -> Ruling:
    """Return a ruling with its id."""
    return msgspec.structs.replace(ruling, id=identity(ruling))


def in_force(rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Return those that nobody took back, in their order, the reversals themselves left out.

    A reversal that was taken back itself takes nothing back; it stands after what it names.
    """
    rulings = tuple(rulings)
    gone: set[str] = set()
    for ruling in reversed(rulings):
        if ruling.verdict is Verdict.REVERSE and ruling.id not in gone:
            gone.add(ruling.reverses)
    return tuple(
        ruling for ruling in rulings if ruling.verdict is not Verdict.REVERSE and ruling.id not in gone
    )


def conflicts(rulings: Iterable[Ruling]) -> tuple[tuple[Ruling, ...], ...]:
    """Return the groups of rulings in force that say different things of one subject.

    Args:
        rulings: in force.
    """
    subjects: dict[tuple[str, ...], list[Ruling]] = {}
    for ruling in rulings:
        if ruling.verdict in _OF_TEXT:
            subjects.setdefault(ruling.subject, []).append(ruling)
    return tuple(tuple(group) for group in subjects.values() if len({ruling.outcome for ruling in group}) > 1)
