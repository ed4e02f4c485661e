"""Values inside JSON and nested types, for which dialects have different functions."""

from __future__ import annotations

import re
from typing import Any

from attrs import evolve, frozen
from sqlglot import exp, parse_one

from zendesk_orm.query.sql_values import Value


@frozen
class _Functions:
    """How a dialect reads JSON, in its SQL.

    Attributes:
        nested: a value of a nested type, `{column}`, as JSON.
        parsed: a column of texts or JSON, `{column}`, as JSON.
        by_key: the JSON at the path `{path}` of the keys `{keys}` in `{json}`.
        by_key_text: the same as text: without quotes if it is a text.
        by_id: the JSON of `value` in the object of the list `{json}` with the id `{id}`.
        by_id_text: the same as text.
        read_key: the value at the path as another type, if its JSON is unknown: NULL for a text.
    """

    nested: str
    parsed: str
    by_key: str
    by_key_text: str
    by_id: str
    by_id_text: str
    read_key: str = ""


_DUCKDB_ITEM = (
    "JSON_EXTRACT({json}, '$[*].value')"
    "[LIST_POSITION(JSON_EXTRACT_STRING({json}, '$[*].id'), {id})]"
)
_POSTGRES_ITEM = "JSONB_PATH_QUERY_FIRST({json}, {filter})"
_SPARK_ITEM = (
    "GET(FILTER(FROM_JSON({json}, 'array<struct<id:string,value:string>>'), "
    "item -> item.id = {id}), 0).value"
)
_SPARK_TYPES = ("DOUBLE", "BOOLEAN", "ARRAY<STRING>", "MAP<STRING, STRING>")
_SPARK = _Functions(
    "TO_JSON({column})",
    "{column}",
    "",
    "GET_JSON_OBJECT({json}, {path})",
    "",
    _SPARK_ITEM,
    "CAST(FROM_JSON({json}, {type}).{names} AS STRING)",
)
_SNOWFLAKE_ITEM = "GET(GET(FILTER({json}::ARRAY, item -> item:id::VARCHAR = {id}), 0), 'value')"
_BIGQUERY_ITEM = (
    "(SELECT {value} FROM UNNEST(JSON_QUERY_ARRAY({{json}})) AS item "
    "WHERE JSON_VALUE(item, '$.id') = {{id}} LIMIT 1)"
)
_FUNCTIONS = {
    "duckdb": _Functions(
        "TO_JSON({column})",
        "TRY_CAST({column} AS JSON)",
        "JSON_EXTRACT({json}, {path})",
        "JSON_EXTRACT_STRING({json}, {path})",
        _DUCKDB_ITEM,
        f"JSON_EXTRACT_STRING({_DUCKDB_ITEM}, '$')",
    ),
    "postgres": _Functions(
        "TO_JSONB({column})",
        "CAST({column} AS JSONB)",
        "CAST(JSONB_EXTRACT_PATH({json}, {keys}) AS TEXT)",
        "JSONB_EXTRACT_PATH_TEXT({json}, {keys})",
        f"CAST({_POSTGRES_ITEM} AS TEXT)",
        f"{_POSTGRES_ITEM} #>> '{{{{}}}}'",
    ),
    "spark": _SPARK,
    "databricks": _SPARK,
    "snowflake": _Functions(
        "{column}",
        "TRY_PARSE_JSON(TO_VARCHAR({column}))",
        "TO_JSON(GET_PATH({json}, {dotted}))",
        "TO_VARCHAR(GET_PATH({json}, {dotted}))",
        f"TO_JSON({_SNOWFLAKE_ITEM})",
        f"TO_VARCHAR({_SNOWFLAKE_ITEM})",
    ),
    "bigquery": _Functions(
        "TO_JSON_STRING({column})",
        "{column}",
        "JSON_QUERY({json}, {path})",
        "JSON_VALUE({json}, {path})",
        _BIGQUERY_ITEM.format(value="JSON_QUERY(item, '$.value')"),
        _BIGQUERY_ITEM.format(
            value="COALESCE(JSON_VALUE(item, '$.value'), JSON_QUERY(item, '$.value'))"
        ),
    ),
    "trino": _Functions(
        "JSON_FORMAT(CAST({column} AS JSON))",
        "{column}",
        "JSON_FORMAT(JSON_EXTRACT({json}, {path}))",
        "JSON_EXTRACT_SCALAR({json}, {path})",
        "JSON_QUERY({json}, {filter})",
        "COALESCE(JSON_VALUE({json}, {filter}), JSON_QUERY({json}, {filter}))",
    ),
}
#: Dialects in which columns of JSON are read by other functions than texts.
_TEXT_ONLY = frozenset({"bigquery", "trino"})


