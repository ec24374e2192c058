"""The expectations as a table: what is measured, within which bounds, how much it weighs, what to tell.

A `Rule` is checked on each row of one of the tables of `expectations.tables`; the rules on the
structure of a document are in `expectations.structure_rules`. The thresholds stand first, each with
its reason. Shares of words (damaged, unknown, edited) are judged by the end of their confidence
interval that speaks for the document: two odd names in a text of thirty words are no reason to
hold it back.
"""

from __future__ import annotations

from expectations.rule import BETWEEN, IN_SET, PAIR, Rule, Severity, among, within
from expectations.structure_rules import STRUCTURE_RULES

# The corpus of resolutions is at 0.4 % of damaged words or below after repair; clean law, novels and
# debates (300 words each) at 1.7 % or below. What reads badly on paper starts about here.
MOST_DAMAGE = 0.02
# One word in seven still wrong: every quotation and every count made from it would be wrong as well.
HOPELESS_DAMAGE = 0.15
# Clean texts: 97 % and more, 93 % for the press and the Web with its names. OCR readings with one word
# in seven wrong are at 90 %. Lists of names or of chemical products may be below, and are worth a look.
FEWEST_KNOWN = 0.90
# English is at 33 %, random letters at 2 %; a scan of which three words in five are wrong is at 53 %.
HOPELESS_KNOWN = 0.50
# Below, nothing can be said of a text; a title page has more.
FEWEST_WORDS = 5
# 002, read by an English engine, needed 9 %. A text that lost all its accents needs some 25 %. Beyond
# that the repairs are rewriting.
MOST_EDITED = 0.35
# Repairs exchange letters, they neither write nor delete: a mended mojibake shortens by a tenth at most.
REPAIRED_LENGTH = (0.85, 1.15)
# Structure and normalisation drop markup (not counted), running heads and hyphens, and write out nothing.
NORMALISED_LENGTH = (0.75, 1.10)
# Whatever the reason, a text that lost half of its letters, or doubled them, is not that document.
HOPELESS_LENGTH = (0.5, 2.0)
# A few control characters are a flaw of a page; one in a hundred is a file that is not text.
MOST_STRANGE = 0.01
# More on 4 of the 50 development pages, which have 0.8 to 1.8 % of their signs wrong after vote and repair;
# half of the others have less than 0.6 %.
MOST_DISAGREEMENT = 0.045
# An edit less likely right than wrong must not be applied, whoever proposed it.
LEAST_LIKELY = 0.5

# So many paragraphs of a document are reported for each fault, the others pass for clean: who has two
# hundred to look at need not be told of more, and Great Expectations takes 0.2 ms for each.
MOST_FAULTS = 200

LANGUAGE = "fr"

