"""What a release says of itself to people and to machines.

`card` makes ``README.md``, a dataset card as the Hugging Face Hub reads it, with one config for each table;
`package` makes ``datapackage.json`` (Frictionless Data Package, https://specs.frictionlessdata.io) and
`croissant` ``croissant.json`` (MLCommons Croissant 1.0). All describe the tables from `release.columns`,
and say of the documents what their owner told (`release.origins`): nothing that nobody said.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from release.bag import release_day
from release.columns import DOCUMENTS, TABLES, Column, Table, columns
from release.layout import part_stem
from release.origins import Origin
from release.pages.markdown import plain, render
from release.records import Lineage

NAME = "prote-corpus"
TITLE = "A corpus of repaired French texts"
ABOUT = (
    "French texts damaged by OCR or encoding, repaired by Prote: every changed character has its reason, "
    "in two editions, with the ledger that leads from one to the other."
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGER = "1M<n<10M"
_LISTED = 50
"""Origins that the card lists; every document's row has its own."""

_HUB = frozenset((Path(__file__).parent / "hub-licences.txt").read_text().split())
"""Licences that the Hub knows by their SPDX identifiers in lower case; it refuses a card with any other
(https://huggingface.co/docs/hub/repositories-licenses)."""
_HUB_NAMES = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
"""Licences for data that it knows by other names."""

_CONTEXT = json.loads((Path(__file__).parent / "croissant-context.json").read_bytes())


def card(lineage: Lineage, origins: Mapping[Origin, int]) -> bytes:
    """Return ``README.md``.

    Args:
        lineage: of the release.
        origins: where its documents come from, each with their number.
    """
    rows = {table.name: table.rows for table in lineage.tables}
    head = {
        "pretty_name": TITLE,
        "language": ["fr"],
        **_licence(_licences(origins)),
        "size_categories": [next((name for size, name in _SIZES if rows["documents"] < size), _LARGER)],
        "task_categories": ["text-generation", "fill-mask"],
        "tags": ["ocr", "ocr-post-correction", "french"],
        "configs": [
            {
                "config_name": table.config,
                **({"default": True} if table is DOCUMENTS else {}),
                "data_files": f"{table.name}.parquet" if lineage.parts == 1 else f"{table.name}-*.parquet",
            }
            for table in TABLES
            # Loaders refuse a table without rows. The default stands all the same: where nothing is
            # published, no other table must be taken for it.
            if rows[table.name] or table is DOCUMENTS
        ],
    }
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False)
    told = sorted(origins.items(), key=lambda item: (-item[1], item[0].licence, item[0].source))
    body = render(
        "card.md.j2",
        title=TITLE,
        about=ABOUT,
        counts=lineage.documents,
        parts=lineage.parts,
        tables=[(table, rows[table.name], columns(table.row)) for table in TABLES],
        origins=[(plain(origin.licence), plain(origin.source), number) for origin, number in told[:_LISTED]],
        others=len(told[_LISTED:]),
        version=lineage.version,
        versions=lineage.versions,
    )
    return f"---\n{front}---\n\n{body}\n".encode()


def _licences(origins: Mapping[Origin, int]) -> Counter[str]:
    """Return the licences that were told, with the number of documents; those without have an empty one."""
    found: Counter[str] = Counter()
    for origin in sorted(origins, key=lambda origin: origin.licence):
        found[origin.licence] += origins[origin]
    return found


def _licence(licences: Mapping[str, int]) -> dict[str, object]:
    """Return what the Hub asks for: identifiers that it knows, or a name for what it does not."""
    told = sorted(licence for licence in licences if licence)
    if not told:
        return {"license": "unknown"}
    known = [_HUB_NAMES.get(licence.lower(), licence.lower()) for licence in told]
    if "" not in licences and all(name in _HUB or name in _HUB_NAMES.values() for name in known):
        return {"license": known[0] if len(known) == 1 else known}
    return {"license": "other", "license_name": _slug(told[0]) if len(licences) == 1 else "several"}


