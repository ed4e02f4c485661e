"""Columns of files and tables, chosen from the declarations of a model and from a query."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.errors import FieldError, InvalidValue, UnexpectedValue
from zendesk_orm.export.types import (
    JSON,
    TEXT,
    TYPES,
    ColumnType,
    convert_value,
    type_of_definition,
    type_of_field,
    type_of_inner_value,
)
from zendesk_orm.messages import display, shorten, suggestion
from zendesk_orm.query.projection import build_projection
from zendesk_orm.schema import custom
from zendesk_orm.schema.custom_values import values_in
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow


#: Reads a value from a record and its custom fields by id or key.
Reader = Callable[[Record, Mapping[Any, Any]], Any]
#: Returns the custom fields of the account for the model of a query.
FindDefinitions = Callable[[], Definitions]

_MISSING: Any = object()
#: A field with the values of another one, which is not exported twice.
_COPIES = {"custom_fields": "fields"}


@frozen(eq=False)
class Column:
    """A column.

    Attributes:
        name: its name.
        type: its type.
        read: reads its value.
    """

    name: str
    type: ColumnType
    read: Reader


@frozen(eq=False)
class Layout:
    """The columns of a file or a table.

    Attributes:
        label: the name of the model, for messages.
        columns: the columns.
        holder: the key of a row with the values of custom fields, or "" if no column needs it.
    """

    label: str
    columns: tuple[Column, ...]
    holder: str = ""

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def signature(self) -> str:
        """A text that identifies the names and types of the columns."""
        described = json.dumps([(column.name, column.type.name) for column in self.columns])
        return hashlib.sha256(described.encode()).hexdigest()[:32]

    def to_row(self, record: Record) -> tuple[Any, ...]:
        """Return the values of a record in the order of the columns.

        Raises:
            UnexpectedValue: a value does not fit the type of its column.
        """
        values = values_in(record._row.get(self.holder)) if self.holder else {}
        return tuple([self._read(column, record, values) for column in self.columns])

    def _read(self, column: Column, record: Record, values: Mapping[Any, Any]) -> Any:
        value = column.read(record, values)
        try:
            return convert_value(column.type, value)
        except UnexpectedValue:
            pass
        raise UnexpectedValue(
            f"{self.label} {shorten(str(record.pk))}: {column.name} is {display(value)}, which "
            f"does not fit a column of type {column.type.name}; pass "
            f"types={{{display(column.name)}: 'text'}}, or leave the column out with values() or "
            "defer()"
        )

    def replace_types(self, types: Mapping[str, str]) -> Layout:
        """Return the layout with other types of some columns, by name.

        Raises:
            FieldError: the column does not exist.
            InvalidValue: the type is unknown.
        """
        for name, type_name in types.items():
            if name not in self.names:
                raise FieldError(
                    f"types= names {display(name)}, which is not a column"
                    + suggestion(str(name), self.names)
                )
            if type_name not in TYPES:
                raise InvalidValue(
                    f"types= has {display(type_name)} for {name}; the types are {', '.join(TYPES)}"
                )
        columns = (
            evolve(column, type=TYPES[types[column.name]]) if column.name in types else column
            for column in self.columns
        )
        return evolve(self, columns=tuple(columns))

    def without(self, names: Iterable[str]) -> Layout:
        """Return the layout without some columns."""
        omitted = frozenset(names)
        columns = tuple(column for column in self.columns if column.name not in omitted)
        return evolve(self, columns=columns)


def select_columns(meta: Options, names: Iterable[str], find: FindDefinitions) -> Layout:
    """Return the columns with some names, which are those of `values()`.

    Args:
        meta: the options of the model.
        names: fields, relations for their ids, fields of related rows, custom fields.
        find: returns the custom fields of the account; called only if a name needs them.

    Raises:
        FieldError: a field does not exist, or its values are secret.
    """
    columns, needs_custom = [], False
    for name in dict.fromkeys(names):
        definition = _find_definition(meta, name, find)
        needs_custom = needs_custom or definition is not None
        if definition is not None:
            columns.append(_custom_column(name, definition))
        else:
            columns.append(_named_column(meta, name))
    holder = custom.holder(meta).wire if needs_custom else ""
    return Layout(meta.object_name, tuple(columns), holder)


def _find_definition(meta: Options, name: str, find: FindDefinitions) -> Definition | None:
    """Return the custom field that a name stands for, or None."""
    if name in meta.declared:
        return find().find(meta.declared[name].known_as)
    outer, _, key = name.partition("__")
    return find().find(key) if outer in meta.custom and key else None


def _named_column(meta: Options, name: str) -> Column:
    """Return the column of a field, of a relation, or of a field of related rows."""
    projection = build_projection(meta, (name,), "flat")
    (path,), owner = projection.paths, meta
    get = projection.function()

    def read(record: Record, values: Mapping[Any, Any]) -> Any:
        return get(record)

    for part, inner in pairwise(path):
        if part not in owner.relations:
            return Column(name, type_of_inner_value(owner.fields.get(part), inner), read)
        owner = owner.relations[part].model._meta
    field = owner.fields.get(path[-1])
    if field is None:
        return Column(name, TEXT, read)
    if field in owner.secret_fields:
        raise FieldError(f"{name} is a secret and is not exported")
    column_type = type_of_field(field, owner)
    # The name of a relation stands for ids of real rows only.
    is_own = owner is meta and name not in meta.relations
    return Column(name, column_type, _field_reader(field, get) if is_own else read)


def _field_reader(field: Attribute[Any], get: Callable[[Any], Any]) -> Reader:
    """Return the function that reads a field from the row of a record.

    Args:
        field: the field.
        get: reads the field if a row is not complete.
    """
    wire, has_empty_text = field.wire, field.kind.has_empty_text
    absent = field.kind.absent
    is_filled = absent is not None and not field.nullable and field.kind.name in ("list", "dict")
    default: Any = ([] if field.kind.name == "list" else {}) if is_filled else None

    def read(record: Record, values: Mapping[Any, Any]) -> Any:
        raw = record._row.get(wire, _MISSING)
        if raw is _MISSING and type(record._row) is PartialRow:
            return get(record)
        if raw is _MISSING or raw is None or (raw == "" and not has_empty_text):
            return default
        return raw

    return read


def _custom_column(name: str, definition: Definition) -> Column:
    wire = definition.wire

    def read(record: Record, values: Mapping[Any, Any]) -> Any:
        return values.get(wire)

    return Column(name, type_of_definition(definition), read)


def choose_columns(
    meta: Options, find: FindDefinitions, omitted: Iterable[str] = (), *, extra: bool = True
) -> Layout:
    """Return the columns of a query that names none: those of all fields and custom fields.

    Args:
        meta: the options of the model.
        find: returns the custom fields of the account.
        omitted: names of fields that have no column.
        extra: whether a column `extra` holds the values that the model does not declare.

    Raises:
        FieldError: the rows have different models, or the model declares a custom field that the
            account does not have.
    """
    if meta.discriminator:
        raise FieldError(
            "rows of several models have no common columns: narrow the search to one model, such "
            "as Ticket.objects.search(...), or name the columns with values()"
        )
    hidden = {meta.column_name(name) for name in omitted}
    columns = [_named_column(meta, name) for name in _exported_names(meta) if name not in hidden]
    definitions: tuple[Definition, ...] = ()
    wire = ""
    if meta.custom and custom.holder(meta).name not in hidden:
        wire, account_fields = custom.holder(meta).wire, find()
        definitions = tuple(account_fields)
        selected = [_find_definition(meta, name, find) for name in hidden]
        wires = {definition.wire for definition in selected if definition is not None}
        columns += _custom_columns(meta, account_fields, columns, wires)
    if extra:
        columns.append(_extra_column(meta, columns, wire, definitions))
    return Layout(meta.object_name, tuple(columns), wire)


def _exported_names(meta: Options) -> Iterator[str]:
    """Yield the names of the fields that rows have, without secrets and custom fields."""
    for name, field in meta.fields.items():
        is_custom = name in meta.custom or name in map(_COPIES.get, meta.custom)
        if field.readable and field not in meta.secret_fields and not is_custom:
            yield name


def _custom_columns(
    meta: Options, definitions: Definitions, columns: Iterable[Column], omitted: Container[Any]
) -> list[Column]:
    """Return a column for each custom field that is not omitted: its attribute, title or id."""
    holder = custom.holder(meta).name
    attributes = {
        definitions.find(declared.known_as).wire: name for name, declared in meta.declared.items()
    }
    # Some databases ignore the case of names.
    taken = {name.casefold() for name in (*_reserved(meta), *(column.name for column in columns))}
    taken.update(name.casefold() for name in attributes.values())
    result = []
    for definition in definitions:
        name = attributes.get(definition.wire)
        if name is None:
            name = definitions.display_name(definition)
            if name.casefold() in taken:
                name = f"{holder}__{definition.wire}"
            taken.add(name.casefold())
        if definition.wire not in omitted:
            result.append(_custom_column(name, definition))
    return result


def _reserved(meta: Options) -> list[str]:
    return ["extra", *meta.names]


def _extra_column(
    meta: Options, columns: Iterable[Column], holder: str, definitions: Iterable[Definition]
) -> Column:
    """Return the column of values that the model, or the account, does not declare."""
    declared = {field.wire for field in meta.fields.values() if field.readable}
    declared.update(field.wire for field in meta.secret_fields)
    wires = {definition.wire for definition in definitions}
    name = "extra"
    while name in {column.name for column in columns}:
        name += "_"

    def read(record: Record, values: Mapping[Any, Any]) -> Any:
        extra = {key: value for key, value in record._row.items() if key not in declared}
        others = {str(k): v for k, v in values.items() if k not in wires and v is not None}
        if others:
            extra[holder] = others
        return extra or None

    return Column(name, JSON, read)
