"""Engines that crash, hang, run out of memory or read rubbish: the page is read by the other, and once."""

import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocr_fakes import FAULTS, DiesOnce, Fake, Faulty, hoarder, page_of, unmade
from PIL import Image, ImageDraw

from repair.document import Refused
from repair.reading import read
from repair.reading.engines import programs
from repair.reading.engines.apart import Apart, Helper
from repair.reading.engines.cache import FAILED_FOR, UNUSED_FOR, PageCache
from repair.reading.engines.engine import (
    EngineDied,
    EngineFailed,
    EngineTimeout,
    Failure,
    Readings,
    Tesseract,
)
from repair.reading.engines.reader import PageReader
from repair.reading.scans import Seen, join_seen, read_scan
from repair.reading.votes.vote import vote

TEXT = "Les forêts de la Provence\nont brûlé pendant tout l’été."


@pytest.fixture
def image(tmp_path):
    page = Image.new("L", (2000, 500), 255)  # as far as the made-up readings go
    ImageDraw.Draw(page).rectangle((40, 60, 260, 80), fill=0)
    page.save(tmp_path / "page.png")
    return tmp_path / "page.png"


@pytest.fixture
def apart():
    engine = Apart("faux 1.0", Faulty)
    yield engine
    engine.close()
    assert multiprocessing.active_children() == []


def ends(process: int) -> bool:
    """Whether a process ends within some time; one that nobody has waited for has ended too."""
    for _ in range(300):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


# An engine in a process of its own.


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_what_an_engine_suffers_in_its_process_is_one_error_and_the_next_page_is_read(apart, tmp_path, fault):
    apart.read(tmp_path / "premiere.png", 60)
    with pytest.raises(EngineFailed) as failed:
        apart.read(tmp_path / f"{fault}.png", 1 if fault == "hangs" else 60)
    assert isinstance(failed.value, EngineTimeout) == (fault in ("hangs", "gives up"))
    assert len(str(failed.value).splitlines()) == 1
    process = int((tmp_path / f"{fault}.pid").read_text())
    text = apart.read(tmp_path / "suivante.png", 60).text
    assert text.startswith("suivante ")
    if fault in ("dies", "exits", "hangs"):
        assert ends(process)
    else:
        assert text.endswith(f" {process}")  # an error alone costs no new start


@pytest.mark.slow
def test_one_process_reads_all_pages_and_ends_when_it_is_closed(apart, tmp_path):
    numbers = {apart.read(tmp_path / f"{page}.png", 60).text.split()[1] for page in range(3)}
    assert len(numbers) == 1
    assert int(numbers.pop()) != os.getpid()
    apart.close()
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_an_engine_that_cannot_be_made_fails_on_each_page(tmp_path):
    engine = Apart("faux", unmade)
    for _ in range(2):
        with pytest.raises(EngineFailed, match=r"ImportError: libGL\.so"):
            engine.read(tmp_path / "a.png", 60)
    engine.close()


@pytest.mark.slow
def test_each_thread_gets_the_page_it_asked_for(apart, tmp_path):
    names = [f"page-{number}" for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda name: apart.read(tmp_path / f"{name}.png", 60).text, names))
    assert [text.split()[0] for text in texts] == names
    assert len({text.split()[1] for text in texts}) == 1


ALONE = """
import sys
from pathlib import Path
from ocr_fakes import Faulty
from repair.reading import read
from repair.reading.engines import programs
from repair.reading.engines.apart import Apart

if __name__ == "__main__":
    {first}
    print(Apart("faux", Faulty).read(Path(sys.argv[1]), 600).text, flush=True)
"""


def alone(folder: Path, page: str, first: str = "") -> subprocess.Popen[str]:
    """A program that reads one page."""
    program = folder / "programme.py"
    program.write_text(ALONE.format(first=first))
    paths = os.pathsep.join(str(Path(__file__).parents[up]) for up in (0, 1))
    return subprocess.Popen(
        [sys.executable, program, folder / page],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_program_that_was_killed(tmp_path, sent):
    program = alone(tmp_path, "hangs.png")
    note = tmp_path / "hangs.pid"
    while not note.exists():
        assert program.poll() is None
        time.sleep(0.05)
    os.killpg(program.pid, sent) if sent == signal.SIGINT else program.send_signal(sent)  # as Ctrl-C does
    _, errors = program.communicate(timeout=60)
    assert errors.count("Traceback") == (sent == signal.SIGINT)
    assert ends(int(note.read_text()))


@pytest.mark.slow
def test_a_program_that_ends_leaves_no_process(tmp_path):
    out, errors = alone(tmp_path, "page.png").communicate(timeout=60)
    assert errors == ""
    assert ends(int(out.split()[1]))


@pytest.mark.slow
def test_an_engine_starts_where_memory_is_limited_already(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))"
    out, errors = alone(tmp_path, "page.png", limit).communicate(timeout=60)
    assert out.startswith("page "), errors


