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
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from release.rows import DocumentRow
from repair.decisions.ruling import Ruling, Scope, Verdict
from repair.edits import Evidence
from repair.layout import PageBox
from review.index import question_key
from review.record import Record

SHOWN_DOCUMENTS = 8
"""Documents that are named where it is said what a scope would change."""
SHOWN_PLACES = 12

_STATE = """
ATTACH ':memory:' AS state;
CREATE TABLE state.question (id INTEGER PRIMARY KEY, places INTEGER, documents INTEGER, value REAL);
CREATE TABLE state.settled (place INTEGER PRIMARY KEY, question INTEGER, document INTEGER, probability REAL);
CREATE INDEX state.question_value ON question (value DESC, id);
CREATE INDEX state.settled_question ON settled (question);
"""
_OF_TEXT = (Verdict.ACCEPT, Verdict.REJECT, Verdict.CORRECT)


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the list: its words, its open places and documents, its value, and one of its places."""

    key: str
    before: str
    after: str
    places: int
    documents: int
    value: float
    place: Place


@dataclass(frozen=True, slots=True)
class Place:
    """A doubtful word at its place.

    Attributes:
        document: name.
        path: of its raw file.
        start: code points in the reading.
        end: one past the last.
        line: of the reading, from 1.
        page: from 1.
        left: what stands before it.
        right: what stands after it.
        rule: that proposed it.
        probability: that the proposal is right.
        evidence: the witnesses.
        boxes: where it stands on the picture of its page.
    """

    document: str
    path: str
    start: int
    end: int
    line: int
    page: int
    left: str
    right: str
    rule: str
    probability: float
    evidence: tuple[Evidence, ...]
    boxes: tuple[PageBox, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the page may print at a place; the first is what is asked."""

    after: str
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a decision of one scope would concern.

    Attributes:
        scope: how far it goes.
        collection: the folder, of a scope that has one.
        doubtful: open places.
        applied: places where the program has made the same change.
        documents: name, open places, applied places of the first of them.
        more: how many other documents there are.
    """

    scope: Scope
    collection: str
    doubtful: int
    applied: int
    documents: tuple[tuple[str, int, int], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question at one of its places.

    Attributes:
        key: stable name.
        before: what was read.
        after: what is proposed.
        place: where it is asked.
        others: its first other open places.
        places: how many are open.
        value: wrong words that the answer is expected to mend.
        candidates: what the page may print there.
        reaches: what each scope would concern.
        proposed: the scope that is chosen where nobody chooses.
        ruled: what was decided of this place, where it is not open; both sides of a conflict.
        number: its rank in the queue, from 1; 0 where it is not in it.
    """

    key: str
    before: str
    after: str
    place: Place
    others: tuple[Place, ...]
    places: int
    value: float
    candidates: tuple[Candidate, ...]
    reaches: tuple[Reach, ...]
    proposed: Scope
    ruled: tuple[Ruling, ...]
    number: int


@dataclass(frozen=True, slots=True)
class _Spot:
    """What a question has open in one document."""

    document: int
    name: str
    path: str
    places: int
    value: float
    made: int


