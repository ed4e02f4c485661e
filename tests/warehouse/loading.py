"""Loads rows of the emulator into the tables of a layout, as a loader would."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from zendesk_orm import Group, Organization, Ticket, User
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.warehouse import layouts
from zendesk_orm.warehouse.layouts import Layout


MODELS = (Ticket, User, Organization, Group)
#: The names of types by engine: of numbers, texts, moments, days, truth values, lists and JSON.
TYPES = {
    "duckdb": {
        **dict.fromkeys(("int", "id"), "BIGINT"),
        "float": "DOUBLE",
        "datetime": "TIMESTAMPTZ",
        "date": "DATE",
        "bool": "BOOLEAN",
        "list": "VARCHAR[]",
        "json": "JSON",
        "text": "VARCHAR",
    },
    "postgres": {
        **dict.fromkeys(("int", "id"), "BIGINT"),
        "float": "DOUBLE PRECISION",
        "datetime": "TIMESTAMPTZ",
        "date": "DATE",
        "bool": "BOOLEAN",
        "list": "TEXT[]",
        "json": "JSONB",
        "text": "TEXT",
    },
}


@frozen
class Loader:
    """How a loader stores rows.

    Attributes:
        layout: the names of tables and columns.
        lists: the type of lists: `list`, `json`, or "" if they have tables of their own.
        moments: the type of moments.
    """

    layout: Layout
    lists: str
    moments: str = "datetime"


#: The loaders of the tests. The schema `main` or `public` is that of the engine.
LOADERS = {
    "native": Loader(layouts.native(), "list"),
    "fivetran": Loader(layouts.fivetran(schema=None), ""),
    "airbyte": Loader(layouts.airbyte(), "json", "text"),
}


def _columns(model: Any, loader: Loader) -> list[tuple[Attribute[Any], str]]:
    """Return the fields that have columns, each with its type."""
    columns = []
    for field in model._meta.fields.values():
        kind = field.kind.name
        if not field.readable or field.wire in ("custom_fields", "fields"):
            continue
        if kind.startswith("list"):
            if field.wire == "tags" and loader.lists:
                columns.append((field, loader.lists))
        elif kind == "datetime":
            columns.append((field, loader.moments))
        elif kind in ("int", "id", "float", "date", "bool"):
            columns.append((field, kind))
        elif kind in ("str", "choice", "Any"):
            columns.append((field, "text"))
        elif kind == "dict":
            columns.append((field, "json"))
    return columns


def _dump(value: Any, type_: str) -> Any:
    if type_ == "json" or (type_ == "text" and isinstance(value, (dict, list))):
        return None if value is None else json.dumps(value)
    return value


def load_rows(cursor: Any, engine: str, loader: Loader, rows: dict[Any, list[Any]]) -> None:
    """Create the tables of a layout, and insert the rows of each model."""
    sign = "?" if engine == "duckdb" else "%s"
    for model, stored in rows.items():
        table, columns = loader.layout.table(model._meta), _columns(model, loader)
        declared = ", ".join(f'"{field.wire}" {TYPES[engine][type_]}' for field, type_ in columns)
        cursor.execute(f'CREATE TABLE "{table}" ({declared})')
        values = [[_dump(row.get(field.wire), type_) for field, type_ in columns] for row in stored]
        signs = ", ".join([sign] * len(columns))
        if values:
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({signs})', values)
        child = loader.layout.children.get(model.__name__, {}).get("tags")
        if child is not None:
            number, text = TYPES[engine]["int"], TYPES[engine]["text"]
            cursor.execute(
                f'CREATE TABLE "{child.table}" ("{child.parent}" {number}, "{child.value}" {text})'
            )
            tags = [[row["id"], tag] for row in stored for tag in row.get("tags") or ()]
            if tags:
                cursor.executemany(f'INSERT INTO "{child.table}" VALUES ({sign}, {sign})', tags)
