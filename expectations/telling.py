"""Failed rules in a curator's words: one sentence for a rule, with the first places it failed at."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from expectations.rule import Rule
from repair.document import Reason

# So many places are named in a reason, then only their number.
_PLACES = 3


@dataclass(slots=True)
class Failed:
    """A rule that failed, on how many rows, and the cells of the first."""

    rule: Rule
    count: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, cells: Mapping[str, Any]) -> None:
        """Count a row; only the first are kept."""
        self.count += 1
        if self.count <= _PLACES:
            self.rows.append(dict(cells))


def reason(failed: Failed, most: int | None = None) -> Reason:
    """Return a failed rule as a reason.

    Args:
        failed: the rule and the rows it failed on.
        most: number of faults beyond which nobody counted; None where all were.
    """
    rule = failed.rule
    french = [_FRENCH.place("ligne", rule.place_fr, row) for row in failed.rows]
    english = [_ENGLISH.place("line", rule.place_en, row) for row in failed.rows]
    if more := failed.count - len(failed.rows):
        unsure = most is not None and failed.count >= most
        french.append(f"au moins {more} de plus" if unsure else f"{more} de plus")
        english.append(f"at least {more} more" if unsure else f"{more} more")
    values = {**failed.rows[0], "limit": rule.limit}
    return Reason(
        rule.code,
        _FRENCH.vformat(rule.fr, (), {**values, "places": " ; ".join(french)}),
        _ENGLISH.vformat(rule.en, (), {**values, "places": "; ".join(english)}),
    )


class _Language(string.Formatter):
    """Writes the figures of a sentence as its language does; cells are values, never templates."""

    def __init__(self, percent: str, point: str) -> None:
        self._percent, self._point = percent, point

    def format_field(self, value: Any, format_spec: str) -> str:
        written: str = super().format_field(value, format_spec)
        if isinstance(value, float):
            written = written.replace(".", self._point).replace("%", self._percent)
        return written

    def place(self, line: str, template: str, row: Mapping[str, Any]) -> str:
        told: str = self.vformat(template, (), row)
        if not row.get("line"):
            return told
        under = row.get("under") if "{number}" not in template else ""
        return f"{line} {row['line']}{f' (§ {under})' if under else ''}, {told}"


_FRENCH = _Language("\u00a0%", ",")
_ENGLISH = _Language("%", ".")
