"""Aggregates in SQL: `Count`, `Min`, `Max`, `Avg` and `Sum` over the rows of a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.query.aggregates import Aggregate, Avg, Count, Max, Min
from zendesk_orm.query.ordering import ranks
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql import Compiler
from zendesk_orm.query.sql_storage import Columns, Storage
from zendesk_orm.query.sql_values import (
    Value,
    split_kinds,
    to_code_points,
    to_number,
    to_rank,
    to_utc,
)
from zendesk_orm.schema.fields import Attribute, column
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.warehouse.tables import StoredModel
from zendesk_orm.warehouse.types import EXTREME_KINDS, converter


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


def filters_of(query: Query, aggregates: Mapping[str, Aggregate]) -> dict[str, Query]:
    """Return the queries for the rows that count, of the aggregates that have a filter."""
    return {
        alias: Query(query.model, item.filter.resolve(query.model))
        for alias, item in aggregates.items()
        if item.filter is not None
    }


def build_columns(
    session: Session, compiler: Compiler, query: Query, aggregates: Mapping[str, Aggregate]
) -> Columns:
    """Return the function that returns the expressions of aggregates."""
    filters = {
        alias: session.resolve_custom_fields(where)
        for alias, where in filters_of(query, aggregates).items()
    }

    def columns(storage: Storage, alias: str) -> list[exp.Expr]:
        conditions = {
            name: compiler.matches(query, storage, alias) for name, query in filters.items()
        }
        return [
            build_aggregate(item, query, storage, alias, compiler.dialect, conditions.get(name))
            for name, item in aggregates.items()
        ]

    return columns


def build_aggregate(
    item: Aggregate,
    query: Query,
    storage: Storage,
    alias: str,
    dialect: str,
    condition: exp.Expr | None = None,
) -> exp.Expr:
    """Return an aggregate as an expression.

    Args:
        item: the aggregate.
        query: the query for the rows.
        storage: the rows.
        alias: the alias of the table.
        dialect: sqlglot's name of the dialect.
        condition: the condition of the rows that count; None for all rows.

    Raises:
        NoEndpoint: the values are not stored, or cannot be compared or added up.
    """

    def select(value: exp.Expr) -> exp.Expr:
        return value if condition is None else exp.case().when(condition, value)

    if isinstance(item, Count) and item.name in ("*", "id", "pk"):
        return exp.Count(this=exp.Star() if condition is None else select(exp.convert(1)))
    field = column(query.meta.get_field(item.name))
    is_inner = isinstance(field, KeyTransform) and not isinstance(item, Count)
    stored = storage.sortable(field, alias) if is_inner else storage.key(field, alias)
    if isinstance(item, Count):
        value = select(stored.expression)
        return exp.Count(this=exp.Distinct(expressions=[value]) if item.distinct else value)
    if isinstance(item, (Min, Max)):
        kinds = split_kinds(stored, dialect)
        if kinds is not None:
            return _find_extreme(item, [*map(select, kinds)])
        value = select(_to_comparable(field, stored, dialect))
        return exp.Min(this=value) if isinstance(item, Min) else exp.Max(this=value)
    is_custom = isinstance(field, KeyTransform) and field.outer.name in query.meta.custom
    # The types of values inside other objects are not declared.
    number = to_number(stored, dialect) if is_inner and not is_custom else stored
    if number is None or number.type not in ("integer", "number"):
        raise NoEndpoint(
            f"{query.meta.object_name}.{item.name} cannot be added up: in "
            f"{storage.place_of(field)}, its values are not numbers; aggregate them in Python"
        )
    if isinstance(item, Avg):
        return exp.Avg(this=exp.cast(select(number.expression), "DOUBLE"))
    return exp.Sum(this=select(number.expression))


def _find_extreme(item: Aggregate, kinds: Sequence[exp.Expr]) -> exp.Expr:
    """Return the extreme of a value inside JSON as text, whose first letter is that of its kind.

    Of several kinds, the extreme is that of the order: first numbers, then truth values and texts.
    """
    function = exp.Min if isinstance(item, Min) else exp.Max
    texts = [
        exp.func("CONCAT", exp.Literal.string(letter), exp.cast(function(this=kind), "TEXT"))
        for letter, kind in zip(EXTREME_KINDS, kinds, strict=True)
    ]
    results = [
        exp.case().when(
            exp.not_(exp.Is(this=function(this=kind.copy()), expression=exp.null())), text
        )
        for kind, text in zip(kinds, texts, strict=True)
    ]
    first, *others = results if isinstance(item, Min) else reversed(results)
    return exp.Coalesce(this=first, expressions=others)


def _to_comparable(field: Attribute[Any], stored: Value, dialect: str) -> exp.Expr:
    """Return a value whose order is that of Python: of choices, the rank."""
    choices = ranks(field)
    if choices:
        return to_rank(stored.expression, choices)
    if stored.type == "iso":
        return to_utc(stored, dialect)
    if stored.type == "boolean":
        # Not all databases order truth values.
        return exp.cast(stored.expression, "INT")
    if stored.type == "text":
        return to_code_points(stored.expression, dialect)
    return stored.expression


def read_aggregate(item: Aggregate, query: Query, stored: StoredModel, value: Any) -> Any:
    """Return the result of an aggregate as the library returns it.

    Args:
        item: the aggregate.
        query: the query for the rows.
        stored: the table of the rows.
        value: the value that the database computed.
    """
    if value is None or isinstance(item, Count):
        return value
    field: Attribute[Any] = column(query.meta.get_field(item.name))
    if isinstance(field, KeyTransform):
        return float(value) if isinstance(item, Avg) else stored.extreme_reader(field)(value)
    choices = ranks(field)
    if isinstance(item, (Min, Max)):
        return choices[int(value)] if choices else read_value(field, value)
    number = converter(field, "number")
    return value if number is None else number(value)


def read_value(field: Attribute[Any], value: Any) -> Any:
    """Return a value that the database computed from a field."""
    types = {"datetime": "timestamp", "date": "date"}
    convert = converter(field, types.get(field.kind.name, "number"))
    return field.read({field.wire: value if convert is None else convert(value)})
