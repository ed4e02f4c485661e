"""Lists in SQL: arrays, tables of members, and JSON, for which each dialect has own functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlglot import exp, parse_one

from zendesk_orm.query.sql_conditions import any_of
from zendesk_orm.query.sql_values import Value, can_contain, to_number
from zendesk_orm.warehouse.descriptions import StoredChild
from zendesk_orm.warehouse.layouts import Layout
from zendesk_orm.warehouse.types import column_type


#: Whether a JSON list contains a member, by dialect, in the dialect's SQL.
_JSON_CONTAINS = {
    "duckdb": "LIST_CONTAINS(FROM_JSON(TRY_CAST({list} AS JSON), '[\"VARCHAR\"]'), {member})",
    "postgres": "CAST({list} AS JSONB) @> CAST({json} AS JSONB)",
    "spark": "ARRAY_CONTAINS(FROM_JSON({list}, 'array<string>'), {member})",
    "databricks": "ARRAY_CONTAINS(FROM_JSON({list}, 'array<string>'), {member})",
    "snowflake": "ARRAY_CONTAINS({member}::VARIANT, TRY_PARSE_JSON(TO_VARCHAR({list})))",
    "bigquery": "{member} IN UNNEST(JSON_VALUE_ARRAY({list}))",
    "trino": "JSON_ARRAY_CONTAINS({list}, {member})",
}
#: Dialects whose functions compare a number in JSON with a number, and not with a text.
_TYPED = frozenset({"snowflake", "trino"})


def contains(
    value: Value, members: Sequence[Any], dialect: str, declared: str = ""
) -> exp.Expr | None:
    """Return whether an array or a JSON list contains one of some members.

    Args:
        value: the list.
        members: the members.
        dialect: sqlglot's name of the dialect.
        declared: the name that the database gives to the type of an array.

    Returns:
        The condition; None if the dialect's functions for JSON are unknown.
    """
    if value.type != "list" and dialect not in _JSON_CONTAINS:
        return None
    tests: list[exp.Expr] = []
    for member in members:
        if isinstance(member, str) and not can_contain(member, dialect):
            continue
        if value.type == "list":
            literal = _to_member(member, declared, dialect)
            if literal is not None:
                tests.append(exp.ArrayContains(this=value.expression.copy(), expression=literal))
        else:
            tests.append(_json_contains(value.expression, member, dialect))
    return any_of(tests)


def _to_member(member: Any, declared: str, dialect: str) -> exp.Expr | None:
    """Return a member of an array of a declared type as a literal; None if it cannot have it."""
    item = declared.lower().removeprefix("array").strip("<>()[] ")
    if column_type(item, dialect) not in ("integer", "number"):
        return exp.Literal.string(str(member))
    is_number = isinstance(member, int) or str(member).isdecimal()
    return exp.convert(int(member)) if is_number else None


def _json_contains(value: exp.Expr, member: Any, dialect: str) -> exp.Expr:
    is_number = isinstance(member, int) and not isinstance(member, bool)
    text = str(member)
    literal = exp.convert(member if is_number and dialect in _TYPED else text)
    in_json = exp.Literal.string(text if is_number else json.dumps(text, ensure_ascii=False))
    sql = _JSON_CONTAINS[dialect].format(
        list=value.sql(dialect), member=literal.sql(dialect), json=in_json.sql(dialect)
    )
    # Parsed and written in the same dialect, functions that sqlglot does not know stay as they are.
    parsed: exp.Expr = parse_one(sql, read=dialect)
    return parsed


def is_empty(value: Value) -> exp.Expr:
    """Return whether an array or a JSON list is missing or has no members."""
    is_missing = exp.Is(this=value.expression.copy(), expression=exp.null())
    if value.type == "list":
        size = exp.Coalesce(
            this=exp.ArraySize(this=value.expression.copy()), expressions=[exp.convert(0)]
        )
        return exp.paren(exp.or_(is_missing, exp.LTE(this=size, expression=exp.convert(0))))
    text = exp.cast(value.expression.copy(), "TEXT")
    blanks = ("[]",) if value.type == "inner" else ("[]", "null", "")
    blank = exp.In(this=text, expressions=[exp.Literal.string(item) for item in blanks])
    return exp.paren(exp.or_(is_missing, blank))


def as_number(value: Value, dialect: str) -> Value:
    """Return a text as a number by which rows are ordered."""
    return to_number(value, dialect) or value


# -- tables of members -------------------------------------------------------------


def has_member(
    child: StoredChild, key: exp.Expr, members: Sequence[Any], layout: Layout, name: str = ""
) -> exp.Expr:
    """Return whether a table of members has one of some members for a row.

    Args:
        child: the table of members.
        key: the column of the row that members refer to.
        members: the members; () for any.
        layout: the columns that mark deleted rows.
        name: the id or key of the custom field whose values are compared, or "".
    """
    rows = _rows_of(child, key, layout, name).select(exp.convert(1))
    if members:
        column = child.description.columns[child.child.value]
        possible = (_to_member(member, column.declared, "") for member in members)
        literals = [literal for literal in possible if literal is not None]
        if not literals:
            return exp.false()
        rows = rows.where(exp.In(this=column.at("m"), expressions=literals))
    return exp.Exists(this=rows)


def named_member(child: StoredChild, key: exp.Expr, name: str, layout: Layout) -> Value:
    """Return the value of a custom field that is stored in a table of such values."""
    column = child.description.columns[child.child.value]
    value = exp.Max(this=exp.column(column.name, "m", quoted=True))
    rows = _rows_of(child, key, layout, name).select(value)
    type_ = "inner" if column.type == "text" else column.type
    return Value(rows.subquery(), type_)


def _rows_of(child: StoredChild, key: exp.Expr, layout: Layout, name: str) -> exp.Select:
    """Return the rows of a table of members that belong to a row."""
    parent = exp.column(child.child.parent, "m", quoted=True)
    rows = (
        exp.Select()
        .from_(child.description.with_alias("m"))
        .where(exp.EQ(this=parent, expression=key.copy()))
    )
    for mark in child.description.list_marks(layout, "m"):
        rows = rows.where(mark)
    if name:
        column = child.description.columns[child.child.name]
        literal: exp.Expr = exp.Literal.string(name)
        if column.type in ("integer", "number"):
            literal = exp.convert(int(name)) if name.isdigit() else exp.null()
        rows = rows.where(exp.EQ(this=column.at("m"), expression=literal))
    return rows
