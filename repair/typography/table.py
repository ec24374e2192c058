"""The table of the rules in ``docs/typography.md``, written from the rules themselves.

``python -m repair.typography.table docs/typography.md`` writes it again; a test checks that it was.
"""

from __future__ import annotations

import sys
from pathlib import Path

from repair.typography.profiles import RULES, load_profile, profile_names

BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"


def rules_table() -> str:
    """Return the rules as a Markdown table: what each does and may change, whose it is, and its peers."""
    houses = [load_profile(name) for name in profile_names()]
    houses = [house for house in houses if house.rules]
    head = ["rule", "what it does", "changes", "source", *(house.name for house in houses)]
    rows = [[*head, "Grammalecte", "LanguageTool"]]
    rows.append(["---"] * len(rows[0]))
    for rule in RULES.values():
        says = (rule.find.__doc__ or "").partition("\n")[0].rstrip(".")
        uses = ["yes" if any(one is rule for one, _ in house.rules) else "–" for house in houses]
        peers = [
            ", ".join(f"`{name}`" for name in names) or "–" for names in (rule.grammalecte, rule.languagetool)
        ]
        rows.append([f"`{rule.name}`", says, rule.matter, rule.source, *uses, *peers])
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n" for row in rows)


def with_table(page: str) -> str:
    """Return a page with the table of today between its two marks.

    >>> page = f"Rules: {BEGIN}old {END}Notes."
    >>> with_table(with_table(page)) == with_table(page) != page
    True
    """
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + rules_table() + END + after


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
