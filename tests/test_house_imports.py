"""Each room of the house imports what DESIGN.md lets it, and nothing else of ours."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
MAY = {
    "repair": set(),
    "expectations": {"repair"},
    "release": {"repair"},
    "review": {"repair", "release"},
    "flows": {"repair", "expectations", "release", "review"},
}
ROOMS = {*MAY, "bench", "tests"}


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def _ours(room: str, source: str) -> set[str]:
    return {name.partition(".")[0] for name in _imported(source)} & ROOMS - {room}


@pytest.mark.parametrize("room", MAY)
def test_a_room_imports_what_stands_before_it(room: str) -> None:
    files = sorted((HOUSE / room).rglob("*.py"))
    assert files
    found = {(path.name, name) for path in files for name in _ours(room, path.read_text(encoding="utf-8"))}
    assert {name for _, name in found} <= MAY[room], sorted(found)


def test_what_is_not_allowed_is_seen() -> None:
    assert _ours("repair", "def late():\n    from flows.state import State\n    import repair.edits\n") == {
        "flows"
    }


def test_the_desk_takes_of_repair_what_it_shows_and_its_decisions() -> None:
    names = {
        name
        for path in (HOUSE / "review").rglob("*.py")
        for name in _imported(path.read_text(encoding="utf-8"))
        if name.partition(".")[0] == "repair"
    }
    data = {"repair.document", "repair.edits", "repair.layout"}
    assert {name for name in names if not name.startswith("repair.decisions.")} <= data
