"""Profiles: which rules a house applies, and how. Each is a file of ``dictionaries/profiles``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

from repair.typography.abbreviations import ET_CETERA, NUMBER_SPACE, NUMERO, TITLE_POINT, TITLE_SPACE
from repair.typography.capitals import CAPITAL_ACCENT, INITIAL_A, INITIAL_CA
from repair.typography.dashes import DASH_SPACE, INCISE, LIST_DASH
from repair.typography.letters import LIGATURE, PRESENTATION_FORM
from repair.typography.numbers import (
    DECIMAL,
    ORDINAL,
    PRIMO,
    THOUSANDS,
    THOUSANDS_POINT,
    TIME,
    UNIT_SPACE,
)
from repair.typography.rules import Options, Rule
from repair.typography.signs import APOSTROPHE, CURLY_QUOTES, ELLIPSIS, QUOTES
from repair.typography.spaces import (
    CLOSING_SPACE,
    COLON_SPACE,
    DOUBLED_SPACE,
    MISSING_SPACE,
    ODD_SPACE,
    PUNCTUATION_SPACE,
    QUOTE_SPACE,
)

RULES = {
    rule.name: rule
    for rule in (
        ODD_SPACE,
        DOUBLED_SPACE,
        MISSING_SPACE,
        ELLIPSIS,
        ET_CETERA,
        CLOSING_SPACE,
        PRESENTATION_FORM,
        LIGATURE,
        THOUSANDS_POINT,
        THOUSANDS,
        DECIMAL,
        ORDINAL,
        NUMERO,
        PRIMO,
        TITLE_POINT,
        TITLE_SPACE,
        NUMBER_SPACE,
        UNIT_SPACE,
        TIME,
        CAPITAL_ACCENT,
        INITIAL_A,
        INITIAL_CA,
        CURLY_QUOTES,
        QUOTES,
        QUOTE_SPACE,
        PUNCTUATION_SPACE,
        COLON_SPACE,
        INCISE,
        LIST_DASH,
        DASH_SPACE,
        APOSTROPHE,
    )
}
"""Every rule, in the order in which they are applied: each leaves nothing for those before it."""

_SUFFIX = ".toml"
_OPTIONS = frozenset(field.name for field in fields(Options))


class ProfileError(ValueError):
    """There is no such profile, or its file does not say what a profile says; the message says which."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A house style.

    Attributes:
        name: of its file, without suffix.
        fr: what it is, in French.
        en: the same in English.
        source: where the house prints its rules, or prints so.
        rules: the rules it applies, with their options, in their order.
    """

    name: str
    fr: str
    en: str
    source: str
    rules: tuple[tuple[Rule, Options], ...]


def profile_names() -> list[str]:
    """Return the names of the profiles there are, sorted.

    >>> profile_names()
    ['edition-diplomatique', 'imprimerie-nationale', 'onu']
    """
    folder = files("dictionaries") / "profiles"
    return sorted(
        entry.name.removesuffix(_SUFFIX) for entry in folder.iterdir() if entry.name.endswith(_SUFFIX)
    )


@lru_cache(maxsize=16)
def load_profile(name: str) -> Profile:
    """Return the profile of that name.

    Raises:
        ProfileError: if there is none, or its file is wrong.
    """
    if name not in profile_names():
        raise ProfileError(f"no typography profile {name!r}: take one of {', '.join(profile_names())}")
    source = (files("dictionaries") / "profiles" / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    return read_profile(name, tomllib.loads(source))


def read_profile(name: str, data: Mapping[str, Any]) -> Profile:
    """Return the profile that a file's `data` says.

    Raises:
        ProfileError: if it names a rule or an option that there is not, or lacks its title.
    """
    try:
        title, source, asked = data["title"], data["source"], data["rules"]
        fr, en = title["fr"], title["en"]
    except (KeyError, TypeError) as error:
        raise ProfileError(f"typography profile {name!r} lacks {error}") from error
    unknown = sorted(set(asked) - set(RULES))
    if unknown:
        raise ProfileError(
            f"typography profile {name!r} asks for {', '.join(unknown)}: the rules are {', '.join(RULES)}"
        )
    rules = []
    for rule_name, rule in RULES.items():
        if rule_name not in asked:
            continue
        options = asked[rule_name]
        strange = sorted(set(options) - _OPTIONS)
        if strange:
            raise ProfileError(
                f"typography profile {name!r} gives {rule_name} the option {', '.join(strange)}: "
                f"the options are {', '.join(sorted(_OPTIONS))}"
            )
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in options.items()
        }
        rules.append((rule, Options(**values)))
    return Profile(name, fr, en, source, tuple(rules))
