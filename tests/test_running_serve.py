"""`prote serve`: the deployments of prefect.yaml, Prefect’s page with a form, and an end without orphans."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from flows.exits import ExitCode, Stop
from flows.serve import read_deployments
from flows.state import FOLDER
from repair.typography.profiles import profile_names

HOUSE = Path(__file__).parents[1]
CLEAN = (
    "Le conseil municipal s’est réuni hier soir à la mairie. Il a décidé de réparer le toit de l’école "
    "avant l’hiver, et de demander trois devis aux entreprises de la région.\n"
)
PATIENCE = 600


def test_the_file_of_the_house_is_read() -> None:
    nightly, on_demand = read_deployments(HOUSE / "prefect.yaml")
    assert (nightly.name, nightly.flow) == ("nightly", "publish_corpus")
    assert (on_demand.name, on_demand.flow) == ("on-demand", "reprocess_document")
    assert [schedule["cron"] for schedule in nightly.schedules] == ["30 2 * * *"]
    assert on_demand.schedules == ()
    assert nightly.clean == Path("clean")
    for deployment in (nightly, on_demand):
        assert deployment.limit["limit"] == 1
        assert deployment.parameters["wait"] > 0
        assert deployment.description


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("deployments: [", "is no YAML"),
        ("name: prote", "has no deployments"),
        ("deployments: {name: x}", "has no deployments"),
        ("deployments: [nightly]", "cannot be served"),
        ("deployments: [{entrypoint: 'flows/corpus.py:publish_corpus'}]", "'name' is missing"),
        ("deployments: [{name: x, entrypoint: 'other.py:flow'}]", "its entrypoint is none of"),
    ],
)
def test_a_file_that_cannot_be_served_is_said_at_once(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "prefect.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(Stop, match=said) as stop:
        read_deployments(file)
    assert stop.value.code is ExitCode.USAGE


@pytest.mark.slow
def test_prefect_makes_a_form_of_the_parameters() -> None:
    from flows.corpus import publish_corpus, reprocess_document

    for flow, first in ((publish_corpus, []), (reprocess_document, ["document"])):
        schema = flow.parameters
        assert schema.required == first
        names = [*first, "raw", "clean", "profile", "decisions", "wait"]
        assert (
            sorted(schema.properties, key=lambda name: schema.properties[name]["position"])[: len(names)]
            == names
        )
        assert schema.properties["profile"]["enum"] == profile_names()
        assert schema.properties["profile"]["default"] == "onu"
        assert (schema.properties["wait"]["type"], schema.properties["wait"]["minimum"]) == ("number", 0)
        for name in names:
            assert schema.properties[name]["title"] == name
            assert len(schema.properties[name]["description"]) > 10


PROTE = """
from flows.cli import main
if __name__ == "__main__":
    main()
