"""Images of pages: PNG, JPEG, TIFF (all its pages) and WebP, read by the engines that are installed.

Pillow checks the image first, for engines trust what they are given: its size before any pixel is
unpacked, then that every page decodes. A file of one plain page goes to them as it is; what they
would get wrong (several pages, transparency, a rotation noted in EXIF, other colour models) is
written anew, page by page, into a temporary folder.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence
from PIL.TiffImagePlugin import TiffImageFile

from repair.document import Reading, Refused
from repair.reading.engines.cache import PageCache
from repair.reading.pages import PAGE_LIMIT, PIXEL_LIMIT
from repair.reading.scans import join_seen, read_scan

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")
_PLAIN_MODES = frozenset({"1", "L", "RGB"})
_ORIENTATION = 0x0112  # EXIF tag


def read_image(path: Path, cache: PageCache | None = None, texts: Sequence[str] = ()) -> Reading:
    """Return what the engines read on the pages of an image.

    Args:
        path: of the image.
        cache: where readings of pages are kept; None to keep none.
        texts: of the document, from other files.

    Raises:
        Refused: ``image-too-large``, ``image-broken``, ``image-animated``, ``too-many-pages``,
            ``ocr-failed``, ``ocr-timeout`` or ``no-text-found``.
        MissingProgram: if Tesseract or its French model is not installed.
    """
    check_image(path)
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        pages = [read_scan(page, cache) for page in page_images(path, Path(folder))]
    return join_seen(pages, texts)


def read_some(path: Path, numbers: Sequence[int], cache: PageCache | None) -> None:
    """Read some pages, from 0, of an image that was checked; see :func:`read_image`."""
    with tempfile.TemporaryDirectory(prefix="prote-") as folder:
        for page in page_images(path, Path(folder), numbers):
            read_scan(page, cache)


def check_image(path: Path) -> int:
    """Return how many pages an image has.

    Raises:
        Refused: if it is too large, does not decode, or has too many pages.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bound on size; ours is below
            image = Image.open(path, formats=_FORMATS)
        with image:
            _check_size(image)
            if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
                raise Refused(
                    "image-animated",
                    "Cette image est animée : déposez-en les pages dans un TIFF, ou une image par page.",
                    "This image is animated: deposit its pages as a TIFF, or an image for each.",
                )
            pages = _pages(image)
            if pages > PAGE_LIMIT:
                raise Refused(
                    "too-many-pages",
                    f"Cette image a {pages} pages, au plus {PAGE_LIMIT} : divisez-la.",
                    f"This image has {pages} pages, at most {PAGE_LIMIT}: split it.",
                )
            for page in _frames(image):
                _check_size(page)
                page.load()
            return pages
    except (Refused, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except Exception as error:  # Pillow knows no one error: a broken TIFF may be a TypeError or a KeyError
        raise Refused(
            "image-broken",
            "Cette image est abîmée ou incomplète : déposez-la de nouveau.",
            "This image is damaged or incomplete: deposit it again.",
        ) from error


def page_images(path: Path, folder: Path, numbers: Sequence[int] | None = None) -> Iterator[Path]:
    """Yield a file for each page of an image that was checked; those in `folder` may go when it is passed.

    Args:
        path: of the image.
        folder: for the pages that are written anew.
        numbers: of the pages, from 0; None for all.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(path, formats=_FORMATS)
    with image:
        if _pages(image) == 1 and _is_plain(image):
            yield path.absolute()
            return
        target = folder / "page.png"
        for number in range(_pages(image)) if numbers is None else numbers:
            image.seek(number)
            _flat(image).save(target, compress_level=1)
            yield target


def page_picture(path: Path, number: int) -> Image.Image:
    """Return a page of an image in grey, as engines see it.

    Args:
        path: of the image.
        number: of the page, from 0.

    Raises:
        Refused: ``image-too-large``.
        Exception: whatever Pillow raises where it is damaged, or has no such page.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(path, formats=_FORMATS)
    with image:
        _check_size(image)
        image.seek(number)
        _check_size(image)
        return _flat(image).convert("L")


def _pages(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    return iter(ImageSequence.Iterator(image)) if image.format == "TIFF" else iter((image,))


def _is_plain(image: Image.Image) -> bool:
    return (
        image.format != "MPO"
        and image.getexif().get(_ORIENTATION, 1) == 1
        and image.mode in _PLAIN_MODES
        and "transparency" not in image.info
        and not _names_another_page(image)
    )


def _names_another_page(image: Image.Image) -> bool:
    """Whether a TIFF of one page leads to a next one: to itself, and an engine would follow it for ever."""
    return isinstance(image, TiffImageFile) and bool(image.tag_v2.next)


def _flat(page: Image.Image) -> Image.Image:
    """Return a page upright, on white paper, in plain colours."""
    upright = ImageOps.exif_transpose(page)
    if upright.mode.startswith("I;16"):
        upright = upright.point(lambda value: value / 256).convert("L")
    elif upright.mode not in _PLAIN_MODES or "transparency" in upright.info:
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
