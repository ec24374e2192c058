"""`prote export`: a document for other programs: its words at their places, or its edits as TEI."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.exits import ExitCode, Stop

if TYPE_CHECKING:  # at run time they would bring what takes long to load
    from repair.document import Document
    from repair.layout import PageLayout
    from repair.reading.layouts.write import Step

_FOLDER = click.Path(path_type=Path)
_OUTPUT = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Write a document as ALTO, hOCR, searchable PDF or TEI.")
@click.argument("document", metavar="NAME-OR-PATH")
@click.option("--alto", type=_OUTPUT, help="Write ALTO 4.4 here.")
@click.option("--hocr", type=_OUTPUT, help="Write hOCR 1.2 here.")
@click.option("--pdf", type=_OUTPUT, help="Write a searchable PDF here, PDF/A-2 where the pages allow it.")
@click.option("--tei", type=_OUTPUT, help="Write TEI P5 here: a document of the release, with its edits.")
@click.option("--deskew", is_flag=True, help="With --pdf: turn crooked pages upright; they are drawn anew.")
@click.option("--force", is_flag=True, help="Replace the files that are there.")
@click.option("--raw", type=_FOLDER, default="raw", show_default=True, help="Folder of the documents.")
@click.option("--clean", type=_FOLDER, default="clean", show_default=True, help="Folder of the releases.")
def export(
    document: str,
    alto: Path | None,
    hocr: Path | None,
    pdf: Path | None,
    tei: Path | None,
    deskew: bool,
    force: bool,
    raw: Path,
    clean: Path,
) -> None:
    """Write the repaired words of a scan with their places on its pages, or any text as TEI.

    NAME-OR-PATH is a document of the last run, which is not read again, or any file: a scanned PDF, an
    image, hOCR, ALTO or PAGE XML. A PDF shows the pages as they were scanned, and is searched and copied
    from in the repaired text. TEI is made of a document of the release, scanned or not.
    """
    asked = {"--alto": alto, "--hocr": hocr, "--pdf": pdf, "--tei": tei}
    targets = {option: target for option, target in asked.items() if target is not None}
    if not targets:
        raise click.UsageError("name a file to write: --alto, --hocr, --pdf or --tei")
    if deskew and pdf is None:
        raise click.UsageError("--deskew is about a PDF: name one with --pdf")
    _check_targets(list(targets.values()), force, raw, clean)

    from repair.document import Refused

    try:
        with tempfile.TemporaryDirectory(prefix="prote-") as folder:
            placed = {option: target for option, target in targets.items() if option != "--tei"}
            made = _make(*_find(document, raw, clean), placed, deskew, Path(folder)) if placed else {}
            if tei is not None:
                made["--tei"] = _make_tei(document, raw, clean, Path(folder))
            for option, target in targets.items():
                _put(made[option], target)
    except Refused as refused:
        raise Stop(f"{document}: {refused.reason.en}") from None


def _check_targets(targets: Sequence[Path], force: bool, raw: Path, clean: Path) -> None:
    """Refuse files that cannot or must not be written, before any work is done.

    Raises:
        Stop: saying which, and why.
    """
    resolved = [target.resolve() for target in targets]
    for target, real in zip(targets, resolved, strict=True):
        reason = ""
        if resolved.count(real) > 1:
            reason = "is named twice: each format takes a file of its own"
        elif not real.parent.is_dir():
            reason = "is in no folder that exists: make it first"
        elif real.is_relative_to(raw.resolve()) or real.is_relative_to(clean.resolve()):
            reason = (
                f"is in {raw if real.is_relative_to(raw.resolve()) else clean}, which a run alone fills: "
            )
            reason += "write it elsewhere"
        elif not os.access(real.parent, os.W_OK | os.X_OK):
            reason = "is in a folder that you cannot write to: check its permissions"
        elif real.exists() and not real.is_file():
            reason = "is no ordinary file: take another name"
        elif os.path.lexists(target) and not force:
            reason = "exists: --force replaces it"
        if reason:
            raise Stop(f"{target} {reason}", ExitCode.USAGE)


def _find(document: str, raw: Path, clean: Path) -> tuple[Document, Path | None]:
    """Return a processed document and its file; no file where it is gone or is no longer the same.

    Raises:
        Stop: if there is none.
        Refused: if it is a file outside the corpus that cannot be processed.
    """
    from flows.plan import as_named
    from flows.state import FILE, FOLDER, State
    from flows.survey import digest
    from repair.document import Status

    has_state = (clean / FOLDER / FILE).is_file()
    state = State(clean, write=False) if has_state else None
    rows = state.rows() if state else []
    named = {row.path: row.path for row in rows} | {row.name: row.path for row in rows}
    wanted = as_named(document, named, raw)
    if state is None or wanted not in named:
        return _process(document, list(named), clean, has_state)
    outcome = state.outcome(named[wanted])
    source = outcome.source
    if outcome.document is None:
        why = "; ".join(reason.en for reason in outcome.reasons)
        raise Stop(f"{source.name} is in quarantine, without text: {why}")
    if outcome.status is not Status.PUBLISHED:
        print(f"prote: {source.name} is in {outcome.status.value}: see the report", file=sys.stderr)
    file = raw / source.path
    try:
        same = digest(file) == (source.sha256, source.size)
    except OSError:
        same = False
    return outcome.document, file if same else None


def _process(document: str, known: Sequence[str], clean: Path, has_state: bool) -> tuple[Document, Path]:
    """Process a file that is no document of the last run."""
    import difflib

    from flows.survey import digest
    from repair.document import Source
    from repair.pipeline import process
    from repair.reading.engines.programs import MissingProgram

    file = Path(document)
    if not file.is_file():
        near = difflib.get_close_matches(document, known, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        if not has_state:
            raise Stop(
                f"there is no release in {clean}, and no file {document!r}: prote run makes one",
                ExitCode.NO_RELEASE,
            )
        raise Stop(f"there is no document and no file {document!r}{hint}", ExitCode.USAGE)
    try:
        return process(Source(file.stem, file.name, *digest(file)), file), file
    except MissingProgram as missing:
        raise Stop(str(missing), ExitCode.MISSING_PROGRAM) from None


def _make(
    document: Document, file: Path | None, targets: dict[str, Path], deskew: bool, folder: Path
) -> dict[str, Path]:
    """Write what is asked for into a folder; return the files by their options.

    Raises:
        Stop: if the document has no places of words, or its file is needed and is not there.
        Refused: if no PDF can be made of it.
    """
    from repair.edits import applied
    from repair.reading.layouts.alternatives import word_alternatives
    from repair.reading.layouts.repaired import repaired_layout
    from repair.reading.layouts.write import write_alto, write_hocr

    reading, name = document.reading, document.source.name
    if not reading.layout:
        raise Stop(f"{name} has no places of words: {_why_no_places(reading.engine)}")
    pages = repaired_layout(reading.layout, reading.text, document.repairs)
    steps = _steps(reading.layout, len(applied(document.repairs)))
    made = {option: folder / option.strip("-") for option in targets}
    if "--alto" in made:
        others = word_alternatives(reading.layout, reading.text, pages, reading.losers)
        made["--alto"].write_bytes(write_alto(pages, steps, others))
    if "--hocr" in made:
        made["--hocr"].write_bytes(write_hocr(pages, steps))
    if "--pdf" in made:
        if file is None:
            raise Stop(
                f"the file of {name} is not in the raw folder as the last run read it: name the folder with "
                "--raw, or run prote again",
                ExitCode.USAGE,
            )
        _write_pdf(file, pages, made["--pdf"], deskew)
    return made


def _make_tei(document: str, raw: Path, clean: Path, folder: Path) -> Path:
    """Write a document of the release as TEI into a folder; return the file.

    Raises:
        Stop: if there is no release, or the document is not in it or has no text.
    """
    from flows.plan import as_named
    from release.layout import CURRENT
    from release.ledger import UnknownDocument, read_documents
    from release.tei.header import TeiError, write_tei

    data = clean / CURRENT
    if not data.is_dir():
        raise Stop(f"there is no release in {clean}: prote run makes one", ExitCode.NO_RELEASE)
    named = {path: row.name for row in read_documents(data) for path in (row.path, row.name)}
    wanted = as_named(document, named, raw)
    made = folder / "tei"
    try:
        made.write_bytes(write_tei(data, named.get(wanted, document)))
    except UnknownDocument as unknown:
        raise Stop(str(unknown), ExitCode.USAGE) from None
    except TeiError as error:
        raise Stop(str(error)) from None
    return made


def _write_pdf(file: Path, pages: Sequence[PageLayout], target: Path, deskew: bool) -> None:
    from repair.reading.searchable import write_searchable

    if not write_searchable(file, pages, target, deskew=deskew):
        print("prote: the PDF is no PDF/A: its pages do not allow it", file=sys.stderr)


def _why_no_places(engine: str) -> str:
    if engine == "text":
        return "it is a text, and only PDFs, images and layout files have them"
    return "it was read by an earlier prote; prote document reads it again"


def _steps(read: Sequence[PageLayout], repairs: int) -> list[Step]:
    """Return what was done since the engines read."""
    from importlib.metadata import version

    from repair.reading.layouts.write import Step

    done = [f"repair of French, {repairs} edit{'' if repairs == 1 else 's'}"]
    if any(" + " in page.engine for page in read):  # a page read once had no vote
        done.insert(0, "vote of the readings")
    return [Step("prote", version("prote"), description) for description in done]


def _put(made: Path, target: Path) -> None:
    """Put a file into its place, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".prote-")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, made.open("rb") as whole:
            shutil.copyfileobj(whole, file)
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(file.fileno(), 0o666 & ~mask)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
