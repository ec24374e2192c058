"""Which pages with a text layer are read again: kinds, reasons, and what PDFium says of a page."""

import gzip
import json
import math
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from fpdf.enums import TextMode
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bench.sets import find_layers
from bench.triage import EVERY, Layer, clean_layers, fit, look, predict, read_seen
from bench.triage import KINDS as BENCH_KINDS
from repair.language import load_language
from repair.language.tokens import fold
from repair.reading import triage
from repair.reading.signs import Reader, Signs
from repair.reading.text_layer import TextLayer, look_at
from repair.reading.triage import KINDS, judge, predicted_gain

TABLE = json.loads((Path(__file__).parent / "cases" / "reading" / "triage.json").read_text(encoding="utf-8"))
TEXTS: dict[str, str] = TABLE["texts"]
CIPHER = dict(zip("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", strict=True))


def _without_accents(text: str) -> str:
    return "".join(fold(char) if char.islower() else char for char in text)


HOW: dict[str, Callable[[str], str]] = {
    "": str,
    "bare": _without_accents,
    "elisions": lambda text: text.replace("l’", "1’").replace("d’", "I’"),
    "bullets": lambda text: "".join(f"\uf0b7 {line}\n" for line in text.splitlines()),
    "glyphs": lambda text: "".join(char if char.isspace() else chr(ord(char) - 29) for char in text),
    "next": lambda text: "".join(chr(ord(char) + 1) if char.isalpha() else char for char in text),
    "cipher": lambda text: "".join(CIPHER.get(char, char) for char in text),
    "private": lambda text: "".join(chr(0xF000 + ord(char)) if char.isascii() else char for char in text),
    "lost": lambda text: "".join(char if char.isascii() else "\ufffd" for char in text),
    "mojibake": lambda text: text.encode().decode("cp1252", "replace"),
    "latin-1": lambda text: text.encode().decode("latin-1"),
}


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_cases(case: dict) -> None:
    verdict = judge(TextLayer(HOW[case["how"]](TEXTS[case["text"]]), **case["layer"]))
    assert (verdict.kind, verdict.again, verdict.reason.code) == (case["kind"], case["again"], case["code"])
    assert verdict.reason.fr.endswith(".")
    assert verdict.reason.en.endswith(".")
    assert "{" not in verdict.reason.fr + verdict.reason.en


def test_every_kind_and_reason_has_a_case() -> None:
    from repair.reading.triage import _REASONS

    assert {case["kind"] for case in TABLE["cases"]} == set(KINDS)
    assert {case["code"] for case in TABLE["cases"]} == set(_REASONS)


@given(st.text(max_size=400), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 5000))
def test_any_layer_is_judged(
    text: str, covered: float, hidden: float, unmapped: float, outlines: int
) -> None:
    verdict = judge(TextLayer(text, covered, hidden, unmapped, outlines))
    assert verdict.kind in KINDS
    assert math.isfinite(verdict.gain)
    assert verdict == judge(TextLayer(text, covered, hidden, unmapped, outlines))


@given(st.integers(0, 4000), st.tuples(*[st.floats(0, 50)] * 3), st.integers(0, 2), st.floats(0.1, 20))
def test_more_signs_never_promise_less(
    letters: int, rates: tuple[float, ...], which: int, more: float
) -> None:
    worse = [rate + more * (place == which) for place, rate in enumerate(rates)]
    assert predicted_gain(Signs(letters, *worse)) >= predicted_gain(Signs(letters, *rates))


@given(st.sampled_from(["conseil", "misread", "table", "names", "leaflet", "verse"]), st.randoms())
def test_a_digital_page_in_french_is_never_read_again(name: str, chance: random.Random) -> None:
    words = TEXTS[name].split(" ")
    cut = [word for word in words if chance.random() < 0.9]
    assert not judge(TextLayer(" ".join(cut), covered=0.4 * chance.random(), hidden=0.0)).again


def test_one_name_does_not_send_a_short_page() -> None:
    text = """Le maire, Mme Kowalczyk, remercie les habitants de leur aide. Signé : le greffier,
qui a relu ce texte avec soin et l’a trouvé juste en tout point, le soir même, avec le scribouillon."""
    assert not judge(TextLayer(text)).again


def test_terms_and_quotations_are_no_misreadings() -> None:
    reader = Reader(load_language())
    once = "Le village où il est né se nomme {} et tous les gens de la vallée en parlent."
    latin = "Il est dit : « scilicet ustione arborum contradictione ignium scilicet ustione » ici."
    assert reader.signs(once.format("aoul")).misread > 0
    assert reader.signs(once.format("aoul") + " Un aoul est grand.").misread == 0
    assert reader.signs(once.format("aoul") + " Ces aouls sont grands.").misread == 0
    assert reader.signs(once.format("contradictione")).misread > 0
    assert reader.signs(latin).misread == 0
    assert reader.signs(once.format("terll")).misread > 0
    assert reader.signs(once.format("scribouillon")).misread == 0


KEPT = read_seen()


def test_the_weights_are_what_the_recipe_gives() -> None:
    """So that neither the weights, nor the recipe, nor its population drifts alone."""
    assert {one.model for one in KEPT} == set(BENCH_KINDS[EVERY])
    assert fit(KEPT) == pytest.approx([triage.SIGN, triage.BASE], abs=0.002)


def test_what_was_kept_is_judged_as_the_program_judges() -> None:
    for one in KEPT:
        rate = 1000.0 * one.signs / max(1, one.letters)
        ours = predicted_gain(Signs(one.letters, rate, 0.0, 0.0))
        assert predict([one], (triage.SIGN, triage.BASE))[0] == pytest.approx(min(ours, 30.0), abs=0.011)


