"""`python -m bench --only report`: the report of a large release, as Debian's Chromium shows it.

Releases of small documents are published: how long do the sums and the first page of their report take to
make, how long until a browser that opens it from the disk can be used, and how long from a keystroke in the
filter, or on the head of a column, to what it leaves on the screen? What publishing long documents takes is
measured by `bench.releases`.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.desk import items, spread, timed
from release.layout import REPORT
from release.ledger import read_documents
from release.pages.corpus import ROWS_SHOWN, corpus_page
from release.publish import publish
from release.sums import sums

SIZES = (1_000, 10_000)
DOUBTS_EACH = 3
CHROMIUM = Path("/usr/bin/chromium")
WANTED = "acte-0123"
"""What is written into the filter, and taken out again, key by key."""

# What an event changes is on the screen when the task after the next frame runs.
_PAINTED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
_TYPED = f"""async (words) => {{
  const field = document.getElementById("wanted"), begin = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input", {{ bubbles: true }}));
  await {_PAINTED};
  return performance.now() - begin;
}}"""
_SORTED = f"""async (column) => {{
  const begin = performance.now();
  document.querySelectorAll("#documents thead button")[column].click();
  await {_PAINTED};
  return performance.now() - begin;
}}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was measured of one size; times in seconds, of a browser those of the median and of the slowest.

    Attributes:
        documents: of the release.
        published: publishing it.
        made: the sums and the first page of its report.
        size: of the first page, in bytes.
        usable: from the address to a page whose filter has run.
        filtered: from a keystroke in the filter to what it leaves.
        sorted: from a press on a column's head to its order.
    """

    documents: int
    published: float
    made: float
    size: int
    usable: tuple[float, float]
    filtered: tuple[float, float]
    sorted: tuple[float, float]


def measure(folder: Path, say: Callable[[str], None], sizes: tuple[int, ...] = SIZES) -> list[Shown]:
    """Publish releases of some sizes, and look at their reports.

    Args:
        folder: to work in; it goes afterwards.
        say: told how far it is.
        sizes: numbers of documents.
    """
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for documents in sizes:
            shutil.rmtree(folder, ignore_errors=True)
            say(f"publishing {documents:,} documents")
            made = items(DOUBTS_EACH * documents, documents)
            published, release = timed(lambda: publish(made, folder, versions={"bench": "1"}))  # noqa: B023
            data = release.data
            again, page = timed(lambda: "".join(corpus_page(read_documents(data), {}, sums(data))))  # noqa: B023
            say("looking")
            looked = _look(browser, (data / REPORT).as_uri())
            found.append(Shown(documents, published, again, len(page.encode()), *looked))
        browser.close()
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _look(browser: Any, address: str) -> tuple[tuple[float, float], ...]:
    """Return how long a browser takes to open a report, to filter it, and to sort it."""
    opened, filtered, sorted_ = [], [], []
    for _ in range(3):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        begin = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.locator("#count:not(:empty)").wait_for()
        opened.append(time.perf_counter() - begin)
        lengths = [*range(1, len(WANTED) + 1), *range(len(WANTED) - 1, -1, -1)]
        filtered += [page.evaluate(_TYPED, WANTED[:length]) / 1000 for length in lengths]
        columns = page.locator("#documents thead button").count()
        sorted_ += [page.evaluate(_SORTED, column) / 1000 for column in range(columns) for _ in range(2)]
        page.close()
    return spread(opened), spread(filtered), spread(sorted_)


def part(heading: str, found: list[Shown]) -> str:
    """Return the part of the page."""
    from bench.page import markdown

    names = ("documents", "published", "its sums and first page", "size", "usable", "a keystroke", "a sort")
    rows = [
        (
            f"{one.documents:,}",
            f"{one.published:.0f} s",
            f"{one.made:.2f} s",
            f"{one.size / 1e6:.1f} MB",
            *map(_both, (one.usable, one.filtered, one.sorted)),
        )
        for one in found
    ]
    told = (
        f"Small documents, {DOUBTS_EACH} doubts in each; the first page lists {ROWS_SHOWN:,} of them. Median "
        "(slowest). A keystroke in the filter must show what it leaves within 100 ms."
    )
    return f"# The report in a browser\n\n{heading}\n{told}\n\n{markdown(names, rows)}\n"


def _both(times: tuple[float, float]) -> str:
    return f"{1000 * times[0]:.0f} ms ({1000 * times[1]:.0f})"


if __name__ == "__main__":
    folder = Path(os.environ.get("TMPDIR", "/tmp"), f"prote-report-{os.getpid()}")  # noqa: S108
    print(part("", measure(folder, lambda what: print(what, file=sys.stderr))))
