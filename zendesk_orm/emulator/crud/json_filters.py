"""The JSON filter of custom object records, compiled to SQL.

The operators of each type of field, and the limits, are documented.

Source: https://developer.zendesk.com/documentation/custom-data/v2/searching-custom-object-records/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.storage.sql import Where, json_value, where_any_item, where_in
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.loading import load_datetime


#: The maximum numbers of comparisons in a filter, and of groups within groups.
MAX_COMPARISONS, MAX_DEPTH = 20, 6

_GROUPS = ("$and", "$or")
_EQUALITY = frozenset({"$eq", "$noteq", "$exists"})
_COMPARISON = _EQUALITY | {"$gt", "$gte", "$lt", "$lte"}
_MEMBERSHIP = frozenset({"$in", "$notin"})
_CONTAINMENT = _EQUALITY | {"$contains", "$notcontains"}
#: The operators of each type of field. All other types have those of text.
_OPERATORS: Mapping[str, frozenset[str]] = {
    "checkbox": frozenset({"$eq"}),
    "date": _COMPARISON,
    "decimal": _COMPARISON | _MEMBERSHIP,
    "currency": _COMPARISON | _MEMBERSHIP,
    "integer": _COMPARISON | _MEMBERSHIP,
    "lookup": _EQUALITY,
    "parent": _EQUALITY,
    "multiselect": _CONTAINMENT | _MEMBERSHIP,
}
_NUMBERS = frozenset({"decimal", "currency", "integer"})
_SIGNS = {"$eq": "=", "$noteq": "!=", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
#: Standard fields, each with its only operator and its name in a row.
_STANDARD = {
    "created_at": ("$gt", "created_at"),
    "updated_at": ("$gt", "updated_at"),
    "created_by_user": ("$eq", "created_by_user_id"),
    "updated_by_user": ("$eq", "updated_by_user_id"),
    "external_id": ("$eq", "external_id"),
    "name": ("$contains", "name"),
}

#: The fields of a custom object by key.
FieldsByKey = Mapping[str, Mapping[str, Any]]


def compile_filter(context: Context, fields: FieldsByKey, json_filter: Any) -> Where:
    """Return the condition for the records that match a filter.

    Args:
        context: the account, whose switches allow or reject nested groups.
        fields: the fields of the custom object by key.
        json_filter: the filter.

    Raises:
        HTTPError: 422, if the filter is invalid.
    """
    if not isinstance(json_filter, dict):
        raise _invalid_condition("the filter must be an object")
    if sum(1 for _ in _comparisons(json_filter)) > MAX_COMPARISONS:
        raise _invalid_condition(f"there must be at most {MAX_COMPARISONS} comparisons")
    if not context.switches.nested_filters:
        return _compile_flat(fields, json_filter)
    return _compile_expression(fields, json_filter, 0)


def _compile_flat(fields: FieldsByKey, json_filter: Mapping[str, Any]) -> Where:
    """Return the condition of a filter that may have groups, but none within groups."""
    where = Where()
    for key, value in json_filter.items():
        if key not in _GROUPS:
            where &= _compile_comparison(fields, key, value)
            continue
        if any(set(item) & set(_GROUPS) for item in _check_group(value)):
            raise _invalid_condition("a group must not contain groups")
        where &= _compile_group(fields, key, value, 1)
    return where


def _compile_expression(fields: FieldsByKey, expression: Any, depth: int) -> Where:
    if not isinstance(expression, dict) or not expression:
        raise _invalid_condition("an expression must be an object")
    groups = [key for key in expression if key in _GROUPS]
    if groups and len(groups) < len(expression):
        raise _invalid_condition("an object must not have both groups and attributes")
    if len(expression) > 1 and depth:
        raise _invalid_condition("an object in a group must have one key")
    if groups and depth >= MAX_DEPTH:
        raise _invalid_condition(f"groups must be nested at most {MAX_DEPTH} levels deep")
    where = Where()
    for key, value in expression.items():
        if key in _GROUPS:
            where &= _compile_group(fields, key, value, depth + 1)
        else:
            where &= _compile_comparison(fields, key, value)
    return where


def _compile_group(fields: FieldsByKey, key: str, value: Any, depth: int) -> Where:
    parts = [_compile_expression(fields, item, depth) for item in _check_group(value)]
    where = parts[0]
    for part in parts[1:]:
        where = where & part if key == "$and" else where | part
    return where


def _check_group(value: Any) -> list[Any]:
    """Return the expressions of a group, which has to be a list that is not empty."""
    if not isinstance(value, list) or not value:
        raise _invalid_condition("a group must be a list with at least one expression")
    return value


def _comparisons(expression: Any) -> Iterator[str]:
    """Yield the name of the field of each comparison."""
    if isinstance(expression, list):
        for item in expression:
            yield from _comparisons(item)
    elif isinstance(expression, dict):
        for key, value in expression.items():
            if key in _GROUPS:
                yield from _comparisons(value)
            else:
                yield key


def _compile_comparison(fields: FieldsByKey, name: str, comparison: Any) -> Where:
    if not isinstance(comparison, dict) or len(comparison) != 1:
        raise _invalid_condition(f"{name} must have one operator with a value")
    ((operator, value),) = comparison.items()
    outer, _, key = name.partition("custom_object_fields.")
    if name in _STANDARD:
        return _compile_standard(name, operator, value)
    if outer or key not in fields:
        raise _invalid_condition(f"the field {name} does not exist")
    field_type = str(fields[key]["type"])
    if operator not in _OPERATORS.get(field_type, _CONTAINMENT):
        raise _invalid_condition(f"{operator} is not supported for {field_type}")
    sql = json_value(f'custom_object_fields."{key}"')
    return _compile_custom(sql, field_type, operator, value)


def _compile_standard(name: str, operator: str, value: Any) -> Where:
    supported, wire = _STANDARD[name]
    if operator != supported:
        raise _invalid_condition(f"{operator} is not supported for {name}")
    sql = json_value(wire)
    if operator == "$contains":
        return _where_contains(sql, value)
    if operator == "$gt":
        try:
            timestamp = dump_datetime(load_datetime(str(value)))
        except ValueError:
            raise _invalid_condition(f"{value} must be a date") from None
        return Where(f"{sql} > ?", (timestamp,))
    return Where(f"{sql} = ?", (str(value),))


def _compile_custom(sql: str, field_type: str, operator: str, value: Any) -> Where:
    if operator == "$exists":
        where = Where(f"ifnull({sql}, '') NOT IN ('', '[]')")
        return where if value in (True, "true") else ~where
    is_list = field_type == "multiselect"
    if operator in ("$contains", "$notcontains"):
        where = _where_any_item(sql, [value]) if is_list else _where_contains(sql, value)
        return where if operator == "$contains" else _where_unlike(sql, where)
    if operator in _MEMBERSHIP or is_list:
        values = value if isinstance(value, list) else [value]
        where = _where_any_item(sql, values) if is_list else _where_number_in(sql, values)
        return where if operator in ("$in", "$eq") else _where_unlike(sql, where)
    if field_type in _NUMBERS:
        comparison = Where(f"CAST({sql} AS REAL) {_SIGNS[operator]} CAST(? AS REAL)", (value,))
        return comparison & Where(f"{sql} IS NOT NULL")
    if field_type == "checkbox":
        return Where(f"ifnull({sql}, 0) = ?", (int(value in (True, "true")),))
    return Where(f"CAST({sql} AS TEXT) {_SIGNS[operator]} ?", (str(value),))


def _where_contains(sql: str, value: Any) -> Where:
    return Where(f"instr(lower({sql}), ?) > 0", (str(value).lower(),))


def _where_any_item(sql: str, values: list[Any]) -> Where:
    """Return the condition that a list contains one of the values."""
    return Where(f"{sql} IS NOT NULL") & where_any_item(
        f"json_each({sql})", where_in("value", values)
    )


def _where_number_in(sql: str, values: list[Any]) -> Where:
    """Return the condition that a number is one of the values."""
    marks = ", ".join("CAST(? AS REAL)" for _ in values)
    return Where(f"CAST({sql} AS REAL) IN ({marks})", values) & Where(f"{sql} IS NOT NULL")


def _where_unlike(sql: str, where: Where) -> Where:
    """Return the negation of a condition, for records that have a value."""
    return Where(f"{sql} IS NOT NULL") & ~where


def _invalid_condition(detail: str) -> HTTPError:
    error = {"code": "InvalidCondition", "status": "422", "title": "Invalid Condition"}
    return HTTPError(422, {"errors": [{**error, "detail": detail}]}, UNCONFIRMED)
