"""Long documents: their PDFs, figures that outlive a run cut short, memory of all that a program starts."""

import os
import subprocess
import sys

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from bench import scale
from bench.kept import Kept
from bench.memory import can_tell, family, held

linux = pytest.mark.skipif(not can_tell(), reason="only Linux tells it")


@pytest.fixture
def images(tmp_path):
    for number, mode in enumerate(("L", "RGB", "RGBA")):
        page = Image.new(mode, (90 + number, 120), "white")
        page.paste("black", (10, 10, 20 + 10 * number, 20))
        page.save(tmp_path / f"{number}.png")
    return [tmp_path / f"{number}.png" for number in range(3)]


@pytest.mark.parametrize(("pages", "unlike"), [(8, 8), (8, 4), (2, 2), (5, 1)])
def test_pages_are_as_many_and_as_different_as_asked(tmp_path, images, pages, unlike):
    scale.make_pdf(images, tmp_path / "pages.pdf", pages, unlike)
    with pdfium.PdfDocument(tmp_path / "pages.pdf") as pdf:
        drawn = [pdf[number].render(scale=300 / 72).to_pil().convert("L") for number in range(len(pdf))]
    assert len(drawn) == pages
    assert len({(page.size, page.tobytes()) for page in drawn}) == unlike
    # A repetition has another margin, and the same print.
    print_ = [page.point(lambda value: 255 * (value < 128)).getbbox() for page in drawn[:unlike]]
    assert {(right - left, bottom - top) for left, top, right, bottom in print_} <= {
        (10, 10),
        (20, 10),
        (30, 10),
    }


def test_repetitions_cost_no_room(tmp_path, images):
    scale.make_pdf(images, tmp_path / "pages.pdf", 60, 60)
    with pikepdf.open(tmp_path / "pages.pdf") as pdf:
        assert sum(item.get("/Subtype") == "/Image" for item in pdf.objects if hasattr(item, "get")) == 3


def test_figures_are_taken_up_by_the_same_run_alone(tmp_path):
    folder = tmp_path / "work"
    Kept(folder, ("v1", 100)).put("one", {"seconds": 1.5})
    (folder / "raw").mkdir()
    again = Kept(folder, ("v1", 100))
    assert again.get("one") == {"seconds": 1.5}
    assert again.get("two") is None
    assert (folder / "raw").is_dir()
    other = Kept(folder, ("v2", 100))
    assert other.get("one") is None
    assert not (folder / "raw").exists()
    (folder / "figures.json").write_text('{"stamp": ["v2"', encoding="utf-8")
    assert Kept(folder, ("v2", 100)).get("one") is None
    Kept(folder, ("v2", 100)).forget()
    assert not folder.exists()


@pytest.fixture
def run(monkeypatch):
    """A stand-in for the program: it keeps a reading at each call, and is cut short where that is asked."""
    runs = []

    def watch(folder, workers, weigh, keep):
        runs.append((folder.name, workers))
        assert weigh == (folder.name == "long")  # to look at the memory costs speed
        assert (folder / "raw" / "pages.pdf").is_file()
        done = folder / "clean" / ".prote" / "pages" / "aa" / str(len(runs))
        done.parent.mkdir(parents=True, exist_ok=True)
        done.touch()
        keep(1.0, len(runs))
        if len(runs) in watch.cut:
            raise KeyboardInterrupt
        return 2.0, len(runs)

    watch.cut = set()
    watch.runs = runs
    monkeypatch.setattr(scale, "_watch", watch)
    return watch


def test_a_run_cut_short_is_taken_up_where_it_stood(tmp_path, images, run):
    run.cut = {2, 4}
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            scale.measure(images, Kept(tmp_path / "work", "v"), (3, 6), 6, print)
    found = scale.measure(images, Kept(tmp_path / "work", "v"), (3, 6), 6, print)
    assert run.runs == [("one", 1), ("two", 2), ("two", 2), ("long", 2), ("long", 2)]
    assert (found.one.seconds, found.two.seconds) == (2.0, 2.0)  # a speed is that of one run
    assert (found.two.parts, found.two.cold) == (1, 1)
    assert (found.long.seconds, found.long.parts, found.long.cold) == (3.0, 2, 2)
    assert (found.one.memory, found.two.memory) == (None, None)
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["figures.json"]


def test_a_run_that_fails_says_where_its_output_is(tmp_path, monkeypatch):
    monkeypatch.setattr(scale, "_RUN", "print('no disk'); raise SystemExit(3)")
    with pytest.raises(RuntimeError, match=r"ended with 3: see .*output\.txt"):
        scale._watch(tmp_path, 1, True, lambda *_: None)
    assert (tmp_path / "output.txt").read_text() == "no disk\n"


_PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
print(child.pid, child.stdout.readline(), flush=True)
sys.stdin.read()
"""
_CHILD = "import time; held = bytearray(b'x') * 50_000_000; print(flush=True); time.sleep(60)"


@linux
def test_memory_is_that_of_all_processes():
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        child = int(parent.stdout.readline().split()[0])
        assert family(parent.pid) == {parent.pid, child}
        assert family(child) == {child}
        assert held({child}) > 50_000_000
        assert held(family(parent.pid)) > held({parent.pid}) + 50_000_000
        assert {parent.pid, child} < family(os.getpid())
    finally:
        parent.kill()
        parent.wait()
        assert family(parent.pid) - {parent.pid} == {child}  # an orphan of its session is still its own
        os.kill(child, 9)
        parent.stdin.close()
        parent.stdout.close()
