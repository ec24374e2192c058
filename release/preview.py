"""What becomes of processed documents that are processed again with other rules or dictionaries.

The reading of a document stays, so what differs is of the program's making. `foresee` compares the two
outcomes of one document, `Gathered` sums up over a corpus what `prote preview` shows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from release.compare import Brief, Cause, Change, DocumentChange, Figures, figures, rule_changes
from release.differences import line_changes
from repair.document import Document, Outcome
from repair.edits import Decision, Edit, Kind

EXAMPLES = 3
"""Changes shown of a rule, the most frequent."""
COUNTED = 10_000
"""Different changes of a rule that are told apart, to find the most frequent."""


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of an edit.

    Attributes:
        rule: that proposes it.
        was: its decision until now; None where it appears.
        now: its decision; None where it vanishes.
    """

    rule: str
    was: Decision | None
    now: Decision | None


@dataclass(frozen=True, slots=True)
class Words:
    """What an edit changes: what stands there, and what it makes of it."""

    before: str
    after: str


Moved = Counter[tuple[Move, Words]]
"""How many edits of a document there are with which the same happens."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What changes in one document.

    Attributes:
        document: its figures and status, where its normalised edition changes, the rules whose edits made
            do.
        diplomatic: at how many places its diplomatic edition changes.
        moves: how many of its edits appear, vanish, or are decided otherwise, most frequent first.
        failing: codes of the expectations that it fails and did not.
        mended: of those that it failed, and fails no more.
        parts: what else changes of it: ``paragraphs`` (kind or number), ``notes`` (mark or calls) or
            ``metadata``.
    """

    document: DocumentChange
    diplomatic: int
    moves: tuple[tuple[Move, int], ...]
    failing: tuple[str, ...]
    mended: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the document."""
        return self.document.name

    @property
    def visible(self) -> bool:
        """Whether more changes than probabilities, evidence and figures."""
        old, new = self.document.old, self.document.new
        assert old is not None and new is not None  # noqa: S101, PT018 - it is there before and after
        told = old.status is not new.status or old.reasons != new.reasons
        seen = self.document.places or self.diplomatic or self.moves or self.parts
        return bool(told or seen or self.failing or self.mended)


@dataclass(frozen=True, slots=True)
class MoveSum:
    """The edits of a rule with which the same happens, over a corpus.

    Attributes:
        move: what happens.
        edits: how many there are.
        documents: in how many documents.
        examples: some of them, the most frequent first, with how many there are of each.
    """

    move: Move
    edits: int
    documents: int
    examples: tuple[tuple[Words, int], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change in a corpus.

    Attributes:
        before: figures of the corpus as it is kept.
        after: as it would be.
        documents: those that change visibly, by name.
        moves: what becomes of edits, by rule.
        failing: how many documents fail an expectation that they did not, by its code.
        mended: how many fail one no more.
        quiet: how many documents change in nothing but probabilities, evidence and figures.
        same: how many were looked at and do not change.
        left: name of each document that was not looked at, and why.
    """

    before: Figures
    after: Figures
    documents: tuple[Foreseen, ...]
    moves: tuple[MoveSum, ...]
    failing: tuple[tuple[str, int], ...]
    mended: tuple[tuple[str, int], ...]
    quiet: int
    same: int
    left: tuple[tuple[str, str], ...]


def brief(outcome: Outcome) -> Brief:
    """Return the row of an outcome that no release has given a digest."""
    source, document = outcome.source, outcome.document
    return Brief(
        name=source.name,
        path=source.path,
        sha256=source.sha256,
        status=outcome.status,
        reasons=outcome.reasons,
        words=document.after.words if document else None,
        damage_before=document.before.damage if document else None,
        damage_after=document.after.damage if document else None,
        known_rate=document.after.known_rate if document else None,
        digest="",
    )


def foresee(
    old: Outcome, failed_before: Sequence[str], new: Outcome, failed: Sequence[str]
) -> tuple[Foreseen, Moved]:
    """Compare two outcomes of the same reading; the second has no document where the program fails on it.

    Args:
        old: as it is kept.
        failed_before: codes of the expectations that it failed.
        new: as it would be.
        failed: codes of those that it fails then.

    Returns:
        What changes, and what becomes of its edits.
    """
    was, now = old.document, new.document
    moved = Counter(_moved(was.edits if was else (), now.edits if now else ()))
    moves: Counter[Move] = Counter()
    for (move, _), times in moved.items():
        moves[move] += times
    return (
        Foreseen(
            DocumentChange(
                Change.CHANGED,
                brief(old),
                brief(new),
                Cause.PROGRAM,
                _places(was.text if was else "", now.text if now else ""),
                rule_changes(
                    _by_rule((move.rule, times) for move, times in moves.items() if _made(move.now)),
                    _by_rule((move.rule, times) for move, times in moves.items() if _made(move.was)),
                ),
            ),
            _places(was.diplomatic if was else "", now.diplomatic if now else ""),
            tuple(sorted(moves.items(), key=_frequent)),
            tuple(code for code in failed if code not in failed_before),
            tuple(code for code in failed_before if code not in failed),
            tuple(_parts(was, now)) if was and now else (),
        ),
        moved,
    )


