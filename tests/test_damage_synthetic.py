"""Damage that is made leads back exactly; the same seed makes the same; what is not asked is not there."""

import hashlib
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.damage import class_rows, confusion_rows, count
from repair.damage.asides import with_asides
from repair.damage.confusions import ANY, load_confusions
from repair.damage.setting import Manner, any_manner, set_page
from repair.damage.strike import SLIP, any_style, rewritten, strike
from repair.damage.synthetic import KINDS, Damage, any_damage, damaged, struck_in_patches
from repair.evaluation.words import DamageClass

CONFUSIONS = load_confusions()
TEXT = (
    "L’Assemblée générale a décidé que l'Office, établi à Genève, soumettrait à l'État un rapport sur « la "
    "tornade » ; où étaient les œuvres ? Ça et là, les 350 tableaux de 1789, peut-être, furent reçus.\n"
) * 12
FRENCH = st.text(alphabet="aeéèàçlrnsſuimtdE'’ -.,;«»\n1", max_size=400)
SEEDS = st.integers(0, 2**32)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a repeatable draw, not a secret


@given(FRENCH, SEEDS)
def test_the_wounds_lead_back_to_the_clean_text(clean, seed):
    made = damaged(clean, CONFUSIONS, chance(seed))
    assert made.reading.printed == made.page.read
    assert made.page.printed == clean


@given(FRENCH, SEEDS)
def test_what_is_struck_for_the_acceptance_model_leads_back_too(clean, seed):
    rng = chance(seed)
    assert strike(clean, any_style(CONFUSIONS, rng), rng).printed == clean


def test_a_word_is_not_broken_within_two_letters_taken_for_one():
    struck = rewritten("tornade", {2: (4, "m"), 3: (3, " ")})
    assert struck.read == "tomade"
    assert struck.printed == "tornade"


def test_changes_of_nothing_change_nothing():
    assert rewritten("l'an", {}).wounds == ()


@settings(max_examples=40)
@given(SEEDS)
def test_the_same_seed_makes_the_same_document(seed):
    assert damaged(TEXT, CONFUSIONS, chance(seed)) == damaged(TEXT, CONFUSIONS, chance(seed))


def test_the_same_seed_makes_the_same_bytes_as_ever():
    """What a model learned from can be made again; a new digest means that it must learn anew."""
    rng = chance(7)
    read = "".join(damaged(TEXT, CONFUSIONS, rng).reading.read for _ in range(20))
    assert hashlib.sha256(read.encode()).hexdigest()[:16] == "5d15cc8ab84357ea"


def test_the_acceptance_model_is_given_the_same_bytes_as_ever():
    rng = chance(7)
    read = "".join(strike(TEXT, any_style(CONFUSIONS, rng), rng).read for _ in range(20))
    assert hashlib.sha256(read.encode()).hexdigest()[:16] == "7d1c857ca6098c1a"


@settings(max_examples=40)
@given(SEEDS)
def test_a_class_of_rate_zero_never_strikes(seed):
    rng = chance(seed)
    damage = any_damage(CONFUSIONS, rng)
    spared = dict.fromkeys(damage.rates, 0.0)
    assert struck_in_patches(TEXT, Damage(damage.kinds, spared, 0.8), rng).read == TEXT
    if (SLIP, ANY) in damage.rates or not damage.rates:
        return
    zero = rng.choice(list(damage.rates))
    struck = struck_in_patches(TEXT, Damage(damage.kinds, dict(damage.rates) | {zero: 0.0}, 0.8), rng)
    printed, read = zero[0]
    others = {change for (change, place), rate in damage.rates.items() if rate and (change, place) != zero}
    if (printed, read) not in others:
        made = {(before, struck.read[start:end]) for start, end, before in struck.wounds}
        assert (printed, read) not in {(a.replace("’", "'"), b.replace("’", "'")) for a, b in made}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_damage_strikes(kind):
    rng = chance(3)
    rates = [KINDS[kind][1](CONFUSIONS, 3.0, rng) for _ in range(20)]
    page = set_page(TEXT, Manner(40, cuts=1.0), rng).read
    struck = [struck_in_patches(page, Damage((kind,), some), rng) for some in rates]
    assert sum(bool(one.wounds) for one in struck) >= 10
    assert all(one.printed == page for one in struck)


def test_a_class_may_be_lost_wholly_while_its_neighbour_is_spared():
    drawn = [any_damage(CONFUSIONS, chance(seed)).rates for seed in range(200)]
    rates = [(some.get((("à", "a"), ANY), 0.0), some.get((("é", "e"), ANY), 0.0)) for some in drawn]
    assert any(a == 1.0 and e == 0.0 for a, e in rates)
    assert any(0.3 <= a <= 0.7 and e == 0.0 for a, e in rates)


def test_documents_are_from_sound_to_severe():
    shares = []
    for seed in range(120):
        reading = damaged(TEXT, CONFUSIONS, chance(seed)).reading
        shares.append(sum(max(end - start, len(before)) for start, end, before in reading.wounds) / len(TEXT))
    assert sum(share == 0 for share in shares) >= 8
    assert sum(share < 0.01 for share in shares) >= 20
    assert sum(share > 0.06 for share in shares) >= 8


@settings(max_examples=40)
@given(SEEDS)
def test_no_line_is_longer_than_the_printer_sets_it(seed):
    rng = chance(seed)
    page = set_page(TEXT, Manner(30, cuts=1.0), rng)
    for line in page.read.split("\n"):
        assert len(line) <= 30 or " " not in line.rstrip(" ;?!:»").removeprefix("« ")


def test_words_are_cut_between_syllables():
    page = set_page("le gouvernement " * 40, Manner(21, cuts=1.0), chance(1)).read
    halves = set(re.findall(r"(\w+)-\n", page))
    assert halves
    assert halves <= {"gou", "gouver", "gouverne"}


def test_a_line_end_taken_out_leaves_the_hyphen():
    page = set_page("le gouvernement " * 40, Manner(21, cuts=1.0, run_on=True), chance(1)).read
    assert "\n" not in page
    assert "-" in page


@settings(max_examples=40)
@given(SEEDS)
def test_the_printer_is_one_man(seed):
    manner = any_manner(chance(seed))
    page = set_page(TEXT, manner, chance(seed)).read
    if manner.apostrophe:
        assert set("'’") & set(page) == {manner.apostrophe}
    assert (" ;" in page) is not manner.close


def test_asides_stand_between_the_lines_and_change_none():
    lines = [f"ligne {number}" for number in range(200)]
    found = with_asides(lines, chance(1), share=0.5)
    assert [line for line in found if line in lines] == lines
    assert len(found) > 250
    assert with_asides(lines, chance(1), share=0.0) == lines


def test_the_bench_counts_damage_by_class():
    counted = count("l'an où il alla à Paris", "1'an ou il alla a Pa ris", CONFUSIONS)
    assert counted.words == 6
    assert counted.damaged == {DamageClass.ELISION: 1, DamageClass.ACCENT: 2, DamageClass.SPACE: 1}
    assert counted.changes[("à", "a")] == counted.changes[("ù", "u")] == 1


def test_the_bench_says_what_is_never_made():
    real = [count("où il va", "ou il ya", CONFUSIONS)]
    rows, share = confusion_rows(real, [count("où il va", "ou il va", CONFUSIONS)])
    assert share == 0.5
    assert ["v → y", "1", "333.33", "0.00"] in rows
    rates = class_rows({"real": real}, real * 2)
    assert ["accent", *["333.3"] * 6] in rates
