"""Compiles queries to SQL: a `Query` becomes a `SELECT` expression of sqlglot.

The rows are those that `query.matching` selects: a comparison with a missing value is false, and
the negation of a condition matches rows without a value. The order is that of `query.ordering`:
rows without a value come last, choices are ordered by rank, and rows with equal values by id.

The compiler does not know how rows are stored; a `Database` returns the expressions of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from attrs import frozen
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display
from zendesk_orm.query.dates import RECURRING, RelativeTime
from zendesk_orm.query.moments import DATE_PARTS
from zendesk_orm.query.ordering import ranks
from zendesk_orm.query.predicate import And, Condition, F, Not, Or, Predicate, Subquery
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql_values import (
    MOMENTS,
    Value,
    build_literal,
    extract_part,
    is_among,
    match_text,
    part_equals,
    to_rank,
    to_utc,
)
from zendesk_orm.schema.fields import Attribute, Lookup, column
from zendesk_orm.schema.options import Options


_ORDERED: dict[str, type[exp.Binary]] = {
    "gt": exp.GT,
    "gte": exp.GTE,
    "lt": exp.LT,
    "lte": exp.LTE,
}


class Storage(Protocol):
    """The rows of a model in a database."""

    def table(self, alias: str) -> exp.Expr:
        """Return the table, named by an alias."""
        ...

    def present(self, alias: str) -> exp.Expr | None:
        """Return the condition of rows that were not deleted; None if all rows exist."""
        ...

    def value(self, field: Attribute[Any], alias: str) -> Value:
        """Return the value of a field.

        Raises:
            NoEndpoint: it is not stored.
        """
        ...

    def contains(
        self, field: Attribute[Any], members: Sequence[Any], alias: str
    ) -> exp.Expr | None:
        """Return whether a list contains one of some members; None for a field of another type."""
        ...

    def is_empty(self, field: Attribute[Any], alias: str) -> exp.Expr | None:
        """Return whether a list has no members; None for a field of another type."""
        ...


class Database(Protocol):
    """The tables of an account in a database."""

    @property
    def dialect(self) -> str:
        """Sqlglot's name of the dialect."""
        ...

    def storage(self, model: Any) -> Storage:
        """Return how the rows of a model are stored.

        Raises:
            NoEndpoint: they are not stored.
        """
        ...


#: Returns the selected expressions, from the storage and the alias of the table.
Columns = Callable[[Storage, str], Iterable[exp.Expr]]


@frozen
class _Table:
    """The table of a query, with its alias in the statement."""

    meta: Options
    storage: Storage
    alias: str

    def value(self, field: Attribute[Any]) -> Value:
        """Return the value of a field."""
        return self.storage.value(field, self.alias)


