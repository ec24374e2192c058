"""The stages in their order: reading, repair, structure, normalisation.

:func:`repair_text` repairs a text, :func:`process` a raw file. Each stage takes what the one
before it made and adds to it; a document's editions are its reading with its edits applied,
and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from repair.correction.candidates import load_analyser
from repair.correction.correct import Corrected, correct
from repair.decisions.honour import honour, reaching
from repair.decisions.recalibrate import recalibrate
from repair.decisions.refit import AS_SHIPPED, Refit
from repair.decisions.ruling import Ruling
from repair.document import Document, Note, Paragraph, Quality, Reading, Source, Span
from repair.edits import Decision, Edit, OffsetMap, applied, apply, compose
from repair.language import load_language
from repair.language.index import ATTESTED, DICTIONARY, PERIOD
from repair.memory.store import Memory
from repair.reading import markup_spans, read
from repair.reading.mojibake import mend_characters
from repair.structure import Structure, find_structure, read_genre
from repair.typography import habits, load_profile, normalise
from repair.typography.capitals import accented_by

if TYPE_CHECKING:  # at run time it would bring what OCR needs
    from repair.reading.engines.cache import PageCache

DIPLOMATIC, NORMALISED = "diplomatic", "normalised"
EDITIONS = (DIPLOMATIC, NORMALISED)

MAX_PASSES = 8
"""Repair is done over until nothing changes, so that repairing twice is repairing once; three
passes were enough for every text of the development pairs."""


_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repaired text.

    Attributes:
        text: the edition asked for.
        edits: its edits in order, spans in the text given; where a normalisation touches a
            repaired word, the two are one edit.
    """

    text: str
    edits: tuple[Edit, ...]


def repair_text(text: str, edition: str = DIPLOMATIC, profile: str = "onu") -> Repaired:
    """Repair a French text.

    Args:
        text: any text; line ends are kept.
        edition: ``diplomatic`` (repairs alone, lines kept) or ``normalised`` (one paragraph a
            line, in the typography of a profile).
        profile: name of the typography profile, for the normalised edition.

    Raises:
        ValueError: if the edition is neither of the two.

    >>> repair_text("1’Office des Nations Unies").text
    'l’Office des Nations Unies'
    """
    if edition not in EDITIONS:
        raise ValueError(f"unknown edition {edition!r}: take one of {', '.join(EDITIONS)}")
    repairs, _, _ = _repair(text)
    diplomatic = apply(text, repairs)
    if edition == DIPLOMATIC:
        return Repaired(diplomatic, tuple(repairs))
    structure = _structure(diplomatic, (0,))
    structured = apply(diplomatic, structure.edits)
    normalisations = _normalise(structured, profile)
    later = compose(diplomatic, structure.edits, normalisations)
    return Repaired(apply(structured, normalisations), tuple(compose(text, repairs, later)))


def process(
    source: Source,
    path: Path,
    profile: str = "onu",
    memory: Memory | None = None,
    cache: PageCache | None = None,
    rulings: Sequence[Ruling] = (),
    refit: Refit = AS_SHIPPED,
) -> Document:
    """Read a raw file and take it through every stage.

    Args:
        source: what the file is called in the corpus.
        path: where it is.
        profile: name of the typography profile.
        memory: what the corpus tells this document.
        cache: where the readings of its pages are kept; None to keep none.
        rulings: of the curators, in force; those that do not reach it are not looked at.
        refit: what all rulings say of the program's probabilities.

    Raises:
        Refused: if it cannot be processed; the reason says what to do.
        MissingProgram: if reading it takes a program that is not installed.
    """
    folder = path.parents[source.path.count("/")]
    witnesses = [folder / witness.path for witness in source.witnesses]
    return _process(source, read(path, cache, witnesses), profile, memory, rulings, refit)


def process_again(
    document: Document, memory: Memory, rulings: Sequence[Ruling] = (), refit: Refit = AS_SHIPPED
) -> Document:
    """Take the reading of a processed document through the other stages, with other memory, rulings, refit.

    The raw file is not looked at: what it was read as stands, and OCR is long.
    """
    return _process(document.source, document.reading, document.profile, memory, rulings, refit)


