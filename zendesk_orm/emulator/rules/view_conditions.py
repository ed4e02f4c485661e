"""SQL for the conditions of views.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.crud.resources import parse_tags
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.server.errors import HTTPError, field_error, invalid_record
from zendesk_orm.emulator.storage.sql import Where, json_value, where_contains, where_in


#: One condition: `{"field": "status", "operator": "less_than", "value": "solved"}`.
Condition = Mapping[str, Any]

#: The conditions in `all` of a view must check at least one of these fields.
REQUIRED_FIELDS = ("status", "type", "group_id", "assignee_id", "requester_id")


def compile_view(context: Context, view: Mapping[str, Any]) -> Where:
    """Return the condition for the tickets of a view."""
    return compile_conditions(context, view["conditions"]["all"], view["conditions"]["any"])


def compile_conditions(
    context: Context, all_: Iterable[Condition], any_: Iterable[Condition]
) -> Where:
    """Return the condition for tickets that match all of some conditions, and any of others.

    Raises:
        HTTPError: 422, if the emulator does not support a field or an operator.
    """
    where = Where()
    for condition in all_:
        where &= _compile(context, condition)
    alternatives = [_compile(context, condition) for condition in any_]
    if alternatives:
        either = alternatives[0]
        for alternative in alternatives[1:]:
            either |= alternative
        where &= either
    return where


def compile_known_conditions(context: Context, conditions: Mapping[str, Any]) -> Where:
    """Return the condition for tickets that match those in `all` that can be compiled."""
    where = Where()
    for condition in conditions.get("all") or ():
        if not isinstance(condition, Mapping):
            continue
        compile_field = _FIELDS.get(str(condition.get("field")))
        operator, value = str(condition.get("operator")), condition.get("value")
        if compile_field is None or not _is_plain(value):
            continue
        if compile_field in (_compile_choice, _compile_equality):
            compiled = compile_field(context, str(condition["field"]), operator, value)
            where &= compiled or Where()
    return where


def _is_plain(value: Any) -> bool:
    """Return True unless a value depends on the user, or on another field."""
    names = ("current_user", "requester_id", "assignee_id")
    return isinstance(value, (str, int)) and value not in names


def _compile(context: Context, condition: Condition) -> Where:
    field, operator = str(condition.get("field")), str(condition.get("operator"))
    compile_field = _FIELDS.get(field)
    if compile_field is None:
        raise _invalid(f"the emulator does not support the field {field} in conditions of views")
    where = compile_field(context, field, operator, condition.get("value"))
    if where is None:
        raise _invalid(f"Operator: {operator} is not valid for {field}")
    return where


def _invalid(reason: str) -> HTTPError:
    return invalid_record({"base": [field_error(reason, "InvalidValue")]})


# The functions below return None if the operator is invalid for the field.


def _compile_choice(context: Context, field: str, operator: str, value: Any) -> Where | None:
    """Return the condition of a field whose choices have an order."""
    if operator in ("is", "is_not"):
        return _compile_equality(context, field, operator, value)
    ranks = RANKS.get(field, ())
    if operator not in ("less_than", "greater_than") or value not in ranks:
        return None
    index = ranks.index(value)
    choices = ranks[:index] if operator == "less_than" else ranks[index + 1 :]
    return where_in(json_value(field), choices)


def _compile_equality(context: Context, field: str, operator: str, value: Any) -> Where | None:
    """Return the condition that a field has a value; an empty one matches None."""
    if operator not in ("is", "is_not"):
        return None
    if value == "current_user":
        value = context.user_id
    if isinstance(value, str) and is_number(value):
        value = int(value)
    sql = json_value(field)
    equal = Where(f"{sql} IS NULL") if value in ("", None) else Where(f"{sql} = ?", (value,))
    return equal if operator == "is" else ~equal


def _compile_tags(context: Context, field: str, operator: str, value: Any) -> Where | None:
    """Return the condition that a ticket has some tags, or none of them."""
    tags = parse_tags(value)
    has_any, lacks_any = Where("0"), Where("0")
    for tag in tags:
        has_any |= where_contains("tags", tag)
        lacks_any |= ~where_contains("tags", tag)
    if operator == "not_includes":
        return ~has_any
    if operator != "includes":
        return None
    return has_any if context.switches.any_tag_includes else ~lacks_any


def _compile_age(context: Context, field: str, operator: str, value: Any) -> Where | None:
    """Return the condition for the age of a timestamp in hours, as recorded for updates."""
    signs = {"less_than": ">", "greater_than": "<"}
    if operator not in signs or not is_number(str(value)):
        return None
    timestamp = context.timestamp(context.now() - int(value) * 3600)
    return Where(f"{json_value(field)} {signs[operator]} ?", (timestamp,))


_FIELDS: Mapping[str, Callable[[Context, str, str, Any], Where | None]] = {
    "status": _compile_choice,
    "priority": _compile_choice,
    "type": _compile_equality,
    "group_id": _compile_equality,
    "assignee_id": _compile_equality,
    "requester_id": _compile_equality,
    "organization_id": _compile_equality,
    "brand_id": _compile_equality,
    "current_tags": _compile_tags,
    "updated_at": _compile_age,
}
