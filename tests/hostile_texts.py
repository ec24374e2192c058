"""Texts, markup and packed files made to mislead, fill the memory or break a reader, by name.

A sound letter in every encoding and with lies about it; what is no text though it is called one; markup that
nests, declares, refers or never ends.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator

from hostile_scans import RAW, READ, packed, picture

LETTER = (RAW / "lettre-propre.txt").read_text(encoding="utf-8")
UNREADABLE = ("binary-content", "unknown-encoding")


def texts(secret: str, port: int) -> list[tuple[str, bytes, tuple[str, ...]]]:
    """Return all of them: name, bytes, and the statuses or codes of reasons that are right for it.

    Args:
        secret: path of a file outside the raw folder, that some want to be read.
        port: of this machine, that some want to be spoken to.
    """
    return [*_encodings(), *_characters(), *_long(), *_markup(secret, port), *_mislabelled()]


def _encodings() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    for encoding in (
        "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
        "cp1252", "latin-1", "iso8859-15", "mac-roman", "cp850",
    ):  # fmt: skip
        yield f"codage {encoding}.txt", LETTER.encode(encoding, "replace"), READ
    yield "codage ebcdic.txt", LETTER.encode("cp500", "replace"), READ
    yield "codage utf-7.txt", LETTER.encode("utf-7"), (*READ, "quarantine")
    # Marks that lie.
    marks = {
        "utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
        "utf-32-le": codecs.BOM_UTF32_LE,
    }  # fmt: skip
    for mark, sign in marks.items():
        for encoding in ("utf-8", "cp1252", "utf-16-le"):
            if encoding != mark:
                yield f"marque {mark}, codage {encoding}.txt", sign + LETTER.encode(encoding, "replace"), (
                    *READ, *UNREADABLE, "quarantine",
                )  # fmt: skip
        yield f"marque {mark} seule.txt", sign, ("blank-text",)
    yield "deux marques.txt", codecs.BOM_UTF8 * 2 + LETTER.encode(), READ
    yield "octet de trop.txt", codecs.BOM_UTF16_LE + LETTER.encode("utf-16-le") + b"x", (*READ, *UNREADABLE)
    yield "moitié de signe.txt", codecs.BOM_UTF16_LE + LETTER.encode("utf-16-le") + b"\x00\xd8", (
        *READ, *UNREADABLE,
    )  # fmt: skip
    # UTF-8 that is none.
    sound = LETTER.encode()
    for name, bad in {
        "coupé": b"\xc3", "coupé à trois": b"\xe2\x80", "trop long": b"\xc0\xaf\xe0\x80\xaf",
        "demi-paires": b"\xed\xa0\x80\xed\xb0\x80", "au-delà": b"\xf4\x90\x80\x80",
        "six octets": b"\xfc\x80\x80\x80\x80\x80",
        "suite sans début": b"\x80\xbf", "jamais": b"\xfe\xff",
    }.items():  # fmt: skip
        yield f"utf-8 {name}.txt", sound[:400] + bad + b" " + sound[400:] + bad, READ
    yield "deux codages.txt", LETTER.encode() + LETTER.encode("cp1252"), (*READ, *UNREADABLE)
    yield "codé deux fois.txt", LETTER.encode().decode("cp1252", "replace").encode(), READ
    yield "codé trois fois.txt", LETTER.encode().decode("latin-1").encode().decode("latin-1").encode(), (
        *READ, "quarantine",
    )  # fmt: skip


def _characters() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    any_end = (*READ, "quarantine", *UNREADABLE)
    yield "zéros.txt", bytes(1_000_000), UNREADABLE
    yield "un zéro.txt", LETTER.encode().replace(b"Genve", b"").replace(b" ", b"\0", 1), any_end
    yield "zéros entre les mots.txt", LETTER.encode().replace(b" ", b"\0"), UNREADABLE
    yield "zéros après.txt", LETTER.encode() + bytes(4096), any_end
    yield (
        "commandes de terminal.txt",
        f"\x1b]0;pris\x07\x1b[2J\x1b[31m{LETTER}\x1b[0m\x9b2J".encode(),
        any_end,
    )
    yield "retours.txt", LETTER.replace("e", "e\b").encode(), any_end
    yield "pages vides.txt", (LETTER + "\f" * 5000).encode(), any_end
    yield "droite à gauche.txt", LETTER.replace(" ", " \u202e", 20).encode(), any_end
    yield "sans largeur.txt", LETTER.replace("e", "\u200be\u200d\ufeff").encode(), any_end
    yield "accents empilés.txt", (LETTER + "e" + "\u0301\u0316\u0334" * 5000 + "\n").encode(), any_end
    yield "hors d'Unicode.txt", (LETTER + "\ufffe\uffff\U0010ffff\ue000" * 20).encode(), any_end
    yield "figures.txt", ("👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 2000).encode(), any_end
    yield "chinois.txt", ("天地玄黃宇宙洪荒日月盈昃辰宿列張。" * 200).encode(), any_end
    yield (
        "formules.txt",
        ('=HYPERLINK("http://127.0.0.1/","x")\n+1+1\n-2\n@SUM(A1)\n' + LETTER).encode(),
        any_end,
    )
    yield (
        "pages de la toile.txt",
        (f"<script>alert(1)</script><img src=x onerror=alert(1)>\n{LETTER}").encode(),
        any_end,
    )
    yield "gabarit.txt", ("{{ 7*7 }} ${7*7} {% raw %} %s %(x)s {0.__class__}\n" + LETTER).encode(), any_end
    for name, blank in {
        "vide": "", "espaces": " " * 5000, "lignes": "\n" * 5000, "retours": "\r" * 100,
        "insécables": "\xa0\u202f" * 50, "idéographiques": "\u3000\u2003\u2028\u2029" * 50,
        "sans largeur": "\u200b\ufeff" * 50,
    }.items():  # fmt: skip
        yield f"blanc {name}.txt", blank.encode(), ("empty-file", "blank-text")


def _long() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    any_end = (*READ, "quarantine")
    yield "cent mégaoctets.txt", b"mot " * 25_000_000, ("text-too-large",)
    yield "une ligne.txt", (LETTER.replace("\n", " ") * 150).encode(), any_end
    yield "un mot.txt", b"a" * 200_000, any_end
    yield "un mot accentué.txt", "é".encode() * 50_000, any_end
    yield "des chiffres.txt", b"1234567890" * 20_000, any_end
    yield "des tirets.txt", b"a-\n" * 20_000, any_end
    yield "des guillemets.txt", ("« " * 10_000 + " »" * 10_000).encode(), any_end
    yield "des apostrophes.txt", ("l’" * 30_000).encode(), any_end
    yield "des points.txt", b"." * 50_000, any_end
    yield "une lettre par ligne.txt", b"e\n" * 20_000, any_end
    yield "des crochets.md", b"[" * 50_000, any_end
    yield "des citations.md", b">" * 50_000 + b" a\n", any_end
    yield "des étoiles.md", b"*a **a " * 1_500, any_end
    yield "des accents graves.md", b"`" * 20_001 + b"a\n" + b"``a`" * 1_000, any_end
    yield "des listes.md", b"".join(b" " * depth + b"- a\n" for depth in range(500)), any_end
    yield "des liens.md", b"[a](b" * 2_000, any_end
    yield "des tables.md", (b"|" * 5_000 + b"\n" + b"|-" * 5_000 + b"\n") * 3, any_end


def _markup(secret: str, port: int) -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    other, unsafe, broken = ("unsupported-type",), ("xml-unsafe",), ("xml-broken",)
    any_end = (*READ, "quarantine", *broken, *unsafe, "layout-too-large", "no-text-found")
    yield "profond.json", b"[" * 30_000 + b"]" * 30_000, (*READ, "quarantine")
    yield "objets profonds.json", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, (*READ, "quarantine")
    yield "données.json", json.dumps({"texte": LETTER}).encode(), (*READ, "quarantine")
    yield "profond.xml", b"<?xml version='1.0'?>" + b"<a>" * 50_000 + b"</a>" * 50_000, other
    yield "profond.alto.xml", b"<alto>" + b"<Layout>" * 50_000 + b"</Layout>" * 50_000 + b"</alto>", broken
    yield "profond.html", b"<html><body>" + b"<div>" * 100_000, other
    yield "profond.hocr", b"<html><body><div class='ocr_page'>" + b"<span>" * 100_000 + b"mot", any_end
    yield "page de la toile.html", f"<!DOCTYPE html><html><body>{LETTER}</body></html>".encode(), other
    yield (
        "dessin.svg",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        other,
    )
    # Entities.
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    yield "mille rires.alto.xml", _alto("&e9;", f'<!DOCTYPE alto [<!ENTITY e0 "rire">{bomb}]>'), unsafe
    yield (
        "mille rires.utf16.xml",
        _alto("&e9;", f'<!DOCTYPE alto [<!ENTITY e0 "rire">{bomb}]>')
        .decode()
        .replace("utf-8", "utf-16")
        .encode("utf-16"),
        unsafe,
    )
    once = f'<!DOCTYPE alto [<!ENTITY e "{"x" * 100_000}">]>'
    yield "un long rire.alto.xml", _alto("&e;" * 5_000, once), (*unsafe, *other)
    for name, where in {"fichier": f"file://{secret}", "réseau": f"http://127.0.0.1:{port}/e"}.items():
        yield (
            f"entité du {name}.alto.xml",
            _alto("&e;", f'<!DOCTYPE alto [<!ENTITY e SYSTEM "{where}">]>'),
            unsafe,
        )
        parameter = f'<!DOCTYPE alto [<!ENTITY % e SYSTEM "{where}"> %e;]>'
        yield f"paramètre du {name}.alto.xml", _alto("a", parameter), (*unsafe, *broken)
        yield f"grammaire du {name}.alto.xml", _alto("Genève", f'<!DOCTYPE alto SYSTEM "{where}">'), any_end
        yield (
            f"inclus du {name}.alto.xml",
            _alto(
                "Genève",
                more=f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{where}" parse="text"/>',
            ),
            any_end,
        )
        yield f"image du {name}.md", f"![a]({where}) <{where}>\n\n{LETTER}".encode(), (*READ, "quarantine")
        yield (
            f"images du {name}.hocr",
            _hocr("Genève", f'<img src="{where}"/><iframe src="{where}"></iframe>'),
            any_end,
        )
    # Layout files.
    whole = _alto("Genève")
    yield "sain.alto.xml", whole, any_end
    yield "coupé.alto.xml", whole[: len(whole) // 2], broken
    yield "codage menteur.alto.xml", whole.replace(b"utf-8", b"utf-16"), any_end
    yield "codage inconnu.alto.xml", whole.replace(b"utf-8", b"klingon"), any_end
    yield (
        "lieux impossibles.alto.xml",
        whole.replace(b'HPOS="10"', b'HPOS="-1e999"')
        .replace(b'WIDTH="90"', b'WIDTH="NaN"')
        .replace(b'HEIGHT="20"', b'HEIGHT="' + b"9" * 5000 + b'"'),
        any_end,
    )
    yield (
        "lieux impossibles.hocr",
        _hocr("Genève").replace(b"bbox 10 10", b"bbox NaN -9999999999999999999999"),
        any_end,
    )
    yield "sûreté impossible.hocr", _hocr("Genève").replace(b"x_wconf 90", b"x_wconf 1e400"), any_end
    yield "script.hocr", _hocr("<script>alert(1)</script>&lt;script&gt;alert(2)&lt;/script&gt;"), any_end
    yield "sans mot.hocr", _hocr(""), any_end
    yield (
        "dix mille pages.hocr",
        b"<html><body>" + b"<div class='ocr_page'></div>" * 10_000 + b"</body></html>",
        ("too-many-pages",),
    )
    yield "trop de balises.alto.xml", b"<alto><Layout>" + b"<a/>" * 7_600_000, ("layout-too-large",)
    yield "tout en attribut.alto.xml", b"<alto a='" + b"x" * 11_000_000 + b"'/>", any_end


def _alto(content: str, declared: str = "", more: str = "") -> bytes:
    words = f'<String CONTENT="Le" HPOS="10" VPOS="10" WIDTH="90" HEIGHT="20"/><String CONTENT="{content}"/>'
    if "&" in content:  # no attribute may name what is outside
        words = f'<String CONTENT="Le"/><SP>{content}</SP>'
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{declared}'
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout><Page WIDTH="900" HEIGHT="900">'
        f"<PrintSpace><TextBlock><TextLine>{words}</TextLine></TextBlock>{more}</PrintSpace></Page></Layout></alto>"
    ).encode()


def _hocr(word: str, more: str = "") -> bytes:
    return (
        '<!DOCTYPE html><html><head><meta charset="latin-1"/></head><body>'
        "<div class='ocr_page' title='bbox 0 0 900 900'><p class='ocr_par'>"
        "<span class='ocr_line' title='bbox 10 10 200 40'>"
        f"<span class='ocrx_word' title='bbox 10 10 200 40; x_wconf 90'>{word}</span></span></p>{more}"
        "</div></body></html>"
    ).encode()


def _mislabelled() -> Iterator[tuple[str, bytes, tuple[str, ...]]]:
    other = ("unsupported-type",)
    zeros = bytes(100_000_000)
    yield "paquet gzip.txt", gzip.compress(zeros), other
    yield "paquet bzip2.txt", bz2.compress(zeros), other
    yield "paquet xz.md", lzma.compress(zeros, preset=1), other
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../marque-du-zip", zeros)
        archive.writestr("word/document.xml", f"<w:t>{LETTER}</w:t>")
    yield "paquet zip.txt", buffer.getvalue(), other
    yield "lettre.docx", buffer.getvalue(), other
    yield "image.txt", packed(picture(), "PNG"), (*READ, "quarantine", "no-text-found")
    yield "pdf.txt", (RAW / "note-numerique.pdf").read_bytes(), READ
    for suffix in ("pdf", "png", "tif", "docx", "html", "xml"):
        yield f"texte appelé.{suffix}", f"Lettre {suffix}\n\n{LETTER}".encode(), READ
    yield "page appelée.txt", f"<html><body>{LETTER}</body></html>".encode(), other
    yield "riche.txt", b"{\\rtf1\\ansi " + LETTER.encode("cp1252", "replace"), other
    yield "imprimante.txt", b"%!PS-Adobe-3.0\n(" + LETTER.encode() + b") show", other
    yield "programme.txt", b"\x7fELF" + bytes(range(256)) * 40, other
    yield "programme.md", b"MZ\x90\x00" + bytes(range(256)) * 40, UNREADABLE
    yield "base.txt", b"SQLite format 3\x00" + bytes(4080), other
    noise = bytes((n * n * 2654435761 >> 11) & 255 for n in range(20_000))
    for suffix in ("txt", "pdf", "png", "jpg", "xml"):
        yield f"bruit.{suffix}", noise, UNREADABLE
