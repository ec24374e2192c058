"""Pages that are pictures: read one by one, heard with what else is known of them, put together.

A page's witnesses are its readings by the engines, the text layer that it had, and the other files of the
document: their words vote. What only one side has, a page missing from a text, a text missing a page, is left
in the ledger for a curator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repair.document import Reading, Reason, Refused
from repair.edits import Decision, Edit, Evidence, Kind
from repair.layout import PageLayout
from repair.reading.engines.apart import give_back
from repair.reading.engines.cache import PageCache
from repair.reading.engines.engine import EngineFailed, EngineTimeout, Failure
from repair.reading.engines.reader import PageReader
from repair.reading.pages import SECONDS_A_PAGE, check_not_blank, join_pages
from repair.reading.votes.vote import vote
from repair.reading.votes.witness import Reconciled, text_witness

ONLY_IN_TEXT, ONLY_ON_PAGE = "only-in-text", "only-on-page"

NO_PLACES = PageLayout("", 0, 0, ())
"""What is known of the places on a page that has none."""

_SHOWN = 2_000
"""Signs shown of a passage that only the text has; it may be another text altogether."""
_PAGES_SHOWN = 20
"""Pages named at which an engine failed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it was seen.

    Attributes:
        readings: by engines, at least one; none where its text layer stands.
        layer: its text layer; empty where it has none.
        why: why it was read again, or not; None where there was no choice.
        placed: its text layer with the places of its words, where that stands.
        failures: the engines that could not read it.
    """

    readings: tuple[PageLayout, ...] = ()
    layer: str = ""
    why: Reason | None = None
    placed: PageLayout = NO_PLACES
    failures: tuple[Failure, ...] = ()


def seen_before(page: str, cache: PageCache | None) -> Seen | None:
    """Return a page that was drawn and read before; None where that is not kept.

    Raises:
        MissingProgram: if Tesseract or its French model is not installed.
    """
    found = PageReader(cache).known(page) if cache is not None else None
    return None if found is None else Seen(found.pages, failures=found.failures)


def read_scan(image: Path, cache: PageCache | None, page: str = "") -> Seen:
    """Return the image of a page as the engines saw it.

    Args:
        image: of the page.
        cache: where its readings are kept.
        page: what the image depends on, where it was drawn: then :func:`seen_before` knows it.

    Raises:
        Refused: ``ocr-timeout`` or ``ocr-failed``.
        MissingProgram: if Tesseract or its French model is not installed.
    """
    give_back()  # what drawing the page took, before engines take theirs
    try:
        found = PageReader(cache).readings(image, page)
    except EngineTimeout as error:
        raise Refused(
            "ocr-timeout",
            f"La lecture optique d’une page n’a pas abouti en {SECONDS_A_PAGE} s : vérifiez la numérisation.",
            f"OCR of a page did not end in {SECONDS_A_PAGE} s: check the scan.",
        ) from error
    except EngineFailed as error:
        raise Refused(
            "ocr-failed",
            "Aucun moteur n’a pu lire une page : numérisez-la ou enregistrez-la de nouveau. La version "
            "anglaise de ce motif nomme l’erreur.",
            f"No engine could read a page ({error}): scan it or save it anew.",
        ) from error
    return Seen(found.pages, failures=found.failures)


def join_seen(pages: Sequence[Seen], texts: Sequence[str] = (), engines: Sequence[str] = ()) -> Reading:
    """Return the reading of a document.

    Args:
        pages: all of them, in order.
        texts: of the document, from other files.
        engines: what else read it: the program that gave the text layers.

    Raises:
        Refused: ``no-text-found``.
    """
    heard = {number: _heard(page) for number, page in enumerate(pages) if page.readings}
    voted = {number: vote(readings) for number, readings in heard.items()}
    printed = [voted[number].page if number in voted else page.placed for number, page in enumerate(pages)]
    # A text is looked for on all pages, so that none takes what is another's; a text layer stays as it is.
    beside = [text_witness(text, printed) for text in texts] if voted else []
    for number in voted:
        witnesses = [found.witnesses[number] for found in beside]
        if any(witnesses):
            voted[number] = vote([*heard[number], *filter(None, witnesses)])
    joined, starts = join_pages(
        voted[number].page.text if number in voted else page.layer for number, page in enumerate(pages)
    )
    check_not_blank(joined)
    losers = [edit for number, page in voted.items() for edit in _placed(page.losers, starts[number])]
    for text, found in zip(texts if voted else (), beside, strict=True):
        losers += _one_sided(found, text, joined, starts)
    named = dict.fromkeys(
        [*engines, *(engine for page in voted.values() for engine in page.page.engine.split(" + "))]
    )
    return Reading(
        text=joined,
        engine=" + ".join(named),
        pages=starts,
        layout=tuple(
            voted[number].page if number in voted else page.placed for number, page in enumerate(pages)
        ),
        losers=tuple(sorted(losers, key=lambda edit: (edit.start, edit.end))),
        disagreement=tuple(
            voted[number].disagreement if number in voted else 0.0 for number in range(len(pages))
        )
        if voted
        else (),
        triage=tuple(page.why for page in pages if page.why is not None),
        remarks=tuple(_failed(pages)),
    )


def _failed(pages: Sequence[Seen]) -> Iterator[Reason]:
    """Yield which engines failed at which pages; one that fails at all of them is told of once."""
    failed = defaultdict(list)
    for number, page in enumerate(pages, 1):
        for failure in page.failures:
            failed[failure].append(number)
    for failure, numbers in failed.items():
        shown = ", ".join(map(str, numbers[:_PAGES_SHOWN])) + (", …" if len(numbers) > _PAGES_SHOWN else "")
        several = "s" if len(numbers) > 1 else ""
        yield Reason(
            "engine-failed",
            f"{failure.engine} n’a pas lu {len(numbers)} page{several} ({shown}) : {failure.fr}. "
            "Les autres lectures en décident : vérifiez.",
            f"{failure.engine} did not read {len(numbers)} page{several} ({shown}): {failure.why}. "
            "The other readings decide there: check.",
        )


def _heard(page: Seen) -> list[PageLayout]:
    """Return the readings of a page, and its text layer at its places where it is one more."""
    if not page.layer:
        return list(page.readings)
    (layer,) = text_witness(page.layer, [vote(page.readings).page]).witnesses
    return [*page.readings, *([layer] if layer is not None else [])]


def _placed(edits: Sequence[Edit], start: int) -> list[Edit]:
    """Return edits of a page that starts at a place of the reading, with places in the reading."""
    return [replace(edit, start=edit.start + start, end=edit.end + start) for edit in edits]


def _one_sided(beside: Reconciled, text: str, reading: str, starts: Sequence[int]) -> Iterator[Edit]:
    """Yield what only the text has, for a curator, and what only the pages have, for the record."""
    end = len(reading)
    for low, high in beside.only_in_text:
        said = Evidence("reading", "the text beside the scan has this, and no page has it")
        after = text[low : min(high, low + _SHOWN)].strip() + "\n"
        yield Edit(end, end, "", after, Kind.REPAIR, ONLY_IN_TEXT, 0.0, Decision.REVIEW, (said,))
    said = Evidence("reading", "the text beside the scan lacks this line")
    ends = (*starts[1:], end)
    for number, line in beside.only_on_pages if beside.same else ():
        start = f"\n{reading[starts[number] : ends[number]]}".find(f"\n{line.text}\n")
        if start >= 0:  # not where the text had a word in how the line reads
            low = starts[number] + start
            high = low + len(line.text)
            yield Edit(low, high, line.text, "", Kind.REPAIR, ONLY_ON_PAGE, 0.0, Decision.LEFT, (said,))
