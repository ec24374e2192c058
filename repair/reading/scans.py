"""Pages that are pictures: read one by one, put together as one reading with its places and its losers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from repair.document import Reading, Refused
from repair.edits import Edit
from repair.reading.cache import PageCache
from repair.reading.engines import EngineFailed, EngineTimeout
from repair.reading.pages import SECONDS_A_PAGE, check_not_blank, join_pages
from repair.reading.reader import PageReader
from repair.reading.vote import Voted


def read_scan(image: Path, cache: PageCache | None) -> Voted:
    """Read the image of a page.

    Raises:
        Refused: ``ocr-timeout`` or ``ocr-failed``.
        MissingProgram: if Tesseract or its French model is not installed.
    """
    try:
        return PageReader(cache).read(image)
    except EngineTimeout as error:
        raise Refused(
            "ocr-timeout",
            f"La lecture optique d’une page n’a pas abouti en {SECONDS_A_PAGE} s : vérifiez la numérisation.",
            f"OCR of a page did not end in {SECONDS_A_PAGE} s: check the scan.",
        ) from error
    except EngineFailed as error:
        raise Refused(
            "ocr-failed",
            f"Aucun moteur n’a pu lire une page ({error}) : numérisez-la ou enregistrez-la de nouveau.",
            f"No engine could read a page ({error}): scan it or save it anew.",
        ) from error


def join_voted(pages: Iterable[Voted]) -> Reading:
    """Return the reading of a document all of whose pages are pictures.

    Raises:
        Refused: ``no-text-found``.
    """
    voted = list(pages)
    text, starts = join_pages(page.page.text for page in voted)
    check_not_blank(text)
    losers = tuple(
        edit for page, start in zip(voted, starts, strict=True) for edit in place_losers(page, start)
    )
    engines = dict.fromkeys(engine for page in voted for engine in page.page.engine.split(" + "))
    return Reading(
        text,
        "",
        " + ".join(engines),
        (),
        starts,
        tuple(page.page for page in voted),
        losers,
        tuple(page.disagreement for page in voted),
    )


def place_losers(page: Voted, start: int) -> list[Edit]:
    """Return what lost on a page that starts at a place of the reading, with places in the reading."""
    return [replace(edit, start=edit.start + start, end=edit.end + start) for edit in page.losers]
