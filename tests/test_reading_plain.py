"""Decoding: any usual encoding of French is recognised, and gives the file's bytes back."""

import codecs
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repair.document import Refused
from repair.edits import apply
from repair.reading import mend_characters
from repair.reading.plain import decode

SENTENCE = "L’Assemblée générale rappelle qu’à l’été, où naît l’œuvre, « ça » coûta 5 € : dès lors…"
DOS = "L'Assemblée générale rappelle qu'à l'été, où naît l'île, «ça» coûta 5 francs : dès lors"

FRENCH = st.text(alphabet="abeinstuélàè ’,.\r\n\f«»ÉœÀç1", max_size=200)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SENTENCE, "utf-8"),
        (SENTENCE, "cp1252"),
        (SENTENCE, "mac-roman"),
        (DOS, "cp850"),
        (SENTENCE, "utf-16-le"),
        (SENTENCE, "utf-16-be"),
        (SENTENCE, "utf-32-le"),
        ("Le cœur de l'été coûta 5 € à l'État", "iso8859-15"),
        ("Un nul\u0000 au milieu ne rend pas binaire. " + "Un texte abîmé en a quelques-uns. " * 5, "utf-8"),
        ("été", "cp1252"),
        ("d’eau", "cp1252"),
        ("à", "cp1252"),
        ("É. Zola", "cp1252"),
        ("SÉCURITÉ", "cp1252"),
        ("« oui »", "cp1252"),
        ("– Eh bien !", "cp1252"),
        ("apprenti admissible ou être;", "mac-roman"),
        ("ne pas être", "cp850"),
    ],
)
def test_encoding_is_recognised(text, encoding):
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_decides_and_is_dropped(mark, encoding):
    assert decode(mark + SENTENCE.encode(encoding)) == (SENTENCE, encoding)


@given(FRENCH, st.sampled_from(["utf-8", "cp1252", "mac-roman", "utf-16-le"]))
def test_encoding_again_gives_the_bytes_back(text, encoding):
    data = text.encode(encoding)
    try:
        read, found = decode(data)
    except Refused:
        assume(False)
    assert read.encode(found) == data


@given(st.binary(max_size=200))
def test_any_bytes_are_read_back_or_refused(data):
    with suppress(Refused):
        text, encoding = decode(data)
        marks = (
            b"",
            codecs.BOM_UTF8,
            codecs.BOM_UTF16_LE,
            codecs.BOM_UTF16_BE,
            codecs.BOM_UTF32_LE,
            codecs.BOM_UTF32_BE,
        )
        assert data in {mark + text.encode(encoding) for mark in marks}


def test_utf8_with_a_stray_byte_keeps_every_letter():
    text, encoding = decode("Les États Membres à l’été ".encode() * 3 + "privé".encode("cp1252"))
    assert encoding == "cp1252"
    assert text.endswith("privé")
    assert "Ã‰tats" in text  # mojibake now, which an edit will mend in sight


def test_cp1252_with_a_stray_byte_is_still_french():
    data = SENTENCE.encode("cp1252").replace(b"rappelle", b"rap\x81pelle")
    text, encoding = decode(data)
    assert encoding == "latin-1"
    assert apply(text, mend_characters(text)) == SENTENCE


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 4, b"\x00" * 500, b"\x01\x02\x03texte", b"MZ\x90\x00\x03\x00\x00"]
)
def test_binary_is_refused(data):
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.reason.code == "binary-content"


def test_other_scripts_are_decoded_not_guessed_as_french():
    russian = "Генеральная Ассамблея, ссылаясь на все свои резолюции о воде и санитарии, " * 4
    text, _ = decode(russian.encode("cp1251"))
    assert text == russian
