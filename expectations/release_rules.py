"""What is expected of a release before it takes the place of the one that others read.

Table ``succession`` has a row for each document that is gone or published otherwise, ``corpus`` one for the
whole, ``copies`` one for each document that looks like another. A document whose raw file is another need
only have a text still, and is judged by itself; of one whose raw file is the same, it is the program or its
dictionaries that changed the text, and a great change is rather a fault of theirs.
"""

from __future__ import annotations

from expectations.rule import BETWEEN, IN_SET, Rule, Severity, among, within

# A document that loses a fifth of its letters though its raw file is the same lost paragraphs, not damage.
LEAST_LENGTH = 0.8
# A better lexicon changes one word in a hundred; rereading a scan with another engine some in a hundred.
MOST_NEW_WORDS = 0.2
# In shares of the words. Dictionaries that were exchanged or cut are far above.
MOST_RISE = 0.001
MOST_KNOWN_FALL = 0.005
# A corpus of few documents may have so many more words damaged, or unknown, without a word.
FEW_WORDS = 10
# An expectation that became stricter sends some documents to review; one that broke sends most of them.
MOST_DEMOTED = 0.05
FEW_DOCUMENTS = 1
# A choice: two readings of one page are above, two texts with a tenth of their sentences apart are below.
MOST_ALIKE = 0.9

RELEASE_RULES = (
    Rule(
        "document-kept",
        "succession",
        IN_SET,
        among("gone", False),
        Severity.QUARANTINE,
        "Des documents publiés manquent au dossier brut : {places}. Remettez-les, ou dites dans sources.toml "
        "([[withdrawn]]) qu’ils sont retirés, et pourquoi.",
        "Published documents are gone from the raw folder: {places}. Put them back, or say in sources.toml "
        "([[withdrawn]]) that they are withdrawn, and why.",
        "« {name} »",
        "“{name}”",
    ),
    Rule(
        "text-kept",
        "succession",
        IN_SET,
        among("lost_text", False),
        Severity.QUARANTINE,
        "Des documents publiés n’ont plus de texte : {places}. Remettez leurs fichiers bruts s’ils sont "
        "abîmés ; sinon, le programme en est la cause.",
        "Published documents have no text any more: {places}. Put their raw files back if they are damaged; "
        "else the program is to blame.",
        "« {name} »",
        "“{name}”",
    ),
    Rule(
        "length-kept",
        "succession",
        BETWEEN,
        within("length", LEAST_LENGTH, None),
        Severity.QUARANTINE,
        "Des textes ont raccourci, et leur fichier brut est le même : {places}.",
        "Texts became shorter, and their raw file is the same: {places}.",
        "« {name} » à {length:.0%}",
        "“{name}” to {length:.0%}",
    ),
    Rule(
        "vocabulary-kept",
        "succession",
        BETWEEN,
        within("new_words", None, MOST_NEW_WORDS),
        Severity.QUARANTINE,
        "Les mots de documents ont changé, et leur fichier brut est le même : {places} de mots nouveaux "
        "(au plus {limit:.0%} attendus).",
        "The words of documents changed, and their raw file is the same: {places} of words that are new "
        "(at most {limit:.0%} expected).",
        "« {name} » a {new_words:.0%}",
        "“{name}” has {new_words:.0%}",
    ),
    Rule(
        "damage-not-risen",
        "corpus",
        BETWEEN,
        within("damage_rise", None, MOST_RISE),
        Severity.QUARANTINE,
        "Les dommages estimés ont augmenté de {damage_before:.2%} à {damage_after:.2%} dans les documents "
        "dont le fichier brut est le même.",
        "Estimated damage rose from {damage_before:.2%} to {damage_after:.2%} in the documents whose raw "
        "file is the same.",
    ),
    Rule(
        "known-not-fallen",
        "corpus",
        BETWEEN,
        within("known_fall", None, MOST_KNOWN_FALL),
        Severity.QUARANTINE,
        "Le lexique ne connaît plus que {known_after:.2%} des mots ({known_before:.2%} avant) dans les "
        "documents dont le fichier brut est le même.",
        "The lexicon holds {known_after:.2%} of the words, down from {known_before:.2%}, in the documents "
        "whose raw file is the same.",
    ),
    Rule(
        "published-not-fallen",
        "corpus",
        BETWEEN,
        within("demoted", None, MOST_DEMOTED),
        Severity.QUARANTINE,
        "Il ne reste que {published_after} documents publiés sur {published_before}, alors que leur fichier "
        "brut est le même : les autres sont à revoir. Voyez ce qu’on leur reproche.",
        "Only {published_after} documents of {published_before} are still published, though their raw files "
        "are the same: the others are in review. See what is said of them.",
    ),
    Rule(
        "raw-length-kept",
        "succession",
        BETWEEN,
        within("raw_length", LEAST_LENGTH, None),
        Severity.REVIEW,
        "Des fichiers bruts sont autres et leur texte plus court : {places}. Vérifiez qu’ils sont entiers.",
        "Raw files are others, and their texts shorter: {places}. See that they are whole.",
        "« {name} » à {raw_length:.0%}",
        "“{name}” to {raw_length:.0%}",
    ),
    Rule(
        "documents-differ",
        "copies",
        BETWEEN,
        within("alike", None, MOST_ALIKE),
        Severity.REVIEW,
        "Des documents ont le même texte, ou presque : {places}. Retirez les doubles, et dites-le dans "
        "sources.toml ([[withdrawn]]).",
        "Documents have the same text, or nearly: {places}. Take the copies out, and say so in sources.toml "
        "([[withdrawn]]).",
        "« {name} » et « {other} » ({alike:.0%})",
        "“{name}” and “{other}” ({alike:.0%})",
    ),
)
RELEASE_TABLES = ("succession", "corpus", "copies")
