"""The columns of the tables: one description of each, for every format that needs one.

`TABLES` names the tables of a release with the rows they hold; `columns` reads name, type and description
of each column from the row's own type, and gives the type as Arrow (Parquet), Frictionless (JSON Lines)
and Croissant know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import msgspec
import pyarrow as pa
from msgspec import inspect

from release.rows import DiplomaticRow, DocumentRow, LedgerRow, NoteRow, ParagraphRow, TextRow


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a release.

    Attributes:
        name: of its files, without suffix.
        config: what the dataset card calls it.
        row: type of its rows.
        key: the column that holds the name of the document.
        says: what is in it, in a sentence.
    """

    name: str
    config: str
    row: type[msgspec.Struct]
    key: str
    says: str


DOCUMENTS = Table(
    "documents", "normalised", TextRow, "name", "Published documents, with the text that most tools read"
)
DIPLOMATIC = Table(
    "diplomatic", "diplomatic", DiplomaticRow, "document", "What their pages print, and what was read of them"
)
PARAGRAPHS = Table(
    "paragraphs", "paragraphs", ParagraphRow, "document", "Blocks of the documents, published or in review"
)
NOTES = Table("notes", "notes", NoteRow, "document", "Notes, with the places that call them")
EDITS = Table("edits", "edits", LedgerRow, "document", "Every edit with its evidence, made or not")
REVIEW = Table("review", "review", TextRow, "name", "Documents in review: with their sure edits only")
REJECTS = Table("rejects", "rejects", DocumentRow, "name", "Documents in quarantine, with the reasons")
TABLES = (DOCUMENTS, DIPLOMATIC, PARAGRAPHS, NOTES, EDITS, REVIEW, REJECTS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: as in every file.
        description: what it holds, in a sentence.
        arrow: its type in Parquet.
        frictionless: its type in a Table Schema, for JSON Lines.
        croissant: its type in Croissant, as schema.org has it; empty for lists and structures.
        required: whether it is never null.
        choices: the values it may have; empty where any will do.
    """

    name: str
    description: str
    arrow: pa.DataType
    frictionless: str
    croissant: str
    required: bool
    choices: tuple[str, ...] = ()


@cache
def columns(row: type[msgspec.Struct]) -> tuple[Column, ...]:
    """Return the columns of a table, in their order, by the type of its rows."""
    found = inspect.type_info(row)
    assert isinstance(found, inspect.StructType)  # noqa: S101 - a Struct is nothing else
    made = []
    for field in found.fields:
        described = field.type
        description = ""
        while isinstance(described, inspect.Metadata):
            description = (described.extra_json_schema or {}).get("description", description)
            described = described.type
        bare, required = _bare(described)
        made.append(
            Column(field.encode_name, description, _arrow(bare), *_others(bare), required, _choices(bare))
        )
    return tuple(made)


@cache
def arrow_schema(row: type[msgspec.Struct]) -> pa.Schema:
    """Return the schema of a Parquet file; each field carries its description."""
    return pa.schema(
        [
            pa.field(column.name, column.arrow, not column.required, {"description": column.description})
            for column in columns(row)
        ]
    )


def earlier_schema(row: type[msgspec.Struct], found: pa.Schema) -> pa.Schema:
    """Return the same for a file of an earlier minor version, which may lack columns that have a default.

    Args:
        row: type of the rows.
        found: the columns that the file has.
    """
    new = {field.name for field in msgspec.structs.fields(row) if not field.required} - {*found.names}
    return pa.schema([field for field in arrow_schema(row) if field.name not in new])


def _bare(described: inspect.Type) -> tuple[inspect.Type, bool]:
    """Return a type without its None and its bounds, and whether it was without None."""
    if isinstance(described, inspect.Metadata):
        return _bare(described.type)
    if isinstance(described, inspect.UnionType):
        (kept,) = (kind for kind in described.types if not isinstance(kind, inspect.NoneType))
        return _bare(kept)[0], False
    return described, True


def _arrow(described: inspect.Type) -> pa.DataType:
    bare, _ = _bare(described)
    match bare:
        case inspect.VarTupleType():
            return pa.list_(pa.field("element", _arrow(bare.item_type), nullable=False))
        case inspect.StructType() | inspect.DataclassType():
            return pa.struct(
                [
                    pa.field(field.encode_name, _arrow(field.type), not _bare(field.type)[1])
                    for field in bare.fields
                ]
            )
        case inspect.IntType():
            return pa.int64()
        case inspect.FloatType():
            return pa.float64()
        case inspect.DateType():
            return pa.date32()
        case inspect.StrType() | inspect.EnumType() | inspect.LiteralType():
            return pa.string()
    raise TypeError(f"no column can hold {bare}")


def _others(bare: inspect.Type) -> tuple[str, str]:
    """Return the type as Frictionless and as Croissant know it."""
    match bare:
        case inspect.VarTupleType():
            return "array", ""
        case inspect.StructType() | inspect.DataclassType():
            return "object", ""
        case inspect.IntType():
            return "integer", "sc:Integer"
        case inspect.FloatType():
            return "number", "sc:Float"
        case inspect.DateType():
            return "date", "sc:Date"
    return "string", "sc:Text"


def _choices(bare: inspect.Type) -> tuple[str, ...]:
    if isinstance(bare, inspect.EnumType):
        return tuple(member.value for member in bare.cls)
    return tuple(bare.values) if isinstance(bare, inspect.LiteralType) else ()
