"""The page: what is read from a raw file, and what each stage adds to it.

Values only. `Source` names a raw file, `Reading` is what was read from it, `Document` is that
reading with its edits, its two editions, its paragraphs and notes, and its `Quality` before
and after, and the `Habit`s of its page. `Outcome` adds what the expectations decided. `Refused` is
how any stage says that a document cannot be processed; the run goes on without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from repair.edits import Edit
from repair.layout import PageLayout

FEWEST_PLACES = 5
"""Places below which nothing is said of a habit."""
STEADY = 0.95
"""Share of the places that make a habit a style."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a document has its status, in words for a curator.

    Attributes:
        code: stable identifier, lower-case with hyphens (an expectation's or a refusal's name).
        fr: the sentence in French; what to do is in it where there is something to do.
        en: the same in English.
    """

    code: str
    fr: str
    en: str


class Refused(Exception):  # noqa: N818 - it is a verdict on a document, not a fault of the program
    """This document cannot be processed; `reason` says why and what to do about it."""

    def __init__(self, code: str, fr: str, en: str) -> None:
        self.reason = Reason(code, fr, en)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the raw folder.

    Attributes:
        name: the document's name: its path below the folder, ``/`` as ``__``, without suffix.
        path: its path below the folder, with ``/``.
        sha256: of its bytes, in hexadecimal.
        size: in bytes.
        witnesses: other files of the same document: the text of its scan. They have no witnesses.
    """

    name: str
    path: str
    sha256: str
    size: int
    witnesses: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open place in a text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a raw file: its decoded text, or what an OCR engine made of it.

    Attributes:
        text: the reading; spans of repairs point into it.
        encoding: of a text file, as Python names it; empty for others.
        engine: what read it, with version: ``text``, ``pypdfium2 5.1``, ``tesseract 5.3.0 fra``.
        markup: places that are markup, not text: never repaired. In order, disjoint.
        pages: where each page starts in `text`; the first is 0.
        layout: the pages with the places of their words, which are those of `text` in order; empty where
            they are not known. The confidence of a word is the probability that it is what the page prints.
        losers: what engines read and was not chosen, none of it applied; spans in `text`, in order.
        disagreement: for each page, mean of two shares of its signs, spaces counted: those in which the
            first two readings differ, and those of the first that the vote did not keep; empty for a text.
        triage: for each page of a PDF, why its text layer was kept, or the page read again.
        remarks: what could not be read and did not stop the reading: another file, a page by one engine.
    """

    text: str
    encoding: str = ""
    engine: str = "text"
    markup: tuple[Span, ...] = ()
    pages: tuple[int, ...] = (0,)
    layout: tuple[PageLayout, ...] = ()
    losers: tuple[Edit, ...] = ()
    disagreement: tuple[float, ...] = ()
    triage: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassRate:
    """How often one class of damage struck in one document.

    Attributes:
        printed: what the page prints, e.g. ``é``.
        read: what was read instead, e.g. ``e``.
        struck: expected number of places where it struck.
        spared: places where the printed form came through.
        rate: estimated P(read | printed), from 0 to 1.
    """

    printed: str
    read: str
    struck: float
    spared: int
    rate: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How sound a text is, without a correct text to compare it with.

    Attributes:
        words: number of words.
        unknown: words the lexicon does not hold, names and foreign passages included.
        damaged: expected number of damaged words.
        language: ISO 639 code of the language: ``fr``, ``frm`` for Middle French, ``und`` where the models do
            not know it.
        classes: the classes of damage seen, most frequent first.
    """

    words: int
    unknown: int
    damaged: float
    language: str
    classes: tuple[ClassRate, ...] = ()

    @property
    def damage(self) -> float:
        """Share of the words that are damaged, from 0 to 1; 0 for a text without words."""
        return self.damaged / self.words if self.words else 0.0

    @property
    def known_rate(self) -> float:
        """Share of the words that the lexicon holds, from 0 to 1; 1 for a text without words."""
        return 1.0 - self.unknown / self.words if self.words else 1.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of the document, in reading order.

    Attributes:
        kind: ``heading``, ``preamble``, ``paragraph`` (numbered or not), ``item`` of a list, ``note``,
            ``signature`` or ``furniture``.
        number: of a numbered paragraph or note, ASCII digits or a letter without punctuation; else empty.
        text: normalised, on one line.
        diplomatic: the same place in the diplomatic edition, lines kept; places joined by a line end.
        page: counted from 1.
        start: first code point of the block in the reading.
        end: one past its last, where it is not cut in two.
        rest: where it goes on in the reading, after notes or page furniture that cut it.
    """

    kind: str
    number: str
    text: str
    diplomatic: str
    page: int
    start: int
    end: int
    rest: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A note and the places that call it.

    Attributes:
        mark: ASCII digits, without punctuation.
        text: normalised; empty where calls were found and no note.
        calls: code points of its calls in the reading; empty where the note was found and no call.
    """

    mark: str
    text: str
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself, as its genre finds it; empty where it does not say.

    Attributes:
        genre: name of the genre whose patterns it follows (`dictionaries/genres/`).
        symbol: of the document: ``A/RES/74/175``.
        title: without its quotes and note calls.
        date: on which it was adopted or signed, as ``2019-12-18``.
        session: number of the session of the body, ASCII digits.
        agenda_item: number of the agenda item, ASCII digits and letters.
    """

    genre: str = ""
    symbol: str = ""
    title: str = ""
    date: str = ""
    session: str = ""
    agenda_item: str = ""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a document prints one thing, and what its typography profile makes of it.

    Attributes:
        rule: the rule of typography on the same subject.
        page: how often each choice stands on the page, by its name; those that never do are left out.
        edition: the same for the normalised edition.
    """

    rule: str
    page: tuple[tuple[str, int], ...]
    edition: tuple[tuple[str, int], ...]

    @property
    def usual(self) -> str:
        """The choice that the page makes most often."""
        return max(self.page, key=lambda choice: choice[1])[0]

    @property
    def steady(self) -> bool:
        """Whether it is a style: the page chose often enough, and hardly ever otherwise."""
        places = sum(count for _, count in self.page)
        return places >= FEWEST_PLACES and dict(self.page)[self.usual] >= STEADY * places

    @property
    def overruled(self) -> bool:
        """Whether it is a style that the profile goes against in most places.

        A plain space is all that most files have: one that the profile makes a no-break space is kept.
        """
        usual, edition = self.usual, dict(self.edition)
        kept = sum(edition.values()) - edition.get("none", 0) if usual == "plain" else edition.get(usual, 0)
        return self.steady and 2 * kept < dict(self.page)[usual]


