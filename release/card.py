"""What a release says of itself to people and to machines.

`card` makes ``README.md``, a dataset card as the Hugging Face Hub reads it, with one config for each table;
`package` makes ``datapackage.json`` (Frictionless Data Package, https://specs.frictionlessdata.io) and
`croissant` ``croissant.json`` (MLCommons Croissant 1.0). All describe the tables from `release.columns`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from release.bag import release_day
from release.columns import TABLES, Column, Table, columns
from release.layout import part_stem
from release.records import Lineage

NAME = "prote-corpus"
TITLE = "A corpus of repaired French texts"
ABOUT = (
    "French texts damaged by OCR or encoding, repaired by Prote: every changed character has its reason, "
    "in two editions, with the ledger that leads from one to the other."
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGER = "1M<n<10M"

_CONTEXT = json.loads((Path(__file__).parent / "croissant-context.json").read_bytes())


def card(lineage: Lineage, licences: Sequence[str]) -> bytes:
    """Return ``README.md``.

    Args:
        lineage: of the release.
        licences: of its documents, each once; empty for those that have none.
    """
    rows = {table.name: table.rows for table in lineage.tables}
    head = {
        "pretty_name": TITLE,
        "language": ["fr"],
        **_licence(licences),
        "size_categories": [next((name for size, name in _SIZES if rows["documents"] < size), _LARGER)],
        "task_categories": ["text-generation", "fill-mask"],
        "tags": ["ocr", "ocr-post-correction", "french"],
        "configs": [
            {
                "config_name": table.config,
                **({"default": True} if table is TABLES[0] else {}),
                "data_files": f"{table.name}.parquet" if lineage.parts == 1 else f"{table.name}-*.parquet",
            }
            # A table without rows has nothing that a loader could be given.
            for table in TABLES
            if rows[table.name]
        ],
    }
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False)
    body = _template().render(
        title=TITLE,
        about=ABOUT,
        counts=lineage.documents,
        parts=lineage.parts,
        tables=[(table, rows[table.name], columns(table.row)) for table in TABLES],
        licences=[licence for licence in licences if licence],
        untold="" in licences,
        version=lineage.version,
        versions=lineage.versions,
    )
    return f"---\n{front}---\n\n{body}".encode()


def _licence(licences: Sequence[str]) -> dict[str, str]:
    """Return what the Hub asks of a licence: its name, or why there is none."""
    if len(licences) == 1 and licences[0]:
        return {"license": licences[0].lower()}
    return {"license": "other" if any(licences) else "unknown"}


@lru_cache(maxsize=1)
def _template() -> Any:
    # Markdown, not HTML, and nothing of a document's text is in it.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("release"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("card.md.j2")


def package(lineage: Lineage, licences: Sequence[str], sums: Mapping[str, str], data: Path) -> bytes:
    """Return ``datapackage.json``: each table as JSON Lines with its schema, and as Parquet.

    Args:
        lineage: of the release.
        licences: of its documents.
        sums: sha256 of the files, by their path below `data`.
        data: the folder of the release's files.
    """
    described: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": TITLE,
        "description": ABOUT,
        "version": lineage.version,
    }
    if (day := release_day()) is not None:
        described["created"] = f"{day}T00:00:00Z"
    if named := [{"name": licence} for licence in licences if licence]:
        described["licenses"] = named
    described["resources"] = [
        {
            "name": f"{stem}{'' if suffix == 'jsonl' else '-parquet'}".lower(),
            "path": f"{stem}.{suffix}",
            "description": table.says,
            "mediatype": mediatype,
            "bytes": (data / f"{stem}.{suffix}").stat().st_size,
            "hash": f"sha256:{sums[f'{stem}.{suffix}']}",
            **more,
        }
        for table, stem in _files(lineage)
        for suffix, mediatype, more in (
            ("jsonl", "application/jsonl", {"type": "table", "format": "jsonl", "schema": _schema(table)}),
            ("parquet", "application/vnd.apache.parquet", {"type": "file"}),
        )
    ]
    return _json(described)


def _files(lineage: Lineage) -> Iterator[tuple[Table, str]]:
    """Yield each table with the name, without suffix, of each of its files."""
    for table in TABLES:
        for part in range(lineage.parts):
            yield table, part_stem(table.name, part, lineage.parts)


def _schema(table: Table) -> dict[str, Any]:
    """Return a Frictionless Table Schema."""
    return {
        "fields": [
            {
                "name": column.name,
                "type": column.frictionless,
                "description": column.description,
                **({"constraints": constraints} if (constraints := _constraints(column)) else {}),
            }
            for column in columns(table.row)
        ],
        "missingValues": [],  # an empty string is a string
        "primaryKey": ["name"] if table.key == "name" else ["document", *_IDS.get(table.name, [])],
    }


_IDS = {"paragraphs": ["id"], "notes": ["id"], "edits": ["id"]}


def _constraints(column: Column) -> dict[str, Any]:
    enum = {"enum": list(column.choices)} if column.choices else {}
    return {"required": True, **enum} if column.required else enum


def croissant(lineage: Lineage, licences: Sequence[str], sums: Mapping[str, str]) -> bytes:
    """Return ``croissant.json``: the Parquet files with their sums, and the columns of each table.

    Args: as of `package`.
    """
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": NAME,
        "description": ABOUT,
        "url": "https://huggingface.co/docs/datasets",
        "version": f"{lineage.version}.0",
        "license": [licence for licence in licences if licence] or ["unknown"],
        "creator": {"@type": "sc:Organization", "name": f"prote {version('prote')}"},
        "inLanguage": "fr",
    }
    if (day := release_day()) is not None:
        described["datePublished"] = day.isoformat()
    described["distribution"] = [
        {
            "@type": "cr:FileObject",
            "@id": f"{stem}.parquet",
            "name": f"{stem}.parquet",
            "contentUrl": f"{stem}.parquet",
            "encodingFormat": "application/vnd.apache.parquet",
            "sha256": sums[f"{stem}.parquet"],
        }
        for _, stem in _files(lineage)
    ]
    described["recordSet"] = [
        {
            "@type": "cr:RecordSet",
            "@id": stem,
            "name": stem,
            "description": table.says,
            "field": [_field(stem, column) for column in columns(table.row) if column.croissant],
        }
        for table, stem in _files(lineage)
    ]
    return _json(described)


def _field(stem: str, column: Column) -> dict[str, Any]:
    """Return a field of a record set; Croissant 1.0 has none for lists of structures."""
    return {
        "@type": "cr:Field",
        "@id": f"{stem}/{column.name}",
        "name": column.name,
        "description": column.description,
        "dataType": column.croissant,
        "source": {"fileObject": {"@id": f"{stem}.parquet"}, "extract": {"column": column.name}},
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
