"""The curators' rulings in a run: read once, and told to the documents that they may concern.

A ruling concerns a document where it names it, or where it is about a proposal that was made in it. The state
keeps with each document its proposals and the rulings that concerned it, so that a run finds those that are
to be processed again without looking at any other. Likewise with the calibration that is
refitted to them: it concerns a document where it decides something in it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from flows.exits import Stop
from release.records import CHECK_ERROR, DECISIONS, RELEASED
from repair.decisions.honour import subject_number, subjects
from repair.decisions.journal import DamagedJournal, Journal
from repair.decisions.recalibrate import concerns
from repair.decisions.refit import refit
from repair.decisions.ruling import Ruling, Scope, Verdict, in_force
from repair.document import Document, Reason, Source, Status
from repair.reading.unreadable import why

if TYPE_CHECKING:  # at run time it would bring what a run needs
    from expectations.gate import Verdict as Judged
    from flows.state import State

JOURNAL = "dictionaries/decisions.jsonl"
"""Where the journal is, below the working folder, unless the user says otherwise."""


class Decisions:
    """The rulings in force, and what they say of the program's probabilities (`refit`)."""

    def __init__(self, rulings: Iterable[Ruling] = ()) -> None:
        """Take a journal's rulings, those taken back among them."""
        rulings = tuple(rulings)
        self.rulings, self.refit = in_force(rulings), refit(rulings)
        self._named: defaultdict[str, list[Ruling]] = defaultdict(list)
        self._wide: list[Ruling] = []
        self._subjects: defaultdict[int, list[Ruling]] = defaultdict(list)
        for ruling in self.rulings:
            if ruling.scope in (Scope.HERE, Scope.DOCUMENT):
                self._named[ruling.document].append(ruling)
            else:
                self._wide.append(ruling)
                self._subjects[subject_number(ruling.before, ruling.after)].append(ruling)

    @classmethod
    def read(cls, path: Path) -> Decisions:
        """Read a journal; where there is no file, nothing was decided.

        Raises:
            Stop: if it is damaged, or cannot be read.
        """
        return cls(read_journal(path))

    def reaching(self, sources: Iterable[Source]) -> tuple[Ruling, ...]:
        """Return those that some documents need to be processed with."""
        named = (ruling for source in sources for ruling in self._named.get(source.name, ()))
        return (*named, *self._wide)

    def concerning(self, name: str, path: str, digest: str, asked: bytes) -> tuple[Ruling, ...]:
        """Return those that decide what becomes of a document.

        Args:
            name: of the document.
            path: of its raw file, below the raw folder.
            digest: sha256 of that.
            asked: the proposals made in it (`proposals`).
        """
        found = [
            ruling
            for ruling in self._named.get(name, ())
            if ruling.verdict is not Verdict.RELEASE or ruling.sha256 == digest
        ]
        if self._wide:
            common = self._subjects.keys() & set(array("Q", asked))
            found += [
                ruling
                for subject in common
                for ruling in self._subjects[subject]
                if ruling.reaches(name, path)
            ]
        return tuple(sorted(found, key=lambda ruling: ruling.id))

    def releases(self, name: str) -> tuple[Ruling, ...]:
        """Return those that release a document, or another raw file of its name."""
        return tuple(one for one in self._named.get(name, ()) if one.verdict is Verdict.RELEASE)

    def ids(self, source: Source, asked: bytes, weighed: bytes = b"") -> str:
        """Return what is kept with a document of those that concern it: where it is the same, so is he.

        Args:
            source: its raw file.
            asked: the proposals made in it (`proposals`).
            weighed: what a refit could decide otherwise in it.
        """
        return self._ids(source.name, source.path, source.sha256, asked, weighed)

    def _ids(self, name: str, path: str, digest: str, asked: bytes, weighed: bytes) -> str:
        found = [ruling.id for ruling in self.concerning(name, path, digest, asked)]
        if concerns(self.refit, weighed):
            found.append(self.refit.id)
        return " ".join(found)

    def stale(self, state: State) -> set[str]:
        """Return the paths of the raw files that other rulings concern than they were processed with."""
        return {
            path
            for path, name, digest, asked, weighed, kept in state.ruled()
            if kept or name in self._named or self._wide or self.refit.changes
            if self._ids(name, path, digest, asked, weighed) != kept
        }

    def released(self, source: Source, judged: Judged) -> Judged:
        """Return what is decided on a document that a curator may have released from what it fails."""
        if judged.status is Status.PUBLISHED or CHECK_ERROR in judged.failed:
            return judged
        # A curator overrules what he was told; what a graver failure makes needless to tell goes with it.
        told = {reason.code for reason in judged.reasons}
        for ruling in sorted(self._named.get(source.name, ()), key=lambda ruling: (ruling.when, ruling.id)):
            if (
                ruling.verdict is Verdict.RELEASE
                and ruling.sha256 == source.sha256
                and told <= set(ruling.failed)
            ):
                return replace(
                    judged, status=Status.PUBLISHED, reasons=(released_because(ruling, judged.failed),)
                )
        return judged


def released_because(ruling: Ruling, failed: Sequence[str]) -> Reason:
    """Return the reason of a document that is published in spite of expectations.

    Args:
        ruling: that releases it.
        failed: codes of the expectations.
    """
    day, codes = ruling.when[:10], ", ".join(failed)
    return Reason(
        RELEASED,
        f"Publié par décision de {ruling.who} le {day}, malgré {codes} : {ruling.why} ({ruling.id})",
        f"Published by decision of {ruling.who} on {day}, in spite of {codes}: {ruling.why} ({ruling.id})",
    )


def read_journal(path: Path) -> tuple[Ruling, ...]:
    """Return all rulings of a journal, those taken back among them.

    Raises:
        Stop: if it is damaged, or cannot be read.
    """
    try:
        return Journal(path).read()
    except DamagedJournal as damaged:
        raise Stop(str(damaged), fr=damaged.fr) from None
    except OSError as error:
        fr, en = why(error)
        raise Stop(
            f"the decisions in {path} cannot be read ({en}): check the file",
            fr=f"Les décisions dans {path} ne peuvent pas être lues ({fr}) : vérifiez le fichier.",
        ) from None


def proposals(document: Document, rulings: Sequence[Ruling]) -> bytes:
    """Return what wider rulings could be about in a document, as the state keeps it.

    Args:
        document: processed.
        rulings: with which it was.
    """
    return array("Q", sorted(subjects(document.repairs, rulings))).tobytes()


def lineage(state: State) -> dict[str, str]:
    """Return the sum of the rulings that decided something, for the lineage of a release; empty for none."""
    ids = sorted({ruling for kept in state.rulings() for ruling in kept.split()})
    return {DECISIONS: sha256(" ".join(ids).encode()).hexdigest()[:16]} if ids else {}
