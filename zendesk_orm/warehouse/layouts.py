"""`Layout`: the names of tables and columns in which a loader stores Zendesk's objects.

A layout lists what differs from the declarations of the models; the types of columns are read from
the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Factory, evolve, frozen

from zendesk_orm.schema.definitions import Definition
from zendesk_orm.schema.options import Options


@frozen
class ChildTable:
    """A table with one row for each member of a list, such as the tags of tickets.

    Attributes:
        table: the name of the table.
        parent: the column with the id of the row that the list belongs to.
        value: the column with the member.
        key: the column of the row to which `parent` refers.
    """

    table: str
    parent: str
    value: str
    key: str = "id"


def _name_by_key(meta: Options, definition: Definition) -> str:
    return ""


@frozen
class Layout:
    """The names of the tables and columns of a database.

    Attributes:
        name: the name of the layout in messages.
        schema: the schema of the database that holds the tables; None for the current one.
        table: returns the name of the table of a model, or "" if the model is not stored.
        columns: the names of columns that are not called like Zendesk's keys, by model and key.
        children: lists that are stored in other tables, by model and key.
        deleted: the columns that mark deleted rows with TRUE, those that exist.
        deleted_status: the models whose deleted rows have the status `deleted`.
        inner: the separators between the name of an object and that of a value inside it, if such
            values have columns: `_` for `via_channel`.
        custom_column: returns the name of the column of a custom field, or "" if the values are
            in the list or object that Zendesk sends.
        synced: the columns with the time at which a row was loaded, the first that exists.
    """

    name: str
    schema: str | None = None
    table: Callable[[Options], str] = lambda meta: meta.plural
    columns: Mapping[str, Mapping[str, str]] = Factory(dict)
    children: Mapping[str, Mapping[str, ChildTable]] = Factory(dict)
    deleted: tuple[str, ...] = ()
    deleted_status: frozenset[str] = frozenset({"Ticket"})
    inner: tuple[str, ...] = ("__", "_", ".")
    custom_column: Callable[[Options, Definition], str] = _name_by_key
    synced: tuple[str, ...] = ()

    def within(self, schema: str | None) -> Layout:
        """Return the same layout in another schema of the database."""
        return evolve(self, schema=schema)


def snake_case(text: str) -> str:
    """Return a title as loaders name columns: lower case, with `_` between words."""
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")


def native(schema: str | None = None) -> Layout:
    """Return the layout of the local mirror: one column for each field, with Zendesk's names."""

    def custom_column(meta: Options, definition: Definition) -> str:
        return f"custom_{snake_case(definition.title) or definition.wire}"

    return Layout("native", schema, custom_column=custom_column, synced=("_synced_at",))


def fivetran(schema: str | None = "zendesk") -> Layout:
    """Return the layout of Fivetran's connector, whose tables have singular names.

    Source: https://fivetran.com/docs/connectors/applications/zendesk
    """

    def custom_column(meta: Options, definition: Definition) -> str:
        return f"custom_{snake_case(definition.title)}"

    tags = {
        model: {"tags": ChildTable(f"{table}_tag", f"{table}_id", "tag")}
        for model, table in (
            ("Ticket", "ticket"),
            ("User", "user"),
            ("Organization", "organization"),
        )
    }
    return Layout(
        "fivetran",
        schema,
        table=lambda meta: snake_case(meta.verbose_name),
        children=tags,
        deleted=("_fivetran_deleted",),
        custom_column=custom_column,
        synced=("_fivetran_synced",),
    )


def airbyte(schema: str | None = None) -> Layout:
    """Return the layout of Airbyte's connector: objects and lists are JSON.

    Source: https://docs.airbyte.com/integrations/sources/zendesk-support
    """
    return Layout(
        "airbyte",
        schema,
        inner=(),
        deleted=("_ab_cdc_deleted_at",),
        synced=("_airbyte_extracted_at", "_airbyte_emitted_at"),
    )


def dlt(schema: str | None = None) -> Layout:
    """Return the layout of dlt's verified source: lists have tables, objects have columns.

    Source: https://dlthub.com/docs/dlt-ecosystem/verified-sources/zendesk
    """

    def custom_column(meta: Options, definition: Definition) -> str:
        return snake_case(definition.title)

    children = {
        model: {"tags": ChildTable(f"{plural}__tags", "_dlt_parent_id", "value", "_dlt_id")}
        for model, plural in (
            ("Ticket", "tickets"),
            ("User", "users"),
            ("Organization", "organizations"),
        )
    }
    return Layout("dlt", schema, inner=("__",), children=children, custom_column=custom_column)


def lakeflow(schema: str | None = None) -> Layout:
    """Return the layout of Databricks Lakeflow Connect: Delta tables, lists and objects as JSON.

    Source: https://docs.databricks.com/aws/en/ingestion/lakeflow-connect/zendesk-support-overview
    """
    return Layout("lakeflow", schema, inner=(), deleted=("_rescued_deleted",))


#: The layouts by name.
LAYOUTS: Mapping[str, Any] = {
    function.__name__: function for function in (native, fivetran, airbyte, dlt, lakeflow)
}
