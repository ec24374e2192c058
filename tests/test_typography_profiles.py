"""Profiles are data: they are found by name, and a wrong one says what is wrong with it."""

from pathlib import Path

import pytest

import dictionaries
from repair.typography import load_profile, normalise, profile_names
from repair.typography.profiles import RULES, ProfileError, read_profile

TITLE = {"title": {"fr": "Essai", "en": "Trial"}, "source": "nobody"}


def test_every_file_of_the_folder_is_a_profile():
    folder = Path(dictionaries.__file__).parent / "profiles"
    assert profile_names() == sorted(path.stem for path in folder.glob("*.toml"))
    for name in profile_names():
        profile = load_profile(name)
        assert (profile.name, bool(profile.fr), bool(profile.en), bool(profile.source)) == (name, *[True] * 3)


def test_the_diplomatic_edition_changes_nothing():
    text = "l'Etat;  « a »..."
    profile = load_profile("edition-diplomatique")
    assert normalise(text, profile, known=lambda word: True, accented=str.upper) == []


@pytest.mark.parametrize("name", ["onu", "imprimerie-nationale"])
def test_a_house_applies_every_rule_in_the_order_of_the_rules(name: str):
    assert [rule.name for rule, _ in load_profile(name).rules] == list(RULES)


@pytest.mark.parametrize("name", ["onux", "", "../onu", "onu.toml", "/etc/passwd"])
def test_an_unknown_profile_is_refused_with_the_names_there_are(name: str):
    with pytest.raises(ProfileError, match=r"take one of .*onu"):
        load_profile(name)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"rules": {}}, "lacks 'title'"),
        (TITLE, "lacks 'rules'"),
        (TITLE | {"rules": {"apostrophes": {}}}, "asks for apostrophes: the rules are .*apostrophe"),
        (TITLE | {"rules": {"apostrophe": {"spaces": " "}}}, "the option spaces: the options are .*space"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(data: dict[str, object], message: str):
    with pytest.raises(ProfileError, match=message):
        read_profile("essai", data)


def test_a_house_chooses_its_space():
    profile = read_profile(
        "essai", TITLE | {"rules": {"punctuation-space": {"space": "\u202f", "marks": ";"}}}
    )
    edits = normalise("oui ; non: fin", profile, known=lambda word: False, accented=lambda word: None)
    assert [(edit.before, edit.after) for edit in edits] == [(" ", "\u202f")]
