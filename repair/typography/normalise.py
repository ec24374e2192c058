"""A house style is applied: the rules of a profile one after another, as one list of edits."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable

from repair.edits import Decision, Edit, Evidence, Kind, apply, compose
from repair.typography.profiles import Profile
from repair.typography.rules import Change, Options, Rule, Words

# Addresses and entities: no rule changes anything inside them.
_ADDRESS_SIGNS = ("://", "www.", "@", "\\")
_ENTITY = re.compile(r"&#?\w{1,8};")
_TOKEN_BEFORE = re.compile(r"\S*\Z")
_TOKEN = re.compile(r"\S*")
_LONGEST_ADDRESS = 200
_AFTER_ADDRESS = ".,;:!?…)]»”’'\""


def normalise(
    text: str,
    profile: Profile,
    *,
    known: Callable[[str], bool],
    accented: Callable[[str], str | None],
) -> list[Edit]:
    """Return the edits that print `text` in the style of a house.

    Args:
        text: the structured text; no line end is added or removed.
        profile: the house style.
        known: whether a lower-case word is in the lexicon.
        accented: a capitalised word with the accent that its first letter lacks; None where
            the lexicon is not sure.

    Returns:
        Normalisations, all applied. Digits, document symbols and addresses never change.
    """
    words = Words(known, accented)
    edits: list[Edit] = []
    current = text
    untouched = _untouched(text)
    for rule, options in profile.rules:
        found = _edits(current, rule, options, words, profile, untouched)
        if found:
            edits = compose(text, edits, found) if edits else found
            current = apply(current, found)
            untouched = _untouched(current)
    return edits


def _edits(
    text: str,
    rule: Rule,
    options: Options,
    words: Words,
    profile: Profile,
    untouched: list[tuple[int, int]],
) -> list[Edit]:
    changes: Iterable[Change] = rule.find(text, options, words)
    if untouched:
        changes = [change for change in changes if not _within(untouched, change.start, change.end)]
    house = Evidence("typography profile", f"{profile.name}: {rule.source}")
    alone = (house,)
    return [
        Edit(
            start,
            end,
            text[start:end],
            after,
            Kind.NORMALISATION,
            rule.name,
            1.0,
            Decision.APPLIED,
            (Evidence("lexicon", detail), house) if detail else alone,
        )
        for start, end, after, detail in changes
    ]


def _untouched(text: str) -> list[tuple[int, int]]:
    """Return the places of addresses and entities, in order, disjoint."""
    places: list[tuple[int, int]] = []
    end = 0
    signs = sorted(found.start() for sign in _ADDRESS_SIGNS for found in re.finditer(re.escape(sign), text))
    for sign in signs:
        if sign < end:
            continue
        before = _TOKEN_BEFORE.search(text, max(end, sign - _LONGEST_ADDRESS), sign)
        token = _TOKEN.match(text, sign)
        start = before.start() if before else sign
        end = token.end() if token else sign + 1
        places.append((start, start + len(text[start:end].rstrip(_AFTER_ADDRESS))))
    if "&" in text:
        entities = [found.span() for found in _ENTITY.finditer(text)]
        places = sorted(places + [span for span in entities if not _within(places, *span)])
    return places


def _within(places: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether [start, end) meets one of the places; an insertion does inside it alone."""
    after = bisect_left(places, (max(end, start + 1), 0))
    return after > 0 and start < places[after - 1][1]
