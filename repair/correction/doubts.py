"""Which words of a text are doubted, and what is weighed against each.

Unknown words are doubted in any text (:func:`doubtful`), two words in a row where they may be one
(:func:`parted`), and what is elided with a space after it (:func:`elided`). A word that the lexicon holds is
doubted only by damage that the text shows (:func:`real_words`): where nothing is lost, no real word changes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from repair.correction.accents import ELISION
from repair.correction.analysis import Analysis, Candidate
from repair.correction.candidates import LOST_A
from repair.correction.spaces import Recognise, joined
from repair.correction.words import Token
from repair.damage.channel import OFTEN, Channel
from repair.damage.confusions import VOWELS, Change
from repair.language.index import LanguageModel
from repair.language.tokens import fold
from repair.memory.store import Witness

EVIDENT = 0.05
"""Rate from which a class of damage may turn one known word into another."""

SEEN = 1.0
"""How often a class must have struck unknown words to be supposed of a known one, rare as it may be."""

WORN = 0.02
"""Share of the words that are damaged non-words from which any known damage is supposed of a known one."""

CLOSED = 10
"""For each space after what is elided so many must be without: some old printers set one throughout."""

COMMON, SELDOM = 1000.0, 3e-4
"""How often clean text has a common word; and which share of its places, at least, is after an elision
that it is seen with."""

_GAP = re.compile(r"['’‘][ \u00a0\u202f]")
_WITHIN = re.compile(r"\w['’‘]")
_QUOTES = "'’‘\"“«"


@dataclass(slots=True)
class Doubt:
    """A word that may be damaged, while it is weighed.

    Attributes:
        place: its number among the tokens.
        token: where it stands.
        analysis: what it is.
        candidates: what is weighed against it.
        width: how many words it is: two for a word that may have fallen apart.
        contexts: ln P in context of the word kept, then of each candidate.
        posterior: P of the word kept, then of each candidate.
        witnesses: who prints each candidate in the same company, and not the word as read.
    """

    place: int
    token: Token
    analysis: Analysis
    candidates: tuple[Candidate, ...]
    width: int = 1
    contexts: list[float] = field(default_factory=list)
    posterior: list[float] = field(default_factory=list)
    witnesses: list[Witness | None] = field(default_factory=list)

    @property
    def best(self) -> int:
        """Number of the likeliest candidate, from 1."""
        return max(range(1, len(self.posterior)), key=self.posterior.__getitem__)


def expected_strikes(doubts: Iterable[Doubt]) -> dict[Change, float]:
    """Return how often each class of damage struck these words, as far as they are weighed (expected)."""
    struck: defaultdict[Change, float] = defaultdict(float)
    for doubt in doubts:
        for candidate, probability in zip(doubt.candidates, doubt.posterior[1:], strict=True):
            for change in candidate.changes:
                struck[change] += probability
    return struck


def doubtful(tokens: Sequence[Token], analyses: Sequence[Analysis | None]) -> list[Doubt]:
    """Return the doubts there are in any document: unknown words, and what « à » becomes."""
    return [
        Doubt(place, token, analysis, analysis.candidates)
        for place, (token, analysis) in enumerate(zip(tokens, analyses, strict=True))
        if analysis and analysis.candidates and not analysis.protected and _doubtful(analysis)
    ]


def _doubtful(analysis: Analysis) -> bool:
    """Say whether a word is weighed in any document: an unknown one, and what « à » becomes."""
    return not analysis.known or analysis.text in LOST_A


def real_words(
    tokens: Sequence[Token],
    analyses: Sequence[Analysis | None],
    known: Sequence[Doubt],
    channel: Channel,
    alternatives: Callable[[str], tuple[Candidate, ...]],
) -> Iterator[Doubt]:
    """Yield doubts about known words, of the classes that the document shows.

    Args:
        tokens: of the text.
        analyses: of the tokens.
        known: the doubts of any document, weighed.
        channel: as they leave it.
        alternatives: says what else may have been printed for a known word.
    """
    if not channel.damaged:
        return
    doubted = {doubt.place for doubt in known}
    unknown = [doubt for doubt in known if not doubt.analysis.known]
    struck = expected_strikes(unknown)
    known_words = sum(analysis is not None and analysis.known for analysis in analyses)
    worn = sum(1.0 - doubt.posterior[0] for doubt in unknown) >= WORN * known_words
    evident: dict[Change, bool] = {}
    for place, (token, analysis) in enumerate(zip(tokens, analyses, strict=True)):
        if not analysis or not analysis.known or analysis.protected or place in doubted:
            continue
        kept = []
        for candidate in alternatives(token.text):
            change = candidate.changes[0]
            if change not in evident:
                shown = channel.lost(change[0]) if change[1] == "'" else channel.rate(change)
                evident[change] = shown >= EVIDENT or struck.get(change, 0.0) >= SEEN
            if evident[change] or (worn and candidate.commoner):
                kept.append(candidate)
        if kept:
            yield Doubt(place, token, analysis, tuple(kept))


def parted(
    text: str, tokens: Sequence[Token], analyses: Sequence[Analysis | None], recognise: Recognise
) -> Iterator[Doubt]:
    """Yield doubts about two words in a row, one of them unknown, that may be one word fallen apart."""
    for place in range(len(tokens) - 1):
        left, right = analyses[place], analyses[place + 1]
        if left is None or right is None or (left.known and right.known):
            continue
        start, end = tokens[place].start, tokens[place + 1].end
        gap = text[tokens[place].end : tokens[place + 1].start]
        if gap not in (" ", "\n") or left.protected or right.protected:
            continue
        cuts = joined(left.text, gap, right.text, recognise)
        candidates = tuple(Candidate(*cut, slips=1) for cut in cuts)
        if candidates:
            read = text[start:end]
            whole = Analysis(
                read,
                left.pieces + right.pieces,
                False,
                False,
                left.well_formed and right.well_formed,
                candidates,
                left.letters + right.letters,
            )
            yield Doubt(place, Token(start, end, read, ""), whole, candidates, width=2)


def elided(
    text: str,
    tokens: Sequence[Token],
    analyses: Sequence[Analysis | None],
    channel: Channel,
    analyse: Callable[[str], Analysis],
    model: LanguageModel,
) -> Iterator[Doubt]:
    """Yield doubts about what is elided with a space after it: « l’ Association », « I’ Office ».

    French prints none there. But clean texts have it in dialect (« n’ point »), where markup was taken out,
    and where a word is missing (« l’ et »): it is doubted in a text that is damaged elsewhere and
    hardly has it, before a vowel, and where clean text has the two.
    """
    if channel.damage < OFTEN:
        return
    found = []
    for place in range(len(tokens) - 1):
        left, right = analyses[place], analyses[place + 1]
        start, end = tokens[place].start, tokens[place + 1].end
        gap = text[tokens[place].end : tokens[place + 1].start]
        if left is None or right is None or not _GAP.fullmatch(gap) or text[start - 1 : start] in _QUOTES:
            continue
        if fold(right.text[0].lower()) not in VOWELS:
            continue
        whole = analyse(f"{left.text}{gap[0]}{right.text}")
        candidates = tuple(each for each in _closed(whole) if not _seldom(each.pieces, model))
        if candidates:
            read = text[start:end]
            pieces, letters = left.pieces + right.pieces, left.letters + right.letters
            apart = Analysis(read, pieces, False, False, False, candidates, letters)
            found.append(Doubt(place, Token(start, end, read, ""), apart, candidates, width=2))
    closed = sum(_WITHIN.search(token.text) is not None for token in tokens) if found else 0
    if closed >= CLOSED * len(found):
        yield from found


def _closed(whole: Analysis) -> Iterator[Candidate]:
    """Yield a word with an elision, and what it may have been, as read with a space after the elision."""
    space: Change = ("'", "' ")
    if whole.known and not whole.protected and ELISION.match(whole.text.replace("’", "'")):
        yield Candidate(whole.text, (space,), whole.pieces, 0)
    for candidate in whole.candidates:
        if not candidate.slips and ELISION.match(candidate.text.replace("’", "'")):
            yield replace(candidate, changes=(*candidate.changes, space))


def _seldom(pieces: Sequence[int], model: LanguageModel) -> bool:
    """Say whether a common word is hardly ever seen after what is elided: « l’et », « n’à »."""
    count = model.unigram(pieces[1])
    return count >= COMMON and model.bigram(*pieces[:2]) < SELDOM * count


def settled(doubts: Sequence[Doubt]) -> list[Doubt]:
    """Return the doubts, of two that touch the same word the one more sure of a change."""
    kept: list[Doubt] = []
    for doubt in doubts:
        while kept and kept[-1].place + kept[-1].width > doubt.place:
            if kept[-1].posterior[0] <= doubt.posterior[0]:
                break
            kept.pop()
        else:
            kept.append(doubt)
    return kept
