"""What is known of a spelling, apart from where it stands: values that pass between the stages."""

from __future__ import annotations

from dataclasses import dataclass

from repair.damage.confusions import Change

COMMONER = 20.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may have been printed.

    Attributes:
        text: as it would stand in the reading, line break included.
        changes: the classes of damage that would have struck it.
        pieces: its ids in the language model.
        slips: how many of the changes are chance slips, which no table of damage lists.
        commoner: whether clean text has it `COMMONER` times as often as the known word that was read.
    """

    text: str
    changes: tuple[Change, ...]
    pieces: tuple[int, ...]
    slips: int
    commoner: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a spelling is, anywhere.

    Attributes:
        text: as read.
        pieces: its ids in the language model, 0 for a piece the lexicon does not hold.
        known: whether the lexicon holds it, in this case.
        protected: whether nothing may change it: a number, a code, capitals.
        well_formed: whether it is made like a word: letters, apostrophes and hyphens alone.
        candidates: what else may have been printed; of a known word only « a » has some here.
        letters: ln P of its letters as a French word; 0 for a known word.
        proper: whether it has a capital, or what an elision stands before: « Paris », « d’Aigues ».
        explained: whether a lost accent or elision explains an unknown word.
        of_period: whether it is a spelling of 1840–1920 that is no more in use (« siége »).
        archaic: the habit of the sixteenth century that explains an uncommon word (`period.py`), or nothing.
    """

    text: str
    pieces: tuple[int, ...]
    known: bool
    protected: bool
    well_formed: bool
    candidates: tuple[Candidate, ...]
    letters: float = 0.0
    proper: bool = False
    explained: bool = False
    of_period: bool = False
    archaic: str = ""

    @property
    def strange(self) -> bool:
        """Whether it is no word and no known damage makes it one."""
        return not self.known and all(candidate.slips for candidate in self.candidates)
