"""`Layout`: the names of tables and columns in which a loader stores Zendesk's objects.

A layout lists what differs from the declarations of the models; the types of columns are read from
the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Factory, evolve, frozen

from zendesk_orm.errors import ConfigurationError, FieldError
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema import registry
from zendesk_orm.schema.custom import holder
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
        name: the column with the id or key of the custom field, if the table holds the values of
            custom fields; otherwise "".
        position: the column with the place of the member in the list, or "".
    """

    table: str
    parent: str
    value: str
    key: str = "id"
    name: str = ""
    position: str = ""


def no_column(meta: Options, definition: Definition) -> str:
    """Return "": custom fields have no columns."""
    return ""


@frozen
class Layout:
    """The names of the tables and columns of a database.

    Attributes:
        name: the name of the layout in messages.
        schema: the schema of the database that holds the tables, or its catalog and schema
            (`hive.zendesk`); None for the current one.
        table: returns the name of the table of a model, or "" if the model is not stored.
        columns: the names of columns that are not called like Zendesk's keys, by model and key;
            "" for a column that is not read.
        children: lists that are stored in other tables, by model and key.
        deleted: the columns that mark deleted rows with TRUE or a time, those that exist.
        current: the columns that mark the latest version of a row with TRUE, those that exist.
        outdated: the columns that mark other versions with TRUE or a time, those that exist.
        deleted_status: the models whose deleted rows have the status `deleted`.
        deleted_inactive: the models whose deleted rows have FALSE in `active`.
        inner: the separators between the name of an object and that of a value inside it, if such
            values have columns: `_` for `via_channel`.
        custom_column: returns the name of the column of a custom field, or "" if the values are
            in the list or object that Zendesk sends.
        definitions: the tables that define custom fields, by model, if they are not those of the
            model (`TicketField`). They are read without a live account.
        synced: the columns with the time at which a row was loaded, the first that exists.
        custom_names: the table that names the columns of custom fields, or "": its columns are
            `model`, `field` (the id or key), and `name`. It wins over `custom_column`.
    """

    name: str
    schema: str | None = None
    table: Callable[[Options], str] = lambda meta: meta.plural
    columns: Mapping[str, Mapping[str, str]] = Factory(dict)
    children: Mapping[str, Mapping[str, ChildTable]] = Factory(dict)
    deleted: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    deleted_status: frozenset[str] = frozenset({"Ticket"})
    deleted_inactive: frozenset[str] = frozenset({"User"})
    inner: tuple[str, ...] = ("__", "_", ".")
    custom_column: Callable[[Options, Definition], str] = no_column
    definitions: Mapping[str, str] = Factory(dict)
    synced: tuple[str, ...] = ()
    custom_names: str = ""

    def within(self, schema: str | None) -> Layout:
        """Return the same layout in another schema of the database."""
        return evolve(self, schema=schema)


def require_layout(layout: Any) -> Layout:
    """Return a layout unchanged.

    Raises:
        ConfigurationError: it is none, or has a value of another type, or the name of a model or
            key that does not exist.
    """
    if not isinstance(layout, Layout):
        raise ConfigurationError(
            f"layout must be a Layout, such as layouts.fivetran(), not {display(layout)}"
        )
    for name in ("deleted", "current", "outdated", "inner", "synced"):
        value = getattr(layout, name)
        if not isinstance(value, (tuple, list)) or not all(isinstance(n, str) for n in value):
            raise _wrong(name, "a tuple of names of columns, such as ('removed',)", value)
    for name in ("table", "custom_column"):
        if not callable(getattr(layout, name)):
            raise _wrong(name, "a function that returns a name", getattr(layout, name))
    if not isinstance(layout.schema, (str, type(None))):
        raise _wrong("schema", "the name of a schema, or None", layout.schema)
    _require_keys("columns", layout.columns, str)
    _require_keys("children", layout.children, ChildTable)
    return layout


def _require_keys(name: str, by_model: Any, type_: type[Any]) -> None:
    """Raise `ConfigurationError` unless names of models and keys lead to values of a type."""
    expected = f"a mapping by models and keys, with values of the type {type_.__name__}"
    if not isinstance(by_model, Mapping):
        raise _wrong(name, expected, by_model)
    for model, by_key in by_model.items():
        try:
            meta: Options = registry.find(model, "support")._meta
        except FieldError as error:
            raise ConfigurationError(f"Layout({name}=...): {error}") from None
        if not isinstance(by_key, Mapping) or not all(
            isinstance(value, type_) for value in by_key.values()
        ):
            raise _wrong(name, expected, by_model)
        wires = [field.wire for field in meta.fields.values()]
        for key in by_key:
            if key not in wires:
                raise ConfigurationError(
                    f"Layout({name}=...): {model} has no key {display(key)}{suggestion(key, wires)}"
                )


