"""What of a release's questions is settled, as the journal has it.

A decision on one place settles the places it meets; a wider one settles its words in the documents that it
reaches, except where a narrower one says something. Where two of one scope and subject differ the places stay
open, as `repair.decisions.honour` has it. The sums of what is open are kept in tables in memory, and brought
up to date ruling by ruling.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from repair.decisions.ruling import CONTEXT, Ruling, Scope, Verdict
from review.index import question_key
from review.question import Place, Spot
from review.record import Record

_STATE = """
ATTACH ':memory:' AS state;
CREATE TABLE state.question (id INTEGER PRIMARY KEY, places INTEGER, documents INTEGER, value REAL);
CREATE TABLE state.settled (place INTEGER PRIMARY KEY, question INTEGER, document INTEGER, probability REAL);
CREATE INDEX state.question_value ON question (value DESC, id);
CREATE INDEX state.settled_question ON settled (question);
"""
_OF_TEXT = (Verdict.ACCEPT, Verdict.REJECT, Verdict.CORRECT)
_WIDTH = {Scope.HERE: 0, Scope.DOCUMENT: 1, Scope.COLLECTION: 2, Scope.EVERYWHERE: 3}

_Row = tuple[int, int, int, float, int, int]
"""Number of a place, its question, document, probability, start and end."""


class Settled:
    """What is settled, and what is open; for one thread at a time.

    Args:
        base: the index of the release, in whose connection the tables are kept.
        record: the journal.
    """

    def __init__(self, base: sqlite3.Connection, record: Record) -> None:
        self._base, self._record = base, record
        base.executescript(_STATE)
        self._longest: int = base.execute("SELECT coalesce(max(end - start), 0) FROM place").fetchone()[0]
        self._wide: dict[tuple[str, str], list[Ruling]] = {}
        self._here: dict[str, list[Ruling]] = {}
        self._left: dict[str, list[Ruling]] = {}
        self.restart()

    def restart(self) -> None:
        """Take in the whole record anew."""
        self._wide, self._here, self._left = {}, {}, {}
        self._base.executescript(
            "DELETE FROM state.settled; DELETE FROM state.question;"
            "INSERT INTO state.question SELECT id, places, documents, value FROM main.question;"
        )
        for ruling in self._record.rulings.values():
            if self._record.in_force(ruling):
                self._add(ruling)
        touched: set[int] = set()
        for rulings in self._here.values():
            disputed = _disputed(rulings)
            for ruling in rulings:
                rows = self._meeting(ruling)
                touched |= {row[1] for row in rows}
                if ruling.subject not in disputed:
                    self._mark(rows)
        touched |= {number for pair in self._wide for number in self._numbers(*pair)}
        touched |= {number for name in self._left for number in self._of_document(name)}
        self._sum(touched)

    def take(self, rulings: Iterable[Ruling]) -> None:
        """Take in rulings that were added to the record."""
        touched: set[int] = set()
        for ruling in rulings:
            if ruling.verdict is Verdict.REVERSE:
                taken = self._record.rulings.get(ruling.reverses)
                if taken is None or taken.verdict is Verdict.REVERSE:
                    continue
                self._remove(taken)
            elif self._record.in_force(ruling):
                taken = ruling
                self._add(taken)
            else:
                continue
            if taken.verdict is Verdict.LEAVE:
                touched |= self._of_document(taken.document)
            elif taken.verdict in _OF_TEXT and taken.scope is Scope.HERE:
                touched |= self._settle(taken)
            elif taken.verdict in _OF_TEXT:
                touched |= self._numbers(taken.before, taken.after)
        self._sum(touched)

    def spots(self, question: int) -> Iterator[Spot]:
        """Yield what a question has open, document by document; documents where all is settled have none."""
        before, after = self._base.execute(
            "SELECT before, after FROM main.question WHERE id = ?", (question,)
        ).fetchone()
        wide = self._wide.get((before, after), ())
        settled = {
            document: (count, value)
            for document, count, value in self._base.execute(
                "SELECT document, count(*), sum(probability) FROM state.settled"
                " WHERE question = ? GROUP BY document",
                (question,),
            )
        }
        for document, name, path, places, value, made in self._base.execute(
            "SELECT document.id, name, path, places, value, made FROM spot"
            " JOIN document ON document.id = spot.document WHERE question = ?",
            (question,),
        ).fetchall():
            if self._left.get(name) or (wide and _holds(wide, name, path)):
                yield Spot(document, name, path, 0, 0.0, 0)
            else:
                count, share = settled.get(document, (0, 0.0))
                left = places - count
                yield Spot(document, name, path, left, value - share if left else 0.0, made)

    def ruled(self, before: str, after: str, place: Place) -> tuple[Ruling, ...]:
        """Return what was decided of a place: the narrowest scope's, both sides of a conflict."""
        here = [
            ruling
            for ruling in self._here.get(place.document, ())
            if _meets(*span_of(ruling), place.start, place.end) or _same_company(ruling, before, place)
        ]
        wide = [
            ruling
            for ruling in self._wide.get((before, after), ())
            if ruling.reaches(place.document, place.path)
        ]
        return tuple(self._left.get(place.document, ()) or here or _narrowest(wide))

    def rulings_of(self, document: str) -> list[Ruling]:
        """Return what was decided of one document alone, and holds."""
        return [*self._left.get(document, ()), *self._here.get(document, ())]

    def _shelf(self, ruling: Ruling) -> list[Ruling] | None:
        if ruling.verdict is Verdict.LEAVE:
            return self._left.setdefault(ruling.document, [])
        if ruling.verdict not in _OF_TEXT:
            return None
        if ruling.scope is Scope.HERE:
            return self._here.setdefault(ruling.document, [])
        return self._wide.setdefault((ruling.before, ruling.after), [])

    def _add(self, ruling: Ruling) -> None:
        shelf = self._shelf(ruling)
        if shelf is not None:
            shelf.append(ruling)

    def _remove(self, ruling: Ruling) -> None:
        shelf = self._shelf(ruling)
        if shelf is not None and ruling in shelf:
            shelf.remove(ruling)

    def _numbers(self, before: str, after: str) -> set[int]:
        found = self._base.execute(
            "SELECT id FROM main.question WHERE key = ?", (question_key(before, after),)
        )
        return {number for (number,) in found}

    def _of_document(self, name: str) -> set[int]:
        found = self._base.execute(
            "SELECT question FROM spot JOIN document ON document.id = spot.document WHERE name = ?", (name,)
        )
        return {number for (number,) in found}

    def _settle(self, changed: Ruling) -> set[int]:
        """Say anew what is settled of the places that a decision meets, or met; return their questions."""
        rows = self._meeting(changed)
        self._base.executemany("DELETE FROM state.settled WHERE place = ?", [(row[0],) for row in rows])
        rulings = self._here.get(changed.document, [])
        near = [ruling for ruling in rulings if any(_meets(*span_of(ruling), row[4], row[5]) for row in rows)]
        if changed in rulings and changed not in near:
            near.append(changed)
        disputed = _disputed(near)
        touched = {row[1] for row in rows}
        for ruling in near:
            if ruling.subject not in disputed:
                met = self._meeting(ruling)
                self._mark(met)
                touched |= {row[1] for row in met}
        return touched

    def _mark(self, rows: Iterable[_Row]) -> None:
        self._base.executemany(
            "INSERT OR IGNORE INTO state.settled VALUES (?, ?, ?, ?)", [row[:4] for row in rows]
        )

    def _meeting(self, ruling: Ruling) -> list[_Row]:
        """Return the doubtful places that a decision on one place is about, in this release."""
        found = self._base.execute("SELECT id FROM document WHERE name = ?", (ruling.document,)).fetchone()
        if found is None:
            return []
        start, end = span_of(ruling)
        columns = "SELECT place.id, question, document, probability, start, end FROM place"
        rows = self._base.execute(
            f"{columns} WHERE document = ? AND start BETWEEN ? AND ?"
            " AND (start < ? AND end > ? OR start = ? AND end = ?)",
            (found[0], start - self._longest, end, end, start, start, end),
        ).fetchall()
        if not rows and ruling.place is not None:
            # The file has changed: it is where the same words stand in the same company, and only there.
            rows = self._base.execute(
                f"{columns} JOIN main.question ON question.id = question WHERE document = ? AND before = ?"
                " AND substr(before_it, -?) = ? AND substr(after_it, 1, ?) = ?",
                (
                    found[0],
                    ruling.before,
                    max(1, len(ruling.place.left)),
                    ruling.place.left,
                    len(ruling.place.right),
                    ruling.place.right,
                ),
            ).fetchall()
            rows = rows if len({row[4] for row in rows}) == 1 else []
        return rows

    def _sum(self, questions: Iterable[int]) -> None:
        for question in questions:
            spots = [spot for spot in self.spots(question) if spot.places]
            self._base.execute("DELETE FROM state.question WHERE id = ?", (question,))
            if spots:
                places, value = sum(spot.places for spot in spots), sum(spot.value for spot in spots)
                self._base.execute(
                    "INSERT INTO state.question VALUES (?, ?, ?, ?)", (question, places, len(spots), value)
                )
        self._base.commit()