# Tesseract, by a program that does what it should not.

FAULTY_TESSERACT = {
    "killed": ("kill -9 $$", EngineDied, "9"),
    "silent": ("exit 1", EngineFailed, "1"),
    "crashes": ("echo 'Error: abandon' >&2; exit 134", EngineFailed, "abandon"),
    "complains on many lines": ("printf 'un\\ndeux\\n\\n' >&2; exit 1", EngineFailed, "deux"),
    "hangs": ("exec sleep 60", EngineTimeout, "no end after 1 s"),
    "writes nothing": ("exit 0", EngineFailed, ""),
    "writes an empty file": (": > $2.hocr", EngineFailed, ""),
    "writes rubbish": ("head -c 3000 /dev/urandom > $2.hocr", EngineFailed, ""),
    "writes half": ("printf '<html><body><div class=\"ocr_page\">' > $2.hocr", EngineFailed, ""),
    "writes no page": ("printf '<html><body></body></html>' > $2.hocr", EngineFailed, "0 pages"),
}


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Give Tesseract's place to a shell script."""

    def put(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "tesseract").write_text(
            "#!/bin/sh\n[ $1 = --version ] && { echo tesseract 5.3.0; exit; }\n"
            f"[ $1 = --list-langs ] && {{ echo fra; exit; }}\n{script}\n"
        )
        (folder / "tesseract").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    own = tmp_path / "tmp"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    yield put
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("fault", FAULTY_TESSERACT)
def test_what_tesseract_suffers_is_one_error(program, image, fault):
    script, kind, said = FAULTY_TESSERACT[fault]
    program(script)
    with pytest.raises(EngineFailed) as failed:
        Tesseract().read(image, 1)
    assert type(failed.value) is kind
    assert said in str(failed.value)
    assert len(str(failed.value).splitlines()) == 1


@pytest.mark.parametrize("fault", FAULTY_TESSERACT)
def test_where_tesseract_fails_the_page_is_read_by_the_other(program, image, monkeypatch, fault):
    program(FAULTY_TESSERACT[fault][0])
    monkeypatch.setattr("repair.reading.engines.reader.SECONDS_A_PAGE", 1)
    voted = PageReader(second=Fake("rapidocr 1", page_of("rapidocr 1", TEXT))).read(image)
    assert voted.page == page_of("rapidocr 1", TEXT)


# Two engines, a vote, and what is kept.


def good(name: str = "tesseract 5") -> Fake:
    return Fake(name, page_of(name, TEXT))


def broken(kind: type[EngineFailed] = EngineFailed) -> Fake:
    return Fake("broken", kind("no paper"))


def test_the_second_reads_the_page_as_it_is_and_the_first_a_copy(image):
    first, second = good(), good("rapidocr 1")
    voted = PageReader(tesseract=first, second=second).read(image)
    assert voted.page.text.replace("'", "’") == TEXT
    assert [path for path, _ in second.asked] == [image]
    ((copy, _),) = first.asked
    assert copy != image
    assert not copy.exists()


def test_without_a_second_the_first_reads_twice(image, monkeypatch):
    monkeypatch.setattr("repair.reading.engines.reader.rapidocr", lambda: None)
    first = good()
    reader = PageReader(tesseract=first)
    assert reader.name == "tesseract 5"
    assert reader.read(image).page.text == TEXT
    assert len(first.asked) == 2


@pytest.mark.parametrize("kind", [EngineFailed, EngineTimeout])
def test_one_that_fails_leaves_the_page_to_the_other(image, kind):
    for first, second in ((good(), broken(kind)), (broken(kind), good())):
        voted = PageReader(tesseract=first, second=second).read(image)
        assert voted.page.text == TEXT
        assert (voted.losers, voted.disagreement) == ((), 0.0)


def test_where_the_second_fails_the_first_reads_twice(image):
    first = good()
    PageReader(tesseract=first, second=broken(EngineFailed)).read(image)
    assert [path == image for path, _ in first.asked] == [True, False]


