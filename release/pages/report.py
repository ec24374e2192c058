"""The curators' pages: one for the corpus, one for each document; French, with an English switch.

`index_page` and `document_page` yield HTML that opens from disk and fetches nothing: style and
script stand in the page, and its policy allows these two alone. Text of a document is shown,
never trusted: it is escaped, and signs that cannot be seen, or that turn others round, are
shown by their numbers.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from release import layout
from release.ledger import line_spans
from release.pages.marks import Block, Line, Mark, Piece, blocks, mark, run_over, shorten
from release.rows import DocumentRow
from repair.document import ClassRate, Document, Outcome, Paragraph, Status
from repair.edits import Decision, Edit, Kind, OffsetMap, apply, compose

ROWS_SHOWN = 5_000
"""Documents listed on the first page; beyond that those that need nobody are left out."""
DOUBTS_SHOWN = 500
CHANGED_SHOWN = 1_500
"""Changed lines of one document; a browser stays quick with ten times as many elements."""
FOLDED_SIGNS = 200_000
"""Signs of unchanged text that a page carries in its folds; beyond, a fold says its length only."""
PARAGRAPHS_SHOWN = 1_500
PARAGRAPH_SIGNS = 300_000
AROUND = 2
"""Lines shown on either side of a changed one."""
LONGEST_PIECE = 1_200
"""Signs of one unbroken piece of a line; the middle of a longer one is left out."""
CONTEXT = 70
"""Signs shown on either side of a doubtful edit."""

_ATTENTION = {Status.QUARANTINE: 0, Status.REVIEW: 1, Status.PUBLISHED: 2}
_WITNESSES = {
    "character": "caractère",
    "confusion": "confusion",
    "corpus memory": "mémoire du corpus",
    "damage profile": "profil des dommages",
    "encoding": "encodage",
    "language model": "modèle de langue",
    "lexicon": "lexique",
    "line break": "fin de ligne",
    "markup": "balisage",
    "numbering": "numérotation",
    "reading": "lecture",
    "stamp": "cachet",
    "typography profile": "profil typographique",
}
_HABITS = {
    "apostrophe": ("apostrophe", "apostrophe"),
    "capital-accent": ("accents sur les capitales", "accents on capitals"),
    "colon-space": ("espace avant le deux-points", "space before a colon"),
    "ellipsis": ("points de suspension", "ellipsis"),
    "ligature": ("e dans l’o", "ligature"),
    "ordinal": ("ordinaux", "ordinals"),
    "punctuation-space": ("espace avant ; ! ?", "space before ; ! ?"),
    "quote-space": ("espace après «", "space after «"),
    "quotes": ("guillemets", "quotation marks"),
    "thousands": ("espace dans les nombres", "space in numbers"),
    "unit-space": ("espace avant %", "space before %"),
}
_CHOICES = {
    "none": ("sans espace", "no space"),
    "plain": ("espace ordinaire", "plain space"),
    "no-break": ("insécable", "no-break"),
    "fine": ("fine insécable", "fine no-break"),
    "thin": ("fine", "thin"),
}
_SPACES = {"\u00a0": "⍽", "\u202f": "⍽", "\n": "⏎", "\r": "", "\t": "⇥"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubtful edit with the words around it, as the later edition has them."""

    line: int
    left: str
    edit: Edit
    right: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the documents that have text; `damage_before` and `damage_after` are of their words."""

    documents: int
    counts: Mapping[Status, int]
    words: int
    damage_before: float
    damage_after: float
    repairs: int
    doubts: int


def index_page(rows: Iterable[DocumentRow], versions: Mapping[str, str]) -> Iterator[str]:
    """Yield the first page: the corpus at a glance, and its documents, those in need first.

    Args:
        rows: of the documents; consumed once.
        versions: what the release was made with.
    """
    counts: Counter[Status] = Counter()
    words = repairs = doubts = 0
    before = after = 0.0

    def counted() -> Iterator[DocumentRow]:
        nonlocal words, repairs, doubts, before, after
        for row in rows:
            counts[row.status] += 1
            if row.status is not Status.QUARANTINE:
                words += row.words or 0
                before += (row.damage_before or 0.0) * (row.words or 0)
                after += (row.damage_after or 0.0) * (row.words or 0)
                repairs += row.edits.repair.applied
                doubts += _to_review(row)
            yield row

    shown = heapq.nsmallest(
        ROWS_SHOWN, counted(), key=lambda row: (_ATTENTION[row.status], -_to_review(row), row.name)
    )
    totals = Totals(
        sum(counts.values()),
        {status: counts[status] for status in Status},
        words,
        before / words if words else 0.0,
        after / words if words else 0.0,
        repairs,
        doubts,
    )
    worst = max((row.damage_before or 0.0 for row in shown), default=0.0)
    return (
        environment()
        .get_template("index.html.j2")
        .generate(rows=shown, totals=totals, worst=worst, versions=versions)
    )


def _to_review(row: DocumentRow) -> int:
    return row.edits.repair.review + row.edits.structure.review + row.edits.normalisation.review


def document_page(outcome: Outcome, row: DocumentRow) -> Iterator[str]:
    """Yield the page of one document; of one in quarantine, its reasons and figures and none of its text.

    Args:
        outcome: what became of the document.
        row: the same in the tables.
    """
    document = outcome.document
    view: dict[str, object] = {"row": row, "document": None, "classes": (), "remarks": ()}
    if document is not None:
        view["remarks"] = document.reading.remarks
        view["classes"] = _classes(document)
        if outcome.status is not Status.QUARANTINE:
            view |= _text_view(document)
    return environment().get_template("document.html.j2").generate(view)


def _text_view(document: Document) -> dict[str, object]:
    """Return what the page shows of a document's text."""
    reading, diplomatic = document.reading.text, document.diplomatic
    doubts = _doubts(document)
    shown, changed_left = _first_blocks(blocks(mark(reading, diplomatic, document.repairs), AROUND))
    later = compose(diplomatic, document.structure, document.normalisations)
    paragraphs = list(_first_paragraphs(mark(diplomatic, document.text, later)))
    labels: Sequence[Paragraph | None] = document.paragraphs
    total = len(line_spans(document.text))
    if len(document.paragraphs) != total:
        labels = [None] * total
    return {
        "document": document,
        "doubts": doubts[:DOUBTS_SHOWN],
        "doubts_left": max(0, len(doubts) - DOUBTS_SHOWN),
        "blocks": shown,
        "lines_shown": {line.number for block in shown if not block.folded for line in block.lines},
        "changed_left": changed_left,
        "paragraphs": [
            (labels[line.number - 1] if line.number <= total else None, line) for line in paragraphs
        ],
        "paragraphs_left": max(0, total - len(paragraphs)),
        "rules": _rules(document),
    }


