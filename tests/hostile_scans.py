"""PDFs and images made to mislead, fill the memory or break a reader; nothing of them is kept in the project.

First how such files are made, then `SCANS`: all of them by name, each with what may become of it.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from PIL import Image, ImageDraw

RAW = Path(__file__).parents[1] / "raw"

READ = ("published", "review")
"""What becomes of a file that a reader makes something of."""


def packed(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return an image as a file of some kind."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture() -> Image.Image:
    """Return a small page with a black bar."""
    page = Image.new("L", (700, 200), 255)
    ImageDraw.Draw(page).rectangle((90, 90, 600, 150), fill=0)
    return page


def scan(width: float = 504, height: float = 144, contents: bytes | None = None) -> pikepdf.Pdf:
    """Return a PDF of one page, in points, that shows an image."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    page.MediaBox = [0, 0, width, height]
    image = pikepdf.Stream(pdf, packed(picture(), "JPEG"))
    image.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=700, Height=200,
        ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(image)))
    page.Contents = pikepdf.Stream(pdf, contents or f"q {width} 0 0 {height} 0 0 cm /Im Do Q".encode())
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    """Return a PDF as a file."""
    buffer = io.BytesIO()
    pdf.save(buffer, **options)
    return buffer.getvalue()


def actions(marker: Path) -> dict[str, pikepdf.Dictionary]:
    """Return what a PDF may want to be done; some would make a file."""
    name = pikepdf.Name
    return {
        "JavaScript": pikepdf.Dictionary(
            S=name.JavaScript, JS=pikepdf.String(f"app.launchURL('file://{marker}')")
        ),
        "Launch": pikepdf.Dictionary(
            S=name.Launch, F=pikepdf.String("/usr/bin/touch"), P=pikepdf.String(str(marker))
        ),
        "URI": pikepdf.Dictionary(S=name.URI, URI=pikepdf.String("http://127.0.0.1:9/")),
        "SubmitForm": pikepdf.Dictionary(S=name.SubmitForm, F=pikepdf.String("http://127.0.0.1:9/")),
        "GoToR": pikepdf.Dictionary(S=name.GoToR, F=pikepdf.String("/etc/passwd"), D=[0, name.Fit]),
    }


def wanting(action: pikepdf.Dictionary, pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    """Return a PDF that wants something done whenever it is opened, shown or closed."""
    wanted = pdf.make_indirect(action)
    pdf.Root.OpenAction = wanted
    pdf.Root.AA = pikepdf.Dictionary(WC=wanted, WS=wanted)
    pdf.pages[0].AA = pikepdf.Dictionary(O=wanted, C=wanted)
    pdf.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("a"), wanted]),
    )
    return pdf


def png(side: int, bits: int, rows: bytes, before: bytes = b"") -> bytes:
    """Return a PNG by hand: its side, its depth in grey, its packed rows, a chunk that stands before them."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, bits, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(size: int) -> bytes:
    """Return so many zeros, packed."""
    packer, piece = zlib.compressobj(9), bytes(2**20)
    whole, rest = divmod(size, len(piece))
    return b"".join(
        (*(packer.compress(piece) for _ in range(whole)), packer.compress(bytes(rest)), packer.flush())
    )


def tiff(width: int, height: int, *, next_at: int = 0, compression: int = 1, strip: bytes = b"\0") -> bytes:
    """Return a TIFF of one page by hand, whose strip is as said and whose next page is anywhere."""
    tags = [
        (256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, compression), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(strip)),
    ]  # fmt: skip
    body = strip + b"\0" * (len(strip) % 2)
    entries = b"".join(
        struct.pack("<HHI", tag, kind, 1)
        + struct.pack("<I" if kind == 4 else "<HH", *([value] if kind == 4 else [value, 0]))
        for tag, kind, value in tags
    )
    return (
        b"II*\0"
        + struct.pack("<I", 8 + len(body))
        + body
        + struct.pack("<H", len(tags))
        + entries
        + struct.pack("<I", next_at)
    )


def pdf_of(*objects: bytes, more: bytes = b"") -> bytes:
    """Return a PDF by hand: its objects, the first of them the catalogue, and more for the trailer."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        more,
        start,
    )
    return bytes(out)


