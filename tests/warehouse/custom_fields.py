"""Tickets with custom fields of each kind, in tables as loaders write them."""

from __future__ import annotations

import json

from attrs import frozen

from zendesk_orm.warehouse import ChildTable, Layout, layouts
from zendesk_orm.warehouse.layouts import snake_case


#: The definitions: id, title, type and options.
FIELDS = (
    (41, "Order number", "text", ()),
    (42, "Colour", "tagger", ("colour_red", "colour_blue")),
    (43, "Under warranty", "checkbox", ()),
    (44, "Delivery", "date", ()),
    (45, "Seats", "integer", ()),
    (46, "Amount", "decimal", ()),
    (47, "Parts", "multiselect", ("part_a", "part_b", "part_c")),
    (48, "Owner", "lookup", ()),
)
TYPES = {
    "text": "TEXT",
    "tagger": "TEXT",
    "checkbox": "BOOLEAN",
    "date": "DATE",
    "integer": "BIGINT",
    "decimal": "DOUBLE PRECISION",
    "multiselect": "TEXT",
    "lookup": "BIGINT",
}


def _values(number):
    """Return the values of a ticket, as Zendesk sends them."""
    texts = ("A1", "a1", "50% \\", "Straße", "STRASSE", "[x", "", None)
    parts = ([], ["part_a"], ["part_b", "part_c"], None)
    return {
        41: texts[number % 8],
        42: ("colour_red", "colour_blue", None)[number % 3],
        43: (True, False, None)[number % 3],
        44: None if number % 5 == 0 else f"2026-0{1 + number % 3}-1{number % 7}",
        45: None if number % 4 == 3 else number % 12 - 3,
        46: None if number % 6 == 0 else number / 4,
        47: parts[number % 4],
        48: None if number % 3 == 0 else str(9_007_199_254_740_993 + number % 5),
    }


ROWS = [
    {
        "id": number,
        "status": "open",
        "custom_fields": [{"id": pk, "value": value} for pk, value in _values(number).items()],
    }
    for number in range(1, 41)
]


@frozen
class Loader:
    """How a loader stores custom fields.

    Attributes:
        layout: the names of tables and columns.
        table: the table of tickets.
        definitions: the table of definitions.
        kind: `columns`, `rows`, or the type of one column.
    """

    layout: Layout
    table: str
    definitions: str
    kind: str


_VALUES = ChildTable("ticket_values", "ticket_id", "value", name="field_id")
LOADERS = {
    "fivetran": Loader(layouts.fivetran(None), "ticket", "ticket_custom_field", "columns"),
    "airbyte": Loader(layouts.airbyte(), "tickets", "ticket_fields", "json"),
    "lakeflow": Loader(layouts.lakeflow(), "tickets", "ticket_fields", "text"),
    "rows": Loader(
        Layout("rows", children={"Ticket": {"custom_fields": _VALUES}}),
        "tickets",
        "ticket_fields",
        "rows",
    ),
}


def load_custom_fields(execute, loader, sign, json_type):
    """Create the tables of a loader with all rows and definitions.

    Args:
        execute: a function that executes a statement with parameters.
        loader: the loader.
        sign: the sign of a parameter.
        json_type: the name of the type of JSON.
    """
    options_column = "" if loader.kind == "columns" else f", custom_field_options {json_type}"
    execute(
        f"CREATE TABLE {loader.definitions} "
        f"(id BIGINT, title TEXT, type TEXT, active BOOLEAN{options_column})",
        (),
    )
    for pk, title, kind, options in FIELDS:
        values = [pk, title, kind, True]
        if options_column:
            values.append(json.dumps([{"name": tag.title(), "value": tag} for tag in options]))
        signs = ", ".join([sign] * len(values))
        execute(f"INSERT INTO {loader.definitions} VALUES ({signs})", values)
    columns = {
        "columns": [f"custom_{snake_case(title)} {TYPES[kind]}" for _, title, kind, _ in FIELDS],
        "rows": [],
    }.get(loader.kind, [f"custom_fields {json_type if loader.kind == 'json' else 'TEXT'}"])
    execute(
        f"CREATE TABLE {loader.table} ({', '.join(['id BIGINT', 'status TEXT', *columns])})", ()
    )
    if loader.kind == "rows":
        execute("CREATE TABLE ticket_values (ticket_id BIGINT, field_id BIGINT, value TEXT)", ())
    for row in ROWS:
        values = [row["id"], row["status"]]
        if loader.kind == "columns":
            values += [_to_column(item["value"], item["id"]) for item in row["custom_fields"]]
        elif loader.kind == "rows":
            for item in row["custom_fields"]:
                for value in _to_texts(item["value"]):
                    statement = f"INSERT INTO ticket_values VALUES ({sign}, {sign}, {sign})"
                    execute(statement, (row["id"], item["id"], value))
        else:
            values.append(json.dumps(row["custom_fields"]))
        signs = ", ".join([sign] * len(values))
        execute(f"INSERT INTO {loader.table} VALUES ({signs})", values)


def _to_column(value, pk):
    if pk == 48:
        return None if value is None else int(value)
    return json.dumps(value) if isinstance(value, list) else value


def _to_texts(value):
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, list):
        return value
    return [] if value is None else [str(value)]
