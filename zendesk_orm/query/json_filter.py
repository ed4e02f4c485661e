"""Compiles predicates to the JSON filters that search custom object records.

A filter has the form of the predicate: `$and`, `$or`, and a comparison for each condition.
Standard fields support one operator each, custom fields most operators.

Source: https://developer.zendesk.com/documentation/custom-data/v2/searching-custom-object-records/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from attrs import evolve

from zendesk_orm.http.values import to_json, to_text
from zendesk_orm.query.dates import RelativeTime
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import Condition, Not, Or, Predicate, Subquery, conditions
from zendesk_orm.query.search_text import Inexpressible


#: The most comparisons in one filter.
MAX_COMPARISONS = 20

#: The operators of standard fields, by lookup.
_STANDARD: Mapping[str, Mapping[str, str]] = {
    "created_at": {"gt": "$gt"},
    "updated_at": {"gt": "$gt"},
    "external_id": {"exact": "$eq"},
    "name": {"exact": "$contains", "contains": "$contains", "icontains": "$contains"},
    "created_by_user": {"exact": "$eq"},
    "updated_by_user": {"exact": "$eq"},
}
#: Ids of people are texts in records and in filters.
_TEXTS = {"created_by_user", "updated_by_user"}
_CUSTOM: Mapping[str, str] = {
    "exact": "$eq",
    "gt": "$gt",
    "gte": "$gte",
    "lt": "$lt",
    "lte": "$lte",
    "contains": "$contains",
    "icontains": "$contains",
}
#: The first moment of Python.
_FIRST_SECOND = datetime(1, 1, 1, 0, 0, 1, tzinfo=timezone.utc)
_OPPOSITES = {"gt": "$lte", "gte": "$lt", "lt": "$gte", "lte": "$gt", "exact": "$noteq"}


def json_filter(predicate: Predicate, parameter: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the filter that finds the rows of a predicate, and perhaps some more.

    Args:
        predicate: the predicate; without conditions, the filter is empty.
        parameter: function of a field that returns its name in filters, or None if filters
            cannot compare it.

    Raises:
        Inexpressible: no filter expresses the predicate.
    """
    if sum(1 for _ in conditions(predicate)) > MAX_COMPARISONS:
        raise Inexpressible(f"a filter takes {MAX_COMPARISONS} comparisons at most")
    return _filter(predicate, parameter, negated=False)


def _filter(
    predicate: Predicate, parameter: Callable[[str], str | None], *, negated: bool
) -> dict[str, Any]:
    if isinstance(predicate, Not):
        return _filter(predicate.part, parameter, negated=not negated)
    if isinstance(predicate, Condition):
        name = parameter(predicate.name)
        if name is None:
            raise Inexpressible(f"a filter cannot compare {predicate.name}")
        return _comparison(predicate, name, custom="." in name, negated=negated)
    parts = [_filter(part, parameter, negated=negated) for part in predicate.parts]
    if len(parts) < 2:
        return parts[0] if parts else {}
    return {"$or" if isinstance(predicate, Or) is not negated else "$and": parts}


def _comparison(condition: Condition, name: str, *, custom: bool, negated: bool) -> dict[str, Any]:
    if isinstance(condition.value, F):
        raise Inexpressible(f"a filter cannot compare with another field, {condition.value.name}")
    if condition.op == "in" and not isinstance(condition.value, Subquery):
        comparisons = [evolve(condition, op="exact", value=value) for value in condition.value]
        parts = [_comparison(part, name, custom=custom, negated=negated) for part in comparisons]
        return parts[0] if len(parts) == 1 else {"$and" if negated else "$or": parts}
    if custom:
        return _custom_comparison(condition, name, negated=negated)
    operator = _STANDARD.get(name, {}).get("gt" if condition.op == "gte" else condition.op)
    if operator is None or negated:
        raise Inexpressible(f"a filter cannot compare {name} by {condition.op}")
    value: Any = condition.value
    if condition.op == "gte" and isinstance(value, datetime) and value > _FIRST_SECOND:
        # The only operator is "after": "from this second on" is "after the previous second".
        value -= timedelta(seconds=1)
    if name in _TEXTS and isinstance(value, int):
        value = to_text(value)
    return {name: {operator: _to_json(value)}}


def _custom_comparison(condition: Condition, name: str, *, negated: bool) -> dict[str, Any]:
    if condition.op == "isnull":
        return {name: {"$exists": negated}}
    operator = (_OPPOSITES if negated else _CUSTOM).get(condition.op)
    if operator is None:
        raise Inexpressible(f"a filter cannot compare {name} by {condition.op}")
    comparison = {name: {operator: _to_json(condition.value)}}
    # As in Django, a negation includes the rows without a value.
    return {"$or": [comparison, {name: {"$exists": False}}]} if negated else comparison


def _to_json(value: Any) -> Any:
    if isinstance(value, (Subquery, RelativeTime)):
        # Only explain() passes these: when the filter is sent, ids and moments are known.
        return repr(value)
    return to_json(value)
