"""The order of rows: sorts them client-side, and knows which endpoints sort them in the same way.

Rows without a value come last, choices are sorted by rank as declared, and rows with equal values
are sorted by id, in the direction of the last field. `-` reverses everything, so that `reverse()`
returns exactly the opposite order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from zendesk_orm.api.endpoint import NULLS_LAST, Endpoint
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import Attribute, column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row


T = TypeVar("T")

#: Fields whose values never change, so that rows keep their places if ordered by them.
IMMUTABLE = frozenset({"id", "created_at"})


class _Descending:
    """A key that sorts in the opposite direction."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.key == other.key)

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.key < self.key)

    __hash__ = None  # type: ignore[assignment] # it exists only while rows are compared


def sort_key(meta: Options, order: Sequence[str]) -> Callable[[Row], Any]:
    """Return the function that returns the sort key of a row; `-` reverses a field."""
    parts = [_part(meta, name) for name in order]
    if order and "id" not in {name.lstrip("-") for name in order}:
        parts.append(_in_direction(order[-1], _id))

    def key(row: Row) -> Any:
        return [part(row) for part in parts]

    return key


def arrange(query: Query, rows: Iterable[T], row_of: Callable[[T], Row]) -> list[T]:
    """Return rows in the order of a query, cut to its window.

    Rows that are read by id without an order are returned in the order of the ids.

    Args:
        query: the query.
        rows: all rows that match the query, or objects that contain them.
        row_of: a function that returns the row of such an object.
    """
    result = list(rows)
    if query.order:
        key = sort_key(query.meta, query.order)
        result.sort(key=lambda item: key(row_of(item)))
    elif query.ids is not None and len(result) > 1:
        places = {pk: place for place, pk in enumerate(query.ids)}
        result.sort(key=lambda item: places.get(row_of(item).get("id"), len(places)))
    return result[query.start : query.stop]


def sorts(endpoint: Endpoint, meta: Options, order: Sequence[str]) -> bool:
    """Return True if an endpoint returns its rows in an order, by the rules of `sort_key()`."""
    if tuple(order) == (endpoint.default_order,):
        return True
    if len(order) != 1:
        return False
    name = order[0].lstrip("-")
    if name not in endpoint.orders:
        return False
    field = column(meta.get_field(name))
    ranked = not field.kind.choices or name in endpoint.ranked
    nulls_last = not field.nullable or endpoint.nulls == NULLS_LAST
    # Zendesk's collation of text is unknown; only a list that is not merged may sort by it.
    return ranked and nulls_last and (endpoint.fresh or field.kind.name != "str")


def mergeable(meta: Options, order: Sequence[str]) -> bool:
    """Return True if lists that Zendesk returns in this order can be merged client-side."""
    fields = [column(meta.get_field(name.lstrip("-"))) for name in order]
    return bool(order) and not any(field.kind.name == "str" for field in fields)


def movable(order: Sequence[str]) -> bool:
    """Return True if a row can change its place in this order."""
    return any(name.lstrip("-") not in IMMUTABLE for name in order)


def ranks(field: Attribute[Any]) -> tuple[Any, ...]:
    """Return the choices of a field, from the lowest to the highest; () if it has none."""
    return field.kind.choices


def _part(meta: Options, name: str) -> Callable[[Row], Any]:
    field = column(meta.get_field(name.lstrip("-")))
    places = {choice: place for place, choice in enumerate(ranks(field))}

    def key(row: Row) -> Any:
        value = field.read(row)
        if value is None:
            return (True,)
        if not places:
            return False, *comparable(value)
        # Undeclared choices come last.
        place = places.get(value, len(places))
        return False, place, "" if value in places else str(value)

    return _in_direction(name, key)


def _id(row: Row) -> Any:
    pk = row.get("id")
    return (True,) if pk is None else (False, *comparable(pk))


def comparable(value: Any) -> tuple[int, Any]:
    """Return a value as a key: ids, and values of custom fields and inside objects, differ in type.

    Numbers come first, then truth values, texts, moments, and at the end lists and objects.
    """
    if isinstance(value, bool):
        # Truth values are numbers of Python, too.
        return 1, value
    if isinstance(value, (list, tuple, dict)):
        return 4, json.dumps(value, sort_keys=True, default=str)
    place = 0 if isinstance(value, (int, float)) else 2 if isinstance(value, str) else 3
    return place, value


def _in_direction(name: str, key: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return (lambda row: _Descending(key(row))) if name.startswith("-") else key
