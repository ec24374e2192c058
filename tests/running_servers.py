"""Servers that notifications are sent to: one for webhooks, one for mail, each in a thread of the tests."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def webhook_server(answers: int = 200) -> Iterator[tuple[int, list[tuple[str, dict[str, Any]]]]]:
    """Give the port of a web server, and the paths and bodies of what was posted to it."""
    heard: list[tuple[str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(answers)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server, _served(server):
        yield server.server_address[1], heard


@contextmanager
def mail_server() -> Iterator[tuple[int, list[EmailMessage]]]:
    """Give the port of a mail server that takes any password, and the mails that it took."""
    mails: list[EmailMessage] = []

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 tests")
            while line := self.rfile.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"EHLO":
                    self.say("250-tests")
                    self.say("250-8BITMIME")
                    self.say("250-SMTPUTF8")
                    self.say("250 AUTH PLAIN")
                elif verb == b"AUTH":
                    self.say("235 welcome")
                elif verb == b"DATA":
                    self.say("354 go on")
                    mails.append(message_from_bytes(b"".join(self.lines()), policy=policy.default))
                    self.say("250 taken")
                elif verb == b"QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def lines(self) -> Iterator[bytes]:
            while (line := self.rfile.readline()) != b".\r\n":
                yield line.removeprefix(b".")

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server, _served(server):
        yield server.server_address[1], mails
