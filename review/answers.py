"""What every answer of the desk is made with: who asks, the page's frame, what is said of what cannot be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from release.rows import DocumentRow
from repair.decisions.ruling import Ruling
from repair.layout import PageBox
from review.actions import Refused
from review.curators import BadCurators, Curator, Curators
from review.pages import address, render
from review.queue import Queue
from review.room import Again, Room
from review.security import Sessions

_LOG = logging.getLogger(__name__)
Piece = Callable[[str, str, Sequence[PageBox]], bytes | None]
"""Draws what the page shows around some boxes: path and sha256 of the raw file, boxes; a PNG, or None."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a curator: what it asks with, in its address or its form."""

    request: Request
    curator: Curator
    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a field as it came; empty where it did not."""
        return self.fields.get(name, "")

    def number(self, name: str) -> int:
        """Return a field that is a number; 0 where it is none."""
        said = self.text(name)
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


class Answers:
    """What the desk was put together from, and what all its answers share."""

    def __init__(
        self,
        room: Room,
        curators: Callable[[], Curators],
        sessions: Sessions,
        piece: Piece | None,
        again: Again | None,
    ) -> None:
        self.room, self.curators, self.sessions = room, curators, sessions
        self.piece, self.again = piece, again

    def who(self, request: Request) -> Curator | None:
        """Return the curator who asks."""
        return self.sessions.curator(request, self.curators())

    def show(self, request: Request, template: str, status: int = 200, **view: object) -> Response:
        """Return a page, as whoever asks is to see it."""
        try:
            curator = self.who(request)
        except BadCurators as bad:
            return self.closed(request, bad)
        return self._page(request, template, status, curator, **view)

    def closed(self, request: Request, bad: BadCurators) -> Response:
        """Return the page that says why nobody can be let in."""
        _LOG.error("%s", bad)
        title = {"title_fr": "Le bureau est fermé", "title_en": "The desk is closed"}
        told = {"fr": bad.fr, "en": bad.en, "rulings": (), "onward": "/"}
        return self._page(request, "message", 503, None, **title, **told)

    def _page(
        self, request: Request, template: str, status: int, curator: Curator | None, **view: object
    ) -> Response:
        english = request.cookies.get("prote-language") == "en"
        path = request.url.path if request.method == "GET" else "/"
        query = request.url.query if request.method == "GET" else ""
        common = {
            "english": english,
            "who": curator.name if curator else "",
            "token": self.sessions.form_token(request),
            "back": f"{path}?{query}" if query and path != "/enter" else path,
            "release": self.room.release if curator else "",
            "coming": bool(curator) and self.room.coming,
            "conflicts": 0,
            "at": "",
        }
        return HTMLResponse(render(template, **(common | view)), status)

    def sign_in_page(self, request: Request, status: int, *, failed: bool = False) -> Response:
        """Return the page that asks for a token."""
        return self.show(request, "enter", status, failed=failed)

    def message(
        self,
        request: Request,
        status: int,
        title: tuple[str, str],
        said: tuple[str, str],
        rulings: Sequence[Ruling] = (),
        onward: str = "/",
    ) -> Response:
        """Return a page that says what is the matter, and leads on."""
        return self.show(
            request,
            "message",
            status,
            title_fr=title[0],
            title_en=title[1],
            fr=said[0],
            en=said[1],
            rulings=rulings,
            onward=onward,
        )

    def refused(self, request: Request, refused: Refused, status: int, onward: str = "/") -> Response:
        """Return the page that says what cannot be."""
        title = ("Cela ne peut pas être", "This cannot be")
        return self.message(request, status, title, (refused.fr, refused.en), onward=onward)

    def done(self, asked: Asked) -> dict[str, object]:
        """Return the decision that the page before has just written, as the journal has it."""
        ruling = self.room.record.rulings.get(asked.text("done"))
        mine = ruling is not None and self.room.record.in_force(ruling)
        return {"ruling": ruling, "ruling_mine": mine}


def onward(asked: Asked) -> str:
    """Return where one goes on from what cannot be: where the form was, else the queue."""
    if asked.request.method == "POST" and (key := asked.text("key")).isalnum():
        return address(
            f"/question/{key}",
            document=asked.text("document"),
            start=asked.text("start"),
            within=asked.text("within"),
        )
    if asked.request.method == "POST" and asked.text("name"):
        return address("/document", name=asked.text("name"))
    return "/"


def row_of(queue: Queue, asked: Asked) -> DocumentRow:
    """Return the row of the document that is asked for.

    Raises:
        Refused: if there is none.
    """
    row = queue.document(asked.text("name"))
    if row is None:
        raise Refused(
            "La version en cours n’a pas de document de ce nom.", "The current release has no such document."
        )
    return row


def led_to(path: str, anchor: str = "", **asked: object) -> Response:
    """Lead to another page."""
    return RedirectResponse(quote(address(path, **asked), safe="/?&=%+:#") + anchor, 303)


def local(path: str) -> str:
    """Return an address if it is one of the desk's own; never one that leads elsewhere."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    # What begins with one slash names no host, so there is none that `urlsplit` could refuse.
    return quote(path, safe="/?&=%+:#") if ours and urlsplit(path).path != "/enter" else "/"
