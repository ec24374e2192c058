"""What tests share: where the user's documents are, when they are here; a Prefect server; an easy disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Here every run draws new examples; a submission is judged on the same ones each time.
settings.register_profile("prote", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("prote")


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """What is written here need survive no power cut; programs that tests start do wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sync", lambda: None)
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The user's five documents; they are never part of the project."""
    folder = Path(__file__).parents[2] / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip(f"the user's documents are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A server for the flows that tests call; one takes seconds to start."""
    from flows.server import prefect_api, prepare_environment

    with pytest.MonkeyPatch.context() as patch:
        for name in ("PREFECT_API_URL", "PREFECT_HOME"):
            patch.delenv(name, raising=False)
        prepare_environment(tmp_path_factory.mktemp("prefect"))
        with prefect_api():
            yield
