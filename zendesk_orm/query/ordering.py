"""The one order of rows: sorts them here, and knows which endpoints sort them alike.

Rows without a value come last, choices go by their rank in the declaration, and rows that are
equal by all fields go by id, in the direction of the last field. `-` reverses all of it, so
that `reverse()` gives exactly the opposite order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from zendesk_orm.api.endpoint import NULLS_LAST, Endpoint
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import Attribute, column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row


T = TypeVar("T")

#: Fields whose value never changes, so that a row keeps its place in their order.
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

    __hash__ = None  # type: ignore[assignment] # it lives while rows are compared


def sort_key(meta: Options, order: Sequence[str]) -> Callable[[Row], Any]:
    """Return the key function that sorts rows by fields; `-` reverses a field."""
    parts = [_part(meta, name) for name in order]
    if order and "id" not in {name.lstrip("-") for name in order}:
        parts.append(_directed(order[-1], _id))

    def key(row: Row) -> Any:
        return [part(row) for part in parts]

    return key


def arrange(query: Query, rows: Iterable[T], row_of: Callable[[T], Row]) -> list[T]:
    """Return rows in the order of a query, cut to its window.

    Rows that are asked for by id and in no order come in the order of the ids.

    Args:
        query: the query.
        rows: all rows that match it, or objects that hold them.
        row_of: returns the row of one of them.
    """
    arranged = list(rows)
    if query.order:
        key = sort_key(query.meta, query.order)
        arranged.sort(key=lambda each: key(row_of(each)))
    elif query.ids is not None:
        places = {pk: place for place, pk in enumerate(query.ids)}
        arranged.sort(key=lambda each: places.get(row_of(each).get("id"), len(places)))
    return arranged[query.start : query.stop]


def sorts(endpoint: Endpoint, meta: Options, order: Sequence[str]) -> bool:
    """Return whether an endpoint gives its rows in this order, as `sort_key` does."""
    if tuple(order) == (endpoint.natural,):
        return True
    if len(order) != 1:
        return False
    name = order[0].lstrip("-")
    if name not in endpoint.orders:
        return False
    field = column(meta.get_field(name))
    ranked = not field.kind.choices or name in endpoint.ranked
    placed = not field.nullable or endpoint.nulls == NULLS_LAST
    # How Zendesk collates text is unknown; only a list that stands alone may sort by it.
    return ranked and placed and (endpoint.fresh or field.kind.name != "str")


def mergeable(meta: Options, order: Sequence[str]) -> bool:
    """Return whether lists in this order, each sorted by Zendesk, can be merged here."""
    fields = [column(meta.get_field(name.lstrip("-"))) for name in order]
    return bool(order) and not any(field.kind.name == "str" for field in fields)


def movable(order: Sequence[str]) -> bool:
    """Return whether a row can change its place in this order."""
    return any(name.lstrip("-") not in IMMUTABLE for name in order)


def ranks(field: Attribute[Any]) -> tuple[Any, ...]:
    """Return the choices of a field, from the lowest to the highest; () without choices."""
    return field.kind.choices


def _part(meta: Options, name: str) -> Callable[[Row], Any]:
    field = column(meta.get_field(name.lstrip("-")))
    places = {choice: place for place, choice in enumerate(ranks(field))}

    def key(row: Row) -> Any:
        value = field.loaded(row)
        if value is None:
            return (True,)
        if not places:
            return False, value
        # A choice that is not declared comes after those that are.
        place = places.get(value, len(places))
        return False, place, "" if value in places else str(value)

    return _directed(name, key)


def _id(row: Row) -> Any:
    pk = row.get("id")
    return pk is None, 0 if pk is None else pk


def _directed(name: str, key: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return (lambda row: _Descending(key(row))) if name.startswith("-") else key
