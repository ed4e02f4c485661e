"""Lists in SQL: arrays, tables of members, and JSON, for which each dialect has own functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp, parse_one

from zendesk_orm.query.sql_values import Value
from zendesk_orm.warehouse.layouts import ChildTable


#: Whether a JSON list contains a text, by dialect, in the dialect's SQL.
_JSON_CONTAINS = {
    "duckdb": "LIST_CONTAINS(FROM_JSON({list}, '[\"VARCHAR\"]'), {member})",
    "postgres": "JSONB_EXISTS(CAST({list} AS JSONB), {member})",
    "spark": "ARRAY_CONTAINS(FROM_JSON({list}, 'array<string>'), {member})",
    "databricks": "ARRAY_CONTAINS(FROM_JSON({list}, 'array<string>'), {member})",
    "snowflake": "ARRAY_CONTAINS({member}::VARIANT, PARSE_JSON(TO_VARCHAR({list})))",
    "bigquery": "{member} IN UNNEST(JSON_VALUE_ARRAY({list}))",
    "trino": "JSON_ARRAY_CONTAINS({list}, {member})",
}


def contains(value: Value, members: Sequence[Any], dialect: str) -> exp.Expr | None:
    """Return whether an array or a JSON list contains one of some members.

    Returns:
        The condition; None if the dialect's functions for JSON are unknown.
    """
    if value.type != "list" and dialect not in _JSON_CONTAINS:
        return None
    literals = [exp.Literal.string(str(member)) for member in members]
    tests: list[exp.Expr] = []
    for literal in literals:
        if value.type == "list":
            tests.append(exp.ArrayContains(this=value.expression.copy(), expression=literal))
        else:
            tests.append(_json_contains(value.expression, literal, dialect))
    return exp.paren(exp.or_(*tests)) if len(tests) > 1 else tests[0]


def _json_contains(value: exp.Expr, literal: exp.Expr, dialect: str) -> exp.Expr:
    text = _JSON_CONTAINS[dialect].format(list=value.sql(dialect), member=literal.sql(dialect))
    # Parsed and written in the same dialect, functions that sqlglot does not know stay as they are.
    parsed: exp.Expr = parse_one(text, read=dialect)
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
    blank = exp.In(this=text, expressions=[exp.Literal.string(item) for item in ("[]", "null", "")])
    return exp.paren(exp.or_(is_missing, blank))


def child_contains(
    child: ChildTable, table: exp.Table, key: exp.Expr, members: Sequence[Any]
) -> exp.Expr:
    """Return whether a table of members has one of some members for a row.

    Args:
        child: the table of members.
        table: the same, with its schema.
        key: the column of the row that members refer to.
        members: the members.
    """
    literals = [exp.Literal.string(str(member)) for member in members]
    value = exp.column(child.value, "m", quoted=True)
    parent = exp.column(child.parent, "m", quoted=True)
    rows = (
        exp.select(exp.convert(1))
        .from_(exp.alias_(table, "m", table=True, quoted=True))
        .where(exp.EQ(this=parent, expression=key))
    )
    if literals:
        rows = rows.where(exp.In(this=value, expressions=literals))
    return exp.Exists(this=rows)
