"""What keeps the desk its curators' own: hosts, origins, sessions, forms, sizes, and the page's policy.

`Guard` wraps the application. A request for another host than the desk's own (DNS rebinding), a form from
another page than its own, or one that is too large, is answered before anybody reads it; every answer says
what its page may do.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.curators import Curator, Curators

LARGEST_FORM = 256 * 1024
"""Bytes: a line of text that is corrected by hand, coded as forms are."""
SESSION = 12 * 3600
"""Seconds that a session lasts."""
COOKIE = "prote-desk"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: browsers would send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class TooLarge(Exception):  # noqa: N818 - it is an answer
    """More comes than a form of ours may have."""


class Guard:
    """The application behind what every request must satisfy."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        """Guard an application.

        Args:
            app: it.
            hosts: what `Host` may say: name and port, as a browser has them in its address.
        """
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refuse(scope)
        if refused is not None:
            await refused(scope, receive, sent)
            return
        size = 0

        async def received() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST_FORM:
                raise TooLarge
            return message

        await self._app(scope, received, sent)

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return PlainTextResponse("This desk has another address.", 421)
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return PlainTextResponse("Not allowed.", 405, {"allow": "GET, HEAD, POST"})
        origin = urlsplit(headers.get("origin", ""))
        if origin.scheme not in ("http", "https") or origin.netloc.lower() != hosts[0].lower():
            return PlainTextResponse("This form was sent from another page than the desk's own.", 403)
        if headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return PlainTextResponse("Only forms are taken.", 415)
        length = headers.get("content-length", "")
        if not length.isascii() or not length.isdecimal():
            return PlainTextResponse("Say how long the form is.", 411)
        return too_large() if len(length) > 9 or int(length) > LARGEST_FORM else None


def too_large() -> Response:
    """Return the answer to what is too large."""
    return PlainTextResponse("This form is too large.", 413)


class Sessions:
    """Who is signed in: a signed cookie that names the curator's token, not the curator."""

    def __init__(self, secret: bytes, *, secure: bool) -> None:
        """Prepare.

        Args:
            secret: signs the cookies; another one ends all sessions.
            secure: whether the desk is seen by https, and the cookie never sent otherwise.
        """
        self._secret, self._secure = secret, secure
        self._signer = URLSafeTimedSerializer(secret, salt="prote-desk-session")

    def open(self, response: Response, curator: Curator) -> None:
        """Sign a curator in."""
        # The salt of his token: whoever was given another is signed out.
        value = self._signer.dumps([curator.id, curator.salt, secrets.token_hex(8)])
        response.set_cookie(
            COOKIE,
            str(value),
            max_age=SESSION,
            httponly=True,
            samesite="strict",
            secure=self._secure,
        )

    def close(self, response: Response) -> None:
        """Sign out."""
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)

    def curator(self, request: HTTPConnection, curators: Curators) -> Curator | None:
        """Return who is signed in."""
        try:
            identity, salt, _ = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=SESSION)
        except (BadSignature, ValueError, TypeError):
            return None
        curator = curators.by_id(identity)
        return curator if curator is not None and curator.salt == salt else None

    def form_token(self, request: HTTPConnection) -> str:
        """Return what a form of this session must carry."""
        cookie = request.cookies.get(COOKIE, "")
        return hmac.new(self._secret, b"form:" + cookie.encode(), hashlib.sha256).hexdigest()

    def form_is_ours(self, request: Request, token: str) -> bool:
        """Say whether a form is one that this session was served."""
        return hmac.compare_digest(self.form_token(request).encode(), token.encode())