"""


class Served:
    """`prote serve` in a folder, and what it says."""

    def __init__(self, house: Path, *arguments: str, **variables: str) -> None:
        free = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PROTE_"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROTE, "serve", "--port", "0", *arguments],
            cwd=house,
            env=free | {"NO_PROXY": "127.0.0.1"} | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(iter(self.process.stderr.readline, ""))

    def said(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, "".join(self.lines), re.MULTILINE)

    def wait_until_said(self, pattern: str) -> re.Match[str]:
        wait_for(lambda: self.said(pattern) or self.process.poll() is not None)
        found = self.said(pattern)
        assert found, "".join(self.lines)
        return found

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join()
        return code


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def processes(house: Path) -> list[int]:
    """Return the processes that work for this folder."""
    mark = f"PREFECT_HOME={house / 'clean' / FOLDER / 'serve'}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Path]:
    """A folder with a large document and a small one, to be served."""
    house = tmp_path.resolve()
    (house / "raw").mkdir()
    (house / "raw" / "long.txt").write_text(CLEAN * 12_000, encoding="utf-8")
    shutil.copy(HOUSE / "prefect.yaml", house)
    yield house
    for pid in processes(house):
        os.kill(pid, signal.SIGKILL)


class Api:
    """What Prefect's page does."""

    def __init__(self, page: str) -> None:
        self._client = httpx.Client(base_url=f"{page}/api", timeout=30, trust_env=False)

    def deployment(self, name: str) -> dict[str, Any]:
        return dict(self._client.get(f"/deployments/name/{name}").raise_for_status().json())

    def start(self, name: str, **parameters: str) -> httpx.Response:
        path = f"/deployments/{self.deployment(name)['id']}/create_flow_run"
        return self._client.post(path, json={"parameters": parameters})

    def planned(self, name: str) -> list[str]:
        """Return when the next runs are due, in UTC."""
        asked = {
            "deployments": {"id": {"any_": [self.deployment(name)["id"]]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "sort": "EXPECTED_START_TIME_ASC",
        }
        found = self._client.post("/flow_runs/filter", json=asked).raise_for_status().json()
        return [run["expected_start_time"] for run in found]

    def state(self, run: httpx.Response) -> tuple[str, str]:
        state = self._client.get(f"/flow_runs/{run.json()['id']}").raise_for_status().json()["state"]
        return state["type"], state["message"] or ""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_runs_are_started_from_the_page_and_end_with_the_program(house: Path) -> None:
    first = Served(house, PROTE_LOG="text")
    page = first.wait_until_said(r"^serving nightly, on-demand; Prefect's page: (http://127\.0\.0\.1:\d+)$")[
        1
    ]
    api = Api(page)
    said = yaml.safe_load((house / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for told, name in zip(said, ("publish-corpus/nightly", "reprocess-document/on-demand"), strict=True):
        deployment = api.deployment(name)
        assert deployment["description"] == told["description"]
        assert deployment["parameters"] == told["parameters"]
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert (
            deployment["concurrency_options"]["collision_strategy"]
            == told["concurrency_limit"]["collision_strategy"]
        )
        assert [
            {"cron": one["schedule"]["cron"], "timezone": one["schedule"]["timezone"]}
            for one in deployment["schedules"]
        ] == told.get("schedules", [])
    assert (
        "<title>"
        in httpx.get(page, follow_redirects=True, trust_env=False, headers={"accept": "text/html"}).text
    )

    wait_for(lambda: api.planned("publish-corpus/nightly"))
    assert re.search(r"T0[01]:30:00", api.planned("publish-corpus/nightly")[0])  # half past two in Paris

    # Killed in the midst of a run, it leaves nobody.
    night = api.start("publish-corpus/nightly")
    wait_for(lambda: (house / "clean" / FOLDER / "lock.holder").exists())
    wait_for(lambda: api.state(night)[0] == "RUNNING")
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    wait_for(lambda: processes(house) == [])

    # The next one knows that the run is lost, and takes it up; a document waits for it.
    (house / "raw" / "long.txt").unlink()
    (house / "raw" / "court.txt").write_text(CLEAN, encoding="utf-8")
    second = Served(house, "--metrics-port", "0", PROTE_LOG="json")
    api = Api(second.wait_until_said(r"Prefect's page: (\S+)$")[1])
    assert api.state(night)[0] == "CRASHED"
    refused = api.start("reprocess-document/on-demand", document="court", profile="inconnu")
    assert refused.status_code == 409
    again = api.start("publish-corpus/nightly")
    wait_for(lambda: api.state(again)[0] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"))
    assert api.state(again)[0] == "COMPLETED", api.state(again)
    assert (house / "clean" / "current" / "text" / "court.txt").exists()
    second.wait_until_said(r'"event": "document", .*"path": "court\.txt"')
    metrics = httpx.get(second.wait_until_said(r"^metrics: (\S+)$")[1], trust_env=False).text
    assert 'prote_runs_total{corpus="' in metrics

    # Ended in the midst of a run, it says so to Prefect, and leaves nobody.
    (house / "raw" / "long.txt").write_text(CLEAN * 12_000, encoding="utf-8")
    document = api.start("reprocess-document/on-demand", document="long")
    wait_for(lambda: api.state(document)[0] == "RUNNING")
    assert second.end(signal.SIGTERM) == ExitCode.DONE
    assert second.lines[-1] == "no more runs are started\n"
    assert "Traceback" not in "".join(first.lines + second.lines)
    assert processes(house) == []


def test_a_port_that_is_taken_is_said_at_once(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = Served(tmp_path, "--port", str(port))
        assert served.process.wait(PATIENCE) == ExitCode.USAGE
        served._reader.join()
    assert f"cannot show Prefect's page at port {port}" in "".join(served.lines)
    assert processes(tmp_path) == []


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_said_without_its_password(tmp_path: Path) -> None:
    served = Served(tmp_path, PREFECT_API_URL="http://prote:geheim@127.0.0.1:9/api")
    assert served.process.wait(PATIENCE) == ExitCode.FAILURE
    served._reader.join()
    (line,) = served.lines
    assert line.startswith("prote: the Prefect server at http://127.0.0.1:9 does not answer")
    assert "geheim" not in line
