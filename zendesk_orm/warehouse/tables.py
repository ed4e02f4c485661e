"""How the rows of a model are stored in a database: its table, columns and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import frozen
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display, suggestion
from zendesk_orm.query.sql_values import Value
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import Attribute, Lookup
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse import lists
from zendesk_orm.warehouse.layouts import ChildTable, Layout
from zendesk_orm.warehouse.types import column_type, field_type, is_compatible


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: its name, as the database spells it.
        type: its type; see `sql_values.Value`.
    """

    name: str
    type: str


class StoredModel:
    """The table of a model; see `query.sql.Storage`.

    Args:
        layout: the names of tables and columns.
        dialect: sqlglot's name of the dialect.
        meta: the options of the model.
        columns: the names and types of the columns, as the database describes them.
        children: the names of the tables of members that exist.
        definitions: the custom fields of the account, or None if they are unknown.
        custom_names: the names of the columns of custom fields by id or key, if the database knows
            them; others are named by the layout.
    """

    def __init__(
        self,
        layout: Layout,
        dialect: str,
        meta: Options,
        columns: Iterable[tuple[str, str]],
        children: Mapping[str, ChildTable],
        definitions: Definitions | None,
        custom_names: Mapping[str, str] | None = None,
    ) -> None:
        self.layout, self.meta, self._dialect = layout, meta, dialect
        self._columns = {
            name.lower(): Column(name, column_type(type_, dialect)) for name, type_ in columns
        }
        self.children = children
        self.definitions = definitions
        self._custom_names = custom_names or {}
        self._root = str(meta.concrete.__name__)

    @property
    def dialect(self) -> str:
        """Sqlglot's name of the dialect."""
        return self._dialect

    @property
    def name(self) -> str:
        """The name of the table, with its schema."""
        table = self.layout.table(self.meta)
        return table if self.layout.schema is None else f"{self.layout.schema}.{table}"

    def table(self, alias: str) -> exp.Expr:
        """Return the table, named by an alias."""
        table = to_table(self.layout, self.layout.table(self.meta), self._dialect)
        return exp.alias_(table, alias, table=True, quoted=True)

    def present(self, alias: str) -> exp.Expr | None:
        """Return the condition of rows that were not deleted; None if nothing marks them."""
        conditions: list[exp.Expr] = []
        for name in self.layout.deleted:
            column = self._columns.get(name.lower())
            if column is not None:
                conditions.append(_lacks_mark(column, alias))
        status = self.column("status")
        if self._root in self.layout.deleted_status and status is not None:
            value = exp.column(status.name, alias, quoted=True)
            deleted = exp.EQ(this=value, expression=exp.Literal.string("deleted"))
            conditions.append(exp.not_(exp.Coalesce(this=deleted, expressions=[exp.false()])))
        active = self.column("active")
        inactive = self._root in self.layout.deleted_inactive
        if inactive and active is not None and active.type == "boolean":
            value = exp.column(active.name, alias, quoted=True)
            conditions.append(exp.Coalesce(this=value, expressions=[exp.true()]))
        return exp.and_(*conditions) if conditions else None

    def column(self, wire: str) -> Column | None:
        """Return the column of a key of Zendesk's, or None."""
        names = self.layout.columns.get(self._root, {})
        return self._columns.get(names.get(wire, wire).lower())

    def value(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value of a field.

        Raises:
            NoEndpoint: it is not stored.
        """
        value = self.find_value(field, alias)
        if value is None:
            names = [column.name for column in self._columns.values()]
            raise NoEndpoint(
                f"{self.meta.object_name}.{field.name} is not stored: in the layout "
                f"{self.layout.name}, table {self.name} has no column {display(field.wire)}"
                f"{suggestion(field.wire, names)}; read it from the live account"
            )
        return value

    def find_value(self, field: Attribute[Any], alias: str) -> Value | None:
        """Return the value of a field, or None if it is not stored."""
        if isinstance(field, KeyTransform):
            return self._inner_value(field, alias)
        column = self.column_of(field)
        if column is None:
            return None
        expression = exp.column(column.name, alias, quoted=True)
        return Value(expression, field_type(field, column.type))

    def column_of(self, field: Attribute[Any]) -> Column | None:
        """Return the column of a field, or None if it is not stored.

        Raises:
            NoEndpoint: the column has a type that cannot hold the values of the field.
        """
        column = self.column(field.wire)
        if column is not None and not is_compatible(field, field_type(field, column.type)):
            raise NoEndpoint(
                f"{self.meta.object_name}.{field.name} cannot be read: in {self.place(column)} has "
                f"the type {column.type}, which cannot hold values of the type {field.kind.name}; "
                "load it with another type, or map the key to another column in "
                "Layout(columns=...)"
            )
        return column

    def place(self, column: Column) -> str:
        """Return the names of the layout, the table and a column for messages."""
        return (
            f"the layout {self.layout.name}, table {self.name}, the column {display(column.name)}"
        )

    def _inner_value(self, field: KeyTransform, alias: str) -> Value | None:
        """Return a value inside another one: of a custom field, or of an object."""
        outer, key = field.outer, field.key_in_outer
        if outer.name in self.meta.custom:
            column = self._custom_column(key)
            if column is not None:
                return Value(exp.column(column.name, alias, quoted=True), column.type)
        names = (f"{outer.wire}{separator}{key}" for separator in self.layout.inner)
        column = next(filter(None, map(self._columns.get, names)), None)
        if column is not None:
            return Value(exp.column(column.name, alias, quoted=True), column.type)
        stored = self.column(outer.wire)
        if stored is None or outer.kind.name != "dict":
            return None
        return Value(self._inside(stored, key, alias), "text")

    def _inside(self, column: Column, key: str, alias: str) -> exp.Expr:
        """Return a value inside an object in JSON, as text."""
        value: exp.Expr = exp.column(column.name, alias, quoted=True)
        keys = key.split("__")
        if self._dialect == "postgres":
            # Its function depends on the type, which is JSON, JSONB or text.
            names = map(exp.Literal.string, keys)
            return exp.func("JSONB_EXTRACT_PATH_TEXT", exp.cast(value, "JSONB"), *names)
        path = [exp.JSONPathRoot(), *(exp.JSONPathKey(this=part) for part in keys)]
        extracted = exp.JSONExtractScalar(this=value, expression=exp.JSONPath(expressions=path))
        return exp.paren(extracted)

    def _custom_column(self, key: str) -> Column | None:
        """Return the column of a custom field, by its id or key."""
        if self._custom_names:
            return self._columns.get(self._custom_names.get(key, "").lower())
        for definition in self.definitions or ():
            if str(definition.wire) == key:
                name = self.layout.custom_column(self.meta, definition)
                return self._columns.get(name.lower()) if name else None
        return None

    @cached_property
    def custom_columns(self) -> list[tuple[Any, Column]]:
        """The custom fields that have a column, each with its column."""
        columns = [
            (definition, self._custom_column(str(definition.wire)))
            for definition in self.definitions or ()
        ]
        return [(definition, column) for definition, column in columns if column is not None]

    @cached_property
    def sync_time(self) -> Column | None:
        """The column with the time at which a row was loaded."""
        names = (name.lower() for name in self.layout.synced)
        return next(filter(None, map(self._columns.get, names)), None)

    # -- lists ---------------------------------------------------------------

    def contains(
        self, field: Attribute[Any], members: Sequence[Any], alias: str
    ) -> exp.Expr | None:
        """Return whether a list contains one of some members; None for a field of another type."""
        child = self.children.get(field.wire)
        if child is not None:
            return self._child_rows(child, members, alias)
        value = self._list_value(field, alias)
        if value is None:
            return None
        contained = lists.contains(value, members, self._dialect)
        column = self.column(field.wire)
        if contained is None:
            place = self.name if column is None else self.place(column)
            raise NoEndpoint(
                f"{self.meta.object_name}.{field.name} cannot be compared: in {place} is a list in "
                f"JSON, for which the dialect {self._dialect} has no known function; store the "
                "list as an array, or in a table of its members"
            )
        return contained

    def is_empty(self, field: Attribute[Any], alias: str) -> exp.Expr | None:
        """Return whether a list has no members; None for a field of another type."""
        child = self.children.get(field.wire)
        if child is not None:
            return exp.not_(self._child_rows(child, (), alias))
        value = self._list_value(field, alias)
        return None if value is None else lists.is_empty(value)

    def _child_rows(self, child: ChildTable, members: Sequence[Any], alias: str) -> exp.Expr:
        key = exp.column(self.key_of(child), alias, quoted=True)
        table = to_table(self.layout, child.table, self._dialect)
        return lists.child_contains(child, table, key, members)

    def key_of(self, child: ChildTable) -> str:
        """Return the name of the column that the rows of a table of members refer to."""
        column = self._columns.get(child.key.lower())
        return child.key if column is None else column.name

    def _list_value(self, field: Attribute[Any], alias: str) -> Value | None:
        if isinstance(field, Lookup):
            return None
        if isinstance(field, KeyTransform):
            value = self.find_value(field, alias)
            return value if value is not None and value.type == "list" else None
        return self.value(field, alias) if field.kind.name.startswith("list") else None


def to_table(layout: Layout, name: str, dialect: str) -> exp.Table:
    """Return a table of a layout, in its schema."""
    schema = None if layout.schema is None else _to_identifier(layout.schema, dialect)
    return exp.Table(this=_to_identifier(name, dialect), db=schema)


def _to_identifier(name: str, dialect: str) -> exp.Identifier:
    """Return the quoted name of a table or schema."""
    # Loaders create tables without quotes, which have names in upper case in Snowflake.
    name = name.upper() if dialect == "snowflake" and name.islower() else name
    return exp.to_identifier(name, quoted=True)


def _lacks_mark(column: Column, alias: str) -> exp.Expr:
    """Return the condition that a column does not mark a row as deleted."""
    value = exp.column(column.name, alias, quoted=True)
    if column.type == "boolean":
        return exp.not_(exp.Coalesce(this=value, expressions=[exp.false()]))
    return exp.Is(this=value, expression=exp.null())
