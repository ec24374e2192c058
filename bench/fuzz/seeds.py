"""What the search begins from: the samples of ``raw/``, whole or in part, in every form that is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import msgspec
from PIL import Image

from repair.decisions.ruling import Ruling, Scope, Verdict, signed
from repair.layout import Box, PageLayout, TextLine, Word
from repair.reading.layouts.write import write_alto, write_hocr

RAW = Path(__file__).parents[2] / "raw"
_SIGNS = 1_500
"""Of a text: longer ones are searched more slowly."""


def seeds(target: str) -> list[bytes]:
    """Return the seeds of a target, by its name."""
    made = {
        "layout": _layouts,
        "pdf": lambda: (path.read_bytes() for path in sorted(RAW.glob("*.pdf"))),
        "image": _images,
        "ledger": lambda: (text[:200].encode() for text in _texts()),
        "journal": _journals,
        "text": _encoded,
    }
    return list(made.get(target, lambda: (text.encode() for text in _texts()))())


def _texts() -> Iterator[str]:
    for path in sorted([*RAW.glob("*.txt"), *RAW.glob("*.md")]):
        text = path.read_bytes().decode("utf-8", "replace")
        yield text[:_SIGNS]
        yield from (paragraph for paragraph in text.split("\n\n") if paragraph.strip())


def _encoded() -> Iterator[bytes]:
    for path in sorted([*RAW.glob("*.txt"), *RAW.glob("*.md")]):
        data = path.read_bytes()
        yield data[:_SIGNS]
        for encoding in ("cp1252", "utf-16", "utf-8-sig", "mac-roman", "cp850"):
            yield data.decode("utf-8", "ignore")[:_SIGNS].encode(encoding, "ignore")


def _images() -> Iterator[bytes]:
    with Image.open(RAW / "affiche.png") as picture:
        small = picture.convert("RGB").resize((60, 40))
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        for mode in ("RGB", "L"):
            written = io.BytesIO()
            small.convert(mode).save(written, kind)
            yield written.getvalue()
    written = io.BytesIO()
    small.save(written, "TIFF", save_all=True, append_images=[small.convert("1")])
    yield written.getvalue()


def _layouts() -> Iterator[bytes]:
    for text in list(_texts())[1:6]:
        lines = [line.split() for line in text.split("\n")[:8] if line.strip()]
        page = PageLayout("essai 1", 2000, 3000, (tuple(map(_line, range(len(lines)), lines)),))
        yield write_alto([page, page])
        yield write_hocr([page])
        yield _page_xml(lines)


def _line(number: int, words: list[str]) -> TextLine:
    top = 100 + 60 * number
    return TextLine(
        tuple(
            Word(word, Box(100 + 150 * at, top, 200 + 150 * at, top + 40), 0.9)
            for at, word in enumerate(words)
        )
    )


def _page_xml(lines: list[list[str]]) -> bytes:
    schema = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
    regions = "".join(
        f'<TextLine id="l{number}"><Coords points="10,{60 * number} 900,{60 * number + 40}"/>'
        f"<TextEquiv><Unicode>{escape(' '.join(words))}</Unicode></TextEquiv></TextLine>"
        for number, words in enumerate(lines)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><PcGts xmlns="{schema}">'
        '<Page imageWidth="2000" imageHeight="3000"><ReadingOrder><OrderedGroup id="g">'
        '<RegionRefIndexed index="0" regionRef="r"/></OrderedGroup></ReadingOrder>'
        f'<TextRegion id="r"><Coords points="0,0 2000,0 2000,3000"/>{regions}</TextRegion></Page></PcGts>'
    ).encode()


def _journals() -> Iterator[bytes]:
    when = "2026-11-22T08:12:03Z"
    told = [
        signed(Ruling("", "Ana", when, Verdict.ACCEPT, document="essai", before="1’eau", after="l’eau")),
        signed(Ruling("", "Ana", when, Verdict.REJECT, Scope.EVERYWHERE, before="a", after="à", why="non")),
    ]
    lines = [msgspec.json.encode(ruling, order="deterministic") for ruling in told]
    yield b"\n".join(lines)
    yield b"\n".join(lines) + b"\n"
