"""One run over everything that should not be in a raw folder: each entry ends well, and harms no other.

The run is that of the command line, on a terminal, with all of its parts. `PROTE_HOSTILE=all` adds what kills
or blocks the process that reads it, and what takes minutes.
"""

from __future__ import annotations

import json
import os
import pty
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from hostile_files import BAD_NAMES, GOOD, ODD_NAMES, WORD, Hostile, fill
from processes import command, environment, peaks, run, working_for

from flows.limits import MEMORY, SECONDS
from flows.table import harmless
from release.verify import verify
from repair.reading.engines.apart import MEMORY as ENGINE_MEMORY

pytestmark = pytest.mark.slow

MEGABYTES, LONGEST = 2048, 120
"""Limits that an operator sets for these runs."""
LIMITS = {MEMORY: str(MEGABYTES), SECONDS: str(LONGEST)}


@dataclass
class Ran:
    """What the run did.

    Attributes:
        made: the raw folder.
        clean: the output folder.
        code: how it ended.
        screen: what a terminal was sent.
        log: the records of its log.
        rows: the documents of the release, those in quarantine too, by path.
        peaks: the most memory of each process, in MB.
        spoken_to: whether anybody called at the port that files name.
        alone: what became of the good documents where nothing else is, by path.
    """

    made: Hostile
    clean: Path
    code: int
    screen: bytes
    log: str
    rows: dict[str, dict[str, Any]]
    peaks: dict[str, int]
    spoken_to: bool


