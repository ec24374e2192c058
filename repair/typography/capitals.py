"""Rules on the accents of capitals: words by the lexicon, names by the text itself, À and Ça by what follows.

The Académie wants them printed; typewriters and many laws left them out (« Etat », « A défaut »). What a
person's name prints is the person's: « Eric » and « Elise » are left, unless the document prints the same
name with its accent nearly everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from repair.language.index import DICTIONARY, NAME, Lexicon
from repair.structure.lines import LINE_ENDS
from repair.typography.rules import SPACES, Change, Matter, Options, Rule, Words

_SOURCE = "Académie française, Questions de langue: accentuation des majuscules"

_CAPITALISED = re.compile(r"[ACEIOUY](?<![^\W_].)[a-zß-ÿœ]{1,30}(?![^\W_]|\.[A-Za-z])")
_ACCENTED = re.compile(r"[ÀÂÇÈÉÊËÎÏÔÙÛ](?<![^\W_].)[a-zß-ÿœ]{1,30}(?![^\W_])")
_BARE = str.maketrans("ÀÂÇÈÉÊËÎÏÔÙÛ", "AACEEEEIIOUU")
_NEIGHBOURS = 80
_WORD = re.compile(r"[^\W\d_]{2,}")
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_NAME_BEFORE = re.compile(r"([A-ZÀ-ÖØ-Þ][^\W\d_]+)[ \u00a0]\Z")
# Words of English that French has not: what stands beside them is no French either.
_ENGLISH = frozenset(("and", "at", "by", "for", "from", "in", "of", "the", "to", "with"))

_SURE = 20
"""How many times commoner the accented spelling is, where the lexicon has the bare one too (« ile »)."""
_OWN = 4
"""How many times as often the text prints a name with its accent as without, to be a witness for it."""

# Names of places, and of the ancients: nobody's to spell, so they follow the rule. Without these the names of
# the lexicon are those of persons.
_PLACES = frozenset(
    (
        *("échirolles", "écosse", "écully", "édimbourg", "égée", "égypte", "élancourt", "éleusis", "élysée"),
        *(
            "élysées",
            "énée",
            "éole",
            "épernay",
            "éphèse",
            "épictète",
            "épicure",
            "épinal",
            "épire",
            "équateur",
        ),
        *(
            "éros",
            "érythrée",
            "ésope",
            "étampes",
            "étaples",
            "éthiopie",
            "étretat",
            "étrurie",
            "évian",
            "évreux",
        ),
        *("évry", "ézéchiel"),
    )
)

# What follows « À » at the head of a sentence, and not the verb or a letter. law_canada, spoken_modern,
# novels_1840_1920 and books_gutenberg, which print the accent, begin a sentence with À 15,766 times and
# with A 630 times; each of these stands after À ten times as often at least, and after A by slips. Left out
# is what follows the verb as well, and Latin: « A son siège à Paris », « A la qualité de commerçant », « A
# deux enfants ».
_AFTER_A = """
aucun moment|bas|bientôt|bord|cause|ce|ceci|cela|ces|cet|cette|chacun|chacune|chaque|cinq heures|combien
compter|condition|coup sûr|côté|dater|de rares|demain|deux heures|dire vrai|dix heures|droite|défaut
en croire|en juger|force de|force d’|gauche|genoux|huit heures|jamais|juste raison|juste titre|lui|ma
merveille|mes|mesure|mi-chemin|mi-voix|midi|minuit|moi|moins|mon|neuf heures|nos|notre|nous|nouveau
onze heures|part|partir|peine|peu près|plus forte raison|plus long terme|première vue|propos
proprement parler|présent|quatre heures|quel|quelle|quelles|quelque distance|quelque temps|quelques pas
quels|qui|quoi|raison de|savoir|sept heures|six heures|son avis|son retour|son tour|ta|table|terme|titre
toi|ton|tort|tous égards|tout hasard|tout instant|tout le moins|tout moment|tout prendre|tout prix
toute fin|toute heure|toute étape|travers|trois heures|un moment|une heure|une époque|vos|votre|vous
vrai dire
la base|la bonne heure|la clarté|la condition|la date|la demande|la différence|la faveur|la fin|la fois
la hauteur|la lecture|la limite|la longue|la lueur|la lumière|la majorité|la même|la nuit tombante
la place|la première|la question|la requête|la rigueur|la réception|la sortie|la suite|la surface
la tombée|la veille|la vue de|la vue des|la vue du|la vérité
l’abri|l’aide|l’alinéa|l’approche|l’appui|l’arrivée|l’arrière|l’article|l’aube|l’audience|l’audition
l’autre bout|l’avant|l’avenir|l’encontre|l’endroit|l’entrée|l’exception|l’exclusion|l’expiration
l’extrémité|l’extérieur|l’heure|l’improviste|l’initiative|l’instant|l’instar|l’insu|l’intention
l’intérieur|l’inverse|l’invitation|l’issue|l’occasion|l’opposé|l’ordre du jour|l’origine|l’ouverture
l’unanimité|l’échelle|l’échelon|l’échéance|l’égard|l’époque|l’étranger|l’évidence
Bruxelles|Genève|La Haye|Londres|New York|Paris
"""
_AFTER_CA = """
commence|dépend|devait|devient|devrait|doit|donne|dure|fait|fera|ferait|marche|me|ne|nous|paraît|pourrait|prouve
sera|serait|se|suffit|te|va|vient|vous|y|m’|n’|s’|t’
"""


def _openers(word: str, followers: str) -> re.Pattern[str]:
    """Return a pattern for a word before one of its followers, in a text with either apostrophe."""
    choices = sorted(re.split(r"[|\n]", followers.strip()), reverse=True)
    after = "|".join(
        re.escape(one).replace("’", "['’]") + ("" if one.endswith("’") else r"(?![\w’'-])") for one in choices
    )
    return re.compile(f"{word}(?<![\\w’'-]{word})(?= (?:{after}))")


_INITIAL_A = _openers("A", _AFTER_A)
_INITIAL_CA = _openers("Ca", _AFTER_CA)
_SENTENCE_ENDS = ".!?:;»«)–—-°"
_OPENED = "(«“"


def accented_by(lexicon: Lexicon, word: str) -> str | None:
    """Return a capitalised word with the accent its capital lacks; None where the lexicon is not sure.

    Not sure are words that are right as they stand, names of persons, and spellings that may lack
    another accent instead (« Apres » is rather « Après » than « Âpres »).
    """
    lowered = word.lower()
    bare = lexicon.word(lowered)
    if bare is not None and bare.flags & NAME:
        return None
    alike = [spelling for spelling in lexicon.spelt_like(lowered) if spelling != lowered]
    spellings = [
        spelling for spelling in alike if spelling[1:] == lowered[1:] and _follows(lexicon, spelling)
    ]
    if len(spellings) != 1:
        return None
    (spelling,) = spellings
    often = lexicon.count(spelling)
    if bare is not None and often < _SURE * max(1.0, bare.modern + bare.period):
        return None
    if any(rival[0] == lowered[0] and lexicon.count(rival) > often for rival in alike):
        return None
    return spelling.capitalize()


def _follows(lexicon: Lexicon, spelling: str) -> bool:
    """Whether a word of the lexicon follows the rule: common words and names of places do."""
    found = lexicon.word(spelling)
    common = found is not None and found.flags & DICTIONARY and not found.flags & NAME
    return bool(common) or spelling in _PLACES


def _capital_accent(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the accent a capital lacks, where lexicon or text are sure and the words around are French."""
    own = _own_names(text)
    for found in _CAPITALISED.finditer(text):
        word = words.accented(found.group())
        if word is not None:
            says = f"“{word}” is the only spelling"
        elif found.group() in own:
            word = own[found.group()]
            says = f"“{word}” stands in the same text, many times as often"
        if word is not None and word != found.group() and _among_french(text, found, words, own):
            yield Change(found.start(), found.end(), word, says)