def stream(data: bytes, more: bytes = b"") -> bytes:
    """Return the body of a stream."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >>"
SENTENCE = (
    "Le conseil municipal a réuni hier soir les habitants de la commune. Il a décidé de réparer le toit "
    "de la mairie avant la fin du mois, et de demander trois devis aux entreprises de la région."
)
WRITTEN = b"BT /F1 9 Tf 20 100 Td (" + SENTENCE.encode("cp1252") + b") Tj ET"


def page_of(
    contents: bytes = WRITTEN, page: bytes = b"", *others: bytes, pages: bytes = b"/Count 1"
) -> bytes:
    """Return a PDF of one page with writing: its contents, more of the page, other objects from 5 on."""
    return pdf_of(
        CATALOGUE,
        b"<< /Type /Pages /Kids [3 0 R] %s >>" % pages,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 900 200] /Contents 4 0 R "
        b"/Resources << /Font %s >> %s >>" % (FONT, page),
        contents if contents.startswith(b"<<") else stream(contents),
        *others,
    )


def _pdfs() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    broken = ("pdf-broken",)
    whole = (RAW / "note-numerique.pdf").read_bytes()
    for tenth in range(1, 10):
        yield f"coupé-{tenth}.pdf", whole[: len(whole) * tenth // 10], broken
    yield "bruit au milieu.pdf", whole[:6000] + bytes(range(256)) * 4 + whole[7024:], (*READ, *broken)
    yield "tête seule.pdf", b"%PDF-1.7\n%%EOF\n", broken
    yield "après du bruit.pdf", b"x" * 1000 + whole, READ
    secret = {"user": "mot de passe", "owner": "autre"}
    yield "mot de passe.pdf", saved(scan(), encryption=pikepdf.Encryption(**secret)), ("pdf-encrypted",)
    yield (
        "à lire seulement.pdf",
        saved(
            pikepdf.open(io.BytesIO(whole)),
            encryption=pikepdf.Encryption(user="", owner="autre", allow=pikepdf.Permissions(extract=False)),
        ),
        READ,
    )
    empty = scan()
    del empty.pages[0]
    yield "sans page.pdf", saved(empty), ("pdf-no-pages",)
    for name, action in actions(Path("marque-du-pdf")).items():
        yield f"action {name}.pdf", saved(wanting(action, pikepdf.open(io.BytesIO(whole)))), READ
    yield "pièce jointe.pdf", _with_attachment(whole), READ
    # Trees, references and streams that lead nowhere, or round.
    yield "pages en rond.pdf", pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), (
        *broken, "pdf-no-pages",
    )  # fmt: skip
    yield (
        "pages l'une l'autre.pdf",
        pdf_of(
            CATALOGUE,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 1 >>",
        ),
        (*broken, "pdf-no-pages"),
    )
    yield "un milliard de pages.pdf", page_of(pages=b"/Count 1000000000"), (*READ, *broken)
    yield "moins une page.pdf", page_of(pages=b"/Count -1"), (*READ, *broken, "pdf-no-pages")
    yield "page sa propre mère.pdf", page_of(page=b"/Parent 3 0 R"), (*READ, *broken)
    yield "trop de pages.pdf", _many_pages(3001), ("too-many-pages",)
    yield "catalogue en rond.pdf", pdf_of(b"1 0 R"), broken
    yield (
        "longueur d'elle-même.pdf",
        page_of(b"<< /Length 4 0 R >>\nstream\n" + WRITTEN + b"\nendstream"),
        (*READ, *broken, "no-text-found"),
    )
    yield "contenu nul part.pdf", page_of(page=b"/Contents 99 0 R"), (*READ, *broken, "no-text-found")
    yield (
        "tableaux profonds.pdf",
        page_of(page=b"/X " + b"[" * 50_000 + b"]" * 50_000),
        (*broken, "pdf-no-pages"),
    )
    yield (
        "dessin de soi.pdf",
        page_of(
            b"/X Do " + WRITTEN,
            b"/Resources << /Font %s /XObject << /X 5 0 R >> >>" % FONT,
            stream(
                b"/X Do",
                b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>",
            ),
        ),
        (*READ, *broken, "no-text-found"),
    )
    yield "q sans fin.pdf", page_of(b"q " * 200_000 + WRITTEN), (*READ, *broken, "no-text-found")
    # Sizes.
    for name, box in {
        "grande": b"[0 0 14400 14400]", "énorme": b"[0 0 1e30 1e30]", "renversée": b"[900 200 0 0]",
        "sans lieu": b"[/a /b (c) null]", "infime": b"[0 0 0.0001 0.0001]",
    }.items():  # fmt: skip
        yield f"page {name}.pdf", page_of(page=b"/MediaBox " + box), (
            *READ, *broken, "page-too-large", "no-text-found",
        )  # fmt: skip
    yield "scan immense.pdf", saved(scan(14400, 14400)), ("page-too-large",)
    # Bombs.
    bomb = zeros(128 * 2**20)
    yield (
        "bombe.pdf",
        page_of(stream(bomb, b"/Filter /FlateDecode")),
        (*READ, *broken, "no-text-found", "too-much-memory"),
    )
    twice = zlib.compress(bomb, 9)
    yield "bombe double.pdf", page_of(stream(twice, b"/Filter [/FlateDecode /FlateDecode]")), (
        *READ, *broken, "no-text-found", "too-much-memory",
    )  # fmt: skip
    yield (
        "image bombe.pdf",
        _image_bomb(),
        (*READ, *broken, "no-text-found", "page-too-large", "too-much-memory"),
    )


def _with_attachment(data: bytes) -> bytes:
    pdf = pikepdf.open(io.BytesIO(data))
    pdf.attachments["../../../marque-du-pdf"] = b"MZ" + bytes(1000)
    return saved(pdf)


def _many_pages(count: int) -> bytes:
    kids = b" ".join(b"3 0 R" for _ in range(count))
    return pdf_of(
        CATALOGUE,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    )


def _image_bomb() -> bytes:
    """Return a small page that shows an image of 100 million pixels."""
    side = 10_000
    pdf = scan()
    image = pdf.pages[0].Resources.XObject.Im
    image.write(zeros(side * side), filter=pikepdf.Name.FlateDecode)
    image.Width = image.Height = side
    return saved(pdf)


def _images() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    broken, large, nothing = ("image-broken",), ("image-too-large",), ("no-text-found",)
    page = picture()
    for kind, name in (("PNG", "png"), ("JPEG", "jpg"), ("TIFF", "tif"), ("WEBP", "webp")):
        data = packed(page, kind)
        yield f"coupée.{name}", data[: len(data) // 2], broken
    whole = packed(page, "PNG")
    yield "somme fausse.png", whole[:60] + b"\xff\xff" + whole[62:], broken
    yield "tête seule.png", b"\x89PNG\r\n\x1a\n", broken
    yield "blanche.png", packed(Image.new("L", (200, 60), 255), "PNG"), nothing
    yield "un point.png", packed(Image.new("L", (1, 1)), "PNG"), (*nothing, "ocr-failed")
    yield "un fil.tif", packed(Image.new("1", (1, 3000)), "TIFF"), (*nothing, "ocr-failed")
    yield (
        "animée.png",
        packed(page, "PNG", save_all=True, append_images=[page.rotate(3)]),
        ("image-animated",),
    )
    yield (
        "animée.webp",
        packed(page, "WEBP", save_all=True, append_images=[page.rotate(3)]),
        ("image-animated",),
    )
    yield "animée.gif", packed(page, "GIF"), ("unsupported-type",)
    yield "immense 1.png", png(20_000, 1, zeros(20_000 * 2501)), large
    yield "immense 16.png", png(20_000, 16, zeros(20_000)), large
    yield "plus que tout.png", png(2**31 - 1, 8, zeros(10)), large
    comment = png_chunk(b"zTXt", b"Comment\0\0" + zeros(2**30))
    yield "texte caché.png", whole[:33] + comment + whole[33:], (*broken, *nothing)
    jpeg = packed(page, "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    yield "immense.jpg", jpeg[:at] + b"\xff\xff\xff\xff" + jpeg[at + 4 :], large
    yield "immense.tif", tiff(2**32 - 1, 2**32 - 1), large
    yield "menteuse.tif", tiff(10_000, 10_000, compression=8, strip=zlib.compress(bytes(10))), broken
    yield "en rond.tif", tiff(8, 1, next_at=struct.unpack("<I", tiff(8, 1)[4:8])[0]), (
        *broken, *nothing, "ocr-failed", "too-many-pages",
    )  # fmt: skip
    yield "nulle.tif", tiff(0, 0), broken


def scans() -> list[tuple[str, bytes, tuple[str, ...]]]:
    """Return all of them: name, bytes, and the statuses or codes of reasons that are right for it."""
    return [*_pdfs(), *_images()]


def deadly() -> list[tuple[str, bytes, tuple[str, ...]]]:
    """Return what its limits stop, or what is long: the same of each."""
    twice = stream(
        b"/X Do /X Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>",
    )
    resources = b"/Resources << /Font %s /XObject << /X 5 0 R >> >>" % FONT
    words = (SENTENCE.replace("\n", " ") + " ").encode()
    return [
        ("dessin double.pdf", page_of(b"/X Do " + WRITTEN, resources, twice), ("fault", "too-much-memory")),
        ("cinq mégaoctets sur une ligne.txt", words * (5_000_000 // len(words)), (*READ, "too-slow")),
        (
            "bombe d'un giga.pdf",
            page_of(stream(zeros(2**30), b"/Filter /FlateDecode")),
            (
                *READ,
                "pdf-broken",
                "no-text-found",
                "fault",
                "too-much-memory",
            ),
        ),
    ]
