"""The desk as an application: which address is answered by what.

`make_app` puts it together from a room, the curators, and the callables that it is given: what draws a piece
of a page, and what sends a document through again. Pages are read with GET, decisions come with POST from a
form of the curator's own session, and are answered by a page that comes after the journal has them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from release.ledger import line_spans
from release.rows import DocumentRow
from repair.decisions.ruling import Ruling, Scope, Verdict, conflicts
from repair.document import Status
from repair.edits import OffsetMap
from repair.layout import PageBox
from review import actions
from review.actions import Overtaken, Refused
from review.curators import Curator, Curators
from review.index import question_key
from review.pages import address, render, static
from review.question import Question
from review.queue import Queue
from review.room import Again, Room
from review.security import Guard, Sessions, TooLarge, too_large

LINES = 120
"""Lines of a document on a page."""
LISTED = 50
"""Questions, documents or decisions on a page."""
FIELDS = 20

Piece = Callable[[str, str, Sequence[PageBox]], bytes | None]
"""Draws what the page shows around some boxes: path and sha256 of the raw file, boxes; a PNG, or None."""

_Page = Callable[["_Asked"], Response]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request of a curator: what it asks with, in its address or its form."""

    request: Request
    curator: Curator
    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        said = self.text(name)
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


def make_app(
    room: Room,
    curators: Callable[[], Curators],
    sessions: Sessions,
    hosts: Sequence[str],
    *,
    piece: Piece | None = None,
    again: Again | None = None,
) -> ASGIApp:
    """Return the desk.

    Args:
        room: what it serves.
        curators: gives those who may enter, as they are now.
        sessions: who is signed in.
        hosts: names and ports under which browsers know it.
        piece: draws pieces of pages; None where there are no pictures.
        again: sends a document through again; None where nobody can.
    """
    return Guard(_Desk(room, curators, sessions, piece, again).app(), hosts)


