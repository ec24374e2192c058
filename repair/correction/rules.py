"""The names of repairs, and the classes of damage that may be no damage at all.

A repair is named by the rarest thing that it supposes (:func:`rule_of`); in front stands
``real-word-`` where it turns one known word into another.
"""

from __future__ import annotations

from collections.abc import Sequence

from repair.damage.confusions import Change, load_confusions
from repair.language.tokens import fold

RULES = (
    "space", "spelling", "shape", "apostrophe", "elision", "ligature", "sign", "capital-accent", "accent",
)  # fmt: skip
"""From the rarest supposition to the commonest."""

PRINTED_SO = (("œ", "oe"),)
"""Beside bare capitals: a reading that is most often what the page prints."""

LOST_SIGNS = (("à", "&"), ("à", "4"))
"""A sign and a number: damage only in a text some of whose accents were lost."""

REFORMED = (("î", "i"), ("û", "u"))
"""The reform of 1990 drops these circumflexes: without other lost accents « connaitre » is no damage."""

REAL_WORD_RULES = ("real-word-accent", "real-word-sign", "real-word-elision")
"""The rules that may turn one known word into another, where their class is rife; « A » for « À »
is too often the printer's own."""


def rule_of(changes: Sequence[Change], known: bool) -> str:
    """Name the rule of an edit.

    Args:
        changes: the classes of damage that it supposes.
        known: whether the word as read is one that the lexicon holds.

    >>> rule_of([("ê", "é")], known=False), rule_of([("à", "a")], known=True)
    ('accent', 'real-word-accent')
    >>> rule_of([("l'", "1'"), ("é", "¢é")], known=False)
    'elision'
    """
    kinds = {_kind(change) for change in changes}
    rule = next(rule for rule in RULES if rule in kinds)
    return f"real-word-{rule}" if known else rule


def _kind(change: Change) -> str:
    printed, read = change
    if " " in change or "-" in change:
        return "space"
    if not load_confusions().listed(change):
        return "spelling"
    if printed == "'":
        return "elision"
    if printed.endswith("'"):
        return "elision" if "'" in read else "apostrophe"
    if change in (("œ", "oe"), ("æ", "ae")):
        return "ligature"
    if not read.isalpha():
        return "sign"
    if fold(printed.lower()) == fold(read.lower()):
        return "capital-accent" if printed.isupper() else "accent"
    return "shape"
