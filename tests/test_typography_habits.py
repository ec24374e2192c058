"""What a document prints by habit is counted, and said where a house goes against it."""

from collections.abc import Callable

import pytest

from repair.document import Habit
from repair.edits import apply
from repair.typography import habits, load_profile, normalise

KNOWN = frozenset(("cœur", "œuvre", "état", "les", "des", "un", "de", "la"))
ACCENTED = {"Etat": "État", "Etats": "États"}
WORDS: dict[str, Callable] = {"known": KNOWN.__contains__, "accented": ACCENTED.get}


def found(text: str, house: str = "onu") -> dict[str, Habit]:
    edition = apply(text, normalise(text, load_profile(house), **WORDS))
    return {habit.rule: habit for habit in habits(text, edition, **WORDS)}


@pytest.mark.parametrize(
    ("rule", "text", "page"),
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
def test_each_choice_is_counted(rule: str, text: str, page: dict[str, int]):
    assert dict(found(text)[rule].page) == page


def test_what_is_never_printed_is_no_habit():
    assert found("rien à dire") == {}


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
    assert [rule for rule, habit in found(text, house).items() if habit.overruled] == rules


def test_a_plain_space_made_no_break_is_kept():
    habit = found("soit 22 % de la\n" * 6)["unit-space"]
    assert (habit.page, habit.edition, habit.overruled) == ((("plain", 6),), (("no-break", 6),), False)


def test_what_the_house_prints_instead_is_said():
    habit = found("soit 22% de la\n" * 6, "imprimerie-nationale")["unit-space"]
    assert (habit.page, habit.edition) == ((("none", 6),), (("no-break", 6),))


def test_quotes_of_another_kind_are_a_style_too():
    habit = found("“un” de la\n" * 6)["quotes"]
    assert (habit.page, habit.edition, habit.overruled) == ((("“", 6),), (("«", 6),), True)


def test_a_slip_is_no_habit_that_a_house_goes_against():
    habits_of = found("l’un, l’autre, " * 20 + "l'État")
    assert habits_of["apostrophe"].steady
    assert not any(habit.overruled for habit in habits_of.values())