class _Desk:
    def __init__(
        self,
        room: Room,
        curators: Callable[[], Curators],
        sessions: Sessions,
        piece: Piece | None,
        again: Again | None,
    ) -> None:
        self._room, self._curators, self._sessions = room, curators, sessions
        self._piece, self._again = piece, again

    def app(self) -> ASGIApp:
        reads: dict[str, _Page] = {
            "/": self._queue,
            "/question/{key}": self._question,
            "/document": self._document,
            "/documents": self._documents,
            "/journal": self._journal,
            "/piece": self._draw,
            "/progress": self._progress,
        }
        writes: dict[str, _Page] = {
            "/decide": self._decide,
            "/undo": self._undo,
            "/take-back": self._take_back,
            "/line": self._line,
            "/leave": self._leave,
            "/release": self._release,
            "/again": self._send_again,
            "/away": self._away,
        }
        routes = [
            Route("/static/{name}", _static),
            Route("/enter", self._enter),
            Route("/enter", self._sign_in, methods=["POST"]),
            Route("/language", self._language, methods=["POST"]),
            *(Route(path, self._reading(page)) for path, page in reads.items()),
            *(Route(path, self._writing(page), methods=["POST"]) for path, page in writes.items()),
        ]
        handlers = {404: self._not_found, 500: self._fault, TooLarge: _too_large}
        return Starlette(routes=routes, exception_handlers=handlers)

    # Who asks, and with what.

    def _reading(self, page: _Page) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            curator = self._who(request)
            if curator is None:
                return self._sign_in_page(request, 401)
            fields = {**request.query_params, **request.path_params}
            return await run_in_threadpool(self._answered, page, _Asked(request, curator, fields))

        return answer

    def _writing(self, page: _Page) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            fields = await _form(request)
            curator = self._who(request)
            if curator is None:
                return self._sign_in_page(request, 401)
            if not self._sessions.form_is_ours(request, fields.get("token", "")):
                return self._refused(
                    request,
                    Refused(
                        "Ce formulaire n’est pas de cette session : rien n’a été écrit.",
                        "This form is of another session: nothing was written.",
                    ),
                    403,
                )
            return await run_in_threadpool(self._answered, page, _Asked(request, curator, fields))

        return answer

    def _answered(self, page: _Page, asked: _Asked) -> Response:
        try:
            return page(asked)
        except Refused as refused:
            return self._refused(asked.request, refused, 400)
        except Overtaken as overtaken:
            return self._message(
                asked.request,
                409,
                ("Décidé entre-temps", "Decided meanwhile"),
                (
                    "Quelqu’un a décidé de cela depuis que votre page est affichée. Rien n’a été écrit.",
                    "Somebody has decided this since your page was shown. Nothing was written.",
                ),
                overtaken.rulings,
            )
        except (OSError, ValueError) as fault:
            return self._message(
                asked.request,
                500,
                ("Cela n’a pas abouti", "This did not succeed"),
                (f"Rien n’a été écrit : {fault}", f"Nothing was written: {fault}"),
            )

    def _who(self, request: Request) -> Curator | None:
        return self._sessions.curator(request, self._curators())

    # Pages.

    def _show(self, request: Request, template: str, status: int = 200, **view: object) -> Response:
        curator = self._who(request)
        english = request.cookies.get("prote-language") == "en"
        path = request.url.path if request.method == "GET" else "/"
        query = request.url.query if request.method == "GET" else ""
        common = {
            "english": english,
            "who": curator.name if curator else "",
            "token": self._sessions.form_token(request),
            "back": f"{path}?{query}" if query and path != "/enter" else path,
            "release": self._room.release if curator else "",
            "coming": bool(curator) and self._room.coming,
            "conflicts": 0,
            "at": "",
        }
        return HTMLResponse(render(template, **(common | view)), status)

    def _sign_in_page(self, request: Request, status: int, *, failed: bool = False) -> Response:
        return self._show(request, "enter", status, failed=failed)

    def _message(
        self,
        request: Request,
        status: int,
        title: tuple[str, str],
        said: tuple[str, str],
        rulings: Sequence[Ruling] = (),
    ) -> Response:
        return self._show(
            request,
            "message",
            status,
            title_fr=title[0],
            title_en=title[1],
            fr=said[0],
            en=said[1],
            rulings=rulings,
            onward="/",
        )

    def _refused(self, request: Request, refused: Refused, status: int) -> Response:
        title = ("Cela ne peut pas être", "This cannot be")
        return self._message(request, status, title, (refused.fr, refused.en))

    async def _not_found(self, request: Request, _: Exception) -> Response:
        said = ("Il n’y a rien à cette adresse.", "There is nothing at this address.")
        return self._message(request, 404, ("Introuvable", "Not found"), said)

    async def _fault(self, request: Request, _: Exception) -> Response:
        said = (
            "Le bureau a rencontré une faute ; le journal n’a que ce qui y est écrit entier.",
            "The desk met a fault; the journal has only what is written whole.",
        )
        return self._message(request, 500, ("Cela n’a pas abouti", "This did not succeed"), said)

    def _done(self, asked: _Asked) -> dict[str, object]:
        """Return the decision that the page before has just written, as the journal has it."""
        ruling = self._room.record.rulings.get(asked.text("done"))
        mine = ruling is not None and self._room.record.in_force(ruling)
        return {"ruling": ruling, "ruling_mine": mine}

    def _queue(self, asked: _Asked) -> Response:
        first, document = asked.number("from"), asked.text("document")
        with self._room.queue() as queue:
            lines = queue.page(first, LISTED + 1, document)
            return self._show(
                asked.request,
                "queue",
                at="queue",
                lines=lines[:LISTED],
                last=len(lines) <= LISTED,
                first=first,
                count=LISTED,
                document=document,
                totals=queue.totals(),
                **self._done(asked),
            )

    def _question(self, asked: _Asked) -> Response:
        with self._room.queue() as queue:
            key = asked.text("key")
            question = queue.find(
                key, asked.text("document"), asked.number("start") if asked.text("start") else -1
            )
            if question is None:
                return RedirectResponse("/", 303)
            return self._show(
                asked.request,
                "question",
                at="queue",
                asked=question,
                conflict=bool(conflicts(question.ruled)),
                totals=queue.totals(),
                previous=queue.beside(key, -1),
                following=queue.beside(key, 1),
                seen=self._room.record.last,
                undo=self._room.record.last_of(asked.curator.name),
                pictures=self._piece is not None,
                **self._done(asked),
            )

    def _documents(self, asked: _Asked) -> Response:
        first, wanted = asked.number("from"), asked.text("wanted")
        with self._room.queue() as queue:
            rows = queue.documents(first, LISTED + 1, wanted)
        return self._show(
            asked.request,
            "documents",
            at="documents",
            rows=rows[:LISTED],
            last=len(rows) <= LISTED,
            first=first,
            count=LISTED,
            wanted=wanted,
        )

    def _document(self, asked: _Asked) -> Response:
        with self._room.queue() as queue:
            row = _row(queue, asked)
            doubts = len(queue.page(0, LISTED, row.name))
            rulings = queue.rulings_of(row.name)
            released = [
                ruling
                for ruling in self._room.record.of_document(row.name)
                if ruling.verdict is Verdict.RELEASE
            ]
            view = (
                self._lines(asked, row, rulings) if row.status is not Status.QUARANTINE else {"lines": None}
            )
            return self._show(
                asked.request,
                "document",
                at="documents",
                row=row,
                doubts=doubts,
                left=[ruling for ruling in rulings if ruling.verdict is Verdict.LEAVE],
                released=released,
                work=self._room.work(row.name),
                again=self._again is not None,
                seen=self._room.record.last,
                **view,
                **self._done(asked),
            )

    def _lines(self, asked: _Asked, row: DocumentRow, rulings: Sequence[Ruling]) -> dict[str, object]:
        text = self._room.text(row)
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

    def _journal(self, asked: _Asked) -> Response:
        first = asked.number("from")
        with self._room.queue():
            record = self._room.record
            rulings = list(record.rulings.values())[::-1]
            some = rulings[first : first + LISTED]
            return self._show(
                asked.request,
                "journal",
                at="journal",
                entries=[(ruling, record.reversals.get(ruling.id)) for ruling in some],
                disputes=conflicts(ruling for ruling in rulings if record.in_force(ruling))[:LISTED],
                total=len(rulings),
                first=first,
                count=LISTED,
                last=first + LISTED >= len(rulings),
                **self._done(asked),
            )

    def _draw(self, asked: _Asked) -> Response:
        with self._room.queue() as queue:
            question = queue.find(asked.text("key"), asked.text("document"), asked.number("start"))
            row = queue.document(question.place.document) if question else None
        made = None
        if question is not None and row is not None and self._piece is not None and question.place.boxes:
            made = self._piece(row.path, row.sha256, question.place.boxes)
        if made is None:
            return Response(status_code=404)
        return Response(made, media_type="image/png")

    def _progress(self, asked: _Asked) -> Response:
        work = self._room.work(asked.text("name"))
        if work is None:
            return JSONResponse({"working": False})
        return JSONResponse({"working": work.said is None, "done": work.done, "total": work.total})

    # Actions.

    def _decide(self, asked: _Asked) -> Response:
        key, instead = asked.text("key"), asked.text("instead")
        with self._room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
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
            following = queue.beside(key, 1)
            ruling = actions.decide(
                desk,
                lambda: self._asked_at(key, document, start),
                Verdict(said) if said in set(Verdict) else Verdict.REVERSE,
                asked.text("scope") or Scope.HERE.value,
                instead,
                asked.text("why"),
            )
            left = queue.find(key)
            to = key if left is not None and left.number else following or queue.first()
        return _to(f"/question/{to}" if to else "/", done=ruling.id)

    def _asked_at(self, key: str, document: str, start: int) -> Question | None:
        """Return a question at one place; None where the release that is served now has it not."""
        with self._room.queue() as queue:
            question = queue.find(key, document, start)
        if question is None or (question.place.document, question.place.start) != (document, start):
            return None
        return question

    def _undo(self, asked: _Asked) -> Response:
        with self._room.desk(asked.curator.name, "") as (desk, queue):
            ruling = actions.take_back(desk, asked.text("id"), "")
            return self._back_to(ruling, queue)

    def _back_to(self, ruling: Ruling, queue: Queue) -> Response:
        key = question_key(ruling.before, ruling.after)
        place = {"document": ruling.document, "start": str(ruling.place.start)} if ruling.place else {}
        if queue.find(key) is not None and ruling.verdict not in (Verdict.LEAVE, Verdict.RELEASE):
            return _to(f"/question/{key}", done=ruling.id, **place)
        if ruling.document:
            return _to("/document", name=ruling.document, done=ruling.id)
        return _to("/journal", done=ruling.id)

    def _take_back(self, asked: _Asked) -> Response:
        with self._room.desk(asked.curator.name, "") as (desk, _):
            actions.take_back(desk, asked.text("id"), asked.text("why"))
        return RedirectResponse(_local(asked.text("back")), 303)

    def _line(self, asked: _Asked) -> Response:
        with self._room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            row = _row(queue, asked)
            if row.status is Status.QUARANTINE:
                raise Refused("Ce document n’a pas de texte ici.", "This document has no text here.")
            text = self._room.text(row)
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
        return _to("/document", f"#L{number}", name=row.name, from_=first or "", done=done)

    def _leave(self, asked: _Asked) -> Response:
        with self._room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            row = _row(queue, asked)
            ruling = actions.leave(desk, row, asked.text("why"))
        return _to("/document", name=row.name, done=ruling.id)

    def _release(self, asked: _Asked) -> Response:
        with self._room.desk(asked.curator.name, asked.text("seen")) as (desk, queue):
            row = _row(queue, asked)
            ruling = actions.release(desk, row, asked.text("why"))
        return _to("/document", name=row.name, done=ruling.id)

    def _send_again(self, asked: _Asked) -> Response:
        with self._room.queue() as queue:
            row = _row(queue, asked)
        if self._again is None:
            raise Refused(
                "Ce bureau ne peut rien faire repasser.", "This desk can send nothing through again."
            )
        self._room.start(row.name, self._again)
        return _to("/document", name=row.name)

    def _away(self, asked: _Asked) -> Response:
        response = RedirectResponse("/enter", 303)
        self._sessions.close(response)
        return response

    # Coming in.

    async def _enter(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        if token:
            return await run_in_threadpool(self._admit, request, token)
        return self._sign_in_page(request, 200)

    async def _sign_in(self, request: Request) -> Response:
        fields = await _form(request)
        return await run_in_threadpool(self._admit, request, fields.get("key", ""))

    def _admit(self, request: Request, token: str) -> Response:
        curator = self._curators().by_token(token)
        if curator is None:
            return self._sign_in_page(request, 403, failed=True)
        response = RedirectResponse("/", 303)
        self._sessions.open(response, curator)
        return response

    async def _language(self, request: Request) -> Response:
        fields = await _form(request)
        response = RedirectResponse(_local(fields.get("back", "/")), 303)
        language = "en" if fields.get("language") == "en" else "fr"
        response.set_cookie("prote-language", language, max_age=365 * 86400, samesite="strict", httponly=True)
        return response


async def _too_large(_: Request, __: Exception) -> Response:
    return too_large()


async def _form(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _row(queue: Queue, asked: _Asked) -> DocumentRow:
    row = queue.document(asked.text("name"))
    if row is None:
        raise Refused(
            "La version en cours n’a pas de document de ce nom.", "The current release has no such document."
        )
    return row


async def _static(request: Request) -> Response:
    found = static().get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    content, kind = found
    return Response(content, media_type=kind, headers={"cache-control": "private, max-age=600"})


def _can_be_typed(line: str) -> bool:
    """Say whether a browser gives a line back as it was: no signs that fields drop or mend."""
    return len(line) <= actions.LONGEST_LINE and not any(sign < " " and sign != "\t" for sign in line)


def _to(path: str, anchor: str = "", **asked: object) -> Response:
    return RedirectResponse(quote(address(path, **asked), safe="/?&=%+:#") + anchor, 303)


def _local(path: str) -> str:
    """Return an address if it is one of the desk's own; never one that leads elsewhere."""
    parts = urlsplit(path)
    ours = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and not parts.netloc
        and path.isprintable()
    )
    return quote(path, safe="/?&=%+:#") if ours and parts.path != "/enter" else "/"
