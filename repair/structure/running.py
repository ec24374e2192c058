"""Running heads, running feet and page numbers: lines that belong to the page and not to the text.

They are known by what pages do: the same line at the head or foot of page after page, a number that
grows as the pages do. Where the reading does not say where pages end, such lines stand at even
intervals. Titles that repeat for other reasons (« Article 5 », a refrain, who speaks) are not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from repair.structure.headings import in_capitals, read_form
from repair.structure.lines import Line

_EDGE = 2
"""Lines at the head and at the foot of a page that may be furniture."""
_LEAST = 3
"""Occurrences that make a running head."""
_STEP = 3
"""Pages from one to the next; heads of left and right pages differ."""
_LONGEST = 90
_LEAST_LETTERS = 4
_LEAST_LINES = 12
"""Lines between two page starts where the reading does not tell them."""
_UNEVEN = 1.8
"""How much longer than the shortest the longest page may be, where the reading does not tell them."""

_FIGURES = re.compile(r"\d+")
_PAGE = re.compile(r"(?i:page|p\.|folio|f°)?\s*[-–—]?\s*(\d{1,4})\s*[-–—]?(?:\s*(?:/|sur)\s*\d{1,4})?")
_AT_EDGE = re.compile(r"\d{1,4}\b(?!\s*[.,)°/-])|(?<![\w/.,-])\d{1,4}\W{0,3}$")


def running_lines(lines: Sequence[Line]) -> frozenset[int]:
    """Return the places, among `lines`, of running heads, running feet and page numbers."""
    starts = [place for place, line in enumerate(lines) if line.page]
    found = set(_above_a_sentence(lines, [0, *starts]))
    if len(starts) + 1 >= _LEAST:
        found |= _of_pages(lines, [0, *starts])
    elif not starts:
        found |= _at_intervals(lines)
    return frozenset(found)


def _may_run(line: Line) -> bool:
    text = line.text
    if (
        len(text) > _LONGEST
        or line.opens_low
        or text[-1] in ",;:!?"
        or (text[0] in "-–—•*" and not _PAGE.fullmatch(text))
    ):
        return False
    form = read_form(text)
    return form is None or not form.bare


def _above_a_sentence(lines: Sequence[Line], starts: Sequence[int]) -> Iterator[int]:
    """Yield what stands above a sentence that goes on from the page before: number and title in capitals."""
    for start in starts:
        numbered = False
        place = start
        while place < min(start + _EDGE, len(lines)):
            text = lines[place].text
            number = _PAGE.fullmatch(text)
            if number is None and not (in_capitals(text) and len(text) <= _LONGEST):
                break
            numbered = numbered or number is not None or _AT_EDGE.search(text) is not None
            place += 1
        if numbered and place < len(lines) and lines[place].opens_low:
            yield from range(start, place)


def _of_pages(lines: Sequence[Line], starts: Sequence[int]) -> set[int]:
    """Return the lines that repeat at the heads or feet of pages, or whose number grows with the pages."""
    repeated: dict[tuple[str, str], list[tuple[int, int]]] = {}  # page and place, by edge and words
    width = max((len(line.text) for line in lines), default=0)
    numbers: dict[tuple[str, int], list[int]] = {}  # places, by edge and what a number exceeds its page by
    for page, (start, end) in enumerate(pairwise([*starts, len(lines)])):
        head = range(start, min(start + _EDGE, end))
        foot = range(max(head.stop, end - _EDGE), end)
        for edge, places in (("head", head), ("foot", foot)):
            for place in places:
                text = lines[place].text
                if not _may_run(lines[place]):
                    continue
                if number := _PAGE.fullmatch(text):
                    numbers.setdefault((edge, int(number[1]) - page), []).append(place)
                elif sum(map(str.isalpha, text)) >= _LEAST_LETTERS and (
                    # A phrase that comes again at the head of pages fills its line.
                    3 * len(text) <= 2 * width or in_capitals(text) or _AT_EDGE.search(text)
                ):
                    repeated.setdefault((edge, _masked(text)), []).append((page, place))
    found = {place for places in numbers.values() if len(places) >= _LEAST for place in places}
    for seen in repeated.values():
        for chain in _chains(seen):
            if _one_head([lines[place].text for _, place in chain], [page for page, _ in chain]):
                # What heads the first page is the title, unless the page has its number there.
                found |= {place for page, place in chain if page or _AT_EDGE.search(lines[place].text)}
    return found


def _masked(text: str) -> str:
    return " ".join(_FIGURES.sub("0", text).casefold().split())


def _chains(seen: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the occurrences that stand a page or a few from one another."""
    chain: list[tuple[int, int]] = []
    for one in seen:
        if chain and one[0] - chain[-1][0] > _STEP:
            yield chain
            chain = []
        if not chain or one[0] > chain[-1][0]:
            chain.append(one)
    if chain:
        yield chain


def _one_head(texts: Sequence[str], pages: Sequence[int]) -> bool:
    """Whether lines of the same words are one running head: the same figures, or one that counts pages."""
    if len(texts) < _LEAST:
        return False
    figures = [tuple(map(int, _FIGURES.findall(text))) for text in texts]
    return all(
        len(set(column)) == 1 or len({number - page for number, page in zip(column, pages, strict=True)}) == 1
        for column in zip(*figures, strict=True)
    )


def _at_intervals(lines: Sequence[Line]) -> set[int]:
    """Return the lines that stand as far from one another as pages are long, their number growing by one."""
    seen: dict[str, list[tuple[int, int]]] = {}  # number and place, by words
    for place, line in enumerate(lines):
        if len(line.text) > _LONGEST or not _FIGURES.search(line.text) or not _may_run(line):
            continue
        if number := _PAGE.fullmatch(line.text):
            seen.setdefault("", []).append((int(number[1]), place))
        elif (edge := _AT_EDGE.search(line.text)) and (in_capitals(line.text) or "page" in line.text.lower()):
            seen.setdefault(_masked(line.text), []).append((int(_FIGURES.findall(edge.group())[0]), place))
    found: set[int] = set()
    for occurrences in seen.values():
        for run in _counting(occurrences):
            steps = [other[1] - one[1] for one, other in pairwise(run)]
            if len(run) >= _LEAST and min(steps) >= _LEAST_LINES and max(steps) <= _UNEVEN * min(steps):
                found.update(place for _, place in run)
    return found


def _counting(occurrences: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    run: list[tuple[int, int]] = []
    for one in occurrences:
        if run and one[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(one)
    if run:
        yield run