def test_where_no_copy_can_be_prepared_the_page_itself_is_read(image, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("repair.reading.engines.reader.prepare", full)
    assert PageReader(tesseract=good(), second=good("rapidocr 1")).read(image).page.text == TEXT


def test_an_answer_that_nobody_took_is_not_the_next_pages(apart, tmp_path, monkeypatch):
    """Ctrl-C while a page is read, in a program that goes on."""
    apart.read(tmp_path / "premiere.png", 60)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(apart._pages), "poll", interrupted)
        with pytest.raises(KeyboardInterrupt):
            apart.read(tmp_path / "deuxieme.png", 60)
    assert apart.read(tmp_path / "troisieme.png", 60).text.startswith("troisieme ")


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (EngineFailed, EngineFailed, EngineFailed),
        (EngineTimeout, EngineFailed, EngineTimeout),
        (EngineFailed, EngineTimeout, EngineTimeout),
    ],
)
def test_where_both_fail_one_error_says_why(image, tmp_path, first, second, kind):
    cache = PageCache(tmp_path / "pages")
    with pytest.raises(EngineFailed) as failed:
        PageReader(cache, broken(first), broken(second)).read(image)
    assert type(failed.value) is kind
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize(
    ("kind", "code"), [(EngineFailed, "ocr-failed"), (EngineTimeout, "ocr-timeout")], ids=["fail", "hang"]
)
def test_a_page_that_none_could_read_is_a_refusal(image, monkeypatch, kind, code):
    monkeypatch.setattr("repair.reading.engines.reader.Tesseract", lambda: broken(kind))
    monkeypatch.setattr("repair.reading.engines.reader.rapidocr", lambda: broken(kind))
    with pytest.raises(Refused) as refused:
        read_scan(image, None)
    reason = refused.value.reason
    assert reason.code == code
    assert reason.fr != reason.en
    assert ("no paper" in reason.en) == (code == "ocr-failed")
    assert "no paper" not in reason.fr


def test_an_engine_that_was_killed_is_asked_once_more(image, tmp_path):
    apart = Apart("faux 1.0", DiesOnce)
    page = tmp_path / "page.png"
    page.write_bytes(image.read_bytes())
    try:
        readings = PageReader(None, good(), apart).readings(page)
    finally:
        apart.close()
    assert page.with_suffix(".died").exists()
    assert readings.failures == ()
    assert len(readings.pages) == 2
    again = Fake("faux 1.0", EngineDied("killed"))
    readings = PageReader(None, good(), again).readings(page)
    assert len(again.asked) == 2
    assert [failure.why for failure in readings.failures] == ["killed"]


@pytest.mark.parametrize("rubbish", ["", "#~ |\\ ^_ ~~ }{ ||", "xqz vkwj zzxq kjwv\nqqxz"])
def test_rubbish_and_empty_pages_of_one_engine_change_nothing(image, rubbish):
    blocks = [rubbish] if rubbish else []
    for first, second in (
        (good(), Fake("rapidocr 1", page_of("rapidocr 1", *blocks))),
        (Fake("tesseract 5", page_of("tesseract 5", *blocks)), good("rapidocr 1")),
    ):
        voted = PageReader(tesseract=first, second=second).read(image)
        assert voted.page.text.replace("'", "’") == TEXT
        # The mean of nearly all and of nothing: they differ, and the vote kept all of one.
        assert voted.disagreement > 0.4


def test_a_page_is_read_once(image, tmp_path):
    cache = PageCache(tmp_path / "pages")
    found = PageReader(cache, good(), good("rapidocr 1")).read(image)
    again = tmp_path / "copie.png"
    again.write_bytes(image.read_bytes())
    first, second = Fake("tesseract 5", EngineFailed("asked")), Fake("rapidocr 1", EngineFailed("asked"))
    assert PageReader(cache, first, second).read(again) == found
    assert first.asked + second.asked == []


def test_other_pixels_or_other_engines_are_another_page(image, tmp_path):
    cache = PageCache(tmp_path / "pages")
    PageReader(cache, good(), good("rapidocr 1")).read(image)
    first = good("tesseract 6")
    PageReader(cache, first, good("rapidocr 1")).read(image)
    assert len(first.asked) == 1
    first = good()
    other = tmp_path / "autre.png"
    Image.new("L", (2000, 500), 250).save(other)
    PageReader(cache, first, good("rapidocr 1")).read(other)
    assert len(first.asked) == 1
    assert len([file for file in (tmp_path / "pages").rglob("*") if file.is_file()]) == 3


