"""The page on typography says what the rules are today."""

from pathlib import Path

from repair.typography import profile_names
from repair.typography.profiles import RULES
from repair.typography.table import with_table

PAGE = Path(__file__).parents[1] / "docs" / "typography.md"


def test_the_table_is_that_of_the_rules():
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page), (
        "write it again: .venv/bin/python -m repair.typography.table docs/typography.md"
    )


def test_every_profile_and_rule_is_told_of():
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in [*profile_names(), *RULES] if f"| `{name}` |" not in page] == []


def test_every_rule_says_what_it_does_whose_it_is_and_what_it_may_change():
    for rule in RULES.values():
        assert (rule.find.__doc__ or "").strip(), rule.name
        assert rule.source, rule.name
        assert rule.matter, rule.name
