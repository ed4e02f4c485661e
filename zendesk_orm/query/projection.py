"""`Projection`: the form of rows that are not returned as objects."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal

from attrs import frozen

from zendesk_orm.errors import FieldError
from zendesk_orm.query.moments import DATE_PARTS, extract_part
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, find_known_inner
from zendesk_orm.schema.values import real_id


Style = Literal["dict", "tuple", "named", "flat"]


@frozen
class Projection:
    """Some fields of each row.

    Attributes:
        names: fields, relations for their ids, and fields of related rows (`requester__name`).
        paths: for each name, the attributes that lead to its value.
        style: `dict`, `tuple`, `named` (tuples) or `flat` (values).
        custom: the names of custom fields, whose paths contain their ids or keys.
    """

    names: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    style: Style
    custom: frozenset[str] = frozenset()

    def function(self) -> Callable[[Any], Any]:
        """Return the function that converts a record."""
        getters = [
            _getter(path, is_id=name not in self.custom and _is_relation(name, path))
            for name, path in zip(self.names, self.paths, strict=True)
        ]
        if self.style == "dict":
            items = list(zip(self.names, getters, strict=True))
            return lambda record: {name: get(record) for name, get in items}
        if self.style == "flat":
            (getter,) = getters
            return getter
        if self.style == "named":
            row_class = _row_class(self.names)
            return lambda record: row_class(*(get(record) for get in getters))
        return lambda record: tuple(get(record) for get in getters)

    def builder(self) -> Callable[[Iterable[Iterable[Any]]], list[Any]]:
        """Return the function that builds rows in this form from columns of values."""
        names = self.names
        if self.style == "dict":
            return lambda columns: [
                dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)
            ]
        if self.style == "flat":
            return lambda columns: [value for column in columns for value in column]
        if self.style == "named":
            row_class = _row_class(names)
            return lambda columns: [row_class(*row) for row in zip(*columns, strict=True)]
        return lambda columns: list(zip(*columns, strict=True))


def _is_relation(name: str, path: tuple[str, ...]) -> bool:
    return name.rpartition("__")[2] != path[-1]


def _getter(path: tuple[str, ...], *, is_id: bool) -> Callable[[Any], Any]:
    """Return the function that returns the value at a path from a record."""
    if not is_id:
        return lambda record: _get(record, path)
    # The name of a relation stands for its id; some ids stand for nobody.
    return lambda record: real_id(_get(record, path))


@cache
def _row_class(names: tuple[str, ...]) -> Any:
    create: Any = namedtuple  # noqa: PYI024 - its fields are known only now
    base = create("Row", names)

    def reduce(row: Any) -> tuple[Any, ...]:
        return _row, (names, tuple(row))

    return type("Row", (base,), {"__slots__": (), "__reduce__": reduce})


def _row(names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """Return a row that was pickled."""
    return _row_class(names)(*values)


def build_projection(meta: Options, names: tuple[str, ...], style: Style) -> Projection:
    """Return the projection of some fields, or of all fields.

    Raises:
        FieldError: the model has no such field.
    """
    names = names or tuple(meta.fields)
    paths = tuple(tuple(_resolve_name(meta, name).split("__")) for name in names)
    return Projection(names, paths, style)


def projects_custom_names(projection: Projection | None, meta: Options) -> bool:
    """Return True if a projection contains names that only the account knows."""
    return projection is not None and any(
        custom_name_of(path, meta) is not None for path in projection.paths
    )


def custom_name_of(path: tuple[str, ...], meta: Options) -> str | int | None:
    """Return the name by which the account knows the custom field at a path, or None."""
    # Declared fields are read as such.
    return None if path[0] in meta.declared else meta.custom_name("__".join(path))


def relations_of(meta: Options, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the relations that the names go through."""
    firsts = (name.split("__")[0] for name in names if "__" in name)
    return tuple(dict.fromkeys(first for first in firsts if first in meta.relations))


def hashable(value: Any) -> Any:
    """Return a value for use in a set, with lists and dictionaries as tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(hashable(item) for item in value)
    if isinstance(value, Mapping):
        return tuple(sorted((key, hashable(item)) for key, item in value.items()))
    return value


def _resolve_name(meta: Options, name: str) -> str:
    first, _, remainder = require_name(name).partition("__")
    if first in meta.relations and remainder:
        return f"{first}__{_resolve_name(meta.relations[first].model._meta, remainder)}"
    if name in meta.lookups:
        raise FieldError(f"{meta.object_name} has no value for {name}; it can only be filtered by")
    if remainder in DATE_PARTS and first in meta.fields:
        moment = meta.fields[first]
        if moment.kind.name == "datetime":
            return name
    field = meta.get_field(name)
    # As in Django, the name of a relation stands for its id.
    return meta.relations[name].id.name if name in meta.relations else field.name


def _get(record: Any, path: tuple[str, ...]) -> Any:
    value = record
    for position, name in enumerate(path):
        if position + 1 < len(path) and isinstance(value, Record) and name in value._meta.fields:
            values = find_known_inner(value._row, value._meta.fields[name].wire)
            key = "__".join(path[position + 1 :])
            wire = next((wire for wire in values if str(wire) == key), None)
            if wire is not None:
                return values[wire]
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list):
            key = "__".join(path[position:])
            return next((item.get("value") for item in value if str(item.get("id")) == key), None)
        elif isinstance(value, datetime):
            value = extract_part(value, name)
        elif value is not None:
            value = _read_row_value(value, name)
    return value


def _read_row_value(record: Record, name: str) -> Any:
    """Return a value of the row of a record, without its unsaved edits, and for the caller alone.

    The record may be alive elsewhere in the program, where it may have been edited.
    """
    meta, row, source = record._meta, record._row, record._source
    relation = meta.relations.get(name)
    if relation is not None:
        related, pk = record.__dict__.get(name), relation.id.read(row)
        if related is not None and related.pk is not None and related.pk == pk:
            return related
    if type(row) is PartialRow and source is not None:
        attribute = meta.fields.get(name if relation is None else relation.id.name)
        if attribute is not None and attribute.readable and attribute.wire not in row:
            # The record that is alive is loaded together with others of its page.
            source.load(record, attribute.wire)
            row = record._row
    if not hasattr(type(record), name):
        # Search results of all types have only one field that their rows lack: `result_type`.
        return meta.singular
    stored = type(record).from_row(row, source)
    declared = meta.declared.get(name)
    # A lookup field of the account stands for the id, as does a relation.
    return getattr(stored, name) if declared is None else declared.peek(stored)
