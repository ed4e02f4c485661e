"""The JSON filter that custom object records are searched by, as SQL.

Which operator goes with which type of field is documented, and so are the limits.

Source: https://developer.zendesk.com/documentation/custom-data/v2/searching-custom-object-records/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal
from zendesk_orm.emulator.store import Where, value_of
from zendesk_orm.emulator.world import World
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.loading import load_datetime


#: Comparisons in one filter, and groups within groups.
MOST, DEEPEST = 20, 6

_GROUPS = ("$and", "$or")
_EQUAL = frozenset({"$eq", "$noteq", "$exists"})
_ORDERED = _EQUAL | {"$gt", "$gte", "$lt", "$lte"}
_LISTED = frozenset({"$in", "$notin"})
_WORDED = _EQUAL | {"$contains", "$notcontains"}
#: The operators of each type of field; of any other type, those of text.
_OPERATORS: Mapping[str, frozenset[str]] = {
    "checkbox": frozenset({"$eq"}),
    "date": _ORDERED,
    "decimal": _ORDERED | _LISTED,
    "currency": _ORDERED | _LISTED,
    "integer": _ORDERED | _LISTED,
    "lookup": _EQUAL,
    "parent": _EQUAL,
    "multiselect": _WORDED | _LISTED,
}
_NUMBERS = frozenset({"decimal", "currency", "integer"})
_SIGNS = {"$eq": "=", "$noteq": "!=", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
#: Standard fields, with the one operator of each and what the row calls them.
_STANDARD = {
    "created_at": ("$gt", "created_at"),
    "updated_at": ("$gt", "updated_at"),
    "created_by_user": ("$eq", "created_by_user_id"),
    "updated_by_user": ("$eq", "updated_by_user_id"),
    "external_id": ("$eq", "external_id"),
    "name": ("$contains", "name"),
}

Fields = Mapping[str, Mapping[str, Any]]


def held(world: World, fields: Fields, given: Any) -> Where:
    """Return what holds for the records that a filter finds.

    Args:
        world: whose switches say whether groups may stand within groups.
        fields: the fields of the object, by key.
        given: the filter.

    Raises:
        Refusal: it is none.
    """
    if not isinstance(given, dict):
        raise _refused("the filter is no object")
    if sum(1 for _ in _comparisons(given)) > MOST:
        raise _refused(f"more than {MOST} comparisons")
    if not world.switches.nested_filters:
        return _flat(fields, given)
    return _expression(fields, given, 0)


def _flat(fields: Fields, given: Mapping[str, Any]) -> Where:
    """Return what holds for one list of all, one of alternatives, and single comparisons."""
    where = Where()
    for key, value in given.items():
        if key not in _GROUPS:
            where &= _comparison(fields, key, value)
            continue
        if any(set(each) & set(_GROUPS) for each in _listed(value)):
            raise _refused("groups within groups")
        where &= _group(fields, key, value, 1)
    return where


def _expression(fields: Fields, given: Any, depth: int) -> Where:
    if not isinstance(given, dict) or not given:
        raise _refused("an expression is no object")
    groups = [key for key in given if key in _GROUPS]
    if groups and len(groups) < len(given):
        raise _refused("a group beside an attribute")
    if len(given) > 1 and depth:
        raise _refused("more than one group or attribute")
    if groups and depth >= DEEPEST:
        raise _refused(f"more than {DEEPEST} groups within each other")
    where = Where()
    for key, value in given.items():
        if key in _GROUPS:
            where &= _group(fields, key, value, depth + 1)
        else:
            where &= _comparison(fields, key, value)
    return where


def _group(fields: Fields, key: str, value: Any, depth: int) -> Where:
    parts = [_expression(fields, each, depth) for each in _listed(value)]
    where = parts[0]
    for part in parts[1:]:
        where = where & part if key == "$and" else where | part
    return where


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _refused("a group is no list, or empty")
    return value


def _comparisons(given: Any) -> Iterator[str]:
    if isinstance(given, list):
        for each in given:
            yield from _comparisons(each)
    elif isinstance(given, dict):
        for key, value in given.items():
            if key in _GROUPS:
                yield from _comparisons(value)
            else:
                yield key


def _comparison(fields: Fields, name: str, asked: Any) -> Where:
    if not isinstance(asked, dict) or len(asked) != 1:
        raise _refused(f"{name} wants one operator and its value")
    ((operator, value),) = asked.items()
    outer, _, key = name.partition("custom_object_fields.")
    if name in _STANDARD:
        return _standard(name, operator, value)
    if outer or key not in fields:
        raise _refused(f"there is no field {name}")
    type_ = str(fields[key]["type"])
    if operator not in _OPERATORS.get(type_, _WORDED):
        raise _refused(f"{operator} is not supported for {type_}")
    return _custom(value_of(f'custom_object_fields."{key}"'), type_, operator, value)


def _standard(name: str, operator: str, value: Any) -> Where:
    known, wire = _STANDARD[name]
    if operator != known:
        raise _refused(f"{operator} is not supported for {name}")
    sql = value_of(wire)
    if operator == "$contains":
        return _contains(sql, value)
    if operator == "$gt":
        try:
            moment = dump_datetime(load_datetime(str(value)))
        except ValueError:
            raise _refused(f"{value} is no date") from None
        return Where(f"{sql} > ?", (moment,))
    return Where(f"{sql} = ?", (str(value),))


def _custom(sql: str, type_: str, operator: str, value: Any) -> Where:
    if operator == "$exists":
        there = Where(f"ifnull({sql}, '') NOT IN ('', '[]')")
        return there if value in (True, "true") else ~there
    if operator in ("$contains", "$notcontains"):
        found = _member(sql, [value]) if type_ == "multiselect" else _contains(sql, value)
        return found if operator == "$contains" else _unlike(sql, found)
    if operator in _LISTED or type_ == "multiselect":
        wanted = value if isinstance(value, list) else [value]
        found = _member(sql, wanted) if type_ == "multiselect" else _among(sql, wanted)
        return found if operator in ("$in", "$eq") else _unlike(sql, found)
    if type_ in _NUMBERS:
        return Where(f"CAST({sql} AS REAL) {_SIGNS[operator]} CAST(? AS REAL)", (value,)) & Where(
            f"{sql} IS NOT NULL"
        )
    if type_ == "checkbox":
        return Where(f"ifnull({sql}, 0) = ?", (int(value in (True, "true")),))
    return Where(f"CAST({sql} AS TEXT) {_SIGNS[operator]} ?", (str(value),))


def _contains(sql: str, value: Any) -> Where:
    return Where(f"instr(lower({sql}), ?) > 0", (str(value).lower(),))


def _member(sql: str, wanted: list[Any]) -> Where:
    marks = ", ".join("?" * len(wanted))
    inner = f"SELECT 1 FROM json_each({sql}) WHERE value IN ({marks})"  # noqa: S608 - values are bound
    return Where(f"{sql} IS NOT NULL AND EXISTS ({inner})", wanted)


def _among(sql: str, wanted: list[Any]) -> Where:
    marks = ", ".join("CAST(? AS REAL)" for _ in wanted)
    return Where(f"CAST({sql} AS REAL) IN ({marks})", wanted) & Where(f"{sql} IS NOT NULL")


def _unlike(sql: str, found: Where) -> Where:
    """Return the opposite, among the records that have a value."""
    return Where(f"{sql} IS NOT NULL") & ~found


def _refused(why: str) -> Refusal:
    error = {"code": "InvalidCondition", "status": "422", "title": "Invalid Condition"}
    return Refusal(422, {"errors": [{**error, "detail": why}]}, UNCONFIRMED)
