"""The desk's pages: its templates, and what they show texts and figures by.

Text of a document is shown by the filters of the report alone: escaped, invisible signs by their numbers,
and the middle of what is long left out.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from release.pages.environment import environment as report_environment
from release.pages.html import bilingual, number, visible
from repair.decisions.ruling import Ruling, Scope, Verdict
from review.actions import can_release, failing, reach_value
from review.question import Reach

LONGEST = 240
"""Signs of a word, or passage, that are shown."""
_SPELLED = 120
"""Signs of the longest words whose differing letters are marked."""

_VERDICTS = {
    Verdict.ACCEPT: ("accepté", "accepted"),
    Verdict.REJECT: ("refusé", "rejected"),
    Verdict.CORRECT: ("corrigé", "corrected"),
    Verdict.LEAVE: ("laissé tel quel", "left as read"),
    Verdict.RELEASE: ("libéré", "released"),
    Verdict.REVERSE: ("repris", "taken back"),
}
_SCOPES = {
    Scope.HERE: ("ici seulement", "here only"),
    Scope.DOCUMENT: ("dans ce document", "in this document"),
    Scope.COLLECTION: ("dans ce dossier", "in this folder"),
    Scope.EVERYWHERE: ("partout", "everywhere"),
}

_DESK = ("desk.css", "desk.js", "icon.svg")


@lru_cache(maxsize=1)
def static() -> dict[str, tuple[bytes, str]]:
    """Return the files that pages load, with their types: the report's style, and the desk's own."""
    report = report_environment()
    assert report.loader is not None  # noqa: S101 - it is a package's
    kinds = {
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }
    found = {"house.css": (report.loader.get_source(report, "report.css")[0].encode(), kinds["css"])}
    folder = files("review") / "static"
    for name in _DESK:
        found[name] = ((folder / name).read_bytes(), kinds[name.rpartition(".")[2]])
    return found


def shown(text: str, spaces: bool = False, longest: int = LONGEST) -> Markup:
    """Return text made safe to show, its middle left out where it is long."""
    if len(text) <= longest:
        return visible(text, spaces)
    half = longest // 2
    left_out = Markup('<span class="cut"> […{} {}…] </span>').format(
        number(len(text) - 2 * half), bilingual("signes", "signs")
    )
    return visible(text[:half], spaces) + left_out + visible(text[-half:], spaces)


def tail(text: str, longest: int = 160) -> Markup:
    """Return the end of what stands before a word, from a whole word on."""
    cut = text[-longest:]
    return visible(cut if len(text) < longest else "… " + cut.partition(" ")[2])


def head(text: str, longest: int = 160) -> Markup:
    """Return the beginning of what stands after a word, up to a whole word."""
    cut = text[:longest]
    return visible(cut if len(text) < longest else cut.rpartition(" ")[0] + " …")


@lru_cache(maxsize=1024)
def spelled(text: str, other: str) -> Markup:
    """Return a word with the letters marked in which it differs from another."""
    if max(len(text), len(other)) > _SPELLED:
        return shown(text, True)
    if not text:
        return Markup('<span class="nothing">∅</span>')
    parts = []
    for what, low, high, _, _ in SequenceMatcher(None, text, other, autojunk=False).get_opcodes():
        if high > low:
            part = visible(text[low:high], True)
            parts.append(part if what == "equal" else Markup("<b>{}</b>").format(part))
    return Markup("").join(parts)


def verdict_name(ruling: Ruling) -> Markup:
    """Return what was ruled."""
    return bilingual(*_VERDICTS[ruling.verdict])


def scope_name(scope: Scope, collection: str = "") -> Markup:
    """Return how far a decision goes."""
    name = bilingual(*_SCOPES[scope])
    return Markup("{} <code>{}/</code>").format(name, shown(collection)) if collection else name


def reach_name(reach: Reach) -> Markup:
    """Return the same of what a decision would concern."""
    return scope_name(reach.scope, reach.collection)


def decimal(text: str) -> Markup:
    """Return a figure with the decimal sign of each language."""
    return bilingual(text.replace(".", ","), text)


def when(text: str) -> Markup:
    """Return a moment of the journal as people write it, in UTC."""
    day, _, clock = text.rstrip("Z").partition("T")
    return Markup('<time datetime="{}">{} {}</time>').format(text, day, clock[:5])


def address(path: str, **asked: object) -> str:
    """Return an address of the desk; what is empty is left out."""
    query = urlencode({name.rstrip("_"): value for name, value in asked.items() if value not in ("", None)})
    return f"{path}?{query}" if query else path


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates: the desk's own, and those of the report that they take parts from."""
    report = report_environment()
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("review"), PackageLoader("release.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= report.filters | {
        "shown": shown,
        "tail": tail,
        "head": head,
        "when": when,
        "decimal": decimal,
    }
    environment.globals |= report.globals | {
        "address": address,
        "spelled": spelled,
        "verdict_name": verdict_name,
        "scope_name": scope_name,
        "reach_name": reach_name,
        "reach_value": reach_value,
        "can_release": can_release,
        "failing": failing,
        "Scope": Scope,
        "Verdict": Verdict,
    }
    return environment


def render(template: str, **view: Any) -> str:
    """Return a page."""
    english = view["english"]
    view["say"] = lambda fr, en: en if english else fr
    return environment().get_template(f"{template}.html.j2").render(view)
