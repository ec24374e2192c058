"""Small outcomes for the tests of releases: real edits on a few lines of French, and drawn ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hypothesis import strategies as st

from release import publish as publishing
from release.ledger import line_spans
from release.origins import Origins
from release.publish import Release
from release.writing import Item
from repair.document import (
    ClassRate,
    Document,
    Habit,
    Note,
    Outcome,
    Paragraph,
    Quality,
    Reading,
    Reason,
    Source,
    Status,
)
from repair.edits import Decision, Edit, Evidence, Kind, OffsetMap, apply


def publish(
    outcomes: Iterable[Outcome], clean: Path, *, versions: Mapping[str, str], origins: Origins | None = None
) -> Release:
    """Publish outcomes that are in memory."""
    return publishing.publish(map(item, outcomes), clean, versions=versions, origins=origins)


def item(outcome: Outcome) -> Item:
    """Return what is published of an outcome that is in memory."""
    digest = hashlib.sha256(repr(outcome).encode(errors="backslashreplace")).hexdigest()
    return Item(outcome.source, digest, lambda: outcome)


Change = tuple[str, str, Decision]
HIDDEN = "phrase que nul ne doit lire"

READING = (
    "1. Prie 1’Office d’aider les Etats Membres\r\n"
    "a lutter contre le crime ; il doit étre\r\n"
    "entendu de fagon équitable.\r\n"
    "\r\n"
    "2. Décide de rester saisie de la question."
)
REPAIRS = (
    ("1’Office", "l’Office", Decision.APPLIED),
    ("Etats", "États", Decision.LEFT),
    ("a lutter", "à lutter", Decision.APPLIED),
    ("étre", "être", Decision.APPLIED),
    ("fagon", "façon", Decision.REVIEW),
)
STRUCTURE = (
    ("\r\n", " ", Decision.APPLIED),
    ("\r\n", " ", Decision.APPLIED),
    ("\r\n\r\n", "\n", Decision.APPLIED),
)
NORMALISATIONS = (("crime ;", "crime\u202f;", Decision.APPLIED),)


def find_edits(text: str, kind: Kind, changes: Sequence[Change]) -> tuple[Edit, ...]:
    """Return the changes as edits, each at the next place where its `before` stands."""
    edits = []
    position = 0
    for before, after, decision in changes:
        start = text.index(before, position)
        position = start + len(before)
        evidence = (Evidence("lexicon", f"{after} / {before}", 2.5), Evidence("line break", "", 0.0))
        edits.append(Edit(start, position, before, after, kind, f"rule-{kind}", 0.97, decision, evidence))
    return tuple(edits)


def make_document(
    name: str = "essai",
    reading: str = READING,
    repairs: Sequence[Change] = REPAIRS,
    structure: Sequence[Change] = STRUCTURE,
    normalisations: Sequence[Change] = NORMALISATIONS,
) -> Document:
    first = find_edits(reading, Kind.REPAIR, repairs)
    diplomatic = apply(reading, first)
    second = find_edits(diplomatic, Kind.STRUCTURE, structure)
    structured = apply(diplomatic, second)
    third = find_edits(structured, Kind.NORMALISATION, normalisations)
    return assemble(name, reading, first, second, third)


def assemble(
    name: str,
    reading: str,
    repairs: tuple[Edit, ...],
    structure: tuple[Edit, ...],
    normalisations: tuple[Edit, ...],
) -> Document:
    diplomatic = apply(reading, repairs)
    text = apply(apply(diplomatic, structure), normalisations)
    layers = [OffsetMap(edits) for edits in (normalisations, structure, repairs)]
    raw = reading.encode(errors="replace")
    words = len(reading.split())
    return Document(
        source=Source(name, f"{name}.txt", hashlib.sha256(raw).hexdigest(), len(raw)),
        reading=Reading(reading, "utf-8"),
        profile="onu",
        repairs=repairs,
        structure=structure,
        normalisations=normalisations,
        diplomatic=diplomatic,
        text=text,
        paragraphs=tuple(
            _paragraph(number, text[start:end], start, end, diplomatic, layers)
            for number, (start, end, _) in enumerate(line_spans(text), 1)
        ),
        notes=(Note("1", "", (min(3, len(reading)),)),),
        before=Quality(words, 3, 4.0 if words > 4 else 0.0, "fr", (ClassRate("é", "e", 3.0, 1, 0.75),)),
        after=Quality(words, 1, 0.5 if words > 4 else 0.0, "fr"),
        style=(
            Habit("unit-space", (("none", 6),), (("no-break", 6),)),
            Habit("quotes", (("«", 3), ('"', 1)), (("«", 4),)),
        ),
    )


def _paragraph(
    number: int, line: str, start: int, end: int, diplomatic: str, layers: Sequence[OffsetMap]
) -> Paragraph:
    """Return the paragraph of a line of the normalised edition, its place led back layer by layer."""
    for layer in layers[:-1]:
        start, end = layer.back(start, end)
    words = diplomatic[start:end]
    return Paragraph("paragraph", str(number), line, words, 1, *layers[-1].back(start, end))


def make_outcome(document: Document, status: Status = Status.PUBLISHED) -> Outcome:
    reasons = (Reason("damage", "Il reste des dommages.", "Damage is left."),)
    return Outcome(document.source, status, () if status is Status.PUBLISHED else reasons, document)


def make_outcomes() -> list[Outcome]:
    """Return one outcome of each kind: published, in review, quarantined with and without a document."""
    refused = Source("vide", "vide.txt", hashlib.sha256(b"").hexdigest(), 0)
    secret = make_document("secret", f"Une {HIDDEN}, Etats.", [("Etats", HIDDEN, Decision.APPLIED)], (), ())
    return [
        make_outcome(make_document("rapport")),
        make_outcome(make_document("Éàü notes", repairs=REPAIRS[:2]), Status.REVIEW),
        make_outcome(make_document("index", "Rien à changer.\n", (), (), ())),
        make_outcome(secret, Status.QUARANTINE),
        Outcome(refused, Status.QUARANTINE, (Reason("empty", "Le fichier est vide.", "Empty."),), None),
    ]


@st.composite
def drawn_edits(draw: st.DrawFn, text: str, kind: Kind, signs: str) -> tuple[Edit, ...]:
    """Draw edits of a text that do not overlap, with every decision."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    edits = []
    last = -1
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        after = draw(st.text(signs, max_size=4))
        if start <= last or after == text[start:end]:
            continue
        decision = draw(st.sampled_from([Decision.APPLIED, Decision.APPLIED, *Decision]))
        edits.append(Edit(start, end, text[start:end], after, kind, "drawn", 0.5, decision))
        last = end
    return tuple(edits)


@st.composite
def drawn_documents(draw: st.DrawFn) -> Document:
    """Draw a document whose repairs keep its lines; structure and normalisation are free."""
    lines = draw(st.lists(st.text("aé ,<&\u202e", max_size=9), min_size=1, max_size=6))
    reading = draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n"]))
    repairs = tuple(
        edit for edit in draw(drawn_edits(reading, Kind.REPAIR, "bê ")) if not {"\n", "\r"} & set(edit.before)
    )
    diplomatic = apply(reading, repairs)
    structure = draw(drawn_edits(diplomatic, Kind.STRUCTURE, " \n"))
    structured = apply(diplomatic, structure)
    normalisations = draw(drawn_edits(structured, Kind.NORMALISATION, "\u00a0É"))
    return assemble("tiré", reading, repairs, structure, normalisations)
