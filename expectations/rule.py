"""What a rule is: an expectation on each row of a table, its weight, and the sentence for a curator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a failed expectation makes of its document; on a release, review is told and quarantine stops."""

    REVIEW = "review"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Rule:
    """An expectation on each row of a table.

    Attributes:
        code: stable identifier, lower-case with hyphens.
        table: ``documents``, ``paragraphs``, ``notes``, ``edits``, or one of those on a release.
        expect: name of the class in `great_expectations.expectations`.
        given: its arguments; thresholds are always given, so that kept results show them.
        severity: what a failure makes of the document.
        fr: the reason for a curator, in French. ``{column}`` is a value of the failing row,
            ``{limit}`` the upper bound, ``{places}`` the first failing rows, each told by `place_fr`.
        en: the same in English.
        place_fr: one failing row, told in French.
        place_en: the same in English.
        covers: milder rules that need no telling when this one fails.
    """

    code: str
    table: str
    expect: str
    given: Mapping[str, Any] = field(repr=False)
    severity: Severity
    fr: str
    en: str
    place_fr: str = ""
    place_en: str = ""
    covers: tuple[str, ...] = ()

    @property
    def limit(self) -> float | None:
        """The upper bound, where there is one."""
        most: float | None = self.given.get("max_value")
        return most


def rules_of(table: str, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return those of some rules that are on one table, in their order."""
    return tuple(rule for rule in rules if rule.table == table)


BETWEEN = "ExpectColumnValuesToBeBetween"
IN_SET = "ExpectColumnValuesToBeInSet"
PAIR = "ExpectColumnPairValuesToBeEqual"


def within(column: str, least: float | None, most: float | None) -> dict[str, Any]:
    """Return the arguments of `BETWEEN`."""
    return {"column": column, "min_value": least, "max_value": most}


def among(column: str, *values: object) -> dict[str, Any]:
    """Return the arguments of `IN_SET`."""
    return {"column": column, "value_set": list(values)}