def _own_names(text: str) -> dict[str, str]:
    """Return the words that the text prints nearly always with the accent, by their bare spelling."""
    printed = Counter(_ACCENTED.findall(text))
    if not printed:
        return {}
    spellings: dict[str, list[str]] = {}
    for word in printed:
        spellings.setdefault(word.translate(_BARE), []).append(word)
    bare = Counter(word for word in _CAPITALISED.findall(text) if word in spellings)
    return {
        word: spellings[word][0]
        for word, count in bare.items()
        if len(spellings[word]) == 1 and printed[spellings[word][0]] >= _OWN * count
    }


def _among_french(text: str, found: re.Match[str], words: Words, own: Mapping[str, str]) -> bool:
    def french(word: str) -> bool:
        return words.known(word.lower()) or words.accented(word) is not None or word in own

    start, end = found.span()
    name = _NAME_BEFORE.search(text, max(0, start - _NEIGHBOURS), start)
    if name and not french(name[1]):
        return False  # « Ultimate Edition »
    before = _LINE_END.split(text[max(0, start - _NEIGHBOURS) : start])[-1]
    after = _LINE_END.split(text[end : end + _NEIGHBOURS])[0]
    around = _WORD.findall(before)[-2:] + _WORD.findall(after)[:2]
    sure = sum(french(word) for word in around)
    return _ENGLISH.isdisjoint(word.lower() for word in around) and 2 * sure >= len(around)


def _initial_a(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the accent on a capital A at the head of a sentence, before words that leave no doubt."""
    return (Change(place, place + 1, "À") for place in _heads(text, _INITIAL_A))


def _initial_ca(text: str, options: Options, words: Words) -> Iterator[Change]:
    """Put the cedilla on a capital Ca at the head of a sentence, before words that leave no doubt."""
    return (Change(place, place + 1, "Ç") for place in _heads(text, _INITIAL_CA))


def _heads(text: str, opener: re.Pattern[str]) -> Iterator[int]:
    """Yield where the word stands at the head of a sentence, a quotation or a parenthesis."""
    for found in opener.finditer(text):
        place = found.start()
        before = text[max(0, place - 2) : place]
        if (
            not before
            or before[-1] in LINE_ENDS
            or before[-1] in _OPENED
            or (before[-1] in SPACES and before[0] in _SENTENCE_ENDS)
        ):
            yield place


CAPITAL_ACCENT = Rule("capital-accent", Matter.LETTERS, _SOURCE, _capital_accent, ("maj_accents", "ts_spell"))
INITIAL_A = Rule("initial-a", Matter.LETTERS, _SOURCE, _initial_a)
INITIAL_CA = Rule("initial-ca", Matter.LETTERS, _SOURCE, _initial_ca)