class Compiler:
    """Compiles the queries of one statement.

    Args:
        database: returns how rows are stored.
        now: the moment that relative times refer to, in seconds since the epoch.
    """

    def __init__(self, database: Database, now: float) -> None:
        self._database = database
        self._now = now
        self._aliases = 0

    def select(
        self, query: Query, columns: Columns, default_order: Sequence[str] = ()
    ) -> exp.Select:
        """Return the statement for the rows of a query.

        Args:
            query: the query, with the account's ids of custom fields.
            columns: returns the selected expressions.
            default_order: the order of the rows if the query has none.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
        """
        table, statement = self._begin(query)
        statement = statement.select(*columns(table.storage, table.alias), copy=False)
        terms = self._order(query.order or tuple(default_order), table)
        statement = statement.order_by(*terms, copy=False) if terms else statement
        if query.stop is not None:
            statement = statement.limit(query.stop - query.start, copy=False)
        return statement.offset(query.start, copy=False) if query.start else statement

    def aggregate(self, query: Query, columns: Columns) -> exp.Select:
        """Return the statement that computes aggregates over the rows of a query."""
        if query.windowed:
            rows = self.select(query, lambda *_: [exp.Star()], () if query.order else ("id",))
            storage, alias = self._database.storage(query.model), self._next_alias()
            return exp.select(*columns(storage, alias)).from_(
                rows.subquery(exp.to_identifier(alias, quoted=True))
            )
        table, statement = self._begin(query)
        return statement.select(*columns(table.storage, table.alias), copy=False)

    def matches(self, query: Query, storage: Storage, alias: str) -> exp.Expr:
        """Return the condition of a query for the rows of its table, which has an alias."""
        return self._predicate(query.where, _Table(query.meta, storage, alias))

    def group(self, query: Query, names: Sequence[str], columns: Columns) -> exp.Select:
        """Return the statement that computes aggregates over groups of rows with equal values.

        Args:
            query: the query.
            names: the values: fields, parts of moments (`created_at__date`), and fields of related
                rows (`group__name`).
            columns: returns the expressions of the aggregates.
        """
        table, statement = self._begin(query)
        for name in names:
            key, statement = self._key(name, table, statement)
            statement = statement.select(key, copy=False).group_by(key.copy(), copy=False)
        return statement.select(*columns(table.storage, table.alias), copy=False)

    def _key(self, name: str, table: _Table, statement: exp.Select) -> tuple[exp.Expr, exp.Select]:
        """Return the expression of a value, and the statement with the tables that it needs."""
        first, _, remainder = name.partition("__")
        relation = table.meta.relations.get(first)
        if relation is not None and remainder:
            related = _Table(
                relation.model._meta, self._database.storage(relation.model), self._next_alias()
            )
            pk = related.value(related.meta.fields["id"]).expression
            matches = exp.EQ(this=pk, expression=table.value(relation.id).expression)
            statement = statement.join(
                related.storage.table(related.alias), on=matches, join_type="left", copy=False
            )
            return self._key(remainder, related, statement)
        if remainder in DATE_PARTS and first in table.meta.fields:
            moment = to_utc(table.value(table.meta.fields[first]))
            if remainder == "date":
                return exp.cast(moment, "DATE"), statement
            return extract_part(moment, remainder, self._database.dialect), statement
        return table.value(column(table.meta.get_field(name))).expression, statement

    def _begin(self, query: Query) -> tuple[_Table, exp.Select]:
        """Return the table and the statement of a query, without columns."""
        table = _Table(query.meta, self._database.storage(query.model), self._next_alias())
        statement = exp.Select().from_(table.storage.table(table.alias), copy=False)
        present = table.storage.present(table.alias)
        if present is not None:
            statement = statement.where(present, copy=False)
        if query.empty:
            return table, statement.where(exp.false(), copy=False)
        if query.where != And():
            statement = statement.where(self._predicate(query.where, table), copy=False)
        return table, statement

    def _next_alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    # -- conditions ----------------------------------------------------------

    def _predicate(self, where: Predicate, table: _Table) -> exp.Expr:
        """Return a predicate as an expression, which is false or NULL for rows without a match."""
        if isinstance(where, Condition):
            return self._condition(where, table)
        if isinstance(where, Not):
            inner = self._predicate(where.part, table)
            return exp.not_(exp.Coalesce(this=exp.paren(inner), expressions=[exp.false()]))
        parts = [self._predicate(part, table) for part in where.parts]
        if not parts:
            return exp.true()
        return exp.paren((exp.or_ if isinstance(where, Or) else exp.and_)(*parts, copy=False))

    def _condition(self, condition: Condition, table: _Table) -> exp.Expr:
        name, op, expected = condition.name, condition.op, condition.value
        if op in ("words", "raw"):
            raise _refuse(
                table.meta,
                f"SQL has no search for {display(expected)}",
                "use icontains, such as filter(subject__icontains=...)",
            )
        field = column(table.meta.get_field(name))
        if isinstance(field, Lookup):
            raise _refuse(
                table.meta, f"{name} is a parameter of Zendesk's endpoints", "leave it out"
            )
        if isinstance(expected, RelativeTime):
            expected = expected.moment(self._now)
        if op == "isnull":
            return _is_null(field, table, is_null=bool(expected))
        if op in ("exact", "in"):
            return self._equals(field, expected, table, op)
        if op in _ORDERED:
            return _compare(field, op, expected, table)
        value = table.value(field)
        if op in RECURRING or op == "time":
            return part_equals(value, op, expected, self._database.dialect)
        if value.type in ("integer", "number") and field.kind.name == "str":
            value = Value(exp.cast(value.expression, "TEXT"), "text")
        matched = match_text(value.expression, op, str(expected), self._database.dialect)
        if matched is None:
            raise _refuse(table.meta, f"SQL has no lookup {op} for {name}", "compare the values")
        return matched if value.type == "text" else exp.false()

    def _equals(self, field: Attribute[Any], expected: Any, table: _Table, op: str) -> exp.Expr:
        if isinstance(expected, Subquery):
            value = table.value(field)
            return exp.In(this=value.expression, query=self._subquery(expected).subquery())
        if isinstance(expected, F):
            other = column(table.meta.get_field(expected.name))
            values = (_comparable(item, table.value(item)) for item in (field, other))
            one, two = (value.expression for value in values)
            return exp.EQ(this=one, expression=two)
        members = list(expected) if op == "in" else [expected]
        if not members:
            return exp.false()
        contained = table.storage.contains(field, members, table.alias)
        if contained is not None:
            return contained
        value = _comparable(field, table.value(field))
        if field.kind.key is not None:
            # Python and SQL differ in the lower case of a few letters, such as the German sharp s.
            keys = (field.key(member) for member in members)
            members = list(dict.fromkeys([*keys, *(str(member).lower() for member in members)]))
        return is_among(value, members)

    def _subquery(self, subquery: Subquery) -> exp.Select:
        """Return the statement for the values of a subquery."""
        query = subquery.query or Query(subquery.model, subquery.where)
        name = "id" if query.projection is None else query.projection.names[0]
        field = column(query.meta.get_field(name))

        def columns(storage: Storage, alias: str) -> Iterable[exp.Expr]:
            return [storage.value(field, alias).expression]

        return self.select(query, columns, ("id",) if query.windowed else ())

    # -- order ---------------------------------------------------------------

    def _order(self, order: Sequence[str], table: _Table) -> list[exp.Expr]:
        """Return the terms of an order, with the id as the last one."""
        names = list(order)
        if names and "id" not in {name.lstrip("-") for name in names}:
            names.append("-id" if names[-1].startswith("-") else "id")
        return [term for name in names for term in self._terms(name, table)]

    def _terms(self, name: str, table: _Table) -> Iterable[exp.Expr]:
        field = column(table.meta.get_field(name.lstrip("-")))
        value, is_descending = table.value(field), name.startswith("-")
        for expression in _sort_values(field, self._to_sortable(value)):
            # Rows without a value come last, and first if the order is reversed.
            yield exp.Ordered(this=expression, desc=is_descending, nulls_first=is_descending)

    def _to_sortable(self, value: Value) -> exp.Expr:
        """Return a value whose text is ordered by code points, as Python orders it."""
        if value.type == "text" and self._database.dialect in ("postgres", "redshift"):
            collation = exp.to_identifier("C", quoted=True)
            return exp.Collate(this=value.expression, expression=collation)
        return value.expression


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


