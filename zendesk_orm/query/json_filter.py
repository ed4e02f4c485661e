"""Predicate to the JSON filter that searches custom object records.

The tree goes over as it is: `$and`, `$or`, and a comparison for each condition.
Standard fields take one operator each; custom fields take most.

Source: https://developer.zendesk.com/documentation/custom-data/v2/searching-custom-object-records/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from attrs import evolve

from zendesk_orm.http.values import to_json, to_text
from zendesk_orm.query.ago import Ago
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    Condition,
    Either,
    Not,
    Predicate,
    Subquery,
    conditions,
)
from zendesk_orm.query.search_text import Inexpressible


#: Comparisons in one filter.
MOST = 20

#: What standard fields can be asked, and by which operator.
_STANDARD: Mapping[str, Mapping[str, str]] = {
    "created_at": {"gt": "$gt"},
    "updated_at": {"gt": "$gt"},
    "external_id": {"exact": "$eq"},
    "name": {"exact": "$contains", "contains": "$contains", "icontains": "$contains"},
    "created_by_user": {"exact": "$eq"},
    "updated_by_user": {"exact": "$eq"},
}
#: Ids of people are texts in records, and in filters of them.
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
#: Before it there is no moment that Python knows.
_FIRST_SECOND = datetime(1, 1, 1, 0, 0, 1, tzinfo=timezone.utc)
_OPPOSITES = {"gt": "$lte", "gte": "$lt", "lt": "$gte", "lte": "$gt", "exact": "$noteq"}


def json_filter(where: Predicate, parameter: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the filter that finds the rows of a predicate, or somewhat more than these.

    Args:
        where: the predicate; no condition, no filter: `{}`.
        parameter: field -> its name in the filter, or None where it cannot be asked.

    Raises:
        Inexpressible: a filter cannot say it.
    """
    if sum(1 for _ in conditions(where)) > MOST:
        raise Inexpressible(f"a filter takes {MOST} comparisons at most")
    return _filter(where, parameter, negated=False)


def _filter(
    where: Predicate, parameter: Callable[[str], str | None], *, negated: bool
) -> dict[str, Any]:
    if isinstance(where, Not):
        return _filter(where.part, parameter, negated=not negated)
    if isinstance(where, Condition):
        name = parameter(where.name)
        if name is None:
            raise Inexpressible(f"a filter cannot compare {where.name}")
        return _comparison(where, name, custom="." in name, negated=negated)
    parts = [_filter(part, parameter, negated=negated) for part in where.parts]
    if len(parts) < 2:
        return parts[0] if parts else {}
    return {"$or" if isinstance(where, Either) is not negated else "$and": parts}


def _comparison(where: Condition, name: str, *, custom: bool, negated: bool) -> dict[str, Any]:
    if isinstance(where.value, F):
        raise Inexpressible(f"a filter cannot compare with another field, {where.value.name}")
    if where.op == "in" and not isinstance(where.value, Subquery):
        each = [evolve(where, op="exact", value=value) for value in where.value]
        parts = [_comparison(one, name, custom=custom, negated=negated) for one in each]
        return parts[0] if len(parts) == 1 else {"$and" if negated else "$or": parts}
    if custom:
        return _of_custom(where, name, negated=negated)
    operator = _STANDARD.get(name, {}).get("gt" if where.op == "gte" else where.op)
    if operator is None or negated:
        raise Inexpressible(f"a filter cannot ask {name} for {where.op}")
    value: Any = where.value
    if where.op == "gte" and isinstance(value, datetime) and value > _FIRST_SECOND:
        # There is only `after`: from this second on is after the second before.
        value -= timedelta(seconds=1)
    if name in _TEXTS and isinstance(value, int):
        value = to_text(value)
    return {name: {operator: _sent(value)}}


def _of_custom(where: Condition, name: str, *, negated: bool) -> dict[str, Any]:
    if where.op == "isnull":
        return {name: {"$exists": negated}}
    operator = (_OPPOSITES if negated else _CUSTOM).get(where.op)
    if operator is None:
        raise Inexpressible(f"a filter cannot ask {name} for {where.op}")
    found = {name: {operator: _sent(where.value)}}
    # What is not so includes what has no value, as in Django.
    return {"$or": [found, {name: {"$exists": False}}]} if negated else found


def _sent(value: Any) -> Any:
    if isinstance(value, (Subquery, Ago)):
        # Only explain() comes here: when the filter is sent, ids and moments are known.
        return repr(value)
    return to_json(value)