_DOCUMENTS = (
    Rule(
        "has-words",
        "documents",
        BETWEEN,
        within("words", FEWEST_WORDS, None),
        Severity.QUARANTINE,
        "Le document n’a que {words} mot(s) : la page est vide, ou sa lecture a échoué. Vérifiez le fichier.",
        "The document has only {words} word(s): the page is empty, or reading it failed. Check the file.",
    ),
    Rule(
        "language-known",
        "documents",
        IN_SET,
        among("language", LANGUAGE),
        Severity.REVIEW,
        "Ce n’est pas du français, ou un français que les modèles ne connaissent pas (langue : {language}). "
        "Rien n’y est sûr ; relisez-le, ou retirez-le du corpus.",
        "This is not French, or a French the models do not know (language: {language}). "
        "Nothing in it is certain; read it through, or take it out of the corpus.",
    ),
    Rule(
        "words-known",
        "documents",
        BETWEEN,
        within("known_ceiling", FEWEST_KNOWN, None),
        Severity.REVIEW,
        "Le lexique ne connaît que {known:.0%} des {words} mots : des mots abîmés, ou beaucoup de noms "
        "et de termes rares. Comparez quelques lignes avec la page.",
        "The lexicon knows only {known:.0%} of the {words} words: damaged words, or many names "
        "and rare terms. Compare a few lines with the page.",
    ),
    Rule(
        "words-mostly-known",
        "documents",
        BETWEEN,
        within("known_ceiling", HOPELESS_KNOWN, None),
        Severity.QUARANTINE,
        "Le lexique ne connaît que {known:.0%} des {words} mots : ce n’est pas du français, ou la lecture "
        "est à refaire. Cherchez une meilleure source.",
        "The lexicon knows only {known:.0%} of the {words} words: it is not French, or it has to be "
        "read again. Look for a better source.",
        covers=("words-known", "language-known"),
    ),
    Rule(
        "damage-low",
        "documents",
        BETWEEN,
        within("damage_floor", None, MOST_DAMAGE),
        Severity.REVIEW,
        "Après réparation, {damage:.1%} des mots semblent encore abîmés (au plus {limit:.0%} attendus). "
        "Décidez des corrections proposées, ou cherchez une meilleure lecture.",
        "After repair {damage:.1%} of the words still seem damaged (at most {limit:.0%} expected). "
        "Decide the proposed edits, or look for a better reading.",
    ),
    Rule(
        "damage-bearable",
        "documents",
        BETWEEN,
        within("damage_floor", None, HOPELESS_DAMAGE),
        Severity.QUARANTINE,
        "Après réparation, {damage:.0%} des mots semblent encore abîmés : le texte est perdu dans cette "
        "lecture. Numérisez ou relisez la page à nouveau.",
        "After repair {damage:.0%} of the words still seem damaged: the text is lost in this "
        "reading. Scan or read the page again.",
        covers=("damage-low",),
    ),
    Rule(
        "pages-read-alike",
        "documents",
        BETWEEN,
        within("disagreement", None, MOST_DISAGREEMENT),
        Severity.REVIEW,
        "Les moteurs de lecture diffèrent sur {disagreement:.0%} des signes de la page {differing_page} : "
        "comparez-la avec son image, ou numérisez-la mieux.",
        "The engines differ on {disagreement:.0%} of the signs of page {differing_page}: "
        "compare it with its image, or scan it better.",
    ),
    Rule(
        "edits-few",
        "documents",
        BETWEEN,
        within("edited_floor", None, MOST_EDITED),
        Severity.REVIEW,
        "{edited:.0%} des mots ont été corrigés : c’est récrire plus que réparer. Comparez avec la page.",
        "{edited:.0%} of the words were corrected: that is rewriting rather than repair. "
        "Compare with the page.",
    ),
    Rule(
        "repair-keeps-length",
        "documents",
        BETWEEN,
        within("repaired_length", *REPAIRED_LENGTH),
        Severity.REVIEW,
        "Le texte réparé a {repaired_length:.0%} des lettres de la lecture : la réparation a enlevé "
        "ou ajouté du texte. Comparez les deux.",
        "The repaired text has {repaired_length:.0%} of the letters of the reading: repair took text "
        "away or added some. Compare the two.",
    ),
    Rule(
        "repair-keeps-text",
        "documents",
        BETWEEN,
        within("repaired_length", *HOPELESS_LENGTH),
        Severity.QUARANTINE,
        "Le texte réparé n’a plus que {repaired_length:.0%} des lettres de la lecture : il a été vidé "
        "ou doublé. C’est un défaut du programme, signalez-le.",
        "The repaired text has {repaired_length:.0%} of the letters of the reading: it was emptied "
        "or doubled. This is a fault of the program, report it.",
        covers=("repair-keeps-length",),
    ),
    Rule(
        "structure-keeps-length",
        "documents",
        BETWEEN,
        within("normalised_length", *NORMALISED_LENGTH),
        Severity.REVIEW,
        "Le texte normalisé a {normalised_length:.0%} des lettres du texte réparé : des passages ont pu "
        "être pris pour des en-têtes, ou répétés. Comparez les deux.",
        "The normalised text has {normalised_length:.0%} of the letters of the repaired text: passages may "
        "have been taken for running heads, or repeated. Compare the two.",
    ),
    Rule(
        "structure-keeps-text",
        "documents",
        BETWEEN,
        within("normalised_length", *HOPELESS_LENGTH),
        Severity.QUARANTINE,
        "Le texte normalisé a {normalised_length:.0%} des lettres du texte réparé : il a été vidé ou doublé. "
        "C’est un défaut du programme, signalez-le.",
        "The normalised text has {normalised_length:.0%} of the letters of the repaired text: it was emptied "
        "or doubled. This is a fault of the program, report it.",
        covers=("structure-keeps-length",),
    ),
    Rule(
        "characters-legible",
        "documents",
        BETWEEN,
        within("strange", None, MOST_STRANGE),
        Severity.QUARANTINE,
        "{strange:.0%} des caractères sont illisibles : le fichier n’est pas du texte, ou son encodage "
        "est inconnu. Cherchez une autre source.",
        "{strange:.0%} of the characters cannot be read: the file is not text, or its encoding is unknown. "
        "Look for another source.",
        covers=("no-control-characters",),
    ),
    Rule(
        "edits-replay",
        "documents",
        IN_SET,
        among("broken_layer", ""),
        Severity.QUARANTINE,
        "Les corrections ne redonnent pas le texte (couche : {broken_layer}). "
        "C’est un défaut du programme, signalez-le.",
        "The edits do not give the text again (layer: {broken_layer}). "
        "This is a fault of the program, report it.",
    ),
    Rule(
        "paragraphs-make-text",
        "documents",
        IN_SET,
        among("paragraphs_make_text", True),
        Severity.QUARANTINE,
        "Les paragraphes ne redonnent pas les lignes du texte. C’est un défaut du programme, signalez-le.",
        "The paragraphs do not give the lines of the text. This is a fault of the program, report it.",
    ),
)

