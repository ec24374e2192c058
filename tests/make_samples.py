"""Makes the sample documents of `raw/` from their true texts in `tests/samples/`.

    .venv/bin/python tests/make_samples.py

The texts are ours, written in the manner of resolutions, reports and notices; nothing is
copied from a real document. The damage is the one that was measured on real ones: an
English OCR model that has no « à », « è », « ê », « É » nor « œ », stray single errors, signs
worn from words that some print without them, and one text garbled beyond repair. The files are
committed, so that nobody needs to run this; it writes the same bytes each time, given the same
Pillow, fpdf2 and Liberation fonts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFilter, ImageFont

TRUE = Path(__file__).parent / "samples"
RAW = Path(__file__).parents[1] / "raw"
FONT = "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf"

# What an English model reads, in turn, for what French prints.
ENGLISH_MODEL = {
    "l’": ["1’", "1’", "I’"],
    "à": ["a"],
    "è": ["é"],
    "ê": ["é"],
    "É": ["E"],
    "œ": ["ce"],
    "ç": ["g"],
    "î": ["i"],
    "ô": ["o"],
    "û": ["i"],
    "é": ["é"] * 40 + ["¢", "é", "é", "é¢"],
}


def english_model(text: str) -> str:
    """Return what an English OCR model makes of a French text."""
    turns = {printed: cycle(readings) for printed, readings in ENGLISH_MODEL.items()}
    pattern = re.compile("|".join(rf"\b{key}" if key == "l’" else key for key in turns))
    return pattern.sub(lambda found: next(turns[found.group()]), text)


WORN = {
    "connaître": "connaitre",
    "paraît": "parait",
    "août": "aout",
    "maître": "maitre",
    "pêcheurs": "pecheurs",
    "l’autre": "lautre",
    "rivière": "riviere",
    "secours": "sccours",
}


def worn(text: str) -> str:
    """Return a text that lost a few signs, most of them where a page of today might print none either.

    Nobody can tell « connaitre » as it was read from the spelling of 1990: these wait for a curator.
    """
    for printed, read in WORN.items():
        text = text.replace(printed, read)
    return text


def beyond_repair(text: str) -> str:
    """Return a text of which three letters in ten were read as something else."""
    chance = random.Random(1789)  # noqa: S311 - a fixed sequence is the point
    signs = "aceimnorstuvwxzlIfj1047|\\;:~^&"
    return "".join(
        chance.choice(signs) if char.isalpha() and chance.random() < 0.3 else char for char in text
    )


def page(text: str, size: int, width: int, height: int) -> Image.Image:
    """Return a typeset page: black on white paper, first line centred."""
    font = ImageFont.truetype(FONT, size)
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(text.splitlines()):
        left = (width - draw.textlength(line, font=font)) / 2 if number == 0 else 2 * size
        draw.text((left, (2 + 1.5 * number) * size), line, font=font, fill=0)
    return image


def scanned(text: str) -> Image.Image:
    """Return a page as a scanner gives it: a little askew, blurred, black and white."""
    image = page(text, 44, 1240, 1100).rotate(0.4, fillcolor=255, resample=Image.Resampling.BICUBIC)
    return image.filter(ImageFilter.GaussianBlur(0.8)).point(lambda grey: 255 * (grey > 150)).convert("1")


def born_digital(text: str) -> bytes:
    """Return a PDF with a text layer, on two pages."""
    pdf = FPDF(format=(148, 210))
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.set_title("Note d’information")
    pdf.add_font("Liberation", fname=FONT)
    pdf.set_font("Liberation", size=11)
    pdf.set_auto_page_break(auto=True, margin=100)
    pdf.add_page()
    for paragraph in text.split("\n\n"):
        pdf.multi_cell(0, 5, paragraph.strip(), new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    return bytes(pdf.output())


def true(name: str) -> str:
    """Return the true text of a sample."""
    return (TRUE / name).read_bytes().decode("utf-8")


def write_text(name: str, damage: Callable[[str], str] = str, encoding: str = "utf-8") -> None:
    """Write one text sample, as damaged and encoded."""
    (RAW / name).write_bytes(damage(true(name)).encode(encoding))


def main() -> None:
    """Write all samples into `raw/`."""
    RAW.mkdir(exist_ok=True)
    write_text("resolution-eau.txt", english_model)
    write_text("rapport-foret.md")  # its two errors are in the text
    write_text("lettre-propre.txt")
    write_text("lettre-du-maire.txt", worn)
    write_text("compte-rendu-1252.txt", encoding="cp1252")
    write_text("au-dela.txt", beyond_repair)
    (RAW / "note-numerique.pdf").write_bytes(born_digital(true("note-numerique.txt")))
    fixed = datetime(2026, 1, 1, tzinfo=UTC).timetuple()
    scan = scanned(true("annonce-scannee.txt"))
    scan.save(RAW / "annonce-scannee.pdf", resolution=150, creationDate=fixed, modDate=fixed)
    page(true("affiche.txt"), 44, 1000, 900).save(RAW / "affiche.png", dpi=(150, 150), optimize=True)


if __name__ == "__main__":
    main()
