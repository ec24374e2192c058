"""TEI of a document: the three texts come back to the letter, and every repair is there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from release_documents import drawn_documents, make_document, make_outcome, make_outcomes, publish

from release.tei import write_tei
from release.tei_editions import Editions, read_editions
from repair.document import Document


def tei(document: Document) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        data = publish([make_outcome(document)], Path(folder), versions={"prote": "0.1.0"}).data
        return write_tei(data, document.source.name)


def test_x():
    print(tei(make_document("essai")).decode())


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(drawn_documents())
def test_the_texts_come_back_from_any_ledger(document: Document) -> None:
    found = read_editions(tei(document))
    assert found == Editions(document.reading.text, document.diplomatic, document.text)
