"""The commands that need no Prefect: exit codes, the filter, plain words for every failure."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from release_documents import make_outcomes, publish

from flows import cli
from flows.exits import ExitCode
from repair import Edit
from repair.edits import apply

DAMAGED = "Prie 1’Office d’aider les pays\r\npour que 1’auteur puisse étre puni.\r\nSans fin de ligne"
REPAIRED = DAMAGED.replace("1’", "l’").replace("étre", "être")


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["prote", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert isinstance(end.value.code, int)
    return int(end.value.code)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    publish(make_outcomes(), tmp_path / "clean", versions={"prote": "test"})
    return tmp_path / "clean"


@pytest.fixture
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.usefixtures("in_empty_folder")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--help", ExitCode.DONE, "Exit codes:"),
        ("--version", ExitCode.DONE, "prote 0."),
        ("run --help", ExitCode.DONE, "--strict"),
        ("", ExitCode.USAGE, "Usage"),
        ("unknown", ExitCode.USAGE, "unknown"),
        ("run --unknown", ExitCode.USAGE, "--unknown"),
        ("run", ExitCode.USAGE, "there is no folder raw"),
        ("run --raw . --clean .", ExitCode.USAGE, "one inside the other"),
        ("run --raw empty", ExitCode.USAGE, "there is no document in empty"),
        ("run --profile zzz", ExitCode.USAGE, "there is no profile 'zzz'"),
        ("document", ExitCode.USAGE, "NAME-OR-PATH"),
        ("document a --profile zzz", ExitCode.USAGE, "there is no profile 'zzz'"),
        ("repair gone.txt", ExitCode.USAGE, "gone.txt"),
        ("repair --edition other", ExitCode.USAGE, "other"),
        ("repair --profile zzz", ExitCode.USAGE, "there is no profile 'zzz'"),
        ("verify", ExitCode.NO_RELEASE, "there is no release in clean"),
        ("explain a:1", ExitCode.NO_RELEASE, "there is no release in clean"),
        ("explain a", ExitCode.USAGE, "DOCUMENT:LINE"),
        ("explain a:0x1", ExitCode.USAGE, "DOCUMENT:LINE"),
    ],
)
def test_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    code: ExitCode,
    said: str,
) -> None:
    assert call(monkeypatch, *arguments.split()) == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert "Traceback" not in captured.err
    if code:
        assert not captured.out


def test_the_help_names_every_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, "--help")
    told = " ".join(capsys.readouterr().out.split())
    for code in ExitCode:
        assert f"{code.value} {code.meaning}" in told


def test_the_readme_names_every_exit_code() -> None:
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    for code in ExitCode:
        assert f"| {code.value} | {code.meaning} |" in readme


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        f"sys.argv = ['prote', *{arguments}]\n"
        "from flows.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'prefect', 'great_expectations', 'pandas', 'rich', 'repair.pipeline', 'msgspec'}\n"
        "print(', '.join(heavy & sys.modules.keys()), file=sys.stderr, end='')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_filter_loads_no_prefect_and_no_expectations(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Le texte est clair.\n", encoding="utf-8")
    program = (
        "import sys\n"
        f"sys.argv = ['prote', 'repair', {str(tmp_path / 'a.txt')!r}]\n"
        "from flows.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'repair.pipeline' in sys.modules\n"
        "heavy = {'prefect', 'great_expectations', 'pandas', 'rich'}\n"
        "print(', '.join(heavy & sys.modules.keys()), file=sys.stderr, end='')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.stderr, ended.stdout) == ("", "Le texte est clair.\n")


def _filter(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], data: bytes, *options: str
) -> bytes:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert call(monkeypatch, "repair", *options) == 0
    captured = capsysbinary.readouterr()
    assert captured.err == b""
    return captured.out


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_the_filter_gives_the_repaired_text_and_no_more(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], encoding: str
) -> None:
    assert _filter(monkeypatch, capsysbinary, DAMAGED.encode(encoding)) == REPAIRED.encode()


@pytest.mark.parametrize(
    "text", ["", "\n", "Sans fin", "Avec fin\n", "Deux\r\nfins\r\n", "\n\n  Blancs \n\n"]
)
def test_the_filter_keeps_line_ends_and_blanks(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], text: str
) -> None:
    assert _filter(monkeypatch, capsysbinary, text.encode()) == text.encode()


@pytest.mark.parametrize("edition", ["diplomatic", "normalised"])
def test_the_edits_of_the_filter_give_its_text(
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    edition: str,
) -> None:
    path = tmp_path / "edits.jsonl"
    out = _filter(monkeypatch, capsysbinary, DAMAGED.encode(), "--edition", edition, "--edits", str(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    edits = [msgspec.json.decode(line, type=Edit) for line in lines]
    assert len(edits) >= 3
    assert apply(DAMAGED, edits).encode() == out
    assert {"start", "end", "before", "after", "kind", "rule", "probability", "decision", "evidence"} == set(
        json.loads(lines[0])
    )


def test_the_filter_refuses_what_is_no_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(32)) * 50)
    assert call(monkeypatch, "repair", tmp_path / "a.bin") == ExitCode.FAILURE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "not text" in captured.err


def test_a_closed_pipe_is_no_failure_to_speak_of(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Le texte est clair.\n" * 20_000, encoding="utf-8")
    prote = [sys.executable, "-c", "from flows.cli import main; main()", "repair", str(tmp_path / "a.txt")]
    with subprocess.Popen(prote, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == ExitCode.PIPE_CLOSED


def test_a_sound_release_verifies_and_a_changed_one_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clean: Path
) -> None:
    assert call(monkeypatch, "verify", clean) == ExitCode.DONE
    assert "is sound" in capsys.readouterr().out
    text = clean / "current" / "text" / "rapport.txt"
    text.chmod(0o644)
    text.write_text("Autre chose.\n", encoding="utf-8")
    assert call(monkeypatch, "verify", clean) == ExitCode.NOT_VERIFIED
    captured = capsys.readouterr()
    assert "text/rapport.txt" in captured.err
    assert captured.out == ""


def test_explain_shows_the_edits_of_a_line_with_their_evidence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clean: Path
) -> None:
    assert call(monkeypatch, "explain", "rapport:1", "--clean", clean) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "«1’Office» → «l’Office»  repair applied, rule rule-repair, probability 0.970" in told
    assert "«Etats» → «États»  repair left" in told
    assert "lexicon: l’Office / 1’Office (+2.5)" in told
    assert "étre" not in told


@pytest.mark.parametrize("place", ["raport:1", "rapport:99", "vide:1"])
def test_explain_says_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clean: Path, place: str
) -> None:
    assert call(monkeypatch, "explain", place, "--clean", clean) == ExitCode.USAGE
    captured = capsys.readouterr()
    assert captured.err.startswith("prote: ")
    assert captured.err.count("\n") == 1


def test_a_document_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from release_documents import make_document, make_outcome

    document = make_document("a", "Un \x1b[2J écran\n", (), (), ())
    publish([make_outcome(document)], tmp_path, versions={})
    assert call(monkeypatch, "explain", "a:1", "--clean", tmp_path) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "Un \\x1b[2J écran" in told


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "clean/x"), 1, "clean/x: No space left on device"),
        (ValueError("odd\nvalue"), 1, "odd value (PROTE_DEBUG=1 shows where)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_failures_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    raised: BaseException,
    code: int,
    said: str,
) -> None:
    def fail(_clean: Path) -> None:
        raise raised

    monkeypatch.delenv("PROTE_DEBUG", raising=False)
    monkeypatch.setattr("release.verify.verify", fail)
    assert call(monkeypatch, "verify", tmp_path) == code
    captured = capsys.readouterr()
    assert captured.err.startswith(f"prote: {said}")
    assert captured.err.count("\n") == 1


def test_debugging_shows_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(_clean: Path) -> None:
        raise ValueError("odd")

    monkeypatch.setattr("release.verify.verify", fail)
    monkeypatch.setitem(os.environ, "PROTE_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["prote", "verify", str(tmp_path)])
    with pytest.raises(ValueError, match="odd"):
        cli.main()


def test_a_second_run_is_told_who_is_at_work(tmp_path: Path) -> None:
    from flows.lock import locked

    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("Le texte est clair.\n", encoding="utf-8")
    with locked(tmp_path / "clean"):
        ended = subprocess.run(
            [sys.executable, "-c", "from flows.cli import main; main()", "run"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == ExitCode.LOCKED
    assert f"process {os.getpid()} " in ended.stderr
    assert ended.stdout == ""
    assert not (tmp_path / "clean" / "current").exists()