def test_a_page_that_an_engine_failed_at_is_tried_again_by_a_later_run_alone(image, tmp_path):
    cache = PageCache(tmp_path / "pages")
    tired = Fake("rapidocr 1", EngineFailed("tired"))
    found = PageReader(cache, good(), tired).readings(image)
    assert found.failures == (Failure("rapidocr 1", "tired"),)
    assert [page.text for page in found.pages] == [TEXT, TEXT]
    second = good("rapidocr 1")
    assert PageReader(cache, good(), second).readings(image) == found
    assert second.asked == []
    (file,) = (path for path in (tmp_path / "pages").rglob("*") if path.is_file())
    os.utime(file, (time.time() - FAILED_FOR - 60,) * 2)
    found = PageReader(cache, good(), second).readings(image)
    assert len(second.asked) == 1
    assert found.failures == ()
    os.utime(file, (time.time() - FAILED_FOR - 60,) * 2)  # what did not fail does not grow old
    PageReader(cache, good(), second).readings(image)
    assert len(second.asked) == 1


def test_which_engine_failed_at_which_pages_is_told_once(image, monkeypatch):
    monkeypatch.setattr("repair.reading.engines.reader.Tesseract", good)
    monkeypatch.setattr(
        "repair.reading.engines.reader.rapidocr", lambda: Fake("rapidocr 1", EngineFailed("tired"))
    )
    failed, sound = read_scan(image, None), Seen((page_of("tesseract 5", TEXT),))
    reading = join_seen([sound, failed, sound, failed])
    assert reading.text == f"{TEXT}\n" * 4
    (remark,) = reading.remarks
    assert remark.code == "engine-failed"
    assert remark.en.startswith("rapidocr 1 did not read 2 pages (2, 4): tired.")
    assert remark.fr.startswith("rapidocr 1 n’a pas lu 2 pages (2, 4) : une erreur l’a arrêté")
    assert "tired" not in remark.fr
    assert join_seen([sound, sound]).remarks == ()


def test_witnesses_vote_and_are_not_kept(image, tmp_path):
    cache = PageCache(tmp_path / "pages")
    witness = page_of("hocr x", TEXT + "\nLa pluie vint enfin.")
    readings = PageReader(cache, good(), good("rapidocr 1")).readings(image).pages
    assert "La pluie vint enfin." in vote([*readings, witness]).page.text
    assert "pluie" not in PageReader(cache, good(), good("rapidocr 1")).read(image).page.text


KEPT = Readings((page_of("tesseract 5", TEXT), page_of("rapidocr 1")), (Failure("x 1", "tired"),))


@pytest.fixture
def kept(image, tmp_path):
    """A cache with one page, and the file that holds it."""
    cache = PageCache(tmp_path / "pages")
    cache.put(image, "x", KEPT)
    (file,) = (path for path in (tmp_path / "pages").rglob("*") if path.is_file())
    assert cache.get(image, "x") == KEPT
    return cache, file


def test_a_kept_reading_that_was_cut_off_is_none(kept, image):
    cache, file = kept
    data = file.read_bytes()
    for length in range(len(data)):
        file.write_bytes(data[:length])
        assert cache.get(image, "x") is None


def test_a_kept_reading_in_which_anything_changed_is_none(kept, image):
    cache, file = kept
    data = file.read_bytes()

    @given(st.integers(0, len(data) - 1), st.integers(1, 255))
    def changed(place, bits):
        file.write_bytes(data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :])
        assert cache.get(image, "x") is None

    changed()


@pytest.mark.parametrize("data", [b"", b"\x90", b"\xc0", b"[]", b"\x91" * 5000, bytes(range(256))])
def test_a_file_that_is_no_reading_is_none_and_the_page_is_read_again(image, tmp_path, data):
    cache = PageCache(tmp_path / "pages")
    reader = PageReader(cache, good(), good("rapidocr 1"))
    found = reader.read(image)
    (file,) = (path for path in (tmp_path / "pages").rglob("*") if path.is_file())
    whole = file.read_bytes()
    file.write_bytes(data)
    assert reader.read(image) == found
    assert file.read_bytes() == whole


KEEPER = """
import sys
from pathlib import Path
from test_reading_engines import KEPT
from repair.reading.engines.cache import PageCache

for _ in range(200):
    PageCache(Path(sys.argv[1])).put(Path(sys.argv[2]), "x", KEPT)
    assert PageCache(Path(sys.argv[1])).get(Path(sys.argv[2]), "x") == KEPT
"""


@pytest.mark.slow
def test_two_processes_keep_the_same_page(image, tmp_path):
    paths = os.pathsep.join(str(Path(__file__).parents[up]) for up in (0, 1))
    command = [sys.executable, "-c", KEEPER, str(tmp_path / "pages"), str(image)]
    keepers = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}) for _ in range(2)]
    assert [keeper.wait(timeout=120) for keeper in keepers] == [0, 0]
    assert len([path for path in (tmp_path / "pages").rglob("*") if path.is_file()]) == 1