def _moved(old: Iterable[Edit], new: Iterable[Edit]) -> Iterator[tuple[Move, Words]]:
    """Yield what becomes of the edits that differ.

    Repairs are told by their place in the reading. Those of the other layers are not: a repair moves all
    that follows.
    """
    before, after = _decisions(old), _decisions(new)
    for edit in sorted(before.keys() | after.keys()):
        _, rule, _, *words = edit
        gone, come = before[edit] - after[edit], after[edit] - before[edit]
        was: list[Decision | None] = [*sorted(gone.elements())]
        now: list[Decision | None] = [*sorted(come.elements())]
        was += [None] * (len(now) - len(was))
        now += [None] * (len(was) - len(now))
        for one, other in zip(was, now, strict=True):
            yield Move(rule, one, other), Words(*words)


def _decisions(edits: Iterable[Edit]) -> defaultdict[tuple[Kind, str, int, str, str], Counter[Decision]]:
    found: defaultdict[tuple[Kind, str, int, str, str], Counter[Decision]] = defaultdict(Counter)
    for edit in edits:
        place = edit.start if edit.kind is Kind.REPAIR else -1
        found[edit.kind, edit.rule, place, edit.before, edit.after][edit.decision] += 1
    return found


def _made(decision: Decision | None) -> bool:
    return decision is Decision.APPLIED


def _by_rule(times: Iterable[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for rule, count in times:
        found[rule] += count
    return found


def _frequent(moves: tuple[Move, int]) -> tuple[int, str, str, str]:
    move, times = moves
    return -times, move.rule, move.was or "", move.now or ""


def _places(old: str, new: str) -> int:
    return sum(1 for _ in line_changes(old, new))


def _parts(was: Document, now: Document) -> Iterator[str]:
    if [(block.kind, block.number) for block in was.paragraphs] != [
        (block.kind, block.number) for block in now.paragraphs
    ]:
        yield "paragraphs"
    if [(note.mark, note.calls) for note in was.notes] != [(note.mark, note.calls) for note in now.notes]:
        yield "notes"
    if was.metadata != now.metadata:
        yield "metadata"


@dataclass
class Gathered:
    """What was found of a corpus so far; the texts of no document are kept."""

    before: dict[str, Brief] = field(default_factory=dict)
    after: dict[str, Brief] = field(default_factory=dict)
    documents: list[Foreseen] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    quiet: int = 0
    same: int = 0
    _moves: defaultdict[Move, Counter[Words]] = field(default_factory=lambda: defaultdict(Counter))
    _edits: Counter[Move] = field(default_factory=Counter)
    _documents: Counter[Move] = field(default_factory=Counter)

    def keep(self, row: Brief, why: str = "") -> None:
        """Count a document that stays as it is, or, saying why, one that was not looked at."""
        self.before[row.name] = self.after[row.name] = row
        if why:
            self.left[row.name] = why
        else:
            self.same += 1

    def add(self, found: Foreseen, moved: Moved) -> None:
        """Count a document that changes."""
        old, new = found.document.old, found.document.new
        assert old is not None and new is not None  # noqa: S101, PT018 - it is there before and after
        self.before[found.name], self.after[found.name] = old, new
        if not found.visible:
            self.quiet += 1
            return
        self.documents.append(found)
        for move, times in found.moves:
            self._edits[move] += times
            self._documents[move] += 1
        for (move, words), times in moved.items():
            counted = self._moves[move]
            if words in counted or len(counted) < COUNTED:
                counted[words] += times

    def sum_up(self) -> Preview:
        """Return what was found of all documents."""
        failing = Counter(code for found in self.documents for code in found.failing)
        mended = Counter(code for found in self.documents for code in found.mended)
        return Preview(
            figures(self.before),
            figures(self.after),
            tuple(sorted(self.documents, key=lambda found: found.name)),
            tuple(
                MoveSum(move, times, self._documents[move], tuple(_examples(self._moves[move])))
                for move, times in sorted(self._edits.items(), key=_frequent)
            ),
            tuple(sorted(failing.items())),
            tuple(sorted(mended.items())),
            self.quiet,
            self.same,
            tuple(sorted(self.left.items())),
        )


def _examples(counted: Counter[Words]) -> Iterator[tuple[Words, int]]:
    yield from sorted(counted.items(), key=lambda item: (-item[1], item[0].before, item[0].after))[:EXAMPLES]
