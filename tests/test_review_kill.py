"""Killed at any moment, the desk leaves each decision whole or not at all, and what it answered is true.

A run kills it some times; ``PROTE_KILLS=50`` so many.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from release_documents import publish
from review_desks import form, make_corpus, scopes

from repair.decisions.journal import Journal
from review.curators import new_curator
from review.index import question_key

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("PROTE_KILLS", "4"))

_SERVER = """
import socket, sys
from pathlib import Path
import uvicorn
from review.app import make_app
from review.curators import Curator, Curators
from review.room import Room
from review.security import Sessions
folder, number, *curator = sys.argv[1:]
listener = socket.socket(fileno=int(number))
room = Room(Path(folder, "clean"), Path(folder, "decisions.jsonl"))
host = "127.0.0.1:%d" % listener.getsockname()[1]
app = make_app(room, lambda: Curators((Curator(*curator),)), Sessions(b"of a test", secure=False), [host])
uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listener])
"""


class Browser:
    """One curator's browser, over a socket."""

    def __init__(self, port: int) -> None:
        self.host, self.cookie = f"127.0.0.1:{port}", ""

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(self.host, timeout=120)
        headers = {"cookie": self.cookie, "origin": f"http://{self.host}"}
        if fields is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, None if fields is None else urlencode(fields), headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        if set_to := answer.headers["set-cookie"]:
            self.cookie = set_to.partition(";")[0]
        return answer.status, answer.headers["location"] or "", page


def test_killed_in_the_middle_of_decisions(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    pairs = [(f"mot{n}e", f"mot{n}é") for n in range(60)]
    publish(make_corpus(2, pairs), tmp_path / "clean", versions={"prote": "1"})
    journal = Journal(tmp_path / "decisions.jsonl")
    curator, token = new_curator("Anne")
    told: set[str] = set()
    asked: set[tuple[str, str]] = set()
    unanswered = 0
    for _ in range(KILLS):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.set_inheritable(True)
        number, port = listener.fileno(), listener.getsockname()[1]
        who = (curator.name, curator.id, curator.salt, curator.hash)
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(tmp_path), str(number), *who],
            pass_fds=[number],
            cwd=Path(__file__).parents[1],
        )
        listener.close()
        try:
            browser = Browser(port)
            assert browser.send("POST", "/enter", {"key": token})[0] == 303
            killer, begin, spared = None, time.perf_counter(), len(told) + chance.randint(1, 3)
            answered = True
            while answered:
                if killer is None and len(told) == spared:
                    # From here on it may die at any moment of the next decisions.
                    each = (time.perf_counter() - begin) / 2
                    killer = threading.Timer(chance.uniform(0, each), server.send_signal, [signal.SIGKILL])
                    killer.start()
                before, after = chance.choice(pairs)
                try:
                    status, _, page = browser.send("GET", f"/question/{question_key(before, after)}")
                    if status != 200 or 'action="/decide"' not in page:
                        continue
                    answered = False
                    fields = {**form(page, "/decide"), "scope": scopes(page)[-1], "verdict": "accept"}
                    asked.add((before, after))
                    status, where, _ = browser.send("POST", "/decide", fields)
                    assert status == 303, page
                    told.add(re.search("done=([0-9a-f]{12})", where)[1])  # type: ignore[index]
                    answered = True
                except (OSError, http.client.HTTPException):
                    unanswered += not answered
                    break
            assert killer is not None
            killer.join()
        finally:
            server.kill()
            server.wait()
        # Each is there whole: the journal is read to its end, and holds all that was answered.
        rulings = journal.read()
        assert told <= {ruling.id for ruling in rulings}
        assert {(ruling.before, ruling.after) for ruling in rulings} <= asked
        assert len(rulings) - len(told) <= unanswered
        written = journal.path.read_bytes() if journal.path.exists() else b""
        assert len(written.splitlines()) == len(rulings)
    assert told
