"""Do the paragraphs hold whole sentences?

`cut_sentences` finds a paragraph that stops inside a sentence, so that it and the next one are one;
`divided_words` finds a hyphen of a line end left inside a line (« assis- tance »); `empty_numbers` finds
a number whose paragraph has no words; `endless` finds a paragraph that no author writes, where the ends of
paragraphs were lost.

Lists and tables break their sentences as they like: only what is as long as a line of a page is
asked to end as a sentence does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

# No sentence ends with these. « Prends-le », « j’en ai », « la voilà » may: a hyphen before is no such word.
_GOES_ON = re.compile(
    r"à|aux?|d[eu]s?|et|ou|ni|par|pour|dans|sur|sous|sans|chez|vers|entre|dont|que|une?|cet?|cette|ces"
    r"|son|sa|ses|leurs|notre|nos|votre|vos|mon|ma|mes|l[ea]s?|afin|parmi"
)
_LAST_WORD = re.compile(r"(?<![\w’'-])([^\W\d_]+)\Z")
# « …des avis ; et » ends an item of a list.
_NEXT_ITEM = re.compile(r"[;,:]\s*(?:et|ou|ni)\Z", re.IGNORECASE)
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_SMALL = re.compile(r"[a-zà-öø-ÿœ]{2,}(?![\w)°.])|[a-zà-öø-ÿœ]{1,6}[’'](?=\w)|[ày]\s")
# « a) les mesures », « ii. », « – les mesures »: the head of an item.
_ITEM = re.compile(r"\W*(?:[a-z]{1,2}|[ivxlc]{1,6}|\d{1,3})\s?[).°]|[–—•-]\s")
# In code points. Below, it is a line of a list, of a table or of a title.
_LEAST_LINE = 60
# « sous- et surestimé », « pré- ou post- », « franco- puis anglo-saxon » break off on purpose.
_DIVIDED = re.compile(
    r"(?<![\w’'.-])[^\W\d_]{2,}[-\u2010] "
    r"(?!(?:et|ou|ni|puis|à|au|aux|voire|comme|mais|de|du|des)\b)[a-zà-öø-ÿœ]{2,}"
    r"|[^\W\d_][¬\u00ad] ?[^\W\d_]|[^\W\d_][-¬\u00ad\u2010]\s*\Z"
)
_FREE = ("heading", "signature")
_LETTER = re.compile(r"[^\W\d_]")
# In code points: the longest of 31,000 sound paragraphs of law, novels and debates has 3,862.
MOST_LETTERS = 20_000


@dataclass(frozen=True, slots=True)
class Running:
    """What the measures need to know of a paragraph of the running text.

    Attributes:
        kind: as in `Paragraph.kind`.
        number: as in `Paragraph.number`.
        text: of the paragraph.
    """

    kind: str
    number: str
    text: str


def cut_sentences(blocks: Sequence[Running]) -> list[int]:
    """Return the paragraphs that end inside a sentence.

    Such a one ends without punctuation, and either its last word is none that ends a sentence, or
    the next paragraph begins with a small letter.

    >>> def cut(*texts): return cut_sentences([Running("paragraph", "", text) for text in texts])
    >>> office = "Prie le Secrétaire général de fournir à l’Office des Nations Unies"
    >>> cut(office, "les ressources voulues ;"), cut(office + " et à", "États Membres ;")
    ([0], [0])
    >>> cut(office, "Les ressources"), cut(office, "a) les ressources"), cut(office + " :", "les ressources")
    ([], [], [])
    """
    pairs = enumerate(zip_longest(blocks, blocks[1:]))
    return [place for place, (block, after) in pairs if _cut(block, after)]


def _cut(block: Running, after: Running | None) -> bool:
    text = block.text.rstrip()
    if len(text) < _LEAST_LINE or block.kind in _FREE or not text[-1:].isalnum() or _NEXT_ITEM.search(text):
        return False
    last = _LAST_WORD.search(text[-_LEAST_LINE:])
    if last and _GOES_ON.fullmatch(last[1]):
        return not (after and (after.kind == "item" or _ITEM.match(after.text)))
    if after is None or after.kind != "paragraph" or after.number or _ITEM.match(after.text):
        return False
    following = after.text.lstrip()
    if text[-1].isdigit():  # the next cell of a table, more often than the rest of a sentence
        first = _FIRST_WORD.match(following)
        return first is not None and _GOES_ON.fullmatch(first[0]) is not None
    return _SMALL.match(following) is not None


def divided_words(text: str) -> list[int]:
    """Return where a word is still divided as at the end of a line, in code points.

    >>> divided_words("une assis- tance aux institu\u00adtions"), divided_words("les sous- et surestimations")
    ([4, 27], [])
    """
    return [found.start() for found in _DIVIDED.finditer(text)]


def empty_numbers(blocks: Sequence[Running]) -> list[int]:
    """Return the numbered paragraphs and items without a word, though the next number follows at once.

    A number alone above a text is the number of a chapter.

    >>> empty_numbers([Running("item", "a", "a)"), Running("item", "b", "b) les mesures")])
    [0]
    """
    return [
        place
        for place, (block, after) in enumerate(pairwise(blocks))
        if block.number and after.number and block.kind != "heading" and not _words(block)
    ]


def _words(block: Running) -> bool:
    rest = block.text.lstrip(" ([")
    return _LETTER.search(rest.removeprefix(block.number)) is not None


def endless(text: str) -> bool:
    """Whether a paragraph is longer than any that is written."""
    return len(text) > MOST_LETTERS
