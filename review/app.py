"""The desk as an application: which address is answered by what.

`make_app` puts it together from a room, the curators, and the callables that it is given: what draws a piece
of a page, and what sends a document through again. Pages are read with GET, decisions come with POST from a
form of the curator's own session, and are answered by a page that comes after the journal has them.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from repair.decisions.journal import DamagedJournal
from review.actions import Overtaken, Refused
from review.answers import Answers, Asked, Piece, local, onward
from review.curators import BadCurators, Curators
from review.pages import static
from review.reading import Reading
from review.room import Again, Room
from review.security import Guard, Sessions, TooLarge, too_large
from review.writing import Writing

_LOG = logging.getLogger(__name__)
FIELDS = 20
"""Of a form, at most."""
_REFUSALS = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le quota du disque est atteint",
    errno.EACCES: "l’accès est refusé",
    errno.EPERM: "l’accès est refusé",
    errno.EROFS: "le disque ne se laisse pas écrire",
    errno.ENOENT: "le fichier n’est plus là",
    errno.EIO: "le disque ne répond pas",
}
"""What systems refuse, in French."""

_Page = Callable[["Asked"], Response]


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
    return Guard(_Desk(Answers(room, curators, sessions, piece, again)).app(), hosts)


class _Desk:
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def app(self) -> ASGIApp:
        reading, writing = Reading(self._answers), Writing(self._answers)
        reads: dict[str, _Page] = {
            "/": reading.queue,
            "/question/{key}": reading.question,
            "/document": reading.document,
            "/documents": reading.documents,
            "/journal": reading.journal,
            "/piece": reading.draw,
            "/progress": reading.progress,
        }
        writes: dict[str, _Page] = {
            "/decide": writing.decide,
            "/undo": writing.undo,
            "/take-back": writing.take_back,
            "/line": writing.line,
            "/leave": writing.leave,
            "/release": writing.release,
            "/again": writing.send_again,
            "/away": writing.away,
        }
        routes = [
            Route("/static/{name}", _static),
            Route("/enter", self._enter),
            Route("/enter", self._sign_in, methods=["POST"]),
            Route("/language", self._language, methods=["POST"]),
            *(Route(path, self._reading(page)) for path, page in reads.items()),
            *(Route(path, self._writing(page), methods=["POST"]) for path, page in writes.items()),
        ]
        handlers = {
            404: self._not_found,
            500: self._fault,
            TooLarge: _too_large,
            BadCurators: self._closed,
        }
        return Starlette(routes=routes, exception_handlers=handlers)

    # Who asks, and with what.

    def _reading(self, page: _Page) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            curator = self._answers.who(request)
            if curator is None:
                return self._answers.sign_in_page(request, 401)
            fields = {**request.query_params, **request.path_params}
            return await run_in_threadpool(self._answered, page, Asked(request, curator, fields))

        return answer

    def _writing(self, page: _Page) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            fields = await _form(request)
            curator = self._answers.who(request)
            if curator is None:
                return self._answers.sign_in_page(request, 401)
            if not self._answers.sessions.form_is_ours(request, fields.get("token", "")):
                return self._answers.refused(
                    request,
                    Refused(
                        "Ce formulaire n’est pas de cette session : rien n’a été écrit.",
                        "This form is of another session: nothing was written.",
                    ),
                    403,
                )
            return await run_in_threadpool(self._answered, page, Asked(request, curator, fields))

        return answer

    def _answered(self, page: _Page, asked: Asked) -> Response:
        try:
            return page(asked)
        except Refused as refused:
            return self._answers.refused(asked.request, refused, 400, onward(asked))
        except Overtaken as overtaken:
            return self._answers.message(
                asked.request,
                409,
                ("C’est déjà décidé", "This is decided already"),
                (
                    "Cela touche à une décision : rien n’a été écrit. Reprenez-la d’abord, ou laissez-la.",
                    "This meets a decision: nothing was written. Take that back first, or let it stand.",
                ),
                overtaken.rulings,
                onward=onward(asked),
            )
        except BadCurators:
            raise
        except (OSError, ValueError) as fault:
            _LOG.error("%s", fault)
            fr, en = _told(fault)
            return self._answers.message(
                asked.request,
                500,
                ("Cela n’a pas abouti", "This did not succeed"),
                (f"Rien n’a été écrit. {fr}", f"Nothing was written: {en}"),
            )

    async def _not_found(self, request: Request, _: Exception) -> Response:
        said = ("Il n’y a rien à cette adresse.", "There is nothing at this address.")
        return self._answers.message(request, 404, ("Introuvable", "Not found"), said)

    async def _fault(self, request: Request, _: Exception) -> Response:
        said = (
            "Le bureau a rencontré un défaut ; le journal n’a que ce qui y est écrit entier.",
            "The desk met a fault; the journal has only what is written whole.",
        )
        return self._answers.message(request, 500, ("Cela n’a pas abouti", "This did not succeed"), said)

    async def _closed(self, request: Request, bad: Exception) -> Response:
        assert isinstance(bad, BadCurators)  # noqa: S101 - what it is registered for
        return self._answers.closed(request, bad)

    # Coming in.

    async def _enter(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        # Not from a link on another site's page: whoever follows it would decide under another's name.
        if token and request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
            return await run_in_threadpool(self._admit, request, token)
        return self._answers.sign_in_page(request, 200)

    async def _sign_in(self, request: Request) -> Response:
        fields = await _form(request)
        return await run_in_threadpool(self._admit, request, fields.get("key", ""))

    def _admit(self, request: Request, token: str) -> Response:
        curator = self._answers.curators().by_token(token)
        if curator is None:
            return self._answers.sign_in_page(request, 403, failed=True)
        response = RedirectResponse("/", 303)
        self._answers.sessions.open(response, curator)
        return response

    async def _language(self, request: Request) -> Response:
        fields = await _form(request)
        response = RedirectResponse(local(fields.get("back", "/")), 303)
        language = "en" if fields.get("language") == "en" else "fr"
        response.set_cookie("prote-language", language, max_age=365 * 86400, samesite="strict", httponly=True)
        return response


def _told(fault: OSError | ValueError) -> tuple[str, str]:
    """Return what went wrong, in both languages; what a library says is English in both."""
    if isinstance(fault, DamagedJournal):
        return fault.fr, str(fault)
    if isinstance(fault, OSError) and fault.errno is not None:
        why = _REFUSALS.get(fault.errno, f"erreur {fault.errno} du système")
        return (
            f"{fault.filename or 'Le disque'} : {why}.",
            f"{fault.filename or 'the disk'}: {fault.strerror}",
        )
    return f"Le bureau n’a pas pu : {fault}", str(fault)


async def _too_large(_: Request, __: Exception) -> Response:
    return too_large()


async def _form(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _static(request: Request) -> Response:
    found = static().get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    content, kind = found
    return Response(content, media_type=kind, headers={"cache-control": "private, max-age=600"})
