"""A line, and an edit with its evidence, as HTML: what stands a thousand times in the page of a document.

Made without templates: calls of macros took most of the time that a page took.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from release.pages.html import bilingual, number, percent, plain, visible, weight
from release.pages.marks import Line, Mark, Piece, shorten
from release.pages.names import witness
from release.pages.sentences import in_french
from release.sums import CURATOR
from repair.edits import Decision, Edit, Evidence

LONGEST_PIECE = 1_200
"""Signs of one unbroken piece of a line; the middle of a longer one is left out."""
_NOTHING = Markup("∅")
_DECISIONS = {
    Decision.APPLIED: bilingual("faite", "applied"),
    Decision.REVIEW: bilingual("douteuse, laissée comme lue", "doubtful, left as read"),
    Decision.LEFT: bilingual("laissée", "left"),
    Decision.REJECTED: bilingual("refusée", "rejected"),
}
_COLON = bilingual("\u00a0: ", ": ")


def words(line: Line) -> Markup:
    """Return the words of a line, with what changed in it."""
    pieces = "".join(map(_piece, shorten(line.pieces, LONGEST_PIECE)))
    return Markup(f'<span class="words" dir="auto">{pieces}</span>')  # noqa: S704 - each is escaped


def _piece(part: Piece) -> str:
    match part.mark:
        case Mark.SAME:
            return visible(part.text)
        case Mark.JOIN:
            return f'<span class="join">⏎</span>{visible(part.text)}'
        case Mark.CUT:
            signs = bilingual("signes", "signs")
            return f'<span class="cut"> […{number(int(part.text))} {signs}…] </span>'
        case Mark.GONE:
            return f"<del{_title(part)}>{visible(part.text, True)}</del>"
        case Mark.NEW:
            return f"<ins{_title(part)}>{visible(part.text, True)}</ins>"
    return f"<mark{_title(part)}>{visible(part.text) or '‸'}</mark>"


def _title(part: Piece) -> str:
    if part.edit is None:
        return ""
    proposed = f" → {part.edit.after}" if part.mark is Mark.DOUBT else ""
    return f' title="{escape(plain(part.edit.rule + proposed))}"'


def change(edit: Edit) -> Markup:
    """Return what an edit makes of what."""
    before = f"<del>{visible(edit.before, True)}</del>" if edit.before else _NOTHING
    after = f"<ins>{visible(edit.after, True)}</ins>" if edit.after else _NOTHING
    return Markup(f"{before} → {after}")  # noqa: S704 - both are escaped


def evidence(edit: Edit) -> Markup:
    """Return the witnesses of an edit as a list."""
    return Markup(f"<ul>{''.join(map(_witness, edit.evidence))}</ul>")  # noqa: S704 - each is escaped


def _witness(item: Evidence) -> str:
    ruled = ' class="ruling"' if item.witness == CURATOR else ""
    said = weighed = ""
    if item.detail:
        told = bilingual(visible(in_french(item.witness, item.detail)), visible(item.detail))
        said = f"{_COLON}<bdi>{told}</bdi>"
    if item.weight:
        weighed = f' <span class="num">({weight(item.weight)})</span>'
    return f"<li{ruled}>{witness(item.witness)}{said}{weighed}</li>"


def reason_for(edit: Edit) -> Markup:
    """Return an edit with its rule, its probability, what became of it and its witnesses."""
    told = f"<code>{visible(edit.rule)}</code> · {percent(edit.probability)} · {_DECISIONS[edit.decision]}"
    return Markup(f"<p>{change(edit)} · {told}</p>{evidence(edit)}")  # noqa: S704 - each is escaped
