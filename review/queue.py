"""The queue: the questions of a release that nobody has settled yet, the most valuable first.

The value of a question is the number of wrong words that its answer is expected to mend: the sum, over its
open places, of the probability that the proposal is right there. (Where the answer is « reject » as much is
learnt, but the text stays as it is.) A decision of a narrower scope goes before one of a wider scope, and
where two of one scope and subject differ the places stay open: they are a conflict.

The index of the release is only read. What the journal says of it is kept in tables in memory, and brought
up to date ruling by ruling.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from release.rows import DocumentRow
from repair.decisions.ruling import Ruling, Scope
from repair.edits import Evidence
from repair.layout import PageBox
from review.question import Candidate, Line, Place, Question, Steps, reaches_of
from review.record import Record
from review.settled import Settled

SHOWN_PLACES = 12
"""Other places of a question that are shown."""


_PLACES = (
    "SELECT name, path, start, end, line, page, before_it, after_it, rule, probability, evidence, boxes"
    " FROM place JOIN document ON document.id = place.document WHERE question = ?"
)
_LISTED = (
    "SELECT open.id, key, before, after, open.places, open.documents, open.value"
    " FROM state.question AS open JOIN main.question AS asked ON asked.id = open.id"
)
_OF_DOCUMENT = (
    " FROM spot JOIN document ON document.id = spot.document AND name = ? JOIN state.question AS open"
    " ON open.id = spot.question JOIN main.question AS asked ON asked.id = open.id WHERE spot.places > 0"
    " ORDER BY open.value DESC, open.id"
)
_LISTED_OF = "SELECT open.id, key, before, after, open.places, open.documents, open.value" + _OF_DOCUMENT
_AFTER = (
    "SELECT id FROM state.question WHERE value < ? OR value = ? AND id > ? ORDER BY value DESC, id LIMIT 1"
)
_BEFORE = (
    "SELECT id FROM state.question WHERE value > ? OR value = ? AND id < ? ORDER BY value, id DESC LIMIT 1"
)


class Queue:
    """The queue of one release; its methods may be called from any thread, one is at work at a time."""

    def __init__(self, index: Path, record: Record) -> None:
        self._lock = threading.RLock()
        self._base = sqlite3.connect(
            f"{index.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._settled = Settled(self._base, record)

    def close(self) -> None:
        """Give the index back."""
        with self._lock:
            self._base.close()

    def restart(self) -> None:
        """Take in the whole record anew."""
        with self._lock:
            self._settled.restart()

    def take(self, rulings: Iterable[Ruling]) -> None:
        """Take in rulings that were added to the record."""
        with self._lock:
            self._settled.take(rulings)

    def rulings_of(self, document: str) -> list[Ruling]:
        """Return what was decided of one document alone, and holds."""
        with self._lock:
            return self._settled.rulings_of(document)

    def totals(self) -> tuple[int, int, float]:
        """Return how many questions are open, how many places they have, and what they are worth."""
        with self._lock:
            questions, places, value = self._base.execute(
                "SELECT count(*), coalesce(sum(places), 0), coalesce(sum(value), 0.0) FROM state.question"
            ).fetchone()
            return questions, places, value

    def page(self, first: int, count: int, document: str = "") -> list[Line]:
        """Return the questions from a rank on, of one document where one is named."""
        with self._lock:
            rows = self._base.execute(
                (_LISTED_OF if document else _LISTED + " ORDER BY open.value DESC, open.id")
                + " LIMIT ? OFFSET ?",
                (*([document] if document else []), count, first),
            ).fetchall()
            lines = []
            for number, key, before, after, places, documents, value in rows:
                place = next(self._open_places(number, document), None)
                if place is not None:
                    lines.append(Line(key, before, after, places, documents, value, place))
            return lines

    def find(self, key: str, document: str = "", start: int = -1) -> Question | None:
        """Return a question at a place, else at its first open place; None where there is no such doubt."""
        with self._lock:
            asked = self._base.execute(
                "SELECT id, before, after FROM main.question WHERE key = ?", (key,)
            ).fetchone()
            if asked is None:
                return None
            number, before, after = asked
            chosen = None
            if document:
                at = self._place(number, document, start)
                chosen = at or next(self._open_places(number, document), None)
            some = []
            for place in self._open_places(number):
                some.append(place)
                if len(some) > SHOWN_PLACES:
                    break
            if chosen is None:
                chosen = some[0] if some else next(self._places(number), None)
            if chosen is None:
                return None
            spots = list(self._settled.spots(number))
            reaches = reaches_of(chosen, spots)
            value = sum(spot.value for spot in spots)
            open_, places = sum(1 for spot in spots if spot.places), sum(spot.places for spot in spots)
            return Question(
                key,
                before,
                after,
                chosen,
                tuple(
                    place
                    for place in some
                    if (place.document, place.start) != (chosen.document, chosen.start)
                ),
                places,
                value,
                self._candidates(number, before, after, chosen),
                reaches,
                self._proposed(before, places, open_),
                self._settled.ruled(before, after, chosen),
                self._rank(number),
            )

    def _rank(self, number: int) -> int:
        found = self._base.execute("SELECT value FROM state.question WHERE id = ?", (number,)).fetchone()
        if found is None:
            return 0
        rank: int = self._base.execute(
            "SELECT count(*) FROM state.question WHERE value > ? OR value = ? AND id <= ?",
            (*found, *found, number),
        ).fetchone()[0]
        return rank

    def beside(self, key: str, step: int) -> str | None:
        """Return the question after (step 1) or before (step -1) another in the queue."""
        with self._lock:
            here = self._base.execute(
                "SELECT asked.id, coalesce(open.value, asked.value) FROM main.question AS asked"
                " LEFT JOIN state.question AS open ON open.id = asked.id WHERE key = ?",
                (key,),
            ).fetchone()
            if here is None:
                return None
            number, value = here
            found = self._base.execute(_AFTER if step > 0 else _BEFORE, (value, value, number)).fetchone()
            if found is None:
                return None
            next_key: str = self._base.execute(
                "SELECT key FROM main.question WHERE id = ?", found
            ).fetchone()[0]
            return next_key

    def steps(self, key: str, document: str) -> Steps:
        """Return what is beside a question in the queue of one document."""
        with self._lock:
            rows = self._base.execute(
                f"SELECT open.id, key, open.value{_OF_DOCUMENT}", (document,)
            ).fetchall()
            there = [row for row in rows if next(self._open_places(row[0], document), None) is not None]
            keys = [row[1] for row in there]
            here = self._base.execute(
                "SELECT asked.id, coalesce(open.value, asked.value) FROM main.question AS asked"
                " LEFT JOIN state.question AS open ON open.id = asked.id WHERE key = ?",
                (key,),
            ).fetchone()
            if here is None:
                return Steps(None, None, 0, len(keys))
            before = sum((-value, number) < (-here[1], here[0]) for number, _, value in there)
            listed = key in keys
            following = keys[before + listed :]
            return Steps(
                keys[before - 1] if before else None,
                following[0] if following else None,
                before + 1 if listed else 0,
                len(keys),
            )

    def first(self, document: str = "") -> str | None:
        """Return the most valuable question, of one document where one is named."""
        lines = self.page(0, 1, document)
        return lines[0].key if lines else None

    def document(self, name: str) -> DocumentRow | None:
        """Return the row of a document."""
        with self._lock:
            found = self._base.execute("SELECT row FROM document WHERE name = ?", (name,)).fetchone()
        return msgspec.json.decode(found[0], type=DocumentRow) if found else None

    def documents(self, first: int, count: int, wanted: str = "") -> list[tuple[str, str, str, int]]:
        """Return name, path, status and doubtful places of documents: those that need somebody first."""
        with self._lock:
            return self._base.execute(
                "SELECT name, path, status,"
                " coalesce((SELECT sum(places) FROM spot WHERE document = document.id), 0) AS doubts"
                " FROM document WHERE instr(lower(name || ' ' || path), lower(?))"
                " ORDER BY CASE status WHEN 'quarantine' THEN 0 WHEN 'review' THEN 1 ELSE 2 END,"
                " doubts DESC, name LIMIT ? OFFSET ?",
                (wanted, count, first),
            ).fetchall()

    def _candidates(self, number: int, before: str, after: str, place: Place) -> tuple[Candidate, ...]:
        rows = self._base.execute(
            "SELECT other.after, probability, evidence FROM other"
            " JOIN document ON document.id = other.document WHERE name = ? AND start = ? AND end = ?"
            " UNION ALL SELECT question.after, probability, evidence FROM place"
            " JOIN document ON document.id = place.document JOIN main.question AS question"
            " ON question.id = place.question WHERE name = ? AND start = ? AND end = ? AND question <> ?"
            " ORDER BY 2 DESC",
            (*(where := (place.document, place.start, place.end)), *where, number),
        ).fetchall()
        found = {after: Candidate(after, place.probability, place.evidence)}
        for other, probability, evidence in rows:
            if other != before:
                found.setdefault(other, Candidate(other, probability, _evidence(evidence)))
        return tuple(found.values())[:9]

    def _proposed(self, before: str, places: int, documents: int) -> Scope:
        """Return how far a decision goes where nobody chooses: as far as the question, no further.

        Small words depend on their company, and so do those for which several things are proposed: there a
        decision is of its place alone.
        """
        several = self._base.execute(
            "SELECT count(*) FROM main.question WHERE before = ?", (before,)
        ).fetchone()[0]
        if places < 2 or several > 1 or sum(map(str.isalnum, before)) < _COMPANY:
            return Scope.HERE
        return Scope.DOCUMENT if documents == 1 else Scope.EVERYWHERE

    def _open_places(self, number: int, document: str = "") -> Iterator[Place]:
        for spot in self._settled.spots(number, document):
            if spot.places:
                some = ", ".join(map(str, sorted(spot.excepted)))
                yield from self._places(
                    number,
                    " AND place.document = ? AND place.id NOT IN (SELECT place FROM state.settled)"  # noqa: S608 - numbers
                    f" AND place.id {'IN' if spot.decided else 'NOT IN'} ({some})",
                    spot.document,
                )

    def _place(self, number: int, document: str, start: int) -> Place | None:
        return next(self._places(number, " AND name = ? AND start = ?", document, start), None)

    def _places(self, number: int, where: str = "", *values: object) -> Iterator[Place]:
        cursor = self._base.execute(f"{_PLACES}{where} ORDER BY place.document, start", (number, *values))
        for *plain, evidence, boxes in cursor:
            yield Place(*plain, _evidence(evidence), msgspec.json.decode(boxes, type=tuple[PageBox, ...]))


_COMPANY = 4
"""Letters and figures of the shortest word whose repair is asked for all its places at once."""


_DETAIL = 400
"""Signs of what a witness says that are shown: it may cite a word of a megabyte."""


def _evidence(data: bytes) -> tuple[Evidence, ...]:
    return tuple(
        item if len(item.detail) <= _DETAIL else replace(item, detail=f"{item.detail[:_DETAIL]} …")
        for item in msgspec.json.decode(data, type=tuple[Evidence, ...])
    )
