"""Rules on sound text that no table was built from: the risky ones change next to nothing there.

Accents taken from its capitals come back in most places, and none where there was none.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from repair.edits import apply
from repair.language import load_language
from repair.language.holdout import passages
from repair.pipeline import accented
from repair.typography import load_profile, normalise

CLEAN = Path(__file__).parents[2] / "shared" / "data" / "clean"
SOURCES = ("books_gutenberg", "novels_1840_1920", "law_canada", "law_france", "spoken_modern")
# Rules that guess at what is meant, and how often they may speak in 10,000 words of sound text.
RARE = {
    "closing-space": 2.0,
    "thousands-point": 0.1,
    "decimal": 0.1,
    "title-point": 0.1,
    "time": 0.1,
    "incise": 0.1,
    "ordinal": 0.5,
    "et-cetera": 0.5,
    "presentation-form": 0.1,
    "missing-space": 0.1,
    "list-dash": 0.5,
    "initial-ca": 0.1,
    "odd-space": 0.1,
}

# Share of the accents that come back: not those of names of persons, nor of an À that may be a verb.
COME_BACK = {"books_gutenberg": 0.6, "novels_1840_1920": 0.8, "law_canada": 0.95, "spoken_modern": 0.8}
ACCENTED = re.compile(r"[ÀÂÇÈÉÊËÎÏÔÙÛ](?:[a-zß-ÿœ]\w*|(?!\w))")
BARE = str.maketrans("ÀÂÇÈÉÊËÎÏÔÙÛ", "AACEEEEIIOUU")

pytestmark = pytest.mark.skipif(not CLEAN.is_dir(), reason="the clean texts are not at hand")


def texts(source: str) -> Iterator[str]:
    words = 0
    for passage in passages(CLEAN, source, "test"):
        text = "".join(passage)
        words += len(text.split())
        yield text
        if words > 100_000:
            return


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("house", ["onu", "imprimerie-nationale"])
def test_a_house_is_quiet_on_sound_text_and_applied_once(house: str, source: str):
    profile = load_profile(house)
    known = load_language().lexicon.__contains__
    changes: Counter[str] = Counter()
    words = 0
    for text in texts(source):
        words += len(text.split())
        edits = normalise(text, profile, known=known, accented=accented)
        changes.update(rule for edit in edits for rule in edit.rule.split("+"))
        assert normalise(apply(text, edits), profile, known=known, accented=accented) == []
    rates = {rule: changes[rule] * 10_000 / words for rule in RARE}
    assert {rule: rate for rule, rate in rates.items() if rate > RARE[rule]} == {}


@pytest.mark.parametrize("source", COME_BACK)
def test_accents_taken_from_capitals_come_back(source: str):
    profile = load_profile("onu")
    capitals = ("capital-accent", "initial-a", "initial-ca")
    profile = replace(profile, rules=tuple(rule for rule in profile.rules if rule[0].name in capitals))
    known = load_language().lexicon.__contains__
    due = back = more = words = 0
    for text in texts(source):
        words += len(text.split())
        bare = ACCENTED.sub(lambda found: found.group()[0].translate(BARE) + found.group()[1:], text)
        edition = apply(bare, normalise(bare, profile, known=known, accented=accented))
        for printed, lacking, given in zip(text, bare, edition, strict=True):
            due += printed != lacking
            back += printed != lacking and printed == given
            more += given not in (printed, lacking)
    assert back >= COME_BACK[source] * due > 0, (back, due)
    assert more <= words / 10_000, more
