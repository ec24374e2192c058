"""`python -m bench --only desk`: the curators' desk over a queue of a hundred thousand doubtful edits.

A release of documents that are drawn by chance, with the doubts of a large corpus: a few words stand in
thousands of places, most in one or two. A desk serves it over a socket of this machine; a browser that keeps
its connection asks for the queue, a question, and decides. Beside it what a plain reader of the tables takes:
all edits into memory, grouped and ranked anew for each page.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import secrets
import shutil
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from release.columns import EDITS
from release.ledger import line_spans
from release.publish import publish
from release.rows import LedgerRow
from release.tables import read_figures
from release.writing import Item
from repair.document import Document, Outcome, Paragraph, Quality, Reading, Source, Status
from repair.edits import Decision, Edit, Evidence, Kind

DOUBTS = 100_000
DOCUMENTS = 1_000
DECISIONS = 200
_WORDS = 20_000
"""Different words that are in doubt; how often each stands follows Zipf's law."""


@dataclass(frozen=True, slots=True)
class Served:
    """What was measured; times in seconds, of requests those of the median and of the slowest.

    Attributes:
        doubts: places in the queue.
        questions: what they are grouped to.
        index: making the index of the release.
        opened: opening a desk whose index is there.
        queue: the first page of the queue.
        question: the page of a question.
        decision: from a key to the answer, the journal on the disk.
        worked: of the processor for one decision, on average.
        plain: the same first page from the tables alone.
        size: of the index, in bytes.
    """

    doubts: int
    questions: int
    index: float
    opened: float
    queue: tuple[float, float]
    question: tuple[float, float]
    decision: tuple[float, float]
    worked: float
    plain: float
    size: int


def measure(folder: Path, say: Callable[[str], None], doubts: int = DOUBTS) -> Served:
    """Publish a release with so many doubts, serve it, and ask.

    Args:
        folder: to work in; it goes afterwards.
        say: told how far it is.
        doubts: doubtful edits.
    """
    import uvicorn

    from review.app import make_app
    from review.curators import Curators, new_curator
    from review.index import open_index
    from review.room import FOLDER, Room
    from review.security import Sessions

    shutil.rmtree(folder, ignore_errors=True)
    clean = folder / "clean"
    say(f"publishing {doubts:,} doubtful edits")
    release = publish(items(doubts), clean, versions={"bench": "1"})
    index, made = timed(lambda: open_index(release.data, clean / FOLDER, release.id))
    opened, room = timed(lambda: Room(clean, folder / "decisions.jsonl"))
    curator, token = new_curator("bench")
    listener = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    app = make_app(room, lambda: Curators((curator,)), Sessions(secrets.token_bytes(), secure=False), [host])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    browser = _Browser(host)
    browser.send("POST", "/enter", {"key": token})
    say("asking")
    queue = spread([timed(lambda: browser.send("GET", "/"))[0] for _ in range(50)])
    with room.queue() as asked:
        questions, places, _ = asked.totals()
        keys = [line.key for line in asked.page(0, DECISIONS)]
    pages = [timed(lambda key=key: browser.send("GET", f"/question/{key}")) for key in keys]  # type: ignore[misc]
    begin = time.process_time()
    decided = [timed(lambda page=page: browser.decide(page))[0] for _, (_, page) in pages]  # type: ignore[misc]
    worked = (time.process_time() - begin) / len(decided)
    server.should_exit = True
    if len(room.record.rulings) != len(keys):
        raise RuntimeError("the journal has not all decisions")
    say("reading the tables into memory")
    plain, _ = timed(lambda: _plainly(release.data))
    size = made.stat().st_size
    shutil.rmtree(folder, ignore_errors=True)
    return Served(
        places,
        questions,
        index,
        opened,
        queue,
        spread([took for took, _ in pages]),
        spread(decided),
        worked,
        plain,
        size,
    )


class _Browser:
    def __init__(self, host: str) -> None:
        self._host, self._cookie = host, ""
        self._connection = http.client.HTTPConnection(host)

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"origin": f"http://{self._host}", "cookie": self._cookie}
        if fields is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, None if fields is None else urlencode(fields), headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        if cookie := answer.headers["set-cookie"]:
            self._cookie = cookie.partition(";")[0]
        if answer.status >= 400:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        return answer.status, page

    def decide(self, page: str) -> None:
        """Press the key: the decision, and the answer that it is written."""
        form = page[page.index('action="/decide"') :]
        fields = {name: unescape(value) for name, value in _HIDDEN.findall(form[: form.index("</form>")])}
        chosen = re.search(r'name="scope" value="([^"]*)"[^>]*checked', form)
        # The page was served before the decisions on other words; that hinders none.
        self.send(
            "POST", "/decide", {**fields, "scope": chosen[1] if chosen else "here", "verdict": "accept"}
        )