def _slug(name: str) -> str:
    """Return a name as an identifier, as the Hub and Data Packages want it.

    >>> _slug("Licence ouverte 2.0")
    'licence-ouverte-2.0'
    """
    return re.sub(r"[^a-z0-9._]+", "-", name.lower()).strip("-") or "unnamed"


def package(lineage: Lineage, origins: Mapping[Origin, int], sums: Mapping[str, str], data: Path) -> bytes:
    """Return ``datapackage.json``: each table as JSON Lines with its schema, and as Parquet.

    Args:
        lineage: of the release.
        origins: where its documents come from, each with their number.
        sums: sha256 of the files, by their path below `data`.
        data: the folder of the release's files.
    """
    described: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": TITLE,
        "description": ABOUT,
    }
    if (day := release_day()) is not None:
        described["created"] = f"{day}T00:00:00Z"
    if named := [{"name": _slug(name), "title": name} for name in _licences(origins) if name]:
        described["licenses"] = named
    if sources := sorted({origin.source for origin in origins if origin.source}):
        described["sources"] = [{"title": source} for source in sources]
    described["resources"] = [
        _resource(table, path, sums[path], (data / path).stat().st_size)
        for table, stem in _files(lineage)
        for path in (f"{stem}.jsonl", f"{stem}.parquet")
    ]
    return _json(described)


def _resource(table: Table, path: str, sha256: str, size: int) -> dict[str, Any]:
    """Return a file of a table; Frictionless reads the lines, and takes one without rows for no table."""
    stem, _, suffix = path.partition(".")
    lines = suffix == "jsonl"
    rows = (
        {"type": "table", "format": "jsonl", "schema": _schema(table)} if lines and size else {"type": "file"}
    )
    return {
        "name": stem if lines else f"{stem}-parquet",
        "path": path,
        "description": table.says,
        "mediatype": "application/jsonl" if lines else "application/vnd.apache.parquet",
        "bytes": size,
        "hash": f"sha256:{sha256}",
        **rows,
    }


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


def croissant(lineage: Lineage, origins: Mapping[Origin, int], sums: Mapping[str, str]) -> bytes:
    """Return ``croissant.json``: the Parquet files with their sums, and the columns of each table.

    A table in several parts is a set of files, so that a record set is a table in any release. There is no
    ``url`` and no ``creator``: who publishes a release, and where, is not known when it is written.

    Args: as of `package`.
    """
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": NAME,
        "description": ABOUT,
        "citeAs": f"{TITLE}. Prote {version('prote')}; named by the sha256 of its tagmanifest-sha256.txt.",
        "license": [licence for licence in _licences(origins) if licence] or ["unknown"],
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
            "encodingFormat": _PARQUET,
            "sha256": sums[f"{stem}.parquet"],
        }
        for _, stem in _files(lineage)
    ]
    if lineage.parts > 1:
        described["distribution"] += [
            {
                "@type": "cr:FileSet",
                "@id": f"{table.name}-parts",
                "name": f"{table.name}-parts",
                "encodingFormat": _PARQUET,
                "includes": f"{table.name}-*.parquet",
            }
            for table in TABLES
        ]
    described["recordSet"] = [
        {
            "@type": "cr:RecordSet",
            "@id": table.name,
            "name": table.name,
            "description": table.says,
            "field": [
                _field(table, column, lineage.parts) for column in columns(table.row) if column.croissant
            ],
        }
        for table in TABLES
    ]
    return _json(described)


_PARQUET = "application/x-parquet"
"""As Croissant calls it; mlcroissant reads no file of the type that IANA registered."""


def _field(table: Table, column: Column, parts: int) -> dict[str, Any]:
    """Return a field of a record set; Croissant 1.0 has none for lists of structures."""
    whole = {"fileObject": {"@id": f"{table.name}.parquet"}}
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.description,
        "dataType": column.croissant,
        "source": {
            **(whole if parts == 1 else {"fileSet": {"@id": f"{table.name}-parts"}}),
            "extract": {"column": column.name},
        },
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
