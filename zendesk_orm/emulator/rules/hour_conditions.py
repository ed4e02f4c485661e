"""Conditions of automations on the hours since a change, or until a date.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules.updates import TicketUpdate
from zendesk_orm.emulator.schedules.business_hours import load_business_hours
from zendesk_orm.emulator.tickets.history import History, to_seconds
from zendesk_orm.emulator.tickets.metric_events import list_breaches


_HOUR = 3_600
_BUSINESS = "_business_hours"

#: Returns the time of an event in seconds since the epoch, or None if it has not happened.
FindTime = Callable[[Context, TicketUpdate], "float | None"]
Test = Callable[[Context, TicketUpdate, str, Any], "bool | None"]


def _read(find: Callable[[History], str | None]) -> FindTime:
    """Return a function that returns the time of a timestamp in the history of a ticket."""

    def read(context: Context, update: TicketUpdate) -> float | None:
        timestamp = find(update.load_history(context))
        return None if timestamp is None else to_seconds(timestamp)

    return read


def _find_status(status: str) -> FindTime:
    """Return a function that returns the time since which a ticket has a status."""

    def find(history: History) -> str | None:
        if history.ticket.get("status") != status:
            return None
        since = None
        for time, value in history.statuses:
            since = (since or time) if value == status else None
        return since

    return _read(find)


def _find_assignment(history: History) -> str | None:
    times = [at for at, value in history.values("assignee_id") if value]
    return times[-1] if times and history.ticket.get("assignee_id") else None


def _test_hours(find: FindTime, *, until: bool = False) -> Test:
    """Return the test of a condition on the hours since a time, or until it."""

    def test(context: Context, update: TicketUpdate, operator: str, value: Any) -> bool | None:
        name = operator.removesuffix(_BUSINESS)
        try:
            expected = float(str(value))
        except ValueError:
            return None
        if name not in ("is", "less_than", "greater_than"):
            return None
        start, end = find(context, update), update.now
        if start is None:
            return False
        if until:
            start, end = end, start
        hours = _count_seconds(context, start, end, business=name != operator) / _HOUR
        if name == "is":
            return int(hours) == int(expected) and end >= start
        return hours < expected if name == "less_than" else hours > expected

    return test


def _count_seconds(context: Context, start: float, end: float, *, business: bool) -> float:
    business_hours = load_business_hours(context) if business else None
    if business_hours is None:
        return end - start
    return business_hours.seconds_between(start, end)


def _get_due_date(history: History) -> str | None:
    due = history.ticket.get("due_at")
    return due if due and history.ticket.get("type") == "task" else None


def _find_last_breach(context: Context, update: TicketUpdate) -> float | None:
    """Return the time of the last breach of a target that still waits for an agent."""
    times = list_breaches(context, update.load_history(context), update.now)
    return max((time for time in times if time <= update.now), default=None)


def _find_next_breach(context: Context, update: TicketUpdate) -> float | None:
    times = list_breaches(context, update.load_history(context), update.now)
    return min((time for time in times if time > update.now), default=None)


_CREATED = _test_hours(_read(lambda history: history.ticket["created_at"]))

TESTS: Mapping[str, Test] = {
    "NEW": _CREATED,
    "created_at": _CREATED,
    **{
        status.upper(): _test_hours(_find_status(status))
        for status in ("open", "pending", "hold", "solved", "closed")
    },
    "assigned_at": _test_hours(_read(_find_assignment)),
    "updated_at": _test_hours(_read(lambda history: history.ticket["updated_at"])),
    "requester_updated_at": _test_hours(
        _read(lambda history: history.last_update_by(history.ticket.get("requester_id")))
    ),
    "assignee_updated_at": _test_hours(
        _read(lambda history: history.last_update_by(history.ticket.get("assignee_id")))
    ),
    "due_date": _test_hours(_read(_get_due_date)),
    "until_due_date": _test_hours(_read(_get_due_date), until=True),
    # Zendesk's names for the hours since the last breach, and until the next one.
    "sla_next_breach_at": _test_hours(_find_last_breach),
    "until_sla_next_breach_at": _test_hours(_find_next_breach, until=True),
}
