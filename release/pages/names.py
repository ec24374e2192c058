"""What a curator calls things: witnesses, habits of print, expectations; one unknown here keeps its name."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from release.pages.html import bilingual, visible
from release.sums import CURATOR
from repair.decisions.recalibrate import CALIBRATION

_WITNESSES = {
    CALIBRATION: "étalonnage sur les décisions",
    "character": "caractère",
    "confusion": "confusion",
    "corpus memory": "mémoire du corpus",
    CURATOR: "correcteur",
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
_EXPECTATIONS = {
    # of a document
    "blank-text": ("fichier sans texte", "file without text"),
    "brackets-balanced": ("parenthèses par paires", "brackets in pairs"),
    "calls-have-notes": ("appels avec leur note", "calls with their note"),
    "characters-composed": ("lettres composées avec leur accent", "letters composed with their accent"),
    "characters-legible": ("signes lisibles", "legible signs"),
    "check-error": ("contrôle impossible", "could not be checked"),
    "damage-bearable": ("dommages supportables", "damage bearable"),
    "damage-low": ("peu de dommages restants", "little damage left"),
    "dates-possible": ("dates possibles", "possible dates"),
    "edit-in-place": ("corrections à leur place", "edits in their places"),
    "edit-likely": ("corrections vraisemblables", "likely edits"),
    "edit-probability": ("probabilités des corrections", "probabilities of edits"),
    "edits-few": ("peu de corrections", "few edits"),
    "edits-replay": ("corrections qui redonnent le texte", "edits that give the text again"),
    "empty-file": ("fichier vide", "empty file"),
    "fault": ("défaut du programme", "fault of the program"),
    "has-words": ("document avec des mots", "document with words"),
    "headings-present": ("titres présents", "headings present"),
    "language-known": ("langue connue", "language known"),
    "no-control-characters": ("aucun caractère de commande", "no control characters"),
    "no-divided-words": ("aucun mot coupé", "no divided words"),
    "no-furniture-in-text": ("aucun titre courant dans le texte", "no running head in the text"),
    "no-mojibake": ("aucun encodage brouillé", "no broken encoding"),
    "notes-called": ("notes appelées", "notes called"),
    "notes-in-order": ("notes dans l’ordre", "notes in order"),
    "numbers-in-sequence": ("numéros qui se suivent", "numbers in sequence"),
    "numbers-have-text": ("numéros suivis d’un texte", "numbers with a text"),
    "pages-read-alike": ("pages lues de même par les moteurs", "pages read alike by the engines"),
    "paragraphs-end": ("alinéas qui finissent comme il faut", "paragraphs that end as they should"),
    "paragraphs-make-text": ("alinéas qui redonnent le texte", "paragraphs that give the text"),
    "paragraphs-open": ("alinéas qui commencent comme il faut", "paragraphs that open as they should"),
    "quotes-balanced": ("guillemets par paires", "quotation marks in pairs"),
    "released": ("publié par décision d’un correcteur", "released by a curator"),
    "repair-keeps-length": ("longueur gardée par la réparation", "length kept by repair"),
    "repair-keeps-text": ("texte gardé par la réparation", "text kept by repair"),
    "sentences-whole": ("phrases entières", "whole sentences"),
    "structure-keeps-length": ("longueur gardée par la structure", "length kept by structure"),
    "structure-keeps-text": ("texte gardé par la structure", "text kept by structure"),
    "symbols-well-formed": ("cotes bien formées", "well-formed symbols"),
    "words-known": ("mots connus du lexique", "words in the lexicon"),
    "words-mostly-known": ("mots pour la plupart connus", "words mostly in the lexicon"),
    # of a release
    "damage-not-risen": ("dommages non accrus", "damage not risen"),
    "document-kept": ("documents gardés", "documents kept"),
    "documents-differ": ("documents différents", "documents that differ"),
    "known-not-fallen": ("mots connus non diminués", "known words not fallen"),
    "length-kept": ("longueur des textes gardée", "length of texts kept"),
    "not-compared": ("comparaison avec la version d’avant", "comparison with the release before"),
    "pieces-drawn": ("images des mots douteux", "pictures of doubtful words"),
    "published-not-fallen": ("documents publiés non diminués", "published documents not fallen"),
    "raw-length-kept": ("longueur des fichiers bruts gardée", "length of raw files kept"),
    "text-kept": ("textes gardés", "texts kept"),
    "vocabulary-kept": ("mots des textes gardés", "words of texts kept"),
}


@lru_cache(maxsize=256)
def witness(name: str) -> Markup:
    """Return who speaks for an edit."""
    return bilingual(visible(_WITNESSES.get(name, name)), visible(name))


def habit(rule: str) -> Markup:
    """Return what a rule of typography speaks of."""
    return _either(_HABITS, rule)


def choice(choice: str) -> Markup:
    """Return a choice of print: a space by its name, a sign as it is."""
    return _either(_CHOICES, choice)


def expectation(code: str) -> Markup:
    """Return what an expectation asks for."""
    return _either(_EXPECTATIONS, code)


def expectation_name(code: str) -> tuple[str, str]:
    """Return the same as plain text, in French and in English."""
    return _EXPECTATIONS.get(code, (code, code))


def is_named(code: str) -> bool:
    """Say whether an expectation has a name here."""
    return code in _EXPECTATIONS


def _either(names: dict[str, tuple[str, str]], name: str) -> Markup:
    return bilingual(*(visible(said) for said in names.get(name, (name, name))))