@pytest.mark.shared
def test_signs_of_layers_are_what_the_weights_were_fitted_on(corpus: Path) -> None:
    """Where this fails, signs or lexicon have changed: `python -m bench.triage --keep`, and its weights."""
    data = corpus.parent / "data"
    layers = clean_layers(data / "clean")
    for name, texts in find_layers(data / "pairs").items():
        folder = name.split("/")[0]
        layers += [Layer(folder, model, text, 0.0) for model, text in texts.items()]
    kinds = {"fra", "eng", "clean"}
    for folder in {one.folder for one in KEPT}:
        now, kept = (
            Counter((one.model, one.letters, one.signs) for one in seen if one.model in kinds)
            for seen in (
                look([layer for layer in layers if layer.folder == folder]),
                [one for one in KEPT if one.folder == folder],
            )
        )
        assert (kept - now).total() <= 0.05 * kept.total(), folder


def _page(path: Path, draw: Callable[[FPDF], None]) -> TextLayer:
    pdf = FPDF(unit="pt", format=(400, 600))
    pdf.set_font("helvetica", size=10)
    pdf.add_page()
    draw(pdf)
    pdf.output(str(path))
    with pdfium.PdfDocument(path) as document:
        return look_at(document[0], "un texte")


def _write(pdf: FPDF) -> None:
    for line in range(10):
        pdf.text(40, 60 + 20 * line, "Le conseil decide que la route sera faite.")


def _image(pdf: FPDF) -> None:
    pdf.image(Image.effect_noise((80, 120), 60), x=0, y=0, w=400, h=600)


def test_a_digital_page_shows_its_text(tmp_path: Path) -> None:
    layer = _page(tmp_path / "a.pdf", lambda pdf: (pdf.line(40, 40, 360, 40), _write(pdf)))
    assert (layer.covered, layer.hidden, layer.unmapped, layer.outlines) == (0.0, 0.0, 0.0, 1)


def test_invisible_text_over_an_image_is_hidden(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        _image(pdf)
        with pdf.local_context(text_mode=TextMode.INVISIBLE):
            _write(pdf)

    layer = _page(tmp_path / "a.pdf", draw)
    assert layer.covered > 0.99
    assert layer.hidden == 1.0


def test_text_beneath_an_image_is_hidden_and_text_above_is_not(tmp_path: Path) -> None:
    beneath = _page(tmp_path / "a.pdf", lambda pdf: (_write(pdf), _image(pdf)))
    above = _page(tmp_path / "b.pdf", lambda pdf: (_image(pdf), _write(pdf)))
    assert (beneath.hidden, above.hidden) == (1.0, 0.0)


def test_a_small_image_hides_nothing(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        _write(pdf)
        pdf.image(Image.effect_noise((80, 40), 60), x=40, y=400, w=100, h=50)

    layer = _page(tmp_path / "a.pdf", draw)
    assert 0.0 < layer.covered < 0.1
    assert layer.hidden == 0.0


def test_letters_without_unicode_are_counted(tmp_path: Path) -> None:
    """A Type 3 font without ToUnicode: glyphs named a0, a1 … say no letter."""
    glyphs = 26
    procs = " ".join(f"/a{number} 5 0 R" for number in range(glyphs))
    names = " ".join(f"/a{number}" for number in range(glyphs))
    text = b"BT /F 10 Tf 20 300 Td (ABCDEFGHIJKLMNOPQRSTUVWXYZ) Tj ET"
    glyph = b"600 0 0 0 500 700 d1 0 0 500 700 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Contents 6 0 R/Resources<</Font<</F 4 0 R>>>>>>",
        f"<</Type/Font/Subtype/Type3/FontBBox[0 0 750 750]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 65"
        f"/LastChar 90/Widths[{'600 ' * glyphs}]/Encoding<</Differences[65 {names}]>>"
        f"/CharProcs<<{procs}>>>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(glyph), glyph),
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj%s endobj\n" % item for item in enumerate(objects, 1))
    path = tmp_path / "a.pdf"
    path.write_bytes(body + b"trailer<</Root 1 0 R/Size 7>>\n%%EOF")
    with pdfium.PdfDocument(path) as document:
        assert look_at(document[0], "").unmapped > 0.9


@pytest.mark.shared
def test_layers_of_real_pages(corpus: Path) -> None:
    """Every English-model layer but a few is read again; correct texts are not, on a computer never."""
    path = corpus.parent / "data" / "pairs" / "reocr_dev.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    english = [judge(TextLayer(row["ocr"])) for row in rows if row["id"].endswith("/eng")]
    assert sum(verdict.again for verdict in english) >= 0.9 * len(english)
    gold = [row["gold"] for row in rows if row["id"].endswith("/fra")]
    assert not any(judge(TextLayer(text, 0.0, 0.0)).again for text in gold)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["law_canada", "novels_1840_1920", "spoken_modern", "ud_sequoia"])
def test_clean_text_posing_as_a_scan_is_left(corpus: Path, name: str) -> None:
    path = corpus.parent / "data" / "clean" / f"{name}.txt.gz"
    text = gzip.decompress(path.read_bytes()).decode()[:400_000]
    pages = [text[at : at + 2000] for at in range(0, len(text) - 2000, 8000)]
    sent = [judge(TextLayer(page)) for page in pages]
    assert sum(verdict.again for verdict in sent) <= 0.08 * len(pages)
