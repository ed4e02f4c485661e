"""How the rows of a model are stored in a database: its table, columns and lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display, suggestion
from zendesk_orm.query.sql_values import Value, differs
from zendesk_orm.schema.fields import Attribute, Lookup
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse import inner_values, lists
from zendesk_orm.warehouse.custom_columns import CustomColumns
from zendesk_orm.warehouse.descriptions import Column, Description, StoredChild, nested_type
from zendesk_orm.warehouse.layouts import Layout
from zendesk_orm.warehouse.types import (
    custom_converter,
    field_type,
    is_compatible,
    read_extreme,
    text_converter,
)


class StoredModel:
    """The table of a model; see `query.sql_storage.Storage`.

    Args:
        layout: the names of tables and columns.
        dialect: sqlglot's name of the dialect.
        meta: the options of the model.
        description: the table, as the database describes it.
        children: the tables of members that exist, by key.
        custom: finds the columns of custom fields.
    """

    def __init__(
        self,
        layout: Layout,
        dialect: str,
        meta: Options,
        description: Description,
        children: Mapping[str, StoredChild],
        custom: CustomColumns,
    ) -> None:
        self.layout, self.meta, self._dialect = layout, meta, dialect
        self.description = description
        self.children = children
        self.custom = custom
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
        return self.description.with_alias(alias)

    def present(self, alias: str, *, with_deleted: bool = False) -> exp.Expr | None:
        """Return the condition of the latest versions of rows; see `Storage`."""
        conditions = self.description.list_marks(self.layout, alias, with_deleted=with_deleted)
        if with_deleted:
            return exp.and_(*conditions) if conditions else None
        status, active = self.column("status"), self.column("active")
        has_status = self._root in self.layout.deleted_status
        if has_status and status is not None and status.type == "text":
            deleted = exp.Literal.string("deleted")
            conditions.append(differs(status.at(alias), deleted, self._dialect))
        if self._root in self.layout.deleted_inactive and active is not None:
            conditions.append(self.description.is_true(active, alias, missing=True))
        return exp.and_(*conditions) if conditions else None

    def column(self, wire: str) -> Column | None:
        """Return the column of a key of Zendesk's, or None."""
        return self.description.find(self._column_name(wire))

    def _column_name(self, wire: str) -> str:
        return self.layout.columns.get(self._root, {}).get(wire, wire)

    # -- values ----------------------------------------------------------------

    def value(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value of a field.

        Raises:
            NoEndpoint: it is not stored.
        """
        value = self.find_value(field, alias)
        if value is None:
            raise self._missing(field)
        return value

    def _missing(self, field: Attribute[Any]) -> NoEndpoint:
        """Return the error for a field that is not stored."""
        name = field.wire
        if isinstance(field, KeyTransform):
            name = field.outer.wire
            if self._is_custom(field):
                name = self.custom.column_name(field.key_in_outer) or self._column_name(name)
        lacking = "with its values"
        if name:
            lacking = f"{display(name)}{suggestion(name, list(self.description.columns))}"
        return NoEndpoint(
            f"{self.meta.object_name}.{field.name} is not stored: in the layout "
            f"{self.layout.name}, table {self.name} has no column {lacking}; read it from the live "
            "account"
        )

    def find_value(self, field: Attribute[Any], alias: str) -> Value | None:
        """Return the value of a field, or None if it is not stored."""
        if isinstance(field, KeyTransform):
            return self._inner_value(field, alias)
        column = self.column_of(field)
        return None if column is None else Value(column.at(alias), field_type(field, column.type))

    def column_of(self, field: Attribute[Any]) -> Column | None:
        """Return the column of a field, or None if it is not stored.

        Raises:
            NoEndpoint: the column has a type that cannot hold the values of the field.
        """
        column = self.column(field.wire)
        if column is not None and not is_compatible(field, field_type(field, column.type)):
            raise self._incompatible(field.name, column, field.kind.name)
        return column

    def _incompatible(self, name: str, column: Column, kind: str) -> NoEndpoint:
        return NoEndpoint(
            f"{self.meta.object_name}.{name} cannot be read: in {self.place(column)} has "
            f"the type {column.type}, which cannot hold values of the type {kind}; "
            "load it with another type, or map the key to another column in Layout(columns=...)"
        )

    def place(self, column: Column) -> str:
        """Return the names of the layout, the table and a column for messages."""
        return (
            f"the layout {self.layout.name}, table {self.name}, the column {display(column.name)}"
        )

    def place_of(self, field: Attribute[Any]) -> str:
        """Return where a field is stored, for messages."""
        outer = field.outer if isinstance(field, KeyTransform) else field
        column = self.column(outer.wire)
        if column is None:
            return f"the layout {self.layout.name}, table {self.name}"
        return self.place(column)

    def _is_custom(self, field: KeyTransform) -> bool:
        return field.outer.name in self.meta.custom

    def _inner_value(self, field: KeyTransform, alias: str) -> Value | None:
        """Return a value inside another one: of a custom field, or of an object."""
        outer, key = field.outer, field.key_in_outer
        column = self.inner_column(field)
        if column is not None:
            return Value(column.at(alias), column.type)
        child = self.children.get(outer.wire)
        if child is not None and child.child.name:
            return lists.named_member(child, self._key_at(child, alias), key, self.layout)
        stored = self.column(outer.wire)
        if stored is None or stored.type not in ("text", "json", "list"):
            if stored is not None:
                raise self._incompatible(field.name, stored, outer.kind.name)
            return None
        if not inner_values.has_functions(self._dialect):
            raise NoEndpoint(
                f"{self.meta.object_name}.{field.name} cannot be read: in {self.place(stored)} is "
                f"JSON, for which the dialect {self._dialect} has no known functions; store it in "
                "a separate column"
            )
        document = inner_values.to_json(stored.at(alias), nested_type(stored), self._dialect)
        if outer.kind.name == "dict":
            return inner_values.find_by_key(document, key.split("__"), self._dialect)
        return inner_values.find_by_id(document, key, self._dialect)

    def inner_column(self, field: KeyTransform) -> Column | None:
        """Return the column of a value inside another one; None if it is stored with that one.

        Raises:
            NoEndpoint: the column has a type that cannot hold the values of the custom field.
        """
        outer, key, is_custom = field.outer.wire, field.key_in_outer, self._is_custom(field)
        names = [
            f"{outer}{separator}{key if is_custom else key.replace('__', separator)}"
            for separator in self.layout.inner
        ]
        column = next(filter(None, map(self.description.find, names)), None)
        if is_custom:
            column = column or self.custom.column(key)
            if column is not None:
                self._check_custom(field, column)
        return column

    def _check_custom(self, field: KeyTransform, column: Column) -> None:
        """Raise `NoEndpoint` if a column cannot hold the values of a custom field."""
        definition = self.custom.find(field.key_in_outer)
        kind = "" if definition is None else definition.type
        if column.type not in _HOLDING.get(kind, (column.type,)):
            raise self._incompatible(field.name, column, kind)

    def sortable(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value by which rows are ordered; see `Storage`."""
        value = self.value(field, alias)
        kind = field.kind.name
        if isinstance(field, KeyTransform):
            definition = self.custom.fetch(field.key_in_outer) if self._is_custom(field) else None
            return self._sortable_inner(field, value, "" if definition is None else definition.type)
        if kind.startswith("list") or kind == "dict":
            raise self._order_error(field, kind)
        return value

    def _sortable_inner(self, field: KeyTransform, value: Value, kind: str) -> Value:
        if kind == "multiselect" or value.type in ("list", "json"):
            raise self._order_error(field, "list")
        if value.type not in ("inner", "text"):
            return value
        if kind in ("integer", "decimal"):
            return lists.as_number(value, self._dialect)
        # The types of values inside other objects are not declared.
        return Value(value.expression, "text") if kind or value.is_text is None else value

    def _order_error(self, field: Attribute[Any], kind: str) -> NoEndpoint:
        return NoEndpoint(
            f"{self.meta.object_name}.{field.name} has no order: in the layout {self.layout.name}, "
            f"table {self.name}, its values are of the type {kind}; sort the rows in Python"
        )

    def key(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value by which rows are grouped; see `Storage`."""
        value = self.value(field, alias)
        if isinstance(value.expression, exp.Subquery) and isinstance(field, KeyTransform):
            definition = self.custom.find(field.key_in_outer)
            if definition is not None and definition.multiple:
                raise NoEndpoint(
                    f"{self.meta.object_name}.{field.name} cannot be grouped: in the layout "
                    f"{self.layout.name}, each of its values has a row; group the rows in Python"
                )
        if value.type == "inner" and value.json is not None:
            return Value(value.json, "inner")
        return value

    def key_reader(self, field: KeyTransform) -> Callable[[Any], Any]:
        """Return the function that converts results of `key()` to the value that Zendesk sends."""
        value = self.value(field, "t")
        definition = self.custom.find(field.key_in_outer) if self._is_custom(field) else None
        if value.type == "inner":
            return json.loads if value.json is not None else text_converter(definition)
        convert = None if definition is None else custom_converter(definition, value.type)
        return convert or (lambda raw: raw)

    def extreme_reader(self, field: KeyTransform) -> Callable[[Any], Any]:
        """Return the function that converts results of `sortable()` to the value of Zendesk."""
        definition = self.custom.fetch(field.key_in_outer) if self._is_custom(field) else None
        value = self._sortable_inner(
            field, self.value(field, "t"), "" if definition is None else definition.type
        )
        if value.type == "inner":
            return read_extreme
        if value.type == "text" or definition is None:
            return text_converter(definition)
        convert = custom_converter(definition, value.type) or (lambda raw: raw)
        if definition.type != "integer":
            return convert
        return lambda raw: int(number) if (number := convert(raw)) == int(number) else number

    @cached_property
    def sync_time(self) -> Column | None:
        """The column with the time at which a row was loaded."""
        return next(filter(None, map(self.description.find, self.layout.synced)), None)

    # -- lists ---------------------------------------------------------------

    def contains(
        self, field: Attribute[Any], members: Sequence[Any], alias: str
    ) -> exp.Expr | None:
        """Return whether a list contains one of some members; None for a field of another type."""
        child = self.children.get(field.wire)
        if child is not None:
            return lists.has_member(child, self._key_at(child, alias), members, self.layout)
        if isinstance(field, KeyTransform):
            return self._contains_option(field, members, alias)
        value = self._list_value(field, alias)
        if value is None:
            return None
        column = self.column(field.wire)
        declared = "" if column is None else column.declared
        contained = lists.contains(value, members, self._dialect, declared)
        if contained is None:
            place = self.name if column is None else self.place(column)
            raise NoEndpoint(
                f"{self.meta.object_name}.{field.name} cannot be compared: in {place} is a list in "
                f"JSON, for which the dialect {self._dialect} has no known function; store the "
                "list as an array, or in a table of its members"
            )
        return contained

    def _contains_option(
        self, field: KeyTransform, members: Sequence[Any], alias: str
    ) -> exp.Expr | None:
        """Return whether a custom field has one of some options; None if it has one value."""
        if not self._is_custom(field):
            return None
        definition = self.custom.find(field.key_in_outer)
        if definition is not None and not definition.multiple:
            return None
        child = self.children.get(field.outer.wire)
        if child is not None and child.child.name:
            key = self._key_at(child, alias)
            return lists.has_member(child, key, members, self.layout, field.key_in_outer)
        value = self.value(field, alias)
        if value.type not in ("inner", "json", "list", "text"):
            return None
        if value.type == "text" and (definition is None):
            return None
        options = value if value.json is None else Value(value.json, "json")
        return lists.contains(options, members, self._dialect)

    def is_empty(self, field: Attribute[Any], alias: str) -> exp.Expr | None:
        """Return whether a list has no members; None for a field of another type."""
        child = self.children.get(field.wire)
        if child is not None:
            key = self._key_at(child, alias)
            return exp.not_(lists.has_member(child, key, (), self.layout))
        value = self._list_value(field, alias)
        if value is None and isinstance(field, KeyTransform):
            inner = self.value(field, alias)
            definition = self.custom.find(field.key_in_outer) if self._is_custom(field) else None
            has_options = definition is not None and definition.multiple and inner.type == "text"
            value = inner if inner.type in ("inner", "json") or has_options else None
        return None if value is None else lists.is_empty(value)

    def _key_at(self, child: StoredChild, alias: str) -> exp.Expr:
        return exp.column(self.key_of(child), alias, quoted=True)

    def key_of(self, child: StoredChild) -> str:
        """Return the name of the column that the rows of a table of members refer to."""
        column = self.description.find(child.child.key)
        if column is None:
            raise NoEndpoint(
                f"{self.meta.object_name} cannot be read: in the layout {self.layout.name}, table "
                f"{self.name} has no column {display(child.child.key)}, to which the rows of "
                f"{child.child.table} refer; read it from the live account"
            )
        parent = child.description.columns[child.child.parent]
        if not any({parent.type, column.type} <= types for types in _KEYS):
            raise NoEndpoint(
                f"{self.meta.object_name} cannot be read: in the layout {self.layout.name}, table "
                f"{child.description.name}, the column {display(parent.name)} has the type "
                f"{parent.type}, and {display(column.name)} of table {self.name}, to which it "
                f"refers, the type {column.type}; load both with the same type"
            )
        value = child.description.columns[child.child.value]
        if value.type not in ("text", "integer", "number"):
            raise NoEndpoint(
                f"{self.meta.object_name} cannot be read: in the layout {self.layout.name}, table "
                f"{child.description.name}, the column {display(value.name)} has the type "
                f"{value.type}, which cannot hold members of a list; load it as text"
            )
        return column.name

    def _list_value(self, field: Attribute[Any], alias: str) -> Value | None:
        if isinstance(field, Lookup):
            return None
        if isinstance(field, KeyTransform):
            value = self.find_value(field, alias)
            return value if value is not None and value.type == "list" else None
        return self.value(field, alias) if field.kind.name.startswith("list") else None


#: The types of columns that refer to each other.
_KEYS = ({"integer", "number"}, {"text"})
#: The types of columns that can hold the values of a type of custom field.
_HOLDING: Mapping[str, tuple[str, ...]] = {
    "checkbox": ("boolean", "text", "integer"),
    "date": ("date", "timestamp", "timestamptz", "text"),
    "decimal": ("number", "integer", "text"),
    "integer": ("integer", "number", "text"),
    "lookup": ("text", "integer", "number"),
    "multiselect": ("text", "json", "list"),
    **dict.fromkeys(
        ("text", "textarea", "regexp", "tagger", "dropdown", "partialcreditcard"),
        ("text", "integer", "number", "json"),
    ),
}
