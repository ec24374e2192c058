"""The samples of `raw/`: made by `make_samples.py` from their true texts, small, and each readable."""

import importlib.util
from pathlib import Path

import pytest

from repair.reading import mend_characters, read

HERE = Path(__file__).parent
RAW = HERE.parent / "raw"
SPEC = importlib.util.spec_from_file_location("make_samples", HERE / "make_samples.py")
samples = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(samples)

TEXTS = (
    "resolution-eau.txt",
    "rapport-foret.md",
    "lettre-propre.txt",
    "lettre-du-maire.txt",
    "compte-rendu-1252.txt",
    "au-dela.txt",
)


@pytest.mark.skipif(
    not Path(samples.FONT).exists(), reason="the recipe draws in Liberation (fonts-liberation)"
)
def test_the_samples_are_those_of_the_recipe(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "RAW", tmp_path)
    samples.main()
    for name in TEXTS:
        assert (tmp_path / name).read_bytes() == (RAW / name).read_bytes(), name


@pytest.mark.parametrize("path", sorted(RAW.iterdir()), ids=lambda path: path.name)
def test_samples_are_small(path):
    assert path.stat().st_size < 150_000


@pytest.mark.parametrize("name", TEXTS)
def test_text_samples_read_back(name):
    reading = read(RAW / name)
    assert reading.encoding == ("cp1252" if "1252" in name else "utf-8")
    assert reading.text.encode(reading.encoding) == (RAW / name).read_bytes()
    assert mend_characters(reading.text) == []


def test_the_damaged_resolution_lost_whole_classes():
    text = read(RAW / "resolution-eau.txt").text
    true = samples.true("resolution-eau.txt")
    for lost in "àèêÉœç":
        assert true.count(lost) > 0
        assert text.count(lost) == 0
    assert text.count("1’") > text.count("I’") > 5
    assert text.count("\n") == true.count("\n") > 40
