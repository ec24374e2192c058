"""Documents made by hand for the tests of the expectations: a clean one, and copies with a planted defect."""

from dataclasses import replace
from typing import Any

from repair.document import Document, Note, Paragraph, Quality, Reading, Source
from repair.edits import Decision, Edit, Kind

LINES = (
    "L’Assemblée générale,",
    "Rappelant sa résolution du 8 septembre sur « la lutte contre le terrorisme » (la Stratégie) 1,",
    "1. Engage les États Membres :",
    "a) à devenir parties aux conventions ;",
    "b) à renforcer la coopération internationale ;",
    "2. Prie le Secrétaire général de lui présenter un rapport ;",
    "3. Décide d’examiner la question à sa prochaine session.",
    "1 Voir l’annexe de la résolution.",
)
KINDS = (
    ("paragraph", ""),
    ("paragraph", ""),
    ("item", "1"),
    ("item", "a"),
    ("item", "b"),
    ("item", "2"),
    ("item", "3"),
    ("note", "1"),
)
# What was read: the first letter of each line that begins so is damaged, and repaired.
DAMAGED = "1’Assemblée générale,"


def repair(start: int, before: str, after: str, **changed: Any) -> Edit:
    edit = Edit(start, start + len(before), before, after, Kind.REPAIR, "test", 0.99, Decision.APPLIED)
    return replace(edit, **changed)


def document(
    lines: tuple[str, ...] = LINES,
    kinds: tuple[tuple[str, str], ...] | None = None,
    *,
    name: str = "propre",
    **changed: Any,
) -> Document:
    """Return a clean document of these lines; `changed` are attributes put in place of its own."""
    kinds = kinds or (KINDS if lines is LINES else (("paragraph", ""),) * len(lines))
    diplomatic = "\n".join(lines)
    paragraphs, position = [], 0
    for line, (kind, number) in zip(lines, kinds, strict=True):
        end = position + len(line)
        paragraphs.append(Paragraph(kind, number, line, line, 1, position, end))
        position = end + 1
    words = len(diplomatic.split())
    made = Document(
        source=Source(name, f"{name}.txt", "0" * 64, len(diplomatic)),
        reading=Reading(diplomatic, "utf-8"),
        profile="onu",
        repairs=(),
        structure=(),
        normalisations=(),
        diplomatic=diplomatic,
        text=diplomatic,
        paragraphs=tuple(paragraphs),
        notes=(Note("1", "Voir l’annexe de la résolution.", (diplomatic.find(" 1,") + 1,)),)
        if lines is LINES
        else (),
        before=Quality(words, 1, 1.0, "fr"),
        after=Quality(words, 0, 0.0, "fr"),
    )
    return replace(made, **changed)


def numbered(*numbers: str, texts: tuple[str, ...] = ()) -> Document:
    """Return a document whose paragraphs bear these numbers; without a number where it is empty."""
    lines = texts or tuple(f"{number}. Prie le Secrétaire général." for number in numbers)
    return document(lines, tuple(("item" if number else "paragraph", number) for number in numbers))
