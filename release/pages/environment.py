"""The templates of all pages, with what they show texts, lines and names by.

Every page opens from disk and fetches nothing: style and script stand in it, and its policy allows these two
alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
from ast import literal_eval
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from release import layout
from release.pages import lines, names
from release.pages.html import bilingual, link, number, percent, plain, visible, weight
from repair.document import Status
from repair.edits import Decision

_PHRASE = re.compile(r'\{\{ t\(("[^"]*"), ("[^"]*")\) \}\}')
"""A phrase of a template, in both languages."""


def policy_sum(content: str) -> str:
    """Return the source expression that allows this inline style or script, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


class _Phrases(Extension):
    """Has the phrases of a template made when it is compiled: a page has a hundred, always the same."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a template with its phrases made."""
        return _PHRASE.sub(lambda found: bilingual(*map(literal_eval, found.groups())), source)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates of all pages, with what they show texts and figures by."""
    environment = Environment(
        loader=PackageLoader("release.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Phrases],
    )
    environment.filters |= {
        "visible": visible,
        "plain": plain,
        "number": number,
        "percent": percent,
        "link": link,
        "weight": weight,
    }
    sources = {
        name: environment.loader.get_source(environment, f"report.{name}")[0] if environment.loader else ""
        for name in ("css", "js")
    }
    environment.globals |= {
        "t": bilingual,
        "words": lines.words,
        "change": lines.change,
        "evidence": lines.evidence,
        "reason_for": lines.reason_for,
        "witness": names.witness,
        "habit_name": names.habit,
        "choice_name": names.choice,
        "expectation": names.expectation,
        "expectation_name": names.expectation_name,
        "layout": layout,
        "Decision": Decision,
        "Status": Status,
        "style": Markup(sources["css"]),  # noqa: S704 - ours
        "script": Markup(sources["js"]),  # noqa: S704 - ours
        "style_sum": policy_sum(sources["css"]),
        "script_sum": policy_sum(sources["js"]),
    }
    return environment
