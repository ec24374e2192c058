"""What all tests share: where the user's documents are, when they are here."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Here every run draws new examples; a submission is judged on the same ones each time.
settings.register_profile("prote", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("prote")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The user's five documents; they are never part of the project."""
    folder = Path(__file__).parents[2] / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip(f"the user's documents are not at {folder}")
    return folder