def _process(
    source: Source,
    reading: Reading,
    profile: str,
    memory: Memory | None,
    rulings: Sequence[Ruling],
    refit: Refit,
) -> Document:
    repairs, before, after = _repair(reading.text, memory)
    repairs = sorted([*repairs, *reading.losers], key=lambda edit: (edit.start, edit.end))
    diplomatic = apply(reading.text, repairs)
    if reached := reaching(rulings, source.name, source.path):
        repairs = honour(reading.text, repairs, reached)
    repairs = recalibrate(repairs, refit)
    decided = apply(reading.text, repairs)
    if decided != diplomatic:
        diplomatic, after = decided, _correct(decided, memory).quality
    offsets = OffsetMap(repairs)
    structure = _structure(diplomatic, tuple(offsets.forward(page, page)[0] for page in reading.pages))
    structured = apply(diplomatic, structure.edits)
    normalisations = _normalise(structured, profile)
    text = apply(structured, normalisations)
    paragraphs, metadata = read_genre(_paragraphs(text, diplomatic, structure, offsets, reading))
    return Document(
        source=source,
        reading=reading,
        profile=profile,
        repairs=tuple(repairs),
        structure=structure.edits,
        normalisations=tuple(normalisations),
        diplomatic=diplomatic,
        text=text,
        paragraphs=paragraphs,
        notes=_notes(paragraphs, structure, offsets),
        before=before,
        after=after,
        metadata=metadata,
        style=habits(structured, text, known=_known(), accented=accented),
    )


def _repair(text: str, memory: Memory | None = None) -> tuple[list[Edit], Quality, Quality]:
    """Return the repairs of a text, and its quality before and after them."""
    edits = mend_characters(text)
    current = apply(text, edits)
    first = corrected = _correct(current, memory)
    for _ in range(MAX_PASSES):
        made = applied(corrected.edits)
        if not made:
            break
        edits = compose(text, edits, made)
        current = apply(current, made)
        corrected = _correct(current, memory)
    doubtful = [edit for edit in corrected.edits if edit.decision is not Decision.APPLIED]
    return compose(text, edits, doubtful), first.quality, corrected.quality


def _correct(text: str, memory: Memory | None) -> Corrected:
    return correct(text, markup_spans(text), load_analyser(), memory)


def _structure(diplomatic: str, pages: tuple[int, ...]) -> Structure:
    return find_structure(diplomatic, markup=markup_spans(diplomatic), known=_known(), pages=pages)


def _normalise(structured: str, profile: str) -> list[Edit]:
    return normalise(structured, load_profile(profile), known=_known(), accented=accented)


@lru_cache(maxsize=1)
def _known() -> Callable[[str], bool]:
    """Return the test whether a lower-case word is a common word of French."""
    word = load_language().lexicon.word

    @lru_cache(maxsize=200_000)
    def known(spelling: str) -> bool:
        found = word(spelling)
        return found is not None and bool(found.flags & (DICTIONARY | ATTESTED | PERIOD))

    return known


@lru_cache(maxsize=50_000)
def accented(word: str) -> str | None:
    """Return a capitalised word with the accent its capital lacks; None where that is not sure.

    >>> accented("Etats"), accented("Ecole"), accented("Elle")
    ('États', 'École', None)
    """
    return accented_by(load_language().lexicon, word)


def _paragraphs(
    text: str, diplomatic: str, structure: Structure, offsets: OffsetMap, reading: Reading
) -> tuple[Paragraph, ...]:
    """Join each block of the structure with its line of the normalised text and its place in the reading."""
    lines = _LINE_END.split(text) if structure.blocks else []
    if len(lines) == len(structure.blocks) + 1 and not lines[-1]:
        lines.pop()  # after the final line end
    found = []
    for block, line in zip(structure.blocks, lines, strict=True):
        start, end = offsets.back(block.start, block.end)
        page = sum(first <= start for first in reading.pages)
        parts = (diplomatic[span.start : span.end] for span in (Span(block.start, block.end), *block.rest))
        found.append(
            Paragraph(
                kind=block.kind,
                number=block.number,
                text=line,
                diplomatic="\n".join(parts),
                page=max(1, page),
                start=start,
                end=end,
                rest=tuple(Span(*offsets.back(span.start, span.end)) for span in block.rest),
            )
        )
    return tuple(found)


def _notes(paragraphs: Sequence[Paragraph], structure: Structure, offsets: OffsetMap) -> tuple[Note, ...]:
    return tuple(
        Note(
            mark=note.mark,
            text=paragraphs[note.block].text if note.block is not None else "",
            calls=tuple(offsets.back(call, call)[0] for call in note.calls),
        )
        for note in structure.notes
    )
