"""Evaluation of the conditions of triggers, automations and SLA policies.

`condition_fields` reads the fields; this module compares their values.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules.condition_fields import (
    FieldValue,
    find_reader,
    find_test,
    to_text,
)
from zendesk_orm.emulator.rules.updates import TicketUpdate
from zendesk_orm.schema.loading import load_datetime


#: One condition: `{"field": "status", "operator": "less_than", "value": "solved"}`.
Condition = Mapping[str, Any]

_DAY = 86_400
_WORD = re.compile(r"[\w'-]+")


def match(
    context: Context, conditions: Mapping[str, Any] | None, update: TicketUpdate, source: str
) -> bool:
    """Return True if a ticket meets all of the conditions in `all`, and any of those in `any`.

    A condition that the emulator does not know is not met, and counts as ignored.

    Args:
        context: the account.
        conditions: the conditions.
        update: the update of the ticket.
        source: the name of the rule, for `emulator.ignored`.
    """
    all_, any_ = (_list(conditions, key) for key in ("all", "any"))
    return all(_check(context, condition, update, source) for condition in all_) and (
        not any_ or any(_check(context, condition, update, source) for condition in any_)
    )


def _list(conditions: Mapping[str, Any] | None, key: str) -> list[Condition]:
    values = conditions.get(key) if isinstance(conditions, Mapping) else None
    items = values if isinstance(values, (list, tuple)) else ()
    return [item for item in items if isinstance(item, Mapping)]


def _check(context: Context, condition: Condition, update: TicketUpdate, source: str) -> bool:
    name, operator = str(condition.get("field")), str(condition.get("operator") or "is")
    value = _resolve(context, condition.get("value"), update)
    test = find_test(name)
    result = test(context, update, operator, value) if test else None
    if test is None:
        reader, compare = find_reader(name), OPERATORS.get(operator)
        if reader and compare:
            result = compare(reader(context, update), value, update.now)
    if result is None:
        context.ignored.note_rule("condition", f"{name} {operator}", source)
    return bool(result)


def _resolve(context: Context, value: Any, update: TicketUpdate) -> Any:
    """Return the value of a condition, with the id of the user that it names."""
    if value == "current_user":
        return update.user_id
    if value in ("requester_id", "assignee_id"):
        return update.row.get(value)
    return value


def _is_same(current: Any, expected: Any) -> bool:
    """Return True if two values have the same text; a list matches any of its items."""
    if isinstance(expected, list):
        return any(_is_same(current, item) for item in expected)
    if current is None and to_text(expected) == "false":
        # A checkbox that was never set.
        return True
    return to_text(current) == to_text(expected)


def _is_member(current: Any, expected: Any) -> bool:
    """Return True if a value, or one of several, is in a list, or in a text with blanks."""
    members = expected if isinstance(expected, list) else str(expected or "").split()
    values = current if isinstance(current, list) else [current]
    texts = {to_text(member).lower() for member in members}
    return any(to_text(value).lower() in texts for value in values)


def _has_word(current: Any, expected: Any) -> bool:
    """Return True if a text contains one of several words."""
    words = set(_WORD.findall(to_text(current).lower()))
    return not words.isdisjoint(to_text(expected).lower().split())


def _contains(current: Any, expected: Any) -> bool:
    return to_text(expected).lower() in to_text(current).lower()


def _rank(field: FieldValue, value: Any) -> float | None:
    """Return the rank of a value of a field, or None if it has none."""
    text = to_text(value)
    if field.ranks:
        # No priority is less than any other.
        return field.ranks.index(text) if text in field.ranks else -1 if not text else None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return load_datetime(text).timestamp()
    except ValueError:
        return None


def _compare(test: Callable[[float, float], bool]) -> Operator:
    """Return an operator that compares ranks."""

    def compare(field: FieldValue, expected: Any, now: float) -> bool:
        left, right = _rank(field, field.current), _rank(field, expected)
        return left is not None and right is not None and test(left, right)

    return compare


def _differs(field: FieldValue) -> bool:
    return to_text(field.current) != to_text(field.previous)


def _is_within(field: FieldValue, expected: Any, now: float, direction: int) -> bool:
    """Return True if a date is at most some days in the past (-1) or in the future (1)."""
    moment, days = _rank(field, field.current), _rank(field, expected)
    if moment is None or days is None:
        return False
    return 0 <= (moment - now) * direction <= days * _DAY


#: Compares the value of a field with that of a condition, at a time in seconds since the epoch.
Operator = Callable[[FieldValue, Any, float], bool]

OPERATORS: Mapping[str, Operator] = {
    "is": lambda field, value, _: _is_same(field.current, value),
    "is_not": lambda field, value, _: not _is_same(field.current, value),
    "less_than": _compare(lambda left, right: left < right),
    "less_than_equal": _compare(lambda left, right: left <= right),
    "greater_than": _compare(lambda left, right: left > right),
    "greater_than_equal": _compare(lambda left, right: left >= right),
    "changed": lambda field, *_: _differs(field),
    "not_changed": lambda field, *_: not _differs(field),
    "value": lambda field, value, _: _differs(field) and _is_same(field.current, value),
    "not_value": lambda field, value, _: not (_differs(field) and _is_same(field.current, value)),
    "value_previous": lambda field, value, _: _differs(field) and _is_same(field.previous, value),
    "not_value_previous": lambda field, value, _: (
        not (_differs(field) and _is_same(field.previous, value))
    ),
    "present": lambda field, *_: to_text(field.current) != "",
    "not_present": lambda field, *_: to_text(field.current) == "",
    "includes": lambda field, value, _: _is_member(field.current, value),
    "not_includes": lambda field, value, _: not _is_member(field.current, value),
    "includes_words": lambda field, value, _: _has_word(field.current, value),
    "not_includes_words": lambda field, value, _: not _has_word(field.current, value),
    "includes_string": lambda field, value, _: _contains(field.current, value),
    "not_includes_string": lambda field, value, _: not _contains(field.current, value),
    "within_previous_n_days": lambda field, value, now: _is_within(field, value, now, -1),
    "within_next_n_days": lambda field, value, now: _is_within(field, value, now, 1),
}