_PARAGRAPHS = (
    Rule(
        "numbers-in-sequence",
        "paragraphs",
        PAIR,
        {"column_A": "number", "column_B": "expected"},
        Severity.REVIEW,
        "Les paragraphes numérotés ne se suivent pas : {places}. Un paragraphe manque, "
        "ou un numéro est mal lu.",
        "The numbered paragraphs do not follow one another: {places}. A paragraph is missing or a number "
        "was misread.",
        "« {number} » au lieu de « {expected} »",
        "“{number}” instead of “{expected}”",
    ),
    Rule(
        "no-control-characters",
        "paragraphs",
        IN_SET,
        among("strange", ""),
        Severity.REVIEW,
        "Des caractères de commande ou perdus sont restés dans le texte : {places}.",
        "Control characters or lost ones are left in the text: {places}.",
        "« {strange} »",
        "“{strange}”",
    ),
    Rule(
        "no-mojibake",
        "paragraphs",
        IN_SET,
        among("mojibake", ""),
        Severity.REVIEW,
        "Des lettres ont été lues dans un mauvais encodage : {places}.",
        "Letters were read in a wrong encoding: {places}.",
        "« {mojibake} »",
        "“{mojibake}”",
    ),
    Rule(
        "characters-composed",
        "paragraphs",
        IN_SET,
        among("decomposed", ""),
        Severity.REVIEW,
        "Des lettres accentuées sont en deux caractères (le texte n’est pas en NFC) : {places}. "
        "Les recherches ne les trouveraient pas.",
        "Accented letters are in two characters (the text is not in NFC): {places}. "
        "Searches would not find them.",
        "« {decomposed} »",
        "“{decomposed}”",
    ),
    Rule(
        "quotes-balanced",
        "paragraphs",
        IN_SET,
        among("quotes", ""),
        Severity.REVIEW,
        "Des guillemets sont sans leur pareil : {places}.",
        "Quotation marks are without their partner: {places}.",
        "« {quotes} »",
        "“{quotes}”",
    ),
    Rule(
        "brackets-balanced",
        "paragraphs",
        IN_SET,
        among("brackets", ""),
        Severity.REVIEW,
        "Des parenthèses ou des crochets sont sans leur pareil : {places}.",
        "Brackets are without their partner: {places}.",
        "« {brackets} »",
        "“{brackets}”",
    ),
)

_NOTES = (
    Rule(
        "notes-called",
        "notes",
        BETWEEN,
        within("calls", 1, None),
        Severity.REVIEW,
        "Des notes n’ont pas d’appel dans le texte : {places}. L’appel a sans doute été mal lu.",
        "Notes have no call in the text: {places}. The call was probably misread.",
        "note {mark}, « {excerpt} »",
        "note {mark}, “{excerpt}”",
    ),
    Rule(
        "calls-have-notes",
        "notes",
        IN_SET,
        among("has_text", True),
        Severity.REVIEW,
        "Des appels renvoient à des notes qui ne sont pas dans le document : {places}.",
        "Calls point to notes that are not in the document: {places}.",
        "appel {mark}, « {excerpt} »",
        "call {mark}, “{excerpt}”",
    ),
)

_EDITS = (
    Rule(
        "edit-probability",
        "edits",
        BETWEEN,
        within("probability", 0.0, 1.0),
        Severity.QUARANTINE,
        "Des corrections ont une probabilité impossible : {places}. "
        "C’est un défaut du programme, signalez-le.",
        "Edits have an impossible probability: {places}. This is a fault of the program, report it.",
        "« {before} » → « {after} »",
        "“{before}” → “{after}”",
    ),
    Rule(
        "edit-in-place",
        "edits",
        IN_SET,
        among("in_place", True),
        Severity.QUARANTINE,
        "Des corrections ne trouvent pas à leur place ce qu’elles corrigent : {places}. "
        "C’est un défaut du programme, signalez-le.",
        "Edits do not find at their place what they correct: {places}. "
        "This is a fault of the program, report it.",
        "« {before} » → « {after} »",
        "“{before}” → “{after}”",
    ),
    Rule(
        "edit-likely",
        "edits",
        BETWEEN,
        within("applied_probability", LEAST_LIKELY, None),
        Severity.REVIEW,
        "Des corrections ont été faites sans être probables : {places}. Décidez-en.",
        "Edits were applied without being likely: {places}. Decide them.",
        "« {before} » → « {after} »",
        "“{before}” → “{after}”",
    ),
)

RULES: tuple[Rule, ...] = _DOCUMENTS + _PARAGRAPHS + _NOTES + STRUCTURE_RULES + _EDITS
TABLES = ("documents", "paragraphs", "notes", "edits")