def on_terminal(house: Path, *arguments: str | Path, **variables: str) -> tuple[int, bytes]:
    """Run `prote` on a terminal; return its code, and all that it sent there."""
    ours, theirs = pty.openpty()
    shown = bytearray()
    with subprocess.Popen(
        command(*arguments),
        cwd=house,
        env=environment(TERM="xterm-256color", **{"COLUMNS": "250"} | variables),
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        while True:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # how the system says that nobody has the other end any more
                break
        process.wait(600)
    os.close(ours)
    return process.returncode, bytes(shown)


def rows_of(clean: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for name in ("documents", "review", "rejects"):
        for line in (clean / "current" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["path"]] = row
    return found


ALL = os.environ.get("PROTE_HOSTILE") == "all"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    house = tmp_path_factory.mktemp("hostile")
    clean, log = house / "clean", house / "log"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        made = fill(house, server.getsockname()[1], poison=ALL)
        for path in made.outside:
            os.utime(path, (1, 2))  # an access older than the last change is noted by every file system
        restless = made.raw / "sans repos.txt"
        made.ends[b"sans repos.txt"] = ("fault",)
        restless.write_text("0", encoding="utf-8")
        over = threading.Event()

        def change() -> None:
            count = 0
            while not over.wait(0.02):
                count += 1
                restless.write_text("Rien ne dure. " * count, encoding="utf-8")

        thread = threading.Thread(target=change)
        thread.start()
        try:
            with peaks(clean) as most:
                code, screen = on_terminal(house, "run", "--log-format", "json", "--log-file", log, **LIMITS)
        finally:
            over.set()
            thread.join()
        try:
            server.accept()
            spoken_to = True
        except BlockingIOError:
            spoken_to = False
    yield Ran(made, clean, code, screen, log.read_text(encoding="utf-8"), rows_of(clean), most, spoken_to)
    for listening in made.sockets:
        listening.close()


def path_of(name: bytes) -> str:
    """Return how the program shows the path of an entry: what is no UTF-8, and what no table should hold."""
    return harmless(name.decode("utf-8", "backslashreplace"))


def test_the_run_ends_as_any_other_and_leaves_nobody(ran: Ran) -> None:
    assert ran.code == 0, ran.screen[-2000:]
    assert working_for(ran.clean) == []
    assert verify(ran.clean).faults == ()


def test_each_entry_has_a_row_and_ends_as_is_right_for_it(ran: Ran) -> None:
    print("left out:", *ran.made.left_out, sep="\n")
    expected: dict[str, tuple[str, ...]] = {}
    for name, ends in ran.made.ends.items():
        path = path_of(name)
        while path in expected:  # three of them are shown alike
            path += "~"
        expected[path] = ends
    assert ran.rows.keys() == expected.keys()
    wrong = {}
    for path, ends in expected.items():
        row = ran.rows[path]
        found = [row["status"], *(reason["code"] for reason in row["reasons"])]
        if not set(found) & set(ends):
            wrong[path] = found, ends
    assert wrong == {}


ENGLISH = re.compile(r"\b(the|of|and|is|are|not|with|error|failed|cannot|line|Error|[A-Za-z]+Error)\b")


def test_each_reason_is_told_in_french_a_curator_understands(ran: Ran) -> None:
    strange = {}
    for path, row in ran.rows.items():
        assert bool(row["reasons"]) is (row["status"] != "published"), path
        for reason in row["reasons"]:
            # What a text says of itself, between « and », may be in any language.
            said = re.sub("«[^»]*»", "", reason["fr"])
            if not (
                len(said) > 20
                and said.endswith(".")
                and harmless(said) == said
                and reason["fr"] != reason["en"]
                and str(ran.clean.parent) not in said
                and not ENGLISH.search(said)
            ):
                strange[path] = reason
    assert strange == {}


def test_the_good_documents_come_out_as_if_they_were_alone(ran: Ran) -> None:
    from repair.document import Source
    from repair.pipeline import process

    for path in GOOD:
        row = ran.rows[path]
        published = (ran.clean / "current" / "diplomatic" / f"{row['name']}.txt").read_text(encoding="utf-8")
        if path.endswith(".png"):
            assert "Les rivières de notre pays" in published
            continue
        alone = process(Source(row["name"], path, row["sha256"], row["bytes"]), ran.made.raw / path, "onu")
        assert published == alone.diplomatic, path


def test_nothing_outside_is_read_nobody_spoken_to_and_nothing_done(ran: Ran) -> None:
    for path in ran.made.outside:
        assert path.stat().st_atime == 1, path
    control = ran.made.outside[0]
    control.read_bytes()
    if control.stat().st_atime == 1:
        print("this file system notes no access: what was read is not known")
    written = [path for path in ran.clean.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(written) > 100
    assert [path for path in written if WORD.encode() in path.read_bytes()] == []
    assert WORD not in ran.log
    assert not ran.spoken_to
    assert list(ran.clean.parent.rglob("marque-du-*")) == []
    assert not Path("marque-du-pdf").exists()


# What rich sends to a terminal: colours, the cursor, the line it writes anew.
OURS = re.compile(r"\x1b\[(\?25[lh]|[0-9;]*m|[0-9]*[AK])")


def test_no_name_steers_a_terminal(ran: Ran) -> None:
    shown = ran.screen.decode("utf-8")
    assert "fichiers__" in shown
    rest = OURS.sub("", shown).replace("\r", "").replace("\n", "")
    assert harmless(rest) == rest


def test_the_log_has_one_line_a_record(ran: Ran) -> None:
    records = [json.loads(line) for line in ran.log.splitlines()]
    told = ran.log.replace("\n", "")
    assert harmless(told) == told
    told = {record["path"] for record in records if record["event"] == "document"}
    assert told == ran.rows.keys()


def test_no_name_and_no_text_becomes_part_of_a_page(ran: Ran) -> None:
    pages = [
        *ran.clean.glob("*.html"),
        *ran.clean.glob("changes/*.html"),
        *(ran.clean / "current").rglob("*.html"),
    ]
    assert len(pages) > len(ODD_NAMES)
    for page in pages:
        tree = lxml.html.parse(str(page)).getroot()
        for element in tree.iter("*"):
            assert not [name for name in element.attrib if name.startswith("on")], page
            assert element.tag != "img" or element.get("src") != "x", page
            assert "alert(" not in (element.text or "") or element.tag != "script", page
            for name in ("href", "src"):
                where = urlsplit(element.get(name, ""))
                assert where.scheme in ("", "https", "data"), (page, where)
                if not where.scheme and where.path:
                    assert (page.parent / unquote(where.path)).exists(), (page, where)


def test_all_that_is_published_has_a_name_that_any_system_takes(ran: Ran) -> None:
    data = (ran.clean / "current").resolve()
    for path in data.rglob("*"):
        assert path.resolve().is_relative_to(data)
        assert not path.is_symlink()
        assert path.name.isprintable()
        assert len(path.name.encode()) <= 255
    shown = path_of(BAD_NAMES[0])
    assert "\\n" in shown


def test_no_process_and_no_document_takes_more_than_it_may(ran: Ran) -> None:
    engines = {name for name in ran.peaks if "--multiprocessing-fork" in name}
    others = ran.peaks.keys() - engines
    assert engines
    assert max(ran.peaks[name] for name in engines) <= ENGINE_MEMORY // 2**20
    assert len(others) > 3  # the program, Prefect's server, workers, Tesseract
    assert max(ran.peaks[name] for name in others) <= MEGABYTES
    seconds = {
        record["path"]: record["seconds"]
        for line in ran.log.splitlines()
        if (record := json.loads(line))["event"] == "document"
    }
    slowest = sorted(seconds, key=seconds.__getitem__)[-5:]
    print({path: seconds[path] for path in slowest})
    print(dict(sorted(ran.peaks.items(), key=lambda item: -item[1])[:6]))
    assert max(seconds.values()) <= LONGEST


@pytest.mark.skipif(not ALL, reason="it takes another half a minute: PROTE_HOSTILE=all")
def test_a_second_run_does_again_what_may_have_changed_and_says_one_line_each(ran: Ran) -> None:
    (ran.made.raw / "sans repos.txt").write_text(
        "Le maire a lu son rapport devant le conseil.\n", encoding="utf-8"
    )
    before = (ran.clean / "current").readlink()
    code, out, err = run(ran.clean.parent, "run", **LIMITS)
    assert code == 0, err
    assert [len(line.split("\t")) for line in out.splitlines()] == [7] * len(ran.rows)
    said = re.sub("[\n\t]", "", out + err)
    assert harmless(said) == said
    again = sum("fault" in [reason["code"] for reason in row["reasons"]] for row in ran.rows.values())
    assert f"{again} processed in this run" in err
    assert verify(ran.clean).faults == ()
    assert (ran.clean / "current").readlink() != before