def _is_null(field: Attribute[Any], table: _Table, *, is_null: bool) -> exp.Expr:
    empty = table.storage.is_empty(field, table.alias)
    if empty is None:
        empty = exp.Is(this=table.value(field).expression, expression=exp.null())
    return empty if is_null else exp.not_(exp.paren(empty))


def _comparable(field: Attribute[Any], value: Value) -> Value:
    """Return a value in the form in which values of its field are compared."""
    if value.type in MOMENTS:
        return value
    if field.kind.key is None or value.type != "text":
        return value
    expression = value.expression
    if field.kind.key(" ") != " ":
        expression = exp.Trim(this=expression)
    return Value(exp.Lower(this=expression), value.type)


def _compare(field: Attribute[Any], op: str, expected: Any, table: _Table) -> exp.Expr:
    """Return a comparison by order: of choices by rank, of moments by time."""
    compare, choices, value = _ORDERED[op], ranks(field), table.value(field)
    if isinstance(expected, F):
        other = column(table.meta.get_field(expected.name))
        sides = [
            to_rank(table.value(item).expression, choices) if choices else to_utc(table.value(item))
            for item in (field, other)
        ]
        return compare(this=sides[0], expression=sides[1])
    if choices:
        rank = exp.convert(choices.index(expected))
        return compare(this=to_rank(value.expression, choices), expression=rank)
    return compare(this=value.expression, expression=build_literal(expected, value.type))


def _refuse(meta: Options, reason: str, remedy: str) -> NoEndpoint:
    return NoEndpoint(f"{meta.object_name}: {reason}; {remedy}")
