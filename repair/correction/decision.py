"""What is done about a doubtful word: applied, asked of a curator, or left.

The probability that an edit is right comes from the acceptance model (`acceptance.py`), which
has learned when the decoder can be believed. An edit is applied above `APPLY`, or less where the
document is worn or its damage rife; above `REVIEW` a curator is asked;
above `MENTION` it is recorded. Some edits are never applied, however probable
(:func:`_barred`): those that would set right the printer, the reform of 1990, or another language.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from repair.correction.acceptance import Acceptance
from repair.correction.analysis import Candidate
from repair.correction.candidates import LOST_A
from repair.correction.decoder import RIFE, Decoder
from repair.correction.doubts import Doubt
from repair.correction.features import Features
from repair.correction.remember import MEMORY
from repair.correction.rules import LOST_SIGNS, PRINTED_SO, REAL_WORD_RULES, REFORMED, rule_of
from repair.damage.channel import is_accent
from repair.edits import Decision, Edit, Evidence, Kind

APPLY, REVIEW, MENTION = 0.93, 0.5, 0.2

REAL_WORD = 0.02
"""What turning one known word into another needs more, where its class is not rife."""

APPLY_EVIDENT = 0.7
"""What damage needs that is rife in the text."""

LOOSE = ("space", "spelling", "shape", "apostrophe")
"""Rules that suppose a letter taken for another: the likeliest to be mistaken."""

APPLY_LOOSE = 0.96
"""What they need; one that is hardly damaged has hardly any to repair."""

WORN, APPLY_WORN = 0.002, 0.85
"""In a text with so many chance slips a letter, or that a model of another language read, they need less:
one mistake among many repairs leaves it better than it was. So does a word that a sister prints."""

WITNESSED = 0.5
"""How often unknown words must have lost an accent for a known one to have lost it too."""

ABBREVIATED = 4
"""Letters of the longest unknown word that the stop after it makes an abbreviation."""

STRANGERS = 3
"""Strange words around a word that make the passage one of another language."""

NOT_BEFORE, NOT_AFTER = tuple("(["), tuple(")],.;:°%/")
"""What touches a label or a number, never the preposition « à »."""


def decide(decoder: Decoder, acceptance: Acceptance) -> Iterator[Edit]:
    """Yield the proposals of a decoder that has run, in order, each with its decision."""
    features = Features(decoder)
    for doubt in decoder.doubts:
        if doubt.posterior[doubt.best] < acceptance.floor:
            continue
        probability = acceptance.probability(features.row(doubt))
        if probability < MENTION:
            continue
        candidate = doubt.candidates[doubt.best - 1]
        if _house_style(decoder, doubt, candidate) or not _between_words(decoder, doubt):
            continue  # no damage
        rule = rule_of(candidate.changes, doubt.analysis.known)
        bound = _threshold(decoder, doubt, candidate, rule)
        yield Edit(
            doubt.token.start,
            doubt.token.end,
            doubt.token.text,
            candidate.text,
            Kind.REPAIR,
            rule,
            round(probability, 4),
            _decision(probability, bound),
            tuple(_evidence(decoder, doubt, candidate)),
            round(bound, 4) if bound <= 1 else 0.0,
        )


def _decision(probability: float, bound: float) -> Decision:
    if probability >= bound:
        return Decision.APPLIED
    return Decision.REVIEW if probability >= REVIEW else Decision.LEFT


def _threshold(decoder: Decoder, doubt: Doubt, candidate: Candidate, rule: str) -> float:
    """Return the probability from which an edit is applied; above 1 where it never is."""
    channel = decoder.channel
    rife = all(max(channel.rate(change), channel.lost(change[0])) >= RIFE for change in candidate.changes)
    if _barred(decoder, doubt, candidate):
        return math.inf
    worn = channel.slips >= WORN
    if doubt.analysis.known and not (rife and _throughout(decoder, candidate, rule)):
        return (APPLY_WORN if worn else APPLY_LOOSE) + REAL_WORD
    if rule in LOOSE and not rife:
        surer = worn or decoder.accents_lost or doubt.witnesses[doubt.best - 1]
        return APPLY_WORN if surer else APPLY_LOOSE
    if decoder.accents_lost or (rife and not doubt.analysis.known):
        return APPLY_EVIDENT
    return APPLY_WORN if worn else APPLY


def _throughout(decoder: Decoder, candidate: Candidate, rule: str) -> bool:
    """Say whether an engine of another language made this real word of another, as it does throughout.

    Unknown words bear witness to an accent lost, or the many places that call for « à »; no unknown
    word does for « où ».
    """
    witnessed = all(
        change[0] == "à" or not is_accent(change) or decoder.witnessed.get(change, 0.0) >= WITNESSED
        for change in candidate.changes
    )
    return witnessed and decoder.accents_hurt and rule in REAL_WORD_RULES


def _barred(decoder: Decoder, doubt: Doubt, candidate: Candidate) -> bool:
    """Say whether an edit is never applied, however probable it is."""
    if decoder.passages.strangers(doubt.place) >= STRANGERS or decoder.passages.foreign(doubt.place):
        return True
    text, end = doubt.token.text, doubt.token.end
    if not doubt.analysis.known and len(text) <= ABBREVIATED and decoder.text[end : end + 1] == ".":
        return True
    if not decoder.accents_lost and any(change in REFORMED for change in candidate.changes):
        return True
    name = "-" in doubt.token.text or _capitals_beside(decoder, doubt)
    return doubt.analysis.proper and name and not decoder.accents_lost


def _between_words(decoder: Decoder, doubt: Doubt) -> bool:
    """Say whether a lone letter or sign stands between words: not in « a) », « 4 810 » or « (4) »."""
    if doubt.token.text not in LOST_A:
        return True
    start, end = doubt.token.start, doubt.token.end
    if decoder.text[start - 1 : start] in NOT_BEFORE or decoder.text[end : end + 1] in NOT_AFTER:
        return False
    if not doubt.token.text.isdigit():
        return True
    beside = decoder.analyses[max(0, doubt.place - 1) : doubt.place + 2]
    return not any(
        analysis is not None and analysis.protected and analysis.text[0].isdigit() for analysis in beside
    )


def _capitals_beside(decoder: Decoder, doubt: Doubt) -> bool:
    """Say whether the word before or after begins with a capital too: together they are a name."""
    beside = decoder.analyses[max(0, doubt.place - 1) : doubt.place + 2]
    return sum(analysis is not None and analysis.proper for analysis in beside) > 1


def _among_small(decoder: Decoder, doubt: Doubt) -> bool:
    """Say whether the words on both sides are known ones in small letters: « & » joins names."""
    beside = (
        decoder.analyses[place]
        for place in (doubt.place - 1, doubt.place + 1)
        if 0 <= place < len(decoder.analyses)
    )
    found = [
        analysis for analysis in beside if analysis is not None and analysis.known and analysis.text.islower()
    ]
    return len(found) == 2


def _house_style(decoder: Decoder, doubt: Doubt, candidate: Candidate) -> bool:
    """Say whether an edit would only change how the page prints its capitals, ligatures or signs.

    « Etat » and « coeur » are many a printer's own spelling, « & » is a sign and « 4 » a number:
    they are damage only in a text that also lost the accents of its small letters. But between
    words in small letters « & » is no printer's sign. In an old text (`period.py`) bare capitals and
    the spellings of its time are never damage.
    """
    if any(change in LOST_SIGNS for change in candidate.changes):
        return not decoder.accents_hurt and not (doubt.token.text == "&" and _among_small(decoder, doubt))
    if decoder.old and doubt.analysis.known and doubt.analysis.of_period:
        return True
    style = any(change[0].isupper() or change in PRINTED_SO for change in candidate.changes)
    return style and (decoder.old or not decoder.accents_lost)


def _evidence(decoder: Decoder, doubt: Doubt, candidate: Candidate) -> Iterator[Evidence]:
    """Yield the witnesses of an edit, in a notation that needs no translation."""
    channel = decoder.channel
    for change in candidate.changes:
        printed, read = change
        struck = round(channel.struck(change))
        yield Evidence(
            "damage profile",
            f"{printed} → {read}: {struck}/{struck + channel.spared(printed)}",
            round(math.log(channel.rate(change)), 2),
        )
    witness = doubt.witnesses[doubt.best - 1]
    yield Evidence(
        "language model" if doubt.analysis.known else "lexicon",
        f"{candidate.text} / {doubt.token.text}",
        round(doubt.contexts[doubt.best] - doubt.contexts[0] - (MEMORY if witness else 0.0), 2),
    )
    if witness:
        place = f"{witness.document} § {witness.paragraph}"
        yield Evidence("corpus memory", f"{place}: {witness.phrase}", MEMORY)
