"""What of a release's questions is settled, as the journal has it.

A decision on one place settles the places it meets; a wider one settles its words in the documents that it
reaches, except where a narrower one says something. Where decisions on places that meet contradict each
other, or two of one wider scope, the places stay open, as `repair.decisions.honour` has it (`wide`). The sums
of what is open are kept in tables in memory, and brought up to date ruling by ruling.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from repair.decisions.places import disputed
from repair.decisions.ruling import Ruling, Scope, Verdict
from review.index import question_key
from review.places import agree, span_of, window
from review.question import Place, Spot
from review.record import Record
from review.wide import Crowd, Excepted, holds, narrowest

_STATE = """
ATTACH ':memory:' AS state;
CREATE TABLE state.question (id INTEGER PRIMARY KEY, places INTEGER, documents INTEGER, value REAL);
CREATE TABLE state.settled (place INTEGER PRIMARY KEY, question INTEGER, document INTEGER, probability REAL);
CREATE INDEX state.question_value ON question (value DESC, id);
CREATE INDEX state.settled_question ON settled (question);
CREATE INDEX state.settled_document ON settled (document);
"""
_OF_TEXT = (Verdict.ACCEPT, Verdict.REJECT, Verdict.CORRECT)

_MET = (
    "SELECT place.id, question, document, probability, start, end, before, before_it, after_it"
    " FROM place JOIN main.question ON question.id = question"
)
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
        self._crowd = Crowd(base, self._longest)
        self._wide: dict[tuple[str, str], list[Ruling]] = {}
        self._here: dict[str, list[Ruling]] = {}
        self._left: dict[str, list[Ruling]] = {}
        # By the id of a decision on one place: where it is, and its doubts. The index never changes.
        self._found: dict[str, tuple[int, list[_Row]]] = {}
        self.restart()

    def restart(self) -> None:
        """Take in the whole record anew."""
        self._wide, self._here, self._left, self._found = {}, {}, {}, {}
        self._base.executescript(
            "DELETE FROM state.settled; DELETE FROM state.question;"
            "INSERT INTO state.question SELECT id, places, documents, value FROM main.question;"
        )
        for ruling in self._record.rulings.values():
            if self._record.in_force(ruling):
                self._add(ruling)
        touched: set[int] = set()
        for document in self._here:
            touched |= self._settle(document)
        wide = {number for pair in self._wide for number in self._numbers(*pair)}
        touched |= wide | self._crowd.beside(wide)
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
                touched |= self._settle(taken.document)
            elif taken.verdict in _OF_TEXT:
                asked = self._numbers(taken.before, taken.after)
                touched |= asked | self._crowd.beside(asked)
        self._sum(touched)

    def spots(self, question: int, only: str = "") -> Iterator[Spot]:
        """Yield what a question has open, document by document; documents where all is settled have none.

        Args:
            question: its number.
            only: name of the document that is asked for; empty for all.
        """
        before, after = self._base.execute(
            "SELECT before, after FROM main.question WHERE id = ?", (question,)
        ).fetchone()
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
            " JOIN document ON document.id = spot.document WHERE question = ? AND ? IN ('', name)",
            (question, only),
        ):
            if self._left.get(name):
                yield Spot(document, name, path, 0, 0.0, 0)
                continue
            mine = self._said(before, after, name, path)
            excepted = self._excepted(question, document, mine, name, path)
            besides = sum(place.probability for place in excepted.values())
            if holds(mine):
                yield Spot(document, name, path, len(excepted), besides, 0, True, frozenset(excepted))
            else:
                count, share = settled.get(document, (0, 0.0))
                left = places - count - len(excepted)
                worth = value - share - besides if left else 0.0
                yield Spot(document, name, path, left, worth, made, False, frozenset(excepted))

    def ruled(self, before: str, after: str, place: Place) -> tuple[Ruling, ...]:
        """Return what was decided of a place: the narrowest scope's, both sides of a conflict."""
        here = [
            ruling
            for ruling in self._here.get(place.document, ())
            if any(row[4:] == (place.start, place.end) for row in self._found[ruling.id][1])
        ]
        if decided := self._left.get(place.document) or here:
            return tuple(decided)
        mine = self._said(before, after, place.document, place.path)
        (document,) = self._base.execute(
            "SELECT id FROM document WHERE name = ?", (place.document,)
        ).fetchone()
        found = dict.fromkeys(mine)
        for question in self._numbers(before, after):
            for other in self._excepted(question, document, mine, place.document, place.path).values():
                if (other.start, other.end) == (place.start, place.end):
                    found |= dict.fromkeys(other.rulings)
        return tuple(found)

    def _said(self, before: str, after: str, name: str, path: str) -> list[Ruling]:
        """Return the wider decisions on some words in a document that go before all others."""
        wide = self._wide.get((before, after), ())
        return narrowest(ruling for ruling in wide if ruling.reaches(name, path))

    def _excepted(
        self, question: int, document: int, mine: list[Ruling], name: str, path: str
    ) -> dict[int, Excepted]:
        if not self._wide:
            return {}
        return self._crowd.excepted(
            question, document, mine, lambda before, after: self._said(before, after, name, path)
        )

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

    def _settle(self, document: str) -> set[int]:
        """Say anew what decisions on places settle in a document; return the questions that this changes."""
        rulings = self._here.get(document, [])
        for ruling in rulings:
            if ruling.id not in self._found:
                self._found[ruling.id] = self._meeting(ruling)
        about = [(*self._found[ruling.id], ruling) for ruling in rulings]
        odd = disputed((start, ruling) for start, rows, ruling in about if rows)
        now = {row[0]: row[:4] for _, rows, ruling in about if ruling.id not in odd for row in rows}
        before = dict(
            self._base.execute(
                "SELECT place, question FROM state.settled"
                " WHERE document = (SELECT id FROM document WHERE name = ?)",
                (document,),
            ).fetchall()
        )
        gone, new = before.keys() - now.keys(), now.keys() - before.keys()
        self._base.executemany("DELETE FROM state.settled WHERE place = ?", [(place,) for place in gone])
        self._base.executemany("INSERT INTO state.settled VALUES (?, ?, ?, ?)", [now[place] for place in new])
        return {before[place] for place in gone} | {now[place][1] for place in new}

    def _meeting(self, ruling: Ruling) -> tuple[int, list[_Row]]:
        """Return where a decision on one place is in this release, and the doubtful places it is about."""
        start, end = span_of(ruling)
        found = self._base.execute("SELECT id FROM document WHERE name = ?", (ruling.document,)).fetchone()
        if found is None or ruling.place is None:
            return start, []
        rows = self._base.execute(
            f"{_MET} WHERE document = ? AND start BETWEEN ? AND ?"
            " AND (start < ? AND end > ? OR start = ? AND end = ?)",
            (found[0], start - self._longest, end, end, start, start, end),
        ).fetchall()
        # Where the file has changed, other words may stand there.
        same = [
            row[:6] for row in rows if agree(window(ruling), (row[4] - len(row[7]), row[7] + row[6] + row[8]))
        ]
        if same:
            return start, same
        # It is where the same words stand in the same company, and only there.
        rows = self._base.execute(
            f"{_MET} WHERE document = ? AND before = ?"
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
        return (rows[0][4], [row[:6] for row in rows]) if len({row[4] for row in rows}) == 1 else (start, [])

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
