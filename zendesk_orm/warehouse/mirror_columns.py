"""The columns of a mirror: one for each field of a model, and for each custom field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.export.types import (
    ColumnType,
    convert_value,
    format_moment,
    type_of_definition,
    type_of_field,
)
from zendesk_orm.schema import custom
from zendesk_orm.schema.custom_values import values_in
from zendesk_orm.schema.definitions import Definition
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.sync.export_changes import is_deletion
from zendesk_orm.warehouse.layouts import native


#: The columns that are not fields, with their types.
OWN_COLUMNS: Mapping[str, str] = {
    "_extra": "JSON",
    "_version": "BIGINT",
    "_deleted": "BOOLEAN",
    "_synced_at": "TIMESTAMPTZ",
}
_DUCKDB: Mapping[str, str] = {
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
    "string": "VARCHAR",
    "text": "VARCHAR",
    "json": "JSON",
    "list<string>": "VARCHAR[]",
    "list<int64>": "BIGINT[]",
}
#: The types whose values need no conversion.
_PLAIN: Mapping[str, type] = {"bool": bool, "string": str}
_MICROSECONDS = 1_000_000


@frozen(eq=False)
class MirrorColumn:
    """A column of a field.

    Attributes:
        name: its name.
        type: the type of its values.
        wire: the key of its values: in the row, or among the custom fields.
    """

    name: str
    type: ColumnType
    wire: Any

    @property
    def sql_type(self) -> str:
        """The type as DuckDB names it."""
        return _DUCKDB[self.type.name]


@frozen(eq=False)
class MirrorColumns:
    """The columns of a model.

    Attributes:
        meta: the options of the model.
        fields: the columns of the fields that the model declares.
        custom: the columns of custom fields.
        holder: the key of a row with the values of custom fields, or "".
        declared: the keys that the model declares, those without a column included.
    """

    meta: Options
    fields: tuple[MirrorColumn, ...]
    custom: tuple[MirrorColumn, ...]
    holder: str
    declared: frozenset[str]

    @property
    def types(self) -> dict[str, str]:
        """The types of all columns, by name."""
        columns = {column.name: column.sql_type for column in (*self.fields, *self.custom)}
        return {**columns, **OWN_COLUMNS}

    def to_values(self, row: Row, synced_at: str) -> dict[str, Any]:
        """Return the values of the columns of a row, as JSON values."""
        values: dict[str, Any] = {**row}
        if not self._wires.issuperset(row):
            others = row.keys() - self._wires
            for key in others:
                del values[key]
            if extra := {key: row[key] for key in others - self.declared}:
                values["_extra"] = extra
        members = values.get(self.holder)
        if members and self.custom:
            values.update(self.read_custom(members))
        values["_version"] = version_of(row)
        values["_deleted"] = is_deletion(row)
        values["_synced_at"] = synced_at
        return values

    @cached_property
    def _wires(self) -> frozenset[str]:
        """The keys of the columns of fields, by which these are named."""
        return frozenset(column.wire for column in self.fields)

    @cached_property
    def _custom_by_wire(self) -> dict[Any, MirrorColumn]:
        return {column.wire: column for column in self.custom}

    def read_custom(self, members: Any) -> dict[str, Any]:
        """Return the values of custom fields; those of another type are left to the JSON column."""
        columns, values = self._custom_by_wire, {}
        for wire, value in values_in(members).items() if members else ():
            if value is not None and wire in columns:
                column = columns[wire]
                plain = type(value) is _PLAIN.get(column.type.name)
                values[column.name] = value if plain else _convert(column.type, value)
        return values

    def read_again(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a row that was stored before a column existed."""
        values = {
            column.name: _convert(column.type, row[column.wire])
            for column in self.fields
            if column.wire in row
        }
        return {**values, **self.read_custom(row.get(self.holder))}

    def convert(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return values as the columns need them, if DuckDB does not accept them as they are.

        Raises:
            UnexpectedValue: a value does not fit the type of its column.
        """
        converted = dict(values)
        for column in self.fields:
            if column.name not in values or column.type.name == "json":
                continue
            try:
                value = convert_value(column.type, values[column.name])
            except UnexpectedValue as error:
                raise UnexpectedValue(
                    f"{self.meta.object_name} {values.get('id')}: {column.name} does not fit a "
                    f"column of type {column.sql_type}: {error}"
                ) from None
            converted[column.name] = _to_json(value)
        return converted


def _convert(column_type: ColumnType, value: Any) -> Any:
    try:
        return _to_json(convert_value(column_type, value))
    except UnexpectedValue:
        return None


def _to_json(value: Any) -> Any:
    return format_moment(value) if hasattr(value, "isoformat") else value


def version_of(row: Row) -> int | None:
    """Return when Zendesk changed a row, in microseconds: the newer of two versions is kept."""
    generated = row.get("generated_timestamp")
    if isinstance(generated, int):
        return generated * _MICROSECONDS
    updated = row.get("updated_at")
    if not updated:
        return None
    return round(load_datetime(updated).timestamp() * _MICROSECONDS)


def choose_columns(
    meta: Options, definitions: Iterable[Definition], names: Mapping[str, str]
) -> MirrorColumns:
    """Return the columns of a model.

    Args:
        meta: the options of the model.
        definitions: the custom fields of the account.
        names: the names of their columns, by id or key.
    """
    holder = custom.holder(meta).wire if meta.custom else ""
    copies = native().columns.get((meta.concrete or meta.model).__name__, {})
    secret = {field.wire for field in meta.secret_fields}
    fields = tuple(
        MirrorColumn(field.wire, type_of_field(field, meta), field.wire)
        for field in meta.fields.values()
        if field.readable and field.wire not in {*copies, *secret}
    )
    customs = tuple(
        MirrorColumn(names[str(item.wire)], type_of_definition(item), item.wire)
        for item in definitions
    )
    declared = {column.wire for column in fields} | {*copies, *secret}
    return MirrorColumns(meta, fields, customs, holder, frozenset(declared))


def name_custom_columns(
    meta: Options,
    definitions: Iterable[Definition],
    names: Mapping[str, str],
    taken: Iterable[str],
) -> dict[str, str]:
    """Return the names of the columns of custom fields that have none yet, by id or key.

    Args:
        meta: the options of the model.
        definitions: the custom fields of the account.
        names: the names of those that have one: a new title does not change it.
        taken: the names of other columns.
    """
    layout, chosen = native(), {}
    used = {name.casefold() for name in (*taken, *names.values())}
    for item in sorted(definitions, key=lambda item: str(item.wire)):
        wire = str(item.wire)
        if wire in names:
            continue
        name = layout.custom_column(meta, item)
        if name.casefold() in used:
            name = f"{name}_{wire}"
        used.add(name.casefold())
        chosen[wire] = name
    return chosen
