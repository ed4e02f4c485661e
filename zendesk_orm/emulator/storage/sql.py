"""Conditions in SQL about the JSON documents of rows.

Values are bound to question marks. Only names of fields are part of the SQL text, and
`json_value` and `json_path` check them.
"""

# ruff: noqa: S608 - values are bound to question marks

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import field, frozen

from zendesk_orm.messages import display
from zendesk_orm.schema.values import fold_case


_NAME = re.compile(r"[\w.\"-]+")


@frozen
class Where:
    """A condition in SQL with the values of its question marks. Supports `&`, `|` and `~`.

    SQLite limits how deep an expression may be nested. Any number of conditions can be combined,
    because the depth of their SQL grows with the logarithm of their number.
    """

    _sql: str = "1"
    values: Sequence[Any] = ()
    _operator: str = ""
    _parts: tuple[Where, ...] = field(default=(), repr=False)

    @property
    def sql(self) -> str:
        """The SQL expression."""
        return _join(self._operator, self._parts) if self._parts else self._sql

    @property
    def conjuncts(self) -> tuple[Where, ...]:
        """The conditions that all have to hold."""
        return self._get_parts("AND")

    def __and__(self, other: Where) -> Where:
        return self._combine("AND", other)

    def __or__(self, other: Where) -> Where:
        return self._combine("OR", other)

    def __invert__(self) -> Where:
        # A comparison with a missing value is NULL; its negation has to match the row.
        return Where(f"NOT ifnull(({self.sql}), 0)", self.values)

    def _combine(self, operator: str, other: Where) -> Where:
        parts = (*self._get_parts(operator), *other._get_parts(operator))
        return Where("", (*self.values, *other.values), operator, parts)

    def _get_parts(self, operator: str) -> tuple[Where, ...]:
        """Return the conditions that are combined by an operator."""
        return self._parts if self._operator == operator else (self,)


def _join(operator: str, parts: Sequence[Where]) -> str:
    """Return the SQL expression that combines conditions by an operator."""
    if len(parts) == 1:
        return parts[0].sql
    middle = len(parts) // 2
    return f"({_join(operator, parts[:middle])}) {operator} ({_join(operator, parts[middle:])})"


def json_path(wire: str) -> str:
    """Return the JSON path of a field as an SQL literal: `'$.via.channel'`.

    Raises:
        ValueError: the name contains characters that names of fields do not have.
    """
    if not _NAME.fullmatch(wire):
        raise ValueError(f"{display(wire)} must be the name of a field")
    return f"'$.{wire}'"


def json_value(wire: str, doc: str = "doc") -> str:
    """Return the SQL expression of a field's value, which is also that of its index."""
    return f"json_extract({doc}, {json_path(wire)})"


def json_items(wire: str, doc: str = "doc") -> str:
    """Return the SQL table of the items of a field that holds a list; its column is `value`."""
    return f"json_each({doc}, {json_path(wire)})"


def where_equal(wire: str, value: Any) -> Where:
    """Return the condition that a field has the value."""
    return Where(f"{json_value(wire)} = ?", (value,))


def where_in(sql: str, values: Iterable[Any]) -> Where:
    """Return the condition that an SQL expression has one of the values."""
    values = tuple(values)
    return Where(f"{sql} IN ({', '.join('?' * len(values))})", values)


def where_in_rows(sql: str, label: str, condition: Where, selected: str = "id") -> Where:
    """Return the condition that an SQL expression has a value of other rows.

    Args:
        sql: the SQL expression.
        label: the label of the other rows' model.
        condition: their condition.
        selected: the SQL expression of their value.
    """
    rows = f"SELECT {selected} FROM rows WHERE kind = ? AND ({condition.sql})"
    return Where(f"{sql} IN ({rows})", (label, *condition.values))


def where_in_ignoring_case(sql: str, values: Sequence[Any]) -> Where:
    """Return the condition that an SQL expression has one of the values, ignoring case."""
    if any(isinstance(value, str) for value in values):
        return where_in(f"folded({sql})", map(fold_case, values))
    return where_in(sql, values)


def where_any_item(table: str, where: Where) -> Where:
    """Return the condition that an item of a list matches a condition about `value`.

    Args:
        table: the SQL table of the items, such as that of `json_items`.
        where: the condition.
    """
    return Where(f"EXISTS (SELECT 1 FROM {table} WHERE {where.sql})", where.values)


def where_in_items(sql: str, table: str) -> Where:
    """Return the condition that an SQL expression is an item of a list, as of `json_items`."""
    return Where(f"{sql} IN (SELECT value FROM {table})")


def where_contains(wire: str, value: Any) -> Where:
    """Return the condition that a field holds a list that contains the value."""
    return where_any_item(json_items(wire), where_in("value", [value]))


def select_as_of(seconds: float) -> tuple[str, tuple[Any, ...]]:
    """Return a table for FROM, and its values: the rows as they were at a time."""
    columns = "kind, id, doc, words, parent, state"
    sql = (
        f"(SELECT {columns} FROM rows WHERE written <= ? UNION ALL "
        f"SELECT {columns} FROM versions WHERE written <= ? AND replaced > ?) AS rows"
    )
    return sql, (seconds, seconds, seconds)


def select_value(kind: str, pk: str, value: str, alias: str = "other") -> str:
    """Return the SQL expression of a value of another row.

    Args:
        kind: the label of the row's model.
        pk: the SQL expression of its id.
        value: the SQL expression of the value.
        alias: the name of the table in that expression.
    """
    where = f"{alias}.kind = '{kind}' AND {alias}.id = {pk}"
    return f"(SELECT {value} FROM rows AS {alias} WHERE {where})"
