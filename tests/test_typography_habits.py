"""What a document prints by habit is counted, and said where a house goes against it."""

from collections.abc import Callable

import pytest

from repair.typography import Habit, habits, load_profile, normalise, overruled

KNOWN = frozenset(("cœur", "œuvre", "état", "les", "des", "un", "de", "la"))
ACCENTED = {"Etat": "État", "Etats": "États"}
WORDS: dict[str, Callable] = {"known": KNOWN.__contains__, "accented": ACCENTED.get}


def found(text: str) -> dict[str, Habit]:
    return {habit.rule: habit for habit in habits(text, **WORDS)}


@pytest.mark.parametrize(
    ("rule", "text", "counts"),
    [
        ("apostrophe", "l'un, l’autre, l'État, 15' 30''", {"'": 2, "’": 1}),
        ("quotes", '« un » "deux" “trois”', {"«": 1, '"': 1, "“": 1}),
        ("quote-space", "«un» « deux » «\u00a0trois\u00a0»", {"none": 1, "plain": 1, "no-break": 1}),
        ("ellipsis", "un… deux... Sommaire ..... 4", {"…": 1, "...": 1}),
        ("punctuation-space", "un ; deux! trois\u202f? http://x.org/?a", {"plain": 1, "none": 1, "fine": 1}),
        ("colon-space", "un : deux: à 10:30, http://x.org", {"plain": 1, "none": 1}),
        ("unit-space", "22%, 22 %, 22\u00a0%.", {"none": 1, "plain": 1, "no-break": 1}),
        ("thousands", "12 500, 1\u202f000, en 2008", {"plain": 1, "fine": 1}),
        ("ordinal", "la 2e, la 2ème, la 65 e séance", {"2e": 1, "2ème": 1, "2 e": 1}),
        ("ligature", "le cœur de la coeur, coexister", {"œ": 1, "oe": 1}),
        ("capital-accent", "les États, un Etat de la", {"É": 1, "E": 1}),
    ],
)
def test_each_choice_is_counted(rule: str, text: str, counts: dict[str, int]):
    assert found(text)[rule].counts == counts


def test_what_is_never_printed_is_no_habit():
    assert habits("rien à dire", **WORDS) == ()


@pytest.mark.parametrize(
    ("text", "steady"),
    [("22% " * 5, True), ("22% " * 4, False), ("22% " * 40 + "5 %", True), ("22% " * 9 + "5 %", False)],
)
def test_a_steady_habit_is_seen_often_and_hardly_ever_broken(text: str, steady: bool):
    habit = found(text)["unit-space"]
    assert (habit.usual, habit.steady) == ("none", steady)


@pytest.mark.parametrize(
    ("house", "rules"), [("onu", []), ("imprimerie-nationale", ["unit-space"]), ("edition-diplomatique", [])]
)
def test_a_habit_that_a_house_goes_against_is_said(house: str, rules: list[str]):
    text = "soit 22% de la\n" * 6
    edits = normalise(text, load_profile(house), **WORDS)
    assert [habit.rule for habit in overruled(habits(text, **WORDS), edits)] == rules


def test_a_slip_is_no_habit_that_a_house_goes_against():
    text = "l’un, l’autre, " * 20 + "l'État"
    edits = normalise(text, load_profile("onu"), **WORDS)
    assert len(edits) == 1
    assert overruled(habits(text, **WORDS), edits) == []
