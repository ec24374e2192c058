"""Images of pages: PNG, JPEG, TIFF (all its pages) and WebP, read by Tesseract.

Pillow checks the image first, for Tesseract trusts what it is given: its size before any
pixel is unpacked, then that every page decodes. The file itself goes to Tesseract as it is;
only what Tesseract would get wrong (transparency, a rotation noted in EXIF, other colour
models) is written anew, into a temporary folder.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

import pytesseract
from PIL import Image, ImageOps, ImageSequence

from repair.document import Reading, Refused
from repair.reading.pages import (
    PAGE_LIMIT,
    PIXEL_LIMIT,
    SECONDS_A_PAGE,
    check_not_blank,
    join_pages,
    took_too_long,
)
from repair.reading.programs import LANGUAGE, tesseract_version

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")
_PLAIN_MODES = frozenset({"1", "L", "RGB", "P", "I;16", "I;16B"})
_ORIENTATION = 0x0112  # EXIF tag


def read_image(path: Path) -> Reading:
    """Return what OCR reads on the pages of an image.

    Raises:
        Refused: ``image-too-large``, ``image-broken``, ``too-many-pages``, ``ocr-failed``,
            ``ocr-timeout`` or ``no-text-found``.
        MissingProgram: if Tesseract or its French model is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        given, pages = _prepare(path, Path(folder))
        version = tesseract_version()
        # pytesseract hands its own environment on, and has no parameter for another.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        try:
            output = pytesseract.image_to_string(str(given), lang=LANGUAGE, timeout=SECONDS_A_PAGE * pages)
        except pytesseract.TesseractError as error:
            raise Refused(
                "ocr-failed",
                f"Tesseract n’a pas pu lire cette image ({error.message}) : enregistrez-la de nouveau.",
                f"Tesseract could not read this image ({error.message}): save it anew.",
            ) from error
        except RuntimeError as error:  # how pytesseract reports a timeout
            raise took_too_long(pages) from error
    text, starts = join_pages(output.removesuffix("\f").split("\f"))
    check_not_blank(text)
    return Reading(text, "", f"tesseract {version} {LANGUAGE}", (), starts)


def _prepare(path: Path, folder: Path) -> tuple[Path, int]:
    """Return the file to give to Tesseract and its number of pages.

    Raises:
        Refused: if the image is too large or does not decode.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bound on size; ours is below
            image = Image.open(path, formats=_FORMATS)
        with image:
            _check_size(image)
            tiff = image.format == "TIFF"
            pages = int(getattr(image, "n_frames", 1)) if tiff else 1
            if pages > PAGE_LIMIT:
                raise Refused(
                    "too-many-pages",
                    f"Cette image a {pages} pages, au plus {PAGE_LIMIT} : divisez-la.",
                    f"This image has {pages} pages, at most {PAGE_LIMIT}: split it.",
                )
            plain = image.format != "MPO"
            for page in ImageSequence.Iterator(image) if tiff else (image,):
                _check_size(page)
                page.load()
                rotated = page.getexif().get(_ORIENTATION, 1) != 1
                plain = (
                    plain and not rotated and page.mode in _PLAIN_MODES and "transparency" not in page.info
                )
            if plain:
                return path.absolute(), pages
            copies = [_flat(page) for page in ImageSequence.Iterator(image)] if tiff else [_flat(image)]
            target = folder / "pages.tif"
            copies[0].save(target, save_all=True, append_images=copies[1:], compression="tiff_lzw")
            return target, pages
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        if isinstance(error, Image.DecompressionBombError):
            raise _too_large() from error
        raise Refused(
            "image-broken",
            "Cette image est abîmée ou incomplète : déposez-la de nouveau.",
            "This image is damaged or incomplete: deposit it again.",
        ) from error


def _flat(page: Image.Image) -> Image.Image:
    """Return a page upright, on white paper, in plain colours."""
    upright = ImageOps.exif_transpose(page)
    if upright.mode not in {"1", "L", "RGB"}:
        with_paper = upright.convert("RGBA")
        paper = Image.new("RGBA", with_paper.size, "white")
        upright = Image.alpha_composite(paper, with_paper).convert("RGB")
    upright.info.pop("exif", None)
    return upright


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > PIXEL_LIMIT:
        raise _too_large()


def _too_large() -> Refused:
    return Refused(
        "image-too-large",
        f"Cette image dépasse {PIXEL_LIMIT // 1_000_000} millions de pixels : "
        "enregistrez-la à une résolution de 300 à 600 points par pouce.",
        f"This image has more than {PIXEL_LIMIT // 1_000_000} million pixels: save it at 300 to 600 dpi.",
    )