def _wrong(name: str, expected: str, value: Any) -> ConfigurationError:
    return ConfigurationError(f"Layout({name}=...) must be {expected}, not {display(value)}")


def snake_case(text: str) -> str:
    """Return a title as loaders name columns: lower case, with `_` between words."""
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")


def normalize_name(title: str) -> str:
    """Return a title as dlt names columns by default.

    Source: https://dlthub.com/docs/general-usage/naming-convention
    """
    name = title.strip().translate(str.maketrans("+-*@|", "x_xal"))
    name = re.sub(r"[^0-9A-Za-z_]", "_", name)
    name = re.sub("([^_])([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub("([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    if name[:1].isdigit():
        name = f"_{name}"
    stem = name.rstrip("_")
    return re.sub("_+", "_", stem + "x" * (len(name) - len(stem)))


def native(schema: str | None = None) -> Layout:
    """Return the layout of a `Mirror`: one column for each field, with Zendesk's names."""

    def custom_column(meta: Options, definition: Definition) -> str:
        return f"custom_{snake_case(definition.title) or definition.wire}"

    return Layout(
        "native",
        schema,
        # Zendesk sends the custom fields of tickets under two keys.
        columns={"Ticket": {"fields": "custom_fields"}},
        deleted=("_deleted",),
        custom_column=custom_column,
        custom_names="_zendesk_custom_fields",
        synced=("_synced_at",),
    )


def fivetran(schema: str | None = "zendesk") -> Layout:
    """Return the layout of Fivetran's connector, whose tables have singular names.

    - Values inside objects have columns (`via_channel`), tags have tables (`ticket_tag`), custom
      fields have columns named by their titles (`custom_order_number`).
    - Comments are in `ticket_comment`, with `created` and `user_id`; memberships in `group_member`
      and `organization_member`.
    - Rows of tables in history mode that are not the latest version (`_fivetran_active`) are left
      out, as are rows that are marked as deleted, also of tags.
    - Ticket forms and ticket fields are not read: `ticket_form_history` has a row for each change,
      and `ticket_custom_field` lacks Zendesk's own fields; it defines the custom fields if there is
      no live account. Audits are stored as changes of fields
      (`ticket_field_history`), which have no ids of audits.

    Source: https://fivetran.com/docs/connectors/applications/zendesk/connector-schema,
    https://fivetran.com/docs/core-concepts/system-columns-and-tables, and the sources of
    https://github.com/fivetran/dbt_zendesk (`macros/staging`)
    """

    def custom_column(meta: Options, definition: Definition) -> str:
        return f"custom_{snake_case(definition.title)}"

    names = {
        "Audit": "",
        "Comment": "ticket_comment",
        "GroupMembership": "group_member",
        "OrganizationMembership": "organization_member",
        "TicketField": "",
        "TicketForm": "",
    }
    tags = {
        model: {"tags": ChildTable(f"{table}_tag", f"{table}_id", "tag")}
        for model, table in (
            ("Ticket", "ticket"),
            ("User", "user"),
            ("Organization", "organization"),
        )
    }
    domains = ChildTable("domain_name", "organization_id", "domain_name", position="index")
    return Layout(
        "fivetran",
        schema,
        table=_with_names(names, lambda meta: snake_case(meta.verbose_name)),
        columns={"Comment": {"created_at": "created", "author_id": "user_id"}},
        children={**tags, "Organization": {**tags["Organization"], "domain_names": domains}},
        deleted=("_fivetran_deleted", "deleted"),
        current=("_fivetran_active",),
        custom_column=custom_column,
        definitions={"TicketField": "ticket_custom_field"},
        synced=("_fivetran_synced",),
    )


def airbyte(schema: str | None = None) -> Layout:
    """Return the layout of Airbyte's connector: objects and lists are JSON.

    Tables have the names of the streams: those of Zendesk's keys, but `ticket_comments` and
    `ticket_audits`. Deleted tickets have the status `deleted`, as in Zendesk's exports; rows with
    `_ab_cdc_deleted_at` are left out, too. Lists and objects may be texts, JSON or arrays, which
    depends on the database.

    Source: https://docs.airbyte.com/integrations/sources/zendesk-support, the schemas of
    https://github.com/airbytehq/airbyte (`source-zendesk-support`), and
    https://docs.airbyte.com/platform/using-airbyte/core-concepts/typing-deduping
    """
    return Layout(
        "airbyte",
        schema,
        table=_with_names(_STREAMS),
        inner=(),
        deleted=("_ab_cdc_deleted_at", "deleted"),
        synced=("_airbyte_extracted_at", "_airbyte_emitted_at"),
    )


def dlt(schema: str | None = None, *, pivot_ticket_fields: bool = True) -> Layout:
    """Return the layout of dlt's verified source, whose tables have the names of Zendesk's keys.

    - Values inside objects have columns (`via__channel`).
    - The tags of tickets are a JSON list; those of users and organizations have tables
      (`users__tags`), whose `_dlt_parent_id` is the row's `_dlt_id`.
    - Custom fields of tickets have columns named by their first titles, in dlt's snake case.
      Columns of fields with options are not read: dlt stores the title of an option, which Zendesk
      may change, and not its tag. Custom fields of users and organizations have columns named by
      their keys (`user_fields__order_number`).
    - Comments and audits are not stored; `ticket_events` contains them in another form.

    Args:
        schema: the schema of the tables, or their catalog and schema; None for the current one.
        pivot_ticket_fields: the argument with the same name of dlt's `zendesk_support()`; if it is
            False, the custom fields of tickets are a list in JSON.

    Source: https://dlthub.com/docs/dlt-ecosystem/verified-sources/zendesk,
    https://dlthub.com/docs/general-usage/naming-convention, and
    https://github.com/dlt-hub/verified-sources (`sources/zendesk`)
    """

    def custom_column(meta: Options, definition: Definition) -> str:
        if meta.plural != "tickets":
            return f"{holder(meta).wire}__{normalize_name(definition.key)}"
        is_read = pivot_ticket_fields and not definition.chosen
        return normalize_name(definition.title) if is_read else ""

    def child(table: str) -> ChildTable:
        place = "_dlt_list_idx"
        return ChildTable(table, "_dlt_parent_id", "value", "_dlt_id", position=place)

    children = {
        model: {"tags": child(f"{plural}__tags")}
        for model, plural in (("User", "users"), ("Organization", "organizations"))
    }
    organization = child("organizations__domain_names")
    return Layout(
        "dlt",
        schema,
        table=_with_names({"Audit": "", "Comment": "", "CustomRole": "custom_agent_roles"}),
        # The column exists, and is empty in all rows if each field has a column.
        columns={"Ticket": {"custom_fields": ""}} if pivot_ticket_fields else {},
        inner=("__",),
        children={
            **children,
            "Organization": {**children["Organization"], "domain_names": organization},
        },
        deleted=("deleted",),
        custom_column=custom_column,
        synced=("_dlt_load_id",),
    )


def lakeflow(schema: str | None = None) -> Layout:
    """Return the layout of Databricks Lakeflow Connect: Delta tables, whose lists are texts.

    Lists and objects, such as `custom_fields`, are JSON in columns of strings. Of tables that keep
    the history of rows (SCD type 2), only the present rows are read: those without `__END_AT`.
    Satisfaction ratings are not stored.

    Source:
    https://docs.databricks.com/aws/en/ingestion/lakeflow-connect/zendesk-support-reference and
    https://docs.databricks.com/aws/en/ingestion/lakeflow-connect/scd
    """
    return Layout(
        "lakeflow",
        schema,
        table=_with_names({**_STREAMS, "UserIdentity": "user_identities"}),
        inner=(),
        deleted=("deleted",),
        outdated=("__END_AT",),
    )


#: Tables that are not called like Zendesk's keys, because comments and audits belong to tickets.
_STREAMS: Mapping[str, str] = {"Audit": "ticket_audits", "Comment": "ticket_comments"}


def _with_names(
    names: Mapping[str, str], default: Callable[[Options], str] = lambda meta: meta.plural
) -> Callable[[Options], str]:
    """Return the function that returns the table of a model, which may be named separately."""

    def table(meta: Options) -> str:
        name = names.get(str(meta.concrete.__name__))
        return default(meta) if name is None else name

    return table


#: The layouts by name.
LAYOUTS: Mapping[str, Any] = {
    function.__name__: function for function in (native, fivetran, airbyte, dlt, lakeflow)
}
