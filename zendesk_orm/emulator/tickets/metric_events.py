"""Ticket metric events, computed from the clocks of metrics and the targets of SLA policies.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-metric-event-types-reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.rules.sla import SlaTarget, list_targets
from zendesk_orm.emulator.schedules.business_hours import BusinessHours, load_business_hours
from zendesk_orm.emulator.tickets.history import History, to_seconds
from zendesk_orm.emulator.tickets.metric_clocks import (
    FULFILL,
    PAUSE,
    MetricClock,
    build_clocks,
    find_clock,
)


#: Metric events that one ticket can have, so that their ids are unique.
_MAX_EVENTS_PER_TICKET = 1000
_STAGES = {FULFILL: "achieved", PAUSE: "paused"}


def build_rows(context: Context, histories: Iterable[History]) -> list[dict[str, Any]]:
    """Return the metric events of tickets."""
    hours = load_business_hours(context)
    return [row for history in histories for row in _build_ticket_rows(context, history, hours)]


def build_slas(context: Context, history: History) -> dict[str, Any]:
    """Return the states of a ticket's targets, as `include=slas` adds them."""
    hours, now, clocks = load_business_hours(context), context.now(), build_clocks(history)
    metrics = []
    for target in list_targets(history):
        clock = find_clock(clocks, target.metric)
        if clock is None:
            continue
        breach = _find_breach(clock, target, now, hours)
        left = 0 if breach is None else (breach - now) / 60
        metrics.append(
            {
                "breach_at": None if breach is None else format_timestamp(breach),
                "stage": _STAGES.get(clock.state, "active"),
                "metric": target.metric,
                "minutes": int(left),
            }
        )
    return {"policy_metrics": metrics}


def _build_ticket_rows(
    context: Context, history: History, hours: BusinessHours | None
) -> Iterator[dict[str, Any]]:
    """Yield the events of a ticket, the oldest first."""
    clocks, now = build_clocks(history), context.now()
    events: list[dict[str, Any]] = []
    for metric in dict.fromkeys(clock.metric for clock in clocks):
        time = history.ticket["created_at"]
        events.append({"metric": metric, "instance_id": 0, "type": "measure", "time": time})
    for clock in clocks:
        events += [
            {"metric": clock.metric, "instance_id": clock.instance, "type": kind, "time": time}
            for time, kind in clock.changes
        ]
    for target in list_targets(history):
        measured = find_clock(clocks, target.metric)
        if measured is not None:
            events += _build_sla_events(measured, target, now, hours)
    events.sort(key=lambda event: event["time"])
    for index, event in enumerate(events):
        pk = history.ticket["id"] * _MAX_EVENTS_PER_TICKET + index
        yield {"id": pk, "ticket_id": history.ticket["id"], **event}


def _build_sla_events(
    clock: MetricClock, target: SlaTarget, now: float, hours: BusinessHours | None
) -> Iterator[dict[str, Any]]:
    """Yield the events of the target of a clock."""
    common = {"metric": clock.metric, "instance_id": clock.instance}
    policy = {"id": target.policy["id"], "title": target.policy["title"], "description": None}
    yield {
        **common,
        "type": "apply_sla",
        "time": max(target.applied_at, clock.changes[0][0]),
        "sla": {
            "target": target.minutes,
            "business_hours": target.in_business_hours,
            "policy": policy,
            "target_in_seconds": int(target.minutes * 60),
        },
    }
    breach = _find_breach(clock, target, now, hours)
    if breach is not None and breach <= now:
        at = format_timestamp(breach)
        yield {**common, "type": "breach", "time": at, "deleted": False}
    time, kind = clock.changes[-1]
    if kind in (FULFILL, PAUSE):
        end = to_seconds(time)
        business = clock.measure(end, hours)
        status = {"calendar": int(clock.measure(end, None) // 60), "business": int(business // 60)}
        yield {**common, "type": "update_status", "time": time, "status": status}


def _find_breach(
    clock: MetricClock, target: SlaTarget, now: float, hours: BusinessHours | None
) -> float | None:
    used = hours if target.in_business_hours else None
    return clock.find_breach(target.minutes * 60, now, used)
