"""What is done about a doubtful word: applied, asked of a curator, or left.

The probability that an edit is right comes from the acceptance model (`acceptance.py`), which
has learned when the decoder can be believed. An edit is applied above `APPLY`, or above
`APPLY_EVIDENT` where its damage is rife in the document; above `REVIEW` a curator is asked;
above `MENTION` it is recorded. Some edits are never applied, however probable
(:func:`_barred`): those that would set right the printer, the reform of 1990, or another language.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from repair.correction.acceptance import Acceptance
from repair.correction.candidates import LOST_A, Candidate
from repair.correction.decoder import MEMORY, RIFE, Decoder, Doubt
from repair.correction.features import Features
from repair.correction.rules import LOST_SIGNS, PRINTED_SO, REAL_WORD_RULES, REFORMED, rule_of
from repair.edits import Decision, Edit, Evidence, Kind

APPLY, APPLY_EVIDENT, REVIEW, MENTION = 0.93, 0.7, 0.5, 0.2

APPLY_SPELLING = 0.97
"""What a letter lost or added for no known reason needs, in a text without other damage."""

LOOSE = ("shape", "spelling", "apostrophe")
"""Rules that suppose a letter taken for another: the likeliest to be mistaken."""

APPLY_LOOSE = 0.85
"""What they need in a text that a model of another language read."""

STRANGERS = 3
"""Strange words around a word that make the passage one of another language."""

NOT_BEFORE, NOT_AFTER = tuple("(["), tuple(")],.;:°%/")
"""What touches a label or a number, never the preposition « à »."""

SHORT = 4
"""Letters under which a change of shape is not applied: too many short words are one letter apart."""


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
        rule = rule_of(candidate.changes, doubt.analysis.known)
        yield Edit(
            doubt.token.start,
            doubt.token.end,
            doubt.token.text,
            candidate.text,
            Kind.REPAIR,
            rule,
            round(probability, 4),
            _decision(decoder, doubt, candidate, rule, probability),
            tuple(_evidence(decoder, doubt, candidate)),
        )


def _decision(
    decoder: Decoder, doubt: Doubt, candidate: Candidate, rule: str, probability: float
) -> Decision:
    if _house_style(decoder, candidate):
        return Decision.LEFT
    if probability >= _threshold(decoder, doubt, candidate, rule):
        return Decision.APPLIED
    return Decision.REVIEW if probability >= REVIEW else Decision.LEFT


def _threshold(decoder: Decoder, doubt: Doubt, candidate: Candidate, rule: str) -> float:
    """Return the probability from which an edit is applied; above 1 where it never is."""
    channel = decoder.channel
    rife = all(max(channel.rate(change), channel.lost(change[0])) >= RIFE for change in candidate.changes)
    if _barred(decoder, doubt, candidate, rule, rife):
        return math.inf
    if rule == "spelling" and not decoder.accents_lost:
        return APPLY_SPELLING
    if rule in LOOSE and not rife:
        return APPLY_LOOSE if decoder.accents_lost else APPLY
    evident = decoder.accents_lost or (rife and not doubt.analysis.known)
    return APPLY_EVIDENT if evident else APPLY


def _barred(decoder: Decoder, doubt: Doubt, candidate: Candidate, rule: str, rife: bool) -> bool:
    """Say whether an edit is never applied, however probable it is."""
    if decoder.strangers(doubt.place) >= STRANGERS:
        return True
    if not decoder.accents_lost and any(change in REFORMED for change in candidate.changes):
        return True
    if doubt.analysis.known and not (rife and decoder.accents_hurt and rule in REAL_WORD_RULES):
        return True
    text = doubt.token.text
    if text in LOST_A and not _between_words(decoder, doubt):
        return True
    if text[:1].isupper() and not decoder.accents_lost and ("-" in text or _capitals_beside(decoder, doubt)):
        return True  # a name
    letters = sum(char.isalpha() for char in text)
    return rule in LOOSE and letters < SHORT and not (rife or decoder.accents_lost)


def _between_words(decoder: Decoder, doubt: Doubt) -> bool:
    """Say whether a lone letter or sign stands between words: not in « a) », « 4 810 » or « (4) »."""
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
    return sum(analysis is not None and analysis.text[:1].isupper() for analysis in beside) > 1


def _house_style(decoder: Decoder, candidate: Candidate) -> bool:
    """Say whether an edit would only change how the page prints its capitals, ligatures or signs.

    « Etat » and « coeur » are many a printer's own spelling, « & » is a sign and « 4 » a number:
    they are damage only in a text that also lost the accents of its small letters.
    """
    if any(change in LOST_SIGNS for change in candidate.changes):
        return not decoder.accents_hurt
    style = any(change[0].isupper() or change in PRINTED_SO for change in candidate.changes)
    return style and not decoder.accents_lost


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
