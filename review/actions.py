"""What a curator does, as rulings in the journal: checked against what others did since he was served.

Each function writes one line or none. `Overtaken` says who was quicker; `Refused` says in a sentence what
cannot be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from release.ledger import line_spans
from release.records import CHECK_ERROR
from release.rows import DocumentRow
from repair.decisions.honour import CURATOR
from repair.decisions.ruling import CONTEXT, Place, Ruling, Scope, Verdict, signed
from repair.document import Status
from repair.edits import Edit, OffsetMap
from review.passages import changed, whole_repairs
from review.places import agree, span_of, window
from review.question import Question, Reach
from review.record import Record

LONGEST_WHY = 500
LONGEST_WORDS = 2_000
"""Signs of what a curator writes instead."""
LONGEST_LINE = 5_000
"""Signs of a line that is corrected in the browser."""
_TEXT = frozenset({Verdict.ACCEPT, Verdict.REJECT, Verdict.CORRECT})


class Refused(ValueError):  # noqa: N818 - it is an answer
    """What cannot be, in both languages."""

    def __init__(self, fr: str, en: str) -> None:
        self.fr, self.en = fr, en
        super().__init__(en)


class Overtaken(Exception):  # noqa: N818 - it is an answer
    """The same, or a part of it, is decided already; nothing was written.

    Attributes:
        rulings: what was decided.
    """

    def __init__(self, rulings: tuple[Ruling, ...]) -> None:
        self.rulings = rulings
        super().__init__("decided already")


@dataclass(frozen=True, slots=True)
class Desk:
    """What an action needs.

    Attributes:
        record: the journal.
        who: the curator.
        seen: id of the last ruling when his page was served.
        told: called with what was written, under the journal's lock.
        paths: the path of a document's raw file by its name; empty where there is none.
    """

    record: Record
    who: str
    seen: str
    told: Callable[[list[Ruling] | None], None]
    paths: Callable[[str], str]


def decide(
    desk: Desk, asked: Callable[[], Question | None], verdict: Verdict, reach: str, instead: str, why: str
) -> Ruling:
    """Decide a question.

    Args:
        desk: who, and where it is written.
        asked: gives the question as it stands now.
        verdict: accept, reject or correct.
        reach: the scope, followed by ``:`` and the folder of a collection.
        instead: what the page prints, of a correction.
        why: may be empty.

    Raises:
        Overtaken: if the same was decided since.
        Refused: if it cannot be decided so.
    """
    if verdict not in _TEXT:
        raise Refused("Ce n’est pas une décision sur des mots.", "That is no decision about words.")
    with desk.record.journal.lock():
        desk.told(desk.record.follow())
        question = asked()
        if question is None:
            raise Refused(
                "Cette question n’est pas dans la version en cours : la file montre ce qui reste.",
                "This question is not in the current release: the queue shows what is left.",
            )
        place, chosen = question.place, _reach(question, reach)
        if verdict is Verdict.CORRECT:
            instead = words(instead)
            if instead == question.after:
                verdict, instead = Verdict.ACCEPT, ""
            elif instead == question.before:
                verdict, instead = Verdict.REJECT, ""
        ruling = Ruling(
            "",
            desk.who,
            "",
            verdict,
            chosen.scope,
            document=place.document if chosen.scope in (Scope.HERE, Scope.DOCUMENT) else "",
            collection=chosen.collection,
            before=question.before,
            after=question.after,
            instead=instead if verdict is Verdict.CORRECT else "",
            place=Place(place.start, place.left[-CONTEXT:], place.right[:CONTEXT])
            if chosen.scope is Scope.HERE
            else None,
            why=reason(why),
            probability=place.probability if place.rule != CURATOR else 0.0,
        )
        return _write(desk, ruling, place.path)


def correct_line(
    desk: Desk,
    row: DocumentRow,
    texts: tuple[str, str],
    repairs: list[Edit],
    number: int,
    was: str,
    now: str,
    why: str,
) -> list[Ruling]:
    """Correct a line of the diplomatic edition by hand.

    Args:
        desk: who, and where it is written.
        row: the document.
        texts: its reading and its diplomatic edition.
        repairs: its repairs.
        number: of the line, from 1.
        was: the line as it was served.
        now: what the page prints there.
        why: may be empty.

    Returns:
        A ruling for each changed passage; none where nothing changed.

    Raises:
        Overtaken: if somebody decided of the same words.
        Refused: if the line is another by now, or the correction holds what cannot be seen.
    """
    reading, diplomatic = texts
    lines = line_spans(diplomatic)
    if not 1 <= number <= len(lines) or diplomatic[slice(*lines[number - 1][:2])] != was:
        raise Refused(
            "Cette ligne a changé depuis : relisez-la avant de la corriger.",
            "This line has changed since: read it again before you correct it.",
        )
    if len(now) > LONGEST_LINE:
        raise Refused("La ligne corrigée est trop longue.", "The corrected line is too long.")
    spans = OffsetMap(repairs)
    rulings = []
    changes = changed(was, now)
    for _, _, instead in changes:
        if instead:
            words(instead)
    for left, right, whole in whole_repairs(diplomatic, lines[number - 1][0], changes, repairs):
        low, high = spans.back(left, right)
        before, after = reading[low:high], diplomatic[left:right]
        rulings.append(
            Ruling(
                "",
                desk.who,
                "",
                Verdict.REJECT if whole == before else Verdict.CORRECT,
                Scope.HERE,
                document=row.name,
                before=before,
                after=after,
                instead="" if whole == before else whole,
                place=Place(low, reading[max(0, low - CONTEXT) : low], reading[high : high + CONTEXT]),
                why=reason(why),
            )
        )
    with desk.record.journal.lock():
        desk.told(desk.record.follow())
        return _write_all(desk, rulings, row.path)


def leave(desk: Desk, row: DocumentRow, why: str) -> Ruling:
    """Leave a document as it was read.

    Raises:
        Overtaken: if somebody did so.
        Refused: if no reason is given.
    """
    return _of_document(
        desk, row, Ruling("", desk.who, "", Verdict.LEAVE, document=row.name, why=_needed(why))
    )


def release(desk: Desk, row: DocumentRow, shown: str, why: str) -> Ruling:
    """Publish a document in spite of the expectations that fail.

    Args:
        desk: who, and where it is written.
        row: the document.
        shown: the raw file and what failed (`failing`), as they were when the page was served.
        why: the reason.

    Raises:
        Overtaken: if somebody did so.
        Refused: if no reason is given, there is nothing to release, or something else fails by now.
    """
    if not can_release(row):
        raise Refused(
            "Ce document ne peut pas être libéré : il est publié, ou il n’a pas pu être lu ou contrôlé.",
            "This document cannot be released: it is published, or it could not be read or checked.",
        )
    if shown != failing(row):
        raise Refused(
            "Le document a changé depuis que votre page est affichée : relisez ce qui le retient.",
            "The document has changed since your page was shown: read again what holds it back.",
        )
    ruling = Ruling(
        "",
        desk.who,
        "",
        Verdict.RELEASE,
        document=row.name,
        failed=_codes(row),
        sha256=row.sha256,
        why=_needed(why),
    )
    return _of_document(desk, row, ruling)


def can_release(row: DocumentRow) -> bool:
    """Say whether a document was read and checked, and is held back by its expectations."""
    codes = _codes(row)
    return (
        row.status is not Status.PUBLISHED
        and row.words is not None
        and bool(codes)
        and CHECK_ERROR not in codes
    )


def failing(row: DocumentRow) -> str:
    """Return the raw file of a document and what it fails, as a form carries them."""
    return " ".join((row.sha256, *_codes(row)))


def _codes(row: DocumentRow) -> tuple[str, ...]:
    return tuple(sorted({reason.code for reason in row.reasons}))


def take_back(desk: Desk, identity: str, why: str, *, act: bool = False) -> Ruling:
    """Take a ruling back; return it.

    Args:
        desk: who, and where it is written.
        identity: of the ruling.
        why: may be empty.
        act: whether all that was said in the same act is taken back with it.

    Raises:
        Overtaken: if somebody took it back already.
        Refused: if there is none.
    """
    with desk.record.journal.lock():
        desk.told(desk.record.follow())
        ruling = desk.record.rulings.get(identity)
        if ruling is None or ruling.verdict is Verdict.REVERSE:
            raise Refused("Cette décision n’est pas dans le journal.", "This decision is not in the journal.")
        if identity in desk.record.reversals:
            raise Overtaken((desk.record.reversals[identity],))
        gone = desk.record.act_of(ruling) if act else [ruling]
        back = [Ruling("", desk.who, "", Verdict.REVERSE, reverses=one.id, why=reason(why)) for one in gone]
        _append(desk, back)
        return ruling


def _of_document(desk: Desk, row: DocumentRow, ruling: Ruling) -> Ruling:
    with desk.record.journal.lock():
        desk.told(desk.record.follow())
        return _write(desk, ruling, row.path)


def _write(desk: Desk, ruling: Ruling, path: str) -> Ruling:
    return _write_all(desk, [ruling], path)[0]


def _write_all(desk: Desk, rulings: list[Ruling], path: str) -> list[Ruling]:
    """Add rulings, unless others in force concern the same: such as came since, or of the same subject."""
    since = {ruling.id for ruling in desk.record.since(desk.seen)}
    met = tuple(
        other
        for other in desk.record.near(rulings)
        if any(
            other.subject == ruling.subject
            or ((other.id in since or _of_a_place(other, ruling)) and _meet(desk, other, ruling, path))
            for ruling in rulings
        )
    )
    if met:
        raise Overtaken(met)
    return _append(desk, rulings)


def _append(desk: Desk, rulings: list[Ruling]) -> list[Ruling]:
    now = datetime.now(UTC)
    written: list[Ruling] = []
    for ruling in rulings:
        # The id is of all that is said: who says, takes back and says the same within a second says it later.
        # Reversals need no act: they say what they take back.
        act = written[0].id if written and ruling.verdict is not Verdict.REVERSE else ""
        for seconds in range(1_000):
            when = (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
            made = signed(msgspec.structs.replace(ruling, when=when, act=act))
            if made.id not in desk.record.rulings and all(made.id != other.id for other in written):
                break
        written.append(made)
    if written:
        desk.record.journal.append(written)
        desk.told(desk.record.follow())
    return written


def _of_a_place(other: Ruling, ruling: Ruling) -> bool:
    """Say whether one was said of a place, and the other of a place too, or of all its document."""
    return ruling.scope is Scope.HERE and (other.scope is Scope.HERE or other.verdict is Verdict.LEAVE)


def _meet(desk: Desk, other: Ruling, ruling: Ruling, path: str) -> bool:
    """Say whether two rulings may concern the same place."""
    if ruling.verdict not in _TEXT or other.verdict not in _TEXT:
        return other.document == ruling.document and (
            other.verdict is ruling.verdict or Verdict.LEAVE in (other.verdict, ruling.verdict)
        )
    if other.place and ruling.place and other.document == ruling.document:
        low, high = span_of(other)
        start, end = span_of(ruling)
        return (low == start or (low < end and start < high)) and agree(window(other), window(ruling))
    if (other.before, other.after) != (ruling.before, ruling.after):
        return False
    if ruling.document:
        return other.reaches(ruling.document, path)
    if other.document:
        return ruling.reaches(other.document, desk.paths(other.document))
    one, two = f"{ruling.collection}/", f"{other.collection}/"
    return Scope.EVERYWHERE in (ruling.scope, other.scope) or one.startswith(two) or two.startswith(one)


def _reach(question: Question, wanted: str) -> Reach:
    for reach in question.reaches:
        if wanted == reach_value(reach):
            return reach
    raise Refused("Cette portée n’est pas offerte ici.", "This scope is not offered here.")


def reach_value(reach: Reach) -> str:
    """Return a scope as the form says it."""
    return f"{reach.scope.value}:{reach.collection}" if reach.collection else reach.scope.value


def words(text: str) -> str:
    """Return what a curator wrote, if it can be printed.

    Raises:
        Refused: if it is empty, long, or holds signs that cannot be seen.
    """
    if not text.strip():
        raise Refused("Écrivez ce que la page imprime.", "Write what the page prints.")
    if len(text) > LONGEST_WORDS:
        raise Refused("C’est trop long.", "That is too long.")
    for sign in text:
        if not sign.isprintable() and unicodedata.category(sign) != "Zs" and sign != "\t":
            code = f"U+{ord(sign):04X}"
            raise Refused(
                f"Le texte contient un signe qu’on ne voit pas ({code}) : ôtez-le.",
                f"The text holds a sign that cannot be seen ({code}): take it out.",
            )
    return text


def reason(text: str) -> str:
    """Return why, on one line.

    Raises:
        Refused: if it is too long.
    """
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(text) > LONGEST_WHY:
        raise Refused(
            f"Le motif est trop long : {LONGEST_WHY} signes au plus.",
            f"The reason is too long: {LONGEST_WHY} signs at most.",
        )
    return text


def _needed(text: str) -> str:
    said = reason(text)
    if not said:
        raise Refused(
            "Dites pourquoi : le motif reste au journal.", "Say why: the reason stays in the journal."
        )
    return said
