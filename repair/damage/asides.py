"""What stands in French documents and is no French prose: names, figures, other languages.

:func:`with_asides` puts some between the lines of a text. A model that learns from it what to leave alone
has seen more of it than novels and laws hold. Names are drawn anew, so that none is learned by heart.
"""

from __future__ import annotations

import random
from collections.abc import Callable

FOREIGN = {
    "en": (
        "We the peoples of the United Nations determined to save succeeding generations from",
        "Fourscore and seven years ago our fathers brought forth on this continent, a new nation,",
        "It was the best of times, it was the worst of times, it was the age of wisdom,",
        "All human beings are born free and equal in dignity and rights.",
        "the right of the people to be secure in their persons, houses, papers, and effects,",
    ),
    "de": (
        "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
        "Habe nun, ach! Philosophie, Juristerei und Medizin, und leider auch Theologie durchaus studiert,",
        "Ich weiß nicht, was soll es bedeuten, daß ich so traurig bin;",
        "Die Würde des Menschen ist unantastbar.",
    ),
    "es": (
        "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía",
        "Todos los seres humanos nacen libres e iguales en dignidad y derechos",
        "¿Qué es la vida? Un frenesí. ¿Qué es la vida? Una ilusión, una sombra, una ficción,",
    ),
    "it": (
        "Nel mezzo del cammin di nostra vita mi ritrovai per una selva oscura",
        "Quel ramo del lago di Como, che volge a mezzogiorno, tra due catene non interrotte di monti,",
        "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.",
    ),
    "la": (
        "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani,",
        "Arma virumque cano, Troiae qui primus ab oris Italiam fato profugus",
        "In principio creavit Deus caelum et terram; terra autem erat inanis et vacua,",
        "Quousque tandem abutere, Catilina, patientia nostra? quam diu etiam furor iste tuus nos eludet?",
    ),
}
"""The openings of works and declarations that belong to all (Dickens, Goethe, Cervantes, Dante, Caesar …)."""

_SYLLABLES = (
    "ber", "cha", "del", "dou", "fé", "gau", "guil", "her", "jac", "ker", "lam", "lié", "mar", "mou", "nau",
    "per", "quin", "rou", "sau", "thi", "tou", "val", "ver", "vil", "wa", "zim",
)  # fmt: skip
_ENDINGS = (
    "ault", "eau", "et", "ier", "in", "ot", "oux", "ski", "mann", "son", "ez", "ini", "ard", "y", "ain",
)  # fmt: skip
_FIRST = (
    "Jean", "Marie", "Pierre", "Anne", "Louis", "Jeanne", "Karl", "William", "Giovanni", "Émile", "Ivan",
)  # fmt: skip


def with_asides(lines: list[str], rng: random.Random, share: float = 0.1) -> list[str]:
    """Return lines with asides put between some of them.

    Args:
        lines: of a clean text, without line ends.
        rng: the only source of chance.
        share: of the lines that an aside follows.
    """
    found = []
    for line in lines:
        found.append(line)
        if rng.random() < share:
            found.append(rng.choice(_ASIDES)(rng))
    return found


def name(rng: random.Random) -> str:
    """Draw a person's name."""
    family = "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(1, 2))) + rng.choice(_ENDINGS)
    family = family.upper() if rng.random() < 0.25 else family.capitalize()
    return f"{rng.choice((rng.choice(_FIRST), rng.choice('ABCDEFGHJLMPRST') + '.'))} {family}"


def _names(rng: random.Random) -> str:
    signs = rng.choice((", ", " ; ", " - "))
    return signs.join(name(rng) for _ in range(rng.randint(2, 8))) + rng.choice(("", "."))


def _figures(rng: random.Random) -> str:
    def figure() -> str:
        whole = rng.randint(1, 10 ** rng.randint(1, 7))
        return rng.choice(
            (
                str(whole),
                f"{whole:,}".replace(",", " "),
                f"{whole / 100:.2f}".replace(".", ","),
                f"{whole % 100} %",
                f"{whole % 1000} fr. {whole % 97:02}",
                f"A/RES/{whole % 79}/{whole % 300}",
                f"art. {whole % 400}-{whole % 9}",
                f"n° {whole % 999}",
                f"{1 + whole % 28}/{1 + whole % 12}/{1850 + whole % 170}",
                f"1{whole % 10}h{whole % 60:02}",
            )
        )

    return rng.choice((" ", "  ", " | ", ", ", " ; ")).join(figure() for _ in range(rng.randint(2, 9)))


def _foreign(rng: random.Random) -> str:
    passages = FOREIGN[rng.choice(list(FOREIGN))]
    words = rng.choice(passages).split(" ")
    start = rng.randrange(max(1, len(words) - 4))
    return rng.choice(("{}", "« {} »", "({})")).format(" ".join(words[start : start + rng.randint(4, 20)]))


_ASIDES: tuple[Callable[[random.Random], str], ...] = (_names, _figures, _foreign)