def span_of(ruling: Ruling) -> tuple[int, int]:
    """Return where what was read stood in the reading, of a decision on one place."""
    start = ruling.place.start if ruling.place else 0
    return start, start + len(ruling.before)


def _meets(start: int, end: int, low: int, high: int) -> bool:
    return (start < high and low < end) or (start, end) == (low, high)


def _same_company(ruling: Ruling, before: str, place: Place) -> bool:
    kept = ruling.place
    return (
        kept is not None
        and ruling.before == before
        and place.left[-CONTEXT:] == kept.left
        and place.right[:CONTEXT] == kept.right
    )


def _disputed(rulings: Iterable[Ruling]) -> set[tuple[str, ...]]:
    """Return the subjects of which rulings say different things."""
    said: dict[tuple[str, ...], set[str | None]] = {}
    for ruling in rulings:
        said.setdefault(ruling.subject, set()).add(ruling.outcome)
    return {subject for subject, outcomes in said.items() if len(outcomes) > 1}


def _holds(wide: Iterable[Ruling], name: str, path: str) -> bool:
    """Say whether decisions of wider scopes settle a question in a document."""
    narrowest = _narrowest([ruling for ruling in wide if ruling.reaches(name, path)])
    return len({ruling.outcome for ruling in narrowest}) == 1


def _narrowest(rulings: list[Ruling]) -> list[Ruling]:
    """Return the rulings of the narrowest scope; of two folders that of the one inside the other."""

    def width(ruling: Ruling) -> tuple[int, int]:
        return _WIDTH[ruling.scope], -ruling.collection.count("/")

    least = min(map(width, rulings), default=None)
    return [ruling for ruling in rulings if width(ruling) == least]
