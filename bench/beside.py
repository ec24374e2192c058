"""A damaged text beside the scan of the same page: is what both give worse than the better of the two?

The texts are readings of the photographed pages by Tesseract with its English model, which loses the accents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.programs import ALONE, BOTH, DAMAGED, FULL, PLAIN, REPAIRED, PageRead, names
from bench.reading import ProgramRead, summaries
from bench.sets import page_name
from repair.evaluation.pages import PageErrors

ALLOWED = 0.05
"""Share of errors by which a page may be worse than the better of the two."""

NAMES = {
    DAMAGED: "the damaged text",
    DAMAGED + REPAIRED: "prote, the damaged text; repaired",
    BOTH: "prote, scan and damaged text",
    BOTH + REPAIRED: "prote, scan and damaged text; repaired",
}


@dataclass(frozen=True, slots=True)
class Worse:
    """A page that both witnesses left worse than the better one.

    Attributes:
        page: its name.
        text: errors of the text, repaired.
        scan: of the scan, voted, or voted and repaired where that is better.
        both: of what both give, repaired.
    """

    page: str
    text: int
    scan: int
    both: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What became of the pages that have a damaged text.

    Attributes:
        programs: by key, on these pages alone.
        worse: pages worse than the better witness by more than `ALLOWED`: in order, lines matched.
    """

    programs: dict[str, ProgramRead]
    worse: tuple[tuple[Worse, ...], tuple[Worse, ...]]


def judge(images: Sequence[Path], pages: Sequence[Mapping[str, PageRead]]) -> Beside | None:
    """Compare what both witnesses gave with each; None where no page has a damaged text.

    Args:
        images: of the pages.
        pages: what each program made of each.
    """
    both = [(image, dict(page)) for image, page in zip(images, pages, strict=True) if BOTH in page]
    if not both:
        return None
    scan = FULL if FULL in both[0][1] else ALONE
    ours = names()
    chosen = {key: ours[key] for key in (PLAIN, scan, scan + REPAIRED)} | NAMES
    chosen_images, chosen_pages = [image for image, _ in both], [page for _, page in both]
    found = [[one for image, page in both if (one := _worse(image, page, scan, part))] for part in (1, 2)]
    return Beside(summaries(chosen, chosen_pages, chosen_images), (tuple(found[0]), tuple(found[1])))


def _worse(image: Path, page: Mapping[str, PageRead], scan: str, part: int) -> Worse | None:
    """Return a page if it is worse than allowed, by one of the two counts of `PageErrors`."""

    def errors(key: str) -> int:
        counted: PageErrors = page[key].errors
        return counted[part]

    text, seen = errors(DAMAGED + REPAIRED), min(errors(scan), errors(scan + REPAIRED))
    left = errors(BOTH + REPAIRED)
    return Worse(page_name(image), text, seen, left) if left > (1 + ALLOWED) * min(text, seen) else None
