"""Repair on tables of cases: in the wild, synthetic, negative, and known failures."""

import json
import re
from pathlib import Path

import pytest

from repair import repair_text
from repair.correction.candidates import load_analyser
from repair.correction.spaces import joined
from repair.damage.confusions import BETWEEN, ELIDED, QUOTED, Confusion, load_confusions

CASES = Path(__file__).parent / "cases" / "repair"

DAMAGED = (
    "Considérant que 1’assistance de 1’Organisation et de 1’Office, d’une part, et 1’appui d’autres États, "
    "qu’il s’agisse d’aide ou d’expertise, n’ont pas suffi, l’Assemblée invite "
)
"""What shows damage, and that nothing elided has a space after it."""


def cases(name: str) -> list[object]:
    table = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["why"]) for case in table]


@pytest.mark.parametrize("case", [*cases("wild"), *cases("synthetic")])
def test_damage_is_repaired(case: dict[str, str]):
    assert repair_text(case["text"]).text == case["repaired"]


@pytest.mark.parametrize("case", cases("negative"))
def test_what_is_no_damage_stays(case: dict[str, str]):
    assert repair_text(case["text"]).text == case["text"]


@pytest.mark.parametrize("case", cases("known_failures"))
@pytest.mark.xfail(strict=True, reason="known failures, kept to be noticed when they are mended")
def test_known_failure(case: dict[str, str]):
    assert case["repaired"] in repair_text(case["text"]).text


@pytest.mark.parametrize(
    "entry", load_confusions().entries, ids=lambda entry: f"{entry.printed}>{entry.read}"
)
def test_a_confusion_leads_back_to_what_was_printed(entry: Confusion):
    """The example of a line of the table holds for the first of its readings."""
    read, printed = entry.example
    if entry.read not in read:
        assert entry.printed in printed
    elif entry.where == ELIDED:
        assert repair_text(f"{DAMAGED}{read}.").text.endswith(f" {printed}.")
    elif entry.where in (BETWEEN, QUOTED):
        assert printed in made_of(read)
    else:
        assert printed in [variant.text for variant in load_confusions().variants(read, depth=1)]


def made_of(read: str) -> list[str]:
    """Return what the candidates of one or two words in a row are."""
    analyser = load_analyser()
    left, gap, right = re.fullmatch(r"(\S+)(\s?)(\S*)", read).groups()
    if gap:
        return [cut.text for cut in joined(left, gap, right, analyser.recogniser.recognised)]
    return [candidate.text for candidate in analyser.alternatives(read)]
