"""Plans of queries over a database: one statement, and no request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.aggregates import Aggregate, Avg, Count, Max, Min
from zendesk_orm.query.moments import DATE_PARTS
from zendesk_orm.query.ordering import ranks
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql import Columns, Compiler, Storage
from zendesk_orm.query.sql_values import to_rank
from zendesk_orm.schema.fields import Attribute, column
from zendesk_orm.warehouse.rows import row_reader
from zendesk_orm.warehouse.types import converter


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session
    from zendesk_orm.warehouse.connection import Warehouse


@frozen
class SqlPlan:
    """The plan of a query over a database.

    Attributes:
        query: the query.
        sql: the statement that reads its rows.
        requests: the number of requests: 0.
    """

    query: Query
    sql: str
    requests: int = 0


class SqlPlanning:
    """Plans queries over a database; see `session.planning.Planning`.

    Args:
        warehouse: the database.
    """

    reads_zendesk = False

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def plan(self, query: Query) -> SqlPlan:
        """Return the statement that reads the rows of a query.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
        """
        reader = row_reader(self._warehouse.catalogue.storage(query.model))
        source = query.source

        def columns(storage: Storage, alias: str) -> list[exp.Expr]:
            return reader.columns(alias)

        statement = self._compiler(query).select(source, columns, self.default_order(source))
        return SqlPlan(query, self._warehouse.to_sql(statement, pretty=True))

    def explain(self, session: Session, query: Query) -> str:
        """Return the statement of a query, and how old the data are."""
        if query.empty:
            return f"{query}\nno statement: the result is empty"
        try:
            planned = self.plan(query)
        except NoEndpoint as error:
            return str(error)
        moment = self._warehouse.as_of(query.model)
        age = "unknown" if moment is None else moment.isoformat()
        return f"{query}\n{planned.sql}\ncosts 0 requests\ndata as of {age}"

    def can_answer(self, query: Query) -> bool:
        """Return whether a query can be compiled."""
        try:
            self.plan(query)
        except NoEndpoint:
            return False
        return True

    def is_cheap(self, query: Query, *, complete: bool = False) -> bool:
        """Return whether a query can be compiled: the database reads no more rows than needed."""
        return self.can_answer(query)

    def default_order(self, query: Query) -> tuple[str, ...]:
        """Return the order in which Zendesk would return rows without an order.

        It is that of their ids if the values that it needs are not stored.
        """
        if query.order:
            return query.order
        try:
            chosen = plan(query)
        except NoEndpoint:
            return ("id",)
        stored = self._warehouse.catalogue.storage(query.model)
        fields = (column(query.meta.get_field(name.lstrip("-"))) for name in chosen.order)
        if all(stored.find_value(field, "t") is not None for field in fields):
            return tuple(chosen.order) or ("id",)
        return ("id",)

    def aggregate(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> dict[str, Any]:
        """Return aggregates over all rows, computed by the database."""
        if query.empty:
            return {alias: item.of([]) for alias, item in aggregates.items()}

        compiler = self._compiler(query)
        columns = build_columns(session, compiler, query, aggregates)
        plain = query if query.windowed else evolve(query, order=())
        sql = self._warehouse.to_sql(compiler.aggregate(plain, columns))
        (results,) = (row for rows in self._warehouse.executor.run(sql) for row in rows)
        return {
            alias: read_aggregate(item, query, value)
            for (alias, item), value in zip(aggregates.items(), results, strict=True)
        }

    def group(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> list[dict[str, Any]]:
        """Return the groups of rows with equal values, computed by the database."""
        names = () if query.projection is None else query.projection.names
        sql = self._warehouse.to_sql(self._group(session, query, aggregates))
        return [
            {
                **{
                    name: read_value(query, name, value)
                    for name, value in zip(names, results, strict=False)
                },
                **{
                    alias: read_aggregate(item, query, value)
                    for (alias, item), value in zip(
                        aggregates.items(), results[len(names) :], strict=True
                    )
                },
            }
            for rows in self._warehouse.executor.run(sql)
            for results in map(tuple, rows)
        ]

    def explain_groups(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> str:
        """Return the statement that computes groups."""
        sql = self._warehouse.to_sql(self._group(session, query, aggregates), pretty=True)
        return f"{query}\n{sql}\ncosts 0 requests"

    def _group(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> exp.Select:
        names = () if query.projection is None else query.projection.names
        compiler = self._compiler(query)
        columns = build_columns(session, compiler, query, aggregates)
        return compiler.group(evolve(query, order=()), names, columns)

    def _compiler(self, query: Query) -> Compiler:
        return self._warehouse.compiler(query)


def build_columns(
    session: Session, compiler: Compiler, query: Query, aggregates: Mapping[str, Aggregate]
) -> Columns:
    """Return the function that returns the expressions of aggregates."""
    filters = {
        alias: session.resolve_custom_fields(Query(query.model, item.filter.resolve(query.model)))
        for alias, item in aggregates.items()
        if item.filter is not None
    }

    def columns(storage: Storage, alias: str) -> list[exp.Expr]:
        conditions = {
            name: compiler.matches(query, storage, alias) for name, query in filters.items()
        }
        return [
            build_aggregate(item, query, storage, alias, conditions.get(name))
            for name, item in aggregates.items()
        ]

    return columns


def build_aggregate(
    item: Aggregate, query: Query, storage: Storage, alias: str, condition: exp.Expr | None = None
) -> exp.Expr:
    """Return an aggregate as an expression.

    Args:
        item: the aggregate.
        query: the query for the rows.
        storage: the rows.
        alias: the alias of the table.
        condition: the condition of the rows that count; None for all rows.
    """

    def select(value: exp.Expr) -> exp.Expr:
        return value if condition is None else exp.case().when(condition, value)

    if isinstance(item, Count) and item.name in ("*", "id", "pk"):
        return exp.Count(this=exp.Star() if condition is None else select(exp.convert(1)))
    field = column(query.meta.get_field(item.name))
    value = storage.value(field, alias).expression
    if isinstance(item, Count):
        value = select(value)
        return exp.Count(this=exp.Distinct(expressions=[value]) if item.distinct else value)
    if isinstance(item, (Min, Max)):
        choices = ranks(field)
        value = select(to_rank(value, choices) if choices else value)
        return exp.Min(this=value) if isinstance(item, Min) else exp.Max(this=value)
    if isinstance(item, Avg):
        return exp.Avg(this=exp.cast(select(value), "DOUBLE"))
    return exp.Sum(this=select(value))


def read_value(query: Query, name: str, value: Any) -> Any:
    """Return a value of a group as the library returns it."""
    first, _, remainder = name.partition("__")
    relation = query.meta.relations.get(first)
    if relation is not None and remainder:
        return read_value(Query(relation.model), remainder, value)
    if value is None or (remainder in DATE_PARTS and first in query.meta.fields):
        return value if value is None or remainder == "date" else int(value)
    field: Attribute[Any] = column(query.meta.get_field(name))
    return _read(field, value)


def _read(field: Attribute[Any], value: Any) -> Any:
    """Return a value that the database computed from a field."""
    types = {"datetime": "timestamp", "date": "date"}
    convert = converter(field, types.get(field.kind.name, "number"))
    return field.read({field.wire: value if convert is None else convert(value)})


def read_aggregate(item: Aggregate, query: Query, value: Any) -> Any:
    """Return the result of an aggregate as the library returns it."""
    if value is None or isinstance(item, Count):
        return value
    field: Attribute[Any] = column(query.meta.get_field(item.name))
    choices = ranks(field)
    if isinstance(item, (Min, Max)) and choices:
        return choices[int(value)]
    if isinstance(item, (Min, Max)):
        return _read(field, value)
    number = converter(field, "number")
    return value if number is None else number(value)