_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def timed(work: Callable[[], object]):  # type: ignore[no-untyped-def]
    """Return how many seconds something takes, and what it returns."""
    begin = time.perf_counter()
    done = work()
    return time.perf_counter() - begin, done


def spread(times: list[float]) -> tuple[float, float]:
    """Return the median and the slowest of some times."""
    return sorted(times)[len(times) // 2], max(times)


def _plainly(data: Path) -> list[tuple[float, tuple[str, str]]]:
    """Return the first page as a plain reader finds it: no index, all edits in memory."""
    values: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in read_figures(data, EDITS, LedgerRow):
        if row.decision is Decision.REVIEW:
            values[row.before, row.after] += row.probability
    return sorted(((value, pair) for pair, value in values.items()), reverse=True)[:50]


def items(doubts: int, documents: int = DOCUMENTS) -> list[Item]:
    """Return documents of some lines each, with so many doubtful edits in all."""
    chance = random.Random(1)  # noqa: S311 - no secret
    letters = "abcdefghilmnoprstuv"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(_WORDS)]
    weights = [1 / (rank + 10) for rank in range(_WORDS)]
    drawn = chance.choices(range(_WORDS), weights, k=doubts)
    each = -(-doubts // documents)
    return [_item(number, drawn[number * each : (number + 1) * each], words) for number in range(documents)]


def _item(number: int, drawn: list[int], words: list[str]) -> Item:
    source = Source(
        f"acte-{number:05}", f"lois/{number % 20}/acte-{number:05}.txt", sha256(b"").hexdigest(), 0
    )

    def outcome() -> Outcome:
        parts, edits, start = [], [], 0
        for rank in drawn:
            left, word = "Il est dit à l’article suivant que ", words[rank]
            start += len(left)
            evidence = (Evidence("lexicon", f"{word} is no word", 2.5), Evidence("language model", "", 1.5))
            for decision in (Decision.REVIEW, Decision.LEFT):
                after = word + ("é" if decision is Decision.REVIEW else "è")
                edits.append(
                    Edit(start, start + len(word), word, after, Kind.REPAIR, "bench", 0.6, decision, evidence)
                )
            parts += [left, word, " demeure en vigueur.\n"]
            start += len(word) + len(parts[-1])
        text = "".join(parts)
        quality = Quality(len(text.split()), 0, 0.0, "fr")
        blocks = tuple(
            Paragraph("paragraph", "", text[low:high], text[low:high], 1, low, high)
            for low, high, _ in line_spans(text)
        )
        document = Document(
            *(source, Reading(text), "onu", tuple(edits), (), (), text, text, blocks, (), quality, quality)
        )
        return Outcome(source, Status.PUBLISHED, (), document)

    return Item(source, f"{number}", outcome)


def part(heading: str, found: Served) -> str:
    """Return the part of the page."""
    from bench.page import markdown

    rows = [
        ("first page of the queue", _both(found.queue), "300 ms"),
        ("page of a question", _both(found.question), ""),
        ("a decision, on the disk and answered", _both(found.decision), "100 ms"),
        ("processor for a decision and its answer", f"{1000 * found.worked:.0f} ms", ""),
        ("the first page from the tables alone, all edits in memory", f"{1000 * found.plain:,.0f} ms", ""),
        ("making the index of the release, once", f"{found.index:.1f} s, {found.size / 1e6:.0f} MB", ""),
        ("opening the desk where it is there", f"{found.opened:.1f} s", ""),
    ]
    told = f"{found.doubts:,} doubtful places, {found.questions:,} questions. Median (slowest)."
    return f"# The curators’ desk\n\n{heading}\n{told}\n\n{markdown(('measure', 'value', 'must'), rows)}\n"


def _both(times: tuple[float, float]) -> str:
    return f"{1000 * times[0]:.0f} ms ({1000 * times[1]:.0f})"


if __name__ == "__main__":
    folder = Path(os.environ.get("TMPDIR", "/tmp"), f"prote-desk-{os.getpid()}")  # noqa: S108
    print(part("", measure(folder, lambda what: print(what, file=sys.stderr))))
