"""What witnesses say, in French: the ledger has it in English, or in a notation that needs no translation.

`in_french` knows every sentence that the stages of the repair write; a new one there needs a line here, and
the tests say so.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SENTENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "character": (
        (r"(U\+[0-9A-F]+) is not printed", r"\1 ne s’imprime pas"),
        (
            r"a letter apart from its accent, composed \(Unicode NFC\)",
            "une lettre séparée de son accent, composée (Unicode NFC)",
        ),
    ),
    "lexicon": (
        (r"“(.*)” is a word, “(.*)” is not", r"« \1 » est un mot, « \2 » n’en est pas un"),
        (r"“(.*)” is a word", r"« \1 » est un mot"),
        (r"“(.*)” is not a word: the hyphen stays", r"« \1 » n’est pas un mot : le trait d’union reste"),
        (r"“(.*)” is the only spelling", r"« \1 » est la seule graphie"),
        (
            r"“(.*)” stands in the same text, many times as often",
            r"« \1 » est dans le même texte, bien plus souvent",
        ),
    ),
    "line break": (
        (r"the paragraph goes on in the next line", "l’alinéa continue à la ligne suivante"),
        (
            r"what ends the line is never followed by a space",
            "ce qui finit la ligne n’est jamais suivi d’une espace",
        ),
        (
            r"a hyphen that only line breaks print",
            "un trait d’union que seules les fins de ligne impriment",
        ),
        (r"a word goes on in the next line", "un mot continue à la ligne suivante"),
        (
            r"a blank line, a number, an indent or a rule sets the block apart",
            "une ligne vide, un numéro, un retrait ou un filet met le bloc à part",
        ),
        (
            r"the sentence stops before these lines and goes on after them",
            "la phrase s’arrête avant ces lignes et continue après elles",
        ),
        (
            r"these lines stood in the midst of the paragraph before",
            "ces lignes étaient au milieu de l’alinéa précédent",
        ),
    ),
    "markup": (
        (r"a sign of markup, not of the page", "un signe du balisage, non de la page"),
        (r"the way markup writes this character", "la façon dont le balisage écrit ce signe"),
        (r"superscript figures call a note", "des chiffres supérieurs appellent une note"),
        (
            r"superscript figures at the head of a line mark a note",
            "des chiffres supérieurs en tête de ligne marquent une note",
        ),
        (
            r"superscript letters end an ordinal or an abbreviation",
            "des lettres supérieures finissent un ordinal ou une abréviation",
        ),
        (
            r"superscript figures after a unit or a power of ten",
            "des chiffres supérieurs après une unité ou une puissance de dix",
        ),
    ),
    "numbering": (
        (
            r"calls (\d+) to (\d+) are due here, and so many signs stand after words",
            r"les appels \1 à \2 sont attendus ici, et autant de signes suivent des mots",
        ),
        (r"the same words carry call (\d+): (.*)", r"les mêmes mots portent l’appel \1 : \2"),
        (r"the mark of a note at the foot", "la marque d’une note de bas de page"),
        (
            r"this note is due between the one before it and the one after it",
            "cette note est attendue entre la précédente et la suivante",
        ),
        (
            r"note (.*) is at the foot, and its call is due here",
            r"la note \1 est au bas de la page, et son appel est attendu ici",
        ),
        (r"it stands between paragraphs (\d+) and (\d+)", r"il est entre les paragraphes \1 et \2"),
        (r"the same document has n° (.*)", r"le même document a le n° \1"),
    ),
    "reading": (
        (
            r"the text beside the scan has this, and no page has it",
            "le texte joint à l’image a ceci, et aucune page ne l’a",
        ),
        (r"the text beside the scan lacks this line", "le texte joint à l’image n’a pas cette ligne"),
    ),
    "stamp": ((r"(.*) puts it on its images", r"\1 le met sur ses images"),),
}
_KNOWN = {
    witness: tuple((re.compile(english, re.DOTALL), french) for english, french in sentences)
    for witness, sentences in _SENTENCES.items()
}
_NOTATION = {
    "calibration": r"[\d.]+ → [\d.]+ [<≥] [\d.]+ \(refit-\w+\)",  # what curators make of it, its bound
    "corpus memory": r".* § .*: .*",  # document, paragraph: its words
    "curator": r".*",  # who, when: what, in the curator's words
    "damage profile": r".* → .*: \d+/\d+",  # how often, of how many places
    "encoding": r"ftfy: .*",
    "language model": r".* / .*",  # two words that were weighed
    "lexicon": r".* / .*",
    "reading": r".*: « .* »",  # an engine, and what it read
    "typography profile": r"[\w-]+: .*",  # its name, and where the house prints its rule
}


@lru_cache(maxsize=4096)
def in_french(witness: str, detail: str) -> str:
    """Return what a witness says, in French where that is known, else as it stands.

    >>> in_french("lexicon", "“cœur” is a word, “coeur” is not")
    '« cœur » est un mot, « coeur » n’en est pas un'
    """
    for english, french in _KNOWN.get(witness, ()):
        if found := english.fullmatch(detail):
            return found.expand(french)
    return detail


def is_told(witness: str, detail: str) -> bool:
    """Say whether what a witness says is understood in French: translated, or a notation."""
    if not detail or in_french(witness, detail) != detail:
        return True
    return witness in _NOTATION and re.fullmatch(_NOTATION[witness], detail, re.DOTALL) is not None
