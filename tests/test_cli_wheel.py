"""The wheel carries all it needs: it works in another environment, away from the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).parents[1]


def _run(folder: Path, *command: str | Path, given: str = "") -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_wheel_repairs_outside_the_checkout(tmp_path: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert uv, "uv is among the development tools: make setup"
    here = ("--python", sys.executable)
    _run(
        tmp_path, uv, "build", "--wheel", "--no-build-isolation", *here, "--out-dir", tmp_path / "dist", HOUSE
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")

    _run(tmp_path, uv, "venv", *here, tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    _run(tmp_path, uv, "pip", "install", "--offline", "--no-deps", "--python", python, wheel)
    # The libraries are those of this environment; a .pth file found through a .pth file is not read,
    # so the checkout, which is installed here by one, stays out of sight.
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(_run(tmp_path, python, "-c", purelib).strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    where = "import dictionaries, expectations, flows.cli, release, repair.pipeline as p; print(p.__file__)"
    assert _run(tmp_path, python, "-c", where).startswith(str(tmp_path))
    prote = tmp_path / "venv" / "bin" / "prote"
    assert _run(tmp_path, prote, "repair", given="Prie 1’Office d’agir.\n") == "Prie l’Office d’agir.\n"
    normalised = _run(tmp_path, prote, "repair", "--edition", "normalised", given="« Oui » ; non\n")
    assert normalised.startswith("«\u00a0Oui\u00a0»")
