"""Great Expectations' own pages on the validations of the last run: the technical annex of the report.

`build_data_docs` makes them of the results that `suites.validate` kept, by the library's own site builder.
They are for who looks after the program: the curators' pages tell the same in their words. As the library
makes them they fetch styles, scripts and pictures from ten hosts: these are taken out.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from expectations import suites

SITE = "prote"
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src file: data:; '
    "style-src file: 'unsafe-inline'; script-src 'none'; base-uri 'none'; form-action 'none'\">"
)
"""Nothing of another host, and no script: what these pages say is all in them."""
_FETCHED = re.compile(r"<(?:link|script|img)\b[^>]*?\b(?:href|src)=[\"']?https?:[^>]*>(?:\s*</script>)?")


def build_data_docs(results: Path, folder: Path) -> Path:
    """Make the pages anew; return the first of them.

    Args:
        results: folder of the kept validation results.
        folder: of the pages; what is in it goes.

    Raises:
        OSError: if they cannot be written.
    """
    fresh = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    with suites.context(results) as context:
        context.add_data_docs_site(
            SITE,
            {
                "class_name": "SiteBuilder",
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(fresh.absolute()),
                },
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
                "show_how_to_buttons": False,
            },
        )
        context.build_data_docs(site_names=[SITE])
    for page in fresh.rglob("*.html"):
        own = _FETCHED.sub("", page.read_text(encoding="utf-8"))
        page.write_text(own.replace("<head>", f"<head>{_POLICY}", 1), "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return folder / "index.html"