def test_a_disk_that_is_full_costs_no_reading_and_leaves_nothing(image, tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    voted = PageReader(PageCache(tmp_path / "pages"), good(), good("rapidocr 1")).read(image)
    assert voted.page.text.replace("'", "’") == TEXT
    assert [path for path in (tmp_path / "pages").rglob("*") if path.is_file()] == []


def test_readings_that_no_document_uses_are_swept_when_they_are_old(image, tmp_path):
    folder = tmp_path / "pages"
    cache = PageCache(folder)
    for engines in ("used and old", "old", "new", "half written and old"):
        cache.put(image, engines, Readings(KEPT.pages))
    used = PageCache(folder)
    assert used.get(image, "used and old") == Readings(KEPT.pages)
    assert len(used.used) == 1
    assert used.used < cache.used
    (new,) = {file.name for file in folder.rglob("*") if file.is_file()} & made(image, "new", folder)
    for file in folder.rglob("*"):
        if file.is_file() and file.name != new:
            os.utime(file, (time.time() - UNUSED_FOR - 60,) * 2)
    cache.sweep(used.used)
    assert {file.name for file in folder.rglob("*") if file.is_file()} == used.used | {new}
    assert used.get(image, "used and old") == Readings(KEPT.pages)


def made(image, engines, folder):
    other = PageCache(folder)
    other.get(image, engines)
    return other.used


def test_nothing_is_swept_where_nothing_was_kept(tmp_path):
    PageCache(tmp_path / "pages").sweep(set())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["affiche.png", "annonce-scannee.pdf"])
def test_a_document_is_read_without_the_second_engine_that_fails_and_says_so(name, monkeypatch):
    path = Path(__file__).parents[1] / "raw" / name
    monkeypatch.setattr("repair.reading.engines.reader.rapidocr", lambda: None)
    without = read(path)
    assert without.remarks == ()
    failing = Fake("rapidocr 3.10.0 343642c7", EngineFailed("MemoryError: out of paper."))
    monkeypatch.setattr("repair.reading.engines.reader.rapidocr", lambda: failing)
    reading = read(path)
    assert len(failing.asked) == 1
    (remark,) = reading.remarks
    said = "rapidocr 3.10.0 did not read 1 page (1): MemoryError: out of paper. The other readings"
    assert remark.en.startswith(said)
    assert replace(reading, remarks=()) == without


# What is installed.


@pytest.fixture
def tessdata(program, tmp_path):
    """A Tesseract that says where its models are."""
    folder = tmp_path / "modèles de langue"
    folder.mkdir()
    (folder / "fra.traineddata").write_bytes(b"model")
    program("exit 1")
    script = tmp_path / "bin" / "tesseract"
    script.write_text(
        script.read_text().replace(
            "echo fra;", f"printf 'List of available languages in \"{folder}/\" (1):\\nfra\\n';"
        )
    )
    return folder


def test_another_model_or_version_is_another_engine(tessdata, tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "rapidocr_version", lambda: None)
    programs.rapidocr_name.cache_clear()
    names = []

    def look():
        programs._inspect.cache_clear()  # each run is a process of its own
        names.append(programs.installed_engines())
        return names[-1]

    assert look() == look()
    assert names[0].startswith("tesseract 5.3.0 fra ")
    assert len(names[0].split()) == 4
    (tessdata / "fra.traineddata").write_bytes(b"best")
    assert look() not in names[:-1]
    script = tmp_path / "bin" / "tesseract"
    script.write_text(script.read_text().replace("5.3.0", "5.5.1"))
    assert look().startswith("tesseract 5.5.1 fra ")
    monkeypatch.undo()
    monkeypatch.setattr(programs, "rapidocr_version", lambda: "3.9")
    programs.rapidocr_name.cache_clear()
    assert " + rapidocr 3.9 " in look() or programs.find_spec("rapidocr") is None
    programs.rapidocr_name.cache_clear()


def test_pages_are_kept_by_what_is_installed():
    assert PageReader().name == programs.installed_engines()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give back by themselves")
def test_what_a_page_took_is_given_back() -> None:
    helper = Helper("faux", hoarder)
    try:
        process = helper.ask(2_000, 60)  # 200 MB
        helper.ask(1, 60)  # it answers when it has given back what the first took
        status = Path(f"/proc/{process}/smaps_rollup").read_text()
    finally:
        helper.close()
    held = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Pss_Anon:"))
    assert held < 120_000  # kB
