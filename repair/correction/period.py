"""When a text was printed, as far as it says so itself: by the latest year that it names, and its spelling.

Two habits of old printers look like damage and are none: capitals without accents (« Etat ») and
spellings of their time (« collége », « siége »). A text that names 1884 and no later year may have
both; one that names 2019 has neither. Of an older French the models know nothing: a text of many
`ARCHAIC` spellings is left alone (`correct.py`).
"""

from __future__ import annotations

import re

MODERN = 1935
"""From here on French spelling is that of the dictionary of the Academy of 1935."""

_YEAR = re.compile(r"(?<![\w.,/-])(1[5-9]\d\d|20\d\d)(?![\w/-]|[.,]\d)")


def latest_year(text: str) -> int | None:
    """Return the latest year that a text names; None where it names none.

    >>> latest_year("La loi du 5 avril 1884, art. 12"), latest_year("1 884 hommes, L. 1413-4")
    (1884, None)
    """
    return max((int(year) for year in _YEAR.findall(text)), default=None)


def is_old(text: str) -> bool:
    """Say whether a text names years, and none of modern spelling."""
    year = latest_year(text)
    return year is not None and year < MODERN


OLD_ENDINGS = (("ans", "ants"), ("ens", "ents"), ("oit", "ait"), ("oient", "aient"), ("ois", "ais"))
"""How words ended before 1835, and how they end since: « enfans », « avoit »."""

ARCHAIC = tuple(
    (habit, re.compile(old), new)
    for habit, old, new in (
        ("y", r"y(?=s?$)", "i"),  # foy, icy, roys
        ("s", r"(?<=[aeiou])s(?=[tmlnpcqd])", ""),  # esté, mesme, hoste
        ("ct", r"c(?=t)", ""),  # faict, traicts
        ("l", r"(?<=u)l(?=[tdxcp])", ""),  # aultre, hault
        ("dv", r"d(?=[vmj])", ""),  # advis, adjouster
        ("b", r"b(?=[vst])", ""),  # debvoir, soubs
        ("p", r"p(?=[tsv])", ""),  # escript, nepveu
        ("f", r"f(?=v)", ""),  # vifve
        ("z", r"ez$", "es"),  # bontez
        ("sç", r"sç", "s"),  # sçavoir
        ("g", r"g$", ""),  # ung, besoing
        ("vn", r"^v(?=[nl])", "u"),  # vn, vne
        ("u", r"(?<=[aeiou])u(?=[aeioy])", "v"),  # auoir, pouuoir
        ("j", r"^i(?=[aeou])", "j"),  # iour, iustice
        ("ü", r"ü", "u"),  # voüé
        ("oy", r"oy(?=[ts]?$|ent$)", "ai"),  # estoyt, avoyent
    )
)
"""Habits of the sixteenth century and its printers: name, what they wrote, what is written since.

Source: N. Catach, *Histoire de l’orthographe française* (2001), chapters on the sixteenth century."""
