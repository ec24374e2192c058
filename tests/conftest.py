"""What all tests share: where the user's documents are, when they are here."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The user's five documents; they are never part of the project."""
    folder = Path(__file__).parents[2] / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip(f"the user's documents are not at {folder}")
    return folder
