"""Loads rows of the emulator into the tables of a layout, as a loader would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import Factory, frozen

from zendesk_orm import Group, Organization, Ticket, User
from zendesk_orm.warehouse import layouts
from zendesk_orm.warehouse.layouts import Layout


MODELS = (Ticket, User, Organization, Group)
#: The names of types by engine: of numbers, texts, moments, days, truth values, lists and JSON.
TYPES = {
    "duckdb": {
        **dict.fromkeys(("int", "id"), "BIGINT"),
        "float": "DOUBLE",
        "datetime": "TIMESTAMPTZ",
        "naive": "TIMESTAMP",
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
        "naive": "TIMESTAMP",
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
        lists: the type of lists without separate tables.
        objects: the type of objects.
        moments: the type of moments.
        separator: the text between the names of an object and of a value inside it, if such values
            have columns.
        key: the column that the rows of lists refer to.
        outdated: the columns with marks of outdated rows, each with its type and its values in the
            latest and in outdated rows.
    """

    layout: Layout
    lists: str
    objects: str = "json"
    moments: str = "datetime"
    separator: str = ""
    key: str = "id"
    outdated: Mapping[str, tuple[str, Any, Any]] = Factory(dict)


_MOMENT = "2026-01-01T00:00:00Z"
#: The loaders of the tests. The schema `main` or `public` is that of the engine.
LOADERS = {
    "native": Loader(layouts.native(), "list"),
    "fivetran": Loader(
        layouts.fivetran(schema=None),
        "json",
        moments="naive",
        separator="_",
        outdated={"_fivetran_active": ("bool", True, False)},
    ),
    "airbyte": Loader(layouts.airbyte(), "json", moments="text"),
    "dlt": Loader(layouts.dlt(), "json", separator="__", key="_dlt_id"),
    "lakeflow": Loader(
        layouts.lakeflow(), "text", "text", outdated={"__END_AT": ("datetime", None, _MOMENT)}
    ),
}


def _column_types(model: Any, loader: Loader, rows: list[Any]) -> dict[str, str]:
    """Return the types of columns by their names."""
    types = {}
    by_kind = {**_KINDS, "datetime": loader.moments}
    children = loader.layout.children.get(model.__name__, {})
    for field in model._meta.fields.values():
        kind = field.kind.name
        if not field.readable or field.wire in ("custom_fields", "fields", *children):
            continue
        if field.wire == "tags":
            types["tags"] = loader.lists
        elif kind in by_kind:
            types[field.wire] = by_kind[kind]
        elif kind == "dict" and not loader.separator:
            types[field.wire] = loader.objects
        elif kind == "dict":
            types |= _inner_types(f"{field.wire}{loader.separator}", rows)
    return types


_KINDS = {
    **{kind: kind for kind in ("int", "id", "float", "date", "bool")},
    **dict.fromkeys(("str", "choice", "Any"), "text"),
}
_VALUE_TYPES = {bool: "bool", int: "int", float: "float", str: "text"}


def _inner_types(prefix: str, rows: list[Any]) -> dict[str, str]:
    """Return the types of the columns of values inside an object."""
    pairs = ((key, value) for row in rows for key, value in row.items() if value is not None)
    return {
        key: _VALUE_TYPES.get(type(value), "json") for key, value in pairs if key.startswith(prefix)
    }


def _flatten(row: Any, separator: str) -> dict[str, Any]:
    """Return a row with the values inside its objects under separate keys."""
    flat = {}
    for key, value in row.items():
        if separator and isinstance(value, dict):
            flat |= {f"{key}{separator}{name}": inner for name, inner in value.items()}
        else:
            flat[key] = value
    return flat


def _dump(value: Any, type_: str) -> Any:
    if type_ == "json" or (type_ == "text" and isinstance(value, (dict, list))):
        return None if value is None else json.dumps(value)
    return value


def load_rows(cursor: Any, engine: str, loader: Loader, rows: dict[Any, list[Any]]) -> None:
    """Create the tables of a layout, and insert the rows of each model.

    If the loader keeps outdated rows, each third row has one with other values.
    """
    for model, stored in rows.items():
        flat = [_flatten(row, loader.separator) for row in stored]
        types = _column_types(model, loader, flat)
        values = [[_dump(row.get(name), type_) for name, type_ in types.items()] for row in flat]
        for name, (type_, latest, before) in loader.outdated.items():
            types[name] = type_
            pairs = zip(values[::3], values[1::3], strict=False)
            old = [[row[0], *other[1:], before] for row, other in pairs]
            values = [*old, *([*row, latest] for row in values)]
        if loader.key != "id":
            types[loader.key] = "text"
            values = [[*row, f"key-{number}"] for number, row in enumerate(values)]
        _create(cursor, engine, loader.layout.table(model._meta), types, values)
        child = loader.layout.children.get(model.__name__, {}).get("tags")
        if child is not None:
            names = {child.parent: "int" if loader.key == "id" else "text", child.value: "text"}
            keys = [row["id"] if loader.key == "id" else f"key-{n}" for n, row in enumerate(stored)]
            tags = [
                [key, tag]
                for key, row in zip(keys, stored, strict=True)
                for tag in row.get("tags") or ()
            ]
            _create(cursor, engine, child.table, names, tags)


def _create(
    cursor: Any, engine: str, table: str, types: dict[str, str], rows: list[list[Any]]
) -> None:
    declared = ", ".join(f'"{name}" {TYPES[engine][type_]}' for name, type_ in types.items())
    cursor.execute(f'CREATE TABLE "{table}" ({declared})')
    signs = ", ".join(["?" if engine == "duckdb" else "%s"] * len(types))
    if rows:
        cursor.executemany(f'INSERT INTO "{table}" VALUES ({signs})', rows)
