"""`Shape`: what each row is given as, where it is not an object."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

from attrs import frozen

from zendesk_orm.errors import FieldError
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.fields import somebody
from zendesk_orm.schema.options import Options


Style = Literal["dict", "tuple", "named", "flat"]


@frozen
class Shape:
    """Some fields of each row.

    Attributes:
        names: what was named: fields, relations for the ids behind them, and fields of what
            relations point to (`requester__name`).
        paths: where the value of each is, attribute by attribute.
        style: `dict`, `tuple`, `named` (tuples) or `flat` (bare values).
    """

    names: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    style: Style

    def function(self) -> Callable[[Any], Any]:
        """Return what takes the shape from a record."""
        named = list(zip(self.names, map(_value, self.names, self.paths), strict=True))
        values = [value for _, value in named]
        if self.style == "dict":
            return lambda record: {name: value(record) for name, value in named}
        if self.style == "flat":
            (only,) = values
            return only
        if self.style == "named":
            made = _row_class(self.names)
            return lambda record: made(*(value(record) for value in values))
        return lambda record: tuple(value(record) for value in values)


def _value(name: str, path: tuple[str, ...]) -> Callable[[Any], Any]:
    """Return the function that takes the value of a name from a record."""
    if name.rpartition("__")[2] == path[-1]:
        return lambda record: _at(record, path)
    # A relation by itself means the id behind it, of which some stand for nobody.
    return lambda record: somebody(_at(record, path))


@cache
def _row_class(names: tuple[str, ...]) -> Any:
    make: Any = namedtuple  # noqa: PYI024 - its fields are known only now
    base = make("Row", names)

    def reduced(row: Any) -> tuple[Any, ...]:
        return _row, (names, tuple(row))

    return type("Row", (base,), {"__slots__": (), "__reduce__": reduced})


def _row(names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """Make a pickled row anew."""
    return _row_class(names)(*values)


def shape(meta: Options, names: tuple[str, ...], style: Style) -> Shape:
    """Return the shape of some fields, or of all of them.

    Raises:
        FieldError: no such field.
    """
    names = names or tuple(meta.fields)
    return Shape(names, tuple(tuple(_checked(meta, name).split("__")) for name in names), style)


def relations_of(meta: Options, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the relations through which the names go."""
    firsts = (name.split("__")[0] for name in names if "__" in name)
    return tuple(dict.fromkeys(first for first in firsts if first in meta.relations))


def hashable(value: Any) -> Any:
    """Return what stands for a value in a set, lists and dictionaries included."""
    if isinstance(value, (list, tuple)):
        return tuple(hashable(each) for each in value)
    if isinstance(value, Mapping):
        return tuple(sorted((key, hashable(each)) for key, each in value.items()))
    return value


def _checked(meta: Options, name: str) -> str:
    first, _, rest = require_name(name).partition("__")
    if first in meta.relations and rest:
        return f"{first}__{_checked(meta.relations[first].model._meta, rest)}"
    if name in meta.lookups:
        raise FieldError(f"{meta.object_name} has no value for {name}: rows are found by it")
    field = meta.get_field(name)
    # A relation by itself means the id behind it, as in Django.
    return meta.relations[name].id.name if name in meta.relations else field.name


def _at(record: Any, path: tuple[str, ...]) -> Any:
    value = record
    for position, name in enumerate(path):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list):
            key = "__".join(path[position:])
            return next((each.get("value") for each in value if str(each.get("id")) == key), None)
        elif value is not None:
            declared = value._meta.declared.get(name)
            # Of what a lookup leads to, the id counts here, as with any relation.
            value = getattr(value, name) if declared is None else declared.known(value)
    return value
