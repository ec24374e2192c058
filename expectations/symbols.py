"""Symbols of United Nations documents that were misread: « A/RES/74/l75 », « E/CN. 15/2019/5 ».

`broken_symbols` returns the places of what surely is a symbol and surely is broken: `_FAULTS` says how,
each pattern with its example. A symbol of a form not known here is left alone: there are hundreds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What is read for a figure: letters l, I, O, o, the bar, and S or B beside true figures.
_LOOKS = "lIOo|"
# Bodies whose documents have symbols of their own.
_BODY = (
    r"(?:A|S|E|T|ST|TD|DP|CD|DC|ID|CAT|CED|CRC|CRPD|CERD|CCPR|CEDAW|CMW|HRI|HSP|ICCD|FCCC|UNEP|UNODC|CTOC|"
    r"CAC|COSP|LOS|SPLOS|ISBA|ECE|ECA|EB|JIU|PCNICC|NPT|BWC|CCW|IPCC|WHO)"
)
# Between two bars: a figure, a word, a word with its figure, « S-19 », « ES-10 », « 2019 (2020) ».
_PART = r"(?:RES|DEC|HRC|INF|CONF|CN|SER|PRST|NGO|GC|SC|CRP|CONST|COP|CP|[A-Z]{1,5}\.\d+|E?S-\d+|\d+)"
# Parts that are a word, a dot and a figure.
_DOTTED = r"(?:CN|CONF|C|AC|L|WG|SUB|PV|SR|SC|PC|CRP|INF|NGO|GE|Add|Rev|Corr|Amend|SER|Ser)"
_FIGURE = rf"(?:\d[\d{_LOOKS}]*[{_LOOKS}][\d{_LOOKS}]*|[{_LOOKS}]+\d[\d{_LOOKS}]*)"


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which a symbol is broken.

    Attributes:
        name: of the fault.
        pattern: finds it; the whole match is the broken symbol.
        example: a text that it finds.
        sound: the same as it is printed, which it does not find.
    """

    name: str
    pattern: re.Pattern[str]
    example: str
    sound: str


_FAULTS = (
    Fault(
        "a letter for a figure between two bars",
        re.compile(rf"(?<![\w/]){_BODY}/(?:{_PART}/)*{_FIGURE}(?!\w)"),
        "A/RES/74/l75",
        "A/RES/74/175",
    ),
    Fault(
        "a letter for a figure after a dot",
        re.compile(rf"(?<![\w/]){_BODY}/(?:{_PART}/)*{_DOTTED}\.(?:{_FIGURE}|[{_LOOKS}])(?!\w)"),
        "E/CN.l5/2019/5",
        "E/CN.15/2019/5",
    ),
    Fault(
        "a space after a dot",
        re.compile(rf"(?<![\w/]){_BODY}/(?:{_PART}/)*(?:CN|CONF|C|AC|L|Add|Rev|Corr)\.\s+\d+(?=/)"),
        "E/CN. 15/2019/5",
        "E/CN.15/2019/5 et A/C.3/62/L.5. 12 États",
    ),
    Fault(
        "a comma for a dot",
        re.compile(rf"(?<![\w/]){_BODY}/(?:{_PART}/)*(?:CN|CONF|C|AC|L|Add|Rev|Corr),\s?\d+(?!\w)"),
        "E/CN,15/2019/5",
        "A/C.3/62/L.5, 12 États",
    ),
    Fault(
        "a space beside a bar",
        re.compile(rf"(?<![\w/]){_BODY}(?:/{_PART})*(?:\s+/\s*|/\s+)(?:{_PART}/)+\d+"),
        "A/RES /74/175",
        "A/RES/74/175 et A/61/179",
    ),
    Fault(
        "a space before the last figure",
        re.compile(rf"(?<![\w/]){_BODY}/(?:{_PART}/)*{_PART}(?:\s+/|/\s+)\d+"),
        "A/RES/74/ 175",
        "A/RES/74/175, 12 États",
    ),
    Fault(
        "« RES » misread",
        re.compile(rf"(?<![\w/])(?:{_BODY}|[4585$])/(?:R[E3€F]5|R[3€F]S|RE[$8]|ReS|PES|BES|KES)/\d+"),
        "A/RE5/74/175",
        "A/RES/74/175",
    ),
    Fault(
        "the body misread",
        re.compile(r"(?<![\w/])(?:[48$53àâ6]|[a-z])/RES/(?:E?S-)?\d+(?:/\d+)?"),
        "5/RES/1373 (2001)",
        "S/RES/1373 (2001)",
    ),
)


def broken_symbols(text: str) -> list[int]:
    """Return where a symbol stands that is broken, in code points.

    >>> broken_symbols("Voir A/RES/74/l75, A/61/179, S/RES/1373 (2001) et E/CN. 15/2019/5")
    [5, 50]
    >>> broken_symbols("et/ou, 3 km/h, S/N, A/C.3/62/L.5/Rev.1, A/ES-10/L.26, le n° 62/172 A")
    []
    """
    if "/" not in text:
        return []
    return sorted({found.start() for fault in _FAULTS for found in fault.pattern.finditer(text)})
