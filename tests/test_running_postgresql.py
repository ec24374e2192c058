"""A Prefect server that keeps what it knows in a real PostgreSQL: the same release, and nothing in SQLite."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql import PASSWORD, postgresql
from processes import run, wait_for
from test_flows_corpus import CLEAN, DAMAGED
from test_running_serve import HOUSE, Api, Served, processes

from flows.exits import ExitCode
from flows.state import FOLDER
from release.history import current_id

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not {"CI", "PROTE_POSTGRESQL"} & os.environ.keys(), reason="a minute: set PROTE_POSTGRESQL=1"
    ),
]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgresql() as address:
        yield address


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Path]:
    house = tmp_path.resolve()
    (house / "raw").mkdir()
    for name, text in (("clair", CLEAN), ("abime", DAMAGED), ("vide", "")):
        (house / "raw" / f"{name}.txt").write_text(text, encoding="utf-8")
    shutil.copy(HOUSE / "prefect.yaml", house)
    yield house
    for pid in processes(house):
        os.kill(pid, signal.SIGKILL)


def _ended(database: str) -> list[tuple[str, str]]:
    """Return the runs of flows that PostgreSQL knows: whose they are, and how they ended."""
    import asyncpg

    async def ask() -> list[tuple[str, str]]:
        connection = await asyncpg.connect(database.replace("+asyncpg", ""))
        try:
            rows = await connection.fetch(
                "SELECT flow.name, flow_run.state_type FROM flow_run JOIN flow ON flow.id = flow_run.flow_id "
                "WHERE flow_run.start_time IS NOT NULL"
            )
        finally:
            await connection.close()
        return [(row["name"], row["state_type"]) for row in rows]

    return asyncio.run(ask())


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_a_server_on_postgresql_makes_the_same_release_and_keeps_its_runs_there(
    database: str, house: Path
) -> None:
    served = Served(house, PREFECT_API_DATABASE_CONNECTION_URL=database)
    page = served.wait_until_said(r"Prefect's page: (\S+)$")[1]
    api = Api(page)
    night = api.start("publish-corpus/nightly")
    wait_for(lambda: api.state(night)[0] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"))
    assert api.state(night)[0] == "COMPLETED", api.state(night)
    assert ("publish-corpus", "COMPLETED") in _ended(database)
    # A run by hand reports there too, and there is nothing left for it to do.
    published = current_id(house / "clean")
    code, _, err = run(house, "run", PREFECT_API_URL=f"{page}/api", NO_PROXY="127.0.0.1")
    assert (code, current_id(house / "clean")) == (ExitCode.DONE, published), err
    assert served.end(signal.SIGTERM) == ExitCode.DONE
    assert PASSWORD not in "".join(served.lines)
    assert processes(house) == []
    assert list((house / "clean" / FOLDER).rglob("prefect.db")) == []
    assert _ended(database).count(("publish-corpus", "COMPLETED")) == 2

    code, _, err = run(house, "run", "--clean", "embedded")
    assert (code, current_id(house / "embedded")) == (ExitCode.DONE, published), err
