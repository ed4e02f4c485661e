"""The conditions of views: SQL, and the evaluation of conditions that have none.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.crud.resources import parse_tags
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.rules.condition_fields import find_reader, find_test
from zendesk_orm.emulator.rules.conditions import OPERATORS, match
from zendesk_orm.emulator.rules.updates import TicketUpdate
from zendesk_orm.emulator.server.errors import HTTPError, field_error, invalid_record
from zendesk_orm.emulator.storage.sql import (
    Where,
    json_value,
    where_contains,
    where_equal,
    where_in,
    where_in_rows,
)
from zendesk_orm.emulator.storage.store import ALIVE, DELETED
from zendesk_orm.emulator.tickets.history import load_histories
from zendesk_orm.support import Ticket


#: One condition: `{"field": "status", "operator": "less_than", "value": "solved"}`.
Condition = Mapping[str, Any]

#: Fields that only the update of a ticket has, and no ticket of a view.
_OF_UPDATES = frozenset(
    {"attachment", "comment_includes_word", "comment_is_public", "current_via_id", "role"}
    | {"in_business_hours", "update_type", "within_schedule"}
)
#: Operators that compare a ticket with its previous state.
_CHANGES = frozenset(
    {"changed", "not_changed", "value", "not_value", "value_previous", "not_value_previous"}
)
#: The number of tickets whose histories are read at once.
_BATCH = 500
#: The conditions in `all` of a view must check at least one of these fields.
REQUIRED_FIELDS = ("status", "type", "group_id", "assignee_id", "requester_id")


def compile_view(context: Context, view: Mapping[str, Any]) -> Where:
    """Return the condition for the tickets of a view."""
    conditions = view["conditions"]
    where = Where()
    # Conditions without SQL are evaluated for the tickets that meet the others.
    for condition in sorted(conditions["all"], key=lambda item: _compile(context, item) is None):
        where &= _compile(context, condition) or _evaluate(context, condition, where)
    either: Where | None = None
    for condition in conditions["any"]:
        alternative = _compile(context, condition)
        alternative = alternative or _evaluate(context, condition, where)
        either = alternative if either is None else either | alternative
    return where if either is None else where & either


def check_conditions(context: Context, conditions: Iterable[Condition]) -> None:
    """Check that a view can have some conditions.

    Raises:
        HTTPError: 422, if the emulator does not support a field or an operator.
    """
    for condition in conditions:
        field, operator = str(condition.get("field")), str(condition.get("operator"))
        is_evaluated = field not in _FIELDS or field in _AGES
        if _compile(context, condition) or (is_evaluated and _supports(field, operator)):
            continue
        if field in _FIELDS or _supports(field, "is"):
            raise _invalid(f"Operator: {operator} is not valid for {field}")
        raise _invalid(f"the emulator does not support the field {field} in conditions of views")


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
    names = ("current_user", "current_groups", "requester_id", "assignee_id")
    return isinstance(value, (str, int)) and value not in names


def _compile(context: Context, condition: Condition) -> Where | None:
    """Return the SQL of a condition, or None if it has none."""
    field, name = str(condition.get("field")), str(condition.get("operator"))
    compile_field = _FIELDS.get(field)
    return compile_field and compile_field(context, field, name, condition.get("value"))


def _supports(field: str, operator: str) -> bool:
    """Return True if views can have conditions with a field and an operator."""
    if field in _OF_UPDATES or operator in _CHANGES:
        return False
    return find_test(field) is not None or (
        find_reader(field) is not None and operator in OPERATORS
    )


def _evaluate(context: Context, condition: Mapping[str, Any], where: Where) -> Where:
    """Return the condition for the tickets that meet a condition of a view.

    Args:
        context: the account.
        condition: the condition.
        where: the tickets for which it is evaluated.
    """
    tickets = iter(context.store.select(Ticket._meta.label, Where("state = ?", (ALIVE,)) & where))
    ids: list[Any] = []
    while batch := list(islice(tickets, _BATCH)):
        ids += _select_ids(context, condition, batch)
    return Where("id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))


def _select_ids(
    context: Context, condition: Mapping[str, Any], tickets: list[dict[str, Any]]
) -> Iterator[Any]:
    """Yield the ids of the tickets that meet a condition."""
    now = context.now()
    for history in load_histories(context, tickets):
        row = dict(history.ticket)
        audit = {"id": None, "author_id": None, "created_at": row["updated_at"], "events": []}
        update = TicketUpdate(row, row, audit, None, context.user_id, now, history)
        if match(context, {"all": [condition]}, update, "view"):
            yield row["id"]


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
    if value == "current_groups":
        of_user = where_equal("user_id", context.user_id) & Where("state < ?", (DELETED,))
        equal = where_in_rows(sql, "support.GroupMembership", of_user, json_value("group_id"))
        # The membership of the default group may not be stored yet.
        user = context.store.get("support.User", context.user_id) or {}
        equal |= Where(f"{sql} = ?", (user.get("default_group_id"),))
        return equal if operator == "is" else ~equal
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


def _compile_age(
    context: Context, field: str, operator: str, value: Any, wire: str = "updated_at"
) -> Where | None:
    """Return the condition for the age of a timestamp in hours, as recorded for updates."""
    signs = {"less_than": ">", "greater_than": "<"}
    if operator not in signs or not is_number(str(value)):
        return None
    timestamp = context.timestamp(context.now() - int(value) * 3600)
    return Where(f"{json_value(wire)} {signs[operator]} ?", (timestamp,))


def _compile_unassigned(context: Context, field: str, operator: str, value: Any) -> Where | None:
    """Return the condition that a ticket has a group, and no assignee."""
    if operator not in ("is", "is_not"):
        return None
    is_met = (operator == "is") is (str(value).lower() != "false")
    group, assignee = json_value("group_id"), json_value("assignee_id")
    where = Where(f"{group} IS NOT NULL AND {assignee} IS NULL")
    return where if is_met else ~where


#: Fields with further operators, whose conditions have no SQL: `is`, and business hours.
_AGES = frozenset({"NEW", "updated_at"})
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
    "NEW": functools.partial(_compile_age, wire="created_at"),
    "group_is_set_with_no_assignee": _compile_unassigned,
}
