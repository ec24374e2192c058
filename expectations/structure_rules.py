"""What is expected of the structure of a document: whole paragraphs, notes in order, nothing of the page.

The same table as `expectations.rules`, of which it is a part. What fires here is a fault that a
curator sees on the page. On 672 held-out passages of law, novels and debates each rule fires without a
true fault on one in a hundred at most; those texts hold no notes, two symbols and one weekday with its date,
so that the rules on these rest on their cases alone.
"""

from __future__ import annotations

from expectations.rule import IN_SET, PAIR, Rule, Severity, among

STRUCTURE_RULES: tuple[Rule, ...] = (
    Rule(
        "headings-present",
        "documents",
        IN_SET,
        among("headed", True),
        Severity.REVIEW,
        "Un document de ce genre ({genre}) porte en tête une cote ou un titre ; aucun n’a été trouvé. "
        "Voyez si le début de la page a été lu.",
        "A document of this genre ({genre}) has a symbol or a title at its head; none was found. "
        "See whether the top of the page was read.",
    ),
    Rule(
        "notes-in-order",
        "notes",
        PAIR,
        {"column_A": "mark", "column_B": "expected"},
        Severity.REVIEW,
        "Les notes ne sont pas appelées dans l’ordre : {places}. Une note manque, ou un appel est mal lu.",
        "The notes are not called in their order: {places}. A note is missing or a call was misread.",
        "appel {mark} au lieu de {expected}, « {excerpt} »",
        "call {mark} instead of {expected}, “{excerpt}”",
    ),
    Rule(
        "no-furniture-in-text",
        "paragraphs",
        IN_SET,
        among("furniture", ""),
        Severity.REVIEW,
        "Un numéro de page, un titre courant ou un filet est resté dans un paragraphe : {places}.",
        "A page number, a running head or a rule is left inside a paragraph: {places}.",
        "« {furniture} »",
        "“{furniture}”",
    ),
    Rule(
        "sentences-whole",
        "paragraphs",
        IN_SET,
        among("cut", ""),
        Severity.REVIEW,
        "Des paragraphes s’arrêtent au milieu d’une phrase : {places}. La suite est plus bas, ou perdue.",
        "Paragraphs stop in the middle of a sentence: {places}. The rest is further down, or lost.",
        "« {cut} »",
        "“{cut}”",
    ),
    Rule(
        "paragraphs-open",
        "paragraphs",
        IN_SET,
        among("opening", ""),
        Severity.REVIEW,
        "Des paragraphes ne s’ouvrent pas comme ceux d’un document de ce genre : {places}. Leur premier mot "
        "est abîmé, ou ce sont des morceaux d’un autre.",
        "Paragraphs do not open as those of a document of this genre: {places}. Their first word is damaged, "
        "or they are pieces of another one.",
        "« {opening} »",
        "“{opening}”",
    ),
    Rule(
        "numbers-have-text",
        "paragraphs",
        IN_SET,
        among("empty", ""),
        Severity.REVIEW,
        "Des numéros sont restés sans leur paragraphe : {places}. Le texte est ailleurs, ou perdu.",
        "Numbers are left without their paragraph: {places}. The text is elsewhere, or lost.",
        "« {empty} »",
        "“{empty}”",
    ),
    Rule(
        "paragraphs-end",
        "paragraphs",
        IN_SET,
        among("endless", ""),
        Severity.REVIEW,
        "Des paragraphes sont trop longs pour en être un seul : {places}. Les alinéas ont été perdus.",
        "Paragraphs are too long to be one: {places}. The breaks between paragraphs were lost.",
        "« {endless} »",
        "“{endless}”",
    ),
    Rule(
        "no-divided-words",
        "paragraphs",
        IN_SET,
        among("divided", ""),
        Severity.REVIEW,
        "Des mots sont restés coupés comme en fin de ligne : {places}.",
        "Words are still divided as at the end of a line: {places}.",
        "« {divided} »",
        "“{divided}”",
    ),
    Rule(
        "dates-possible",
        "paragraphs",
        IN_SET,
        among("dates", ""),
        Severity.REVIEW,
        "Des dates ne sont d’aucun calendrier (le jour n’est pas du mois, ou ce n’est pas son jour de la "
        "semaine) : {places}. Comparez avec la page.",
        "Dates are in no calendar (the month has no such day, or it is another weekday): {places}. "
        "Compare with the page.",
        "« {dates} »",
        "“{dates}”",
    ),
    Rule(
        "symbols-well-formed",
        "paragraphs",
        IN_SET,
        among("symbols", ""),
        Severity.REVIEW,
        "Des cotes de documents sont mal lues (une lettre pour un chiffre, une espace de trop) : {places}.",
        "Symbols of documents were misread (a letter for a figure, a space too many): {places}.",
        "« {symbols} »",
        "“{symbols}”",
    ),
)
