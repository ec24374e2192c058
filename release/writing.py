"""The files of one release: of each document, of the tables, and of the corpus.

`Writer` is given the documents in order of their names and, where there is one, the release before. What
did not change is taken over from it; the others are rendered (`release.rendering`), and written as they come.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from release.bag import write_bag
from release.card import card, croissant, package
from release.columns import DOCUMENTS, REJECTS, REVIEW, TABLES
from release.earlier import Earlier, part_digest
from release.files import Files
from release.layout import (
    CROISSANT,
    DATA,
    LINEAGE,
    PACKAGE,
    README,
    REPORT,
    SCHEMA,
    page_file,
    part_stem,
    text_files,
)
from release.origins import Origin, Origins
from release.pages.corpus import Listed, corpus_page
from release.pieces import Piece
from release.records import (
    RELEASE_SCHEMA,
    RELEASE_VERSION,
    Lineage,
    StatusCounts,
    TableCounts,
    document_schema,
    encode_file,
)
from release.rendering import Asked, Render, Rendered, render
from release.sums import sums
from release.tables import PartWriter, count_rows, cut, read_figures
from repair.document import Outcome, Source, Status

_TABLES = {table.name: table for table in TABLES}


@dataclass(frozen=True, slots=True)
class Item:
    """A raw file that is to be published, without what it became, which may be large.

    Attributes:
        source: the raw file.
        digest: of its outcome: the same digest, the same outcome.
        load: gives the outcome.
    """

    source: Source
    digest: str
    load: Callable[[], Outcome]


class Writer:
    """Writes the files of one release."""

    def __init__(
        self,
        items: Sequence[Item],
        origins: Origins,
        earlier: Earlier | None,
        piece: Piece | None = None,
        apart: Render | None = None,
    ) -> None:
        """Prepare a release.

        Args:
            items: one of each raw file, in order of their names.
            origins: where they come from.
            earlier: the release before, made with the same versions.
            piece: draws the pieces of scans that pages show; None to show none.
            apart: renders documents elsewhere; None to render all of them here.
        """
        self._items = [_Planned(item, origins.of(item.source.path)) for item in items]
        self._earlier, self._piece, self._apart = earlier, piece, apart
        self._counts = dict.fromkeys(Status, 0)
        self._rows = dict.fromkeys(_TABLES, 0)

    def nothing_new(self) -> bool:
        """Say whether the earlier release has these documents as they are, and no other."""
        known = self._earlier.documents if self._earlier else {}
        return len(known) == len(self._items) and all(map(self._known, self._items))

    def _known(self, planned: _Planned) -> bool:
        return self._earlier is not None and self._earlier.has(planned.name, planned.digest)

    def write(self, folder: Path, versions: Mapping[str, str]) -> tuple[str, StatusCounts]:
        """Write the release into `folder`, which is empty; return its ID and its counts.

        Raises:
            PublishError: if a document's edits do not give its texts.
        """
        data = folder / DATA
        files = Files(data)
        rendered = self._rendered([item for item in self._items if not self._known(item)])
        parts = cut([planned.name for planned in self._items])
        for number, part in enumerate(parts):
            planned = self._items[part]
            old = None
            if self._earlier is not None:
                old = self._earlier.parts.get(part_digest((item.name, item.digest) for item in planned))
            if self._earlier is not None and old is not None:
                self._take_over_part(self._earlier, old, files, number, len(parts))
                for item in planned:
                    self._take_over(self._earlier, item.name, files, None)
                continue
            with PartWriter(files, number, len(parts)) as tables:
                for item in planned:
                    if self._earlier is not None and self._known(item):
                        self._take_over(self._earlier, item.name, files, tables)
                    else:
                        self._write_document(next(rendered), files, tables)
            for table, rows in tables.rows.items():
                self._rows[table] += rows
        counts = StatusCounts(**{status.value: self._counts[status] for status in Status})
        lineage = Lineage(
            RELEASE_SCHEMA,
            RELEASE_VERSION,
            dict(sorted(versions.items())),
            counts,
            len(parts),
            tuple(TableCounts(name, rows) for name, rows in self._rows.items()),
        )
        self._write_corpus(data, files, lineage)
        return write_bag(folder, files), counts

    def _write_corpus(self, data: Path, files: Files, lineage: Lineage) -> None:
        origins = Counter(planned.origin for planned in self._items)
        rows = (row for table in (DOCUMENTS, REVIEW, REJECTS) for row in read_figures(data, table, Listed))
        index = corpus_page(rows, lineage.versions, sums(data))
        files.write(REPORT, ["".join(index).encode()])
        files.write(SCHEMA, [document_schema()])
        files.write(LINEAGE, [encode_file(lineage)])
        files.write(README, [card(lineage, origins)])
        files.write(CROISSANT, [croissant(lineage, origins, files.sums)])
        files.write(PACKAGE, [package(lineage, origins, files.sums, data)])

    def _take_over_part(self, earlier: Earlier, old: int, files: Files, number: int, parts: int) -> None:
        for table in TABLES:
            for suffix in ("jsonl", "parquet"):
                path = f"{part_stem(table.name, old, earlier.lineage.parts)}.{suffix}"
                stem = part_stem(table.name, number, parts)
                files.link(f"{stem}.{suffix}", f"{earlier.data}/{path}", earlier.sums[path])
            self._rows[table.name] += count_rows(earlier.data / path)

    def _take_over(self, earlier: Earlier, name: str, files: Files, tables: PartWriter | None) -> None:
        """Take a document over as it was published; its rows too, where their part is written again."""
        _, status = earlier.documents[name]
        self._counts[status] += 1
        paths = [page_file(name)]
        if status is not Status.QUARANTINE:
            paths += text_files(name)
        for path in paths:
            files.link(path, f"{earlier.data}/{path}", earlier.sums[path])
        if tables is not None:
            for table in TABLES:
                tables.add(table, earlier.lines(table, name))

    def _rendered(self, planned: Sequence[_Planned]) -> Iterator[Rendered]:
        """Yield what the release has of documents that cannot be taken over, in their order."""
        here = partial(render, piece=self._piece)
        asked = [item.asked(pieces=self._piece is not None) for item in planned]
        if self._apart is None:
            yield from map(here, asked)
            return
        for one, found in zip(asked, self._apart(asked), strict=True):
            yield here(one) if found is None else found

    def _write_document(self, rendered: Rendered, files: Files, tables: PartWriter) -> None:
        self._counts[rendered.status] += 1
        for path, content in rendered.files:
            files.write(path, [content])
        for table, lines in rendered.rows:
            tables.add(_TABLES[table], lines)


class _Planned:
    """A document that is to be in the release: its item, its origin, and the digest of both."""

    def __init__(self, item: Item, origin: Origin) -> None:
        self.name = item.source.name
        self.item, self.origin = item, origin
        told = msgspec.json.encode((item.digest, origin.licence, origin.source))
        self.digest = hashlib.sha256(told).hexdigest()[:16]

    def asked(self, *, pieces: bool) -> Asked:
        """Return it as it is to be rendered."""
        return Asked(self.item.source, self.item.load, self.origin, self.digest, pieces)