def _first_blocks(found: Iterator[Block]) -> tuple[list[Block], int]:
    """Return the blocks up to the last changed line shown, and how many changed lines come after them."""
    shown: list[Block] = []
    changed = left = signs = 0
    for block in found:
        if changed >= CHANGED_SHOWN:
            left += sum(1 for line in block.lines if line.edits)
        elif block.folded:
            signs += sum(len(piece.text) for line in block.lines for piece in line.pieces)
            # The lines stay, so that their number can be said; their text goes.
            lines = (
                block.lines if signs <= FOLDED_SIGNS else tuple(Line(line.number, ()) for line in block.lines)
            )
            shown.append(Block(lines, folded=True))
        else:
            lines = block.lines
            places = [place for place, line in enumerate(lines) if line.edits]
            room = CHANGED_SHOWN - changed
            if len(places) > room:
                left += len(places) - room
                lines = lines[: places[room]]
            changed += min(room, len(places))
            shown.append(Block(lines, folded=False))
    return shown, left


def _first_paragraphs(lines: Iterator[Line]) -> Iterator[Line]:
    signs = 0
    for line in islice(lines, PARAGRAPHS_SHOWN):
        yield run_over(line)
        signs += sum(len(piece.text) for piece in line.pieces)
        if signs > PARAGRAPH_SIGNS:
            return


def _doubts(document: Document) -> list[Doubt]:
    """Return the doubtful edits of all layers, in order of layer and place."""
    structured = apply(document.diplomatic, document.structure)
    repairs, structure = OffsetMap(document.repairs), OffsetMap(document.structure)
    starts = [start for start, _, _ in line_spans(document.diplomatic)]
    doubts = []
    for edit in document.edits:
        if edit.decision is not Decision.REVIEW:
            continue
        text, start, end, line_place = document.diplomatic, edit.start, edit.end, edit.start
        if edit.kind is Kind.REPAIR:
            start, end = repairs.forward(start, end)
            line_place = start
        elif edit.kind is Kind.NORMALISATION:
            text = structured
            line_place = structure.back(start, end)[0]
        line = max(1, bisect_right(starts, line_place))
        doubts.append(Doubt(line, _left_of(text, start), edit, _right_of(text, end)))
    return doubts


def _left_of(text: str, start: int) -> str:
    """Return some words before a place, on one line."""
    words = " ".join(text[max(0, start - CONTEXT) : start].splitlines())
    # The first word may be cut, unless the text begins there.
    return words if start <= CONTEXT else "… " + words.partition(" ")[2]


def _right_of(text: str, end: int) -> str:
    """Return some words after a place, on one line."""
    words = " ".join(text[end : end + CONTEXT].splitlines())
    return words if end + CONTEXT >= len(text) else words.rpartition(" ")[0] + " …"