@dataclass(frozen=True, slots=True)
class Document:
    """A processed document.

    `reading.text` + applied repairs = `diplomatic`; that + applied structure edits + applied
    normalisations = `text`, exactly.

    Attributes:
        source: the raw file.
        reading: what was read from it.
        profile: name of the typography profile.
        repairs: layer of repairs, spans in `reading.text`.
        structure: layer of structure edits, spans in `diplomatic`.
        normalisations: layer of normalisations, spans in the structured text.
        diplomatic: the diplomatic edition.
        text: the normalised edition: one paragraph a line.
        paragraphs: the blocks of `text`, one for each of its lines.
        notes: the notes, by their mark.
        before: quality of the reading.
        after: quality of the diplomatic edition.
        metadata: what it says of itself.
        style: how its page prints what rules of typography speak of, before its profile changes it.
    """

    source: Source
    reading: Reading
    profile: str
    repairs: tuple[Edit, ...]
    structure: tuple[Edit, ...]
    normalisations: tuple[Edit, ...]
    diplomatic: str
    text: str
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[Note, ...]
    before: Quality
    after: Quality
    metadata: Metadata = Metadata()
    style: tuple[Habit, ...] = ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The whole ledger, layer after layer."""
        return self.repairs + self.structure + self.normalisations


class Status(StrEnum):
    """Where a document ended; each file of the raw folder has exactly one."""

    PUBLISHED = "published"
    REVIEW = "review"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a raw file.

    Attributes:
        source: the raw file.
        status: decided by the expectations, or quarantine where the document was refused.
        reasons: why it is not published, or by whose decision it is all the same; else empty.
        document: the processed document; None where it was refused.
    """

    source: Source
    status: Status
    reasons: tuple[Reason, ...]
    document: Document | None