class Queue:
    """The queue of one release; its methods may be called from any thread, one is at work at a time."""

    def __init__(self, index: Path, record: Record) -> None:
        self._record = record
        self._lock = threading.RLock()
        self._base = sqlite3.connect(f"file:{index}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._base.executescript(_STATE)
        self._wide: dict[tuple[str, str], list[Ruling]] = {}
        self._here: dict[str, list[Ruling]] = {}
        self._left: dict[str, list[Ruling]] = {}
        with self._lock:
            self.restart()

    def close(self) -> None:
        """Give the index back."""
        with self._lock:
            self._base.close()

    # What the journal says.

    def restart(self) -> None:
        """Take in the whole record anew."""
        with self._lock:
            self._wide, self._here, self._left = {}, {}, {}
            self._base.executescript(
                "DELETE FROM state.settled; DELETE FROM state.question;"
                "INSERT INTO state.question SELECT id, places, documents, value FROM main.question;"
            )
            for ruling in self._record.rulings.values():
                if self._record.in_force(ruling):
                    self._add(ruling)
            touched = {number for name in self._here for number in self._settle(name)}
            touched |= {number for pair in self._wide for number in self._numbers(*pair)}
            touched |= {number for name in self._left for number in self._of_document(name)}
            self._sum(touched)

    def take(self, rulings: Iterable[Ruling]) -> None:
        """Take in rulings that were added to the record."""
        with self._lock:
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
                    touched |= self._numbers(taken.before, taken.after)
            self._sum(touched)

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
        if shelf is not None and ruling not in shelf:
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

    def _settle(self, name: str) -> set[int]:
        """Say anew which places of a document are settled by decisions on them; return their questions."""
        found = self._base.execute("SELECT id FROM document WHERE name = ?", (name,)).fetchone()
        if found is None:
            return set()
        gone = self._base.execute("SELECT question FROM state.settled WHERE document = ?", found).fetchall()
        self._base.execute("DELETE FROM state.settled WHERE document = ?", found)
        touched = {number for (number,) in gone}
        for ruling in self._here.get(name, ()):
            if _differ(self._at(name, ruling)):
                continue
            start, end = _span(ruling)
            rows = self._base.execute(
                "SELECT id, question, document, probability FROM place WHERE document = ? AND start < ?"
                " AND end > ? OR document = ? AND start = ?",
                (found[0], end, start, found[0], start),
            ).fetchall()
            self._base.executemany("INSERT OR IGNORE INTO state.settled VALUES (?, ?, ?, ?)", rows)
            touched |= {question for _, question, _, _ in rows}
        return touched

    def _at(self, name: str, wanted: Ruling) -> list[Ruling]:
        return [ruling for ruling in self._here.get(name, ()) if ruling.subject == wanted.subject]

    def _sum(self, questions: Iterable[int]) -> None:
        for question in questions:
            spots = [spot for spot in self._spots(question) if spot.places]
            self._base.execute("DELETE FROM state.question WHERE id = ?", (question,))
            if spots:
                self._base.execute(
                    "INSERT INTO state.question VALUES (?, ?, ?, ?)",
                    (
                        question,
                        sum(spot.places for spot in spots),
                        len(spots),
                        sum(spot.value for spot in spots),
                    ),
                )
        self._base.commit()

    def _spots(self, question: int) -> Iterator[_Spot]:
        """Yield what a question has open, document by document; documents where all is settled have none."""
        before, after = self._base.execute(
            "SELECT before, after FROM main.question WHERE id = ?", (question,)
        ).fetchone()
        wide = self._wide.get((before, after), ())
        settled = {
            document: (count, value)
            for document, count, value in self._base.execute(
                "SELECT document, count(*), sum(probability) FROM state.settled WHERE question = ? GROUP BY 1",
                (question,),
            )
        }
        for document, name, path, places, value, made in self._base.execute(
            "SELECT document.id, name, path, places, value, made FROM spot"
            " JOIN document ON document.id = spot.document WHERE question = ?",
            (question,),
        ).fetchall():
            if name in self._left or (wide and self._holds(wide, name, path)):
                yield _Spot(document, name, path, 0, 0.0, 0)
            else:
                count, share = settled.get(document, (0, 0.0))
                yield _Spot(
                    document, name, path, places - count, value - share if places > count else 0.0, made
                )

    @staticmethod
    def _holds(wide: Iterable[Ruling], name: str, path: str) -> bool:
        """Say whether decisions of wider scopes settle a question in a document."""
        narrowest = _narrowest([ruling for ruling in wide if ruling.reaches(name, path)])
        return bool(narrowest) and not _differ(narrowest)

    def ruled(self, before: str, after: str, place: Place) -> tuple[Ruling, ...]:
        """Return what was decided of a place: the narrowest scope's, both sides of a conflict."""
        with self._lock:
            left = self._left.get(place.document, ())
            here = [
                ruling
                for ruling in self._here.get(place.document, ())
                if (span := _span(ruling))[0] == place.start
                or (span[0] < place.end and span[1] > place.start)
            ]
            wide = [
                ruling
                for ruling in self._wide.get((before, after), ())
                if ruling.reaches(place.document, place.path)
            ]
            return tuple(here or left or _narrowest(wide))

    def rulings_of(self, document: str) -> list[Ruling]:
        """Return what was decided of one document alone, and holds."""
        with self._lock:
            return [*self._left.get(document, ()), *self._here.get(document, ())]

    # What is asked.

    def totals(self) -> tuple[int, int, float]:
        """Return how many questions are open, how many places they have, and what they are worth."""
        with self._lock:
            questions, places, value = self._base.execute(
                "SELECT count(*), coalesce(sum(places), 0), coalesce(sum(value), 0.0) FROM state.question"
            ).fetchone()
            return questions, places, value

    def page(self, first: int, count: int, document: str = "") -> list[Line]:
        """Return the questions from a rank on, of one document where one is named."""
        within = (
            " AND EXISTS (SELECT 1 FROM spot JOIN document ON document.id = spot.document"
            " WHERE question = open.id AND name = ? AND spot.places > 0)"
        )
        with self._lock:
            rows = self._base.execute(
                "SELECT open.id, key, before, after, open.places, open.documents, open.value"  # noqa: S608
                " FROM state.question AS open JOIN main.question AS asked ON asked.id = open.id WHERE true"
                f"{within if document else ''} ORDER BY open.value DESC, open.id LIMIT ? OFFSET ?",
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
            chosen = self._place(number, document, start) if document else None
            some = []
            for place in self._open_places(number):
                some.append(place)
                if len(some) > SHOWN_PLACES:
                    break
            if chosen is None:
                chosen = some[0] if some else next(self._places(number), None)
            if chosen is None:
                return None
            spots = list(self._spots(number))
            reaches = _reaches(chosen, spots)
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
                self.ruled(before, after, chosen),
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
            how = (
                ("value < ? OR value = ? AND id > ?", "value DESC, id")
                if step > 0
                else ("value > ? OR value = ? AND id < ?", "value, id DESC")
            )
            found = self._base.execute(
                f"SELECT id FROM state.question WHERE {how[0]} ORDER BY {how[1]} LIMIT 1",
                (value, value, number),
            ).fetchone()
            if found is None:
                return None
            next_key: str = self._base.execute(
                "SELECT key FROM main.question WHERE id = ?", found
            ).fetchone()[0]
            return next_key

    def first(self) -> str | None:
        """Return the most valuable question."""
        lines = self.page(0, 1)
        return lines[0].key if lines else None

    def document(self, name: str) -> DocumentRow | None:
        """Return the row of a document."""
        with self._lock:
            found = self._base.execute("SELECT row FROM document WHERE name = ?", (name,)).fetchone()
        return msgspec.json.decode(found[0], type=DocumentRow) if found else None

    def documents(self, first: int, count: int, wanted: str = "") -> list[tuple[str, str, str, int]]:
        """Return name, path, status and open places of documents: those that need somebody first."""
        with self._lock:
            return self._base.execute(
                "SELECT name, path, status, coalesce((SELECT sum(places) FROM spot WHERE document = document.id), 0)"
                " AS doubts FROM document WHERE instr(lower(name || ' ' || path), lower(?))"
                " ORDER BY CASE status WHEN 'quarantine' THEN 0 WHEN 'review' THEN 1 ELSE 2 END,"
                " doubts DESC, name LIMIT ? OFFSET ?",
                (wanted, count, first),
            ).fetchall()

    def _candidates(self, number: int, before: str, after: str, place: Place) -> tuple[Candidate, ...]:
        rows = self._base.execute(
            "SELECT other.after, probability, evidence FROM other JOIN document ON document.id = other.document"
            " WHERE name = ? AND start = ? AND end = ?"
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
        for spot in list(self._spots(number)):
            if spot.places and document in ("", spot.name):
                yield from self._places(
                    number,
                    " AND place.document = ? AND place.id NOT IN (SELECT place FROM state.settled)",
                    spot.document,
                )

    def _place(self, number: int, document: str, start: int) -> Place | None:
        return next(self._places(number, " AND name = ? AND start = ?", document, start), None)

    def _places(self, number: int, where: str = "", *values: object) -> Iterator[Place]:
        cursor = self._base.execute(
            "SELECT name, path, start, end, line, page, before_it, after_it, rule, probability, evidence, boxes"
            " FROM place JOIN document ON document.id = place.document"
            f" WHERE question = ?{where} ORDER BY place.document, start",
            (number, *values),
        )
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


def _span(ruling: Ruling) -> tuple[int, int]:
    start = ruling.place.start if ruling.place else 0
    return start, start + len(ruling.before)


def _differ(rulings: Iterable[Ruling]) -> bool:
    return len({ruling.outcome for ruling in rulings}) > 1


_WIDTH = {Scope.HERE: 0, Scope.DOCUMENT: 1, Scope.COLLECTION: 2, Scope.EVERYWHERE: 3}


def _narrowest(rulings: list[Ruling]) -> list[Ruling]:
    """Return the rulings of the narrowest scope; of two folders that of the one inside the other."""

    def width(ruling: Ruling) -> tuple[int, int]:
        return _WIDTH[ruling.scope], -len(ruling.collection)

    least = min(map(width, rulings), default=None)
    return [ruling for ruling in rulings if width(ruling) == least]


def _reaches(place: Place, spots: list[_Spot]) -> tuple[Reach, ...]:
    """Return what each scope would concern, the narrowest first."""
    here = [spot for spot in spots if spot.name == place.document]
    reaches = [
        Reach(Scope.HERE, "", 1, 0, ((place.document, 1, 0),), 0),
        _reach(Scope.DOCUMENT, "", here),
    ]
    folder = place.path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        inside = [spot for spot in spots if spot.path.startswith(f"{folder}/")]
        reaches.append(_reach(Scope.COLLECTION, folder, inside))
    reaches.append(_reach(Scope.EVERYWHERE, "", spots))
    return tuple(reaches)


def _reach(scope: Scope, collection: str, spots: list[_Spot]) -> Reach:
    concerned = [spot for spot in spots if spot.places or spot.made]
    concerned.sort(key=lambda spot: (-spot.places - spot.made, spot.name))
    return Reach(
        scope,
        collection,
        sum(spot.places for spot in concerned),
        sum(spot.made for spot in concerned),
        tuple((spot.name, spot.places, spot.made) for spot in concerned[:SHOWN_DOCUMENTS]),
        max(0, len(concerned) - SHOWN_DOCUMENTS),
    )