def _classes(document: Document) -> list[tuple[ClassRate, ClassRate | None]]:
    """Return the classes of damage before, each with what is left of it after."""
    left = {(rate.printed, rate.read): rate for rate in document.after.classes}
    return [(rate, left.get((rate.printed, rate.read))) for rate in document.before.classes]


def _rules(document: Document) -> list[tuple[Kind, str, Counter[Decision]]]:
    """Return how often each rule spoke, by layer, the busiest first."""
    found: dict[tuple[Kind, str], Counter[Decision]] = {}
    for edit in document.edits:
        found.setdefault((edit.kind, edit.rule), Counter())[edit.decision] += 1
    order = list(Kind)
    return sorted(
        ((kind, rule, counts) for (kind, rule), counts in found.items()),
        key=lambda entry: (order.index(entry[0]), -entry[2].total(), entry[1]),
    )


# What the templates call.


# A page says the same few hundred things ten thousand times. Text and markup that read alike differ.
@lru_cache(maxsize=4096, typed=True)
def bilingual(fr: object, en: object) -> Markup:
    """Return a phrase in both languages; the page shows one of them."""
    french, english = escape(fr), escape(en)
    if french == english:
        return french
    both = f'<span class="fr" lang="fr">{french}</span><span class="en" lang="en">{english}</span>'
    return Markup(both)  # noqa: S704 - both are escaped


@lru_cache(maxsize=256)
def witness(name: str) -> Markup:
    """Return who speaks for an edit; a witness unknown here keeps its name."""
    return bilingual(visible(_WITNESSES.get(name, name)), visible(name))


def habit_name(rule: str) -> Markup:
    """Return what a rule of typography speaks of; one unknown here keeps its name."""
    return bilingual(*(visible(name) for name in _HABITS.get(rule, (rule, rule))))


def choice_name(choice: str) -> Markup:
    """Return a choice of print: a space by its name, a sign as it is."""
    return bilingual(*(visible(name) for name in _CHOICES.get(choice, (choice, choice))))


@lru_cache(maxsize=4096)
def number(value: int) -> Markup:
    """Return a whole number with its thousands apart, as each language does it."""
    english = f"{value:,}"
    return bilingual(english.replace(",", "\u202f"), english)


@lru_cache(maxsize=4096)
def percent(share: float | None, places: int = 1) -> Markup:
    """Return a share as a percentage; a share too small to be shown is not shown as nothing."""
    if share is None:
        return Markup("–")
    least = 10**-places
    if 0 < share * 100 < least:
        english = f"< {least:.{places}f}"
    elif 100 - least < share * 100 < 100:
        english = f"> {100 - least:.{places}f}"
    else:
        english = f"{share * 100:.{places}f}".removesuffix("." + "0" * places if share in (0, 1) else "%")
    return bilingual(english.replace(".", ",") + "\u00a0%", english + "%")


@lru_cache(maxsize=4096)
def weight(value: float) -> Markup:
    """Return the weight of a witness, with its sign."""
    english = f"{value:+.1f}".replace("-", "−")
    return bilingual(english.replace(".", ","), english)


def visible(text: str, spaces: bool = False) -> Markup:
    """Return text made safe to show: escaped, its invisible signs by their numbers.

    Args:
        text: any text.
        spaces: whether spaces other than the plain one, and line ends, are shown by signs too.
    """
    if spaces:
        text = "".join(_SPACES.get(char, char) for char in text)
        text = text if text.strip(" ") else "␣" * len(text)
    if text.isprintable():
        return escape(text)
    return Markup("".join(map(_shown, text)))  # noqa: S704 - each is escaped


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if char.isprintable() or char in "\t\n" or unicodedata.category(char) == "Zs":
        return str(escape(char))
    return f'<span class="sign">{_code(char)}</span>'


def plain(text: str) -> str:
    """Return the same for an attribute."""
    return "".join(char if char.isprintable() else _code(char) for char in text)


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"


def link(path: str) -> str:
    """Return a path below ``data/`` as a relative address."""
    return quote(path)


def policy_sum(content: str) -> str:
    """Return the source expression that allows this inline style or script, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def pieces(line: Line) -> Iterator[Piece]:
    """Yield the pieces of a line as shown."""
    return shorten(line.pieces, LONGEST_PIECE)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates of all pages, with what they show texts and figures by."""
    environment = Environment(
        loader=PackageLoader("release.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
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
        "pieces": pieces,
        "to_review": _to_review,
        "witness": witness,
        "habit_name": habit_name,
        "choice_name": choice_name,
        "layout": layout,
        "Decision": Decision,
        "Mark": Mark,
        "Status": Status,
        "style": Markup(sources["css"]),  # noqa: S704 - ours
        "script": Markup(sources["js"]),  # noqa: S704 - ours
        "style_sum": policy_sum(sources["css"]),
        "script_sum": policy_sum(sources["js"]),
    }
    return environment
