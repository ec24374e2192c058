"""Tampering with releases as a careful forger would: files changed, and every sum written anew.

Nothing of `release.bag` is used, so that the tests read and write bags by the standard (RFC 8493) alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]

TAGS = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
TAG_MANIFEST = "tagmanifest-sha256.txt"


def data_of(clean: Path) -> Path:
    """Return the files of the current release."""
    return (clean / "current").resolve()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def writable_copy(clean: Path, copy: Path) -> Path:
    """Copy an output folder, so that it can be damaged."""
    shutil.copytree(clean, copy, symlinks=True)
    for path in copy.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o644)
    return copy


def encoded(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def resign(clean: Path, *, described: bool = True, renamed: bool = True) -> None:
    """Make every sum agree with the files again.

    Args:
        clean: the output folder.
        described: also the sums of the tables in ``datapackage.json`` and ``croissant.json``.
        renamed: give the release the name that its tag manifest asks for.
    """
    data = data_of(clean)
    if described:
        describe(data)
    files = files_of(data)
    size = sum(path.stat().st_size for path in files)
    info = (data.parent / "bag-info.txt").read_text().splitlines()
    info = [line for line in info if not line.startswith("Payload-Oxum")]
    info.append(f"Payload-Oxum: {size}.{len(files)}")
    (data.parent / "bag-info.txt").write_text("\n".join(info) + "\n")
    lines = [
        f"{digest(path.read_bytes())}  {encoded(str(path.relative_to(data.parent)))}\n" for path in files
    ]
    put_tag(clean, "manifest-sha256.txt", "".join(lines).encode(), renamed=renamed)


def describe(data: Path) -> None:
    """Have the descriptions of the tables give their sums."""
    for file, entries, name, key, prefix in (
        ("datapackage.json", "resources", "path", "hash", "sha256:"),
        ("croissant.json", "distribution", "contentUrl", "sha256", ""),
    ):
        if not (data / file).is_file():
            continue
        said = json.loads((data / file).read_bytes())
        for entry in said[entries]:
            if key in entry and (data / entry[name]).is_file():
                entry[key] = prefix + digest((data / entry[name]).read_bytes())
        (data / file).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def put_tag(clean: Path, file: str, content: bytes, *, renamed: bool = True) -> None:
    """Put a tag file, and have the tag manifest and the folder's name agree with it."""
    folder = data_of(clean).parent
    (folder / file).write_bytes(content)
    if file != TAG_MANIFEST:
        lines = [
            f"{digest((folder / tag).read_bytes())}  {tag}\n" for tag in TAGS if (folder / tag).is_file()
        ]
        (folder / TAG_MANIFEST).write_text("".join(lines))
    if renamed:
        target = clean / "releases" / digest((folder / TAG_MANIFEST).read_bytes())
        folder.rename(target)
        (clean / "current").unlink()
        (clean / "current").symlink_to(Path("releases", target.name, "data"))


def read_lines(data: Path, table: str) -> list[Row]:
    return [json.loads(line) for line in (data / f"{table}.jsonl").read_text().splitlines()]


def put_lines(data: Path, table: str, rows: list[Row]) -> None:
    encoded_rows = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    (data / f"{table}.jsonl").write_text("".join(encoded_rows))


def put_parquet(data: Path, table: str, rows: list[Row]) -> None:
    """Put rows into the Parquet file of a table, with the columns it has."""
    path = data / f"{table}.parquet"
    schema = pq.read_schema(path)
    for row in rows:
        for field in schema:
            if pa.types.is_date(field.type) and isinstance(row[field.name], str):
                row[field.name] = dt.date.fromisoformat(row[field.name])
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def edit_rows(
    data: Path, table: str, change: Callable[[list[Row]], list[Row] | None], *, formats: str = "both"
) -> None:
    """Change the rows of a table: of its JSON Lines, of its Parquet, or of both alike."""
    rows = read_lines(data, table)
    changed = change(rows)
    rows = rows if changed is None else changed
    if formats in ("both", "jsonl"):
        put_lines(data, table, rows)
    if formats in ("both", "parquet"):
        put_parquet(data, table, rows)


def altered(value: Any, kind: pa.DataType, choices: tuple[str, ...] = ()) -> Any:
    """Return another value that the same column may have; dates are as JSON has them."""
    if choices:
        return next(choice for choice in choices if choice != value)
    if pa.types.is_list(kind):
        return value[:-1] if value else [altered(None, kind.value_type)]
    if pa.types.is_struct(kind):
        first, *others = list(kind)
        kept = value or {field.name: altered(None, field.type) for field in others}
        return kept | {first.name: altered(kept.get(first.name), first.type)}
    if pa.types.is_date(kind):
        return "2001-02-03" if value != "2001-02-03" else "2001-02-04"
    if pa.types.is_integer(kind):
        return (value or 0) + 1
    if pa.types.is_floating(kind):
        return 0.123 if value != 0.123 else 0.25
    return f"{value or ''}x"
