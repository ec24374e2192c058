"""Great Expectations' own pages: made of the kept results, whole, and asking nothing of other hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from release_documents import make_document

pytestmark = pytest.mark.slow


def test_the_pages_hold_every_check_and_fetch_nothing(tmp_path: Path) -> None:
    from expectations.data_docs import build_data_docs
    from expectations.gate import judge

    secret = "mot" + "rare" * 3_000
    documents = [make_document("rapport"), make_document("secret", f"Une ligne. {secret}", (), (), ())]
    judge(documents, tmp_path / "results")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "of an earlier run.html").touch()
    index = build_data_docs(tmp_path / "results", tmp_path / "docs")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "docs").rglob("*.html")]
    kept = list((tmp_path / "results").rglob("*.json"))
    assert len(pages) == len(kept) + 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "results"]
    assert "Data Docs" in index.read_text(encoding="utf-8")
    for page in pages:
        assert not re.search(r"<(?:link|script|img)\b[^>]*https?:", page)
        assert page.index("Content-Security-Policy") < page.index("<link")
    # Names and places, and no text of a document.
    everything = "".join([*pages, *(path.read_text(encoding="utf-8") for path in kept)])
    assert "secret" in everything
    assert secret[:200] not in everything
