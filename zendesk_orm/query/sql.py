"""Compiles queries to SQL: a `Query` becomes a `SELECT` expression of sqlglot.

The rows are those that `query.matching` selects: a comparison with a missing value is false, and
the negation of a condition matches rows without a value. The order is that of `query.ordering`:
rows without a value come last, choices are ordered by rank, and rows with equal values by id.

The compiler does not know how rows are stored; a `Database` returns the expressions of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlglot import exp

from zendesk_orm.query.ordering import ranks
from zendesk_orm.query.predicate import And, Subquery
from zendesk_orm.query.projection import Projection
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql_conditions import Conditions
from zendesk_orm.query.sql_storage import Columns, Database, Storage, Table
from zendesk_orm.query.sql_values import (
    MOMENTS,
    Value,
    extract_part,
    parse_moment,
    split_kinds,
    to_code_points,
    to_rank,
    to_utc,
)
from zendesk_orm.schema.fields import Attribute, column


#: The column that numbers the rows with equal values of `distinct()`.
_NUMBER = "_row_number"
#: Orders that make no difference to the row with an id.
_BY_ID = frozenset({"id", "-id"})
#: Returns the order of rows for a query without one.
DefaultOrder = Callable[[Query], Sequence[str]]


class Compiler:
    """Compiles the queries of one statement.

    Args:
        database: returns how rows are stored.
        now: the moment that relative times refer to, in seconds since the epoch.
        default_order: returns the order of rows for a query without one.
        choose: returns how the rows of a subquery of another moment are stored.
        reads_deleted: whether rows that are marked as deleted are read, too.

    Attributes:
        dialect: sqlglot's name of the dialect.
    """

    def __init__(
        self,
        database: Database,
        now: float,
        default_order: DefaultOrder,
        choose: Callable[[Query], Database],
        *,
        reads_deleted: bool = False,
    ) -> None:
        self._database, self._reads_deleted = database, reads_deleted
        self.dialect = database.dialect
        self._default_order, self._choose = default_order, choose
        self._conditions = Conditions(database.dialect, now, self._subquery)
        self._aliases = 0

    def select(
        self, query: Query, columns: Columns, default_order: Sequence[str] | None = None
    ) -> exp.Select:
        """Return the statement for the rows of a query.

        Args:
            query: the query, with the account's ids of custom fields.
            columns: returns the selected expressions.
            default_order: the order of the rows if the query has none.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
        """
        order = self._order_of(query) if default_order is None else query.order or default_order
        table, statement = self._begin(query, order)
        statement = statement.select(*columns(table.storage, table.alias), copy=False)
        # Databases sort a single row, too.
        is_sorted = _has_one_id(query) and _BY_ID.issuperset(order)
        terms = [] if is_sorted else self._order(order, table)
        statement = statement.order_by(*terms, copy=False) if terms else statement
        if query.stop is not None:
            statement = statement.limit(query.stop - query.start, copy=False)
        return statement.offset(query.start, copy=False) if query.start else statement

    def aggregate(self, query: Query, columns: Columns) -> exp.Select:
        """Return the statement that computes aggregates over the rows of a query."""
        table, statement = self._begin_window(query)
        return statement.select(*columns(table.storage, table.alias), copy=False)

    def group(self, query: Query, values: Projection | None, columns: Columns) -> exp.Select:
        """Return the statement that computes aggregates over groups of rows with equal values.

        Args:
            query: the query.
            values: the values: fields, parts of moments (`created_at__date`), and fields of related
                rows (`group__name`).
            columns: returns the expressions of the aggregates.
        """
        table, statement = self._begin_window(query)
        for path in () if values is None else values.paths:
            key, statement = self._key(path, table, statement)
            statement = statement.select(key, copy=False).group_by(key.copy(), copy=False)
        return statement.select(*columns(table.storage, table.alias), copy=False)

    def matches(self, query: Query, storage: Storage, alias: str) -> exp.Expr:
        """Return the condition of a query for the rows of its table, which has an alias."""
        return self._conditions.build(query.where, Table(query.meta, storage, alias))

    def _key(
        self, path: Sequence[str], table: Table, statement: exp.Select
    ) -> tuple[exp.Expr, exp.Select]:
        """Return the expression of a value, and the statement with the tables that it needs."""
        first, remainder = path[0], path[1:]
        relation = table.meta.relations.get(first)
        if relation is not None and remainder:
            related = self._table(relation.model)
            pk = related.value(related.meta.fields["id"]).expression
            matches = exp.EQ(this=pk, expression=table.value(relation.id).expression)
            latest = related.storage.present(related.alias, with_deleted=True)
            statement = statement.join(
                related.storage.table(related.alias),
                on=exp.and_(matches, latest),
                join_type="left",
                copy=False,
            )
            return self._key(remainder, related, statement)
        field = table.meta.fields.get(first)
        if field is not None and field.kind.name == "datetime" and remainder:
            moment = to_utc(table.value(field), self.dialect)
            if remainder[0] == "date":
                return exp.cast(moment, "DATE"), statement
            return extract_part(moment, remainder[0], self.dialect), statement
        name = column(table.meta.get_field("__".join(path)))
        value = table.storage.key(name, table.alias)
        is_moment = value.type in MOMENTS and name.kind.name == "datetime"
        key = to_utc(value, self.dialect) if is_moment else value.expression
        return key, statement

    # -- tables ----------------------------------------------------------------

    def _table(self, model: Any) -> Table:
        self._aliases += 1
        return Table(model._meta, self._database.storage(model), f"t{self._aliases}")

    def _begin(self, query: Query, order: Sequence[str]) -> tuple[Table, exp.Select]:
        """Return the table and the statement of a query, without columns and window."""
        table = self._table(query.model)
        statement = exp.Select().from_(table.storage.table(table.alias), copy=False)
        present = table.storage.present(table.alias, with_deleted=self._reads_deleted)
        if present is not None:
            statement = statement.where(present, copy=False)
        if query.empty:
            statement = statement.where(exp.false(), copy=False)
        elif query.where != And():
            condition = self._conditions.build(query.where, table)
            statement = statement.where(condition, copy=False)
        if query.distinct is None:
            return table, statement
        return self._select_first(query.distinct, table, statement, order)

    def _select_first(
        self, values: Projection, table: Table, statement: exp.Select, order: Sequence[str]
    ) -> tuple[Table, exp.Select]:
        """Return the statement for the first of the rows with equal values, in an order."""
        keys = []
        for path in values.paths:
            key, statement = self._key(path, table, statement)
            keys.append(key)
        number = exp.Window(
            this=exp.RowNumber(),
            partition_by=keys,
            order=exp.Order(expressions=self._order(order or ("id",), table)),
        )
        every = exp.Column(this=exp.Star(), table=exp.to_identifier(table.alias, quoted=True))
        statement = statement.select(every, exp.alias_(number, _NUMBER, quoted=True), copy=False)
        first = self._wrap(table)
        is_first = exp.EQ(
            this=exp.column(_NUMBER, first.alias, quoted=True), expression=exp.convert(1)
        )
        outer = exp.Select().from_(_as_table(statement, first), copy=False)
        return first, outer.where(is_first, copy=False)

    def _begin_window(self, query: Query) -> tuple[Table, exp.Select]:
        """Return the table and the statement of exactly the rows of a query."""
        if not query.windowed:
            order = self._order_of(query) if query.distinct is not None else ()
            return self._begin(query, order)
        rows = self.select(query, _select_every)
        table = self._wrap(self._table(query.model))
        return table, exp.Select().from_(_as_table(rows, table), copy=False)

    def _wrap(self, table: Table) -> Table:
        """Return a table with the same columns, for the rows that a statement selects from it."""
        self._aliases += 1
        return Table(table.meta, table.storage, f"t{self._aliases}")

    def _subquery(self, subquery: Subquery) -> exp.Select:
        """Return the statement for the values of a subquery."""
        query = subquery.query or Query(subquery.model, subquery.where)
        path = ("id",) if query.projection is None else query.projection.paths[0]
        field = column(query.meta.get_field("__".join(path)))

        def columns(storage: Storage, alias: str) -> Iterable[exp.Expr]:
            return [storage.value(field, alias).expression]

        database = self._database
        if query.as_of is not None:
            self._database = self._choose(query)
        try:
            return self.select(query, columns, None if query.windowed or query.distinct else ())
        finally:
            self._database = database

    # -- order ---------------------------------------------------------------

    def _order_of(self, query: Query) -> Sequence[str]:
        return query.order or self._default_order(query)

    def _order(self, order: Sequence[str], table: Table) -> list[exp.Expr]:
        """Return the terms of an order, with the id as the last one."""
        names = list(order)
        if names and "id" not in {name.lstrip("-") for name in names}:
            names.append("-id" if names[-1].startswith("-") else "id")
        return [term for name in names for term in self._terms(name, table)]

    def _terms(self, name: str, table: Table) -> Iterable[exp.Expr]:
        field = column(table.meta.get_field(name.lstrip("-")))
        value = table.storage.sortable(field, table.alias)
        is_descending = name.startswith("-")
        kinds = split_kinds(value, self.dialect)
        for expression in kinds or _sort_values(field, self._to_sortable(value)):
            # Rows without a value come last, and first if the order is reversed.
            yield exp.Ordered(this=expression, desc=is_descending, nulls_first=is_descending)

    def _to_sortable(self, value: Value) -> exp.Expr:
        """Return a value whose order is that of Python."""
        if value.type == "iso":
            return parse_moment(value.expression, self.dialect)
        if value.type == "text":
            return to_code_points(value.expression, self.dialect)
        return value.expression


def _as_table(rows: exp.Select, table: Table) -> exp.Expr:
    return rows.subquery(exp.to_identifier(table.alias, quoted=True))


def _select_every(storage: Storage, alias: str) -> Iterable[exp.Expr]:
    return [exp.Column(this=exp.Star(), table=exp.to_identifier(alias, quoted=True))]


def _sort_values(field: Attribute[Any], value: exp.Expr) -> Iterable[exp.Expr]:
    """Yield the values that a field is ordered by: of choices, the rank; unknown choices last."""
    choices = ranks(field)
    if not choices:
        yield value
        return
    rank = to_rank(value, choices)
    is_missing = exp.Is(this=value.copy(), expression=exp.null())
    yield rank.else_(exp.case().when(exp.not_(is_missing), exp.convert(len(choices))))
    is_declared = exp.In(
        this=value.copy(), expressions=[exp.Literal.string(str(choice)) for choice in choices]
    )
    yield exp.case().when(is_declared, exp.Literal.string("")).else_(value.copy())


def _has_one_id(query: Query) -> bool:
    """Return True if a query is for the row with an id."""
    ids = query.ids or ()
    return len(ids) == 1 and isinstance(ids[0], int | str)
