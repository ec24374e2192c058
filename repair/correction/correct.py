"""One text through the decoder: its edits, and how sound it is.

:func:`correct` is what the pipeline calls. A text whose language the models do not know is left
alone: every proposal is then recorded as left, and the quality says ``und``, or ``frm`` for Middle French.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from repair.correction.acceptance import load_acceptance
from repair.correction.analysis import Analysis
from repair.correction.candidates import Analyser
from repair.correction.decision import decide
from repair.correction.decoder import Decoder
from repair.correction.numbers import find_numbers
from repair.damage.channel import OFTEN
from repair.document import Quality, Span
from repair.edits import Decision, Edit
from repair.language.tokens import lower
from repair.memory.store import Memory

FUNCTION_WORDS = frozenset((files("dictionaries") / "function_words.txt").read_text(encoding="utf-8").split())
"""The commonest words of French of any period; over a quarter of any prose."""

PROSE = 0.18
"""Share of function words under which a text is a table, a list or another language."""

FAMILIAR = 0.72
"""Share of words known, accents apart, under which the models do not know the language."""

ARCHAIC, HABITS = 0.09, 2
"""Share of words spelt as in the sixteenth century, times the habits they show, that tells such a text; and
the fewest habits. Damage shows one habit by chance, never several."""

SHORT = 20
"""Words under which the share of function words says nothing."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the decoder made of a text.

    Attributes:
        edits: its proposals, in order, decided.
        quality: of the text as it stands, before the edits.
    """

    edits: tuple[Edit, ...]
    quality: Quality


def correct(text: str, markup: Sequence[Span], analyser: Analyser, memory: Memory | None = None) -> Corrected:
    """Propose and decide the repairs of one text.

    Args:
        text: the text as it stands.
        markup: its places that are markup.
        analyser: of the language index and the confusions.
        memory: what the corpus tells this document.
    """
    decoder = Decoder(text, markup, analyser, memory)
    decoder.run()
    numbers = find_numbers(text, markup, damaged=decoder.channel.damage >= OFTEN)
    edits = _beside(_in_its_hand(text, decide(decoder, load_acceptance())), numbers)
    analyses = [analysis for analysis in decoder.analyses if analysis is not None]
    language = _language(analyses)
    if language != "fr":
        edits = [replace(edit, decision=Decision.LEFT) for edit in edits]
    quality = Quality(
        words=len(analyses),
        unknown=sum(not analysis.known for analysis in analyses),
        damaged=round(decoder.damaged(), 3),
        language=language,
        classes=decoder.channel.classes(),
    )
    return Corrected(tuple(edits), quality)


def _in_its_hand(text: str, edits: Iterable[Edit]) -> list[Edit]:
    """Give an apostrophe that was lost altogether the sign that the text prints for the others."""
    if text.count("’") <= text.count("'"):
        return list(edits)
    return [
        replace(edit, after=edit.after.replace("'", "’")) if not set("'’‘") & set(edit.before) else edit
        for edit in edits
    ]


def _beside(proposed: Iterable[Edit], sure: Sequence[Edit]) -> list[Edit]:
    """Return the sure edits and those proposed that touch none of them, in order."""
    starts, ends = [edit.start for edit in sure], [edit.end for edit in sure]
    kept = [edit for edit in proposed if bisect_left(starts, edit.end) == bisect_right(ends, edit.start)]
    return sorted([*kept, *sure], key=lambda edit: edit.start)


def _language(analyses: Sequence[Analysis]) -> str:
    """Return ``fr``, ``frm`` for a French older than the models, ``und`` for a text that they do not know."""
    words = [analysis for analysis in analyses if not analysis.protected]
    if not words:
        return "und"
    familiar = sum(not analysis.strange for analysis in words)
    if familiar < FAMILIAR * len(words):
        return "und"
    archaic = [analysis.archaic for analysis in words if analysis.archaic]
    habits = len(set(archaic))
    if habits >= HABITS and habits * len(archaic) >= ARCHAIC * len(words):
        return "frm"
    if len(words) < SHORT:
        return "fr"
    functional = sum(_functional(analysis) for analysis in words)
    return "fr" if functional >= PROSE * len(words) else "und"


def _functional(analysis: Analysis) -> bool:
    word = lower(analysis.text)
    if word in FUNCTION_WORDS:
        return True
    head, mark, _ = word.partition("'")
    return bool(mark) and (f"{head}'" in FUNCTION_WORDS or head in ("1", "i"))
