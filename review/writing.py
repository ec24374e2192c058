"""What a curator decides: each form leads to a ruling in the journal, then to the page that comes next."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from repair.decisions.ruling import Ruling, Scope, Verdict
from repair.document import Status
from review import actions
from review.actions import Refused
from review.answers import Answers, Asked, led_to, local, row_of
from review.index import question_key
from review.question import Question
from review.queue import Queue
from review.reading import LINES


class Writing:
    """The forms."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def decide(self, asked: Asked) -> Response:
        """Decide a question; the next one comes."""
        key, instead, within = asked.text("key"), asked.text("instead"), asked.text("within")
        with self._answers.room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            document, start = asked.text("document"), asked.number("start")
            question = queue.find(key, document, start)
            said = asked.text("verdict")
            if "candidate" in asked.fields and question is not None:
                number = asked.number("candidate")
                if not 0 < number < len(question.candidates):
                    raise Refused("Cette lecture n’est pas offerte ici.", "This reading is not offered here.")
                said, instead = Verdict.CORRECT.value, question.candidates[number].after
            elif said == "typed":  # Enter, without a button
                said = Verdict.CORRECT.value
            following = queue.steps(key, within).following if within else queue.beside(key, 1)
            ruling = actions.decide(
                desk,
                lambda: self._asked_at(key, document, start),
                Verdict(said) if said in set(Verdict) else Verdict.REVERSE,
                asked.text("scope") or Scope.HERE.value,
                instead,
                asked.text("why"),
            )
            if within:
                left = queue.steps(key, within).number > 0
            else:
                found = queue.find(key)
                left = found is not None and found.number > 0
            to = key if left else following or queue.first(within)
        if to:
            return led_to(f"/question/{to}", done=ruling.id, within=within)
        return led_to("/", done=ruling.id, document=within)

    def _asked_at(self, key: str, document: str, start: int) -> Question | None:
        """Return a question at one place; None where the release that is served now has it not."""
        with self._answers.room.queue() as queue:
            question = queue.find(key, document, start)
        if question is None or (question.place.document, question.place.start) != (document, start):
            return None
        return question

    def undo(self, asked: Asked) -> Response:
        """Take back all that one decided in one's last act; its question comes again."""
        with self._answers.room.desk(asked.curator.name, "") as (desk, queue):
            ruling = actions.take_back(desk, asked.text("id"), "", act=True)
            return self._back_to(ruling, queue, asked.text("within"))

    def _back_to(self, ruling: Ruling, queue: Queue, within: str) -> Response:
        key = question_key(ruling.before, ruling.after)
        place = {"document": ruling.document, "start": str(ruling.place.start)} if ruling.place else {}
        if queue.find(key) is not None and ruling.verdict not in (Verdict.LEAVE, Verdict.RELEASE):
            return led_to(f"/question/{key}", done=ruling.id, within=within, **place)
        if ruling.document:
            return led_to("/document", name=ruling.document, done=ruling.id)
        return led_to("/journal", done=ruling.id)

    def take_back(self, asked: Asked) -> Response:
        """Take a decision of the journal back."""
        with self._answers.room.desk(asked.curator.name, "") as (desk, _):
            actions.take_back(desk, asked.text("id"), asked.text("why"))
        return RedirectResponse(local(asked.text("back")), 303)

    def line(self, asked: Asked) -> Response:
        """Correct a line by hand."""
        with self._answers.room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            row = row_of(queue, asked)
            if row.status is Status.QUARANTINE:
                raise Refused("Ce document n’a pas de texte ici.", "This document has no text here.")
            text = self._answers.room.text(row)
            number = asked.number("line")
            written = actions.correct_line(
                desk,
                row,
                (text.reading, text.diplomatic),
                list(text.repairs),
                number,
                asked.text("was"),
                asked.text("now"),
                asked.text("why"),
            )
        first = max(0, number - LINES // 2)
        done = written[-1].id if written else ""
        return led_to("/document", f"#L{number}", name=row.name, from_=first or "", done=done)

    def leave(self, asked: Asked) -> Response:
        """Leave a document as read."""
        with self._answers.room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            row = row_of(queue, asked)
            ruling = actions.leave(desk, row, asked.text("why"))
        return led_to("/document", name=row.name, done=ruling.id)

    def release(self, asked: Asked) -> Response:
        """Publish a document in spite of what fails."""
        with self._answers.room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            row = row_of(queue, asked)
            ruling = actions.release(desk, row, asked.text("failing"), asked.text("why"))
        return led_to("/document", name=row.name, done=ruling.id)

    def send_again(self, asked: Asked) -> Response:
        """Send a document through again."""
        with self._answers.room.queue() as queue:
            row = row_of(queue, asked)
        if self._answers.again is None:
            raise Refused(
                "Ce bureau ne peut rien faire repasser.", "This desk can send nothing through again."
            )
        self._answers.room.start(row.name, row.profile or "", self._answers.again)
        return led_to("/document", name=row.name)

    def away(self, asked: Asked) -> Response:
        """Sign out."""
        response = RedirectResponse("/enter", 303)
        self._answers.sessions.close(response)
        return response
