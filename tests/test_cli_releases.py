"""`prote diff` and `prote prune` as a user calls them: exit codes, plain words, and no trust in any name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from release_documents import make_document, make_outcome, publish
from test_cli_commands import call
from test_release_report import HOSTILE, hostile_outcomes, parse

from flows.exits import ExitCode
from release.shelf import releases
from repair.document import Outcome, Status
from repair.edits import Decision


def text(words: str, name: str = "rapport") -> Outcome:
    return make_outcome(make_document(name, words, (), (), ()))


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "sync", lambda: None)
    clean = tmp_path / "clean"
    repaired = make_document("rapport", "une étre", [("étre", "être", Decision.APPLIED)], (), ())
    publish([text("une étre"), text("deux", "b"), text("trois", "c")], clean, versions={"prote": "1"})
    publish([make_outcome(repaired), text("trois", "z")], clean, versions={"prote": "2"})
    return clean


CHANGED = """\
figure\tpublished\t3\t2
figure\tin review\t0\t0
figure\tin quarantine\t0\t0
figure\twords\t4\t3
figure\tdamaged before\t0.0 %\t0.0 %
figure\tdamaged after\t0.0 %\t0.0 %
made with\tprote\t1\t2
document\tb\twithdrawn\t-\t0\tpublished
document\trapport\tchanged\tprogram\t1\tpublished
document\tz\trenamed\twas c\t0\tpublished
rule\trule-repair\t1\t0
"""


def test_what_changed_in_plain_lines(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "diff", "--clean", clean) == ExitCode.DONE
    assert capsys.readouterr() == (CHANGED, "")
    old, new = (path.name for path in releases(clean)[::-1])
    assert call(monkeypatch, "diff", old[:12], clean / "releases" / new, "--clean", clean) == ExitCode.DONE
    assert capsys.readouterr().out == CHANGED
    assert call(monkeypatch, "diff", "current", "--clean", clean) == ExitCode.DONE
    assert {line.split("\t")[0] for line in capsys.readouterr().out.splitlines()} == {"figure"}


def test_on_a_terminal_there_are_tables(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert call(monkeypatch, "diff", "--clean", clean) == ExitCode.DONE
    said = capsys.readouterr().out
    assert "appeared" in said
    assert "was c" in said
    assert "figure" not in said


def test_the_page_is_written_where_it_is_asked_for(
    clean: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert call(monkeypatch, "diff", "--clean", clean, "--html", tmp_path / "d.html") == ExitCode.DONE
    said = parse((tmp_path / "d.html").read_text(encoding="utf-8")).text_content()
    assert "rule-repair" in said
    assert "s’appelait" in said


def test_names_steer_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = tmp_path / "clean"
    publish([text("un", "tab\u202ebat\u2028x"), text("deux", "y")], clean, versions={"prote": "1"})
    publish(
        [
            *hostile_outcomes(),
            text("un", "z\u2066"),
            make_outcome(make_document("y", "3", (), (), ()), Status.REVIEW),
        ],
        clean,
        versions={"prote": HOSTILE, HOSTILE: "2"},
    )
    monkeypatch.setenv("TERM", "dumb")  # what steers a terminal then is none of ours
    for tty in (False, True):
        with monkeypatch.context() as patch:
            patch.setattr(sys.stdout, "isatty", lambda tty=tty: tty)
            assert call(monkeypatch, "diff", "--clean", clean) == ExitCode.DONE
        said = capsys.readouterr().out
        assert not set(said) & set("\u202e\u202c\u2066\u2028\x00\x07\x1b")
        assert "tab\\u202ebat\\u2028x" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("diff unknown", ExitCode.USAGE, "no release is called 'unknown'"),
        ("diff current unknown", ExitCode.USAGE, "there are: "),
        ("diff --clean nowhere", ExitCode.NO_RELEASE, "none yet"),
        ("diff current --clean nowhere", ExitCode.NO_RELEASE, "none yet"),
        ("diff --html gone/d.html", ExitCode.FAILURE, "gone/d.html"),
        ("diff --html .", ExitCode.USAGE, "directory"),
        ("prune --clean nowhere", ExitCode.NO_RELEASE, "there is no release in nowhere"),
        ("prune --keep 0", ExitCode.USAGE, "--keep"),
        ("prune --keep all", ExitCode.USAGE, "--keep"),
    ],
)
def test_exit_codes(
    clean: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    code: ExitCode,
    said: str,
) -> None:
    monkeypatch.chdir(clean.parent)
    assert call(monkeypatch, *arguments.split()) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert not Path("nowhere").exists()
    assert len(releases(clean)) == 2


def test_a_damaged_release_is_not_compared(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (clean / "current/edits.parquet").unlink()
    (clean / "current/edits.parquet").write_bytes(b"PAR1")
    assert call(monkeypatch, "diff", "--clean", clean) == ExitCode.NOT_VERIFIED
    captured = capsys.readouterr()
    assert "edits.parquet cannot be read" in captured.err
    assert "prote verify" in captured.err
    assert captured.out == ""


def test_old_releases_go_when_they_are_told_to(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new, old = (path.name for path in releases(clean))
    assert call(monkeypatch, "prune", "--clean", clean) == ExitCode.DONE
    assert capsys.readouterr() == ("", "0 releases taken away, 0 bytes freed\n")
    assert call(monkeypatch, "prune", "--keep", "1", "--clean", clean) == ExitCode.DONE
    captured = capsys.readouterr()
    assert captured.out == f"{old}\n"
    assert captured.err.startswith("1 release taken away, ")
    assert [path.name for path in releases(clean)] == [new]


def test_nothing_is_taken_away_under_a_run(
    clean: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import sys; from pathlib import Path; from flows.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(clean)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"held\n"
        assert call(monkeypatch, "prune", "--keep", "1", "--clean", clean) == ExitCode.LOCKED
        assert f"process {run.pid} " in capsys.readouterr().err
        assert len(releases(clean)) == 2
        run.communicate()
    assert call(monkeypatch, "prune", "--keep", "1", "--clean", clean) == ExitCode.DONE
    assert len(releases(clean)) == 1
