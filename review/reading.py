"""What a curator reads: the queue, a question, the documents, the journal, and the piece of a page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from starlette.responses import JSONResponse, RedirectResponse, Response

from release.ledger import line_spans
from release.rows import DocumentRow
from repair.decisions.places import disputed
from repair.decisions.ruling import Ruling, Verdict, conflicts
from repair.document import Status
from repair.edits import OffsetMap
from review import actions
from review.answers import Answers, Asked, row_of
from review.question import Steps

LINES = 120
"""Lines of a document on a page."""
LISTED = 50
"""Questions, documents or decisions on a page."""


class Reading:
    """The pages that change nothing."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def queue(self, asked: Asked) -> Response:
        """Show the queue."""
        first, document = asked.number("from"), asked.text("document")
        with self._answers.room.queue() as queue:
            lines = queue.page(first, LISTED + 1, document)
            return self._answers.show(
                asked.request,
                "queue",
                at="queue",
                lines=lines[:LISTED],
                last=len(lines) <= LISTED,
                first=first,
                count=LISTED,
                document=document,
                totals=queue.totals(),
                undo=self._answers.room.record.last_of(asked.curator.name),
                **self._answers.done(asked),
            )

    def question(self, asked: Asked) -> Response:
        """Show a question at one of its places."""
        with self._answers.room.queue() as queue:
            key, within = asked.text("key"), asked.text("within")
            start = asked.number("start") if asked.text("start") else -1
            question = queue.find(key, asked.text("document") or within, start)
            if question is None:
                return RedirectResponse("/", 303)
            totals = queue.totals()
            steps = Steps(queue.beside(key, -1), queue.beside(key, 1), question.number, totals[0])
            if within:
                steps = queue.steps(key, within)
            return self._answers.show(
                asked.request,
                "question",
                at="queue",
                asked=question,
                conflict=_contradict(question.ruled),
                steps=steps,
                within=within,
                seen=self._answers.room.record.last,
                undo=self._answers.room.record.last_of(asked.curator.name),
                pictures=self._answers.piece is not None,
                **self._answers.done(asked),
            )

    def documents(self, asked: Asked) -> Response:
        """List the documents."""
        first, wanted = asked.number("from"), asked.text("wanted")
        with self._answers.room.queue() as queue:
            rows = queue.documents(first, LISTED + 1, wanted)
        return self._answers.show(
            asked.request,
            "documents",
            at="documents",
            rows=rows[:LISTED],
            last=len(rows) <= LISTED,
            first=first,
            count=LISTED,
            wanted=wanted,
        )

    def document(self, asked: Asked) -> Response:
        """Show a document, line by line."""
        with self._answers.room.queue() as queue:
            row = row_of(queue, asked)
            doubts = len(queue.page(0, LISTED + 1, row.name))
            rulings = queue.rulings_of(row.name)
            released = [
                ruling
                for ruling in self._answers.room.record.of_document(row.name)
                if ruling.verdict is Verdict.RELEASE
            ]
            view = (
                self._lines(asked, row, rulings) if row.status is not Status.QUARANTINE else {"lines": None}
            )
            return self._answers.show(
                asked.request,
                "document",
                at="documents",
                row=row,
                doubts=min(doubts, LISTED),
                more_doubts=doubts > LISTED,
                left=[ruling for ruling in rulings if ruling.verdict is Verdict.LEAVE],
                released=released,
                work=self._answers.room.work(row.name),
                again=self._answers.again is not None,
                seen=self._answers.room.record.last,
                undo=self._answers.room.record.last_of(asked.curator.name),
                **view,
                **self._answers.done(asked),
            )

    def _lines(self, asked: Asked, row: DocumentRow, rulings: Sequence[Ruling]) -> dict[str, object]:
        text = self._answers.room.text(row)
        edit = asked.number("edit")
        first = asked.number("from")
        spans = line_spans(text.diplomatic)
        lines = text.lines[first : first + LINES]
        starts = [start for start, _, _ in spans]
        offsets = OffsetMap(text.repairs)
        here: dict[int, list[Ruling]] = {}
        for ruling in rulings:
            if ruling.place is not None:
                start, _ = offsets.forward(ruling.place.start, ruling.place.start + len(ruling.before))
                here.setdefault(max(1, bisect_right(starts, start)), []).append(ruling)
        editable = {
            line.number
            for line in lines
            if line.number <= len(spans)
            and _can_be_typed(text.diplomatic[slice(*spans[line.number - 1][:2])])
        }
        return {
            "lines": lines,
            "first": first,
            "count": LINES,
            "last": first + LINES >= len(text.lines),
            "here": here,
            "edit": edit if edit in editable else 0,
            "edited": text.diplomatic[slice(*spans[edit - 1][:2])] if edit in editable else "",
            "editable": editable,
        }

    def journal(self, asked: Asked) -> Response:
        """Show the journal, the latest first."""
        first = asked.number("from")
        with self._answers.room.queue():
            record = self._answers.room.record
            rulings = list(record.rulings.values())[::-1]
            some = rulings[first : first + LISTED]
            return self._answers.show(
                asked.request,
                "journal",
                at="journal",
                entries=[(ruling, record.reversals.get(ruling.id)) for ruling in some],
                disputes=conflicts(ruling for ruling in rulings if record.in_force(ruling))[:LISTED],
                total=len(rulings),
                first=first,
                count=LISTED,
                last=first + LISTED >= len(rulings),
                **self._answers.done(asked),
            )

    def draw(self, asked: Asked) -> Response:
        """Answer with the piece of the page that a question is about."""
        with self._answers.room.queue() as queue:
            question = queue.find(asked.text("key"), asked.text("document"), asked.number("start"))
            row = queue.document(question.place.document) if question else None
        made = None
        if (
            question is not None
            and row is not None
            and self._answers.piece is not None
            and question.place.boxes
        ):
            made = self._answers.piece(row.path, row.sha256, question.place.boxes)
        if made is None:
            return Response(status_code=404)
        return Response(made, media_type="image/png")

    def progress(self, asked: Asked) -> Response:
        """Say how far a document is that was sent through again."""
        work = self._answers.room.work(asked.text("name"))
        if work is None:
            return JSONResponse({"working": False})
        return JSONResponse({"working": work.said is None, "done": work.done, "total": work.total})


def _contradict(rulings: Sequence[Ruling]) -> bool:
    """Say whether decisions on one doubtful place contradict each other."""
    places = [(ruling.place.start, ruling) for ruling in rulings if ruling.place is not None]
    wide = {(one.before, one.after) for one in rulings if one.place is None}  # both print something there
    return bool(conflicts(rulings) or disputed(places) or len(wide) > 1)


def _can_be_typed(line: str) -> bool:
    """Say whether a browser gives a line back as it was: no signs that fields drop or mend."""
    return len(line) <= actions.LONGEST_LINE and not any(sign < " " and sign != "\t" for sign in line)