def to_json(column: exp.Expr, type_: str, dialect: str) -> exp.Expr:
    """Return a column of texts, JSON or a nested type as JSON."""
    functions = _FUNCTIONS[dialect]
    is_nested = type_ in ("list", "nested") or (type_ == "json" and dialect in _TEXT_ONLY)
    return _build(functions.nested if is_nested else functions.parsed, dialect, column=column)


def has_functions(dialect: str) -> bool:
    """Return whether the functions of a dialect for JSON are known."""
    return dialect in _FUNCTIONS


def find_by_id(json: exp.Expr, pk: str, dialect: str) -> Value:
    """Return the value with an id in a list of objects: `[{"id": 42, "value": "gold"}]`."""
    functions = _FUNCTIONS[dialect]
    path = f'$[*] ? (@.id == {pk} || @.id == "{pk}").value'
    path = f"lax {path}" if dialect == "trino" else path
    parts = {"json": json, "id": exp.Literal.string(pk), "filter": exp.Literal.string(path)}
    return _inner(functions.by_id, functions.by_id_text, dialect, parts)


def find_by_key(json: exp.Expr, keys: list[str], dialect: str) -> Value:
    """Return the value at a path of keys in an object."""
    functions = _FUNCTIONS[dialect]
    names = [key if re.fullmatch(r"[A-Za-z_]\w*", key) else f'"{key}"' for key in keys]
    parts: dict[str, Any] = {
        "json": json,
        "path": exp.Literal.string(".".join(["$", *names])),
        "dotted": exp.Literal.string(".".join(names)),
        "keys": [exp.Literal.string(key) for key in keys],
    }
    value = _inner(functions.by_key, functions.by_key_text, dialect, parts)
    return evolve(value, is_text=_is_text(json, keys, dialect)) if functions.read_key else value


def _is_text(json: exp.Expr, keys: list[str], dialect: str) -> exp.Expr:
    """Return whether a value of an object can be read as no other type of JSON."""
    quoted = [f"`{key.replace('`', '``')}`" for key in keys]
    template = _FUNCTIONS[dialect].read_key.replace("{names}", ".".join(quoted))
    values = [
        _build(template, dialect, json=json, type=_nest(quoted, type_)) for type_ in _SPARK_TYPES
    ]
    others = exp.Coalesce(this=values[0], expressions=values[1:])
    return exp.paren(exp.Is(this=others, expression=exp.null()))


def _nest(names: list[str], type_: str) -> exp.Expr:
    """Return the type of Spark for an object with a value at a path of quoted names."""
    for name in reversed(names):
        type_ = f"STRUCT<{name}: {type_}>"
    return exp.Literal.string(type_)


def _inner(json: str, text: str, dialect: str, parts: dict[str, Any]) -> Value:
    """Return a value inside JSON as text, with its JSON if the dialect can write that."""
    # In DuckDB, the operators for JSON bind less tightly than comparisons.
    expression = exp.paren(_build(text, dialect, **parts))
    if not json:
        return Value(expression, "inner")
    written = _build(json, dialect, **parts)
    if dialect == "duckdb":
        written = exp.cast(written, "TEXT")
    # Unlike other values, the JSON of a text begins with a quotation mark.
    start = exp.Substring(this=written.copy(), start=exp.convert(1), length=exp.convert(1))
    is_text = exp.EQ(this=start, expression=exp.Literal.string('"'))
    key = exp.Nullif(this=written, expression=exp.Literal.string("null"))
    return Value(expression, "inner", is_text, key)


def _build(template: str, dialect: str, **parts: Any) -> exp.Expr:
    """Return the SQL of a template with its parts."""
    texts = {
        name: ", ".join(item.sql(dialect) for item in part)
        if isinstance(part, list)
        else part.sql(dialect)
        for name, part in parts.items()
    }
    # Parsed and written in the same dialect, functions that sqlglot does not know stay as they are.
    parsed: exp.Expr = parse_one(template.format(**texts), read=dialect)
    return parsed
