"""The journal as people and git leave it: no ruling is lost, and none is made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from decisions_cases import ruling

from repair.decisions.journal import DamagedJournal, Journal
from repair.decisions.ruling import in_force

RULINGS = [
    ruling({"verdict": "accept", "scope": "everywhere", "before": word, "after": f"{word}é"}, rank=rank)
    for rank, word in enumerate(("un", "deux", "trois\u2028quatre"))
]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    kept = Journal(tmp_path / "decisions.jsonl")
    kept.append(RULINGS)
    return kept


def test_what_is_added_is_read_and_followed(journal: Journal) -> None:
    end = journal.path.stat().st_size
    assert journal.read() == tuple(RULINGS)
    assert journal.read_after(end) == ([], end)
    more = ruling({"verdict": "reverse", "reverses": RULINGS[0].id}, rank=9)
    journal.append([more])
    assert journal.read_after(end) == ([more], journal.path.stat().st_size)
    assert in_force(journal.read()) == tuple(RULINGS[1:])


@pytest.mark.parametrize("cut", [1, 2, 40, -3, -2])
def test_what_a_kill_left_of_a_line_is_not_read_and_goes(journal: Journal, cut: int) -> None:
    whole = journal.path.read_bytes()
    line = whole[: whole.index(b"\n") + 1].replace(RULINGS[0].id.encode(), b"0" * 12)
    journal.path.write_bytes(whole + line[:cut])
    assert journal.read_after(0) == (RULINGS, len(whole))
    more = ruling({"verdict": "reverse", "reverses": RULINGS[0].id}, rank=9)
    journal.append([more])
    assert journal.read() == (*RULINGS, more)


def test_a_ruling_without_its_line_end_counts_and_stays(journal: Journal) -> None:
    journal.path.write_bytes(journal.path.read_bytes().rstrip())  # as some editors save it
    end = journal.path.stat().st_size
    assert journal.read() == tuple(RULINGS)
    assert journal.read_after(0)[1] == end
    more = ruling({"verdict": "reverse", "reverses": RULINGS[0].id}, rank=9)
    journal.append([more])
    assert journal.read() == (*RULINGS, more)
    assert journal.read_after(end)[0] == [more]


def test_a_merge_may_change_line_ends_and_order_and_say_a_thing_twice(journal: Journal) -> None:
    lines = journal.path.read_bytes().splitlines()
    journal.path.write_bytes(b"\r\n".join([lines[2], b"", *lines, b""]))
    assert set(journal.read()) == set(RULINGS)
    assert len(journal.read()) == len(RULINGS)


@pytest.mark.parametrize(
    "line", [b"<<<<<<< HEAD", b"=======", b"{}", b"null", b"[]", b"\xff", b'{"id":"000000000000"}']
)
def test_what_is_no_ruling_is_told_with_its_line(journal: Journal, line: bytes) -> None:
    lines = journal.path.read_bytes().splitlines()
    journal.path.write_bytes(b"\n".join([lines[0], line, *lines[1:], b""]))
    with pytest.raises(DamagedJournal, match=r"line 2 of .*git"):
        journal.read()


def test_a_line_that_was_changed_by_hand_is_refused(journal: Journal) -> None:
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"Ana"', b'"Eve"', 1))
    with pytest.raises(DamagedJournal, match=r"line 1 of .*changed by hand"):
        journal.read()
