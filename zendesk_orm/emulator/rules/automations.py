"""Automations, which run once an hour on all tickets that are not closed.

Source: https://support.zendesk.com/hc/en-us/articles/4408832701850
and OpenAPI, `CreateAutomation`: automations must be unique, and have a condition that is true only
once, or an action that nullifies one of the conditions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.crud.resources import parse_tags
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.rules import conditions, hour_conditions
from zendesk_orm.emulator.rules.actions import run_actions
from zendesk_orm.emulator.rules.condition_fields import FieldValue
from zendesk_orm.emulator.rules.conditions import OPERATORS
from zendesk_orm.emulator.rules.triggers import select_active_rules
from zendesk_orm.emulator.rules.view_conditions import compile_known_conditions
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, Store
from zendesk_orm.emulator.tickets import audits, tickets
from zendesk_orm.support import Audit, Automation, Ticket


_logger = logging.getLogger("zendesk_orm.emulator")

#: Seconds between two runs.
INTERVAL = 3_600
#: The number of tickets that an automation updates in one run.
MAX_TICKETS = 1_000
#: The number of times that automations may update a ticket.
MAX_UPDATES = 100
#: Operators with which a condition on hours is true once.
_ONCE = frozenset({"is", "is_business_hours"})
_STATUS_ACTIONS = frozenset({"status", "custom_status_id"})
_TAG_ACTIONS = frozenset({"set_tags", "current_tags", "remove_tags"})
#: Actions that change no ticket.
_MESSAGE = "notification_"


def run_due_automations(context: Context) -> None:
    """Run the automations once for each hour that has passed, as of that time."""
    now = context.now()
    if now < context.automations_due_at:
        return
    rules = select_active_rules(context, Automation)
    while context.automations_due_at <= now:
        at = context.automations_due_at
        context.automations_due_at += INTERVAL
        for rule in rules:
            _run_or_log(context, rule, at)
        if not rules:
            skipped = (now - context.automations_due_at) // INTERVAL + 1
            context.automations_due_at += max(0, skipped) * INTERVAL


def _run_or_log(context: Context, rule: Mapping[str, Any], at: float) -> None:
    """Run an automation; if it raises, undo and log that."""
    try:
        with context.savepoint():
            _run(context, rule, at)
    except Exception:
        # A fault of the emulator, because of which no later request may fail.
        _logger.exception("the automation %s failed", rule["id"])


def _run(context: Context, rule: Mapping[str, Any], at: float) -> None:
    """Run an automation on the tickets that meet its conditions at a time."""
    where = Where(f"state = ? AND {json_value('status')} != 'closed'", (ALIVE,))
    where &= compile_known_conditions(context, rule["conditions"])
    number = 0
    # Generated tickets are left out: they would have to be built, each hour again.
    for (pk,) in _select_ids(context, where):
        number += _run_on_ticket(context, rule, pk, at)
        if number == MAX_TICKETS:
            return


def _select_ids(context: Context, where: Where) -> list[tuple[Any, ...]]:
    rows = Store.select_texts(context.store, Ticket._meta.label, where, doc="NULL")
    return [(pk,) for _, pk, _ in rows]


def _run_on_ticket(context: Context, rule: Mapping[str, Any], pk: Any, at: float) -> bool:
    """Run an automation on a ticket if it meets the conditions, and return whether it does."""
    stored = context.store.get_row(Ticket._meta.label, pk)
    if stored is None:
        return False
    with context.backdate(at):
        update = tickets.open_update(context, stored, audits.SYSTEM, at)
        if not conditions.match(context, rule["conditions"], update, f"automation {rule['id']}"):
            return False
        if not _may_update(context, rule, pk):
            return False
        run_actions(context, rule, "automation", update, tickets.apply_changes)
        if update.audit["events"]:
            tickets.finish_update(context, stored, update)
    return True


def _may_update(context: Context, rule: Mapping[str, Any], pk: Any) -> bool:
    """Return False if automations have updated a ticket too often; they may still close it.

    Source: https://support.zendesk.com/hc/en-us/articles/4408835051546
    """
    updates = Where("parent = ?", (pk,)) & where_equal("author_id", audits.SYSTEM)
    if context.store.count(Audit._meta.label, updates) < MAX_UPDATES:
        return True
    return any(
        (action.get("field"), action.get("value")) == ("status", "closed")
        for action in _list_objects(rule["actions"])
    )


def check_automation(context: Context, pk: Any, row: Mapping[str, Any]) -> None:
    """Check an automation.

    Args:
        context: the account.
        pk: its id, or None for a new one.
        row: its values.

    Raises:
        HTTPError: 422, if it would run each hour, or equals an active automation.
    """
    required, actions = list(_list_conditions(row)), _list_objects(row.get("actions"))
    _check_hours(row)
    if not (
        any(_is_true_once(condition) for condition in required)
        or any(_nullifies(action, condition) for action in actions for condition in required)
    ):
        text = (
            "Automations must have a condition that is true only once, or an action that nullifies "
            "one of the conditions"
        )
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    if row.get("active", True) and _has_equal(context, pk, row):
        text = "An active automation has the same conditions and actions"
        raise invalid_record({"base": [field_error(text, "DuplicateValue")]})


def _check_hours(row: Mapping[str, Any]) -> None:
    """Check that conditions on hours are in `all`, and have whole numbers.

    Source: https://support.zendesk.com/hc/en-us/articles/4408885654298
    """
    conditions = row.get("conditions") or {}
    for key in ("all", "any"):
        for condition in _list_objects(conditions.get(key)):
            name, value = str(condition.get("field")), condition.get("value")
            if name in hour_conditions.TESTS and (key == "any" or not is_number(str(value))):
                text = f"Conditions: {name} needs a whole number of hours, and must be in `all`"
                raise invalid_record({"base": [field_error(text, "InvalidValue")]})


def _list_conditions(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in ("all", "any"):
        yield from _list_objects((row.get("conditions") or {}).get(key))


def _list_objects(values: Any) -> list[Mapping[str, Any]]:
    return [value for value in values or () if isinstance(value, Mapping)]


def _is_true_once(condition: Mapping[str, Any]) -> bool:
    operator = condition.get("operator") or "is"
    return condition.get("field") in hour_conditions.TESTS and operator in _ONCE


def _nullifies(action: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    """Return True if a condition may no longer be met after an action."""
    name, field = str(action.get("field")), str(condition.get("field"))
    if name.startswith(_MESSAGE):
        return False
    if name in _TAG_ACTIONS:
        return field == "current_tags" and _changes_tags(name, action.get("value"), condition)
    if name in _STATUS_ACTIONS and field.lower() in RANKS["status"] and field.isupper():
        return str(action.get("value")) != field.lower()
    if name == field:
        compare = OPERATORS.get(str(condition.get("operator") or "is"))
        value = FieldValue(action.get("value"), ranks=RANKS.get(field, ()))
        return compare is None or not compare(value, condition.get("value"), 0)
    # An update of the ticket resets the hours since updates and assignments.
    return field.endswith("_at") or (name in _STATUS_ACTIONS and field in _STATUS_ACTIONS)


def _changes_tags(action: str, value: Any, condition: Mapping[str, Any]) -> bool:
    """Return True if an action removes a required tag, or adds a forbidden one."""
    tags, expected = set(parse_tags(value)), set(parse_tags(condition.get("value")))
    if condition.get("operator") in ("not_includes", "is_not"):
        return action != "remove_tags" and not tags.isdisjoint(expected)
    return not tags.isdisjoint(expected) if action == "remove_tags" else action == "set_tags"


def _has_equal(context: Context, pk: Any, row: Mapping[str, Any]) -> bool:
    """Return True if another active automation has the same conditions and actions."""
    where = Where(f"state < ? AND {json_value('active')}", (DELETED,))
    others = context.store.select(Automation._meta.label, where)
    return any(
        other["id"] != pk
        and [*other["actions"]] == [*row["actions"]]
        and list(_list_conditions(other)) == list(_list_conditions(row))
        for other in others
    )
